//! The codes of objections, each with its page.
//!
//! A code is never reused: one that is given up stays in this table's gaps.

use refit_model::code::{Code, CodePage};

macro_rules! pages {
    ($($(#[$doc:meta])* $name:ident = $number:literal: $title:literal,
        $means:literal,
        $remedy:literal,
        $source:literal;)*) => {
        $(
            $(#[$doc])*
            pub const $name: CodePage = CodePage {
                code: Code::new('O', $number),
                title: $title,
                means: $means,
                remedy: $remedy,
                mitigation: "",
                source: $source,
            };
        )*
        /// Every code, in order.
        pub const ALL: &[CodePage] = &[$($name),*];
    };
}

pages! {
    /// RFO101: the plan was edited.
    EDITED = 101: "the plan was edited",
        "The hash in the file is not the hash of what it says, so it is not the plan that was made.",
        "Make the plan again; what has to be different belongs into the template or its parameters.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO102: the plan is for another cluster.
    OTHER_CLUSTER = 102: "the plan is for another cluster",
        "The identity in the plan is not the identity of what was observed.",
        "Use the plan on the cluster that it names, or make one for this cluster.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO103: the cluster has moved since the plan was made.
    STALE = 103: "the cluster has moved since the plan was made",
        "Parts of the snapshot that bind an approval differ from those that the plan was made from.",
        "Make the plan again from a new snapshot.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO104: the hop skips a minor.
    SKIPS_MINOR = 104: "the hop skips a minor",
        "An API server may not skip a minor, not even in a control plane of one.",
        "Go one minor at a time.",
        "kubernetes/website content/en/releases/version-skew-policy.md";
    /// RFO105: the hop goes back.
    DOWNGRADE = 105: "the hop goes back",
        "Kubernetes does not support going back to an older release.",
        "Name a newer release.",
        "kubernetes/website content/en/releases/version-skew-policy.md";
    /// RFO106: the hop goes to a release that is not known.
    UNKNOWN_RELEASE = 106: "the hop goes to a release that is not known",
        "The minor is not among the releases that this build knows, so nothing can be said about it.",
        "Name a released version, or use a build whose knowledge is newer.",
        "endoflife.date, product kubernetes; kubernetes/website data/releases";
    /// RFO107: the hop goes to a patch newer than the newest known one.
    NEWER_THAN_KNOWN = 107: "the hop goes to a patch newer than the newest known one",
        "The minor is known and the patch is not; it may have come after the knowledge was written down.",
        "Make sure that the release exists.",
        "endoflife.date, product kubernetes";
    /// RFO108: the hop does not start from what runs.
    OTHER_START = 108: "the hop does not start from what runs",
        "What the API servers run, or the control plane's application claims, lies outside of the hop.",
        "Make the plan again from a new snapshot.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO109: the hop goes beyond the target.
    PAST_TARGET = 109: "the hop goes beyond the target",
        "The plan goes to a newer version than the target that it states.",
        "Make the plan again for the target that is meant.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO110: two steps have the same id.
    DUPLICATE_STEP = 110: "two steps have the same id",
        "Events of a run name steps by their id, so it must mean one step.",
        "Make the plan again; correct the template if it comes from there.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO111: a step waits for one that does not exist.
    DANGLING_STEP = 111: "a step waits for one that does not exist",
        "It would wait for ever.",
        "Make the plan again; correct the template if it comes from there.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO112: a step waits for one that comes later.
    OUT_OF_ORDER = 112: "a step waits for one that comes later",
        "Either the steps wait for each other in a circle, or the order that people read is not the order that they are carried out in.",
        "Make the plan again; correct the template if it comes from there.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO113: more than one step at once.
    PACE = 113: "more than one step at once",
        "What two steps break together is not judged by any of them.",
        "Set the pace to one.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO114: two nodes are out at the same time.
    TWO_NODES_OUT = 114: "two nodes are out at the same time",
        "A node is closed while another one is still closed by this plan.",
        "Open one node before the next one is closed.",
        "kubernetes/website content/en/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade.md";
    /// RFO115: nothing makes an act wait for the one before it.
    UNORDERED = 115: "nothing makes an act wait for the one before it",
        "Their order rests on where they are listed, and not on what they wait for.",
        "Let the later step wait for the earlier one.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO116: the plan was made with other knowledge.
    OTHER_KNOWLEDGE = 116: "the plan was made with other knowledge",
        "It was made by a build with other facts than the ones it is reviewed with.",
        "Make the plan again with this build, if the facts matter here.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO120: a kubelet becomes newer than an API server.
    KUBELET_NEWER = 120: "a kubelet becomes newer than an API server",
        "A kubelet may not be of a newer minor than any API server that it talks to.",
        "Upgrade every API server first.",
        "kubernetes/website content/en/releases/version-skew-policy.md";
    /// RFO121: a kubelet is too old for the API servers.
    KUBELET_TOO_OLD = 121: "a kubelet is too old for the API servers",
        "A kubelet may be three minors older than the API servers, two for kubelets before 1.25.",
        "Upgrade the node first, to what the API servers run now.",
        "kubernetes/website content/en/releases/version-skew-policy.md";
    /// RFO122: a control-plane node is left behind.
    SERVER_LEFT_BEHIND = 122: "a control-plane node is left behind",
        "At the end of the plan an API server does not run the release of the hop.",
        "Upgrade every control-plane node in the same plan.",
        "kubernetes/website content/en/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade.md";
    /// RFO123: kubeadm upgrade node comes before kubeadm upgrade apply.
    NODE_BEFORE_APPLY = 123: "kubeadm upgrade node comes before kubeadm upgrade apply",
        "The first control-plane node is upgraded with apply, which writes the configuration that the others read.",
        "Run apply on one control-plane node first.",
        "kubernetes/website content/en/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade.md";
    /// RFO124: kubeadm upgrade apply runs on two nodes.
    APPLY_TWICE = 124: "kubeadm upgrade apply runs on two nodes",
        "The cluster's configuration is written once; the other nodes read it with kubeadm upgrade node.",
        "Run apply on the first control-plane node only.",
        "kubernetes/website content/en/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade.md";
    /// RFO125: a node is upgraded before the control plane is done.
    WORKER_TOO_EARLY = 125: "a node is upgraded before the control plane is done",
        "A node comes after every control-plane node, and a kubelet after the components of its own node.",
        "Move the node behind the control plane.",
        "kubernetes/website content/en/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade.md";
    /// RFO126: a kubelet is upgraded on a node that takes new pods.
    KUBELET_WITHOUT_CORDON = 126: "a kubelet is upgraded on a node that takes new pods",
        "Pods that are placed there meanwhile are disturbed.",
        "Cordon the node before.",
        "kubernetes/website content/en/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade.md";
    /// RFO127: a kubelet is upgraded under running pods.
    KUBELET_WITHOUT_DRAIN = 127: "a kubelet is upgraded under running pods",
        "A minor upgrade of the kubelet in place is only supported on a drained node.",
        "Drain the node before.",
        "kubernetes/website content/en/releases/version-skew-policy.md";
    /// RFO128: a node stays closed at the end.
    LEFT_CORDONED = 128: "a node stays closed at the end",
        "The plan closed it, or found it closed by an earlier plan, and does not open it again.",
        "Uncordon the node.",
        "kubernetes/website content/en/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade.md";
    /// RFO129: a node is left behind.
    NODE_LEFT_BEHIND = 129: "a node is left behind",
        "At the end of the plan its kubelet is older than the release of the hop. It works, and it narrows the room for the next hop.",
        "Upgrade the node too, before the next hop.",
        "kubernetes/website content/en/releases/version-skew-policy.md";
    /// RFO130: something in the plan does not exist.
    UNKNOWN_SUBJECT = 130: "something in the plan does not exist",
        "A node or an application that the plan names was not observed.",
        "Make the plan again from a new snapshot.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO131: the control plane is upgraded on a node that runs none.
    NOT_CONTROL_PLANE = 131: "the control plane is upgraded on a node that runs none",
        "No API server was observed on the node.",
        "Make the plan again from a new snapshot.",
        "kubernetes/website content/en/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade.md";
    /// RFO132: an act goes to another release than the hop.
    OTHER_RELEASE = 132: "an act goes to another release than the hop",
        "The release in the act is not the release that the plan states.",
        "Make the plan again for the release that is meant.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO134: an act goes back to an older release.
    GOES_BACK = 134: "an act goes back to an older release",
        "What runs there is newer than what the act installs.",
        "Name a target that is at least as new as everything that runs.",
        "kubernetes/website content/en/releases/version-skew-policy.md";
    /// RFO135: a node is drained while it takes new pods.
    DRAIN_WITHOUT_CORDON = 135: "a node is drained while it takes new pods",
        "What leaves may come back at once, and the drain may never end.",
        "Cordon the node before.",
        "kubernetes/kubernetes 1.36 staging/src/k8s.io/kubectl/pkg/drain";
    /// RFO140: the control plane is changed without a copy of etcd.
    NO_BACKUP = 140: "the control plane is changed without a copy of etcd",
        "No step before the first change takes a copy.",
        "Take a copy of etcd on a control-plane node first.",
        "etcd.io docs, Failure modes and Disaster recovery";
    /// RFO141: the copy of etcd is taken where there is none.
    BACKUP_ELSEWHERE = 141: "the copy of etcd is taken where there is none",
        "No member of etcd was observed on the node.",
        "Take the copy on a control-plane node.",
        "etcd.io docs, Failure modes and Disaster recovery";
    /// RFO142: an old copy of etcd would do.
    OLD_BACKUP = 142: "an old copy of etcd would do",
        "The step is done as soon as a copy is seen that is older than the snapshot the plan was made from.",
        "Demand a copy that is newer than the snapshot.",
        "etcd.io docs, Failure modes and Disaster recovery";
    /// RFO143: the point of no return comes without a copy.
    NO_RETURN = 143: "the point of no return comes without a copy",
        "The way back from the step is to restore data, and nothing before it makes a copy.",
        "Take a copy before the step.",
        "etcd.io docs, Failure modes and Disaster recovery";
    /// RFO144: a step that changes something names no way back.
    NO_WAY_BACK = 144: "a step that changes something names no way back",
        "It says that there is nothing to undo, or says nothing.",
        "Say how to go back, or that only restoring data does.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO150: an act has no end that can be seen.
    NO_END = 150: "an act has no end that can be seen",
        "Nothing tells when it is done; an answer is not an end.",
        "Say what holds when it is done.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO151: the end of an act does not speak of what it does.
    OTHER_END = 151: "the end of an act does not speak of what it does",
        "What is looked at afterwards can hold without the act.",
        "Name the condition that the act brings about, on its own subject.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO152: the versions are not verified.
    NOT_VERIFIED = 152: "the versions are not verified",
        "After the change no step looks whether the release of the hop really runs.",
        "Look at the versions of every API server and every kubelet at the end.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO153: an act is taken for safer than it is.
    SAFER_CLASS = 153: "an act is taken for safer than it is",
        "The effect class of the step is safer than the act's own, so that a lost answer would be handled wrongly.",
        "Leave the class out, or make it stricter.",
        "Refit's own design: effect classes, docs/ARCHITECTURE.md";
    /// RFO154: an act is sent again that may not be.
    RESENDS = 154: "an act is sent again that may not be",
        "Acts of its class must not be sent twice without looking.",
        "Leave the repetition out.",
        "Refit's own design: effect classes, docs/ARCHITECTURE.md";
    /// RFO155: a time-out that means nothing.
    TIMEOUT = 155: "a time-out that means nothing",
        "It is zero, or longer than a day. A day is the longest that any node upgrader allows a drain.",
        "Give the step a time that a person would wait.",
        "learn.microsoft.com AKS, node drain time-out: up to 24 hours";
    /// RFO156: the end counts without a look.
    NO_LOOK = 156: "the end counts without a look",
        "No look is wanted, or no time lies between two looks.",
        "Ask for at least one look, a second apart.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO157: a step cannot end in its time.
    CANNOT_END = 157: "a step cannot end in its time",
        "The looks that it wants in a row take longer than its time-out.",
        "Give it more time, or fewer looks.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO158: a step that only looks changes something.
    HIDDEN_CHANGE = 158: "a step that only looks changes something",
        "Its kind says that it does not change the target, and its act does.",
        "Give the step the kind that fits its act.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO159: a step acts on something else than it says.
    OTHER_SUBJECT = 159: "a step acts on something else than it says",
        "What it is about and what its act is for differ.",
        "Make the plan again; correct the template if it comes from there.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO160: a drain is sent only once.
    DRAINS_ONCE = 160: "a drain is sent only once",
        "What a budget holds back at that moment would never be tried again.",
        "Send the drain again at an interval; kubectl uses five seconds.",
        "kubernetes/kubernetes 1.36 staging/src/k8s.io/kubectl/pkg/drain";
    /// RFO161: nothing is looked at before the first change.
    NO_PREFLIGHT = 161: "nothing is looked at before the first change",
        "No step before the first change looks whether the landscape is fit for it, so that the first change finds out.",
        "Look at what has to hold before: let a step of the kind `check` come first.",
        "kubernetes/website content/en/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade.md";
    /// RFO162: nothing is looked at after the last change.
    NOTHING_PROVEN = 162: "nothing is looked at after the last change",
        "No step after the last change looks whether the landscape is as the plan promises, so that nothing would show that it is not.",
        "Look at what the plan promises: let a step of the kind `verify` come last.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO170: a disruption budget can never let a pod go.
    BUDGET_BLOCKS = 170: "a disruption budget can never let a pod go",
        "It demands at least as many healthy pods as there are.",
        "Change the budget, or run one pod more.",
        "kubernetes/kubernetes 1.36 pkg/controller/disruption, and recorded answers of 1.36.3";
    /// RFO171: a disruption budget cannot be worked out.
    BUDGET_CANNOT_SYNC = 171: "a disruption budget cannot be worked out",
        "The controller cannot tell how many pods there should be, so it lets none go.",
        "Use minAvailable with a number, or select pods whose controller can be scaled.",
        "kubernetes/kubernetes 1.36 pkg/controller/disruption, and recorded answers of 1.36.3";
    /// RFO172: a pod is under two disruption budgets.
    TWO_BUDGETS = 172: "a pod is under two disruption budgets",
        "The server refuses every eviction of such a pod with an error.",
        "Leave one budget over each pod.",
        "kubernetes/kubernetes 1.36 pkg/registry/core/pod/storage/eviction.go";
    /// RFO173: a pod without a controller stops the drain.
    BARE_POD_STAYS = 173: "a pod without a controller stops the drain",
        "It would be lost for good, and the plan does not allow that.",
        "Move it, let a controller make it, or allow the loss by the template's parameter.",
        "kubernetes/kubernetes 1.36 staging/src/k8s.io/kubectl/pkg/drain";
    /// RFO174: a pod without a controller is lost for good.
    BARE_POD_LOST = 174: "a pod without a controller is lost for good",
        "The plan allows it.",
        "Make sure that its owner knows.",
        "kubernetes/kubernetes 1.36 staging/src/k8s.io/kubectl/pkg/drain";
    /// RFO175: a pod without a controller is lost and the plan does not say so.
    BARE_POD_LOST_SILENTLY = 175: "a pod without a controller is lost and the plan does not say so",
        "The drain may destroy it, and no parameter of the plan says that this was wanted.",
        "Set the parameter that allows the loss, or forbid it.",
        "kubernetes/kubernetes 1.36 staging/src/k8s.io/kubectl/pkg/drain";
    /// RFO176: an emptyDir stops the drain.
    EMPTY_DIR_STAYS = 176: "an emptyDir stops the drain",
        "The pod's scratch data would be lost, and the plan does not allow that.",
        "Allow the loss by the template's parameter, or delete the pod by hand.",
        "kubernetes/kubernetes 1.36 staging/src/k8s.io/kubectl/pkg/drain";
    /// RFO177: a pod is tied to its node by a local volume.
    LOCAL_VOLUME = 177: "a pod is tied to its node by a local volume",
        "It can run nowhere else, so it is down while its node is.",
        "Make sure that its application bears that.",
        "kubernetes.io docs, Volumes, local";
    /// RFO178: a webhook that must answer goes down with a node.
    WEBHOOK_GOES_DOWN = 178: "a webhook that must answer goes down with a node",
        "Every pod behind it runs on one node that is drained, and without an answer requests are refused.",
        "Run a second pod on another node, or let failures pass for the time.",
        "kubernetes.io docs, Dynamic Admission Control, failurePolicy";
    /// RFO180: what decides was not seen.
    CANNOT_JUDGE = 180: "what decides was not seen",
        "Something that could forbid the plan is not in the snapshot.",
        "Collect a snapshot that shows it, and review again.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO181: a node is not ready.
    NODE_NOT_READY = 181: "a node is not ready",
        "The plan looks for readiness before it starts, and would stop there.",
        "Repair the node first.",
        "kubernetes/website content/en/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade.md";
    /// RFO182: etcd loses its quorum.
    QUORUM_AT_RISK = 182: "etcd loses its quorum",
        "While the member on one node is replaced, the others that are ready are no majority.",
        "Repair etcd first.",
        "etcd.io docs, Failure modes and Disaster recovery";
    /// RFO183: a component of the control plane is not ready.
    CONTROL_PLANE_NOT_READY = 183: "a component of the control plane is not ready",
        "An upgrade of a control plane that is not whole can end without one.",
        "Repair it first.",
        "kubernetes/website content/en/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade.md";
    /// RFO190: a charm is refreshed without its check.
    NO_CHARM_CHECK = 190: "a charm is refreshed without its check",
        "Without a completed pre-upgrade-check since the last refresh, the units end up blocked.",
        "Run pre-upgrade-check before each refresh, and let the refresh expect that it completed.",
        "documentation.ubuntu.com/canonical-kubernetes, charm, Upgrade; canonical/k8s-operator charms/worker/k8s/src/upgrade.py";
    /// RFO191: workers are refreshed before the control plane.
    CHARM_WORKER_FIRST = 191: "workers are refreshed before the control plane",
        "The leader counts workers whose version differs from its own, so the next refresh of the control plane starts unchecked.",
        "Refresh the control plane first.",
        "documentation.ubuntu.com/canonical-kubernetes, charm, Upgrade; canonical/k8s-operator charms/worker/k8s/src/upgrade.py; canonical/k8s-operator issue 1007";
    /// RFO192: an application is left behind.
    APPLICATION_LEFT_BEHIND = 192: "an application is left behind",
        "A newer revision is offered for it, and the plan does not refresh it.",
        "Refresh every application of the cluster in the same plan.",
        "documentation.ubuntu.com/canonical-kubernetes, charm, Upgrade; canonical/k8s-operator charms/worker/k8s/src/upgrade.py";
    /// RFO193: a patch upgrade changes the channel.
    CHANNEL_CHANGE = 193: "a patch upgrade changes the channel",
        "The hop stays in its minor, and the refresh goes to another channel.",
        "Leave the channel out.",
        "documentation.ubuntu.com/canonical-kubernetes, charm, Upgrade; canonical/k8s-operator charms/worker/k8s/src/upgrade.py";
    /// RFO194: the versions of the units are not verified.
    UNITS_NOT_VERIFIED = 194: "the versions of the units are not verified",
        "A status of active and Ready has been seen over an old version.",
        "Read the version on every unit after the refresh.",
        "documentation.ubuntu.com/canonical-kubernetes, charm, Upgrade; canonical/k8s-operator charms/worker/k8s/src/upgrade.py; canonical/k8s-operator issue 975";
    /// RFO195: a unit is at work.
    UNITS_BUSY = 195: "a unit is at work",
        "Something is changing already.",
        "Wait until every unit is active and idle.",
        "documentation.ubuntu.com/canonical-kubernetes, charm, Upgrade; canonical/k8s-operator charms/worker/k8s/src/upgrade.py";
    /// RFO196: a unit is blocked or in error.
    UNIT_BLOCKED = 196: "a unit is blocked or in error",
        "The charm's check would fail; in a failed state it starts a recovery.",
        "Repair the unit first.",
        "documentation.ubuntu.com/canonical-kubernetes, charm, Upgrade; canonical/k8s-operator charms/worker/k8s/src/upgrade.py";
    /// RFO198: a refresh waits for a revision that is not offered.
    OTHER_REVISION = 198: "a refresh waits for a revision that is not offered",
        "Without a channel of its own, it brings the newest revision of the present channel.",
        "Make the plan again from a new snapshot.",
        "documentation.ubuntu.com/canonical-kubernetes, charm, Upgrade; canonical/k8s-operator charms/worker/k8s/src/upgrade.py";
    /// RFO199: a refresh goes to another channel than the next minor's.
    WRONG_CHANNEL = 199: "a refresh goes to another channel than the next minor's",
        "A channel is named after its minor and its risk. A skipped minor blocks the units, and another risk is another quality.",
        "Go to the channel of the hop's minor, with the risk that is followed now.",
        "documentation.ubuntu.com/canonical-kubernetes, charm, Upgrade";
    /// RFO201: what a command does is not followed.
    COMMAND_NOT_FOLLOWED = 201: "what a command does is not followed",
        "A provider's or another tool's command replaces nodes as it likes. The steps behind it look at what it left; whether versions and budgets hold in between is its own promise.",
        "Read what the provider says about its upgrades before approving, and see that the steps behind the command look at every node.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO202: no page of the maker leads this way.
    NO_PAGE = 202: "no page of the maker leads this way",
        "The releases that a maker's pages lead through are the only ones that were tried; what is left out between them may carry an upgrade of data.",
        "Make the plan again, hop by hop: `refit path --project NAME --from A --to B` shows them.",
        "CluedIn-io/CluedIn.Documentation docs/190-paas-operations/upgrade; osism/osism.github.io docs/release-notes";
    /// RFO203: another chart than the one that brings the release.
    OTHER_CHART = 203: "another chart than the one that brings the release",
        "Chart and images are chosen apart, so that one can move without the other.",
        "Name the chart that the page of the release names.",
        "CluedIn-io/CluedIn.Documentation docs/190-paas-operations/upgrade";
    /// RFO204: data is changed without a backup before it.
    DATA_WITHOUT_BACKUP = 204: "data is changed without a backup before it",
        "Once the databases have moved, only restoring the disks goes back: an older chart on newer data does not run.",
        "Back up every disk at one point in time, before the first change of this hop.",
        "CluedIn-io/CluedIn.Documentation docs/190-paas-operations/002-backup-and-restore.md";
    /// RFO205: the data stays behind.
    DATA_STAYS = 205: "the data stays behind",
        "The page of this release upgrades the data, and no step of the plan does.",
        "Add the step, or make the plan from the built-in template.",
        "CluedIn-io/CluedIn.Documentation docs/190-paas-operations/upgrade";
    /// RFO206: the system stays closed.
    LEFT_CLOSED = 206: "the system stays closed",
        "In upgrade mode the user interface and the processing of CluedIn have no replicas, and what was set stays set.",
        "Upgrade once more with the value at false, after the data.",
        "CluedIn-io/CluedIn.Documentation docs/190-paas-operations/upgrade; CluedIn-io/Charts cluedin-platform-2.6.0";
    /// RFO207: the roles are in an order that breaks a rule.
    ROLE_ORDER = 207: "the roles are in an order that breaks a rule",
        "The published orders of OSISM disagree, and some break a rule on another page, such as that `common` precedes every other role of Kolla.",
        "Choose the profile `ci`, which the maker tests, or accept the order knowingly.",
        "osism/osism.github.io docs/guides/upgrade-guide; osism/testbed scripts/upgrade";
    /// RFO208: images are not pulled before.
    NOT_PULLED = 208: "images are not pulled before",
        "The restart of a service waits for its images then.",
        "Pull the images of every role before the window.",
        "osism/osism.github.io docs/guides/upgrade-guide";
    /// RFO209: `osism apply` would do something else.
    OSISM_WORDS = 209: "`osism apply` would do something else",
        "Variables before the role are read as the name of an environment, and a role that does not exist is sent to a worker that nobody serves: both hang.",
        "Put the role first among what is not an option, and spell it as it is deployed.",
        "PyPI osism 0.20260615.0 and 0.20261007.0, run against their own workers";
    /// RFO210: nothing is known of the project.
    NO_GRAPH = 210: "nothing is known of the project",
        "The plan goes where it was told to. Whether versions in between are needed is not known.",
        "Read the maker's notes of every release in between, and add what is known to an overlay.",
        "Refit's own design: docs/ARCHITECTURE.md";
    /// RFO211: the charm does not take the workers that are there.
    WORKERS_TOO_OLD = 211: "the charm does not take the workers that are there",
        "Before it goes to a new minor, the charm of the control plane asks that every worker runs that minor or the one before, and blocks its leader otherwise. Upstream would allow more.",
        "Refresh every application of workers to what the control plane runs, then make the plan again.",
        "canonical/k8s-operator charms/worker/k8s/src/literals.py, upgrade.py";
    /// RFO212: a newer patch is left out before a new minor.
    PATCH_FIRST = 212: "a newer patch is left out before a new minor",
        "The guide wants the newest patch of the present channel first, then the next minor.",
        "Make a plan to the release of that revision first.",
        "documentation.ubuntu.com/canonical-kubernetes, charm, Upgrade";
    /// RFO213: nobody looks at the datastore.
    DATASTORE_UNSEEN = 213: "nobody looks at the datastore",
        "The new minor has no k8s-dqlite and nothing migrates it: the snap refuses to be refreshed, and the units wait for it without an end.",
        "Look at the datastore before the first refresh: `juju config k8s bootstrap-datastore`.",
        "canonical/k8s-snap docs/canonicalk8s/releases/snap/upgrading.md";
    /// RFO214: no charm of the new minor is known.
    NO_CHARM_KNOWN = 214: "no charm of the new minor is known",
        "When the knowledge was written down, there was no charm of this minor; what it asks for is taken from those before it.",
        "See that its channel exists, and read its notes.",
        "canonical/k8s-operator, the release branches";
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn codes_rise_and_every_page_says_something() {
        for pair in ALL.windows(2) {
            assert!(pair[0].code < pair[1].code, "{}", pair[1].code);
        }
        for page in ALL {
            for text in [page.title, page.means, page.remedy, page.source] {
                assert!(!text.is_empty(), "{}", page.code);
            }
        }
    }
}
