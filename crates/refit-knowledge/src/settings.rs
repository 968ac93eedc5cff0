//! What components can be told besides feature gates: flags that go, admission
//! plugins, and the versions of the configuration files that they read.

use crate::files::{Family, Files};
use crate::gates::Component;
use crate::table::{Error, Record, Schema};
use refit_model::version::Minor;
use std::collections::BTreeMap;

/// The columns of `kubernetes/component-flags.csv`; its README explains each.
pub const FLAGS: Schema = Schema {
    format: "refit-knowledge/component-flags/1",
    columns: &["component", "flag", "deprecated", "removed", "source"],
    key: 2,
};

/// The columns of `kubernetes/config-apis.csv`; its README explains each.
pub const CONFIG_APIS: Schema = Schema {
    format: "refit-knowledge/config-apis/1",
    columns: &[
        "group",
        "version",
        "read_by",
        "introduced",
        "deprecated",
        "removed",
        "notes",
    ],
    key: 2,
};

/// The columns of `kubernetes/admission-plugins.csv`; its README explains each.
pub const PLUGINS: Schema = Schema {
    format: "refit-knowledge/admission-plugins/1",
    columns: &["plugin", "introduced", "removed"],
    key: 1,
};

const PLUGINS_PATH: &str = "kubernetes/admission-plugins.csv";
const FLAGS_PATH: &str = "kubernetes/component-flags.csv";
const CONFIG_APIS_PATH: &str = "kubernetes/config-apis.csv";

/// Since which minor the removals of flags of a component are complete: those of
/// 1.16 are the first that were read, so that nothing is known to go before 1.17.
/// kubeadm's are not among the facts.
const COMPLETE: [(Component, Minor); 5] = [
    (Component::KubeApiserver, Minor::new(1, 17)),
    (Component::KubeControllerManager, Minor::new(1, 17)),
    (Component::KubeProxy, Minor::new(1, 17)),
    (Component::KubeScheduler, Minor::new(1, 17)),
    (Component::Kubelet, Minor::new(1, 17)),
];

/// How long something can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// The first minor with it; `None` where it was there before 1.16, and for
    /// flags, of which only the end is known.
    pub introduced: Option<Minor>,
    /// The first minor that discourages it; 1.16 where it was so before.
    pub deprecated: Option<Minor>,
    /// The first minor without it.
    pub removed: Option<Minor>,
    /// The component that takes it.
    pub component: Component,
    /// What else is worth knowing, or where it was read.
    pub notes: String,
}

/// Flags and configuration files.
#[derive(Clone, Debug)]
pub struct ComponentFacts {
    flags: BTreeMap<(Component, String), Life>,
    apis: BTreeMap<(String, String), Life>,
    plugins: BTreeMap<String, Life>,
}

impl Family for ComponentFacts {
    fn read_from(files: &Files) -> Result<Self, Error> {
        let mut flags = BTreeMap::new();
        for record in files.table(FLAGS_PATH, &FLAGS)?.records() {
            let component = component(record, "component")?;
            let life = life(record, component, None, "source")?;
            flags.insert((life.component, record.required("flag")?.to_owned()), life);
        }
        let mut apis = BTreeMap::new();
        for record in files.table(CONFIG_APIS_PATH, &CONFIG_APIS)?.records() {
            let key = (
                record.required("group")?.to_owned(),
                record.required("version")?.to_owned(),
            );
            let reader = component(record, "read_by")?;
            apis.insert(key, life(record, reader, Some("introduced"), "notes")?);
        }
        let mut plugins = BTreeMap::new();
        for record in files.table(PLUGINS_PATH, &PLUGINS)?.records() {
            let life = life(
                record,
                Component::KubeApiserver,
                Some("introduced"),
                "notes",
            )?;
            plugins.insert(record.required("plugin")?.to_owned(), life);
        }
        Ok(Self {
            flags,
            apis,
            plugins,
        })
    }
}

fn component(record: Record<'_>, column: &'static str) -> Result<Component, Error> {
    record.value(column, "a component such as kubelet")
}

fn life(
    record: Record<'_>,
    component: Component,
    introduced: Option<&'static str>,
    notes: &'static str,
) -> Result<Life, Error> {
    let minor = |column: &'static str| -> Result<Option<Minor>, Error> {
        let text = record.text(column);
        let text = text.strip_prefix("<=").unwrap_or(text);
        if text.is_empty() {
            return Ok(None);
        }
        text.parse()
            .map(Some)
            .map_err(|_| record.refuse(column, "a minor such as 1.34 or <=1.16"))
    };
    let introduced = match introduced {
        Some(column) if !record.required(column)?.starts_with("<=") => minor(column)?,
        Some(_) | None => None,
    };
    let life = Life {
        introduced,
        deprecated: minor("deprecated")?,
        removed: minor("removed")?,
        component,
        notes: record.text(notes).to_owned(),
    };
    if let Some(removed) = life.removed
        && life.introduced.max(life.deprecated) >= Some(removed)
    {
        return Err(record.contradiction("it is removed before it comes or is deprecated"));
    }
    Ok(life)
}

