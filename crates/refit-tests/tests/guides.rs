//! Guides: each rule tells what is wrong, and is silent on the same text made
//! right.
//!
//! A case is a page, the codes that are told on it, and the page as the remarks
//! make it. From that one, the law follows: a page that was made right by a remark
//! gives no remark of that code again.

#![cfg(test)]

use refit_knowledge::Knowledge;
use refit_model::guide::Language;
use refit_model::lint::{Edit, Gravity, Remark, corrected};
use refit_sources::guide::{Form, read};
use std::collections::BTreeSet;

const SHELL: Form = Form::Snippet(Language::Shell);
const POWERSHELL: Form = Form::Snippet(Language::PowerShell);
const YAML: Form = Form::Snippet(Language::Yaml);
const PAGE: Form = Form::Markdown;

fn lint(text: &str, form: Form) -> Vec<Remark> {
    let knowledge = Knowledge::embedded();
    let guide = read(text, form, &knowledge.tools().names().collect());
    refit_assessor::guide::lint(&guide, knowledge).remarks
}

fn told(remarks: &[Remark]) -> Vec<String> {
    let one = |remark: &Remark| {
        let gravity = match remark.gravity {
            Gravity::Defect => "",
            Gravity::Caution => "?",
        };
        format!("{}{gravity}@{}:{}", remark.code, remark.line, remark.column)
    };
    remarks.iter().map(one).collect()
}

/// `text` gives `expected`, and made right it is `right` and gives nothing.
#[track_caller]
fn check(text: &str, form: Form, expected: &[&str], right: &str) {
    let remarks = lint(text, form);
    assert_eq!(told(&remarks), expected, "{text}");
    let edits: Vec<Edit> = remarks
        .iter()
        .flat_map(|remark| remark.edits.clone())
        .collect();
    let mended = corrected(text, &edits);
    if !edits.is_empty() {
        assert_eq!(mended, right, "{text}");
    }
    assert_eq!(told(&lint(right, form)), [""; 0], "{right}");
}

#[test]
fn lines_that_do_not_hold_together() {
    check(
        "helm upgrade a b \\\n  --values c\n  --set d=e",
        SHELL,
        &["RFG101@2:13"],
        "helm upgrade a b \\\n  --values c \\\n  --set d=e",
    );
    check(
        "helm upgrade a b \\\n\n  --set d=e",
        SHELL,
        &["RFG101@2:1"],
        "helm upgrade a b \\\n  --set d=e",
    );
    check(
        "helm upgrade a b \\ \n  --set d=e \\\t\n  --wait",
        SHELL,
        &["RFG102@1:18", "RFG102@2:13"],
        "helm upgrade a b \\\n  --set d=e \\\n  --wait",
    );
    check(
        "helm upgrade a b \\\n  --set d=e \\ \n  --wait",
        POWERSHELL,
        &["RFG103@1:18"],
        "helm upgrade a b `\n  --set d=e `\n  --wait",
    );
    check(
        "kubectl apply -f - <<EOF\na: b\nEOF",
        POWERSHELL,
        &["RFG103@1:20"],
        "kubectl apply -f a.yaml",
    );
    // Output that begins like an option, and lists, are no options.
    check(
        "kubectl get pods\n----\n-rw-r--r-- 1 root",
        SHELL,
        &[],
        "ls",
    );
}

#[test]
fn characters_that_a_shell_does_not_understand() {
    check(
        "kubectl get pods –n a",
        SHELL,
        &["RFG104@1:18"],
        "kubectl get pods -n a",
    );
    check(
        "helm upgrade a b –set c=d —wait",
        SHELL,
        &["RFG104@1:18", "RFG104@1:27"],
        "helm upgrade a b --set c=d --wait",
    );
    check(
        "kubectl get pod cluedin\u{2011}server",
        SHELL,
        &["RFG104@1:17"],
        "kubectl get pod cluedin-server",
    );
    check(
        "kubectl patch a b -p “c d”",
        SHELL,
        &["RFG105@1:22", "RFG105@1:26"],
        "kubectl patch a b -p \"c d\"",
    );
    check("git commit -m 'don’t – wait'", SHELL, &[], "ls");
    check("# “so” – or – so", SHELL, &[], "ls");
    check(
        "kubectl\u{a0}get pods -n a\u{200b}b",
        SHELL,
        &["RFG106@1:8"],
        "kubectl get pods -n ab",
    );
    check(
        "kubectl get pods &amp;&amp; helm list &gt; a",
        SHELL,
        &["RFG114@1:18"],
        "kubectl get pods && helm list > a",
    );
    check("A B â€“ C", PAGE, &["RFG107?@1:5"], "A B – C");
    check("MÃ¼ller", PAGE, &["RFG107?@1:2"], "Müller");
    check("â la carte, Ã", PAGE, &[], "à la carte");
}

