//! An API server over real TCP: discovery, lists by page, refusals, warnings, and
//! a record of what was asked.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// How the server tells what it offers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Discovery {
    /// In one answer each, as from 1.26 on.
    Aggregated,
    /// By group and version.
    OldStyle,
}

/// What the server warns of although nobody knows of a deprecation.
pub(crate) const UNEXPECTED_WARNING: &str = "configmaps are out of fashion";

/// A kind at one version, and its objects.
#[derive(Clone)]
pub(crate) struct Resource {
    pub(crate) group: &'static str,
    pub(crate) version: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) name: &'static str,
    pub(crate) namespaced: bool,
    pub(crate) deprecated: bool,
    pub(crate) objects: Vec<Value>,
}

impl Resource {
    pub(crate) fn path(&self) -> String {
        if self.group.is_empty() {
            format!("/api/{}/{}", self.version, self.name)
        } else {
            format!("/apis/{}/{}/{}", self.group, self.version, self.name)
        }
    }

    fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// What nobody asks for without being told to.
    pub(crate) fn is_never_read(&self) -> bool {
        let is_custom = self.group == "example.org";
        self.deprecated || is_custom || ["secrets", "events"].contains(&self.name)
    }

    /// How many pages it is read in.
    pub(crate) fn pages(&self) -> usize {
        if self.is_never_read() {
            return 0;
        }
        let page = if self.name == "customresourcedefinitions" {
            25
        } else {
            500
        };
        self.objects.len().div_ceil(page).max(1)
    }
}

/// A cluster: its version and everything in it.
pub(crate) struct Cluster {
    pub(crate) version: &'static str,
    pub(crate) resources: Vec<Resource>,
}

/// What was asked of one path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) count: usize,
    pub(crate) deprecated: bool,
    pub(crate) queries: Vec<String>,
}

struct State {
    cluster: Cluster,
    discovery: Discovery,
    asked: Mutex<BTreeMap<String, Asked>>,
    forbidden: Mutex<BTreeSet<String>>,
    unknown: Mutex<bool>,
    now: AtomicUsize,
    most: AtomicUsize,
}

/// The server; it lives as long as the test process.
pub(crate) struct Server {
    pub(crate) url: String,
    state: Arc<State>,
}

impl Server {
    pub(crate) fn start(cluster: Cluster, discovery: Discovery) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State {
            cluster,
            discovery,
            asked: Mutex::default(),
            forbidden: Mutex::default(),
            unknown: Mutex::default(),
            now: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || serve(&stream, &state));
            }
        });
        Self { url, state }
    }

    /// Every path that was asked for.
    pub(crate) fn asked(&self) -> BTreeMap<String, Asked> {
        self.state.asked.lock().unwrap().clone()
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.state.cluster.resources.iter()
    }

    /// How many objects are there to be read.
    pub(crate) fn objects(&self) -> usize {
        self.resources()
            .filter(|resource| !resource.is_never_read())
            .map(|resource| resource.objects.len())
            .sum()
    }

    /// The most requests that were under way at once.
    pub(crate) fn most_at_once(&self) -> usize {
        self.state.most.load(Ordering::SeqCst)
    }

    /// Forbids each `nth` list that is asked for; returns the resources.
    pub(crate) fn forbid_every(&self, nth: usize) -> Vec<&str> {
        let chosen: Vec<_> = self
            .resources()
            .filter(|resource| !resource.is_never_read())
            .step_by(nth)
            .collect();
        let mut forbidden = self.state.forbidden.lock().unwrap();
        forbidden.extend(chosen.iter().map(|resource| resource.path()));
        chosen.iter().map(|resource| resource.name).collect()
    }

    /// Answers 401 from now on.
    pub(crate) fn forget_credentials(&self) {
        *self.state.unknown.lock().unwrap() = true;
    }
}

fn serve(stream: &TcpStream, state: &State) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        loop {
            match reader.read_line(&mut head) {
                Ok(0) | Err(_) => return,
                Ok(_) if head.ends_with("\r\n\r\n") => break,
                Ok(_) => {}
            }
        }
        let now = state.now.fetch_add(1, Ordering::SeqCst) + 1;
        state.most.fetch_max(now, Ordering::SeqCst);
        let target = head.split_whitespace().nth(1).unwrap();
        let length = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map_or(0, |(_, length)| length.parse().unwrap());
        let mut sent = vec![0; length];
        reader.read_exact(&mut sent).unwrap();
        let (code, warning, body) = if target.starts_with(REVIEWS) {
            (
                201,
                None,
                review(state, &serde_json::from_slice(&sent).unwrap()),
            )
        } else {
            answer(state, target)
        };
        let warning =
            warning.map_or_else(String::new, |text| format!("Warning: 299 - \"{text}\"\r\n"));
        let body = body.to_string();
        let length = body.len();
        state.now.fetch_sub(1, Ordering::SeqCst);
        let mut writer = stream;
        let written = write!(
            writer,
            "HTTP/1.1 {code} Said\r\n{warning}content-length: {length}\r\n\r\n{body}"
        );
        if written.is_err() {
            return;
        }
    }
}

fn status(code: u16, message: &str) -> Value {
    json!({"kind": "Status", "status": "Failure", "code": code, "message": message})
}

