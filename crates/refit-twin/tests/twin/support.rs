//! A client of the twin's API, and the settings that the recordings were made in.

use refit_model::snapshot::{ClusterIdentity, IdentityBasis};
use refit_twin::{ApiRequest, ApiResponse, Method, Twin, TwinOptions};
use serde_json::{Value, json};
use std::time::Duration;

/// A twin that is spoken to through its API alone.
pub(crate) struct Client {
    pub(crate) twin: Twin,
}

impl Client {
    /// An empty cluster at 1.36.3.
    pub(crate) fn new(options: TwinOptions) -> Self {
        let identity = ClusterIdentity {
            id: "7c2c1a86-5d0f-4f56-9a53-2a4f1c1f0a01".parse().unwrap(),
            name: "recorded".to_owned(),
            basis: IdentityBasis::KubeSystemUid,
        };
        let start = "2026-11-20T06:00:00Z".parse().unwrap();
        Self {
            twin: Twin::empty(identity, start, "v1.36.3".parse().unwrap(), options),
        }
    }

    pub(crate) fn send(&mut self, request: &ApiRequest) -> (ApiResponse, Value) {
        let response = self.twin.api(request);
        let body = serde_json::from_slice(&response.body)
            .unwrap_or_else(|_| json!({"raw": String::from_utf8(response.body.clone()).unwrap()}));
        (response, body)
    }

    pub(crate) fn get(&mut self, target: &str) -> (u16, Value) {
        let (response, body) = self.send(&ApiRequest::new(Method::Get, target));
        (response.code, body)
    }

    pub(crate) fn post(&mut self, target: &str, body: &Value) -> (u16, Value) {
        let request = ApiRequest::new(Method::Post, target).with_body("application/json", body);
        let (response, body) = self.send(&request);
        (response.code, body)
    }

    /// Makes something that must be accepted.
    pub(crate) fn make(&mut self, target: &str, body: &Value) {
        let (code, answer) = self.post(target, body);
        assert_eq!(code, 201, "POST {target}: {answer}");
    }

    pub(crate) fn patch(&mut self, target: &str, body: &Value) {
        let request =
            ApiRequest::new(Method::Patch, target).with_body("application/merge-patch+json", body);
        let (response, answer) = self.send(&request);
        assert_eq!(response.code, 200, "PATCH {target}: {answer}");
    }

    pub(crate) fn delete(&mut self, target: &str) -> (u16, Value) {
        let (response, body) = self.send(&ApiRequest::new(Method::Delete, target));
        (response.code, body)
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, milliseconds: u64) {
        let until = self.twin.now() + Duration::from_millis(milliseconds);
        self.twin.advance_to(until);
    }

    /// A ready node.
    pub(crate) fn node(&mut self, name: &str, pods: u32) {
        let labels = json!({"kubernetes.io/hostname": name, "kubernetes.io/os": "linux"});
        self.make(
            "/api/v1/nodes",
            &json!({"metadata": {"name": name, "labels": labels}}),
        );
        let room = json!({"cpu": "32", "memory": "128Gi", "pods": pods.to_string()});
        self.patch(
            &format!("/api/v1/nodes/{name}/status"),
            &json!({"status": {
                "allocatable": room,
                "conditions": [{"type": "Ready", "status": "True"}],
            }}),
        );
    }

    pub(crate) fn namespace(&mut self, name: &str) {
        self.make("/api/v1/namespaces", &json!({"metadata": {"name": name}}));
    }

    pub(crate) fn pod_spec(cpu: &str) -> Value {
        json!({"containers": [{
            "name": "c",
            "image": "x",
            "resources": {"requests": {"cpu": cpu, "memory": "10Mi"}},
        }]})
    }

    /// A workload with labels `app: app`, and one more on its pods.
    pub(crate) fn workload(
        &mut self,
        target: &str,
        name: &str,
        spec: Value,
        app: &str,
        more: Value,
    ) {
        let mut labels = json!({"app": app});
        merge(&mut labels, more);
        let mut whole = json!({
            "selector": {"matchLabels": {"app": app}},
            "template": {"metadata": {"labels": labels}, "spec": Self::pod_spec("10m")},
        });
        merge(&mut whole, spec);
        self.make(target, &json!({"metadata": {"name": name}, "spec": whole}));
    }

    pub(crate) fn deploy(&mut self, namespace: &str, name: &str, replicas: u32) {
        self.workload(
            &format!("/apis/apps/v1/namespaces/{namespace}/deployments"),
            name,
            json!({"replicas": replicas}),
            name,
            json!({}),
        );
    }

    pub(crate) fn budget(&mut self, namespace: &str, name: &str, spec: Value) {
        self.make(
            &format!("/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"),
            &json!({"metadata": {"name": name}, "spec": spec}),
        );
    }

    pub(crate) fn budget_status(&mut self, namespace: &str, name: &str) -> Value {
        let target = format!("/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets/{name}");
        self.get(&target).1["status"].clone()
    }

    pub(crate) fn pods(&mut self, namespace: &str, selector: &str) -> Vec<Value> {
        let target = format!("/api/v1/namespaces/{namespace}/pods?labelSelector={selector}");
        self.get(&target).1["items"].as_array().unwrap().clone()
    }

    /// The names of the pods that are ready and stay, when there are `count`.
    pub(crate) fn ready(&mut self, namespace: &str, selector: &str, count: usize) -> Vec<String> {
        for _ in 0..400 {
            let names: Vec<_> = self
                .pods(namespace, selector)
                .iter()
                .filter(|pod| {
                    pod["metadata"]["deletionTimestamp"].is_null()
                        && pod["status"]["conditions"].as_array().is_some_and(|all| {
                            all.iter()
                                .any(|c| c["type"] == "Ready" && c["status"] == "True")
                        })
                })
                .map(name_of)
                .collect();
            if names.len() >= count {
                return names;
            }
            self.pass(100);
        }
        panic!("never {count} ready pods of {selector} in {namespace}");
    }

    /// One eviction, in the form in which the recordings keep answers.
    pub(crate) fn evict(&mut self, namespace: &str, pod: &str, how: &Evict) -> Value {
        let mut body = json!({
            "apiVersion": how.api_version,
            "kind": "Eviction",
            "metadata": {"name": how.name.unwrap_or(pod), "namespace": namespace},
        });
        if let Some(options) = &how.options {
            body["deleteOptions"] = options.clone();
        }
        let target = format!(
            "/api/v1/namespaces/{namespace}/pods/{pod}/eviction{}",
            how.query
        );
        let request = ApiRequest::new(Method::Post, &target).with_body("application/json", &body);
        let (response, answer) = self.send(&request);
        json!({
            "http": response.code,
            "retryAfterHeader": response.header("retry-after"),
            "status": answer["status"],
            "code": answer["code"],
            "reason": answer["reason"],
            "message": answer["message"],
            "details": answer["details"],
        })
    }
}

/// How an eviction is asked for.
pub(crate) struct Evict {
    pub(crate) api_version: &'static str,
    pub(crate) name: Option<&'static str>,
    pub(crate) options: Option<Value>,
    pub(crate) query: &'static str,
}

impl Default for Evict {
    fn default() -> Self {
        Self {
            api_version: "policy/v1",
            name: None,
            options: None,
            query: "",
        }
    }
}

pub(crate) fn name_of(pod: &Value) -> String {
    pod["metadata"]["name"].as_str().unwrap().to_owned()
}

fn merge(target: &mut Value, more: Value) {
    for (key, value) in more.as_object().unwrap() {
        target[key] = value.clone();
    }
}
