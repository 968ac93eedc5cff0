//! `kubernetes/admission-plugins.csv`: from when to when the API server has each
//! admission plugin, by the list in which it says their order.

use super::super::golang::{Token, group, imports, qualified, suffixes, tokens};
use super::super::{Derived, header};
use super::{Source, Sources, constants, since, span, until};
use crate::Outcome;
use refit_knowledge::table;
use refit_model::version::Minor;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use Token::{Mark, Word};

pub(super) const FILE: &str = "kubernetes/admission-plugins.csv";

const LIST: &str = "k8s.io/kubernetes/pkg/kubeapiserver/options/plugins.go";
const ORDER: &str = "AllOrderedPlugins";

pub(super) fn wanted(path: &str) -> bool {
    path == LIST
        || path.starts_with("k8s.io/kubernetes/plugin/pkg/admission/")
        || path.starts_with("k8s.io/apiserver/pkg/admission/plugin/")
}

pub(super) fn derive(sources: &Sources, knowledge: &Path) -> Outcome<Derived> {
    let by_minor: BTreeMap<Minor, BTreeSet<String>> = sources
        .iter()
        .map(|(minor, source)| {
            let found = of(source).map_err(|problem| format!("{minor}: {problem}"))?;
            Ok((*minor, found))
        })
        .collect::<Outcome<_>>()?;
    let names: BTreeSet<&String> = by_minor.values().flatten().collect();
    let mut text = header(&knowledge.join(FILE))? + "plugin,introduced,removed\n";
    for name in names {
        let has = |minor: &Minor| by_minor.get(minor).is_some_and(|of| of.contains(name));
        if let Some(life) = span(sources, &has) {
            let (from, to) = (since(life.introduced, sources), until(life.removed));
            text += &(table::line([name.as_str(), &from, &to]) + "\n");
        }
    }
    Ok(Derived { path: FILE, text })
}

/// The plugins of one minor.
fn of(source: &Source) -> Outcome<BTreeSet<String>> {
    let list = source.files.get(LIST).ok_or_else(|| format!("no {LIST}"))?;
    let tokens = tokens(list);
    let imports = imports(&tokens);
    // `AllOrderedPlugins = []string{ ... }`
    let body = suffixes(&tokens)
        .find_map(|rest| match rest {
            [
                Word(name),
                Mark('='),
                Mark('['),
                Mark(']'),
                Word(_),
                body @ ..,
            ] if name == ORDER => group(body),
            _ => None,
        })
        .ok_or_else(|| format!("{LIST} has no {ORDER}"))?
        .0;
    super::arguments(body)
        .into_iter()
        .filter(|entry| !entry.is_empty())
        .map(|entry| {
            let told = || format!("{LIST}: {entry:?} is no plugin");
            let (package, constant, _) = qualified(entry).ok_or_else(told)?;
            let path = package.and_then(|package| imports.get(package));
            let path = path.ok_or_else(told)?;
            constants(&source.files, path)
                .remove(constant)
                .ok_or_else(|| format!("{path} has no text {constant}").into())
        })
        .collect()
}
