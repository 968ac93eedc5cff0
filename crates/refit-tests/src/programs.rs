//! Programs that answer from a table: what a landscape shows that no API does.

#![expect(
    clippy::expect_used,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

use refit_knowledge::Knowledge;
use refit_model::look::{Look, Looked, Shown};
use refit_model::name::ClusterId;
use refit_model::seen::{Seen, Unseen};
use refit_model::snapshot::{ClusterIdentity, IdentityBasis, Snapshot};
use refit_model::template::UpgradeTemplate;
use refit_planner::{PlanError, PlanRequest, deciding_looks, looks};
use std::collections::BTreeMap;

/// What each program prints, by the line that calls it, or `file PATH`.
#[derive(Clone, Debug, Default)]
pub struct Programs {
    answers: BTreeMap<String, (i32, String)>,
}

impl Programs {
    /// The same, and `line` ends with 0 and prints `out`.
    #[must_use]
    pub fn with(mut self, line: &str, out: impl Into<String>) -> Self {
        self.answers.insert(line.to_owned(), (0, out.into()));
        self
    }

    /// The same, and `line` ends with `code` and prints `out`.
    #[must_use]
    pub fn ending(mut self, line: &str, code: i32, out: impl Into<String>) -> Self {
        self.answers.insert(line.to_owned(), (code, out.into()));
        self
    }

    /// What is answered, by the line that asks for it.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.answers
            .iter()
            .map(|(line, (_, out))| (line.as_str(), out.as_str()))
    }

    /// The answer to `look`. A file that is not in the table is not there; a
    /// program that is not in it is not installed.
    #[must_use]
    pub fn answer(&self, look: &Look) -> Looked {
        let shown = match (self.answers.get(&look.to_string()), look) {
            (Some((code, out)), _) => {
                Shown::of(look, *code, out, "").map_err(|error| Unseen::Failed(error.to_string()))
            }
            (None, Look::File { .. }) => Ok(Shown {
                code: 1,
                out: serde_json::Value::Null,
                err: "there is no such file".to_owned(),
            }),
            (None, Look::Program { .. }) => {
                Err(Unseen::Failed("the program is not installed".to_owned()))
            }
        };
        Looked {
            look: look.clone(),
            shown: match shown {
                Ok(shown) => Seen::Is(shown),
                Err(why) => Seen::Gap(why),
            },
        }
    }

    /// Adds to `snapshot` all that a plan from `template` has to know.
    ///
    /// # Errors
    /// When no plan could be made with any answer.
    pub fn look_for(
        &self,
        template: &UpgradeTemplate,
        request: &PlanRequest,
        snapshot: &mut Snapshot,
    ) -> Result<(), PlanError> {
        let facts = looks(template, snapshot, Knowledge::embedded(), request)?;
        self.look_at(&facts, snapshot);
        let deciding = deciding_looks(template, snapshot, Knowledge::embedded(), request)?;
        self.look_at(&deciding, snapshot);
        Ok(())
    }

    /// Adds the answers to `looks` to `snapshot`.
    pub fn look_at(&self, looks: &[Look], snapshot: &mut Snapshot) {
        for look in looks {
            snapshot.looks.retain(|earlier| earlier.look != *look);
            snapshot.looks.push(self.answer(look));
        }
    }
}

/// A landscape of which nothing is seen yet.
///
/// # Panics
/// When `name` is none.
#[must_use]
pub fn landscape(name: &str) -> Snapshot {
    let id: ClusterId = name.parse().expect("a name");
    Snapshot::empty(
        ClusterIdentity {
            name: name.to_owned(),
            id,
            basis: IdentityBasis::Given,
        },
        "2026-11-24T08:00:00Z".parse().expect("a time"),
    )
}
