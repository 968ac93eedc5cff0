//! The twin as a Kubernetes API server, without HTTP: a request is a value, and
//! so is its answer.
//!
//! Enough for a real client to read a cluster, cordon, evict, delete, and to
//! make what tests need. Codes, reasons, messages and causes are those that a
//! 1.36.3 server was recorded to give; what is not served answers 404 in the
//! two forms of a real one.

mod discovery;
mod list;
mod parse;
mod patch;
mod quantity;
mod render;
mod route;
mod status;
mod workloads;
mod write;

use crate::eviction::{Eviction, Mode};
use crate::twin::Twin;
use route::{Route, Target};
use serde_json::Value;
use status::Status;

/// The verb of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// The verb of this name, as HTTP spells it; `None` for any other.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "GET" => Some(Self::Get),
            "POST" => Some(Self::Post),
            "PUT" => Some(Self::Put),
            "PATCH" => Some(Self::Patch),
            "DELETE" => Some(Self::Delete),
            _ => None,
        }
    }
}

/// A request to the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiRequest {
    /// The verb.
    pub method: Method,
    /// The path, percent-encoded as it came, without the query.
    pub path: String,
    /// The query, percent-encoded as it came, without the question mark.
    pub query: String,
    /// The header `Content-Type`; empty when there was none.
    pub content_type: String,
    /// The body; empty when there was none.
    pub body: Vec<u8>,
}

impl ApiRequest {
    /// A request without a body. `target` is a path with an optional query.
    #[must_use]
    pub fn new(method: Method, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            content_type: String::new(),
            body: Vec::new(),
        }
    }

    /// The same request with a JSON body.
    #[must_use]
    pub fn with_body(mut self, content_type: &str, body: &Value) -> Self {
        content_type.clone_into(&mut self.content_type);
        self.body = body.to_string().into_bytes();
        self
    }
}

/// The answer of the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiResponse {
    /// The HTTP status.
    pub code: u16,
    /// The headers, `Content-Type` first.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl ApiResponse {
    fn json(code: u16, body: &Value) -> Self {
        Self {
            code,
            headers: vec![("Content-Type", "application/json".to_owned())],
            body: body.to_string().into_bytes(),
        }
    }

    fn plain(code: u16, body: &str) -> Self {
        Self {
            code,
            headers: vec![("Content-Type", "text/plain; charset=utf-8".to_owned())],
            body: body.as_bytes().to_vec(),
        }
    }

    fn status(status: &Status) -> Self {
        let mut response = Self::json(status.code, &status.render());
        if let Some(seconds) = status.retry_after {
            response.headers.push(("Retry-After", seconds.to_string()));
        }
        response
    }

    /// The value of a header, whatever the case of its name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// The largest body that is read: the server's own limit for a request
/// (`MaxRequestBodyBytes`, 3 MiB).
const MAX_BODY: usize = 3 << 20;

impl Twin {
    /// Answers a request at the twin's present. Time does not move by asking.
    pub fn api(&mut self, request: &ApiRequest) -> ApiResponse {
        if self.cluster.is_none() {
            return ApiResponse::plain(503, "there is no Kubernetes cluster\n");
        }
        let Some(target) = route::target(&request.path) else {
            return ApiResponse::plain(404, "404 page not found\n");
        };
        match target {
            Target::Discovery(page) => self.discovery(request, &page),
            Target::Resource(route) => self
                .serve(request, &route)
                .unwrap_or_else(|status| ApiResponse::status(&status)),
        }
    }

