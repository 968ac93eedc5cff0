//! How a finding is made: always from the page of its code.

use refit_model::assessment::{Evidence, Finding, FindingSubject, Severity};
use refit_model::code::CodePage;
use refit_model::hash::ContentHash;
use refit_model::name::Key;
use refit_model::object::GroupVersionKind;

/// A finding with what its page says of every such finding; the maker replaces
/// what it knows better.
pub(crate) fn finding(
    page: &CodePage,
    severity: Severity,
    subject: FindingSubject,
    title: String,
) -> Finding {
    Finding {
        id: identity(page, &subject, ""),
        code: page.code,
        title,
        severity,
        subject,
        application: None,
        evidence: Vec::new(),
        deprecated_in: None,
        removed_in: None,
        replacement: None,
        remedy: page.remedy.to_owned(),
        mitigation: page.mitigation.to_owned(),
        cause: page.means.to_owned(),
        references: vec![page.source.to_owned()],
        waived: None,
    }
}

/// The kind of the subject that is the landscape as a whole.
pub(crate) const CLUSTER: &str = "Cluster";

/// The identity of a finding: its code, its subject, and what tells two such
/// findings on one subject apart. Places in files are not part of it, so that it
/// survives edits around the object.
///
/// Twelve digits are 48 bits: among 100,000 findings of one assessment two fall
/// together with a chance of 1 in 56,000.
pub(crate) fn identity(page: &CodePage, subject: &FindingSubject, about: &str) -> String {
    // One landscape has one of these, and what it is called may change with the
    // files that are read.
    let name = if subject.kind == CLUSTER && subject.api_version.is_empty() {
        ""
    } else {
        &subject.name
    };
    let text = format!(
        "{}\n{}\n{}\n{}\n{}\n{about}",
        page.code,
        subject.api_version,
        subject.kind,
        subject.namespace.as_deref().unwrap_or_default(),
        name,
    );
    let digits = ContentHash::of_bytes(text.as_bytes());
    format!("{}-{}", page.code, digits.short())
}

/// The subject of an object at an API version.
pub(crate) fn object(api: &GroupVersionKind, key: &Key) -> FindingSubject {
    subject(&api.api_version(), &api.kind, key)
}

/// The subject of an object of a kind that Refit knows by itself.
pub(crate) fn subject(api_version: &str, kind: &str, key: &Key) -> FindingSubject {
    FindingSubject {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: key.namespace.as_ref().map(ToString::to_string),
        name: key.name.to_string(),
    }
}

/// A subject that is no Kubernetes object.
pub(crate) fn thing(kind: &str, name: &str) -> FindingSubject {
    FindingSubject {
        api_version: String::new(),
        kind: kind.to_owned(),
        namespace: None,
        name: name.to_owned(),
    }
}

/// The names in one text: at most `limit` of them, then how many more.
pub(crate) fn named<T: ToString>(names: impl IntoIterator<Item = T>, limit: usize) -> String {
    let mut shown: Vec<String> = Vec::new();
    let mut more = 0_usize;
    for name in names {
        if shown.len() < limit {
            shown.push(name.to_string());
        } else {
            more += 1;
        }
    }
    let shown = shown.join(", ");
    if more > 0 {
        format!("{shown} and {more} more")
    } else {
        shown
    }
}

/// `1 pod`, `2 pods`.
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Strongest first, each once.
pub(crate) fn strongest_first(mut evidence: Vec<Evidence>) -> Vec<Evidence> {
    evidence.sort_by(|a, b| b.tier.cmp(&a.tier).then_with(|| a.cmp(b)));
    evidence.dedup();
    evidence
}
