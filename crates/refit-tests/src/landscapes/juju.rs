//! Models of Canonical Kubernetes.

use super::{name, taken_at};
use proptest::prelude::Strategy;
use refit_model::juju::{JujuApplication, JujuModel, JujuUnit, Status, StatusWord};
use refit_model::name::{ApplicationName, ObjectName, UnitName};
use refit_model::seen::{Listing, Seen};
use refit_model::snapshot::{ClusterIdentity, IdentityBasis, Snapshot};
use refit_model::version::{KubeVersion, Minor};
use std::collections::BTreeMap;

/// What a Canonical Kubernetes model is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CharmSpec {
    /// How many units the control plane has.
    pub control_plane: u8,
    /// How many units each application of workers has; they are called
    /// `k8s-worker`, `k8s-worker-2` and so on.
    pub workers: Vec<u8>,
    /// What every unit runs.
    pub version: KubeVersion,
}

impl Default for CharmSpec {
    /// The model of the recorded status: three units each, at 1.34.1.
    fn default() -> Self {
        Self {
            control_plane: 3,
            workers: vec![3],
            version: KubeVersion::new(Minor::new(1, 34), 1),
        }
    }
}

/// Models by lot.
pub fn charm_specs() -> impl Strategy<Value = CharmSpec> {
    let workers = proptest::collection::vec(1_u8..=3, 0..=3);
    (proptest::sample::select(vec![1_u8, 3, 5]), workers).prop_map(|(control_plane, workers)| {
        CharmSpec {
            control_plane,
            workers,
            ..CharmSpec::default()
        }
    })
}

/// The Juju model of the default specification.
#[must_use]
pub fn charm() -> Snapshot {
    charm_of(&CharmSpec::default())
}

/// The Juju model of this specification: revision 1400 with 1500 offered for
/// the control plane, 1401 with 1501 offered for workers, no action run yet.
#[must_use]
pub fn charm_of(spec: &CharmSpec) -> Snapshot {
    let mut applications = BTreeMap::new();
    applications.insert(
        name::<ApplicationName>("k8s"),
        application(spec, "k8s", "k8s", spec.control_plane, 1400),
    );
    for (place, units) in (1..).zip(&spec.workers) {
        let called = if place == 1 {
            "k8s-worker".to_owned()
        } else {
            format!("k8s-worker-{place}")
        };
        let made = application(spec, "k8s-worker", &called, *units, 1401);
        applications.insert(name(&called), made);
    }
    let cluster = ClusterIdentity {
        id: name("lxd/k8s-prod"),
        name: "k8s-prod".to_owned(),
        basis: IdentityBasis::JujuModel,
    };
    Snapshot {
        juju: Some(JujuModel {
            name: name("k8s-prod"),
            controller: name("lxd"),
            version: Seen::Is("3.6.9".to_owned()),
            applications: Listing::whole(applications),
        }),
        ..Snapshot::empty(cluster, taken_at())
    }
}

fn application(
    spec: &CharmSpec,
    charm: &str,
    called: &str,
    units: u8,
    revision: u32,
) -> JujuApplication {
    let units = (0..units)
        .map(|place| {
            let unit = JujuUnit {
                workload: Seen::Is(Status {
                    word: StatusWord::Active,
                    message: "Ready".to_owned(),
                }),
                agent_idle: Seen::Is(true),
                leader: place == 0,
                version: Seen::Is(spec.version.clone()),
            };
            (name::<UnitName>(&format!("{called}/{place}")), unit)
        })
        .collect();
    JujuApplication {
        charm: name::<ObjectName>(charm),
        channel: Seen::Is(name("1.34/stable")),
        revision: Seen::Is(revision),
        offered: Seen::Is(Some(revision + 100)),
        claimed_version: Seen::Is(Some(spec.version.clone())),
        status: Seen::Is(Status {
            word: StatusWord::Active,
            message: "Ready".to_owned(),
        }),
        units: Listing::whole(units),
        actions: Listing::whole(BTreeMap::new()),
    }
}
