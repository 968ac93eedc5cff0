//! The use case *doctor*: what works from here, and what to do about the rest.
//!
//! It looks at the tools on the `PATH`, at the kubeconfig, at the cluster that
//! the context leads to, and at what that cluster would allow. Nothing is
//! written, and every question has a time after which it is given up.

mod tools;

use crate::landscape::{HelmReleases, Live, connect, facts, reads, trouble};
use refit_cluster::{Access, Contexts, LiveWorld, Right, acts, contexts};
use refit_model::seen::Unseen;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;
pub use tools::{Tool, ToolState};

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnosis {
    /// The version of this form.
    pub api_version: &'static str,
    /// `Diagnosis`.
    pub kind: &'static str,
    /// The version of Refit.
    pub refit: &'static str,
    /// The tools that plans and people call.
    pub tools: Vec<Tool>,
    /// The kubeconfig.
    pub kubeconfig: Kubeconfig,
    /// The cluster that the context leads to.
    pub cluster: Cluster,
    /// What works from here.
    pub abilities: Vec<Ability>,
    /// Whether a cluster was asked for by name, so that its absence is a failure.
    #[serde(skip)]
    pub asked: Asked,
}

/// Whether somebody said which cluster is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nobody did: the current context is looked at if there is one.
    ForNone,
    /// A kubeconfig or a context was named.
    ForOne,
}

/// Something that does not work, and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
pub struct Trouble {
    /// What, with its causes, in one line.
    pub what: String,
    /// What to do, one step each.
    pub next: Vec<String>,
}

/// The kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Kubeconfig {
    /// The files that it is made of, whether they are there or not.
    #[schemars(with = "Vec<String>")]
    pub files: Vec<PathBuf>,
    /// What it holds.
    #[serde(flatten)]
    pub state: KubeconfigState,
}

/// What a kubeconfig holds.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum KubeconfigState {
    /// It was read.
    Read {
        /// The names of its contexts, sorted.
        contexts: Vec<String>,
        /// The one that is used when none is named.
        current: Option<String>,
    },
    /// It is missing or broken.
    Unusable(Trouble),
}

/// What became of the cluster.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum Cluster {
    /// It answers.
    Answers {
        /// The context that leads there.
        context: String,
        /// What it calls its version; absent when it does not say.
        version: Option<String>,
        /// The rights that an assessment needs.
        reading: Permissions,
        /// The rights that a live run needs beside those.
        acting: Permissions,
    },
    /// It was not reached.
    Unreached(Trouble),
}

/// What the server said of a set of rights.
#[derive(Clone, Debug, Default, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Permissions {
    /// How many rights were asked after.
    pub asked: usize,
    /// Those that are missing.
    pub missing: Vec<String>,
    /// Those of which nothing is known, each with the reason.
    pub unknown: Vec<String>,
}

impl Permissions {
    fn of(answers: BTreeMap<Right, Result<bool, Unseen>>) -> Self {
        let mut permissions = Self {
            asked: answers.len(),
            ..Self::default()
        };
        for (right, answer) in answers {
            match answer {
                Ok(true) => {}
                Ok(false) => permissions.missing.push(right.to_string()),
                Err(why) => permissions.unknown.push(format!("{right}: {why}")),
            }
        }
        permissions
    }

    /// Nothing was said of any of them.
    fn unasked(rights: &[Right], why: &str) -> Self {
        Self {
            asked: rights.len(),
            missing: Vec::new(),
            unknown: rights
                .iter()
                .map(|right| format!("{right}: {why}"))
                .collect(),
        }
    }

    /// How many are allowed.
    #[must_use]
    pub fn allowed(&self) -> usize {
        self.asked
            .saturating_sub(self.missing.len() + self.unknown.len())
    }
}

/// Something that Refit does, and whether it can be done from here.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ability {
    /// What.
    pub what: &'static str,
    /// Whether it works.
    pub works: Works,
    /// What to do next.
    pub next: String,
}

/// Whether something works from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Works {
    /// It does.
    Yes,
    /// It does, with gaps.
    Partly,
    /// It does not.
    No,
}

