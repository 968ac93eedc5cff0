//! Acts: what a step does to a landscape, by whose hands, and what that means
//! when the answer is lost.

use crate::command::{Command, Words};
use crate::duration::Seconds;
use crate::name::{ApplicationName, Channel, NodeName, ObjectName, OpKey, RunId, StepId};
use crate::version::KubeVersion;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

mod tools;

/// One act on one subject. The tag names the adapter, whose hands do it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Act {
    /// Through the Kubernetes API.
    Kube(KubeAct),
    /// kubeadm and the kubelet, on a node.
    Kubeadm(KubeadmAct),
    /// A copy of etcd, on a control-plane node.
    Etcd(EtcdAct),
    /// Through the Juju client.
    Juju(JujuAct),
    /// Through the Helm client.
    Helm(HelmAct),
    /// Through OSISM's client, on its manager.
    Osism(OsismAct),
    /// A program with arguments.
    Exec(ExecAct),
    /// A file of settings.
    Edit(EditAct),
    /// A person does it and says so.
    Person(PersonAct),
}

/// Acts through the Kubernetes API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum KubeAct {
    /// Keep new pods away from a node, remembering what was there before.
    Cordon {
        /// The node.
        node: NodeName,
    },
    /// Undo our own cordon, and only our own.
    Uncordon {
        /// The node.
        node: NodeName,
    },
    /// Evict every pod that a drain has to move, once. What a budget holds back
    /// stays; the step sends the act again until nothing is left.
    Drain {
        /// The node.
        node: NodeName,
        /// What may be lost on the way.
        allow: DrainAllowance,
    },
}

/// What a drain may destroy. Nothing, unless somebody decided otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DrainAllowance {
    /// Bare pods, which never come back.
    pub bare_pods: Allowed,
    /// The contents of `emptyDir` volumes.
    pub empty_dirs: Allowed,
}

/// Whether something is allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Allowed {
    /// It is not: the act is refused before anything is touched.
    #[default]
    No,
    /// It is.
    Yes,
}

/// kubeadm's part of an upgrade, on one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum KubeadmAct {
    /// `kubeadm upgrade apply`: the first control-plane node, and the cluster's
    /// own configuration.
    Apply {
        /// The node.
        node: NodeName,
        /// The release to install.
        to: KubeVersion,
    },
    /// `kubeadm upgrade node`: any further node.
    Node {
        /// The node.
        node: NodeName,
        /// The release to install.
        to: KubeVersion,
    },
    /// The kubelet package, and a restart of it.
    Kubelet {
        /// The node.
        node: NodeName,
        /// The release to install.
        to: KubeVersion,
    },
}

/// Acts on etcd.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum EtcdAct {
    /// `etcdctl snapshot save`, and the check of its hash with `etcdutl`.
    SnapshotSave {
        /// The control-plane node.
        node: NodeName,
    },
}

/// Acts through the Juju client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum JujuAct {
    /// `juju run APPLICATION/leader ACTION`.
    RunAction {
        /// The application, on whose leader it runs.
        application: ApplicationName,
        /// The action.
        action: ObjectName,
    },
    /// `juju refresh APPLICATION`, to the newest revision of a channel.
    Refresh {
        /// The application.
        application: ApplicationName,
        /// The channel; absent stays on the present one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel: Option<Channel>,
    },
}

pub use crate::act::tools::{BaseValues, EditAct, ExecAct, HelmAct, OsismAct, Setting};

/// What a person does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum PersonAct {
    /// Do as the instructions say and sign for it.
    Do {
        /// What to do, in sentences.
        instructions: String,
        /// Commands that help with it, which the person runs.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        commands: Vec<Words>,
    },
    /// Tell people.
    Notify {
        /// Whom.
        audience: String,
        /// What.
        message: String,
    },
}

