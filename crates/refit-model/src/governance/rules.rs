//! Who has to say yes.

use crate::duration::Seconds;
use crate::name::{Actor, RoleName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZeroU8;

/// Who has to say yes to a plan before it may run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApprovalRules {
    /// How many people have to; one when absent.
    #[serde(default = "one")]
    pub quorum: NonZeroU8,
    /// Whose yes counts; anybody's when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<Approver>,
    /// Roles that each have to be among those who say yes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleName>,
    /// Whether the yes of the one who asked for it counts.
    #[serde(default)]
    pub requester: Requester,
    /// How long a yes holds; for as long as the plan does when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_for: Option<Seconds>,
    /// Whether a yes has to be signed.
    #[serde(default)]
    pub signature: SignatureRule,
}

/// Somebody whose yes counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Approver {
    /// Their name, as `--as` gives it.
    pub name: Actor,
    /// What they answer for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleName>,
    /// Their public keys: lines of OpenSSH, as in a `.pub` file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<SshKey>,
}

/// Whether the yes of the one who asked for approval counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Requester {
    /// It does.
    #[default]
    MayApprove,
    /// It does not, and somebody has to have asked.
    MayNotApprove,
}

/// Whether a yes has to be signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureRule {
    /// A name is enough. Whoever can write to the record can write any name.
    #[default]
    NotNeeded,
    /// By one of the approver's keys.
    Needed,
}

const fn one() -> NonZeroU8 {
    NonZeroU8::MIN
}

impl Default for ApprovalRules {
    fn default() -> Self {
        Self {
            quorum: one(),
            approvers: Vec::new(),
            roles: Vec::new(),
            requester: Requester::MayApprove,
            valid_for: None,
            signature: SignatureRule::NotNeeded,
        }
    }
}

impl ApprovalRules {
    /// Whether one yes of anybody is enough.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// The approver of this name.
    #[must_use]
    pub fn approver(&self, name: &Actor) -> Option<&Approver> {
        self.approvers.iter().find(|other| other.name == *name)
    }

    /// Why nobody could ever fulfil these rules.
    #[must_use]
    pub fn problems(&self) -> Vec<RuleProblem> {
        let mut problems = Vec::new();
        let mut names = BTreeSet::new();
        for approver in &self.approvers {
            if !names.insert(&approver.name) {
                problems.push(RuleProblem::Twice(approver.name.clone()));
            }
        }
        if self.valid_for == Some(Seconds::new(0)) {
            problems.push(RuleProblem::OverAtOnce);
        }
        problems.extend(self.lacking(|_| true));
        problems
    }

    /// Why these rules could not be fulfilled without the yes of `actor`; empty
    /// when they could.
    #[must_use]
    pub fn problems_without(&self, actor: &Actor) -> Vec<RuleProblem> {
        self.lacking(|approver| approver.name != *actor)
    }

    /// Those whose yes can count beside that of `actor`; none where the rules name
    /// nobody, because anybody's does then.
    #[must_use]
    pub fn others(&self, actor: &Actor) -> Vec<&Actor> {
        let others = self.approvers.iter().filter(|it| self.is_usable(it));
        others
            .map(|it| &it.name)
            .filter(|name| *name != actor)
            .collect()
    }

    /// What is missing when those among the approvers whom `is_there` lets pass
    /// all say yes.
    fn lacking(&self, is_there: impl Fn(&Approver) -> bool) -> Vec<RuleProblem> {
        let mut problems = Vec::new();
        let counting = || {
            let approvers = self.approvers.iter();
            approvers.filter(|it| self.is_usable(it) && is_there(it))
        };
        let counted = counting().count();
        let anybody = self.approvers.is_empty();
        if self.signature == SignatureRule::Needed && anybody {
            problems.push(RuleProblem::NoKeys);
        } else if !anybody && counted < usize::from(self.quorum.get()) {
            problems.push(RuleProblem::TooFew {
                quorum: self.quorum,
                counted,
            });
        }
        for role in &self.roles {
            if !counting().any(|approver| approver.roles.contains(role)) {
                problems.push(RuleProblem::NobodyOf(role.clone()));
            }
        }
        problems
    }

    /// Whether the yes of `approver` can be one that counts.
    fn is_usable(&self, approver: &Approver) -> bool {
        self.signature == SignatureRule::NotNeeded || !approver.keys.is_empty()
    }
}

