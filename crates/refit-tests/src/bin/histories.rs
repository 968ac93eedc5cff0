//! `cargo run --release -p refit-tests --bin histories -- COUNT [FIRST]`: plays
//! so many histories, from this seed on, and tells which seed broke a law. Of a
//! single one every event is told.

use refit_model::rehearsal::Ending;
use refit_tests::histories::{Defect, history};
use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// The history of a seed that broke a law is told, up to so many.
const TOLD: usize = 10;

fn main() -> io::Result<ExitCode> {
    let numbers: Option<Vec<u64>> = std::env::args()
        .skip(1)
        .map(|word| word.parse().ok())
        .collect();
    let (count, first) = match numbers.as_deref() {
        Some([count]) => (*count, 0),
        Some([count, first]) => (*count, *first),
        Some(_) | None => {
            writeln!(io::stderr(), "usage: histories COUNT [FIRST-SEED]")?;
            return Ok(ExitCode::from(2));
        }
    };
    let mut out = io::stdout();
    let mut broken = 0_usize;
    let mut endings: BTreeMap<&str, u64> = BTreeMap::new();
    let mut happened: BTreeMap<&str, u64> = BTreeMap::new();
    let mut events = 0_usize;
    for seed in first..first.saturating_add(count) {
        let told = history(seed, Defect::None);
        events += told.events.len();
        for what in told.happened {
            *happened.entry(what).or_default() += 1;
        }
        let ending = match &told.ending {
            None => "no end",
            Some(Ending::Succeeded) => "succeeded",
            Some(Ending::SucceededWithExceptions(_)) => "succeeded with exceptions",
            Some(Ending::Stopped(_)) => "given up",
        };
        *endings.entry(ending).or_default() += 1;
        if !told.broken.is_empty() {
            broken += 1;
            if broken <= TOLD {
                writeln!(out, "seed {seed}: {}", told.broken.join("; "))?;
            }
            if count == 1 {
                for event in &told.events {
                    writeln!(
                        out,
                        "{:>4} {} {} {}",
                        event.seq, event.event.at, event.event.actor, event.event.body
                    )?;
                }
            }
        }
    }
    writeln!(out, "{count} histories from seed {first}, {events} events")?;
    for (what, times) in endings.iter().chain(&happened) {
        writeln!(out, "  {what}: {times}")?;
    }
    writeln!(out, "{broken} broke a law")?;
    Ok(if broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
