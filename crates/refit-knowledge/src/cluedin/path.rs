//! The way from one release to another, or why there is none.

use super::{CluedIn, DataVersion, ReleaseName, Upgrade};
use std::collections::{BTreeMap, BTreeSet};

/// A name without a patch, and the release that it was taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    /// What was asked for.
    pub asked: ReleaseName,
    /// What it was taken for.
    pub release: ReleaseName,
    /// The chart that the release comes with, where it has a page.
    pub chart: Option<String>,
    /// What names the patch.
    pub because: String,
}

/// How well a page speaks of a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Coverage {
    /// The page says that it covers it.
    Covered,
    /// The page covers an earlier patch of the same line, and does not refuse this one.
    Admitted,
}

/// Why a page does not lead on from a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It says that it does not support what is older than this.
    TooOld {
        /// The oldest that it does not refuse.
        oldest: ReleaseName,
    },
    /// It does not refuse it, and covers something else.
    NotCovered {
        /// What it covers.
        from: ReleaseName,
    },
    /// The release is no older than what the page leads to.
    NotOlder,
}

/// One upgrade on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop<'c> {
    /// What runs before it.
    pub from: ReleaseName,
    /// The edge; its target is what runs after it.
    pub upgrade: &'c Upgrade,
    /// How well its page speaks of the start.
    pub coverage: Coverage,
}

/// A way, with each upgrade in order. Each wants a backup of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path<'c> {
    /// The upgrades; none where the target runs already.
    pub hops: Vec<Hop<'c>>,
    /// The ends that were named without a patch.
    pub pinned: Vec<Pinned>,
}

impl Path<'_> {
    /// The data upgrades in the order in which they come.
    #[must_use]
    pub fn data_upgrades(&self) -> Vec<DataVersion> {
        self.hops
            .iter()
            .filter_map(|hop| Some(hop.upgrade.data?.to))
            .collect()
    }
}

/// Why there is no way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPath {
    /// Nothing is known of a release with this name.
    #[error("nothing is known of release {asked}; the newest known is {newest}")]
    Unknown {
        /// What was asked for.
        asked: ReleaseName,
        /// The newest that is known.
        newest: String,
    },
    /// The target is older. Databases do not go back: a restore does.
    #[error("{to} is older than {from}: data that was upgraded goes back only by a restore")]
    Backwards {
        /// What runs.
        from: ReleaseName,
        /// What was asked for.
        to: ReleaseName,
    },
    /// No page leads on from here.
    #[error("no page leads from {from} to {to}; the nearest that was reached is {reached}")]
    NoPage {
        /// What runs.
        from: ReleaseName,
        /// What was asked for.
        to: ReleaseName,
        /// The newest release that pages lead to from there, itself at least.
        reached: ReleaseName,
        /// Why the pages of the target do not lead on from what runs.
        refusals: Vec<Refusal>,
    },
}

impl Upgrade {
    /// How well the page speaks of a start at `from`.
    ///
    /// # Errors
    /// Why it does not lead on from there.
    pub fn coverage(&self, from: &ReleaseName) -> Result<Coverage, Refusal> {
        if *from >= self.target {
            return Err(Refusal::NotOlder);
        }
        if let Some(oldest) = self.refuses_before.as_ref().filter(|oldest| from < *oldest) {
            return Err(Refusal::TooOld {
                oldest: oldest.clone(),
            });
        }
        if self.from.covers(from) {
            Ok(Coverage::Covered)
        } else if self.from.line() == from.line() && *from > self.from {
            Ok(Coverage::Admitted)
        } else {
            Err(Refusal::NotCovered {
                from: self.from.clone(),
            })
        }
    }
}

impl CluedIn {
    /// The release that `asked` is, pinned where it lacks the patch: to the one that
    /// the documentation means by the bare name, else to the first of its line.
    ///
    /// # Errors
    /// When no release has that name.
    pub fn pin(&self, asked: &ReleaseName) -> Result<(ReleaseName, Option<Pinned>), NoPath> {
        if self.releases.contains_key(asked) {
            return Ok((asked.clone(), None));
        }
        let of_the_line = || {
            self.releases()
                .filter(|release| asked.is_floating() && asked.covers(&release.name))
        };
        let named = of_the_line().find(|release| release.named == *asked);
        let Some(release) = named.or_else(|| of_the_line().next()) else {
            return Err(NoPath::Unknown {
                asked: asked.clone(),
                newest: self
                    .releases
                    .keys()
                    .next_back()
                    .map_or_else(|| "none".to_owned(), ToString::to_string),
            });
        };
        let because = if named.is_some() {
            release.notes.clone()
        } else {
            "the first patch of its line".to_owned()
        };
        let pinned = Pinned {
            asked: asked.clone(),
            release: release.name.clone(),
            chart: release.chart.clone(),
            because,
        };
        Ok((release.name.clone(), Some(pinned)))
    }

    /// The shortest way from `from` to `to`. Of two as short, the one whose pages
    /// cover more of its starts; then the one through newer releases.
    ///
    /// # Errors
    /// Why there is none.
    pub fn path(&self, from: &ReleaseName, to: &ReleaseName) -> Result<Path<'_>, NoPath> {
        let ((from, pinned_from), (to, pinned_to)) = (self.pin(from)?, self.pin(to)?);
        let pinned = [pinned_from, pinned_to].into_iter().flatten().collect();
        if to < from {
            return Err(NoPath::Backwards { from, to });
        }
        // Each round is one hop more. What was reached keeps the hop by which it was
        // reached first, and of one round the best.
        let mut by: BTreeMap<ReleaseName, (usize, Hop<'_>)> = BTreeMap::new();
        let mut front: BTreeSet<ReleaseName> = BTreeSet::from([from.clone()]);
        let mut admitted: BTreeMap<ReleaseName, usize> = BTreeMap::from([(from.clone(), 0)]);
        while !front.is_empty() && !admitted.contains_key(&to) {
            let mut next: BTreeMap<ReleaseName, (usize, Hop<'_>)> = BTreeMap::new();
            for start in &front {
                let before = admitted.get(start).copied().unwrap_or_default();
                for upgrade in &self.upgrades {
                    let Ok(coverage) = upgrade.coverage(start) else {
                        continue;
                    };
                    if admitted.contains_key(&upgrade.target) {
                        continue;
                    }
                    let cost = before + usize::from(coverage == Coverage::Admitted);
                    let better = next
                        .get(&upgrade.target)
                        .is_none_or(|(known, hop)| (cost, &hop.from) < (*known, start));
                    if better {
                        let hop = Hop {
                            from: start.clone(),
                            upgrade,
                            coverage,
                        };
                        next.insert(upgrade.target.clone(), (cost, hop));
                    }
                }
            }
            front = next.keys().cloned().collect();
            for (release, (cost, hop)) in next {
                admitted.insert(release.clone(), cost);
                by.insert(release, (cost, hop));
            }
        }
        if !admitted.contains_key(&to) {
            let refusals = self
                .upgrades
                .iter()
                .filter(|upgrade| upgrade.target == to)
                .filter_map(|upgrade| upgrade.coverage(&from).err())
                .collect();
            let reached = admitted
                .into_keys()
                .rfind(|release| *release < to)
                .unwrap_or_else(|| from.clone());
            return Err(NoPath::NoPage {
                from,
                to,
                reached,
                refusals,
            });
        }
        let mut hops = Vec::new();
        let mut at = to;
        while let Some((_, hop)) = by.remove(&at) {
            at = hop.from.clone();
            hops.push(hop);
        }
        hops.reverse();
        Ok(Path { hops, pinned })
    }
}
