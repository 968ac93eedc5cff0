//! The only place that prints. Data goes to standard output, everything else to
//! standard error; both are readable without colour.

use anstyle::{AnsiColor, Style};
use refit_model::visible::shown_but;
use refit_service::failure::{Failure, FailureKind};
use std::error::Error as _;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// What can keep output from being written.
pub(crate) type Written = io::Result<()>;

/// Red and bold, for what stands in the way.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// Yellow, for what somebody should read.
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
/// Green, for what is well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// Faint, for what is there when needed.
pub(crate) const DIM: Style = Style::new().dimmed();
/// Bold.
pub(crate) const BOLD: Style = Style::new().bold();

/// `text` in `style`; the stream drops the style where nobody can see it.
pub(crate) fn styled(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Data to standard output. A reader who has seen enough is no failure.
pub(crate) fn data(text: &str) -> Written {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// A line to standard error, where nothing is hidden. That it cannot be written is
/// nobody's failure.
pub(crate) fn note(text: &str) {
    let mut out = anstream::stderr().lock();
    drop(writeln!(out, "{}", shown_but(text, style_at)));
}

/// How many bytes at the beginning of `text` are a style of ours, or the end of a
/// line as calendars have it: what stands in files and names can carry none that
/// hides anything.
fn style_at(text: &str) -> usize {
    if text.starts_with("\r\n") {
        return 1;
    }
    const OURS: [&str; 6] = [
        "\u{1b}[0m",
        "\u{1b}[1m",
        "\u{1b}[2m",
        "\u{1b}[31m",
        "\u{1b}[32m",
        "\u{1b}[33m",
    ];
    let found = OURS.iter().find(|style| text.starts_with(**style));
    found.map_or(0, |style| style.len())
}

/// Where a command leaves what it makes: by name, or `-` for standard output, as
/// every other command line has it.
#[derive(Clone, Debug)]
pub(crate) enum Destination {
    StandardOutput,
    File(PathBuf),
}

impl From<OsString> for Destination {
    fn from(name: OsString) -> Self {
        if name == "-" {
            Self::StandardOutput
        } else {
            Self::File(name.into())
        }
    }
}

/// Data to where it belongs.
pub(crate) fn deliver(text: &str, destination: &Destination) -> Result<(), Failure> {
    match destination {
        Destination::File(path) => deliver_bytes(text.as_bytes(), path),
        Destination::StandardOutput => data(text).map_err(|error| {
            Failure::new(FailureKind::Broken, "could not write to standard output").because(error)
        }),
    }
}

/// Text for people to where it belongs: what is hidden in it is written out.
pub(crate) fn prose(text: &str, destination: &Destination) -> Result<(), Failure> {
    deliver(&shown_but(text, style_at), destination)
}

/// Bytes to a file.
pub(crate) fn deliver_bytes(bytes: &[u8], path: &Path) -> Result<(), Failure> {
    let was_there = path.is_file();
    std::fs::write(path, bytes).map_err(|error| {
        Failure::new(
            FailureKind::Usage,
            format!("could not write {}", path.display()),
        )
        .because(error)
        .hint("name a file in a folder that is there and that you may write to")
    })?;
    let over = if was_there {
        ", over what was there"
    } else {
        ""
    };
    note(&format!("wrote {}{over}", path.display()));
    Ok(())
}

/// Refuses to write over a file that is read for what is written.
pub(crate) fn apart(
    destination: &Destination,
    read: impl IntoIterator<Item: AsRef<Path>>,
) -> Result<(), Failure> {
    let Destination::File(path) = destination else {
        return Ok(());
    };
    // What cannot be found is not there to be written over.
    let Ok(place) = path.canonicalize() else {
        return Ok(());
    };
    let is_read = read
        .into_iter()
        .any(|read| read.as_ref().canonicalize().is_ok_and(|read| read == place));
    if is_read {
        return Err(Failure::new(
            FailureKind::Usage,
            format!(
                "{} is read for this, and would be written over",
                path.display()
            ),
        )
        .hint("name another file for the result"));
    }
    Ok(())
}

/// A failure with its chain, once, and the hints.
pub(crate) fn failure(failure: &Failure) {
    note(&format!("{} {failure}", styled(BAD, "error:")));
    let mut cause = failure.source();
    while let Some(error) = cause {
        for (place, line) in error.to_string().lines().enumerate() {
            let lead = if place == 0 { "because: " } else { "         " };
            note(&format!("  {lead}{line}"));
        }
        cause = error.source();
    }
    for hint in &failure.hints {
        note(&format!("{} {hint}", styled(DIM, "hint:")));
    }
}

/// The width to write for: the terminal's, within what can be read.
pub(crate) fn width() -> usize {
    let told = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok());
    let columns = told.unwrap_or_else(|| {
        terminal_size::terminal_size().map_or(100, |(columns, _)| usize::from(columns.0))
    });
    columns.clamp(40, 120)
}

/// `text` broken at blanks so that no line is longer than `width`, each line
/// after `indent` blanks. A word longer than a line is left whole: paths and
/// commands must stay copyable.
pub(crate) fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let room = width.saturating_sub(indent).max(20);
    let lead = " ".repeat(indent);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
        .iter()
        .map(|line| format!("{lead}{line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_hidden_from_people() {
        let line = format!("{} a\u{202e}b \u{1b}[8mc", styled(BAD, "error:"));
        assert_eq!(
            shown_but(&line, style_at),
            format!("{} a\\u{{202e}}b \\u{{1b}}[8mc", styled(BAD, "error:"))
        );
        assert_eq!(shown_but("a\r\nb\rc", style_at), "a\r\nb\\u{d}c");
        for style in [BAD, WARN, GOOD, DIM, BOLD] {
            let styled = styled(style, "x");
            assert_eq!(shown_but(&styled, style_at), styled);
        }
    }

    #[test]
    fn long_texts_are_broken_and_long_words_are_not() {
        assert_eq!(
            wrapped("one two three four five six", 2, 22),
            "  one two three four\n  five six"
        );
        assert_eq!(
            wrapped("a https://example.invalid/a/very/long/path b", 0, 20),
            "a\nhttps://example.invalid/a/very/long/path\nb"
        );
    }
}
