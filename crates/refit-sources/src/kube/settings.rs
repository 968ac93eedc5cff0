//! What components are told at their start: the commands of their pods, the
//! ConfigMaps that kubeadm keeps, and configuration files.
//!
//! Of ConfigMaps only those three are looked into, and of all of them only
//! feature gates and names of flags are kept.

use super::field;
use crate::yaml;
use refit_model::kubernetes::{ComponentSettings, ConfiguredComponent};
use refit_model::object::{GroupVersionKind, Location};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The groups whose kinds are files for components and no objects of a cluster.
const FILE_GROUPS: [&str; 6] = [
    "apiserver.config.k8s.io",
    "audit.k8s.io",
    "kubeadm.k8s.io",
    "kubelet.config.k8s.io",
    "kubeproxy.config.k8s.io",
    "kubescheduler.config.k8s.io",
];

/// Whether documents of `api` configure a component or a client: they have no
/// name, and no server knows them. A kubeconfig looks like an object of the core
/// group (client-go, `tools/clientcmd/api/latest`).
#[must_use]
pub fn is_file(api: &GroupVersionKind) -> bool {
    let is_kubeconfig = || api.group.is_empty() && api.version == "v1" && api.kind == "Config";
    FILE_GROUPS.contains(&api.group.as_str()) || is_kubeconfig()
}

/// What `object` tells components, if it is one that does.
///
/// # Errors
/// When it should and cannot be read: the name of the object and why.
pub fn of(object: &Value, place: Option<&Location>) -> Result<Vec<ComponentSettings>, String> {
    let kind = field::text(object, &["kind"]).unwrap_or_default();
    let group = field::text(object, &["apiVersion"])
        .and_then(|version| version.split_once('/'))
        .map_or("", |(group, _)| group);
    let namespace = field::text(object, &["metadata", "namespace"]);
    let name = field::text(object, &["metadata", "name"]).unwrap_or_default();
    let mut found = match (kind, namespace) {
        ("Pod", Some("kube-system")) => pod(object),
        ("ConfigMap", Some("kube-system")) => config_map(object, name)?,
        _ if FILE_GROUPS.contains(&group) => file(object, group, kind),
        _ => Vec::new(),
    };
    let stated_by = match namespace {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => kind.to_owned(),
    };
    for settings in &mut found {
        settings.stated_by.clone_from(&stated_by);
        settings.location = place.cloned();
    }
    Ok(found)
}

/// Those that say the same of the same component, as one; in order.
#[must_use]
pub fn alike(mut all: Vec<ComponentSettings>) -> Vec<ComponentSettings> {
    all.sort();
    all.dedup();
    let mut found: Vec<ComponentSettings> = Vec::new();
    for settings in all {
        match found.last_mut() {
            Some(last)
                if last.component == settings.component
                    && last.gates == settings.gates
                    && last.flags == settings.flags
                    && last.admission_plugins == settings.admission_plugins
                    && last.written_in == settings.written_in =>
            {
                last.others += 1;
            }
            Some(_) | None => found.push(settings),
        }
    }
    found
}

fn none(component: ConfiguredComponent) -> ComponentSettings {
    ComponentSettings {
        component,
        gates: BTreeMap::new(),
        flags: BTreeSet::new(),
        admission_plugins: BTreeSet::new(),
        written_in: None,
        stated_by: String::new(),
        others: 0,
        location: None,
    }
}

/// The containers of a pod that are components, by the binary that they run.
fn pod(object: &Value) -> Vec<ComponentSettings> {
    field::list(object, &["spec", "containers"])
        .iter()
        .filter_map(|container| {
            let words = ["command", "args"]
                .into_iter()
                .flat_map(|list| field::list(container, &[list]))
                .filter_map(Value::as_str);
            // A shell gets a whole command as one word.
            let words: Vec<&str> = words.flat_map(str::split_whitespace).collect();
            let (at, component) = words.iter().enumerate().find_map(|(at, word)| {
                let binary = word.rsplit('/').next()?;
                let of = |one: &ConfiguredComponent| one.name() == binary;
                Some((at, ConfiguredComponent::ALL.into_iter().find(of)?))
            })?;
            let mut settings = none(component);
            command(words.get(at + 1..).unwrap_or_default(), &mut settings);
            Some(settings)
        })
        .collect()
}

/// Flags as Kubernetes' components read them (pflag): `--name=value`,
/// `--name value`, and `_` for `-` in names.
fn command(words: &[&str], settings: &mut ComponentSettings) {
    for (at, word) in words.iter().enumerate() {
        let Some(flag) = word.strip_prefix("--") else {
            continue;
        };
        let (name, value) = flag
            .split_once('=')
            .map_or((flag, words.get(at + 1).copied()), |(name, value)| {
                (name, Some(value))
            });
        argument(name, value.unwrap_or_default(), settings);
    }
}

