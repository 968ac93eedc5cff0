//! The page that every code has.
//!
//! A room that makes codes keeps a table of these; the pages in `docs/codes/`
//! are generated from the tables, so that a code without a page cannot exist.

pub use crate::review::Code;

/// What the page of one code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodePage {
    /// The code.
    pub code: Code,
    /// One line.
    pub title: &'static str,
    /// What it means, and how it is found.
    pub means: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
    /// What holds until then, or eases it meanwhile; empty where nothing does.
    pub mitigation: &'static str,
    /// Where the rule comes from: project, file or page, version.
    pub source: &'static str,
}
