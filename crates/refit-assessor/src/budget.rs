//! Disruption budgets: which of them a drain would wait on for ever.
//!
//! The rules are those of the eviction subresource and of the disruption
//! controller, as measured on 1.36.3: which pods a budget holds, what it expects,
//! and when it opens.

mod expected;

use crate::codes;
use crate::finding::{count, finding, identity, named, subject};
use crate::scene::{Extract, Found, Named, Scene, gap, pods_beside};
use expected::{Expected, expected};
use refit_model::assessment::{Evidence, Finding, Severity};
use refit_model::budget::{Amount, Bound, Budget, BudgetStatus, UnhealthyPods};
use refit_model::code::CodePage;
use refit_model::kubernetes::{Kubernetes, Phase, Pod, Workload, WorkloadKey, WorkloadKind};
use refit_model::name::{Key, Namespace};
use refit_model::object::Application;
use refit_model::seen::{Extent, Seen};
use refit_model::snapshot::Area;
use std::collections::BTreeMap;
use std::fmt;

/// How many pods a sentence names before it only counts them.
const NAMED_PODS: usize = 20;

/// A budget and what stands under it.
struct Cover<'s> {
    key: &'s Key,
    budget: &'s Budget,
    /// Every pod that the selector matches, as the controller counts.
    pods: Vec<Named<'s>>,
    /// Those of them that a drain evicts and that the budget holds back.
    held: Vec<Named<'s>>,
    /// The top workloads whose pods would match; only asked where pods may be missing.
    workloads: Vec<(&'s WorkloadKey, &'s Workload)>,
    /// Whether there can be pods that were not seen.
    pods_may_be_missing: bool,
}

/// What budgets can hold, by namespace: asking all of it for every budget was an
/// eighth of the time of an assessment of 50,000 files.
struct Beside<'s> {
    pods: BTreeMap<&'s Namespace, Vec<Named<'s>>>,
    /// Those that nothing owns.
    workloads: BTreeMap<&'s Namespace, Vec<(&'s WorkloadKey, &'s Workload)>>,
}

/// What a budget covers: a pod, or where none was seen those of a workload.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Covered<'s> {
    Pod(&'s Key),
    PodsOf(&'s WorkloadKey),
}

impl fmt::Display for Covered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pod(key) => key.fmt(f),
            Self::PodsOf(workload) => write!(f, "those of {workload}"),
        }
    }
}

impl Covered<'_> {
    fn application(self, kubernetes: &Kubernetes) -> Option<Application> {
        match self {
            Self::Pod(key) => Some(kubernetes.pods.items.get(key)?.application.clone()),
            Self::PodsOf(key) => Some(kubernetes.workloads.items.get(key)?.application.clone()),
        }
    }
}

/// Findings about disruption budgets.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let mut found = Found::default();
    let Some(kubernetes) = scene.kubernetes() else {
        return found;
    };
    let beside = Beside {
        pods: pods_beside(kubernetes, kubernetes.budgets.items.keys()),
        workloads: workloads_beside(kubernetes),
    };
    let mut unread = Vec::new();
    let mut covers: BTreeMap<Covered<'_>, Vec<&Key>> = BTreeMap::new();
    for (key, budget) in &kubernetes.budgets.items {
        let cover = cover(kubernetes, &beside, key, budget);
        let held = cover.held.iter().map(|(pod, _)| Covered::Pod(pod));
        // Where pods were seen, they tell of their workloads.
        let evicted = cover.pods.is_empty() && !cover.is_over_daemons_only();
        let workloads = cover.workloads.iter().filter(|_| evicted);
        let workloads = workloads.map(|(workload, _)| Covered::PodsOf(workload));
        for covered in held.chain(workloads) {
            covers.entry(covered).or_default().push(key);
        }
        match judge(scene, kubernetes, &cover) {
            Judged::Fine => {}
            Judged::Found(finding) => found.findings.push(*finding),
            Judged::NotSeen => unread.push(key),
        }
    }
    found.findings.extend(overlaps(scene, kubernetes, &covers));
    if let Some(first) = unread.first()
        && let Some(budget) = kubernetes.budgets.items.get(*first)
        && let Seen::Gap(why) = &budget.status
    {
        found.gaps.push(gap(
            Area::Budgets,
            format!(
                "whether {} let pods go: {}",
                count(unread.len(), "budget", "budgets"),
                named(&unread, NAMED_PODS)
            ),
            why.clone(),
            "kubectl get poddisruptionbudgets --all-namespaces -o yaml",
        ));
    }
    found
}

