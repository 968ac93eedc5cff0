//! The objects of the corpus: kinds that repositories hold, in a mix that was
//! chosen and not surveyed; the shares are round on purpose. Texts are made up.

use fastrand::Rng;
use std::fmt::Write as _;

/// One object.
pub(crate) struct Drawn {
    pub(crate) api_version: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    /// The object as YAML, beginning with its `apiVersion`.
    pub(crate) yaml: String,
    /// Whether its API version is gone or deprecated at 1.36.
    pub(crate) is_expected: bool,
}

impl Drawn {
    /// The same object as JSON, its keys sorted.
    pub(crate) fn json(&self) -> String {
        let value: Result<serde_json::Value, _> = serde_saphyr::from_str(&self.yaml);
        value
            .ok()
            .and_then(|value| serde_json::to_string_pretty(&value).ok())
            .unwrap_or_default()
    }
}

/// Writes one object.
type Draw = fn(&mut Text);

/// Shares of a thousand documents, and what draws one.
const SHARES: [(u32, Draw); 24] = [
    (170, deployment),
    (150, service),
    (150, config_map),
    (80, service_account),
    (50, role),
    (50, role_binding),
    (45, ingress),
    (40, secret),
    (35, cron_job),
    (32, autoscaler),
    (30, budget),
    (30, network_policy),
    (30, stateful_set),
    (25, claim),
    (20, namespace),
    (15, job),
    (10, daemon_set),
    (5, definition),
    (6, webhook),
    (4, storage_class),
    // What people run besides: custom resources of other projects.
    (18, custom),
    // Written through versions that are gone or going, newest last.
    (7, gone_ingress),
    (5, gone_batch),
    (3, going),
];

/// Draws object number `number`.
pub(crate) fn draw(random: &mut Rng, number: usize) -> Drawn {
    let total = SHARES.iter().map(|(share, _)| share).sum();
    let mut left = random.u32(0..total);
    let mut write = SHARES[0].1;
    for (share, candidate) in SHARES {
        write = candidate;
        if left < share {
            break;
        }
        left -= share;
    }
    let app = random.choice(APPS).unwrap_or("web");
    let mut text = Text {
        name: format!("{app}-{number}"),
        namespace: format!("{app}-{}", random.u32(0..8)),
        random: random.fork(),
        api_version: "",
        kind: "",
        yaml: String::new(),
        is_expected: false,
    };
    write(&mut text);
    Drawn {
        api_version: text.api_version,
        kind: text.kind,
        name: text.name,
        yaml: text.yaml,
        is_expected: text.is_expected,
    }
}

const APPS: [&str; 8] = [
    "checkout",
    "catalogue",
    "mail",
    "search",
    "billing",
    "reports",
    "gateway",
    "ledger",
];

const WORDS: [&str; 16] = [
    "timeout", "retries", "backend", "region", "endpoint", "buffer", "queue", "pool", "level",
    "cache", "batch", "window", "limit", "token", "bucket", "mirror",
];

/// An object in the making.
struct Text {
    name: String,
    namespace: String,
    random: Rng,
    api_version: &'static str,
    kind: &'static str,
    yaml: String,
    is_expected: bool,
}

impl Text {
    fn put(&mut self, text: &str) {
        self.yaml.push_str(text);
    }

