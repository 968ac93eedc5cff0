//! Projects that run in clusters: where they live, and which Kubernetes they go
//! with. How to recognise them is [`crate::detection`]'s.
//!
//! What a project *declares*, what it *tested*, what its *chart* accepts and
//! what it was *built against* are different claims. They are kept apart, and an
//! answer names those it rests on. A version or a minor that no claim speaks of
//! is [`Support::NotKnown`], which is never "fine".

pub mod breaking;
mod built_against;
pub mod check;
pub mod life;
pub mod route;
mod version;

use crate::files::{Family, Files};
use crate::manifest::Manifest;
use crate::table::{Error, Record, Schema};
use jiff::civil::Date;
use refit_model::version::Minor;
use std::collections::BTreeMap;
use std::fmt;

pub use built_against::BUILT_AGAINST;
pub use version::{ProjectVersion, ProjectVersionError, VersionSpan};

/// The columns of `projects/projects.csv`.
pub const PROJECTS: Schema = Schema {
    format: "refit-knowledge/projects/1",
    columns: &[
        "project",
        "title",
        "repository",
        "end_of_life",
        "source",
        "notes",
    ],
    key: 1,
};

/// The columns of `projects/requirements.csv`.
pub const REQUIREMENTS: Schema = Schema {
    format: "refit-knowledge/requirements/1",
    columns: &[
        "project",
        "from_version",
        "to_version",
        "basis",
        "min_kubernetes",
        "max_kubernetes",
        "source",
        "source_version",
        "as_of",
        "notes",
    ],
    key: 4,
};

/// A project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// Its short name, such as `cert-manager`.
    pub name: String,
    /// Its name as it writes it itself.
    pub title: String,
    /// Where its source is.
    pub repository: String,
    /// The day after which it gets no more fixes, for a project that is given up.
    pub end_of_life: Option<Date>,
    /// Where this is said.
    pub source: String,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

/// What a claim about Kubernetes versions rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// Its client library is of that Kubernetes release. Says nothing about the others.
    BuiltAgainst,
    /// Its chart refuses to be installed outside. Says nothing about the inside.
    Chart,
    /// The project says it supports these.
    Declared,
    /// The project says it tests with these.
    Tested,
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BuiltAgainst => "built against",
            Self::Chart => "chart",
            Self::Declared => "declared",
            Self::Tested => "tested",
        })
    }
}

/// Up to which minor a claim reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upper {
    /// This is the last one.
    Last(Minor),
    /// The source says "and newer", of minors that it could not know.
    AndNewer,
    /// The source says nothing.
    NotStated,
}

/// One claim: these versions of a project go with these minors of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The project's short name.
    pub project: String,
    /// Its versions that the claim is about.
    pub versions: VersionSpan,
    /// What the claim rests on.
    pub basis: Basis,
    /// The oldest minor, where one is stated.
    pub min: Option<Minor>,
    /// The newest minor.
    pub max: Upper,
    /// Where the claim is made: project, and file or page.
    pub source: String,
    /// The state of that source: a commit or a tag.
    pub source_version: String,
    /// When somebody last looked.
    pub as_of: Date,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

/// What one claim says about one minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Yes,
    No,
    Nothing,
}

impl Requirement {
    /// `known` is the newest minor of which anything is known.
    fn says(&self, minor: Minor, known: Minor) -> Says {
        let below = self.min.is_some_and(|min| minor < min);
        let (above, within) = match self.max {
            Upper::Last(last) => (minor > last, minor <= last),
            Upper::AndNewer => (false, minor <= known),
            Upper::NotStated => (false, false),
        };
        match self.basis {
            Basis::Declared if below || above => Says::No,
            Basis::Declared | Basis::Tested if !below && within => Says::Yes,
            Basis::Chart if below || above => Says::No,
            Basis::Declared | Basis::Tested | Basis::Chart | Basis::BuiltAgainst => Says::Nothing,
        }
    }
}

/// Whether a version of a project goes with a minor of Kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Support<'p> {
    /// Somebody says it does, and nobody says it does not.
    Supported {
        /// Who says so.
        on: Vec<&'p Requirement>,
    },
    /// Somebody says it does not.
    NotSupported {
        /// Who says so.
        on: Vec<&'p Requirement>,
    },
    /// Nobody says.
    NotKnown {
        /// Claims about this version that do not settle it.
        heard: Vec<&'p Requirement>,
    },
}

/// All projects that are known.
#[derive(Clone, Debug)]
pub struct Projects {
    projects: BTreeMap<String, Project>,
    requirements: Vec<Requirement>,
    known: Minor,
}

impl Family for Projects {
    /// Fails also where a file names a project that `projects.csv` does not have.
    fn read_from(files: &Files) -> Result<Self, Error> {
        let projects = read_projects(files)?;
        Ok(Self {
            requirements: {
                let mut claims = read_requirements(files, &projects)?;
                claims.extend(built_against::read(files, &projects)?);
                claims
            },
            projects,
            known: Manifest::read_from(files)?.last_minor,
        })
    }
}

