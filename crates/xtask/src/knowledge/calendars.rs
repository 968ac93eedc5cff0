//! `calendars/collected.csv` from endoflife.date, for the products that
//! `calendars/products.csv` lists.

use super::{Derived, get, header, rows};
use crate::Outcome;
use refit_knowledge::support::{COLLECTED, COLLECTED_FILE, PRODUCTS_FILE};
use refit_knowledge::table;
use std::collections::BTreeSet;
use std::path::Path;

pub(super) const FILE: &str = COLLECTED_FILE;

pub(super) fn derive(source: &Path, knowledge: &Path) -> Outcome<Derived> {
    let mut wanted = BTreeSet::new();
    for row in rows(&knowledge.join(PRODUCTS_FILE))? {
        wanted.insert(get(&row, "product")?.to_owned());
    }
    let mut lines = Vec::new();
    let mut found = BTreeSet::new();
    for row in rows(source)? {
        let product = get(&row, "product")?;
        if !wanted.contains(product) {
            continue;
        }
        found.insert(product.to_owned());
        let values = [
            product,
            get(&row, "cycle")?,
            get(&row, "release_date")?,
            end(get(&row, "end_active_support")?),
            end(get(&row, "eol")?),
            end(get(&row, "end_extended_support")?),
            get(&row, "latest")?,
            get(&row, "latest_date")?,
        ];
        lines.push(values.map(str::to_owned).to_vec());
    }
    if let Some(missing) = wanted.difference(&found).next() {
        return Err(format!("{} has nothing of {missing}", source.display()).into());
    }
    lines.sort_by(|a, b| COLLECTED.order(a, b));
    let mut text = header(&knowledge.join(FILE))?;
    text.push_str(&COLLECTED.columns.join(","));
    text.push('\n');
    for values in lines {
        text.push_str(&table::line(values));
        text.push('\n');
    }
    Ok(Derived { path: FILE, text })
}

/// An end as the source writes it: a day, or whether it has come.
fn end(text: &str) -> &str {
    match text {
        "True" => "ended",
        "False" => "not-announced",
        day => day,
    }
}