    fn word(&mut self) -> &'static str {
        self.random.choice(WORDS).unwrap_or("word")
    }

    /// The head of an object in a namespace, up to and with its metadata.
    fn head(&mut self, api_version: &'static str, kind: &'static str) {
        self.head_of_cluster(api_version, kind);
        let line = format!("  namespace: {}\n", self.namespace);
        self.put(&line);
        self.labels();
    }

    fn head_of_cluster(&mut self, api_version: &'static str, kind: &'static str) {
        (self.api_version, self.kind) = (api_version, kind);
        let head = format!(
            "apiVersion: {api_version}\nkind: {kind}\nmetadata:\n  name: {}\n",
            self.name
        );
        self.put(&head);
    }

    fn labels(&mut self) {
        let labels = format!(
            "  labels:\n    app.kubernetes.io/name: {0}\n    app.kubernetes.io/managed-by: kustomize\n    app.kubernetes.io/version: \"1.{1}.{2}\"\n",
            self.name,
            self.random.u32(0..40),
            self.random.u32(0..9),
        );
        self.put(&labels);
        if self.random.u32(0..3) == 0 {
            let notes = format!(
                "  annotations:\n    example.com/owner: \"team {}\"\n    example.com/runbook: https://runbooks.example.com/{}#when-it-pages\n",
                self.word(),
                self.name
            );
            self.put(&notes);
        }
    }

    /// A pod's spec, indented by `indent`.
    fn pod(&mut self, indent: &str) {
        let mut lines = String::new();
        let name = &self.name;
        let image = self.random.u32(0..90);
        // A String takes whatever is written to it.
        let _ = write!(
            lines,
            "serviceAccountName: {name}\nterminationGracePeriodSeconds: 45\nsecurityContext:\n  runAsNonRoot: true\n  fsGroup: 65534\ncontainers:\n- name: main\n  image: registry.example.com/{name}:1.{image}.0\n  imagePullPolicy: IfNotPresent\n  args: [\"--listen=:8080\", \"--log=json\"]\n  ports:\n  - name: http\n    containerPort: 8080\n    protocol: TCP\n  env:\n"
        );
        for number in 0..self.random.u32(2..14) {
            let (word, value) = (self.word(), self.random.u32(0..100_000));
            let _ = write!(
                lines,
                "  - name: {}_{number}\n    value: \"{word}-{value}\"\n",
                word.to_uppercase()
            );
        }
        lines.push_str("  - name: PASSWORD\n    valueFrom:\n      secretKeyRef:\n        name: credentials\n        key: password\n");
        lines.push_str("  resources:\n    requests: {cpu: 100m, memory: 128Mi}\n    limits:\n      memory: 256Mi\n  readinessProbe:\n    httpGet:\n      path: /ready\n      port: http\n    periodSeconds: 5\n  livenessProbe:\n    httpGet: {path: /live, port: http}\n    initialDelaySeconds: 15\n  volumeMounts:\n  - name: config\n    mountPath: /etc/app\n    readOnly: true\n");
        if self.random.u32(0..4) == 0 {
            lines.push_str("- name: sidecar\n  image: registry.example.com/proxy:2.11\n  command:\n  - sh\n  - -c\n  - |\n    while true; do\n      sync --from /data\n    done\n  resources: {}\n");
        }
        lines.push_str(
            "volumes:\n- name: config\n  configMap:\n    name: settings\n    defaultMode: 0440\n",
        );
        for line in lines.lines() {
            let _ = writeln!(self.yaml, "{indent}{line}");
        }
    }

    fn selector(&mut self) {
        let text = format!(
            "  selector:\n    matchLabels:\n      app.kubernetes.io/name: {0}\n  template:\n    metadata:\n      labels:\n        app.kubernetes.io/name: {0}\n    spec:\n",
            self.name
        );
        self.put(&text);
    }
}

fn deployment(text: &mut Text) {
    text.head("apps/v1", "Deployment");
    let replicas = format!(
        "spec:\n  replicas: {}\n  strategy:\n    type: RollingUpdate\n    rollingUpdate:\n      maxSurge: 1\n      maxUnavailable: 0\n",
        text.random.u32(1..6)
    );
    text.put(&replicas);
    text.selector();
    text.pod("      ");
}

fn stateful_set(text: &mut Text) {
    text.head("apps/v1", "StatefulSet");
    let name = format!("spec:\n  serviceName: {}\n  replicas: 3\n", text.name);
    text.put(&name);
    text.selector();
    text.pod("      ");
    text.put("  volumeClaimTemplates:\n  - metadata:\n      name: data\n    spec:\n      accessModes: [ReadWriteOnce]\n      resources:\n        requests:\n          storage: 20Gi\n");
}

fn daemon_set(text: &mut Text) {
    text.head("apps/v1", "DaemonSet");
    text.put("spec:\n");
    text.selector();
    text.pod("      ");
}

fn job(text: &mut Text) {
    text.head("batch/v1", "Job");
    text.put("spec:\n  backoffLimit: 2\n  template:\n    spec:\n      restartPolicy: Never\n");
    text.pod("      ");
}

fn cron_job(text: &mut Text) {
    text.head("batch/v1", "CronJob");
    cron_spec(text);
}