impl Projects {
    /// The project called `name`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Project> {
        self.projects.get(name)
    }

    /// All projects, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Project> {
        self.projects.values()
    }

    /// Every claim about `name`, whatever the version.
    pub fn requirements(&self, name: &str) -> impl Iterator<Item = &Requirement> {
        self.requirements
            .iter()
            .filter(move |requirement| requirement.project == name)
    }

    /// Whether `version` of project `name` goes with Kubernetes `minor`.
    #[must_use]
    pub fn supports(&self, name: &str, version: &ProjectVersion, minor: Minor) -> Support<'_> {
        let heard: Vec<&Requirement> = self
            .requirements(name)
            .filter(|requirement| requirement.versions.contains(version))
            .collect();
        let saying = |wanted: Says| -> Vec<&Requirement> {
            heard
                .iter()
                .copied()
                .filter(|requirement| requirement.says(minor, self.known) == wanted)
                .collect()
        };
        let (yes, no) = (saying(Says::Yes), saying(Says::No));
        if !no.is_empty() {
            Support::NotSupported { on: no }
        } else if !yes.is_empty() {
            Support::Supported { on: yes }
        } else {
            Support::NotKnown { heard }
        }
    }

    /// The claim about the oldest versions of `name` that go with `minor`: where
    /// to go when what is installed does not.
    #[must_use]
    pub fn earliest_supporting(&self, name: &str, minor: Minor) -> Option<&Requirement> {
        self.requirements(name)
            .filter(|requirement| requirement.says(minor, self.known) == Says::Yes)
            .filter(|requirement| {
                let version = requirement.versions.first();
                matches!(
                    self.supports(name, version, minor),
                    Support::Supported { .. }
                )
            })
            .min_by(|a, b| a.versions.first().cmp(b.versions.first()))
    }
}

const DATE: &str = "a date such as 2026-08-22";

fn read_projects(files: &Files) -> Result<BTreeMap<String, Project>, Error> {
    let table = files.table("projects/projects.csv", &PROJECTS)?;
    let mut projects = BTreeMap::new();
    for record in table.records() {
        let name = record.required("project")?.to_owned();
        let project = Project {
            name: name.clone(),
            title: record.required("title")?.to_owned(),
            repository: record.required("repository")?.to_owned(),
            end_of_life: record.optional("end_of_life", DATE)?,
            source: record.required("source")?.to_owned(),
            notes: record.text("notes").to_owned(),
        };
        projects.insert(name, project);
    }
    Ok(projects)
}

fn read_requirements(
    files: &Files,
    projects: &BTreeMap<String, Project>,
) -> Result<Vec<Requirement>, Error> {
    let table = files.table("projects/requirements.csv", &REQUIREMENTS)?;
    table
        .records()
        .map(|record| requirement(record, projects))
        .collect()
}

fn requirement(
    record: Record<'_>,
    projects: &BTreeMap<String, Project>,
) -> Result<Requirement, Error> {
    let first = record.value("from_version", "a version")?;
    let last = record.value("to_version", "a version")?;
    let versions = VersionSpan::new(first, last)
        .ok_or_else(|| record.contradiction("the versions run backwards"))?;
    let min: Option<Minor> = record.optional("min_kubernetes", "a minor")?;
    let max = match record.text("max_kubernetes") {
        "" => Upper::NotStated,
        "and-newer" => Upper::AndNewer,
        _ => Upper::Last(record.value("max_kubernetes", "a minor, and-newer or empty")?),
    };
    if let (Some(min), Upper::Last(max)) = (min, max)
        && min > max
    {
        return Err(record.contradiction("the Kubernetes minors run backwards"));
    }
    if min.is_none() && max == Upper::NotStated {
        return Err(record.contradiction("it claims nothing"));
    }
    Ok(Requirement {
        project: known_project(record, projects)?,
        versions,
        basis: record.choice(
            "basis",
            &[
                ("built-against", Basis::BuiltAgainst),
                ("chart", Basis::Chart),
                ("declared", Basis::Declared),
                ("tested", Basis::Tested),
            ],
            "built-against, chart, declared or tested",
        )?,
        min,
        max,
        source: record.required("source")?.to_owned(),
        source_version: record.required("source_version")?.to_owned(),
        as_of: record.value("as_of", DATE)?,
        notes: record.text("notes").to_owned(),
    })
}

/// Where a row's fact was read: the source, its state, and when.
fn dated(record: Record<'_>) -> Result<(String, String, Date), Error> {
    Ok((
        record.required("source")?.to_owned(),
        record.required("source_version")?.to_owned(),
        record.value("as_of", DATE)?,
    ))
}

fn known_project(
    record: Record<'_>,
    projects: &BTreeMap<String, Project>,
) -> Result<String, Error> {
    let name = record.required("project")?;
    if !projects.contains_key(name) {
        return Err(record.refuse("project", "a project of projects.csv"));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests;
