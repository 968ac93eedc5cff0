//! `kubernetes/component-flags.csv`: the flags of each component that are
//! discouraged or gone.
//!
//! A flag is registered by a call of a method such as `StringVar`, with its name
//! as a text or a constant of the package. Where a library offers options to
//! several components, the files are named that this component calls.

use super::super::golang::{Token, group, suffixes, tokens};
use super::super::{Derived, header};
use super::{Source, Sources, arguments, constants, package, since, span, until};
use crate::Outcome;
use refit_knowledge::table;
use refit_model::version::Minor;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use Token::{Mark, Text, Word};

pub(super) const FILE: &str = "kubernetes/component-flags.csv";

/// A component, where its flags are registered, and how rows say that.
struct Registrar {
    component: &'static str,
    /// Packages with all below them, or single files.
    places: &'static [&'static str],
    source: &'static str,
}

/// The options of a server that asks the API server who is allowed to ask it.
const SERVING: [&str; 4] = [
    "k8s.io/apiserver/pkg/server/options/authentication.go",
    "k8s.io/apiserver/pkg/server/options/authorization.go",
    "k8s.io/apiserver/pkg/server/options/serving.go",
    "k8s.io/apiserver/pkg/server/options/serving_with_loopback.go",
];

const REGISTRARS: [Registrar; 5] = [
    Registrar {
        component: "kube-apiserver",
        places: &[
            "k8s.io/apiserver/pkg/server/options/",
            "k8s.io/kubernetes/cmd/kube-apiserver/",
            "k8s.io/kubernetes/pkg/controlplane/apiserver/options/",
            "k8s.io/kubernetes/pkg/kubeapiserver/options/",
        ],
        source: "cmd/kube-apiserver, pkg/controlplane/apiserver/options, pkg/kubeapiserver/options, k8s.io/apiserver pkg/server/options",
    },
    Registrar {
        component: "kube-controller-manager",
        places: &[
            "k8s.io/cloud-provider/app/",
            "k8s.io/cloud-provider/options/",
            "k8s.io/controller-manager/",
            "k8s.io/kubernetes/cmd/controller-manager/",
            "k8s.io/kubernetes/cmd/kube-controller-manager/",
        ],
        source: "cmd/kube-controller-manager, cmd/controller-manager, k8s.io/cloud-provider, k8s.io/controller-manager",
    },
    Registrar {
        component: "kube-proxy",
        places: &["k8s.io/kubernetes/cmd/kube-proxy/"],
        source: "cmd/kube-proxy/app",
    },
    Registrar {
        component: "kube-scheduler",
        places: &["k8s.io/kubernetes/cmd/kube-scheduler/"],
        source: "cmd/kube-scheduler/app",
    },
    Registrar {
        component: "kubelet",
        places: &[
            "k8s.io/kubernetes/cmd/kubelet/",
            "k8s.io/kubernetes/pkg/credentialprovider/",
            "k8s.io/kubernetes/pkg/kubelet/cadvisor/",
            "k8s.io/kubernetes/pkg/kubelet/config/",
        ],
        source: "cmd/kubelet/app",
    },
];

/// What every component logs by.
const LOGS: &str = "k8s.io/component-base/logs/";
/// Its source, for flags that no file of the component itself has.
const LOGS_SOURCE: &str = "k8s.io/component-base logs";
const SERVING_SOURCE: &str = "k8s.io/apiserver pkg/server/options";

/// Where it takes over the flags of klog, and where it marks them.
const KLOG: &str = "k8s.io/component-base/logs/logs.go";
const KLOG_TAKEN_OVER: &str = "klog.InitFlags(";
const KLOG_MARKED: &str = "pf.Deprecated = ";
/// What klog registers, in `InitFlags` of `klog.go` of k8s.io/klog/v2 v2.70.1, but
/// for `v` and `vmodule`, which stay.
const OF_KLOG: [&str; 11] = [
    "add-dir-header",
    "alsologtostderr",
    "log-backtrace-at",
    "log-dir",
    "log-file",
    "log-file-max-size",
    "logtostderr",
    "one-output",
    "skip-headers",
    "skip-log-headers",
    "stderrthreshold",
];

/// How the kubelet names, since 1.37, a flag of cadvisor that it takes over: by a
/// constant of a package that is not of Kubernetes.
const PINNED: (&str, &str) = (
    "cadvisorflags.HousekeepingInterval",
    "housekeeping-interval",
);

/// Measuring, which every server that is one of the API server's kin offers alike.
const METRICS: &str = "k8s.io/component-base/metrics/";

