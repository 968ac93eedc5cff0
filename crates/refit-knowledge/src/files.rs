//! Where the texts of the fact files come from: what the binary carries, with
//! what somebody adds or corrects laid over it.

use crate::table::{self, Problem, Schema, Table};
use crate::{
    api, basis, behaviour, calendar, canonical, cluedin, component, custom, detection, gates,
    label, manifest, metric, migration, osism, project, schema, settings, skew, support, tools,
};
use flate2::read::DeflateDecoder;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read as _;

/// One fact file: where it is, what it must look like, what a row of it says.
#[derive(Clone, Copy, Debug)]
pub struct FactFile {
    /// Its path below `knowledge/`.
    pub path: &'static str,
    /// What its reader wants.
    pub schema: &'static Schema,
    /// What one row says, as in "one row says ...".
    pub says: &'static str,
}

/// Every fact file, in the order of the paths. A family adds its files here.
pub const EVERY: &[FactFile] = &[
    FactFile {
        path: "bases.csv",
        schema: &basis::SCHEMA,
        says: "what it means that a fact rests on something, and where to look that up",
    },
    FactFile {
        path: "calendars/collected.csv",
        schema: &support::COLLECTED,
        says: "until when one cycle of one product is supported, as endoflife.date has it",
    },
    FactFile {
        path: "calendars/declared.csv",
        schema: &support::DECLARED,
        says: "the same, as those who make the product state it",
    },
    FactFile {
        path: "calendars/kubernetes-minors.csv",
        schema: &support::MINORS,
        says: "which Kubernetes minor one cycle of a distribution is",
    },
    FactFile {
        path: "calendars/products.csv",
        schema: &support::PRODUCTS,
        says: "one product with a calendar, and what longer support of it is called",
    },
    FactFile {
        path: "kubernetes/admission-plugins.csv",
        schema: &settings::PLUGINS,
        says: "from when to when the API server has one admission plugin",
    },
    FactFile {
        path: "kubernetes/api-lifecycle.csv",
        schema: &api::SCHEMA,
        says: "when one kind at one API version came, was deprecated, went, and what replaces it",
    },
    FactFile {
        path: "kubernetes/behaviour.csv",
        schema: &behaviour::SCHEMA,
        says: "one thing that behaves otherwise from a minor on, who has to act, and what of a cluster shows it",
    },
    FactFile {
        path: "kubernetes/component-flags.csv",
        schema: &settings::FLAGS,
        says: "one flag of a component that is discouraged or gone",
    },
    FactFile {
        path: "kubernetes/component-images.csv",
        schema: &component::IMAGES,
        says: "which etcd, CoreDNS and pause image kubeadm of one release installs",
    },
    FactFile {
        path: "kubernetes/config-apis.csv",
        schema: &settings::CONFIG_APIS,
        says: "from when to when one version of a configuration file is read",
    },
    FactFile {
        path: "kubernetes/etcd-steps.csv",
        schema: &component::ETCD_STEPS,
        says: "one step of etcd to its next minor, and what every member runs before",
    },
    FactFile {
        path: "kubernetes/feature-gates-not-read.csv",
        schema: &gates::NOT_READ,
        says: "one release whose feature gates were not read, since its sources were not at hand",
    },
    FactFile {
        path: "kubernetes/feature-gates.csv",
        schema: &gates::SCHEMA,
        says: "what is true of one feature gate over a span of versions",
    },
    FactFile {
        path: "kubernetes/floors.csv",
        schema: &component::FLOORS,
        says: "from one minor on, what container runtime, control groups or kernel a node must have",
    },
    FactFile {
        path: "kubernetes/labels.csv",
        schema: &label::SCHEMA,
        says: "when one well-known label or taint came, was deprecated, went, and what replaces it",
    },
    FactFile {
        path: "kubernetes/metrics.csv",
        schema: &metric::SCHEMA,
        says: "what happens to one metric of a component with a minor",
    },
    FactFile {
        path: "kubernetes/migrations.csv",
        schema: &migration::SCHEMA,
        says: "what differs between an API version that goes and its successor, and what to do",
    },
    FactFile {
        path: "kubernetes/releases.csv",
        schema: &calendar::SCHEMA,
        says: "when one minor came out, until when it is supported, its newest patch",
    },
    FactFile {
        path: "kubernetes/schemas/changes.csv",
        schema: &schema::CHANGES,
        says: "what it means that a definition lost a field, or that one became required",
    },
    FactFile {
        path: "kubernetes/schemas/fields.csv",
        schema: &schema::FIELDS,
        says: "what one field of one definition holds, in a run of minors in which that stays so",
    },
    FactFile {
        path: "kubernetes/schemas/kinds.csv",
        schema: &schema::KINDS,
        says: "which definition one kind has, in a run of minors",
    },
    FactFile {
        path: "kubernetes/skew-distributions.csv",
        schema: &skew::DISTRIBUTIONS,
        says: "how far one distribution lets one component be from another",
    },
    FactFile {
        path: "kubernetes/skew.csv",
        schema: &skew::SCHEMA,
        says: "how far one component may be from another",
    },
    FactFile {
        path: "manifest.csv",
        schema: &manifest::SCHEMA,
        says: "which version this knowledge has, and which Kubernetes minors it covers",
    },
    FactFile {
        path: "projects/breaking.csv",
        schema: &project::breaking::SCHEMA,
        says: "one change of a project that somebody must act on",
    },
    FactFile {
        path: "projects/built-against.csv",
        schema: &project::BUILT_AGAINST,
        says: "the Kubernetes release of the client library that some versions of a project are built with",
    },
    FactFile {
        path: "projects/checks.csv",
        schema: &project::check::SCHEMA,
        says: "what a project asks to look at before or after its upgrade",
    },
    FactFile {
        path: "projects/crds.csv",
        schema: &custom::CRDS,
        says: "how some releases of a project offer one version of one kind",
    },
    FactFile {
        path: "projects/detection.csv",
        schema: &detection::DETECTION,
        says: "one sign by which a project is recognised",
    },
    FactFile {
        path: "projects/end-of-life.csv",
        schema: &project::life::SCHEMA,
        says: "until when one line of a project gets fixes",
    },
    FactFile {
        path: "projects/intermediates.csv",
        schema: &project::route::SCHEMA,
        says: "how far one upgrade of a project may go",
    },
    FactFile {
        path: "projects/projects.csv",
        schema: &project::PROJECTS,
        says: "one project: where it lives, whether it is given up",
    },
    FactFile {
        path: "projects/rebuilders.csv",
        schema: &detection::REBUILDERS,
        says: "who makes images of other people's projects, by the path of the images",
    },
    FactFile {
        path: "projects/requirements.csv",
        schema: &project::REQUIREMENTS,
        says: "one claim: these versions go with these Kubernetes minors",
    },
    FactFile {
        path: "seeds/canonical/gates.csv",
        schema: &canonical::GATES,
        says: "one thing that a hop of Canonical Kubernetes meets",
    },
    FactFile {
        path: "seeds/canonical/messages.csv",
        schema: &canonical::MESSAGES,
        says: "what one message of its charm means for an upgrade",
    },
    FactFile {
        path: "seeds/canonical/order.csv",
        schema: &canonical::ORDER,
        says: "which act of its upgrade comes before which",
    },
    FactFile {
        path: "seeds/canonical/revisions.csv",
        schema: &canonical::REVISIONS,
        says: "which snap one revision of its charm pins",
    },
    FactFile {
        path: "seeds/canonical/series.csv",
        schema: &canonical::SERIES,
        says: "one series of it: when snap and charm came, and from where the charm goes there",
    },
    FactFile {
        path: "seeds/cluedin/chart-components.csv",
        schema: &cluedin::COMPONENTS,
        says: "one component that a chart of CluedIn brings along",
    },
    FactFile {
        path: "seeds/cluedin/charts.csv",
        schema: &cluedin::CHARTS,
        says: "one chart of CluedIn: the release it says it is of, its default tag, the Kubernetes it accepts",
    },
    FactFile {
        path: "seeds/cluedin/packages.csv",
        schema: &cluedin::PACKAGES,
        says: "one package of one release of CluedIn, with its version",
    },
    FactFile {
        path: "seeds/cluedin/steps.csv",
        schema: &cluedin::STEPS,
        says: "one extra step that some upgrades of CluedIn need",
    },
    FactFile {
        path: "seeds/cluedin/upgrades.csv",
        schema: &cluedin::UPGRADES,
        says: "one upgrade of CluedIn: from where, how, with which data upgrade",
    },
    FactFile {
        path: "seeds/cluedin/value-keys.csv",
        schema: &cluedin::VALUE_KEYS,
        says: "one key of values that a chart of CluedIn has",
    },
    FactFile {
        path: "seeds/cluedin/versions.csv",
        schema: &cluedin::RELEASES,
        says: "one release of CluedIn, by the numbers that name it",
    },
    FactFile {
        path: "seeds/osism/cli-results.csv",
        schema: &osism::RESULTS,
        says: "how one command of OSISM ended in one situation, as it was seen",
    },
    FactFile {
        path: "seeds/osism/clis.csv",
        schema: &osism::CLIS,
        says: "one version of its command line that was looked at",
    },
    FactFile {
        path: "seeds/osism/commands.csv",
        schema: &osism::COMMANDS,
        says: "one command of it, and which versions have it",
    },
    FactFile {
        path: "seeds/osism/constraints.csv",
        schema: &osism::CONSTRAINTS,
        says: "which of its roles comes before which",
    },
    FactFile {
        path: "seeds/osism/profiles.csv",
        schema: &osism::PROFILES,
        says: "one role in one of the orders that are published",
    },
    FactFile {
        path: "seeds/osism/roles.csv",
        schema: &osism::ROLES,
        says: "one of its roles: its layer, who deploys it, how it is upgraded",
    },
    FactFile {
        path: "seeds/osism/series.csv",
        schema: &osism::SERIES,
        says: "one of its series: how far it is maintained, on which OpenStack",
    },
    FactFile {
        path: "seeds/osism/versions.csv",
        schema: &osism::RELEASES,
        says: "one release of OSISM, and what it pins",
    },
    FactFile {
        path: "tools/commands.csv",
        schema: &tools::COMMANDS,
        says: "one command of one line of a tool, with its options",
    },
    FactFile {
        path: "tools/gone.csv",
        schema: &tools::GONE,
        says: "one command or option that a tool has no more, and what does it now",
    },
    FactFile {
        path: "tools/tools.csv",
        schema: &tools::TOOLS,
        says: "one line of a tool whose commands were looked at, and how far",
    },
];

