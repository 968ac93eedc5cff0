//! What components are told at their start, where a component on the way to the
//! target would not start with it: feature gates, flags, and the versions of
//! configuration files.
//!
//! Gates that nobody sets are not told, whatever becomes of their defaults: 3 to
//! 21 defaults flip in each minor, which is what `refit knowledge` is for, and a
//! finding on all of them for every cluster would be read by nobody.

use crate::codes;
use crate::finding::{finding, identity, named, thing};
use crate::scene::{Extract, Found, Scene, gap};
use refit_knowledge::gates::{At, Consequence, GateState, Refusal, Settings, Switch, What};
use refit_knowledge::settings::ComponentFacts;
use refit_model::assessment::{Evidence, Finding, Severity};
use refit_model::code::CodePage;
use refit_model::kubernetes::{ComponentSettings, ConfiguredComponent, Distribution, Kubernetes};
use refit_model::seen::{Seen, Unseen};
use refit_model::snapshot::{Area, Gap};
use refit_model::version::{KubeVersion, Minor};
use std::collections::{BTreeMap, BTreeSet};

/// How many gates a title names before it only counts them.
const NAMED: usize = 6;

/// Findings about feature gates, and a gap for components whose settings nobody saw.
pub(crate) fn find(scene: &Scene<'_>) -> Found {
    let Some(kubernetes) = scene.kubernetes() else {
        return Found::default();
    };
    let mut gaps = unseen(scene, kubernetes);
    gaps.extend(flags_not_known(scene, kubernetes));
    let mut found = Found {
        findings: Vec::new(),
        gaps,
    };
    for settings in &kubernetes.settings {
        found.findings.extend(gates(scene, settings));
        found.findings.extend(flags(scene, settings));
        found.findings.extend(plugins(scene, settings));
        found.findings.extend(written_in(scene, settings));
    }
    // A ConfigMap and the pod made from it tell the same: one finding, both seen.
    let mut merged: BTreeMap<String, Finding> = BTreeMap::new();
    for finding in found.findings {
        match merged.get_mut(&finding.id) {
            Some(first) => {
                first.evidence.extend(finding.evidence);
                first.severity = first.severity.min(finding.severity);
            }
            None => {
                merged.insert(finding.id.clone(), finding);
            }
        }
    }
    found.findings = merged.into_values().collect();
    found
}

/// The components of which nothing told what they set. A provider that runs the
/// control plane shows its settings to nobody, and manifests have none.
fn unseen(scene: &Scene<'_>, kubernetes: &Kubernetes) -> Vec<Gap> {
    let provided = matches!(
        kubernetes.distribution,
        Seen::Is(Distribution::Aks | Distribution::Eks | Distribution::Gke)
    );
    if scene.extract == Extract::Manifests || provided {
        return Vec::new();
    }
    let seen: BTreeSet<ConfiguredComponent> = kubernetes
        .settings
        .iter()
        .filter(|settings| tells_gates(settings))
        .map(|settings| settings.component)
        .collect();
    let missing = ConfiguredComponent::ALL
        .into_iter()
        // Only kubeadm's own clusters have settings of kubeadm.
        .filter(|of| *of != ConfiguredComponent::Kubeadm)
        .filter(|of| !seen.contains(of));
    let missing: Vec<ConfiguredComponent> = missing.collect();
    if missing.is_empty() {
        return Vec::new();
    }
    vec![gap(
        Area::ControlPlane,
        format!(
            "the feature gates that are set at {}",
            named(missing, NAMED)
        ),
        Unseen::NotInSource,
        "kubectl get pods,configmaps --namespace kube-system -o yaml",
    )]
}

/// Whether what was read would show the gates that are set: some files that a
/// component reads have no place for them.
fn tells_gates(settings: &ComponentSettings) -> bool {
    let group = settings.written_in.as_deref().unwrap_or_default();
    let group = group.split('/').next().unwrap_or_default();
    !matches!(
        group,
        "apiserver.config.k8s.io" | "audit.k8s.io" | "kubescheduler.config.k8s.io"
    )
}

/// The components that were seen with flags, where a minor on the way may take one
/// of them away without the knowledge telling.
fn flags_not_known(scene: &Scene<'_>, kubernetes: &Kubernetes) -> Vec<Gap> {
    let Some(first) = scene.hops().into_iter().min() else {
        return Vec::new();
    };
    let known = scene.knowledge.settings();
    let mut lacking: BTreeMap<Minor, BTreeSet<ConfiguredComponent>> = BTreeMap::new();
    for settings in &kubernetes.settings {
        let component = settings.component;
        let is_open = |flag: &String| known.flag(component, flag).is_none();
        if let Some(since) = ComponentFacts::flags_complete_since(component)
            && first < since
            && settings.flags.iter().any(is_open)
        {
            lacking.entry(since).or_default().insert(component);
        }
    }
    lacking
        .into_iter()
        .map(|(since, components)| {
            gap(
                Area::ControlPlane,
                format!(
                    "whether a minor before {since} takes away a flag that is set at {}",
                    named(components, NAMED)
                ),
                Unseen::Failed(format!(
                    "the knowledge has every flag that went only from {since} on"
                )),
                "kubectl get pods --namespace kube-system -o yaml",
            )
        })
        .collect()
}

