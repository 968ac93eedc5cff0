//! From clues to signs, and from signs to an answer.

use super::{
    Answer, Carries, Clue, Detection, Identified, Match, Place, Relation, Shown, Sign, Signal,
    Sureness, image, pattern,
};
use refit_model::kubernetes::Publisher;
use std::collections::{BTreeMap, BTreeSet};

/// With fewer points nothing is named: see [`Signal::points`].
const ENOUGH: u32 = 40;
/// What one sign of the project's own makes.
const LIKELY: u32 = 60;
/// What two signs that agree make.
const CERTAIN: u32 = 100;

/// What was found for one project.
#[derive(Default)]
struct Heap<'k> {
    signs: Vec<Match<'k>>,
    versions: Vec<Shown>,
    rebuilt_by: Option<&'k str>,
}

/// The heaps by project.
struct Heaps<'k> {
    heaps: BTreeMap<&'k str, Heap<'k>>,
}

impl<'k> Heaps<'k> {
    fn add(&mut self, sign: &'k Sign, found: Match<'k>, version: Option<Shown>) {
        let heap = self.heaps.entry(&sign.project).or_default();
        heap.signs.push(found);
        heap.versions.extend(version);
    }
}

pub(super) fn identify<'k>(detection: &'k Detection, clues: &[Clue<'_>]) -> Identified<'k> {
    let mut heaps = Heaps {
        heaps: BTreeMap::new(),
    };
    for clue in clues {
        hear(detection, clue, &mut heaps);
    }
    labelled_version(clues, &mut heaps);
    let mut answers: Vec<Answer<'k>> = heaps
        .heaps
        .into_iter()
        .map(|(project, heap)| answer(project, heap))
        .collect();
    // Sorted by name before, and the sort is stable.
    answers.sort_by_key(|answer| std::cmp::Reverse(weight(answer, clues)));
    let mut answers = answers.into_iter();
    let best = answers
        .next()
        .filter(|answer| weight(answer, clues) >= ENOUGH);
    let Some(mut best) = best else {
        return Identified::default();
    };
    let others: Vec<(Relation, Answer<'k>)> = answers
        .filter_map(|other| Some((relation(&best, &other)?, other)))
        .collect();
    let is_disputed = others
        .iter()
        .any(|(relation, _)| *relation == Relation::Conflict);
    let points = weight(&best, clues);
    best.sureness = match (points, is_disputed) {
        (CERTAIN.., false) => Sureness::Certain,
        (CERTAIN.., true) | (LIKELY.., false) => Sureness::Likely,
        (_, _) => Sureness::Possible,
    };
    Identified {
        answer: Some(best),
        others,
    }
}

/// The points of an answer. A release is the whole truth about itself; beside
/// what a workload or object shows by itself it is what brought it along.
fn weight(answer: &Answer<'_>, clues: &[Clue<'_>]) -> u32 {
    let alone = clues
        .iter()
        .all(|clue| matches!(clue, Clue::Release { .. } | Clue::Label { .. }));
    let released = answer
        .signs
        .iter()
        .any(|sign| sign.signal == Signal::Release);
    if released && !alone {
        answer.points - Signal::Release.points() + Signal::PartOf.points()
    } else {
        answer.points
    }
}

/// How `other` stands to the answer; `None` when too little speaks for it to be
/// worth telling.
fn relation(best: &Answer<'_>, other: &Answer<'_>) -> Option<Relation> {
    let is_image = |signal: Signal| {
        matches!(
            signal,
            Signal::Image | Signal::Rebuild | Signal::ImageName | Signal::Companion
        )
    };
    let has = |wanted: &dyn Fn(Signal) -> bool| other.signs.iter().any(|sign| wanted(sign.signal));
    if has(&is_image) {
        // An image of the answer's own stands beside it, or the answer is what
        // the labels say; then the image is what that whole is made with.
        return Some(Relation::Beside);
    }
    if has(&|signal| matches!(signal, Signal::Release | Signal::PartOf)) {
        return Some(Relation::Within);
    }
    // A workload is called after many things: that alone disputes nothing.
    let strong = other
        .signs
        .iter()
        .any(|sign| sign.points >= Signal::NameLabel.points());
    let own_name = best
        .signs
        .iter()
        .any(|sign| sign.signal == Signal::NameLabel);
    (strong && (other.points >= LIKELY || !own_name)).then_some(Relation::Conflict)
}

fn answer<'k>(project: &'k str, mut heap: Heap<'k>) -> Answer<'k> {
    heap.signs.sort_by(|a, b| {
        (std::cmp::Reverse(a.points), a.signal, &a.seen).cmp(&(
            std::cmp::Reverse(b.points),
            b.signal,
            &b.seen,
        ))
    });
    heap.signs.dedup();
    let mut best: BTreeMap<Signal, u32> = BTreeMap::new();
    for sign in &heap.signs {
        let points = best.entry(sign.signal).or_default();
        *points = (*points).max(sign.points);
    }
    heap.versions
        .sort_by_key(|shown| (shown.rank(), std::cmp::Reverse(shown.version.clone())));
    let mut versions = heap.versions.into_iter();
    let version = versions.next();
    let mut other_versions: Vec<Shown> = Vec::new();
    for shown in versions {
        let is_told = version
            .iter()
            .chain(&other_versions)
            .any(|told| told.version == shown.version);
        if !is_told {
            other_versions.push(shown);
        }
    }
    Answer {
        project,
        version,
        other_versions,
        sureness: Sureness::Possible,
        points: best.values().sum(),
        rebuilt_by: heap.rebuilt_by,
        signs: heap.signs,
    }
}

fn hear<'k>(detection: &'k Detection, clue: &Clue<'_>, heaps: &mut Heaps<'k>) {
    match *clue {
        Clue::Release {
            chart,
            chart_version,
            app_version,
            publishers,
        } => charted(
            detection,
            (chart, chart_version, app_version),
            (Signal::Release, publishers),
            heaps,
        ),
        Clue::Label { key, value } => label(detection, key, value, heaps),
        Clue::Image(reference) => {
            if let Some(told) = image::told(detection, reference) {
                let version = told.version.map(|version| Shown {
                    version,
                    by: told.found.signal,
                });
                heaps.add(told.sign, told.found, version);
                if let Some(heap) = heaps.heaps.get_mut(told.sign.project.as_str())
                    && heap.rebuilt_by.is_none()
                {
                    heap.rebuilt_by = told.rebuilt_by;
                }
            }
        }
        Clue::Name(name) => named(detection, name, Signal::Name, heaps),
        Clue::Definition { group, kind } => {
            let whole = format!("{group}/{kind}");
            let sign = closest(detection, Place::Definition, |p| {
                pattern::matches(p, group) || pattern::matches(p, &whole)
            });
            note(sign, Signal::Definition, &whole, heaps);
        }
        Clue::Webhook(name) => {
            let sign = closest(detection, Place::Webhook, |p| pattern::matches(p, name));
            note(sign, Signal::Webhook, name, heaps);
        }
        Clue::Driver(name) => {
            let sign = closest(detection, Place::Driver, |p| pattern::matches(p, name));
            note(sign, Signal::Driver, name, heaps);
        }
        Clue::ApiGroup(group) => {
            let sign = closest(detection, Place::Api, |p| pattern::matches(p, group));
            note(sign, Signal::ApiGroup, group, heaps);
        }
        Clue::Controller(name) => {
            let sign = closest(detection, Place::Controller, |p| pattern::matches(p, name));
            note(sign, Signal::Controller, name, heaps);
        }
    }
}

