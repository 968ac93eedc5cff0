//! An assessment beside an earlier one: what is new, what has cleared, and what
//! is only not seen any more.
//!
//! That a finding is gone proves nothing by itself: whoever looks away sees no
//! finding either. It has cleared only when that which showed it was seen this
//! time: the subject again, by the same route, or everything that the subject
//! could be among.

use crate::scene::{Extract, extract};
use refit_model::assessment::{
    Assessment, BaselineUsed, Cleared, Comparison, Coverage, Evidence, Family, Finding,
    NotSeenAgain, Proof, ProofSort, Severity,
};
use refit_model::kubernetes::Writers;
use refit_model::name::{Namespace, ResourceName};
use refit_model::object::{ApiUse, EvidenceTier, Location};
use refit_model::seen::{Extent, Listing, Unseen};
use refit_model::snapshot::{Area, Gap, IdentityBasis, Snapshot};
use std::collections::{BTreeMap, BTreeSet};

/// Why an assessment cannot be compared with an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Incomparable {
    /// They are of two landscapes.
    #[error("it is of {baseline}, and this is {current}")]
    OtherCluster {
        /// The landscape of the earlier one.
        baseline: String,
        /// The landscape of this one.
        current: String,
    },
    /// They are for two targets.
    #[error("it is for Kubernetes {baseline}, and this is for {current}")]
    OtherTarget {
        /// The target of the earlier one.
        baseline: String,
        /// The target of this one.
        current: String,
    },
}

/// Whether `current` can be compared with `baseline`: both are of one landscape
/// and for one target.
///
/// Files that identify no cluster go by the path that they have in common, which
/// is longer when there is one of them only: a path within the other is the same
/// landscape.
///
/// # Errors
/// What tells the two apart.
pub fn comparable(baseline: &Assessment, current: &Assessment) -> Result<(), Incomparable> {
    let (before, now) = (&baseline.metadata.cluster, &current.metadata.cluster);
    let paths = before.basis == IdentityBasis::Given && now.basis == IdentityBasis::Given;
    let alike = before.id == now.id
        || paths && (is_within(&before.name, &now.name) || is_within(&now.name, &before.name));
    if !alike {
        return Err(Incomparable::OtherCluster {
            baseline: before.to_string(),
            current: now.to_string(),
        });
    }
    if baseline.target != current.target {
        return Err(Incomparable::OtherTarget {
            baseline: baseline.target.to_string(),
            current: current.target.to_string(),
        });
    }
    Ok(())
}

/// Where files were looked for: a manifest has gone only when the place where it was
/// is among them.
#[derive(Clone, Copy, Debug)]
pub struct Looked<'a> {
    /// The paths that were looked under; none for a live cluster.
    pub roots: &'a [String],
    /// The files below them that were left out.
    pub left_out: &'a BTreeSet<String>,
}

/// Compares `current`, an assessment of `snapshot`, with `baseline`.
#[must_use]
pub fn compare(
    baseline: &Assessment,
    current: &Assessment,
    snapshot: &Snapshot,
    looked: Looked<'_>,
) -> Comparison {
    let known: BTreeMap<&str, &Finding> = by_id(&baseline.findings);
    let here: BTreeMap<&str, &Finding> = by_id(&current.findings);
    let mut comparison = Comparison {
        baseline: BaselineUsed {
            now: baseline.metadata.now,
            refit: baseline.metadata.refit.clone(),
            knowledge: baseline.metadata.knowledge.clone(),
            findings: baseline.findings.len(),
        },
        new: Vec::new(),
        worse: Vec::new(),
        standing: 0,
        cleared: Vec::new(),
        unseen: Vec::new(),
    };
    for finding in &current.findings {
        match known.get(finding.id.as_str()) {
            None => comparison.new.push(finding.id.clone()),
            Some(before) if is_worse(finding, before) || is_wider(finding, before) => {
                comparison.worse.push(finding.id.clone());
            }
            Some(_) => comparison.standing += 1,
        }
    }
    let look = Look::new(baseline, current, snapshot, looked);
    for finding in &baseline.findings {
        if here.contains_key(finding.id.as_str()) {
            continue;
        }
        let finding = finding.clone();
        match look.proof(&finding) {
            Ok(proof) => comparison.cleared.push(Cleared { finding, proof }),
            Err((because, command)) => comparison.unseen.push(NotSeenAgain {
                finding,
                because,
                command,
            }),
        }
    }
    comparison
}

