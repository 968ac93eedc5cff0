//! A stand-in for the tools that upgrade projects: see `refit_tests::stand_in`.

use refit_tests::stand_in::{End, answer};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> io::Result<ExitCode> {
    let words: Vec<String> = std::env::args().collect();
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let Some(first) = words.first_mut() {
        // The name under which it was called is the tool that it stands for.
        *first = Path::new(*first)
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
    }
    let home = std::env::var_os("HOME")
        .map(PathBuf::from)
        .ok_or_else(|| io::Error::other("no HOME"))?;
    let mut input = String::new();
    io::stdin().read_to_string(&mut input)?;
    match answer(&home, &std::env::current_dir()?, &words, &input)? {
        End::Reply(reply) => {
            io::stdout().write_all(reply.out.as_bytes())?;
            io::stderr().write_all(reply.err.as_bytes())?;
            Ok(ExitCode::from(reply.code))
        }
        End::Killed => {
            let this = rustix::process::getpid();
            rustix::process::kill_process(this, rustix::process::Signal::KILL)?;
            Err(io::Error::other("it lives on"))
        }
    }
}
