//! Archives: `.tar`, `.tar.gz` and the packages of Helm charts, member by member.
//!
//! Nothing is written anywhere: a member is read into memory, handed on, and
//! dropped. Links, devices and paths that climb are never followed; what is
//! passed over and could hold objects is told.

use crate::inflate;
use crate::unrendered::Tool;
use crate::walk::beginning;
use flate2::read::MultiGzDecoder;
use refit_model::object::Location;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::rc::Rc;

/// The most that an archive may unpack to: as much as a packed file may.
pub const LARGEST_ARCHIVE: u64 = 1 << 30;

/// The most members of one archive that are looked at. The dump of a cluster of
/// 5,000 nodes has a few thousand, a package of charts a few hundred.
pub const MOST_MEMBERS: usize = 50_000;

/// The most that may stand before a member: its header, and its name where that
/// is too long for the header.
pub const LARGEST_HEADER: u64 = 64 << 10;

/// The longest path of a member, as on Linux (`PATH_MAX`).
pub const LONGEST_PATH: usize = 4096;

/// How deep archives may hold archives: a package may hold packed subcharts.
pub const MOST_ARCHIVES: usize = 2;

/// Stands between the archive and the path in it, as in `dump.tgz » nodes.json`.
pub(crate) const INSIDE: &str = " » ";

/// The endings of the members that are read.
const ENDINGS: [&str; 8] = ["yaml", "yml", "json", "jsonl", "ndjson", "gz", "tgz", "tar"];

/// What is in a file.
pub(crate) enum Part<'a> {
    /// A file, or the file itself when it is no archive: its name and contents.
    File(&'a str, &'a [u8]),
    /// What cannot be read, and why.
    Unread(Location, String),
}

/// The path of a file without the archives that it is in.
pub(crate) fn path_inside(name: &str) -> &str {
    name.rsplit(INSIDE).next().unwrap_or(name)
}

