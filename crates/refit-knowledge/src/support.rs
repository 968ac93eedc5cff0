//! Until when products are supported: managed Kubernetes, the projects that run
//! in clusters, and what they stand on.
//!
//! Two kinds of source are kept apart, see [`Basis`]. Where they give different
//! days, an answer rests on the one that supports less, and names the other.
//! A product or a cycle without a row is not known, which is never "supported".

mod cycle;

use crate::files::{Family, Files};
use crate::table::{Error, Record, Schema};
use jiff::civil::Date;
use refit_model::version::Minor;
use std::collections::BTreeMap;

pub use cycle::{Basis, Cycle, End, Moment, MomentError, Phase, Status, Until};

/// Where the products are.
pub const PRODUCTS_FILE: &str = "calendars/products.csv";

/// The columns of [`PRODUCTS_FILE`].
pub const PRODUCTS: Schema = Schema {
    format: "refit-knowledge/calendar-products/1",
    columns: &[
        "product",
        "title",
        "kind",
        "distribution",
        "projects",
        "extended",
        "extended_cost",
        "source",
        "notes",
    ],
    key: 1,
};

/// Where the cycles are that endoflife.date has collected.
pub const COLLECTED_FILE: &str = "calendars/collected.csv";

/// The columns of [`COLLECTED_FILE`].
pub const COLLECTED: Schema = Schema {
    format: "refit-knowledge/calendar-collected/1",
    columns: &[
        "product",
        "cycle",
        "released",
        "active_until",
        "end_of_life",
        "extended_until",
        "latest",
        "latest_date",
    ],
    key: 2,
};

/// Where the cycles are as those who make the product state them.
pub const DECLARED_FILE: &str = "calendars/declared.csv";

/// The columns of [`DECLARED_FILE`].
pub const DECLARED: Schema = Schema {
    format: "refit-knowledge/calendar-declared/1",
    columns: &[
        "product",
        "cycle",
        "released",
        "active_until",
        "end_of_life",
        "extended_until",
        "source",
        "source_version",
        "as_of",
        "notes",
    ],
    key: 2,
};

/// Where it stands which Kubernetes a product with versions of its own is.
pub const MINORS_FILE: &str = "calendars/kubernetes-minors.csv";

/// The columns of [`MINORS_FILE`].
pub const MINORS: Schema = Schema {
    format: "refit-knowledge/calendar-kubernetes/1",
    columns: &[
        "product",
        "cycle",
        "kubernetes",
        "basis",
        "source",
        "source_version",
    ],
    key: 4,
};

/// What a product is to a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProductKind {
    /// A project that runs in clusters.
    Project,
    /// Kubernetes itself, as somebody offers it.
    Provider,
    /// A container runtime.
    Runtime,
    /// Other software that workloads bring along.
    Software,
    /// The operating system of nodes or of images.
    System,
}

/// Whether longer support costs more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// It does.
    More,
    /// No source at hand says.
    NotKnown,
}

/// What support beyond the usual end is called, and whether it costs more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extended {
    /// The name that the product uses.
    pub name: String,
    /// Whether it costs more.
    pub cost: Cost,
}

/// Something with a calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// Its short name, that of endoflife.date.
    pub name: String,
    /// Its name as it writes it itself.
    pub title: String,
    /// What it is to a cluster.
    pub kind: ProductKind,
    /// The name of the distribution of Kubernetes that it is, where it is one.
    pub distribution: Option<String>,
    /// The names that other families know it by.
    pub projects: Vec<String>,
    /// What it offers beyond the usual end, where it offers something.
    pub extended: Option<Extended>,
    /// Where this is said.
    pub source: String,
    /// What else is worth knowing; often empty.
    pub notes: String,
}

/// How a cycle stands on a day, and what that rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<'c> {
    /// How it stands, by the source that supports less.
    pub status: Status,
    /// What that source says.
    pub by: &'c Cycle,
    /// What the other source says, where it comes to another day or status.
    pub against: Option<(&'c Cycle, Status)>,
}

/// Every calendar that is known.
#[derive(Clone, Debug)]
pub struct SupportCalendars {
    products: BTreeMap<String, Product>,
    cycles: BTreeMap<(String, String), Vec<Cycle>>,
    minors: BTreeMap<(String, String), Minor>,
}

impl SupportCalendars {
    /// All products, by name.
    pub fn products(&self) -> impl Iterator<Item = &Product> {
        self.products.values()
    }

    /// The product called `name` by endoflife.date.
    #[must_use]
    pub fn product(&self, name: &str) -> Option<&Product> {
        self.products.get(name)
    }

    /// The calendar of the project that other families call `name`.
    #[must_use]
    pub fn of_project(&self, name: &str) -> Option<&Product> {
        self.products()
            .find(|product| product.projects.iter().any(|project| project == name))
    }

    /// The calendar of the distribution of Kubernetes called `name`, such as `eks`.
    #[must_use]
    pub fn of_distribution(&self, name: &str) -> Option<&Product> {
        self.products()
            .find(|product| product.distribution.as_deref() == Some(name))
    }

    /// All cycles, by product and in the order of their names, each source by itself.
    pub fn cycles(&self) -> impl Iterator<Item = &Cycle> {
        self.cycles.values().flatten()
    }

