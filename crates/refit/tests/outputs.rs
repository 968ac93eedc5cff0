//! What machines read: SARIF, and an assessment of chosen families.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// `refit assess` of the example cluster.
fn refit_assess(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Command::new(env!("CARGO_BIN_EXE_refit"))
        .args(["assess", "-f", "examples/harbour", "--to", "1.36"])
        .args(["--now", "2026-11-28T00:00:00Z"])
        .args(arguments)
        .current_dir(root)
        .env_clear()
        .output()
        .unwrap()
}

/// `refit assess` of the example cluster, as JSON, with its exit code.
fn assess(arguments: &[&str]) -> (Value, i32) {
    let output = refit_assess(arguments);
    let value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (value, output.status.code().unwrap())
}

#[test]
fn sarif_has_every_finding_at_its_line() {
    let (json, _) = assess(&["-o", "json"]);
    let (sarif, _) = assess(&["-o", "sarif"]);
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let findings = json["findings"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert_eq!(findings.len(), results.len());
    let rules: Vec<_> = run["tool"]["driver"]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| {
            for part in ["shortDescription", "fullDescription", "help"] {
                assert!(rule[part]["text"].as_str().unwrap().len() > 3, "{rule}");
            }
            &rule["id"]
        })
        .collect();
    let mut places = 0;
    let one = Value::from(1);
    for (finding, result) in findings.iter().zip(results) {
        assert_eq!(finding["code"], result["ruleId"]);
        assert!(rules.contains(&&result["ruleId"]), "{result}");
        let level = match finding["severity"].as_str().unwrap() {
            "blocking" => "error",
            "warning" => "warning",
            _ => "note",
        };
        assert_eq!(result["level"], level);
        assert_eq!(
            result["partialFingerprints"]["refitFinding/v1"],
            finding["id"]
        );
        let located: Vec<_> = finding["evidence"]
            .as_array()
            .unwrap()
            .iter()
            .map(|evidence| &evidence["location"])
            .filter(|location| !location.is_null())
            .collect();
        let shown: Vec<_> = result["locations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|place| &place["physicalLocation"])
            .filter(|place| !place.is_null())
            .collect();
        if located.is_empty() {
            // Code hosts drop a result without a file.
            assert_eq!(shown[0]["artifactLocation"]["uri"], "harbour");
            assert_eq!(shown[0]["region"]["startLine"], 1);
            continue;
        }
        assert_eq!(located.len(), shown.len(), "{finding}");
        for (location, place) in located.iter().zip(&shown) {
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            assert!(uri.starts_with("examples/harbour/"), "{uri}");
            assert!(location["file"].as_str().unwrap().starts_with(uri));
            // What stands inside a stored release has no line in the file.
            let is_inside = location["file"].as_str().unwrap() != uri;
            let (line, column) = if is_inside {
                (&one, &one)
            } else {
                (&location["line"], &location["column"])
            };
            assert_eq!(&place["region"]["startLine"], line);
            assert_eq!(&place["region"]["startColumn"], column);
            places += 1;
        }
    }
    assert!(places > 5, "the example has findings in files: {places}");
    let gaps: usize = json["coverage"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["gaps"].as_array().unwrap().len())
        .sum();
    let told = &run["invocations"][0]["toolExecutionNotifications"];
    assert_eq!(told.as_array().unwrap().len(), gaps);
}

#[test]
fn only_the_families_that_are_asked_for() {
    let codes = |arguments: &[&str]| {
        let (json, _) = assess(arguments);
        let mut letters: Vec<char> = json["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|finding| finding["code"].as_str().unwrap().chars().nth(2))
            .collect();
        letters.sort_unstable();
        letters.dedup();
        letters
    };
    assert!(codes(&["-o", "json"]).len() > 2);
    assert_eq!(codes(&["-o", "json", "--only", "api"]), ['A']);
    assert_eq!(
        codes(&["-o", "json", "--only", "api", "--only", "workloads"]),
        ['A', 'W']
    );
}

/// Whoever gets the file later has to know that somebody looked away.
#[test]
fn what_was_asked_for_is_told_in_every_form() {
    let asked = "only these families of findings were asked for: api, nodes";
    for form in ["human", "json", "yaml", "markdown", "html", "sarif"] {
        let told = |arguments: &[&str]| {
            let output = refit_assess(&[&["-o", form], arguments].concat());
            let text = String::from_utf8(output.stdout).unwrap();
            match form {
                "json" => serde_json::from_str::<Value>(&text).unwrap()["metadata"]
                    .get("only")
                    .is_some_and(|only| *only == serde_json::json!(["api", "nodes"])),
                "yaml" => text.contains("only:\n  - api\n  - nodes"),
                _ => text.replace('\n', " ").contains(asked),
            }
        };
        assert!(!told(&[]), "{form}");
        assert!(told(&["--only", "nodes", "--only", "api"]), "{form}");
    }
}

/// An accepted finding stays in the output, marked, and does not count; one
/// that is accepted no longer is told of.
#[test]
fn waivers_are_told_and_counted() {
    let (before, code) = assess(&["-o", "json"]);
    assert_eq!(code, 3);
    let blocking = |value: &Value| value["summary"]["blocking"].as_u64().unwrap();
    let accepted: Vec<&Value> = before["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["severity"] == "blocking")
        .collect();
    assert!(accepted.len() > 1);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("waivers.yaml");
    let waivers = |until: &str| {
        accepted
            .iter()
            .map(|finding| {
                format!(
                    "---\napiVersion: refit.dev/v1alpha1\nkind: Waiver\nid: {}\nreason: moves next week\nby: ada\nuntil: {until}\n",
                    finding["id"].as_str().unwrap()
                )
            })
            .collect::<String>()
    };
    std::fs::write(&file, waivers("2026-11-28")).unwrap();
    let flag = file.to_str().unwrap();
    let (after, code) = assess(&["-o", "json", "--waivers", flag]);
    assert_eq!(blocking(&after), 0);
    assert_eq!(after["summary"]["waived"], accepted.len());
    assert_eq!(
        after["findings"].as_array().unwrap().len(),
        before["findings"].as_array().unwrap().len()
    );
    assert_eq!(after["impact"]["blocks"], serde_json::json!([]));
    let verdict = &after["summary"]["verdict"];
    assert_eq!((verdict, code), (&"ready-with-warnings".into(), 0));
    std::fs::write(&file, waivers("2026-11-27")).unwrap();
    let (expired, code) = assess(&["-o", "json", "--waivers", flag]);
    assert_eq!((blocking(&expired), code), (blocking(&before), 3));
}

/// Beside a baseline only news counts, in every form, and nothing clears
/// without a proof.
#[test]
fn a_baseline_leaves_what_is_new_and_what_has_cleared() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_refit"))
            .args(["assess", "--now", "2026-11-28T00:00:00Z"])
            .args(arguments)
            .current_dir(folder.path())
            .env_clear()
            .output()
            .unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (told, output.status.code().unwrap(), said)
    };
    let object = |api: &str, kind: &str| {
        format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{name: web, namespace: shop}}\n")
    };
    std::fs::create_dir(folder.path().join("m")).unwrap();
    write("m/a.yaml", &object("networking.k8s.io/v1beta1", "Ingress"));
    write("m/b.yaml", &object("policy/v1beta1", "PodSecurityPolicy"));
    let baseline = ["-f", "m", "--to", "1.36", "--output-file", "old.json"];
    assert_eq!(run(&[&baseline[..], &["-o", "json"]].concat()).1, 3);
    let compared = ["-f", "m", "--baseline", "old.json", "-o"];
    // Nothing has changed: nothing fails, though it is still blocked.
    let (text, code, _) = run(&[&compared[..], &["json"]].concat());
    let same: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((code, &same["summary"]["verdict"]), (0, &"blocked".into()));
    assert_eq!(same["comparison"]["new"], serde_json::json!([]));

    write("m/a.yaml", &object("networking.k8s.io/v1", "Ingress"));
    write("m/b.yaml", &object("batch/v1beta1", "CronJob"));
    let (text, code, _) = run(&[&compared[..], &["json"]].concat());
    let now: Value = serde_json::from_str(&text).unwrap();
    let comparison = &now["comparison"];
    assert_eq!(code, 3);
    assert_eq!(comparison["new"].as_array().unwrap().len(), 1);
    assert_eq!(comparison["cleared"].as_array().unwrap().len(), 2);
    assert_eq!(comparison["unseen"], serde_json::json!([]));
    for form in ["human", "markdown", "html", "yaml", "sarif"] {
        let (text, code, _) = run(&[&compared[..], &[form]].concat());
        assert_eq!(code, 3, "{form}");
        for word in ["CronJob", "PodSecurityPolicy", "Ingress"] {
            assert!(
                text.contains(word),
                "{form} does not tell of {word}:\n{text}"
            );
        }
    }
    let (text, ..) = run(&[&compared[..], &["sarif"]].concat());
    let sarif: Value = serde_json::from_str(&text).unwrap();
    let states: Vec<&str> = sarif["runs"][0]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["baselineState"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["new", "absent", "absent"]);

    // Only one of the files was looked at: the other has not cleared.
    let one = ["-f", "m/a.yaml", "--baseline", "old.json", "-o", "json"];
    let now: Value = serde_json::from_str(&run(&one).0).unwrap();
    let unseen = &now["comparison"]["unseen"];
    assert_eq!(unseen[0]["finding"]["subject"]["kind"], "PodSecurityPolicy");
    assert_eq!(unseen.as_array().unwrap().len(), 1);

    write(
        "new.json",
        &std::fs::read_to_string(folder.path().join("old.json"))
            .unwrap()
            .replace("v1alpha1", "v9"),
    );
    for (arguments, words) in [
        (
            ["--baseline", "old.json", "--to", "1.35"],
            "for Kubernetes 1.36",
        ),
        (
            ["--baseline", "old.json", "--cluster-name", "x"],
            "it is of m",
        ),
        (
            ["--baseline", "new.json", "--to", "1.36"],
            "apiVersion refit.dev/v9",
        ),
        (["--baseline", "m/a.yaml", "--to", "1.36"], "holds Ingress"),
        (["--baseline", "none.json", "--to", "1.36"], "none.json"),
    ] {
        let (_, code, said) = run(&[&["-f", "m"][..], &arguments].concat());
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(words) && said.contains("hint:"), "{said}");
    }
}

