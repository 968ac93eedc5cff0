//! Commands: argument lists, where they run, and what they read and write.
//!
//! A command is never a shell string; one argument can never become two. The
//! line that a person may paste is made from the list, with quotes where a
//! shell would read more than one word.

use crate::visible::hidden;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A command as a person would carry it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The host on which it runs; absent for where Refit runs.
    pub on: Option<Word>,
    /// The directory in which it runs.
    pub dir: Option<Word>,
    /// The program and its arguments.
    pub run: Vec<String>,
    /// What it reads from standard input.
    pub input: Option<String>,
    /// The file that its output goes to.
    pub output: Option<Word>,
}

impl Command {
    /// The command `run`, here, with nothing to read.
    #[must_use]
    pub fn of<T: Into<String>>(run: impl IntoIterator<Item = T>) -> Self {
        Self {
            on: None,
            dir: None,
            run: run.into_iter().map(Into::into).collect(),
            input: None,
            output: None,
        }
    }
}

impl fmt::Display for Command {
    /// The command as a line for a POSIX shell; several lines where it reads
    /// from its input.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(dir) = &self.dir {
            write!(f, "cd {} && ", line(&[dir.as_str()]))?;
        }
        let run: Vec<&str> = self.run.iter().map(String::as_str).collect();
        f.write_str(&line(&run))?;
        if let Some(output) = &self.output {
            write!(f, " > {}", line(&[output.as_str()]))?;
        }
        if let Some(input) = &self.input {
            // A word that stands alone on no line of the input.
            let mut end = "EOF".to_owned();
            while input.lines().any(|line| line == end) {
                end.push('F');
            }
            write!(f, " <<'{end}'\n{}\n{end}", input.trim_end_matches('\n'))?;
        }
        Ok(())
    }
}

/// Whether every shell reads `word` as itself, without quotes.
#[must_use]
pub fn is_plain(word: &str) -> bool {
    !word.is_empty()
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_./=:,+@%".contains(&b))
}

/// An argument list as a line for a POSIX shell: a word that a shell would read
/// as more than itself is quoted.
fn line(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| {
            if is_plain(word) {
                (*word).to_owned()
            } else {
                format!("'{}'", word.replace('\'', r"'\''"))
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// One argument of a command: any text without control characters, which would
/// not come through a terminal or a journal unharmed, and without others that
/// nobody sees: what a person approves is what they read.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
pub struct Word(String);

/// A program and its arguments: at least the program, and it is no flag.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "Vec<Word>", into = "Vec<Word>")]
pub struct Words(Vec<Word>);

/// Why texts are not what can be run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordError {
    /// It holds characters that nobody sees, or is longer than any system takes.
    #[error(
        "{0:?} cannot be an argument: it holds characters that nobody sees, or has more than {MOST} bytes"
    )]
    Unfit(String),
    /// No program is named.
    #[error("the first of the words must name a program")]
    NoProgram,
}

/// The longest single argument that Linux takes is 131,072 bytes
/// (`MAX_ARG_STRLEN`); a hundredth of that is more than any command here needs.
const MOST: usize = 1310;

impl Word {
    /// The word made of `text`.
    ///
    /// # Errors
    /// [`WordError::Unfit`] for texts with characters that nobody sees.
    pub fn new(text: impl Into<String>) -> Result<Self, WordError> {
        let text = text.into();
        if text.len() > MOST || hidden(&text).is_some() {
            return Err(WordError::Unfit(text.chars().take(64).collect()));
        }
        Ok(Self(text))
    }

    /// The word as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for Word {
    type Error = WordError;
    fn try_from(text: String) -> Result<Self, WordError> {
        Self::new(text)
    }
}

impl From<Word> for String {
    fn from(word: Word) -> Self {
        word.0
    }
}

impl Words {
    /// The command made of these texts.
    ///
    /// # Errors
    /// [`WordError`] when there is no program, or a word is unfit.
    pub fn new<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Result<Self, WordError> {
        let words: Vec<Word> = texts.into_iter().map(Word::new).collect::<Result<_, _>>()?;
        Self::try_from(words)
    }

    /// The program.
    #[must_use]
    pub fn program(&self) -> &str {
        self.0.first().map_or("", Word::as_str)
    }

    /// Every word, the program first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Word::as_str)
    }

    /// Every word as text, the program first.
    #[must_use]
    pub fn to_texts(&self) -> Vec<String> {
        self.iter().map(str::to_owned).collect()
    }
}

impl TryFrom<Vec<Word>> for Words {
    type Error = WordError;
    fn try_from(words: Vec<Word>) -> Result<Self, WordError> {
        match words.first() {
            Some(Word(program)) if !program.is_empty() && !program.starts_with('-') => {
                Ok(Self(words))
            }
            Some(_) | None => Err(WordError::NoProgram),
        }
    }
}

impl From<Words> for Vec<Word> {
    fn from(words: Words) -> Self {
        words.0
    }
}

impl fmt::Display for Words {
    /// The words as a line for a POSIX shell.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&line(&self.iter().collect::<Vec<_>>()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_could_not_be_run_are_refused() {
        assert!(Words::new(["helm", "list"]).is_ok());
        for refused in [
            &[][..],
            &["-rf"],
            &[""],
            &["a", "b\nc"],
            &["a", "b\u{1b}[0m"],
        ] {
            assert!(Words::new(refused.iter().copied()).is_err(), "{refused:?}");
        }
    }

    #[test]
    fn hostile_words_stay_one_word() {
        let command = Command::of(["kubectl", "cordon", "w;reboot", "it's", ""]);
        assert_eq!(
            command.to_string(),
            r"kubectl cordon 'w;reboot' 'it'\''s' ''"
        );
    }

    #[test]
    fn an_input_cannot_end_itself() {
        let command = Command {
            dir: Some(Word::new("/opt/x").unwrap()),
            input: Some("a\nEOF\nb\n".to_owned()),
            output: Some(Word::new("out file").unwrap()),
            ..Command::of(["cat"])
        };
        assert_eq!(
            command.to_string(),
            "cd /opt/x && cat > 'out file' <<'EOFF'\na\nEOF\nb\nEOFF"
        );
    }
}
