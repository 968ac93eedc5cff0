//! `juju status --format json`.
//!
//! Source of the shape: Juju 3's status formatter, checked with the status types
//! of jubilant. Any entity may consist of a `status-error` alone.

use refit_model::juju::{JujuApplication, JujuModel, JujuUnit, Status, StatusWord};
use refit_model::name::{ApplicationName, Channel, NameError, ObjectName, UnitName};
use refit_model::seen::{Extent, Listing, Seen, Unseen};
use refit_model::snapshot::{Area, Gap};
use serde_json::Value;
use std::collections::BTreeMap;

/// The charms of Canonical Kubernetes, whose snap has a version of its own.
pub const KUBERNETES_CHARMS: [&str; 2] = ["k8s", "k8s-worker"];

/// What a status shows, and what it does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JujuReading {
    /// The model.
    pub model: JujuModel,
    /// What was not shown.
    pub gaps: Vec<Gap>,
    /// The newest time in it.
    pub newest: Option<jiff::Timestamp>,
}

/// Why a status cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JujuError {
    /// The model as a whole is an error.
    #[error("the model has no status: {0}")]
    StatusError(String),
    /// Something has no usable name.
    #[error("{field} is not usable")]
    Name {
        /// The field, as a path.
        field: &'static str,
        /// Why.
        #[source]
        source: NameError,
    },
}

/// Whether `value` looks like the status of a Juju model.
#[must_use]
pub fn is_status(value: &Value) -> bool {
    value.get("kind").is_none()
        && ["model", "machines", "applications"]
            .iter()
            .all(|field| value.get(field).is_some_and(Value::is_object))
}

