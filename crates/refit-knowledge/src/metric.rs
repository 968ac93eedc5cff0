//! Metrics of the components, as changes from minor to minor: what dashboards
//! and alerts may stop to find.

use crate::files::{Family, Files};
use crate::table::{Error, Record, Schema};
use refit_model::version::Minor;
use std::collections::BTreeSet;
use std::fmt;

/// The columns of `kubernetes/metrics.csv`.
pub const SCHEMA: Schema = Schema {
    format: "refit-knowledge/metrics/1",
    columns: &["minor", "metric", "event", "before", "after", "basis"],
    key: 3,
};

/// How much a metric is promised to stay, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stability {
    /// It may go with any release.
    Internal,
    /// It may go with any release, and is meant for use.
    Alpha,
    /// Its labels may grow; it is deprecated before it goes.
    Beta,
    /// Its labels stay; it is deprecated before it goes.
    Stable,
}

impl Stability {
    /// All of them, by the names that upstream writes.
    pub const ALL: [(&'static str, Self); 4] = [
        ("ALPHA", Self::Alpha),
        ("BETA", Self::Beta),
        ("INTERNAL", Self::Internal),
        ("STABLE", Self::Stable),
    ];
}

impl fmt::Display for Stability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Internal => "INTERNAL",
            Self::Alpha => "ALPHA",
            Self::Beta => "BETA",
            Self::Stable => "STABLE",
        })
    }
}

/// What happens to a metric with a minor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MetricEvent {
    /// It was there in the first minor that was looked at.
    Listed(Stability),
    /// It is there for the first time.
    Added(Stability),
    /// It is not to be used any more, since this release by its own word.
    Deprecated(String),
    /// It has other labels.
    Labels {
        /// Those that it had.
        before: BTreeSet<String>,
        /// Those that it has.
        after: BTreeSet<String>,
    },
    /// It is gone.
    Removed(Stability),
    /// It is promised to stay more, or less.
    Stability {
        /// What it was.
        before: Stability,
        /// What it is.
        after: Stability,
    },
    /// It counts or measures in another way, such as Gauge for Counter.
    Type {
        /// What it was.
        before: String,
        /// What it is.
        after: String,
    },
}

/// Which of upstream's lists shows a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MetricBasis {
    /// The list of every metric. It is not made anew with each minor, so that a
    /// change may show up to two minors late.
    DocumentationList,
    /// The list of beta and stable metrics, which upstream's tests hold to the code.
    StableList,
}

/// One change of one metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricChange {
    /// The first minor whose list shows it.
    pub minor: Minor,
    /// The full name.
    pub metric: String,
    /// What happens to it.
    pub event: MetricEvent,
    /// Which list shows it.
    pub basis: MetricBasis,
}

/// All changes that are known.
#[derive(Clone, Debug)]
pub struct Metrics {
    changes: Vec<MetricChange>,
}

/// What is known of a metric at a minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricStatus {
    /// It is listed.
    Listed,
    /// It is not, and was before.
    Removed {
        /// The first minor whose list does not have it.
        in_minor: Minor,
    },
    /// No list up to that minor has it.
    NotListed,
    /// No list of that minor was looked at.
    NotKnown,
}

impl Family for Metrics {
    fn read_from(files: &Files) -> Result<Self, Error> {
        let table = files.table("kubernetes/metrics.csv", &SCHEMA)?;
        let changes: Vec<MetricChange> = table.records().map(read).collect::<Result<_, _>>()?;
        let first = changes.first().map(|change| change.minor);
        for (change, record) in changes.iter().zip(table.records()) {
            let is_listed = matches!(change.event, MetricEvent::Listed(_));
            if is_listed != (Some(change.minor) == first) {
                return Err(record.contradiction("the first minor lists, the others change"));
            }
        }
        Ok(Self { changes })
    }
}

impl Metrics {
    /// The first and the last minor whose lists were looked at. Nothing is known
    /// of others.
    #[must_use]
    pub fn covers(&self) -> Option<(Minor, Minor)> {
        Some((self.changes.first()?.minor, self.changes.last()?.minor))
    }

    /// What changes on the way from `from` to `to`: not what came with `from`
    /// itself, and all that comes with `to`.
    pub fn between(&self, from: Minor, to: Minor) -> impl Iterator<Item = &MetricChange> {
        self.changes.iter().filter(move |change| {
            from < change.minor
                && change.minor <= to
                && !matches!(change.event, MetricEvent::Listed(_))
        })
    }

    /// The life of one metric, oldest change first.
    pub fn of<'m>(&'m self, metric: &'m str) -> impl Iterator<Item = &'m MetricChange> {
        self.changes
            .iter()
            .filter(move |change| change.metric == metric)
    }

