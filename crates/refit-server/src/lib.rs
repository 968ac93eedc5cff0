//! The twin's Kubernetes endpoint; later the HTTP API and the pages.