/// Reads the status of a model.
///
/// # Errors
/// When the model cannot be named.
pub fn status(value: &Value) -> Result<JujuReading, JujuError> {
    let model = value.get("model").unwrap_or(&Value::Null);
    if let Some(error) = status_error(model) {
        return Err(JujuError::StatusError(error));
    }
    let named = |field, name: &str| {
        let text = text(model, name).unwrap_or_default();
        ObjectName::new(text).map_err(|source| JujuError::Name { field, source })
    };
    let mut gaps = Vec::new();
    let mut items = BTreeMap::new();
    let mut extent = Extent::Whole;
    for (name, application) in entries(value, "applications") {
        match read_application(name, application) {
            Ok((name, application)) => {
                application_gaps(&name, &application, &mut gaps);
                items.insert(name, application);
            }
            Err(why) => {
                let shown: String = name.chars().take(64).collect();
                gaps.push(Gap {
                    area: Area::Juju,
                    what: format!("the application {shown}"),
                    why: Unseen::Failed(why.clone()),
                    command: Some("juju status --format json".to_owned()),
                });
                extent = Extent::Part(Unseen::Failed(why));
            }
        }
    }
    Ok(JujuReading {
        model: JujuModel {
            name: named("model.name", "name")?,
            controller: named("model.controller", "controller")?,
            version: Seen::from_source(text(model, "version").map(str::to_owned)),
            applications: Listing { items, extent },
        },
        gaps,
        newest: newest(value),
    })
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

fn entries<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value
        .get(name)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

/// What Juju says in place of an entity that it cannot show.
fn status_error(value: &Value) -> Option<String> {
    text(value, "status-error").map(str::to_owned)
}

fn failed<T>(why: impl Into<String>) -> Seen<T> {
    Seen::Gap(Unseen::Failed(why.into()))
}

fn read_application(
    name: &str,
    value: &Value,
) -> Result<(ApplicationName, JujuApplication), String> {
    if let Some(error) = status_error(value) {
        return Err(error);
    }
    let name = ApplicationName::new(name).map_err(|error| error.to_string())?;
    let charm = text(value, "charm-name").unwrap_or_default();
    let mut units = BTreeMap::new();
    for (unit, value) in entries(value, "units") {
        let unit = UnitName::new(unit.as_str()).map_err(|error| error.to_string())?;
        units.insert(unit, read_unit(value));
    }
    let application = JujuApplication {
        charm: ObjectName::new(charm).map_err(|error| error.to_string())?,
        channel: text(value, "charm-channel").map_or(Seen::Gap(Unseen::NotInSource), |channel| {
            Channel::new(channel).map_or_else(|error| failed(error.to_string()), Seen::Is)
        }),
        revision: Seen::from_source(
            value
                .get("charm-rev")
                .and_then(Value::as_u64)
                .and_then(|number| u32::try_from(number).ok()),
        ),
        offered: offered(value),
        claimed_version: match text(value, "version") {
            None => Seen::Is(None),
            Some(version) => version.parse().map_or_else(
                |_| failed(format!("{version:?} is no Kubernetes version")),
                |version| Seen::Is(Some(version)),
            ),
        },
        status: read_status(value, "application-status"),
        units: Listing::whole(units),
        // A status lists no actions.
        actions: Listing::unseen(Unseen::NotInSource),
    };
    Ok((name, application))
}

/// `can-upgrade-to` names a charm and its revision, as in `ch:amd64/k8s-1500`.
/// Without it there is nothing newer in the channel.
fn offered(value: &Value) -> Seen<Option<u32>> {
    let Some(charm) = text(value, "can-upgrade-to") else {
        return Seen::Is(None);
    };
    charm
        .rsplit('-')
        .next()
        .and_then(|revision| revision.parse().ok())
        .map_or_else(
            || failed(format!("{charm:?} names no revision")),
            |revision| Seen::Is(Some(revision)),
        )
}

fn read_status(value: &Value, name: &str) -> Seen<Status> {
    let Some(status) = value.get(name) else {
        return Seen::Gap(Unseen::NotInSource);
    };
    if let Some(error) = status_error(status) {
        return failed(error);
    }
    let word = match text(status, "current") {
        Some("active") => StatusWord::Active,
        Some("blocked") => StatusWord::Blocked,
        Some("maintenance") => StatusWord::Maintenance,
        Some("waiting") => StatusWord::Waiting,
        Some("error") => StatusWord::Error,
        Some("terminated") => StatusWord::Terminated,
        Some("unknown" | "unset") | None => StatusWord::Unknown,
        Some(other) => return failed(format!("{other:?} is no status")),
    };
    Seen::Is(Status {
        word,
        message: text(status, "message").unwrap_or_default().to_owned(),
    })
}

fn read_unit(value: &Value) -> JujuUnit {
    if let Some(error) = status_error(value) {
        return JujuUnit {
            workload: failed(error.clone()),
            agent_idle: failed(error.clone()),
            leader: false,
            version: failed(error),
        };
    }
    let agent = value.get("juju-status").unwrap_or(&Value::Null);
    JujuUnit {
        workload: read_status(value, "workload-status"),
        agent_idle: status_error(agent).map_or_else(
            || Seen::from_source(text(agent, "current").map(|word| word == "idle")),
            failed,
        ),
        leader: value
            .get("leader")
            .and_then(Value::as_bool)
            .unwrap_or(false),
        // The status shows what the application claims, not what a machine runs.
        version: Seen::Gap(Unseen::NotInSource),
    }
}

fn application_gaps(name: &ApplicationName, application: &JujuApplication, gaps: &mut Vec<Gap>) {
    for (unit, seen) in &application.units.items {
        if let Seen::Gap(why @ Unseen::Failed(_)) = &seen.workload {
            gaps.push(Gap {
                area: Area::Juju,
                what: format!("the unit {unit}"),
                why: why.clone(),
                command: Some(format!("juju show-unit {unit}")),
            });
        }
    }
    if KUBERNETES_CHARMS.contains(&application.charm.as_str())
        && let Some(unit) = application.units.items.keys().next()
    {
        gaps.push(Gap {
            area: Area::Juju,
            what: format!("the versions that run on the units of {name}, each by itself"),
            why: Unseen::NotInSource,
            command: Some(format!("juju ssh {unit} -- snap list k8s")),
        });
    }
}

/// The newest `since`; times without a zone are not taken for any.
fn newest(value: &Value) -> Option<jiff::Timestamp> {
    let model = value.pointer("/model/model-status/since");
    let applications = entries(value, "applications").flat_map(|(_, application)| {
        let units = entries(application, "units").flat_map(|(_, unit)| {
            [
                unit.pointer("/workload-status/since"),
                unit.pointer("/juju-status/since"),
            ]
        });
        std::iter::once(application.pointer("/application-status/since")).chain(units)
    });
    std::iter::once(model)
        .chain(applications)
        .flatten()
        .filter_map(Value::as_str)
        .filter_map(since)
        .max()
}

/// `24 Feb 2025 12:03:17+13:00`, or with `Z` after `--utc`.
fn since(text: &str) -> Option<jiff::Timestamp> {
    let text = text
        .strip_suffix('Z')
        .map_or_else(|| text.to_owned(), |time| format!("{time}+00:00"));
    jiff::Timestamp::strptime("%d %b %Y %H:%M:%S%:z", text).ok()
}
