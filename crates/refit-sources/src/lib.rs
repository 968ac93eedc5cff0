//! Decodes what others write: manifests, Helm releases, kubectl dumps, juju status.
