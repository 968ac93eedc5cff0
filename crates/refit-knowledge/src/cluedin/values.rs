//! The keys of values that CluedIn's charts have.

use crate::files::{Family, Files};
use crate::table::{Error, Schema};
use std::collections::{BTreeMap, BTreeSet};

/// Where the keys are.
pub const VALUE_KEYS_FILE: &str = "seeds/cluedin/value-keys.csv";

/// The columns of [`VALUE_KEYS_FILE`].
pub const VALUE_KEYS: Schema = Schema {
    format: "refit-knowledge/cluedin-value-keys/1",
    columns: &["chart", "key"],
    key: 2,
};

/// The keys of values that charts of CluedIn have.
#[derive(Clone, Debug)]
pub struct ValueKeys {
    /// By chart, then by the keys above, joined with dots.
    below: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    /// As the rows have them, which ascend by the numbers of versions.
    charts: Vec<String>,
}

impl ValueKeys {
    /// The charts that were looked at, oldest first.
    pub fn charts(&self) -> impl Iterator<Item = &str> {
        self.charts.iter().map(String::as_str)
    }

    /// The keys right below `path` in `chart`, such as those below
    /// `infrastructure`; `None` where none are known.
    #[must_use]
    pub fn below(&self, chart: &str, path: &str) -> Option<&BTreeSet<String>> {
        self.below.get(chart)?.get(path)
    }
}

impl Family for ValueKeys {
    /// Fails also where a key stands below one that is not listed.
    fn read_from(files: &Files) -> Result<Self, Error> {
        let mut below: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        let mut charts: Vec<String> = Vec::new();
        for record in files.table(VALUE_KEYS_FILE, &VALUE_KEYS)?.records() {
            let version = record.required("chart")?;
            if charts.last().is_none_or(|last| last != version) {
                charts.push(version.to_owned());
            }
            let chart = below.entry(version.to_owned()).or_default();
            let path = record.required("key")?;
            let (above, key) = path.rsplit_once('.').unwrap_or(("", path));
            let (over, last) = above.rsplit_once('.').unwrap_or(("", above));
            let is_listed =
                above.is_empty() || chart.get(over).is_some_and(|keys| keys.contains(last));
            if !is_listed {
                return Err(record.refuse("key", "below a key that is listed"));
            }
            chart
                .entry(above.to_owned())
                .or_default()
                .insert(key.to_owned());
        }
        Ok(Self { below, charts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_the_chart() {
        let keys = ValueKeys::read_from(&Files::embedded()).unwrap();
        assert_eq!(keys.charts().collect::<Vec<_>>(), ["2.6.0"]);
        let has = |path: &str, key: &str| keys.below("2.6.0", path).unwrap().contains(key);
        assert!(has("infrastructure", "neo4j"));
        assert!(!has("infrastructure", "neo4J"));
        assert!(has("application.system", "upgradeMode"));
        assert!(has("", "global"));
        assert!(keys.below("2.6.0", "application.nothing").is_none());
    }

    #[test]
    fn the_last_chart_is_the_newest() {
        let text = "# format: refit-knowledge/cluedin-value-keys/1\n# as-of: 2026-11-30\n# source: a test\nchart,key\n2.6.0,a\n2.9.0,a\n2.10.0,a\n2.10.0,b\n";
        let files = Files::embedded().with(VALUE_KEYS_FILE, text.to_owned());
        let keys = ValueKeys::read_from(&files).unwrap();
        let charts: Vec<_> = keys.charts().collect();
        assert_eq!(charts, ["2.6.0", "2.9.0", "2.10.0"]);
    }
}
