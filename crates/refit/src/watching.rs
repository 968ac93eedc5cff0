//! Tells on standard error how far a long look has come, where a person sees it.

use refit_service::landscape::{Progress, Tally};
use std::io::{self, IsTerminal as _, Write};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// A look that is shorter than this needs no word: it is over before the line
/// could be read.
const SHORT: Duration = Duration::from_secs(1);

/// How often the line is written again: often enough to be seen moving, and
/// four lines a second go over any connection.
const EVERY: Duration = Duration::from_millis(250);

/// Waits for `work` while a line on the terminal tells what `tally` has come to;
/// `parts` is what its parts are called. The line is gone before this returns.
/// Where standard error is no terminal nothing is told.
pub(crate) async fn watched<T>(
    tally: &Tally,
    parts: &'static str,
    work: impl Future<Output = T>,
) -> T {
    let watch = io::stderr()
        .is_terminal()
        .then(|| Watch::begin(tally.clone(), parts, io::stderr(), SHORT));
    let done = work.await;
    drop(watch);
    done
}

/// A line that is written again and again until this is dropped.
struct Watch {
    end: Option<Sender<()>>,
    writer: Option<JoinHandle<()>>,
}

impl Watch {
    fn begin(
        tally: Tally,
        parts: &'static str,
        mut out: impl Write + Send + 'static,
        first: Duration,
    ) -> Self {
        let (end, ended) = channel::<()>();
        let writer = std::thread::spawn(move || {
            let mut wait = first;
            let mut is_dirty = false;
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                wait = EVERY;
                // Until something is asked for, a command that gives credentials
                // may be talking to the person.
                let progress = tally.progress();
                if progress.all_parts > 0 {
                    is_dirty = true;
                    drop(write!(out, "\r\x1b[K{}", line(progress, parts)));
                    drop(out.flush());
                }
            }
            if is_dirty {
                drop(write!(out, "\r\x1b[K"));
                drop(out.flush());
            }
        });
        Self {
            end: Some(end),
            writer: Some(writer),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(writer) = self.writer.take() {
            // What it could not write is nobody's failure.
            drop(writer.join());
        }
    }
}

/// At most 60 columns for any number below a thousand million.
fn line(progress: Progress, parts: &str) -> String {
    format!(
        "read {} objects, {} of {} {parts}",
        thousands(progress.objects),
        thousands(progress.parts),
        thousands(progress.all_parts)
    )
}

/// `12,345`
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (12_345, "12,345"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(thousands(number), expected);
        }
    }

    /// A terminal that hands on what is written to it.
    struct Screen(Sender<String>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            drop(self.0.send(String::from_utf8_lossy(bytes).into_owned()));
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_line_tells_how_far_it_is_and_goes_away() {
        let (screen, seen) = channel();
        let tally = Tally::default();
        tally.expect(44);
        tally.ended(17);
        tally.objects(12_345);
        let watch = Watch::begin(tally, "lists", Screen(screen), Duration::ZERO);
        let mut shown = String::new();
        while !shown.ends_with("lists") {
            shown += &seen.recv().unwrap();
        }
        assert_eq!(shown, "\r\x1b[Kread 12,345 objects, 17 of 44 lists");
        drop(watch);
        let rest: String = seen.iter().collect();
        assert!(rest.ends_with("\r\x1b[K"), "{rest:?}");
    }

    #[test]
    fn before_anything_is_asked_for_nothing_is_told() {
        let (screen, seen) = channel();
        drop(Watch::begin(
            Tally::default(),
            "lists",
            Screen(screen),
            Duration::ZERO,
        ));
        assert_eq!(seen.iter().collect::<String>(), "");
    }
}
