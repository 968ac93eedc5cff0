//! Where a use case looks: at files, or at a live cluster.

use crate::failure::{Failure, FailureKind};
use crate::input::read_paths;
use refit_cluster::LiveWorld;
pub use refit_cluster::{ConnectOptions, HelmReleases, Read, Reads, reads};
use refit_executor::ports::World as _;
use refit_model::query::Query;
pub use refit_sources::Note;
use refit_sources::{ReadOptions, Reading};
use std::path::PathBuf;

/// Where to look.
#[derive(Clone, Debug)]
pub enum Landscape {
    /// At files and folders; `-` is standard input.
    Files {
        /// The paths.
        paths: Vec<PathBuf>,
        /// What to call the cluster when the files do not identify it.
        cluster_name: Option<String>,
    },
    /// At the cluster that a kubeconfig names.
    Live(ConnectOptions),
}

/// Looks at `landscape`.
///
/// # Errors
/// When there is nothing to read, or nothing to talk to.
pub async fn look(landscape: &Landscape) -> Result<Reading, Failure> {
    match landscape {
        Landscape::Files {
            paths,
            cluster_name,
        } => read_paths(
            paths,
            &ReadOptions {
                cluster_name: cluster_name.clone(),
                taken_at: None,
            },
        ),
        Landscape::Live(options) => {
            let world = connect(options).await?;
            let snapshot = world.observe(&Query::Everything).await;
            let objects = snapshot.kubernetes.as_ref().map_or(0, |kubernetes| {
                kubernetes.nodes.items.len()
                    + kubernetes.pods.items.len()
                    + kubernetes.workloads.items.len()
                    + kubernetes.budgets.items.len()
                    + kubernetes.webhooks.items.len()
                    + kubernetes.definitions.items.len()
                    + kubernetes.services.items.len()
            });
            Ok(Reading {
                snapshot,
                objects,
                documents: 0,
                notes: Vec::new(),
            })
        }
    }
}

/// Connects to the cluster that a kubeconfig names.
///
/// # Errors
/// When there is no such file or context, or no cluster answers.
pub async fn connect(options: &ConnectOptions) -> Result<LiveWorld, Failure> {
    LiveWorld::connect(options).await.map_err(|error| {
        Failure::new(FailureKind::Usage, "could not connect to the cluster")
            .because(error)
            .hint("`kubectl config get-contexts` lists what the kubeconfig holds")
            .hint("`-f DIR` assesses files instead: no cluster is needed")
    })
}
