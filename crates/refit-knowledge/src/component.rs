//! What a cluster stands on beside Kubernetes itself: the images that kubeadm
//! brings along, the steps of etcd, and what nodes must have.

use crate::files::{Family, Files};
use crate::table::{Error, Schema};
use refit_model::version::{KubeVersion, Minor};
use std::collections::BTreeMap;

/// The columns of `kubernetes/component-images.csv`.
pub const IMAGES: Schema = Schema {
    format: "refit-knowledge/component-images/1",
    columns: &[
        "kubernetes",
        "etcd",
        "coredns",
        "pause",
        "min_external_etcd",
        "basis",
    ],
    key: 1,
};

/// The columns of `kubernetes/etcd-steps.csv`.
pub const ETCD_STEPS: Schema = Schema {
    format: "refit-knowledge/etcd-steps/1",
    columns: &["from", "to", "at_least", "source", "notes"],
    key: 2,
};

/// The columns of `kubernetes/floors.csv`.
pub const FLOORS: Schema = Schema {
    format: "refit-knowledge/floors/1",
    columns: &[
        "subject",
        "kubernetes",
        "at_least",
        "effect",
        "stated_by",
        "source",
        "notes",
    ],
    key: 3,
};

/// What kubeadm of one release installs beside that release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Images {
    /// The release.
    pub kubernetes: KubeVersion,
    /// The tag of etcd, such as `3.5.24-0`.
    pub etcd: KubeVersion,
    /// The version of CoreDNS.
    pub coredns: KubeVersion,
    /// The tag of the pause image.
    pub pause: String,
    /// The oldest etcd outside of the cluster that kubeadm accepts, where the
    /// source of that release was read.
    pub min_external_etcd: Option<KubeVersion>,
    /// Who says so.
    pub basis: ImagesBasis,
}

/// Who says which images a release brings along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImagesBasis {
    /// A list written from what kubeadm of each release answers.
    List,
    /// The source of kubeadm.
    Constants,
    /// Both, and they agree.
    Both,
}

/// One step of etcd from one minor to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EtcdStep {
    /// The minor that it starts from. These are etcd's own minors.
    pub from: Minor,
    /// The minor that it ends at.
    pub to: Minor,
    /// What every member should run before the first moves.
    pub at_least: Option<KubeVersion>,
    /// Where that is said.
    pub source: String,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

/// The steps between two releases of etcd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EtcdPath<'c> {
    /// Some step between the two is not among the facts.
    NotKnown,
    /// The steps in order; none within one minor.
    Steps(Vec<&'c EtcdStep>),
    /// The goal is an older minor than the start: no rolling upgrade leads there.
    Backwards,
}

/// What a floor is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FloorSubject {
    /// containerd as the container runtime of a node.
    Containerd,
    /// Docker as the container runtime of a node.
    Docker,
    /// The first version of control groups on a node.
    CgroupV1,
    /// The kernel of a node, as kubeadm looks at it.
    Kernel,
}

/// What happens to a node below a floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FloorEffect {
    /// The kubelet does not work with it any more.
    Removed,
    /// The kubelet does not start with it unless it is told to.
    OffByDefault,
    /// kubeadm's checks before it acts refuse it, unless told to go on.
    Refused,
    /// kubeadm's checks before it acts warn of it.
    Warned,
    /// Something that the notes name does not work.
    Degraded,
    /// It works, and its end is decided.
    Deprecated,
    /// Announced for that minor; announcements move.
    Scheduled,
}

/// From one minor of Kubernetes on, what a node must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Floor {
    /// What it is about.
    pub subject: FloorSubject,
    /// The first minor of the kubelet for which it holds.
    pub kubernetes: Minor,
    /// The oldest release that is good enough; `None` where none is.
    pub at_least: Option<KubeVersion>,
    /// What happens below it.
    pub effect: FloorEffect,
    /// The newest minor whose own notes say so.
    pub stated_by: Minor,
    /// Where that is said.
    pub source: String,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

/// What is known of components.
#[derive(Clone, Debug)]
pub struct Components {
    images: BTreeMap<KubeVersion, Images>,
    steps: Vec<EtcdStep>,
    floors: Vec<Floor>,
}

