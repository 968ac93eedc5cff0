//! Expressions over what a program printed or a file holds, in the Common
//! Expression Language that Kubernetes uses for its own rules.
//!
//! An expression is evaluated by a library that has no limit on the steps it
//! takes, so its cost is bounded before it runs: by its length, by how deeply
//! it nests, and by how often its loops can go round over the value at hand.
//! None of this depends on a clock, so that the same input gives the same
//! answer everywhere.

use cel::common::ast::{EntryExpr, Expr, IdedExpr, operators};
use cel::{Context, Env, Program};
use schemars::JsonSchema;
use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

/// The longest expression. The longest one in the built-in templates has some
/// 200 characters; ten times that is a program, which belongs elsewhere.
const LONGEST: usize = 2000;
/// How deeply brackets may nest. The parser recurses; 32 levels need well under
/// the two megabytes of the smallest stack that it runs on.
const DEEPEST: usize = 32;
/// How often the loops of one evaluation may go round in all. A round takes
/// some 1.8 µs (10^5 rounds in 178 ms), so that the worst answer is judged in 7 s.
/// What is asked in earnest stays far below: the containers of 3,000 pods are
/// 3,000 rounds of pods and as many again of containers.
const MOST_ROUNDS: u64 = 4_000_000;

/// An expression, known to be one when it is made.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct Expression(String);

/// Why a text is no expression, or gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// It is too long to be one.
    #[error("the expression is longer than {LONGEST} characters")]
    TooLong,
    /// Its brackets nest too deeply.
    #[error("the expression nests more than {DEEPEST} brackets deep")]
    TooDeep,
    /// It does not read as one.
    #[error("{text:?} is no expression: {why}")]
    Unreadable {
        /// What was given.
        text: String,
        /// What the parser says.
        why: String,
    },
    /// Its loops would go round too often over this value.
    #[error("it would take more than {MOST_ROUNDS} rounds over what was seen")]
    TooCostly,
    /// Something in it is not there, or is not of the kind that it needs.
    #[error("{0}")]
    NoAnswer(String),
}

/// What the variables of an expression are bound to.
pub type Bindings<'b> = [(&'static str, &'b Value)];

static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    // Texts have to be taken apart; without the functions for it, an expression
    // that uses one gives no answer, which is said.
    let _unused = env.add_extension(cel::extensions::strings);
    Arc::new(env)
});

impl Expression {
    /// The expression that `text` writes.
    ///
    /// # Errors
    /// [`ExpressionError`] when it is none.
    pub fn new(text: impl Into<String>) -> Result<Self, ExpressionError> {
        let text = text.into();
        compiled(&text)?;
        Ok(Self(text))
    }

    /// The expression as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value that it has with these bindings, as JSON.
    ///
    /// Loops go over the entries of a map in no certain order; an expression
    /// whose answer depends on it has no place in a template.
    ///
    /// # Errors
    /// [`ExpressionError::NoAnswer`] when something that it needs is not there,
    /// [`ExpressionError::TooCostly`] when it would take too long.
    pub fn value(&self, bindings: &Bindings<'_>) -> Result<Value, ExpressionError> {
        let program = compiled(&self.0)?;
        let mut size = Size::default();
        for (_, value) in bindings {
            size.add(value);
        }
        let names: Vec<Part<'_>> = bindings
            .iter()
            .map(|(name, _)| Part { name, since: None })
            .collect();
        if size.rounds(program.expression(), 1, &names) > MOST_ROUNDS {
            return Err(ExpressionError::TooCostly);
        }
        let no_answer = |error: &dyn fmt::Display| ExpressionError::NoAnswer(error.to_string());
        let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
        for (name, value) in bindings {
            let value = cel::to_value(WholeNumbers(value)).map_err(|error| no_answer(&error))?;
            context.add_variable_from_value(*name, value);
        }
        let found = program
            .execute(&context)
            .map_err(|error| no_answer(&error))?;
        found
            .json()
            .map_err(|_| no_answer(&"its value cannot be written as JSON"))
    }

    /// Whether it holds with these bindings.
    ///
    /// # Errors
    /// As [`Self::value`], and when the value is neither true nor false.
    pub fn holds(&self, bindings: &Bindings<'_>) -> Result<bool, ExpressionError> {
        let value = self.value(bindings)?;
        value.as_bool().ok_or_else(|| {
            ExpressionError::NoAnswer(format!("its value is {value}, neither true nor false"))
        })
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Expression {
    type Err = ExpressionError;
    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        Self::new(text)
    }
}

impl TryFrom<String> for Expression {
    type Error = ExpressionError;
    fn try_from(text: String) -> Result<Self, ExpressionError> {
        Self::new(text)
    }
}

impl From<Expression> for String {
    fn from(expression: Expression) -> Self {
        expression.0
    }
}

fn compiled(text: &str) -> Result<Program, ExpressionError> {
    if text.len() > LONGEST {
        return Err(ExpressionError::TooLong);
    }
    let mut depth = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(ExpressionError::TooDeep);
        }
    }
    // A row of `!` or `-` nests without brackets.
    if text.contains("!!!!") || text.contains("----") {
        return Err(ExpressionError::TooDeep);
    }
    ENVIRONMENT
        .compile(text)
        .map_err(|error| ExpressionError::Unreadable {
            text: text.to_owned(),
            why: error.to_string().replace('\n', " "),
        })
}