/// The contract with those who read the machine output, key by key: what is
/// always there, and what may be.
#[test]
fn the_machine_output_has_the_keys_of_the_contract() {
    let (whole, _) = assess(&["-o", "json"]);
    #[track_caller]
    fn check(value: &Value, always: &[&str], maybe: &[&str]) {
        let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
        for key in always {
            assert!(keys.contains(&&(*key).to_owned()), "no {key} in {value}");
        }
        for key in keys {
            let known = always.contains(&key.as_str()) || maybe.contains(&key.as_str());
            assert!(known, "{key} is not in the contract: {value}");
        }
    }
    check(
        &whole,
        &[
            "apiVersion",
            "kind",
            "metadata",
            "from",
            "target",
            "summary",
            "scope",
            "impact",
            "dependencies",
            "findings",
            "coverage",
        ],
        &[],
    );
    assert_eq!(whole["kind"], "Assessment");
    let metadata = &whole["metadata"];
    check(metadata, &["now", "refit", "knowledge", "cluster"], &[]);
    check(&metadata["knowledge"], &["version", "asOf"], &[]);
    check(
        &whole["summary"],
        &[
            "verdict", "blocking", "warning", "info", "waived", "objects",
        ],
        &[],
    );
    for finding in whole["findings"].as_array().unwrap() {
        check(
            finding,
            &[
                "id",
                "code",
                "title",
                "severity",
                "subject",
                "evidence",
                "remedy",
                "mitigation",
                "cause",
                "references",
            ],
            &[
                "application",
                "deprecatedIn",
                "removedIn",
                "replacement",
                "waived",
            ],
        );
        check(
            &finding["subject"],
            &["apiVersion", "kind", "name"],
            &["namespace"],
        );
        for evidence in finding["evidence"].as_array().unwrap() {
            check(evidence, &["tier", "detail"], &["source", "location"]);
            if let Some(location) = evidence.get("location") {
                check(location, &["file", "line", "column"], &[]);
            }
        }
    }
    for row in whole["coverage"].as_array().unwrap() {
        check(row, &["area", "seen", "gaps"], &["skipped", "couldHide"]);
        for gap in row["gaps"].as_array().unwrap() {
            check(gap, &["area", "what", "why"], &["command"]);
        }
    }
}
