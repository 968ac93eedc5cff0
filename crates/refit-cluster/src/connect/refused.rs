//! Why there is no connection, in words that give no secret away.

use crate::text;
use kube::client::AuthError;
use kube::config::KubeconfigError;
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No file.
    #[error("there is no kubeconfig at {}", path.display())]
    NoKubeconfig {
        /// Where one was looked for.
        path: PathBuf,
    },
    /// No place to look for a file.
    #[error(
        "there is no kubeconfig: no path was given, KUBECONFIG is not set and there is no home directory"
    )]
    NowhereToLook,
    /// A file that cannot be read.
    #[error("kubeconfig {} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file that is something else.
    #[error("{place} is not a kubeconfig: {why}")]
    NotAKubeconfig {
        /// The file, or where it came from.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// No such context.
    #[error("there is no context {context:?} in {place}; it has {}", named(there))]
    NoContext {
        /// The context that was asked for.
        context: String,
        /// The file, or where it came from.
        place: String,
        /// The contexts that it has.
        there: Vec<String>,
    },
    /// No context was asked for, and the file has no current one.
    #[error("{place} has no current context; it has {}", named(there))]
    NoCurrentContext {
        /// The file, or where it came from.
        place: String,
        /// The contexts that it has.
        there: Vec<String>,
    },
    /// The context leads nowhere.
    #[error("context {context:?} cannot be used: {why}")]
    Unusable {
        /// The context.
        context: String,
        /// What is wrong with it.
        why: String,
    },
    /// A kubeconfig of somebody else wants more than it may.
    #[error("{place} came from elsewhere and may not {what}")]
    NotYours {
        /// Where it came from.
        place: String,
        /// What it wants: to run a command, or to read a file.
        what: String,
    },
    /// The plug-in gave no credentials.
    #[error("the credential plug-in {command} failed: {why}")]
    Plugin {
        /// The plug-in's command.
        command: String,
        /// What it said.
        why: String,
    },
    /// Nobody answers there.
    #[error("the API server at {server} cannot be reached: {why}")]
    Unreachable {
        /// Its address.
        server: String,
        /// What happened.
        why: String,
    },
    /// 401.
    #[error("the API server at {server} does not accept these credentials: {why}")]
    Unauthorized {
        /// Its address.
        server: String,
        /// What it said.
        why: String,
    },
    /// 403.
    #[error("the API server at {server} knows these credentials and allows them nothing: {why}")]
    Forbidden {
        /// Its address.
        server: String,
        /// What it said.
        why: String,
    },
    /// Somebody answers who is no API server, or a broken one.
    #[error("what answers at {server} is not a working API server: {why}")]
    NotAnApiServer {
        /// Its address.
        server: String,
        /// What it said.
        why: String,
    },
}

/// What could not be read, and where.
pub(super) fn unread(error: KubeconfigError, given: Option<&Path>) -> ConnectError {
    if let KubeconfigError::ReadConfig(source, path) = error {
        return if source.kind() == io::ErrorKind::NotFound {
            ConnectError::NoKubeconfig { path }
        } else {
            ConnectError::Unreadable { path, source }
        };
    }
    if matches!(error, KubeconfigError::FindPath) {
        return ConnectError::NowhereToLook;
    }
    ConnectError::NotAKubeconfig {
        place: given.map_or_else(
            || "your kubeconfig".to_owned(),
            |path| path.display().to_string(),
        ),
        why: without_contents(&error),
    }
}

/// What is wrong with a kubeconfig, and where. The parser would show the lines
/// around the place, and tokens stand in them.
pub(super) fn without_contents(error: &KubeconfigError) -> String {
    if let KubeconfigError::Parse(parsing) = error {
        return match parsing.location() {
            Some(at) => format!(
                "line {}, column {} cannot be read as one",
                at.line(),
                at.column()
            ),
            None => "it cannot be read as one".to_owned(),
        };
    }
    text::chain(error)
}

/// Why a plug-in gave no credentials. What it printed to standard output may be
/// credentials, and its arguments and environment may hold some.
pub(super) fn unhelped(error: &AuthError) -> String {
    if let AuthError::AuthExecRun { out, .. } = error {
        let said = String::from_utf8_lossy(&out.stderr);
        return text::cut(&format!("{}: {}", out.status, said.trim()));
    }
    if matches!(error, AuthError::AuthExecParse(_)) {
        return "what it printed is no ExecCredential".to_owned();
    }
    text::chain(error)
}

/// The contexts for a sentence.
fn named(there: &[String]) -> String {
    // Enough to find a typing error in; hundreds would hide the sentence.
    const SHOWN: usize = 20;
    let shown: Vec<_> = there
        .iter()
        .take(SHOWN)
        .map(|name| text::cut(name))
        .collect();
    match there.len() {
        0 => "none".to_owned(),
        count if count > SHOWN => format!("{} and {} more", shown.join(", "), count - SHOWN),
        _ => shown.join(", "),
    }
}
