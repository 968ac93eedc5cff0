//! Which labels a pod's node must bear, beside those of its `nodeSelector`.

use super::field;
use serde_json::Value;
use std::collections::BTreeSet;

/// The keys of node labels without which a pod of this spec is not placed:
///
/// - what every term of the required affinity to nodes asks to be there (one term
///   is enough for a node, so that a key of one term alone is not insisted on);
/// - the topology of a spread that does not let the pod go anyhow: nodes without
///   the label are left out;
/// - the topology of required affinity to other pods: a node without the label
///   is beside none. An anti-affinity holds there by itself and insists on nothing.
pub(super) fn keys(spec: &Value) -> BTreeSet<String> {
    let mut keys = required(spec);
    let spreads = field::list(spec, &["topologySpreadConstraints"]);
    let insists = |spread: &&Value| {
        // What the server fills in.
        field::filled(spread, &["whenUnsatisfiable"]).is_none_or(|when| when == "DoNotSchedule")
    };
    let beside = field::list(
        spec,
        &[
            "affinity",
            "podAffinity",
            "requiredDuringSchedulingIgnoredDuringExecution",
        ],
    );
    keys.extend(
        spreads
            .iter()
            .filter(insists)
            .chain(beside)
            .filter_map(|term| field::filled(term, &["topologyKey"]))
            .map(str::to_owned),
    );
    keys
}

/// The keys that every term of the required affinity to nodes asks for.
fn required(spec: &Value) -> BTreeSet<String> {
    let terms = field::list(
        spec,
        &[
            "affinity",
            "nodeAffinity",
            "requiredDuringSchedulingIgnoredDuringExecution",
            "nodeSelectorTerms",
        ],
    );
    let of_term = |term: &Value| -> BTreeSet<String> {
        field::list(term, &["matchExpressions"])
            .iter()
            .filter(|one| {
                // The others hold where the label is not there.
                matches!(
                    field::text(one, &["operator"]),
                    Some("In" | "Exists" | "Gt" | "Lt")
                )
            })
            .filter_map(|one| field::filled(one, &["key"]))
            .map(str::to_owned)
            .collect()
    };
    terms
        .iter()
        .map(of_term)
        .reduce(|all, one| all.intersection(&one).cloned().collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(spec: &Value, expected: &[&str]) {
        let found: Vec<String> = keys(spec).into_iter().collect();
        assert_eq!(found, expected, "{spec}");
    }

    fn terms(terms: &Value) -> Value {
        json!({"affinity": {"nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}})
    }

    #[test]
    fn what_every_term_asks_to_be_there() {
        let has = |key: &str, operator: &str| json!({"key": key, "operator": operator});
        check(
            &terms(&json!([{"matchExpressions": [has("a", "Exists"), has("b", "In")]}])),
            &["a", "b"],
        );
        check(
            &terms(
                &json!([{"matchExpressions": [has("a", "Exists"), has("b", "In")]},
                {"matchExpressions": [has("b", "Gt")]}]),
            ),
            &["b"],
        );
        check(
            &terms(&json!([{"matchExpressions": [has("a", "DoesNotExist"), has("b", "NotIn")]}])),
            &[],
        );
        check(
            &terms(&json!([{"matchFields": [has("metadata.name", "In")]}])),
            &[],
        );
        check(
            &json!({"affinity": {"nodeAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [{"preference":
                    {"matchExpressions": [has("a", "Exists")]}}]}}}),
            &[],
        );
    }

    #[test]
    fn topologies_that_are_insisted_on() {
        check(
            &json!({"topologySpreadConstraints": [
                {"topologyKey": "a", "whenUnsatisfiable": "DoNotSchedule"},
                {"topologyKey": "b", "whenUnsatisfiable": "ScheduleAnyway"},
                {"topologyKey": "c"}]}),
            &["a", "c"],
        );
        let required = json!([{"topologyKey": "zone"}]);
        let by = |kind: &str| {
            json!({"affinity": {kind: {
                "requiredDuringSchedulingIgnoredDuringExecution": required}}})
        };
        check(&by("podAffinity"), &["zone"]);
        check(&by("podAntiAffinity"), &[]);
        check(
            &json!({"affinity": "x", "topologySpreadConstraints": {"a": 1}}),
            &[],
        );
    }
}