    fn serve(&mut self, request: &ApiRequest, route: &Route) -> Result<ApiResponse, Status> {
        if request.body.len() > MAX_BODY {
            return Err(Status::new(
                413,
                "RequestEntityTooLarge",
                "limit is 3145728",
            ));
        }
        let query = route::Query::parse(&request.query);
        let body = || -> Result<Value, Status> {
            serde_json::from_slice(&request.body).map_err(|error| {
                Status::new(
                    400,
                    "BadRequest",
                    format!("the object provided is unrecognized: {error}"),
                )
            })
        };
        match (
            request.method,
            route.name.as_deref(),
            route.subresource.as_deref(),
        ) {
            (Method::Get, None, None) => self.list(route, &query),
            (Method::Get, Some(name), None | Some("status")) => {
                let object = self.get(route, name)?;
                Ok(ApiResponse::json(200, &object))
            }
            (Method::Post, Some(name), Some("eviction")) if route.plural == "pods" => {
                self.evict_through_api(route, name, &body()?, &query)
            }
            (Method::Post, None, None) => {
                let body = body()?;
                self.rehearsing(&query, |twin| twin.create(route, &body))
            }
            (Method::Patch, Some(name), sub @ (None | Some("status"))) => {
                if !patch::KINDS.contains(&request.content_type.split(';').next().unwrap_or("")) {
                    return Err(Status::new(
                        415,
                        "UnsupportedMediaType",
                        format!(
                            "the body of the request was in an unknown format - accepted media types include: {}",
                            patch::KINDS.join(", ")
                        ),
                    ));
                }
                let body = body()?;
                self.rehearsing(&query, |twin| twin.patch(route, name, sub, &body))
            }
            (Method::Delete, Some(name), None) => {
                let options = if request.body.is_empty() {
                    Value::Null
                } else {
                    body()?
                };
                self.rehearsing(&query, |twin| twin.delete(route, name, &options, &query))
            }
            (Method::Get | Method::Post | Method::Put | Method::Patch | Method::Delete, _, _) => {
                Err(Status::new(
                    405,
                    "MethodNotAllowed",
                    "the server does not allow this method on the requested resource",
                ))
            }
        }
    }

    /// Does `work`, on a copy when the query says `dryRun=All`.
    fn rehearsing(
        &mut self,
        query: &route::Query,
        work: impl FnOnce(&mut Self) -> Result<ApiResponse, Status>,
    ) -> Result<ApiResponse, Status> {
        match mode(query.get("dryRun"))? {
            Mode::Real => work(self),
            Mode::DryRun => work(&mut self.clone()),
        }
    }

    fn evict_through_api(
        &mut self,
        route: &Route,
        name: &str,
        body: &Value,
        query: &route::Query,
    ) -> Result<ApiResponse, Status> {
        let given = body.pointer("/metadata/name").and_then(Value::as_str);
        if given.is_some_and(|given| given != name) {
            return Err(Status::new(
                400,
                "BadRequest",
                "name in URL does not match name in Eviction object",
            ));
        }
        let options = body.get("deleteOptions");
        let text = |path| {
            options
                .and_then(|options| options.pointer(path))
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let asked = mode(query.get("dryRun"))?;
        let in_body = options
            .and_then(|options| options.pointer("/dryRun/0"))
            .and_then(Value::as_str);
        let mode = match (asked, mode(in_body)?) {
            (Mode::Real, Mode::Real) => Mode::Real,
            (Mode::DryRun, _) | (_, Mode::DryRun) => Mode::DryRun,
        };
        let key = route.key(name)?;
        let eviction = Eviction {
            pod: key,
            mode,
            uid: text("/preconditions/uid"),
            version: text("/preconditions/resourceVersion"),
            grace: options
                .and_then(|options| options.get("gracePeriodSeconds"))
                .and_then(Value::as_i64),
        };
        let Some(cluster) = &mut self.cluster else {
            return Err(Status::not_found("pods", name));
        };
        let verdict = cluster.evict(&mut self.core, &eviction);
        let status = Status::of_verdict(&verdict, &eviction.pod);
        Ok(ApiResponse::status(&status))
    }
}

/// What `dryRun` says; the server knows one value.
fn mode(text: Option<&str>) -> Result<Mode, Status> {
    match text {
        None | Some("") => Ok(Mode::Real),
        Some("All") => Ok(Mode::DryRun),
        Some(other) => Err(Status::new(
            400,
            "BadRequest",
            format!("dryRun: Unsupported value: \"{other}\": supported values: \"All\""),
        )),
    }
}
