//! Looks: what a program prints that only looks, or what a file holds.
//!
//! Much of what an upgrade has to know is shown by a command line tool alone:
//! `helm list`, `az aks show`, `ceph status`, `osism get versions`. A look is
//! one such question as a value; a condition judges its answer with an
//! [`Expression`]. Whoever writes a look promises that it changes nothing.

use crate::command::{Word, Words};
use crate::expression::{Expression, ExpressionError};
use crate::seen::{Seen, Unseen};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// One question to a program or a file.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Look {
    /// What a program prints that changes nothing.
    Program {
        /// The program and its arguments; never read by a shell.
        run: Words,
        /// The host on which it runs; absent for where Refit runs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<Word>,
        /// What it prints.
        #[serde(default, skip_serializing_if = "Printing::is_any")]
        prints: Printing,
        /// The exit codes with which it answers; 0 alone when empty. With any
        /// other it did not see what it was asked for.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ends: Vec<i32>,
        /// What of the answer is kept. For answers that hold secrets: nothing
        /// else ever leaves the place where the program ran.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep: Option<Expression>,
    },
    /// What a file of YAML or JSON holds.
    File {
        /// Its path, from where Refit runs.
        path: Word,
        /// What of it is kept.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep: Option<Expression>,
    },
}

/// What a program prints.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Printing {
    /// JSON, which is read as what it says, or else any text.
    #[default]
    Any,
    /// A JSON value on each line, however many: always a list.
    JsonLines,
}

impl Printing {
    /// Whether it may be anything.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        matches!(self, Self::Any)
    }
}

/// A look and what it showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Looked {
    /// The question.
    pub look: Look,
    /// The answer, or why there is none.
    pub shown: Seen<Shown>,
}

/// What a look showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Shown {
    /// The exit code of the program; 0 for a file.
    pub code: i32,
    /// What it printed: as a value where it was JSON, as text otherwise; only
    /// what the look keeps.
    pub out: Value,
    /// What it printed on standard error, cut to its end.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub err: String,
}

impl Look {
    /// What is printed.
    const fn prints(&self) -> Printing {
        match self {
            Self::Program { prints, .. } => *prints,
            Self::File { .. } => Printing::Any,
        }
    }

    /// Whether something was answered that ended with this exit code. A file that
    /// is not there is an answer, with 1.
    #[must_use]
    pub fn is_answered_by(&self, code: i32) -> bool {
        match self {
            Self::Program { ends, .. } if ends.is_empty() => code == 0,
            Self::Program { ends, .. } => ends.contains(&code),
            Self::File { .. } => matches!(code, 0 | 1),
        }
    }

    /// What of the answer is kept; all of it when absent.
    #[must_use]
    pub const fn keep(&self) -> Option<&Expression> {
        match self {
            Self::Program { keep, .. } | Self::File { keep, .. } => keep.as_ref(),
        }
    }
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program {
                run, on: Some(on), ..
            } => write!(f, "{run} (on {on})"),
            Self::Program { run, on: None, .. } => run.fmt(f),
            Self::File { path, .. } => write!(f, "file {path}"),
        }
    }
}

impl Shown {
    /// The answer of a program or a file, read as JSON where it is some, and cut
    /// to what `look` keeps.
    ///
    /// # Errors
    /// When what is to be kept is not in it. The answer itself is not told then:
    /// it may hold secrets.
    pub fn of(look: &Look, code: i32, out: &str, err: &str) -> Result<Self, ExpressionError> {
        let whole = Self {
            code,
            out: read(out, look.prints()),
            err: err.to_owned(),
        };
        match look.keep() {
            None => Ok(whole),
            // What failed printed something else than it was asked for.
            Some(_) if !look.is_answered_by(code) => Ok(Self {
                code,
                out: Value::Null,
                err: String::new(),
            }),
            Some(keep) => Ok(Self {
                code,
                // What the evaluation says may quote what must not be told.
                out: whole.value(keep).map_err(|_| {
                    ExpressionError::NoAnswer("what is to be kept is not in the answer".to_owned())
                })?,
                err: String::new(),
            }),
        }
    }

    /// The value of `expression` with `out`, `code` and `err` bound to this
    /// answer.
    ///
    /// # Errors
    /// Those of [`Expression::value`].
    pub fn value(&self, expression: &Expression) -> Result<Value, ExpressionError> {
        let (code, err) = (json!(self.code), json!(self.err));
        expression.value(&[("out", &self.out), ("code", &code), ("err", &err)])
    }