fn by_id(findings: &[Finding]) -> BTreeMap<&str, &Finding> {
    findings
        .iter()
        .map(|finding| (finding.id.as_str(), finding))
        .collect()
}

/// A finding that somebody accepted weighs nothing, so that one which is not
/// accepted any more is worse than it was. (Severities are ordered worst first.)
fn is_worse(now: &Finding, before: &Finding) -> bool {
    let weight = |finding: &Finding| -> Option<std::cmp::Reverse<Severity>> {
        finding
            .waived
            .is_none()
            .then_some(std::cmp::Reverse(finding.severity))
    };
    weight(now) > weight(before)
}

/// Whether it stands in more files than before, one of them new: of the overlays
/// of two environments the second may be the first's copy, and to the cluster that
/// it is for that is news. A file that was renamed is none.
fn is_wider(now: &Finding, before: &Finding) -> bool {
    fn files(finding: &Finding) -> BTreeSet<&str> {
        let places = finding.evidence.iter();
        places
            .filter_map(|evidence| Some(evidence.location.as_ref()?.file.as_str()))
            .collect()
    }
    let (now_in, before_in) = (files(now), files(before));
    now.waived.is_none() && now_in.len() > before_in.len() && !now_in.is_subset(&before_in)
}

/// The same kind and name, whatever the API version: a manifest that moved to
/// another group is still that object.
type Subject<'s> = (&'s str, Option<&'s str>, &'s str);

fn subject_of(finding: &Finding) -> Subject<'_> {
    (
        &finding.subject.kind,
        finding.subject.namespace.as_deref(),
        &finding.subject.name,
    )
}

/// Why nothing is proven, and the command that would show it.
type Doubt = (String, Option<String>);

/// What was looked at this time.
struct Look<'s> {
    current: &'s Assessment,
    coverage: BTreeMap<Area, &'s Coverage>,
    uses: BTreeMap<Subject<'s>, Vec<&'s ApiUse>>,
    new: BTreeMap<Subject<'s>, Vec<&'s Finding>>,
    extract: Extract,
    same_place: bool,
    kinds: Option<&'s Listing<ResourceName, Writers>>,
    looked: Looked<'s>,
}

impl<'s> Look<'s> {
    fn new(
        baseline: &'s Assessment,
        current: &'s Assessment,
        snapshot: &'s Snapshot,
        looked: Looked<'s>,
    ) -> Self {
        let wanted: BTreeSet<Subject<'_>> = baseline.findings.iter().map(subject_of).collect();
        let mut uses: BTreeMap<Subject<'_>, Vec<&ApiUse>> = BTreeMap::new();
        let side = snapshot.kubernetes.as_ref();
        for used in side.into_iter().flat_map(|side| &side.api_uses) {
            let subject = (
                used.api.kind.as_str(),
                used.object.namespace.as_ref().map(Namespace::as_str),
                used.object.name.as_str(),
            );
            if wanted.contains(&subject) {
                uses.entry(subject).or_default().push(used);
            }
        }
        let known: BTreeSet<&str> = baseline.findings.iter().map(|f| f.id.as_str()).collect();
        let mut new: BTreeMap<Subject<'_>, Vec<&Finding>> = BTreeMap::new();
        for finding in &current.findings {
            if !known.contains(finding.id.as_str()) {
                new.entry(subject_of(finding)).or_default().push(finding);
            }
        }
        Self {
            current,
            coverage: current.coverage.iter().map(|row| (row.area, row)).collect(),
            uses,
            new,
            extract: extract(snapshot),
            same_place: baseline.metadata.cluster.id == current.metadata.cluster.id,
            kinds: side.map(|side| &side.kinds),
            looked,
        }
    }

