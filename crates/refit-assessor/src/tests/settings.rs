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
            "blocking RFC125 kubeadm 1.37 does not read kubeadm.k8s.io/v1beta3 any more: write it in v1, v1beta4",
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
