//! Which project a thing in a cluster belongs to, and in which version.
//!
//! Nothing in a cluster says so by itself. What it shows are [`Clue`]s: labels,
//! the images it runs, the API group it defines, the name of a webhook. A
//! [`Signal`] is a kind of clue that tells something, and a sign is one pattern
//! under a signal that stands for one project; the signs are data, in
//! `projects/detection.csv`. [`Detection::identify`] weighs the signs that a
//! thing's clues match and answers with a project, its version, how sure that
//! is, and why. It is a pure function of the clues; signs that speak for
//! another project are told beside the answer, never dropped.

mod image;
mod pattern;
mod weigh;

use crate::files::{Family, Files};
use crate::project::{PROJECTS, ProjectVersion};
use crate::table::{Error, Schema, Table};
use refit_model::kubernetes::Publisher;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use image::flavourless;

/// The columns of `projects/detection.csv`.
pub const DETECTION: Schema = Schema {
    format: "refit-knowledge/detection/2",
    columns: &["project", "signal", "pattern", "carries", "source"],
    key: 3,
};

/// The columns of `projects/rebuilders.csv`.
pub const REBUILDERS: Schema = Schema {
    format: "refit-knowledge/rebuilders/1",
    columns: &["path", "who", "source"],
    key: 1,
};

/// One thing that something in a cluster shows of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clue<'c> {
    /// It is, or was installed by, a Helm release of this chart.
    Release {
        /// The chart's name.
        chart: &'c str,
        /// The chart's version.
        chart_version: &'c str,
        /// The chart's `appVersion`; empty where it has none.
        app_version: &'c str,
        /// Who owns what the chart names as its home and sources.
        publishers: &'c BTreeSet<Publisher>,
    },
    /// It bears this label, or gives it to its pods.
    Label {
        /// Such as `app.kubernetes.io/name`.
        key: &'c str,
        /// Its value.
        value: &'c str,
    },
    /// It runs this image, as the manifest spells it.
    Image(&'c str),
    /// It is a workload of this name.
    Name(&'c str),
    /// It defines a kind in an API group.
    Definition {
        /// The group.
        group: &'c str,
        /// The kind.
        kind: &'c str,
    },
    /// It registers a webhook of this name.
    Webhook(&'c str),
    /// It is a CSI driver of this name.
    Driver(&'c str),
    /// It answers for this API group behind the API server.
    ApiGroup(&'c str),
    /// It is an IngressClass or GatewayClass of this controller.
    Controller(&'c str),
}

/// The kinds of clue that can tell a project, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// The chart of the Helm release.
    Release,
    /// The name of a CSI driver.
    Driver,
    /// The controller of an IngressClass or GatewayClass.
    Controller,
    /// An API group that custom resource definitions define.
    Definition,
    /// The path of an image, as the project publishes it.
    Image,
    /// An image that somebody else made of the project, or a flattened copy.
    Rebuild,
    /// The name of a webhook.
    Webhook,
    /// An API group that a server of the project answers for.
    ApiGroup,
    /// The label that names a chart.
    ChartLabel,
    /// The label that names the whole that something is part of.
    PartOf,
    /// The label `app.kubernetes.io/name`.
    NameLabel,
    /// A chart whose name many charts could have, and nothing that says whose it is.
    CommonChart,
    /// The last component of an image's path.
    ImageName,
    /// The labels `app` and `k8s-app`, which are anybody's.
    AppLabel,
    /// An image that runs beside others.
    Companion,
    /// The name of a workload.
    Name,
}

impl Signal {
    /// How much a sign under this signal counts.
    ///
    /// 40 are enough to name a project, 60 make it likely and 100 certain. So:
    /// what only the project itself writes (its published image, its API group,
    /// its driver) names it alone; two medium signs make it certain; a label that
    /// anybody may set names it as a possibility; a workload's name never does
    /// alone. A release names what was installed, and a chart may install other
    /// projects with it: inside of a release, what a workload itself shows
    /// counts more (see [`Detection::identify`]).
    const fn points(self) -> u32 {
        match self {
            Self::Release => 100,
            Self::Driver => 90,
            Self::Controller | Self::Definition => 80,
            Self::Image | Self::Webhook | Self::ApiGroup => 70,
            Self::Rebuild | Self::ChartLabel => 60,
            Self::PartOf | Self::NameLabel => 40,
            Self::CommonChart | Self::ImageName => 30,
            Self::AppLabel | Self::Companion => 25,
            Self::Name => 15,
        }
    }

    /// How people read it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Release => "Helm release",
            Self::Driver => "CSI driver",
            Self::Controller => "class controller",
            Self::Definition => "API group",
            Self::Image => "image",
            Self::Rebuild => "rebuilt image",
            Self::Webhook => "webhook",
            Self::ApiGroup => "aggregated API",
            Self::ChartLabel => "chart label",
            Self::PartOf => "part-of label",
            Self::NameLabel => "name label",
            Self::CommonChart => "common chart name",
            Self::ImageName => "image name",
            Self::AppLabel => "app label",
            Self::Companion => "companion image",
            Self::Name => "workload name",
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// How sure an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sureness {
    /// Two signs agree, or the release itself says so, and none disagrees.
    Certain,
    /// One sign that only the project writes.
    Likely,
    /// Signs that anybody can set.
    Possible,
}

impl fmt::Display for Sureness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::Possible => "possible",
        })
    }
}