#[test]
fn what_is_copied_along_or_left_open() {
    check(
        "```bash\n$ helm list\n```",
        PAGE,
        &["RFG108@2:1"],
        "```bash\nhelm list\n```",
    );
    check(
        "```console\n$ helm list\n```\n\n```\n$ helm list\n```",
        PAGE,
        &[],
        "a",
    );
    check(
        "kubectl logs <pod name> -n <b-c>",
        SHELL,
        &["RFG109?@1:14"],
        "kubectl logs POD_NAME -n B_C",
    );
    check("say `kubectl logs <pod>`", PAGE, &[], "a");
    check("k8s get <a> [flags]", SHELL, &[], "ls");
    check("cat <a >b", SHELL, &[], "cat <a");
    check(
        "cat <<EOF\na\n  EOF",
        SHELL,
        &["RFG110@3:1"],
        "cat <<EOF\na\nEOF",
    );
    check(
        "1. a\n   ```sh\n   cat <<EOF\n   a\n   ```",
        PAGE,
        &["RFG110@3:8"],
        "1. a\n   ```sh\n   cat <<EOF\n   a\n   EOF\n   ```",
    );
    check("cat <<-EOF\n\ta\n\tEOF", SHELL, &[], "ls");
    check(
        "helm get values a > ./ b.yml",
        SHELL,
        &["RFG111@1:21"],
        "helm get values a > ./b.yml",
    );
    check("echo 'a b", SHELL, &["RFG112@1:6"], "echo 'a b'");
    check("a\n\n<<<Place more here>>>", PAGE, &["RFG113?@3:1"], "a");
    check(
        "TODO: write this",
        PAGE,
        &["RFG113?@1:1"],
        "a TODO in a sentence",
    );
}

#[test]
fn commands_of_tools() {
    check("Helm repo list", SHELL, &["RFG120@1:1"], "helm repo list");
    check(
        "```powershell\nHelm repo list\n```",
        PAGE,
        &["RFG120?@2:1"],
        "```powershell\nhelm repo list\n```",
    );
    check("```\nHelm charts are good\n```", PAGE, &[], "a");
    check(
        "helm config current-context",
        SHELL,
        &["RFG121@1:6"],
        "kubectl config current-context",
    );
    check(
        "helm upgarde a b",
        SHELL,
        &["RFG121@1:6"],
        "helm upgrade a b",
    );
    check(
        "helm fly a",
        SHELL,
        &["RFG121?@1:6"],
        "helm diff upgrade a b",
    );
    check(
        "juju run-action k8s/0 a",
        SHELL,
        &["RFG121@1:6"],
        "juju run k8s/0 a",
    );
    check("juju wallets", SHELL, &[], "juju status");
    check("juju crashdump", SHELL, &[], "juju status");
    check("az vm listt", SHELL, &[], "az aks list");
    check(
        "az aks nodepol list -g a --cluster-name b",
        SHELL,
        &["RFG121@1:8"],
        "az aks nodepool list -g a --cluster-name b",
    );
    check(
        "velero backup creat a",
        SHELL,
        &["RFG121@1:15"],
        "velero backup create a",
    );
    check(
        "helm plugin verify a",
        SHELL,
        &["RFG122?@1:13"],
        "helm plugin list",
    );
    check("say `helm values` and `helm chart`", PAGE, &[], "a");
    check("kubectl $A b; kubectl help e", SHELL, &[], "ls");
    check("unheard of --a", SHELL, &[], "ls");
}

