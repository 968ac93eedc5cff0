//! What a new user gets wrong: each mistake is met by a message that says what
//! happened and what to do, with its exit code, and never by a green one.

#![expect(
    clippy::unwrap_used,
    reason = "functions beside the tests serve them alone, and a panic is the failure that is wanted"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of its own, with the store in it, so that no test sees another's.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn refit(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_refit"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("USER", "tester")
            .env("REFIT_STORE", self.path("store.db"))
            .output()
            .unwrap()
    }

    /// Runs refit and checks the exit code and that standard error says each of
    /// `words`.
    #[track_caller]
    fn check(&self, arguments: &[&str], code: i32, words: &[&str]) {
        let output = self.refit(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(
            output.status.code(),
            Some(code),
            "refit {arguments:?} said:\n{said}"
        );
        assert!(!said.contains("panicked"), "{said}");
        // Whatever went wrong, the user is told what to do next; clap's own
        // messages do that with their usage.
        if code != 0 {
            let next = ["hint:", "tip:", "--help"];
            assert!(
                next.iter().any(|word| said.contains(word)),
                "no next step:\n{said}"
            );
        }
        for word in words {
            assert!(
                said.contains(word),
                "refit {arguments:?} does not say {word:?}:\n{said}"
            );
        }
    }
}

fn example(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(name)
        .canonicalize()
        .unwrap()
        .display()
        .to_string()
}

