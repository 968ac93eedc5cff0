//! Canonical Kubernetes under Juju: which channel leads to which, what a charm
//! revision brings along, what stands in the way, and what its messages mean.
//!
//! A channel names a series. A charm revision pins one revision of the snap for
//! each architecture, and only the snap decides which Kubernetes runs: so a unit
//! can be `active` on the new charm with the old version. Which Kubernetes patch a
//! snap revision holds no source says, see the README.

use crate::files::{Family, Files};
use crate::table::{Error, Record, Schema};
use jiff::civil::Date;
use refit_model::version::Minor;
use std::collections::BTreeMap;

/// Where the series are.
pub const SERIES_FILE: &str = "seeds/canonical/series.csv";
/// Where the charm revisions are.
pub const REVISIONS_FILE: &str = "seeds/canonical/revisions.csv";
/// Where the order of acts is.
pub const ORDER_FILE: &str = "seeds/canonical/order.csv";
/// Where the gates of hops are.
pub const GATES_FILE: &str = "seeds/canonical/gates.csv";
/// Where the messages are.
pub const MESSAGES_FILE: &str = "seeds/canonical/messages.csv";

/// The columns of [`SERIES_FILE`].
pub const SERIES: Schema = Schema {
    format: "refit-knowledge/canonical-series/1",
    columns: &[
        "series",
        "charm_released",
        "snap_released",
        "workers_from",
        "workers_to",
        "snap_amd64",
        "snap_arm64",
        "juju",
        "source",
        "source_version",
        "notes",
    ],
    key: 1,
};

/// The columns of [`REVISIONS_FILE`].
pub const REVISIONS: Schema = Schema {
    format: "refit-knowledge/canonical-revisions/1",
    columns: &[
        "charm",
        "revision",
        "series",
        "snap_amd64",
        "snap_arm64",
        "built",
    ],
    key: 2,
};

/// The columns of [`ORDER_FILE`].
pub const ORDER: Schema = Schema {
    format: "refit-knowledge/canonical-order/1",
    columns: &[
        "first",
        "then",
        "basis",
        "source",
        "source_version",
        "notes",
    ],
    key: 2,
};

/// The columns of [`GATES_FILE`].
pub const GATES: Schema = Schema {
    format: "refit-knowledge/canonical-gates/1",
    columns: &[
        "from",
        "to",
        "gate",
        "weight",
        "what",
        "look",
        "source",
        "source_version",
    ],
    key: 3,
};

/// The columns of [`MESSAGES_FILE`].
pub const MESSAGES: Schema = Schema {
    format: "refit-knowledge/canonical-messages/1",
    columns: &[
        "message",
        "state",
        "verdict",
        "source",
        "source_version",
        "notes",
    ],
    key: 2,
};

/// What a charm of one series is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charm {
    /// When it came out.
    pub released: Date,
    /// The oldest and the newest minor of control plane and workers from which it
    /// goes to its series.
    pub accepts: (Minor, Minor),
    /// The snap revision that its newest state pins.
    pub snap: Pin,
    /// The oldest Juju that it runs with.
    pub juju: String,
}

/// One series: a minor of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Which.
    pub minor: Minor,
    /// When its snap came out.
    pub snap_released: Date,
    /// Its charm, where there was one when it was looked at.
    pub charm: Option<Charm>,
    /// Where this is said.
    pub source: String,
    /// The commit that it was read at.
    pub source_version: String,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

/// A snap revision for each architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    /// On amd64.
    pub amd64: u32,
    /// On arm64.
    pub arm64: u32,
}

/// One revision of one charm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The series whose branch it was built on.
    pub series: Minor,
    /// The snap revision that it pins.
    pub snap: Pin,
    /// The day of the commit that it was built from.
    pub built: Date,
}

/// What makes one act come before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderBasis {
    /// The documentation says so.
    Documented,
    /// The charm itself stops otherwise.
    Enforced,
}

/// One act comes before another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// What comes first.
    pub first: String,
    /// What comes after it.
    pub then: String,
    /// What makes it so.
    pub basis: OrderBasis,
    /// Where this is said.
    pub source: String,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

/// How much a gate weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Worth a look before.
    Look,
    /// Something has to be done by hand before.
    Manual,
    /// What it offers cannot be taken back.
    Irreversible,
    /// The hop does not go unless what it asks for was seen.
    Blocks,
}

/// Something that one hop meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The minor that the hop leaves.
    pub from: Minor,
    /// The minor that it goes to.
    pub to: Minor,
    /// Its short name.
    pub name: String,
    /// How much it weighs.
    pub weight: Weight,
    /// What it is about.
    pub what: String,
    /// A command that shows how it stands, where there is one.
    pub look: Option<String>,
    /// Where this is said.
    pub source: String,
}

