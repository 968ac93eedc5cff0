//! Where one document ends and the next begins, as Kubernetes cuts them.
//!
//! Kubernetes cuts a stream of text at lines that hold `---`, alone or followed by
//! a comment, before any YAML is read (apimachinery v0.36.0,
//! `pkg/util/yaml/decoder.go`, `YAMLReader.Read`); it refuses a line that has
//! anything else behind `---`. YAML itself ends a document at the same lines,
//! also inside a block or a quoted text, so nothing is torn apart by it.

use memchr::{memchr, memchr_iter, memmem};

/// One piece of a file between two cuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment<'a> {
    /// Its bytes.
    pub(crate) bytes: &'a [u8],
    /// The one-based line it begins at.
    pub(crate) line: u32,
}

/// The pieces of `bytes`, without those that hold nothing but white space.
pub(crate) fn segments(bytes: &[u8]) -> impl Iterator<Item = Segment<'_>> {
    // A byte order mark is no content.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut cuts = Cuts {
        rest: bytes,
        line: 1,
    };
    std::iter::from_fn(move || cuts.next_segment())
        .filter(|segment| !segment.bytes.trim_ascii().is_empty())
}

struct Cuts<'a> {
    rest: &'a [u8],
    line: u32,
}

impl<'a> Cuts<'a> {
    fn next_segment(&mut self) -> Option<Segment<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let (bytes, cut) = match self.cut() {
            Some((begin, end)) => (self.rest.get(..begin)?, self.rest.get(begin..end)?),
            None => (self.rest, &[][..]),
        };
        self.rest = self.rest.get(bytes.len() + cut.len()..)?;
        let segment = Segment {
            bytes,
            line: self.line,
        };
        let lines = memchr_iter(b'\n', bytes).count() + usize::from(!cut.is_empty());
        self.line = self
            .line
            .saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        Some(segment)
    }

    /// Where the next line that cuts begins and ends.
    fn cut(&self) -> Option<(usize, usize)> {
        let mut from = 0;
        loop {
            let rest = self.rest.get(from..)?;
            let begin = if from == 0 && rest.starts_with(b"---") {
                0
            } else {
                from + memmem::find(rest, b"\n---")? + 1
            };
            let line = self.rest.get(begin..)?;
            let length = memchr(b'\n', line).map_or(line.len(), |at| at + 1);
            let before = self.rest.get(..begin)?;
            if is_cut(line.get(..length)?) && !holds_directives_only(before) {
                return Some((begin, begin + length));
            }
            // The end of this line may be what begins the next cut.
            from = begin + 3;
        }
    }
}

/// Whether a piece holds directives (`%YAML 1.1`) and nothing else: they belong
/// to the document that the following `---` begins.
fn holds_directives_only(piece: &[u8]) -> bool {
    let mut has_directive = false;
    for line in piece.split(|byte| *byte == b'\n') {
        match line.first() {
            Some(b'%') => has_directive = true,
            _ if line.trim_ascii().is_empty() || line.starts_with(b"#") => {}
            _ => return false,
        }
    }
    has_directive
}

fn is_cut(line: &[u8]) -> bool {
    line.strip_prefix(b"---").is_some_and(|rest| {
        let rest = rest.trim_ascii();
        rest.is_empty() || rest.starts_with(b"#")
    })
}
