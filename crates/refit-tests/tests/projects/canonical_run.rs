//! The next minor of Canonical Kubernetes, rehearsed and carried out: its Juju
//! side by the twin, its programs by stand-ins.

use crate::canonical::{acts, at, plan_to, programs};
use refit_executor::ports::{Clock as _, World};
use refit_executor::{
    MemoryJournal, OnHeld, Ports, RunOptions, StepPhase, Word as Told, is_for_a_person, run, tell,
};
use refit_knowledge::Knowledge;
use refit_model::act::{Act, Answer, Epoch, Fence, Intent, Trace};
use refit_model::name::OpKey;
use refit_model::plan::UpgradePlan;
use refit_model::query::Query;
use refit_model::rehearsal::{Ending, Grade};
use refit_model::seen::Seen;
use refit_model::snapshot::Snapshot;
use refit_tests::landscapes::name;
use refit_tests::line::twin;
use refit_tests::programs::Programs;
use refit_twin::{RehearsalOptions, SharedTwin, rehearse};
use serde_json::json;
use std::sync::Mutex;

#[test]
fn a_minor_is_rehearsed_as_far_as_the_twin_goes() {
    let (plan, snapshot, _, _) = plan_to("1.35.0", at(34), &programs("1.35.0")).unwrap();
    let told = rehearse(
        &plan,
        &snapshot,
        Knowledge::embedded(),
        &RehearsalOptions::new(7),
    )
    .unwrap();
    assert_eq!(told.ending, Ending::Succeeded);
    let grade = |id: &str| {
        let step = told.steps.iter().find(|step| step.step.as_str() == id);
        step.unwrap().grade
    };
    assert_eq!(grade("control-plane/k8s/refresh-channel"), Grade::R2);
    assert_eq!(grade("workers/k8s-worker-2/wait"), Grade::R2);
    // What programs show, the twin does not play.
    assert_eq!(grade("preflight/one-juju"), Grade::R0);
}

/// A landscape whose Juju side is the twin's, and whose programs answer from a
/// table; what a program writes to a file is there afterwards.
struct Staged {
    twin: SharedTwin,
    programs: Mutex<Programs>,
    ran: Mutex<Vec<String>>,
}

impl World for Staged {
    async fn observe(&self, query: &Query) -> Snapshot {
        let mut seen = self.twin.observe(query).await;
        if let Query::Look(look) = query {
            seen.looks = vec![self.programs.lock().unwrap().answer(look)];
        }
        seen
    }

    async fn act(&self, intent: &Intent) -> Answer {
        let Act::Exec(exec) = &intent.act else {
            if let Act::Juju(_) = &intent.act {
                let lines = intent.act.commands().into_iter();
                let lines = lines.map(|command| command.to_string());
                self.ran.lock().unwrap().extend(lines);
            }
            return self.twin.act(intent).await;
        };
        let mut programs = self.programs.lock().unwrap();
        let line = exec.run.to_string();
        let Some((_, out)) = programs.lines().find(|(known, _)| *known == line) else {
            return Answer::Unknown(format!("{line} is not installed"));
        };
        let out = out.to_owned();
        if let Some(path) = &exec.output {
            let more = programs
                .clone()
                .with(&format!("file {path}"), out)
                .with(&format!("test -s {path}"), "");
            *programs = more;
        }
        Answer::Acknowledged {
            operation: None,
            waits_on: Vec::new(),
        }
    }

    async fn probe(&self, key: &OpKey) -> Trace {
        self.twin.probe(key).await
    }

    async fn fence(&self, epoch: Epoch) -> Fence {
        self.twin.fence(epoch).await
    }
}

/// Runs a plan to its end, signing for what people do.
fn carried_out(plan: &UpgradePlan, staged: &Staged) -> Ending {
    let (journal, run_id, actor) = (MemoryJournal::new(), name("minor"), name("ada"));
    let options = RunOptions {
        on_held: OnHeld::Wait,
        ..RunOptions::new(name("ada"), name("desk"))
    };
    pollster::block_on(async {
        loop {
            let ports = Ports {
                world: staged,
                journal: &journal,
                clock: &staged.twin,
            };
            let outcome = run(plan, &run_id, ports, &options, &mut |_| {})
                .await
                .unwrap();
            let waiting: Vec<_> = outcome
                .state
                .active()
                .filter(|(id, state)| {
                    state.phase == StepPhase::NeedsPerson
                        && plan.step(id).is_some_and(is_for_a_person)
                })
                .map(|(id, _)| id.clone())
                .collect();
            if waiting.is_empty() {
                return outcome.ending;
            }
            for step in waiting {
                let word = Told::Done {
                    step,
                    evidence: "seen".to_owned(),
                };
                tell(plan, &run_id, &journal, &actor, word, staged.twin.now())
                    .await
                    .unwrap();
            }
        }
    })
}

#[test]
fn a_minor_is_carried_out_from_end_to_end() {
    let (plan, snapshot, _, _) = plan_to("1.35.0", at(34), &programs("1.35.0")).unwrap();
    let staged = Staged {
        twin: twin(&plan, &snapshot),
        programs: Mutex::new(programs("1.35.0")),
        ran: Mutex::default(),
    };
    assert_eq!(carried_out(&plan, &staged), Ending::Succeeded);
    assert_eq!(*staged.ran.lock().unwrap(), acts(&plan));
    let after = pollster::block_on(staged.observe(&Query::JujuApplications));
    for (called, application) in &after.juju.unwrap().applications.items {
        assert_eq!(
            application.channel,
            Seen::Is(name("1.35/stable")),
            "{called}"
        );
        for unit in application.units.items.values() {
            assert_eq!(unit.version, Seen::Is(name("v1.35.0")), "{called}");
        }
    }

    // A program that shows kubelets of the old release holds the end up.
    let staged = Staged {
        twin: twin(&plan, &snapshot),
        programs: Mutex::new(programs("1.35.0").with(
            "kubectl get nodes -o json",
            json!({"items": [{"status": {"nodeInfo": {"kubeletVersion": "v1.34.3"}, "conditions": []}}]})
                .to_string(),
        )),
        ran: Mutex::default(),
    };
    assert_ne!(carried_out(&plan, &staged), Ending::Succeeded);
}
