//! Parts of a JSON text, without making values of the rest.

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The raw values of an object under some names.
pub(super) struct Fields<'a, const N: usize> {
    /// The values, in the order of the names.
    pub(super) values: [Option<&'a RawValue>; N],
    /// The values that took the place of others under their name, and the name.
    pub(super) doubled: Vec<(&'static str, &'a RawValue)>,
}

/// The raw values of the object `text` under `names`; none when it is no object.
/// Of a name that is given twice, the last value counts, as in Kubernetes.
pub(super) fn fields<'a, const N: usize>(text: &'a str, names: [&'static str; N]) -> Fields<'a, N> {
    let none = || Fields {
        values: [None; N],
        doubled: Vec::new(),
    };
    serde_json::Deserializer::from_str(text)
        .deserialize_map(Pick(names))
        .unwrap_or_else(|_| none())
}

/// Hands the items of `text` to `take`, one by one: an array, which has been found
/// to be JSON before, so that there is nothing left to fail.
pub(super) fn items<'a>(text: &'a str, take: &mut dyn FnMut(&'a RawValue)) {
    drop(serde_json::Deserializer::from_str(text).deserialize_seq(Each(take)));
}

struct Each<'t, 'a>(&'t mut dyn FnMut(&'a RawValue));

impl<'de> Visitor<'de> for Each<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element()? {
            (self.0)(item);
        }
        Ok(())
    }
}

/// The raw values of an object under some names; of a name that is given twice,
/// the last. Nothing else of the object is kept.
struct Pick<const N: usize>([&'static str; N]);

impl<'de, const N: usize> Visitor<'de> for Pick<N> {
    type Value = Fields<'de, N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut picked = Fields {
            values: [None; N],
            doubled: Vec::new(),
        };
        while let Some(at) = entries.next_key_seed(Which(&self.0))? {
            let slot = at.and_then(|at| Some((self.0.get(at)?, picked.values.get_mut(at)?)));
            let Some((name, slot)) = slot else {
                entries.next_value::<IgnoredAny>()?;
                continue;
            };
            let value = entries.next_value()?;
            if slot.replace(value).is_some() {
                picked.doubled.push((name, value));
            }
        }
        Ok(picked)
    }
}

/// Which of some names a key is.
struct Which<'n>(&'n [&'n str]);

impl<'de> DeserializeSeed<'de> for Which<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Which<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|name| *name == key))
    }
}
