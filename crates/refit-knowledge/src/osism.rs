//! OSISM: its releases and what they pin, the order of its roles, and what its
//! command line offers and means, by version.
//!
//! Three orders are published and they disagree. So the order is constraints, each
//! with what it rests on, and the published orders are profiles that are judged by
//! them.

mod read;

use crate::files::{Family, Files};
use crate::table::Error;
use jiff::civil::Date;
use refit_model::version::{KubeVersion, Minor};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

pub use read::{
    CLIS, CLIS_FILE, COMMANDS, COMMANDS_FILE, CONSTRAINTS, CONSTRAINTS_FILE, PROFILES,
    PROFILES_FILE, RELEASES, RELEASES_FILE, RESULTS, RESULTS_FILE, ROLES, ROLES_FILE, SERIES,
    SERIES_FILE,
};

/// Three numbers with dots: a release such as `10.1.0`, or the command line's
/// version such as `0.20260615.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(u32, u32, u32);

impl Number {
    /// The first number: of a release, its series.
    #[must_use]
    pub const fn series(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// A text that is not three numbers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not three numbers with dots between them, such as 10.1.0")]
pub struct NumberError {
    /// What was given.
    pub text: String,
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        let parts: Option<Vec<u32>> = text.split('.').map(|part| part.parse().ok()).collect();
        match parts.as_deref() {
            Some([major, minor, patch]) => Ok(Self(*major, *minor, *patch)),
            Some(_) | None => Err(NumberError {
                text: text.to_owned(),
            }),
        }
    }
}

/// How far a series is maintained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maintenance {
    /// It is to come.
    Planned,
    /// The present one.
    Maintained,
    /// The one before it.
    Extended,
    /// Nothing is done for it.
    Ended,
}

/// A series of releases: one first number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Which.
    pub number: u32,
    /// When its first release came, where a source says.
    pub released: Option<Date>,
    /// How far it was maintained when it was looked at.
    pub maintenance: Maintenance,
    /// The release of OpenStack that it is built around.
    pub openstack: Option<String>,
    /// The release of Ceph, where a source names one.
    pub ceph: Option<String>,
    /// Where this is said.
    pub source: String,
}

/// One release, and what it pins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Which.
    pub number: Number,
    /// The day, where its notes give one.
    pub released: Option<Date>,
    /// The release of OpenStack, where the release has a file of its own for it.
    pub openstack: Option<String>,
    /// The name of the release of Ceph, where it has a file of its own for it.
    pub ceph: Option<String>,
    /// The version of the command line.
    pub cli: Option<Number>,
    /// The release of k3s.
    pub k3s: Option<KubeVersion>,
    /// The version of Docker, as apt writes it.
    pub docker: Option<String>,
    /// The version of ansible-core.
    pub ansible_core: Option<String>,
}

/// What a role belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// The manager and what it needs first.
    Manager,
    /// Open vSwitch and OVN.
    Network,
    /// Ceph.
    Ceph,
    /// Docker on every host.
    Docker,
    /// k3s.
    Kubernetes,
    /// Logging and monitoring.
    LoggingMonitoring,
    /// What the services share.
    Infrastructure,
    /// The services of OpenStack.
    OpenStack,
}

/// A text that names no layer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no layer, such as network")]
pub struct LayerError {
    /// What was given.
    pub text: String,
}

impl FromStr for Layer {
    type Err = LayerError;

    fn from_str(text: &str) -> Result<Self, LayerError> {
        Ok(match text {
            "manager" => Self::Manager,
            "network" => Self::Network,
            "ceph" => Self::Ceph,
            "docker" => Self::Docker,
            "kubernetes" => Self::Kubernetes,
            "logging-monitoring" => Self::LoggingMonitoring,
            "infrastructure" => Self::Infrastructure,
            "openstack" => Self::OpenStack,
            _ => {
                return Err(LayerError {
                    text: text.to_owned(),
                });
            }
        })
    }
}

/// Who deploys a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deployer {
    /// Kolla Ansible: it needs the tool box that `common` brings.
    Kolla,
    /// Another one.
    Other,
}

/// Whether its images can be pulled before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pull {
    /// `osism apply -a pull` fetches them.
    Before,
    /// There is nothing to pull.
    None,
}