    /// What the sources say of the cycle of `product` that `version` belongs to:
    /// that whose name is the longest beginning of it. Empty where none is known.
    #[must_use]
    pub fn cycles_of(&self, product: &str, version: &str) -> &[Cycle] {
        let version = version.strip_prefix('v').unwrap_or(version);
        // The ends of the beginnings that a cycle can be named by, longest first.
        let ends = version
            .char_indices()
            .filter(|(_, c)| ['.', '-', '+'].contains(c))
            .map(|(index, _)| index)
            .chain([version.len()]);
        let mut beginnings: Vec<&str> = ends.filter_map(|end| version.get(..end)).collect();
        beginnings.reverse();
        beginnings
            .into_iter()
            .find_map(|cycle| self.cycles.get(&(product.to_owned(), cycle.to_owned())))
            .map_or(&[], Vec::as_slice)
    }

    /// How the cycle of `product` that `version` belongs to stands on `day`.
    /// `None` where no source speaks of it.
    #[must_use]
    pub fn support(&self, product: &str, version: &str, day: Date) -> Option<Answer<'_>> {
        let mut answers: Vec<(&Cycle, Status)> = self
            .cycles_of(product, version)
            .iter()
            .map(|cycle| (cycle, cycle.on(day)))
            .collect();
        // Stable, so that of two which say the same the collected one is named,
        // which has the newest release too.
        answers.sort_by_key(|(_, status)| status.rank());
        let mut answers = answers.into_iter();
        let (by, status) = answers.next()?;
        Some(Answer {
            status,
            by,
            against: answers.find(|(_, other)| *other != status),
        })
    }

    /// The cycle of `product` that is Kubernetes `minor`.
    #[must_use]
    pub fn cycle_with(&self, product: &Product, minor: Minor) -> Option<String> {
        let named = self
            .minors
            .iter()
            .find(|((name, _), of)| *name == product.name && **of == minor)
            .map(|((_, cycle), _)| cycle.clone());
        let has_minors = self.minors.keys().any(|(name, _)| *name == product.name);
        match named {
            Some(cycle) => Some(cycle),
            // It numbers its cycles by itself, and this minor has none.
            None if has_minors => None,
            None => (product.kind == ProductKind::Provider).then(|| minor.to_string()),
        }
    }
}

impl Family for SupportCalendars {
    /// Fails also where a cycle is of no product, its dates run backwards, or two
    /// claims about its Kubernetes differ.
    fn read_from(files: &Files) -> Result<Self, Error> {
        let products = products(files)?;
        let mut cycles: BTreeMap<(String, String), Vec<Cycle>> = BTreeMap::new();
        for (path, schema, basis) in [
            (COLLECTED_FILE, &COLLECTED, Basis::Collected),
            (DECLARED_FILE, &DECLARED, Basis::Declared),
        ] {
            let table = files.table(path, schema)?;
            for record in table.records() {
                let cycle = Cycle::read(&record, basis, table.as_of)?;
                if !products.contains_key(&cycle.product) {
                    return Err(record.refuse("product", "a product of calendars/products.csv"));
                }
                cycles
                    .entry((cycle.product.clone(), cycle.name.clone()))
                    .or_default()
                    .push(cycle);
            }
        }
        Ok(Self {
            minors: minors(files)?,
            products,
            cycles,
        })
    }
}

fn products(files: &Files) -> Result<BTreeMap<String, Product>, Error> {
    let table = files.table(PRODUCTS_FILE, &PRODUCTS)?;
    let mut products = BTreeMap::new();
    for record in table.records() {
        let kind = record.choice(
            "kind",
            &[
                ("project", ProductKind::Project),
                ("provider", ProductKind::Provider),
                ("runtime", ProductKind::Runtime),
                ("software", ProductKind::Software),
                ("system", ProductKind::System),
            ],
            "project, provider, runtime, software or system",
        )?;
        let product = Product {
            name: record.required("product")?.to_owned(),
            title: record.required("title")?.to_owned(),
            kind,
            distribution: filled(&record, "distribution"),
            projects: record
                .text("projects")
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            extended: extended(&record)?,
            source: record.required("source")?.to_owned(),
            notes: record.text("notes").to_owned(),
        };
        products.insert(product.name.clone(), product);
    }
    Ok(products)
}

fn extended(record: &Record<'_>) -> Result<Option<Extended>, Error> {
    let Some(name) = filled(record, "extended") else {
        if record.text("extended_cost").is_empty() {
            return Ok(None);
        }
        return Err(record.contradiction("a cost without anything that costs"));
    };
    let cost = record.choice(
        "extended_cost",
        &[("yes", Cost::More), ("not-known", Cost::NotKnown)],
        "yes or not-known",
    )?;
    Ok(Some(Extended { name, cost }))
}

fn minors(files: &Files) -> Result<BTreeMap<(String, String), Minor>, Error> {
    let mut minors = BTreeMap::new();
    let table = files.table(MINORS_FILE, &MINORS)?;
    for record in table.records() {
        record.required("basis")?;
        record.required("source")?;
        let key = (
            record.required("product")?.to_owned(),
            record.required("cycle")?.to_owned(),
        );
        let minor = record.value("kubernetes", "a minor such as 1.34")?;
        if minors
            .insert(key, minor)
            .is_some_and(|other| other != minor)
        {
            return Err(record.contradiction("two claims name different Kubernetes minors"));
        }
    }
    Ok(minors)
}

fn filled(record: &Record<'_>, column: &str) -> Option<String> {
    Some(record.text(column).to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
