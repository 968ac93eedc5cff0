//! Whether each step by itself is one that can be carried out and seen to end.

use crate::codes;
use crate::condition::demanded;
use crate::pen::Pen;
use refit_model::act::{
    Act, EffectClass, EtcdAct, HelmAct, JujuAct, KubeAct, KubeadmAct, OsismAct, PersonAct,
};
use refit_model::condition::Condition;
use refit_model::duration::Seconds;
use refit_model::plan::UpgradePlan;
use refit_model::step::{Step, StepKind, Subject, WayBack};

/// The longest time-out that is taken seriously: the longest that any node
/// upgrader lets people set for a drain (AKS, 24 hours).
const LONGEST: Seconds = Seconds::minutes(24 * 60);

pub(crate) fn look(plan: &UpgradePlan, pen: &mut Pen) {
    let mut copied = false;
    for (_, step) in plan.steps() {
        times(step, pen);
        if let Some(act) = &step.act {
            class(step, act, pen);
            end(plan, step, act, pen);
            subject(step, act, pen);
        } else if step.resend.is_some() {
            pen.fatal(
                &codes::RESENDS,
                Some(&step.id),
                "it sends again, and has nothing to send",
            );
        }
        way_back(step, copied, pen);
        copied |= matches!(&step.act, Some(Act::Etcd(EtcdAct::SnapshotSave { .. })))
            || step.kind == StepKind::Backup;
    }
}

fn times(step: &Step, pen: &mut Pen) {
    if step.timeout == Seconds::new(0) || step.timeout > LONGEST {
        pen.fatal(
            &codes::TIMEOUT,
            Some(&step.id),
            format!("its time-out is {}", step.timeout),
        );
    }
    let settle = step.settle;
    if settle.samples == 0 || settle.every == Seconds::new(0) {
        pen.fatal(
            &codes::NO_LOOK,
            Some(&step.id),
            format!("it wants {} looks, {} apart", settle.samples, settle.every),
        );
    }
    let needed = u64::from(settle.samples.saturating_sub(1)) * u64::from(settle.every.get());
    if needed > u64::from(step.timeout.get()) {
        pen.fatal(
            &codes::CANNOT_END,
            Some(&step.id),
            format!(
                "its {} looks take longer than its time-out of {}",
                settle.samples, step.timeout
            ),
        );
    }
}

fn class(step: &Step, act: &Act, pen: &mut Pen) {
    if step.effect < act.class() {
        pen.fatal(
            &codes::SAFER_CLASS,
            Some(&step.id),
            format!(
                "it is taken for {}, and its act is {}",
                step.effect,
                act.class()
            ),
        );
    }
    let resendable = step.effect.max(act.class()).may_resend();
    if step.resend.is_some() && !resendable {
        pen.fatal(
            &codes::RESENDS,
            Some(&step.id),
            format!(
                "its act is {} and is sent again",
                step.effect.max(act.class())
            ),
        );
    }
    if let (Act::Kube(KubeAct::Drain { .. }), None) = (act, step.resend) {
        pen.fatal(
            &codes::DRAINS_ONCE,
            Some(&step.id),
            "what a budget holds back is not tried again",
        );
    }
    let fits = match act {
        Act::Kube(_) | Act::Kubeadm(_) | Act::Juju(JujuAct::Refresh { .. }) => {
            step.kind.changes_state()
        }
        Act::Etcd(EtcdAct::SnapshotSave { .. }) => {
            step.kind.changes_state() || step.kind == StepKind::Backup
        }
        Act::Juju(JujuAct::RunAction { .. }) => {
            step.kind.changes_state() || step.kind == StepKind::Check
        }
        // A chart repository is known to the one who runs the plan, and to nobody else.
        Act::Helm(HelmAct::Repository { .. }) => true,
        Act::Helm(HelmAct::Upgrade { .. }) => step.kind.changes_state(),
        // A play pulls images for what comes, or looks, or changes: the step says which.
        Act::Osism(OsismAct::Apply { .. }) => matches!(
            step.kind,
            StepKind::Act | StepKind::Cleanup | StepKind::Capture | StepKind::Backup
        ),
        // What only reads may stand anywhere, what changes something may not be
        // called a look at it.
        Act::Exec(exec) => {
            exec.effect == EffectClass::Read
                || !matches!(
                    step.kind,
                    StepKind::Check | StepKind::Verify | StepKind::Wait | StepKind::Approve
                )
        }
        Act::Edit(_) => step.kind.changes_state(),
        Act::Person(PersonAct::Do { .. } | PersonAct::Notify { .. }) => true,
    };
    if !fits {
        pen.fatal(
            &codes::HIDDEN_CHANGE,
            Some(&step.id),
            format!(
                "it is there to {}, and its act changes something",
                step.kind
            ),
        );
    }
}

