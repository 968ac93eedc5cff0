//! Lays objects out in a file and keeps the places of those to be found.

use super::kinds::Drawn;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// How a file holds its objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// YAML documents, one after another.
    Documents,
    /// The same, with the line ends of Windows.
    WindowsLines,
    /// One YAML document of kind `List`.
    List,
    /// One JSON value of kind `List`.
    Json,
}

/// A use of an API version that a reader must tell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Expected {
    /// The file.
    pub(crate) file: String,
    /// One-based line of the object's first key.
    pub(crate) line: usize,
    /// One-based column of it.
    pub(crate) column: usize,
    /// Such as `extensions/v1beta1`.
    pub(crate) api_version: String,
    /// Such as `Ingress`.
    pub(crate) kind: String,
    /// The object's name.
    pub(crate) name: String,
}

/// A file in the making.
pub(crate) struct Writer {
    layout: Layout,
    file: String,
    text: String,
    lines: usize,
    objects: usize,
    expected: Vec<Expected>,
}

impl Writer {
    pub(crate) fn new(layout: Layout, file: String) -> Self {
        let mut writer = Self {
            layout,
            file,
            text: String::new(),
            lines: 0,
            objects: 0,
            expected: Vec::new(),
        };
        match layout {
            Layout::Documents | Layout::WindowsLines => {}
            Layout::List => writer.lines_of("apiVersion: v1\nkind: List\nitems:\n", ""),
            Layout::Json => {
                writer.lines_of(
                    "{\n\"apiVersion\": \"v1\",\n\"kind\": \"List\",\n\"items\": [\n",
                    "",
                );
            }
        }
        writer
    }

    /// Adds one object; its first key is `apiVersion`.
    pub(crate) fn object(&mut self, drawn: &Drawn) {
        match self.layout {
            Layout::Documents | Layout::WindowsLines => {
                if self.objects > 0 {
                    self.lines_of("---\n", "");
                }
                if self.objects % 3 == 1 {
                    self.lines_of("# Managed by the platform team; see the runbook.\n", "");
                }
                self.expect(drawn, 1);
                self.lines_of(&drawn.yaml, "");
            }
            Layout::List => {
                self.expect(drawn, 3);
                let item = drawn.yaml.replacen("apiVersion", "- apiVersion", 1);
                let (first, rest) = item.split_once('\n').unwrap_or((&item, ""));
                self.lines_of(first, "");
                self.lines_of(rest, "  ");
            }
            Layout::Json => {
                if self.objects > 0 {
                    self.lines_of(",\n", "");
                }
                // Keys are sorted, and `apiVersion` is the first of all.
                let json = drawn.json();
                let (brace, rest) = json.split_once('\n').unwrap_or((&json, ""));
                self.lines_of(brace, "");
                self.expect(drawn, 3);
                self.lines_of(rest, "");
            }
        }
        self.objects += 1;
    }

    fn expect(&mut self, drawn: &Drawn, column: usize) {
        if drawn.is_expected {
            self.expected.push(Expected {
                file: self.file.clone(),
                line: self.lines + 1,
                column,
                api_version: drawn.api_version.to_owned(),
                kind: drawn.kind.to_owned(),
                name: drawn.name.clone(),
            });
        }
    }

    fn lines_of(&mut self, text: &str, indent: &str) {
        for line in text.split_inclusive('\n') {
            let end = match self.layout {
                Layout::WindowsLines => "\r\n",
                Layout::Documents | Layout::List | Layout::Json => "\n",
            };
            let content = line.trim_end_matches('\n');
            let indent = if content.is_empty() { "" } else { indent };
            // A String takes whatever is written to it.
            let _ = write!(self.text, "{indent}{content}{end}");
            self.lines += 1;
        }
    }

    /// The text and what is to be found in it.
    pub(crate) fn finish(mut self) -> (String, Vec<Expected>) {
        if self.layout == Layout::Json {
            self.lines_of("]\n}\n", "");
        }
        (self.text, self.expected)
    }
}
