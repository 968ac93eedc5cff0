//! The demo: the whole line in one function, on the bundled example cluster.
//!
//! It is also the shortest way to see how the rooms fit together: read,
//! assess, find the way, plan, get a second opinion, rehearse, approve, run,
//! verify, write down.

mod remedies;

use crate::approval;
use crate::assess::{AssessRequest, assess};
use crate::bundled;
use crate::documents::to_yaml;
use crate::failure::{Failure, FailureKind};
use crate::knowing::Known;
use crate::planning::{self, PlanRequest};
use crate::progress::Narrator;
use crate::rehearsing::{rehearse, twin_for};
use crate::report::{PageContent, page, plan_markdown};
use crate::running::{self, RunReport};
use refit_executor::Ports;
use refit_knowledge::Knowledge;
use refit_model::assessment::Assessment;
use refit_model::name::{Actor, NameError};
use refit_model::plan::Hop;
use refit_model::rehearsal::Rehearsal;
use refit_model::review::Review;
use refit_model::version::{Minor, TargetVersion};
use refit_sources::ReadOptions;
use remedies::remedied;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Three minors ahead of the example cluster.
const TARGET: TargetVersion = TargetVersion::Minor(Minor::new(1, 34));

/// The seed of the twins, so that everybody sees the same demo.
const SEED: u64 = 1;

/// What a reader of the demo's page has to know.
const NOTE: &str = "The findings are of the cluster as it was found. The plan, its review and the \
rehearsal are of the same cluster after its teams acted on the objections to a first plan: a \
budget that could never open, one that could not be worked out, and a bare pod.";

