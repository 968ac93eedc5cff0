//! What the tables of two other scanners say of the same APIs, and where they
//! and the facts here disagree.
//!
//! What a peer says is checked in, as rows of its table without its words, so
//! that the comparison needs no network. Every disagreement has a row in the
//! ledger that says who is borne out by upstream's own sources; a disagreement
//! without a row fails, and so does a row that explains nothing any more. There
//! is no row for "the peer is right": such a fact is mended.

mod compare;
mod kubent;
mod ledger;
mod pluto;

use super::{Derived, archive};
use crate::{Outcome, root, say};
use refit_knowledge::Knowledge;
use refit_knowledge::table::{Schema, Table, line};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::str::FromStr;

pub(super) use kubent::derive as kubent;
pub(super) use pluto::derive as pluto;

pub(super) const PLUTO: &str = "second-sources/pluto.csv";
pub(super) const KUBENT: &str = "second-sources/kube-no-trouble.csv";
const LEDGER: &str = "second-sources/ledger-peers.csv";

const SCHEMA: Schema = Schema {
    format: "refit-knowledge/peer-apis/1",
    columns: &[
        "group",
        "version",
        "kind",
        "component",
        "deprecated",
        "removed",
        "replacement",
        "replacement_since",
    ],
    key: 3,
};

/// A scanner with a table of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Peer {
    Pluto,
    KubeNoTrouble,
}

impl Peer {
    const ALL: [Self; 2] = [Self::Pluto, Self::KubeNoTrouble];

    const fn file(self) -> &'static str {
        match self {
            Self::Pluto => PLUTO,
            Self::KubeNoTrouble => KUBENT,
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pluto => "pluto",
            Self::KubeNoTrouble => "kube-no-trouble",
        })
    }
}

impl FromStr for Peer {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|peer| peer.to_string() == text)
            .ok_or_else(|| format!("{text:?} is not a peer"))
    }
}

/// Group, version and kind as a peer has them: a kind that is empty stands for
/// all of its version, a version that is empty for all of its group.
type Api = [String; 3];

/// What a peer's table says of one of them. A date is a minor of Kubernetes, or
/// a version of the project that `component` names; empty where it says none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Said {
    component: String,
    deprecated: String,
    removed: String,
    /// The group and version to use instead.
    replacement: String,
    /// Since when that is there.
    replacement_since: String,
}

/// A peer's table.
type Claims = BTreeMap<Api, Said>;

/// Adds one row of a peer's table, which may say the same twice.
fn add(claims: &mut Claims, api: Api, said: Said) -> Outcome<()> {
    match claims.get(&api) {
        Some(before) if *before != said => {
            Err(format!("{}: said in two ways", api.join(" ")).into())
        }
        Some(_) | None => {
            claims.insert(api, said);
            Ok(())
        }
    }
}

/// A peer's table as a file of second sources.
fn derived(path: &'static str, source: &str, claims: &Claims) -> Outcome<Derived> {
    if claims.is_empty() {
        return Err(format!("{path}: no row was found in what was given").into());
    }
    let mut rows: Vec<Vec<String>> = claims
        .iter()
        .map(|([group, version, kind], said)| {
            let said = said.clone();
            vec![
                group.clone(),
                version.clone(),
                kind.clone(),
                said.component,
                said.deprecated,
                said.removed,
                said.replacement,
                said.replacement_since,
            ]
        })
        .collect();
    rows.sort_by(|a, b| SCHEMA.order(a, b));
    let mut text = format!(
        "# format: {}\n# as-of: \n# source: {source}\n{}\n",
        SCHEMA.format,
        SCHEMA.columns.join(",")
    );
    for row in rows {
        text.push_str(&line(row));
        text.push('\n');
    }
    Ok(Derived { path, text })
}

/// The group and version of `apps/v1`. What has no slash is a version of the
/// core group, or the name of a group alone where it has dots.
fn group_version(text: &str) -> (String, String) {
    match text.split_once('/') {
        Some((group, version)) => (group.to_owned(), version.to_owned()),
        None if text.contains('.') => (text.to_owned(), String::new()),
        None => (String::new(), text.to_owned()),
    }
}

/// The files of a module's source that `wanted` accepts, and the release that
/// it is of: from a directory named `pluto@v5.24.0`, or from a module archive.
fn module(path: &Path, wanted: &dyn Fn(&str) -> bool) -> Outcome<(String, Vec<(String, String)>)> {
    // An archive repeats module and version before each name; a path inside a
    // module has no such sign.
    let inside = |name: &str| match name.split_once('@') {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, rest)| rest).to_owned(),
        None => name.to_owned(),
    };
    let members = archive::members(path, &|name| wanted(&inside(name)))?;
    let named = if path.is_dir() {
        path.file_name().and_then(|name| name.to_str())
    } else {
        members.first().map(|(name, _)| name.as_str())
    };
    let release = named
        .and_then(|name| name.split_once('@'))
        .map(|(_, rest)| rest.split('/').next().unwrap_or_default().to_owned())
        .ok_or_else(|| {
            format!(
                "{}: of which release is it? Name the directory like pluto@v5.24.0",
                path.display()
            )
        })?;
    let files = members
        .into_iter()
        .map(|(name, content)| Ok((inside(&name), String::from_utf8(content)?)))
        .collect::<Outcome<Vec<_>>>()?;
    Ok((release, files))
}

