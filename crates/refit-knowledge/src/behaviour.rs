//! What behaves otherwise from one Kubernetes minor to the next, apart from
//! which APIs are served: one row for each thing that a release note asks
//! somebody to do, or announces the end of.
//!
//! Every fact hangs on a pull request, says who has to act, and says what of a
//! cluster shows that it is concerned, or why no cluster shows it.

mod detector;
mod watched;

pub use detector::{
    ApiPattern, Detector, DetectorError, Form, Reason, Release, Sign, Test, Tested,
};

use crate::files::{Family, Files};
use crate::table::{Error, Record, Schema};
use refit_model::version::Minor;
use std::collections::BTreeSet;
use std::fmt;

/// The columns of `kubernetes/behaviour.csv`.
pub const SCHEMA: Schema = Schema {
    format: "refit-knowledge/behaviour/1",
    columns: &[
        "minor",
        "pr",
        "part",
        "kind",
        "components",
        "who",
        "change",
        "action",
        "detector",
        "without",
        "basis",
        "source",
        "source_version",
        "notes",
    ],
    key: 3,
};

macro_rules! named {
    ($(#[$about:meta])* $type:ident { $($(#[$doc:meta])* $variant:ident = $name:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $type {
            $($(#[$doc])* $variant,)*
        }

        impl $type {
            /// All of them with their names, by name.
            pub const ALL: &[(&'static str, Self)] = &[$(($name, Self::$variant)),*];

            /// The name that files and people write.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

named! {
    /// What sort of change it is.
    ChangeKind {
        /// Something more, which somebody has to know of.
        Addition = "addition",
        /// What happens where nobody says otherwise is another.
        DefaultChange = "default-change",
        /// It still works, and is not to be used any more.
        Deprecation = "deprecation",
        /// A defect is mended, and something may have relied on it.
        Fix = "fix",
        /// It is gone.
        Removal = "removal",
        /// The same thing under another name.
        Rename = "rename",
        /// Something has to be so that needed not be so before.
        Requirement = "requirement",
        /// Who may do or see what is another.
        Security = "security",
    }
}

named! {
    /// What changes.
    Component {
        /// How Kubernetes itself is built, and what its source tree holds.
        Build = "build",
        /// The Go client libraries.
        ClientLibrary = "client-library",
        /// Cloud controller managers.
        CloudControllerManager = "cloud-controller-manager",
        /// CSI drivers, by what Kubernetes expects of them.
        CsiDriver = "csi-driver",
        /// Images, and where they come from.
        Images = "images",
        /// The API server.
        KubeApiserver = "kube-apiserver",
        /// The controller manager.
        KubeControllerManager = "kube-controller-manager",
        /// kube-proxy.
        KubeProxy = "kube-proxy",
        /// The scheduler.
        KubeScheduler = "kube-scheduler",
        /// kubeadm.
        Kubeadm = "kubeadm",
        /// kubectl.
        Kubectl = "kubectl",
        /// The kubelet.
        Kubelet = "kubelet",
        /// Kubernetes' own tests.
        Tests = "tests",
    }
}

named! {
    /// Who has to act.
    Actor {
        /// Whoever deploys applications.
        ApplicationTeam = "application-team",
        /// Whoever runs the control plane, its add-ons and what watches it.
        ClusterOperator = "cluster-operator",
        /// Whoever runs the machines.
        NodeOperator = "node-operator",
        /// Whoever writes controllers, drivers, plugins and clients.
        ToolAuthor = "tool-author",
    }
}

named! {
    /// What a fact rests on.
    Basis {
        /// The release note of the pull request.
        ReleaseNote = "release-note",
        /// The release note, held against the source tree; `notes` says where.
        ReleaseNoteAndTree = "release-note+source-tree",
        /// The source tree alone: no release note asks for it.
        Tree = "source-tree",
    }
}

/// What a fact is known by: the minor, the pull request, and which of its changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FactId {
    /// The first minor that behaves so.
    pub minor: Minor,
    /// The number of the pull request in kubernetes/kubernetes.
    pub pull_request: u32,
    /// From 1 on; most pull requests make one change.
    pub part: u8,
}

impl fmt::Display for FactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.minor, self.pull_request, self.part)
    }
}

/// One change of behaviour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// What it is known by.
    pub id: FactId,
    /// What sort of change it is.
    pub kind: ChangeKind,
    /// What changes, at least one.
    pub components: Vec<Component>,
    /// What changes, as a sentence without its full stop.
    pub change: String,
    /// Who has to do what.
    pub act: Act,
    /// What shows that a cluster is concerned.
    pub detector: Detector,
    /// Why nothing shows it; empty where something does.
    pub without: String,
    /// What the fact rests on.
    pub basis: Basis,
    /// The file it was read in.
    pub source: String,
    /// The tag it was read at.
    pub source_version: String,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

/// Who has to do what about a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Nobody has to do anything.
    Nobody,
    /// These have to do this.
    By {
        /// At least one.
        actors: Vec<Actor>,
        /// Whole sentences.
        action: String,
    },
}

impl Behaviour {
    /// Who has to act.
    #[must_use]
    pub fn actors(&self) -> &[Actor] {
        match &self.act {
            Act::Nobody => &[],
            Act::By { actors, .. } => actors,
        }
    }

    /// The signs that show it, any of which will do.
    #[must_use]
    pub fn signs(&self) -> &[Sign] {
        match &self.detector {
            Detector::AnyOf(signs) => signs,
            Detector::Always | Detector::Nothing(_) => &[],
        }
    }

    /// The address of the pull request.
    #[must_use]
    pub fn address(&self) -> String {
        format!(
            "https://github.com/kubernetes/kubernetes/pull/{}",
            self.id.pull_request
        )
    }
}

/// All changes of behaviour that are known.
#[derive(Clone, Debug)]
pub struct Behaviours {
    facts: Vec<Behaviour>,
}

impl Family for Behaviours {
    /// Fails too where a fact gives way to one that is not there.
    fn read_from(files: &Files) -> Result<Self, Error> {
        let table = files.table("kubernetes/behaviour.csv", &SCHEMA)?;
        let facts: Vec<Behaviour> = table.records().map(read).collect::<Result<_, _>>()?;
        let known: BTreeSet<(Minor, u32)> = facts
            .iter()
            .map(|fact| (fact.id.minor, fact.id.pull_request))
            .collect();
        for (fact, record) in facts.iter().zip(table.records()) {
            if let Detector::Nothing(Reason::SupersededBy {
                minor,
                pull_request,
            }) = fact.detector
                && !known.contains(&(minor, pull_request))
            {
                return Err(record.contradiction("no fact of the one it gives way to"));
            }
        }
        Ok(Self { facts })
    }
}

impl Behaviours {
    /// All facts, by minor, pull request and part.
    #[must_use]
    pub fn all(&self) -> &[Behaviour] {
        &self.facts
    }

    /// What changes on the way from `from` to `to`: not what came with `from`
    /// itself, and all that comes with `to`.
    pub fn between(&self, from: Minor, to: Minor) -> impl Iterator<Item = &Behaviour> {
        self.facts
            .iter()
            .filter(move |fact| from < fact.id.minor && fact.id.minor <= to)
    }

    /// What `actor` has to act on between the two, bounds as in [`Self::between`].
    pub fn to_do(&self, from: Minor, to: Minor, actor: Actor) -> impl Iterator<Item = &Behaviour> {
        self.between(from, to)
            .filter(move |fact| fact.actors().contains(&actor))
    }

    /// The facts that have a sign of `form`.
    pub fn shown_by(&self, form: Form) -> impl Iterator<Item = &Behaviour> {
        self.facts
            .iter()
            .filter(move |fact| fact.signs().iter().any(|sign| sign.form() == form))
    }

    /// The changes that one pull request makes in one minor.
    pub fn of(&self, minor: Minor, pull_request: u32) -> impl Iterator<Item = &Behaviour> {
        self.facts
            .iter()
            .filter(move |fact| fact.id.minor == minor && fact.id.pull_request == pull_request)
    }
}

fn read(record: Record<'_>) -> Result<Behaviour, Error> {
    let id = FactId {
        minor: record.value("minor", "a minor")?,
        pull_request: record.value("pr", "the number of a pull request")?,
        part: record.value("part", "a number from 1 on")?,
    };
    if id.part == 0 {
        return Err(record.refuse("part", "a number from 1 on"));
    }
    let detector: Detector = record.value("detector", "a detector as behaviour.rs has them")?;
    let without = record.text("without").to_owned();
    if matches!(detector, Detector::Nothing(_)) == without.is_empty() {
        return Err(record.contradiction("`without` says why the detector is none, and only then"));
    }
    let action = record.text("action");
    let act = if record.text("who") == "nobody" {
        Act::Nobody
    } else {
        Act::By {
            actors: list(record, "who", Actor::ALL, "names of actors, or nobody")?,
            action: action.to_owned(),
        }
    };
    if (act == Act::Nobody) != action.is_empty() {
        return Err(record.contradiction("there is an action, and only then somebody who acts"));
    }
    Ok(Behaviour {
        id,
        kind: record.choice("kind", ChangeKind::ALL, "a kind of change")?,
        components: list(record, "components", Component::ALL, "names of components")?,
        change: record.required("change")?.to_owned(),
        act,
        detector,
        without,
        basis: record.choice("basis", Basis::ALL, "a basis of behaviour.rs")?,
        source: record.required("source")?.to_owned(),
        source_version: record.required("source_version")?.to_owned(),
        notes: record.text("notes").to_owned(),
    })
}

/// The names in a column, with `+` between them.
fn list<T: Copy>(
    record: Record<'_>,
    column: &'static str,
    known: &[(&'static str, T)],
    wanted: &'static str,
) -> Result<Vec<T>, Error> {
    record
        .required(column)?
        .split('+')
        .map(|text| {
            known
                .iter()
                .find_map(|(name, value)| (*name == text).then_some(*value))
                .ok_or_else(|| record.refuse(column, wanted))
        })
        .collect()
}

#[cfg(test)]
mod tests;
