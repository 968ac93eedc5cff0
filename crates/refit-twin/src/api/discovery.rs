//! Pages about the API itself.

use super::route::{GROUPS, Page, RESOURCES};
use super::status::Status;
use super::{ApiRequest, ApiResponse, Method};
use crate::twin::Twin;
use refit_model::query::Query;
use refit_model::version::KubeVersion;
use serde_json::{Value, json};

/// The verbs that the twin serves on a resource.
const VERBS: [&str; 5] = ["create", "delete", "get", "list", "patch"];

impl Twin {
    pub(super) fn discovery(&self, request: &ApiRequest, page: &Page) -> ApiResponse {
        if request.method != Method::Get {
            return ApiResponse::status(&Status::new(
                405,
                "MethodNotAllowed",
                "the server does not allow this method on the requested resource",
            ));
        }
        match page {
            Page::Version => ApiResponse::json(200, &self.version_page()),
            Page::Health => ApiResponse::plain(200, "ok"),
            Page::Core => ApiResponse::json(
                200,
                &json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}),
            ),
            Page::Groups => ApiResponse::json(
                200,
                &json!({
                    "kind": "APIGroupList",
                    "apiVersion": "v1",
                    "groups": GROUPS.iter().map(|(name, versions)| group(name, versions)).collect::<Vec<_>>(),
                }),
            ),
            Page::Group(name) => GROUPS.iter().find(|(known, _)| known == name).map_or_else(
                || ApiResponse::plain(404, "404 page not found\n"),
                |(name, versions)| {
                    let mut body = group(name, versions);
                    if let Some(body) = body.as_object_mut() {
                        body.insert("kind".to_owned(), json!("APIGroup"));
                        body.insert("apiVersion".to_owned(), json!("v1"));
                    }
                    ApiResponse::json(200, &body)
                },
            ),
            Page::Resources(group, version) => resources(group, version),
        }
    }

    fn version_page(&self) -> Value {
        let seen = self.observe(&Query::ControlPlane);
        let version = seen
            .kubernetes
            .as_ref()
            .and_then(|seen| seen.server.get())
            .map_or_else(|| "v0.0.0".to_owned(), KubeVersion::to_string);
        let mut parts = version.trim_start_matches('v').split('.');
        json!({
            "major": parts.next().unwrap_or_default(),
            "minor": parts.next().unwrap_or_default(),
            "gitVersion": version,
            "gitCommit": "",
            "gitTreeState": "clean",
            "buildDate": "",
            "goVersion": "",
            "compiler": "gc",
            "platform": "linux/amd64",
        })
    }
}

fn group(name: &str, versions: &[&str]) -> Value {
    let one =
        |version: &&str| json!({"groupVersion": format!("{name}/{version}"), "version": version});
    json!({
        "name": name,
        "versions": versions.iter().map(one).collect::<Vec<_>>(),
        "preferredVersion": versions.first().map(one),
    })
}

fn resources(group: &str, version: &str) -> ApiResponse {
    let served = if group.is_empty() {
        version == "v1"
    } else {
        GROUPS
            .iter()
            .any(|(name, versions)| *name == group && versions.contains(&version))
    };
    if !served {
        return ApiResponse::status(&Status::no_resource());
    }
    let mut list: Vec<_> = RESOURCES
        .iter()
        .filter(|known| known.group == group && known.version == version)
        .map(|known| {
            json!({
                "name": known.plural,
                "singularName": known.kind.to_lowercase(),
                "namespaced": known.namespaced,
                "kind": known.kind,
                "verbs": VERBS,
            })
        })
        .collect();
    if group.is_empty() {
        list.push(json!({
            "name": "pods/eviction",
            "singularName": "",
            "namespaced": true,
            "group": "policy",
            "version": "v1",
            "kind": "Eviction",
            "verbs": ["create"],
        }));
    }
    let name = if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    };
    ApiResponse::json(
        200,
        &json!({
            "kind": "APIResourceList",
            "apiVersion": "v1",
            "groupVersion": name,
            "resources": list,
        }),
    )
}
