//! The files of OSISM, read.

use super::{
    CliResult, Constraint, ConstraintBasis, Deployer, Maintenance, Meaning, Number, Osism, Profile,
    Pull, Release, Role, Series, Then,
};
use crate::files::Files;
use crate::table::{Error, Record, Schema};
use std::collections::BTreeMap;

/// Where the series are.
pub const SERIES_FILE: &str = "seeds/osism/series.csv";
/// Where the releases are.
pub const RELEASES_FILE: &str = "seeds/osism/versions.csv";
/// Where the roles are.
pub const ROLES_FILE: &str = "seeds/osism/roles.csv";
/// Where the constraints are.
pub const CONSTRAINTS_FILE: &str = "seeds/osism/constraints.csv";
/// Where the published orders are.
pub const PROFILES_FILE: &str = "seeds/osism/profiles.csv";
/// Where the versions of the command line are that were looked at.
pub const CLIS_FILE: &str = "seeds/osism/clis.csv";
/// Where their commands are.
pub const COMMANDS_FILE: &str = "seeds/osism/commands.csv";
/// Where the ends of commands are that were seen.
pub const RESULTS_FILE: &str = "seeds/osism/cli-results.csv";

/// The columns of [`SERIES_FILE`].
pub const SERIES: Schema = Schema {
    format: "refit-knowledge/osism-series/1",
    columns: &[
        "series",
        "released",
        "status",
        "openstack",
        "ceph",
        "source",
        "source_version",
        "notes",
    ],
    key: 1,
};

/// The columns of [`RELEASES_FILE`].
pub const RELEASES: Schema = Schema {
    format: "refit-knowledge/osism-releases/1",
    columns: &[
        "release",
        "released",
        "openstack",
        "ceph",
        "cli",
        "k3s",
        "docker",
        "ansible_core",
    ],
    key: 1,
};

/// The columns of [`ROLES_FILE`].
pub const ROLES: Schema = Schema {
    format: "refit-knowledge/osism-roles/1",
    columns: &[
        "role",
        "layer",
        "kolla",
        "pull",
        "command",
        "source",
        "source_version",
    ],
    key: 1,
};

/// The columns of [`CONSTRAINTS_FILE`].
pub const CONSTRAINTS: Schema = Schema {
    format: "refit-knowledge/osism-constraints/1",
    columns: &[
        "first",
        "then",
        "basis",
        "source",
        "source_version",
        "notes",
    ],
    key: 2,
};

/// The columns of [`PROFILES_FILE`].
pub const PROFILES: Schema = Schema {
    format: "refit-knowledge/osism-profiles/1",
    columns: &[
        "profile",
        "position",
        "role",
        "source",
        "source_version",
        "notes",
    ],
    key: 2,
};

/// The columns of [`CLIS_FILE`].
pub const CLIS: Schema = Schema {
    format: "refit-knowledge/osism-clis/1",
    columns: &["cli", "commands"],
    key: 1,
};

/// The columns of [`COMMANDS_FILE`].
pub const COMMANDS: Schema = Schema {
    format: "refit-knowledge/osism-commands/1",
    columns: &["command", "from", "to"],
    key: 2,
};

/// The columns of [`RESULTS_FILE`].
pub const RESULTS: Schema = Schema {
    format: "refit-knowledge/osism-cli-results/1",
    columns: &[
        "command",
        "situation",
        "version",
        "exit_code",
        "meaning",
        "source",
        "notes",
    ],
    key: 3,
};

const DAY: &str = "a day such as 2026-08-14";
const NUMBER: &str = "three numbers such as 10.1.0";

pub(super) fn osism(files: &Files) -> Result<Osism, Error> {
    let (roles, clis) = (roles(files)?, clis(files)?);
    Ok(Osism {
        series: series(files)?,
        releases: releases(files)?,
        constraints: constraints(files, &roles)?,
        profiles: profiles(files, &roles)?,
        commands: commands(files, &clis)?,
        results: results(files)?,
        roles,
        clis,
    })
}

fn filled(record: &Record<'_>, column: &str) -> Option<String> {
    Some(record.text(column).to_owned()).filter(|text| !text.is_empty())
}

fn series(files: &Files) -> Result<BTreeMap<u32, Series>, Error> {
    let mut all = BTreeMap::new();
    for record in files.table(SERIES_FILE, &SERIES)?.records() {
        let number = record.value("series", "a number such as 10")?;
        let series = Series {
            number,
            released: record.optional("released", DAY)?,
            maintenance: record.choice(
                "status",
                &[
                    ("planned", Maintenance::Planned),
                    ("maintained", Maintenance::Maintained),
                    ("extended", Maintenance::Extended),
                    ("ended", Maintenance::Ended),
                ],
                "planned, maintained, extended or ended",
            )?,
            openstack: filled(&record, "openstack"),
            ceph: filled(&record, "ceph"),
            source: record.required("source")?.to_owned(),
        };
        all.insert(number, series);
    }
    Ok(all)
}

fn releases(files: &Files) -> Result<BTreeMap<Number, Release>, Error> {
    let mut all = BTreeMap::new();
    for record in files.table(RELEASES_FILE, &RELEASES)?.records() {
        let number = record.value("release", NUMBER)?;
        let release = Release {
            number,
            released: record.optional("released", DAY)?,
            openstack: filled(&record, "openstack"),
            ceph: filled(&record, "ceph"),
            cli: record.optional("cli", NUMBER)?,
            k3s: record.optional("k3s", "a release of k3s such as v1.34.2+k3s1")?,
            docker: filled(&record, "docker"),
            ansible_core: filled(&record, "ansible_core"),
        };
        all.insert(number, release);
    }
    Ok(all)
}

