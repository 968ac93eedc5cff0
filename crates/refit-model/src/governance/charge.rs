//! Who may decide over a plan as a whole.

use super::rules::ApprovalRules;
use super::said::Conversation;
use crate::name::Actor;
use std::collections::BTreeSet;

/// Who may give a plan up, open it again and say whose it is: its owner or, while
/// it has none, who asked for its approval; and those who have to approve it.
/// Nobody in particular while there is neither an owner nor a request: then
/// anybody may.
#[must_use]
pub fn in_charge(rules: &ApprovalRules, said: &Conversation) -> BTreeSet<Actor> {
    let requested = said.requested.as_ref().map(|(actor, _)| actor);
    let Some(first) = said.owner.as_ref().or(requested) else {
        return BTreeSet::new();
    };
    let approvers = rules.approvers.iter().map(|it| &it.name);
    approvers.chain([first]).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn who_may_give_a_plan_up() {
        let actor = |name: &str| Actor::new(name).unwrap();
        let rules = |rules: Value| serde_json::from_value::<ApprovalRules>(rules).unwrap();
        let names = |rules: &ApprovalRules, said: &Conversation| {
            let all = in_charge(rules, said);
            let names: Vec<_> = all.iter().map(Actor::as_str).collect();
            names.join(" ")
        };
        let nothing = Conversation::default();
        let asked = Conversation {
            requested: Some((actor("grace"), jiff::Timestamp::UNIX_EPOCH)),
            ..Conversation::default()
        };
        let owned = Conversation {
            owner: Some(actor("oda")),
            ..asked.clone()
        };
        let plain = ApprovalRules::default();
        let named = rules(json!({"approvers": [{"name": "ada"}, {"name": "eve"}]}));
        assert_eq!(names(&plain, &nothing), "");
        assert_eq!(names(&named, &nothing), "");
        assert_eq!(names(&plain, &asked), "grace");
        assert_eq!(names(&named, &asked), "ada eve grace");
        // Who asks about a plan of somebody else gets no right to it.
        assert_eq!(names(&plain, &owned), "oda");
        assert_eq!(names(&named, &owned), "ada eve oda");
    }
}
