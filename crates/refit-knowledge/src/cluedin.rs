//! CluedIn: its releases with their five numbers, which leads to which, and what
//! has to be done on the way.
//!
//! An edge of the graph is what an upgrade page says it covers. The releases that
//! a page *refuses* are only a lower bound: pages refuse less than they cover. So
//! one law holds over the whole table, and a table that breaks it is not read:
//! **an edge crosses a data version only if it carries that data upgrade.**

mod path;
mod release;
mod values;

use crate::files::{Family, Files};
use crate::table::{Error, Record, Schema};
use std::collections::BTreeMap;

pub use path::{Coverage, Hop, NoPath, Path, Pinned, Refusal};
pub use release::{DataVersion, ReleaseError, ReleaseName};
pub use values::{VALUE_KEYS, VALUE_KEYS_FILE, ValueKeys};

/// Where the releases are.
pub const RELEASES_FILE: &str = "seeds/cluedin/versions.csv";
/// Where the upgrades are: the edges of the graph.
pub const UPGRADES_FILE: &str = "seeds/cluedin/upgrades.csv";
/// Where the extra steps of some upgrades are.
pub const STEPS_FILE: &str = "seeds/cluedin/steps.csv";
/// Where the charts are.
pub const CHARTS_FILE: &str = "seeds/cluedin/charts.csv";
/// Where it stands what a chart brings along.
pub const COMPONENTS_FILE: &str = "seeds/cluedin/chart-components.csv";
/// Where the versions of the packages are that a release wants.
pub const PACKAGES_FILE: &str = "seeds/cluedin/packages.csv";

/// The columns of [`RELEASES_FILE`].
pub const RELEASES: Schema = Schema {
    format: "refit-knowledge/cluedin-releases/1",
    columns: &[
        "release",
        "named",
        "technical",
        "chart",
        "data_version",
        "source",
        "source_version",
        "notes",
    ],
    key: 1,
};

/// The columns of [`UPGRADES_FILE`].
pub const UPGRADES: Schema = Schema {
    format: "refit-knowledge/cluedin-upgrades/1",
    columns: &[
        "target",
        "from",
        "refuses_before",
        "mode",
        "data_upgrade",
        "carried_by",
        "steps",
        "source",
        "source_version",
        "notes",
    ],
    key: 2,
};

/// The columns of [`STEPS_FILE`].
pub const STEPS: Schema = Schema {
    format: "refit-knowledge/cluedin-steps/1",
    columns: &["step", "when", "what", "source", "source_version"],
    key: 1,
};

/// The columns of [`CHARTS_FILE`].
pub const CHARTS: Schema = Schema {
    format: "refit-knowledge/cluedin-charts/1",
    columns: &["chart", "app_version", "default_tag", "kubernetes"],
    key: 1,
};

/// The columns of [`COMPONENTS_FILE`].
pub const COMPONENTS: Schema = Schema {
    format: "refit-knowledge/cluedin-chart-components/1",
    columns: &["chart", "component", "version", "app_version"],
    key: 2,
};

/// The columns of [`PACKAGES_FILE`].
pub const PACKAGES: Schema = Schema {
    format: "refit-knowledge/cluedin-packages/1",
    columns: &["release", "package", "version"],
    key: 2,
};

/// One release, by the numbers that name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its full name, the tag of its images: with a patch, so that it cannot move.
    pub name: ReleaseName,
    /// What the documentation calls it, which may lack the patch.
    pub named: ReleaseName,
    /// Its technical version, such as `4.8.0`, where a source gives one.
    pub technical: Option<String>,
    /// The version of the chart that its page installs, where there is a page.
    pub chart: Option<String>,
    /// What its data is at, where a page names a data upgrade to it.
    pub data: Option<DataVersion>,
    /// Where this is said.
    pub source: String,
    /// The commit that it was read at.
    pub source_version: String,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

/// How the chart is upgraded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Three sets of values, one after the other.
    ThreeValues,
    /// Once, over the values of the release before it.
    ReuseValues,
    /// Once, with the whole values.
    Values,
    /// Once, with the whole values, database jobs and a full restore of packages.
    ValuesAndJobs,
    /// Three stages: upgrade mode, a `DataUpgrade` object, and back.
    DataUpgrade,
}

/// What brings a data upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarriedBy {
    /// A `DataUpgrade` object, applied between two stages.
    Object,
    /// A key of the values.
    Values,
}

/// A data upgrade that an edge carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataUpgrade {
    /// What it brings the data to.
    pub to: DataVersion,
    /// What brings it.
    pub by: CarriedBy,
}

