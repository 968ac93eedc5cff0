//! Labels and taints that Kubernetes itself gives a meaning: when each came,
//! went, and what to use instead.
//!
//! A pod that selects nodes by a label which nobody sets any more stays pending.

use crate::files::{Family, Files};
use crate::table::{Error, Schema};
use refit_model::version::Minor;

/// The columns of `kubernetes/labels.csv`.
pub const SCHEMA: Schema = Schema {
    format: "refit-knowledge/labels/1",
    columns: &[
        "kind",
        "on",
        "key",
        "set_by",
        "added",
        "deprecated",
        "removed",
        "replacement",
        "source",
        "notes",
    ],
    key: 4,
};

/// Whether a key is that of a label or that of a taint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// A label.
    Label,
    /// A taint of a node.
    Taint,
}

/// What bears it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bearer {
    /// A node.
    Node,
    /// A pod.
    Pod,
    /// A namespace.
    Namespace,
}

/// Since when something is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SinceMinor {
    /// Since before the oldest minor that was looked at.
    Before(Minor),
    /// Since that minor.
    In(Minor),
}

impl SinceMinor {
    /// Whether it is so at `minor`, which is covered.
    #[must_use]
    pub fn holds_at(self, minor: Minor) -> bool {
        match self {
            Self::Before(first) | Self::In(first) => minor >= first,
        }
    }
}

/// The life of one label or taint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLife {
    /// Label or taint.
    pub kind: KeyKind,
    /// What bears it.
    pub bearer: Bearer,
    /// The whole key.
    pub key: String,
    /// Who sets it: a program, `cloud provider`, or `somebody`.
    pub set_by: String,
    /// Since when.
    pub added: SinceMinor,
    /// Since when its use is discouraged.
    pub deprecated: Option<SinceMinor>,
    /// The first minor in which it is set or read no more.
    pub removed: Option<Minor>,
    /// The key to use instead; often empty.
    pub replacement: String,
    /// Where that can be looked up.
    pub source: String,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

/// All labels and taints that are known.
#[derive(Clone, Debug)]
pub struct WellKnownKeys {
    lives: Vec<KeyLife>,
}

impl Family for WellKnownKeys {
    /// Fails also where a life runs backwards, or something goes without having
    /// been deprecated or replaced.
    fn read_from(files: &Files) -> Result<Self, Error> {
        let table = files.table("kubernetes/labels.csv", &SCHEMA)?;
        let mut lives = Vec::new();
        for record in table.records() {
            let since = |column| -> Result<Option<SinceMinor>, Error> {
                const SINCE: &str = "a minor such as 1.24 or <=1.16";
                let text = record.text(column);
                if text.is_empty() {
                    return Ok(None);
                }
                let (bare, before) = text
                    .strip_prefix("<=")
                    .map_or((text, false), |bare| (bare, true));
                let minor = bare.parse().map_err(|_| record.refuse(column, SINCE))?;
                Ok(Some(if before {
                    SinceMinor::Before(minor)
                } else {
                    SinceMinor::In(minor)
                }))
            };
            let life = KeyLife {
                kind: record.choice(
                    "kind",
                    &[("label", KeyKind::Label), ("taint", KeyKind::Taint)],
                    "label or taint",
                )?,
                bearer: record.choice(
                    "on",
                    &[
                        ("namespace", Bearer::Namespace),
                        ("node", Bearer::Node),
                        ("pod", Bearer::Pod),
                    ],
                    "namespace, node or pod",
                )?,
                key: record.required("key")?.to_owned(),
                set_by: record.required("set_by")?.to_owned(),
                added: since("added")?
                    .ok_or_else(|| record.refuse("added", "a minor such as 1.24 or <=1.16"))?,
                deprecated: since("deprecated")?,
                removed: record.optional("removed", "a minor such as 1.24")?,
                replacement: record.text("replacement").to_owned(),
                source: record.required("source")?.to_owned(),
                notes: record.text("notes").to_owned(),
            };
            if life.removed.is_some() && (life.deprecated.is_none() || life.replacement.is_empty())
            {
                return Err(record.contradiction("it goes without a deprecation and a replacement"));
            }
            if let Some(removed) = life.removed
                && life
                    .deprecated
                    .is_some_and(|since| !since.holds_at(removed))
            {
                return Err(record.contradiction("it goes before it is deprecated"));
            }
            lives.push(life);
        }
        Ok(Self { lives })
    }
}

impl WellKnownKeys {
    /// All lives, in the order of kind, bearer and key.
    #[must_use]
    pub fn lives(&self) -> &[KeyLife] {
        &self.lives
    }

    /// What is known of the key `key` on `bearer`.
    #[must_use]
    pub fn find(&self, kind: KeyKind, bearer: Bearer, key: &str) -> Option<&KeyLife> {
        self.lives
            .iter()
            .find(|life| life.kind == kind && life.bearer == bearer && life.key == key)
    }

    /// The keys that are set up to `from` and no more at `to`.
    pub fn gone_between(&self, from: Minor, to: Minor) -> impl Iterator<Item = &KeyLife> {
        self.lives.iter().filter(move |life| {
            life.removed
                .is_some_and(|removed| from < removed && removed <= to)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Knowledge;

    fn gone(from: &str, to: &str) -> Vec<String> {
        Knowledge::embedded()
            .well_known_keys()
            .gone_between(from.parse().unwrap(), to.parse().unwrap())
            .map(|life| format!("{:?} {}", life.kind, life.key))
            .collect()
    }

    #[test]
    fn what_goes_between_two_minors() {
        assert_eq!(
            gone("1.23", "1.24"),
            ["Label node-role.kubernetes.io/master"]
        );
        assert_eq!(
            gone("1.24", "1.25"),
            ["Taint node-role.kubernetes.io/master"]
        );
        assert_eq!(
            gone("1.16", "1.37"),
            [
                "Label alpha.service-controller.kubernetes.io/exclude-balancer",
                "Label node-role.kubernetes.io/master",
                "Taint node-role.kubernetes.io/master"
            ]
        );
        assert_eq!(gone("1.25", "1.37"), Vec::<String>::new());
    }

    #[test]
    fn replacements_are_known_and_there_in_time() {
        let keys = Knowledge::embedded().well_known_keys();
        for life in keys.lives() {
            if life.replacement.is_empty() {
                continue;
            }
            let new = keys
                .find(life.kind, life.bearer, &life.replacement)
                .unwrap_or_else(|| panic!("{} is not known", life.replacement));
            assert!(new.removed.is_none(), "{}", new.key);
        }
    }

    #[track_caller]
    fn refused(from: &str, to: &str, expected: &str) {
        let file = "kubernetes/labels.csv";
        let text = Files::embedded().text(file).unwrap().into_owned();
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from:?} is not there");
        let error = WellKnownKeys::read_from(&Files::embedded().with(file, changed)).unwrap_err();
        let message = error.problem.to_string();
        assert!(message.contains(expected), "{message}");
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let master = "label,node,node-role.kubernetes.io/master,kubeadm,<=1.16,1.20,1.24,";
        refused(
            master,
            &master.replace("1.20,1.24", ",1.24"),
            "without a deprecation",
        );
        refused(
            master,
            &master.replace("1.20,1.24", "1.25,1.24"),
            "before it is deprecated",
        );
        // The last row, so that the order stays.
        let last = "taint,node,node.kubernetes.io/unschedulable,";
        refused(
            last,
            &last.replace("taint,node", "taint,pot"),
            "namespace, node or pod",
        );
        refused(master, &master.replace("<=1.16", "early"), "<=1.16");
    }
}
