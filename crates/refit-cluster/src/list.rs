//! Lists, page by page.

use crate::wire::{Ask, Refused, Wire};
use refit_model::seen::Unseen;
use serde_json::Value;

/// The objects of a page: what `kubectl` asks for (`--chunk-size`), and what the
/// API server's documentation recommends for large lists.
pub(crate) const PAGE: u32 = 500;

/// How often a list is begun again after its place has expired. The place lasts
/// for five minutes (etcd's compaction), so that one restart is already rare.
const BEGINNINGS: u32 = 2;

/// Which objects are wanted.
pub(crate) struct Set<'a> {
    /// The collection's path.
    pub(crate) path: &'a str,
    /// Label and field selectors.
    pub(crate) selectors: &'a [(&'a str, &'a str)],
    /// How many objects a page has.
    pub(crate) page: u32,
    /// The form of the answer.
    pub(crate) accept: &'static str,
    /// What becomes of a list whose place has expired.
    pub(crate) expiry: Expiry,
}

impl<'a> Set<'a> {
    /// Objects of one time, in pages of the usual size.
    pub(crate) const fn of(path: &'a str, selectors: &'a [(&'a str, &'a str)]) -> Self {
        Self {
            path,
            selectors,
            page: PAGE,
            accept: AS_OBJECTS,
            expiry: Expiry::GiveUp,
        }
    }
}

/// The objects as they are.
pub(crate) const AS_OBJECTS: &str = "application/json";

/// What becomes of a list whose place has expired half-way (410).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expiry {
    /// It is given back: what is judged by it must be of one time.
    GiveUp,
    /// It goes on from the place that the server names in its answer: the rest
    /// is newer than the beginning, and nothing comes twice. Source: apimachinery
    /// `ListMeta.continue`.
    GoOn,
}

/// What a list came to.
pub(crate) struct Listed<T> {
    /// What was read and understood.
    pub(crate) items: Vec<T>,
    /// Why something may be missing; `None` when nothing is.
    pub(crate) hole: Option<Unseen>,
}

/// Reads every page of `set` into things. An object that `decode` cannot
/// understand leaves a hole, never a silent absence.
pub(crate) async fn list<T: Send>(
    wire: &Wire,
    set: &Set<'_>,
    decode: &(dyn Fn(&Value) -> Result<T, String> + Sync),
) -> Listed<T> {
    let mut beginnings = 0;
    loop {
        let mut listed = Listed {
            items: Vec::new(),
            hole: None,
        };
        let read = pages(wire, set, &mut |object| match decode(&object) {
            Ok(item) => listed.items.push(item),
            Err(why) => {
                listed.hole.get_or_insert(Unseen::Failed(why));
            }
        })
        .await;
        match read {
            Ok(()) => return listed,
            Err(Refused::Expired(_)) if beginnings < BEGINNINGS => beginnings += 1,
            Err(refused) => {
                listed.hole = Some(refused.into());
                return listed;
            }
        }
    }
}

/// Hands every object of `set` to `each` and drops it, one page at a time.
///
/// Pages that are too large to be read are asked for again in smaller ones. A
/// place that has expired is not made up for: whoever gathers must begin again,
/// or say that something is missing.
pub(crate) async fn pages(
    wire: &Wire,
    set: &Set<'_>,
    each: &mut (dyn FnMut(Value) + Send),
) -> Result<(), Refused> {
    let mut page = set.page;
    let mut place = String::new();
    let mut went_on = false;
    loop {
        let limit = page.to_string();
        let mut parameters = vec![("limit", limit.as_str())];
        parameters.extend_from_slice(set.selectors);
        if !place.is_empty() {
            parameters.push(("continue", &place));
        }
        let ask = Ask::get(set.path, &parameters).accepting(set.accept);
        let mut answer = match wire.read(&ask).await {
            Ok(answer) => answer,
            Err(Refused::TooLarge) if page > 1 => {
                page = (page / 10).max(1);
                continue;
            }
            // Only after a page that came, or the server could keep us for ever.
            Err(Refused::Expired(Some(next))) if set.expiry == Expiry::GoOn && !went_on => {
                place = next;
                went_on = true;
                continue;
            }
            Err(refused) => return Err(refused),
        };
        went_on = false;
        name_items(&mut answer);
        let next = answer
            .pointer("/metadata/continue")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let items = match answer.get_mut("items").map(Value::take) {
            Some(Value::Array(items)) => items,
            // What an empty list of Go becomes.
            Some(Value::Null) => Vec::new(),
            Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_))
            | None => {
                return Err(Refused::Failed("the answer is not a list".to_owned()));
            }
        };
        let is_empty = items.is_empty();
        items.into_iter().for_each(&mut *each);
        if next.is_empty() {
            return Ok(());
        }
        // A server that sends us in a circle would keep us for ever.
        if next == place || is_empty {
            return Err(Refused::Failed(
                "the server gives the same place in the list again".to_owned(),
            ));
        }
        place = next;
    }
}

/// Gives each item the kind that only the list carries: the API server leaves
/// both out of the items of a typed list.
fn name_items(list: &mut Value) {
    let version = list.get("apiVersion").cloned();
    let kind = list
        .get("kind")
        .and_then(Value::as_str)
        .and_then(|kind| kind.strip_suffix("List"))
        .map(Value::from);
    let (Some(version), Some(kind)) = (version, kind) else {
        return;
    };
    let items = list.get_mut("items").and_then(Value::as_array_mut);
    for item in items.into_iter().flatten().filter_map(Value::as_object_mut) {
        if !item.contains_key("kind") {
            item.insert("apiVersion".to_owned(), version.clone());
            item.insert("kind".to_owned(), kind.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn items_learn_their_kind_from_the_list() {
        let mut list = json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudgetList",
            "items": [{"metadata": {"name": "a"}}, {"apiVersion": "v1", "kind": "Pod"}]});
        name_items(&mut list);
        assert_eq!(
            list["items"],
            json!([
                {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "a"}},
                {"apiVersion": "v1", "kind": "Pod"},
            ])
        );
    }
}