/// What a message means for an upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on.
    Progress,
    /// It rests here until others have moved.
    Expected,
    /// Somebody else may be at it: look, and send nothing again.
    InDoubt,
    /// It may pass or not: look, and give up after a time.
    Look,
    /// It tries again without an end: without progress a person is needed.
    Stalls,
    /// It does not go on by itself.
    Stop,
}

/// One message of a unit or an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its text; `*` stands for anything.
    pub text: String,
    /// The status word that it stands with, or `action`.
    pub state: String,
    /// What it means.
    pub verdict: Verdict,
    /// Where it is written.
    pub source: String,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

/// Why the charm does not go from one minor to another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoHop {
    /// Nothing is known of a charm of that series.
    #[error("no charm of {to} is known; the newest known is {newest}")]
    NoCharm {
        /// The series that was asked for.
        to: Minor,
        /// The newest with a charm.
        newest: String,
    },
    /// The charm does not accept what runs.
    #[error("the charm of {to} goes there from {oldest} to {newest}, and {found} runs")]
    NotAccepted {
        /// The series that was asked for.
        to: Minor,
        /// The oldest that the charm accepts.
        oldest: Minor,
        /// The newest that it accepts.
        newest: Minor,
        /// What runs.
        found: Minor,
    },
}

/// What is known of Canonical Kubernetes.
#[derive(Clone, Debug)]
pub struct CanonicalK8s {
    series: BTreeMap<Minor, Series>,
    revisions: BTreeMap<(String, u32), Revision>,
    order: Vec<Order>,
    gates: Vec<Gate>,
    messages: Vec<Message>,
}

impl CanonicalK8s {
    /// All series, oldest first.
    pub fn series(&self) -> impl Iterator<Item = &Series> {
        self.series.values()
    }

    /// The series that a channel such as `1.35/stable` follows. `None` where it
    /// names none, as `latest/edge` does, or one that nothing is known of.
    #[must_use]
    pub fn series_of_channel(&self, channel: &str) -> Option<&Series> {
        let (track, _) = channel.split_once('/').unwrap_or((channel, ""));
        self.series.get(&track.parse().ok()?)
    }

    /// What revision `revision` of `charm` (`k8s` or `k8s-worker`) brings along.
    #[must_use]
    pub fn revision(&self, charm: &str, revision: u32) -> Option<&Revision> {
        self.revisions.get(&(charm.to_owned(), revision))
    }

    /// How many charm revisions are known.
    #[must_use]
    pub fn revisions(&self) -> usize {
        self.revisions.len()
    }

    /// The charm that takes a cluster to `to`, whose control plane and workers run
    /// at the `minors`: each has to be one that the charm accepts, so workers that
    /// lag behind stop the control plane.
    ///
    /// # Errors
    /// Why the charm does not go there.
    pub fn hop(&self, minors: &[Minor], to: Minor) -> Result<&Charm, NoHop> {
        let Some(charm) = self
            .series
            .get(&to)
            .and_then(|series| series.charm.as_ref())
        else {
            let newest = self
                .series
                .values()
                .rfind(|series| series.charm.is_some())
                .map_or_else(|| "none".to_owned(), |series| series.minor.to_string());
            return Err(NoHop::NoCharm { to, newest });
        };
        let (oldest, newest) = charm.accepts;
        match minors
            .iter()
            .find(|minor| **minor < oldest || **minor > newest)
        {
            None => Ok(charm),
            Some(found) => Err(NoHop::NotAccepted {
                to,
                oldest,
                newest,
                found: *found,
            }),
        }
    }

    /// What comes before what.
    #[must_use]
    pub fn order(&self) -> &[Order] {
        &self.order
    }

    /// What stands in the way of the hop from one minor to the next.
    pub fn gates(&self, from: Minor, to: Minor) -> impl Iterator<Item = &Gate> {
        self.gates
            .iter()
            .filter(move |gate| gate.from == from && gate.to == to)
    }

    /// All gates.
    #[must_use]
    pub fn every_gate(&self) -> &[Gate] {
        &self.gates
    }

    /// What `text` means, in the status `state` or as the message of an `action`.
    /// Of two rows that fit, the longer.
    #[must_use]
    pub fn message(&self, state: &str, text: &str) -> Option<&Message> {
        self.messages
            .iter()
            .filter(|message| message.state == state && fits(&message.text, text))
            .max_by_key(|message| message.text.len())
    }
}

/// Whether `text` is `pattern`, whose one `*` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text
            .strip_prefix(before)
            .is_some_and(|rest| rest.ends_with(after)),
    }
}

