//! What Refit knows: dated, sourced facts about Kubernetes and its ecosystem.
//!
//! The facts are small files in `knowledge/`, embedded into the binary and read
//! when first asked for, each family by itself. This room answers questions
//! about them and decides nothing about a cluster. An answer outside what is
//! known says so; it is never "fine".

pub mod api;
pub mod basis;
pub mod behaviour;
pub mod calendar;
pub mod canonical;
pub mod changes;
pub mod cluedin;
pub mod component;
pub mod custom;
pub mod detection;
pub mod files;
pub mod gates;
pub mod label;
mod manifest;
pub mod metric;
pub mod migration;
pub mod osism;
pub mod overlay;
pub mod project;
pub mod schema;
pub mod settings;
pub mod skew;
pub mod support;
pub mod table;
pub mod tools;

use jiff::civil::Date;
use refit_model::version::Minor;
use std::sync::{LazyLock, OnceLock};

use api::Apis;
use behaviour::Behaviours;
use calendar::Calendar;
use canonical::CanonicalK8s;
use cluedin::{CluedIn, ValueKeys};
use component::Components;
use custom::CustomApis;
use detection::Detection;
use files::{Family, Files};
use gates::Gates;
use label::WellKnownKeys;
use manifest::Manifest;
use metric::Metrics;
use migration::Migrations;
use osism::Osism;
use project::Projects;
use project::breaking::Changes;
use project::check::Checks;
use project::life::Lives;
use project::route::Routes;
use schema::Schemas;
use settings::ComponentFacts;
use skew::SkewPolicy;
use support::SupportCalendars;
use tools::Tools;

/// Everything that is known, each family read when first asked for.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    files: Files,
    manifest: OnceLock<Manifest>,
    apis: OnceLock<Apis>,
    calendar: OnceLock<Calendar>,
    custom: OnceLock<CustomApis>,
    detection: OnceLock<Detection>,
    skew: OnceLock<SkewPolicy>,
    projects: OnceLock<Projects>,
    behaviours: OnceLock<Behaviours>,
    metrics: OnceLock<Metrics>,
    migrations: OnceLock<Migrations>,
    project_changes: OnceLock<Changes>,
    project_checks: OnceLock<Checks>,
    project_lives: OnceLock<Lives>,
    project_routes: OnceLock<Routes>,
    schemas: OnceLock<Schemas>,
    components: OnceLock<Components>,
    well_known_keys: OnceLock<WellKnownKeys>,
    support: OnceLock<SupportCalendars>,
    cluedin: OnceLock<CluedIn>,
    canonical_k8s: OnceLock<CanonicalK8s>,
    osism: OnceLock<Osism>,
    gates: OnceLock<Gates>,
    settings: OnceLock<ComponentFacts>,
    tools: OnceLock<Tools>,
    cluedin_values: OnceLock<ValueKeys>,
}

