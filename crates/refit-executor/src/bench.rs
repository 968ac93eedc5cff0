//! For tests of the core: a plan, its state and a time, fed by hand. Nothing is
//! carried out; what was decided is told as text.

use crate::decide::{Command, Input, Taken, Word, WordError, decide};
use crate::event::{OldHolder, RunEvent};
use crate::looks::Looks;
use crate::phase::StepPhase;
use crate::state::RunState;
use crate::steps::Steps;
use jiff::Timestamp;
use refit_model::act::{Act, Answer, EffectClass, Epoch, KubeAct};
use refit_model::condition::Condition;
use refit_model::duration::Seconds;
use refit_model::fingerprint::Fingerprint;
use refit_model::governance::Governance;
use refit_model::kubernetes::{Cordon, Kubernetes, Node};
use refit_model::name::NodeName;
use refit_model::plan::{Goal, Hop, MadeFrom, PlanBody, Stage, UpgradePlan};
use refit_model::seen::{Listing, Seen, Unseen};
use refit_model::snapshot::{ClusterIdentity, IdentityBasis, Snapshot};
use refit_model::step::{Settle, Step, StepKind, Subject, WayBack};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn start() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn identity() -> ClusterIdentity {
    ClusterIdentity {
        id: "c-1".parse().unwrap(),
        name: "harbour".to_owned(),
        basis: IdentityBasis::Given,
    }
}

pub(crate) fn node() -> NodeName {
    "n1".parse().unwrap()
}

fn cordon() -> Act {
    Act::Kube(KubeAct::Cordon { node: node() })
}

/// What a look shows of the one node.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shows {
    Open,
    Closed,
    /// Closed, and not ready.
    ClosedAndDown,
    Nothing,
}

impl Shows {
    fn snapshot(self, now: Timestamp) -> Snapshot {
        let gap = || Unseen::NotAsked;
        let mut seen = Snapshot::empty(identity(), now);
        let (cordon, ready) = match self {
            Self::Open => (Cordon::Open, true),
            Self::Closed => (Cordon::Ours, true),
            Self::ClosedAndDown => (Cordon::Ours, false),
            Self::Nothing => return seen,
        };
        let node_seen = Node {
            role: Seen::Gap(gap()),
            pool: Seen::Gap(gap()),
            zone: Seen::Gap(gap()),
            kubelet: Seen::Gap(gap()),
            kube_proxy: Seen::Gap(gap()),
            runtime: Seen::Gap(gap()),
            kernel: Seen::Gap(gap()),
            ready: Seen::Is(ready),
            cordon: Seen::Is(cordon),
            pressures: BTreeSet::new(),
            taints: Vec::new(),
            labels: serde_json::from_value(serde_json::json!({})).unwrap(),
            allocatable: Seen::Gap(gap()),
        };
        seen.kubernetes = Some(Kubernetes {
            nodes: Listing::whole(BTreeMap::from([(node(), node_seen)])),
            ..Kubernetes::unseen(&gap())
        });
        seen
    }
}

/// A step that closes the node: it expects it open and reaches it closed.
pub(crate) fn closing(id: &str) -> Step {
    Step {
        id: id.parse().unwrap(),
        title: format!("close n1 ({id})"),
        kind: StepKind::Act,
        subject: Subject::Node(node()),
        after: Vec::new(),
        act: Some(cordon()),
        expects: vec![Condition::NodeReleased(node())],
        keeps: Vec::new(),
        passes: Vec::new(),
        reaches: vec![Condition::NodeCordoned(node())],
        effect: EffectClass::Converge,
        timeout: Seconds::new(100),
        stall: None,
        settle: Settle::default(),
        resend: None,
        way_back: WayBack::UndoneBy("a later step opens it".to_owned()),
        assignee: None,
        shows: format!("what {id} shows"),
        estimate: None,
        notes: Vec::new(),
    }
}

/// A step that only looks whether the node is open.
pub(crate) fn looking(id: &str, kind: StepKind) -> Step {
    Step {
        kind,
        act: None,
        reaches: Vec::new(),
        effect: EffectClass::Read,
        way_back: WayBack::NothingToUndo,
        ..closing(id)
    }
}

pub(crate) fn plan(steps: Vec<Step>, pace: u16) -> UpgradePlan {
    let version = |text: &str| text.parse().unwrap();
    UpgradePlan::seal(PlanBody {
        cluster: identity(),
        made_from: MadeFrom {
            template: "tiny".parse().unwrap(),
            revision: 1,
            overlays: Vec::new(),
            knowledge: "none".to_owned(),
            snapshot_taken_at: start(),
            fingerprint: Fingerprint::of(&Snapshot::empty(identity(), start())).unwrap(),
        },
        goal: Goal::Kubernetes {
            hop: Hop {
                from: version("1.33.1"),
                to: version("1.33.4"),
            },
            target: "1.33".parse().unwrap(),
        },
        parameters: BTreeMap::new(),
        pace,
        governance: Governance::default(),
        stages: vec![Stage {
            id: "n1".parse().unwrap(),
            title: "Node n1".to_owned(),
            subject: Subject::Node(node()),
            steps,
        }],
    })
    .unwrap()
}