fn workloads_beside(
    kubernetes: &Kubernetes,
) -> BTreeMap<&Namespace, Vec<(&WorkloadKey, &Workload)>> {
    let mut beside: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (key, workload) in &kubernetes.workloads.items {
        if workload.owner.is_none() {
            let others = beside.entry(&key.namespace).or_default();
            others.push((key, workload));
        }
    }
    beside
}

fn cover<'s>(
    kubernetes: &'s Kubernetes,
    beside: &Beside<'s>,
    key: &'s Key,
    budget: &'s Budget,
) -> Cover<'s> {
    let matches = |labels| {
        budget
            .selector
            .as_ref()
            .is_some_and(|selector| selector.matches(labels))
    };
    let pods: Vec<Named<'s>> = key
        .namespace
        .as_ref()
        .and_then(|namespace| beside.pods.get(namespace))
        .into_iter()
        .flatten()
        .copied()
        .filter(|(_, pod)| matches(&pod.labels))
        .collect();
    let pods_may_be_missing = !matches!(kubernetes.pods.extent, Extent::Whole);
    let workloads = key
        .namespace
        .as_ref()
        .filter(|_| pods_may_be_missing)
        .and_then(|namespace| beside.workloads.get(namespace))
        .into_iter()
        .flatten()
        .copied()
        .filter(|(_, workload)| matches(&workload.pod_labels))
        .collect();
    Cover {
        key,
        budget,
        held: pods
            .iter()
            .copied()
            .filter(|(_, pod)| is_held(pod))
            .collect(),
        pods,
        workloads,
        pods_may_be_missing,
    }
}

/// Whether a drain evicts the pod and the eviction asks the pod's budgets. Those
/// that have ended, have not started or are going already are let go at once.
fn is_held(pod: &Pod) -> bool {
    let asks = match pod.phase {
        Phase::Running | Phase::Unknown => true,
        Phase::Pending | Phase::Succeeded | Phase::Failed => false,
    };
    asks && !pod.terminating && pod.is_drained()
}

/// What one budget comes to.
enum Judged {
    Fine,
    Found(Box<Finding>),
    /// It depends on a status that was not seen.
    NotSeen,
}

fn judge(scene: &Scene<'_>, kubernetes: &Kubernetes, cover: &Cover<'_>) -> Judged {
    let found = |finding| Judged::Found(Box::new(finding));
    let nothing_to_hold =
        cover.is_over_daemons_only() || (!cover.pods_may_be_missing && cover.held.is_empty());
    let status = cover.budget.status.get();
    if let Some(why) = status.and_then(|status| status.sync_failure.as_ref()) {
        // It holds nothing now, but it will hold the next pod that starts.
        let severity = if nothing_to_hold {
            Severity::Warning
        } else {
            Severity::Blocking
        };
        return found(cannot_sync(scene, cover, severity, why));
    }
    if cover.is_over_daemons_only()
        && let Expected::Uncountable(why) = expected(kubernetes, cover)
    {
        // It holds nothing up, and the controller complains all the same.
        return found(cannot_sync(scene, cover, Severity::Warning, &why));
    }
    if nothing_to_hold || cover.budget.selector.is_none() {
        return Judged::Fine;
    }
    if let Some(status) = status
        && status.is_current(cover.budget.generation)
        && status.disruptions_allowed > 0
    {
        return Judged::Fine;
    }
    // Manifests are all that there will be, where none of them makes such pods.
    let is_all = !cover.pods_may_be_missing
        || (scene.extract == Extract::Manifests && cover.workloads.is_empty());
    let only_bare =
        !cover.pods.is_empty() && is_all && cover.pods.iter().all(|(_, pod)| pod.is_bare());
    match (&cover.budget.bound, only_bare) {
        (Some(bound), true) if adds_up_replicas(bound) => {
            return found(over_bare_pods(scene, cover, bound));
        }
        (Some(_) | None, true | false) => {}
    }
    match expected(kubernetes, cover) {
        Expected::Uncountable(why) => {
            return found(cannot_sync(scene, cover, Severity::Blocking, &why));
        }
        Expected::Pods(expected) => {
            if never_opens(cover.budget.bound.as_ref(), expected) {
                return found(never(scene, cover, Some(expected)));
            }
        }
        Expected::NotSeen => {
            if closed_whatever_comes(cover.budget.bound.as_ref()) {
                return found(never(scene, cover, None));
            }
        }
    }
    match status {
        None => Judged::NotSeen,
        Some(status) if !status.is_current(cover.budget.generation) => {
            found(not_yet_counted(scene, cover, status))
        }
        Some(status) if keeps_somebody(cover, status) => found(closed(scene, cover, status)),
        Some(_) => Judged::Fine,
    }
}

