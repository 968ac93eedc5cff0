//! One request to the API server, and what came of it.
//!
//! Everything that leaves this crate goes through [`Wire::send`]: bounded in
//! time and in bytes, never sent twice. The client's own retries are off
//! ([`client`]): it would repeat an eviction that a budget refuses for minutes,
//! and a POST whose answer was lost. Reads are repeated by [`Wire::read`], with
//! few tries and short waits; writes are repeated by nobody here.

use crate::survey::SEATS;
use crate::text;
use crate::warning::Warnings;
use http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use http::{Method, Request};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use kube::client::Body;
use serde::Deserialize;
use serde_json::Value;
use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How long a connection may take to come up.
pub(crate) const CONNECT: Duration = Duration::from_secs(10);

/// How long one request may take, from the first byte sent to the last one
/// received. The API server itself gives up on most requests after 60 s; half
/// of that is long for a page of a list.
pub(crate) const READ: Duration = Duration::from_secs(30);

/// The largest answer that is read. A page of 500 pods of 8 KiB is 4 MiB; 500
/// objects near the 1.5 MiB that etcd takes would be 750 MiB, and are refused
/// here in favour of smaller pages.
pub(crate) const ANSWER_BYTES: usize = 64 << 20;

/// How often a read is tried.
const READ_TRIES: u32 = 3;

/// The longest time that a read waits because the server asked for it. Longer
/// wishes become a gap, and whoever looks again decides when.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How often a read of a survey is tried.
const SURVEY_TRIES: u32 = 6;

/// The longest time that a read of a survey waits because the server asked for
/// it: priority and fairness asks for up to 32 s. Source: apiserver
/// `pkg/server/filters/priority-and-fairness.go`, v1.30.
const SURVEY_PAUSE: Duration = Duration::from_secs(32);

/// How long the reads of a survey may wait in all, in milliseconds: five
/// minutes, about as long as a large cluster takes without any wait.
const SURVEY_WAITS: u64 = 300_000;

/// The wait before a read is repeated when the server names none: enough for a
/// restarted API server behind a load balancer to be passed over.
const PAUSE: Duration = Duration::from_millis(250);

/// A client for `config` that leaves retries to us and bounds the connecting.
///
/// # Errors
/// When the credentials or certificates in `config` cannot be used. An exec
/// plug-in that `config` names is run here.
pub fn client(mut config: kube::Config) -> Result<kube::Client, kube::Error> {
    config.default_retry = false;
    config.connect_timeout = Some(CONNECT);
    config.write_timeout = Some(READ);
    // Bounded per request instead: the client's own timer also runs while a
    // pooled connection lies idle.
    config.read_timeout = None;
    kube::Client::try_from(config)
}

/// Where this crate gets the time from: the one place that is asked.
pub(crate) type Now = dyn Fn() -> jiff::Timestamp + Send + Sync;

/// How long an act may still take.
#[derive(Clone, Copy)]
pub(crate) struct Patience<'a> {
    /// The time.
    pub(crate) now: &'a Now,
    /// When the sender stops waiting.
    pub(crate) deadline: jiff::Timestamp,
}

impl Patience<'_> {
    /// For everything that is left to do.
    pub(crate) fn left(&self) -> Duration {
        // Negative when the deadline has passed, which is no time at all.
        Duration::try_from(self.deadline.duration_since((self.now)())).unwrap_or_default()
    }

    /// For one request.
    pub(crate) fn request(&self) -> Duration {
        self.left().min(READ)
    }
}

/// A way to the API server.
#[derive(Clone)]
pub(crate) struct Wire {
    client: kube::Client,
    insistence: Insistence,
    /// How many requests may be under way at once; absent where one follows
    /// another anyway.
    seats: Option<Arc<Semaphore>>,
    warnings: Arc<Mutex<Warnings>>,
}

/// How much a read puts up with.
#[derive(Clone)]
struct Insistence {
    /// How often it is tried.
    tries: u32,
    /// The longest single wait that the server may ask for.
    longest: Duration,
    /// How long all reads together may still wait, in milliseconds.
    purse: Arc<AtomicU64>,
}

