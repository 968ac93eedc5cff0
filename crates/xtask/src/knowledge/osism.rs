//! `seeds/osism/clis.csv` and `seeds/osism/commands.csv` from packages of the
//! command line: each lists its commands among its entry points.

use super::archive::members;
use super::{Derived, header};
use crate::Outcome;
use refit_knowledge::osism::{CLIS, CLIS_FILE, COMMANDS, COMMANDS_FILE, Number};
use refit_knowledge::table::{self, Schema};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub(super) const FILES: [&str; 2] = [CLIS_FILE, COMMANDS_FILE];

pub(super) fn derive(packages: &[PathBuf], knowledge: &Path) -> Outcome<Vec<Derived>> {
    let mut looked: BTreeMap<Number, BTreeSet<String>> = BTreeMap::new();
    for package in packages {
        let (version, commands) = package_of(package)?;
        looked.insert(version, commands);
    }
    let versions: Vec<(&Number, &BTreeSet<String>)> = looked.iter().collect();
    let every: BTreeSet<&String> = looked.values().flatten().collect();
    let mut commands = Vec::new();
    for command in every {
        // Each run of versions that have it, as the indices of its ends.
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for (index, (_, has)) in versions.iter().enumerate() {
            if !has.contains(command) {
                continue;
            }
            match runs.last_mut().filter(|(_, last)| last + 1 == index) {
                Some((_, last)) => *last = index,
                None => runs.push((index, index)),
            }
        }
        let newest = versions.len().saturating_sub(1);
        let named = |index: usize, open: usize| {
            versions
                .get(index)
                .filter(|_| index != open)
                .map_or_else(String::new, |(version, _)| version.to_string())
        };
        for (first, last) in runs {
            commands.push(vec![command.clone(), named(first, 0), named(last, newest)]);
        }
    }
    let clis = looked
        .iter()
        .map(|(version, commands)| vec![version.to_string(), commands.len().to_string()])
        .collect();
    Ok(vec![
        file(CLIS_FILE, &CLIS, clis, knowledge)?,
        file(COMMANDS_FILE, &COMMANDS, commands, knowledge)?,
    ])
}

/// The version and the commands of one package.
fn package_of(package: &Path) -> Outcome<(Number, BTreeSet<String>)> {
    const FOLDER: (&str, &str) = ("osism-", ".dist-info/entry_points.txt");
    let found = members(package, &|name| name.ends_with(FOLDER.1))?;
    let [(name, content)] = found.as_slice() else {
        return Err(format!("{}: not one entry_points.txt", package.display()).into());
    };
    let version = name
        .strip_prefix(FOLDER.0)
        .and_then(|rest| rest.strip_suffix(FOLDER.1))
        .ok_or_else(|| format!("{}: {name} is not of osism", package.display()))?;
    let text = String::from_utf8_lossy(content);
    let commands = text
        .lines()
        .map(str::trim)
        .skip_while(|line| *line != "[osism.commands]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once('='))
        .map(|(command, _)| command.trim().to_owned())
        .collect();
    Ok((version.parse()?, commands))
}

fn file(
    path: &'static str,
    schema: &Schema,
    mut lines: Vec<Vec<String>>,
    knowledge: &Path,
) -> Outcome<Derived> {
    lines.sort_by(|a, b| schema.order(a, b));
    let mut text = header(&knowledge.join(path))?;
    text.push_str(&schema.columns.join(","));
    text.push('\n');
    for values in lines {
        text.push_str(&table::line(values));
        text.push('\n');
    }
    Ok(Derived { path, text })
}
