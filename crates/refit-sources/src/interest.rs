//! Which documents are read, and which are only counted.
//!
//! Most documents of a repository hold kinds that no rule asks for. A glance at
//! their lines tells that, at a hundredth of the cost of reading them. The
//! glance believes only what cannot be otherwise: a document whose keys stand
//! at the beginnings of lines, with one plain `apiVersion` and one plain `kind`.
//! Whatever is written in another way is read.

use crate::kube::kinds::Kind;
use crate::kube::scaler;
use crate::watch::Watch;
use crate::words::any_of;
use aho_corasick::AhoCorasick;
use refit_model::object::GroupVersionKind;
use refit_model::snapshot::Area;
use std::fmt;
use std::sync::LazyLock;

/// Which documents are wanted.
#[derive(Clone, Copy)]
pub struct Interest<'a> {
    wants: Option<&'a (dyn Fn(&GroupVersionKind) -> bool + Sync)>,
    watch: Option<&'a Watch>,
    others: Others,
}

/// What becomes of documents that are not wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    /// They are only counted.
    Skipped,
    /// They are read as well. One that cannot be read is only counted: that hides
    /// no more than one that is skipped.
    Read,
}

impl fmt::Debug for Interest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.wants {
            Some(_) => "Interest(some)",
            None => "Interest(everything)",
        })
    }
}

impl<'a> Interest<'a> {
    /// Every document is read.
    pub const EVERYTHING: Self = Self {
        wants: None,
        watch: None,
        others: Others::Read,
    };

    /// Documents of the kinds that `wants` says, and whatever tells of more than
    /// its own kind: objects that a server gave out, Helm releases, lists, and
    /// templates that are not rendered.
    pub const fn of(wants: &'a (dyn Fn(&GroupVersionKind) -> bool + Sync)) -> Self {
        Self {
            wants: Some(wants),
            watch: None,
            others: Others::Skipped,
        }
    }

    /// The others are read as well, as far as they can be.
    #[must_use]
    pub const fn and_the_rest(self) -> Self {
        Self {
            others: Others::Read,
            ..self
        }
    }

    /// Beside these, documents that mention a field which `watch` watches.
    #[must_use]
    pub const fn watching(self, watch: &'a Watch) -> Self {
        Self {
            watch: Some(watch),
            ..self
        }
    }

    /// Whether the document that `bytes` hold is only counted.
    pub(crate) fn skips(&self, bytes: &[u8]) -> bool {
        self.others == Others::Skipped && self.can_do_without(bytes)
    }

    /// Whether nothing is lost when the document that `bytes` hold cannot be read.
    pub(crate) fn can_do_without(&self, bytes: &[u8]) -> bool {
        let Some(wants) = self.wants else {
            return false;
        };
        let Some(Head { api_version, kind }) = head(bytes) else {
            return false;
        };
        if kind.ends_with("List") || crate::own::is_own(api_version) {
            return false;
        }
        let Ok(api) = GroupVersionKind::from_api_version(api_version, kind) else {
            return false;
        };
        !wants(&api)
            && !TELLING.is_match(bytes)
            && !self
                .watch
                .is_some_and(|watch| watch.is_mentioned(&api, bytes))
    }
}

/// The part of the landscape that objects of a kind are listed under, for the
/// kinds that a snapshot lists. Secrets are none: only those that hold Helm
/// releases are read, and these are always wanted.
#[must_use]
pub fn area(api: &GroupVersionKind) -> Option<Area> {
    // What scales a workload says how many pods its budget counts.
    if scaler::is_scaler(api) {
        return Some(Area::Budgets);
    }
    let kind = Kind::of(api).filter(|kind| *kind != Kind::Secret)?;
    Some(kind.words().area)
}

/// What makes a document worth reading, whatever its kind.
///
/// - `uid:` is on what a server gave out: it tells of owners, times and volumes;
/// - the annotation of `kubectl apply` and managed fields tell of other versions;
/// - Secrets and ConfigMaps of Helm hold releases;
/// - two objects tell what a cluster is called;
/// - some tell components which feature gates to set: files for them, and the
///   ConfigMaps of kubeadm (`config.conf` is the key in that of kube-proxy);
/// - some characters end a line for Kubernetes and not here;
/// - `{{` stands in a template: that it cannot be read has to be told.
static TELLING: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let [next_line, line, paragraph] = crate::yaml::OTHER_LINE_ENDS;
    let words = [
        next_line,
        line,
        paragraph,
        "uid:",
        "uid\"",
        "uid'",
        "uid :",
        "last-applied-configuration",
        "managedFields",
        "helm.sh/release",
        "sh.helm.release",
        "kubeadm-config",
        "kubelet-config",
        "config.conf",
        "kubeadm.k8s.io",
        "kubelet.config.k8s.io",
        "kubeproxy.config.k8s.io",
        "kubescheduler.config.k8s.io",
        "audit.k8s.io",
        "{{",
    ];
    // The words are fixed and few, so that the automaton is small.
    #[expect(clippy::expect_used, reason = "a few short words always compile")]
    any_of(words).expect("a few short words")
});