/// One request.
pub(crate) struct Ask {
    method: Method,
    target: String,
    body: Option<(&'static str, Value)>,
    accept: &'static str,
}

/// The body type of a patch whose `null` removes (RFC 7386).
const MERGE_PATCH: &str = "application/merge-patch+json";

impl Ask {
    /// A read of `path`, with parameters that are encoded here.
    pub(crate) fn get(path: &str, parameters: &[(&str, &str)]) -> Self {
        Self::new(Method::GET, path, parameters, None)
    }

    /// The same request for an answer of another type.
    pub(crate) fn accepting(self, accept: &'static str) -> Self {
        Self { accept, ..self }
    }

    /// A merge patch of `path`.
    pub(crate) fn patch(path: &str, patch: Value) -> Self {
        Self::new(Method::PATCH, path, AS_US, Some((MERGE_PATCH, patch)))
    }

    /// A creation under `path`.
    pub(crate) fn post(path: &str, body: Value) -> Self {
        Self::new(Method::POST, path, AS_US, Some(("application/json", body)))
    }

    fn new(
        method: Method,
        path: &str,
        parameters: &[(&str, &str)],
        body: Option<(&'static str, Value)>,
    ) -> Self {
        let mut target = path.to_owned();
        for (place, (name, value)) in parameters.iter().enumerate() {
            target.push(if place == 0 { '?' } else { '&' });
            target.push_str(name);
            target.push('=');
            target.push_str(&text::encoded(value));
        }
        Self {
            method,
            target,
            body,
            accept: "application/json",
        }
    }
}

/// The name under which our writes appear in `managedFields`.
const AS_US: &[(&str, &str)] = &[("fieldManager", "refit")];

/// An answer of the server, whatever it says.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The HTTP status.
    pub(crate) code: u16,
    /// How long the server asks to be left alone.
    pub(crate) retry_after: Option<Duration>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The request never left: nothing can have happened.
    Before(String),
    /// The request left, or may have: anything can have happened.
    After(String),
    /// The answer was larger than [`ANSWER_BYTES`].
    TooLarge,
}

impl Lost {
    /// The sentence that says why.
    pub(crate) fn why(&self) -> String {
        match self {
            Self::Before(why) | Self::After(why) => why.clone(),
            Self::TooLarge => format!("the answer is larger than {} MiB", ANSWER_BYTES >> 20),
        }
    }
}

/// What a failed read means to whoever wanted to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// 401 or 403: we may not.
    NotAllowed(String),
    /// 404.
    NotThere(String),
    /// 410: the place in a list has expired.
    /// With the place, if the server names one, from which the list could go on.
    Expired(Option<String>),
    /// The answer was larger than [`ANSWER_BYTES`].
    TooLarge,
    /// Anything else.
    Failed(String),
}

impl From<Refused> for refit_model::seen::Unseen {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotAllowed(why) => Self::Forbidden(why),
            Refused::NotThere(why) | Refused::Failed(why) => Self::Failed(why),
            Refused::Expired(_) => {
                Self::Failed("the list changed faster than it was read".to_owned())
            }
            Refused::TooLarge => Self::Failed(Lost::TooLarge.why()),
        }
    }
}

impl Wire {
    pub(crate) fn new(client: kube::Client) -> Self {
        Self {
            client,
            insistence: Insistence {
                tries: READ_TRIES,
                longest: LONGEST_PAUSE,
                // As good as no limit: the tries bound it.
                purse: Arc::new(AtomicU64::new(u64::MAX)),
            },
            seats: None,
            warnings: Arc::default(),
        }
    }

    /// The same way for a survey, which may take minutes and would rather wait
    /// than see nothing: with [`SEATS`] requests at once, more patience with a
    /// server that is busy, and warnings of its own.
    pub(crate) fn surveying(&self) -> Self {
        Self {
            client: self.client.clone(),
            insistence: Insistence {
                tries: SURVEY_TRIES,
                longest: SURVEY_PAUSE,
                purse: Arc::new(AtomicU64::new(SURVEY_WAITS)),
            },
            seats: Some(Arc::new(Semaphore::new(SEATS))),
            warnings: Arc::default(),
        }
    }

