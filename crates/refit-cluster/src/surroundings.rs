//! What programs find around them: a folder, and settings of the environment.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The settings of the environment that programs get: where they are, who runs
/// them, and where the tools of the field keep their configuration. Everything
/// else stays here.
const PASSED_ON: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "SSH_AUTH_SOCK",
    "KUBECONFIG",
    "HELM_CONFIG_HOME",
    "HELM_CACHE_HOME",
    "HELM_DATA_HOME",
    "AZURE_CONFIG_DIR",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_PROFILE",
    "AWS_REGION",
    "CLOUDSDK_CONFIG",
    "JUJU_DATA",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// What programs find around them. Paths of files in a plan are from its folder.
#[derive(Clone, Debug)]
pub struct Surroundings {
    folder: Option<PathBuf>,
    environment: BTreeMap<OsString, OsString>,
}

impl Surroundings {
    /// Those of this process: its folder, and of its environment the settings
    /// that tools of the field need.
    #[must_use]
    pub fn of_this_process() -> Self {
        Self {
            folder: None,
            environment: PASSED_ON
                .iter()
                .filter_map(|name| Some(((*name).into(), std::env::var_os(name)?)))
                .collect(),
        }
    }

    /// A folder of its own, and the settings that are named, whatever this
    /// process has.
    #[must_use]
    pub fn within(
        folder: PathBuf,
        settings: impl IntoIterator<Item = (&'static str, OsString)>,
    ) -> Self {
        Self {
            folder: Some(folder),
            environment: settings
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        }
    }

    pub(crate) const fn environment(&self) -> &BTreeMap<OsString, OsString> {
        &self.environment
    }

    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Where `path` is.
    pub(crate) fn place(&self, path: &str) -> PathBuf {
        match &self.folder {
            Some(folder) => folder.join(path),
            None => PathBuf::from(path),
        }
    }
}
