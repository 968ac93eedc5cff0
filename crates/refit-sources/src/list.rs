//! Lists of objects: what is one, what its items leave to it, and how deep lists
//! may go, however they are written.

use serde_json::Value;

/// How deep lists may hold lists.
const MOST_NESTED: usize = 8;

/// Why a list is not read that stands in `depth` others, if it is too deep.
///
/// # Errors
/// When more lists are nested than are read.
pub(crate) fn enter(depth: usize) -> Result<(), String> {
    if depth < MOST_NESTED {
        Ok(())
    } else {
        Err(format!(
            "lists are nested more than {MOST_NESTED} levels deep"
        ))
    }
}

/// Whether what has items is a list of objects: `List`, or such as `PodList`.
/// A custom resource may be called so as well; unlike a list, it has a name.
pub(crate) fn is_list(kind: &str, has_name: bool) -> bool {
    kind == "List" || (kind.ends_with("List") && !has_name)
}

/// Whether more of a list is elsewhere, by what stands in its metadata under
/// `continue`.
pub(crate) fn continues(token: Option<&str>) -> bool {
    token.is_some_and(|token| !token.is_empty())
}

/// What a typed list says of items that do not say it themselves.
#[derive(Default)]
pub(crate) struct Inherited {
    api_version: Option<String>,
    kind: Option<String>,
}

impl Inherited {
    /// What the items of a list with this version and kind have from it. A `List`
    /// holds objects of any kind.
    pub(crate) fn of(api_version: Option<&str>, kind: &str) -> Self {
        let item = kind.strip_suffix("List").filter(|item| !item.is_empty());
        Self {
            api_version: item.and(api_version).map(str::to_owned),
            kind: item.map(str::to_owned),
        }
    }

    /// Gives an item what it leaves to its list.
    pub(crate) fn give(&self, value: &mut Value) {
        let Value::Object(fields) = value else {
            return;
        };
        for (name, text) in [("kind", &self.kind), ("apiVersion", &self.api_version)] {
            if let Some(text) = text
                && !fields.contains_key(name)
            {
                fields.insert(name.to_owned(), Value::String(text.clone()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn items_leave_version_and_kind_to_a_typed_list() {
        let own = json!({"apiVersion": "b/v1", "kind": "B"});
        for (list, item, expected) in [
            (
                "PodList",
                json!({}),
                json!({"apiVersion": "v1", "kind": "Pod"}),
            ),
            (
                "PodList",
                json!({"kind": "B"}),
                json!({"apiVersion": "v1", "kind": "B"}),
            ),
            ("PodList", own.clone(), own),
            ("PodList", json!([]), json!([])),
            ("List", json!({}), json!({})),
        ] {
            let mut given = item;
            Inherited::of(Some("v1"), list).give(&mut given);
            assert_eq!(given, expected, "{list}");
        }
    }

    #[test]
    fn what_is_a_list_and_goes_on() {
        for (kind, has_name, expected) in [
            ("List", false, true),
            ("List", true, true),
            ("PodList", false, true),
            // A custom resource.
            ("AllowList", true, false),
            ("Listener", false, false),
        ] {
            assert_eq!(is_list(kind, has_name), expected, "{kind} {has_name}");
        }
        assert_eq!(
            [None, Some(""), Some("x")].map(continues),
            [false, false, true]
        );
    }
}