    /// What the server warned of.
    pub(crate) fn warnings(&self) -> MutexGuard<'_, Warnings> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends `ask` once and waits at most `patience`.
    pub(crate) async fn send(&self, ask: &Ask, patience: Duration) -> Result<Reply, Lost> {
        let mut request = Request::builder()
            .method(ask.method.clone())
            .uri(ask.target.as_str())
            .header(ACCEPT, ask.accept);
        let mut bytes = Vec::new();
        if let Some((content_type, body)) = &ask.body {
            request = request.header(CONTENT_TYPE, *content_type);
            bytes = body.to_string().into_bytes();
        }
        let request = request
            .body(Body::from(bytes))
            .map_err(|error| Lost::Before(text::chain(&error)))?;
        tokio::time::timeout(patience, self.exchange(request))
            .await
            .unwrap_or_else(|_| {
                Err(Lost::After(format!(
                    "no answer within {} s",
                    patience.as_secs()
                )))
            })
    }

    async fn exchange(&self, request: Request<Body>) -> Result<Reply, Lost> {
        let path = request.uri().path().to_owned();
        let response = self
            .client
            .send(request)
            .await
            .map_err(|error| lost(&error))?;
        self.warnings().keep(&path, response.headers());
        let code = response.status().as_u16();
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.parse().ok())
            .map(Duration::from_secs);
        let body = Limited::new(response.into_body(), ANSWER_BYTES)
            .collect()
            .await
            .map_err(|error| {
                if error.is::<LengthLimitError>() {
                    Lost::TooLarge
                } else {
                    Lost::After(text::chain(error.as_ref()))
                }
            })?
            .to_bytes()
            .to_vec();
        Ok(Reply {
            code,
            retry_after,
            body,
        })
    }

    /// Reads, and tries again when the server is busy or was not reached.
    pub(crate) async fn read(&self, ask: &Ask) -> Result<Value, Refused> {
        let mut tried = 0;
        loop {
            tried += 1;
            let answer = {
                let _seat = match &self.seats {
                    Some(seats) => seats.acquire().await.ok(),
                    None => None,
                };
                self.send(ask, READ).await
            };
            if tried < self.insistence.tries
                && let Some(pause) = pause_before_retry(&answer, self.insistence.longest)
                && self.insistence.pays(pause)
            {
                tokio::time::sleep(pause).await;
                continue;
            }
            return match answer {
                Ok(reply) => understood(&reply),
                Err(Lost::TooLarge) => Err(Refused::TooLarge),
                Err(lost) => Err(Refused::Failed(lost.why())),
            };
        }
    }
}

impl Insistence {
    /// Whether there is still time for `pause`, which is taken out of what is left.
    fn pays(&self, pause: Duration) -> bool {
        let price = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
        self.purse
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(price)
            })
            .is_ok()
    }
}

/// How long to wait before a read is sent again; `None` when that would not
/// help. Source: the API conventions name 429 and 503 as retryable, and the
/// server's own timeouts answer 504.
fn pause_before_retry(answer: &Result<Reply, Lost>, longest: Duration) -> Option<Duration> {
    match answer {
        Ok(reply) if matches!(reply.code, 429 | 503 | 504) => {
            let pause = reply.retry_after.unwrap_or(PAUSE);
            (pause <= longest).then_some(pause)
        }
        // A connection that broke half-way may be one that a restarting server
        // closed; one that was refused or timed out is not better a moment later.
        Err(Lost::After(why)) if !why.starts_with("no answer within") => Some(PAUSE),
        Ok(_) | Err(_) => None,
    }
}

/// The JSON of a successful answer, or what the failure means.
fn understood(reply: &Reply) -> Result<Value, Refused> {
    if (200..300).contains(&reply.code) {
        return serde_json::from_slice(&reply.body).map_err(|error| {
            Refused::Failed(format!(
                "the answer is not JSON: {}",
                text::cut(&error.to_string())
            ))
        });
    }
    let why = format!("{}: {}", reply.code, said(reply));
    Err(match reply.code {
        401 | 403 => Refused::NotAllowed(why),
        404 => Refused::NotThere(why),
        410 => Refused::Expired(
            Status::of(reply)
                .and_then(|status| status.metadata?.place)
                .filter(|place| !place.is_empty()),
        ),
        _ => Refused::Failed(why),
    })
}

/// The parts of a `Status` that decide anything.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Status {
    pub(crate) kind: String,
    pub(crate) message: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) details: Option<Details>,
    metadata: Option<Metadata>,
}

/// The metadata of a `Status`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    #[serde(rename = "continue")]
    place: Option<String>,
}

/// The details of a `Status`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Details {
    pub(crate) causes: Option<Vec<Cause>>,
}

