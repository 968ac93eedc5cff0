//! The JSON Schemas in `docs/schemas/`, one for each kind of file, from the
//! types that read and write it.

use crate::{Outcome, root, say};
use refit_model::API_VERSION;
use refit_model::assessment::Assessment;
use refit_model::environment::Environment;
use refit_model::governance::{PlanFeed, PlanStatus, TemplateList};
use refit_model::inventory::Inventory;
use refit_model::lint::GuideLint;
use refit_model::overlay::KnowledgeOverlay;
use refit_model::path::UpgradePath;
use refit_model::plan::UpgradePlan;
use refit_model::plan_overlay::PlanOverlay;
use refit_model::policy::{Schedule, UpgradePolicy};
use refit_model::rehearsal::Rehearsal;
use refit_model::review::Review;
use refit_model::snapshot::Snapshot;
use refit_model::template::UpgradeTemplate;
use refit_model::verification::Verification;
use refit_model::waiver::Waiver;
use refit_service::bundle::KnowledgeBundle;
use refit_service::doctor::Diagnosis;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;

/// Who makes files of a kind: what a reader may leave out, a writer has put in.
#[derive(Clone, Copy)]
enum Written {
    ByPeople,
    ByRefit,
}

/// Writes the schemas, or with `--check` fails when one is missing, stale or
/// left over.
pub(crate) fn run(arguments: &[String]) -> Outcome<()> {
    let check = match arguments {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => return Err("usage: cargo xtask schemas [--check]".into()),
    };
    let folder = root().join("docs/schemas");
    fs::create_dir_all(&folder)?;
    let schemas = all()?;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !schemas.contains_key(&name) {
            wrong.push(format!("docs/schemas/{name} is of no kind"));
            if !check {
                fs::remove_file(folder.join(&name))?;
            }
        }
    }
    for (name, text) in &schemas {
        let path = folder.join(name);
        if fs::read_to_string(&path).ok().as_ref() != Some(text) {
            wrong.push(format!("docs/schemas/{name} is not current"));
            if !check {
                fs::write(&path, text)?;
            }
        }
    }
    if check && !wrong.is_empty() {
        return Err(format!("{}\nrun `cargo xtask schemas`", wrong.join("\n")).into());
    }
    say(&format!("{} schemas are current", schemas.len()))
}

fn all() -> Outcome<BTreeMap<String, String>> {
    let texts = [
        schema::<Assessment>("assessment", Written::ByRefit)?,
        schema::<Snapshot>("snapshot", Written::ByRefit)?,
        schema::<Inventory>("inventory", Written::ByRefit)?,
        schema::<GuideLint>("guide-lint", Written::ByRefit)?,
        schema::<UpgradePath>("upgrade-path", Written::ByRefit)?,
        schema::<UpgradePolicy>("upgrade-policy", Written::ByPeople)?,
        schema::<Schedule>("schedule", Written::ByRefit)?,
        schema::<Waiver>("waiver", Written::ByPeople)?,
        schema::<KnowledgeOverlay>("knowledge-overlay", Written::ByPeople)?,
        schema::<KnowledgeBundle>("knowledge-bundle", Written::ByRefit)?,
        schema::<UpgradeTemplate>("upgrade-template", Written::ByPeople)?,
        schema::<PlanOverlay>("plan-overlay", Written::ByPeople)?,
        schema::<Environment>("environment", Written::ByPeople)?,
        schema::<TemplateList>("template-list", Written::ByRefit)?,
        schema::<UpgradePlan>("upgrade-plan", Written::ByRefit)?,
        schema::<PlanStatus>("plan-status", Written::ByRefit)?,
        schema::<PlanFeed>("plan-feed", Written::ByRefit)?,
        schema::<Review>("review", Written::ByRefit)?,
        schema::<Rehearsal>("rehearsal", Written::ByRefit)?,
        schema::<Verification>("verification", Written::ByRefit)?,
        schema::<Diagnosis>("diagnosis", Written::ByRefit)?,
    ];
    Ok(texts.into_iter().collect())
}

fn schema<T: JsonSchema>(name: &str, written: Written) -> Outcome<(String, String)> {
    let settings = SchemaSettings::draft2020_12();
    let settings = match written {
        Written::ByPeople => settings.for_deserialize(),
        Written::ByRefit => settings.for_serialize(),
    };
    let mut value: Value = settings.into_generator().into_root_schema_for::<T>().into();
    // The types hold the version as text, and reading compares it.
    let version = value
        .pointer_mut("/properties/apiVersion")
        .and_then(Value::as_object_mut)
        .ok_or_else(|| format!("{name} has no apiVersion"))?;
    version.insert("const".to_owned(), json!(API_VERSION));
    let text = format!("{}\n", serde_json::to_string_pretty(&value)?);
    Ok((format!("{name}.schema.json"), text))
}
