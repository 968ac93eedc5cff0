//! `canonical`: a Canonical Kubernetes model as `juju status --format json --utc`
//! shows it: three `k8s` and three `k8s-worker` units at 1.34.1, for which
//! Charmhub has a newer revision in the same channel.

use serde_json::{Map, Value, json};

use super::File;
use super::yaml::sorted;

/// The version of Juju's controller and agents.
const JUJU: &str = "3.6.9";

/// When everything last changed; Juju writes times so.
const SINCE: &str = "01 Oct 2026 06:00:00Z";

/// What each unit says of its workload.
const KUBERNETES: &str = "1.34.1";

const UNITS: u32 = 3;

/// One of the two applications.
struct Application {
    name: &'static str,
    revision: u32,
    next: u32,
    /// The number of the machine of unit 0; the others follow.
    first_machine: u32,
    /// The unit that leads.
    leader: u32,
    exposed: bool,
    endpoint: &'static str,
    related: &'static str,
}

/// Revisions are invented: those of a channel change with every build.
const APPLICATIONS: [Application; 2] = [
    Application {
        name: "k8s",
        revision: 1_400,
        next: 1_500,
        first_machine: 0,
        leader: 0,
        exposed: true,
        endpoint: "k8s-cluster",
        related: "k8s-worker",
    },
    Application {
        name: "k8s-worker",
        revision: 1_401,
        next: 1_501,
        first_machine: UNITS,
        leader: 2,
        exposed: false,
        endpoint: "cluster",
        related: "k8s",
    },
];

/// `canonical/status.json`.
pub(super) fn status() -> File {
    let machines: Map<String, Value> = (0..2 * UNITS)
        .map(|number| (number.to_string(), machine(number)))
        .collect();
    let applications: Map<String, Value> = APPLICATIONS
        .iter()
        .map(|application| (application.name.to_owned(), describe(application)))
        .collect();
    let status = json!({
        "applications": applications,
        "controller": { "timestamp": "06:00:05Z" },
        "machines": machines,
        "model": {
            "cloud": "maas-north",
            "controller": "harbour-north",
            "model-status": { "current": "available", "since": SINCE },
            "name": "harbour-charm",
            "region": "default",
            "sla": "unsupported",
            "type": "iaas",
            "version": JUJU,
        },
        "storage": {},
    });
    File {
        path: "canonical/status.json".into(),
        text: format!("{:#}\n", sorted(&status)),
    }
}

fn address(machine: u32) -> String {
    format!("10.30.0.{}", 10 + machine)
}

fn machine(number: u32) -> Value {
    let name = format!("berth-{}", number + 1);
    json!({
        "base": { "channel": "24.04", "name": "ubuntu" },
        "constraints": "arch=amd64 mem=8192M",
        "dns-name": address(number),
        "hardware": "arch=amd64 cores=4 mem=8192M",
        "hostname": name,
        "instance-id": name,
        "ip-addresses": [address(number)],
        "juju-status": { "current": "started", "since": SINCE, "version": JUJU },
        "machine-status": { "current": "running", "message": "Deployed", "since": SINCE },
        "modification-status": { "current": "applied", "since": SINCE },
        "network-interfaces": { "eth0": {
            "ip-addresses": [address(number)],
            "is-up": true,
            "mac-address": format!("52:54:00:6b:1e:{number:02x}"),
            "space": "alpha",
        }},
    })
}

fn describe(application: &Application) -> Value {
    let units: Map<String, Value> = (0..UNITS)
        .map(|unit| {
            (
                format!("{}/{unit}", application.name),
                describe_unit(application, unit),
            )
        })
        .collect();
    json!({
        "application-status": { "current": "active", "message": "Ready", "since": SINCE },
        "base": { "channel": "24.04", "name": "ubuntu" },
        "can-upgrade-to": format!("ch:amd64/{}-{}", application.name, application.next),
        "charm": application.name,
        "charm-channel": "1.34/stable",
        "charm-name": application.name,
        "charm-origin": "charmhub",
        "charm-rev": application.revision,
        "endpoint-bindings": { "": "alpha" },
        "exposed": application.exposed,
        "relations": { application.endpoint: [{
            "interface": "k8s-cluster",
            "related-application": application.related,
            "scope": "global",
        }]},
        "units": units,
        "version": KUBERNETES,
    })
}

fn describe_unit(application: &Application, unit: u32) -> Value {
    let machine = application.first_machine + unit;
    let mut described = json!({
        "juju-status": { "current": "idle", "since": SINCE, "version": JUJU },
        "machine": machine.to_string(),
        "public-address": address(machine),
        "workload-status": { "current": "active", "message": "Ready", "since": SINCE },
    });
    if let Some(map) = described.as_object_mut() {
        if application.exposed {
            map.insert("open-ports".into(), json!(["6443/tcp"]));
        }
        if unit == application.leader {
            map.insert("leader".into(), true.into());
        }
    }
    described
}
