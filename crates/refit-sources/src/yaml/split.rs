//! Where one document ends and the next begins, as Kubernetes cuts them.
//!
//! Kubernetes cuts a stream of text at lines that hold `---`, alone or followed by
//! a comment, before any YAML is read (apimachinery v0.36.0,
//! `pkg/util/yaml/decoder.go`, `YAMLReader.Read`); it refuses a line that has
//! anything else behind `---`. YAML itself ends a document at the same lines,
//! also inside a block or a quoted text, so nothing is torn apart by it.

/// One piece of a file between two cuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment<'a> {
    /// Its bytes.
    pub(super) bytes: &'a [u8],
    /// The one-based line it begins at.
    pub(super) line: u32,
}

/// The pieces of `bytes`, without those that hold nothing but white space.
pub(super) fn segments(bytes: &[u8]) -> impl Iterator<Item = Segment<'_>> {
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
        let begin = self.line;
        let mut end = 0;
        let mut directives_only = Directives::None;
        while let Some(line) = self.rest.get(end..).filter(|rest| !rest.is_empty()) {
            let length = line
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(line.len(), |at| at + 1);
            let (line, _) = line.split_at(length);
            self.line = self.line.saturating_add(1);
            if is_cut(line) && directives_only != Directives::Only {
                let segment = self.rest.get(..end).unwrap_or_default();
                self.rest = self.rest.get(end + length..).unwrap_or_default();
                return Some(Segment {
                    bytes: segment,
                    line: begin,
                });
            }
            directives_only = directives_only.and(line);
            end += length;
        }
        let segment = self.rest;
        self.rest = &[];
        Some(Segment {
            bytes: segment,
            line: begin,
        })
    }
}

/// Whether a piece has held directives (`%YAML 1.1`) and nothing else: they
/// belong to the document that the following `---` begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Directives {
    None,
    Only,
    AndContent,
}

impl Directives {
    fn and(self, line: &[u8]) -> Self {
        match (self, line.first()) {
            (Self::AndContent, _) => Self::AndContent,
            (Self::None | Self::Only, Some(b'%')) => Self::Only,
            (Self::None | Self::Only, _)
                if line.trim_ascii().is_empty() || line.starts_with(b"#") =>
            {
                self
            }
            (Self::None | Self::Only, _) => Self::AndContent,
        }
    }
}

fn is_cut(line: &[u8]) -> bool {
    line.strip_prefix(b"---").is_some_and(|rest| {
        let rest = rest.trim_ascii();
        rest.is_empty() || rest.starts_with(b"#")
    })
}
