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
/// `--max-request-bytes`), and a byte of what people write stands for ten to forty
/// bytes of values on the whole: no object that a cluster holds comes near.
const MOST_BUILT: usize = 192 << 20;

/// What one byte of JSON can come to. The densest are mappings in mappings: each of
/// `{"":{"":1}}` has 5 bytes and costs a value, a key and a mapping, 784 in all,
/// which are 157 for a byte. Side by side, as `{"":1},`, they cost 880 for 7.
const DENSEST: usize = 160;

/// A JSON text that is shorter cannot hold more, so that nobody need count.
pub(crate) const LIGHT: usize = MOST_BUILT / DENSEST;

/// A value: its slot of 40 bytes in a list or a mapping, and as much again, because
/// a list that has just grown is half empty; 16 for what the allocator keeps beside
/// that which the value leads to.
///
/// The slots counted are those of the tree with places, the larger of the two.
pub(crate) const VALUE: usize = 2 * 40 + 16;

/// The first entry of a mapping makes room for eleven: for ten keys of 24 bytes and
/// their values that may never come.
pub(crate) const MAPPING: usize = 10 * (24 + 40);

/// A key beside its text: its slot of 24 bytes, and as much for what the allocator
/// keeps for a text that is short.
pub(crate) const KEY: usize = 2 * 24;

/// Why a document is not read that holds more.
pub(crate) fn too_heavy() -> String {
    format!(
        "its values would take more than {} MiB of memory",
        MOST_BUILT >> 20
    )
}

/// Whether values that take `built` are more than may be.
pub(crate) const fn is_too_much(built: usize) -> bool {
    built > MOST_BUILT
}

/// Whether the values of the JSON `text` would take more than may be.
pub(crate) fn is_too_heavy(text: &str) -> bool {
    text.len() > LIGHT && is_too_much(weight_of(text))
}

/// What the values of the JSON `text` take, counted until they are too much. Of a
/// text that is broken, which is told where it is read, as far as it can be read.
pub(crate) fn weight_of(text: &str) -> usize {
    let mut built = 0;
    let scale = Scale { built: &mut built };
    // Whatever ends the counting, what counts is how far it came.
    drop(scale.deserialize(&mut serde_json::Deserializer::from_str(text)));
    built
}

/// Weighs values as they are met, and stops when they are too much.
struct Scale<'b> {
    built: &'b mut usize,
}

impl Scale<'_> {
    fn again(&mut self) -> Scale<'_> {
        Scale { built: self.built }
    }

    fn take<E: Error>(&mut self, cost: usize) -> Result<(), E> {
        *self.built = self.built.saturating_add(cost);
        if is_too_much(*self.built) {
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
        while items.next_element_seed(self.again())?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        self.take(VALUE)?;
        let mut room = MAPPING;
        while entries.next_key_seed(KeyScale(self.again()))?.is_some() {
            self.take(std::mem::take(&mut room))?;
            entries.next_value_seed(self.again())?;
        }
        Ok(())
    }
}

/// Weighs a key.
struct KeyScale<'b>(Scale<'b>);

impl<'de> DeserializeSeed<'de> for KeyScale<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeyScale<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(mut self, key: &str) -> Result<(), E> {
        self.0.take(KEY + key.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{Spanned, weight_of_yaml};
    use serde_json::Value;

    /// `inner` in as many mappings as are read.
    fn nested(inner: &str) -> String {
        format!("{}{inner}{}", "{\"\":".repeat(120), "}".repeat(120))
    }

    /// Texts that take as much as any of their length may, and such as people write.
    fn texts() -> Vec<String> {
        let mut texts: Vec<String> = [
            "1",
            "\"\"",
            "[]",
            "[[[[]]]]",
            "[1,1,1,1,1]",
            "{}",
            "[{},{},{}]",
            r#"{"":1}"#,
            r#"[{"":1},{"":1},{"":1}]"#,
            r#"{"":{},"a":[],"b":""}"#,
            r#"{"a":1,"b":-2,"c":3.5,"d":true,"e":null,"f":"text"}"#,
            r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"v"}}"#,
        ]
        .map(str::to_owned)
        .into();
        texts.extend(["1", "[]", r#"{"":1,"":1}"#].map(nested));
        texts
    }

    #[test]
    fn a_short_text_cannot_hold_too_much() {
        for text in texts() {
            let (weight, most) = (weight_of(&text), text.len() * DENSEST);
            assert!(weight <= most, "{weight} > {most}: {text}");
        }
        assert_eq!(weight_of(r#"{"":1},"#), 880);
        assert!(!is_too_much(LIGHT * DENSEST) && is_too_much(MOST_BUILT + 1));
    }

    #[test]
    fn yaml_and_json_weigh_the_same_value_alike() {
        for text in texts() {
            assert_eq!(weight_of(&text), weight_of_yaml(&text), "{text}");
        }
        let block = "apiVersion: v1\ndata:\n  a: text\n  b:\n  - 1\n";
        let same = r#"{"apiVersion":"v1","data":{"a":"text","b":[1]}}"#;
        assert_eq!(weight_of_yaml(block), weight_of(same));
    }

    /// A part that becomes larger makes documents larger than what is counted.
    #[cfg(target_pointer_width = "64")]
    #[test]
    fn what_is_counted_is_what_values_take() {
        let slot = size_of::<Spanned>().max(size_of::<Value>());
        assert_eq!((slot, size_of::<String>()), (40, 24));
        // A node of the tree that a mapping is: its entries, where its parent is, and
        // how many there are. One entry is counted by itself.
        let node = 11 * (24 + 40) + size_of::<usize>() + 2 * size_of::<u16>();
        assert!(node + 16 <= MAPPING + KEY + VALUE, "{node}");
    }
}