/// Hands on what the file called `name` holds: its members when it is an
/// archive, else itself.
pub(crate) fn open(name: &str, bytes: &[u8], take: &mut dyn FnMut(Part<'_>)) {
    let left = Rc::new(Cell::new(LARGEST_ARCHIVE));
    inside(name, bytes, 1, &left, take);
}

/// Opens what may be the `depth`th archive of a nest. All of them share `left`.
fn inside(
    name: &str,
    bytes: &[u8],
    depth: usize,
    left: &Rc<Cell<u64>>,
    take: &mut dyn FnMut(Part<'_>),
) {
    let is_packed = inflate::is_gzip(bytes);
    let mut head = Vec::new();
    if is_packed {
        let read = MultiGzDecoder::new(bytes).take(512).read_to_end(&mut head);
        if read.is_err() {
            // What is damaged is told by whoever reads all of it.
            head.clear();
        }
    } else {
        head.extend(bytes.iter().take(512));
    }
    if !is_archive(name, &head) {
        return take(Part::File(name, bytes));
    }
    if depth > MOST_ARCHIVES {
        let why = format!("archives are nested more than {MOST_ARCHIVES} deep");
        return take(Part::Unread(beginning(name), why));
    }
    if is_packed {
        members(name, MultiGzDecoder::new(bytes), depth, left, take);
    } else {
        members(name, bytes, depth, left, take);
    }
}

/// Whether the file is an archive: by the word that POSIX and GNU put into every
/// header, or by its name.
fn is_archive(name: &str, head: &[u8]) -> bool {
    let ends = |ending: &str| {
        let begin = name.len().saturating_sub(ending.len());
        name.get(begin..)
            .is_some_and(|end| end.eq_ignore_ascii_case(ending))
    };
    head.get(257..262) == Some(b"ustar") || [".tar", ".tgz", ".tar.gz"].into_iter().any(ends)
}

/// Reads no more than what is left, of this step and of all.
struct Bounded<R> {
    inner: R,
    /// For the step that is under way.
    step: Rc<Cell<u64>>,
    /// For everything.
    left: Rc<Cell<u64>>,
    /// How many zeros were read last.
    zeros: Rc<Cell<usize>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = self.step.get().min(self.left.get());
        if most == 0 && !into.is_empty() {
            let why = if self.left.get() == 0 {
                format!("it unpacks to more than {} MiB", LARGEST_ARCHIVE >> 20)
            } else {
                format!("a header is larger than {} KiB", LARGEST_HEADER >> 10)
            };
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
        }
        let length = into.len().min(usize::try_from(most).unwrap_or(usize::MAX));
        let read = self
            .inner
            .read(into.get_mut(..length).unwrap_or_default())?;
        let count = u64::try_from(read).unwrap_or(u64::MAX);
        self.step.set(self.step.get().saturating_sub(count));
        self.left.set(self.left.get().saturating_sub(count));
        let last = into.get(..read).unwrap_or_default();
        let zeros = last.iter().rev().take_while(|byte| **byte == 0).count();
        let before = if zeros == read { self.zeros.get() } else { 0 };
        self.zeros.set(before.saturating_add(zeros));
        Ok(read)
    }
}

fn members(
    name: &str,
    reader: impl Read,
    depth: usize,
    left: &Rc<Cell<u64>>,
    take: &mut dyn FnMut(Part<'_>),
) {
    let step = Rc::new(Cell::new(LARGEST_HEADER));
    let zeros = Rc::new(Cell::new(0));
    let mut archive = tar::Archive::new(Bounded {
        inner: reader,
        step: Rc::clone(&step),
        left: Rc::clone(left),
        zeros: Rc::clone(&zeros),
    });
    let cut_off = |error: &io::Error| {
        let why = format!(
            "the archive cannot be read from here on: {}",
            printable(&error.to_string())
        );
        (beginning(name), why)
    };
    let entries = match archive.entries() {
        Ok(entries) => entries,
        Err(error) => {
            let (at, why) = cut_off(&error);
            return take(Part::Unread(at, why));
        }
    };
    let mut seen = BTreeSet::new();
    // Files of `templates` without an ending of objects, before it is known
    // whether the folder above is a chart.
    let mut early = Vec::new();
    let mut count = 0_usize;
    for entry in entries {
        let mut entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let (at, why) = cut_off(&error);
                return take(Part::Unread(at, why));
            }
        };
        count += 1;
        if count > MOST_MEMBERS {
            let why = format!("the archive has more than {MOST_MEMBERS} members");
            return take(Part::Unread(beginning(name), why));
        }
        step.set(u64::MAX);
        match member(&entry, &mut seen) {
            Member::Passed => {}
            Member::Early(path) => early.push(path),
            Member::Refused(path, why) => {
                take(Part::Unread(beginning(&within(name, &path)), why));
            }
            Member::Wanted(path) => {
                let full = within(name, &path);
                let size = entry.size();
                let mut bytes = Vec::new();
                match entry.read_to_end(&mut bytes) {
                    Ok(read) if u64::try_from(read).is_ok_and(|read| read == size) => {
                        inside(&full, &bytes, depth + 1, left, take);
                    }
                    Ok(_) => {
                        let why = "the archive is cut off in this member".to_owned();
                        return take(Part::Unread(beginning(&full), why));
                    }
                    Err(error) => {
                        let why = printable(&error.to_string());
                        return take(Part::Unread(beginning(&full), why));
                    }
                }
            }
        }
        // What is left of a member counts as contents, and not as a header.
        if let Err(error) = io::copy(&mut entry, &mut io::sink()) {
            let (at, why) = cut_off(&error);
            return take(Part::Unread(at, why));
        }
        step.set(LARGEST_HEADER);
    }
    for path in early {
        if let Some(chart) = charts_over(&path).find(|chart| seen.contains(chart)) {
            let why = format!("it is a template and stands before {chart} in the archive");
            take(Part::Unread(beginning(&within(name, &path)), why));
        }
    }
    // Padding, and the checksum of what it is packed in.
    step.set(u64::MAX);
    if let Err(error) = io::copy(&mut archive.into_inner(), &mut io::sink()) {
        let (at, why) = cut_off(&error);
        return take(Part::Unread(at, why));
    }
    if count == 0 {
        let why = "the archive has no members".to_owned();
        take(Part::Unread(beginning(name), why));
    }
    // POSIX ends an archive with two blocks of zeros. Whoever packs what another
    // program writes does not notice when that one dies.
    if zeros.get() < 512 {
        let why = "the archive has no end: it may be cut off".to_owned();
        take(Part::Unread(beginning(name), why));
    }
}

