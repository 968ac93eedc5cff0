//! What runs in the cluster: one row per workload, 400 pods in all.

use super::apps::{App, Controller, Place, Priority, Spread, Storage};
use super::nodes::Pool;

/// The workload that has one replica and answers for a webhook that must answer.
pub(super) const INJECTOR: &str = "berth-injector";

/// The workload whose budget never lets a pod go.
pub(super) const LEDGER: &str = "ledger";

/// The workload whose budget the disruption controller cannot compute.
pub(super) const SETTLEMENT: &str = "nightly-settlement";

/// The pod that nothing would create again.
pub(super) const BARE: &str = "reindex-by-hand";

/// Every workload, by namespace.
pub(super) const ALL: &[App] = &[
    App {
        name: "etcd",
        image: "registry.k8s.io/etcd:3.5.15-0",
        memory: 100,
        ..STATIC
    },
    App {
        name: "kube-apiserver",
        image: "registry.k8s.io/kube-apiserver:v1.31.9",
        cpu: 250,
        ..STATIC
    },
    App {
        name: "kube-controller-manager",
        image: "registry.k8s.io/kube-controller-manager:v1.31.9",
        cpu: 200,
        ..STATIC
    },
    App {
        name: "kube-scheduler",
        image: "registry.k8s.io/kube-scheduler:v1.31.9",
        ..STATIC
    },
    App {
        name: "kube-proxy",
        controller: Controller::DaemonSet,
        place: Place::Everywhere,
        image: "registry.k8s.io/kube-proxy:v1.31.9",
        cpu: 0,
        memory: 0,
        label: Some(("k8s-app", "kube-proxy")),
        priority: Priority::NodeCritical,
        ..SYSTEM
    },
    App {
        name: "coredns",
        replicas: 2,
        place: Place::Usually(Pool::ControlPlane),
        image: "registry.k8s.io/coredns/coredns:v1.11.3",
        memory: 70,
        label: Some(("k8s-app", "kube-dns")),
        port: 53,
        priority: Priority::ClusterCritical,
        ..SYSTEM
    },
    App {
        namespace: "kube-system",
        name: "metrics-server",
        replicas: 2,
        image: "registry.k8s.io/metrics-server/metrics-server:v0.8.0",
        memory: 200,
        release: "metrics-server",
        port: 443,
        storage: Storage::Scratch,
        spread: Spread::Hosts,
        priority: Priority::ClusterCritical,
        ..ADD_ON
    },
    App {
        namespace: "kube-system",
        name: "cluster-autoscaler",
        known_as: "externalgrpc-cluster-autoscaler",
        image: "registry.k8s.io/autoscaling/cluster-autoscaler:v1.34.1",
        memory: 600,
        release: "cluster-autoscaler",
        port: 8085,
        priority: Priority::ClusterCritical,
        ..ADD_ON
    },
    App {
        namespace: "kube-flannel",
        name: "kube-flannel-ds",
        controller: Controller::DaemonSet,
        place: Place::Everywhere,
        image: "ghcr.io/flannel-io/flannel:v0.26.7",
        memory: 50,
        label: Some(("app", "flannel")),
        port: 0,
        priority: Priority::NodeCritical,
        ..APP
    },
    App {
        namespace: "cert-manager",
        name: "cert-manager",
        image: "quay.io/jetstack/cert-manager-controller:v1.19.2",
        release: "cert-manager",
        port: 9402,
        ..ADD_ON
    },
    App {
        namespace: "cert-manager",
        name: "cert-manager-cainjector",
        known_as: "cainjector",
        image: "quay.io/jetstack/cert-manager-cainjector:v1.19.2",
        release: "cert-manager",
        port: 9402,
        ..ADD_ON
    },
    App {
        namespace: "cert-manager",
        name: "cert-manager-webhook",
        known_as: "webhook",
        replicas: 2,
        image: "quay.io/jetstack/cert-manager-webhook:v1.19.2",
        release: "cert-manager",
        port: 443,
        spread: Spread::Hosts,
        ..ADD_ON
    },
    App {
        namespace: "ingress-nginx",
        name: "ingress-nginx-controller",
        known_as: "ingress-nginx",
        replicas: 3,
        image: "registry.k8s.io/ingress-nginx/controller:v1.12.2",
        memory: 90,
        release: "ingress-nginx",
        port: 443,
        spread: Spread::Hosts,
        ..ADD_ON
    },
    App {
        namespace: "platform",
        name: "berth-controller",
        part_of: "berth",
        replicas: 2,
        image: "registry.harbour.example/platform/berth-controller:2.3.0",
        ..APP
    },
    App {
        namespace: "platform",
        name: INJECTOR,
        part_of: "berth",
        image: "registry.harbour.example/platform/berth-injector:2.3.0",
        port: 443,
        ..APP
    },
    App {
        name: "prometheus",
        controller: Controller::StatefulSet,
        replicas: 2,
        image: "quay.io/prometheus/prometheus:v3.5.0",
        cpu: 1_000,
        memory: 6_144,
        port: 9090,
        storage: Storage::Zonal(200),
        spread: Spread::Hosts,
        ..OBSERVABILITY
    },
    App {
        name: "alertmanager",
        controller: Controller::StatefulSet,
        replicas: 3,
        image: "quay.io/prometheus/alertmanager:v0.28.1",
        memory: 256,
        port: 9093,
        storage: Storage::Scratch,
        ..OBSERVABILITY
    },
    App {
        name: "dashboards",
        image: "docker.io/grafana/grafana:12.1.1",
        cpu: 200,
        memory: 512,
        port: 3000,
        ..OBSERVABILITY
    },
    App {
        name: "node-exporter",
        controller: Controller::DaemonSet,
        place: Place::Everywhere,
        image: "quay.io/prometheus/node-exporter:v1.9.1",
        cpu: 50,
        memory: 64,
        port: 0,
        ..OBSERVABILITY
    },
    App {
        name: "log-shipper",
        controller: Controller::DaemonSet,
        place: Place::Workers,
        image: "docker.io/fluent/fluent-bit:4.0.8",
        port: 0,
        ..OBSERVABILITY
    },
    App {
        name: "edge-gateway",
        controller: Controller::DaemonSet,
        image: "registry.harbour.example/edge/gateway:5.4.1",
        cpu: 250,
        memory: 256,
        port: 8443,
        ..EDGE
    },
    App {
        name: "edge-cache",
        replicas: 6,
        image: "registry.harbour.example/edge/cache:5.4.1",
        cpu: 500,
        memory: 1_024,
        storage: Storage::Scratch,
        ..EDGE
    },
    App {
        name: "postgres",
        controller: Controller::StatefulSet,
        replicas: 3,
        image: "docker.io/library/postgres:17.6",
        cpu: 2_000,
        memory: 16_384,
        port: 5432,
        storage: Storage::Local(500),
        spread: Spread::Hosts,
        ..DATA
    },
    App {
        name: "redis",
        controller: Controller::StatefulSet,
        replicas: 3,
        image: "docker.io/library/redis:8.2.1",
        cpu: 500,
        memory: 8_192,
        port: 6379,
        storage: Storage::Scratch,
        ..DATA
    },
    App {
        name: "query-engine",
        replicas: 8,
        image: "registry.harbour.example/data/query-engine:3.1.0",
        cpu: 1_000,
        memory: 12_288,
        ..DATA
    },
    App {
        name: "feature-store",
        replicas: 5,
        image: "registry.harbour.example/data/feature-store:1.9.2",
        cpu: 500,
        memory: 6_144,
        ..DATA
    },
    App {
        namespace: "messaging",
        name: "broker",
        part_of: "messaging",
        controller: Controller::StatefulSet,
        replicas: 3,
        image: "docker.io/library/rabbitmq:4.1.4",
        cpu: 1_000,
        memory: 4_096,
        port: 5672,
        storage: Storage::Zonal(100),
        spread: Spread::Hosts,
        ..APP
    },
    App {
        namespace: "messaging",
        name: "relay",
        part_of: "messaging",
        replicas: 6,
        image: "registry.harbour.example/messaging/relay:0.14.3",
        ..APP
    },
    App {
        name: "web",
        replicas: 16,
        image: "registry.harbour.example/storefront/web:2.8.0",
        cpu: 250,
        memory: 512,
        ..STOREFRONT
    },
    App {
        name: "api",
        replicas: 18,
        image: "registry.harbour.example/storefront/api:2.8.0",
        cpu: 500,
        memory: 1_024,
        ..STOREFRONT
    },
    App {
        name: "checkout",
        replicas: 8,
        image: "registry.harbour.example/storefront/checkout:2.8.0",
        cpu: 300,
        memory: 512,
        ..STOREFRONT
    },
    App {
        name: "search",
        replicas: 9,
        image: "registry.harbour.example/storefront/search:2.8.0",
        cpu: 500,
        memory: 2_048,
        storage: Storage::Scratch,
        ..STOREFRONT
    },
    App {
        name: "cart",
        replicas: 8,
        image: "registry.harbour.example/storefront/cart:2.8.0",
        cpu: 200,
        memory: 384,
        ..STOREFRONT
    },
    App {
        name: "recommendations",
        replicas: 6,
        image: "registry.harbour.example/storefront/recommendations:2.8.0",
        cpu: 400,
        memory: 1_536,
        ..STOREFRONT
    },
    App {
        name: BARE,
        controller: Controller::Nobody,
        image: "registry.harbour.example/storefront/search:2.8.0",
        release: "",
        cpu: 500,
        memory: 2_048,
        port: 0,
        spread: Spread::Default,
        ..STOREFRONT
    },
    App {
        name: "tracker",
        replicas: 14,
        image: "registry.harbour.example/logistics/tracker:7.0.4",
        cpu: 300,
        memory: 512,
        ..LOGISTICS
    },
    App {
        name: "dispatcher",
        replicas: 9,
        image: "registry.harbour.example/logistics/dispatcher:7.0.4",
        cpu: 250,
        memory: 512,
        ..LOGISTICS
    },
    App {
        name: "manifest-builder",
        replicas: 6,
        image: "registry.harbour.example/logistics/manifest-builder:7.0.4",
        cpu: 400,
        memory: 768,
        ..LOGISTICS
    },
    App {
        name: "customs",
        replicas: 5,
        image: "registry.harbour.example/logistics/customs:7.0.2",
        cpu: 200,
        memory: 384,
        ..LOGISTICS
    },
    App {
        name: "routing",
        replicas: 8,
        image: "registry.harbour.example/logistics/routing:7.0.4",
        cpu: 750,
        memory: 1_024,
        ..LOGISTICS
    },
    App {
        name: "notifier",
        replicas: 5,
        image: "registry.harbour.example/logistics/notifier:7.0.1",
        ..LOGISTICS
    },
    App {
        name: "gateway",
        replicas: 9,
        image: "registry.harbour.example/payments/gateway:4.2.0",
        cpu: 300,
        memory: 512,
        ..PAYMENTS
    },
    App {
        name: LEDGER,
        replicas: 3,
        image: "registry.harbour.example/payments/ledger:4.2.0",
        cpu: 500,
        memory: 1_024,
        ..PAYMENTS
    },
    App {
        name: "fraud",
        replicas: 6,
        image: "registry.harbour.example/payments/fraud:4.1.7",
        cpu: 500,
        memory: 1_536,
        ..PAYMENTS
    },
    App {
        name: "payouts",
        replicas: 5,
        image: "registry.harbour.example/payments/payouts:4.2.0",
        cpu: 200,
        memory: 384,
        ..PAYMENTS
    },
    App {
        namespace: "batch",
        name: SETTLEMENT,
        part_of: "payments",
        controller: Controller::CronJob,
        replicas: 2,
        image: "registry.harbour.example/payments/settlement:4.2.0",
        cpu: 500,
        memory: 1_024,
        port: 0,
        ..APP
    },
    App {
        namespace: "batch",
        name: "batch-worker",
        part_of: "batch",
        replicas: 8,
        image: "registry.harbour.example/batch/worker:1.22.0",
        cpu: 500,
        memory: 1_024,
        port: 0,
        storage: Storage::Scratch,
        ..APP
    },
    App {
        namespace: "reporting",
        name: "reports",
        part_of: "reporting",
        replicas: 4,
        image: "registry.harbour.example/reporting/reports:1.3.5",
        cpu: 200,
        memory: 512,
        ..APP
    },
    App {
        namespace: "reporting",
        name: "exporter",
        part_of: "reporting",
        replicas: 6,
        image: "registry.harbour.example/reporting/exporter:1.3.5",
        memory: 256,
        ..APP
    },
    App {
        namespace: "workshop",
        name: "wiki",
        part_of: "workshop",
        replicas: 2,
        image: "registry.harbour.example/workshop/wiki:2.5.301",
        cpu: 200,
        memory: 512,
        port: 3000,
        ..APP
    },
    App {
        namespace: "workshop",
        name: "ci-runner",
        part_of: "workshop",
        replicas: 8,
        image: "registry.harbour.example/workshop/ci-runner:18.2.0",
        cpu: 500,
        memory: 2_048,
        port: 0,
        storage: Storage::Scratch,
        ..APP
    },
];