/// Flags that are gone at the target: a component does not start with a flag that
/// it does not know.
fn flags(scene: &Scene<'_>, settings: &ComponentSettings) -> Vec<Finding> {
    let known = scene.knowledge.settings();
    let component = settings.component;
    let target = scene.target.minor();
    settings
        .flags
        .iter()
        .filter_map(|flag| {
            let removed = known.flag(component, flag)?.removed?;
            if removed > target {
                return None;
            }
            let already = already(scene, removed);
            let title = format!(
                "{} {removed} does not start with the flag --{flag}, which it no longer has",
                settings.component
            );
            let severity = severity(already);
            Some(about(
                scene,
                &codes::FLAG_REMOVED,
                severity,
                settings,
                flag,
                title,
            ))
        })
        .collect()
}

/// Admission plugins that are gone at the target: the API server does not start
/// with a name that it does not know, whether it turns the plugin on or off.
fn plugins(scene: &Scene<'_>, settings: &ComponentSettings) -> Vec<Finding> {
    let known = scene.knowledge.settings();
    let target = scene.target.minor();
    let gone = |plugin: &String| {
        let removed = known.admission_plugin(plugin)?.removed?;
        (removed <= target).then_some(removed)
    };
    let plugins = settings.admission_plugins.iter();
    plugins
        .filter_map(|plugin| Some((plugin, gone(plugin)?)))
        .map(|(plugin, removed)| {
            let title = format!(
                "{} {removed} does not start with the admission plugin {plugin}, which it no longer has",
                settings.component
            );
            let severity = severity(already(scene, removed));
            about(scene, &codes::PLUGIN_REMOVED, severity, settings, plugin, title)
        })
        .collect()
}

/// A configuration file in a version that its reader does not read at the target.
fn written_in(scene: &Scene<'_>, settings: &ComponentSettings) -> Option<Finding> {
    let api = settings.written_in.as_deref()?;
    let (group, version) = api.split_once('/')?;
    let known = scene.knowledge.settings();
    let removed = known.config_api(group, version)?.removed?;
    let target = scene.target.minor();
    if removed > target {
        return None;
    }
    let already = already(scene, removed);
    let title = format!(
        "{} {removed} does not read {api} any more: {}",
        settings.component,
        instead(scene, settings.component, group, removed, already)
    );
    let severity = severity(already);
    let finding = about(
        scene,
        &codes::CONFIG_REMOVED,
        severity,
        settings,
        api,
        title,
    );
    Some(finding)
}

/// In which version to write a file instead of one that `removed` is the first not to
/// read, and when: no earlier than its reader knows it.
fn instead(
    scene: &Scene<'_>,
    component: ConfiguredComponent,
    group: &str,
    removed: Minor,
    already: Already,
) -> String {
    let known = scene.knowledge.settings();
    let target = scene.target.minor();
    // The version that has been read for longest is read by most on the way.
    let best = known
        .read_at(group, target)
        .filter_map(|version| Some((version, known.config_api(group, version)?)))
        .min_by_key(|(_, life)| life.introduced);
    let Some((version, life)) = best else {
        return format!("{component} {target} reads no version of {group} that is known");
    };
    // It is read then by who asks for it, and refused otherwise.
    let note = if life.notes.starts_with("experimental") {
        format!(" ({})", life.notes)
    } else {
        String::new()
    };
    let present = scene.from.as_ref().map(KubeVersion::minor);
    let when = match (life.introduced, already) {
        (Some(since), _) if present.is_some_and(|present| since <= present) => {
            ", which the present release reads too".to_owned()
        }
        (None, _) => ", which the present release reads too".to_owned(),
        (Some(since), Already::Yes) => format!(" once {since} runs"),
        (Some(since), Already::No) if since >= removed => {
            match between(scene, group, removed, since) {
                Some(bridge) => format!(
                    " once {since} runs, and in {group}/{bridge} before the hop to {removed}"
                ),
                None => format!(
                    " in the hop to {since}, after the old release has stopped and before the new one starts: no release reads both"
                ),
            }
        }
        (Some(since), Already::No) => {
            format!(
                ", which is read from {since} on: after the hop to {since} and before that to {removed}"
            )
        }
    };
    format!("write it in {group}/{version}{note}{when}")
}

/// A version that is read before `removed` and still at `since`.
fn between<'s>(scene: &Scene<'s>, group: &'s str, removed: Minor, since: Minor) -> Option<&'s str> {
    let known = scene.knowledge.settings();
    known.read_at(group, since).find(|version| {
        let life = known.config_api(group, version);
        life.is_some_and(|life| {
            life.introduced
                .is_none_or(|introduced| introduced < removed)
        })
    })
}

/// Whether the present release would not start with it either.
#[derive(Clone, Copy)]
enum Already {
    Yes,
    No,
}

fn already(scene: &Scene<'_>, removed: Minor) -> Already {
    match &scene.from {
        Some(from) if from.minor() >= removed => Already::Yes,
        Some(_) | None => Already::No,
    }
}

