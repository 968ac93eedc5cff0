//! Reading fields of objects whose shape nobody has checked.

use super::Refused;
use refit_model::name::{Key, Namespace, ObjectName};
use refit_model::object::{GroupVersionKind, Owner};
use refit_model::seen::{Seen, Unseen};
use refit_model::selector::{Labels, Operator, Requirement, Selector};
use serde_json::Value;

/// The value at the end of `path`, if every step exists.
pub(super) fn at<'a>(object: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter()
        .try_fold(object, |value, step| value.get(step))
        .filter(|value| !value.is_null())
}

pub(super) fn text<'a>(object: &'a Value, path: &[&str]) -> Option<&'a str> {
    at(object, path).and_then(Value::as_str)
}

/// The text at `path`, unless it is empty.
pub(super) fn filled<'a>(object: &'a Value, path: &[&str]) -> Option<&'a str> {
    text(object, path).filter(|text| !text.is_empty())
}

pub(super) fn list<'a>(object: &'a Value, path: &[&str]) -> &'a [Value] {
    at(object, path)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A count; negative ones are none.
pub(super) fn count(object: &Value, path: &[&str]) -> Option<u32> {
    let number = at(object, path)?.as_i64()?;
    u32::try_from(number.max(0)).ok()
}

/// The texts of a map; what is not text is left out.
pub(super) fn texts(object: &Value, path: &[&str]) -> Labels {
    at(object, path)
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

pub(super) fn labels(object: &Value) -> Labels {
    texts(object, &["metadata", "labels"])
}

pub(super) fn annotation<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    text(object, &["metadata", "annotations", name])
}

/// What is said of a name that is none; see [`untextual`].
const NO_TEXT: &str = "is not text, so that an API server refuses the object; put it in quotes";

/// The object's name.
///
/// # Errors
/// When it is missing or no name.
pub fn name(object: &Value) -> Result<ObjectName, Refused> {
    let text = match at(object, &["metadata", "name"]) {
        Some(Value::String(text)) => text.as_str(),
        None => return unnamed(object),
        Some(_) => {
            return Err(Refused {
                field: "metadata.name",
                why: NO_TEXT.to_owned(),
            });
        }
    };
    ObjectName::new(text).map_err(|error| Refused {
        field: "metadata.name",
        why: error.rule.to_owned(),
    })
}

/// What an object is called whose name the server makes up: the beginning that
/// it gives, with a star; reviews are answered and never stored, and need none.
fn unnamed(object: &Value) -> Result<ObjectName, Refused> {
    let beginning = text(object, &["metadata", "generateName"]).filter(|text| !text.is_empty());
    let name = match (beginning, text(object, &["kind"])) {
        (Some(beginning), _) => format!("{beginning}*"),
        (None, Some(kind)) if kind.ends_with("Review") => return Ok(no_name()),
        (None, _) => String::new(),
    };
    ObjectName::new(name).map_err(|error| Refused {
        field: "metadata.name",
        why: error.rule.to_owned(),
    })
}

/// What an object goes by that has no usable name or namespace.
pub(super) fn nameless(object: &Value) -> Key {
    let namespace = text(object, &["metadata", "namespace"]);
    Key {
        namespace: namespace.and_then(|text| Namespace::new(text).ok()),
        name: name(object).unwrap_or_else(|_| no_name()),
    }
}

/// What an API server refuses an object for whose metadata holds something else
/// where text is wanted. YAML 1.1 makes booleans of `n` and `on`, and numbers of
/// commit ids such as `1e5`; decoding these into text is an error for the server.
#[must_use]
pub(crate) fn untextual(object: &Value) -> Option<String> {
    let metadata = at(object, &["metadata"])?;
    let of = |map: &'static str| {
        let entries = at(metadata, &[map]).and_then(Value::as_object);
        let entries = entries.into_iter().flatten();
        entries.map(move |(key, value)| (format!("metadata.{map}.{key}"), value))
    };
    let single = ["name", "namespace", "generateName"]
        .into_iter()
        .filter_map(|name| Some((format!("metadata.{name}"), metadata.get(name)?)));
    let all = single.chain(of("labels")).chain(of("annotations"));
    let (field, found) = all
        .filter_map(|(field, value)| {
            let found = match value {
                Value::Null | Value::String(_) => return None,
                Value::Bool(value) => {
                    format!("{value}, as YAML reads y, n, yes, no, on and off without quotes")
                }
                Value::Number(number) => format!("the number {number}"),
                Value::Array(_) => "a list".to_owned(),
                Value::Object(_) => "a mapping".to_owned(),
            };
            Some((field, found))
        })
        .next()?;
    let field: String = field.chars().take(128).collect();
    Some(format!(
        "an API server refuses this object: {field} must be text, and is {found}; put the value in quotes"
    ))
}

/// What stands in for a name.
#[expect(clippy::expect_used, reason = "the word keeps the rule of names")]
fn no_name() -> ObjectName {
    ObjectName::new("unnamed").expect("a name")
}

