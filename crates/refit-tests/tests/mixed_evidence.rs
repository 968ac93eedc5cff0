//! Mixed evidence in a dump: five budgets on a server of 1.24 that serves both
//! versions, each written in another way, as `kubectl get pdb -o yaml` gives them.
//! And one file with everything that scanners of manifests stumble over.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it says"
)]

use refit_assessor::{Question, assess};
use refit_knowledge::Knowledge;
use refit_model::assessment::{Assessment, Finding};
use refit_model::object::EvidenceTier;
use refit_model::seen::Unseen;
use refit_sources::{ReadOptions, Reading, SourceFile, read};

const SERVER: &str = r#"{"serverVersion": {"gitVersion": "v1.24.17"}}"#;

/// The annotation of a client-side apply through v1beta1.
const APPLIED: &str = r#"
    annotations:
      kubectl.kubernetes.io/last-applied-configuration: |
        {"apiVersion":"policy/v1beta1","kind":"PodDisruptionBudget","metadata":{"name":"x","namespace":"shop"},"spec":{"minAvailable":1}}"#;

/// One budget of the list; `managed` are the entries of its managed fields.
fn budget(name: &str, annotations: &str, managed: &str) -> String {
    format!(
        "- apiVersion: policy/v1
  kind: PodDisruptionBudget
  metadata:{annotations}
    creationTimestamp: \"2026-01-01T00:00:00Z\"
    generation: 1
    managedFields:{managed}
    name: {name}
    namespace: shop
    resourceVersion: \"4711\"
    uid: uid-of-{name}
  spec:
    minAvailable: 1
    selector:
      matchLabels:
        app: {name}
  status:
    currentHealthy: 3
    desiredHealthy: 1
    disruptionsAllowed: 2
    expectedPods: 3
    observedGeneration: 1
"
    )
}

/// One entry of the managed fields.
fn wrote(manager: &str, operation: &str, version: &str, day: u8, fields: &str) -> String {
    format!(
        "
    - apiVersion: {version}
      fieldsType: FieldsV1
      fieldsV1: {fields}
      manager: {manager}
      operation: {operation}
      time: \"2026-01-{day:02}T00:00:00Z\""
    )
}

const SPEC: &str = "{\"f:spec\": {\"f:minAvailable\": {}}}";
const SPEC_AND_ANNOTATION: &str = "{\"f:metadata\": {\"f:annotations\": {\"f:kubectl.kubernetes.io/last-applied-configuration\": {}}}, \"f:spec\": {\"f:minAvailable\": {}}}";

fn dump() -> String {
    let by_kubectl = wrote(
        "kubectl-client-side-apply",
        "Update",
        "policy/v1beta1",
        1,
        SPEC_AND_ANNOTATION,
    );
    let later = wrote("flux", "Update", "policy/v1", 9, SPEC);
    let stale = format!("{by_kubectl}{later}");
    let items = [
        budget("client-side", APPLIED, &by_kubectl),
        budget(
            "server-side",
            "",
            &wrote("argocd-controller", "Apply", "policy/v1beta1", 1, SPEC),
        ),
        budget(
            "operator",
            "",
            &wrote("cache-operator", "Update", "policy/v1beta1", 1, SPEC),
        ),
        budget(
            "clean",
            "",
            &wrote("kubectl", "Apply", "policy/v1", 1, SPEC),
        ),
        budget("stale", APPLIED, &stale),
    ];
    format!(
        "apiVersion: v1\nitems:\n{}kind: List\nmetadata:\n  resourceVersion: \"\"\n",
        items.concat()
    )
}

fn reading(files: &[(&str, &str)]) -> Reading {
    let files = files.iter().map(|(name, text)| SourceFile {
        name: (*name).to_owned(),
        bytes: text.as_bytes().to_vec(),
    });
    read(files, &ReadOptions::default())
}

fn assessed(reading: &Reading, target: &str) -> Assessment {
    let now = "2026-11-01T00:00:00Z".parse().unwrap();
    let question = Question::whole(target.parse().unwrap(), now, reading.objects);
    assess(&reading.snapshot, Knowledge::embedded(), &question)
}

/// What the API family finds: severity, code, name and the strongest tier.
fn found(assessment: &Assessment) -> Vec<String> {
    let mut found: Vec<String> = api_findings(assessment)
        .map(|finding| {
            format!(
                "{:?} {} {} {:?}",
                finding.severity,
                finding.code,
                finding.subject.name,
                finding.evidence.first().unwrap().tier
            )
        })
        .collect();
    found.sort();
    found
}

fn api_findings(assessment: &Assessment) -> impl Iterator<Item = &Finding> {
    assessment
        .findings
        .iter()
        .filter(|finding| finding.code.to_string().starts_with("RFA"))
}