/// Why rules cannot be fulfilled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleProblem {
    /// A name stands twice.
    #[error("approver {0} is named twice")]
    Twice(Actor),
    /// A yes runs out in the moment in which it is given.
    #[error("a yes that holds for 0s (`validFor`) is over as soon as it is given")]
    OverAtOnce,
    /// Signatures are asked for, and there is nobody to give one.
    #[error("signatures are needed, and no approver with a key is named")]
    NoKeys,
    /// The quorum is larger than the number of people.
    #[error("{quorum} people have to approve, and the yes of {counted} can count")]
    TooFew {
        /// How many have to.
        quorum: NonZeroU8,
        /// How many can.
        counted: usize,
    },
    /// Nobody has a role.
    #[error("somebody of role {0} has to approve, and nobody whose yes can count has that role")]
    NobodyOf(RoleName),
}

/// A public key: the algorithm and the key of a line of OpenSSH, without its
/// comment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct SshKey(String);

/// A text that is no public key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the line of a .pub file, such as \"ssh-ed25519 AAAA...\"")]
pub struct SshKeyError;

impl TryFrom<String> for SshKey {
    type Error = SshKeyError;
    fn try_from(text: String) -> Result<Self, SshKeyError> {
        let mut words = text.split_ascii_whitespace();
        let (Some(algorithm), Some(key)) = (words.next(), words.next()) else {
            return Err(SshKeyError);
        };
        let named = |c: char| c.is_ascii_alphanumeric() || "-@.".contains(c);
        let coded = |c: char| c.is_ascii_alphanumeric() || "+/=".contains(c);
        // The base64 of a key begins with the length of its algorithm's name,
        // which takes less than 256 bytes: three bytes of nothing.
        let is_key = algorithm.chars().all(named)
            && key.starts_with("AAAA")
            && key.chars().all(coded)
            && text.len() <= 4096;
        is_key
            .then(|| Self(format!("{algorithm} {key}")))
            .ok_or(SshKeyError)
    }
}

impl From<SshKey> for String {
    fn from(key: SshKey) -> Self {
        key.0
    }
}

impl SshKey {
    /// The key as a line, without a comment.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SshKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(rules: serde_json::Value, expected: &[&str]) {
        let rules: ApprovalRules = serde_json::from_value(rules).unwrap();
        let said: Vec<String> = rules.problems().iter().map(ToString::to_string).collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn rules_that_nobody_could_fulfil() {
        check(json!({}), &[]);
        check(json!({"quorum": 3}), &[]);
        check(
            json!({"quorum": 2, "approvers": [{"name": "ada"}]}),
            &["2 people have to approve, and the yes of 1 can count"],
        );
        check(
            json!({"approvers": [{"name": "ada"}, {"name": "ada"}]}),
            &["approver ada is named twice"],
        );
        check(
            json!({"validFor": "0s"}),
            &["a yes that holds for 0s (`validFor`) is over as soon as it is given"],
        );
        check(json!({"validFor": "1s"}), &[]);
        check(
            json!({"signature": "needed"}),
            &["signatures are needed, and no approver with a key is named"],
        );
        check(
            json!({"signature": "needed", "approvers": [{"name": "ada", "roles": ["lead"]}], "roles": ["lead"]}),
            &[
                "1 people have to approve, and the yes of 0 can count",
                "somebody of role lead has to approve, and nobody whose yes can count has that role",
            ],
        );
    }

    #[test]
    fn who_is_needed_cannot_be_spared() {
        let ada = Actor::new("ada").unwrap();
        let without = |rules: serde_json::Value| {
            let rules: ApprovalRules = serde_json::from_value(rules).unwrap();
            let problems = rules.problems_without(&ada);
            problems.first().map(ToString::to_string)
        };
        assert_eq!(without(json!({"quorum": 2})), None);
        assert_eq!(
            without(json!({"approvers": [{"name": "ada"}, {"name": "eve"}]})),
            None
        );
        assert_eq!(
            without(json!({"approvers": [{"name": "ada"}]})).as_deref(),
            Some("1 people have to approve, and the yes of 0 can count")
        );
        assert_eq!(
            without(json!({"approvers": [{"name": "ada", "roles": ["lead"]}, {"name": "eve"}], "roles": ["lead"]}))
                .as_deref(),
            Some("somebody of role lead has to approve, and nobody whose yes can count has that role")
        );
    }

    #[test]
    fn keys_are_lines_of_openssh() {
        let key = |text: &str| SshKey::try_from(text.to_owned()).map(String::from);
        assert_eq!(
            key("ssh-ed25519 AAAAC3Nz ada@example.com"),
            Ok("ssh-ed25519 AAAAC3Nz".to_owned())
        );
        for wrong in [
            "",
            "ssh-ed25519",
            "ssh-ed25519 hello",
            "ssh ed AAAA",
            "a\" AAAAC3",
        ] {
            assert_eq!(key(wrong), Err(SshKeyError), "{wrong}");
        }
    }
}
