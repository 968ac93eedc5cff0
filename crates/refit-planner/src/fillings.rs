//! What fills the placeholders of a template: what the landscape says everywhere,
//! and what one subject says of itself.

use crate::charm::{CONTROL_PLANE_CHARM, Refresh, WORKER_CHARM, refresh};
use crate::course::text;
use crate::placeholder::{Filling, Fillings, Unread};
use crate::roles::arguments;
use crate::subjects::{applications, control_plane};
use refit_knowledge::Knowledge;
use refit_model::juju::JujuApplication;
use refit_model::name::ObjectName;
use refit_model::plan::Hop;
use refit_model::seen::Unseen;
use refit_model::snapshot::Snapshot;
use refit_model::step::Subject;

/// Adds what the landscape fills in everywhere.
pub(crate) fn share(snapshot: &Snapshot, fillings: &mut Fillings) {
    let mut put = |name: &str, filling| {
        fillings.insert(name.to_owned(), filling);
    };
    put("takenAt", text(&snapshot.taken_at));
    put("cluster", text(&snapshot.cluster.name));
    if let Some(kubernetes) = &snapshot.kubernetes {
        let first = control_plane(kubernetes)
            .map_err(Unseen::Failed)
            .and_then(|nodes| nodes.into_iter().next().ok_or(Unseen::NotInSource))
            .map(|node| Filling::Text(node.to_string()));
        put(
            "firstControlPlane",
            first.map_err(unread("which node runs the control plane")),
        );
    }
    if let Some(model) = &snapshot.juju {
        put("controller", text(&model.controller));
        put("model", text(&model.name));
        let version = model
            .version
            .known()
            .map(|version| Filling::Text(version.clone()));
        put(
            "jujuVersion",
            version.map_err(|why| unread("the Juju version of the model")(why.clone())),
        );
        let by_charm = |charm: &str| {
            ObjectName::new(charm)
                .map_err(|error| error.to_string())
                .and_then(|charm| applications(&charm, snapshot))
                .map_err(Unseen::Failed)
        };
        let first = by_charm(CONTROL_PLANE_CHARM)
            .and_then(|names| names.into_iter().next().ok_or(Unseen::NotInSource))
            .map(|name| Filling::Text(name.to_string()));
        put(
            "controlPlaneApplication",
            first.map_err(unread("the application of the control plane")),
        );
        let workers = by_charm(WORKER_CHARM)
            .map(|names| Filling::List(names.iter().map(ToString::to_string).collect()));
        put(
            "workerApplications",
            workers.map_err(unread("the applications of the workers")),
        );
    }
}

/// What fills the placeholders of a stage for this subject.
pub(crate) fn for_subject(
    subject: &Subject,
    shared: &Fillings,
    hop: Option<&Hop>,
    snapshot: &Snapshot,
    knowledge: &Knowledge,
) -> Fillings {
    let mut fillings = shared.clone();
    let mut put = |name: &str, filling| {
        fillings.insert(name.to_owned(), filling);
    };
    match subject {
        Subject::Cluster => {}
        Subject::Pool(pool) => put("pool", text(pool)),
        Subject::Node(node) => put("node", text(node)),
        Subject::Thing { name, value, .. } => {
            put("thing", text(name));
            if let Some(value) = value {
                put("thing.value", text(value));
            }
        }
        Subject::Role(role) => {
            put("role", text(role));
            let arguments = knowledge.osism().role(role.as_str()).map_or_else(
                || {
                    Err(Unread {
                        what: format!("how role {role} is upgraded"),
                        why: Unseen::NotInSource,
                    })
                },
                |known| Ok(Filling::List(arguments(known))),
            );
            put("roleArguments", arguments);
        }
        Subject::Application(name) => {
            put("application", text(name));
            let application = snapshot
                .juju
                .as_ref()
                .and_then(|model| model.applications.items.get(name));
            if let Some(application) = application {
                put("offeredRevision", offered(application, name.as_str()));
                if let Some(hop) = hop {
                    let refresh = refresh(name, application, hop);
                    let moves = refresh.clone().map(|refresh| match refresh {
                        Refresh::Revision => "revision",
                        Refresh::Channel(_) => "channel",
                    });
                    put(
                        "application.moves",
                        moves.map(|moves| Filling::Text(moves.to_owned())),
                    );
                    let channel = refresh.and_then(|refresh| match refresh {
                        Refresh::Channel(channel) => Ok(channel),
                        Refresh::Revision => {
                            application.channel.known().cloned().map_err(|why| {
                                unread(&format!("the channel of {name}"))(why.clone())
                            })
                        }
                    });
                    put(
                        "application.channel",
                        channel.map(|channel| Filling::Text(channel.to_string())),
                    );
                }
            }
        }
    }
    fillings
}
/// The revision that an application should have: the one that its channel
/// offers, or the present one where nothing newer is offered.
fn offered(application: &JujuApplication, name: &str) -> Result<Filling, Unread> {
    let what = format!("what the channel offers for {name}");
    match application.offered.known() {
        Ok(Some(revision)) => Ok(Filling::Number(*revision)),
        Ok(None) => match application.revision.known() {
            Ok(revision) => Ok(Filling::Number(*revision)),
            Err(why) => Err(unread(&format!("the charm revision of {name}"))(
                why.clone(),
            )),
        },
        Err(why) => Err(unread(&what)(why.clone())),
    }
}

fn unread(what: &str) -> impl FnOnce(Unseen) -> Unread + use<> {
    let what = what.to_owned();
    move |why| Unread { what, why }
}