#[test]
fn options_of_commands() {
    check(
        "kubectl drain a --ignore-daemonset",
        SHELL,
        &["RFG123@1:17"],
        "kubectl drain a --ignore-daemonsets",
    );
    check(
        "kubectl drain a --delete-local-data=true",
        SHELL,
        &["RFG123@1:17"],
        "kubectl drain a --delete-emptydir-data=true",
    );
    check(
        "kubectl version --short",
        SHELL,
        &["RFG123@1:17"],
        "kubectl version",
    );
    check(
        "helm delete a --purge",
        SHELL,
        &["RFG123@1:15"],
        "helm uninstall a",
    );
    check(
        "helm list -a -n b",
        SHELL,
        &["RFG124?@1:11"],
        "helm list -n b",
    );
    check("helm list -qa", SHELL, &["RFG124?@1:11"], "helm list -q");
    check("helm --kube-context a list -n b", SHELL, &[], "ls");
    check("kubectl exec -it a -nb -- c --strange", SHELL, &[], "ls");
    check("kubectl get pods -A -owide -l=a=b --v=4", SHELL, &[], "ls");
    check(
        "az aks upgrade --resource-g a -n b --kubernetes-v 1.2",
        SHELL,
        &[],
        "ls",
    );
    check(
        "helm upgrade a b --atomic --force --wait --timeout 5m",
        SHELL,
        &[],
        "ls",
    );
    check("juju status --format json --utc", SHELL, &[], "ls");
}

#[test]
fn arguments_of_commands() {
    check(
        "helm repo add https://a.example",
        SHELL,
        &["RFG125@1:15"],
        "helm repo add a https://a.example",
    );
    check("helm list a", SHELL, &["RFG125@1:11"], "helm list");
    check(
        "helm upgrade --install a",
        SHELL,
        &["RFG125@1:24"],
        "helm upgrade --install a b",
    );
    for fine in [
        "helm upgrade $A",
        "helm upgrade ...",
        "helm upgrade --help",
        "helm repo add",
        "say `helm upgrade`",
    ] {
        let form = if fine.starts_with("say") { PAGE } else { SHELL };
        let expected: &[&str] = if fine == "helm repo add" {
            &["RFG125@1:11"]
        } else {
            &[]
        };
        assert_eq!(told(&lint(fine, form)), expected, "{fine}");
    }
    check(
        "helm upgrade a b --reuse-values",
        SHELL,
        &["RFG126?@1:18"],
        "helm upgrade a b --reset-then-reuse-values",
    );
    check(
        "juju run k8s pre-upgrade-check",
        SHELL,
        &["RFG127@1:10"],
        "juju run k8s/leader pre-upgrade-check",
    );
    check("juju run --wait 5m k8s/0 a", SHELL, &[], "ls");
}

#[test]
fn osism() {
    check(
        "osism update manager",
        SHELL,
        &["RFG121@1:7"],
        "osism update docker",
    );
    check(
        "osism mange images",
        SHELL,
        &["RFG121@1:7"],
        "osism manage images",
    );
    check(
        "osism baremetal poweroff --soft a",
        SHELL,
        &["RFG121@1:7"],
        "osism baremetal power off --soft a",
    );
    check(
        "osism netbox sync",
        SHELL,
        &["RFG122?@1:7"],
        "osism sync netbox",
    );
    check(
        "osism apply -e a=b ceph-rolling_update",
        SHELL,
        &["RFG130@1:13"],
        "osism apply ceph-rolling_update -e a=b",
    );
    check("osism apply -e custom nova -e a=b", SHELL, &[], "ls");
    check(
        "osism apply -s stop maria",
        SHELL,
        &["RFG123@1:13", "RFG131@1:16"],
        "osism apply -a stop mariadb",
    );
    check(
        "osism apply stop mariadb",
        SHELL,
        &["RFG131@1:13"],
        "osism apply -a stop mariadb",
    );
    check(
        "osism apply keystnoe",
        SHELL,
        &["RFG131@1:13"],
        "osism apply keystone",
    );
    check(
        "osism apply bootstrap; osism apply our-own; osism apply",
        SHELL,
        &[],
        "ls",
    );
    check(
        "osism apply -a upgrade ovn\nosism apply -a upgrade openvswitch",
        SHELL,
        &["RFG132@1:24"],
        "osism apply -a upgrade openvswitch\nosism apply -a upgrade ovn",
    );
    check(
        "osism apply -a pull ovn\nosism apply -a upgrade openvswitch\nosism apply -a upgrade ovn",
        SHELL,
        &[],
        "ls",
    );
    let list = |layers: &[&str]| {
        let items = layers.iter().map(|layer| format!("* [a](./{layer})"));
        items.collect::<Vec<_>>().join("\n")
    };
    check(
        &list(&["manager", "network", "ceph", "infrastructure", "openstack"]),
        PAGE,
        &["RFG132@2:3"],
        &list(&["manager", "infrastructure", "network", "ceph", "openstack"]),
    );
    // A list of some pages is not the order of an upgrade.
    check(&list(&["network", "infrastructure"]), PAGE, &[], "a");
}