fn roles(files: &Files) -> Result<BTreeMap<String, Role>, Error> {
    let mut all = BTreeMap::new();
    for record in files.table(ROLES_FILE, &ROLES)?.records() {
        let name = record.required("role")?.to_owned();
        let role = Role {
            name: name.clone(),
            layer: record
                .text("layer")
                .parse()
                .map_err(|_| record.refuse("layer", "a layer such as network"))?,
            deployer: record.choice(
                "kolla",
                &[("yes", Deployer::Kolla), ("no", Deployer::Other)],
                "yes or no",
            )?,
            pull: record.choice(
                "pull",
                &[("yes", Pull::Before), ("no", Pull::None)],
                "yes or no",
            )?,
            command: record.required("command")?.to_owned(),
            source: record.required("source")?.to_owned(),
        };
        all.insert(name, role);
    }
    Ok(all)
}

fn constraints(files: &Files, roles: &BTreeMap<String, Role>) -> Result<Vec<Constraint>, Error> {
    let mut all = Vec::new();
    for record in files.table(CONSTRAINTS_FILE, &CONSTRAINTS)?.records() {
        let first = record.required("first")?;
        if !roles.contains_key(first) {
            return Err(record.refuse("first", "a role of roles.csv"));
        }
        let then = match record.required("then")? {
            "openstack" => Then::OpenStack,
            "kolla" => Then::Kolla,
            "every" => Then::Every,
            role if roles.contains_key(role) => Then::Role(role.to_owned()),
            _ => return Err(record.refuse("then", "a role, openstack, kolla or every")),
        };
        all.push(Constraint {
            first: first.to_owned(),
            then,
            basis: record.choice(
                "basis",
                &[
                    ("documented", ConstraintBasis::Documented),
                    ("ci", ConstraintBasis::Ci),
                ],
                "documented or ci",
            )?,
            source: record.required("source")?.to_owned(),
            notes: record.text("notes").to_owned(),
        });
    }
    Ok(all)
}

fn profiles(files: &Files, roles: &BTreeMap<String, Role>) -> Result<Vec<Profile>, Error> {
    let mut all: Vec<Profile> = Vec::new();
    for record in files.table(PROFILES_FILE, &PROFILES)?.records() {
        let (name, role) = (record.required("profile")?, record.required("role")?);
        if !roles.contains_key(role) {
            return Err(record.refuse("role", "a role of roles.csv"));
        }
        record.value::<u16>("position", "a number")?;
        match all.last_mut().filter(|profile| profile.name == name) {
            Some(profile) => profile.roles.push(role.to_owned()),
            None => all.push(Profile {
                name: name.to_owned(),
                roles: vec![role.to_owned()],
                source: record.required("source")?.to_owned(),
                notes: record.text("notes").to_owned(),
            }),
        }
    }
    Ok(all)
}

fn clis(files: &Files) -> Result<BTreeMap<Number, usize>, Error> {
    let mut all = BTreeMap::new();
    for record in files.table(CLIS_FILE, &CLIS)?.records() {
        all.insert(
            record.value("cli", "a version such as 0.20260615.0")?,
            record.value("commands", "a number")?,
        );
    }
    Ok(all)
}

/// Each command with the runs of versions that have it, first and last.
fn commands(
    files: &Files,
    clis: &BTreeMap<Number, usize>,
) -> Result<BTreeMap<String, Vec<(Number, Number)>>, Error> {
    const LOOKED_AT: &str = "a version of clis.csv";
    let mut all: BTreeMap<String, Vec<(Number, Number)>> = BTreeMap::new();
    for record in files.table(COMMANDS_FILE, &COMMANDS)?.records() {
        let end = |column, open: Option<&Number>| match record.optional(column, LOOKED_AT)? {
            Some(cli) if clis.contains_key(&cli) => Ok(cli),
            Some(_) => Err(record.refuse(column, LOOKED_AT)),
            None => open
                .copied()
                .ok_or_else(|| record.refuse(column, LOOKED_AT)),
        };
        let run = (
            end("from", clis.keys().next())?,
            end("to", clis.keys().next_back())?,
        );
        if run.0 > run.1 {
            return Err(record.contradiction("it goes before it comes"));
        }
        all.entry(record.required("command")?.to_owned())
            .or_default()
            .push(run);
    }
    Ok(all)
}

fn results(files: &Files) -> Result<Vec<CliResult>, Error> {
    let table = files.table(RESULTS_FILE, &RESULTS)?;
    let read = |record: Record<'_>| {
        record.required("source")?;
        Ok(CliResult {
            command: record.required("command")?.to_owned(),
            situation: record.required("situation")?.to_owned(),
            cli: record.value("version", NUMBER)?,
            exit_code: record.value("exit_code", "an exit code")?,
            meaning: record.choice(
                "meaning",
                &[
                    ("ok", Meaning::Ok),
                    ("failed", Meaning::Failed),
                    ("refused", Meaning::Refused),
                    ("in-doubt", Meaning::InDoubt),
                    ("wrong", Meaning::Wrong),
                ],
                "ok, failed, refused, in-doubt or wrong",
            )?,
            notes: record.text("notes").to_owned(),
        })
    };
    table.records().map(read).collect()
}
