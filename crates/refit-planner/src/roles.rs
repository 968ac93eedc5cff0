//! The roles of an OSISM landscape, in a published order.

use crate::error::TemplateProblem;
use refit_knowledge::Knowledge;
use refit_knowledge::osism::{Layer, Osism, Pull, Role};
use refit_model::name::ObjectName;
use refit_model::step::Subject;
use refit_model::template::RoleSet;

/// Roles in an order, and what that order breaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Roles {
    /// The roles.
    pub(crate) subjects: Vec<Subject>,
    /// Each constraint that the order does not keep, one sentence each.
    pub(crate) conflicts: Vec<String>,
}

/// The roles of `deployed`, a text of names with commas between them, in the
/// order of the profile.
///
/// A profile may leave roles out (the vendor's own tests upgrade neither Docker
/// nor k3s): those of the manager come before everything then, and the others
/// behind, so that no service is taken down by them before it is upgraded.
///
/// # Errors
/// When there is no such profile, or a role that nothing is known of.
pub(crate) fn roles(
    profile: &str,
    deployed: &str,
    only: RoleSet,
    knowledge: &Knowledge,
) -> Result<Roles, TemplateProblem> {
    let graph = knowledge.osism();
    let Some(published) = graph.profiles().iter().find(|known| known.name == profile) else {
        return Err(TemplateProblem::NoProfile {
            name: profile.to_owned(),
            known: graph
                .profiles()
                .iter()
                .map(|known| known.name.clone())
                .collect(),
        });
    };
    let mut there: Vec<&Role> = Vec::new();
    let mut unknown = Vec::new();
    for name in deployed
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
    {
        match graph.role(name) {
            Some(role) if there.contains(&role) => {}
            Some(role) => there.push(role),
            None => unknown.push(name.to_owned()),
        }
    }
    if !unknown.is_empty() {
        return Err(TemplateProblem::NotInProfile {
            profile: profile.to_owned(),
            roles: unknown,
        });
    }
    there.sort_by_key(|role| place(role, &published.roles));
    let order: Vec<String> = there.iter().map(|role| role.name.clone()).collect();
    let conflicts = conflicts(graph, profile, &order);
    let subjects = there
        .into_iter()
        .filter(|role| match only {
            RoleSet::All => true,
            RoleSet::WithImages => role.pull == Pull::Before,
        })
        .filter_map(|role| ObjectName::new(role.name.as_str()).ok())
        .map(Subject::Role)
        .collect();
    Ok(Roles {
        subjects,
        conflicts,
    })
}

/// Where a role stands: its place in the profile, or before or behind all of it.
fn place(role: &Role, profile: &[String]) -> (u8, usize, String) {
    let found = profile.iter().position(|name| *name == role.name);
    match (found, role.layer) {
        (Some(place), _) => (1, place, role.name.clone()),
        // Facts are what every play after them reads.
        (None, Layer::Manager) => (0, usize::from(role.name != "facts"), role.name.clone()),
        (None, _) => (2, 0, role.name.clone()),
    }
}

/// What an order breaks, in sentences, each constraint once.
fn conflicts(graph: &Osism, profile: &str, order: &[String]) -> Vec<String> {
    let broken = graph.broken_by(order);
    graph
        .constraints()
        .iter()
        .filter_map(|constraint| {
            let early: Vec<&str> = broken
                .iter()
                .filter(|found| found.constraint == constraint)
                .map(|found| found.role.as_str())
                .collect();
            (!early.is_empty()).then(|| {
                format!(
                    "profile {profile} puts {} before {}, which has to come first ({})",
                    early.join(", "),
                    constraint.first,
                    constraint.source
                )
            })
        })
        .collect()
}

/// What stands behind `osism apply` to upgrade a role.
pub(crate) fn arguments(role: &Role) -> Vec<String> {
    role.command
        .split_whitespace()
        .skip_while(|word| matches!(*word, "osism" | "apply"))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(roles: &Roles) -> Vec<String> {
        roles
            .subjects
            .iter()
            .map(|subject| subject.to_string().replace("role ", ""))
            .collect()
    }

    #[track_caller]
    fn check(profile: &str, deployed: &str, expected: &[&str], conflicts: usize) {
        let found = roles(profile, deployed, RoleSet::All, Knowledge::embedded()).unwrap();
        assert_eq!(names(&found), expected, "{profile}");
        assert_eq!(found.conflicts.len(), conflicts, "{:?}", found.conflicts);
    }

    #[test]
    fn published_orders() {
        let deployed = "keystone, docker,common,facts,ovn,openvswitch, common";
        check(
            "ci",
            deployed,
            &[
                "facts",
                "common",
                "openvswitch",
                "ovn",
                "keystone",
                "docker",
            ],
            0,
        );
        // The order that this product was asked for breaks a rule of its vendor's.
        check(
            "seed",
            deployed,
            &[
                "facts",
                "openvswitch",
                "ovn",
                "docker",
                "common",
                "keystone",
            ],
            1,
        );
    }

    #[test]
    fn every_profile_keeps_every_constraint_or_says_what_it_breaks() {
        let knowledge = Knowledge::embedded();
        for profile in knowledge.osism().profiles() {
            let all: Vec<_> = knowledge
                .osism()
                .roles()
                .map(|role| role.name.clone())
                .collect();
            let found = roles(&profile.name, &all.join(","), RoleSet::All, knowledge).unwrap();
            assert_eq!(found.subjects.len(), all.len());
            let broken = knowledge.osism().broken_by(&names(&found));
            assert_eq!(
                broken.is_empty(),
                found.conflicts.is_empty(),
                "{}",
                profile.name
            );
            if profile.name == "ci" {
                assert_eq!(found.conflicts, Vec::<String>::new());
            }
        }
    }

    #[test]
    fn what_nobody_knows_is_refused() {
        let refuse = |profile: &str, deployed: &str| {
            roles(profile, deployed, RoleSet::All, Knowledge::embedded())
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            refuse("cli", "common"),
            "there is no profile \"cli\"; there are ci, guide, seed"
        );
        assert_eq!(
            refuse("ci", "commn"),
            "profile ci has no place for the roles commn"
        );
    }
}