/// The kind of a document, as its lines tell it.
#[derive(Debug, PartialEq, Eq)]
struct Head<'a> {
    api_version: &'a str,
    kind: &'a str,
}

/// The head of a document, if it cannot be another.
///
/// Why it cannot: the first content stands at the beginning of a line, so the
/// document is a mapping whose keys all do (or no YAML at all). A key there may
/// be written as `"kind"`, `? kind`, `kind :`, or come in through `<<`, a value
/// may run on in the lines below it, and a quoted text may do so at the beginning
/// of a line; none of that is believed.
fn head(bytes: &[u8]) -> Option<Head<'_>> {
    let (mut api_version, mut kind) = (None, None);
    let mut has_key = false;
    // A plain text may run on in lines further to the right.
    let mut may_run_on = false;
    let mut begin = 0;
    while let Some(rest) = bytes.get(begin..).filter(|rest| !rest.is_empty()) {
        let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let line = rest.get(..length)?;
        begin += length;
        let (first, second) = (line.first().copied()?, line.get(1).copied());
        match first {
            b'\n' | b'\r' | b'#' => {}
            b' ' if line.trim_ascii().is_empty() => {}
            b' ' if has_key && !may_run_on => {}
            // An item of a list under a key.
            b'-' if has_key
                && !may_run_on
                && matches!(second, None | Some(b' ' | b'\n' | b'\r')) => {}
            b'a'..=b'z' | b'A'..=b'Z' => {
                has_key = true;
                may_run_on = false;
                for (name, slot) in [("apiVersion", &mut api_version), ("kind", &mut kind)] {
                    let Some(value) = line.strip_prefix(name.as_bytes()) else {
                        continue;
                    };
                    // `kinds: x` is another key, `kind : x` is this one.
                    match value.first().copied() {
                        Some(b':') => {}
                        Some(b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-') => continue,
                        Some(_) | None => return None,
                    }
                    if slot.is_some() {
                        return None;
                    }
                    *slot = Some(plain(value.get(1..)?)?);
                    may_run_on = true;
                }
            }
            _ => return None,
        }
    }
    Some(Head {
        api_version: api_version?,
        kind: kind?,
    })
}

