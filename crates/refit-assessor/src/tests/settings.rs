//! What components are told at their start.

use super::*;

#[track_caller]
fn check_gates(
    from: &str,
    to: &str,
    component: ConfiguredComponent,
    gates: &[(&str, bool)],
    expected: &[&str],
) {
    check_settings(from, to, told(component, gates), expected);
}

#[track_caller]
fn check_settings(from: &str, to: &str, settings: ComponentSettings, expected: &[&str]) {
    let mut kubernetes = cluster(from);
    kubernetes.settings.push(settings);
    let assessment = run(&snapshot(Some(kubernetes)), to);
    let found: Vec<String> = assessment
        .findings
        .iter()
        .filter(|finding| {
            matches!(finding.code.number(), 121..=126) && finding.code.family() == 'C'
        })
        .map(|finding| {
            assert_eq!(finding.evidence.len(), 1);
            format!("{} {} {}", finding.severity, finding.code, finding.title)
        })
        .collect();
    assert_eq!(found, expected, "{from} to {to}");
}

#[test]
fn gates_that_stop_a_component() {
    use ConfiguredComponent::{KubeApiserver, KubeProxy, Kubeadm, Kubelet};
    check_gates(
        "1.36.5",
        "1.37",
        Kubelet,
        &[("SidecarContainers", true)],
        &[
            "blocking RFC121 kubelet 1.37 does not start with the feature gate SidecarContainers=true: it is gone, and was last known in 1.36 (GA)",
        ],
    );
    check_gates(
        "1.32.0",
        "1.33",
        KubeProxy,
        &[("NFTablesProxyMode", false)],
        &[
            "blocking RFC121 kube-proxy 1.33 does not start with the feature gate NFTablesProxyMode=false: it is GA and locked to true since 1.33",
        ],
    );
    check_gates(
        "1.34.0",
        "1.35",
        KubeApiserver,
        &[("ClusterTrustBundleProjection", true)],
        &[
            "blocking RFC121 kube-apiserver 1.35 does not start with the feature gate ClusterTrustBundleProjection=true: it needs ClusterTrustBundle, which is off",
        ],
    );
    check_gates(
        "1.34.0",
        "1.36",
        Kubeadm,
        &[("ControlPlaneKubeletLocalMode", true)],
        &[
            "blocking RFC121 kubeadm 1.36 refuses the feature gate ControlPlaneKubeletLocalMode=true: it is gone, and was last known in 1.35 (GA)",
        ],
    );
    check_gates(
        "1.35.0",
        "1.36",
        Kubelet,
        &[("NoSuchGate", true)],
        &[
            "warning RFC121 kubelet 1.36 does not start with the feature gate NoSuchGate=true: no minor that is known has a gate of this name",
        ],
    );
}

#[test]
fn gates_that_do_no_harm() {
    use ConfiguredComponent::{KubeApiserver, KubeScheduler};
    check_gates(
        "1.35.0",
        "1.36",
        KubeApiserver,
        &[("ClusterTrustBundle", true)],
        &[],
    );
    check_gates(
        "1.32.0",
        "1.33",
        KubeApiserver,
        &[("OrderedNamespaceDeletion", true)],
        &[
            "info RFC122 kube-apiserver 1.33 need not set the feature gate OrderedNamespaceDeletion=true: that has become its default",
        ],
    );
    check_gates(
        "1.36.0",
        "1.38",
        KubeScheduler,
        &[("ClusterTrustBundle", true)],
        &[
            "warning RFC123 it is not known whether kube-scheduler 1.38 takes the feature gate ClusterTrustBundle=true",
        ],
    );
}

#[test]
fn flags_and_files_that_are_gone() {
    use ConfiguredComponent::{KubeApiserver, Kubeadm, Kubelet};
    let with_flag = |component, flag: &str| ComponentSettings {
        flags: BTreeSet::from([flag.to_owned()]),
        ..told(component, &[])
    };
    check_settings(
        "1.32.0",
        "1.34",
        with_flag(KubeApiserver, "cloud-provider"),
        &[
            "blocking RFC124 kube-apiserver 1.33 does not start with the flag --cloud-provider, which it no longer has",
        ],
    );
    check_settings(
        "1.35.0",
        "1.36",
        with_flag(Kubelet, "pod-infra-container-image"),
        &[
            "warning RFC124 kubelet 1.35 does not start with the flag --pod-infra-container-image, which it no longer has",
        ],
    );
    check_settings("1.32.0", "1.34", with_flag(Kubelet, "cloud-provider"), &[]);
    let with_plugin = ComponentSettings {
        admission_plugins: BTreeSet::from(["PodSecurityPolicy".to_owned()]),
        ..told(KubeApiserver, &[])
    };
    check_settings("1.23.0", "1.24", with_plugin.clone(), &[]);
    check_settings(
        "1.24.0",
        "1.25",
        with_plugin,
        &[
            "blocking RFC126 kube-apiserver 1.25 does not start with the admission plugin PodSecurityPolicy, which it no longer has",
        ],
    );
    let written = |api: &str| ComponentSettings {
        written_in: Some(api.to_owned()),
        ..told(Kubeadm, &[])
    };
    check_settings(
        "1.36.0",
        "1.37",
        written("kubeadm.k8s.io/v1beta3"),
        &[
            "blocking RFC125 kubeadm 1.37 does not read kubeadm.k8s.io/v1beta3 any more: write it in kubeadm.k8s.io/v1beta4 (experimental before 1.31), which the present release reads too",
        ],
    );
    check_settings("1.35.0", "1.36", written("kubeadm.k8s.io/v1beta3"), &[]);
}