fn answer(state: &State, target: &str) -> (u16, Option<&'static str>, Value) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let resources = &state.cluster.resources;
    let found = resources.iter().find(|resource| resource.path() == path);
    {
        let mut asked = state.asked.lock().unwrap();
        let entry = asked.entry(path.to_owned()).or_default();
        entry.count += 1;
        entry.deprecated |= found.is_some_and(|resource| resource.deprecated);
        entry.queries.push(query.to_owned());
    }
    if *state.unknown.lock().unwrap() {
        return (401, None, status(401, "Unauthorized"));
    }
    if state.forbidden.lock().unwrap().contains(path) {
        return (403, None, status(403, "it is forbidden"));
    }
    match (path, found) {
        ("/version", _) => (200, None, json!({"gitVersion": state.cluster.version})),
        ("/api/v1/namespaces/kube-system", _) => (
            200,
            None,
            json!({"kind": "Namespace", "metadata": {"name": "kube-system", "uid": "0b6f3a52-8c1f-4d0e-9a53-5d7c7d8d8a11"}}),
        ),
        (_, Some(resource)) => {
            let warning = if resource.deprecated {
                Some("it is deprecated")
            } else if resource.name == "configmaps" {
                Some(UNEXPECTED_WARNING)
            } else {
                None
            };
            (200, warning, page(resource, query))
        }
        ("/api" | "/apis", None) => (200, None, offers(state, path)),
        (_, None) => group_version(resources, path).map_or_else(
            || (404, None, status(404, "there is no such path")),
            |document| (200, None, document),
        ),
    }
}

/// Where the server is asked after rights.
const REVIEWS: &str = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

/// Everything is allowed but what is done with a resource whose list is not.
fn review(state: &State, asked: &Value) -> Value {
    let named = &asked["spec"]["resourceAttributes"];
    let forbidden = state.forbidden.lock().unwrap();
    let is_forbidden = state.cluster.resources.iter().any(|resource| {
        named["group"] == resource.group
            && named["resource"] == resource.name
            && forbidden.contains(&resource.path())
    });
    json!({"kind": "SelfSubjectAccessReview", "status": {"allowed": !is_forbidden}})
}

fn page(resource: &Resource, query: &str) -> Value {
    let value = |name: &str| {
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == name)
            .and_then(|(_, value)| value.parse::<usize>().ok())
    };
    let begin = value("continue").unwrap_or(0);
    let rest = resource.objects.get(begin..).unwrap_or_default();
    let items: Vec<_> = rest
        .iter()
        .take(value("limit").unwrap_or(usize::MAX))
        .collect();
    let end = begin + items.len();
    let next = if end < resource.objects.len() {
        end.to_string()
    } else {
        String::new()
    };
    json!({"apiVersion": resource.api_version(), "kind": format!("{}List", resource.kind),
        "metadata": {"resourceVersion": "9", "continue": next}, "items": items})
}

/// Group to version to resources.
type Offers<'s> = BTreeMap<&'s str, BTreeMap<&'s str, Vec<&'s Resource>>>;

fn offers(state: &State, root: &str) -> Value {
    let mut groups: Offers<'_> = BTreeMap::new();
    for resource in &state.cluster.resources {
        if resource.group.is_empty() == (root == "/api") {
            let versions = groups.entry(resource.group).or_default();
            versions.entry(resource.version).or_default().push(resource);
        }
    }
    match state.discovery {
        Discovery::Aggregated => {
            let version = |(version, resources): (&&str, &Vec<&Resource>)| {
                let resources: Vec<_> = resources
                    .iter()
                    .map(|resource| {
                        json!({"resource": resource.name,
                            "responseKind": {"group": resource.group, "version": version, "kind": resource.kind},
                            "scope": if resource.namespaced { "Namespaced" } else { "Cluster" },
                            "verbs": ["get", "list"]})
                    })
                    .collect();
                json!({"version": version, "freshness": "Current", "resources": resources})
            };
            let items: Vec<_> = groups
                .iter()
                .map(|(group, versions)| {
                    json!({"metadata": {"name": group},
                        "versions": versions.iter().map(version).collect::<Vec<_>>()})
                })
                .collect();
            json!({"apiVersion": "apidiscovery.k8s.io/v2", "kind": "APIGroupDiscoveryList", "items": items})
        }
        Discovery::OldStyle if root == "/api" => json!({"kind": "APIVersions", "versions": ["v1"]}),
        Discovery::OldStyle => {
            let groups: Vec<_> = groups
                .iter()
                .map(|(group, versions)| {
                    let versions: Vec<_> = versions
                        .keys()
                        .map(|version| json!({"groupVersion": format!("{group}/{version}"), "version": version}))
                        .collect();
                    json!({"name": group, "versions": versions})
                })
                .collect();
            json!({"kind": "APIGroupList", "groups": groups})
        }
    }
}

fn group_version(resources: &[Resource], path: &str) -> Option<Value> {
    let within = path
        .strip_prefix("/apis/")
        .or_else(|| path.strip_prefix("/api/"))?;
    let resources: Vec<_> = resources
        .iter()
        .filter(|resource| resource.api_version() == within)
        .map(|resource| {
            json!({"name": resource.name, "kind": resource.kind,
                "namespaced": resource.namespaced, "verbs": ["get", "list"]})
        })
        .collect();
    (!resources.is_empty())
        .then(|| json!({"kind": "APIResourceList", "groupVersion": within, "resources": resources}))
}
