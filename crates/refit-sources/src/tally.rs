//! How far a reading has come, for whoever watches it from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts what was read so far. Clones count together.
///
/// Nothing is decided by it: the counts may lag, and what was read says itself
/// in the end how much it was.
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    objects: AtomicUsize,
    parts: AtomicUsize,
    all_parts: AtomicUsize,
}

/// What a [`Tally`] has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Objects read.
    pub objects: usize,
    /// Files or lists that are read to their end.
    pub parts: usize,
    /// Files or lists there are in all; none while that is being found out.
    pub all_parts: usize,
}

impl Tally {
    /// So many files or lists will be read.
    pub fn expect(&self, parts: usize) {
        self.0.all_parts.fetch_add(parts, Ordering::Relaxed);
    }

    /// So many of them are read to their end.
    pub fn ended(&self, parts: usize) {
        self.0.parts.fetch_add(parts, Ordering::Relaxed);
    }

    /// So many more objects were read.
    pub fn objects(&self, more: usize) {
        self.0.objects.fetch_add(more, Ordering::Relaxed);
    }

    /// What it has come to by now.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress {
            objects: self.0.objects.load(Ordering::Relaxed),
            parts: self.0.parts.load(Ordering::Relaxed),
            all_parts: self.0.all_parts.load(Ordering::Relaxed),
        }
    }
}
