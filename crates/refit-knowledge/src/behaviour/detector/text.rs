//! How detectors are read and written: see the table of signs in the module above.

use super::{ApiPattern, Detector, DetectorError, Form, Reason, Release, Sign, Test, Tested};
use std::fmt;
use std::str::FromStr;

impl FromStr for Detector {
    type Err = DetectorError;
    fn from_str(text: &str) -> Result<Self, DetectorError> {
        if text == "always" {
            return Ok(Self::Always);
        }
        if let Some(reason) = text.strip_prefix("none:") {
            return reason.parse().map(Self::Nothing);
        }
        text.split(" | ")
            .map(str::parse)
            .collect::<Result<_, _>>()
            .map(Self::AnyOf)
    }
}

impl fmt::Display for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => f.write_str("always"),
            Self::Nothing(reason) => write!(f, "none:{reason}"),
            Self::AnyOf(signs) => {
                for (index, sign) in signs.iter().enumerate() {
                    if index > 0 {
                        f.write_str(" | ")?;
                    }
                    sign.fmt(f)?;
                }
                Ok(())
            }
        }
    }
}

impl FromStr for Reason {
    type Err = DetectorError;
    fn from_str(text: &str) -> Result<Self, DetectorError> {
        if let Some(other) = text.strip_prefix("superseded-by ") {
            let bad = DetectorError("superseded-by wants MINOR/PULL-REQUEST");
            let (minor, pull_request) = other.split_once('/').ok_or(bad)?;
            return Ok(Self::SupersededBy {
                minor: minor.parse().map_err(|_| bad)?,
                pull_request: pull_request.parse().map_err(|_| bad)?,
            });
        }
        Self::PLAIN
            .into_iter()
            .find_map(|(name, reason)| (name == text).then_some(reason))
            .ok_or(DetectorError("none wants a reason that is known"))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::SupersededBy {
            minor,
            pull_request,
        } = self
        {
            return write!(f, "superseded-by {minor}/{pull_request}");
        }
        let name = Self::PLAIN
            .into_iter()
            .find_map(|(name, reason)| (reason == *self).then_some(name));
        f.write_str(name.unwrap_or_default())
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL
            .into_iter()
            .find_map(|(name, form)| (form == *self).then_some(name));
        f.pad(name.unwrap_or_default())
    }
}

impl FromStr for Sign {
    type Err = DetectorError;
    fn from_str(text: &str) -> Result<Self, DetectorError> {
        let (form, argument) = text
            .split_once(':')
            .ok_or(DetectorError("a sign is FORM:ARGUMENT"))?;
        let form = Form::ALL
            .into_iter()
            .find_map(|(name, known)| (name == form).then_some(known))
            .ok_or(DetectorError("no such form of sign"))?;
        let plain = || name(argument).map(str::to_owned);
        Ok(match form {
            Form::Api => Self::Api(argument.parse()?),
            Form::Field => {
                let (api, field) = argument
                    .split_once('#')
                    .ok_or(DetectorError("field wants API#PATH"))?;
                Self::Field(api.parse()?, field.parse()?)
            }
            Form::Pod => Self::Pod(argument.parse()?),
            Form::Annotation => Self::Annotation(argument.parse()?),
            Form::Label => {
                let (kind, label) = argument
                    .split_once('#')
                    .ok_or(DetectorError("label wants KIND#KEY"))?;
                Self::Label(name(kind)?.to_owned(), label.parse()?)
            }
            Form::Selector => Self::Selector(plain()?),
            Form::Toleration => {
                let (old, new) = argument
                    .split_once(" unless ")
                    .ok_or(DetectorError("toleration wants OLD unless NEW"))?;
                Self::Toleration(name(old)?.to_owned(), name(new)?.to_owned())
            }
            Form::Image => Self::Image(plain()?),
            Form::Runtime => Self::Runtime(argument.parse()?),
            Form::Config => match argument.split_once('#') {
                Some((api, field)) => Self::Config(api.parse()?, Some(field.parse()?)),
                None => Self::Config(argument.parse()?, None),
            },
            Form::Gate => match argument.split_once('=') {
                Some((gate, value)) => {
                    let bad = DetectorError("a gate is true or false");
                    Self::Gate(
                        name(gate)?.to_owned(),
                        Some(value.parse().map_err(|_| bad)?),
                    )
                }
                None => Self::Gate(plain()?, None),
            },
            Form::Flag => {
                let (component, flag) = argument
                    .split_once('/')
                    .filter(|(_, flag)| flag.starts_with("--"))
                    .ok_or(DetectorError("flag wants COMPONENT/--NAME"))?;
                Self::Flag(any(component)?, flag.parse()?)
            }
            Form::Metric => match argument.split_once('{') {
                Some((metric, label)) => {
                    let label = label
                        .strip_suffix('}')
                        .ok_or(DetectorError("a label of a metric ends with a brace"))?;
                    Self::Metric(name(metric)?.to_owned(), Some(name(label)?.to_owned()))
                }
                None => Self::Metric(plain()?, None),
            },
            Form::Volume => Self::Volume(plain()?),
            Form::Provisioner => Self::Provisioner(plain()?),
            Form::Driver => Self::Driver(argument.parse()?),
            Form::Distribution => Self::Distribution(plain()?),
        })
    }
}

