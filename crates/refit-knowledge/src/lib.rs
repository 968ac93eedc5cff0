//! What Refit knows: dated, sourced facts about Kubernetes and its ecosystem.
//!
//! The facts are small files in `knowledge/`, embedded into the binary and read
//! when first asked for, each family by itself. This room answers questions
//! about them and decides nothing about a cluster. An answer outside what is
//! known says so; it is never "fine".

pub mod api;
pub mod basis;
pub mod calendar;
pub mod project;
pub mod skew;
pub mod table;

use jiff::civil::Date;
use refit_model::version::Minor;
use std::sync::{LazyLock, OnceLock};

use api::Apis;
use calendar::Calendar;
use project::Projects;
use skew::SkewPolicy;

/// The texts of all fact files, by family.
///
/// [`Files::EMBEDDED`] is what the binary carries.
#[derive(Clone, Copy, Debug)]
pub struct Files<'t> {
    /// `manifest.csv`.
    pub manifest: &'t str,
    /// `bases.csv`.
    pub bases: &'t str,
    /// `kubernetes/api-lifecycle.csv`.
    pub api_lifecycle: &'t str,
    /// `kubernetes/releases.csv`.
    pub releases: &'t str,
    /// `kubernetes/skew.csv`.
    pub skew: &'t str,
    /// `projects/projects.csv`.
    pub projects: &'t str,
    /// `projects/detection.csv`.
    pub detection: &'t str,
    /// `projects/requirements.csv`.
    pub requirements: &'t str,
}

impl Files<'static> {
    /// The files this binary was built with.
    pub const EMBEDDED: Self = Self {
        manifest: include_str!("../../../knowledge/manifest.csv"),
        bases: include_str!("../../../knowledge/bases.csv"),
        api_lifecycle: include_str!("../../../knowledge/kubernetes/api-lifecycle.csv"),
        releases: include_str!("../../../knowledge/kubernetes/releases.csv"),
        skew: include_str!("../../../knowledge/kubernetes/skew.csv"),
        projects: include_str!("../../../knowledge/projects/projects.csv"),
        detection: include_str!("../../../knowledge/projects/detection.csv"),
        requirements: include_str!("../../../knowledge/projects/requirements.csv"),
    };
}

/// Everything that is known, each family read when first asked for.
#[derive(Clone, Debug)]
pub struct Knowledge {
    files: Files<'static>,
    manifest: OnceLock<Manifest>,
    apis: OnceLock<Apis>,
    calendar: OnceLock<Calendar>,
    skew: OnceLock<SkewPolicy>,
    projects: OnceLock<Projects>,
}

static EMBEDDED: LazyLock<Knowledge> = LazyLock::new(|| Knowledge::lazy(Files::EMBEDDED));

impl Knowledge {
    /// What this binary was built with.
    #[must_use]
    pub fn embedded() -> &'static Self {
        &EMBEDDED
    }

    /// Reads and checks all families at once, from files that may be wrong.
    ///
    /// # Errors
    /// At the first line that is not as its schema wants it.
    pub fn read(files: &Files<'_>) -> Result<Self, table::Error> {
        let manifest = Manifest::read(files.manifest)?;
        Ok(Self {
            apis: OnceLock::from(Apis::read(
                files.api_lifecycle,
                files.bases,
                (manifest.first_minor, manifest.last_minor),
            )?),
            calendar: OnceLock::from(Calendar::read(files.releases)?),
            skew: OnceLock::from(SkewPolicy::read(files.skew)?),
            projects: OnceLock::from(Projects::read(
                files.projects,
                files.detection,
                files.requirements,
                manifest.last_minor,
            )?),
            manifest: OnceLock::from(manifest),
            // Never looked at: every family above is there already.
            files: Files::EMBEDDED,
        })
    }

    fn lazy(files: Files<'static>) -> Self {
        Self {
            files,
            manifest: OnceLock::new(),
            apis: OnceLock::new(),
            calendar: OnceLock::new(),
            skew: OnceLock::new(),
            projects: OnceLock::new(),
        }
    }

    fn manifest(&self) -> &Manifest {
        self.manifest
            .get_or_init(|| intact(Manifest::read(self.files.manifest)))
    }

    /// The version of this knowledge, such as `2026.08.1`: year, month, and the
    /// how-manieth of that month.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.manifest().version
    }

    /// The day after which nothing was looked at.
    #[must_use]
    pub fn as_of(&self) -> Date {
        self.manifest().as_of
    }

    /// The first and the last Kubernetes minor that the families cover.
    #[must_use]
    pub fn covers(&self) -> (Minor, Minor) {
        (self.manifest().first_minor, self.manifest().last_minor)
    }

    /// The life of every built-in API.
    #[must_use]
    pub fn apis(&self) -> &Apis {
        self.apis.get_or_init(|| {
            intact(Apis::read(
                self.files.api_lifecycle,
                self.files.bases,
                self.covers(),
            ))
        })
    }

    /// Releases of Kubernetes: when they came, how long they are supported.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        self.calendar
            .get_or_init(|| intact(Calendar::read(self.files.releases)))
    }

    /// The version-skew policy.
    #[must_use]
    pub fn skew(&self) -> &SkewPolicy {
        self.skew
            .get_or_init(|| intact(SkewPolicy::read(self.files.skew)))
    }

    /// Projects: how to recognise them and what they need of Kubernetes.
    #[must_use]
    pub fn projects(&self) -> &Projects {
        self.projects.get_or_init(|| {
            intact(Projects::read(
                self.files.projects,
                self.files.detection,
                self.files.requirements,
                self.covers().1,
            ))
        })
    }
}

/// What the knowledge says about itself.
#[derive(Clone, Debug)]
struct Manifest {
    version: String,
    as_of: Date,
    first_minor: Minor,
    last_minor: Minor,
}

impl Manifest {
    const SCHEMA: table::Schema = table::Schema {
        format: "refit-knowledge/manifest/1",
        columns: &["version", "first_minor", "last_minor"],
        key: 1,
    };

    fn read(text: &str) -> Result<Self, table::Error> {
        let table = table::Table::read("manifest.csv", text, &Self::SCHEMA)?;
        let mut records = table.records();
        let (Some(record), None) = (records.next(), records.next()) else {
            return Err(table::Error {
                file: "manifest.csv".to_owned(),
                line: 0,
                problem: table::Problem::Contradiction("there is not exactly one row"),
            });
        };
        let manifest = Self {
            version: record.required("version")?.to_owned(),
            as_of: table.as_of,
            first_minor: record.value("first_minor", "a minor")?,
            last_minor: record.value("last_minor", "a minor")?,
        };
        if manifest.first_minor > manifest.last_minor {
            return Err(record.contradiction("the first minor is after the last"));
        }
        Ok(manifest)
    }
}

/// The value of an embedded family.
#[expect(
    clippy::panic,
    reason = "the embedded files are constants; `embedded_files_are_intact` reads every one of them"
)]
fn intact<T>(read: Result<T, table::Error>) -> T {
    match read {
        Ok(value) => value,
        Err(error) => panic!("embedded knowledge is broken: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_files_are_intact() {
        let read = Knowledge::read(&Files::EMBEDDED);
        assert_eq!(
            read.as_ref().map(|_| ()).map_err(ToString::to_string),
            Ok(())
        );
        let (read, embedded) = (read.unwrap(), Knowledge::embedded());
        assert_eq!(read.version(), embedded.version());
        assert_eq!(embedded.covers(), (Minor::new(1, 16), Minor::new(1, 37)));
        assert_eq!(read.apis().len(), embedded.apis().len());
    }
}
