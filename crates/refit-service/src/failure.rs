//! What a use case says when it does not give what was asked for.

use crate::exit;
use std::error::Error;
use std::fmt;

/// Why a use case gave nothing, with what the user can do next.
#[derive(Debug)]
pub struct Failure {
    /// What kind it is; it decides the exit code.
    pub kind: FailureKind,
    /// What happened, in one sentence without its cause.
    pub what: String,
    /// The cause, if there is one.
    pub cause: Option<Box<dyn Error + Send + Sync>>,
    /// What the user's next command could be.
    pub hints: Vec<String>,
}

/// The kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The command, a file or a value was not what it must be.
    Usage,
    /// Refit will not do it, and is right.
    Refused,
    /// Something that is needed could not be seen.
    Unseen,
    /// Our program could not do its job.
    Broken,
}

impl FailureKind {
    /// The exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Usage => exit::USAGE,
            Self::Refused => exit::REFUSED,
            Self::Unseen => exit::UNSEEN,
            Self::Broken => exit::BROKEN,
        }
    }
}

impl Failure {
    /// A failure without a cause.
    pub fn new(kind: FailureKind, what: impl Into<String>) -> Self {
        Self {
            kind,
            what: what.into(),
            cause: None,
            hints: Vec::new(),
        }
    }

    /// The same with a cause.
    #[must_use]
    pub fn because(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.cause = Some(Box::new(cause));
        self
    }

    /// What happened and why, in one line.
    pub(crate) fn in_words(&self) -> String {
        self.cause.as_ref().map_or_else(
            || self.what.clone(),
            |cause| format!("{}: {cause}", self.what),
        )
    }

    /// The same with one more hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause
            .as_ref()
            .map(|cause| &**cause as &(dyn Error + 'static))
    }
}

/// The failure of a call that only a defect of ours can make fail.
pub(crate) fn defect(error: serde_json::Error) -> Failure {
    Failure::new(FailureKind::Broken, "could not write a value as JSON").because(error)
}