/// One sign that was matched.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Match<'k> {
    /// Under which signal.
    pub signal: Signal,
    /// The pattern that matched.
    pub pattern: &'k str,
    /// What it matched.
    pub seen: String,
    /// How much it counts.
    pub points: u32,
    /// Where the pattern is from.
    pub source: &'k str,
}

/// A version, and the sign that carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The version.
    pub version: ProjectVersion,
    /// What carries it.
    pub by: Signal,
}

impl Shown {
    /// In which order versions are believed: what runs before what a label or a
    /// release says of it.
    #[must_use]
    pub const fn rank(&self) -> u8 {
        match self.by {
            Signal::Image => 0,
            Signal::Rebuild | Signal::ImageName | Signal::Companion => 1,
            Signal::Release | Signal::ChartLabel | Signal::CommonChart => 2,
            Signal::Driver
            | Signal::Controller
            | Signal::Definition
            | Signal::Webhook
            | Signal::ApiGroup
            | Signal::PartOf
            | Signal::NameLabel
            | Signal::AppLabel
            | Signal::Name => 3,
        }
    }
}

/// What speaks for one project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<'k> {
    /// The project's short name.
    pub project: &'k str,
    /// Its version, by the sign that is believed first.
    pub version: Option<Shown>,
    /// Versions that other signs carry and that are not that one.
    pub other_versions: Vec<Shown>,
    /// How sure it is.
    pub sureness: Sureness,
    /// The sum of the best sign under each signal.
    pub points: u32,
    /// Who rebuilt the image, where it is not the project's own.
    pub rebuilt_by: Option<&'k str>,
    /// The signs, strongest first.
    pub signs: Vec<Match<'k>>,
}

/// A project that one sign alone names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised<'k> {
    /// Its short name.
    pub project: &'k str,
    /// Its version, where the sign carries one.
    pub version: Option<ProjectVersion>,
    /// The pattern that told.
    pub pattern: &'k str,
}

/// How another project than the one answered stands to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// One of the containers is of that project, beside the others.
    Beside,
    /// That project, or a release of it, brings this one along.
    Within,
    /// Signs that name one thing name two projects.
    Conflict,
}

/// What was made of some clues.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identified<'k> {
    /// The project that most speaks for, if enough does.
    pub answer: Option<Answer<'k>>,
    /// Other projects that something speaks for, and how they stand to it.
    pub others: Vec<(Relation, Answer<'k>)>,
}

/// What a pattern's sign says about versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carries {
    /// The tag or the `appVersion` is the project's version.
    Own,
    /// It is another thing's.
    Other,
    /// The chart's own version is the project's.
    Chart,
}

/// Under what a pattern is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Api,
    Chart,
    CommonChart,
    Companion,
    Controller,
    Definition,
    Driver,
    Image,
    Name,
    Webhook,
}

#[derive(Clone, Debug)]
struct Sign {
    project: String,
    place: Place,
    pattern: String,
    carries: Carries,
    source: String,
}

#[derive(Clone, Debug)]
struct Rebuilder {
    path: String,
    who: String,
}

/// All signs that are known.
#[derive(Clone, Debug)]
pub struct Detection {
    /// Who owns the repository of each project.
    publishers: BTreeMap<String, Publisher>,
    signs: Vec<Sign>,
    rebuilders: Vec<Rebuilder>,
    /// The last components of image paths that stand for one project only.
    telling_names: BTreeSet<String>,
}

impl Family for Detection {
    /// Fails also where a sign names a project that `projects.csv` does not have,
    /// and where two projects have one sign.
    fn read_from(files: &Files) -> Result<Self, Error> {
        let projects = files.table("projects/projects.csv", &PROJECTS)?;
        let known: BTreeSet<&str> = projects
            .records()
            .map(|record| record.required("project"))
            .collect::<Result<_, Error>>()?;
        let signs = read_signs(&files.table("projects/detection.csv", &DETECTION)?, &known)?;
        Ok(Self {
            publishers: read_publishers(&projects)?,
            telling_names: image::telling_names(&signs),
            signs,
            rebuilders: read_rebuilders(&files.table("projects/rebuilders.csv", &REBUILDERS)?)?,
        })
    }
}