impl Family for Components {
    /// Fails also where an image's version is none, or a step of etcd does not
    /// lead to the next minor.
    fn read_from(files: &Files) -> Result<Self, Error> {
        const RELEASE: &str = "a release such as 1.34.2";
        const MINOR: &str = "a minor such as 1.34";
        let mut images = BTreeMap::new();
        for record in files
            .table("kubernetes/component-images.csv", &IMAGES)?
            .records()
        {
            let kubernetes: KubeVersion = record.value("kubernetes", RELEASE)?;
            let row = Images {
                kubernetes: kubernetes.clone(),
                etcd: record.value("etcd", "a tag such as 3.5.24-0")?,
                coredns: record.value("coredns", "a version such as 1.12.1")?,
                pause: record.required("pause")?.to_owned(),
                min_external_etcd: record
                    .optional("min_external_etcd", "a tag such as 3.5.24-0")?,
                basis: record.choice(
                    "basis",
                    &[
                        ("list", ImagesBasis::List),
                        ("constants", ImagesBasis::Constants),
                        ("constants+list", ImagesBasis::Both),
                    ],
                    "list, constants or constants+list",
                )?,
            };
            images.insert(kubernetes, row);
        }
        let mut steps: Vec<EtcdStep> = Vec::new();
        for record in files
            .table("kubernetes/etcd-steps.csv", &ETCD_STEPS)?
            .records()
        {
            let step = EtcdStep {
                from: record.value("from", MINOR)?,
                to: record.value("to", MINOR)?,
                at_least: record.optional("at_least", RELEASE)?,
                source: record.required("source")?.to_owned(),
                notes: record.text("notes").to_owned(),
            };
            if step.from.next() != step.to {
                return Err(record.contradiction("a step of etcd does not lead to the next minor"));
            }
            if step
                .at_least
                .as_ref()
                .is_some_and(|least| least.minor() != step.from)
            {
                return Err(
                    record.contradiction("the least release is not of the minor it starts from")
                );
            }
            steps.push(step);
        }
        let mut floors = Vec::new();
        for record in files.table("kubernetes/floors.csv", &FLOORS)?.records() {
            floors.push(Floor {
                subject: record.choice(
                    "subject",
                    &[
                        ("cgroup-v1", FloorSubject::CgroupV1),
                        ("containerd", FloorSubject::Containerd),
                        ("docker", FloorSubject::Docker),
                        ("kernel", FloorSubject::Kernel),
                    ],
                    "cgroup-v1, containerd or docker",
                )?,
                kubernetes: record.value("kubernetes", MINOR)?,
                at_least: record.optional("at_least", RELEASE)?,
                effect: record.choice(
                    "effect",
                    &[
                        ("removed", FloorEffect::Removed),
                        ("off-by-default", FloorEffect::OffByDefault),
                        ("degraded", FloorEffect::Degraded),
                        ("refused", FloorEffect::Refused),
                        ("warned", FloorEffect::Warned),
                        ("deprecated", FloorEffect::Deprecated),
                        ("scheduled", FloorEffect::Scheduled),
                    ],
                    "removed, off-by-default, degraded, deprecated or scheduled",
                )?,
                stated_by: record.value("stated_by", MINOR)?,
                source: record.required("source")?.to_owned(),
                notes: record.text("notes").to_owned(),
            });
        }
        Ok(Self {
            images,
            steps,
            floors,
        })
    }
}

impl Components {
    /// What kubeadm installs at `release`; `None` where that is not known.
    #[must_use]
    pub fn images(&self, release: &KubeVersion) -> Option<&Images> {
        // Distributions append to the release and keep what it installs.
        let upstream = KubeVersion::new(release.minor(), release.patch());
        self.images.get(&upstream)
    }

    /// What kubeadm installs at the newest known patch of `minor`.
    #[must_use]
    pub fn newest_images(&self, minor: Minor) -> Option<&Images> {
        self.images
            .values()
            .rev()
            .find(|row| row.kubernetes.minor() == minor)
    }

    /// All releases that are known, in order.
    pub fn all_images(&self) -> impl Iterator<Item = &Images> {
        self.images.values()
    }