/// The object's namespace and name. `None` stays for what has no namespace.
///
/// # Errors
/// When either is no name.
pub fn key(object: &Value) -> Result<Key, Refused> {
    let refuse = |why: &str| Refused {
        field: "metadata.namespace",
        why: why.to_owned(),
    };
    let namespace = match at(object, &["metadata", "namespace"]) {
        None => None,
        Some(Value::String(text)) if text.is_empty() => None,
        Some(Value::String(text)) => {
            Some(Namespace::new(text.as_str()).map_err(|error| refuse(error.rule))?)
        }
        // YAML reads `namespace: n` as a boolean; the server refuses that too.
        Some(_) => return Err(refuse(NO_TEXT)),
    };
    Ok(Key {
        namespace,
        name: name(object)?,
    })
}

/// The key of an object that lives in a namespace. A manifest may leave the
/// namespace to whoever applies it; `default` is what they get who say nothing.
pub(super) fn namespaced(object: &Value) -> Result<(Namespace, ObjectName), Refused> {
    let Key { namespace, name } = key(object)?;
    Ok((namespace.unwrap_or_else(no_namespace), name))
}

#[expect(clippy::expect_used, reason = "the word keeps the rule of names")]
fn no_namespace() -> Namespace {
    Namespace::new("default").expect("a name")
}

/// The API version and kind that the object states.
pub(super) fn api(object: &Value) -> Result<GroupVersionKind, Refused> {
    let version = text(object, &["apiVersion"]).unwrap_or_default();
    let kind = text(object, &["kind"]).unwrap_or_default();
    GroupVersionKind::from_api_version(version, kind).map_err(|error| Refused {
        field: "apiVersion and kind",
        why: error.to_string(),
    })
}

/// The controller of the object, if it has one.
///
/// # Errors
/// When the reference cannot be read: then nothing can be said about whether
/// the object has a controller.
pub fn owner(object: &Value) -> Result<Option<Owner>, Refused> {
    let Some(reference) = list(object, &["metadata", "ownerReferences"])
        .iter()
        .find(|reference| at(reference, &["controller"]).and_then(Value::as_bool) == Some(true))
    else {
        return Ok(None);
    };
    let refuse = |why: String| Refused {
        field: "metadata.ownerReferences",
        why,
    };
    let name = text(reference, &["name"]).unwrap_or_default();
    Ok(Some(Owner {
        api: api(reference).map_err(|error| refuse(error.why))?,
        name: ObjectName::new(name).map_err(|error| refuse(error.rule.to_owned()))?,
        uid: text(reference, &["uid"]).unwrap_or_default().to_owned(),
    }))
}

/// A label selector; `None` when there is none.
pub(super) fn selector(object: &Value, path: &[&str]) -> Result<Option<Selector>, Refused> {
    let Some(value) = at(object, path) else {
        return Ok(None);
    };
    let requirement = |value: &Value| -> Option<Requirement> {
        Some(Requirement {
            key: text(value, &["key"])?.to_owned(),
            operator: match text(value, &["operator"])? {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                _ => return None,
            },
            values: list(value, &["values"])
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        })
    };
    let expressions = list(value, &["matchExpressions"]);
    let match_expressions: Vec<_> = expressions.iter().filter_map(requirement).collect();
    if match_expressions.len() < expressions.len() {
        return Err(Refused {
            field: "selector.matchExpressions",
            why: "holds an operator that selectors do not have".to_owned(),
        });
    }
    Ok(Some(Selector {
        match_labels: texts(value, &["matchLabels"]),
        match_expressions,
    }))
}

/// Whether condition `kind` is `True`. A status without the condition says no;
/// an object without a status says nothing.
pub(super) fn condition(object: &Value, kind: &str) -> Seen<bool> {
    let Some(status) = at(object, &["status"]).filter(|status| is_filled(status)) else {
        return Seen::Gap(Unseen::NotInSource);
    };
    Seen::Is(
        list(status, &["conditions"])
            .iter()
            .find(|condition| text(condition, &["type"]) == Some(kind))
            .is_some_and(|condition| text(condition, &["status"]) == Some("True")),
    )
}

pub(super) fn is_filled(value: &Value) -> bool {
    value.as_object().is_some_and(|fields| !fields.is_empty())
}

/// The newest time that the object bears, by which a dump can be dated.
///
/// Only times that say when something had happened are looked at; a date in a
/// spec may lie in the future.
#[must_use]
pub fn newest_time(object: &Value) -> Option<jiff::Timestamp> {
    let single = [
        at(object, &["metadata", "creationTimestamp"]),
        at(object, &["status", "startTime"]),
    ];
    let managed = list(object, &["metadata", "managedFields"])
        .iter()
        .map(|entry| at(entry, &["time"]));
    let conditions = list(object, &["status", "conditions"])
        .iter()
        .flat_map(|condition| {
            ["lastHeartbeatTime", "lastTransitionTime", "lastProbeTime"]
                .map(|name| at(condition, &[name]))
        });
    single
        .into_iter()
        .chain(managed)
        .chain(conditions)
        .flatten()
        .filter_map(Value::as_str)
        .filter_map(|text| text.parse().ok())
        .max()
}
