//! Admission webhooks, as far as an upgrade meets them: is anybody there?
//!
//! What a webhook would say is not modelled. One that can be reached lets
//! everything through; one that cannot either refuses (`failurePolicy: Fail`)
//! or is passed over (`Ignore`).

use crate::agenda::Core;
use crate::state::{Cluster, Trouble};
use refit_model::kubernetes::{FailurePolicy, Webhook, WebhookKind};
use refit_model::name::{Key, Namespace};
use refit_model::seen::Extent;
use refit_model::selector::Selector;

/// One webhook, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Hook {
    pub(crate) name: String,
    pub(crate) kind: WebhookKind,
    pub(crate) configuration: String,
    pub(crate) seen: Webhook,
    pub(crate) reach: Reach,
    /// Absent where the snapshot does not carry it.
    pub(crate) namespaces: Option<Selector>,
}

/// Where a webhook stands.
#[derive(Clone, Debug)]
pub(crate) enum Reach {
    /// Behind a Service: reachable while a pod behind it is ready.
    Service(Key),
    /// Behind a URL. On the loopback address nothing of the twin's listens, so
    /// the connection is refused; any other is assumed to answer.
    Url(String),
    /// Somewhere the snapshot does not show; assumed to answer.
    Elsewhere,
}

/// A request that admission is asked about.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    operation: &'static str,
    group: &'static str,
    version: &'static str,
    resource: &'static str,
    namespace: Namespace,
}

impl Call {
    pub(crate) const fn new(
        operation: &'static str,
        group: &'static str,
        version: &'static str,
        resource: &'static str,
        namespace: Namespace,
    ) -> Self {
        Self {
            operation,
            group,
            version,
            resource,
            namespace,
        }
    }

    /// Whether a rule, written `operation group/version/resource`, covers the
    /// call. `*` covers every resource and no subresource; `*/*` covers both
    /// (documented for admission rules).
    fn is_covered_by(&self, rule: &str) -> bool {
        let Some((operation, rest)) = rule.split_once(' ') else {
            return false;
        };
        let mut parts = rest.splitn(3, '/');
        let (Some(group), Some(version), Some(resource)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return false;
        };
        let resource_matches = resource == self.resource
            || resource == "*/*"
            || (resource == "*" && !self.resource.contains('/'))
            || resource
                .strip_suffix("/*")
                .is_some_and(|base| self.resource.split('/').next() == Some(base));
        (operation == "*" || operation == self.operation)
            && (group == "*" || group == self.group)
            && (version == "*" || version == self.version)
            && resource_matches
    }
}

impl Cluster {
    /// Asks the webhooks that cover a call.
    ///
    /// # Errors
    /// What the server says when one of them cannot be reached and insists.
    pub(crate) fn admit(&mut self, core: &Core, call: &Call) -> Result<(), String> {
        let Some((name, message)) = self
            .hooks
            .values()
            .filter(|hook| {
                hook.seen.failure_policy == FailurePolicy::Fail
                    && hook.seen.rules.iter().any(|rule| call.is_covered_by(rule))
                    && self.applies_in(hook, &call.namespace)
            })
            .find_map(|hook| Some((hook.name.clone(), self.unreachable(hook)?)))
        else {
            return Ok(());
        };
        let what = Trouble::HookDown(format!(
            "webhook {name} did not answer, so {} {} was refused in namespace {}{}",
            call.operation,
            call.resource,
            call.namespace,
            self.caveat(&name)
        ));
        if !self.troubles.iter().any(|(_, known)| *known == what) {
            self.trouble(core, what);
        }
        Err(format!(
            "failed calling webhook \"{name}\": failed to call webhook: {message}"
        ))
    }

    /// What an incident of the webhook rests on, when that was not all seen.
    fn caveat(&self, name: &str) -> &'static str {
        let guessed = self
            .hooks
            .values()
            .any(|hook| hook.name == name && hook.namespaces.is_none());
        if guessed {
            " (if it applies there: its namespace selector was not seen)"
        } else {
            ""
        }
    }

    fn applies_in(&self, hook: &Hook, namespace: &Namespace) -> bool {
        match &hook.namespaces {
            Some(selector) => self
                .namespaces
                .get(namespace)
                .is_some_and(|state| selector.matches(&state.labels)),
            // A snapshot does not carry the selector. Taken literally, a
            // webhook on pods would then refuse its own backend for ever;
            // charts leave out their own namespace and kube-system, so does this.
            None => match &hook.reach {
                Reach::Service(key) => {
                    key.namespace.as_ref() != Some(namespace) && namespace.as_str() != "kube-system"
                }
                Reach::Url(_) | Reach::Elsewhere => true,
            },
        }
    }

    /// What dialling the webhook says, when nobody answers.
    fn unreachable(&self, hook: &Hook) -> Option<String> {
        let timeout = hook.seen.timeout_seconds;
        match &hook.reach {
            Reach::Elsewhere => None,
            Reach::Url(url) => {
                let address = url.split("//").nth(1)?.split('/').next()?;
                address.starts_with("127.0.0.1:").then(|| {
                    format!(
                        "Post \"{url}?timeout={timeout}s\": dial tcp {address}: connect: connection refused"
                    )
                })
            }
            Reach::Service(key) => {
                let Extent::Whole = self.base.services.extent else {
                    return None;
                };
                let selector = self
                    .base
                    .services
                    .items
                    .get(key)
                    .and_then(|service| service.selector.as_ref())?;
                let answered = self
                    .pods_in(key.namespace.as_ref())
                    .any(|pod| pod.is_healthy() && selector.matches(&pod.seen.labels));
                let namespace = key.namespace.as_ref().map_or("", Namespace::as_str);
                (!answered).then(|| {
                    format!(
                        "Post \"https://{}.{namespace}.svc:443/?timeout={timeout}s\": no endpoints available for service \"{}\"",
                        key.name, key.name
                    )
                })
            }
        }
    }
}
