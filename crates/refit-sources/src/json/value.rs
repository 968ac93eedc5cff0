//! A JSON value, with the keys that are given twice on the way to it.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// A key that an object has more than once.
#[derive(Debug)]
pub(super) enum Doubled<'a> {
    /// As it stands in the text, so that its place is known.
    Written(&'a str),
    /// With escapes in it.
    Escaped(String),
}

impl Doubled<'_> {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Written(name) => name,
            Self::Escaped(name) => name,
        }
    }
}

/// The value that `text` spells out. Of a key that is given twice the last value
/// counts, and each further one is put to `doubled`.
///
/// # Errors
/// When it is no JSON, or nests too deep.
pub(super) fn read<'a>(
    text: &'a str,
    doubled: &mut Vec<Doubled<'a>>,
) -> Result<Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Build(doubled).deserialize(&mut deserializer)?;
    deserializer.end()?;
    // In the order of the text: places are counted on from the last one.
    doubled.sort_by_key(|key| match key {
        Doubled::Written(name) => name.as_ptr().addr(),
        Doubled::Escaped(_) => 0,
    });
    Ok(value)
}

struct Build<'b, 'a>(&'b mut Vec<Doubled<'a>>);

impl<'a> DeserializeSeed<'a> for Build<'_, 'a> {
    type Value = Value;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Build<'_, 'a> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Build(self.0))? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key_seed(Name)? {
            let value = entries.next_value_seed(Build(self.0))?;
            if map.insert(key.name().to_owned(), value).is_some() {
                self.0.push(key);
            }
        }
        Ok(Value::Object(map))
    }
}

/// A key, with its place where it is known.
struct Name;

impl<'a> DeserializeSeed<'a> for Name {
    type Value = Doubled<'a>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Doubled<'a>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for Name {
    type Value = Doubled<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E: Error>(self, key: &'a str) -> Result<Doubled<'a>, E> {
        Ok(Doubled::Written(key))
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Doubled<'a>, E> {
        Ok(Doubled::Escaped(key.to_owned()))
    }
}
