//! What was observed, and what was not.
//!
//! A snapshot never pretends. Every single reading is a [`Seen`]: the value, or
//! why there is none. Every set of things is a [`Listing`]: the items, and how
//! far the looking went, so that *absent* and *not looked for* stay apart.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Why something was not observed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Unseen {
    /// The question was not asked in this observation.
    NotAsked,
    /// The source (a dump, a status text) does not carry it.
    NotInSource,
    /// The target refused to show it.
    Forbidden(String),
    /// Looking failed, or what came back could not be understood.
    Failed(String),
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAsked => f.write_str("it was not asked for"),
            Self::NotInSource => f.write_str("the source does not carry it"),
            Self::Forbidden(by) => write!(f, "the target does not allow it: {by}"),
            Self::Failed(why) => write!(f, "looking failed: {why}"),
        }
    }
}

/// One reading: a value, or the reason that there is none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Seen<T> {
    /// This was observed.
    Is(T),
    /// This was not observed.
    Gap(Unseen),
}

impl<T> Seen<T> {
    /// The value, if there is one.
    pub const fn get(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Gap(_) => None,
        }
    }

    /// The value, or why there is none.
    ///
    /// # Errors
    /// The reason, when the reading is a gap.
    pub const fn known(&self) -> Result<&T, &Unseen> {
        match self {
            Self::Is(value) => Ok(value),
            Self::Gap(why) => Err(why),
        }
    }

    /// The same reading with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Seen<U> {
        match self {
            Self::Is(value) => Seen::Is(change(value)),
            Self::Gap(why) => Seen::Gap(why),
        }
    }

    /// The reading of something that a source may or may not carry.
    pub fn from_source(value: Option<T>) -> Self {
        value.map_or(Self::Gap(Unseen::NotInSource), Self::Is)
    }
}

/// How far the looking went that filled a [`Listing`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "camelCase",
    bound(deserialize = "By: Ord + Deserialize<'de>")
)]
pub enum Extent<By> {
    /// Everywhere: what is not listed does not exist.
    Whole,
    /// Only for these: what belongs to one of them and is not listed does not exist.
    Only(BTreeSet<By>),
    /// Incompletely: what is not listed may exist.
    Part(Unseen),
}

/// A set of things by their key, and how far the looking went.
///
/// `By` is what an observation can be restricted to; it is the key itself for
/// most things, and the node for pods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "camelCase",
    bound(
        serialize = "K: Serialize + Ord, V: Serialize, By: Serialize",
        deserialize = "K: Deserialize<'de> + Ord, V: Deserialize<'de>, By: Deserialize<'de> + Ord"
    )
)]
pub struct Listing<K, V, By = K> {
    /// What was seen.
    pub items: BTreeMap<K, V>,
    /// How far the looking went.
    pub extent: Extent<By>,
}

impl<K: Ord, V, By: Ord> Listing<K, V, By> {
    /// A complete listing.
    #[must_use]
    pub const fn whole(items: BTreeMap<K, V>) -> Self {
        Self {
            items,
            extent: Extent::Whole,
        }
    }

    /// A listing that nobody looked for.
    #[must_use]
    pub const fn unseen(why: Unseen) -> Self {
        Self {
            items: BTreeMap::new(),
            extent: Extent::Part(why),
        }
    }

    /// Whether everything that belongs to `by` is listed.
    ///
    /// # Errors
    /// Why it may not be.
    pub fn covers(&self, by: &By) -> Result<(), Unseen> {
        match &self.extent {
            Extent::Whole => Ok(()),
            Extent::Only(looked_at) if looked_at.contains(by) => Ok(()),
            Extent::Only(_) => Err(Unseen::NotAsked),
            Extent::Part(why) => Err(why.clone()),
        }
    }

    /// All items, when nothing can be missing.
    ///
    /// # Errors
    /// Why something may be missing.
    pub fn complete(&self) -> Result<&BTreeMap<K, V>, Unseen> {
        match &self.extent {
            Extent::Whole => Ok(&self.items),
            Extent::Only(_) => Err(Unseen::NotAsked),
            Extent::Part(why) => Err(why.clone()),
        }
    }
}

impl<K: Ord, V> Listing<K, V, K> {
    /// The item of this key: present, absent, or not looked for.
    ///
    /// # Errors
    /// Why it is not known whether the item exists.
    pub fn find(&self, key: &K) -> Result<Option<&V>, Unseen> {
        match self.items.get(key) {
            Some(item) => Ok(Some(item)),
            None => self.covers(key).map(|()| None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_and_not_looked_for_stay_apart() {
        let mut listing: Listing<u8, &str> = Listing::whole(BTreeMap::from([(1, "one")]));
        assert_eq!(listing.find(&1), Ok(Some(&"one")));
        assert_eq!(listing.find(&2), Ok(None));
        listing.extent = Extent::Only(BTreeSet::from([1, 2]));
        assert_eq!(listing.find(&2), Ok(None));
        assert_eq!(listing.find(&3), Err(Unseen::NotAsked));
        listing.extent = Extent::Part(Unseen::Forbidden("403".to_owned()));
        assert_eq!(listing.find(&1), Ok(Some(&"one")));
        assert!(listing.find(&2).is_err());
        assert!(listing.complete().is_err());
    }
}
