//! Files from which other tools make manifests.
//!
//! `deployment.yaml.j2` and `shop.jsonnet` are programs: what they make depends on
//! values that stand elsewhere. Such a file is never dropped and never guessed at:
//! where it could make objects it is a gap that names it. Charts are told of by
//! [`chart`](crate::chart), which knows the command that renders them.

use crate::archive;
use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// What makes manifests of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tool {
    /// Jinja, as Ansible runs it.
    Jinja,
    /// Go's templates, which many programs fill in.
    GoTemplate,
    /// ERB, of Puppet and others.
    Erb,
    /// Jsonnet.
    Jsonnet,
    /// CUE.
    Cue,
}

/// The endings of files that a tool makes manifests of.
const ENDINGS: [(&str, Tool); 10] = [
    ("j2", Tool::Jinja),
    ("jinja", Tool::Jinja),
    ("jinja2", Tool::Jinja),
    ("tpl", Tool::GoTemplate),
    ("tmpl", Tool::GoTemplate),
    ("gotmpl", Tool::GoTemplate),
    ("erb", Tool::Erb),
    ("jsonnet", Tool::Jsonnet),
    ("libsonnet", Tool::Jsonnet),
    ("cue", Tool::Cue),
];

impl Tool {
    /// What makes manifests of the file called `name`, by its ending. Parts that
    /// others take in (`_helpers.tpl`) make nothing by themselves, and what has
    /// another ending below (`README.md.j2`) makes no manifest.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let path = archive::path_inside(name);
        let file = path.rsplit(['/', '\\']).next()?;
        let (stem, ending) = file.rsplit_once('.')?;
        let (_, tool) = ENDINGS
            .into_iter()
            .find(|(known, _)| ending.eq_ignore_ascii_case(known))?;
        let is_object = match stem.rsplit_once('.') {
            None => true,
            Some((_, below)) => ["yaml", "yml", "json"]
                .iter()
                .any(|known| below.eq_ignore_ascii_case(known)),
        };
        // What is made of these is known by what stands in them, not by a name.
        let is_language = matches!(tool, Self::Jsonnet | Self::Cue);
        (!file.starts_with('_') && (is_object || is_language)).then_some(tool)
    }

    /// Whether the text could make objects: it names what every object has, or takes
    /// in others.
    pub(crate) fn may_make_objects(bytes: &[u8]) -> bool {
        // The words are fixed and few, so that the automaton is small.
        #[expect(clippy::expect_used, reason = "a few short words always compile")]
        static WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| {
            crate::words::any_of([
                "apiVersion",
                "{% include",
                "{%- include",
                "{% import",
                "{% extends",
                "{{ include",
                "{{- include",
                "{{ template",
                "{{- template",
                "{{ lookup",
            ])
            .expect("a few short words")
        });
        WORDS.is_match(bytes)
    }

    /// Where the first place is that the tool fills in. A file without one says what
    /// it means, unless it is written in a language of the tool's own.
    pub(crate) fn first_action(self, bytes: &[u8]) -> Option<usize> {
        let marks: &[&[u8; 2]] = match self {
            Self::Jinja => &[b"{{", b"{%"],
            Self::GoTemplate => &[b"{{"],
            Self::Erb => &[b"<%"],
            Self::Jsonnet | Self::Cue => return Some(0),
        };
        bytes
            .windows(2)
            .position(|pair| marks.iter().any(|mark| mark.as_slice() == pair))
    }

    /// Why it is not read.
    pub(crate) const fn why(self) -> &'static str {
        match self {
            Self::Jinja => "it is a template of Jinja, and nobody has rendered it",
            Self::GoTemplate => "it is a template of Go, and nobody has rendered it",
            Self::Erb => "it is a template of ERB, and nobody has rendered it",
            Self::Jsonnet => "it is a program in Jsonnet, and nobody has run it",
            Self::Cue => "it is a program in CUE, and nobody has run it",
        }
    }

    /// The command that shows what it makes, where there is one for every file.
    pub(crate) const fn command(self) -> Option<&'static str> {
        match self {
            Self::Jinja | Self::GoTemplate | Self::Erb => None,
            Self::Jsonnet => Some("jsonnet"),
            Self::Cue => Some("cue export"),
        }
    }
}

/// Whether a folder is searched for files of this name because a tool makes
/// manifests of them.
#[must_use]
pub fn is_unrendered(name: &str) -> bool {
    Tool::of(name).is_some()
}
