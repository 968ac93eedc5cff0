//! The pages of all codes, and the use case *explain*.

use crate::failure::{Failure, FailureKind};
use refit_assessor::near::nearest;
use refit_model::code::CodePage;

/// Every code with its page, in order.
#[must_use]
pub fn all() -> Vec<&'static CodePage> {
    let mut pages: Vec<_> = refit_assessor::codes::ALL
        .iter()
        .chain(refit_assessor::guide::codes::ALL)
        .chain(refit_reviewer::codes::ALL)
        .collect();
    pages.sort_by_key(|page| page.code);
    pages
}

/// The page of one code.
///
/// # Errors
/// When there is no such code, with the nearest one.
pub fn explain(code: &str) -> Result<&'static CodePage, Failure> {
    let pages = all();
    let wanted = code.to_ascii_uppercase();
    if let Some(page) = pages.iter().find(|page| page.code.to_string() == wanted) {
        return Ok(page);
    }
    let failure = Failure::new(FailureKind::Usage, format!("there is no code {code:?}"));
    Err(
        match nearest(&wanted, pages.iter().map(|page| page.code.to_string())) {
            Some(near) => failure.hint(format!("did you mean {near}?")),
            None => failure.hint("codes look like RFA101; docs/codes/ lists them all"),
        },
    )
}

/// A page as Markdown.
#[must_use]
pub fn markdown(page: &CodePage) -> String {
    let until_then = match page.mitigation {
        "" => String::new(),
        mitigation => format!("## Until then\n\n{mitigation}\n\n"),
    };
    format!(
        "# {}: {}\n\n{}\n\n## What to do\n\n{}\n\n{until_then}## Source\n\n{}\n",
        page.code, page.title, page.means, page.remedy, page.source
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_code_stands_for_two_things_and_no_page_is_empty() {
        let pages = all();
        let codes: BTreeSet<_> = pages.iter().map(|page| page.code).collect();
        assert_eq!(codes.len(), pages.len());
        for page in pages {
            for text in [page.title, page.means, page.remedy, page.source] {
                assert!(text.len() > 3, "{} lacks a part of its page", page.code);
            }
        }
    }
}