fn cron_spec(text: &mut Text) {
    text.put("spec:\n  schedule: \"*/15 * * * *\"\n  concurrencyPolicy: Forbid\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: OnFailure\n");
    text.pod("          ");
}

fn service(text: &mut Text) {
    text.head("v1", "Service");
    let spec = format!(
        "spec:\n  type: ClusterIP\n  selector:\n    app.kubernetes.io/name: {}\n  ports:\n  - name: http\n    port: 80\n    targetPort: http\n    protocol: TCP\n  - name: metrics\n    port: 9090\n    targetPort: 9090\n",
        text.name
    );
    text.put(&spec);
}

fn config_map(text: &mut Text) {
    text.head("v1", "ConfigMap");
    text.put("data:\n  settings.properties: |\n");
    for number in 0..text.random.u32(40..190) {
        let (first, second) = (text.word(), text.word());
        let line = format!("    service.{first}.{second}.{number}={first}: {second} # see above\n");
        text.put(&line);
    }
    match text.random.u32(0..4) {
        0 => text.put("  manifest.yaml: |\n    ---\n    apiVersion: extensions/v1beta1\n    kind: Ingress\n    metadata:\n      name: not-an-object\n    ---\n    # only text\n"),
        1 => text.put("  ca.crt: |\n    -----BEGIN CERTIFICATE-----\n    MIIBszCCARygAwIBAgIBATANBgkqhkiG9w0BAQsFADAQ\n    -----END CERTIFICATE-----\n  enabled: \"true\"\n"),
        _ => text.put("  mode: \"0644\"\n  verbose: \"off\"\n"),
    }
}

fn secret(text: &mut Text) {
    text.head("v1", "Secret");
    text.put("type: Opaque\ndata:\n  password: bm90LWEtcGFzc3dvcmQ=\n  username: YXBw\n");
}

fn service_account(text: &mut Text) {
    text.head("v1", "ServiceAccount");
    text.put("automountServiceAccountToken: false\n");
}

fn role(text: &mut Text) {
    text.head("rbac.authorization.k8s.io/v1", "Role");
    text.put("rules:\n- apiGroups: [\"\"]\n  resources: [configmaps, secrets]\n  verbs: [get, list, watch]\n- apiGroups:\n  - apps\n  resources:\n  - deployments\n  verbs: [\"*\"]\n");
}

fn role_binding(text: &mut Text) {
    text.head("rbac.authorization.k8s.io/v1", "RoleBinding");
    let rest = format!(
        "roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: Role\n  name: {0}\nsubjects:\n- kind: ServiceAccount\n  name: {0}\n  namespace: {1}\n",
        text.name, text.namespace
    );
    text.put(&rest);
}

fn ingress(text: &mut Text) {
    text.head("networking.k8s.io/v1", "Ingress");
    let spec = format!(
        "spec:\n  ingressClassName: nginx\n  tls:\n  - hosts: [{0}.example.com]\n    secretName: {0}-tls\n  rules:\n  - host: {0}.example.com\n    http:\n      paths:\n      - path: /\n        pathType: Prefix\n        backend:\n          service:\n            name: {0}\n            port:\n              name: http\n",
        text.name
    );
    text.put(&spec);
}

fn autoscaler(text: &mut Text) {
    text.head("autoscaling/v2", "HorizontalPodAutoscaler");
    autoscaler_spec(text);
}

fn autoscaler_spec(text: &mut Text) {
    let spec = format!(
        "spec:\n  minReplicas: 2\n  maxReplicas: 10\n  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: {}\n  metrics:\n  - type: Resource\n    resource:\n      name: cpu\n      target:\n        type: Utilization\n        averageUtilization: 70\n",
        text.name
    );
    text.put(&spec);
}

fn budget(text: &mut Text) {
    text.head("policy/v1", "PodDisruptionBudget");
    let spec = format!(
        "spec:\n  maxUnavailable: 1\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: {}\n",
        text.name
    );
    text.put(&spec);
}

fn network_policy(text: &mut Text) {
    text.head("networking.k8s.io/v1", "NetworkPolicy");
    text.put("spec:\n  podSelector: {}\n  policyTypes:\n  - Ingress\n  - Egress\n  ingress:\n  - from:\n    - namespaceSelector:\n        matchLabels:\n          kubernetes.io/metadata.name: ingress\n    ports:\n    - port: 8080\n      protocol: TCP\n");
}

