//! `cargo xtask knowledge`: derives the fact files from upstream sources given
//! as local paths, and verifies that what is checked in is what they give.
//!
//! Where a source is not at hand its files stay as they are, and keep saying
//! from when they are.

mod archive;
mod built_against;
mod calendars;
mod components;
mod crds;
mod gates;
mod golang;
mod images;
mod lifecycle;
mod lifecycle_tags;
mod metrics;
mod openapi;
mod osism;
mod peers;
mod releases;
mod second_sources;
mod tree;

use crate::{Outcome, root, say};
use refit_knowledge::Knowledge;
use refit_knowledge::files::Files;
use std::fs;
use std::path::{Path, PathBuf};

const USAGE: &str = "\
usage: cargo xtask knowledge <command> [sources]

commands:
  extract --as-of DAY          write the facts derived from the sources given
  second-sources --as-of DAY   write the second sources from the packages given
  verify                       derive again what the sources given allow, and
                               compare with what is checked in

The day, such as 2026-08-22, is when the sources were looked at.

sources of extract and verify:
  --lifecycle FILE     api-lifecycle.csv of the extraction from tags and OpenAPI
  --eol FILE           eol.csv of the extraction from endoflife.date
  --metrics TREE       source tree of Kubernetes, a directory or an archive; to
                       be given once for each minor, those of 1.31 to 1.36 at least
  --osism WHEEL...     PyPI osism, one of each version
  --openapi PATH...    source trees of Kubernetes, one of each minor, as modules
                       (v1.36.4.zip) or unpacked
  --kubernetes PATH... source trees of Kubernetes and its staging repositories:
                       directories such as kubernetes@v1.36.1 and
                       apiserver@v0.36.1, or their module archives
  --components PATH... the same, of the first and the newest patch of each minor
                       from 1.16 on, with apiserver, cloud-provider,
                       component-base, controller-manager, kube-proxy,
                       kube-scheduler and kubelet beside
  --images FILE        component-images.csv of the extraction from minikube's list
  --kubeadm PATH...    source trees of Kubernetes, of as many releases as are at
                       hand; with --images
  --go-modules DIR     go.mod files named module@version.mod
  --crds DIR           folders named project@version with the manifests of
                       custom resource definitions and a file SOURCE; may be
                       given more than once

sources of second-sources and verify:
  --kubernetes-validate WHEEL|SDIST|DIR   PyPI kubernetes-validate; may be given
                       more than once: 1.37.0 has 1.25 to 1.37, and the sdist of
                       1.24.1 has 1.10 to 1.24
  --kubernetes PATH... as above: the list of gates that upstream generates
  --api PATH...        source trees of k8s.io/api, one of each minor from 1.19 on:
                       directories such as api@v0.36.1, or module archives
  --feature-gates FILE feature-gates-long.csv of an extraction by others
  --pluto PATH         source of FairwindsOps/pluto: a directory such as
                       pluto@v5.24.0, or its module archive
  --kubent PATH        source of doitintl/kube-no-trouble, in the same way
  --k8s-openapi DIR    source of the crate k8s-openapi; without it the one that
                       cargo has for this workspace";

/// Every file that this task derives.
const DERIVED: [&str; 26] = [
    gates::FILE,
    gates::NOT_READ_FILE,
    gates::second::UPSTREAM,
    gates::second::MINED,
    calendars::FILE,
    components::FILES[0],
    components::FILES[1],
    components::FILES[2],
    components::FILES[3],
    osism::FILES[0],
    osism::FILES[1],
    lifecycle::FILE,
    metrics::FILE,
    releases::FILE,
    openapi::FIELDS,
    openapi::KINDS,
    images::FILE,
    images::CONSTANTS,
    built_against::FILE,
    crds::FILE,
    second_sources::KUBERNETES_VALIDATE,
    second_sources::K8S_OPENAPI,
    lifecycle_tags::FILE,
    openapi::SECOND,
    peers::PLUTO,
    peers::KUBENT,
];

/// One derived file: its path below `knowledge/`, and its whole text.
pub(super) struct Derived {
    path: &'static str,
    text: String,
}

#[derive(Default)]
struct Sources {
    as_of: Option<String>,
    lifecycle: Option<PathBuf>,
    eol: Option<PathBuf>,
    metrics: Vec<PathBuf>,
    osism: Vec<PathBuf>,
    openapi: Vec<PathBuf>,
    kubernetes: Vec<PathBuf>,
    components: Vec<PathBuf>,
    api: Vec<PathBuf>,
    feature_gates: Option<PathBuf>,
    images: Option<PathBuf>,
    kubeadm: Vec<PathBuf>,
    go_modules: Option<PathBuf>,
    crds: Vec<PathBuf>,
    kubernetes_validate: Vec<PathBuf>,
    k8s_openapi: Option<PathBuf>,
    pluto: Option<PathBuf>,
    kubent: Option<PathBuf>,
}