/// What the demo tells while it goes on.
#[derive(Debug)]
pub enum Scene<'a> {
    /// A chapter begins.
    Chapter(&'static str),
    /// A sentence.
    Line(String),
    /// The assessment is there.
    Assessed(&'a Assessment),
    /// The way is there.
    Path(&'a [Hop]),
    /// A review is there.
    Reviewed(&'a Review),
    /// The rehearsal is there.
    Rehearsed(&'a Rehearsal),
    /// A line of the running plan; most of them are not worth a whole line.
    Running(&'a str),
    /// The run has ended.
    Ran(&'a RunReport),
}

/// What the demo leaves behind.
#[derive(Debug)]
pub struct Demo {
    /// What was written, in the order of its usefulness.
    pub written: Vec<PathBuf>,
    /// The exit code of the run that was demonstrated.
    pub exit_code: u8,
}

/// Walks the whole line and writes what it makes to `folder`.
///
/// # Errors
/// When `folder` cannot be written to; anything else is a defect.
pub async fn demo(
    folder: &Path,
    show: &mut (dyn FnMut(Scene<'_>) + Send),
) -> Result<Demo, Failure> {
    let store = prepare(folder)?;

    show(Scene::Chapter("Read the cluster"));
    let options = ReadOptions {
        watch: crate::landscape::watch(Knowledge::embedded()),
        ..ReadOptions::default()
    };
    let reading = refit_sources::read(bundled::harbour(), &options);
    let snapshot = &reading.snapshot;
    show(Scene::Line(format!(
        "{} objects of cluster {}, as of {}",
        reading.objects, snapshot.cluster.name, snapshot.taken_at
    )));

    show(Scene::Chapter("Assess it for a target three minors ahead"));
    let assessed = assess(
        &reading,
        &Known::BUILT_IN,
        &AssessRequest {
            waivers: Vec::new(),
            to: Some(TARGET),
            now: snapshot.taken_at,
            only: std::collections::BTreeSet::new(),
            baseline: None,
            roots: Vec::new(),
        },
    )?;
    show(Scene::Assessed(&assessed.assessment));

    show(Scene::Chapter("Find the way"));
    let hops = planning::path(snapshot, &TARGET, Knowledge::embedded())?;
    show(Scene::Path(&hops));

    show(Scene::Chapter(
        "Plan the first hop, and get a second opinion",
    ));
    let template = planning::template("kubeadm")?;
    let request = PlanRequest {
        target: TARGET.into(),
        parameters: BTreeMap::new(),
        hop: None,
        terms: planning::Terms::default(),
    };
    let first = planning::plan(&template, snapshot, Knowledge::embedded(), &request)?;
    let objections = planning::review(&first.plan, snapshot, Knowledge::embedded());
    show(Scene::Reviewed(&objections));

    show(Scene::Chapter(
        "The teams act on the objections, and the plan is made again",
    ));
    let (snapshot, deeds) = remedied(snapshot);
    for deed in deeds {
        show(Scene::Line(deed));
    }
    let planned = planning::plan(&template, &snapshot, Knowledge::embedded(), &request)?;
    let plan = &planned.plan;
    show(Scene::Line(format!(
        "plan {}: {} steps from {}",
        plan.content_hash.short(),
        plan.steps().count(),
        plan.spec.goal
    )));
    let review = planning::review(plan, &snapshot, Knowledge::embedded());
    show(Scene::Reviewed(&review));

    show(Scene::Chapter("Rehearse the very plan on a digital twin"));
    let rehearsal = rehearse(plan, &snapshot, Knowledge::embedded(), SEED)?;
    show(Scene::Rehearsed(&rehearsal));

    show(Scene::Chapter(
        "Approve it, and run it with the journal in SQLite (against a twin)",
    ));
    let person = actor("demo")?;
    let journal = running::open_store(&store).await?;
    let twin = twin_for(plan, &snapshot, SEED)?;
    approval::approve(
        &journal,
        plan,
        &snapshot,
        &review,
        &person,
        approval::Proof::Name,
        snapshot.taken_at,
    )
    .await?;
    let report = {
        let mut narrator = Narrator::new(plan, |line: &str| show(Scene::Running(line)));
        let ports = Ports {
            world: &twin,
            journal: &journal,
            clock: &twin,
        };
        running::run(plan, ports, &person, &mut |recorded| {
            narrator.hear(recorded);
        })
        .await?
    };
    show(Scene::Ran(&report));
    journal.close().await;

    show(Scene::Chapter("Write it down"));
    let report_page = page(&PageContent {
        assessment: &assessed.assessment,
        hops: &hops,
        plan: Some((plan, &planned.report)),
        review: Some(&review),
        rehearsal: Some(&rehearsal),
        note: Some(NOTE),
    })?;
    let written = vec![
        write(folder, "report.html", &report_page)?,
        write(folder, "plan.md", &plan_markdown(plan, &planned.report))?,
        write(folder, "plan.yaml", &to_yaml(plan)?)?,
        store,
    ];
    Ok(Demo {
        written,
        exit_code: report.exit_code(),
    })
}

/// Makes the folder, and clears away the journal of an earlier demo: the same
/// plan is run again, and a run that has ended is not begun twice.
fn prepare(folder: &Path) -> Result<PathBuf, Failure> {
    let refuse = |error: std::io::Error| {
        Failure::new(
            FailureKind::Usage,
            format!("could not write to {}", folder.display()),
        )
        .because(error)
        .hint("`--output DIR` names another folder")
    };
    std::fs::create_dir_all(folder).map_err(refuse)?;
    let store = folder.join("journal.db");
    for ending in ["", "-wal", "-shm"] {
        let old = folder.join(format!("journal.db{ending}"));
        match std::fs::remove_file(&old) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(refuse(error)),
        }
    }
    Ok(store)
}

fn write(folder: &Path, name: &str, text: &str) -> Result<PathBuf, Failure> {
    let path = folder.join(name);
    std::fs::write(&path, text).map_err(|error| {
        Failure::new(
            FailureKind::Usage,
            format!("could not write {}", path.display()),
        )
        .because(error)
    })?;
    Ok(path)
}

fn actor(name: &str) -> Result<Actor, Failure> {
    Actor::new(name).map_err(|error: NameError| {
        Failure::new(FailureKind::Broken, "could not name who acts").because(error)
    })
}
