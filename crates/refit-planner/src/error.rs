//! Why no plan was made.

use crate::path::{PathBlocked, ProjectPathError};
use refit_model::duration::Seconds;
use refit_model::kubernetes::Distribution;
use refit_model::name::{ApplicationName, NodeName, ParameterName, StageId, StepId, TemplateName};
use refit_model::path::Blocker;
use refit_model::plan::Hop;
use refit_model::seen::Unseen;
use refit_model::version::{KubeVersion, TargetVersion};

/// Why no plan was made.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The template is for another kind of cluster.
    #[error("template {template} is for {wanted} clusters, and this one is {found}")]
    WrongDistribution {
        /// The template.
        template: TemplateName,
        /// For which clusters it is.
        wanted: Distribution,
        /// What this one is.
        found: Distribution,
    },
    /// The snapshot has no side that the template works on.
    #[error("template {template} needs {side}, and the snapshot holds none")]
    NoSide {
        /// The template.
        template: TemplateName,
        /// What is missing.
        side: &'static str,
    },
    /// What decides over the whole plan was not seen.
    #[error("{what} is not known: {why}")]
    Unseen {
        /// What, as a noun phrase.
        what: String,
        /// Why.
        why: Unseen,
    },
    /// There is no path to the target.
    #[error("no path leads to the target")]
    Path(#[source] PathBlocked),
    /// The target is no version of what the template upgrades.
    #[error("template {template} upgrades Kubernetes, and {target} is no version of it")]
    OtherTarget {
        /// The template.
        template: TemplateName,
        /// What was asked for.
        target: String,
    },
    /// No path of the project can be looked for.
    #[error("no path leads to the target")]
    ProjectPath(#[source] ProjectPathError),
    /// The path of the project is blocked.
    #[error(
        "the way of {} from {} to {} is blocked: {}",
        _0.subject,
        _0.at,
        _0.before,
        facts(_0)
    )]
    ProjectBlocked(Box<Blocker>),
    /// The template does not go that far.
    #[error("template {template} goes to newer patches only, and {hop} is a new minor")]
    HopTooLarge {
        /// The template.
        template: TemplateName,
        /// The hop.
        hop: Hop,
    },
    /// The hop that was asked for does not fit the landscape or the target.
    #[error("the hop {hop} cannot be planned: {why}")]
    HopImpossible {
        /// The hop.
        hop: Hop,
        /// Why.
        why: String,
    },
    /// A release that the distribution does not call so.
    #[error("{to} is no release of {distribution}: those are called such as {example}")]
    NotOfDistribution {
        /// The release.
        to: KubeVersion,
        /// The distribution.
        distribution: Distribution,
        /// What a release of it is called.
        example: &'static str,
    },
    /// Nothing that was read says which release an offered revision brings.
    #[error(
        "{application} is upgraded by charm revision, and {target} does not say which release that brings"
    )]
    ReleaseNotNamed {
        /// The application.
        application: ApplicationName,
        /// What was asked for.
        target: TargetVersion,
    },
    /// More than one application could be meant.
    #[error("{first} and {second} both run a control plane")]
    SeveralControlPlanes {
        /// One of them.
        first: ApplicationName,
        /// Another one.
        second: ApplicationName,
    },
    /// A kubelet is newer than what the plan goes to.
    #[error("the kubelet on {node} is {kubelet}, newer than {to}, and a plan never goes back")]
    KubeletAhead {
        /// The node.
        node: NodeName,
        /// What runs there.
        kubelet: KubeVersion,
        /// Where the plan goes.
        to: KubeVersion,
    },
    /// A kubelet is too old for the API servers that the plan brings.
    #[error("the kubelet on {node} is {kubelet}, too old for API servers at {to}")]
    KubeletTooOld {
        /// The node.
        node: NodeName,
        /// What runs there.
        kubelet: KubeVersion,
        /// Where the plan goes.
        to: KubeVersion,
    },
    /// A parameter is not as the template wants it.
    #[error("parameter {name}: {problem}")]
    Parameter {
        /// The parameter.
        name: ParameterName,
        /// What is wrong with it.
        problem: ParameterProblem,
    },
    /// The template is not sound.
    #[error("template {template} is not sound at {at}: {problem}")]
    Template {
        /// The template.
        template: TemplateName,
        /// The stage, step and field.
        at: String,
        /// What is wrong.
        problem: TemplateProblem,
    },
    /// The plan could not be written, which is a defect.
    #[error("the plan could not be sealed")]
    Seal(#[source] serde_json::Error),
}