#[test]
fn values_of_charts() {
    check(
        "# CluedIn\ninfrastructure:\n  neo4J:\n    enabled: true",
        YAML,
        &["RFG140@3:3"],
        "# CluedIn\ninfrastructure:\n  neo4j:\n    enabled: true",
    );
    // Nothing says that it is of CluedIn, or it is of another chart as well.
    check("infrastructure:\n  neo4J: {}", YAML, &[], "a: b");
    check(
        "# CluedIn\ninfrastructure:\n  neo4J: {}\nother: {}",
        YAML,
        &[],
        "a: b",
    );
    check(
        "# CluedIn\napplication:\n  quiteOther: {}",
        YAML,
        &[],
        "a: b",
    );
    check(
        "helm upgrade a cluedin/cluedin-platform --set 'application.system.upgradeMode=true,application.sytem.x=1'",
        SHELL,
        &["RFG140@1:96"],
        "helm upgrade a cluedin/cluedin-platform --set 'application.system.upgradeMode=true,application.system.x=1'",
    );
    check("helm upgrade a b/c --set aplication.x=1", SHELL, &[], "ls");
    check(
        "image:\n  tag: 2024.10",
        YAML,
        &["RFG141@2:8"],
        "image:\n  tag: \"2024.10\"",
    );
    check(
        "image:\n  tag: 2024.12",
        YAML,
        &["RFG141?@2:8"],
        "image:\n  tag: \"2024.12\"",
    );
    check("a:\n  tag: 1.2.3\n  version: 1.10", YAML, &[], "a: b");
    check(
        "# CluedIn\nglobal:\n  image:\n    tag: '2024.12'",
        YAML,
        &["RFG142?@4:10"],
        "# CluedIn\nglobal:\n  image:\n    tag: '2024.12.02'",
    );
}

/// The law, over everything that the cases above say is wrong, and over what is
/// made of it by cutting and joining: where the change that a remark carries is
/// made, the page has a remark of that code less.
#[test]
fn what_was_mended_is_not_told_again() {
    let lines = [
        "helm upgrade a b \\ ",
        "  --values c",
        "  --set d=e \\",
        "kubectl get pods –n a",
        "# note",
        "$ helm list",
        "helm upgrade a b —wait “c d”",
        "",
        "cat <<EOF",
        "a: b",
        " EOF",
        "Helm repo list",
        "helm config current-context",
        "osism apply -e a=b nova",
        "osism apply -s stop maria",
        "kubectl logs <pod name> > ./ b",
        "kubectl drain a --forc",
        "juju run k8s a",
        "helm upgarde a b &amp;&amp; ls",
    ];
    let mut changed = 0_u32;
    let mut pages = Vec::new();
    for first in lines {
        for second in lines {
            let fences = ["bash", "powershell", "console", ""];
            let body = format!("{first}\n  {second}");
            pages.extend(fences.map(|fence| format!("- a\n\n  ```{fence}\n  {body}\n  ```\n")));
        }
    }
    for page in pages {
        let remarks = lint(&page, PAGE);
        for remark in remarks.iter().filter(|one| !one.edits.is_empty()) {
            changed += 1;
            let mended = corrected(&page, &remark.edits);
            let count = |remarks: &[Remark]| {
                let same = remarks.iter().filter(|other| other.code == remark.code);
                same.count()
            };
            assert!(
                count(&lint(&mended, PAGE)) < count(&remarks),
                "{} {}\n{page}\n{mended}",
                remark.code,
                remark.what
            );
        }
    }
    assert!(changed > 1_000, "{changed}");
}

/// No rule without a case.
#[test]
fn every_code_has_a_case() {
    let cases = include_str!("guides.rs");
    let codes: BTreeSet<String> = refit_assessor::guide::codes::ALL
        .iter()
        .map(|page| page.code.to_string())
        .collect();
    for code in codes {
        assert!(cases.contains(&format!("\"{code}")), "{code} has no case");
    }
}
