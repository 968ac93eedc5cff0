//! The page, the runbook and the texts that people keep: pure rendering, one
//! input, the same bytes.

mod calendar;
mod inventory;
mod markdown;
mod notices;
mod page;
mod runbook;
mod sarif;

pub use calendar::plan_calendar;
pub use inventory::{inventory_markdown, life_words, support_words};
pub use markdown::assessment_markdown;
pub use notices::plan_notices;
pub use page::{PageContent, news_first, page};
pub use runbook::{plan_html, plan_markdown};
pub use sarif::{guide_sarif, sarif};

use refit_model::assessment::Comparison;

/// A comparison with a baseline in one line.
#[must_use]
pub fn comparison_line(comparison: &Comparison) -> String {
    format!(
        "Since the baseline of {}: {} new, {} worse, {} cleared, {} not seen again, {} as before.",
        comparison.baseline.now,
        comparison.new.len(),
        comparison.worse.len(),
        comparison.cleared.len(),
        comparison.unseen.len(),
        comparison.standing
    )
}