/// What is wrong with a parameter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParameterProblem {
    /// Nobody set it, and it has no default.
    #[error("it must be set{}", also(others))]
    Missing {
        /// Others that must be set as well.
        others: Vec<String>,
    },
    /// The template has no such parameter.
    #[error("the template has none of this name; it has {}", known.join(", "))]
    Unknown {
        /// Those that it has.
        known: Vec<String>,
    },
    /// It may not have this value.
    #[error("{value:?} is not one of {}", one_of.join(", "))]
    NotOneOf {
        /// What was given.
        value: String,
        /// What would have been accepted.
        one_of: Vec<String>,
    },
    /// It is not of the kind that the template wants.
    #[error("{value:?} is not {wanted}")]
    NotOfType {
        /// What was given.
        value: String,
        /// What would have been accepted.
        wanted: &'static str,
    },
    /// It is too long or holds characters that nobody sees.
    #[error("the value is longer than {limit} characters or holds characters that nobody sees")]
    Unprintable {
        /// The limit.
        limit: usize,
    },
}

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateProblem {
    /// The order that it asks for goes round in a circle.
    #[error("the order goes round in a circle")]
    Cycle,
    /// A name is used twice.
    #[error("the name is used twice")]
    Twice,
    /// It names a stage that it does not have.
    #[error("there is no stage {0}")]
    NoStage(StageId),
    /// It names a step that the stage does not have.
    #[error("there is no step {0} in this stage")]
    NoStep(StepId),
    /// It names a parameter that it does not have.
    #[error("there is no parameter {0}")]
    NoParameter(ParameterName),
    /// A step cannot both serve one step and undo another.
    #[error("a step serves another one or undoes one, not both")]
    ServesAndUndoes,
    /// A placeholder that nothing fills.
    #[error("nothing fills {{{{{name}}}}} here; known are {}", known.join(", "))]
    UnknownPlaceholder {
        /// The placeholder.
        name: String,
        /// Those that are known there.
        known: Vec<String>,
    },
    /// Braces that are not closed.
    #[error("a placeholder is not closed in {0:?}")]
    OpenPlaceholder(String),
    /// A placeholder as shells write them.
    #[error("${{{0}}} is filled by nothing: a placeholder is written {{{{{0}}}}}")]
    Dollar(String),
    /// There is nothing to do.
    #[error("there is no step")]
    NoSteps,
    /// A time that cannot be read.
    #[error("{0} is not a time such as 90s, 5m or 1h30m")]
    NoTime(String),
    /// A time in which nothing can happen, or that nobody waits for.
    #[error("{0} is no time that is of use; from 1s to {1} is")]
    UselessTime(Seconds, Seconds),
    /// An end that counts without having been seen.
    #[error("at least one look is needed, and a time between two")]
    NoLook,
    /// A pattern that is nested too deeply.
    #[error("it is nested more than {0} levels deep")]
    TooDeep(usize),
    /// What came out of a pattern is not what belongs there.
    #[error("it does not read as it must: {0}")]
    Unreadable(String),
    /// A list is wanted, and something else is there.
    #[error("{{{{{name}}}}} is no list of names")]
    NoList {
        /// The placeholder.
        name: String,
    },
    /// A name that a shell would read as more than itself.
    #[error("{0:?} is no name of letters, digits and - _ . / = : , + @ %")]
    NoWord(String),
    /// A profile that nobody published.
    #[error("there is no profile {name:?}; there are {}", known.join(", "))]
    NoProfile {
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A role that is deployed and that no profile has a place for.
    #[error("profile {profile} has no place for the roles {}", roles.join(", "))]
    NotInProfile {
        /// The profile.
        profile: String,
        /// The roles.
        roles: Vec<String>,
    },
    /// What came out of a name is none.
    #[error("{0}")]
    Name(#[from] refit_model::name::NameError),
}

fn also(others: &[String]) -> String {
    if others.is_empty() {
        String::new()
    } else {
        format!(", and so must {}", others.join(", "))
    }
}

fn facts(blocker: &Blocker) -> String {
    let facts: Vec<_> = blocker
        .facts
        .iter()
        .map(|fact| fact.detail.as_str())
        .collect();
    facts.join("; ")
}

impl PlanError {
    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::WrongDistribution { found, .. } => {
                format!("choose a template for {found} clusters")
            }
            Self::NoSide { side, .. } => format!("collect a snapshot that holds {side}"),
            Self::Unseen { .. } => "collect a snapshot that shows it (`refit snapshot --for TEMPLATE` runs what a template looks at), and plan again".to_owned(),
            Self::Path(blocked) => blocked.hint().to_owned(),
            Self::OtherTarget { .. } => "name a version such as 1.36 or 1.36.3".to_owned(),
            Self::ProjectPath(_) => {
                "`refit path --project NAME --from A --to B` shows what leads where".to_owned()
            }
            Self::ProjectBlocked(blocked) => blocked.remedy.clone(),
            Self::HopTooLarge { .. } => {
                "name a release of the present minor, or choose another template".to_owned()
            }
            Self::HopImpossible { .. } => {
                "leave the hop out, and the next one is chosen from what was observed".to_owned()
            }
            Self::NotOfDistribution { example, .. } => {
                format!("name the release itself, such as {example}: the maker's releases have it")
            }
            Self::ReleaseNotNamed { .. } => {
                "name the release itself, such as 1.34.3: the channel's release notes have it"
                    .to_owned()
            }
            Self::SeveralControlPlanes { .. } => {
                "collect a snapshot that holds one cluster only".to_owned()
            }
            Self::KubeletAhead { kubelet, .. } => {
                format!("name {kubelet} or a newer release as the target")
            }
            Self::KubeletTooOld { .. } => {
                "upgrade the nodes to the present minor first: leave the hop out".to_owned()
            }
            Self::Parameter { problem, .. } => match problem {
                ParameterProblem::Missing { .. } => {
                    "`--set NAME=VALUE` sets one, and `refit template show` says what each means".to_owned()
                }
                ParameterProblem::Unknown { .. } => {
                    "`refit template show` says what each parameter means".to_owned()
                }
                ParameterProblem::NotOneOf { .. }
                | ParameterProblem::NotOfType { .. }
                | ParameterProblem::Unprintable { .. } => {
                    "give it another value".to_owned()
                }
            },
            Self::Template { .. } => "correct the template at this place".to_owned(),
            Self::Seal(_) => "this is a defect of ours; please report it".to_owned(),
        }
    }
}