/// One edge: what one page says about upgrading to one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// The release that it leads to, in full.
    pub target: ReleaseName,
    /// What it covers, as the page names it: without a patch, the whole line.
    pub from: ReleaseName,
    /// The page refuses what is older than this.
    pub refuses_before: Option<ReleaseName>,
    /// How the chart is upgraded.
    pub mode: Mode,
    /// The data upgrade on the way.
    pub data: Option<DataUpgrade>,
    /// The extra steps, by their names in [`Step`].
    pub steps: Vec<String>,
    /// The page.
    pub source: String,
    /// The commit that it was read at.
    pub source_version: String,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

/// When an extra step is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Before the chart is upgraded.
    Before,
    /// After it.
    After,
}

/// An extra step that some upgrades need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its short name.
    pub name: String,
    /// When it is done.
    pub when: When,
    /// What is done.
    pub what: String,
    /// The first page that has it.
    pub source: String,
}

/// One chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// Its version.
    pub version: String,
    /// The release that it says it is of; it may lack the patch.
    pub app_version: String,
    /// The tag of the images where the values give none; it may be an older one.
    pub default_tag: String,
    /// The Kubernetes versions that it accepts, in Helm's language.
    pub kubernetes: String,
    /// What it brings along: name, version, and the version of what is inside.
    pub components: Vec<(String, String, String)>,
}

/// The version graph of CluedIn.
#[derive(Clone, Debug)]
pub struct CluedIn {
    releases: BTreeMap<ReleaseName, Release>,
    upgrades: Vec<Upgrade>,
    steps: BTreeMap<String, Step>,
    charts: BTreeMap<String, Chart>,
    packages: BTreeMap<ReleaseName, BTreeMap<String, String>>,
}

impl CluedIn {
    /// All releases, oldest first.
    pub fn releases(&self) -> impl Iterator<Item = &Release> {
        self.releases.values()
    }

    /// The release with this full name.
    #[must_use]
    pub fn release(&self, name: &ReleaseName) -> Option<&Release> {
        self.releases.get(name)
    }

    /// All edges, by target.
    #[must_use]
    pub fn upgrades(&self) -> &[Upgrade] {
        &self.upgrades
    }

    /// The extra step called `name`.
    #[must_use]
    pub fn step(&self, name: &str) -> Option<&Step> {
        self.steps.get(name)
    }

    /// The chart of `version`; charts that nobody looked at are not there.
    #[must_use]
    pub fn chart(&self, version: &str) -> Option<&Chart> {
        self.charts.get(version)
    }

    /// All charts that were looked at, by version.
    pub fn charts(&self) -> impl Iterator<Item = &Chart> {
        self.charts.values()
    }

    /// The packages that the page of a release sets, with their versions. `None`
    /// where its page sets none.
    #[must_use]
    pub fn packages(&self, release: &ReleaseName) -> Option<&BTreeMap<String, String>> {
        self.packages.get(release)
    }
}

impl Family for CluedIn {
    /// Fails also where an edge leads to no release or names no step, and where it
    /// breaks the law about data versions.
    fn read_from(files: &Files) -> Result<Self, Error> {
        let mut known = Self {
            releases: releases(files)?,
            upgrades: Vec::new(),
            steps: steps(files)?,
            charts: charts(files)?,
            packages: packages(files)?,
        };
        for record in files.table(UPGRADES_FILE, &UPGRADES)?.records() {
            let upgrade = upgrade(&record, &known)?;
            if known.breaks_the_law(&upgrade) {
                return Err(
                    record.contradiction("it crosses a data version without its data upgrade")
                );
            }
            known.upgrades.push(upgrade);
        }
        Ok(known)
    }
}

impl CluedIn {
    /// Whether some release that `upgrade` may start from has its data at a version
    /// that the target's is beyond, without the edge carrying exactly that step.
    fn breaks_the_law(&self, upgrade: &Upgrade) -> bool {
        let Some(target) = self.releases.get(&upgrade.target) else {
            return true;
        };
        self.releases
            .values()
            .filter(|from| upgrade.coverage(&from.name).is_ok())
            .any(|from| {
                let crossed: Vec<DataVersion> = self
                    .releases
                    .values()
                    .filter_map(|release| release.data)
                    .filter(|data| from.data < Some(*data) && Some(*data) <= target.data)
                    .collect();
                let carried = upgrade.data.map(|data| data.to);
                from.data > target.data
                    || crossed.iter().any(|data| Some(*data) != carried)
                    || carried.is_some_and(|carried| Some(carried) != target.data)
            })
    }
}

const RELEASE: &str = "a release such as 2024.07 or 2024.07.00";