impl Detection {
    /// What the clues that one thing shows say of it.
    ///
    /// The project with the most points is the answer, if it has enough of them;
    /// among equals the first by name. Signs under one signal count once, so that
    /// ten images of a project do not outweigh a label. The chart of the release
    /// counts like a label of the whole as soon as the thing shows an image or a
    /// label of its own: a release brings other projects along.
    #[must_use]
    pub fn identify<'k>(&'k self, clues: &[Clue<'_>]) -> Identified<'k> {
        weigh::identify(self, clues)
    }

    /// The project that published `reference`, or of which it is a rebuild or a
    /// companion, when its tag is a version of that project or could be one.
    ///
    /// Registries, mirrors and digests are seen through. An image that carries
    /// another version than the project's is left to [`Self::identify`], and so
    /// is one of which only the last component fits.
    #[must_use]
    pub fn by_image<'k>(&'k self, reference: &str) -> Option<Recognised<'k>> {
        let told = image::told(self, reference)?;
        let is_own = told.found.signal != Signal::ImageName && told.sign.carries == Carries::Own;
        is_own.then_some(Recognised {
            project: &told.sign.project,
            version: told.version,
            pattern: &told.sign.pattern,
        })
    }

    /// The project that a chart of this name installs; `app_version` is the
    /// chart's `appVersion`, empty where it has none. A chart whose name many
    /// could have counts where it says that it is of the project's own people,
    /// `publishers`. A chart that carries another version than the project's is
    /// left to [`Self::identify`].
    #[must_use]
    pub fn by_chart<'k>(
        &'k self,
        (chart, chart_version): (&str, &str),
        app_version: &str,
        publishers: &BTreeSet<Publisher>,
    ) -> Option<Recognised<'k>> {
        let sign = self.signs.iter().find(|sign| {
            let is_told = sign.place == Place::Chart
                || (sign.place == Place::CommonChart && self.is_published(sign, publishers));
            is_told && sign.pattern == chart
        })?;
        let version = match sign.carries {
            Carries::Own => app_version,
            Carries::Chart => chart_version,
            Carries::Other => return None,
        };
        Some(Recognised {
            project: &sign.project,
            version: flavourless(version).parse().ok(),
            pattern: &sign.pattern,
        })
    }

    /// Whether one of `publishers` owns the repository of the sign's project: then
    /// a name that many charts could have is that project's.
    fn is_published(&self, sign: &Sign, publishers: &BTreeSet<Publisher>) -> bool {
        self.publishers
            .get(&sign.project)
            .is_some_and(|own| publishers.contains(own))
    }

    /// How many signs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.signs.len()
    }

    /// Whether there are none, which no embedded knowledge has.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.signs.is_empty()
    }
}

fn read_publishers(projects: &Table) -> Result<BTreeMap<String, Publisher>, Error> {
    let mut publishers = BTreeMap::new();
    for record in projects.records() {
        if let Some(own) = Publisher::of_address(record.text("repository")) {
            publishers.insert(record.required("project")?.to_owned(), own);
        }
    }
    Ok(publishers)
}

fn read_signs(table: &Table, known: &BTreeSet<&str>) -> Result<Vec<Sign>, Error> {
    let mut seen: BTreeSet<(Place, &str)> = BTreeSet::new();
    let mut signs = Vec::new();
    for record in table.records() {
        let project = record.required("project")?;
        if !known.contains(project) {
            return Err(record.refuse("project", "a project of projects.csv"));
        }
        let place = record.choice(
            "signal",
            &[
                ("api", Place::Api),
                ("chart", Place::Chart),
                ("common-chart", Place::CommonChart),
                ("companion", Place::Companion),
                ("controller", Place::Controller),
                ("definition", Place::Definition),
                ("driver", Place::Driver),
                ("image", Place::Image),
                ("name", Place::Name),
                ("webhook", Place::Webhook),
            ],
            "a signal of the README",
        )?;
        let pattern = record.required("pattern")?;
        if !seen.insert((place, pattern)) {
            return Err(record.contradiction("another project has this sign"));
        }
        let carries = match record.text("carries") {
            "" => Carries::Own,
            "other" => Carries::Other,
            "chart" if matches!(place, Place::Chart | Place::CommonChart) => Carries::Chart,
            _ => return Err(record.refuse("carries", "other, chart (of charts) or empty")),
        };
        signs.push(Sign {
            project: project.to_owned(),
            place,
            pattern: pattern.to_owned(),
            carries,
            source: record.required("source")?.to_owned(),
        });
    }
    Ok(signs)
}

fn read_rebuilders(table: &Table) -> Result<Vec<Rebuilder>, Error> {
    table
        .records()
        .map(|record| {
            record.required("source")?;
            Ok(Rebuilder {
                path: record.required("path")?.to_owned(),
                who: record.required("who")?.to_owned(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