/// Runs the command that the arguments name.
pub(super) fn run(arguments: &[String]) -> Outcome<()> {
    let Some((command, rest)) = arguments.split_first() else {
        return Err(USAGE.into());
    };
    let sources = sources(rest)?;
    match command.as_str() {
        "extract" => write(&facts(&sources)?, &sources),
        "second-sources" => write(&second(&sources)?, &sources),
        "verify" => {
            let mut derived = facts(&sources)?;
            derived.extend(second(&sources)?);
            verify(&derived)?;
            peers::verify()?;
            openapi::compare(&said(&sources)?)
        }
        _ => Err(USAGE.into()),
    }
}

fn sources(arguments: &[String]) -> Outcome<Sources> {
    let mut sources = Sources::default();
    let mut rest = arguments.iter().peekable();
    while let Some(name) = rest.next() {
        let mut value = || rest.next().ok_or_else(|| format!("{name} wants a value"));
        match name.as_str() {
            "--as-of" => sources.as_of = Some(value()?.clone()),
            "--lifecycle" => sources.lifecycle = Some(value()?.into()),
            "--eol" => sources.eol = Some(value()?.into()),
            "--metrics" => sources.metrics.push(value()?.into()),
            "--images" => sources.images = Some(value()?.into()),
            "--feature-gates" => sources.feature_gates = Some(value()?.into()),
            "--openapi" | "--kubeadm" | "--kubernetes" | "--components" | "--api" | "--osism" => {
                let paths = match name.as_str() {
                    "--openapi" => &mut sources.openapi,
                    "--kubeadm" => &mut sources.kubeadm,
                    "--kubernetes" => &mut sources.kubernetes,
                    "--components" => &mut sources.components,
                    "--api" => &mut sources.api,
                    _ => &mut sources.osism,
                };
                paths.push(value()?.into());
                while let Some(path) = rest.next_if(|next| !next.starts_with("--")) {
                    paths.push(path.into());
                }
            }
            "--go-modules" => sources.go_modules = Some(value()?.into()),
            "--crds" => sources.crds.push(value()?.into()),
            "--kubernetes-validate" => sources.kubernetes_validate.push(value()?.into()),
            "--pluto" => sources.pluto = Some(value()?.into()),
            "--kubent" => sources.kubent = Some(value()?.into()),
            "--k8s-openapi" => sources.k8s_openapi = Some(value()?.into()),
            _ => return Err(format!("{name} is not an option\n\n{USAGE}").into()),
        }
    }
    Ok(sources)
}

fn facts(sources: &Sources) -> Outcome<Vec<Derived>> {
    let knowledge = root().join("knowledge");
    let mut derived = Vec::new();
    if let Some(path) = &sources.lifecycle {
        derived.push(lifecycle::derive(path, &knowledge)?);
    }
    if let Some(path) = &sources.eol {
        derived.push(calendars::derive(path, &knowledge)?);
        derived.push(releases::derive(path, &knowledge)?);
    }
    if !sources.metrics.is_empty() {
        derived.push(metrics::derive(&sources.metrics)?);
    }
    if !sources.osism.is_empty() {
        derived.extend(osism::derive(&sources.osism, &knowledge)?);
    }
    if !sources.openapi.is_empty() {
        derived.extend(openapi::derive(&sources.openapi)?);
    }
    if !sources.kubernetes.is_empty() {
        let trees = tree::Trees::of(&sources.kubernetes)?;
        derived.extend(gates::derive(&trees, &|file| {
            header(&knowledge.join(file))
        })?);
    }
    if !sources.components.is_empty() {
        derived.extend(components::derive(&sources.components, &knowledge)?);
    }
    if let Some(list) = &sources.images {
        derived.extend(images::derive(list, &sources.kubeadm, &knowledge)?);
    }
    if let Some(path) = &sources.go_modules {
        derived.push(built_against::derive(path, &knowledge)?);
    }
    if !sources.crds.is_empty() {
        derived.push(crds::derive(&sources.crds)?);
    }
    Ok(derived)
}

fn second(sources: &Sources) -> Outcome<Vec<Derived>> {
    let mut derived = Vec::new();
    let packages = &sources.kubernetes_validate;
    if !packages.is_empty() {
        derived.push(second_sources::kubernetes_validate(packages)?);
    }
    if !sources.kubernetes.is_empty() {
        let trees = tree::Trees::of(&sources.kubernetes)?;
        derived.push(gates::second::upstream(&trees)?);
    }
    if !sources.api.is_empty() {
        let knowledge = root().join("knowledge");
        derived.push(lifecycle_tags::derive(&sources.api, &knowledge)?);
    }
    if let Some(path) = &sources.feature_gates {
        derived.push(gates::second::mined(path)?);
    }
    if let Some(path) = &sources.pluto {
        derived.push(peers::pluto(path)?);
    }
    if let Some(path) = &sources.kubent {
        derived.push(peers::kubent(path)?);
    }
    let crate_source = crate_source(sources)?;
    if let Some(path) = &crate_source {
        derived.push(second_sources::k8s_openapi(path)?);
    }
    // One file says what both say, so that it takes both to write it.
    if !packages.is_empty() && crate_source.is_some() {
        derived.push(openapi::second(&said(sources)?)?);
    }
    Ok(derived)
}

