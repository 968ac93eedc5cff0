//! From a kubeconfig to a live world.
//!
//! A kubeconfig is code: its `exec` entries run commands. This module is for a
//! person's own file on the person's own machine, where `kubectl` would run the
//! same commands. Reading ([`Access::read`]) runs nothing and names the plug-in,
//! so that the screen can show it before [`Access::connect`] runs it.

mod refused;

pub use refused::ConnectError;

use crate::text;
use crate::wire::{Ask, Lost, READ, Reply, Wire, client, said};
use crate::world::{Hands, LiveWorld};
use kube::config::{AuthInfo, KubeConfigOptions, Kubeconfig};
use refused::{unhelped, unread, without_contents};
use std::path::{Path, PathBuf};

/// Which cluster is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConnectOptions {
    /// The kubeconfig; absent for what `kubectl` would read: the files in
    /// `KUBECONFIG`, else `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// The context in it; absent for the current one.
    pub context: Option<String>,
}

/// What a kubeconfig holds to choose from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contexts {
    /// Their names, sorted.
    pub names: Vec<String>,
    /// The one that is used when none is named.
    pub current: Option<String>,
}

/// The files that make up the kubeconfig, whether they are there or not, and
/// the contexts in it. Nothing is run.
///
/// # Errors
/// When there is no such file, or it is no kubeconfig.
pub fn contexts(kubeconfig: Option<&Path>) -> (Vec<PathBuf>, Result<Contexts, ConnectError>) {
    let from_environment = || {
        let listed = std::env::var_os("KUBECONFIG").unwrap_or_default();
        std::env::split_paths(&listed)
            .filter(|path| !path.as_os_str().is_empty())
            .collect::<Vec<_>>()
    };
    let mut files = kubeconfig.map_or_else(from_environment, |path| vec![path.to_owned()]);
    if files.is_empty() {
        files.extend(std::env::home_dir().map(|home| home.join(".kube/config")));
    }
    let read = match kubeconfig {
        Some(path) => Kubeconfig::read_from(path),
        None => Kubeconfig::read(),
    };
    let held = read
        .map_err(|error| unread(error, kubeconfig))
        .map(|read| Contexts {
            names: context_names(&read)
                .iter()
                .map(|name| text::cut(name))
                .collect(),
            current: read
                .current_context
                .filter(|name| !name.is_empty())
                .map(|name| text::cut(&name)),
        });
    (files, held)
}

fn context_names(kubeconfig: &Kubeconfig) -> Vec<String> {
    let mut names: Vec<_> = kubeconfig
        .contexts
        .iter()
        .map(|named| named.name.clone())
        .collect();
    names.sort();
    names
}

/// A context that was read and not yet used: nothing has been run and nothing
/// has been sent.
#[derive(Clone)]
pub struct Access {
    kubeconfig: Kubeconfig,
    context: String,
    server: String,
    plugin: Option<String>,
}

impl Access {
    /// Reads the kubeconfig and picks the context.
    ///
    /// # Errors
    /// When there is no such file or context, or it leads nowhere.
    pub fn read(options: &ConnectOptions) -> Result<Self, ConnectError> {
        let (kubeconfig, place) = match &options.kubeconfig {
            Some(path) => (
                Kubeconfig::read_from(path).map_err(|error| unread(error, Some(path)))?,
                path.display().to_string(),
            ),
            None => (
                Kubeconfig::read().map_err(|error| unread(error, None))?,
                "your kubeconfig".to_owned(),
            ),
        };
        Self::pick(kubeconfig, place, options.context.as_deref())
    }

    /// Reads a kubeconfig that arrived from elsewhere, inside a plan or an upload,
    /// and picks the context. `place` says where it came from.
    ///
    /// It may bring credentials. It may not run a command, and it may not name
    /// files, which would be read here and sent to a server of its choice.
    ///
    /// # Errors
    /// When it wants one of these, or as [`Access::read`].
    pub fn foreign(text: &str, place: &str, context: Option<&str>) -> Result<Self, ConnectError> {
        let kubeconfig =
            Kubeconfig::from_yaml(text).map_err(|error| ConnectError::NotAKubeconfig {
                place: place.to_owned(),
                why: without_contents(&error),
            })?;
        let users = kubeconfig.auth_infos.iter();
        let mut wants = users
            .filter_map(|named| named.auth_info.as_ref())
            .filter_map(wanted);
        let clusters = kubeconfig.clusters.iter();
        let mut files = clusters
            .filter_map(|named| named.cluster.as_ref()?.certificate_authority.as_ref())
            .map(|file| format!("read the file {}", text::cut(file)));
        if let Some(what) = wants.next().or_else(|| files.next()) {
            return Err(ConnectError::NotYours {
                place: place.to_owned(),
                what,
            });
        }
        Self::pick(kubeconfig, place.to_owned(), context)
    }

