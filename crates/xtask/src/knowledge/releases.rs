//! `kubernetes/releases.csv` from endoflife.date, with the days of the second
//! source beside those that differ, and with what is newer than it.

use super::{Derived, get, header, rows};
use crate::Outcome;
use refit_knowledge::calendar::SCHEMA;
use refit_knowledge::table;
use std::collections::BTreeMap;
use std::path::Path;

pub(super) const FILE: &str = "kubernetes/releases.csv";

pub(super) fn derive(source: &Path, knowledge: &Path) -> Outcome<Derived> {
    let mut second = BTreeMap::new();
    for row in rows(&knowledge.join("second-sources/kubernetes-eol.csv"))? {
        let day = get(&row, "end_of_life")?.to_owned();
        let remark = get(&row, "notes")?.to_owned();
        second.insert(get(&row, "minor")?.to_owned(), (day, remark));
    }
    let mut newer = BTreeMap::new();
    for row in rows(&knowledge.join("second-sources/kubernetes-series.csv"))? {
        newer.insert(get(&row, "minor")?.to_owned(), row);
    }
    let mut lines = Vec::new();
    for row in rows(source)? {
        if get(&row, "product")? != "kubernetes" {
            continue;
        }
        let minor = get(&row, "cycle")?;
        if let Some(series) = newer.remove(minor) {
            return Err(format!(
                "{} has {minor} now; take {} out of second-sources/kubernetes-series.csv",
                source.display(),
                get(&series, "latest_patch")?,
            )
            .into());
        }
        let maintenance = match get(&row, "end_active_support")? {
            // Said to have ended, without a day.
            "True" => "",
            day => day,
        };
        let end = get(&row, "eol")?;
        let (other, remark) = second.get(minor).cloned().unwrap_or_default();
        let other = if other == end { String::new() } else { other };
        let values = [
            minor,
            get(&row, "release_date")?,
            maintenance,
            end,
            &other,
            get(&row, "latest")?,
            get(&row, "latest_date")?,
            "endoflife.date, product kubernetes",
            &remark,
        ];
        lines.push(values.map(str::to_owned).to_vec());
    }
    for (minor, row) in newer {
        let values = [
            &minor,
            get(&row, "released")?,
            get(&row, "maintenance_from")?,
            get(&row, "end_of_life")?,
            "",
            get(&row, "latest_patch")?,
            get(&row, "latest_date")?,
            get(&row, "source")?,
            get(&row, "notes")?,
        ];
        lines.push(values.map(str::to_owned).to_vec());
    }
    lines.sort_by(|a, b| SCHEMA.order(a, b));
    let mut text = header(&knowledge.join(FILE))?;
    text.push_str(&SCHEMA.columns.join(","));
    text.push('\n');
    for values in lines {
        text.push_str(&table::line(values));
        text.push('\n');
    }
    Ok(Derived { path: FILE, text })
}