    /// Whether `metric` is there at `minor`.
    #[must_use]
    pub fn status_at(&self, metric: &str, minor: Minor) -> MetricStatus {
        if self
            .covers()
            .is_none_or(|(first, last)| minor < first || last < minor)
        {
            return MetricStatus::NotKnown;
        }
        self.of(metric).filter(|change| change.minor <= minor).fold(
            MetricStatus::NotListed,
            |status, change| match change.event {
                MetricEvent::Listed(_) | MetricEvent::Added(_) => MetricStatus::Listed,
                MetricEvent::Removed(_) => MetricStatus::Removed {
                    in_minor: change.minor,
                },
                MetricEvent::Deprecated(_)
                | MetricEvent::Labels { .. }
                | MetricEvent::Stability { .. }
                | MetricEvent::Type { .. } => status,
            },
        )
    }
}

fn read(record: Record<'_>) -> Result<MetricChange, Error> {
    let stability = |column| record.choice(column, &Stability::ALL, "a stability");
    let labels = |column| -> BTreeSet<String> {
        let text: &str = record.text(column);
        let names = text.split('+').filter(|name| !name.is_empty());
        names.map(str::to_owned).collect()
    };
    let event = match record.required("event")? {
        "listed" => MetricEvent::Listed(stability("after")?),
        "added" => MetricEvent::Added(stability("after")?),
        "deprecated" => MetricEvent::Deprecated(record.required("after")?.to_owned()),
        "labels" => MetricEvent::Labels {
            before: labels("before"),
            after: labels("after"),
        },
        "removed" => MetricEvent::Removed(stability("before")?),
        "stability" => MetricEvent::Stability {
            before: stability("before")?,
            after: stability("after")?,
        },
        "type" => MetricEvent::Type {
            before: record.required("before")?.to_owned(),
            after: record.required("after")?.to_owned(),
        },
        _ => return Err(record.refuse("event", "a change of a metric")),
    };
    Ok(MetricChange {
        minor: record.value("minor", "a minor")?,
        metric: record.required("metric")?.to_owned(),
        event,
        basis: record.choice(
            "basis",
            &[
                ("documentation-list", MetricBasis::DocumentationList),
                ("stable-list", MetricBasis::StableList),
            ],
            "documentation-list or stable-list",
        )?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Knowledge;

    fn minor(minor: u16) -> Minor {
        Minor::new(1, minor)
    }

    #[test]
    fn one_metric_through_the_minors() {
        let metrics = Knowledge::embedded().metrics();
        assert_eq!(metrics.covers(), Some((minor(31), minor(36))));
        let gone = "scheduler_pod_scheduling_duration_seconds";
        for (at, expected) in [
            (30, MetricStatus::NotKnown),
            (31, MetricStatus::Listed),
            (32, MetricStatus::Listed),
            (
                33,
                MetricStatus::Removed {
                    in_minor: minor(33),
                },
            ),
            (
                36,
                MetricStatus::Removed {
                    in_minor: minor(33),
                },
            ),
            (37, MetricStatus::NotKnown),
        ] {
            assert_eq!(metrics.status_at(gone, minor(at)), expected, "1.{at}");
        }
        assert_eq!(
            metrics.status_at("etcd_bookmark_total", minor(35)),
            MetricStatus::NotListed
        );
        assert_eq!(
            metrics.status_at("etcd_bookmark_total", minor(36)),
            MetricStatus::Listed
        );
    }

    #[test]
    fn what_changes_between_two_minors() {
        let metrics = Knowledge::embedded().metrics();
        let deprecated: Vec<&str> = metrics
            .between(minor(35), minor(36))
            .filter(|change| matches!(change.event, MetricEvent::Deprecated(_)))
            .map(|change| change.metric.as_str())
            .collect();
        assert_eq!(
            deprecated,
            ["etcd_bookmark_counts", "volume_operation_total_errors"]
        );
        assert_eq!(metrics.between(minor(36), minor(36)).count(), 0);
    }

    /// The facts about behaviour that name a metric name one that the lists have,
    /// or that went before they begin.
    #[test]
    fn facts_about_behaviour_name_metrics_that_are_listed() {
        use crate::behaviour::{Form, Sign};
        let metrics = Knowledge::embedded().metrics();
        let (first, last) = metrics.covers().unwrap();
        for fact in Knowledge::embedded().behaviours().shown_by(Form::Metric) {
            if fact.id.minor < first {
                continue;
            }
            for sign in fact.signs() {
                if let Sign::Metric(name, _) = sign {
                    let status = metrics.status_at(name, last);
                    assert_eq!(status, MetricStatus::Listed, "{}: {name}", fact.id);
                }
            }
        }
    }
}
