//! The ledger of disagreements with peers: what differs, who is borne out, and
//! by which of upstream's sources.

use super::compare::{Disagreement, Fact};
use super::{Api, Peer};
use crate::Outcome;
use refit_knowledge::table::{Record, Schema, Table};

pub(super) const SCHEMA: Schema = Schema {
    format: "refit-knowledge/ledger-peers/1",
    columns: &[
        "peer", "group", "version", "kind", "fact", "theirs", "ours", "holds", "reason", "evidence",
    ],
    key: 7,
};

/// The shortest text that can be a reason.
const SHORTEST_REASON: usize = 20;

/// One explanation.
#[derive(Debug)]
struct Row {
    peer: Peer,
    api: Api,
    fact: Fact,
    theirs: String,
    ours: String,
}

/// All explanations.
#[derive(Debug)]
pub(super) struct Ledger {
    rows: Vec<Row>,
}

/// What is wrong between the disagreements and their explanations.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Audit {
    /// Disagreements without a row.
    pub(super) unexplained: Vec<String>,
    /// Disagreements with more than one: which of them is meant?
    ambiguous: Vec<String>,
    /// Rows that explain nothing.
    needless: Vec<String>,
}

impl Ledger {
    pub(super) fn read(file: &str, text: &str) -> Outcome<Self> {
        let table = Table::read(file, text, &SCHEMA)?;
        let rows = table.records().map(row).collect::<Outcome<_>>()?;
        Ok(Self { rows })
    }

    /// Matches explanations and disagreements.
    pub(super) fn audit(&self, found: &[Disagreement]) -> Audit {
        let mut audit = Audit::default();
        for what in found {
            match self.rows.iter().filter(|row| row.explains(what)).count() {
                0 => audit.unexplained.push(what.to_string()),
                1 => {}
                _ => audit.ambiguous.push(what.to_string()),
            }
        }
        for row in &self.rows {
            if !found.iter().any(|what| row.explains(what)) {
                audit.needless.push(row.to_string());
            }
        }
        audit
    }
}

impl Row {
    fn explains(&self, what: &Disagreement) -> bool {
        self.peer == what.peer
            && self.fact == what.fact
            && self
                .api
                .iter()
                .zip(&what.api)
                .all(|(pattern, value)| fits(pattern, value))
            && fits(&self.theirs, &what.theirs)
            && fits(&self.ours, &what.ours)
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{},{},{},{},{}",
            self.peer,
            self.api.join(","),
            self.fact,
            self.theirs,
            self.ours
        )
    }
}

/// Whether `value` is what a ledger column means: itself, `*`, or `*` and an end.
fn fits(pattern: &str, value: &str) -> bool {
    pattern
        .strip_prefix('*')
        .map_or(pattern == value, |end| value.ends_with(end))
}

/// Whether it is `owner/repository`, a version or two with `and`, and a path.
fn is_place(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let version = |word: &&str| {
        word.strip_prefix('v')
            .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    };
    match words.as_slice() {
        [repository, at, path] => repository.contains('/') && version(at) && !path.is_empty(),
        [repository, at, "and", too, path] => {
            repository.contains('/') && version(at) && version(too) && !path.is_empty()
        }
        _ => false,
    }
}

fn row(record: Record<'_>) -> Outcome<Row> {
    let text = |column| record.text(column).to_owned();
    // Two answers are let in and no third: what a peer is right in is mended.
    if !["ours", "both"].contains(&record.text("holds")) {
        return Err(record.refuse("holds", "ours or both").into());
    }
    if record.required("reason")?.len() < SHORTEST_REASON {
        return Err(record.refuse("reason", "a reason").into());
    }
    if !record.required("evidence")?.split("; ").all(is_place) {
        let wanted = "places of upstream: owner/repository, a version, a path";
        return Err(record.refuse("evidence", wanted).into());
    }
    let (theirs, ours) = (text("theirs"), text("ours"));
    if theirs == ours {
        return Err(record.contradiction("both say the same").into());
    }
    Ok(Row {
        peer: record.value("peer", "a peer")?,
        api: [text("group"), text("version"), text("kind")],
        fact: record.value("fact", "a fact that is compared")?,
        theirs,
        ours,
    })
}

impl Audit {
    /// # Errors
    /// Where anything is wrong, with all of it.
    pub(super) fn outcome(&self, file: &str) -> Outcome<()> {
        let mut wrong = Vec::new();
        for (what, rows) in [
            ("lacks", &self.unexplained),
            ("explains twice", &self.ambiguous),
            ("explains needlessly", &self.needless),
        ] {
            wrong.extend(
                rows.iter()
                    .map(|row| format!("knowledge/{file} {what}: {row}")),
            );
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(wrong.join("\n").into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger(rows: &[&str]) -> Outcome<Ledger> {
        let text = format!(
            "# format: {}\n# as-of: 2026-11-29\n# source: a test\n{}\n{}\n",
            SCHEMA.format,
            SCHEMA.columns.join(","),
            rows.join("\n")
        );
        Ledger::read("ledger-peers.csv", &text)
    }

    fn found(kind: &str) -> Disagreement {
        Disagreement {
            peer: Peer::Pluto,
            api: ["a.example", "v1beta1", kind].map(str::to_owned),
            fact: Fact::Removed,
            theirs: "1.29".to_owned(),
            ours: "1.26".to_owned(),
        }
    }

    const WHY: &str = "the document of 1.26 has none of it,an/example v0.26.0 a/file";

    #[test]
    fn the_audit_sees_what_is_wrong() {
        let one = format!("pluto,a.example,v1beta1,Thing,removed,1.29,1.26,ours,{WHY}");
        let all = format!("pluto,a.example,v1beta1,*,removed,1.29,1.26,ours,{WHY}");
        let audit = |rows: &[&str], found: &[Disagreement]| ledger(rows).unwrap().audit(found);
        let (thing, other) = (found("Thing"), found("Other"));

        assert_eq!(
            audit(&[&one], std::slice::from_ref(&thing)),
            Audit::default()
        );
        assert_eq!(
            audit(&[&all], &[thing.clone(), other.clone()]),
            Audit::default()
        );
        let unexplained = audit(&[&one], &[thing.clone(), other]);
        assert_eq!(unexplained.unexplained.len(), 1);
        assert!(unexplained.outcome("x").is_err());
        // Explained, and not there; the peer says something else by now.
        assert_eq!(audit(&[&one], &[]).needless.len(), 1);
        let moved = Disagreement {
            theirs: "1.27".to_owned(),
            ..thing.clone()
        };
        let moved = audit(&[&one], &[moved]);
        assert_eq!((moved.unexplained.len(), moved.needless.len()), (1, 1));
        assert_eq!(audit(&[&all, &one], &[thing]).ambiguous.len(), 1);
    }

    #[test]
    fn an_explanation_has_a_reason_and_evidence() {
        let good = format!("pluto,a.example,v1beta1,Thing,removed,1.29,1.26,ours,{WHY}");
        assert!(ledger(&[&good]).is_ok());
        for (from, to) in [
            ("ours", "theirs"),
            ("1.29", "1.26"),
            ("v0.26.0", "trunk"),
            ("the document of 1.26 has none of it", "no"),
            ("pluto", "saturn"),
            ("removed", "rumoured"),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good);
            assert!(ledger(&[&bad]).is_err(), "{bad}");
        }
    }
}