/// The closest sign of a place whose pattern is wanted.
fn closest(detection: &Detection, place: Place, wanted: impl Fn(&str) -> bool) -> Option<&Sign> {
    detection
        .signs
        .iter()
        .filter(|sign| sign.place == place && wanted(&sign.pattern))
        .max_by_key(|sign| pattern::closeness(&sign.pattern))
}

fn note<'k>(sign: Option<&'k Sign>, signal: Signal, seen: &str, heaps: &mut Heaps<'k>) {
    let Some(sign) = sign else {
        return;
    };
    let found = Match {
        signal,
        pattern: &sign.pattern,
        seen: seen.to_owned(),
        points: signal.points(),
        source: &sign.source,
    };
    heaps.add(sign, found, None);
}

fn label<'k>(detection: &'k Detection, key: &str, value: &str, heaps: &mut Heaps<'k>) {
    match key {
        "helm.sh/chart" | "chart" => {
            if let Some((chart, version)) = split_chart(value) {
                let by = (Signal::ChartLabel, &BTreeSet::new());
                charted(detection, (chart, version, ""), by, heaps);
            }
        }
        "app.kubernetes.io/part-of" => {
            named(detection, &value.to_lowercase(), Signal::PartOf, heaps);
        }
        "app.kubernetes.io/name" => named(detection, value, Signal::NameLabel, heaps),
        "app" | "k8s-app" => named(detection, value, Signal::AppLabel, heaps),
        _ => {}
    }
}

