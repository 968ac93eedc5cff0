//! The questions, on a small table of our own; what the real one says is held
//! by `tests/gates.rs`.

use super::*;

const TABLE: &str = "\
# format: refit-knowledge/feature-gates/1
# as-of: 2026-11-29
# source: made up
set,gate,from,to,stage,default,locked,known_in,registered_in,dependencies
kubeadm,Rootless,1.30,1.32,alpha,false,false,kubeadm,kubernetes/cmd/kubeadm/app/features,
kubernetes,AllAlpha,1.30,1.37,alpha,false,false,all,component-base/featuregate,
kubernetes,Base,1.30,1.37,beta,true,false,all,kubernetes/pkg/features,
kubernetes,Gone,1.30,1.35,ga,true,true,all,kubernetes/pkg/features,
kubernetes,Later,1.36,1.36,pre-alpha,false,false,all,kubernetes/pkg/features,
kubernetes,Later,1.37,1.37,alpha,false,false,all,kubernetes/pkg/features,
kubernetes,Locked,1.30,1.34.2,beta,true,false,all,kubernetes/pkg/features,
kubernetes,Locked,1.34.3,1.37,ga,true,true,all,kubernetes/pkg/features,
kubernetes,Logs,1.30,1.37,beta,false,false,kubelet,component-base/logs/api/v1,
kubernetes,New,1.34,1.35,alpha,false,false,all,kubernetes/pkg/features,
kubernetes,New,1.36,1.37,beta,true,false,all,kubernetes/pkg/features,
kubernetes,Upper,1.35,1.37,alpha,false,false,all,kubernetes/pkg/features,Base+Later
";

fn gates() -> Gates {
    read(TABLE).unwrap()
}

fn read(text: &str) -> Result<Gates, table::Error> {
    let not_read = "\
# format: refit-knowledge/feature-gates-not-read/1
# as-of: 2026-11-29
# source: made up
version
1.34.1
1.34.2
";
    let files = Files::embedded().with(file::PATH, text.to_owned());
    Gates::read_from(&files.with(file::NOT_READ_PATH, not_read.to_owned()))
}

fn release(text: &str) -> KubeVersion {
    text.parse().unwrap()
}

fn settings(text: &str) -> Settings {
    text.split(',')
        .filter(|part| !part.is_empty())
        .map(|part| match part.split_once('=').unwrap() {
            (gate, "true") => (gate.to_owned(), Switch::On),
            (gate, _) => (gate.to_owned(), Switch::Off),
        })
        .collect()
}

/// One word for what comes of each setting, in order.
fn words(component: Component, set: &str, from: &str, to: &str) -> Vec<String> {
    let gates = gates();
    gates
        .consequences(component, &settings(set), &release(from), &release(to))
        .into_iter()
        .map(|one| {
            let what = match one.what {
                What::Refused(Refusal::Unknown { last, next }) => {
                    let end = |state: &GateState| state.to.0.to_string();
                    let start = |state: &GateState| state.from.minor().to_string();
                    format!(
                        "unknown, last {}, next {}",
                        last.map_or("never".to_owned(), end),
                        next.map_or("never".to_owned(), start)
                    )
                }
                What::Refused(Refusal::Locked { .. }) => "locked".to_owned(),
                What::Refused(Refusal::NotYet) => "not yet".to_owned(),
                What::Refused(Refusal::Dependencies { off }) => format!("needs {off:?}"),
                What::Leaving { .. } => "leaving".to_owned(),
                What::BecameDefault { .. } => "became default".to_owned(),
                What::Accepted { .. } => "accepted".to_owned(),
                What::NotKnown => "not known".to_owned(),
            };
            format!("{}={}: {what}", one.gate, one.value)
        })
        .collect()
}

