//! The page, the runbook and the texts that people keep: pure rendering, one
//! input, the same bytes.

mod page;
mod runbook;
mod sarif;

pub use page::{PageContent, news_first, page};
pub use runbook::{assessment_markdown, plan_markdown};
pub use sarif::sarif;
