use super::*;
use crate::Knowledge;

/// Which minors of `component` go with `reference`, written `oldest..newest`.
#[track_caller]
fn check(component: Component, against: Against, reference: u16, expected: &str) {
    let policy = Knowledge::embedded().skew();
    let allowed: Vec<u16> = (10..=45)
        .filter(|minor| {
            let verdict = policy.judge_against(
                against,
                Minor::new(1, reference),
                component,
                Minor::new(1, *minor),
            );
            assert_ne!(verdict, SkewVerdict::NoRule);
            matches!(verdict, SkewVerdict::Allowed(_))
        })
        .collect();
    let found = format!("{}..{}", allowed[0], allowed[allowed.len() - 1]);
    assert_eq!(
        found, expected,
        "{component} against {against} 1.{reference}"
    );
}

#[test]
fn policy() {
    check(
        Component::KubeApiserver,
        Against::KubeApiserver,
        34,
        "33..35",
    );
    check(Component::KubeApiserver, Against::Previous, 34, "34..35");
    check(
        Component::KubeControllerManager,
        Against::KubeApiserver,
        34,
        "33..34",
    );
    check(
        Component::KubeScheduler,
        Against::KubeApiserver,
        34,
        "33..34",
    );
    check(
        Component::CloudControllerManager,
        Against::KubeApiserver,
        34,
        "33..34",
    );
    check(Component::Kubectl, Against::KubeApiserver, 34, "33..35");
    check(Component::Kubelet, Against::KubeApiserver, 34, "31..34");
    check(Component::KubeProxy, Against::KubeApiserver, 34, "31..34");
    check(Component::KubeProxy, Against::Kubelet, 34, "31..37");
}

/// The third minor came with 1.28, for kubelets from 1.25 on.
#[test]
fn the_third_minor_is_for_components_from_1_25_on() {
    check(Component::Kubelet, Against::KubeApiserver, 28, "25..28");
    check(Component::Kubelet, Against::KubeApiserver, 27, "25..27");
    check(Component::Kubelet, Against::KubeApiserver, 26, "24..26");
    check(Component::KubeProxy, Against::KubeApiserver, 28, "25..28");
    check(Component::KubeProxy, Against::KubeApiserver, 27, "25..27");
    check(Component::KubeProxy, Against::Kubelet, 27, "25..30");
}

#[test]
fn excess_is_counted_from_the_limit() {
    let policy = Knowledge::embedded().skew();
    let judge = |minor| policy.judge(Minor::new(1, 34), Component::Kubelet, Minor::new(1, minor));
    assert!(matches!(judge(29), SkewVerdict::TooOld { excess: 2, .. }));
    assert!(matches!(judge(35), SkewVerdict::TooNew { excess: 1, .. }));
    let other_major = policy.judge(Minor::new(2, 0), Component::Kubelet, Minor::new(1, 34));
    assert_eq!(other_major, SkewVerdict::NoRule);
}

/// What `distribution` adds: which minors of `component` go with `reference`.
#[track_caller]
fn narrower(distribution: &str, component: Component, reference: u16, expected: &str) {
    let policy = Knowledge::embedded().skew().of(Some(distribution));
    let allowed: Vec<u16> = (10..=45)
        .filter(|minor| {
            let verdict = policy.judge(Minor::new(1, reference), component, Minor::new(1, *minor));
            matches!(verdict, SkewVerdict::Allowed(_))
        })
        .collect();
    let found = format!("{}..{}", allowed[0], allowed[allowed.len() - 1]);
    assert_eq!(
        found, expected,
        "{component} on {distribution} 1.{reference}"
    );
}

#[test]
fn distributions() {
    // Upstream would take 31..34.
    narrower("gke", Component::Kubelet, 34, "32..34");
    narrower("canonical-k8s", Component::Kubelet, 34, "33..34");
    // 4.20 is even and 1.33; 4.21 is odd and 1.34.
    narrower("openshift", Component::Kubelet, 33, "31..33");
    narrower("openshift", Component::Kubelet, 34, "33..34");
    // kubeadm took up upstream's third minor with 1.29, a minor late.
    narrower("kubeadm", Component::Kubelet, 28, "27..28");
    narrower("kubeadm", Component::Kubelet, 29, "26..29");
    narrower("kubeadm", Component::Kubeadm, 34, "34..35");
    for distribution in ["aks", "eks"] {
        narrower(distribution, Component::Kubelet, 34, "31..34");
    }
    // Of these nothing is known, so upstream's rules hold.
    narrower("k3s", Component::Kubelet, 34, "31..34");
    narrower("canonical-k8s", Component::Kubelet, 37, "34..37");
}

