use super::*;
use crate::Knowledge;

const HEAD: &str = "# format: refit-knowledge/behaviour/1\n# as-of: 2026-11-29\n# source: a page\nminor,pr,part,kind,components,who,change,action,detector,without,basis,source,source_version,notes\n";

#[track_caller]
fn check(rows: &str, expected: Result<usize, &str>) {
    let files = Files::embedded().with("kubernetes/behaviour.csv", format!("{HEAD}{rows}"));
    let found = Behaviours::read_from(&files);
    assert_eq!(
        found
            .map(|facts| facts.all().len())
            .map_err(|error| error.to_string()),
        expected.map_err(str::to_owned)
    );
}

#[test]
fn rows_that_say_what_cannot_be() {
    check(
        "1.24,1,1,removal,kubelet+kubeadm,node-operator,x is gone,Do y.,runtime:docker,,release-note,f,v1.24.0,\n\
         1.24,1,2,addition,images,nobody,z is there,,none:nothing-changes,since,release-note,f,v1.24.0,\n",
        Ok(2),
    );
    for (row, problem) in [
        (
            "1.24,1,0,removal,kubelet,nobody,x,,always,,release-note,f,v,",
            "part is \"0\", which is not a number from 1 on",
        ),
        (
            "1.24,1,1,removal,kubelet,nobody,x,,weather:rain,,release-note,f,v,",
            "detector is \"weather:rain\", which is not a detector as behaviour.rs has them",
        ),
        (
            "1.24,1,1,removal,kubelet,nobody,x,,none:test-only,,release-note,f,v,",
            "`without` says why the detector is none, and only then",
        ),
        (
            "1.24,1,1,removal,kubelet,nobody,x,,always,since,release-note,f,v,",
            "`without` says why the detector is none, and only then",
        ),
        (
            "1.24,1,1,removal,kubelet,nobody,x,Do y.,always,,release-note,f,v,",
            "there is an action, and only then somebody who acts",
        ),
        (
            "1.24,1,1,removal,kubelet,somebody,x,Do y.,always,,release-note,f,v,",
            "who is \"somebody\", which is not names of actors, or nobody",
        ),
        (
            "1.24,1,1,removal,kubelet,nobody,x,,none:superseded-by 1.25/2,since,release-note,f,v,",
            "no fact of the one it gives way to",
        ),
    ] {
        check(
            &format!("{row}\n"),
            Err(&format!("kubernetes/behaviour.csv:5: {problem}")),
        );
    }
}

fn minor(minor: u16) -> Minor {
    Minor::new(1, minor)
}

#[test]
fn between_leaves_out_the_first_and_has_the_last() {
    let facts = Knowledge::embedded().behaviours();
    let minors: BTreeSet<Minor> = facts
        .between(minor(23), minor(25))
        .map(|fact| fact.id.minor)
        .collect();
    assert_eq!(minors, BTreeSet::from([minor(24), minor(25)]));
    assert_eq!(facts.between(minor(25), minor(25)).count(), 0);
    assert_eq!(facts.between(minor(25), minor(24)).count(), 0);
}

#[test]
fn who_has_to_do_what() {
    let facts = Knowledge::embedded().behaviours();
    let to_do: Vec<String> = facts
        .to_do(minor(34), minor(35), Actor::NodeOperator)
        .map(|fact| format!("{} {}", fact.id, fact.kind))
        .collect();
    assert_eq!(
        to_do,
        [
            "1.35/133697/1 requirement",
            "1.35/133779/1 removal",
            "1.35/134298/1 default-change",
            "1.35/134744/1 requirement",
        ]
    );
    let runtimes: Vec<String> = facts
        .shown_by(Form::Runtime)
        .map(|fact| fact.id.to_string())
        .collect();
    assert_eq!(runtimes, ["1.20/94624/1", "1.24/97252/1"]);
    assert_eq!(facts.of(minor(24), 107_533).count(), 2);
}

#[test]
fn every_fact_reads_as_a_sentence_and_its_detector_comes_back() {
    for fact in Knowledge::embedded().behaviours().all() {
        let id = fact.id;
        assert!(!fact.change.ends_with('.'), "{id}: {}", fact.change);
        assert!(!fact.without.ends_with('.'), "{id}: {}", fact.without);
        if let Act::By { action, .. } = &fact.act {
            assert!(action.ends_with('.'), "{id}: {action}");
        }
        let text = fact.detector.to_string();
        assert_eq!(text.parse(), Ok(fact.detector.clone()), "{id}");
        assert!(
            fact.source.ends_with(&format!("CHANGELOG-{}.md", id.minor)),
            "{id}"
        );
        assert!(
            fact.source_version.starts_with(&format!("v{}.", id.minor)),
            "{id}"
        );
    }
}
