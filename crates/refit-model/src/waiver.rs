//! Waivers: findings that somebody accepted, with a reason and a last day.

use crate::assessment::{Finding, Waived};
use crate::code::Code;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One document of a waiver file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Waiver {
    /// The version of this format.
    pub api_version: String,
    /// Always `Waiver`.
    pub kind: WaiverKind,
    /// Accepts the finding of this identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Accepts findings of this code, about `subject`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// What they must be about; a part that is absent is any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<SubjectPattern>,
    /// Why it is accepted.
    pub reason: String,
    /// Who accepted it.
    pub by: String,
    /// The last day on which it counts, in UTC.
    pub until: Date,
}

/// The `kind` of a waiver.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum WaiverKind {
    /// The only one.
    #[default]
    Waiver,
}

/// Which subjects are meant; `*` in a pattern stands for any characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubjectPattern {
    /// Such as `Deployment`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What has no namespace matches `*` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Why a waiver can accept nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WaiverError {
    /// It names neither.
    #[error("it names neither an id nor a code")]
    NamesNothing,
    /// It names both, or a subject with an id.
    #[error("it names an id together with a code or a subject, and the id alone says it all")]
    NamesTwice,
    /// A code without a subject would accept what nobody has seen yet.
    #[error("it names a code without a subject; `subject: {{name: \"*\"}}` means all of them")]
    NoSubject,
    /// The reason or the person is empty.
    #[error("its reason or its person is empty")]
    Unexplained,
}

/// The waivers that accepted nothing, by their place in the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Those whose last day is over.
    pub expired: Vec<usize>,
    /// Those that no finding matches.
    pub unused: Vec<usize>,
}

/// Marks each finding that a waiver in force at `now` accepts; the first such
/// waiver is the one that is named.
pub fn apply(findings: &mut [Finding], waivers: &[Waiver], now: Timestamp) -> Applied {
    let today = now.to_zoned(TimeZone::UTC).date();
    let mut applied = Applied::default();
    for (place, waiver) in waivers.iter().enumerate() {
        if waiver.until < today {
            applied.expired.push(place);
            continue;
        }
        let mut used = false;
        for finding in findings.iter_mut().filter(|f| waiver.accepts(f)) {
            used = true;
            if finding.waived.is_none() {
                finding.waived = Some(Waived {
                    by: waiver.by.clone(),
                    reason: waiver.reason.clone(),
                    until: waiver.until,
                });
            }
        }
        if !used {
            applied.unused.push(place);
        }
    }
    applied
}

impl Waiver {
    /// Whether it says what it must.
    ///
    /// # Errors
    /// When it names no finding, names it twice, or nobody stands for it.
    pub fn check(&self) -> Result<(), WaiverError> {
        if self.reason.trim().is_empty() || self.by.trim().is_empty() {
            return Err(WaiverError::Unexplained);
        }
        match (&self.id, self.code, &self.subject) {
            (None, Some(_), Some(pattern)) if *pattern == SubjectPattern::default() => {
                Err(WaiverError::NoSubject)
            }
            (Some(_), None, None) | (None, Some(_), Some(_)) => Ok(()),
            (Some(_), Some(_), _) | (Some(_), None, Some(_)) => Err(WaiverError::NamesTwice),
            (None, Some(_), None) => Err(WaiverError::NoSubject),
            (None, None, _) => Err(WaiverError::NamesNothing),
        }
    }

    /// Whether it is about `finding`, whatever the day.
    #[must_use]
    pub fn accepts(&self, finding: &Finding) -> bool {
        if let Some(id) = &self.id {
            return *id == finding.id;
        }
        let Some(pattern) = &self.subject else {
            return false;
        };
        let subject = &finding.subject;
        let is = |pattern: &Option<String>, text: &str| {
            pattern.as_deref().is_none_or(|p| matches(p, text))
        };
        self.code == Some(finding.code)
            && is(&pattern.kind, &subject.kind)
            && is(
                &pattern.namespace,
                subject.namespace.as_deref().unwrap_or(""),
            )
            && is(&pattern.name, &subject.name)
    }
}

