//! What is told of the line of releases that something is of, by the calendar of
//! its project.

use jiff::civil::Date;
use refit_knowledge::project::life::{Life, Lives};
use refit_model::assessment::Severity;

/// How many days before its end a line is told of: as long as the last stretch of a
/// minor of Kubernetes, which gets critical fixes only, is.
const SOON: i64 = 62;

/// Which fixes a line gets, where that is worth telling on the day `today`: none
/// any more, important ones only, or not for long.
pub(crate) fn fixes(life: &Life, today: Date) -> Option<(Severity, String)> {
    let soon = today.saturating_add(jiff::Span::new().days(SOON));
    match (life.end_of_life, life.maintenance_from) {
        (Some(end), _) if end < today => {
            Some((Severity::Warning, format!("has had no fixes since {end}")))
        }
        (Some(end), Some(from)) if from <= today => Some((
            Severity::Info,
            format!("gets important fixes only, until {end}"),
        )),
        (Some(end), _) if end <= soon => {
            Some((Severity::Info, format!("gets fixes only until {end}")))
        }
        (None, Some(from)) if from <= today => {
            Some((Severity::Info, "gets important fixes only".to_owned()))
        }
        (Some(_) | None, _) => None,
    }
}

/// Since when there is the line, and what else is worth knowing of it.
pub(crate) fn origin(life: &Life) -> String {
    let notes = match life.notes.trim_end_matches('.') {
        "" => String::new(),
        notes => format!(" Note: {notes}."),
    };
    format!(
        "It is of the line {}, which came out on {}.{notes}",
        life.line, life.released
    )
}

/// Where the calendar of the line is.
pub(crate) fn source(life: &Life) -> String {
    format!("{} at {}", life.source, life.source_version)
}

/// Where to go: the newest line of `project` that is out and has not ended.
pub(crate) fn newest<'l>(lives: &'l Lives, project: &'l str, today: Date) -> Option<&'l Life> {
    lives
        .lines(project)
        .filter(|life| life.released <= today && life.ended_on(today) != Some(true))
        .max_by(|a, b| a.line.cmp(&b.line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn life(maintenance_from: Option<Date>, end_of_life: Option<Date>, notes: &str) -> Life {
        Life {
            project: "shop".to_owned(),
            line: "1.2".parse().unwrap(),
            released: date(2025, 1, 1),
            maintenance_from,
            end_of_life,
            source: "shop/shop releases.md".to_owned(),
            source_version: "v1".to_owned(),
            as_of: date(2026, 1, 1),
            notes: notes.to_owned(),
        }
    }

    #[test]
    fn a_line_is_told_by_the_fixes_that_it_gets() {
        let today = date(2026, 6, 1);
        let (before, after) = (Some(date(2026, 5, 1)), Some(date(2026, 7, 1)));
        let (soon, later) = (Some(date(2026, 8, 2)), Some(date(2026, 8, 3)));
        for (from, end, expected) in [
            (None, None, None),
            (after, None, None),
            (None, later, None),
            (after, later, None),
            (
                None,
                before,
                Some("warning has had no fixes since 2026-05-01"),
            ),
            (
                before,
                before,
                Some("warning has had no fixes since 2026-05-01"),
            ),
            (
                None,
                Some(today),
                Some("info gets fixes only until 2026-06-01"),
            ),
            (None, soon, Some("info gets fixes only until 2026-08-02")),
            (after, soon, Some("info gets fixes only until 2026-08-02")),
            (
                before,
                later,
                Some("info gets important fixes only, until 2026-08-03"),
            ),
            (Some(today), None, Some("info gets important fixes only")),
        ] {
            let told = fixes(&life(from, end, ""), today);
            let told = told.map(|(severity, says)| format!("{severity} {says}"));
            assert_eq!(told.as_deref(), expected, "{from:?} {end:?}");
        }
    }

    #[test]
    fn what_has_no_notes_is_said_without() {
        for (notes, expected) in [
            ("", "It is of the line 1.2, which came out on 2025-01-01."),
            (
                "paid support goes on.",
                "It is of the line 1.2, which came out on 2025-01-01. Note: paid support goes on.",
            ),
        ] {
            assert_eq!(origin(&life(None, None, notes)), expected);
        }
    }
}
