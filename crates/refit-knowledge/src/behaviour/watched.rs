//! Where in objects the signs stand that somebody who reads objects can watch for.

use super::{Act, ApiPattern, Behaviour, Behaviours, Sign, Test, Tested};
use crate::api::Apis;
use refit_model::kubernetes::{FieldState, WatchedField};
use refit_model::object::GroupVersionKind;
use refit_model::version::Minor;

/// What holds a pod, or the template of one, and where the pod stands in it.
const PODS: [(&str, &str, &str); 12] = [
    ("", "Pod", ""),
    ("", "PodTemplate", "template."),
    ("", "ReplicationController", "spec.template."),
    ("apps", "DaemonSet", "spec.template."),
    ("apps", "Deployment", "spec.template."),
    ("apps", "ReplicaSet", "spec.template."),
    ("apps", "StatefulSet", "spec.template."),
    ("batch", "CronJob", "spec.jobTemplate.spec.template."),
    ("batch", "Job", "spec.template."),
    ("extensions", "DaemonSet", "spec.template."),
    ("extensions", "Deployment", "spec.template."),
    ("extensions", "ReplicaSet", "spec.template."),
];

impl Sign {
    /// The fields that show this sign, of every kind at every version that
    /// Kubernetes has had, for a change that comes with `minor`.
    ///
    /// There are none where it is no field of an object that shows it, and none
    /// where the objects are not of Kubernetes: these are not read.
    #[must_use]
    pub fn fields(&self, apis: &Apis, minor: Minor) -> Vec<WatchedField> {
        let watched = |api: &GroupVersionKind, path: String, test: &Test| WatchedField {
            api: api.clone(),
            path,
            state: state(test),
            minor,
        };
        let of = |group: &str, kind: &str, path: &str, test: &Test| -> Vec<WatchedField> {
            versions(apis, group, kind)
                .map(|api| watched(api, path.to_owned(), test))
                .collect()
        };
        let in_pods = |path: &str, test: &Test| -> Vec<WatchedField> {
            PODS.iter()
                .flat_map(|(group, kind, place)| of(group, kind, &format!("{place}{path}"), test))
                .collect()
        };
        match self {
            Self::Field(pattern, Tested { name, test }) => apis
                .lifecycles()
                .map(|life| &life.api)
                .filter(|api| accepts(pattern, api))
                .map(|api| watched(api, name.clone(), test))
                .collect(),
            Self::Pod(Tested { name, test }) => in_pods(name, test),
            Self::Volume(name) => {
                let mut fields = in_pods(&format!("spec.volumes.{name}"), &Test::Set);
                let path = format!("spec.{name}");
                fields.extend(of("", "PersistentVolume", &path, &Test::Set));
                fields
            }
            Self::Provisioner(name) => {
                let test = Test::Is(name.clone());
                of("storage.k8s.io", "StorageClass", "provisioner", &test)
            }
            Self::Annotation(_)
            | Self::Api(_)
            | Self::Config(..)
            | Self::Distribution(_)
            | Self::Driver(_)
            | Self::Flag(..)
            | Self::Gate(..)
            | Self::Image(_)
            | Self::Label(..)
            | Self::Metric(..)
            | Self::Runtime(_)
            | Self::Selector(_)
            | Self::Toleration(..) => Vec::new(),
        }
    }
}

impl Behaviours {
    /// Every field that shows a change which somebody has to act on.
    #[must_use]
    pub fn watched(&self, apis: &Apis) -> Vec<WatchedField> {
        self.facts
            .iter()
            .filter(|fact| fact.act != Act::Nobody)
            .flat_map(|fact| {
                let signs = fact.signs().iter();
                signs.flat_map(move |sign| sign.fields(apis, fact.id.minor))
            })
            .collect()
    }

    /// The newest minor that a fact is of.
    #[must_use]
    pub fn through(&self) -> Option<Minor> {
        self.facts
            .iter()
            .map(|fact: &Behaviour| fact.id.minor)
            .max()
    }
}

/// The versions that a kind of Kubernetes has had.
fn versions<'a>(
    apis: &'a Apis,
    group: &'a str,
    kind: &'a str,
) -> impl Iterator<Item = &'a GroupVersionKind> {
    apis.lifecycles()
        .map(|life| &life.api)
        .filter(move |api| api.group == group && api.kind == kind)
}

fn accepts(pattern: &ApiPattern, api: &GroupVersionKind) -> bool {
    let is = |wanted: &Option<String>, text: &str| {
        wanted.as_ref().is_none_or(|wanted| wanted.as_str() == text)
    };
    pattern.group == api.group && is(&pattern.version, &api.version) && is(&pattern.kind, &api.kind)
}