    /// What proves that `finding` is over.
    fn proof(&self, finding: &Finding) -> Result<Proof, Doubt> {
        self.not_told_otherwise(finding)?;
        let areas = areas(finding);
        // Families share areas: that one was looked at does not mean that what is
        // found in it was asked for.
        let only = &self.current.metadata.only;
        let is_asked =
            only.is_empty() || Family::of(finding.code).is_some_and(|asked| only.contains(&asked));
        let are_asked = areas.iter().all(|area| self.coverage.contains_key(area));
        if !(is_asked && are_asked) {
            return Err((
                "findings of this family were not asked for this time".to_owned(),
                None,
            ));
        }
        let seen = self.seen_by_the_same_routes(finding);
        // A field is of many objects, and what a definition stores or who serves a
        // group is told by more than the version that an object is written in.
        let is_api = decided_by_version(finding);
        if let (true, Some(used)) = (is_api, seen) {
            // The object alone decides what its API version is.
            return Ok(self.seen_fine(finding, used));
        }
        let evidence = &finding.evidence;
        let is_written = evidence
            .iter()
            .all(|one| one.tier == EvidenceTier::Manifest)
            && evidence.iter().any(|one| one.location.is_some());
        if self.extract == Extract::Manifests && is_written {
            self.files_are_whole(finding, is_api)?;
        } else {
            self.areas_are_whole(&areas)?;
            self.is_listed(finding)?;
            self.places_are_seen(finding)?;
        }
        if let Some(used) = seen {
            return Ok(self.seen_fine(finding, used));
        }
        let looked: Vec<String> = areas
            .iter()
            .filter_map(|area| self.coverage.get(area))
            .map(|row| format!("{} ({} seen)", row.area, row.seen))
            .collect();
        Ok(Proof {
            by: ProofSort::Absent,
            detail: format!(
                "nothing like it is among what was looked at without a gap: {}",
                looked.join(", ")
            ),
            location: None,
        })
    }

