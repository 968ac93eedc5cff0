//! Programs and files: what they show, and what a plan lets them do.
//!
//! A program gets an argument list and never a shell, an environment of its own
//! in which only the settings that its kind of tool needs are passed on, and a
//! process group that is killed as a whole when its time is over.

use crate::surroundings::Surroundings;
use refit_executor::ports::World;
use refit_model::act::{Act, Answer, Epoch, Fence, Intent, Refusal, Trace};
use refit_model::command::{Command, Word, Words};
use refit_model::expression::ExpressionError;
use refit_model::look::{Look, Looked, Shown};
use refit_model::name::OpKey;
use refit_model::query::Query;
use refit_model::seen::{Seen, Unseen};
use refit_model::snapshot::{ClusterIdentity, Snapshot};
use refit_sources::yaml::Spanned;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};

/// How long a look may take. `az aks show` answers in some 3 s, `helm list`
/// against a large cluster in 10; a minute is patience enough for a question.
const LOOK: Duration = Duration::from_secs(60);
/// The most that is kept of what a program prints: `kubectl get pods -o json` of
/// a thousand pods is 8 MB. What is longer is no answer, since half a JSON text
/// is none.
const MOST: u64 = 16 << 20;
/// The most that is kept of standard error: its end says what went wrong.
const MOST_SAID: usize = 2000;

/// How a program ended.
struct Ended {
    code: i32,
    out: Vec<u8>,
    err: String,
}

/// Why a program did not end by itself, or told nothing that can be kept.
enum Broken {
    /// It could not be started.
    NotStarted(io::Error),
    /// Its time was over, and it was killed.
    TimedOut,
    /// What it printed could not be taken in.
    Unread(String),
}

/// Looks, from here: see [`Surroundings::of_this_process`].
pub async fn look_through(question: &Look) -> Looked {
    look(question, &Surroundings::of_this_process()).await
}

/// Looks.
pub(crate) async fn look(look: &Look, around: &Surroundings) -> Looked {
    let shown = match look {
        Look::Program { run, on, .. } => program(look, run, on.as_ref(), around).await,
        Look::File { path, .. } => file(look, &around.place(path.as_str())),
    };
    Looked {
        look: look.clone(),
        shown: match shown {
            Ok(shown) => Seen::Is(shown),
            Err(why) => Seen::Gap(why),
        },
    }
}

async fn program(
    look: &Look,
    run: &Words,
    on: Option<&Word>,
    around: &Surroundings,
) -> Result<Shown, Unseen> {
    let command = Command {
        on: on.cloned(),
        ..Command::of(run.iter())
    };
    match execute(&command, LOOK, around).await {
        Ok(ended) => {
            let out = String::from_utf8(ended.out)
                .map_err(|_| Unseen::Failed(format!("`{run}` printed what is no text")))?;
            shown(look, ended.code, &out, &ended.err)
        }
        Err(Broken::NotStarted(error)) => Err(Unseen::Failed(format!(
            "{} could not be started: {error}",
            run.program()
        ))),
        Err(Broken::TimedOut) => Err(Unseen::Failed(format!(
            "`{run}` did not end within {} s",
            LOOK.as_secs()
        ))),
        Err(Broken::Unread(why)) => Err(Unseen::Failed(format!("`{run}`: {why}"))),
    }
}

fn shown(look: &Look, code: i32, out: &str, err: &str) -> Result<Shown, Unseen> {
    Shown::of(look, code, out, err).map_err(|error: ExpressionError| {
        Unseen::Failed(format!("`{look}` ended with exit code {code}; {error}"))
    })
}