#[test]
fn settings_that_nobody_saw_are_a_gap() {
    let mut kubernetes = cluster("1.35.8");
    kubernetes
        .settings
        .retain(|one| one.component != ConfiguredComponent::Kubelet);
    let gaps = |kubernetes: &Kubernetes| -> Vec<String> {
        run(&snapshot(Some(kubernetes.clone())), "1.36")
            .coverage
            .iter()
            .flat_map(|coverage| &coverage.gaps)
            .map(|gap| gap.what.clone())
            .filter(|what| what.starts_with("the feature gates"))
            .collect()
    };
    assert_eq!(
        gaps(&kubernetes),
        ["the feature gates that are set at kubelet"]
    );
    kubernetes.distribution = Seen::Is(Distribution::Eks);
    assert_eq!(gaps(&kubernetes), [""; 0]);
}

/// A file is to be written in a version that its reader knows at the time.
#[test]
fn the_version_to_write_a_file_in_is_read_before_the_old_one_goes() {
    let check = |from: Option<&str>, to: &str, component, api: &str, expected: &str| {
        let mut kubernetes = cluster(from.unwrap_or("1.36.0"));
        if from.is_none() {
            kubernetes.server = Seen::Gap(Unseen::NotInSource);
            kubernetes.components.items.clear();
        }
        kubernetes.settings.push(ComponentSettings {
            written_in: Some(api.to_owned()),
            ..told(component, &[])
        });
        let assessment = run(&snapshot(Some(kubernetes)), to);
        let titles: Vec<&str> = assessment
            .findings
            .iter()
            .filter(|finding| finding.code == codes::CONFIG_REMOVED.code)
            .map(|finding| finding.title.as_str())
            .collect();
        let [title] = titles.as_slice() else {
            panic!("{api} from {from:?} to {to}: {titles:?}");
        };
        assert!(title.contains(expected), "{title}");
    };
    use ConfiguredComponent::{KubeApiserver, KubeScheduler, Kubeadm};
    let v1beta3 = "kubeadm.k8s.io/v1beta3";
    // Not v1, which only the target reads.
    for present in ["1.36.5", "1.31.0"] {
        check(
            Some(present),
            "1.37",
            Kubeadm,
            v1beta3,
            "write it in kubeadm.k8s.io/v1beta4 (experimental before 1.31), which the present release reads too",
        );
    }
    check(
        Some("1.27.9"),
        "1.37",
        Kubeadm,
        v1beta3,
        "which is read from 1.28 on: after the hop to 1.28 and before that to 1.37",
    );
    check(
        None,
        "1.37",
        Kubeadm,
        v1beta3,
        "after the hop to 1.28 and before that to 1.37",
    );
    check(
        Some("1.21.0"),
        "1.28",
        Kubeadm,
        "kubeadm.k8s.io/v1beta1",
        "write it in kubeadm.k8s.io/v1beta3 once 1.22 runs, and in kubeadm.k8s.io/v1beta2 before the hop to 1.22",
    );
    check(
        Some("1.18.0"),
        "1.19",
        KubeScheduler,
        "kubescheduler.config.k8s.io/v1alpha2",
        "write it in kubescheduler.config.k8s.io/v1beta1 in the hop to 1.19",
    );
    check(
        Some("1.23.0"),
        "1.24",
        KubeApiserver,
        "audit.k8s.io/v1beta1",
        "kube-apiserver 1.24 does not read audit.k8s.io/v1beta1 any more: write it in audit.k8s.io/v1, which the present release reads too",
    );
}

/// Before the minor from which every removal is known, flags may have gone that the
/// knowledge does not name: who was seen with one may not start, and nobody could tell.
#[test]
fn flags_that_may_go_untold_are_a_gap() {
    use ConfiguredComponent::{KubeApiserver, Kubelet};
    for (from, to, component, flag, expected) in [
        ("1.15.0", "1.16", KubeApiserver, "secure-port", 1),
        ("1.15.0", "1.18", KubeApiserver, "secure-port", 1),
        ("1.15.0", "1.16", Kubelet, "node-ip", 1),
        ("1.16.0", "1.17", KubeApiserver, "secure-port", 0),
        ("1.29.0", "1.30", KubeApiserver, "secure-port", 0),
        // What becomes of this one is known.
        ("1.15.0", "1.16", KubeApiserver, "address", 0),
    ] {
        let mut kubernetes = cluster(from);
        kubernetes.settings.push(ComponentSettings {
            flags: BTreeSet::from([flag.to_owned()]),
            ..told(component, &[])
        });
        let assessment = run(&snapshot(Some(kubernetes)), to);
        let gaps = assessment.coverage.iter().flat_map(|row| &row.gaps);
        let told: Vec<&str> = gaps
            .map(|gap| gap.what.as_str())
            .filter(|what| what.contains("takes away a flag"))
            .collect();
        assert_eq!(
            told.len(),
            expected,
            "{component} --{flag} from {from} to {to}: {told:?}"
        );
        assert!(
            told.iter().all(|what| what.contains("before 1.17")),
            "{told:?}"
        );
    }
}
