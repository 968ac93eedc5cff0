//! The use case *inventory*: which projects run there, and whether the target
//! supports them.

use crate::assess::{Strictness, covered};
use crate::exit;
use crate::failure::Failure;
use crate::knowing::Known;
use refit_model::inventory::{Inventory, SupportAnswer};
use refit_model::version::TargetVersion;
use refit_sources::Reading;

/// What runs in what was read. Support is judged against `to`, and against what
/// runs where nothing is named.
///
/// # Errors
/// When the knowledge does not cover `to`.
pub fn inventory(
    reading: &Reading,
    known: &Known,
    to: Option<&TargetVersion>,
    now: jiff::Timestamp,
) -> Result<Inventory, Failure> {
    let knowledge = known.knowledge();
    if let Some(target) = to {
        covered(target, knowledge)?;
    }
    let mut inventory = refit_assessor::inventory(&reading.snapshot, knowledge, to, now);
    inventory.metadata.knowledge.overlays = known.overlays().collect();
    Ok(inventory)
}

/// The exit code. Where somebody asked about a target, a project that does not
/// support it refuses; a gap counts only when every gap does.
#[must_use]
pub fn exit_code(
    inventory: &Inventory,
    asked: Option<&TargetVersion>,
    strictness: Strictness,
) -> u8 {
    let refused = asked.is_some()
        && inventory.projects.iter().any(|found| {
            found
                .support
                .as_ref()
                .is_some_and(|support| support.answer == SupportAnswer::NotSupported)
        });
    let unseen = match strictness {
        Strictness::Normal => false,
        Strictness::Strict => !inventory.gaps.is_empty(),
    };
    exit::worst([
        if refused { exit::REFUSED } else { exit::FINE },
        if unseen { exit::UNSEEN } else { exit::FINE },
    ])
}