fn state(test: &Test) -> FieldState {
    match test {
        Test::Set => FieldState::Set,
        Test::Unset => FieldState::Missing,
        Test::Is(text) => FieldState::Is(text.clone()),
        Test::Holds(text) => FieldState::Holds(text.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Knowledge;
    use crate::schema::Root;

    /// The fields of a sign as `api path state`.
    #[track_caller]
    fn check(sign: &str, expected: &[&str]) {
        let sign: Sign = sign.parse().unwrap();
        let fields = sign.fields(Knowledge::embedded().apis(), "1.30".parse().unwrap());
        let lines: Vec<String> = fields
            .iter()
            .map(|field| format!("{} {} {:?}", field.api, field.path, field.state))
            .collect();
        assert_eq!(lines, expected, "{sign}");
    }

    #[test]
    fn fields_of_every_version_of_a_kind() {
        check(
            "field:storage.k8s.io/*/StorageClass#parameters.diskformat",
            &[
                "storage.k8s.io/v1 StorageClass parameters.diskformat Set",
                "storage.k8s.io/v1beta1 StorageClass parameters.diskformat Set",
            ],
        );
        check(
            "field:v1/Node#spec.providerID~vsphere://",
            &["v1 Node spec.providerID Holds(\"vsphere://\")"],
        );
        check(
            "provisioner:kubernetes.io/rbd",
            &[
                "storage.k8s.io/v1 StorageClass provisioner Is(\"kubernetes.io/rbd\")",
                "storage.k8s.io/v1beta1 StorageClass provisioner Is(\"kubernetes.io/rbd\")",
            ],
        );
        // What is not of Kubernetes is not read, and the rest is no field.
        for sign in [
            "field:monitoring.coreos.com/*/ServiceMonitor#spec.endpoints.path=/x",
            "gate:AllAlpha=true",
            "image:k8s.gcr.io/",
        ] {
            check(sign, &[]);
        }
    }

    #[test]
    fn fields_of_pods_are_those_of_templates_too() {
        let sign: Sign = "pod:spec.x=y".parse().unwrap();
        let fields = sign.fields(Knowledge::embedded().apis(), "1.30".parse().unwrap());
        let places: Vec<String> = fields
            .iter()
            .map(|field| format!("{} {}", field.api, field.path))
            .collect();
        for place in [
            "v1 Pod spec.x",
            "v1 PodTemplate template.spec.x",
            "v1 ReplicationController spec.template.spec.x",
            "apps/v1 DaemonSet spec.template.spec.x",
            "apps/v1beta1 StatefulSet spec.template.spec.x",
            "apps/v1beta2 ReplicaSet spec.template.spec.x",
            "batch/v1 CronJob spec.jobTemplate.spec.template.spec.x",
            "batch/v1 Job spec.template.spec.x",
            "extensions/v1beta1 Deployment spec.template.spec.x",
        ] {
            assert!(places.iter().any(|one| one == place), "{place}: {places:?}");
        }
        let volumes: Vec<WatchedField> = "volume:rbd"
            .parse::<Sign>()
            .unwrap()
            .fields(Knowledge::embedded().apis(), "1.31".parse().unwrap());
        let last = volumes
            .last()
            .map(|field| format!("{} {}", field.api, field.path));
        assert_eq!(last.as_deref(), Some("v1 PersistentVolume spec.rbd"));
        assert_eq!(volumes.len(), fields.len() + 1);
    }

    /// Whether `path` leads from an object of `api` at `minor` to something; maps of
    /// texts hold any key.
    fn is_there(knowledge: &Knowledge, field: &WatchedField, minor: Minor) -> bool {
        let schemas = knowledge.schemas();
        let Root::Definition(mut at) = schemas.root(&field.api, minor) else {
            return false;
        };
        let mut names = field.path.split('.').peekable();
        while let Some(name) = names.next() {
            let Some(found) = at.field(name) else {
                return false;
            };
            if found.shape.starts_with("{}") {
                // The key of the map.
                names.next();
            }
            if names.peek().is_none() {
                return true;
            }
            let below = found.shape.rsplit_once('#').map(|(_, name)| name);
            match below.and_then(|name| schemas.definition(name, minor)) {
                Some(definition) => at = definition,
                None => return false,
            }
        }
        false
    }

    /// A path that no object can have shows nothing, whatever is in a cluster.
    #[test]
    fn what_is_watched_is_a_field_of_some_minor_before_the_change() {
        let knowledge = Knowledge::embedded();
        let (first, last) = knowledge.covers();
        let minors: Vec<Minor> = std::iter::once(first).chain(first.up_to(last)).collect();
        let mut asked = 0;
        for fact in knowledge.behaviours().all() {
            for sign in fact.signs() {
                let fields = sign.fields(knowledge.apis(), fact.id.minor);
                if fields.is_empty() {
                    continue;
                }
                asked += 1;
                let is_one = fields.iter().any(|field| {
                    minors
                        .iter()
                        .filter(|minor| **minor <= fact.id.minor)
                        .any(|minor| is_there(knowledge, field, *minor))
                });
                assert!(is_one, "{}: {sign}", fact.id);
            }
        }
        assert!(asked > 60, "{asked}");
    }
}
