//! A desk: a folder with the tools in it, a landscape behind them, and a clock
//! that moves on when everybody waits.

use jiff::Timestamp;
use refit_cluster::{Surroundings, ToolWorld};
use refit_executor::ports::{Clock, World};
use refit_executor::{MemoryJournal, Ports, StepPhase};
use refit_knowledge::Knowledge;
use refit_model::act::{Act, Answer, EditAct, Epoch, Fence, Intent, Trace};
use refit_model::duration::Seconds;
use refit_model::look::Look;
use refit_model::name::{OpKey, StepId};
use refit_model::plan::UpgradePlan;
use refit_model::query::Query;
use refit_model::rehearsal::Ending;
use refit_model::snapshot::Snapshot;
use refit_model::step::Step;
use refit_model::verification::Verification;
use refit_planner::{PlanRequest, deciding_looks, looks, plan};
use refit_service::approval::{Proof, approve};
use refit_service::landscape::named;
use refit_service::planning::template;
use refit_service::running::{Word, run, tell};
use refit_tests::stand_in::cluedin::Site;
use refit_tests::stand_in::{Fault, Kept, calls};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::future::poll_fn;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

/// Longer than any run has reasons to ask people.
const MOST_ROUNDS: usize = 60;

pub(crate) struct Desk {
    folder: tempfile::TempDir,
    tools: ToolWorld,
    journal: MemoryJournal,
    now: Mutex<Timestamp>,
    /// How many programs are at work.
    busy: AtomicUsize,
    /// How many calls were made before the run.
    asked_for_the_plan: AtomicUsize,
}

/// How a run went.
#[derive(Debug)]
pub(crate) struct Went {
    pub(crate) ending: Ending,
    pub(crate) verification: Option<Verification>,
    /// What a person was asked beyond what the plan gives to people.
    pub(crate) asked: Vec<(StepId, StepPhase, String)>,
    pub(crate) calls: Vec<String>,
    pub(crate) site: Site,
}

/// What a person says to a step that waits for one beyond the plan.
#[derive(Clone, Copy)]
pub(crate) enum Person {
    /// Try again.
    Retries,
    /// Nothing: the run stays as it is.
    Leaves,
}

impl Desk {
    /// A desk in front of `site`, with every tool of `tools`.
    pub(crate) fn new(site: Site, tools: &[&str], landscape: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_owned();
        let bin = home.join("bin");
        fs::create_dir(&bin).unwrap();
        for tool in tools {
            symlink(env!("CARGO_BIN_EXE_stand-in"), bin.join(tool)).unwrap();
        }
        let faults = Vec::new();
        Kept { site, faults }.write(&home).unwrap();
        let around = Surroundings::within(
            home.clone(),
            [("PATH", bin.into_os_string()), ("HOME", home.into())],
        );
        Self {
            folder,
            tools: ToolWorld::new(named(&landscape.parse().unwrap()), around),
            journal: MemoryJournal::new(),
            now: Mutex::new(Timestamp::now()),
            busy: AtomicUsize::new(0),
            asked_for_the_plan: AtomicUsize::new(0),
        }
    }

    fn home(&self) -> &Path {
        self.folder.path()
    }

    async fn ask(&self, looks: &[Look], snapshot: &mut Snapshot) {
        for look in looks {
            let seen = self.observe(&Query::Look(look.clone())).await;
            snapshot.looks.extend(seen.looks);
        }
    }

    /// The plan from what the tools show, reviewed and approved.
    pub(crate) async fn plan(&self, name: &str, request: &PlanRequest) -> UpgradePlan {
        let template = template(name).unwrap();
        let knowledge = Knowledge::embedded();
        let mut snapshot = self.observe(&Query::Everything).await;
        let facts = looks(&template, &snapshot, knowledge, request).unwrap();
        self.ask(&facts, &mut snapshot).await;
        let deciding = deciding_looks(&template, &snapshot, knowledge, request).unwrap();
        self.ask(&deciding, &mut snapshot).await;
        let mut made = plan(&template, &snapshot, knowledge, request).unwrap();
        assert_eq!(made.report.stops, None);
        made.plan = less_patient(made.plan);
        let review = refit_reviewer::review(&made.plan, &snapshot, knowledge);
        let ada = "ada".parse().unwrap();
        approve(
            &self.journal,
            &made.plan,
            &snapshot,
            &review,
            &ada,
            Proof::Name,
            self.now(),
        )
        .await
        .unwrap();
        made.plan
    }

    /// From here on, the faults happen.
    pub(crate) fn break_things(&self, faults: Vec<Fault>) {
        let kept = Kept::read(self.home()).unwrap();
        Kept { faults, ..kept }.write(self.home()).unwrap();
        self.asked_for_the_plan
            .store(calls(self.home()).unwrap().len(), Ordering::SeqCst);
    }

