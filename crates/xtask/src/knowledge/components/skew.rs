//! `second-sources/kubeadm-skew.csv`: how far apart kubeadm of each minor lets
//! versions be, by its constants.

use super::super::golang::{Token, suffixes, tokens};
use super::super::{Derived, header};
use super::{Source, Sources};
use crate::Outcome;
use refit_knowledge::table;
use refit_model::version::{KubeVersion, Minor};
use std::path::Path;

use Token::{Mark, Text, Word};

pub(super) const FILE: &str = "second-sources/kubeadm-skew.csv";
pub(super) const CONSTANTS: &str = "k8s.io/kubernetes/cmd/kubeadm/app/constants/constants.go";
const POLICY: &str = "k8s.io/kubernetes/cmd/kubeadm/app/phases/upgrade/policy.go";

pub(super) fn wanted(path: &str) -> bool {
    path == CONSTANTS || path == POLICY
}

pub(super) fn derive(sources: &Sources, knowledge: &Path) -> Outcome<Derived> {
    let mut text = header(&knowledge.join(FILE))?
        + "minor,version,control_plane_older,kubelet_older,upgrade,upgrade_kubelet_older\n";
    for (minor, source) in sources {
        let row = row(*minor, source).map_err(|problem| format!("{minor}: {problem}"))?;
        text += &(table::line(row.iter().map(String::as_str)) + "\n");
    }
    Ok(Derived { path: FILE, text })
}

fn row(minor: Minor, source: &Source) -> Outcome<[String; 6]> {
    let read = |path: &str| -> Outcome<Vec<Token>> {
        let text = source.files.get(path).ok_or_else(|| format!("no {path}"))?;
        Ok(tokens(text))
    };
    let (constants, policy) = (read(CONSTANTS)?, read(POLICY)?);
    let older = |name: &str| {
        let value = value(&constants, name).and_then(|value| older(minor, value));
        value.ok_or_else(|| format!("{CONSTANTS} does not say {name}"))
    };
    let number = |name: &str| {
        let number = match value(&policy, name) {
            Some([Word(number), ..]) => number.parse::<u16>().ok(),
            Some(_) | None => None,
        };
        number.ok_or_else(|| format!("{POLICY} does not say {name}"))
    };
    Ok([
        minor.to_string(),
        source.newest.to_string(),
        older("MinimumControlPlaneVersion")?.to_string(),
        older("MinimumKubeletVersion")?.to_string(),
        number("MaximumAllowedMinorVersionUpgradeSkew")?.to_string(),
        number("MaximumAllowedMinorVersionKubeletSkew")?.to_string(),
    ])
}

/// What stands behind `name =`.
fn value<'t>(tokens: &'t [Token], name: &str) -> Option<&'t [Token]> {
    suffixes(tokens).find_map(|rest| match rest {
        [Word(word), Mark('='), value @ ..] if word == name => Some(value),
        _ => None,
    })
}

/// How many minors a version is older than `minor`: it is named, as in
/// `version.MustParseSemantic("v1.15.0")`, or counted, as in
/// `getSkewedKubernetesVersion(-3)`.
fn older(minor: Minor, value: &[Token]) -> Option<u16> {
    match value {
        [Word(_), Mark('.'), Word(_), Mark('('), Text(version), ..] => {
            let version: KubeVersion = version.parse().ok()?;
            minor.minor().checked_sub(version.minor().minor())
        }
        [Word(_), Mark('('), Mark('-'), Word(number), Mark(')'), ..] => number.parse().ok(),
        _ => None,
    }
}
