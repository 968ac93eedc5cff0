use super::*;
use crate::Knowledge;

fn minor(text: &str) -> Minor {
    text.parse().unwrap()
}

/// What an object that sets `used` meets, one line for each change.
fn changes(api: &str, used: &str, from: &str, to: &str) -> Vec<String> {
    let used: Used = used.split_whitespace().collect();
    let comparison = Knowledge::embedded().schemas().compare(
        &api.parse().unwrap(),
        &used,
        (minor(from), minor(to)),
    );
    let Comparison::Changes(changes) = comparison else {
        return vec![format!("{comparison:?}")];
    };
    changes
        .into_iter()
        .map(|FieldChange { path, change, .. }| match change {
            Change::Lost { verdict } => {
                format!("{path}: lost, {:?}", verdict.map(|verdict| verdict.effect))
            }
            Change::NeverKnown => format!("{path}: never known"),
            Change::BecomesRequired { verdict } => {
                format!(
                    "{path}: required, {:?}",
                    verdict.map(|verdict| verdict.effect)
                )
            }
            Change::DefaultChanges { from, to } => format!("{path}: default {from} to {to}"),
        })
        .collect()
}

#[track_caller]
fn check(api: &str, used: &str, (from, to): (&str, &str), expected: &[&str]) {
    assert_eq!(changes(api, used, from, to), expected, "{api} {used}");
}

#[test]
fn what_an_object_sets_is_followed_through_lists_and_maps() {
    let service = "spec.topologyKeys spec.ports.port spec.ports.nodePort metadata.labels.app";
    check(
        "v1 Service",
        service,
        ("1.21", "1.22"),
        &["spec.topologyKeys: lost, Some(DroppedAlpha)"],
    );
    check("v1 Service", service, ("1.20", "1.21"), &[]);
    // At 1.22 it was gone already.
    check(
        "v1 Service",
        service,
        ("1.22", "1.37"),
        &["spec.topologyKeys: never known"],
    );
    check(
        "apps/v1 Deployment",
        "spec.selector.matchLabels.app spec.template.spec.workloadRef.name spec.template.spec.containers.name \
         spec.template.spec.containers.ports.containerPort spec.template.spec.containers.ports.contanerPort",
        ("1.35", "1.36"),
        &[
            "spec.template.spec.containers[].ports[].contanerPort: never known",
            "spec.template.spec.workloadRef: lost, Some(DroppedAlpha)",
        ],
    );
}

#[test]
fn a_field_may_go_because_its_place_has_another_definition() {
    check(
        "v1 PersistentVolumeClaim",
        "spec.resources.requests.storage spec.resources.claims.name",
        ("1.28", "1.29"),
        &["spec.resources.claims: lost, None"],
    );
}

#[test]
fn what_only_the_document_wants_now_is_told_apart() {
    check(
        "apps/v1 Deployment",
        "metadata.name",
        ("1.36", "1.37"),
        &["spec: required, Some(DocumentOnly)"],
    );
    check(
        "v1 Pod",
        "spec.containers.name spec.hostAliases.hostnames",
        ("1.29", "1.30"),
        &["spec.hostAliases[].ip: required, Some(DocumentOnly)"],
    );
}

#[test]
fn outside_of_what_is_covered_nothing_is_said() {
    check("v1 Pod", "spec.x", ("1.15", "1.20"), &["NotKnown"]);
    check("v1 Pod", "spec.x", ("1.37", "1.38"), &["NotKnown"]);
    check(
        "policy/v1beta1 PodSecurityPolicy",
        "spec.privileged",
        ("1.24", "1.25"),
        &["Absent { at: Minor { major: 1, minor: 25 } }"],
    );
}

/// What of `api` goes or is wanted, one line for each path and minor.
#[track_caller]
fn check_losses(api: &str, expected: &[&str]) {
    let found: Vec<String> = Knowledge::embedded()
        .schemas()
        .losses()
        .into_iter()
        .filter(|loss| loss.api.to_string() == api)
        .map(|loss| format!("{} {} {:?}", loss.minor, loss.path, loss.kind))
        .collect();
    assert_eq!(found, expected, "{api}");
}