/// A file that is not there is an answer: exit code 1 and nothing in it.
fn file(look: &Look, path: &Path) -> Result<Shown, Unseen> {
    let bytes = match std::fs::File::open(path).and_then(|file| {
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(file, MOST + 1), &mut bytes)?;
        Ok(bytes)
    }) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Shown {
                code: 1,
                out: serde_json::Value::Null,
                err: "there is no such file".to_owned(),
            });
        }
        Err(error) => return Err(Unseen::Failed(format!("{}: {error}", path.display()))),
    };
    if bytes.len() as u64 > MOST {
        return Err(Unseen::Failed(format!(
            "{} has more than {MOST} bytes",
            path.display()
        )));
    }
    let mut documents = refit_sources::yaml::documents(&bytes);
    let (Some(document), None) = (documents.next(), documents.next()) else {
        return Err(Unseen::Failed(format!(
            "{} holds not exactly one document",
            path.display()
        )));
    };
    match document.content {
        Ok(node) => {
            let value = node.map_or(serde_json::Value::Null, Spanned::into_json);
            shown(look, 0, &value.to_string(), "")
        }
        Err(error) => Err(Unseen::Failed(format!("{}: {error}", path.display()))),
    }
}

/// Runs `command` to its end, or until its time is over.
async fn execute(
    command: &Command,
    patience: Duration,
    around: &Surroundings,
) -> Result<Ended, Broken> {
    let words = here(command);
    let Some((program, arguments)) = words.split_first() else {
        return Err(Broken::NotStarted(io::ErrorKind::InvalidInput.into()));
    };
    let mut prepared = tokio::process::Command::new(program);
    prepared
        .args(arguments)
        .env_clear()
        .envs(around.environment())
        .stdin(if command.input.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .process_group(0);
    let is_here = command
        .on
        .as_ref()
        .is_none_or(|host| host.as_str() == "localhost");
    match (&command.dir, is_here) {
        (Some(dir), true) => {
            prepared.current_dir(around.place(dir.as_str()));
        }
        (Some(_), false) | (None, _) => {
            if let Some(folder) = around.folder() {
                prepared.current_dir(folder);
            }
        }
    }
    let mut child = prepared.spawn().map_err(Broken::NotStarted)?;
    let group = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(rustix::process::Pid::from_raw);
    let (input, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let work = async {
        let feed = async {
            if let (Some(mut pipe), Some(text)) = (input, &command.input) {
                // A program that reads nothing closes the pipe; that is its right.
                let _unread = pipe.write_all(text.as_bytes()).await;
            }
        };
        let ((), out, err) = tokio::join!(feed, taken(out), taken(err));
        let status = child
            .wait()
            .await
            .map_err(|error| Broken::Unread(error.to_string()))?;
        Ok((status, out?, err?))
    };
    let ended = tokio::time::timeout(patience, work).await;
    // Whatever it left running belongs to it, and ends with it.
    if let Some(group) = group {
        let _gone = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let (status, out, err) = ended.map_err(|_| Broken::TimedOut)??;
    let err = String::from_utf8_lossy(&err);
    let err: String = err.trim().chars().rev().take(MOST_SAID).collect();
    Ok(Ended {
        // Killed by a signal: shells say 128 and the signal's number.
        code: status.code().unwrap_or_else(|| {
            128 + std::os::unix::process::ExitStatusExt::signal(&status).unwrap_or_default()
        }),
        out,
        err: err.chars().rev().collect(),
    })
}

/// The words to run here: a command for another host goes through ssh, which
/// hands one line to a shell there, so it is quoted for one.
fn here(command: &Command) -> Vec<String> {
    match &command.on {
        // A template names the host; that it is this one is for a parameter to say.
        None => command.run.clone(),
        Some(host) if host.as_str() == "localhost" => command.run.clone(),
        Some(host) => {
            let line = Command {
                on: None,
                input: None,
                output: None,
                ..command.clone()
            };
            ["ssh", "-o", "BatchMode=yes", "--", host.as_str()]
                .into_iter()
                .map(str::to_owned)
                .chain([line.to_string()])
                .collect()
        }
    }
}

async fn taken(pipe: Option<impl AsyncRead + Unpin>) -> Result<Vec<u8>, Broken> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(MOST + 1)
            .read_to_end(&mut bytes)
            .await
            .map_err(|error| Broken::Unread(error.to_string()))?;
    }
    if bytes.len() as u64 > MOST {
        return Err(Broken::Unread(format!("it printed more than {MOST} bytes")));
    }
    Ok(bytes)
}

/// Carries an act out whose hands are programs; `None` for any other act.
///
/// An exit code other than 0 is an unknown outcome and never a plain failure: a
/// client that gave up waiting has often changed what it was to change. What
/// became of it is for the next look to say.
pub(crate) async fn act(
    intent: &Intent,
    now: jiff::Timestamp,
    around: &Surroundings,
) -> Option<Answer> {
    match &intent.act {
        Act::Helm(_) | Act::Osism(_) | Act::Exec(_) => {}
        Act::Kube(_)
        | Act::Kubeadm(_)
        | Act::Etcd(_)
        | Act::Juju(_)
        | Act::Edit(_)
        | Act::Person(_) => return None,
    }
    let patience = Duration::try_from(intent.deadline.duration_since(now)).unwrap_or_default();
    let begun = std::time::Instant::now();
    for command in intent.act.commands() {
        let left = patience.saturating_sub(begun.elapsed());
        let name = command.run.first().cloned().unwrap_or_default();
        match execute(&command, left, around).await {
            Ok(ended) if ended.code == 0 => {
                if let Some(path) = &command.output
                    && let Err(error) = write(&around.place(path.as_str()), &ended.out)
                {
                    return Some(Answer::Refused(Refusal::Denied(format!(
                        "{path} could not be written: {error}"
                    ))));
                }
            }
            Ok(ended) => {
                return Some(Answer::Unknown(format!(
                    "{name} ended with exit code {}: {}",
                    ended.code,
                    last_line(&ended.err)
                )));
            }
            Err(Broken::NotStarted(error)) => {
                return Some(Answer::Refused(Refusal::Denied(format!(
                    "{name} could not be started: {error}"
                ))));
            }
            Err(Broken::TimedOut) => {
                return Some(Answer::Unknown(format!(
                    "{name} did not end before its deadline and was killed"
                )));
            }
            Err(Broken::Unread(why)) => return Some(Answer::Unknown(format!("{name}: {why}"))),
        }
    }
    Some(Answer::Acknowledged {
        operation: None,
        waits_on: Vec::new(),
    })
}

fn last_line(text: &str) -> &str {
    text.lines().last().unwrap_or("it said nothing")
}

/// Writes a file for its owner alone: captured values hold secrets. One that is
/// there already may have been open to others, so that is taken back first.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    io::Write::write_all(&mut file, bytes)?;
    file.sync_all()
}

