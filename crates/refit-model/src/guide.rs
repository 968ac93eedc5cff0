//! A guide as it was read: what somebody would paste from it, word for word,
//! and where each word stands.
//!
//! Lines are kept as they are in the file, cut into what belongs to the page
//! (the indent of a list, the mark of a quotation) and what would be pasted.
//! Places inside a snippet are a line and characters of what would be pasted;
//! [`Line::column`] makes a column of the file of them.

use std::collections::BTreeSet;
use std::fmt;

/// The last character of a line that something may reach to, so that it is looked
/// at: a command that somebody wrote is shorter, what is longer is data, and to
/// look at one place far behind costs as much as all that stands before it.
pub const FARTHEST: usize = 4096;

/// A guide, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guide {
    /// What can be pasted, in the order of the page.
    pub snippets: Vec<Snippet>,
    /// Every line that is not in a snippet.
    pub prose: Vec<Line>,
    /// The links of lists, in the order of the page.
    pub steps: Vec<Link>,
    /// What of it was left out, and the number of the line.
    pub omitted: BTreeSet<(Omission, u32)>,
}

/// Why a part of a guide was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Omission {
    /// It reaches behind character [`FARTHEST`] of its line.
    FarBehind,
    /// It is in more directives than are followed.
    TooDeep,
}

/// Something that can be pasted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// What it is written for.
    pub language: Language,
    /// Its lines.
    pub lines: Vec<Line>,
    /// The commands in it.
    pub commands: Vec<Command>,
    /// The keys in it, where it is YAML.
    pub settings: Vec<Setting>,
}

/// What a snippet is written for, as its page says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// A POSIX shell.
    Shell,
    /// What a terminal showed: commands behind prompts, and what they printed.
    Session,
    /// PowerShell.
    PowerShell,
    /// The page does not say.
    Unnamed,
    /// A few words in a sentence.
    Inline,
    /// YAML.
    Yaml,
}

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number, from one.
    pub number: u32,
    /// How many characters stand in it before what would be pasted.
    pub before: usize,
    /// Those of them that a further line of the snippet needs too: the indent of a
    /// list, the mark of a quotation.
    pub lead: String,
    /// What would be pasted.
    pub text: String,
}

impl Line {
    /// The column, from one and in characters, of the character `at` of the text.
    #[must_use]
    pub fn column(&self, at: usize) -> u32 {
        let column = self.before.saturating_add(at);
        u32::try_from(column).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// How many characters the text has.
    #[must_use]
    pub fn length(&self) -> usize {
        self.text.chars().count()
    }
}

/// Characters of one line of a snippet: from, and up to but without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Which line of the snippet, from nought.
    pub line: usize,
    /// The first character, from nought.
    pub from: usize,
    /// The one after the last.
    pub to: usize,
}

/// A simple command: a program and what it is called with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its words, prompts left out.
    pub words: Vec<Word>,
    /// Which of the words is the program: assignments, `sudo` and the like stand
    /// before it.
    pub program: usize,
    /// The prompt in front of it.
    pub prompt: Option<Span>,
    /// Where its lines do not hold together.
    pub breaks: Vec<Break>,
    /// The here-documents that it reads.
    pub here: Vec<HereDocument>,
    /// A quotation mark that nothing closes.
    pub unclosed: Option<Span>,
}

impl Command {
    /// The name of the program.
    #[must_use]
    pub fn name(&self) -> &str {
        self.words
            .get(self.program)
            .map_or("", |word| word.text.as_str())
    }

    /// What the program is called with: redirections and their targets are not.
    pub fn arguments(&self) -> impl Iterator<Item = &Word> {
        let after = self.words.iter().skip(self.program.saturating_add(1));
        after.filter(|word| !matches!(word.shape, Shape::Redirection | Shape::Target))
    }
}

/// A word as the shell would hand it over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Without its quotation marks.
    pub text: String,
    /// Where it stands; of one that goes over several lines, its first part.
    pub span: Span,
    /// What it is to the shell.
    pub shape: Shape,
}

/// What a word is to the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Handed over as it stands.
    Plain,
    /// Quotation marks or a mark that takes a meaning away are in it.
    Quoted,
    /// The shell puts something in its place.
    Expanded,
    /// `<...>`: for a person to be filled in.
    Placeholder,
    /// `>`, `2>&1` and the like.
    Redirection,
    /// What a redirection leads to.
    Target,
}

/// Where the lines of a command do not hold together, though they are meant to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// Nothing at the end of a line says that it goes on; the end.
    Missing(Span),
    /// Blanks stand behind the mark; mark and blanks.
    BlankBehind(Span),
    /// The mark is that of another shell; the mark.
    OtherShell(Span),
    /// An empty line or a comment stands between; that line.
    Between(Span),
}

/// A here-document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HereDocument {
    /// The operator and the word that ends it.
    pub opens: Span,
    /// That word.
    pub end: String,
    /// Whether tabs may stand before it there: `<<-`.
    pub strips_tabs: bool,
    /// How it ends.
    pub ended: Ended,
}

/// How a here-document ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By its word, alone on a line.
    Well,
    /// By a line that has blanks beside the word, which ends nothing; that line.
    Crooked(Span),
    /// Not in this snippet.
    Nowhere,
}

/// One key of YAML, and what it is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The key.
    pub key: String,
    /// Where it stands.
    pub span: Span,
    /// Which setting it stands below.
    pub parent: Option<usize>,
    /// Its value, where that is one word or text on one line.
    pub value: Option<Scalar>,
}

/// A value of YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// As it reads without quotation marks.
    pub text: String,
    /// Where it stands.
    pub span: Span,
    /// Whether it has quotation marks, so that it is text.
    pub is_quoted: bool,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it leads.
    pub target: String,
    /// The line that it is in, and where in it.
    pub line: Line,
}

impl Snippet {
    /// The line that `span` is in.
    #[must_use]
    pub fn line(&self, span: Span) -> Option<&Line> {
        self.lines.get(span.line)
    }

    /// The characters of `span`.
    #[must_use]
    pub fn text(&self, span: Span) -> String {
        let line = self.line(span).map_or("", |line| line.text.as_str());
        let length = span.to.saturating_sub(span.from);
        line.chars().skip(span.from).take(length).collect()
    }

    /// The keys from the outermost to setting `at`.
    #[must_use]
    pub fn path(&self, at: usize) -> Vec<&str> {
        let mut path = Vec::new();
        let mut next = Some(at);
        while let Some(setting) = next.and_then(|at| self.settings.get(at)) {
            path.push(setting.key.as_str());
            next = setting.parent;
        }
        path.reverse();
        path
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shell => "shell",
            Self::Session => "session",
            Self::PowerShell => "PowerShell",
            Self::Unnamed => "unnamed",
            Self::Inline => "inline",
            Self::Yaml => "YAML",
        })
    }
}
