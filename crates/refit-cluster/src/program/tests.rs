use super::*;
use serde_json::json;

fn program(words: &[&str], keep: Option<&str>) -> Look {
    Look::Program {
        run: Words::new(words.iter().copied()).unwrap(),
        on: None,
        prints: refit_model::look::Printing::Any,
        ends: Vec::new(),
        keep: keep.map(|text| text.parse().unwrap()),
    }
}

#[tokio::test]
async fn looking_through_programs() {
    let shown = look_through(&program(&["echo", r#"[{"status": "deployed"}]"#], None)).await;
    assert_eq!(
        shown.shown.get().unwrap().out,
        json!([{"status": "deployed"}])
    );
    let shown = look_through(&program(&["sh", "-c", "echo no >&2; exit 3"], None)).await;
    let shown = shown.shown.get().unwrap();
    assert_eq!((shown.code, shown.err.as_str()), (3, "no"));
    let shown = look_through(&program(&["refit-no-such-program"], None)).await;
    let Seen::Gap(Unseen::Failed(why)) = shown.shown else {
        panic!("{shown:?}");
    };
    assert!(why.starts_with("refit-no-such-program could not be started"));
}

#[tokio::test]
async fn a_program_gets_no_more_than_it_needs() {
    // Set by cargo for every test, and no business of a program.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    let shown = look_through(&program(&["env"], None)).await;
    let out = shown.shown.get().unwrap().out.to_string();
    assert!(out.contains("PATH=") && !out.contains("CARGO"), "{out}");
}

#[tokio::test]
async fn looking_into_files() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("values.yml");
    let look_at = |keep: &str| Look::File {
        path: Word::new(path.to_str().unwrap()).unwrap(),
        keep: Some(keep.parse().unwrap()),
    };
    let missing = look_through(&Look::File {
        path: Word::new(path.to_str().unwrap()).unwrap(),
        keep: None,
    })
    .await;
    assert_eq!(missing.shown.get().unwrap().code, 1);
    // A release that nobody quoted is a number, and not the same one.
    std::fs::write(&path, "global: {image: {tag: 2024.10}}\nsecret: hunter2\n").unwrap();
    let found = look_through(&look_at("string(type(out.global.image.tag))")).await;
    assert!(!format!("{found:?}").contains("hunter2"));
    let found = look_through(&look_at("out.global.image.tag")).await;
    assert_eq!(found.shown.get().unwrap().out, json!(2024.1));
}

#[tokio::test]
async fn what_a_program_leaves_running_ends_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pid");
    // The child keeps the pipe open: it would be waited for without the limit.
    let script = format!("sleep 300 & echo $! > {}", file.display());
    let command = Command::of(["sh", "-c", &script]);
    let ended = execute(
        &command,
        Duration::from_secs(2),
        &Surroundings::of_this_process(),
    )
    .await;
    assert!(matches!(ended, Err(Broken::TimedOut)));
    let id = std::fs::read_to_string(&file).unwrap();
    // Gone, or dead and not yet taken notice of by whoever inherited it.
    let is_dead = || {
        let status = std::fs::read_to_string(format!("/proc/{}/stat", id.trim()));
        status.map_or(true, |status| status.contains(") Z "))
    };
    let limit = std::time::Instant::now() + Duration::from_secs(20);
    while !is_dead() && std::time::Instant::now() < limit {
        tokio::task::yield_now().await;
    }
    assert!(is_dead(), "process {id} still runs");
}

#[tokio::test]
async fn what_is_captured_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("values.yml");
    std::fs::write(&path, "older and longer than what comes").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    write(&path, b"secret").unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"secret");
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