/// Whether the controller adds up the replicas of controllers, instead of
/// counting pods.
const fn adds_up_replicas(bound: &Bound) -> bool {
    match bound {
        Bound::MinAvailable(Amount::Pods(_)) => false,
        Bound::MinAvailable(Amount::Percent(_)) | Bound::MaxUnavailable(_) => true,
    }
}

/// Whether the bound leaves none of `expected` pods to spare.
fn never_opens(bound: Option<&Bound>, expected: u32) -> bool {
    bound.is_none_or(|bound| expected > 0 && bound.desired_healthy(expected) >= expected)
}

/// Whether the bound leaves nothing to spare out of any number of pods.
fn closed_whatever_comes(bound: Option<&Bound>) -> bool {
    match bound {
        None => true,
        Some(Bound::MinAvailable(Amount::Percent(share))) => *share >= 100,
        Some(Bound::MinAvailable(Amount::Pods(_))) => false,
        Some(Bound::MaxUnavailable(Amount::Pods(most) | Amount::Percent(most))) => *most == 0,
    }
}

/// Whether a closed budget holds back a pod at all: one that is not ready may go
/// without it, always or while the others are enough, as its policy has it.
fn keeps_somebody(cover: &Cover<'_>, status: &BudgetStatus) -> bool {
    let unready_may_go = match cover.budget.unhealthy {
        UnhealthyPods::AlwaysAllow => true,
        UnhealthyPods::IfHealthyBudget => {
            status.desired_healthy > 0 && status.current_healthy >= status.desired_healthy
        }
    };
    cover.pods_may_be_missing
        || cover
            .held
            .iter()
            .any(|(_, pod)| !(unready_may_go && pod.ready == Seen::Is(false)))
}

impl Cover<'_> {
    /// Whether no pod was seen, and those that would be are left where they are by
    /// every drain.
    fn is_over_daemons_only(&self) -> bool {
        let mut kinds = self.workloads.iter().map(|(key, _)| key.kind);
        self.pods.is_empty()
            && !self.workloads.is_empty()
            && kinds.all(|kind| kind == WorkloadKind::DaemonSet)
    }

    fn application(&self) -> Option<Application> {
        let pod = self.held.first().or_else(|| self.pods.first());
        pod.map(|(_, pod)| pod.application.clone()).or_else(|| {
            self.workloads
                .first()
                .map(|(_, workload)| workload.application.clone())
        })
    }

    /// What stands under the budget, in words.
    fn pods_in_words(&self) -> String {
        if !self.pods.is_empty() {
            let names = self.pods.iter().map(|(key, _)| &key.name);
            format!(
                "it covers {}: {}",
                count(self.pods.len(), "pod", "pods"),
                named(names, NAMED_PODS)
            )
        } else if self.workloads.is_empty() {
            "which pods it covers was not seen".to_owned()
        } else {
            let names = self.workloads.iter().map(|(key, _)| key);
            format!("it covers the pods of {}", named(names, NAMED_PODS))
        }
    }

    fn evidence(&self, scene: &Scene<'_>) -> Vec<Evidence> {
        let bound = self.budget.bound.as_ref().map_or_else(
            || "it has no bound, which allows nothing".to_owned(),
            |bound| format!("its bound is {bound}"),
        );
        let status = self.budget.status.get().map_or_else(
            || "its status was not seen".to_owned(),
            |status| {
                format!(
                    "its status allows {} disruptions, with {} of {} pods healthy and {} wanted",
                    status.disruptions_allowed,
                    status.current_healthy,
                    status.expected_pods,
                    status.desired_healthy
                )
            },
        );
        let own = format!("{bound}; {status}");
        vec![
            scene.evidence("policy", "PodDisruptionBudget", self.key, own),
            scene.seen(self.pods_in_words()),
        ]
    }

    fn finding(
        &self,
        scene: &Scene<'_>,
        page: &CodePage,
        severity: Severity,
        title: String,
    ) -> Finding {
        Finding {
            application: self.application(),
            evidence: self.evidence(scene),
            ..finding(
                page,
                severity,
                subject("policy/v1", "PodDisruptionBudget", self.key),
                title,
            )
        }
    }
}