/// A value that is one word, quoted or not, with nothing but a comment behind it.
fn plain(value: &[u8]) -> Option<&str> {
    let value = value.trim_ascii();
    let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'-');
    let first = value.first().copied()?;
    let (word, rest) = if matches!(first, b'"' | b'\'') {
        let inner = value.get(1..)?;
        let end = memchr::memchr(first, inner)?;
        (inner.get(..end)?, inner.get(end + 1..)?)
    } else {
        let end = value.iter().position(u8::is_ascii_whitespace);
        value.split_at(end.unwrap_or(value.len()))
    };
    let rest = rest.trim_ascii_start();
    let is_plain = !word.is_empty() && word.iter().all(is_of_word);
    (is_plain && (rest.is_empty() || rest.starts_with(b"#")))
        .then(|| std::str::from_utf8(word).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<(&str, &str)> {
        head(text.as_bytes()).map(|head| (head.api_version, head.kind))
    }

    #[test]
    fn a_head_is_believed_only_when_it_cannot_be_another() {
        let believed = Some(("apps/v1", "Deployment"));
        for text in [
            "apiVersion: apps/v1\nkind: Deployment\n",
            "kind: Deployment\r\napiVersion: apps/v1\r\nspec:\r\n- a\r\n",
            "# first\n\nkind: \"Deployment\" # why\nmetadata:\n  kind: Other\napiVersion: 'apps/v1'",
            "apiVersion: apps/v1\nkinds: [a]\nkind: Deployment\ndata:\n  a: |\n    kind: Other\n",
        ] {
            assert_eq!(of(text), believed, "{text}");
        }
        for text in [
            // Not all keys, or one of them twice.
            "kind: Deployment\n",
            "apiVersion: apps/v1\nkind: Deployment\nkind: Ingress\n",
            // Written in another way.
            "apiVersion: apps/v1\nkind: Deployment\n\"kind\": Ingress\n",
            "apiVersion: apps/v1\nkind: Deployment\n? kind\n: Ingress\n",
            "apiVersion: apps/v1\nkind: Deployment\nkind : Ingress\n",
            "apiVersion: apps/v1\nkind: Deployment\n<<: *other\n",
            "apiVersion: apps/v1\nkind: &kind Deployment\n",
            "apiVersion: apps/v1\nkind: *kind\n",
            "apiVersion: apps/v1\nkind: !!str Deployment\n",
            "apiVersion: apps/v1\nkind: >-\n  Deployment\n",
            "apiVersion: apps/v1\nkind:\n  Deployment\n",
            "apiVersion: apps/v1\nkind: Deployment\n\n  of another\n",
            "apiVersion: apps/v1\nkind: \"Deploy\\u006dent\"\n",
            "{apiVersion: apps/v1, kind: Deployment}\n",
            // Another document may begin.
            "apiVersion: apps/v1\nkind: Deployment\n...\nkind: Ingress\n",
            "apiVersion: apps/v1\nkind: Deployment\n--- x\n",
            // Keys further to the right, with what looks like keys in a text.
            "  a: \"\nkind: Deployment\napiVersion: apps/v1\n\"\n  kind: Ingress\n",
            "- a\n",
            "\tkind: Deployment\napiVersion: apps/v1\n",
            "%YAML 1.1\n---\nkind: Deployment\napiVersion: apps/v1\n",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn what_tells_of_more_than_its_kind_is_never_skipped() {
        let none = |_: &GroupVersionKind| false;
        let interest = Interest::of(&none);
        let of_map = |rest: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n{rest}");
        assert!(interest.skips(of_map("  name: settings\n").as_bytes()));
        assert!(!Interest::EVERYTHING.skips(of_map("  name: settings\n").as_bytes()));
        for telling in [
            "  uid: 1b\n",
            "  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: x\n",
            "  managedFields: []\n",
            "  name: sh.helm.release.v1.shop.v3\n",
            "  name: kubeadm-config\n",
            "  name: kubelet-config\n",
            "data:\n  config.conf: x\n",
            "  name: {{ .Release.Name }}\n",
            "  # \u{2028}kind: Ingress\n",
        ] {
            assert!(!interest.skips(of_map(telling).as_bytes()), "{telling}");
        }
        for list in ["List", "ConfigMapList"] {
            let text = format!("apiVersion: v1\nkind: {list}\nitems: []\n");
            assert!(!interest.skips(text.as_bytes()), "{list}");
        }
        for file in [
            "kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\n",
            "kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n",
            "kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n",
            "kubescheduler.config.k8s.io/v1beta2\nkind: KubeSchedulerConfiguration\n",
        ] {
            let text = format!("apiVersion: {file}");
            assert!(!interest.skips(text.as_bytes()), "{file}");
        }
        let all = |api: &GroupVersionKind| api.kind == "ConfigMap";
        assert!(!Interest::of(&all).skips(of_map("  name: settings\n").as_bytes()));
    }

    #[test]
    fn a_watched_field_makes_a_document_worth_reading() {
        let none = |_: &GroupVersionKind| false;
        let watch = Watch::new(
            "1.37".parse().unwrap(),
            [refit_model::kubernetes::WatchedField {
                api: "v1 Service".parse().unwrap(),
                path: "spec.topologyKeys".to_owned(),
                state: refit_model::kubernetes::FieldState::Set,
                minor: "1.22".parse().unwrap(),
            }],
        );
        let interest = Interest::of(&none).watching(&watch);
        let service = "apiVersion: v1\nkind: Service\nspec:\n  topologyKeys: [a]\n";
        assert!(!interest.skips(service.as_bytes()));
        assert!(Interest::of(&none).skips(service.as_bytes()));
        let plain = service.replace("topologyKeys", "ports");
        assert!(interest.skips(plain.as_bytes()));
        let other = service.replace("Service", "Endpoints");
        assert!(interest.skips(other.as_bytes()));
    }

    /// A glance never says otherwise than reading does.
    #[test]
    fn a_glance_agrees_with_reading() {
        let mut random = fastrand::Rng::with_seed(7);
        let lines = [
            "kind: Deployment",
            "kind: Ingress",
            "kind : Pod",
            "apiVersion: apps/v1",
            "apiVersion: v1",
            "metadata:",
            "  name: a",
            "data:",
            "  b: |",
            "    kind: Secret",
            "- kind: x",
            "\"kind\": Job",
            "'apiVersion': b/v1",
            "# kind: No",
            "...",
            "",
            "x: \"a",
            "b\"",
            "<<: {kind: Y}",
            "  kind: Z",
            "? kind",
            ": Q",
            "kind: [a]",
            "&a kind: P",
            "kind: Job # c",
            "spec: {a: b,",
            "kind: Flow}",
            "e: 'f",
            "g'",
            "h: i",
            "  j",
        ];
        let mut believed = 0;
        for _ in 0..200_000 {
            let text: String = (0..random.usize(2..7))
                .map(|_| format!("{}\n", random.choice(lines).unwrap()))
                .collect();
            let Some(Head { api_version, kind }) = head(text.as_bytes()) else {
                continue;
            };
            let mut documents = crate::yaml::documents(text.as_bytes());
            let Some(Ok(Some(content))) = documents.next().map(|document| document.content) else {
                continue;
            };
            let read = |name| content.get(name).and_then(crate::yaml::Spanned::text);
            // Both inside one quoted text: then there is no object to miss.
            let (Some(read_kind), Some(read_version)) = (read("kind"), read("apiVersion")) else {
                assert!(text.contains('"') || text.contains('\''), "{text}");
                continue;
            };
            believed += 1;
            assert_eq!((read_kind, read_version), (kind, api_version), "{text}");
            assert!(documents.next().is_none(), "{text}");
        }
        assert!(believed > 200, "{believed}");
    }
}