    /// The value of `expression` with `facts` bound to what is known beside this
    /// answer.
    ///
    /// # Errors
    /// Those of [`Expression::value`].
    pub fn value_beside(
        &self,
        expression: &Expression,
        facts: &Value,
    ) -> Result<Value, ExpressionError> {
        let (code, err) = (json!(self.code), json!(self.err));
        expression.value(&[
            ("out", &self.out),
            ("code", &code),
            ("err", &err),
            ("facts", facts),
        ])
    }

    /// Whether `expression` holds of this answer.
    ///
    /// # Errors
    /// Those of [`Expression::holds`].
    pub fn holds(&self, expression: &Expression) -> Result<bool, ExpressionError> {
        let (code, err) = (json!(self.code), json!(self.err));
        expression.holds(&[("out", &self.out), ("code", &code), ("err", &err)])
    }
}

/// What a program printed. What does not read as it should stays text, and an
/// expression that asks for more than a text gets no answer.
fn read(out: &str, prints: Printing) -> Value {
    let read: Result<Value, _> = match prints {
        Printing::Any => serde_json::from_str(out),
        Printing::JsonLines => out
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(serde_json::from_str)
            .collect::<Result<Vec<Value>, _>>()
            .map(Value::Array),
    };
    read.unwrap_or_else(|_| Value::from(out))
}

/// The answer to `look` among `looks`.
///
/// # Errors
/// Why it is not known.
pub fn answer<'l>(looks: &'l [Looked], look: &Look) -> Result<&'l Shown, Unseen> {
    // The newest one counts: later answers are put behind earlier ones.
    match looks.iter().rev().find(|looked| looked.look == *look) {
        None => Err(Unseen::NotAsked),
        Some(looked) => {
            let shown = looked.shown.known().map_err(Clone::clone)?;
            if look.is_answered_by(shown.code) {
                Ok(shown)
            } else {
                let said = shown.err.lines().last().unwrap_or("it said nothing");
                Err(Unseen::Failed(format!(
                    "it ended with exit code {}: {said}",
                    shown.code
                )))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_is_gone() {
        let look: Look = serde_json::from_value(json!({"program": {
            "run": ["helm", "get", "values", "cluedin-platform", "-o", "json"],
            "keep": "out.global.image.tag",
        }}))
        .unwrap();
        let values = r#"{"global": {"image": {"tag": "2026.01.00"}}, "password": "hunter2"}"#;
        let shown = Shown::of(&look, 0, values, "warning: hunter2").unwrap();
        assert_eq!(shown.out, json!("2026.01.00"));
        assert!(!serde_json::to_string(&shown).unwrap().contains("hunter2"));
        let error = Shown::of(&look, 0, r#"{"password": "hunter2"}"#, "").unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn a_program_that_failed_has_answered_nothing() {
        let look = |ends: Value| -> Look {
            serde_json::from_value(json!({"program": {"run": ["grep", "x", "f"], "ends": ends}}))
                .unwrap()
        };
        let seen = |look: &Look, code| {
            let looks = [Looked {
                look: look.clone(),
                shown: Seen::Is(Shown::of(look, code, "", "oh\nno").unwrap()),
            }];
            answer(&looks, look).map(|shown| shown.code)
        };
        let strict = look(json!([]));
        assert_eq!(seen(&strict, 0), Ok(0));
        assert_eq!(
            seen(&strict, 1),
            Err(Unseen::Failed("it ended with exit code 1: no".to_owned()))
        );
        let lax = look(json!([0, 1]));
        assert_eq!(seen(&lax, 1), Ok(1));
        assert!(seen(&lax, 2).is_err());
    }

    #[test]
    fn what_programs_print_is_read() {
        for (prints, out, expected) in [
            (Printing::Any, "{\"a\": 1}\n", json!({"a": 1})),
            (Printing::Any, "v3.16.4\n", json!("v3.16.4\n")),
            (Printing::Any, "", json!("")),
            (Printing::JsonLines, "", json!([])),
            (Printing::JsonLines, "{\"a\": 1}\n", json!([{"a": 1}])),
            (
                Printing::JsonLines,
                "{\"a\": 1}\n\n{\"a\": 2}\n",
                json!([{"a": 1}, {"a": 2}]),
            ),
            (Printing::JsonLines, "no such file", json!("no such file")),
        ] {
            assert_eq!(read(out, prints), expected, "{out:?}");
        }
    }

    #[test]
    fn the_newest_answer_counts() {
        let look = Look::File {
            path: Word::new("values.yml").unwrap(),
            keep: None,
        };
        let shown = |text: &str| Seen::Is(Shown::of(&look, 0, text, "").unwrap());
        let looks = [shown("1"), shown("2")].map(|shown| Looked {
            look: look.clone(),
            shown,
        });
        assert_eq!(answer(&looks, &look).unwrap().out, json!(2));
        assert_eq!(answer(&[], &look), Err(Unseen::NotAsked));
    }
}
