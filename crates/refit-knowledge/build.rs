//! Packs the fact files into one blob, each compressed by itself, so that a
//! command which needs one family does not pay for the others.
//!
//! Packed is every table below `knowledge/` that the binary answers from. What
//! only proves or derives facts stays outside: `second-sources/`, and the tables
//! of what an extraction got wrong.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script is an edge: cargo tells it by the environment where to read and write"
)]

use flate2::{Compression, write::DeflateEncoder};
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Endings of tables that direct or correct an extraction, and are read by it
/// alone.
const OF_EXTRACTIONS: [&str; 3] = ["-corrections.csv", "-left-out.csv", "go-modules.csv"];

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../knowledge");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut paths = Vec::new();
    tables(&root, &mut paths)?;
    paths.sort();
    let (mut blob, mut index) = (Vec::new(), String::from("&[\n"));
    for path in paths {
        let name = path
            .strip_prefix(&root)?
            .to_str()
            .ok_or("the name of a fact file is not UTF-8")?
            .replace('\\', "/");
        let text = fs::read(&path)?;
        let start = blob.len();
        // Level 9: a build pays once, every download and start gains.
        let mut encoder = DeflateEncoder::new(&mut blob, Compression::best());
        encoder.write_all(&text)?;
        encoder.finish()?;
        writeln!(
            index,
            "    Packed {{ path: {name:?}, start: {start}, end: {}, length: {} }},",
            blob.len(),
            text.len()
        )?;
    }
    index.push(']');
    fs::write(out.join("knowledge.blob"), blob)?;
    fs::write(out.join("knowledge.rs"), index)?;
    Ok(())
}

fn tables(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if path.is_dir() {
            if name != "second-sources" {
                tables(&path, paths)?;
            }
        } else if name.ends_with(".csv") && !OF_EXTRACTIONS.iter().any(|end| name.ends_with(end)) {
            println!("cargo::rerun-if-changed={}", path.display());
            paths.push(path);
        }
    }
    Ok(())
}
