//! Charm plans that were broken on purpose.

use crate::case::{Break, to};
use refit_model::act::{Act, EffectClass, JujuAct};
use refit_model::condition::Condition;
use refit_model::duration::Seconds;
use refit_model::juju::{Status, StatusWord};
use refit_model::seen::{Extent, Seen, Unseen};
use refit_tests::landscapes::name;

/// Broken charm plans.
pub(crate) const CHARM: &[(&str, &str, Break)] = &[
    ("a refresh without its check", "RFO190", |case| {
        case.remove("control-plane/k8s/pre-upgrade-check");
    }),
    (
        "a refresh that does not expect its check",
        "RFO190",
        |case| {
            case.step("control-plane/k8s/refresh").expects.clear();
        },
    ),
    ("the check after the refresh", "RFO190", |case| {
        let stage = &mut case
            .plan
            .spec
            .stages
            .iter_mut()
            .find(|stage| stage.id.as_str() == "control-plane/k8s")
            .unwrap();
        let place = stage
            .steps
            .iter()
            .position(|step| step.id.as_str().ends_with("/refresh"))
            .unwrap();
        stage.steps.swap(place, place - 1);
        case.relink();
    }),
    ("another action than the check", "RFO190", |case| {
        case.step("control-plane/k8s/pre-upgrade-check").act =
            Some(Act::Juju(JujuAct::RunAction {
                application: name("k8s"),
                action: name("get-kubeconfig"),
            }));
    }),
    (
        "a refresh that does not wait for its check",
        "RFO115",
        |case| {
            case.step("control-plane/k8s/refresh").after = vec![name("preflight/juju")];
        },
    ),
    ("workers first", "RFO191", |case| {
        case.move_stage("workers/k8s-worker", "control-plane/k8s");
    }),
    ("workers alone", "RFO191", |case| {
        case.remove_stage("control-plane/k8s");
    }),
    ("workers left out", "RFO192", |case| {
        case.remove_stage("workers/k8s-worker");
    }),
    ("another channel", "RFO193", |case| {
        case.step("control-plane/k8s/refresh").act = Some(Act::Juju(JujuAct::Refresh {
            application: name("k8s"),
            channel: Some(name("1.35/stable")),
        }));
    }),
    ("a channel left behind", "RFO199", |case| {
        let model = case.snapshot.juju.as_mut().unwrap();
        for application in model.applications.items.values_mut() {
            application.channel = Seen::Is(name("1.33/stable"));
        }
    }),
    ("no look at what the units run", "RFO194", |case| {
        case.remove("workers/k8s-worker/wait");
        case.remove("workers/k8s-worker/verify");
    }),
    ("a look at the status only", "RFO194", |case| {
        for step in ["wait", "verify"] {
            case.step(&format!("workers/k8s-worker/{step}")).reaches =
                vec![Condition::ApplicationSettled(name("k8s-worker"))];
        }
    }),
    ("a look at what is claimed", "RFO194", |case| {
        for step in ["wait", "verify"] {
            case.step(&format!("workers/k8s-worker/{step}")).reaches =
                vec![Condition::ClaimsVersion {
                    application: name("k8s-worker"),
                    version: to("v1.34.3"),
                }];
        }
    }),
    ("a blocked unit", "RFO196", |case| {
        let model = case.snapshot.juju.as_mut().unwrap();
        let application = model.applications.items.values_mut().next().unwrap();
        application
            .units
            .items
            .values_mut()
            .next()
            .unwrap()
            .workload = Seen::Is(Status {
            word: StatusWord::Blocked,
            message: "Unit was upgraded without a pre-upgrade-check".to_owned(),
        });
    }),
    ("a revision that is not offered", "RFO198", |case| {
        case.step("control-plane/k8s/refresh").reaches = vec![Condition::CharmAt {
            application: name("k8s"),
            revision: 1499,
        }];
    }),
    ("an end that is only a settled status", "RFO151", |case| {
        case.step("control-plane/k8s/refresh").reaches =
            vec![Condition::ApplicationSettled(name("k8s"))];
    }),
    ("a refresh sent again", "RFO154", |case| {
        case.step("control-plane/k8s/refresh").resend = Some(Seconds::new(30));
    }),
    ("a refresh taken for safer than it is", "RFO153", |case| {
        case.step("control-plane/k8s/refresh").effect = EffectClass::Keyed;
    }),
    ("an application that does not exist", "RFO130", |case| {
        let model = case.snapshot.juju.as_mut().unwrap();
        model
            .applications
            .items
            .retain(|name, _| name.as_str() == "k8s");
    }),
    ("a unit was added since", "RFO103", |case| {
        let model = case.snapshot.juju.as_mut().unwrap();
        for application in model.applications.items.values_mut() {
            let unit = application.units.items.values().next().unwrap().clone();
            application.units.items.insert(name("k8s/9"), unit);
        }
    }),
    ("two minors by charm", "RFO104", |case| {
        case.hop().to = to("v1.36.1");
    }),
    ("what is offered was not seen", "RFO180", |case| {
        let model = case.snapshot.juju.as_mut().unwrap();
        for application in model.applications.items.values_mut() {
            application.offered = Seen::Gap(Unseen::NotInSource);
        }
    }),
    ("applications that were not all seen", "RFO180", |case| {
        let model = case.snapshot.juju.as_mut().unwrap();
        model.applications.extent = Extent::Part(Unseen::NotInSource);
    }),
    ("no Juju model at all", "RFO180", |case| {
        case.snapshot.juju = None;
    }),
];

/// The same for charms.
pub(crate) const CHARM_CAUTIONS: &[(&str, &str, Break)] = &[("a unit at work", "RFO195", |case| {
    let model = case.snapshot.juju.as_mut().unwrap();
    for application in model.applications.items.values_mut() {
        application
            .units
            .items
            .values_mut()
            .next()
            .unwrap()
            .workload = Seen::Is(Status {
            word: StatusWord::Maintenance,
            message: "Upgrading the snap.".to_owned(),
        });
    }
})];