/// Whose hands do an act.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Adapter {
    /// The Kubernetes API.
    Kube,
    /// Commands on a node, over ssh.
    Ssh,
    /// The Juju client.
    Juju,
    /// The Helm client.
    Helm,
    /// OSISM's client.
    Osism,
    /// Programs.
    Exec,
    /// Files.
    Files,
    /// A person.
    Person,
}

impl fmt::Display for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kube => "kube",
            Self::Ssh => "ssh",
            Self::Juju => "juju",
            Self::Helm => "helm",
            Self::Osism => "osism",
            Self::Exec => "exec",
            Self::Files => "files",
            Self::Person => "person",
        })
    }
}

/// What is known of an act whose answer was lost, from the safest to the worst.
///
/// Source: the effect classes of our execution design; a template may demand
/// more care than an adapter declares, never less.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum EffectClass {
    /// It changes nothing: do it again.
    Read,
    /// It sets an absolute state: send it again.
    Converge,
    /// The target knows our key and does it once: send it again.
    Keyed,
    /// It is accepted only from the state we named: send it again, and a
    /// conflict tells who won.
    Cas,
    /// The target does not deduplicate, but shows whether it happened: raise
    /// the fence, look, and send again only on a definite no.
    Probeable,
    /// Neither: a person decides.
    Blind,
    /// A person acts.
    Human,
}

impl EffectClass {
    /// Whether the same key may be sent again without looking first.
    #[must_use]
    pub const fn may_resend(self) -> bool {
        match self {
            Self::Read | Self::Converge | Self::Keyed | Self::Cas => true,
            Self::Probeable | Self::Blind | Self::Human => false,
        }
    }
}

impl fmt::Display for EffectClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Converge => "converge",
            Self::Keyed => "keyed",
            Self::Cas => "cas",
            Self::Probeable => "probeable",
            Self::Blind => "blind",
            Self::Human => "human",
        })
    }
}

impl Act {
    /// Whose hands do it.
    #[must_use]
    pub const fn adapter(&self) -> Adapter {
        match self {
            Self::Kube(_) => Adapter::Kube,
            Self::Kubeadm(_) | Self::Etcd(_) => Adapter::Ssh,
            Self::Juju(_) => Adapter::Juju,
            Self::Helm(_) => Adapter::Helm,
            Self::Osism(_) => Adapter::Osism,
            Self::Exec(_) => Adapter::Exec,
            Self::Edit(_) => Adapter::Files,
            Self::Person(_) => Adapter::Person,
        }
    }

    /// The class that the act has by its nature; a step may not claim a safer one.
    #[must_use]
    pub const fn class(&self) -> EffectClass {
        match self {
            // Cordon and uncordon set one flag and one annotation. A drain
            // evicts pods by their UID, so that a pod of the same name that came
            // later is another pod: the state "none of these" is absolute.
            Self::Kube(
                KubeAct::Cordon { .. } | KubeAct::Uncordon { .. } | KubeAct::Drain { .. },
            ) => EffectClass::Converge,
            // Run as a systemd unit named after the key, which the node refuses
            // to start twice.
            Self::Kubeadm(
                KubeadmAct::Apply { .. } | KubeadmAct::Node { .. } | KubeadmAct::Kubelet { .. },
            ) => EffectClass::Keyed,
            Self::Etcd(EtcdAct::SnapshotSave { .. }) => EffectClass::Keyed,
            // Juju accepts both again and again; what it did can be seen.
            Self::Juju(JujuAct::RunAction { .. } | JujuAct::Refresh { .. }) => {
                EffectClass::Probeable
            }
            Self::Helm(act) => act.class(),
            Self::Osism(act) => act.class(),
            Self::Exec(act) => act.effect,
            // Each setting has one value afterwards, however often it is made.
            Self::Edit(_) => EffectClass::Converge,
            Self::Person(PersonAct::Do { .. } | PersonAct::Notify { .. }) => EffectClass::Human,
        }
    }

