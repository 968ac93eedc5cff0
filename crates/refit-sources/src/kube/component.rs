//! The parts of Kubernetes that run as pods: the control plane's components and
//! kube-proxy, known by their images.

use refit_model::kubernetes::{Component, ComponentKey, ComponentKind, Pod};
use refit_model::name::Key;
use refit_model::seen::{Seen, Unseen};
use refit_model::version::KubeVersion;

/// The namespace of Kubernetes' own pods.
pub const SYSTEM_NAMESPACE: &str = "kube-system";

/// The control plane's component that the pod is, if it is one.
///
/// kubeadm labels its static pods `component` and `tier: control-plane`; any
/// mirror pod that is called after a component and its node is one as well.
#[must_use]
pub fn component(key: &Key, pod: &Pod) -> Option<(ComponentKey, Component)> {
    if !is_system(key) {
        return None;
    }
    let label = pod.labels.get("component").map(String::as_str);
    let has_tier = pod.labels.get("tier").map(String::as_str) == Some("control-plane");
    let kind = ComponentKind::ALL.into_iter().find(|kind| {
        let is_labelled = has_tier && label == Some(kind.name());
        let is_called = pod.mirror
            && key
                .name
                .as_str()
                .strip_prefix(kind.name())
                .is_some_and(|rest| rest.starts_with('-'));
        is_labelled || is_called
    })?;
    let component = Component {
        version: image_version(pod, kind.name()),
        ready: pod.ready.clone(),
    };
    let node = pod.node.clone()?;
    Some((ComponentKey { node, kind }, component))
}

/// The version of the kube-proxy that the pod is, if it is one.
#[must_use]
pub fn kube_proxy(key: &Key, pod: &Pod) -> Option<Seen<KubeVersion>> {
    const NAME: &str = "kube-proxy";
    if !is_system(key) {
        return None;
    }
    let is_labelled = ["k8s-app", "component"]
        .iter()
        .any(|label| pod.labels.get(*label).map(String::as_str) == Some(NAME));
    let is_called = pod.mirror && key.name.as_str().starts_with("kube-proxy-");
    (is_labelled || is_called).then(|| image_version(pod, NAME))
}

fn is_system(key: &Key) -> bool {
    key.namespace
        .as_ref()
        .is_some_and(|namespace| namespace.as_str() == SYSTEM_NAMESPACE)
}

/// The version in the tag of the pod's image called `name`.
fn image_version(pod: &Pod, name: &str) -> Seen<KubeVersion> {
    let image = pod
        .images
        .iter()
        .find(|image| image_name(image).is_some_and(|found| is_called(found, name)))
        .or(match pod.images.as_slice() {
            [only] => Some(only),
            _ => None,
        });
    let Some(image) = image else {
        return Seen::Gap(Unseen::NotInSource);
    };
    tag(image).and_then(|tag| tag.parse().ok()).map_or_else(
        || {
            let shown: String = image.chars().take(128).collect();
            Seen::Gap(Unseen::Failed(format!(
                "the image {shown} names no version"
            )))
        },
        Seen::Is,
    )
}

/// Older images carry the architecture: `kube-proxy-amd64`.
fn is_called(image: &str, name: &str) -> bool {
    image
        .strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// The image without its digest.
fn undigested(image: &str) -> &str {
    image.split_once('@').map_or(image, |(name, _)| name)
}

/// The last part of the image's path, without tag.
fn image_name(image: &str) -> Option<&str> {
    let last = undigested(image).rsplit('/').next()?;
    Some(last.split_once(':').map_or(last, |(name, _)| name))
}

/// The image's tag; a colon before the last slash is a port.
fn tag(image: &str) -> Option<&str> {
    let last = undigested(image).rsplit('/').next()?;
    last.split_once(':').map(|(_, tag)| tag)
}
