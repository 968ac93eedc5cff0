use super::*;
use serde_json::json;

fn watch(fields: &[(&str, FieldState)]) -> (Watch, GroupVersionKind) {
    let api: GroupVersionKind = "v1 Pod".parse().unwrap();
    let fields = fields.iter().map(|(path, state)| WatchedField {
        api: api.clone(),
        path: (*path).to_owned(),
        state: state.clone(),
        minor: "1.30".parse().unwrap(),
    });
    (Watch::new("1.37".parse().unwrap(), fields), api.clone())
}

#[track_caller]
fn check(path: &str, state: FieldState, object: &Value, expected: bool) {
    let (watch, api) = watch(&[(path, state)]);
    let seen = watch.seen_in(&api, object);
    assert_eq!(!seen.is_empty(), expected, "{path} in {object}");
    // Whatever shows a field mentions it.
    let text = object.to_string();
    assert!(
        !expected || watch.is_mentioned(&api, text.as_bytes()),
        "{text}"
    );
    let other: GroupVersionKind = "v2 Pod".parse().unwrap();
    assert!(watch.seen_in(&other, object).is_empty());
    assert!(!watch.is_mentioned(&other, text.as_bytes()));
    assert_eq!(
        (watch.concerns(&api), watch.concerns(&other)),
        (true, false)
    );
    let after = |minor: &str| watch.after(minor.parse().unwrap()).concerns(&api);
    assert_eq!((after("1.29"), after("1.30")), (true, false));
}

#[test]
fn fields_are_found_through_lists_and_maps() {
    use FieldState::{Missing, Set};
    let volumes = |volume: Value| json!({"spec": {"volumes": [{"name": "a"}, volume]}});
    let path = "spec.volumes[].ephemeral.readOnly";
    check(
        path,
        Set,
        &volumes(json!({"ephemeral": {"readOnly": false}})),
        true,
    );
    check(
        path,
        Set,
        &volumes(json!({"ephemeral": {"readOnly": null}})),
        false,
    );
    check(path, Set, &volumes(json!({"ephemeral": {}})), false);
    check(
        path,
        Set,
        &volumes(json!({"nfs": {"readOnly": true}})),
        false,
    );
    check(path, Set, &json!({"spec": "volumes"}), false);
    check(path, Missing, &volumes(json!({"ephemeral": {}})), true);
    check(
        path,
        Missing,
        &volumes(json!({"ephemeral": {"readOnly": true}})),
        false,
    );
    // Where the volume is not there, nothing is missing in it.
    check(path, Missing, &volumes(json!({"nfs": {}})), false);
    let any = "spec.limits.*.most";
    check(
        any,
        Set,
        &json!({"spec": {"limits": {"x": {"most": 1}}}}),
        true,
    );
    check(any, Set, &json!({"spec": {"limits": {"most": 1}}}), false);
}

#[test]
fn what_is_not_mentioned_need_not_be_read() {
    let (watch, api) = watch(&[("spec.resourceClaims[].source", FieldState::Set)]);
    for (text, expected) in [
        ("spec: {resourceClaims: [{source: a}]}", true),
        ("spec: {source: a}", false),
        ("spec: {resourceClaims: [{name: a}]}", false),
        ("", false),
    ] {
        assert_eq!(
            watch.is_mentioned(&api, text.as_bytes()),
            expected,
            "{text}"
        );
    }
    assert!(!Watch::default().is_mentioned(&api, b"spec resourceClaims source"));
}

#[test]
fn of_many_objects_the_first_are_named_in_whatever_order_they_come() {
    let (watch, api) = watch(&[("spec.workloadRef", FieldState::Set)]);
    let object = json!({"spec": {"workloadRef": {}}});
    let gather = |numbers: &mut dyn Iterator<Item = usize>| {
        let mut shows = Shows::of(watch.clone());
        for number in numbers {
            let user = || FieldUser {
                object: format!("shop/p-{number:03}").parse().unwrap(),
                by: String::new(),
                application: refit_model::object::Application {
                    name: "shop".to_owned(),
                    by: refit_model::object::ApplicationSign::NameLabel,
                },
                location: None,
            };
            shows.take((&api, &object), EvidenceTier::Manifest, None, &|| {
                (user(), None)
            });
        }
        shows
    };
    let forwards = gather(&mut (0..100));
    let mut backwards = gather(&mut (50..100).rev());
    backwards.absorb(gather(&mut (0..50).rev()));
    let finish = |shows: Shows| shows.finish(&|(user, _)| user).unwrap();
    let uses = finish(forwards);
    assert_eq!(uses, finish(backwards));
    assert_eq!((uses.uses.len(), uses.uses[0].count), (1, 100));
    let names: Vec<String> = uses.uses[0]
        .first
        .iter()
        .map(|user| user.object.to_string())
        .collect();
    assert_eq!(
        (names.len(), names[9].as_str()),
        (FieldUse::NAMED, "shop/p-009")
    );
    assert_eq!(Shows::default().finish(&|(user, _)| user), None);
}