/// Whether the end of a step speaks of what its act does.
fn end(plan: &UpgradePlan, step: &Step, act: &Act, pen: &mut Pen) {
    if let Act::Person(_) = act {
        return;
    }
    if step.reaches.is_empty() {
        pen.fatal(
            &codes::NO_END,
            Some(&step.id),
            "nothing tells when it is done",
        );
        return;
    }
    let demanded = demanded(&step.reaches);
    if !demanded
        .iter()
        .any(|condition| brings_about(act, condition))
    {
        pen.fatal(
            &codes::OTHER_END,
            Some(&step.id),
            "its end can be seen although its act did nothing",
        );
    }
    for condition in demanded {
        if let Condition::EtcdSnapshotTaken { since, .. } = condition
            && *since < plan.spec.made_from.snapshot_taken_at
        {
            pen.fatal(
                &codes::OLD_BACKUP,
                Some(&step.id),
                format!(
                    "a copy of {since} would do, and the plan was made from a snapshot of {}",
                    plan.spec.made_from.snapshot_taken_at
                ),
            );
        }
    }
}

/// Whether `condition` is what `act` brings about.
fn brings_about(act: &Act, condition: &Condition) -> bool {
    match act {
        Act::Kube(KubeAct::Cordon { node }) => *condition == Condition::NodeCordoned(node.clone()),
        Act::Kube(KubeAct::Uncordon { node }) => {
            *condition == Condition::NodeReleased(node.clone())
        }
        Act::Kube(KubeAct::Drain { node, .. }) => {
            *condition == Condition::NodeDrained(node.clone())
        }
        Act::Kubeadm(KubeadmAct::Apply { node, to } | KubeadmAct::Node { node, to }) => {
            *condition
                == Condition::ComponentsAt {
                    node: node.clone(),
                    version: to.clone(),
                }
        }
        Act::Kubeadm(KubeadmAct::Kubelet { node, to }) => {
            *condition
                == Condition::KubeletAt {
                    node: node.clone(),
                    version: to.clone(),
                }
        }
        Act::Etcd(EtcdAct::SnapshotSave { node }) => {
            matches!(condition, Condition::EtcdSnapshotTaken { node: other, .. } if other == node)
        }
        Act::Juju(JujuAct::RunAction {
            application,
            action,
        }) => {
            *condition
                == Condition::ActionCompleted {
                    application: application.clone(),
                    action: action.clone(),
                }
        }
        Act::Juju(JujuAct::Refresh {
            application,
            channel,
        }) => {
            // What a channel holds is shown nowhere before it is followed.
            matches!(condition, Condition::CharmAt { application: other, .. } if other == application)
                || matches!(condition, Condition::FollowsChannel { application: other, channel: followed }
                    if other == application && channel.as_ref() == Some(followed))
        }
        // Only a look at what a command left shows that it did anything.
        Act::Helm(_) | Act::Osism(_) | Act::Exec(_) | Act::Edit(_) => {
            matches!(condition, Condition::Shows { .. })
        }
        Act::Person(PersonAct::Do { .. } | PersonAct::Notify { .. }) => true,
    }
}

fn subject(step: &Step, act: &Act, pen: &mut Pen) {
    let fits = match act {
        Act::Kube(_) | Act::Kubeadm(_) | Act::Etcd(_) => match &step.subject {
            Subject::Node(node) => act.node() == Some(node),
            Subject::Cluster
            | Subject::Pool(_)
            | Subject::Application(_)
            | Subject::Role(_)
            | Subject::Thing { .. } => false,
        },
        Act::Juju(
            JujuAct::RunAction { application, .. } | JujuAct::Refresh { application, .. },
        ) => match &step.subject {
            Subject::Application(name) => name == application,
            Subject::Cluster
            | Subject::Pool(_)
            | Subject::Node(_)
            | Subject::Role(_)
            | Subject::Thing { .. } => false,
        },
        Act::Osism(OsismAct::Apply { role, .. }) => match &step.subject {
            // A play that belongs to a role is called after it.
            Subject::Role(subject) => {
                role == subject || role.as_str().starts_with(&format!("{subject}-"))
            }
            Subject::Cluster => true,
            Subject::Pool(_)
            | Subject::Node(_)
            | Subject::Application(_)
            | Subject::Thing { .. } => false,
        },
        Act::Helm(_) | Act::Exec(_) | Act::Edit(_) | Act::Person(_) => true,
    };
    if !fits {
        pen.fatal(
            &codes::OTHER_SUBJECT,
            Some(&step.id),
            format!("it is about {}, and acts on something else", step.subject),
        );
    }
}

fn way_back(step: &Step, copied: bool, pen: &mut Pen) {
    let missing = match &step.way_back {
        WayBack::NothingToUndo => step.changes_state(),
        WayBack::UndoneBy(words) | WayBack::ByHand(words) | WayBack::RestoreOnly(words) => {
            words.trim().is_empty()
        }
    };
    if missing {
        pen.fatal(
            &codes::NO_WAY_BACK,
            Some(&step.id),
            "it changes something and names no way back",
        );
    }
    if let (WayBack::RestoreOnly(_), false) = (&step.way_back, copied) {
        pen.fatal(
            &codes::NO_RETURN,
            Some(&step.id),
            "only restoring data leads back from it, and nothing before it makes a copy",
        );
    }
}
