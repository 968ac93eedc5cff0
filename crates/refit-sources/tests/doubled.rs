//! Manifests of several environments, autoscalers, and objects without a name.

#![expect(
    clippy::unwrap_used,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

use refit_sources::{ReadOptions, Reading, SourceFile, read};

fn files(files: &[(&str, &str)]) -> Reading {
    let files = files.iter().map(|(name, text)| SourceFile {
        name: (*name).to_owned(),
        bytes: text.as_bytes().to_vec(),
    });
    read(files, &ReadOptions::default())
}

fn deployment(replicas: u32) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  replicas: {replicas}\n  \
         selector: {{matchLabels: {{app: web}}}}\n  template: {{metadata: {{labels: {{app: web}}}}}}\n"
    )
}

fn budget(least: u32) -> String {
    format!(
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: web}}\nspec:\n  \
         minAvailable: {least}\n  selector: {{matchLabels: {{app: web}}}}\n"
    )
}

/// The budgets that are judged, and the gaps about budgets that are not.
fn check(read: &Reading, budgets: usize, gaps: &[&str]) {
    let kubernetes = read.snapshot.kubernetes.as_ref().unwrap();
    assert_eq!(kubernetes.budgets.items.len(), budgets);
    let told: Vec<&str> = read
        .snapshot
        .gaps
        .iter()
        .filter(|gap| {
            gap.command
                .as_ref()
                .is_some_and(|c| c.starts_with("refit assess"))
        })
        .map(|gap| gap.what.as_str())
        .collect();
    assert_eq!(told, gaps);
}

#[test]
fn what_says_different_things_is_not_judged_and_told() {
    let (one, three) = (deployment(1), deployment(3));
    let (budget, other) = (budget(1), budget(2));
    const WORKLOAD: &str = "Deployment default/web, which a budget is judged by";
    const BUDGET: &str = "PodDisruptionBudget default/web";
    for order in [["dev", "prod"], ["prod", "dev"]] {
        let name = |place: usize, file: &str| format!("{}/{file}", order[place]);
        let (a, b, c, d) = (name(0, "a"), name(1, "a"), name(0, "b"), name(1, "b"));
        let deployments = [(a.as_str(), one.as_str()), (b.as_str(), three.as_str())];
        // No budget asks for them: nothing hangs on which is applied.
        check(&files(&deployments), 0, &[]);
        let same = [
            &deployments[..],
            &[(c.as_str(), budget.as_str()), (d.as_str(), budget.as_str())],
        ];
        check(&files(&same.concat()), 1, &[WORKLOAD]);
        let different = [
            &deployments[..1],
            &[(c.as_str(), budget.as_str()), (d.as_str(), other.as_str())],
        ];
        check(&files(&different.concat()), 0, &[BUDGET]);
    }
    // Twice the same is once.
    check(&files(&[("a", &one), ("b", &one), ("c", &budget)]), 1, &[]);
}

#[test]
fn an_autoscaler_says_how_many_there_are_at_least() {
    let scaler = |least: &str| {
        format!(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web}}\nspec:\n  \
             scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}\n{least}  maxReplicas: 9\n"
        )
    };
    let unsaid = deployment(1).replace("  replicas: 1\n", "");
    for (deployment, least, expected) in [
        (&unsaid, "  minReplicas: 3\n", 3),
        (&unsaid, "", 1),
        (&deployment(5), "  minReplicas: 3\n", 5),
    ] {
        let read = files(&[("a", deployment), ("b", &scaler(least))]);
        let kubernetes = read.snapshot.kubernetes.unwrap();
        let found = kubernetes.workloads.items.values().next().unwrap();
        assert_eq!(found.replicas, Some(expected), "{deployment}{least}");
    }
}

#[test]
fn objects_that_the_server_names_are_read() {
    let read = files(&[
        (
            "a",
            "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {generateName: nightly-}\n",
        ),
        (
            "b",
            "apiVersion: authorization.k8s.io/v1beta1\nkind: SubjectAccessReview\nspec: {user: ada}\n",
        ),
        ("c", "apiVersion: v1\nkind: ConfigMap\ndata: {}\n"),
    ]);
    let kubernetes = read.snapshot.kubernetes.unwrap();
    let names: Vec<String> = kubernetes
        .api_uses
        .iter()
        .map(|used| format!("{} {}", used.api.kind, used.object))
        .collect();
    assert_eq!(
        names,
        [
            "ConfigMap unnamed",
            "SubjectAccessReview unnamed",
            "CronJob nightly-*"
        ]
    );
}