/// Something that `osism apply` applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// What it belongs to.
    pub layer: Layer,
    /// Who deploys it.
    pub deployer: Deployer,
    /// Whether its images can be pulled before.
    pub pull: Pull,
    /// The command that upgrades it, as the source writes it.
    pub command: String,
    /// Where this is said.
    pub source: String,
}

/// What a constraint is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Then {
    /// This role.
    Role(String),
    /// The services of OpenStack.
    OpenStack,
    /// Every other role that Kolla Ansible deploys.
    Kolla,
    /// Every other role.
    Every,
}

/// What a constraint rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintBasis {
    /// A page says so.
    Documented,
    /// The vendor tests this order, and no page says that another one works.
    Ci,
}

/// One role comes before others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// The role that comes first.
    pub first: String,
    /// What comes after it.
    pub then: Then,
    /// What it rests on.
    pub basis: ConstraintBasis,
    /// Where this is said.
    pub source: String,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

/// A role that an order has too early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken<'o> {
    /// The constraint that it breaks.
    pub constraint: &'o Constraint,
    /// The role that comes before [`Constraint::first`].
    pub role: String,
}

/// A published order of roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its short name.
    pub name: String,
    /// The roles in their order.
    pub roles: Vec<String>,
    /// Where it is published.
    pub source: String,
    /// What else is worth knowing.
    pub notes: String,
}

/// What the end of a command means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// It was done.
    Ok,
    /// It was tried and failed.
    Failed,
    /// Nothing was sent.
    Refused,
    /// It may be done, run or have failed: look, and send nothing again.
    InDoubt,
    /// It says what is not so.
    Wrong,
}

/// How one command ended in one situation, as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CliResult {
    /// The command.
    pub command: String,
    /// What the situation was.
    pub situation: String,
    /// The version of the command line.
    pub cli: Number,
    /// Its exit code.
    pub exit_code: u8,
    /// What that means.
    pub meaning: Meaning,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

/// Why one release is not a step from another.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoStep {
    /// Nothing is known of it.
    #[error("nothing is known of release {0}")]
    Unknown(Number),
    /// It is older.
    #[error("{to} is older than {from}, and no way back is documented")]
    Backwards {
        /// What runs.
        from: Number,
        /// What was asked for.
        to: Number,
    },
    /// It is more than one series ahead.
    #[error("{to} is more than one series ahead of {from}: only the next one is a step")]
    SkipsSeries {
        /// What runs.
        from: Number,
        /// What was asked for.
        to: Number,
    },
}

/// What is known of OSISM.
#[derive(Clone, Debug)]
pub struct Osism {
    series: BTreeMap<u32, Series>,
    releases: BTreeMap<Number, Release>,
    roles: BTreeMap<String, Role>,
    constraints: Vec<Constraint>,
    profiles: Vec<Profile>,
    clis: BTreeMap<Number, usize>,
    commands: BTreeMap<String, Vec<(Number, Number)>>,
    results: Vec<CliResult>,
}

impl Osism {
    /// All series, oldest first.
    pub fn series(&self) -> impl Iterator<Item = &Series> {
        self.series.values()
    }

    /// All releases, oldest first.
    pub fn releases(&self) -> impl Iterator<Item = &Release> {
        self.releases.values()
    }

    /// The release `number`.
    #[must_use]
    pub fn release(&self, number: Number) -> Option<&Release> {
        self.releases.get(&number)
    }

    /// Whether `to` is a step from `from`: within a series any newer one is, and of
    /// other series only the next.
    ///
    /// # Errors
    /// Why it is none.
    pub fn step(&self, from: Number, to: Number) -> Result<&Release, NoStep> {
        let release = self.releases.get(&to).ok_or(NoStep::Unknown(to))?;
        if !self.releases.contains_key(&from) {
            Err(NoStep::Unknown(from))
        } else if to < from {
            Err(NoStep::Backwards { from, to })
        } else if to.series() > from.series().saturating_add(1) {
            Err(NoStep::SkipsSeries { from, to })
        } else {
            Ok(release)
        }
    }