/// How large the values are that an expression goes over.
#[derive(Default)]
struct Size {
    /// How many values there are in all, one within the other.
    entries: u64,
    /// The length of the longest list, map or text, a text by the pieces that it
    /// can be split into at anything but letters and digits.
    longest: u64,
}

/// A name for a value, or for a part of one.
#[derive(Clone, Copy)]
struct Part<'n> {
    name: &'n str,
    /// For a part that a loop names: how often that loop, or the outermost one
    /// of the loops over its parts, is begun.
    since: Option<u64>,
}

impl Size {
    fn add(&mut self, value: &Value) {
        self.entries = self.entries.saturating_add(1);
        let length = match value {
            Value::Array(items) => {
                for item in items {
                    self.add(item);
                }
                items.len()
            }
            Value::Object(fields) => {
                for item in fields.values() {
                    self.add(item);
                }
                fields.len()
            }
            Value::String(text) => 1 + text.bytes().filter(|b| !b.is_ascii_alphanumeric()).count(),
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        };
        self.longest = self.longest.max(u64::try_from(length).unwrap_or(u64::MAX));
    }

    /// How often the loops of an expression go round at most when it is
    /// evaluated `times` times.
    ///
    /// A loop over a part of what an outer loop goes over takes no more rounds in
    /// all than there are values; any other loop within a loop multiplies.
    fn rounds(&self, at: &IdedExpr, times: u64, parts: &[Part<'_>]) -> u64 {
        let all = |of: &mut dyn Iterator<Item = &IdedExpr>| {
            of.fold(0_u64, |sum, part| {
                sum.saturating_add(self.rounds(part, times, parts))
            })
        };
        match &at.expr {
            Expr::Call(call) => all(&mut call.target.iter().map(AsRef::as_ref).chain(&call.args)),
            Expr::Comprehension(inner) => {
                let root = root(&inner.iter_range.expr)
                    .and_then(|name| parts.iter().rev().find(|part| part.name == name));
                let length = match &inner.iter_range.expr {
                    Expr::List(list) => u64::try_from(list.elements.len()).unwrap_or(u64::MAX),
                    Expr::Call(_)
                    | Expr::Comprehension(_)
                    | Expr::Ident(_)
                    | Expr::Literal(_)
                    | Expr::Map(_)
                    | Expr::Select(_)
                    | Expr::Struct(_)
                    | Expr::Unspecified => self.longest,
                };
                let multiplied = times.saturating_mul(length);
                let rounds = match root.and_then(|part| part.since) {
                    Some(begun) => multiplied.min(begun.saturating_mul(self.entries)),
                    None => multiplied,
                };
                let mut within = parts.to_vec();
                // A name that is no part hides one that is.
                within.retain(|part| part.name != inner.iter_var);
                if let Some(part) = root {
                    within.push(Part {
                        name: &inner.iter_var,
                        since: Some(part.since.unwrap_or(times)),
                    });
                }
                [&inner.iter_range, &inner.accu_init]
                    .into_iter()
                    .map(|part| self.rounds(part, times, parts))
                    .chain(
                        [&inner.loop_cond, &inner.loop_step, &inner.result]
                            .into_iter()
                            .map(|part| self.rounds(part, rounds, &within)),
                    )
                    .fold(rounds, u64::saturating_add)
            }
            Expr::List(list) => all(&mut list.elements.iter()),
            Expr::Map(map) => all(&mut map.entries.iter().flat_map(|entry| sides(&entry.expr))),
            Expr::Struct(made) => {
                all(&mut made.entries.iter().flat_map(|entry| sides(&entry.expr)))
            }
            Expr::Select(select) => self.rounds(&select.operand, times, parts),
            Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) => 0,
        }
    }
}

/// The name that a path of fields and places begins with.
fn root(at: &Expr) -> Option<&str> {
    match at {
        Expr::Ident(name) => Some(name),
        Expr::Select(select) => root(&select.operand.expr),
        Expr::Call(call) if call.func_name == operators::INDEX => root(&call.args.first()?.expr),
        Expr::Call(_)
        | Expr::Comprehension(_)
        | Expr::List(_)
        | Expr::Literal(_)
        | Expr::Map(_)
        | Expr::Struct(_)
        | Expr::Unspecified => None,
    }
}

fn sides(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::StructField(field) => vec![&field.value],
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
    }
}