    fn pick(
        kubeconfig: Kubeconfig,
        place: String,
        context: Option<&str>,
    ) -> Result<Self, ConnectError> {
        let there = || context_names(&kubeconfig);
        let current = kubeconfig.current_context.as_deref();
        let Some(name) = context.or(current.filter(|name| !name.is_empty())) else {
            return Err(ConnectError::NoCurrentContext {
                place,
                there: there(),
            });
        };
        let found = kubeconfig
            .contexts
            .iter()
            .find(|named| named.name == name)
            .and_then(|named| named.context.as_ref());
        let Some(found) = found else {
            return Err(ConnectError::NoContext {
                context: name.to_owned(),
                place,
                there: there(),
            });
        };
        let unusable = |why| ConnectError::Unusable {
            context: name.to_owned(),
            why,
        };
        let server = kubeconfig
            .clusters
            .iter()
            .find(|named| named.name == found.cluster)
            .and_then(|named| named.cluster.as_ref())
            .ok_or_else(|| unusable(format!("its cluster {:?} is missing", found.cluster)))?
            .server
            .clone()
            .ok_or_else(|| unusable(format!("its cluster {:?} has no server", found.cluster)))?;
        let plugin = kubeconfig
            .auth_infos
            .iter()
            .find(|named| Some(&named.name) == found.user.as_ref())
            .and_then(|named| named.auth_info.as_ref())
            .and_then(plugin_of);
        Ok(Self {
            context: name.to_owned(),
            server: text::cut(&server),
            plugin,
            kubeconfig,
        })
    }

    /// The context's name.
    #[must_use]
    pub fn context(&self) -> &str {
        &self.context
    }

    /// The API server's address.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The command that [`Access::connect`] will run for credentials.
    #[must_use]
    pub fn plugin(&self) -> Option<&str> {
        self.plugin.as_deref()
    }

    /// Connects, running the plug-in if there is one, and asks the server for
    /// its version. The world only looks until it is given [`Hands`].
    ///
    /// # Errors
    /// When the server cannot be reached, or does not accept the credentials.
    pub async fn connect(self) -> Result<LiveWorld, ConnectError> {
        let unusable = |why| ConnectError::Unusable {
            context: self.context.clone(),
            why,
        };
        let options = KubeConfigOptions {
            context: Some(self.context.clone()),
            ..KubeConfigOptions::default()
        };
        let names_proxy = self.names_proxy();
        let mut config = kube::Config::from_custom_kubeconfig(self.kubeconfig.clone(), &options)
            .await
            .map_err(|error| unusable(text::chain(&error)))?;
        // The client takes `HTTPS_PROXY` for every server. By its name and by
        // custom it is for https, and nobody proxies the machine itself.
        let host = config.cluster_url.host().unwrap_or_default();
        let itself = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        if !names_proxy && (itself || config.cluster_url.scheme_str() == Some("http")) {
            config.proxy_url = None;
        }
        let client = client(config).map_err(|error| match &self.plugin {
            Some(command) if let kube::Error::Auth(error) = &error => ConnectError::Plugin {
                command: command.clone(),
                why: unhelped(error),
            },
            _ => unusable(text::chain(&error)),
        })?;
        let answer = Wire::new(client.clone())
            .send(&Ask::get("/version", &[]), READ)
            .await;
        self.greeted(answer)?;
        Ok(LiveWorld::from_client(client, Hands::Tied).called(self.context))
    }

    fn names_proxy(&self) -> bool {
        self.kubeconfig.clusters.iter().any(|named| {
            named.cluster.as_ref().is_some_and(|cluster| {
                cluster.server.as_deref() == Some(&self.server)
                    && cluster
                        .proxy_url
                        .as_deref()
                        .is_some_and(|url| !url.is_empty())
            })
        })
    }

    /// What the answer to `/version` says about the connection.
    fn greeted(&self, answer: Result<Reply, Lost>) -> Result<(), ConnectError> {
        let server = self.server.clone();
        let reply = match answer {
            Ok(reply) => reply,
            Err(lost) => {
                let why = lost.why();
                return Err(ConnectError::Unreachable { server, why });
            }
        };
        let why = format!("{}: {}", reply.code, said(&reply));
        match reply.code {
            200 if serde_json::from_slice::<Greeting>(&reply.body).is_ok() => Ok(()),
            401 => Err(ConnectError::Unauthorized { server, why }),
            403 => Err(ConnectError::Forbidden { server, why }),
            _ => Err(ConnectError::NotAnApiServer { server, why }),
        }
    }
}

/// What an API server answers to `/version`.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Greeting {
    #[serde(rename = "gitVersion")]
    _git_version: String,
}