fn claim(text: &mut Text) {
    text.head("v1", "PersistentVolumeClaim");
    text.put("spec:\n  accessModes:\n  - ReadWriteOnce\n  storageClassName: fast\n  resources:\n    requests:\n      storage: 10Gi\n");
}

fn namespace(text: &mut Text) {
    text.head_of_cluster("v1", "Namespace");
    text.labels();
}

fn storage_class(text: &mut Text) {
    text.head_of_cluster("storage.k8s.io/v1", "StorageClass");
    text.put("provisioner: csi.example.com\nreclaimPolicy: Delete\nvolumeBindingMode: WaitForFirstConsumer\n");
}

fn webhook(text: &mut Text) {
    text.head_of_cluster(
        "admissionregistration.k8s.io/v1",
        "ValidatingWebhookConfiguration",
    );
    let rest = format!(
        "webhooks:\n- name: {0}.example.com\n  admissionReviewVersions: [v1]\n  sideEffects: None\n  failurePolicy: Ignore\n  clientConfig:\n    service:\n      name: {0}\n      namespace: {1}\n      path: /validate\n  rules:\n  - apiGroups: [\"apps\"]\n    apiVersions: [\"v1\"]\n    operations: [CREATE, UPDATE]\n    resources: [deployments]\n",
        text.name, text.namespace
    );
    text.put(&rest);
}

fn definition(text: &mut Text) {
    let plural = format!("{}s", text.name);
    text.name = format!("{plural}.example.com");
    text.head_of_cluster("apiextensions.k8s.io/v1", "CustomResourceDefinition");
    let head = format!(
        "spec:\n  group: example.com\n  scope: Namespaced\n  names:\n    plural: {plural}\n    kind: Thing\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          spec:\n            type: object\n            properties:\n"
    );
    text.put(&head);
    for number in 0..text.random.u32(40..160) {
        let (first, second) = (text.word(), text.word());
        let field = format!(
            "              {first}{number}:\n                description: |-\n                  The {first} of the {second}, as the controller applies it to each\n                  member: a change takes effect with the next restart.\n                type: string\n                pattern: ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$\n"
        );
        text.put(&field);
    }
}

fn custom(text: &mut Text) {
    text.head("monitoring.coreos.com/v1", "ServiceMonitor");
    let spec = format!(
        "spec:\n  selector:\n    matchLabels:\n      app.kubernetes.io/name: {}\n  endpoints:\n  - port: metrics\n    interval: 30s\n",
        text.name
    );
    text.put(&spec);
}

fn gone_ingress(text: &mut Text) {
    let api_version = if text.random.bool() {
        "extensions/v1beta1"
    } else {
        "networking.k8s.io/v1beta1"
    };
    text.head(api_version, "Ingress");
    text.is_expected = true;
    let spec = format!(
        "spec:\n  rules:\n  - host: {0}.example.com\n    http:\n      paths:\n      - path: /\n        backend:\n          serviceName: {0}\n          servicePort: 80\n",
        text.name
    );
    text.put(&spec);
}

fn gone_batch(text: &mut Text) {
    text.is_expected = true;
    match text.random.u32(0..4) {
        0 => {
            text.head("batch/v1beta1", "CronJob");
            cron_spec(text);
        }
        1 => {
            text.head("policy/v1beta1", "PodDisruptionBudget");
            let spec = format!(
                "spec:\n  minAvailable: 1\n  selector:\n    matchLabels:\n      app: {}\n",
                text.name
            );
            text.put(&spec);
        }
        2 => {
            text.head("apps/v1beta2", "Deployment");
            text.put("spec:\n  replicas: 2\n");
            text.selector();
            text.pod("      ");
        }
        _ => {
            text.head("autoscaling/v2beta2", "HorizontalPodAutoscaler");
            autoscaler_spec(text);
        }
    }
}

fn going(text: &mut Text) {
    text.is_expected = true;
    text.head("v1", "Endpoints");
    text.put("subsets:\n- addresses:\n  - ip: 192.0.2.7\n  ports:\n  - port: 5432\n");
}