/// No distribution makes supported what upstream does not support.
#[test]
fn distributions_only_narrow() {
    let upstream = Knowledge::embedded().skew();
    let mut narrowed = 0;
    for (name, rules) in upstream.distributions() {
        assert!(!rules.is_empty());
        let own = upstream.of(Some(name));
        for component in Component::ALL {
            for against in [Against::KubeApiserver, Against::Kubelet, Against::Previous] {
                for reference in 16..=40 {
                    for minor in 10..=45 {
                        let (reference, minor) = (Minor::new(1, reference), Minor::new(1, minor));
                        let found = own.judge_against(against, reference, component, minor);
                        let before = upstream.judge_against(against, reference, component, minor);
                        match (&found, &before) {
                            (SkewVerdict::Allowed(_), SkewVerdict::Allowed(_))
                            | (_, SkewVerdict::NoRule) => {}
                            (_, SkewVerdict::Allowed(_)) => narrowed += 1,
                            (SkewVerdict::Allowed(_) | SkewVerdict::NoRule, _) => panic!(
                                "{name} widens {component} {minor} against {against} {reference}"
                            ),
                            (_, _) => {}
                        }
                    }
                }
            }
        }
    }
    assert!(narrowed > 0);
}

/// A rule of a distribution by itself is never wider than upstream's either.
#[test]
fn no_rule_is_wider_than_upstream() {
    let upstream = Knowledge::embedded().skew();
    for (name, rules) in upstream.distributions() {
        for rule in rules
            .iter()
            .filter(|rule| rule.component != Component::Kubeadm)
        {
            let newest = rule.against_to.unwrap_or(Minor::new(1, 37));
            for ours in upstream.rules().iter().filter(|ours| {
                ours.component == rule.component
                    && ours.against == rule.against
                    && ours.component_to.is_none_or(|to| to >= newest)
            }) {
                assert!(rule.max_older <= ours.max_older, "{name}: {rule:?}");
                assert!(rule.max_newer <= ours.max_newer, "{name}: {rule:?}");
            }
        }
    }
}

/// The rules of kubeadm are what the constants of its source say, in every minor.
#[test]
fn kubeadm_says_the_same_in_its_source() {
    let text = include_str!("../../../../knowledge/second-sources/kubeadm-skew.csv");
    let table = crate::table::Table::read("kubeadm-skew.csv", text, &KUBEADM).unwrap();
    let policy = Knowledge::embedded().skew().of(Some("kubeadm"));
    let mut minors = Vec::new();
    for record in table.records() {
        let minor: Minor = record.value("minor", "a minor").unwrap();
        let number = |column| record.value::<u16>(column, "a number").unwrap();
        let rule = |component, against| {
            let verdict = policy.judge_against(against, minor, component, minor);
            let SkewVerdict::Allowed(rule) = verdict else {
                panic!("{component} of {minor}: {verdict:?}");
            };
            rule.clone()
        };
        let kubelet = rule(Component::Kubelet, Against::KubeApiserver);
        assert_eq!(kubelet.max_older, number("kubelet_older"), "{minor}");
        assert_eq!(
            kubelet.max_older,
            number("upgrade_kubelet_older"),
            "{minor}"
        );
        let kubeadm = rule(Component::Kubeadm, Against::KubeApiserver);
        assert_eq!(kubeadm.max_newer, number("control_plane_older"), "{minor}");
        let upgrade = rule(Component::KubeApiserver, Against::Previous);
        assert_eq!(upgrade.max_newer, number("upgrade"), "{minor}");
        minors.push(minor);
    }
    let expected: Vec<Minor> = Minor::new(1, 15).up_to(Minor::new(1, 37)).collect();
    assert_eq!(minors, expected);
}
