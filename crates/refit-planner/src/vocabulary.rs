//! Which placeholders there are, before anything is known that fills them.
//!
//! What fills them when a plan is made is decided where it is seen; that every one
//! of those stands here is checked whenever a plan is made in a test.

use refit_model::template::{AppliesTo, OncePer, UpgradeTemplate};

/// Of every template.
const EVERYWHERE: &[&str] = &[
    "cluster",
    "controlPlaneApplication",
    "controller",
    "firstControlPlane",
    "from",
    "jujuVersion",
    "model",
    "takenAt",
    "to",
    "workerApplications",
];

/// Of templates for clusters.
const OF_CLUSTERS: &[&str] = &[
    "from.minor",
    "from.number",
    "hop.gates",
    "hop.size",
    "to.minor",
    "to.number",
];

/// Of templates for projects.
const OF_PROJECTS: &[&str] = &[
    "hop.chart",
    "hop.crossesSeries",
    "hop.dataNumber",
    "hop.dataVersion",
    "hop.docker",
    "hop.fromInNames",
    "hop.k3s",
    "hop.k3sSkips",
    "hop.mode",
    "hop.moves",
    "hop.packages",
    "hop.series",
    "hop.source",
    "hop.steps",
    "hop.toInNames",
];

/// The names that fill placeholders everywhere in `template`.
pub(crate) fn shared(template: &UpgradeTemplate) -> Vec<String> {
    let hop = match &template.applies_to {
        AppliesTo::Cluster { .. } => OF_CLUSTERS,
        AppliesTo::Project { .. } => OF_PROJECTS,
    };
    let ours = EVERYWHERE.iter().chain(hop).map(|name| (*name).to_owned());
    let parameters = template.parameters.iter();
    let parameters = parameters.map(|it| format!("parameters.{}", it.name));
    let facts = template.facts.iter();
    let facts = facts.map(|it| format!("facts.{}", it.name));
    ours.chain(parameters).chain(facts).collect()
}

/// The names that one subject of a stage fills besides.
pub(crate) const fn of_subject(once_per: &OncePer) -> &'static [&'static str] {
    match once_per {
        OncePer::Cluster => &[],
        OncePer::Pool => &["pool"],
        OncePer::Node(_) => &["node"],
        OncePer::Application { .. } => &[
            "application",
            "application.channel",
            "application.moves",
            "offeredRevision",
        ],
        OncePer::Role { .. } => &["role", "roleArguments"],
        OncePer::Each { .. } => &["thing", "thing.value"],
    }
}