    /// The same trouble under another code or version has not cleared.
    fn not_told_otherwise(&self, finding: &Finding) -> Result<(), Doubt> {
        let is_one_trouble = match Family::of(finding.code) {
            Some(Family::Api | Family::Workloads) => true,
            // Their subjects have several troubles at a time.
            Some(
                Family::Versions
                | Family::Nodes
                | Family::Webhooks
                | Family::Projects
                | Family::Behaviour
                | Family::Juju
                | Family::Untouched,
            )
            | None => false,
        };
        let others = self.new.get(&subject_of(finding)).into_iter().flatten();
        let other = others
            .filter(|other| other.code.family() == finding.code.family())
            .find(|other| other.severity <= finding.severity);
        match other {
            Some(other) if is_one_trouble => Err((
                format!(
                    "{} is now told of as {}: {}",
                    other.subject, other.code, other.title
                ),
                None,
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// The object, when each route that showed the finding has shown it again.
    fn seen_by_the_same_routes(&self, finding: &Finding) -> Option<&'s ApiUse> {
        let uses = self.uses.get(&subject_of(finding))?;
        let again = |shown: &Evidence| {
            uses.iter().copied().find(|used| {
                used.tier == shown.tier
                    && match used.tier {
                        EvidenceTier::Manifest => {
                            let file =
                                |at: &'_ Option<Location>| at.as_ref().map(|at| at.file.clone());
                            file(&used.location) == file(&shown.location)
                        }
                        EvidenceTier::HelmManifest => used.by == shown.source,
                        EvidenceTier::OvertakenAnnotation
                        | EvidenceTier::LastApplied
                        | EvidenceTier::ManagedFields
                        | EvidenceTier::ServerWarning
                        | EvidenceTier::LiveObject => true,
                    }
            })
        };
        let mut found = None;
        for shown in &finding.evidence {
            found = Some(again(shown)?);
        }
        found
    }

    fn seen_fine(&self, finding: &Finding, used: &ApiUse) -> Proof {
        Proof {
            by: ProofSort::SeenFine,
            detail: format!(
                "{} was seen again, as {} ({}), and nothing of the kind is to be said of it at {}",
                finding.subject, used.api, used.tier, self.current.target
            ),
            location: used.location.clone(),
        }
    }

    /// Whether every manifest that could be it was read.
    fn files_are_whole(&self, finding: &Finding, is_api: bool) -> Result<(), Doubt> {
        let broken = self
            .current
            .coverage
            .iter()
            .flat_map(|row| &row.gaps)
            .find(|gap| matches!(gap.why, Unseen::Failed(_) | Unseen::Forbidden(_)));
        if let Some(gap) = broken {
            return Err(doubt(gap));
        }
        // What a finding about several objects rests on is not all in its
        // evidence; the same files must have been read.
        if !is_api && !self.same_place {
            return Err((
                "other files were read than for the baseline".to_owned(),
                None,
            ));
        }
        self.places_are_seen(finding)
    }

    /// Whether every place where the finding stood in a manifest was looked at.
    fn places_are_seen(&self, finding: &Finding) -> Result<(), Doubt> {
        let places = finding
            .evidence
            .iter()
            .filter(|one| one.tier == EvidenceTier::Manifest)
            .filter_map(|one| one.location.as_ref());
        for place in places {
            // What is inside a file stands behind this mark.
            let file = place.file.split(" » ").next().unwrap_or(&place.file);
            let Looked { roots, left_out } = self.looked;
            if !roots.iter().any(|root| is_within(file, root)) {
                return Err((format!("{file} was not looked at this time"), None));
            }
            if left_out.contains(file) {
                return Err((
                    format!("{file} was left out this time, as git does; --no-ignore reads it"),
                    None,
                ));
            }
        }
        Ok(())
    }

    /// Whether the kinds whose objects showed the finding were all listed, and with
    /// what showed it: the areas speak of the kinds that every cluster is asked for.
    fn is_listed(&self, finding: &Finding) -> Result<(), Doubt> {
        let shown = |tiers: &[EvidenceTier]| {
            let mut evidence = finding.evidence.iter();
            evidence.any(|one| tiers.contains(&one.tier))
        };
        let (subject, version) = (&finding.subject, &finding.subject.api_version);
        let group = version.split_once('/').map_or("", |(group, _)| group);
        let of_cluster = [
            EvidenceTier::LiveObject,
            EvidenceTier::LastApplied,
            EvidenceTier::ManagedFields,
            EvidenceTier::OvertakenAnnotation,
        ];
        let own = (!version.is_empty() && shown(&of_cluster))
            .then(|| ResourceName::of(group, &subject.kind).ok())
            .flatten();
        // Which node a volume is bound to stands in the volume.
        let volumes = (finding.code == crate::codes::LOCAL_VOLUME.code)
            .then(|| ResourceName::of("", "PersistentVolume").ok())
            .flatten();
        let Some(kinds) = self.kinds.filter(|kinds| kinds.extent != Extent::Whole) else {
            return Ok(());
        };
        for name in own.iter().chain(&volumes) {
            let mut listed = kinds.items.iter();
            let found = listed.find(|(listed, _)| listed.plural() == name.plural());
            let command = || {
                let plural = name.plural();
                Some(format!(
                    "kubectl get {name} -A --show-managed-fields -o yaml > {plural}.yaml"
                ))
            };
            match found {
                None => {
                    let text = format!("the {} were not all listed this time", name.plural());
                    return Err((text, command()));
                }
                Some((_, Writers::LeftOut)) if shown(&[EvidenceTier::ManagedFields]) => {
                    let text = format!(
                        "the {} were read without the managed fields that showed it",
                        name.plural()
                    );
                    return Err((text, command()));
                }
                Some((_, Writers::LeftOut | Writers::Told)) => {}
            }
        }
        Ok(())
    }

    fn areas_are_whole(&self, areas: &[Area]) -> Result<(), Doubt> {
        let gap = areas
            .iter()
            .filter_map(|area| self.coverage.get(area))
            .flat_map(|row| &row.gaps)
            .next();
        gap.map_or(Ok(()), |gap| Err(doubt(gap)))
    }
}

fn doubt(gap: &Gap) -> Doubt {
    (
        format!("not seen this time: {}: {}", gap.what, gap.why),
        gap.command.clone(),
    )
}

/// Whether the API version that an object is written in decides the finding.
fn decided_by_version(finding: &Finding) -> bool {
    use crate::codes::{
        API_ALREADY_REMOVED, API_DEPRECATED, API_NOT_KNOWN, API_NOT_YET, API_OFF_BY_DEFAULT,
        API_REMOVED,
    };
    [
        API_REMOVED.code,
        API_ALREADY_REMOVED.code,
        API_DEPRECATED.code,
        API_OFF_BY_DEFAULT.code,
        API_NOT_KNOWN.code,
        API_NOT_YET.code,
    ]
    .contains(&finding.code)
}

/// The areas that show whether a finding is still there: those that its rule
/// reads, by code, and for uses of APIs by the route that showed them.
fn areas(finding: &Finding) -> Vec<Area> {
    let number = finding.code.number();
    let stored_by_helm = finding
        .evidence
        .iter()
        .any(|one| one.tier == EvidenceTier::HelmManifest);
    let with_releases = |mut areas: Vec<Area>| {
        if stored_by_helm {
            areas.push(Area::Releases);
        }
        areas
    };
    let Some(family) = Family::of(finding.code) else {
        return Area::ALL.to_vec();
    };
    match family {
        Family::Api => match number {
            111 => vec![Area::Definitions],
            112 => vec![Area::ApiServices],
            _ => with_releases(vec![Area::Apis]),
        },
        // From 111 on they compare components with each other.
        Family::Versions if number < 111 => vec![Area::ControlPlane],
        Family::Versions => vec![Area::ControlPlane, Area::Nodes],
        Family::Nodes => vec![Area::Nodes],
        Family::Workloads => match number {
            101..=109 => vec![Area::Workloads, Area::Budgets],
            // The Services are read with what webhooks need.
            113 => vec![Area::Workloads, Area::Webhooks],
            _ => vec![Area::Workloads],
        },
        Family::Webhooks => match number {
            104 => vec![Area::Definitions, Area::Webhooks, Area::Workloads],
            _ => vec![Area::Webhooks, Area::Workloads],
        },
        Family::Projects => with_releases(vec![Area::Workloads]),
        // Its own area always lacks something; what shows a change stands in these.
        Family::Behaviour => vec![Area::Apis, Area::Nodes, Area::Workloads],
        Family::Juju => vec![Area::Juju],
        Family::Untouched => match number {
            101 => vec![Area::Workloads],
            102 => vec![Area::Releases],
            103 => vec![Area::Definitions],
            _ => Family::Untouched.areas().to_vec(),
        },
    }
}

/// Whether `path` is `root` or lies under it; `./a` and `a` are one.
fn is_within(path: &str, root: &str) -> bool {
    let parts = |path: &'_ str| -> Vec<String> {
        path.split('/')
            .filter(|part| !matches!(*part, "." | ""))
            .map(str::to_owned)
            .collect()
    };
    path.starts_with('/') == root.starts_with('/') && parts(path).starts_with(&parts(root))
}