static EMBEDDED: LazyLock<Knowledge> = LazyLock::new(Knowledge::default);

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
    pub fn read(files: Files) -> Result<Self, table::Error> {
        Ok(Self {
            manifest: checked(&files)?,
            apis: checked(&files)?,
            calendar: checked(&files)?,
            custom: checked(&files)?,
            detection: checked(&files)?,
            skew: checked(&files)?,
            projects: checked(&files)?,
            behaviours: checked(&files)?,
            metrics: checked(&files)?,
            migrations: checked(&files)?,
            project_changes: checked(&files)?,
            project_checks: checked(&files)?,
            project_lives: checked(&files)?,
            project_routes: checked(&files)?,
            schemas: checked(&files)?,
            components: checked(&files)?,
            well_known_keys: checked(&files)?,
            support: checked(&files)?,
            cluedin: checked(&files)?,
            canonical_k8s: checked(&files)?,
            osism: checked(&files)?,
            gates: checked(&files)?,
            settings: checked(&files)?,
            tools: checked(&files)?,
            cluedin_values: checked(&files)?,
            files,
        })
    }

    /// Knowledge from files that were read before, by [`Knowledge::read`]: each
    /// family when first asked for.
    #[must_use]
    pub fn lazily(files: Files) -> Self {
        Self {
            files,
            ..Self::default()
        }
    }

    /// The files that this knowledge is read from.
    #[must_use]
    pub const fn files(&self) -> &Files {
        &self.files
    }

    fn manifest(&self) -> &Manifest {
        self.family(&self.manifest)
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
        self.family(&self.apis)
    }

    /// Releases of Kubernetes: when they came, how long they are supported.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        self.family(&self.calendar)
    }

    /// The version-skew policy.
    #[must_use]
    pub fn skew(&self) -> &SkewPolicy {
        self.family(&self.skew)
    }

    /// The custom resource definitions of projects.
    #[must_use]
    pub fn custom_apis(&self) -> &CustomApis {
        self.family(&self.custom)
    }

    /// The signs by which projects are recognised.
    #[must_use]
    pub fn detection(&self) -> &Detection {
        self.family(&self.detection)
    }

    /// Projects: where they live and what they need of Kubernetes.
    #[must_use]
    pub fn projects(&self) -> &Projects {
        self.family(&self.projects)
    }

    /// What behaves otherwise from one minor to the next.
    #[must_use]
    pub fn behaviours(&self) -> &Behaviours {
        self.family(&self.behaviours)
    }

    /// Which metrics come, change and go.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        self.family(&self.metrics)
    }

    /// What differs between an API version that goes and its successor.
    #[must_use]
    pub fn migrations(&self) -> &Migrations {
        self.family(&self.migrations)
    }

    /// What changes in projects that somebody must act on.
    #[must_use]
    pub fn project_changes(&self) -> &Changes {
        self.family(&self.project_changes)
    }

    /// What projects ask to look at before and after an upgrade of them.
    #[must_use]
    pub fn project_checks(&self) -> &Checks {
        self.family(&self.project_checks)
    }

    /// Until when lines of projects get fixes.
    #[must_use]
    pub fn project_lives(&self) -> &Lives {
        self.family(&self.project_lives)
    }

    /// How far one upgrade of a project may go.
    #[must_use]
    pub fn project_routes(&self) -> &Routes {
        self.family(&self.project_routes)
    }

    /// What kubeadm installs, the steps of etcd, and what nodes must have.
    #[must_use]
    pub fn components(&self) -> &Components {
        self.family(&self.components)
    }

    /// Labels and taints that Kubernetes itself gives a meaning.
    #[must_use]
    pub fn well_known_keys(&self) -> &WellKnownKeys {
        self.family(&self.well_known_keys)
    }

    /// The fields of every kind in every minor.
    #[must_use]
    pub fn schemas(&self) -> &Schemas {
        self.family(&self.schemas)
    }

    /// Until when distributions of Kubernetes, projects and what they stand on are
    /// supported.
    #[must_use]
    pub fn support(&self) -> &SupportCalendars {
        self.family(&self.support)
    }

    /// CluedIn: its releases, and which leads to which.
    #[must_use]
    pub fn cluedin(&self) -> &CluedIn {
        self.family(&self.cluedin)
    }

    /// Canonical Kubernetes under Juju: series, charm revisions, gates, messages.
    #[must_use]
    pub fn canonical_k8s(&self) -> &CanonicalK8s {
        self.family(&self.canonical_k8s)
    }

    /// OSISM: releases, the order of roles, and what its command line offers.
    #[must_use]
    pub fn osism(&self) -> &Osism {
        self.family(&self.osism)
    }

    /// Flags of components that go, and the configuration files that they read.
    #[must_use]
    pub fn settings(&self) -> &ComponentFacts {
        self.family(&self.settings)
    }

    /// Feature gates of every component.
    #[must_use]
    pub fn gates(&self) -> &Gates {
        self.family(&self.gates)
    }

    /// Command lines: which commands and options tools have.
    #[must_use]
    pub fn tools(&self) -> &Tools {
        self.family(&self.tools)
    }

    /// The keys of values that charts of CluedIn have.
    #[must_use]
    pub fn cluedin_values(&self) -> &ValueKeys {
        self.family(&self.cluedin_values)
    }

    fn family<'k, F: Family>(&'k self, cell: &'k OnceLock<F>) -> &'k F {
        cell.get_or_init(|| intact(F::read_from(&self.files)))
    }
}

fn checked<F: Family>(files: &Files) -> Result<OnceLock<F>, table::Error> {
    F::read_from(files).map(OnceLock::from)
}

/// The value of an embedded family.
#[expect(
    clippy::panic,
    reason = "what is read late is embedded, hence constant, and `embedded_files_are_intact` reads all of it; what comes from outside is read at once, by `Knowledge::read`"
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
        let read = Knowledge::read(Files::embedded());
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