/// Serving without authentication: what a component calls to get the flags for it,
/// and the flags, every one of which the library marks. It kept offering them after
/// the components had stopped to ask.
const INSECURE: [(&str, [&str; 2]); 2] = [
    (
        ".InsecureServing.AddFlags(",
        ["insecure-bind-address", "insecure-port"],
    ),
    (".InsecureServing.AddUnqualifiedFlags(", ["address", "port"]),
];
/// The file in which the library offers them.
const OFFERED: &str = "/deprecated_insecure_serving.go";
/// A program of its own, which catches what others write.
const OTHER_PROGRAM: &str = "/kube-log-runner/";
const API_SERVER: &str = "kube-apiserver";
const METRICS_SOURCE: &str = "k8s.io/component-base metrics";
/// Where components are put together.
const COMMANDS: &str = "k8s.io/kubernetes/cmd/";

pub(super) fn wanted(path: &str) -> bool {
    path.starts_with(LOGS)
        || path.starts_with(METRICS)
        || SERVING.contains(&path)
        || REGISTRARS
            .iter()
            .any(|one| one.places.iter().any(|place| path.starts_with(place)))
}

/// The flags of one component in one minor.
#[derive(Default)]
struct Flags {
    /// By name, where it is registered.
    registered: BTreeMap<String, &'static str>,
    deprecated: BTreeSet<String>,
}

pub(super) fn derive(sources: &Sources, knowledge: &Path) -> Outcome<Derived> {
    let mut text = header(&knowledge.join(FILE))? + "component,flag,deprecated,removed,source\n";
    for registrar in &REGISTRARS {
        let by_minor: BTreeMap<Minor, Flags> = sources
            .iter()
            .map(|(minor, source)| (*minor, flags(registrar, source)))
            .collect();
        if let Some((minor, _)) = by_minor.iter().find(|(_, of)| of.registered.is_empty()) {
            let component = registrar.component;
            return Err(format!("{minor}: no flag of {component} was found").into());
        }
        for line in lines(registrar, sources, &by_minor) {
            text += &(line + "\n");
        }
    }
    Ok(Derived { path: FILE, text })
}

fn lines(
    registrar: &Registrar,
    sources: &Sources,
    by_minor: &BTreeMap<Minor, Flags>,
) -> Vec<String> {
    let names: BTreeSet<&String> = by_minor
        .values()
        .flat_map(|flags| flags.registered.keys())
        .collect();
    let mut lines = Vec::new();
    for name in names {
        let of = |minor: &Minor| by_minor.get(minor);
        let has = |minor: &Minor| of(minor).is_some_and(|of| of.registered.contains_key(name));
        let Some(life) = span(sources, &has) else {
            continue;
        };
        let deprecated = discouraged_since(by_minor, name, life.removed);
        if life.removed.is_none() && deprecated.is_none() {
            continue;
        }
        let source = by_minor
            .values()
            .rev()
            .find_map(|of| of.registered.get(name));
        let first = sources.keys().next().copied();
        let discouraged = match deprecated {
            Some(minor) if Some(minor) == first => since(None, sources),
            other => until(other),
        };
        lines.push(table::line([
            registrar.component,
            name,
            &discouraged,
            &until(life.removed),
            source.unwrap_or(&registrar.source),
        ]));
    }
    lines
}

/// The first minor of the last run in which the flag is marked; `None` where its
/// last minor does not mark it, as when a deprecation was taken back.
fn discouraged_since(
    by_minor: &BTreeMap<Minor, Flags>,
    name: &str,
    removed: Option<Minor>,
) -> Option<Minor> {
    by_minor
        .iter()
        .rev()
        .skip_while(|(minor, _)| removed.is_some_and(|removed| **minor >= removed))
        .take_while(|(_, of)| of.deprecated.contains(name))
        .map(|(minor, _)| *minor)
        .last()
}

fn flags(registrar: &Registrar, source: &Source) -> Flags {
    let mut flags = Flags::default();
    let is_own = |path: &str| registrar.places.iter().any(|place| path.starts_with(place));
    let serves = matches!(
        registrar.component,
        "kube-controller-manager" | "kube-scheduler"
    );
    let (pins, pinned) = PINNED;
    let mut own = source.files.iter().filter(|(path, _)| is_own(path));
    if own.any(|(_, text)| text.contains(pins)) {
        flags.registered.insert(pinned.to_owned(), registrar.source);
    }
    for (call, names) in INSECURE {
        let mut own = source.files.iter().filter(|(path, _)| is_own(path));
        if own.any(|(path, text)| path.starts_with(COMMANDS) && text.contains(call)) {
            for name in names {
                flags.registered.insert(name.to_owned(), SERVING_SOURCE);
                flags.deprecated.insert(name.to_owned());
            }
        }
    }
    let mut of_packages: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    for (path, text) in &source.files {
        // A library for the API server's options has its own of that kind, too.
        let place = if path.ends_with(OFFERED) || path.contains(OTHER_PROGRAM) {
            None
        } else if is_own(path) {
            Some(registrar.source)
        } else if path.starts_with(LOGS) && registrar.component != "kube-proxy" {
            // kube-proxy takes the flags of klog alone from there.
            Some(LOGS_SOURCE)
        } else if path.starts_with(METRICS) && (serves || registrar.component == API_SERVER) {
            Some(METRICS_SOURCE)
        } else if serves && SERVING.contains(&path.as_str()) {
            Some(SERVING_SOURCE)
        } else {
            None
        };
        if let Some(place) = place {
            let named = of_packages
                .entry(package(path))
                .or_insert_with(|| constants(&source.files, package(path)));
            read(text, named, place, &mut flags);
        }
    }
    of_klog(source, &mut flags);
    flags
}