/// A run of a plan, fed by hand.
pub(crate) struct Bench {
    plan: UpgradePlan,
    pub(crate) state: RunState,
    looks: Looks,
    pub(crate) now: Timestamp,
    pub(crate) events: Vec<(Timestamp, RunEvent)>,
}

impl Bench {
    /// A run that has just been started.
    pub(crate) fn new(steps: Vec<Step>) -> Self {
        Self::with_pace(steps, 1)
    }

    pub(crate) fn with_pace(steps: Vec<Step>, pace: u16) -> Self {
        let mut bench = Self {
            plan: plan(steps, pace),
            state: RunState::default(),
            looks: Looks::default(),
            now: start(),
            events: Vec::new(),
        };
        bench.taken(1, "a");
        bench
    }

    /// A process took the lease; nothing that another one remembered is left.
    pub(crate) fn taken(&mut self, epoch: u64, holder: &str) -> String {
        self.looks = Looks::default();
        self.feed(&Input::Taken(Taken {
            run: "r1".parse().unwrap(),
            plan: self.plan.content_hash.clone(),
            cluster: identity().id,
            epoch: Epoch(epoch),
            holder: holder.parse().unwrap(),
            old_holder: OldHolder::NotProven,
        }))
    }

    pub(crate) fn tick(&mut self) -> String {
        self.feed(&Input::Tick)
    }

    /// So many seconds pass, and what is due is asked for.
    pub(crate) fn wait(&mut self, seconds: u32) -> String {
        self.now = Seconds::new(seconds).after(self.now);
        self.tick()
    }

    pub(crate) fn sees(&mut self, step: &str, shows: Shows) -> String {
        let snapshot = Box::new(shows.snapshot(self.now));
        self.feed(&Input::Observed {
            step: step.parse().unwrap(),
            snapshot,
        })
    }

    pub(crate) fn hears(&mut self, step: &str, answer: Answer) -> String {
        let id = step.parse().unwrap();
        let key = self.state.step(&id).unwrap().open.clone().unwrap().key;
        self.feed(&Input::Answered {
            step: id,
            key,
            answer,
        })
    }

    pub(crate) fn acknowledged(&mut self, step: &str) -> String {
        self.hears(
            step,
            Answer::Acknowledged {
                operation: None,
                waits_on: Vec::new(),
            },
        )
    }

    pub(crate) fn says(&mut self, word: Word) -> Result<String, WordError> {
        self.try_feed(&Input::Said(word))
    }

    pub(crate) fn phase(&self, step: &str) -> StepPhase {
        self.state
            .step(&step.parse().unwrap())
            .map_or(StepPhase::Blocked, |found| found.phase)
    }

    pub(crate) fn feed(&mut self, input: &Input) -> String {
        self.try_feed(input).unwrap()
    }

    fn try_feed(&mut self, input: &Input) -> Result<String, WordError> {
        let steps = Steps::of(&self.plan).unwrap();
        let decision = decide(&steps, &self.state, &self.looks, input, self.now)?;
        let mut told: Vec<_> = decision.events.iter().map(name).collect();
        for event in decision.events {
            self.state.apply(self.now, &event);
            self.events.push((self.now, event));
        }
        self.looks.take_in(decision.looks);
        told.extend(decision.commands.iter().map(|command| match command {
            Command::Observe { step, .. } => format!("look at {step}"),
            Command::Send { step, .. } => format!("send {step}"),
            Command::Fence(epoch) => format!("fence {epoch}"),
            Command::Probe { step, .. } => format!("probe {step}"),
            Command::RaiseEpoch => "raise the epoch".to_owned(),
            Command::WakeAt(until) => {
                format!("wake in {}", Seconds::between(self.now, *until))
            }
            Command::Stop(_) => "stop".to_owned(),
            Command::Yield(epoch) => format!("yield to {epoch}"),
        }));
        Ok(told.join(", "))
    }
}

/// The event's name as the journal writes it, and its step.
fn name(event: &RunEvent) -> String {
    let written = serde_json::to_value(event).unwrap();
    let name = written.as_object().unwrap().keys().next().unwrap().clone();
    match event.step() {
        Some(step) => format!("{name} {step}"),
        None => name,
    }
}
