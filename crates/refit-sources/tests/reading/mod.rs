//! Reading one text, for tests of what comes out.

use refit_model::kubernetes::Kubernetes;
use refit_sources::{ReadOptions, Reading, SourceFile, read};

/// What one file shows.
pub(crate) fn one(name: &str, text: &str) -> Reading {
    let file = SourceFile {
        name: name.to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    read([file], &ReadOptions::default())
}

/// The Kubernetes side of a reading.
pub(crate) fn kubernetes(reading: &Reading) -> &Kubernetes {
    reading.snapshot.kubernetes.as_ref().unwrap()
}
