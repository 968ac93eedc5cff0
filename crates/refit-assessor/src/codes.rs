//! The codes of findings, and the page of each.
//!
//! A code that is not in [`ALL`] has no page, and a finding can only be made
//! from a page, so a finding without a page cannot exist. Codes are never
//! reused: a rule that goes leaves its number behind.

use refit_model::code::{Code, CodePage};

macro_rules! pages {
    ($($name:ident = $family:literal $number:literal {
        title: $title:literal,
        means: $means:literal,
        remedy: $remedy:literal,
        $(mitigation: $mitigation:literal,)?
        source: $source:literal,
    })*) => {
        $(
            #[doc = $title]
            pub const $name: CodePage = CodePage {
                code: Code::new($family, $number),
                title: $title,
                means: $means,
                remedy: $remedy,
                mitigation: concat!($($mitigation)?),
                source: $source,
            };
        )*

        /// Every code, in the order of the numbers.
        pub const ALL: &[CodePage] = &[$($name),*];
    };
}

pub(crate) use pages;

pages! {
    API_REMOVED = 'A' 101 {
        title: "An API version in use is gone at the target",
        means: "An object is written through an API version that the target does not serve. Whoever writes it that way fails after the upgrade. A manifest, the stored manifest of a Helm release, a last-applied annotation and the managed fields of a client each prove a writer, and block. An annotation that a later write has overtaken is weak evidence and only informs. An object that was merely read at the version loses nothing as long as the target serves its kind at another version; where it does not, the objects are out of reach, and that blocks.",
        remedy: "Move every writer to the replacement before the control plane reaches the minor that no longer serves the old version.",
        mitigation: "Everything goes on until the hop that is named: hold the control plane at the minor before it. What is stored stays readable where the target serves the kind at another version.",
        source: "knowledge/kubernetes/api-lifecycle.csv",
    }
    API_ALREADY_REMOVED = 'A' 102 {
        title: "An API version in use is already gone",
        means: "A manifest or a Helm release is written in an API version that the present release does not serve any more: applying it fails today and will fail at the target. Where only managed fields name the version, they speak of the time before, since nobody can have written that way since: that only informs. The file behind a last-applied annotation may still be about: that warns.",
        remedy: "Write the manifest in the replacement. A Helm release whose stored manifest names a version that is gone has to be repaired before the next `helm upgrade`.",
        mitigation: "What runs goes on running; nothing more can be applied from that file or release until it is rewritten, so keep automatic applies and rollbacks of it off.",
        source: "knowledge/kubernetes/api-lifecycle.csv",
    }
    API_DEPRECATED = 'A' 103 {
        title: "An API version in use is deprecated at the target",
        means: "The target still serves the version, and answers with a warning. It warns where upstream has scheduled or carried out a removal in a later minor, and only informs where no removal is known.",
        remedy: "Move to the replacement when the object is next touched.",
        source: "knowledge/kubernetes/api-lifecycle.csv",
    }
    API_OFF_BY_DEFAULT = 'A' 104 {
        title: "An API version in use is off by default at the target",
        means: "The target knows the version but serves it only where somebody turned it on with a feature gate and `--runtime-config`. Alpha versions may change or go in any release.",
        remedy: "Check that the target's API servers are started with the group version turned on, or stop using it.",
        source: "knowledge/kubernetes/api-lifecycle.csv",
    }
    API_NOT_KNOWN = 'A' 105 {
        title: "Nothing is known of an API version in use",
        means: "The group belongs to Kubernetes, but the kind at this version is not among the facts, or the facts do not reach the target. It may be misspelt. Not known is not fine.",
        remedy: "Ask a server of the target version with `kubectl api-resources`, or correct the spelling.",
        mitigation: "Leave the object out of what is applied during the upgrade; what runs is not touched by it.",
        source: "knowledge/kubernetes/api-lifecycle.csv",
    }
    API_NOT_YET = 'A' 106 {
        title: "An API version in use comes after the target",
        means: "The object is written in an API version that the target does not serve yet, so that it cannot be applied there.",
        remedy: "Write the object in a version that the target serves, or aim higher.",
        mitigation: "Leave the object out until the cluster has reached the minor that serves it.",
        source: "knowledge/kubernetes/api-lifecycle.csv",
    }
    FIELD_GOES = 'A' 107 {
        title: "A field in use goes, or one that is left out is wanted",
        means: "Objects set a field that their kind does not have any more from a minor on the way. The server itself drops such a field and answers with a warning (`fieldValidation` is Warn by default), so that an object in the cluster loses it at its next write: that warns. `kubectl apply` (`--validate` is strict by default) and Helm ask the server to refuse an unknown field, and a server-side apply fails on it as well: a manifest, a Helm release's stored manifest or a last-applied annotation that sets it cannot be written any more, and that blocks. A field that has to be set from a minor on blocks wherever it is left out, since no write without it goes through. What the present servers drop already only informs. Fields that nothing acted on, that only servers write, or that servers wanted all along are not told, nor are objects in an API version that the target does not serve: RFA101 tells those.",
        remedy: "Take the field out of the manifests, or set what takes its place, before the hop that is named; check that nobody relies on what it did.",
        mitigation: "`--validate=warn` for kubectl and `--disable-openapi-validation` for Helm let such a write through, and the server drops the field: only where nobody relies on it.",
        source: "knowledge/kubernetes/schemas/changes.csv; kubernetes/enhancements keps/sig-api-machinery/2885-server-side-unknown-field-validation; kubernetes/kubectl pkg/cmd/util/helpers.go (AddValidateFlags); helm/helm pkg/kube/client.go (Build), v3",
    }
    DEFINITION_STORED_NOT_SERVED = 'A' 111 {
        title: "A custom resource may be stored in a version that is not served",
        means: "`status.storedVersions` of a custom resource definition names a version that `spec.versions` does not serve. Objects may rest in that version. The server refuses a definition that drops a version it may still have stored, so that the next upgrade of the project that owns it can fail. Nothing takes a version out of that list by itself, so that it may be there though no object rests in it any more.",
        remedy: "First see whether the project that owns the definition has a migration of its own, and run that. Else write every object once, unchanged, so that the server stores it in the storage version: `kubectl get RESOURCE --all-namespaces -o json | kubectl replace -f -`, again for those that somebody changed meanwhile. Then, and not before, set `status.storedVersions` to the storage version alone: `kubectl patch crd NAME --subresource=status --type=merge -p '{\"status\":{\"storedVersions\":[\"VERSION\"]}}'`. Leave the old version in `spec.versions`, not served, until that is done: without it the server cannot read what rests in it. Where no version is served, serve one first.",
        mitigation: "Leave the definition as it is: what rests in the old version stays in etcd, and only a change of the definition that drops the version is refused. Hold back upgrades of the project that owns it.",
        source: "kubernetes/kubernetes staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation, v1.36",
    }
    API_SERVICE_DOWN = 'A' 112 {
        title: "An aggregated API does not answer",
        means: "An APIService names a server beside the API server for one version of a group, and its condition `Available` is not true. Discovery then fails in part: clients that ask for everything get errors, and namespaces that are deleted stay in `Terminating`, since their contents cannot be listed. What follows an upgrade (garbage collection, `helm upgrade`, metrics for autoscaling) meets the same errors, and it cannot be told apart from what the upgrade broke.",
        remedy: "Bring the server behind it back, or delete the APIService if what it belonged to is gone.",
        mitigation: "Clients can name the groups that they ask for; deletions of namespaces wait. Deleting the APIService ends the errors, and whoever uses that API is without it until it is made again.",
        source: "kubernetes/kube-aggregator pkg/apis/apiregistration/v1 types.go, condition Available; kubernetes/kubernetes pkg/controller/namespace/deletion, v1.36",
    }
    SERVER_WARNING = 'A' 113 {
        title: "The API server warned while it was read",
        means: "The API server sent a `Warning` header with an answer. It does so for requests at deprecated versions, those of custom resources too, where the definition marks a version as deprecated.",
        remedy: "Move whatever uses that version to the one that the warning names.",
        source: "kubernetes/enhancements keps/sig-api-machinery/1693-warnings",
    }
    TARGET_OLDER = 'C' 101 {
        title: "The target is older than what runs",
        means: "An API server is never taken back to an older release: upstream supports no downgrade, and a newer server may have stored what an older one cannot read.",
        remedy: "Aim at the present release or a later one.",
        mitigation: "Stay at the present release; a backup of etcd from before the upgrade is the only way back.",
        source: "knowledge/kubernetes/skew.csv, kube-apiserver against previous",
    }
    SEVERAL_HOPS = 'C' 102 {
        title: "The target is more than one minor ahead",
        means: "The API server may move by one minor at a time, in control planes of one server too. Everything in between has to be visited in order.",
        remedy: "Plan one hop after another; each is assessed, run and verified by itself.",
        source: "knowledge/kubernetes/skew.csv, kube-apiserver against previous",
    }
    PRESENT_SUPPORT = 'C' 103 {
        title: "Support of the present release",
        means: "The present minor gets no more fixes, or critical ones only, or nothing is known of it. Where a provider offers the cluster its calendar counts, and upstream's is named beside it.",
        remedy: "Move to a minor that is supported.",
        source: "knowledge/kubernetes/releases.csv",
    }
    TARGET_SUPPORT = 'C' 104 {
        title: "Support of the target",
        means: "The target minor gets no more fixes, or critical ones only, or is not out, or nothing is known of it. Where a provider offers the cluster its calendar counts, and upstream's is named beside it.",
        remedy: "Aim at a minor that is supported for as long as the cluster is to stay on it.",
        source: "knowledge/kubernetes/releases.csv",
    }
    NEWER_PATCH = 'C' 105 {
        title: "There is a newer patch of the present minor",
        means: "A newer patch release of the minor that runs is known. Upstream fixes known upgrade defects in patches, of the old minor as well as of the new one.",
        remedy: "Consider the newest patch before the first hop.",
        source: "knowledge/kubernetes/releases.csv",
    }
    TARGET_PATCH = 'C' 106 {
        title: "The target is not the newest patch of its minor",
        means: "The release that was asked for is older than the newest known patch of its minor, or newer than any that is known.",
        remedy: "Aim at the newest patch, or make sure that the release exists.",
        source: "knowledge/kubernetes/releases.csv",
    }
    COMPONENT_TOO_OLD = 'C' 111 {
        title: "A component lags too far behind the API server",
        means: "A kubelet, kube-proxy, controller manager or scheduler is older than the version-skew policy allows, now or at a hop on the way. It blocks when it is so now or would be so after the first hop, since the control plane cannot move before the component has. It warns when a later hop is concerned and the component lags behind already, and only informs when it is the plain distance to the target.",
        remedy: "Upgrade the component before the control plane reaches the hop that is named.",
        mitigation: "Hold the API servers where they are; the component goes on working at the present distance.",
        source: "knowledge/kubernetes/skew.csv",
    }
    COMPONENT_TOO_NEW = 'C' 112 {
        title: "A component is newer than the API server allows",
        means: "No component may be newer than an API server that it talks to. It warns when the upgrade ends that, and blocks when the component would be too new for the target as well.",
        remedy: "Upgrade the API servers, or take the component back.",
        mitigation: "Hold the component back from any further step; what worked at this distance may go on, without anybody's promise.",
        source: "knowledge/kubernetes/skew.csv",
    }
    PROXY_AND_KUBELET = 'C' 113 {
        title: "kube-proxy and the kubelet of a node are too far apart",
        means: "The version-skew policy limits the distance between a kube-proxy and the kubelet on its node.",
        remedy: "Bring the older of the two forward.",
        source: "knowledge/kubernetes/skew.csv",
    }
    APISERVERS_APART = 'C' 114 {
        title: "The API servers are too far apart",
        means: "The newest and the oldest API server of one control plane may be one minor apart, and only while an upgrade is under way.",
        remedy: "Bring every API server to the minor of the newest before anything else.",
        mitigation: "Send requests to the older API servers only, by taking the newer ones out of the load balancer, until all are at one minor.",
        source: "knowledge/kubernetes/skew.csv",
    }
    COMPONENT_NOT_READY = 'C' 115 {
        title: "A component of the control plane is not ready",
        means: "A component of the control plane was seen not ready. An upgrade takes members of the control plane away one by one, and counts on the others.",
        remedy: "Bring it back before the upgrade starts.",
        mitigation: "The other members carry the control plane meanwhile; take none of them away.",
        source: "kubernetes/kubernetes cmd/kubeadm/app/phases/upgrade/health.go, v1.36",
    }
    ETCD_STEP = 'C' 116 {
        title: "etcd is older than its own next step wants",
        means: "A hop brings etcd to its next minor, and etcd asks that every member runs a certain patch of the present minor before. What kubeadm brought at the hop before can be older than that, so that following kubeadm alone does not lead there. Earlier patches have defects that show in the middle of the step: members that do not start or do not join.",
        remedy: "Bring every member to the release that is named before the hop; kubeadm takes an image tag of one's own for it.",
        source: "knowledge/kubernetes/etcd-steps.csv",
    }
    ETCD_OUTSIDE = 'C' 117 {
        title: "An etcd outside of the control plane is older than kubeadm accepts",
        means: "kubeadm checks an etcd that it does not run itself before an upgrade, and refuses one that is older than the release it states. The control plane was seen without an etcd of its own, and an etcd runs elsewhere in the cluster; whether it is that of the API servers does not show, so that it warns.",
        remedy: "Bring the etcd that the API servers store in to the release that is named before the hop.",
        source: "knowledge/kubernetes/component-images.csv, min_external_etcd; kubernetes/kubernetes cmd/kubeadm/app/preflight/checks.go, ExternalEtcdVersionCheck",
    }
    GATE_REFUSED = 'C' 121 {
        title: "A component does not start with a feature gate that is set",
        means: "A component of a minor on the way to the target does not start with a feature gate that its flags or its configuration set: the gate is gone, it is locked to the other value, it can only be set later, or (since 1.35) it is on while a gate that it needs is off. kubeadm refuses a configuration with a gate of its own that it does not know. It warns where the present release would refuse it as well: then what was read is not what the running component reads.",
        remedy: "Take the gate out of the flags, the kubeadm ConfigMap and the configuration files before the component is replaced, and check that nobody needs what it turned on or off. A gate that is off because another is off goes with it.",
        mitigation: "Hold the component at the minor before: it takes the gate still.",
        source: "knowledge/kubernetes/feature-gates.csv; k8s.io/component-base featuregate/feature_gate.go, v1.37",
    }
    GATE_LEAVING = 'C' 122 {
        title: "A feature gate is set that need not be",
        means: "The target takes the setting and would be the same without it: the gate is done and locked, it is deprecated, or what is set has become its default. Gates that are done go a few minors later, and a component does not start with one that is gone.",
        remedy: "Take the gate out when the component's configuration is next touched.",
        source: "knowledge/kubernetes/feature-gates.csv",
    }
    GATE_NOT_KNOWN = 'C' 123 {
        title: "Nothing is known of a feature gate that is set",
        means: "The facts do not reach the target, or they do not show whether this component knows the gate. Not known is not fine: a component does not start with a gate that it does not know.",
        remedy: "Ask the target's binary with `--help`, which lists every gate that it knows.",
        source: "knowledge/kubernetes/feature-gates.csv",
    }
    FLAG_REMOVED = 'C' 124 {
        title: "A component does not start with a flag that is given",
        means: "A component's command, or the extra arguments that kubeadm gives it, has a flag that the component of a minor on the way to the target does not have any more. It warns where the present release does not have it either: then what was read is not what the running component reads.",
        remedy: "Take the flag out of the static pod, the kubeadm ConfigMap and the files on the nodes before the component is replaced; what replaces it, if anything, is in the release notes of that minor.",
        mitigation: "Hold the component at the minor before: it takes the flag still.",
        source: "knowledge/kubernetes/component-flags.csv",
    }
    CONFIG_REMOVED = 'C' 125 {
        title: "A configuration file is in a version that is not read any more",
        means: "A configuration file, or a ConfigMap that holds one, is written in a version of its API that its reader does not know at a minor on the way to the target. kubeadm and the components refuse such a file.",
        remedy: "Rewrite the file in the version that the title names, and when it names: no earlier than its reader knows that version, and before it forgets the old one. kubeadm has `kubeadm config migrate` for its own.",
        mitigation: "Hold whatever reads the file at the minor before: it reads this version still.",
        source: "knowledge/kubernetes/config-apis.csv",
    }
    PLUGIN_REMOVED = 'C' 126 {
        title: "The API server does not start with an admission plugin that is named",
        means: "The API server's flags turn an admission plugin on or off that the API server of a minor on the way to the target does not have any more. It warns where the present release does not have it either: then what was read is not what the running one reads.",
        remedy: "Take the plugin out of the flags, and put what replaces it in place before: Pod Security Admission for PodSecurityPolicy, for example.",
        mitigation: "Hold the API servers at the minor before: they have the plugin still.",
        source: "knowledge/kubernetes/admission-plugins.csv",
    }
    NODE_NOT_READY = 'N' 101 {
        title: "A node is not ready",
        means: "The node's condition Ready does not hold. Its pods count as missing in disruption budgets, and it cannot take what is drained from others. A control-plane node that is not ready blocks, since kubeadm refuses to start.",
        remedy: "Repair the node or take it out of the cluster.",
        mitigation: "Cordon the node, and start no drain that counts on its room.",
        source: "kubernetes/kubernetes cmd/kubeadm/app/phases/upgrade/health.go (control-plane nodes), v1.36",
    }
    NODE_CORDONED = 'N' 102 {
        title: "Somebody else has cordoned a node",
        means: "The node takes no new pods, and not because of Refit. It stays cordoned after the upgrade, and its room is missing while other nodes are drained.",
        remedy: "Ask whoever cordoned it, and uncordon it if the reason is gone.",
        source: "kubernetes/kubectl pkg/drain, v1.36",
    }
    NODE_UNDER_PRESSURE = 'N' 103 {
        title: "A node is short of something",
        means: "The kubelet reports memory, disk or process pressure, or that the network is not set up. The node takes no new pods meanwhile and may evict those it has, so that a drain elsewhere has less room than it seems.",
        remedy: "Relieve the node before any other is drained.",
        source: "kubernetes.io docs reference/node/node-status, Conditions, v1.36",
    }
    NODE_RUNTIME = 'N' 104 {
        title: "A node's container runtime does not go with a kubelet on the way",
        means: "From a minor on the way on, the kubelet needs a newer container runtime, or another one, than a node has. It blocks where that kubelet does not work with the runtime or does not start, warns where something that the kubelet uses does not work, and informs of what is deprecated or announced. A node whose kubelet is past the minor already is not told: one that still reports `docker` after 1.24 reaches it through cri-dockerd.",
        remedy: "Upgrade or replace the container runtime of the nodes before their kubelets reach the minor that is named.",
        mitigation: "Hold the kubelets of these nodes at the minor before: the skew policy lets them lag behind the control plane for a while.",
        source: "knowledge/kubernetes/floors.csv",
    }
    NODE_RUNTIME_ENDED = 'N' 105 {
        title: "A node's container runtime gets no fixes any more",
        means: "The line of releases that the runtime is of is past the day until which its project gives it fixes, and faults and holes in it stay: that warns. It informs where the line gets important fixes only, or where that day is at most 62 days away. It does not stop the upgrade, and replacing nodes for it is the moment to change the runtime too.",
        remedy: "Bring the nodes to a line of the runtime that gets fixes, with the node upgrade.",
        source: "knowledge/projects/end-of-life.csv",
    }
    NODE_KERNEL = 'N' 106 {
        title: "kubeadm does not accept a node's kernel",
        means: "kubeadm of a minor on the way checks the kernel of the machine before it acts, and this one is too old for it. It warns where kubeadm stops, unless it is told to ignore that check, and informs where kubeadm only warns. Clusters that kubeadm did not set up are not told.",
        remedy: "Bring the nodes to a newer kernel before kubeadm upgrades them.",
        source: "knowledge/kubernetes/floors.csv",
    }
    BUDGET_NEVER_OPENS = 'W' 101 {
        title: "A disruption budget can never open",
        means: "What the budget asks for leaves no pod to spare, even when all its pods are healthy: every eviction is refused, and a drain of their nodes never ends. It is worked out from the bound and the replicas, with the controller's own rounding.",
        remedy: "Let the budget spare one pod; more replicas help where the bound is a number that has to stay.",
        mitigation: "For the time of the upgrade: a wider budget, or none. Only its owner can say which.",
        source: "kubernetes/kubernetes pkg/controller/disruption/disruption.go, v1.36",
    }
    BUDGET_CLOSED = 'W' 102 {
        title: "A disruption budget allows no eviction at present",
        means: "The controller says that no pod of the budget may go now: too few of them are healthy. A drain waits until that changes.",
        remedy: "Bring the pods back to health, or wait for the roll-out that is under way.",
        mitigation: "Upgrade the other nodes first, and leave those that hold these pods for last.",
        source: "kubernetes/kubernetes pkg/registry/core/pod/storage/eviction.go, v1.36",
    }
    BUDGET_CANNOT_SYNC = 'W' 103 {
        title: "The controller cannot work a disruption budget out",
        means: "The disruption controller cannot count the pods that the budget expects, most often because they belong to a kind without replicas, such as a Job or a DaemonSet, and the bound is a percentage or `maxUnavailable`. Evictions of its pods are refused as long as that is so.",
        remedy: "Give the budget a whole number as `minAvailable`, or take it away.",
        mitigation: "Delete the budget for the time of the upgrade and make it again after: until then its pods are unguarded.",
        source: "kubernetes/kubernetes pkg/controller/disruption/disruption.go, v1.36",
    }
    BUDGETS_OVERLAP = 'W' 104 {
        title: "Several disruption budgets cover one pod",
        means: "The eviction of a pod that more than one budget covers fails at once, with a server error that no retry cures.",
        remedy: "Narrow the selectors so that each pod has one budget.",
        mitigation: "Delete all but one of the budgets for the time of the upgrade, and make them again after.",
        source: "kubernetes/kubernetes pkg/registry/core/pod/storage/eviction.go, v1.36",
    }
    BUDGET_OVER_BARE_PODS = 'W' 105 {
        title: "A disruption budget covers bare pods only",
        means: "For a percentage and for `maxUnavailable` the controller adds up the replicas of the pods' controllers. Bare pods have none, so that zero pods are expected and none may ever go.",
        remedy: "Put the pods under a controller, or give the budget a whole number as `minAvailable` that leaves one to spare.",
        mitigation: "Delete the budget for the time of the upgrade; the pods themselves have to be deleted by hand, since nothing makes them again.",
        source: "kubernetes/kubernetes pkg/controller/disruption/disruption.go, v1.36",
    }
    BARE_POD = 'W' 110 {
        title: "A bare pod is lost by a drain",
        means: "No controller makes the pod again once it is evicted. `kubectl drain` refuses its node unless it is told to go on.",
        remedy: "Put it under a Deployment or a Job, or agree that it is lost.",
        source: "kubernetes/kubectl pkg/drain/filters.go, v1.36",
    }
    LOCAL_VOLUME = 'W' 111 {
        title: "Pods keep data in a volume of their node",
        means: "A pod with a local volume can run on no other node: drained, it waits until the node is back. A node that is replaced instead of upgraded takes the data with it.",
        remedy: "Upgrade the node in place, one at a time, and check the replication of the data before each.",
        source: "kubernetes/website content/en/docs/concepts/storage/volumes.md, local",
    }
    EMPTY_DIR = 'W' 112 {
        title: "Pods lose what is in their emptyDir",
        means: "The contents of an `emptyDir` are gone once the pod leaves its node. `kubectl drain` refuses unless it is told to go on.",
        remedy: "Make sure that what is in there can be made again.",
        source: "kubernetes/kubectl pkg/drain/filters.go, v1.36",
    }
    SINGLE_REPLICA = 'W' 113 {
        title: "A Service has a single pod behind it",
        means: "A workload of one replica is all that stands behind a Service. While its node is drained nothing answers, from the eviction until the new pod is ready.",
        remedy: "Run two replicas on different nodes where the application allows it; else tell its users of the interruption.",
        source: "kubernetes.io docs tasks/run-application/configure-pdb, v1.36",
    }
    LABEL_GOES = 'W' 114 {
        title: "Pods rely on a node label that goes",
        means: "The pods insist on a node label (by `nodeSelector`, required affinity to nodes, a topology spread that may not be broken, or the topology of a required affinity to pods) that is set no more from a minor on the way: where kubeadm sets it, its upgrade takes it away from the nodes. Pods that run stay until they move, and then wait for a node that never comes; those of a DaemonSet are taken away. A workload that has no pods at present, or that was read from a manifest, is told by its template. It blocks when the next hop is the one, warns when a later hop is or the label has gone already and no node bears it, and only informs where another installer set the label and may go on.",
        remedy: "Select by the label that takes its place, or set the old one by hand.",
        mitigation: "Set the old label on the nodes by hand before the hop; the control plane does not take away what an administrator sets.",
        source: "knowledge/kubernetes/labels.csv",
    }
    TAINT_RENAMED = 'W' 115 {
        title: "Pods tolerate only the old name of a taint",
        means: "Nodes of the control plane get a taint of a new name on the way, and pods that run there tolerate the old one alone. They stay where they are, and cannot come back once they leave.",
        remedy: "Tolerate the new taint beside the old one before the hop.",
        source: "knowledge/kubernetes/labels.csv",
    }
    WEBHOOK_DOWN = 'H' 101 {
        title: "A webhook that must answer has nobody to answer",
        means: "The webhook's `failurePolicy` is Fail and no ready pod stands behind it. Every request that it is asked about is refused, evictions and the upgrade's own among them where its rules cover those.",
        remedy: "Bring its backend back, or take the webhook away.",
        mitigation: "`failurePolicy: Ignore` lets requests through while nothing answers; whatever the webhook guards is unguarded meanwhile.",
        source: "kubernetes/website content/en/docs/reference/access-authn-authz/extensible-admission-controllers.md, failure policy",
    }
    WEBHOOK_SINGLE = 'H' 102 {
        title: "A webhook that must answer goes down with one node",
        means: "The webhook's `failurePolicy` is Fail, and everything that answers for it is one pod, or stands on one node. While that node is drained, requests that it is asked about are refused.",
        remedy: "Run at least two replicas on different nodes, under a disruption budget.",
        mitigation: "Drain the node while nothing else is deployed, and make sure that the backend can start elsewhere first.",
        source: "kubernetes/website content/en/docs/reference/access-authn-authz/extensible-admission-controllers.md, failure policy",
    }
    WEBHOOK_OUTSIDE = 'H' 103 {
        title: "A webhook that must answer stands where nobody looked",
        means: "The webhook's `failurePolicy` is Fail and it is called by URL or through a Service without a selector, so that what answers for it does not show in the cluster.",
        remedy: "Make sure that what answers is up during the whole upgrade.",
        source: "kubernetes/website content/en/docs/reference/access-authn-authz/extensible-admission-controllers.md, contacting the webhook",
    }
    CONVERSION_DOWN = 'H' 104 {
        title: "Nothing answers for the conversion of a custom resource",
        means: "A custom resource definition has several versions and asks a webhook to convert between them, and no ready pod stands behind that webhook's Service. Every read or write at another version than the stored one fails, those of the garbage collector and of the storage version migration too.",
        remedy: "Bring the operator that serves the conversion back before the upgrade.",
        mitigation: "Clients that use the version in which the objects are stored go on; nothing may write or list the others, storage migrations included.",
        source: "kubernetes.io docs tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning, v1.36",
    }
    PROJECT_NOT_SUPPORTED = 'P' 101 {
        title: "A project does not go with the target",
        means: "The project itself, or its chart, says that the installed version does not go with a minor on the way to the target. It blocks when the present minor is fine with it, and warns when the version is outside its own support already.",
        remedy: "Upgrade the project first, to a version that goes with both the present minor and the next; the finding names what must be there before, what somebody has to act on, and what the project asks to look at.",
        mitigation: "Hold the control plane at the newest minor that the installed version goes with.",
        source: "knowledge/projects/requirements.csv",
    }
    PROJECT_NOT_KNOWN = 'P' 102 {
        title: "It is not known whether a project goes with the target",
        means: "A project was recognised, but nobody says whether its installed version goes with the target, or its version does not show. Not known is not fine.",
        remedy: "Look it up in the project's own release notes before the upgrade.",
        source: "knowledge/projects/requirements.csv",
    }
    PROJECT_ENDED = 'P' 103 {
        title: "A project gets no more fixes",
        means: "The project is given up: no release of it will follow Kubernetes any further.",
        remedy: "Replace it.",
        source: "knowledge/projects/projects.csv",
    }
    PROJECT_LINE_ENDED = 'P' 104 {
        title: "A version of a project gets no more fixes",
        means: "The line of releases that the installed version is of is past the day until which its project gives it fixes: that warns. It informs where the line gets important fixes only, or where that day is at most 62 days away, which is how long a minor of Kubernetes gets critical fixes at its end. What the upgrade of the cluster moves by itself, such as the etcd of a control plane, is not told.",
        remedy: "Upgrade the project to a line that gets fixes.",
        source: "knowledge/projects/end-of-life.csv",
    }
    BEHAVIOUR_CHANGES = 'B' 101 {
        title: "A change of behaviour on the way concerns this cluster",
        means: "From a minor on the way on, Kubernetes behaves otherwise in something that this cluster shows that it uses: a label that goes, a taint that comes, a registry that moves, objects that the next release cannot read. Each change is told once, with the places that show it. It blocks where objects have to be deleted before the servers change, warns where something in the cluster relies on what changes, and only informs of deprecations, of changes that concern every cluster, and where nothing but the way in which the cluster was built shows it.",
        remedy: "Act as the change asks before the hop to the minor that it names.",
        mitigation: "Hold the control plane at the minor before the change.",
        source: "knowledge/kubernetes/behaviour.csv",
    }
    UNIT_IN_TROUBLE = 'J' 101 {
        title: "A Juju unit is blocked or in error",
        means: "The unit waits for a person, or a hook failed. The charm's upgrade goes unit by unit and would stop there.",
        remedy: "Read the unit's status message and its log, and resolve it before the upgrade.",
        mitigation: "Refresh no charm of the application; its other units go on serving.",
        source: "Canonical Kubernetes, how to upgrade with Juju: cluster running normally",
    }
    UNIT_UNSETTLED = 'J' 102 {
        title: "A Juju unit has not settled",
        means: "The unit changes something, waits for something or is not known, so that a check made now would speak of a state that is about to end.",
        remedy: "Wait until it is active and idle.",
        source: "Canonical Kubernetes, how to upgrade with Juju: cluster running normally",
    }
    REFRESH_OFFERED = 'J' 103 {
        title: "A newer charm revision is offered",
        means: "The channel that the application follows offers a newer revision. The charm's revision decides which patch release of Kubernetes runs.",
        remedy: "Plan the refresh with the template for patch upgrades.",
        source: "Canonical Kubernetes, how to upgrade the patch release with Juju",
    }
    JUJU_OLD = 'J' 104 {
        title: "Juju is older than its charms' guides assume",
        means: "The upgrade guides of Canonical Kubernetes are written for Juju 3.3 or newer; the commands that run actions and wait for them differ before.",
        remedy: "Upgrade the controller and the model first.",
        source: "Canonical Kubernetes, how to upgrade with Juju: Juju 3.3 or newer",
    }
    PODS_STAY = 'U' 101 {
        title: "Pods that a changed template does not reach",
        means: "A StatefulSet or DaemonSet with `updateStrategy` OnDelete, or a StatefulSet with a partition, leaves pods as they are until somebody deletes them. An upgrade that changes the template (of an add-on, of the network plug-in) is then finished for the controller, not for the pods; a drain replaces only those of the drained node.",
        remedy: "Plan for the deletion of these pods, or verify their version by the pods themselves.",
        source: "kubernetes.io docs concepts/workloads/controllers/statefulset, Update strategies, v1.36",
    }
    RELEASES_STAY = 'U' 102 {
        title: "Helm releases stay at their version",
        means: "An upgrade of Kubernetes moves no Helm release: what charts installed keeps running at its version.",
        remedy: "Check that each goes with the target, and upgrade those that do not by themselves.",
        source: "Refit: the steps of templates/kubeadm.yaml and templates/canonical-k8s/charm.yaml",
    }
    DEFINITIONS_STAY = 'U' 103 {
        title: "Custom resource definitions stay as they are",
        means: "An upgrade of Kubernetes changes no custom resource definition and no object of one: they belong to the projects that installed them.",
        remedy: "Upgrade the projects that own them by their own procedure.",
        source: "Refit: the steps of templates/kubeadm.yaml and templates/canonical-k8s/charm.yaml",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_is_there_once_and_says_something() {
        let codes: BTreeSet<Code> = ALL.iter().map(|page| page.code).collect();
        assert_eq!(codes.len(), ALL.len());
        for page in ALL {
            assert!("ACNWHPBJU".contains(page.code.family()), "{}", page.code);
            for text in [page.title, page.means, page.remedy, page.source] {
                assert!(!text.is_empty(), "{}", page.code);
            }
            assert!(!page.title.ends_with('.'), "{}", page.code);
        }
    }
}
