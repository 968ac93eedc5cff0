//! What a cluster is known by.

use crate::yaml;
use refit_model::juju::JujuModel;
use refit_model::name::ClusterId;
use refit_model::snapshot::{ClusterIdentity, IdentityBasis};
use serde_json::Value;

/// What files tell of the identity of their cluster.
#[derive(Debug, Default)]
pub(crate) struct Traces {
    path: Option<String>,
    system_uid: Option<ClusterId>,
    name: Option<String>,
}

/// What one object tells of the identity of its cluster; its answer counts where
/// it has none, too.
#[derive(Debug)]
pub(crate) enum Trace {
    SystemUid(Option<ClusterId>),
    Name(Option<String>),
}

/// What `object` tells, if it is one that could.
pub(crate) fn trace(object: &Value) -> Option<Trace> {
    let metadata = |name: &str| object.get("metadata")?.get(name)?.as_str();
    match (object.get("kind")?.as_str()?, metadata("name")?) {
        ("Namespace", "kube-system") => {
            let uid = metadata("uid").and_then(|uid| ClusterId::new(uid).ok());
            Some(Trace::SystemUid(uid))
        }
        ("ConfigMap", "kubeadm-config") => Some(Trace::Name(kubeadm_name(object))),
        _ => None,
    }
}

impl Traces {
    /// A file of this name was read.
    pub(crate) fn file(&mut self, name: &str) {
        self.path = Some(match self.path.take() {
            None => name.to_owned(),
            Some(path) => common(&path, name),
        });
    }

    /// An object told this.
    pub(crate) fn take(&mut self, trace: Trace) {
        match trace {
            Trace::SystemUid(uid) => self.system_uid = uid,
            Trace::Name(name) => self.name = name,
        }
    }

    /// The UID of `kube-system`, else the Juju model, else the given name, else
    /// the path that the files have in common.
    pub(crate) fn identity(
        self,
        given: Option<String>,
        model: Option<&JujuModel>,
    ) -> ClusterIdentity {
        if let Some(id) = self.system_uid {
            let name = given
                .or(self.name)
                .unwrap_or_else(|| id.as_str().to_owned());
            return ClusterIdentity {
                id,
                name,
                basis: IdentityBasis::KubeSystemUid,
            };
        }
        if let Some(model) = model
            && let Ok(id) = ClusterId::new(format!("{}/{}", model.controller, model.name))
        {
            return ClusterIdentity {
                id,
                name: given.unwrap_or_else(|| model.name.as_str().to_owned()),
                basis: IdentityBasis::JujuModel,
            };
        }
        let path = self.path.filter(|path| !path.is_empty());
        let name = given.or(path).unwrap_or_else(|| "unnamed".to_owned());
        ClusterIdentity {
            id: known(&name),
            name,
            basis: IdentityBasis::Given,
        }
    }
}

/// The folder, or the file, that both names have in common.
fn common(one: &str, other: &str) -> String {
    one.split('/')
        .zip(other.split('/'))
        .take_while(|(one, other)| one == other)
        .map(|(part, _)| part)
        .collect::<Vec<_>>()
        .join("/")
}

/// The identity made of a name; what an identity may not hold becomes a dash.
fn known(name: &str) -> ClusterId {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._/".contains(c) {
                c
            } else {
                '-'
            }
        })
        .take(200)
        .collect();
    // A plain word is always an identity, so that this ends.
    ClusterId::new(plain.trim_start_matches('-')).unwrap_or_else(|_| known("unnamed"))
}

/// What kubeadm was told that the cluster is called, unless nobody told it:
/// its default is `kubernetes`.
fn kubeadm_name(object: &Value) -> Option<String> {
    let text = |path: &str| object.pointer(path).and_then(Value::as_str);
    let is_config = text("/kind") == Some("ConfigMap")
        && text("/metadata/name") == Some("kubeadm-config")
        && text("/metadata/namespace") == Some("kube-system");
    let configuration = text("/data/ClusterConfiguration").filter(|_| is_config)?;
    let document = yaml::documents(configuration.as_bytes()).next()?;
    let name = document
        .content
        .ok()??
        .get("clusterName")?
        .text()?
        .to_owned();
    (name != "kubernetes" && !name.is_empty()).then_some(name)
}