    /// Carries the plan out; people do what it gives them, and `person` answers
    /// whatever else the run asks.
    pub(crate) async fn carry_out(&self, plan: &UpgradePlan, person: Person) -> Went {
        let ports = Ports {
            world: self,
            journal: &self.journal,
            clock: self,
        };
        let ada = "ada".parse().unwrap();
        let mut asked = Vec::new();
        for _ in 0..MOST_ROUNDS {
            let report = run(plan, ports, &ada, &mut |_| {}).await.unwrap();
            let state = &report.outcome.state;
            let waiting: Vec<_> = state
                .active()
                .filter(|(_, step)| step.phase.waits_for_a_person())
                .map(|(id, step)| (id.clone(), step.phase, step.because.clone()))
                .collect();
            let mut told = false;
            for (id, phase, because) in waiting {
                let by_hand = self.by_hand(plan.step(&id).unwrap());
                let word = if let Some(evidence) = by_hand {
                    Word::Done { step: id, evidence }
                } else {
                    asked.push((id.clone(), phase, because));
                    match person {
                        Person::Leaves => continue,
                        Person::Retries => Word::Retry {
                            step: id,
                            reason: "nothing had happened".to_owned(),
                        },
                    }
                };
                tell(&self.journal, plan, &ada, word, self.now())
                    .await
                    .unwrap();
                told = true;
            }
            if !told {
                return Went {
                    ending: report.outcome.ending,
                    verification: report.verification,
                    asked,
                    calls: calls(self.home())
                        .unwrap()
                        .split_off(self.asked_for_the_plan.load(Ordering::SeqCst)),
                    site: Kept::read(self.home()).unwrap().site,
                };
            }
        }
        panic!("after {MOST_ROUNDS} answers the run still asks: {asked:#?}");
    }

    /// What a person says of a step that the plan gives to people.
    fn by_hand(&self, step: &Step) -> Option<String> {
        match step.act.as_ref()? {
            Act::Person(_) => Some("seen, and done".to_owned()),
            Act::Edit(edit) => Some(self.edit(edit)),
            Act::Kube(_)
            | Act::Kubeadm(_)
            | Act::Etcd(_)
            | Act::Juju(_)
            | Act::Helm(_)
            | Act::Osism(_)
            | Act::Exec(_) => None,
        }
    }

    fn edit(&self, edit: &EditAct) -> String {
        let text = fs::read_to_string(self.home().join(edit.from.as_str())).unwrap();
        let mut values: Value = serde_saphyr::from_str(&text).unwrap();
        for setting in &edit.set {
            let mut place = &mut values;
            for key in setting.path.as_str().split('.') {
                place = place
                    .as_object_mut()
                    .unwrap()
                    .entry(key)
                    .or_insert(json!({}));
            }
            *place = json!(setting.value.as_str());
        }
        fs::write(self.home().join(edit.into.as_str()), values.to_string()).unwrap();
        format!("{} is written", edit.into)
    }
}

/// The same plan with less patience: hours of virtual time are hundreds of looks,
/// and each of them is a process.
fn less_patient(plan: UpgradePlan) -> UpgradePlan {
    let mut spec = plan.spec;
    for step in spec.stages.iter_mut().flat_map(|stage| &mut stage.steps) {
        step.timeout = step.timeout.min(Seconds::minutes(10));
        step.stall = step.stall.map(|stall| stall.min(Seconds::minutes(3)));
    }
    UpgradePlan::seal(spec).unwrap()
}

/// The calls of the steps that act, the first of each step.
pub(crate) fn acting(plan: &UpgradePlan) -> Vec<(&Step, String)> {
    plan.steps()
        .filter(|(_, step)| !matches!(step.act, None | Some(Act::Person(_) | Act::Edit(_))))
        .filter_map(|(_, step)| {
            let command = step.act.as_ref()?.commands().into_iter().next()?;
            Some((step, command.run.join(" ")))
        })
        .collect()
}

/// Every call that the plan may make: its looks, and the commands of its acts.
pub(crate) fn allowed(plan: &UpgradePlan) -> BTreeSet<String> {
    let looks = plan.steps().flat_map(|(_, step)| step.looks());
    let looks = looks.filter_map(|look| match look {
        Look::Program { run, .. } => Some(run.to_texts().join(" ")),
        Look::File { .. } => None,
    });
    let acts = plan
        .steps()
        .filter_map(|(_, step)| step.act.as_ref())
        .filter(|act| !matches!(act, Act::Person(_)))
        .flat_map(Act::commands)
        .map(|command| command.run.join(" "));
    looks.chain(acts).collect()
}

impl World for Desk {
    async fn observe(&self, query: &Query) -> Snapshot {
        self.busy.fetch_add(1, Ordering::SeqCst);
        let seen = self.tools.observe(query).await;
        self.busy.fetch_sub(1, Ordering::SeqCst);
        seen
    }

    async fn act(&self, intent: &Intent) -> Answer {
        self.busy.fetch_add(1, Ordering::SeqCst);
        let answer = self.tools.act(intent).await;
        self.busy.fetch_sub(1, Ordering::SeqCst);
        answer
    }

    async fn probe(&self, key: &OpKey) -> Trace {
        self.tools.probe(key).await
    }

    async fn fence(&self, epoch: Epoch) -> Fence {
        self.tools.fence(epoch).await
    }
}

/// Time stands still while a program is at work, and leaps when nobody is.
impl Clock for Desk {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    async fn sleep_until(&self, until: Timestamp) {
        poll_fn(|_| {
            // Whoever is at work wakes the one who waits for both.
            if self.busy.load(Ordering::SeqCst) > 0 {
                return Poll::Pending;
            }
            let mut now = self.now.lock().unwrap();
            *now = (*now).max(until);
            Poll::Ready(())
        })
        .await;
    }
}