/// The workload of that name; the names of this table are unique.
pub(super) fn named(name: &str) -> Option<&'static App> {
    ALL.iter().find(|app| app.name == name)
}

const APP: App = App {
    namespace: "",
    name: "",
    controller: Controller::Deployment,
    replicas: 1,
    place: Place::Only(Pool::General),
    cpu: 100,
    memory: 128,
    image: "",
    part_of: "",
    release: "",
    known_as: "",
    label: None,
    port: 8080,
    storage: Storage::Nothing,
    spread: Spread::Default,
    priority: Priority::Normal,
};

const SYSTEM: App = App {
    namespace: "kube-system",
    port: 0,
    ..APP
};

const STATIC: App = App {
    controller: Controller::Static,
    place: Place::Only(Pool::ControlPlane),
    priority: Priority::NodeCritical,
    memory: 0,
    ..SYSTEM
};

/// An add-on of a chart: it asks for no pool.
const ADD_ON: App = App {
    place: Place::Usually(Pool::General),
    ..APP
};

const STOREFRONT: App = App {
    namespace: "storefront",
    part_of: "storefront",
    release: "storefront",
    spread: Spread::Zones,
    ..APP
};

const LOGISTICS: App = App {
    namespace: "logistics",
    part_of: "logistics",
    ..APP
};

const PAYMENTS: App = App {
    namespace: "payments",
    part_of: "payments",
    ..APP
};

const DATA: App = App {
    namespace: "data",
    part_of: "data-platform",
    place: Place::Only(Pool::Memory),
    ..APP
};

const OBSERVABILITY: App = App {
    namespace: "observability",
    part_of: "observability",
    ..APP
};

const EDGE: App = App {
    namespace: "edge",
    part_of: "edge",
    place: Place::Only(Pool::Edge),
    ..APP
};
