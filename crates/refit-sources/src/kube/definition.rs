//! Custom resource definitions.

use super::{Refused, application, field, webhook};
use refit_model::kubernetes::{Conversion, Definition};
use refit_model::name::ObjectName;
use serde_json::Value;

/// What an upgrade needs to know of a custom resource definition.
///
/// # Errors
/// When the object has no usable name.
pub fn definition(object: &Value) -> Result<(ObjectName, Definition), Refused> {
    let name = field::name(object)?;
    let versions = field::list(object, &["spec", "versions"]);
    let named = |flag: &'static str| {
        versions
            .iter()
            .filter(move |version| {
                field::at(version, &[flag]).and_then(Value::as_bool) == Some(true)
            })
            .filter_map(|version| field::filled(version, &["name"]))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    // v1beta1 also had a single version in the spec.
    let single = || field::filled(object, &["spec", "version"]).map(str::to_owned);
    let stored: Vec<_> = field::list(object, &["status", "storedVersions"])
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let or_single = |found: Vec<String>| {
        if versions.is_empty() {
            single().into_iter().collect()
        } else {
            found
        }
    };
    Ok((
        name,
        Definition {
            group: field::text(object, &["spec", "group"])
                .unwrap_or_default()
                .to_owned(),
            kind: field::text(object, &["spec", "names", "kind"])
                .unwrap_or_default()
                .to_owned(),
            served: or_single(named("served")),
            // Before it is applied, the version it will store is all there is.
            stored: if stored.is_empty() {
                or_single(named("storage"))
            } else {
                stored
            },
            conversion: conversion(object)?,
            application: application::signed(object),
        },
    ))
}

/// v1beta1 had the `clientConfig` one level higher.
fn conversion(object: &Value) -> Result<Conversion, Refused> {
    let Some(conversion) = field::at(object, &["spec", "conversion"]) else {
        return Ok(Conversion::None);
    };
    if field::text(conversion, &["strategy"]) != Some("Webhook") {
        return Ok(Conversion::None);
    }
    let places: [&[&str]; 2] = [&["webhook", "clientConfig"], &["webhookClientConfig"]];
    let client = places.iter().find_map(|path| field::at(conversion, path));
    Ok(Conversion::Webhook {
        service: client.map_or(Ok(None), webhook::service_of)?,
    })
}