#[test]
fn what_is_watched_for_is_what_an_object_can_lose() {
    check_losses(
        "v1 Service",
        &["1.20 spec.ipFamily Lost", "1.22 spec.topologyKeys Lost"],
    );
    // A place with another definition, beside fields that went.
    check_losses(
        "apps/v1 Deployment",
        &[
            "1.21 spec.template.spec.volumes[].ephemeral.readOnly Lost",
            "1.29 spec.template.spec.volumes[].ephemeral.volumeClaimTemplate.spec.resources.claims Lost",
            "1.31 spec.template.spec.resourceClaims[].source Lost",
            "1.36 spec.template.spec.workloadRef Lost",
        ],
    );
    // That its spec is required since 1.36 takes nothing from what it loses then.
    check_losses(
        "batch/v1 CronJob",
        &[
            "1.29 spec.jobTemplate.spec.template.spec.volumes[].ephemeral.volumeClaimTemplate.spec.resources.claims Lost",
            "1.31 spec.jobTemplate.spec.template.spec.resourceClaims[].source Lost",
            "1.36 spec.jobTemplate.spec.template.spec.workloadRef Lost",
        ],
    );
    // Only a server writes its status, and every server wanted its spec.
    check_losses("networking.k8s.io/v1 NetworkPolicy", &[]);
    check_losses("autoscaling/v2 HorizontalPodAutoscaler", &[]);
    // Nobody keeps a list.
    check_losses("v1 ServiceList", &[]);
}

/// What [`Schemas::losses`] says of a path, [`Schemas::compare`] says of an
/// object that sets it, and of no path that it leaves out.
#[test]
fn losses_agree_with_comparing() {
    let schemas = Knowledge::embedded().schemas();
    let losses = schemas.losses();
    assert!(losses.len() > 50, "{}", losses.len());
    for loss in &losses {
        let before = Minor::new(1, loss.minor.minor() - 1);
        let path = loss.path.replace("[]", "");
        let used: Used = [path.as_str()].into_iter().collect();
        let Comparison::Changes(changes) = schemas.compare(loss.api, &used, (before, loss.minor))
        else {
            panic!("{loss:?}");
        };
        let told = changes
            .iter()
            .any(|change| change.path == loss.path && matches!(change.change, Change::Lost { .. }));
        assert!(told, "{loss:?}");
    }
    for verdict in schemas.verdicts() {
        let told = losses.iter().any(|loss| loss.verdict == Some(verdict));
        let expected = matches!(
            verdict.effect,
            Effect::Dropped | Effect::DroppedAlpha | Effect::Refused
        );
        assert_eq!(told, expected, "{verdict:?}");
    }
}

/// Files that contradict themselves or each other are refused.
#[track_caller]
fn refused(file: &str, from: &str, to: &str, expected: &str) {
    let text = Files::embedded().text(file).unwrap().into_owned();
    let changed = text.replacen(from, to, 1);
    assert_ne!(changed, text, "{from:?} is not there");
    let files = Files::embedded().with(file, changed);
    let error = Schemas::read_from(&files)
        .and_then(|schemas| schemas.check())
        .unwrap_err();
    let message = error.problem.to_string();
    assert!(message.contains(expected), "{message}");
}

#[test]
fn contradictions_are_refused() {
    let secret = "io.k8s.api.core.v1.Secret,immutable,1.18..1.37,";
    refused(
        FIELDS_FILE,
        secret,
        &secret.replace("1.37", "1.38"),
        "covered",
    );
    refused(
        FIELDS_FILE,
        &format!("{secret}boolean"),
        &format!("{secret}#io.k8s.Nothing"),
        "names a definition",
    );
    let pod = ",v1,Pod,1.16..1.37,io.k8s.api.core.v1.Pod\n";
    refused(
        KINDS_FILE,
        pod,
        &pod.replace("v1.Pod", "v1.Pot"),
        "names a definition",
    );
    refused(
        "kubernetes/schemas/changes.csv",
        "io.k8s.api.core.v1.PodSpec,workloadRef,1.36,lost,dropped-alpha",
        "io.k8s.api.core.v1.PodSpec,workloadRef,1.36,lost,refused",
        "not one of that change",
    );
    refused(
        "kubernetes/schemas/changes.csv",
        "io.k8s.api.core.v1.PodSpec,workloadRef,1.36",
        "io.k8s.api.core.v1.PodSpec,workloadRef,1.35",
        "no row judges it",
    );
}

/// Nothing that becomes required in an existing definition was accepted without
/// it before: were it otherwise, objects would have to be changed first.
#[test]
fn no_server_began_to_refuse_what_it_accepted() {
    let schemas = Knowledge::embedded().schemas();
    schemas.check().unwrap();
    let refused: Vec<&Verdict> = schemas
        .verdicts()
        .filter(|verdict| verdict.effect == Effect::Refused)
        .collect();
    assert_eq!(refused, Vec::<&Verdict>::new());
}