fn cannot_sync(scene: &Scene<'_>, cover: &Cover<'_>, severity: Severity, why: &str) -> Finding {
    Finding {
        cause: format!(
            "The disruption controller cannot count the expected pods ({why}), so every eviction is told to come back later, for ever."
        ),
        ..cover.finding(
            scene,
            &codes::BUDGET_CANNOT_SYNC,
            severity,
            format!("the budget {} cannot be worked out: {why}", cover.key),
        )
    }
}

fn not_yet_counted(scene: &Scene<'_>, cover: &Cover<'_>, status: &BudgetStatus) -> Finding {
    Finding {
        cause: format!(
            "The controller has seen generation {} of the budget, which is at {}. Until it catches up, evictions are told to come back later.",
            status.observed_generation, cover.budget.generation
        ),
        remedy: "Look again; if it stays so, see whether the controller manager runs.".to_owned(),
        ..cover.finding(
            scene,
            &codes::BUDGET_CANNOT_SYNC,
            Severity::Warning,
            format!("the budget {} has not been worked out yet", cover.key),
        )
    }
}

fn over_bare_pods(scene: &Scene<'_>, cover: &Cover<'_>, bound: &Bound) -> Finding {
    cover.finding(
        scene,
        &codes::BUDGET_OVER_BARE_PODS,
        Severity::Blocking,
        format!(
            "the budget {} covers bare pods only, of which {bound} lets none go",
            cover.key
        ),
    )
}

/// Of a bound that leaves nothing to spare, however many pods there are.
const ALLOW_ONE: &str = "Let the budget spare a pod: set maxUnavailable to 1 or more.";

fn never(scene: &Scene<'_>, cover: &Cover<'_>, expected: Option<u32>) -> Finding {
    let (title, cause, remedy) = match (&cover.budget.bound, expected) {
        (None, _) => (
            format!("the budget {} has no bound and lets no pod go", cover.key),
            "A budget with neither minAvailable nor maxUnavailable allows no disruption."
                .to_owned(),
            "Give it a bound.".to_owned(),
        ),
        (Some(bound), Some(expected)) => (
            format!(
                "the budget {} can never open: {bound} of {}",
                cover.key,
                count(
                    usize::try_from(expected).unwrap_or(usize::MAX),
                    "pod",
                    "pods"
                )
            ),
            format!(
                "{bound} of {expected} expected pods means that {} must stay healthy, so none is to spare.",
                bound.desired_healthy(expected)
            ),
            match bound {
                Bound::MinAvailable(Amount::Pods(least)) => format!(
                    "Run at least {} replicas, or lower minAvailable below {expected}.",
                    least.saturating_add(1)
                ),
                Bound::MinAvailable(Amount::Percent(share)) if *share >= 100 => {
                    "Lower the percentage below 100, or set maxUnavailable to 1 or more: however many replicas there are, all of them have to stay."
                        .to_owned()
                }
                Bound::MinAvailable(Amount::Percent(_)) => {
                    "Run more replicas or lower the percentage, which is rounded up to whole pods."
                        .to_owned()
                }
                Bound::MaxUnavailable(_) => ALLOW_ONE.to_owned(),
            },
        ),
        (Some(bound), None) => (
            format!("the budget {} can never open: {bound}", cover.key),
            format!("{bound} leaves no pod to spare, however many there are."),
            ALLOW_ONE.to_owned(),
        ),
    };
    Finding {
        cause,
        remedy,
        mitigation: if closed_whatever_comes(cover.budget.bound.as_ref()) {
            "For the time of the upgrade: a wider budget, or none. Only its owner can say which."
        } else {
            "For the time of the upgrade: one more replica, a wider budget, or none. Only its owner can say which."
        }
        .to_owned(),
        ..cover.finding(scene, &codes::BUDGET_NEVER_OPENS, Severity::Blocking, title)
    }
}

