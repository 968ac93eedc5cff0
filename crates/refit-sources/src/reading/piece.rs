//! One thing of a file, taken apart as far as it can be alone.

use crate::chart::Template;
use crate::identity::{self, Trace};
use crate::juju::{self, JujuError, JujuReading};
use crate::kube::distilled::{Distilled, distil};
use crate::kube::{self, Refused};
use crate::own;
use crate::walk::Found;
use crate::watch::Watch;
use refit_model::object::Location;
use refit_model::snapshot::Snapshot;
use serde_json::Value;

/// One thing of a file. No values that a document spells out are in it: only what
/// is kept of them, so that many of them fit beside each other.
#[derive(Debug)]
pub(super) enum Piece {
    /// A document begins.
    Document,
    /// A document is not wanted and was not read.
    Skipped,
    /// A list begins: its kind, and whether it says that it continues elsewhere.
    ListBegins(String, bool),
    /// The list ends.
    ListEnds,
    /// An object of Kubernetes, taken apart.
    Kubernetes(Box<Object>),
    /// A snapshot of Refit's own.
    Snapshot(Result<Box<Snapshot>, String>, Location),
    /// The status of a Juju model.
    Juju(Box<Result<JujuReading, JujuError>>, Location),
    /// What `kubectl version` says of the server, if anything.
    Version(Option<String>, Location),
    /// A part that cannot be read, and why.
    Failed(Location, String),
    /// A template of a chart that is not rendered.
    Template(Template),
    /// Something that its author should know.
    Remark(Location, String),
}

/// An object of Kubernetes.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) place: Location,
    pub(super) told: Result<Distilled, Refused>,
    pub(super) trace: Option<Trace>,
    /// What a server refuses it for, if that is told by nothing else.
    pub(super) refused: Option<String>,
}

/// Takes apart what was found; that is most of the work, and is done beside other
/// files.
pub(super) fn of(found: Found, watch: &Watch) -> Piece {
    match found {
        Found::Document => Piece::Document,
        Found::Skipped => Piece::Skipped,
        Found::ListBegins(kind, continues) => Piece::ListBegins(kind, continues),
        Found::ListEnds => Piece::ListEnds,
        Found::Object(value, place) => object(value, place, watch),
        Found::Snapshot(read, place) => Piece::Snapshot(read, place),
        Found::Failed(place, why) => Piece::Failed(place, why),
        Found::Template(template) => Piece::Template(template),
        Found::Remark(place, text) => Piece::Remark(place, text),
    }
}

fn object(value: Value, place: Location, watch: &Watch) -> Piece {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    match (text("apiVersion"), text("kind")) {
        (Some(version), Some(kind)) if own::is_snapshot(version, kind) => {
            let version = version.to_owned();
            Piece::Snapshot(own::snapshot_of_value(&version, value), place)
        }
        (Some(version), Some(kind)) if own::is_own(version) => {
            let text = format!("a {kind} of Refit is no part of a cluster");
            Piece::Remark(place, text)
        }
        (Some(_), Some(_)) => Piece::Kubernetes(Box::new(Object {
            told: distil(&value, Some(&place), watch),
            trace: identity::trace(&value),
            refused: kube::untextual(&value),
            place,
        })),
        _ if juju::is_status(&value) => Piece::Juju(Box::new(juju::status(&value)), place),
        _ if value.get("clientVersion").is_some() || value.get("serverVersion").is_some() => {
            let version = value.pointer("/serverVersion/gitVersion");
            Piece::Version(version.and_then(Value::as_str).map(str::to_owned), place)
        }
        _ => Piece::Remark(
            place,
            "this is no Kubernetes object: it has no apiVersion and kind".to_owned(),
        ),
    }
}