impl fmt::Display for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.form())?;
        match self {
            Self::Api(api) | Self::Config(api, None) => api.fmt(f),
            Self::Field(api, field) | Self::Config(api, Some(field)) => write!(f, "{api}#{field}"),
            Self::Pod(tested) | Self::Annotation(tested) => tested.fmt(f),
            Self::Label(kind, label) => write!(f, "{kind}#{label}"),
            Self::Gate(gate, Some(value)) => write!(f, "{gate}={value}"),
            Self::Flag(component, flag) => {
                write!(f, "{}/{flag}", component.as_deref().unwrap_or("*"))
            }
            Self::Metric(metric, Some(label)) => write!(f, "{metric}{{{label}}}"),
            Self::Runtime(release) | Self::Driver(release) => release.fmt(f),
            Self::Toleration(old, new) => write!(f, "{old} unless {new}"),
            Self::Selector(name)
            | Self::Image(name)
            | Self::Gate(name, None)
            | Self::Metric(name, None)
            | Self::Volume(name)
            | Self::Provisioner(name)
            | Self::Distribution(name) => f.write_str(name),
        }
    }
}

impl FromStr for ApiPattern {
    type Err = DetectorError;
    fn from_str(text: &str) -> Result<Self, DetectorError> {
        let parts: Vec<&str> = text.split('/').collect();
        let (group, version, kind) = match parts.as_slice() {
            [version, kind] => ("", *version, *kind),
            [group, version, kind] => (name(group)?, *version, *kind),
            _ => {
                return Err(DetectorError(
                    "an API is GROUP/VERSION/KIND or VERSION/KIND",
                ));
            }
        };
        Ok(Self {
            group: group.to_owned(),
            version: any(version)?,
            kind: any(kind)?,
        })
    }
}

impl fmt::Display for ApiPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.group.is_empty() {
            write!(f, "{}/", self.group)?;
        }
        let or_any = |text: &Option<String>| text.clone().unwrap_or_else(|| "*".to_owned());
        write!(f, "{}/{}", or_any(&self.version), or_any(&self.kind))
    }
}

impl FromStr for Tested {
    type Err = DetectorError;
    fn from_str(text: &str) -> Result<Self, DetectorError> {
        let end = text.find(['!', '=', '~']).unwrap_or(text.len());
        let (named, test) = text.split_at(end);
        let mut rest = test.chars();
        let test = match (rest.next(), rest.as_str()) {
            (None, _) => Test::Set,
            (Some('!'), "") => Test::Unset,
            (Some('='), value) => Test::Is(value.to_owned()),
            (Some('~'), value) if !value.is_empty() => Test::Holds(value.to_owned()),
            (Some(_), _) => return Err(DetectorError("a test is !, =TEXT or ~TEXT")),
        };
        Ok(Self {
            name: name(named)?.to_owned(),
            test,
        })
    }
}