fn closed(scene: &Scene<'_>, cover: &Cover<'_>, status: &BudgetStatus) -> Finding {
    let cause = if status.expected_pods <= 0 {
        "The controller expects no pods, and then lets none go.".to_owned()
    } else {
        format!(
            "{} of {} pods are healthy and {} must be.",
            status.current_healthy, status.expected_pods, status.desired_healthy
        )
    };
    let unready = cover
        .held
        .iter()
        .filter(|(_, pod)| pod.ready == Seen::Is(false))
        .map(|(key, _)| &key.name);
    let unready = named(unready, NAMED_PODS);
    Finding {
        cause: if unready.is_empty() {
            cause
        } else {
            format!("{cause} Not ready: {unready}.")
        },
        ..cover.finding(
            scene,
            &codes::BUDGET_CLOSED,
            Severity::Blocking,
            format!("the budget {} lets no pod go at present", cover.key),
        )
    }
}

/// One finding for every set of budgets that share pods, seen or to come.
fn overlaps(
    scene: &Scene<'_>,
    kubernetes: &Kubernetes,
    covers: &BTreeMap<Covered<'_>, Vec<&Key>>,
) -> Vec<Finding> {
    let mut shared: BTreeMap<&[&Key], Vec<Covered<'_>>> = BTreeMap::new();
    for (covered, budgets) in covers {
        if budgets.len() > 1 {
            shared.entry(budgets).or_default().push(*covered);
        }
    }
    let page = &codes::BUDGETS_OVERLAP;
    shared
        .into_iter()
        .filter_map(|(budgets, covered)| {
            let (first, others) = budgets.split_first()?;
            let one_pod = matches!(covered.as_slice(), [Covered::Pod(_)]);
            let subject = subject("policy/v1", "PodDisruptionBudget", first);
            let others = named(others, NAMED_PODS);
            let mut evidence: Vec<Evidence> = budgets
                .iter()
                .map(|key| {
                    let detail = format!("the budget {key} selects them");
                    scene.evidence("policy", "PodDisruptionBudget", key, detail)
                })
                .collect();
            evidence.push(scene.seen(format!(
                "{} covered more than once: {}",
                if one_pod {
                    "one pod is"
                } else {
                    "these pods are"
                },
                named(&covered, NAMED_PODS)
            )));
            Some(Finding {
                id: identity(page, &subject, &others),
                application: covered
                    .first()
                    .and_then(|first| first.application(kubernetes)),
                evidence,
                ..finding(
                    page,
                    Severity::Blocking,
                    subject,
                    format!(
                        "the budgets {first} and {others} cover the same {}",
                        if one_pod { "pod" } else { "pods" }
                    ),
                )
            })
        })
        .collect()
}

/// Whether the disruption controller knows how to count the replicas of a kind.
const fn has_replicas(kind: WorkloadKind) -> bool {
    match kind {
        WorkloadKind::Deployment
        | WorkloadKind::ReplicaSet
        | WorkloadKind::StatefulSet
        | WorkloadKind::ReplicationController => true,
        WorkloadKind::DaemonSet | WorkloadKind::Job => false,
    }
}