impl fmt::Display for Waiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.id, self.code) {
            (Some(id), _) => write!(f, "waiver of finding {id}")?,
            (None, Some(code)) => write!(f, "waiver of {code}")?,
            (None, None) => f.write_str("waiver of nothing")?,
        }
        write!(f, " by {}, until {}", self.by, self.until)
    }
}

/// Whether `text` is as `pattern` says, where `*` stands for any characters.
/// The pieces between stars are found one after the other, leftmost first: time
/// grows with the text times the pattern, never faster.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(first) else {
        return false;
    };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for piece in middle.split('*').filter(|piece| !piece.is_empty()) {
        let Some((_, after)) = text.split_once(piece) else {
            return false;
        };
        text = after;
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::{FindingSubject, Severity};

    fn finding() -> Finding {
        Finding {
            id: "f1".to_owned(),
            code: Code::new('W', 101),
            title: String::new(),
            severity: Severity::Blocking,
            subject: FindingSubject {
                api_version: "apps/v1".to_owned(),
                kind: "Deployment".to_owned(),
                namespace: Some("shop".to_owned()),
                name: "web-1".to_owned(),
            },
            application: None,
            evidence: Vec::new(),
            deprecated_in: None,
            removed_in: None,
            replacement: None,
            remedy: String::new(),
            mitigation: String::new(),
            cause: String::new(),
            references: Vec::new(),
            waived: None,
        }
    }

    fn waiver(subject: Option<(&str, &str)>) -> Waiver {
        Waiver {
            api_version: crate::API_VERSION.to_owned(),
            kind: WaiverKind::Waiver,
            id: subject.is_none().then(|| "f1".to_owned()),
            code: subject.map(|_| Code::new('W', 101)),
            subject: subject.map(|(namespace, name)| SubjectPattern {
                kind: None,
                namespace: Some(namespace.to_owned()),
                name: Some(name.to_owned()),
            }),
            reason: "moves next week".to_owned(),
            by: "ada".to_owned(),
            until: jiff::civil::date(2026, 11, 28),
        }
    }

    #[test]
    fn a_waiver_counts_through_its_last_day_and_for_what_it_names() {
        let cases = [
            (None, "2026-11-28T23:59:59Z", true, 0, 0),
            (None, "2026-11-29T00:00:00Z", false, 1, 0),
            (Some(("shop", "web-*")), "2026-11-01T00:00:00Z", true, 0, 0),
            (Some(("shop", "*e*-1")), "2026-11-01T00:00:00Z", true, 0, 0),
            (Some(("shop", "web")), "2026-11-01T00:00:00Z", false, 0, 1),
            (Some(("sho", "*")), "2026-11-01T00:00:00Z", false, 0, 1),
        ];
        for (subject, now, waived, expired, unused) in cases {
            let mut findings = [finding()];
            let applied = apply(&mut findings, &[waiver(subject)], now.parse().unwrap());
            assert_eq!(findings[0].waived.is_some(), waived, "{subject:?} {now}");
            assert_eq!(applied.expired.len(), expired, "{subject:?} {now}");
            assert_eq!(applied.unused.len(), unused, "{subject:?} {now}");
        }
    }

    #[test]
    fn a_star_never_takes_a_character_twice() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("*b*b", "ab", false),
            ("a**c", "abc", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_waiver_names_its_findings_once_and_a_person() {
        assert_eq!(waiver(None).check(), Ok(()));
        assert_eq!(waiver(Some(("*", "*"))).check(), Ok(()));
        let mut both = waiver(None);
        both.code = Some(Code::new('W', 101));
        assert_eq!(both.check(), Err(WaiverError::NamesTwice));
        let mut bare = both.clone();
        bare.id = None;
        assert_eq!(bare.check(), Err(WaiverError::NoSubject));
        // A subject that says nothing is none.
        bare.subject = Some(SubjectPattern::default());
        assert_eq!(bare.check(), Err(WaiverError::NoSubject));
        bare.code = None;
        assert_eq!(bare.check(), Err(WaiverError::NamesNothing));
        bare.by = " ".to_owned();
        assert_eq!(bare.check(), Err(WaiverError::Unexplained));
    }
}