/// One fact file in [`BLOB`], compressed by itself.
#[derive(Clone, Copy, Debug)]
struct Packed {
    path: &'static str,
    start: usize,
    end: usize,
    length: usize,
}

/// The files that this binary was built with, one deflate stream after another.
const BLOB: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/knowledge.blob"));
const INDEX: &[Packed] = include!(concat!(env!("OUT_DIR"), "/knowledge.rs"));

/// The texts of the fact files: the embedded ones, and what lies over them.
#[derive(Clone, Debug, Default)]
pub struct Files {
    over: BTreeMap<String, String>,
}

impl Files {
    /// What this binary was built with.
    #[must_use]
    pub fn embedded() -> Self {
        Self::default()
    }

    /// These files with `text` in the place of the file at `path`.
    #[must_use]
    pub fn with(mut self, path: &str, text: String) -> Self {
        self.over.insert(path.to_owned(), text);
        self
    }

    /// The paths of all files, in order.
    pub fn paths() -> impl Iterator<Item = &'static str> {
        INDEX.iter().map(|packed| packed.path)
    }

    /// How many bytes of the binary the embedded files take.
    #[must_use]
    pub const fn size() -> usize {
        BLOB.len()
    }

    /// The text of the file at `path` below `knowledge/`.
    ///
    /// # Errors
    /// When there is none.
    pub fn text(&self, path: &str) -> Result<Cow<'_, str>, table::Error> {
        if let Some(text) = self.over.get(path) {
            return Ok(Cow::Borrowed(text));
        }
        INDEX
            .iter()
            .find(|packed| packed.path == path)
            .and_then(unpack)
            .map(Cow::Owned)
            .ok_or_else(|| table::Error {
                file: path.to_owned(),
                line: 0,
                problem: Problem::Missing,
            })
    }

    /// The file at `path`, as a table of `schema`.
    ///
    /// # Errors
    /// When there is none, and at the first line that is not as `schema` wants it.
    pub fn table(&self, path: &str, schema: &Schema) -> Result<Table, table::Error> {
        Table::read(path, &self.text(path)?, schema)
    }
}

fn unpack(packed: &Packed) -> Option<String> {
    let mut text = String::with_capacity(packed.length);
    DeflateDecoder::new(BLOB.get(packed.start..packed.end)?)
        .read_to_string(&mut text)
        .ok()?;
    Some(text)
}

/// A family of facts: what one or more fact files say, as typed answers.
pub trait Family: Sized {
    /// Reads the family from its files.
    ///
    /// # Errors
    /// At the first line that is not as its schema wants it.
    fn read_from(files: &Files) -> Result<Self, table::Error>;
}
