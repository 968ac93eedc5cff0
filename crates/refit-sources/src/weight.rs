//! How much memory the values of one document may take.
//!
//! A text of a few bytes may stand for a value of a hundred times its size:
//! `{"a":1},` becomes a mapping with room for eleven entries. What is counted
//! is therefore the memory that values take, as nearly as it can be told before
//! they are made, and not the bytes of the text nor the number of values.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The most that the values of one document may take, or those of one item of a
/// list, which are read one by one.
///
/// The store of Kubernetes takes no request of more than 1.5 MiB (etcd,
/// `--max-request-bytes`), and a byte of JSON stands for at most [`DENSEST`]
/// bytes of values: no object that a cluster can hold comes near.
pub(crate) const MOST_BUILT: usize = 192 << 20;

/// What one byte of JSON can come to: `{"":1},` has 7 bytes and costs 880.
const DENSEST: usize = 128;

/// A text that is shorter cannot hold more, so that nobody need count.
pub(crate) const LIGHT: usize = MOST_BUILT / DENSEST;

/// A value in its slot of a list or a mapping, with the room that a growing list
/// keeps free.
pub(crate) const VALUE: usize = 96;

/// The first entry of a mapping makes room for eleven.
pub(crate) const MAPPING: usize = 640;

/// A key beside its text: its slot, and what the allocator keeps for it.
pub(crate) const KEY: usize = 48;

/// Why a document is not read that holds more.
pub(crate) fn too_heavy() -> String {
    format!(
        "its values would take more than {} MiB of memory",
        MOST_BUILT >> 20
    )
}

/// Whether the values of the JSON `text` would take more than may be.
pub(crate) fn is_too_heavy(text: &str) -> bool {
    if text.len() <= LIGHT {
        return false;
    }
    let mut left = MOST_BUILT;
    // Text that is broken is told as such where it is read.
    let scale = Scale { left: &mut left };
    let weighed = scale.deserialize(&mut serde_json::Deserializer::from_str(text));
    weighed.is_err() && left == 0
}

/// Weighs values as they are met, and stops when nothing is left.
struct Scale<'l> {
    left: &'l mut usize,
}

impl Scale<'_> {
    fn take<E: Error>(&mut self, cost: usize) -> Result<(), E> {
        let left = self.left.saturating_sub(cost);
        *self.left = left;
        if left == 0 {
            return Err(E::custom("too heavy"));
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Scale<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Scale<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(mut self) -> Result<(), E> {
        self.take(VALUE)
    }

    fn visit_bool<E: Error>(mut self, _: bool) -> Result<(), E> {
        self.take(VALUE)
    }

    fn visit_i64<E: Error>(mut self, _: i64) -> Result<(), E> {
        self.take(VALUE)
    }

    fn visit_u64<E: Error>(mut self, _: u64) -> Result<(), E> {
        self.take(VALUE)
    }

    fn visit_f64<E: Error>(mut self, _: f64) -> Result<(), E> {
        self.take(VALUE)
    }

    fn visit_str<E: Error>(mut self, text: &str) -> Result<(), E> {
        self.take(VALUE + text.len())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        self.take(VALUE)?;
        while items
            .next_element_seed(Scale { left: self.left })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        self.take(VALUE)?;
        let mut room = MAPPING;
        while entries.next_key_seed(Scale { left: self.left })?.is_some() {
            self.take(std::mem::take(&mut room))?;
            entries.next_value_seed(Scale { left: self.left })?;
        }
        Ok(())
    }
}
