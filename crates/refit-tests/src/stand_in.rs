//! Stand-ins for the tools that upgrade projects: one program under the names of
//! all of them, which keeps a small landscape in the home directory, so that a
//! look shows what an act before it did.
//!
//! What it is not made for it refuses with exit code 64 and changes nothing. Every
//! call is written down, and what changed the landscape apart from it.

pub mod cluedin;

use cluedin::Site;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// Where the landscape is kept, and the calls.
const KEPT: &str = "landscape.json";
const CALLS: &str = "calls";

/// What a program says, and how it ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// Its exit code.
    pub code: u8,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl Reply {
    pub(crate) fn prints(out: impl Into<String>) -> Self {
        Self {
            out: out.into(),
            ..Self::default()
        }
    }

    pub(crate) fn fails(code: u8, err: impl Into<String>) -> Self {
        Self {
            code,
            err: err.into(),
            ..Self::default()
        }
    }
}

/// How a call goes wrong, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Way {
    /// It ends with 1 and has done nothing.
    Refuses,
    /// It does what it is for, and ends with 1.
    FailsBehind,
    /// It does what it is for, and is killed before it ends.
    Dies,
    /// It ends with 0 and has done nothing.
    Boasts,
}

/// A call that goes wrong, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The call: the program and its arguments, with blanks between them.
    pub call: String,
    /// How.
    pub way: Way,
}

/// A landscape, and what is to go wrong in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// The landscape.
    pub site: Site,
    /// What is to go wrong.
    pub faults: Vec<Fault>,
}

impl Kept {
    /// What is kept in `home`.
    ///
    /// # Errors
    /// When nothing is, or no landscape.
    pub fn read(home: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(home.join(KEPT))?;
        serde_json::from_str(&text).map_err(io::Error::other)
    }

    /// Keeps it in `home`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, home: &Path) -> io::Result<()> {
        let text = serde_json::to_string(self).map_err(io::Error::other)?;
        fs::write(home.join(KEPT), text)
    }
}

/// The calls that were made in `home`, in order.
///
/// # Errors
/// When they cannot be read.
pub fn calls(home: &Path) -> io::Result<Vec<String>> {
    let text = fs::read_to_string(home.join(CALLS))?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// How a call ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself.
    Reply(Reply),
    /// By a signal.
    Killed,
}

/// Answers one call. Relative paths among `words` are from `here`.
///
/// # Errors
/// When the landscape cannot be read or written.
pub fn answer(home: &Path, here: &Path, words: &[&str], input: &str) -> io::Result<End> {
    let call = words.join(" ");
    let mut log = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(home.join(CALLS))?;
    writeln!(log, "{call}")?;
    let mut kept = Kept::read(home)?;
    let way = kept
        .faults
        .iter()
        .position(|fault| fault.call == call)
        .map(|place| kept.faults.remove(place).way);
    let end = match way {
        Some(Way::Refuses) => End::Reply(Reply::fails(1, "error: the connection was reset")),
        Some(Way::Boasts) => End::Reply(Reply::default()),
        None | Some(Way::FailsBehind | Way::Dies) => {
            let reply = kept.site.answer(words, here, input).unwrap_or_else(|| {
                Reply::fails(64, format!("{call}: nobody told the stand-in what that is"))
            });
            match way {
                Some(Way::Dies) => End::Killed,
                Some(Way::FailsBehind) => End::Reply(Reply {
                    code: 1,
                    err: "error: context deadline exceeded".to_owned(),
                    ..reply
                }),
                None | Some(Way::Refuses | Way::Boasts) => End::Reply(reply),
            }
        }
    };
    kept.write(home)?;
    Ok(end)
}