    /// The commands that a person would type for it; empty for what has none.
    #[must_use]
    pub fn commands(&self) -> Vec<Command> {
        let line = |words: &[&str]| Command::of(words.iter().copied());
        match self {
            Self::Kube(KubeAct::Cordon { node }) => {
                vec![line(&["kubectl", "cordon", node.as_str()])]
            }
            Self::Kube(KubeAct::Uncordon { node }) => {
                vec![line(&["kubectl", "uncordon", node.as_str()])]
            }
            Self::Kube(KubeAct::Drain { node, allow }) => {
                let mut words = vec!["kubectl", "drain", node.as_str(), "--ignore-daemonsets"];
                if allow.empty_dirs == Allowed::Yes {
                    words.push("--delete-emptydir-data");
                }
                if allow.bare_pods == Allowed::Yes {
                    words.push("--force");
                }
                vec![line(&words)]
            }
            Self::Kubeadm(KubeadmAct::Apply { to, .. }) => vec![line(&[
                "kubeadm",
                "upgrade",
                "apply",
                "--yes",
                &to.to_string(),
            ])],
            Self::Kubeadm(KubeadmAct::Node { .. }) => {
                vec![line(&["kubeadm", "upgrade", "node"])]
            }
            Self::Kubeadm(KubeadmAct::Kubelet { to, .. }) => {
                let package = format!("kubelet={}.{}-*", to.minor(), to.patch());
                vec![
                    line(&[
                        "apt-get",
                        "install",
                        "-y",
                        "--allow-change-held-packages",
                        &package,
                    ]),
                    line(&["systemctl", "daemon-reload"]),
                    line(&["systemctl", "restart", "kubelet"]),
                ]
            }
            Self::Etcd(EtcdAct::SnapshotSave { .. }) => vec![
                line(&[
                    "etcdctl",
                    "--cacert",
                    "/etc/kubernetes/pki/etcd/ca.crt",
                    "--cert",
                    "/etc/kubernetes/pki/etcd/healthcheck-client.crt",
                    "--key",
                    "/etc/kubernetes/pki/etcd/healthcheck-client.key",
                    "snapshot",
                    "save",
                    "/var/lib/etcd-snapshots/before-upgrade.db",
                ]),
                line(&[
                    "etcdutl",
                    "snapshot",
                    "status",
                    "--write-out",
                    "json",
                    "/var/lib/etcd-snapshots/before-upgrade.db",
                ]),
            ],
            Self::Juju(JujuAct::RunAction {
                application,
                action,
            }) => vec![line(&[
                "juju",
                "run",
                &format!("{application}/leader"),
                action.as_str(),
                "--wait",
                "300s",
                "--format",
                "json",
            ])],
            Self::Juju(JujuAct::Refresh {
                application,
                channel,
            }) => {
                let mut words = vec!["juju", "refresh", application.as_str()];
                if let Some(channel) = channel {
                    words.extend(["--channel", channel.as_str()]);
                }
                vec![line(&words)]
            }
            Self::Helm(act) => act.commands(),
            Self::Osism(act) => vec![act.command()],
            Self::Exec(act) => vec![act.command()],
            Self::Person(PersonAct::Do { commands, .. }) => commands
                .iter()
                .map(|words| Command::of(words.iter()))
                .collect(),
            Self::Edit(_) | Self::Person(PersonAct::Notify { .. }) => Vec::new(),
        }
    }

    /// The node that the act is for, if it is for one: where its commands run,
    /// or which node it is about.
    #[must_use]
    pub const fn node(&self) -> Option<&NodeName> {
        match self {
            Self::Kube(
                KubeAct::Cordon { node } | KubeAct::Uncordon { node } | KubeAct::Drain { node, .. },
            )
            | Self::Kubeadm(
                KubeadmAct::Apply { node, .. }
                | KubeadmAct::Node { node, .. }
                | KubeadmAct::Kubelet { node, .. },
            )
            | Self::Etcd(EtcdAct::SnapshotSave { node }) => Some(node),
            Self::Juju(_)
            | Self::Helm(_)
            | Self::Osism(_)
            | Self::Exec(_)
            | Self::Edit(_)
            | Self::Person(_) => None,
        }
    }
}