/// A plan for the Canonical example, made by the binary.
fn charm_plan(desk: &Desk) -> PathBuf {
    let status = example("canonical/status.json");
    let plan = desk.path("plan.yaml");
    let output = desk.refit(&[
        "plan",
        "new",
        "canonical-k8s/charm",
        "-f",
        &status,
        "--to",
        "1.34.3",
        "-O",
        "plan.yaml",
    ]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    plan
}

#[test]
fn typos() {
    let desk = Desk::new();
    desk.check(&["asess"], 2, &["asess", "assess"]);
    desk.check(&["assess", "--too", "1.36"], 2, &["--too", "--to"]);
    desk.check(&["assess", "-f", ".", "--to", "1.x"], 2, &["1.x", "1.34"]);
    desk.check(
        &["explain", "RFA1O1"],
        2,
        &["RFA1O1", "did you mean RFA101"],
    );
    desk.check(
        &["template", "show", "kubeadn"],
        2,
        &["kubeadn", "did you mean kubeadm"],
    );
}

#[test]
fn missing_files() {
    let desk = Desk::new();
    desk.write(
        "manifest.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
    );
    desk.check(
        &["assess", "-f", "manifets.yaml", "--to", "1.36"],
        2,
        &[
            "manifets.yaml",
            "No such file",
            "did you mean",
            "manifest.yaml",
        ],
    );
    desk.check(
        &["plan", "show", "nothing.yaml"],
        2,
        &["nothing.yaml", "No such file"],
    );
    std::fs::create_dir(desk.path("empty")).unwrap();
    desk.check(
        &["assess", "-f", "empty", "--to", "1.36"],
        2,
        &["empty", "no YAML or JSON"],
    );
}

#[test]
fn guides_that_cannot_be_read() {
    let desk = Desk::new();
    desk.write("guide.md", "# Upgrade\n");
    std::fs::write(desk.path("latin.md"), b"caf\xe9").unwrap();
    std::fs::create_dir(desk.path("docs")).unwrap();
    desk.check(
        &["lint", "giude.md"],
        2,
        &["could not read giude.md", "did you mean ./guide.md?"],
    );
    desk.check(
        &["lint", "latin.md"],
        2,
        &["latin.md", "not UTF-8", "line 1"],
    );
    desk.check(&["lint", "docs"], 2, &["docs is a folder", "docs/*.md"]);
    // It has no size, and no end.
    #[cfg(target_os = "linux")]
    desk.check(
        &["lint", "/dev/zero"],
        2,
        &["more than 4 MiB", "cut into pages"],
    );
    desk.check(&["lint"], 2, &["<GUIDE>"]);
    // One that has no command is fine, and not without a word.
    desk.check(
        &["lint", "guide.md"],
        0,
        &["guide.md: no command was found"],
    );
}

#[test]
fn a_truncated_document_is_a_gap_and_never_a_clean_report() {
    let desk = Desk::new();
    desk.write(
        "cut.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: whole}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: \"cut\n",
    );
    let output = desk.refit(&["assess", "-f", "cut.yaml", "--to", "1.36"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("UNSEEN"), "{said}");
    assert!(said.contains("cut.yaml"), "{said}");

    desk.write("only.yaml", "apiVersion: apps/v1\nkind: [\n");
    desk.check(
        &["assess", "-f", "only.yaml", "--to", "1.36"],
        2,
        &["only.yaml", "Kubernetes object"],
    );
}

#[test]
fn nothing_is_left_out_without_a_word() {
    let desk = Desk::new();
    let gone = "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: gone}\n";
    desk.write(".gitignore", "ignored.yaml\n");
    for name in ["ignored.yaml", "UPPER.YAML", ".hidden.yml"] {
        let folder = desk.path(name.trim_matches('.').split('.').next().unwrap());
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join(".gitignore"), "ignored.yaml\n").unwrap();
        std::fs::write(folder.join(name), gone).unwrap();
        let output = desk.refit(&["assess", "-f", folder.to_str().unwrap(), "--to", "1.36"]);
        assert_eq!(output.status.code(), Some(3), "{name} was not read");
    }
    // A folder that leads back to itself ends, and counts once.
    #[cfg(unix)]
    {
        let folder = desk.path("UPPER");
        std::os::unix::fs::symlink(&folder, folder.join("again")).unwrap();
        let output = desk.refit(&["assess", "-f", "UPPER", "--to", "1.36"]);
        assert_eq!(output.status.code(), Some(3));
    }
}

#[test]
fn a_kind_that_no_server_knows_is_not_green() {
    let desk = Desk::new();
    desk.write(
        "typo.yaml",
        "apiVersion: apps/v9\nkind: Deployment\nmetadata: {name: a}\n",
    );
    let output = desk.refit(&["assess", "-f", "typo.yaml", "--to", "1.36"]);
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn an_approval_has_a_name() {
    let desk = Desk::new();
    charm_plan(&desk);
    let output = Command::new(env!("CARGO_BIN_EXE_refit"))
        .args([
            "plan",
            "approve",
            "plan.yaml",
            "-f",
            &example("canonical/status.json"),
        ])
        .current_dir(desk.folder.path())
        .env_clear()
        .env("REFIT_STORE", desk.path("store.db"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("--as NAME"), "{said}");
}

#[test]
fn unknown_families() {
    let desk = Desk::new();
    desk.check(
        &["assess", "-f", ".", "--only", "nodse"],
        2,
        &["nodse", "--only", "nodes, workloads"],
    );
}

#[test]
fn unknown_targets() {
    let desk = Desk::new();
    desk.write(
        "a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
    );
    desk.check(
        &["assess", "-f", "a.yaml", "--to", "1.99"],
        2,
        &["1.99", "covers 1.16 to 1.37"],
    );
    desk.check(
        &["path", "--from", "1.34.1", "--to", "1.30"],
        3,
        &["1.34.1", "1.30"],
    );
}

#[test]
fn paths_of_what_is_not_there() {
    let desk = Desk::new();
    let harbour = example("harbour");
    let cluster = ["path", "-f", &harbour, "--to"];
    for (arguments, code, says) in [
        (
            &[
                "path",
                "--project",
                "rok",
                "--from",
                "1.0.0",
                "--to",
                "2.0.0",
            ][..],
            2,
            &["there is no project \"rok\"", "did you mean rook?"][..],
        ),
        (
            &[
                "path",
                "--project",
                "rook",
                "--from",
                "new",
                "--to",
                "2.0.0",
            ],
            2,
            &["\"new\" is not a version"],
        ),
        (
            &[
                "path",
                "--project",
                "cluedin",
                "--from",
                "2026.02.00",
                "--to",
                "2024.07.00",
            ],
            3,
            &["only a restore goes back"],
        ),
        (
            &[
                "path",
                "--project",
                "cluedin",
                "--from",
                "2024.7",
                "--to",
                "2026.02.00",
            ],
            2,
            &["write it with its zeros"],
        ),
        (
            &[
                "path", "--from", "1.34.1", "--to", "1.35", "--keep", "cilium",
            ],
            2,
            &["without a cluster there are no projects"],
        ),
        (
            &["path", "--from", "1.34.1", "--to", "1.35", "-f", "."],
            2,
            &["--from is for when no cluster is looked at"],
        ),
        (
            &["path", "--from", "new", "--to", "1.35"],
            2,
            &["--from \"new\" is no version of Kubernetes"],
        ),
        (
            &[&cluster[..], &["1.35", "--keep", "cert-manger"]].concat(),
            2,
            &["did you mean cert-manager?"],
        ),
        (
            &[&cluster[..], &["1.35", "--move", "cert-manager"]].concat(),
            2,
            &["NAME=VERSION"],
        ),
        (
            &[&cluster[..], &["1.35", "--move", "cert-manager=1.10.0"]].concat(),
            2,
            &["goes back: cert-manager in cert-manager is at 1.19.2"],
        ),
        (&[&cluster[..], &["1.37"]].concat(), 3, &["--keep NAME"]),
    ] {
        desk.check(arguments, code, says);
    }
}

#[test]
fn unknown_templates_and_parameters() {
    let desk = Desk::new();
    let status = example("canonical/status.json");
    desk.check(
        &[
            "plan",
            "new",
            "canonical-k8s/chram",
            "-f",
            &status,
            "--to",
            "1.34.3",
        ],
        2,
        &["canonical-k8s/chram", "did you mean canonical-k8s/charm"],
    );
    desk.check(
        &["plan", "new", "kubeadm", "-f", &status, "--to", "1.34.3"],
        3,
        &["kubeadm"],
    );
    desk.check(
        &[
            "plan",
            "new",
            "canonical-k8s/charm",
            "-f",
            &status,
            "--to",
            "1.34.3",
            "--set",
            "colour=red",
        ],
        2,
        &["colour"],
    );
    let typo = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../templates/kubeadm.yaml"),
    )
    .unwrap()
    .replacen("stages:", "stagse:", 1);
    desk.write("mine.yaml", &typo);
    desk.check(
        &["template", "show", "mine.yaml"],
        2,
        &["mine.yaml", "stagse", "\"stages\"", "line"],
    );
}

#[test]
fn an_edited_plan_is_refused_everywhere() {
    let desk = Desk::new();
    let status = example("canonical/status.json");
    let plan = charm_plan(&desk);
    let text = std::fs::read_to_string(&plan).unwrap();
    let edited = text.replacen("timeout: 30m", "timeout: 59m", 1);
    assert_ne!(text, edited, "the plan has nothing to edit");
    std::fs::write(&plan, edited).unwrap();
    let said = ["edited", "hash", "plan new"];
    desk.check(&["plan", "show", "plan.yaml"], 3, &said);
    desk.check(&["plan", "review", "plan.yaml", "-f", &status], 3, &said);
    desk.check(&["plan", "approve", "plan.yaml", "-f", &status], 3, &said);
    desk.check(&["rehearse", "plan.yaml", "-f", &status], 3, &said);
    desk.check(&["run", "plan.yaml", "--twin", "-f", &status], 3, &said);
}

#[test]
fn another_clusters_plan_is_refused() {
    let desk = Desk::new();
    charm_plan(&desk);
    let other = std::fs::read_to_string(example("canonical/status.json"))
        .unwrap()
        .replace("harbour-charm", "another-model");
    desk.write("other.json", &other);
    let said = ["harbour-charm", "another-model"];
    desk.check(
        &["plan", "approve", "plan.yaml", "-f", "other.json"],
        3,
        &said,
    );
    // An approval is asked for before anything is looked at.
    let status = example("canonical/status.json");
    desk.check(
        &["plan", "approve", "plan.yaml", "-f", &status, "--as", "ada"],
        0,
        &["ada"],
    );
    desk.check(
        &["run", "plan.yaml", "--twin", "-f", "other.json"],
        3,
        &said,
    );
}

#[test]
fn a_plan_that_nobody_approved_is_refused_and_one_that_was_approved_runs() {
    let desk = Desk::new();
    let status = example("canonical/status.json");
    charm_plan(&desk);
    desk.check(
        &["run", "plan.yaml", "--twin", "-f", &status],
        3,
        &["approve", "plan approve"],
    );
    desk.check(
        &["plan", "approve", "plan.yaml", "-f", &status, "--as", "ada"],
        0,
        &["ada"],
    );
    let output = desk.refit(&["run", "plan.yaml", "--twin", "-f", &status, "--as", "ada"]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("verified"), "{said}");
}

#[test]
fn no_cluster_to_talk_to() {
    let desk = Desk::new();
    desk.check(
        &["assess", "--kubeconfig", "nowhere.yaml"],
        2,
        &["connect", "nowhere.yaml", "-f DIR"],
    );
}

#[test]
fn a_store_that_is_none() {
    let desk = Desk::new();
    charm_plan(&desk);
    desk.write(
        "store.db",
        "this is not a database, and long enough to be looked at as one",
    );
    desk.check(&["log", "plan.yaml"], 2, &["store.db"]);
}

#[test]
fn waivers_that_cannot_be_used() {
    let desk = Desk::new();
    let base = ["assess", "-f", "manifest.yaml", "--to", "1.36", "--waivers"];
    desk.write(
        "manifest.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n",
    );
    let head = "apiVersion: refit.dev/v1alpha1\nkind: Waiver\n";
    let whole = "reason: r\nby: ada\nuntil: 2026-12-01\n";
    for (name, text, words) in [
        (
            "typo.yaml",
            format!("{head}id: x\nresaon: r\nby: ada\nuntil: 2026-12-01\n"),
            "reason",
        ),
        (
            "both.yaml",
            format!("{head}id: x\ncode: RFA101\n{whole}"),
            "document 1 of both.yaml",
        ),
        (
            "bare.yaml",
            format!("{head}code: RFA101\n{whole}"),
            "without a subject",
        ),
        (
            "nobody.yaml",
            format!("{head}id: x\nreason: r\nby: ''\nuntil: 2026-12-01\n"),
            "person is empty",
        ),
        (
            "later.yaml",
            format!("apiVersion: refit.dev/v9\nkind: Waiver\nid: x\n{whole}"),
            "refit.dev/v9",
        ),
    ] {
        desk.write(name, &text);
        desk.check(&[&base[..], &[name]].concat(), 2, &[name, words]);
    }
    desk.check(
        &[&base[..], &["none.yaml"]].concat(),
        2,
        &["none.yaml", "Waiver documents"],
    );
}