fn argument(name: &str, value: &str, settings: &mut ComponentSettings) {
    let name = name.replace('_', "-");
    if name == "feature-gates" {
        let value = value.trim_matches(['"', '\'']);
        settings.gates.extend(value.split(',').filter_map(|pair| {
            let (gate, value) = pair.split_once('=')?;
            Some((gate.trim().to_owned(), truth(value.trim())?))
        }));
    }
    if matches!(
        name.as_str(),
        "enable-admission-plugins" | "disable-admission-plugins" | "admission-control"
    ) {
        let plugins = value.split(',').map(str::trim);
        let plugins = plugins.filter(|plugin| !plugin.is_empty());
        settings
            .admission_plugins
            .extend(plugins.map(str::to_owned));
    }
    if !name.is_empty() {
        settings.flags.insert(name);
    }
}

/// What Go's `strconv.ParseBool` accepts.
fn truth(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// The ConfigMaps in which kubeadm keeps what it was told.
fn config_map(object: &Value, name: &str) -> Result<Vec<ComponentSettings>, String> {
    let keys: &[&str] = match name {
        "kubeadm-config" => &["ClusterConfiguration"],
        "kube-proxy" => &["config.conf"],
        // Up to 1.23 its name ended with the minor.
        name if name.starts_with("kubelet-config") => &["kubelet"],
        _ => &[],
    };
    let mut found = Vec::new();
    for key in keys {
        let Some(text) = field::text(object, &["data", key]) else {
            continue;
        };
        for document in yaml::documents(text.as_bytes()) {
            let content = document
                .content
                .map_err(|error| format!("{key} of the ConfigMap {name}: {}", error.why))?;
            if let Some(content) = content {
                let content = content.into_json();
                let text = |name| field::text(&content, &[name]).unwrap_or_default();
                let group = text("apiVersion").split('/').next().unwrap_or_default();
                found.extend(file(&content, group, text("kind")));
            }
        }
    }
    Ok(found)
}

/// A configuration file. A field that is missing sets nothing.
fn file(content: &Value, group: &str, kind: &str) -> Vec<ComponentSettings> {
    let with_gates = |component| {
        let mut settings = none(component);
        settings.gates = gates(content);
        settings
    };
    let with_arguments = |component, path: &[&str]| {
        let mut settings = none(component);
        arguments(field::at(content, path), &mut settings);
        settings
    };
    let mut found = match kind {
        // They set no gates, and are read in the version that they are written in.
        _ if matches!(group, "audit.k8s.io" | "apiserver.config.k8s.io") => {
            vec![none(ConfiguredComponent::KubeApiserver)]
        }
        "KubeletConfiguration" => vec![with_gates(ConfiguredComponent::Kubelet)],
        "KubeProxyConfiguration" => vec![with_gates(ConfiguredComponent::KubeProxy)],
        // It has no gates of its own: only the version that it is written in.
        "KubeSchedulerConfiguration" => vec![none(ConfiguredComponent::KubeScheduler)],
        "ClusterConfiguration" => vec![
            with_gates(ConfiguredComponent::Kubeadm),
            with_arguments(
                ConfiguredComponent::KubeApiserver,
                &["apiServer", "extraArgs"],
            ),
            with_arguments(
                ConfiguredComponent::KubeControllerManager,
                &["controllerManager", "extraArgs"],
            ),
            with_arguments(
                ConfiguredComponent::KubeScheduler,
                &["scheduler", "extraArgs"],
            ),
        ],
        "InitConfiguration" | "JoinConfiguration" => vec![
            none(ConfiguredComponent::Kubeadm),
            with_arguments(
                ConfiguredComponent::Kubelet,
                &["nodeRegistration", "kubeletExtraArgs"],
            ),
        ],
        _ => Vec::new(),
    };
    // Whoever reads the file has to know its version: the first of them.
    if let Some(reader) = found.first_mut() {
        reader.written_in = field::filled(content, &["apiVersion"]).map(str::to_owned);
    }
    found
}

fn gates(content: &Value) -> BTreeMap<String, bool> {
    field::at(content, &["featureGates"])
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(gate, value)| Some((gate.clone(), value.as_bool()?)))
        .collect()
}

