//! Acts through command line tools, and on files of settings.

use super::EffectClass;
use crate::command::{Command, Word, Words};
use crate::duration::Seconds;
use crate::name::{Namespace, ObjectName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Acts through the Helm client, version 3.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum HelmAct {
    /// `helm repo add` and `helm repo update`: the chart repository is known
    /// under this name, and its index is fresh.
    Repository {
        /// What it is called here.
        name: ObjectName,
        /// Where it is.
        url: Word,
    },
    /// `helm upgrade`: one more revision of a release that exists.
    Upgrade {
        /// The release.
        release: ObjectName,
        /// Its namespace.
        namespace: Namespace,
        /// The chart, as `REPOSITORY/CHART` or a path.
        chart: Word,
        /// The chart's version; never left to the newest one.
        version: Word,
        /// What the files of values are laid over.
        #[serde(default)]
        over: BaseValues,
        /// Files of values, later ones over earlier ones.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        values: Vec<Word>,
        /// Single values over those of the files.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        set: Vec<Setting>,
        /// How long Helm itself waits for the pods; absent when it does not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wait: Option<Seconds>,
    },
}

/// What the values of an upgrade are laid over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BaseValues {
    /// The defaults of the new chart.
    #[default]
    Chart,
    /// The values of the release before, without what is new in the chart:
    /// `--reuse-values`.
    Release,
}

/// A value at a path of keys with dots between them, such as
/// `global.image.tag`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Setting {
    /// The path.
    pub path: Word,
    /// The value; a text that reads as a number or a truth value is one.
    pub value: Word,
}

/// Acts through OSISM's client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum OsismAct {
    /// `osism apply`: one play for one role. Several roles at once would return
    /// before they end.
    Apply {
        /// The manager on which the client runs; absent where Refit runs on it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<Word>,
        /// The role.
        role: ObjectName,
        /// Everything behind `osism apply`, the role included.
        arguments: Vec<Word>,
    },
}

/// A program with arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExecAct {
    /// The program and its arguments; never read by a shell.
    pub run: Words,
    /// The host on which it runs; absent for where Refit runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Word>,
    /// The directory in which it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<Word>,
    /// What it reads from standard input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// The file that its output goes to, for its owner alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Word>,
    /// What is known of it when its answer is lost. Whoever writes the template
    /// answers for it; nothing here could tell.
    pub effect: EffectClass,
}

/// A file of settings made from another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditAct {
    /// The file as it is, YAML.
    pub from: Word,
    /// The file to write; the same one to change it in place.
    pub into: Word,
    /// What is set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<Setting>,
    /// Paths that are taken out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<Word>,
}

impl HelmAct {
    /// The class that it has by its nature.
    pub(super) const fn class(&self) -> EffectClass {
        match self {
            // Adding what is there under the same address changes nothing.
            Self::Repository { .. } => EffectClass::Converge,
            // Each call makes a revision; the history shows whether it did.
            Self::Upgrade { .. } => EffectClass::Probeable,
        }
    }

    /// The commands of Helm 3.
    pub(super) fn commands(&self) -> Vec<Command> {
        match self {
            Self::Repository { name, url } => vec![
                Command::of(["helm", "repo", "add", name.as_str(), url.as_str()]),
                Command::of(["helm", "repo", "update"]),
            ],
            Self::Upgrade {
                release,
                namespace,
                chart,
                version,
                over,
                values,
                set,
                wait,
            } => {
                let mut words = vec![
                    "helm".to_owned(),
                    "upgrade".to_owned(),
                    release.to_string(),
                    "-n".to_owned(),
                    namespace.to_string(),
                    chart.to_string(),
                    "--version".to_owned(),
                    version.to_string(),
                ];
                match over {
                    BaseValues::Chart => {}
                    BaseValues::Release => words.push("--reuse-values".to_owned()),
                }
                for file in values {
                    words.extend(["--values".to_owned(), file.to_string()]);
                }
                for Setting { path, value } in set {
                    words.extend(["--set".to_owned(), format!("{path}={value}")]);
                }
                if let Some(wait) = wait {
                    words.extend(["--wait".to_owned(), "--timeout".to_owned(), wait.in_go()]);
                }
                vec![Command::of(words)]
            }
        }
    }
}

impl OsismAct {
    /// The class that it has by its nature: its history shows whether a play
    /// ran, and the same play sent twice runs twice.
    pub(super) const fn class(&self) -> EffectClass {
        match self {
            Self::Apply { .. } => EffectClass::Probeable,
        }
    }

    /// The command on the manager.
    pub(super) fn command(&self) -> Command {
        match self {
            Self::Apply { on, arguments, .. } => Command {
                on: on.clone(),
                ..Command::of(
                    ["osism", "apply"]
                        .into_iter()
                        .chain(arguments.iter().map(Word::as_str)),
                )
            },
        }
    }
}

impl ExecAct {
    /// The command.
    pub(super) fn command(&self) -> Command {
        Command {
            on: self.on.clone(),
            dir: self.dir.clone(),
            run: self.run.to_texts(),
            input: self.input.clone(),
            output: self.output.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_release_is_upgraded_as_its_vendor_prints_it() {
        let act: HelmAct = serde_json::from_value(json!({"upgrade": {
            "release": "cluedin-platform",
            "namespace": "cluedin",
            "chart": "cluedin/cluedin-platform",
            "version": "2.8.0",
            "values": ["values-dev-2026-02-00.yml"],
            "set": [{"path": "application.system.upgradeMode", "value": "true"}],
            "wait": "10m",
        }}))
        .unwrap();
        let [command] = act.commands().try_into().unwrap();
        assert_eq!(
            command.to_string(),
            "helm upgrade cluedin-platform -n cluedin cluedin/cluedin-platform --version 2.8.0 \
             --values values-dev-2026-02-00.yml --set application.system.upgradeMode=true \
             --wait --timeout 10m0s"
        );
    }
}
