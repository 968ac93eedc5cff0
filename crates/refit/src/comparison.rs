//! What has cleared since a baseline, and what was not seen again, on a screen.

use crate::output::{DIM, GOOD, WARN, styled, wrapped};
use refit_model::assessment::{Comparison, Finding};

/// The findings of the baseline that are not there any more.
pub(crate) fn gone(comparison: &Comparison, width: usize) -> String {
    let mut out = String::new();
    if !comparison.cleared.is_empty() {
        out.push_str(&format!("\n{}\n", styled(GOOD, "cleared")));
    }
    for row in &comparison.cleared {
        out.push_str(&head(&row.finding, width));
        if let Some(location) = &row.proof.location {
            out.push_str(&format!("          {}\n", styled(DIM, location)));
        }
        out.push_str(&wrapped(&row.proof.detail, 10, width));
        out.push('\n');
    }
    if !comparison.unseen.is_empty() {
        out.push_str(&format!(
            "\n{}\n",
            styled(WARN, "not seen again, and not cleared")
        ));
    }
    for row in &comparison.unseen {
        out.push_str(&head(&row.finding, width));
        out.push_str(&wrapped(&row.because, 10, width));
        out.push('\n');
        if let Some(command) = &row.command {
            out.push_str(&format!("          {}\n", styled(DIM, command)));
        }
    }
    out
}

fn head(finding: &Finding, width: usize) -> String {
    let text = format!("{}: {}", finding.subject, finding.title);
    let text = wrapped(&text, 10, width);
    format!("  {}  {}\n", finding.code, text.trim_start())
}