/// A landscape that is seen and changed through programs alone, such as one of
/// OSISM from its manager: it has no API of its own to be asked for.
#[derive(Debug)]
pub struct ToolWorld {
    identity: ClusterIdentity,
    around: Surroundings,
    highest: AtomicU64,
}

impl ToolWorld {
    /// The landscape that is known by `identity`, seen from `around`.
    #[must_use]
    pub const fn new(identity: ClusterIdentity, around: Surroundings) -> Self {
        Self {
            identity,
            around,
            highest: AtomicU64::new(0),
        }
    }
}

impl World for ToolWorld {
    async fn observe(&self, query: &Query) -> Snapshot {
        let mut snapshot = Snapshot::empty(self.identity.clone(), jiff::Timestamp::now());
        if let Query::Look(question) = query {
            snapshot.looks.push(look(question, &self.around).await);
        }
        snapshot
    }

    async fn act(&self, intent: &Intent) -> Answer {
        let highest = self
            .highest
            .fetch_max(intent.epoch.0, Ordering::SeqCst)
            .max(intent.epoch.0);
        if intent.epoch.0 < highest {
            return Answer::Refused(Refusal::Fenced(Epoch(highest)));
        }
        act(intent, jiff::Timestamp::now(), &self.around)
            .await
            .unwrap_or_else(|| Answer::Refused(Refusal::NoHands(intent.act.adapter())))
    }

    async fn probe(&self, _key: &OpKey) -> Trace {
        Trace::CannotTell("programs keep no record of our keys".to_owned())
    }

    async fn fence(&self, epoch: Epoch) -> Fence {
        self.highest.fetch_max(epoch.0, Ordering::SeqCst);
        Fence::Unsupported
    }
}

#[cfg(test)]
mod tests;