/// What a checked-in table of a peer says.
fn claims(file: &str, text: &str) -> Outcome<(Table, Claims)> {
    let table = Table::read(file, text, &SCHEMA)?;
    let mut claims = Claims::new();
    for record in table.records() {
        let text = |column| record.text(column).to_owned();
        let api = [text("group"), text("version"), text("kind")];
        let said = Said {
            component: text("component"),
            deprecated: text("deprecated"),
            removed: text("removed"),
            replacement: text("replacement"),
            replacement_since: text("replacement_since"),
        };
        claims.insert(api, said);
    }
    Ok((table, claims))
}

/// What came of comparing one peer, in numbers.
struct Figures {
    peer: Peer,
    source: String,
    agree: usize,
    differ: usize,
    incomparable: usize,
}

/// Compares what is checked in of both peers, and says what came of it.
///
/// # Errors
/// Where a disagreement is not explained, or an explanation is not needed.
pub(super) fn verify() -> Outcome<()> {
    let (all, audit) = audit()?;
    let mut differ = 0;
    for of in all {
        say(&format!(
            "{}: {} facts compared, {} agree, {} differ; {} more concern what is not among the facts ({})",
            of.peer,
            of.agree + of.differ,
            of.agree,
            of.differ,
            of.incomparable,
            of.source,
        ))?;
        differ += of.differ;
    }
    say(&format!(
        "knowledge/{LEDGER}: {} of {differ} disagreements with peers explained",
        differ - audit.unexplained.len(),
    ))?;
    audit.outcome(LEDGER)
}

/// Compares what is checked in of both peers with the facts and the ledger.
fn audit() -> Outcome<(Vec<Figures>, ledger::Audit)> {
    let read = |file: &str| -> Outcome<String> {
        let path = root().join("knowledge").join(file);
        fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()).into())
    };
    let ledger = ledger::Ledger::read(LEDGER, &read(LEDGER)?)?;
    let (mut figures, mut disagreements) = (Vec::new(), Vec::new());
    for peer in Peer::ALL {
        let (table, claims) = claims(peer.file(), &read(peer.file())?)?;
        let found = compare::compare(peer, &claims, Knowledge::embedded())?;
        figures.push(Figures {
            peer,
            source: table.sources.join("; "),
            agree: found.agree,
            differ: found.disagreements.len(),
            incomparable: found.incomparable,
        });
        disagreements.extend(found.disagreements);
    }
    Ok((figures, ledger.audit(&disagreements)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_two_things_is_refused() {
        let mut all = Claims::new();
        let api = || ["a.example", "v1", "Thing"].map(str::to_owned);
        let said = |removed: &str| Said {
            removed: removed.to_owned(),
            ..Said::default()
        };
        add(&mut all, api(), said("1.22")).unwrap();
        add(&mut all, api(), said("1.22")).unwrap();
        assert!(add(&mut all, api(), said("1.23")).is_err());
        assert_eq!(all.len(), 1);
    }

    #[test]
    fn groups_and_versions() {
        for (text, group, version) in [
            ("apps/v1", "apps", "v1"),
            ("v1", "", "v1"),
            ("rbac.istio.io", "rbac.istio.io", ""),
        ] {
            assert_eq!(
                group_version(text),
                (group.to_owned(), version.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn the_release_is_in_the_name() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir(&path).unwrap();
            fs::write(path.join("versions.yaml"), "a: b\n").unwrap();
            path
        };
        let wanted = |name: &str| name == "versions.yaml";
        let (release, files) = module(&write("v5@v5.22.5"), &wanted).unwrap();
        assert_eq!(release, "v5.22.5");
        assert_eq!(files, [("versions.yaml".to_owned(), "a: b\n".to_owned())]);
        assert!(module(&write("pluto"), &wanted).is_err());
    }

    /// What is checked in is complete: it is read, compared and explained.
    #[test]
    fn every_disagreement_is_explained_and_every_explanation_needed() {
        let (figures, audit) = audit().unwrap();
        audit.outcome(LEDGER).unwrap();
        let readme = fs::read_to_string(root().join("knowledge/README.md")).unwrap();
        for of in figures {
            let row = format!(
                "| {} | {} | {} | {} | {} |",
                of.peer,
                of.agree + of.differ,
                of.agree,
                of.differ,
                of.incomparable
            );
            assert!(readme.contains(&row), "the README lacks: {row}");
        }
    }
}