    /// The releases on the way from `from` to `to`: the newest known of each series
    /// in between, then `to`. Empty where it runs already.
    ///
    /// # Errors
    /// Where one of the ends is not known, or it goes back.
    pub fn path(&self, from: Number, to: Number) -> Result<Vec<&Release>, NoStep> {
        let mut hops = Vec::new();
        let mut at = from;
        while at != to {
            match self.step(at, to) {
                Ok(release) => hops.push(release),
                Err(NoStep::SkipsSeries { .. }) => {
                    let next = at.series().saturating_add(1);
                    let newest = self
                        .releases
                        .values()
                        .rfind(|release| release.number.series() == next)
                        .ok_or(NoStep::SkipsSeries { from: at, to })?;
                    hops.push(newest);
                }
                Err(other) => return Err(other),
            }
            at = hops.last().map_or(to, |release| release.number);
        }
        if hops.is_empty() && !self.releases.contains_key(&to) {
            return Err(NoStep::Unknown(to));
        }
        Ok(hops)
    }

    /// The minors of Kubernetes that the k3s of a step from `from` to `to` leaves
    /// out: nothing in `k3s-upgrade` looks at that. Empty where one is not known.
    #[must_use]
    pub fn k3s_skips(&self, from: Number, to: Number) -> Vec<Minor> {
        let k3s = |number| Some(self.releases.get(&number)?.k3s.as_ref()?.minor());
        let (Some(before), Some(after)) = (k3s(from), k3s(to)) else {
            return Vec::new();
        };
        before
            .up_to(after)
            .filter(|minor| *minor != after)
            .collect()
    }

    /// All roles, by name.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.values()
    }

    /// The role called `name`. An unknown role is sent to another worker, so a name
    /// is looked up before it is used.
    #[must_use]
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.get(name)
    }

    /// All constraints.
    #[must_use]
    pub fn constraints(&self) -> &[Constraint] {
        &self.constraints
    }

    /// The published orders.
    #[must_use]
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// What `order` breaks: each role that comes before one that has to precede it.
    /// A constraint whose first role is not in the order is not judged, nor is a
    /// role that nothing is known of.
    #[must_use]
    pub fn broken_by(&self, order: &[String]) -> Vec<Broken<'_>> {
        let mut broken = Vec::new();
        for constraint in &self.constraints {
            let early = order
                .iter()
                .take_while(|role| **role != constraint.first)
                .filter(|_| order.contains(&constraint.first))
                .filter_map(|role| self.roles.get(role))
                .filter(|role| constraint.is_about(role));
            broken.extend(early.map(|role| Broken {
                constraint,
                role: role.name.clone(),
            }));
        }
        broken
    }

    /// The versions of the command line that were looked at, oldest first, with how
    /// many commands each has.
    pub fn clis(&self) -> impl Iterator<Item = (Number, usize)> {
        self.clis.iter().map(|(cli, commands)| (*cli, *commands))
    }

    /// Whether the command line `cli` has `command`, such as `manage amphora rotate`.
    /// `None` where the versions that were looked at do not tell: it is older or
    /// newer than all of them, or the two around it differ.
    #[must_use]
    pub fn has_command(&self, command: &str, cli: Number) -> Option<bool> {
        let has = |looked: Number| {
            self.commands.get(command).is_some_and(|runs| {
                runs.iter()
                    .any(|(first, last)| *first <= looked && looked <= *last)
            })
        };
        let below = self.clis.range(..=cli).next_back().map(|(cli, _)| *cli)?;
        let above = self.clis.range(cli..).next().map(|(cli, _)| *cli)?;
        (has(below) == has(above)).then(|| has(below))
    }

    /// All commands of all versions.
    pub fn commands(&self) -> impl Iterator<Item = &str> {
        self.commands.keys().map(String::as_str)
    }

    /// How commands ended where that was seen.
    #[must_use]
    pub fn results(&self) -> &[CliResult] {
        &self.results
    }
}

impl Constraint {
    /// Whether `role` has to come after [`Constraint::first`].
    #[must_use]
    pub fn is_about(&self, role: &Role) -> bool {
        let of_kolla = role.deployer == Deployer::Kolla;
        role.name != self.first
            && match &self.then {
                Then::Role(name) => *name == role.name,
                Then::OpenStack => role.layer == Layer::OpenStack && of_kolla,
                Then::Kolla => of_kolla,
                Then::Every => true,
            }
    }
}

impl Family for Osism {
    /// Fails also where a constraint or a profile names a role that there is not.
    fn read_from(files: &Files) -> Result<Self, Error> {
        read::osism(files)
    }
}

#[cfg(test)]
mod tests;