fn crate_source(sources: &Sources) -> Outcome<Option<PathBuf>> {
    match &sources.k8s_openapi {
        Some(path) => Ok(Some(path.clone())),
        None => second_sources::locate_k8s_openapi(),
    }
}

/// What those of the second sources that are at hand say of schemas.
fn said(sources: &Sources) -> Outcome<Vec<openapi::Said>> {
    let mut said = Vec::new();
    if let Some(path) = crate_source(sources)? {
        said.push(openapi::k8s_openapi(&path)?);
    }
    if !sources.kubernetes_validate.is_empty() {
        said.push(openapi::kubernetes_validate(&sources.kubernetes_validate)?);
    }
    Ok(said)
}

fn write(derived: &[Derived], sources: &Sources) -> Outcome<()> {
    let Some(day) = &sources.as_of else {
        return Err(format!("--as-of is missing\n\n{USAGE}").into());
    };
    day.parse::<jiff::civil::Date>()
        .map_err(|error| format!("--as-of {day}: {error}"))?;
    if derived.is_empty() {
        return Err(format!("no source was given\n\n{USAGE}").into());
    }
    for file in derived {
        let path = root().join("knowledge").join(file.path);
        let before = fs::read_to_string(&path).unwrap_or_default();
        let text = dated(&file.text, day);
        fs::write(&path, &text)?;
        let change = if before == text {
            "unchanged"
        } else {
            "written"
        };
        say(&format!("{change}: knowledge/{}", file.path))?;
    }
    Ok(())
}

fn verify(derived: &[Derived]) -> Outcome<()> {
    Knowledge::read(Files::embedded())?;
    say("readable: every embedded file")?;
    let mut stale = Vec::new();
    for file in derived {
        let text = fs::read_to_string(root().join("knowledge").join(file.path))?;
        if without_as_of(&text) == without_as_of(&file.text) {
            say(&format!("current: knowledge/{}", file.path))?;
        } else {
            stale.push(difference(file, &text));
        }
    }
    for path in DERIVED {
        if !derived.iter().any(|file| file.path == path) {
            say(&format!(
                "not compared, its source is not at hand: knowledge/{path}"
            ))?;
        }
    }
    if stale.is_empty() {
        Ok(())
    } else {
        Err(stale.join("\n").into())
    }
}

/// The text with `day` as the day it was looked at.
fn dated(text: &str, day: &str) -> String {
    text.lines().fold(String::new(), |all, line| {
        if line.starts_with("# as-of:") {
            all + "# as-of: " + day + "\n"
        } else {
            all + line + "\n"
        }
    })
}

/// The text without the day it was looked at, which is not a fact.
fn without_as_of(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| !line.starts_with("# as-of:"))
        .collect()
}

/// What the first few differing lines are.
fn difference(file: &Derived, checked_in: &str) -> String {
    let (new, old) = (without_as_of(&file.text), without_as_of(checked_in));
    let missing = new
        .iter()
        .filter(|line| !old.contains(line))
        .map(|line| format!("  + {line}"));
    let extra = old
        .iter()
        .filter(|line| !new.contains(line))
        .map(|line| format!("  - {line}"));
    // Ten lines show what kind of change it is; the whole is a `git diff` away.
    let shown: Vec<String> = missing.chain(extra).take(10).collect();
    format!(
        "knowledge/{} is not what its sources give; write it again:\n{}",
        file.path,
        shown.join("\n")
    )
}

/// A CSV file with a line of column names, as rows of named values.
pub(super) fn rows(path: &Path) -> Outcome<Vec<Vec<(String, String)>>> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with('#'));
    let read = |number: usize, line: &str| -> Outcome<Vec<String>> {
        refit_knowledge::table::values(line).ok_or_else(|| {
            format!("{}:{}: a quote does not close", path.display(), number + 1).into()
        })
    };
    let (number, first) = lines.next().ok_or("the file is empty")?;
    let columns = read(number, first)?;
    lines
        .map(|(number, line)| {
            let values = read(number, line)?;
            if values.len() != columns.len() {
                let place = format!("{}:{}", path.display(), number + 1);
                return Err(format!("{place}: not {} values", columns.len()).into());
            }
            Ok(columns.iter().cloned().zip(values).collect())
        })
        .collect()
}

/// The value of `column` in a row of [`rows`].
pub(super) fn get<'r>(row: &'r [(String, String)], column: &str) -> Outcome<&'r str> {
    row.iter()
        .find(|(name, _)| name == column)
        .map(|(_, value)| value.as_str())
        .ok_or_else(|| format!("there is no column {column}").into())
}

/// The comment lines that open the file at `path`, to be kept over a rewrite.
pub(super) fn header(path: &Path) -> Outcome<String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text
        .lines()
        .take_while(|line| line.starts_with('#'))
        .fold(String::new(), |all, line| all + line + "\n"))
}