/// The command that a user entry runs for credentials: that of its exec plug-in,
/// or of the provider `gcp` that came before plug-ins and is still obeyed.
fn plugin_of(user: &AuthInfo) -> Option<String> {
    let exec = user.exec.as_ref().map(|exec| {
        let command = exec.command.as_deref();
        command.unwrap_or("without a command")
    });
    let provider = || {
        let provider = user.auth_provider.as_ref()?;
        provider.config.get("cmd-path").map(String::as_str)
    };
    exec.or_else(provider).map(text::cut)
}

/// What a user entry wants of this machine, if anything.
fn wanted(user: &AuthInfo) -> Option<String> {
    if let Some(command) = plugin_of(user) {
        return Some(format!("run {command}"));
    }
    if let Some(provider) = &user.auth_provider {
        return Some(format!("use the provider {}", text::cut(&provider.name)));
    }
    [&user.token_file, &user.client_certificate, &user.client_key]
        .into_iter()
        .flatten()
        .next()
        .map(|file| format!("read the file {}", text::cut(file)))
}

impl LiveWorld {
    /// Connects to the cluster that `options` mean. It only looks until it is
    /// given [`Hands`] ([`LiveWorld::with_hands`]).
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn connect(options: &ConnectOptions) -> Result<Self, ConnectError> {
        Access::read(options)?.connect().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "
apiVersion: v1
kind: Config
current-context: harbour
contexts:
- name: harbour
  context: {cluster: harbour, user: me}
- name: lost
  context: {cluster: nowhere, user: me}
clusters:
- name: harbour
  cluster: {server: 'http://127.0.0.1:9'}
users:
- name: me
  user:
    exec: {apiVersion: client.authentication.k8s.io/v1, command: /opt/get-token, args: [a]}
";

    fn read(file: &str, context: Option<&str>) -> Result<Access, ConnectError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("config");
        std::fs::write(&path, file).unwrap();
        Access::read(&ConnectOptions {
            kubeconfig: Some(path),
            context: context.map(str::to_owned),
        })
    }

    #[test]
    fn a_plugin_is_named_before_anything_runs() {
        let access = read(FILE, None).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(access.context(), "harbour");
        assert_eq!(access.server(), "http://127.0.0.1:9");
        assert_eq!(access.plugin(), Some("/opt/get-token"));
        let older = FILE.replace(
            "exec: {apiVersion: client.authentication.k8s.io/v1, command: /opt/get-token, args: [a]}",
            "auth-provider: {name: gcp, config: {cmd-path: /opt/gcloud}}",
        );
        let access = read(&older, None).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(access.plugin(), Some("/opt/gcloud"));
    }

    #[test]
    fn a_kubeconfig_from_elsewhere_runs_nothing_and_reads_nothing() {
        let check = |file: &str, expected: &str| match Access::foreign(file, "the plan", None) {
            Ok(access) => assert_eq!(access.context(), expected),
            Err(error) => assert_eq!(error.to_string(), expected),
        };
        let exec = "exec: {apiVersion: client.authentication.k8s.io/v1, command: /opt/get-token, args: [a]}";
        check(
            FILE,
            "the plan came from elsewhere and may not run /opt/get-token",
        );
        check(&FILE.replace(exec, "token: t"), "harbour");
        check(
            &FILE.replace(exec, "tokenFile: /etc/shadow"),
            "the plan came from elsewhere and may not read the file /etc/shadow",
        );
        check(
            &FILE.replace(exec, "auth-provider: {name: oidc, config: {}}"),
            "the plan came from elsewhere and may not use the provider oidc",
        );
        let authority = "cluster: {certificate-authority: /etc/ca, server";
        check(
            &FILE
                .replace(exec, "token: t")
                .replace("cluster: {server", authority),
            "the plan came from elsewhere and may not read the file /etc/ca",
        );
    }

    #[test]
    fn errors_say_what_is_there_instead() {
        let check = |file: &str, context, expected: &str| match read(file, context) {
            Ok(_) => panic!("{expected}"),
            Err(error) => assert!(error.to_string().contains(expected), "{error}"),
        };
        check(FILE, Some("harbor"), "no context \"harbor\"");
        check(FILE, Some("harbor"), "it has harbour, lost");
        check(FILE, Some("lost"), "its cluster \"nowhere\" is missing");
        check(
            &FILE.replace("current-context: harbour", ""),
            None,
            "no current context; it has harbour, lost",
        );
        check("{", None, "is not a kubeconfig");
        check("apiVersion: v1", None, "it has none");
        let missing = Access::read(&ConnectOptions {
            kubeconfig: Some("/nowhere/config".into()),
            context: None,
        });
        assert!(
            matches!(missing, Err(ConnectError::NoKubeconfig { path }) if path.ends_with("config"))
        );
    }
}
