//! What changes from one release of Kubernetes to another: the page that
//! somebody reads before an upgrade, put together from every family.
//!
//! A change belongs to the span when it comes after the release that runs and
//! not after the one that is aimed at. What only holds outside it is left out.

mod apis;
mod behaviours;
mod components;
mod gates;
mod labels;

use crate::Knowledge;
use refit_model::version::Minor;
use std::collections::BTreeMap;

/// Who must act on a change, in the order in which the page tells them:
/// infrastructure first, because everything else stands on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// Whoever provides machines, runtimes, etcd and networks.
    Infrastructure,
    /// Whoever runs the control plane and the add-ons.
    ClusterOperators,
    /// Whoever deploys applications.
    ApplicationTeams,
    /// Whoever writes controllers, drivers and clients.
    ToolAuthors,
    /// Nobody has to; it is good to know.
    Nobody,
}

impl Who {
    /// As a heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Infrastructure => "infrastructure",
            Self::ClusterOperators => "whoever runs the cluster",
            Self::ApplicationTeams => "application teams",
            Self::ToolAuthors => "authors of controllers, drivers and clients",
            Self::Nobody => "good to know",
        }
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The release with which it comes: a minor, or a patch of one.
    pub with: String,
    /// What changes, as a sentence without its full stop.
    pub what: String,
    /// What to do; empty where nothing is to be done.
    pub act: String,
    /// Where that can be looked up.
    pub source: String,
}

/// Everything that changes after `from` and not after `to`, by who must act. A
/// change that two must act on is told to both.
#[must_use]
pub fn between(knowledge: &Knowledge, from: Minor, to: Minor) -> BTreeMap<Who, Vec<Change>> {
    let mut changes: BTreeMap<Who, Vec<Change>> = BTreeMap::new();
    let span = Span { from, to };
    let all = components::changes(knowledge, span)
        .into_iter()
        .chain(apis::changes(knowledge, span))
        .chain(labels::changes(knowledge, span))
        .chain(gates::changes(knowledge, span))
        .chain(behaviours::changes(knowledge, span));
    for (who, change) in all {
        changes.entry(who).or_default().push(change);
    }
    changes
}

/// The minors after the one that runs, up to the one that is aimed at.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: Minor,
    to: Minor,
}

impl Span {
    fn has(self, minor: Minor) -> bool {
        self.from < minor && minor <= self.to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(from: u16, to: u16) -> Vec<(Who, String)> {
        between(
            Knowledge::embedded(),
            Minor::new(1, from),
            Minor::new(1, to),
        )
        .into_iter()
        .flat_map(|(who, changes)| {
            changes
                .into_iter()
                .map(move |change| (who, format!("{} {}", change.with, change.what)))
        })
        .collect()
    }

    #[test]
    fn each_family_tells_what_comes_in_the_span() {
        for (from, to, who, expected) in [
            (
                24,
                25,
                Who::ApplicationTeams,
                "1.25 policy/v1beta1 PodSecurityPolicy is not served any more",
            ),
            (
                33,
                34,
                Who::Infrastructure,
                "1.34.0 kubeadm installs etcd 3.6",
            ),
            (
                34,
                35,
                Who::Infrastructure,
                "1.35 cgroup v1 keeps this kubelet from starting",
            ),
            (
                33,
                34,
                Who::Infrastructure,
                "1.34 the kubelet has no flag --cloud-config any more",
            ),
            (
                25,
                26,
                Who::Infrastructure,
                "1.26 the flags --add-dir-header, --alsologtostderr, ",
            ),
        ] {
            assert!(
                told(from, to)
                    .iter()
                    .any(|(found, text)| *found == who && text.starts_with(expected)),
                "{expected}: {:#?}",
                told(from, to)
            );
        }
    }

    /// What a change of behaviour says is not said again as the end of a flag.
    #[test]
    fn nothing_is_told_twice() {
        let told = told(33, 34);
        let of_flag = told
            .iter()
            .filter(|(_, text)| text.contains("--cloud-config"));
        assert_eq!(of_flag.count(), 1, "{told:#?}");
    }

    /// What lies between two minors lies between them hop by hop, but for the
    /// images, which are compared with the newest patch of where a hop begins.
    #[test]
    fn the_whole_way_has_what_its_hops_have() {
        let of_images = |text: &str| text.contains("kubeadm installs");
        let plain = |(who, text): (Who, String)| (!of_images(&text)).then_some((who, text));
        for (from, to) in [(20, 24), (30, 36)] {
            let mut whole: Vec<_> = told(from, to).into_iter().filter_map(plain).collect();
            let mut hops: Vec<_> = (from..to)
                .flat_map(|minor| told(minor, minor + 1))
                .filter_map(plain)
                .collect();
            whole.sort();
            hops.sort();
            // A version that is deprecated and removed on the way is told once.
            for told in &whole {
                assert!(hops.contains(told), "{told:?}");
            }
            let lost: Vec<_> = hops
                .iter()
                .filter(|told| !whole.contains(told) && !told.1.contains("is deprecated"))
                .collect();
            assert!(lost.is_empty(), "{lost:#?}");
        }
    }
}