fn releases(files: &Files) -> Result<BTreeMap<ReleaseName, Release>, Error> {
    let mut releases = BTreeMap::new();
    for record in files.table(RELEASES_FILE, &RELEASES)?.records() {
        let release = Release {
            name: record.value("release", RELEASE)?,
            named: record.value("named", RELEASE)?,
            technical: filled(&record, "technical"),
            chart: filled(&record, "chart"),
            data: record.optional("data_version", "a data version such as 480")?,
            source: record.required("source")?.to_owned(),
            source_version: record.required("source_version")?.to_owned(),
            notes: record.text("notes").to_owned(),
        };
        if release.name.is_floating() {
            return Err(record.refuse("release", "a release with its patch"));
        }
        if !release.named.covers(&release.name) {
            return Err(record.contradiction("it is named as another release"));
        }
        releases.insert(release.name.clone(), release);
    }
    Ok(releases)
}

fn upgrade(record: &Record<'_>, known: &CluedIn) -> Result<Upgrade, Error> {
    let named: ReleaseName = record.value("target", RELEASE)?;
    let target = known
        .releases
        .values()
        .find(|release| release.named == named)
        .ok_or_else(|| record.refuse("target", "what versions.csv calls a release"))?;
    let data = match record.optional::<DataVersion>("data_upgrade", "a data version such as 480")? {
        None if record.text("carried_by").is_empty() => None,
        None => return Err(record.contradiction("nothing is carried, and by something")),
        Some(to) => Some(DataUpgrade {
            to,
            by: record.choice(
                "carried_by",
                &[("object", CarriedBy::Object), ("values", CarriedBy::Values)],
                "object or values",
            )?,
        }),
    };
    let steps: Vec<String> = record
        .text("steps")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    if steps.iter().any(|step| !known.steps.contains_key(step)) {
        return Err(record.refuse("steps", "names of steps.csv with spaces between them"));
    }
    Ok(Upgrade {
        target: target.name.clone(),
        from: record.value("from", RELEASE)?,
        refuses_before: record.optional("refuses_before", RELEASE)?,
        mode: record.choice(
            "mode",
            &[
                ("three-values", Mode::ThreeValues),
                ("reuse-values", Mode::ReuseValues),
                ("values", Mode::Values),
                ("values-and-jobs", Mode::ValuesAndJobs),
                ("data-upgrade", Mode::DataUpgrade),
            ],
            "three-values, reuse-values, values, values-and-jobs or data-upgrade",
        )?,
        data,
        steps,
        source: record.required("source")?.to_owned(),
        source_version: record.required("source_version")?.to_owned(),
        notes: record.text("notes").to_owned(),
    })
}

fn steps(files: &Files) -> Result<BTreeMap<String, Step>, Error> {
    let mut steps = BTreeMap::new();
    for record in files.table(STEPS_FILE, &STEPS)?.records() {
        let name = record.required("step")?.to_owned();
        let step = Step {
            name: name.clone(),
            when: record.choice(
                "when",
                &[("before", When::Before), ("after", When::After)],
                "before or after",
            )?,
            what: record.required("what")?.to_owned(),
            source: record.required("source")?.to_owned(),
        };
        steps.insert(name, step);
    }
    Ok(steps)
}

fn charts(files: &Files) -> Result<BTreeMap<String, Chart>, Error> {
    let mut charts = BTreeMap::new();
    for record in files.table(CHARTS_FILE, &CHARTS)?.records() {
        let version = record.required("chart")?.to_owned();
        let chart = Chart {
            version: version.clone(),
            app_version: record.required("app_version")?.to_owned(),
            default_tag: record.required("default_tag")?.to_owned(),
            kubernetes: record.required("kubernetes")?.to_owned(),
            components: Vec::new(),
        };
        charts.insert(version, chart);
    }
    for record in files.table(COMPONENTS_FILE, &COMPONENTS)?.records() {
        let chart = charts
            .get_mut(record.required("chart")?)
            .ok_or_else(|| record.refuse("chart", "a chart of charts.csv"))?;
        chart.components.push((
            record.required("component")?.to_owned(),
            record.required("version")?.to_owned(),
            record.text("app_version").to_owned(),
        ));
    }
    Ok(charts)
}

fn packages(files: &Files) -> Result<BTreeMap<ReleaseName, BTreeMap<String, String>>, Error> {
    let mut packages: BTreeMap<ReleaseName, BTreeMap<String, String>> = BTreeMap::new();
    for record in files.table(PACKAGES_FILE, &PACKAGES)?.records() {
        packages
            .entry(record.value("release", RELEASE)?)
            .or_default()
            .insert(
                record.required("package")?.to_owned(),
                record.required("version")?.to_owned(),
            );
    }
    Ok(packages)
}

fn filled(record: &Record<'_>, column: &str) -> Option<String> {
    Some(record.text(column).to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