/// What would stop a component blocks. Where it would stop the present one too,
/// what was read is not what that one reads: that only warns.
const fn severity(already: Already) -> Severity {
    match already {
        Already::Yes => Severity::Warning,
        Already::No => Severity::Blocking,
    }
}

/// What the gates of one object come to on the way to the target.
fn gates(scene: &Scene<'_>, settings: &ComponentSettings) -> Vec<Finding> {
    if settings.gates.is_empty() {
        return Vec::new();
    }
    let set: Settings = settings
        .gates
        .iter()
        .map(|(gate, on)| (gate.clone(), if *on { Switch::On } else { Switch::Off }))
        .collect();
    let component = settings.component;
    let known = scene.knowledge.gates();
    let ask = |from: At, to: At| known.consequences(component, &set, from, to);
    let target = At::from(scene.target);
    let present = scene.from.as_ref().map_or(target, At::from);
    // Every minor on the way is run for a while, the last as it was asked for.
    let mut hops: Vec<(Minor, At)> = scene
        .hops()
        .into_iter()
        .map(|minor| (minor, At::from(minor)))
        .collect();
    match hops.last_mut() {
        Some(last) => last.1 = target,
        None => hops.push((scene.target.minor(), target)),
    }
    let mut findings = Vec::new();
    let mut told = BTreeSet::new();
    for (minor, at) in &hops {
        for one in ask(present, *at) {
            if let What::Refused(refusal) = &one.what
                && told.insert(one.gate.clone())
            {
                let now = ask(present, present);
                let refuses = |now: &Consequence<'_>| {
                    now.gate == one.gate && matches!(now.what, What::Refused(_))
                };
                let already = if scene.from.is_some() && now.iter().any(refuses) {
                    Already::Yes
                } else {
                    Already::No
                };
                findings.push(refused(scene, settings, &one, refusal, *minor, already));
            }
        }
    }
    for one in ask(present, target) {
        let (page, severity, title) = match &one.what {
            What::Leaving { at_target } => (
                &codes::GATE_LEAVING,
                Severity::Info,
                format!(
                    "{} {} need not set the feature gate {}={}: it is {}",
                    settings.component, scene.target, one.gate, one.value, at_target.stage
                ),
            ),
            What::BecameDefault { .. } => (
                &codes::GATE_LEAVING,
                Severity::Info,
                format!(
                    "{} {} need not set the feature gate {}={}: that has become its default",
                    settings.component, scene.target, one.gate, one.value
                ),
            ),
            What::NotKnown => (
                &codes::GATE_NOT_KNOWN,
                Severity::Warning,
                format!(
                    "it is not known whether {} {} takes the feature gate {}={}",
                    settings.component, scene.target, one.gate, one.value
                ),
            ),
            What::Refused(_) | What::Accepted { .. } => continue,
        };
        findings.push(about(scene, page, severity, settings, &one.gate, title));
    }
    findings
}

/// A gate with which the component does not start.
fn refused(
    scene: &Scene<'_>,
    settings: &ComponentSettings,
    one: &Consequence<'_>,
    refusal: &Refusal<'_>,
    minor: Minor,
    already: Already,
) -> Finding {
    let of = settings.component;
    let verb = if of == ConfiguredComponent::Kubeadm {
        "refuses"
    } else {
        "does not start with"
    };
    let why = match refusal {
        Refusal::Unknown { last, next } => unknown(*last, *next),
        Refusal::Locked { at_target } => format!(
            "it is {} and locked to {} since {}",
            at_target.stage,
            at_target.default,
            at_target.from.minor()
        ),
        Refusal::NotYet => "it can only be set from a later minor on".to_owned(),
        Refusal::Dependencies { off } => {
            format!("it needs {}, which is off", named(off, NAMED))
        }
    };
    let title = format!(
        "{of} {minor} {verb} the feature gate {}={}: {why}",
        one.gate, one.value
    );
    about(
        scene,
        &codes::GATE_REFUSED,
        severity(already),
        settings,
        &one.gate,
        title,
    )
}

fn unknown(last: Option<&GateState>, next: Option<&GateState>) -> String {
    match (last, next) {
        (Some(last), _) => format!(
            "it is gone, and was last known in {} ({})",
            last.to.0, last.stage
        ),
        (None, Some(next)) => format!("it comes with {}", next.from),
        (None, None) => "no minor that is known has a gate of this name".to_owned(),
    }
}

fn about(
    scene: &Scene<'_>,
    page: &CodePage,
    severity: Severity,
    settings: &ComponentSettings,
    gate: &str,
    title: String,
) -> Finding {
    let subject = thing("Component", settings.component.name());
    let others = match settings.others {
        0 => String::new(),
        others => format!(", and {others} more"),
    };
    Finding {
        id: identity(page, &subject, gate),
        evidence: vec![Evidence {
            location: settings.location.clone(),
            ..scene.seen(format!("{}{others}", settings.stated_by))
        }],
        ..finding(page, severity, subject, title)
    }
}