#[test]
fn what_a_setting_does() {
    let kubelet = Component::Kubelet;
    for (component, set, from, to, expected) in [
        (
            kubelet,
            "Gone=true",
            "1.34.0",
            "1.35.9",
            "Gone=true: leaving",
        ),
        (
            kubelet,
            "Gone=true",
            "1.35.0",
            "1.36.0",
            "Gone=true: unknown, last 1.35, next never",
        ),
        (
            kubelet,
            "New=true",
            "1.30.0",
            "1.31.0",
            "New=true: unknown, last never, next 1.34",
        ),
        (
            kubelet,
            "Locked=false",
            "1.33.0",
            "1.34.0",
            "Locked=false: accepted",
        ),
        // Not read, and what was read around it differs; or does not.
        (
            kubelet,
            "Locked=false",
            "1.34.0",
            "1.34.2",
            "Locked=false: not known",
        ),
        (
            kubelet,
            "New=false",
            "1.34.0",
            "1.34.2",
            "New=false: accepted",
        ),
        (
            kubelet,
            "Locked=false",
            "1.34.0",
            "1.34.3",
            "Locked=false: locked",
        ),
        (
            kubelet,
            "Locked=true",
            "1.34.0",
            "1.34.3",
            "Locked=true: leaving",
        ),
        (
            kubelet,
            "Later=false",
            "1.35.0",
            "1.36.0",
            "Later=false: not yet",
        ),
        (
            kubelet,
            "New=true",
            "1.35.0",
            "1.36.0",
            "New=true: became default",
        ),
        (
            kubelet,
            "New=false",
            "1.35.0",
            "1.36.0",
            "New=false: accepted",
        ),
        (
            kubelet,
            "Logs=true",
            "1.35.0",
            "1.36.0",
            "Logs=true: accepted",
        ),
        (
            Component::KubeScheduler,
            "Logs=true",
            "1.35.0",
            "1.36.0",
            "Logs=true: not known",
        ),
        (
            kubelet,
            "New=true",
            "1.37.0",
            "1.38.0",
            "New=true: not known",
        ),
        (
            Component::Kubeadm,
            "Rootless=true",
            "1.32.0",
            "1.33.0",
            "Rootless=true: unknown, last 1.32, next never",
        ),
        (
            Component::Kubeadm,
            "Locked=false",
            "1.32.0",
            "1.36.0",
            "Locked=false: unknown, last never, next never",
        ),
    ] {
        let found = words(component, set, from, to);
        assert_eq!(found, [expected], "{component} {set} {from} to {to}");
    }
}

#[test]
fn a_gate_needs_those_it_depends_on() {
    let at = |set: &str, to: &str| words(Component::KubeApiserver, set, "1.36.0", to);
    let needs = |what: &str| format!("Upper=true: needs {what}");
    assert_eq!(
        at("Upper=true", "1.37.0"),
        [needs("{\"Later\"}")],
        "one is on by default"
    );
    assert_eq!(at("Upper=true,Later=true", "1.37.0").len(), 2);
    assert!(!at("Upper=true,Later=true", "1.37.0").contains(&needs("{\"Later\"}")));
    assert_eq!(
        at("AllAlpha=true,Later=false", "1.37.0"),
        [
            "AllAlpha=true: accepted".to_owned(),
            "Later=false: accepted".to_owned(),
            needs("{\"Later\"}")
        ],
        "it is on by AllAlpha, which nobody would see in its own line"
    );
    // A setting that is refused ends the reading before dependencies are asked.
    assert_eq!(
        at("Nonsense=true,Upper=true", "1.37.0"),
        [
            "Nonsense=true: unknown, last never, next never",
            "Upper=true: accepted"
        ]
    );
}

#[test]
fn defaults_that_flip() {
    let gates = gates();
    let flips = |set: &str, from: &str, to: &str| -> Vec<String> {
        let (from, to) = (release(from), release(to));
        gates
            .flips(Component::Kubelet, &settings(set), &from, &to)
            .into_iter()
            .map(|flip| format!("{} {}", flip.gate, flip.after.default))
            .collect()
    };
    assert_eq!(flips("", "1.35.0", "1.36.0"), ["New true"]);
    assert_eq!(flips("", "1.36.0", "1.35.0"), ["New false"]);
    assert_eq!(flips("New=false", "1.35.0", "1.36.0"), [""; 0]);
    // It was not there before: that is no flip.
    assert_eq!(flips("", "1.33.0", "1.36.0"), [""; 0]);
}

#[test]
fn a_minor_means_its_newest_patch() {
    let gates = gates();
    let lock = |at: At| match gates.status(Component::Kubelet, "Locked", at) {
        GateStatus::Known(state) => Some(state.lock),
        GateStatus::Absent { .. } | GateStatus::NotKnownHere(_) | GateStatus::NotCovered => None,
    };
    assert_eq!(lock(Minor::new(1, 34).into()), Some(Lock::ToDefault));
    assert_eq!(lock((&release("1.34.0")).into()), Some(Lock::Free));
    assert_eq!(lock(Minor::new(1, 29).into()), None);
    assert_eq!(
        gates.status(Component::Kubelet, "Base", Minor::new(1, 29)),
        GateStatus::NotCovered
    );
}

#[test]
fn tables_that_contradict_themselves_are_refused() {
    for (row, with) in [
        (
            "kubernetes,Base,1.30,1.37,beta",
            "kubernetes,Base,1.30,1.29,beta",
        ),
        ("1.34.3,1.37,ga", "1.34.2,1.37,ga"),
        ("beta,true,false,all", "beta,yes,false,all"),
        (
            "kubelet,component-base/logs",
            "kubelets,component-base/logs",
        ),
    ] {
        assert!(TABLE.contains(row));
        assert!(read(&TABLE.replace(row, with)).is_err(), "{with}");
    }
}