    /// The steps of etcd that lie between two of its releases.
    #[must_use]
    pub fn etcd_steps(&self, from: &KubeVersion, to: &KubeVersion) -> EtcdPath<'_> {
        let (from, to) = (from.minor(), to.minor());
        if from > to {
            return EtcdPath::Backwards;
        }
        let mut steps = Vec::new();
        let mut at = from;
        while at != to {
            let Some(step) = self.steps.iter().find(|step| step.from == at) else {
                return EtcdPath::NotKnown;
            };
            at = step.to;
            steps.push(step);
        }
        EtcdPath::Steps(steps)
    }

    /// The floors about `subject` that hold for a kubelet of `minor`, and those
    /// that are announced for later.
    pub fn floors(&self, subject: FloorSubject) -> impl Iterator<Item = &Floor> {
        self.floors
            .iter()
            .filter(move |floor| floor.subject == subject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Knowledge;

    fn components() -> &'static Components {
        Knowledge::embedded().components()
    }

    fn version(text: &str) -> KubeVersion {
        text.parse().unwrap()
    }

    #[test]
    fn what_kubeadm_installs() {
        let check = |release: &str, expected: Option<[&str; 3]>| {
            let found = components().images(&version(release)).map(|row| {
                [
                    row.etcd.to_string(),
                    row.coredns.to_string(),
                    row.pause.clone(),
                ]
            });
            let expected = expected.map(|[etcd, coredns, pause]| {
                [
                    version(etcd).to_string(),
                    version(coredns).to_string(),
                    pause.to_owned(),
                ]
            });
            assert_eq!(found, expected, "{release}");
        };
        check("1.16.15", Some(["3.3.15-0", "1.6.2", "3.1"]));
        check("1.31.0", Some(["3.5.15-0", "1.11.1", "3.10"]));
        // Raised within the minor.
        check("1.31.14", Some(["3.5.24-0", "1.11.3", "3.10"]));
        check("1.37.2", Some(["3.7.0-0", "1.14.6", "3.10.2"]));
        check("1.34.3+k3s1", Some(["3.6.5-0", "1.12.1", "3.10.1"]));
        check("1.38.0", None);
        check("1.17.10", None);
    }

    /// Every minor that is covered has its first release, and the newest patch
    /// that the calendar knows.
    #[test]
    fn every_minor_is_there() {
        let knowledge = Knowledge::embedded();
        let (first, last) = knowledge.covers();
        for minor in std::iter::once(first).chain(first.up_to(last)) {
            assert!(
                components().images(&KubeVersion::new(minor, 0)).is_some(),
                "{minor}.0"
            );
            if let Some(release) = knowledge.calendar().release(minor) {
                assert!(
                    components().images(&release.latest).is_some(),
                    "{}",
                    release.latest
                );
            }
        }
    }

    /// No release takes etcd back to an older minor of its own: it could not
    /// start on the data.
    #[test]
    fn etcd_only_goes_forward() {
        let mut before: Option<&Images> = None;
        for row in components().all_images() {
            if let Some(before) = before {
                assert!(
                    before.etcd.minor() <= row.etcd.minor()
                        || before.kubernetes.minor() != row.kubernetes.minor(),
                    "{}",
                    row.kubernetes
                );
            }
            before = Some(row);
        }
    }

    #[test]
    fn steps_of_etcd() {
        let steps =
            |from: &str, to: &str| match components().etcd_steps(&version(from), &version(to)) {
                EtcdPath::NotKnown => "not known".to_owned(),
                EtcdPath::Backwards => "backwards".to_owned(),
                EtcdPath::Steps(steps) => steps
                    .iter()
                    .map(|step| {
                        let least = step.at_least.as_ref().map(ToString::to_string);
                        format!("{} {}", step.to, least.unwrap_or_default())
                    })
                    .collect::<Vec<_>>()
                    .join(", "),
            };
        assert_eq!(steps("3.5.24-0", "3.6.5-0"), "3.6 v3.5.32");
        assert_eq!(
            steps("3.4.13-0", "3.7.0-0"),
            "3.5 , 3.6 v3.5.32, 3.7 v3.6.11"
        );
        assert_eq!(steps("3.5.6-0", "3.5.24-0"), "");
        assert_eq!(steps("3.6.5-0", "3.5.24-0"), "backwards");
        assert_eq!(steps("3.7.0-0", "3.8.0-0"), "not known");
        assert_eq!(steps("3.2.24", "3.4.3-0"), "not known");
    }

    /// A floor that is only announced is stated by the newest minor, and one
    /// that holds is not announced any more.
    #[test]
    fn announced_floors_are_stated_by_the_newest_minor() {
        let (_, last) = Knowledge::embedded().covers();
        for subject in [
            FloorSubject::CgroupV1,
            FloorSubject::Containerd,
            FloorSubject::Docker,
            FloorSubject::Kernel,
        ] {
            assert!(components().floors(subject).next().is_some());
            for floor in components().floors(subject) {
                match floor.effect {
                    FloorEffect::Scheduled => {
                        assert_eq!(floor.stated_by, last);
                        assert!(floor.kubernetes > last);
                    }
                    FloorEffect::Removed
                    | FloorEffect::OffByDefault
                    | FloorEffect::Refused
                    | FloorEffect::Warned
                    | FloorEffect::Degraded
                    | FloorEffect::Deprecated => assert!(floor.kubernetes <= last),
                }
            }
        }
    }
}