impl Diagnosis {
    /// The exit code: a cluster that was asked for and cannot be looked at is
    /// one that was not seen; everything else is only told.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match (self.asked, &self.cluster) {
            (Asked::ForOne, Cluster::Unreached(_)) => crate::exit::UNSEEN,
            (Asked::ForOne, Cluster::Answers { reading, .. }) if reading.allowed() == 0 => {
                crate::exit::UNSEEN
            }
            (Asked::ForNone | Asked::ForOne, _) => crate::exit::FINE,
        }
    }
}

/// How long a cluster may take to answer for the first time: three times what a
/// connection may take, because a plug-in may log in first.
const FIRST: Duration = Duration::from_secs(30);

/// How long all questions after rights may take: about 75 of them, four at once,
/// at a second each.
const RIGHTS: Duration = Duration::from_secs(20);

/// Looks around. It blocks its thread for as long as that takes: at most a
/// minute, and a few seconds where everything answers.
#[must_use]
pub fn diagnose(live: &Live) -> Diagnosis {
    let (files, held) = contexts(live.connect.kubeconfig.as_deref());
    let state = match held {
        Ok(Contexts { names, current }) => KubeconfigState::Read {
            contexts: names,
            current,
        },
        Err(error) => KubeconfigState::Unusable(trouble(error)),
    };
    let tools = tools::tools();
    let cluster = match &state {
        KubeconfigState::Read { .. } => cluster(live),
        KubeconfigState::Unusable(_) => Cluster::Unreached(Trouble {
            what: "no cluster was asked: the kubeconfig cannot be used".to_owned(),
            next: vec!["mend or name the kubeconfig (--kubeconfig FILE) first".to_owned()],
        }),
    };
    let is_named = live.connect.kubeconfig.is_some() || live.connect.context.is_some();
    Diagnosis {
        api_version: refit_model::API_VERSION,
        kind: "Diagnosis",
        refit: env!("CARGO_PKG_VERSION"),
        abilities: abilities(&cluster),
        tools,
        kubeconfig: Kubeconfig { files, state },
        cluster,
        asked: if is_named {
            Asked::ForOne
        } else {
            Asked::ForNone
        },
    }
}

/// What the thread that talks to the cluster has to say, in this order.
enum Word {
    Connected(Result<Option<String>, Trouble>),
    Rights(Permissions, Permissions),
}

/// Asks the cluster. A plug-in blocks whoever runs it, for as long as it likes:
/// a thread of its own does, and is left behind when it takes too long.
fn cluster(live: &Live) -> Cluster {
    let context = match Access::read(&live.connect) {
        Ok(access) => access.context().to_owned(),
        Err(error) => return Cluster::Unreached(trouble(error)),
    };
    let (say, hear) = mpsc::channel();
    let thread_of = live.clone();
    let thread = std::thread::spawn(move || ask(&thread_of, &say));
    drop(thread);
    let unreached = |what: String| {
        Cluster::Unreached(Trouble {
            what,
            next: vec![
                "`kubectl cluster-info` shows whether the API server can be reached from here"
                    .to_owned(),
            ],
        })
    };
    let version = match hear.recv_timeout(FIRST) {
        Ok(Word::Connected(Ok(version))) => version,
        Ok(Word::Connected(Err(trouble))) => return Cluster::Unreached(trouble),
        Ok(Word::Rights(..)) | Err(mpsc::RecvTimeoutError::Disconnected) => {
            return unreached(format!("context {context} could not be asked"));
        }
        Err(mpsc::RecvTimeoutError::Timeout) => {
            return unreached(format!(
                "context {context} did not answer within {} s",
                FIRST.as_secs()
            ));
        }
    };
    // The questions end by themselves a moment before.
    let (reading, acting) = match hear.recv_timeout(RIGHTS + Duration::from_secs(5)) {
        Ok(Word::Rights(reading, acting)) => (reading, acting),
        Ok(Word::Connected(_)) | Err(_) => {
            let why = "the question was not answered";
            (
                Permissions::unasked(&needed(), why),
                Permissions::unasked(&acts(), why),
            )
        }
    };
    Cluster::Answers {
        context,
        version,
        reading,
        acting,
    }
}