#[test]
fn five_of_five_in_a_dump() {
    let dump = dump();
    let reading = reading(&[("version.json", SERVER), ("budgets.yaml", &dump)]);
    assert_eq!(reading.objects, 5);
    let assessment = assessed(&reading, "1.25");
    assert_eq!(
        found(&assessment),
        [
            "Blocking RFA101 client-side ManagedFields",
            "Blocking RFA101 operator ManagedFields",
            "Blocking RFA101 server-side ManagedFields",
            "Info RFA101 stale OvertakenAnnotation",
        ]
    );
    for finding in api_findings(&assessment) {
        let name = finding.subject.name.clone();
        let weak: Vec<&str> = finding
            .evidence
            .iter()
            .filter(|evidence| evidence.detail.contains("so the evidence is weak"))
            .map(|evidence| evidence.detail.as_str())
            .collect();
        let overtaken = finding
            .evidence
            .iter()
            .filter(|evidence| evidence.tier == EvidenceTier::OvertakenAnnotation)
            .count();
        let expected = usize::from(name == "stale");
        assert_eq!((weak.len(), overtaken), (expected, expected), "{name}");
        // Each piece of evidence says where the object stands in the dump.
        let place = finding.evidence.first().unwrap().location.as_ref().unwrap();
        let line = dump.lines().nth(usize::try_from(place.line).unwrap() - 1);
        assert_eq!(
            (place.file.as_str(), place.column, line),
            ("budgets.yaml", 3, Some("- apiVersion: policy/v1")),
            "{name}"
        );
    }
}

/// An autoscaler and a controller that write one field each, later and through the
/// new version, take nothing from the proof that the file is about.
#[test]
fn a_later_write_of_one_field_leaves_the_file_in_use() {
    let by_kubectl = wrote(
        "kubectl-client-side-apply",
        "Update",
        "policy/v1beta1",
        1,
        "{\"f:metadata\": {\"f:annotations\": {\"f:kubectl.kubernetes.io/last-applied-configuration\": {}}}, \"f:spec\": {\"f:minAvailable\": {}, \"f:selector\": {}}}",
    );
    let later = wrote("scaler", "Update", "policy/v1", 9, SPEC);
    let one = budget("partly", APPLIED, &format!("{by_kubectl}{later}"));
    let dump = format!("apiVersion: v1\nitems:\n{one}kind: List\nmetadata: {{}}\n");
    let reading = reading(&[("version.json", SERVER), ("budgets.yaml", &dump)]);
    assert_eq!(
        found(&assessed(&reading, "1.25")),
        ["Blocking RFA101 partly ManagedFields"]
    );
}

const EDGE: &str = "\
apiVersion: policy/v1beta1
kind: PodDisruptionBudget
metadata:
  name: with-pem
  annotations:
    ca: |
      -----BEGIN CERTIFICATE-----
      MIIB
      -----END CERTIFICATE-----
      ---
      not: a document
spec: {minAvailable: 1}
---
apiVersion: v1
kind: List
items:
- apiVersion: flowcontrol.apiserver.k8s.io/v1beta1
  kind: FlowSchema
  metadata: {name: in-list}
- apiVersion: v1
  kind: List
  items:
  - apiVersion: batch/v1beta1
    kind: CronJob
    metadata: {name: in-nested-list}
---
{{- if .Values.enabled }}
apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: templated}
{{- end }}
---
apiVersion: autoscaling/v2beta2
kind: HorizontalPodAutoscaler
metadata: {name: after-the-template}
";

#[test]
fn everything_in_the_edge_file_is_seen_or_a_gap() {
    let deeper = "apiVersion: storage.k8s.io/v1beta1\nkind: CSIDriver\nmetadata: {name: deeper}\n";
    let reading = reading(&[("edge.yaml", EDGE), ("sub/folder/deeper.yaml", deeper)]);
    let assessment = assessed(&reading, "1.36");
    let names: Vec<String> = api_findings(&assessment)
        .map(|finding| {
            let place = finding.evidence.first().unwrap().location.as_ref().unwrap();
            format!("{:?} {} {place}", finding.severity, finding.subject.name)
        })
        .collect();
    for expected in [
        "Blocking with-pem edge.yaml:1:1",
        "Blocking in-list edge.yaml:17:3",
        "Blocking in-nested-list edge.yaml:23:5",
        "Blocking after-the-template edge.yaml:33:1",
        "Blocking deeper sub/folder/deeper.yaml:1:1",
    ] {
        assert!(
            names.iter().any(|name| name == expected),
            "{expected} in {names:?}"
        );
    }
    assert_eq!(names.len(), 5, "{names:?}");
    let gaps: Vec<String> = reading
        .snapshot
        .gaps
        .iter()
        .filter_map(|gap| match &gap.why {
            Unseen::Failed(why) => Some(format!("{}: {why}", gap.what)),
            Unseen::NotAsked | Unseen::NotInSource | Unseen::Forbidden(_) => None,
        })
        .collect();
    let [template] = gaps.as_slice() else {
        panic!("{gaps:?}");
    };
    assert!(
        template.starts_with("what stands at edge.yaml:2"),
        "{template}"
    );
    assert!(
        template.contains("a template that is not rendered"),
        "{template}"
    );
}