/// The files that make a chart of a folder in whose `templates` the file stands:
/// where one is there, Helm renders the file.
fn charts_over(path: &str) -> impl Iterator<Item = String> {
    let folders = path.match_indices('/').map(|(at, _)| path.split_at(at).0);
    folders.filter(|_| is_rendered(path)).filter_map(|folder| {
        match folder.strip_suffix("templates")? {
            "" => Some("Chart.yaml".to_owned()),
            chart => chart.ends_with('/').then(|| format!("{chart}Chart.yaml")),
        }
    })
}

/// Whether Helm renders a file of a chart's `templates`: it does so whatever the
/// ending, except notes and what begins with `_` (helm/helm
/// pkg/engine/engine.go, v3).
#[must_use]
pub fn is_rendered(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    !name.starts_with('_') && name != "NOTES.txt"
}

fn within(name: &str, path: &str) -> String {
    format!("{name}{INSIDE}{path}")
}

/// What is shown on screens, paths and parts of headers in it: what would move the
/// cursor is replaced.
fn printable(text: &str) -> String {
    let shown = |c: char| {
        if c.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    };
    text.chars().map(shown).collect()
}

/// What to do with a member.
enum Member {
    /// Its path.
    Wanted(String),
    /// Its path, and why it is not read.
    Refused(String, String),
    /// Its path: Helm renders it, whatever its ending, if a chart is around it.
    Early(String),
    /// It holds no objects.
    Passed,
}

fn member<R: Read>(entry: &tar::Entry<'_, R>, seen: &mut BTreeSet<String>) -> Member {
    let written = entry.path_bytes();
    let path = printable(&String::from_utf8_lossy(&written));
    let path = path.strip_prefix("./").unwrap_or(&path).to_owned();
    let is_wanted = path.rsplit_once('.').is_some_and(|(_, ending)| {
        ENDINGS
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
    });
    // Of Go's templates those of charts are Helm's.
    let is_wanted = is_wanted
        || Tool::of(&path)
            .is_some_and(|tool| tool != Tool::GoTemplate || charts_over(&path).next().is_none());
    let kind = entry.header().entry_type();
    if kind.is_dir() {
        return Member::Passed;
    }
    if !is_wanted {
        if path.len() > LONGEST_PATH || charts_over(&path).next().is_none() {
            return Member::Passed;
        }
        if !charts_over(&path).any(|chart| seen.contains(&chart)) {
            return Member::Early(path);
        }
    }
    let refuse = |path: String, why: &str| Member::Refused(path, why.to_owned());
    if path.len() > LONGEST_PATH {
        let begin: String = path.chars().take(64).collect();
        return refuse(format!("{begin}..."), "its path is too long");
    }
    if path.starts_with(['/', '\\']) || path.split(['/', '\\']).any(|part| part == "..") {
        return refuse(path, "its path leads out of the archive");
    }
    if kind.is_symlink() || kind.is_hard_link() {
        return refuse(path, "it is a link, and links in archives are not followed");
    }
    // Beside plain files, `contiguous` is one as well, for systems of old.
    if !kind.is_file() && !kind.is_contiguous() {
        return refuse(path, "it is no plain file");
    }
    if !seen.insert(path.clone()) {
        return refuse(
            path,
            "the archive holds another file of this name before it",
        );
    }
    Member::Wanted(path)
}