impl Family for CanonicalK8s {
    fn read_from(files: &Files) -> Result<Self, Error> {
        Ok(Self {
            series: series(files)?,
            revisions: revisions(files)?,
            order: order(files)?,
            gates: gates(files)?,
            messages: messages(files)?,
        })
    }
}

const MINOR: &str = "a minor such as 1.35";
const DAY: &str = "a day such as 2026-01-16";
const REVISION: &str = "the number of a revision";

fn pin(record: &Record<'_>) -> Result<Pin, Error> {
    Ok(Pin {
        amd64: record.value("snap_amd64", REVISION)?,
        arm64: record.value("snap_arm64", REVISION)?,
    })
}

fn series(files: &Files) -> Result<BTreeMap<Minor, Series>, Error> {
    let mut all = BTreeMap::new();
    for record in files.table(SERIES_FILE, &SERIES)?.records() {
        let minor = record.value("series", MINOR)?;
        let charm = match record.optional("charm_released", DAY)? {
            None => None,
            Some(released) => Some(Charm {
                released,
                accepts: (
                    record.value("workers_from", MINOR)?,
                    record.value("workers_to", MINOR)?,
                ),
                snap: pin(&record)?,
                juju: record.required("juju")?.to_owned(),
            }),
        };
        if charm.as_ref().is_some_and(|charm| charm.accepts.1 != minor) {
            return Err(record.contradiction("a charm that does not accept its own series"));
        }
        let series = Series {
            minor,
            snap_released: record.value("snap_released", DAY)?,
            charm,
            source: record.required("source")?.to_owned(),
            source_version: record.required("source_version")?.to_owned(),
            notes: record.text("notes").to_owned(),
        };
        all.insert(minor, series);
    }
    Ok(all)
}

fn revisions(files: &Files) -> Result<BTreeMap<(String, u32), Revision>, Error> {
    let mut all = BTreeMap::new();
    for record in files.table(REVISIONS_FILE, &REVISIONS)?.records() {
        let charm = record.choice(
            "charm",
            &[("k8s", "k8s"), ("k8s-worker", "k8s-worker")],
            "k8s or k8s-worker",
        )?;
        let revision = Revision {
            series: record.value("series", MINOR)?,
            snap: pin(&record)?,
            built: record.value("built", DAY)?,
        };
        all.insert(
            (charm.to_owned(), record.value("revision", REVISION)?),
            revision,
        );
    }
    Ok(all)
}

fn order(files: &Files) -> Result<Vec<Order>, Error> {
    let table = files.table(ORDER_FILE, &ORDER)?;
    let read = |record: Record<'_>| {
        Ok(Order {
            first: record.required("first")?.to_owned(),
            then: record.required("then")?.to_owned(),
            basis: record.choice(
                "basis",
                &[
                    ("documented", OrderBasis::Documented),
                    ("enforced", OrderBasis::Enforced),
                ],
                "documented or enforced",
            )?,
            source: record.required("source")?.to_owned(),
            notes: record.text("notes").to_owned(),
        })
    };
    table.records().map(read).collect()
}

fn gates(files: &Files) -> Result<Vec<Gate>, Error> {
    let table = files.table(GATES_FILE, &GATES)?;
    let read = |record: Record<'_>| {
        Ok(Gate {
            from: record.value("from", MINOR)?,
            to: record.value("to", MINOR)?,
            name: record.required("gate")?.to_owned(),
            weight: record.choice(
                "weight",
                &[
                    ("look", Weight::Look),
                    ("manual", Weight::Manual),
                    ("irreversible", Weight::Irreversible),
                    ("blocks", Weight::Blocks),
                ],
                "look, manual, irreversible or blocks",
            )?,
            what: record.required("what")?.to_owned(),
            look: Some(record.text("look").to_owned()).filter(|look| !look.is_empty()),
            source: record.required("source")?.to_owned(),
        })
    };
    table.records().map(read).collect()
}

fn messages(files: &Files) -> Result<Vec<Message>, Error> {
    let table = files.table(MESSAGES_FILE, &MESSAGES)?;
    let read = |record: Record<'_>| {
        Ok(Message {
            text: record.required("message")?.to_owned(),
            state: record.required("state")?.to_owned(),
            verdict: record.choice(
                "verdict",
                &[
                    ("expected", Verdict::Expected),
                    ("in-doubt", Verdict::InDoubt),
                    ("look", Verdict::Look),
                    ("progress", Verdict::Progress),
                    ("stalls", Verdict::Stalls),
                    ("stop", Verdict::Stop),
                ],
                "expected, in-doubt, look, progress, stalls or stop",
            )?,
            source: record.required("source")?.to_owned(),
            notes: record.text("notes").to_owned(),
        })
    };
    table.records().map(read).collect()
}

#[cfg(test)]
mod tests;