impl fmt::Display for Tested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.test {
            Test::Set => Ok(()),
            Test::Unset => f.write_str("!"),
            Test::Is(text) => write!(f, "={text}"),
            Test::Holds(text) => write!(f, "~{text}"),
        }
    }
}

impl FromStr for Release {
    type Err = DetectorError;
    fn from_str(text: &str) -> Result<Self, DetectorError> {
        let (named, before) = match text.split_once('<') {
            Some((named, version)) => {
                let numbers = version.split('.').all(|part| part.parse::<u32>().is_ok());
                if !numbers {
                    return Err(DetectorError("a version is numbers with dots"));
                }
                (named, Some(version.to_owned()))
            }
            None => (text, None),
        };
        Ok(Self {
            name: name(named)?.to_owned(),
            before,
        })
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.before {
            Some(version) => write!(f, "<{version}"),
            None => Ok(()),
        }
    }
}

/// `None` for `*`.
fn any(text: &str) -> Result<Option<String>, DetectorError> {
    Ok(match text {
        "*" => None,
        named => Some(name(named)?.to_owned()),
    })
}

/// A name as it stands: not empty, and nothing in it that the language uses.
fn name(text: &str) -> Result<&str, DetectorError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._/*".contains(c);
    if text.is_empty() || !text.chars().all(plain) {
        return Err(DetectorError("a name has letters, digits and -._/* only"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_back_is_what_was_read() {
        for text in [
            "always",
            "none:commands-only",
            "none:superseded-by 1.21/99045",
            "api:v1/Endpoints",
            "api:policy/v1beta1/PodSecurityPolicy",
            "field:storage.k8s.io/*/StorageClass#parameters.diskformat",
            "pod:spec.terminationGracePeriodSeconds~-",
            "annotation:container.seccomp.security.alpha.kubernetes.io/*",
            "label:Node#kubernetes.io/os=windows",
            "selector:node-role.kubernetes.io/master | toleration:a/master unless a/control-plane",
            "image:k8s.gcr.io/",
            "runtime:containerd<1.6",
            "config:kubeadm.k8s.io/v1beta1/*",
            "config:kubelet.config.k8s.io/v1beta1/KubeletConfiguration#resolvConf=",
            "config:kubelet.config.k8s.io/v1beta1/KubeletConfiguration#cgroupDriver!",
            "gate:AllAlpha=true | gate:IPv6DualStack",
            "flag:*/--logging-format=json",
            "metric:etcd_requests_total{type} | metric:etcd_bookmark_counts",
            "volume:rbd | provisioner:kubernetes.io/rbd",
            "driver:* | driver:ebs.csi.aws.com<1.0.0",
            "distribution:kubeadm",
        ] {
            let detector: Detector = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(detector.to_string(), text);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "Always",
            "none:",
            "none:because",
            "none:superseded-by 99045",
            "api:PodSecurityPolicy",
            "api:a/b/c/d",
            "api:policy/v1beta1/Pod Security",
            "field:v1/Service",
            "field:v1/Service#",
            "pod:spec.x!y",
            "pod:spec.x~",
            "label:kubernetes.io/os",
            "runtime:containerd<one",
            "toleration:node-role.kubernetes.io/master",
            "gate:X=on",
            "flag:kubelet/name",
            "flag:--name",
            "metric:x{y",
            "volume:",
            "weather:rain",
            "gate:A|gate:B",
            "gate:A | ",
        ] {
            assert!(text.parse::<Detector>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn tests_of_values() {
        for (test, value, expected) in [
            (Test::Set, Some(""), true),
            (Test::Set, None, false),
            (Test::Unset, None, true),
            (Test::Unset, Some("x"), false),
            (Test::Is(String::new()), Some(""), true),
            (Test::Is("a".to_owned()), Some("ab"), false),
            (Test::Holds("a".to_owned()), Some("bab"), true),
            (Test::Holds("a".to_owned()), None, false),
        ] {
            assert_eq!(test.holds_of(value), expected, "{test:?} {value:?}");
        }
    }
}