/// The number of a lease on a target: it only ever rises, and a target that
/// knows a higher one refuses a lower one.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
pub struct Epoch(pub u64);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// What a `World` is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Intent {
    /// The key by which the target can recognise a repetition.
    pub key: OpKey,
    /// The lease under which it is sent.
    pub epoch: Epoch,
    /// When the sender stops waiting and the outcome is unknown.
    pub deadline: jiff::Timestamp,
    /// What to do.
    pub act: Act,
}

/// What a `World` says to an intent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Answer {
    /// It took the act on. Not: it is done.
    Acknowledged {
        /// The target's own name for the operation, when it has one.
        operation: Option<String>,
        /// What holds parts of it back, such as a budget and a pod.
        waits_on: Vec<String>,
    },
    /// It did nothing, and says why.
    Refused(Refusal),
    /// Nobody can say whether it did anything.
    Unknown(String),
}

/// Why a `World` did nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Refusal {
    /// A higher epoch has been seen: somebody else holds the lease.
    Fenced(Epoch),
    /// No adapter here has hands for it; a person has to do it.
    NoHands(Adapter),
    /// The act contradicts what is there, and would contradict it again.
    Denied(String),
    /// Not now: trying again later may work.
    Later {
        /// Why.
        why: String,
        /// How long the target asked to be left alone.
        after: Option<Seconds>,
    },
}

/// What a target knows of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Trace {
    /// It never saw it.
    Absent,
    /// It saw it, and this is what became of it.
    Present(String),
    /// It cannot tell.
    CannotTell(String),
}

/// Whether a target now refuses lower epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Fence {
    /// It does.
    Raised,
    /// It has no fence.
    Unsupported,
}

/// The key of the `attempt`-th decided try at a step.
///
/// Thirty-two characters of lower-case base 32 (RFC 4648 alphabet, 160 bits of
/// the SHA-256 of run, step and attempt): fits the 50 characters that names
/// derived from it may have, and the 63 of a Kubernetes label. Sending again
/// after a crash keeps the key; a new try by a person or a policy makes a new one.
#[must_use]
pub fn op_key(run: &RunId, step: &StepId, attempt: u32) -> OpKey {
    let digest = Sha256::digest(format!("{run}\n{step}\n{attempt}").as_bytes());
    let bits = digest.iter().take(20).fold(
        (String::new(), 0_u32, 0_u32),
        |(mut text, mut held, mut count), byte| {
            held = held << 8 | u32::from(*byte);
            count += 8;
            while count >= 5 {
                count -= 5;
                let digit = u8::try_from(held >> count & 31).unwrap_or(0);
                text.push(char::from(if digit < 26 {
                    b'a' + digit
                } else {
                    b'2' + digit - 26
                }));
            }
            held &= (1 << count) - 1;
            (text, held, count)
        },
    );
    OpKey::from_base32(bits.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_short_and_differ_by_run_step_and_attempt() {
        let key = |run: &str, step: &str, attempt| {
            op_key(&run.parse().unwrap(), &step.parse().unwrap(), attempt).to_string()
        };
        let first = key("r1", "a/b", 1);
        assert_eq!(first.len(), 32);
        assert!(
            first
                .bytes()
                .all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b))
        );
        assert_eq!(first, key("r1", "a/b", 1));
        for other in [
            key("r2", "a/b", 1),
            key("r1", "a/c", 1),
            key("r1", "a/b", 2),
        ] {
            assert_ne!(first, other);
        }
    }

    #[test]
    fn a_name_with_blanks_can_never_become_a_second_argument() {
        assert!("w-1 --force".parse::<NodeName>().is_err());
        let act = Act::Kube(KubeAct::Cordon {
            node: "w-1;reboot".parse().unwrap(),
        });
        let [command] = act.commands().try_into().unwrap();
        assert_eq!(command.run, ["kubectl", "cordon", "w-1;reboot"]);
    }
}