/// `cert-manager-v1.15.1` as the label has it: the name, and the version behind
/// the last dash that a digit or a `v` and a digit follow.
fn split_chart(value: &str) -> Option<(&str, &str)> {
    value
        .match_indices('-')
        .map(|(at, _)| (value.get(..at), value.get(at + 1..)))
        .find_map(|(name, version)| {
            let version = version?;
            let bare = version.strip_prefix('v').unwrap_or(version);
            let is_version = bare.starts_with(|c: char| c.is_ascii_digit()) && bare.contains('.');
            Some((name?, version)).filter(|_| is_version)
        })
}

fn charted<'k>(
    detection: &'k Detection,
    (chart, chart_version, app_version): (&str, &str, &str),
    (signal, publishers): (Signal, &BTreeSet<Publisher>),
    heaps: &mut Heaps<'k>,
) {
    for sign in &detection.signs {
        let signal = match sign.place {
            Place::Chart => signal,
            // What many charts are called is told by who says that it is theirs.
            Place::CommonChart if detection.is_published(sign, publishers) => signal,
            Place::CommonChart => Signal::CommonChart,
            Place::Api
            | Place::Companion
            | Place::Controller
            | Place::Definition
            | Place::Driver
            | Place::Image
            | Place::Name
            | Place::Webhook => continue,
        };
        if sign.pattern != chart {
            continue;
        }
        // A chart that is a project of its own is made of others: on a workload,
        // its label says what the workload is part of.
        let signal = match (sign.carries, signal) {
            (Carries::Chart, Signal::ChartLabel) => Signal::PartOf,
            (_, signal) => signal,
        };
        let version = match sign.carries {
            Carries::Own => app_version,
            Carries::Chart => chart_version,
            Carries::Other => "",
        };
        let version = image::flavourless(version).parse().ok();
        let found = Match {
            signal,
            pattern: &sign.pattern,
            seen: format!("{chart} {chart_version}"),
            points: signal.points(),
            source: &sign.source,
        };
        heaps.add(
            sign,
            found,
            version.map(|version| Shown {
                version,
                by: signal,
            }),
        );
    }
}

/// A name counts in full where the pattern is that name, and less where it is
/// only its beginning or end: `kong-*` is also what somebody calls a demo.
fn named<'k>(detection: &'k Detection, name: &str, signal: Signal, heaps: &mut Heaps<'k>) {
    let Some(sign) = closest(detection, Place::Name, |p| pattern::matches(p, name)) else {
        return;
    };
    let points = if pattern::is_exact(&sign.pattern) {
        signal.points()
    } else {
        // Alone it stays below what names anything; with one more sign it does.
        signal.points() * 5 / 8
    };
    let found = Match {
        signal,
        pattern: &sign.pattern,
        seen: name.to_owned(),
        points,
        source: &sign.source,
    };
    heaps.add(sign, found, None);
}

/// The label `app.kubernetes.io/version` is the version of what the name label
/// names, so it counts for the projects that a label of that thing names.
fn labelled_version(clues: &[Clue<'_>], heaps: &mut Heaps<'_>) {
    let version = clues.iter().find_map(|clue| {
        if let Clue::Label {
            key: "app.kubernetes.io/version",
            value,
        } = clue
        {
            image::flavourless(value).parse().ok()
        } else {
            None
        }
    });
    let Some(version) = version else {
        return;
    };
    for heap in heaps.heaps.values_mut() {
        let by = heap.signs.iter().map(|sign| sign.signal).find(|signal| {
            matches!(
                signal,
                Signal::NameLabel | Signal::ChartLabel | Signal::Definition
            )
        });
        if let Some(by) = by {
            heap.versions.push(Shown {
                version: crate::project::ProjectVersion::clone(&version),
                by,
            });
        }
    }
}
