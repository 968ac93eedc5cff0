//! What a cluster shows of a change of behaviour: a small closed language.
//!
//! A detector is `always`, `none:REASON`, or signs with ` | ` between them, any
//! of which will do. A sign is `FORM:ARGUMENT`:
//!
//! | Sign | Shown by |
//! |---|---|
//! | `api:policy/v1beta1/PodSecurityPolicy` | an object of that kind at that version |
//! | `field:v1/Service#spec.topologyKeys` | a field of such an object; version or kind may be `*` |
//! | `pod:spec.priorityClassName=x` | a field of a pod or of a template of pods |
//! | `annotation:kubernetes.io/change-cause` | an annotation of any object; `*` at its end stands for the rest |
//! | `label:Node#kubernetes.io/os=windows` | a label of such an object |
//! | `selector:KEY` | a pod that asks for nodes with this label |
//! | `toleration:OLD unless NEW` | a pod that bears with the taint `OLD` and not with `NEW` |
//! | `image:k8s.gcr.io/` | an image whose name begins so |
//! | `runtime:docker`, `runtime:containerd<1.6` | the container runtime of a node |
//! | `config:kubeadm.k8s.io/v1beta1/*` | a configuration file of that API; `#FIELD` and a test may follow |
//! | `gate:Name=true` | a feature gate that is set anywhere |
//! | `flag:kubelet/--name` | a flag of a component; `*` for any |
//! | `metric:name`, `metric:name{label}` | a dashboard, alert or query that reads it |
//! | `volume:rbd`, `provisioner:kubernetes.io/rbd` | a volume of that type; a storage class |
//! | `driver:ebs.csi.aws.com<1.0.0` | a CSI driver; `*` for any |
//! | `distribution:kubeadm` | a cluster that was built so |
//!
//! A test follows a field, an annotation, a label or a flag: nothing where it is
//! enough that it is set, `!` where it is not set, `=text` for a value, `~text`
//! for a value that holds the text.

mod text;

use refit_model::version::Minor;

/// What shows that a change concerns a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detector {
    /// It concerns every cluster that takes the step.
    Always,
    /// Any of these; never empty.
    AnyOf(Vec<Sign>),
    /// No cluster shows it.
    Nothing(Reason),
}

/// Why no cluster shows a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It concerns who builds Kubernetes or installs from its source tree.
    BuildTime,
    /// It is there, and outside of what the API shows: files on nodes, kubeconfig
    /// files, what clients ask with.
    CannotBeSeen,
    /// It concerns code that is compiled against the Go client libraries.
    ClientLibrary,
    /// It concerns code of cloud providers.
    CloudProviderInternal,
    /// It concerns what people and scripts type.
    CommandsOnly,
    /// It concerns code that is compiled into a component or a driver.
    DevelopersOnly,
    /// Nothing changes for who does nothing.
    NothingChanges,
    /// Another change took it back or carries it out.
    SupersededBy {
        /// The minor of that change.
        minor: Minor,
        /// Its pull request.
        pull_request: u32,
    },
    /// It concerns who runs Kubernetes' own tests.
    TestOnly,
}

impl Reason {
    /// The reasons that name nothing further, as files write them.
    const PLAIN: [(&'static str, Self); 8] = [
        ("build-time", Self::BuildTime),
        ("cannot-be-seen", Self::CannotBeSeen),
        ("client-library", Self::ClientLibrary),
        ("cloud-provider-internal", Self::CloudProviderInternal),
        ("commands-only", Self::CommandsOnly),
        ("developers-only", Self::DevelopersOnly),
        ("nothing-changes", Self::NothingChanges),
        ("test-only", Self::TestOnly),
    ];
}

/// One sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// An object of a kind at a version.
    Api(ApiPattern),
    /// A field of an object.
    Field(ApiPattern, Tested),
    /// A field of a pod, or of a template of pods.
    Pod(Tested),
    /// An annotation of any object; the name may end in `*`.
    Annotation(Tested),
    /// A label of an object of this kind.
    Label(String, Tested),
    /// A pod that asks for a node with this label.
    Selector(String),
    /// A pod that bears with the first taint, and not with the second.
    Toleration(String, String),
    /// An image whose name begins so.
    Image(String),
    /// The container runtime of a node.
    Runtime(Release),
    /// A configuration file; the field where one is named.
    Config(ApiPattern, Option<Tested>),
    /// A feature gate that is set, to this value where one is named.
    Gate(String, Option<bool>),
    /// A flag of a component, of any where none is named.
    Flag(Option<String>, Tested),
    /// A metric, by a label of it where one is named.
    Metric(String, Option<String>),
    /// A volume of this type.
    Volume(String),
    /// A storage class with this provisioner.
    Provisioner(String),
    /// A CSI driver; the name is `*` for any.
    Driver(Release),
    /// A cluster that was built so.
    Distribution(String),
}

