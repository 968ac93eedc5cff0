//! A good plan with its landscape, and the ways to reach into both.

use refit_knowledge::Knowledge;
use refit_model::kubernetes::{Kubernetes, Pod};
use refit_model::name::StepId;
use refit_model::plan::{Goal, Hop, UpgradePlan};
use refit_model::review::{Review, Weight};
use refit_model::snapshot::Snapshot;
use refit_model::step::Step;
use refit_model::template::UpgradeTemplate;
use refit_model::version::KubeVersion;
use refit_planner::{PlanRequest, Target, Terms, builtin, plan};
use refit_reviewer::review;
use refit_tests::landscapes::{LandscapeSpec, charm, key, kubeadm, name};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A plan and the landscape that it is reviewed for.
pub(crate) struct Case {
    pub(crate) plan: UpgradePlan,
    pub(crate) snapshot: Snapshot,
}

pub(crate) fn made(called: &str, snapshot: Snapshot, target: &str, set: &[(&str, &str)]) -> Case {
    static READ: OnceLock<BTreeMap<&str, UpgradeTemplate>> = OnceLock::new();
    let templates = READ.get_or_init(|| {
        builtin::TEMPLATES
            .iter()
            .map(|(called, text)| (*called, serde_saphyr::from_str(text).unwrap()))
            .collect()
    });
    let request = PlanRequest {
        target: Target::Kubernetes(target.parse().unwrap()),
        parameters: set
            .iter()
            .map(|(parameter, value)| (name(parameter), (*value).to_owned()))
            .collect(),
        hop: None,
        terms: Terms::default(),
    };
    let planned = plan(
        &templates[called],
        &snapshot,
        Knowledge::embedded(),
        &request,
    )
    .unwrap();
    assert_eq!(planned.report.stops, None);
    Case {
        plan: planned.plan,
        snapshot,
    }
}

impl Case {
    /// The hop that the plan takes.
    pub(crate) fn hop(&mut self) -> &mut Hop {
        let Goal::Kubernetes { hop, .. } = &mut self.plan.spec.goal else {
            unreachable!("every case is one of Kubernetes")
        };
        hop
    }
}

pub(crate) fn on_kubeadm() -> Case {
    made("kubeadm", kubeadm(&LandscapeSpec::default()), "1.34", &[])
}

pub(crate) fn on_charm() -> Case {
    made("canonical-k8s/charm", charm(), "1.34.3", &[])
}

impl Case {
    pub(crate) fn side(&mut self) -> &mut Kubernetes {
        self.snapshot.kubernetes.as_mut().unwrap()
    }

    pub(crate) fn step(&mut self, id: &str) -> &mut Step {
        let id: StepId = name(id);
        let mut steps = self
            .plan
            .spec
            .stages
            .iter_mut()
            .flat_map(|stage| &mut stage.steps);
        steps.find(|step| step.id == id).unwrap()
    }

    /// Takes a step out; what waited for it waits for what it waited for.
    pub(crate) fn remove(&mut self, id: &str) {
        let gone = self.step(id).clone();
        for stage in &mut self.plan.spec.stages {
            stage.steps.retain(|step| step.id != gone.id);
            for step in &mut stage.steps {
                if step.after.contains(&gone.id) {
                    step.after.retain(|earlier| *earlier != gone.id);
                    step.after.extend(gone.after.iter().cloned());
                }
            }
        }
        self.plan
            .spec
            .stages
            .retain(|stage| !stage.steps.is_empty());
    }

    /// Takes a whole stage out, in the same way.
    pub(crate) fn remove_stage(&mut self, id: &str) {
        let steps: Vec<String> = self
            .plan
            .spec
            .stages
            .iter()
            .filter(|stage| stage.id.as_str() == id)
            .flat_map(|stage| stage.steps.iter().map(|step| step.id.to_string()))
            .collect();
        assert!(!steps.is_empty(), "{id}");
        for step in steps {
            self.remove(&step);
        }
    }

    /// Moves a stage to the front of another one; what waits for what is made
    /// anew from the list.
    pub(crate) fn move_stage(&mut self, id: &str, before: &str) {
        let place = |case: &Self, id: &str| {
            let mut stages = case.plan.spec.stages.iter();
            stages.position(|stage| stage.id.as_str() == id).unwrap()
        };
        let from = place(self, id);
        let stage = self.plan.spec.stages.remove(from);
        let to = place(self, before);
        self.plan.spec.stages.insert(to, stage);
        self.relink();
    }

    /// Lets every step wait for the one before it.
    pub(crate) fn relink(&mut self) {
        let mut last: Option<StepId> = None;
        for step in self
            .plan
            .spec
            .stages
            .iter_mut()
            .flat_map(|stage| &mut stage.steps)
        {
            step.after = last.into_iter().collect();
            last = Some(step.id.clone());
        }
    }

    /// The review of the plan as it is now, with a hash that fits.
    pub(crate) fn reviewed(&mut self) -> Review {
        self.plan = UpgradePlan::seal(self.plan.spec.clone()).unwrap();
        review(&self.plan, &self.snapshot, Knowledge::embedded())
    }
}

#[track_caller]
pub(crate) fn objected(review: &Review, code: &str, weight: Weight, called: &str) {
    assert!(
        review
            .objections
            .iter()
            .any(|objection| objection.code.to_string() == code && objection.weight == weight),
        "{called}: wanted {code} ({weight:?}), found {:#?}",
        review.objections
    );
    for objection in &review.objections {
        assert!(!objection.what.is_empty() && !objection.remedy.is_empty());
    }
}

pub(crate) type Break = fn(&mut Case);

pub(crate) fn to(text: &str) -> KubeVersion {
    name(text)
}

pub(crate) fn bare_pod(case: &mut Case) {
    let (found, pod) = shop_pod(case);
    let bare = Pod {
        owner: None,
        uid: "bare".to_owned(),
        ..pod
    };
    case.side().pods.items.insert(key("shop", "bare"), bare);
    case.side().pods.items.remove(&found);
}

pub(crate) fn shop_pod(case: &mut Case) -> (refit_model::name::Key, Pod) {
    let pods = &case.side().pods.items;
    let mut found = pods
        .iter()
        .filter(|(key, _)| key.to_string().starts_with("shop/app-1"));
    let (key, pod) = found.next().unwrap();
    (key.clone(), pod.clone())
}

pub(crate) const CP1: &str = "first-control-plane/cp-1";
pub(crate) const CP2: &str = "other-control-plane/cp-2";
pub(crate) const W1: &str = "node-pools/pool-1-1";
