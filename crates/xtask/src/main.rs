//! Generates what is derived, and verifies that what is checked in is current.
//!
//! Run as `cargo xtask <command>`. Nobody ships this.

mod corpus;
mod examples;
mod knowledge;
mod pages;
mod path;
mod plan;
mod scan;
mod schemas;
mod transitions;

use std::error::Error;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

/// What every task comes to.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const USAGE: &str = "\
usage: cargo xtask <command>

commands:
  bench-path         measure finding a path
  bench-plan         measure making and reviewing a plan for 1,000 nodes
  bench-scan         measure reading a corpus, beside pluto
  bench-transitions  measure recording a run, beside bare transactions
  corpus             write many manifests to measure reading with
  codes              write the pages of all codes, or with --check compare them
  examples           write the example clusters, or with --check compare them
  knowledge          derive fact files from upstream sources, or verify them
  schemas            write the JSON Schemas of all files, or with --check compare them";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.split_first() {
        Some((command, rest)) if command == "examples" => {
            examples::run(&root(), rest).map_err(Into::into)
        }
        Some((command, [])) if command == "bench-path" => path::run(),
        Some((command, [])) if command == "bench-plan" => plan::run(),
        Some((command, rest)) if command == "bench-scan" => scan::run(rest),
        Some((command, rest)) if command == "bench-transitions" => transitions::run(rest),
        Some((command, rest)) if command == "corpus" => corpus::run(rest),
        Some((command, rest)) if command == "codes" => pages::run(rest),
        Some((command, rest)) if command == "schemas" => schemas::run(rest),
        Some((command, rest)) if command == "knowledge" => knowledge::run(rest),
        Some(_) | None => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to do where even this cannot be written.
            drop(writeln!(std::io::stderr(), "{error}"));
            ExitCode::FAILURE
        }
    }
}

/// The root of the source tree.
fn root() -> PathBuf {
    // This crate is crates/xtask, two levels below.
    let mut path = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    path.pop();
    path.pop();
    path
}

/// Tells the person at the terminal.
fn say(text: &str) -> Outcome<()> {
    writeln!(std::io::stdout(), "{text}")?;
    Ok(())
}
