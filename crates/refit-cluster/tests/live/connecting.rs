//! From a kubeconfig to a server, and what is said when that fails.

use crate::scripted::{Reply, Scripted};
use refit_cluster::{Access, ConnectError, ConnectOptions, LiveWorld};
use refit_executor::ports::World as _;
use refit_model::act::{Act, Adapter, Answer, Epoch, Intent, KubeAct, Refusal};
use serde_json::json;
use std::path::Path;

fn kubeconfig(directory: &Path, server: &str, user: &str) -> ConnectOptions {
    let path = directory.join("config");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: harbour\n\
         contexts: [{{name: harbour, context: {{cluster: c, user: u}}}}]\n\
         clusters: [{{name: c, cluster: {{server: '{server}'}}}}]\n\
         users: [{{name: u, user: {user}}}]\n"
    );
    std::fs::write(&path, text).unwrap();
    ConnectOptions {
        kubeconfig: Some(path),
        context: None,
    }
}

async fn connect(server: &str, user: &str) -> Result<LiveWorld, ConnectError> {
    let directory = tempfile::tempdir().unwrap();
    LiveWorld::connect(&kubeconfig(directory.path(), server, user)).await
}

#[tokio::test]
async fn a_connected_world_looks_and_does_not_act() {
    let server = Scripted::new(|_| Reply::Json(200, json!({"gitVersion": "v1.31.9"})));
    let world = connect(&server.url, "{token: secret-token}").await.unwrap();
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].target, "/version");
    assert!(
        asked[0]
            .headers
            .contains("authorization: bearer secret-token")
    );
    assert!(!format!("{world:?}").contains("secret-token"));
    let intent = Intent {
        key: "k".parse().unwrap(),
        epoch: Epoch(1),
        deadline: jiff::Timestamp::MAX,
        act: Act::Kube(KubeAct::Cordon {
            node: "w-1".parse().unwrap(),
        }),
    };
    assert_eq!(
        world.act(&intent).await,
        Answer::Refused(Refusal::NoHands(Adapter::Kube))
    );
}

#[tokio::test]
async fn each_failure_has_its_own_words() {
    let check = async |reply: fn() -> Reply, expected: fn(&ConnectError) -> bool| {
        let server = Scripted::new(move |_| reply());
        let error = connect(&server.url, "{token: t}").await.unwrap_err();
        assert!(expected(&error), "{error}");
        assert!(error.to_string().contains(&server.url), "{error}");
    };
    check(
        || Reply::Json(401, json!({"kind": "Status", "message": "Unauthorized"})),
        |error| matches!(error, ConnectError::Unauthorized { .. }),
    )
    .await;
    check(
        || Reply::Json(403, json!({"kind": "Status", "message": "no"})),
        |error| matches!(error, ConnectError::Forbidden { .. }),
    )
    .await;
    check(
        || Reply::Text(200, "<html>a login page</html>"),
        |error| matches!(error, ConnectError::NotAnApiServer { .. }),
    )
    .await;
    check(
        || Reply::Nothing,
        |error| matches!(error, ConnectError::Unreachable { .. }),
    )
    .await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let error = connect(&url, "{}").await.unwrap_err();
    assert!(
        matches!(&error, ConnectError::Unreachable { server, why } if *server == url && why.contains("refused")),
        "{error}"
    );
}

#[tokio::test]
async fn a_plugin_runs_only_when_connecting_and_is_named_when_it_fails() {
    let server = Scripted::new(|_| Reply::Json(200, json!({"gitVersion": "v1.31.9"})));
    let directory = tempfile::tempdir().unwrap();
    let ran = directory.path().join("ran");
    let user = |script: &str| {
        format!(
            "{{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, \
             command: sh, args: ['-c', '{script}']}}}}"
        )
    };
    let token = format!(
        "touch {}; echo {{\\\"apiVersion\\\":\\\"client.authentication.k8s.io/v1\\\",\
         \\\"kind\\\":\\\"ExecCredential\\\",\\\"status\\\":{{\\\"token\\\":\\\"fetched\\\"}}}}",
        ran.display()
    );
    let options = kubeconfig(directory.path(), &server.url, &user(&token));
    let access = Access::read(&options).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(access.plugin(), Some("sh"));
    assert!(!ran.exists());
    access.connect().await.unwrap();
    assert!(ran.exists());
    assert!(
        server.asked()[0]
            .headers
            .contains("authorization: bearer fetched")
    );

    let options = kubeconfig(
        directory.path(),
        &server.url,
        &user("echo log in first >&2; exit 1"),
    );
    let error = LiveWorld::connect(&options).await.unwrap_err();
    assert!(
        matches!(&error, ConnectError::Plugin { command, .. } if command == "sh"),
        "{error}"
    );
}
