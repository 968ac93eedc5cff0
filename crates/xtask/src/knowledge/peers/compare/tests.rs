use super::*;

/// What comes of comparing one row of a peer: how many facts agree, are not
/// comparable, and how the others differ.
fn compared(api: [&str; 3], said: [&str; 5]) -> (usize, usize, Vec<String>) {
    let [
        component,
        deprecated,
        removed,
        replacement,
        replacement_since,
    ] = said.map(str::to_owned);
    let said = Said {
        component,
        deprecated,
        removed,
        replacement,
        replacement_since,
    };
    let api = api.map(str::to_owned);
    let claims = Claims::from([(api.clone(), said)]);
    let found = compare(Peer::Pluto, &claims, Knowledge::embedded()).unwrap();
    // What it leaves out is another matter.
    let differ = found
        .disagreements
        .iter()
        .filter(|what| what.api == api)
        .map(|what| format!("{} {:?} {:?}", what.fact, what.theirs, what.ours))
        .collect();
    (found.agree, found.incomparable, differ)
}

#[test]
fn what_kubernetes_serves() {
    let cron_job = ["batch", "v1beta1", "CronJob"];
    assert_eq!(
        compared(cron_job, ["k8s", "1.21", "1.25", "batch/v1", "1.21"]),
        (5, 0, vec![])
    );
    // A list goes with its kind, and an empty column may state something.
    assert_eq!(
        compared(
            ["batch", "v1beta1", "CronJobList"],
            ["k8s", "1.21", "1.25", "batch/v1", ""]
        ),
        (4, 0, vec![])
    );
    assert_eq!(
        compared(cron_job, ["k8s", "1.20", "", "", ""]),
        (
            1,
            0,
            vec![
                "deprecated \"1.20\" \"1.21\"".to_owned(),
                "removed \"\" \"1.25\"".to_owned(),
                "replacement \"\" \"batch/v1\"".to_owned(),
            ]
        )
    );
    assert_eq!(
        compared(["batch", "v1beta1", "Cron"], ["k8s", "", "1.25", "", ""]),
        (0, 0, vec!["listed \"listed\" \"\"".to_owned()])
    );
}

#[test]
fn any_successor_of_the_chain_agrees() {
    let api = ["flowcontrol.apiserver.k8s.io", "v1beta2", "FlowSchema"];
    for successor in ["v1beta3", "v1"] {
        let successor = format!("flowcontrol.apiserver.k8s.io/{successor}");
        assert_eq!(
            compared(api, ["k8s", "1.26", "1.29", &successor, ""]),
            (4, 0, vec![]),
            "{successor}"
        );
    }
}

#[test]
fn what_a_component_reads() {
    assert_eq!(
        compared(
            ["audit.k8s.io", "v1beta1", "Policy"],
            ["k8s", "", "1.25", "audit.k8s.io/v1", ""]
        ),
        (2, 0, vec!["removed \"1.25\" \"1.24\"".to_owned()])
    );
}

#[test]
fn what_a_project_defines() {
    let api = ["snapshot.storage.k8s.io", "v1beta1", "VolumeSnapshot"];
    assert_eq!(
        compared(api, ["", "", "6.0.0", "snapshot.storage.k8s.io/v1", ""]),
        (2, 1, vec![])
    );
    // Still served, or gone only later: the releases that were looked at say no.
    for removed in ["", "8.0.0"] {
        assert_eq!(
            compared(api, ["", "", removed, "snapshot.storage.k8s.io/v1", ""]).2,
            [format!("removed {removed:?} \"not served in 6.0.1\"")]
        );
    }
    let stays = ["snapshot.storage.k8s.io", "v1", "VolumeSnapshot"];
    assert_eq!(
        compared(stays, ["", "", "6.0.0", "snapshot.storage.k8s.io/v1", ""]).2,
        ["removed \"6.0.0\" \"served in 6.0.1\""]
    );
    assert_eq!(
        compared(
            ["thing.example", "v1", "Thing"],
            ["example", "1.0.0", "1.1.0", "", ""]
        ),
        (0, 4, vec![])
    );
}

#[test]
fn what_is_left_out_is_a_disagreement() {
    let none = compare(Peer::Pluto, &Claims::new(), Knowledge::embedded()).unwrap();
    assert_eq!(none.agree, 0);
    let left_out = |text: &str| {
        none.disagreements
            .iter()
            .any(|what| what.to_string() == text)
    };
    assert!(left_out("pluto,batch,v1beta1,CronJob,listed,,removed 1.25"));
    assert!(left_out("pluto,,v1,Endpoints,listed,,deprecated 1.33"));
    assert!(!none.disagreements.iter().any(|what| what.api[2] == "Pod"));
}

#[test]
fn a_date_that_is_none_is_refused() {
    let claims = Claims::from([(
        ["batch", "v1beta1", "CronJob"].map(str::to_owned),
        Said {
            removed: "soon".to_owned(),
            ..Said::default()
        },
    )]);
    let error = compare(Peer::Pluto, &claims, Knowledge::embedded()).unwrap_err();
    assert!(error.to_string().contains("CronJob: removed"), "{error}");
}