/// Extra arguments: a map, or since v1beta4 a list of names and values.
fn arguments(given: Option<&Value>, settings: &mut ComponentSettings) {
    match given {
        Some(Value::Object(map)) => {
            for (name, value) in map {
                argument(name, value.as_str().unwrap_or_default(), settings);
            }
        }
        Some(Value::Array(list)) => {
            for entry in list {
                let of = |name: &str| field::text(entry, &[name]).unwrap_or_default();
                argument(of("name"), of("value"), settings);
            }
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(object: &Value, expected: &[&str]) {
        let found: Vec<String> = alike(of(object, None).unwrap())
            .into_iter()
            .map(|one| {
                let gates: Vec<String> = one
                    .gates
                    .iter()
                    .map(|(gate, value)| format!(" {gate}={value}"))
                    .collect();
                let flags: Vec<String> =
                    one.flags.iter().map(|flag| format!(" --{flag}")).collect();
                let version = one.written_in.map(|version| format!(" in {version}"));
                let version = version.unwrap_or_default();
                let plugins: Vec<String> = one
                    .admission_plugins
                    .iter()
                    .map(|plugin| format!(" {plugin}"))
                    .collect();
                let (gates, flags, plugins) = (gates.concat(), flags.concat(), plugins.concat());
                format!("{}{version}{gates}{flags}{plugins}", one.component)
            })
            .collect();
        assert_eq!(found, expected, "{object}");
    }

    fn pod(namespace: &str, command: &Value, args: &Value) -> Value {
        json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"namespace": namespace, "name": "p"},
            "spec": {"containers": [{"command": command, "args": args}, {"image": "pause"}]}})
    }

    fn config_map(name: &str, key: &str, text: &str) -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"namespace": "kube-system", "name": name}, "data": {key: text}})
    }

    #[test]
    fn commands_of_pods() {
        let command = json!([
            "kube-apiserver",
            "--secure_port",
            "6443",
            "--feature-gates=A=true,B=0"
        ]);
        let expected = ["kube-apiserver A=true B=false --feature-gates --secure-port"];
        check(&pod("kube-system", &command, &json!([])), &expected);
        check(&pod("shop", &command, &json!([])), &[]);
        let plugins = json!(["--enable-admission-plugins=A,B"]);
        check(
            &pod("kube-system", &json!(["kube-apiserver"]), &plugins),
            &["kube-apiserver --enable-admission-plugins A B"],
        );
        check(
            &pod(
                "kube-system",
                &json!([
                    "/bin/sh",
                    "-c",
                    "exec /usr/local/bin/kube-scheduler --feature-gates A=f"
                ]),
                &json!(["--feature-gates=\"B=true,C=maybe\""]),
            ),
            &["kube-scheduler A=false B=true --feature-gates"],
        );
        check(
            &pod("kube-system", &json!(["etcd", "--name=a"]), &json!([])),
            &[],
        );
    }

    #[test]
    fn config_maps_of_kubeadm() {
        let cluster = "kind: ClusterConfiguration\nfeatureGates: {R: true}\napiServer:\n  extraArgs:\n    feature-gates: A=true\nscheduler:\n  extraArgs:\n  - name: profiling\n    value: 'false'\n";
        check(
            &config_map("kubeadm-config", "ClusterConfiguration", cluster),
            &[
                "kube-apiserver A=true --feature-gates",
                "kube-controller-manager",
                "kube-scheduler --profiling",
                "kubeadm R=true",
            ],
        );
        let kubelet = "kind: KubeletConfiguration\nfeatureGates:\n  A: false\n  B: \"true\"\n";
        check(
            &config_map("kubelet-config-1.23", "kubelet", kubelet),
            &["kubelet A=false"],
        );
        let proxy = "kind: KubeProxyConfiguration\n";
        check(
            &config_map("kube-proxy", "config.conf", proxy),
            &["kube-proxy"],
        );
        // Of any other ConfigMap nothing is kept.
        check(&config_map("settings", "kubelet", kubelet), &[]);
        let broken = config_map("kube-proxy", "config.conf", "a: [");
        assert!(of(&broken, None).is_err());
    }

    #[test]
    fn files() {
        let join = json!({"apiVersion": "kubeadm.k8s.io/v1beta4", "kind": "JoinConfiguration",
            "nodeRegistration": {"kubeletExtraArgs": [{"name": "feature-gates", "value": "A=true"}]}});
        check(
            &join,
            &[
                "kubelet A=true --feature-gates",
                "kubeadm in kubeadm.k8s.io/v1beta4",
            ],
        );
        let scheduler = json!({"apiVersion": "kubescheduler.config.k8s.io/v1beta3",
            "kind": "KubeSchedulerConfiguration"});
        check(
            &scheduler,
            &["kube-scheduler in kubescheduler.config.k8s.io/v1beta3"],
        );
        let audit = json!({"apiVersion": "audit.k8s.io/v1beta1", "kind": "Policy", "rules": []});
        check(&audit, &["kube-apiserver in audit.k8s.io/v1beta1"]);
        let kubeconfig = json!({"apiVersion": "v1", "kind": "Config", "clusters": []});
        check(&kubeconfig, &[]);
        let other = json!({"apiVersion": "example.com/v1", "kind": "KubeletConfiguration",
            "featureGates": {"A": true}});
        check(&other, &[]);
    }

    #[test]
    fn what_agrees_is_told_once() {
        let one = |name: &str| {
            let mut found = of(
                &pod("kube-system", &json!(["kube-proxy"]), &json!([])),
                None,
            )
            .unwrap();
            found[0].stated_by = name.to_owned();
            found
        };
        let found = alike([one("b"), one("a"), one("c")].concat());
        assert_eq!((found.len(), found[0].others), (1, 2));
        assert_eq!(found[0].stated_by, "a");
    }
}