/// Talks to the cluster. Who does not listen any more is no failure.
fn ask(live: &Live, say: &mpsc::Sender<Word>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(runtime) = runtime else {
        return;
    };
    runtime.block_on(async {
        let world = match connect(live).await {
            Ok(world) => world,
            Err(failure) => {
                drop(say.send(Word::Connected(Err(failure.into()))));
                return;
            }
        };
        let version = world.version().await.ok();
        drop(say.send(Word::Connected(Ok(version))));
        let (reading, acting) = permissions(&world).await;
        drop(say.send(Word::Rights(reading, acting)));
    });
}

/// The rights that an assessment needs.
fn needed() -> Vec<Right> {
    let reads = reads(HelmReleases::NotAsked);
    reads
        .resources
        .into_iter()
        .map(Right::from)
        .chain(reads.paths.into_iter().map(Right::Path))
        .collect()
}

async fn permissions(world: &LiveWorld) -> (Permissions, Permissions) {
    let acting = acts();
    let all = needed().into_iter().chain(acting.clone()).collect();
    let (acting, reading) = world
        .permits(all, &facts(), RIGHTS)
        .await
        .into_iter()
        .partition(|(right, _)| acting.contains(right));
    (Permissions::of(reading), Permissions::of(acting))
}

/// What follows for the three things that people come for.
fn abilities(cluster: &Cluster) -> Vec<Ability> {
    let ability = |what, works, next: &str| Ability {
        what,
        works,
        next: next.to_owned(),
    };
    let files = ability(
        "assess files",
        Works::Yes,
        "`refit assess -f DIR --to VERSION`",
    );
    let (assess, run) = match cluster {
        Cluster::Unreached(trouble) => {
            let next = trouble.next.first().map_or("see above", String::as_str);
            ((Works::No, next.to_owned()), (Works::No, next.to_owned()))
        }
        Cluster::Answers {
            context,
            reading,
            acting,
            ..
        } => {
            let assess = if reading.allowed() == reading.asked {
                let next = format!("`refit assess --context {context}`");
                (Works::Yes, next)
            } else {
                let works = if reading.allowed() == 0 {
                    Works::No
                } else {
                    Works::Partly
                };
                let next = if reading.missing.is_empty() {
                    "some rights could not be asked after: `kubectl auth can-i --list` shows them"
                } else {
                    "`refit rbac` prints the rights that are missing, for `kubectl apply -f -`; what cannot be read is a gap"
                };
                (works, next.to_owned())
            };
            let run = if acting.allowed() < acting.asked {
                let next = "get and patch nodes and create pods/eviction must be allowed; `refit rbac` gives reading alone";
                (Works::No, next.to_owned())
            } else if assess.0 == Works::Yes {
                let next = "`refit plan new`, then `refit plan approve` and `refit run`";
                (Works::Yes, next.to_owned())
            } else {
                (assess.0, "a run looks before it acts: see above".to_owned())
            };
            (assess, run)
        }
    };
    vec![
        files,
        ability("assess the cluster", assess.0, &assess.1),
        ability("run live", run.0, &run.1),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permissions(asked: usize, missing: usize, unknown: usize) -> Permissions {
        let rights = |count| vec!["list pods".to_owned(); count];
        Permissions {
            asked,
            missing: rights(missing),
            unknown: rights(unknown),
        }
    }

    #[test]
    fn what_works_follows_from_what_is_allowed() {
        for (reading, acting, assess, run) in [
            (
                permissions(9, 0, 0),
                permissions(3, 0, 0),
                Works::Yes,
                Works::Yes,
            ),
            (
                permissions(9, 0, 0),
                permissions(3, 1, 0),
                Works::Yes,
                Works::No,
            ),
            (
                permissions(9, 2, 0),
                permissions(3, 0, 0),
                Works::Partly,
                Works::Partly,
            ),
            (
                permissions(9, 0, 1),
                permissions(3, 0, 1),
                Works::Partly,
                Works::No,
            ),
            (
                permissions(9, 8, 1),
                permissions(3, 3, 0),
                Works::No,
                Works::No,
            ),
        ] {
            let found = abilities(&Cluster::Answers {
                context: "c".to_owned(),
                version: None,
                reading: reading.clone(),
                acting: acting.clone(),
            });
            let works: Vec<_> = found.iter().map(|ability| ability.works).collect();
            assert_eq!(works, [Works::Yes, assess, run], "{reading:?} {acting:?}");
        }
    }
}