impl ComponentFacts {
    /// The life of a flag of `component`, `name` without dashes in front; `None`
    /// where it is not known to be discouraged or gone.
    #[must_use]
    pub fn flag(&self, component: Component, name: &str) -> Option<&Life> {
        self.flags.get(&(component, name.to_owned()))
    }

    /// The flags that are known to be discouraged or gone, by component and name.
    pub fn flags(&self) -> impl Iterator<Item = (&str, &Life)> {
        self.flags
            .iter()
            .map(|((_, name), life)| (name.as_str(), life))
    }

    /// The life of an admission plugin of the API server; `None` where no minor
    /// that is known has one of that name.
    #[must_use]
    pub fn admission_plugin(&self, name: &str) -> Option<&Life> {
        self.plugins.get(name)
    }

    /// Since which minor every removal of a flag of `component` is known.
    #[must_use]
    pub fn flags_complete_since(component: Component) -> Option<Minor> {
        COMPLETE
            .into_iter()
            .find(|(of, _)| *of == component)
            .map(|(_, since)| since)
    }

    /// The life of a version of a configuration API; `None` where none is known.
    #[must_use]
    pub fn config_api(&self, group: &str, version: &str) -> Option<&Life> {
        self.apis.get(&(group.to_owned(), version.to_owned()))
    }

    /// The versions of `group` that `minor` reads, in order of their names.
    pub fn read_at<'s>(&'s self, group: &'s str, minor: Minor) -> impl Iterator<Item = &'s str> {
        self.apis
            .iter()
            .filter(move |((of, _), life)| {
                of == group
                    && life.introduced.is_none_or(|introduced| introduced <= minor)
                    && life.removed.is_none_or(|removed| removed > minor)
            })
            .map(|((_, version), _)| version.as_str())
    }
}

#[cfg(test)]
mod tests {
    use crate::Knowledge;
    use crate::gates::Component;
    use refit_model::version::Minor;

    #[test]
    fn flags_that_are_gone() {
        let facts = Knowledge::embedded().settings();
        let removed = |component, flag| facts.flag(component, flag).and_then(|life| life.removed);
        for (component, flag, minor) in [
            (Component::KubeApiserver, "cloud-provider", Some(33)),
            (Component::KubeApiserver, "insecure-port", Some(24)),
            (Component::KubeApiserver, "authorization-mode", None),
            (
                Component::KubeControllerManager,
                "enable-taint-manager",
                Some(27),
            ),
            (
                Component::KubeControllerManager,
                "audit-webhook-batch-initial-backoff",
                None,
            ),
            (Component::KubeScheduler, "policy-config-file", Some(23)),
            (Component::KubeProxy, "logtostderr", Some(26)),
            (Component::KubeProxy, "v", None),
            (Component::Kubelet, "pod-infra-container-image", Some(35)),
            (Component::Kubelet, "network-plugin", Some(24)),
            (Component::Kubelet, "container-hints", Some(37)),
            // The kubelet kept it where the API server lost it.
            (Component::Kubelet, "cloud-provider", None),
            (Component::KubeProxy, "metrics-port", None),
        ] {
            let expected = minor.map(|minor| Minor::new(1, minor));
            assert_eq!(removed(component, flag), expected, "{component} {flag}");
        }
    }

    #[test]
    fn admission_plugins() {
        let facts = Knowledge::embedded().settings();
        let life = |name| {
            let life = facts.admission_plugin(name)?;
            let minor = |minor: Option<Minor>| minor.map(Minor::minor);
            Some((minor(life.introduced), minor(life.removed)))
        };
        assert_eq!(life("PodSecurityPolicy"), Some((None, Some(25))));
        assert_eq!(life("PodSecurity"), Some((Some(22), None)));
        assert_eq!(life("NodeRestriction"), Some((None, None)));
        assert_eq!(life("NoSuchPlugin"), None);
    }

    #[test]
    fn configuration_that_is_read() {
        let facts = Knowledge::embedded().settings();
        let read = |group: &str, minor| -> Vec<String> {
            let found = facts.read_at(group, Minor::new(1, minor));
            found.map(str::to_owned).collect()
        };
        assert_eq!(read("kubeadm.k8s.io", 21), ["v1beta1", "v1beta2"]);
        assert_eq!(read("kubeadm.k8s.io", 36), ["v1beta3", "v1beta4"]);
        assert_eq!(read("kubeadm.k8s.io", 37), ["v1", "v1beta4"]);
        assert_eq!(read("kubescheduler.config.k8s.io", 29), ["v1"]);
        assert_eq!(read("example.com", 29), [""; 0]);
    }
}