/// One cause of a `Status`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Cause {
    pub(crate) reason: Option<String>,
    pub(crate) message: Option<String>,
}

impl Status {
    /// The `Status` in a body; `None` for what no API server would write, such
    /// as the error page of a proxy.
    pub(crate) fn of(reply: &Reply) -> Option<Self> {
        serde_json::from_slice::<Self>(&reply.body)
            .ok()
            .filter(|status| status.kind == "Status")
    }

    /// The message of the first cause with this reason.
    pub(crate) fn cause(&self, reason: &str) -> Option<&str> {
        self.details
            .iter()
            .flat_map(|details| details.causes.iter().flatten())
            .find(|cause| cause.reason.as_deref() == Some(reason))
            .map(|cause| cause.message.as_deref().unwrap_or_default())
    }
}

/// What a failed answer says, in one short line.
pub(crate) fn said(reply: &Reply) -> String {
    match Status::of(reply) {
        Some(status) => text::cut(
            status
                .message
                .or(status.reason)
                .as_deref()
                .unwrap_or("the server gives no reason"),
        ),
        None if reply.body.is_empty() => "the answer is empty".to_owned(),
        None => text::cut(&String::from_utf8_lossy(&reply.body)),
    }
}

/// Whether the request can have reached the server.
///
/// Only two failures are sure to come before it: the connection that did not
/// come up, and credentials that could not be had.
fn lost(error: &kube::Error) -> Lost {
    let why = text::chain(error);
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(cause) = next {
        let unsent = cause
            .downcast_ref::<hyper_util::client::legacy::Error>()
            .is_some_and(hyper_util::client::legacy::Error::is_connect)
            || cause.is::<kube::client::AuthError>();
        if unsent {
            return Lost::Before(why);
        }
        next = cause.source();
    }
    Lost::After(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(code: u16, retry_after: Option<u64>, body: &str) -> Reply {
        Reply {
            code,
            retry_after: retry_after.map(Duration::from_secs),
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn parameters_cannot_become_more_parameters() {
        let ask = Ask::get(
            "/api/v1/pods",
            &[("limit", "500"), ("fieldSelector", "spec.nodeName=a&b=c d")],
        );
        assert_eq!(
            ask.target,
            "/api/v1/pods?limit=500&fieldSelector=spec.nodeName%3Da%26b%3Dc%20d"
        );
    }

    #[test]
    fn only_a_busy_server_that_asks_for_little_is_read_again() {
        for (answer, again) in [
            (Ok(reply(429, Some(1), "")), true),
            (Ok(reply(429, Some(10), "")), false),
            (Ok(reply(503, None, "")), true),
            (Ok(reply(504, None, "")), true),
            (Ok(reply(500, None, "")), false),
            (Ok(reply(403, None, "")), false),
            (Ok(reply(200, None, "")), false),
            (Err(Lost::Before("refused".to_owned())), false),
            (Err(Lost::After("closed".to_owned())), true),
            (Err(Lost::After("no answer within 30 s".to_owned())), false),
            (Err(Lost::TooLarge), false),
        ] {
            assert_eq!(
                pause_before_retry(&answer, LONGEST_PAUSE).is_some(),
                again,
                "{answer:?}"
            );
        }
    }

    #[test]
    fn failures_say_what_they_mean() {
        let status = r#"{"kind":"Status","code":403,"message":"nodes is forbidden","details":{}}"#;
        let check = |reply: &Reply, expected: Refused| {
            assert_eq!(understood(reply), Err(expected));
        };
        check(
            &reply(403, None, status),
            Refused::NotAllowed("403: nodes is forbidden".to_owned()),
        );
        check(&reply(410, None, status), Refused::Expired(None));
        let on = r#"{"kind":"Status","metadata":{"continue":"abc"}}"#;
        check(
            &reply(410, None, on),
            Refused::Expired(Some("abc".to_owned())),
        );
        check(
            &reply(502, None, "<html>bad\ngateway</html>"),
            Refused::Failed("502: <html>bad gateway</html>".to_owned()),
        );
        check(
            &reply(500, None, ""),
            Refused::Failed("500: the answer is empty".to_owned()),
        );
        assert!(matches!(
            understood(&reply(200, None, "{\"kind\"")),
            Err(Refused::Failed(_))
        ));
    }
}
