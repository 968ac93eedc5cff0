//! Members of what package registries serve: a wheel (ZIP), an sdist (tar,
//! gzipped), or either of them unpacked.

use crate::Outcome;
use flate2::read::{DeflateDecoder, GzDecoder};
use std::fs;
use std::io::Read as _;
use std::path::Path;

/// The files in `archive` whose path `wanted` accepts, as path and content.
pub(super) fn members(
    archive: &Path,
    wanted: &dyn Fn(&str) -> bool,
) -> Outcome<Vec<(String, Vec<u8>)>> {
    let place = |error: &dyn std::fmt::Display| format!("{}: {error}", archive.display());
    if archive.is_dir() {
        let mut found = Vec::new();
        walk(archive, archive, wanted, &mut found)?;
        return Ok(found);
    }
    let bytes = fs::read(archive).map_err(|error| place(&error))?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut tar = Vec::new();
        GzDecoder::new(bytes.as_slice()).read_to_end(&mut tar)?;
        tar_members(&tar, wanted).ok_or_else(|| place(&"not a tar archive").into())
    } else {
        zip_members(&bytes, wanted).ok_or_else(|| place(&"not a ZIP archive").into())
    }
}

fn walk(
    base: &Path,
    directory: &Path,
    wanted: &dyn Fn(&str) -> bool,
    found: &mut Vec<(String, Vec<u8>)>,
) -> Outcome<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(base, &path, wanted, found)?;
        } else if let Some(name) = path.strip_prefix(base)?.to_str()
            && wanted(name)
        {
            found.push((name.to_owned(), fs::read(&path)?));
        }
    }
    Ok(())
}

/// Reads the USTAR headers, 512 bytes each, and GNU or PAX long names.
fn tar_members(tar: &[u8], wanted: &dyn Fn(&str) -> bool) -> Option<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut long_name: Option<String> = None;
    while let Some(header) = tar.get(at..at + 512) {
        if header.iter().all(|byte| *byte == 0) {
            break;
        }
        let field = |range: std::ops::Range<usize>| -> Option<String> {
            let bytes = header.get(range)?;
            let end = bytes
                .iter()
                .position(|byte| *byte == 0)
                .unwrap_or(bytes.len());
            Some(String::from_utf8_lossy(bytes.get(..end)?).into_owned())
        };
        let size = usize::from_str_radix(field(124..136)?.trim(), 8).ok()?;
        let content = tar.get(at + 512..at + 512 + size)?;
        let kind = *header.get(156)?;
        let name = long_name.take().map_or_else(
            || {
                let (prefix, name) = (field(345..500)?, field(0..100)?);
                Some(if prefix.is_empty() {
                    name
                } else {
                    format!("{prefix}/{name}")
                })
            },
            Some,
        )?;
        match kind {
            b'L' => {
                let text = String::from_utf8_lossy(content);
                long_name = Some(text.trim_end_matches('\0').to_owned());
            }
            b'x' => long_name = pax_path(&String::from_utf8_lossy(content)),
            b'0' | 0 if wanted(&name) => found.push((name, content.to_vec())),
            _ => {}
        }
        at += 512 + size.div_ceil(512) * 512;
    }
    Some(found)
}

/// The `path` of a PAX header: lines of `length key=value`.
fn pax_path(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        line.split_once(' ')?
            .1
            .strip_prefix("path=")
            .map(str::to_owned)
    })
}

/// Reads the central directory of a ZIP archive and inflates what is wanted.
fn zip_members(zip: &[u8], wanted: &dyn Fn(&str) -> bool) -> Option<Vec<(String, Vec<u8>)>> {
    let short = |at: usize| {
        Some(usize::from(u16::from_le_bytes(
            zip.get(at..at + 2)?.try_into().ok()?,
        )))
    };
    let long =
        |at: usize| usize::try_from(u32::from_le_bytes(zip.get(at..at + 4)?.try_into().ok()?)).ok();
    // The end record is 22 bytes and a comment of at most 64 KiB.
    let earliest = zip.len().saturating_sub(22 + 0xffff);
    let end = (earliest..=zip.len().checked_sub(22)?)
        .rev()
        .find(|at| zip.get(*at..at + 4) == Some(b"PK\x05\x06"))?;
    let count = short(end + 10)?;
    let mut at = long(end + 16)?;
    let mut found = Vec::new();
    for _ in 0..count {
        if zip.get(at..at + 4)? != b"PK\x01\x02" {
            return None;
        }
        let (method, packed, full) = (short(at + 10)?, long(at + 20)?, long(at + 24)?);
        let (name_length, extra, comment) = (short(at + 28)?, short(at + 30)?, short(at + 32)?);
        let local = long(at + 42)?;
        let name = String::from_utf8_lossy(zip.get(at + 46..at + 46 + name_length)?).into_owned();
        at += 46 + name_length + extra + comment;
        if !wanted(&name) {
            continue;
        }
        let start = local + 30 + short(local + 26)? + short(local + 28)?;
        let content = zip.get(start..start + packed)?;
        let mut bytes = Vec::with_capacity(full);
        match method {
            0 => bytes.extend_from_slice(content),
            8 => {
                DeflateDecoder::new(content).read_to_end(&mut bytes).ok()?;
            }
            _ => return None,
        }
        found.push((name, bytes));
    }
    Some(found)
}