/// The flags that a component has by way of the library that it logs with.
fn of_klog(source: &Source, flags: &mut Flags) {
    let text = source.files.get(KLOG).map_or("", String::as_str);
    for name in OF_KLOG {
        if text.contains(KLOG_TAKEN_OVER) {
            flags.registered.insert(name.to_owned(), LOGS_SOURCE);
        }
        if text.contains(KLOG_MARKED) {
            flags.deprecated.insert(name.to_owned());
        }
    }
}

/// The registrations and marks of one file.
fn read(text: &str, named: &BTreeMap<String, String>, place: &'static str, flags: &mut Flags) {
    let tokens = tokens(text);
    let lists = lists(&tokens);
    for rest in suffixes(&tokens) {
        let [Word(called), brackets @ ..] = rest else {
            continue;
        };
        if brackets.first() != Some(&Mark('(')) {
            continue;
        }
        let Some((at, marks)) = call(called) else {
            continue;
        };
        let Some((body, _)) = group(brackets) else {
            continue;
        };
        let arguments = arguments(body);
        // Each of them says at least what the flag is for, or why not to use it.
        if arguments.len() < at + 1 + usize::from(called != "register") {
            continue;
        }
        let names: Vec<&String> = match arguments.get(at) {
            Some([Text(name)]) => vec![name],
            Some([Word(name)]) => match lists.get(name) {
                Some(names) => names.clone(),
                None => named.get(name).into_iter().collect(),
            },
            Some(_) | None => Vec::new(),
        };
        for name in names.into_iter().filter(|name| is_name(name)) {
            let name = name.replace('_', "-");
            if marks != Marks::Registers {
                flags.deprecated.insert(name.clone());
            }
            if marks != Marks::Deprecates {
                flags.registered.entry(name).or_insert(place);
            }
        }
    }
}

/// The texts of `[]string{"a", "b"}`.
fn list(tokens: &[Token]) -> Option<Vec<&String>> {
    let [Mark('['), Mark(']'), Word(_), body @ ..] = tokens else {
        return None;
    };
    let (body, _) = group(body)?;
    let texts = body.iter().filter_map(|token| match token {
        Text(text) => Some(text),
        Word(_) | Mark(_) => None,
    });
    Some(texts.collect())
}

/// What loops go over: the texts by the name that the loop gives each.
///
/// `for _, name := range []string{"a", "b"}`, or a list that stands before as
/// `names = []string{"a", "b"}`.
fn lists(tokens: &[Token]) -> BTreeMap<String, Vec<&String>> {
    let mut named: BTreeMap<&String, Vec<&String>> = BTreeMap::new();
    let mut found = BTreeMap::new();
    for rest in suffixes(tokens) {
        match rest {
            [Word(name), Mark('='), rest @ ..] => {
                if let Some(texts) = list(rest) {
                    named.insert(name, texts);
                }
            }
            [Word(name), Mark(':'), Mark('='), Word(range), rest @ ..] if range == "range" => {
                let texts = list(rest).or_else(|| match rest {
                    [Word(name), ..] => named.get(name).cloned(),
                    _ => None,
                });
                if let Some(texts) = texts {
                    // Several loops of a file may give the same name.
                    let all: &mut Vec<&String> = found.entry(name.clone()).or_default();
                    all.extend(texts);
                }
            }
            _ => {}
        }
    }
    found
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Marks {
    Registers,
    Deprecates,
    Both,
}

/// Which argument of a call names a flag, and what the call does with it.
fn call(name: &str) -> Option<(usize, Marks)> {
    match name {
        "MarkDeprecated" => Some((0, Marks::Deprecates)),
        // How the kubelet takes over flags of a library: from a set, to a set.
        "register" => Some((2, Marks::Registers)),
        "registerDeprecated" => Some((2, Marks::Both)),
        "Bool" | "BoolP" | "Duration" | "Float64" | "IP" | "Int" | "Int32" | "Int64" | "String"
        | "StringP" | "StringSlice" | "Uint" => Some((0, Marks::Registers)),
        _ if name.ends_with("Var") || name.ends_with("VarP") => Some((1, Marks::Registers)),
        _ => None,
    }
}

fn is_name(text: &str) -> bool {
    text.len() > 1
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}