/// A JSON value whose whole numbers are handed over as signed ones, since an
/// expression's own numbers are, and the two kinds do not add up.
struct WholeNumbers<'v>(&'v Value);

impl Serialize for WholeNumbers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Number(number) => match number.as_i64() {
                Some(whole) => serializer.serialize_i64(whole),
                None => number.serialize(serializer),
            },
            Value::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&WholeNumbers(item))?;
                }
                list.end()
            }
            Value::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (key, item) in fields {
                    map.serialize_entry(key, &WholeNumbers(item))?;
                }
                map.end()
            }
            other @ (Value::Null | Value::Bool(_) | Value::String(_)) => {
                other.serialize(serializer)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(text: &str, out: &Value, expected: Result<Value, &str>) {
        let found = Expression::new(text)
            .and_then(|expression| expression.value(&[("out", out), ("code", &json!(0))]));
        match (found, expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{text}"),
            (Err(found), Err(expected)) => {
                assert!(found.to_string().contains(expected), "{text}: {found}");
            }
            (found, expected) => panic!("{text}: {found:?}, not {expected:?}"),
        }
    }

    #[test]
    fn what_programs_print() {
        let releases =
            json!([{"name": "cluedin-platform", "revision": "14", "status": "deployed"}]);
        check(
            "code == 0 && out.size() == 1 && out[0].status == 'deployed'",
            &releases,
            Ok(json!(true)),
        );
        check("int(out[0].revision) + 1", &releases, Ok(json!(15)));
        check("out[0].chart", &releases, Err("chart"));
        check("has(out[0].chart)", &releases, Ok(json!(false)));
        // Numbers of JSON and numbers of expressions are one kind.
        check(
            "out.n + 1 == 15 && out.n == 14 && out.n < 20",
            &json!({"n": 14}),
            Ok(json!(true)),
        );
        check(
            "out.all(p, p.ready) && out.filter(p, p.kind == 'a').map(p, p.n) == [1]",
            &json!([{"ready": true, "kind": "a", "n": 1}, {"ready": true, "kind": "b", "n": 2}]),
            Ok(json!(true)),
        );
        check(
            "out.split('\\n').filter(l, l.contains('responded 200')).size() > 0",
            &json!("x\nHTTP POST /api/upgradeto/Version480 responded 200 in 9 ms"),
            Ok(json!(true)),
        );
        check(
            "out.matches('v3\\\\.[0-9]+')",
            &json!("v3.16.4"),
            Ok(json!(true)),
        );
    }

    /// A pod has some 250 values, of which a look at its containers goes over two.
    #[test]
    fn large_answers_are_judged() {
        let pod = json!({
            "metadata": {"labels": (0..40).map(|n| (n.to_string(), json!("x"))).collect::<serde_json::Map<_, _>>()},
            "spec": {"env": (0..200).collect::<Vec<_>>()},
            "status": {"phase": "Running", "containerStatuses": [{"ready": true}, {"ready": true}]},
        });
        let pods = json!({"items": vec![pod; 3000]});
        check(
            "out.items.all(p, p.status.phase == 'Running' && p.status.containerStatuses.all(c, c.ready))",
            &pods,
            Ok(json!(true)),
        );
        // The same as all pairs of pods.
        check(
            "out.items.all(p, out.items.exists(q, q.status == p.status))",
            &pods,
            Err("rounds"),
        );
        // Lists that the expression makes itself are no parts of the answer.
        check(
            "out.items.map(p, out.items).all(l, l.all(q, q.status.phase == 'Running'))",
            &pods,
            Err("rounds"),
        );
        let log = json!("a line of a log that says nothing\n".repeat(50_000));
        check(
            "out.split('\\n').exists(l, l.contains('responded 200'))",
            &log,
            Ok(json!(false)),
        );
    }

    #[test]
    fn hostile_expressions_cost_little() {
        let many = json!((0..4000).collect::<Vec<_>>());
        check("out.all(a, out.all(b, a + b >= 0))", &many, Err("rounds"));
        check("out.all(a, a >= 0)", &many, Ok(json!(true)));
        check(&"(".repeat(2000), &json!(1), Err("brackets deep"));
        check(&"!".repeat(1999), &json!(1), Err("brackets deep"));
        check(&"a".repeat(3000), &json!(1), Err("longer than"));
        check("1 +", &json!(1), Err("is no expression"));
        check("", &json!(1), Err("is no expression"));
        check("nothing", &json!(1), Err("nothing"));
    }

    #[test]
    fn only_true_and_false_hold() {
        let holds = |text: &str| Expression::new(text).unwrap().holds(&[]);
        assert_eq!(holds("1 == 1"), Ok(true));
        assert_eq!(holds("1 == 2"), Ok(false));
        assert!(holds("1").is_err());
        assert!(holds("'true'").is_err());
    }
}
