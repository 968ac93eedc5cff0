//! Helm's stored releases.
//!
//! Helm 3 keeps each revision in a Secret or a ConfigMap: JSON, packed with
//! gzip, in base64; a Secret's data is in base64 once more, as all its data is.

use crate::inflate;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use refit_model::kubernetes::{Publisher, Release};
use refit_model::name::{Key, Namespace, ObjectName};
use serde::Deserialize;
use serde_json::Value;

/// The type of the Secrets that hold releases.
const SECRET_TYPE: &str = "helm.sh/release.v1";

/// What the names of all holders of releases begin with.
const NAME_PREFIX: &str = "sh.helm.release.v1.";

/// The most that a release may unpack to. The largest public chart renders to
/// about 5 MiB; a Secret holds at most 1 MiB, which could unpack to a thousand.
const LARGEST_RELEASE: usize = 64 << 20;

/// One stored revision of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The release's namespace and name.
    pub key: Key,
    /// What a snapshot keeps of it; its location is for the caller to set.
    pub release: Release,
    /// The manifests that it installed, as YAML.
    pub manifest: String,
    /// The manifests of its hooks, by the hook's name.
    pub hooks: Vec<(String, String)>,
}

/// Why a stored release cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseError {
    /// The object has no `data.release`.
    #[error("it has no data.release")]
    Empty,
    /// The data is no base64.
    #[error("its data is not base64")]
    NotBase64,
    /// The data cannot be unpacked.
    #[error("its data cannot be unpacked")]
    NotGzip(#[source] inflate::InflateError),
    /// The data is no release.
    #[error("its data is not a release: {0}")]
    NotRelease(String),
}

/// Whether the object holds a release.
#[must_use]
pub fn holds_release(object: &Value) -> bool {
    let text = |path: &str| object.pointer(path).and_then(Value::as_str);
    match text("/kind") {
        Some("Secret") => text("/type") == Some(SECRET_TYPE),
        Some("ConfigMap") => {
            text("/metadata/labels/owner").is_some_and(|owner| owner.eq_ignore_ascii_case("helm"))
                && text("/metadata/name").is_some_and(|name| name.starts_with(NAME_PREFIX))
        }
        _ => false,
    }
}

/// The revision that the object holds.
///
/// # Errors
/// When the data cannot be unpacked or is no release.
pub fn stored(object: &Value) -> Result<Stored, ReleaseError> {
    let text = object
        .pointer("/data/release")
        .and_then(Value::as_str)
        .ok_or(ReleaseError::Empty)?;
    let is_secret = object.get("kind").and_then(Value::as_str) == Some("Secret");
    let outer = if is_secret {
        decode(text.as_bytes())?
    } else {
        text.as_bytes().to_vec()
    };
    let mut bytes = decode(&outer)?;
    // Releases of the first betas were not packed.
    if inflate::is_gzip(&bytes) {
        bytes = inflate::inflate(&bytes, LARGEST_RELEASE).map_err(ReleaseError::NotGzip)?;
    }
    let written: Written = serde_json::from_slice(&bytes)
        .map_err(|error| ReleaseError::NotRelease(error.to_string()))?;
    written.read()
}

fn decode(text: &[u8]) -> Result<Vec<u8>, ReleaseError> {
    let packed: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    STANDARD.decode(packed).map_err(|_| ReleaseError::NotBase64)
}

/// What is read of Helm's JSON; the templates and values stay unread.
#[derive(Deserialize)]
struct Written {
    name: String,
    #[serde(default)]
    namespace: String,
    #[serde(default)]
    version: u32,
    #[serde(default)]
    info: Info,
    #[serde(default)]
    chart: Chart,
    #[serde(default)]
    manifest: String,
    #[serde(default)]
    hooks: Option<Vec<Hook>>,
}

#[derive(Default, Deserialize)]
struct Info {
    #[serde(default)]
    status: String,
}

#[derive(Default, Deserialize)]
struct Chart {
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata {
    name: String,
    version: String,
    app_version: String,
    kube_version: String,
    home: String,
    sources: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Hook {
    #[serde(default)]
    name: String,
    #[serde(default)]
    manifest: String,
}

impl Written {
    fn read(self) -> Result<Stored, ReleaseError> {
        let refuse =
            |error: refit_model::name::NameError| ReleaseError::NotRelease(error.to_string());
        let metadata = self.chart.metadata;
        let filled = |text: String| Some(text).filter(|text| !text.is_empty());
        Ok(Stored {
            key: Key::namespaced(
                Namespace::new(self.namespace).map_err(refuse)?,
                ObjectName::new(self.name).map_err(refuse)?,
            ),
            release: Release {
                revision: self.version,
                status: self.info.status,
                chart: metadata.name,
                chart_version: metadata.version,
                app_version: filled(metadata.app_version),
                kube_version: filled(metadata.kube_version),
                publishers: [metadata.home]
                    .iter()
                    .chain(metadata.sources.iter().flatten())
                    .filter_map(|address| Publisher::of_address(address))
                    .collect(),
                location: None,
            },
            manifest: self.manifest,
            hooks: self
                .hooks
                .unwrap_or_default()
                .into_iter()
                .map(|hook| (hook.name, hook.manifest))
                .collect(),
        })
    }
}