/// The forms of signs: what must be looked at to see one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// [`Sign::Annotation`]
    Annotation,
    /// [`Sign::Api`]
    Api,
    /// [`Sign::Config`]
    Config,
    /// [`Sign::Distribution`]
    Distribution,
    /// [`Sign::Driver`]
    Driver,
    /// [`Sign::Field`]
    Field,
    /// [`Sign::Flag`]
    Flag,
    /// [`Sign::Gate`]
    Gate,
    /// [`Sign::Image`]
    Image,
    /// [`Sign::Label`]
    Label,
    /// [`Sign::Metric`]
    Metric,
    /// [`Sign::Pod`]
    Pod,
    /// [`Sign::Provisioner`]
    Provisioner,
    /// [`Sign::Runtime`]
    Runtime,
    /// [`Sign::Selector`]
    Selector,
    /// [`Sign::Toleration`]
    Toleration,
    /// [`Sign::Volume`]
    Volume,
}

impl Form {
    const ALL: [(&'static str, Self); 17] = [
        ("annotation", Self::Annotation),
        ("api", Self::Api),
        ("config", Self::Config),
        ("distribution", Self::Distribution),
        ("driver", Self::Driver),
        ("field", Self::Field),
        ("flag", Self::Flag),
        ("gate", Self::Gate),
        ("image", Self::Image),
        ("label", Self::Label),
        ("metric", Self::Metric),
        ("pod", Self::Pod),
        ("provisioner", Self::Provisioner),
        ("runtime", Self::Runtime),
        ("selector", Self::Selector),
        ("toleration", Self::Toleration),
        ("volume", Self::Volume),
    ];

    /// What people read: things of this form, in the plural.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Annotation => "annotations",
            Self::Api => "API versions in use",
            Self::Config => "configuration files of components",
            Self::Distribution => "how the cluster was built",
            Self::Driver => "CSI drivers",
            Self::Field => "fields of objects",
            Self::Flag => "flags of components",
            Self::Gate => "feature gates",
            Self::Image => "images",
            Self::Label => "labels",
            Self::Metric => "metrics that dashboards and alerts read",
            Self::Pod => "fields of pods",
            Self::Provisioner => "storage classes",
            Self::Runtime => "container runtimes",
            Self::Selector => "node selectors",
            Self::Toleration => "tolerations",
            Self::Volume => "types of volumes",
        }
    }
}

/// A kind at a version; `None` stands for any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiPattern {
    /// The API group; empty for the core group.
    pub group: String,
    /// The version.
    pub version: Option<String>,
    /// The kind.
    pub kind: Option<String>,
}

/// The name of something that holds values, and what its value must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tested {
    /// A path of fields with dots, through lists too; an annotation, label or flag.
    pub name: String,
    /// What must hold of its value.
    pub test: Test,
}

/// What must hold of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// There is one.
    Set,
    /// There is none.
    Unset,
    /// It is this text.
    Is(String),
    /// It holds this text.
    Holds(String),
}

impl Test {
    /// Whether it holds of `value`, which is `None` where there is none.
    #[must_use]
    pub fn holds_of(&self, value: Option<&str>) -> bool {
        match self {
            Self::Set => value.is_some(),
            Self::Unset => value.is_none(),
            Self::Is(text) => value == Some(text),
            Self::Holds(text) => value.is_some_and(|value| value.contains(text)),
        }
    }
}

/// A name, and below which version it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The name.
    pub name: String,
    /// The first version that does not count; every version counts without it.
    pub before: Option<String>,
}

/// A text that is no detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a detector: {0}")]
pub struct DetectorError(&'static str);

impl Sign {
    /// Which form it has.
    #[must_use]
    pub const fn form(&self) -> Form {
        match self {
            Self::Api(_) => Form::Api,
            Self::Field(..) => Form::Field,
            Self::Pod(_) => Form::Pod,
            Self::Annotation(_) => Form::Annotation,
            Self::Label(..) => Form::Label,
            Self::Selector(_) => Form::Selector,
            Self::Toleration(..) => Form::Toleration,
            Self::Image(_) => Form::Image,
            Self::Runtime(_) => Form::Runtime,
            Self::Config(..) => Form::Config,
            Self::Gate(..) => Form::Gate,
            Self::Flag(..) => Form::Flag,
            Self::Metric(..) => Form::Metric,
            Self::Volume(_) => Form::Volume,
            Self::Provisioner(_) => Form::Provisioner,
            Self::Driver(_) => Form::Driver,
            Self::Distribution(_) => Form::Distribution,
        }
    }
}
