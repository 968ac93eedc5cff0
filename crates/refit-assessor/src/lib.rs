//! From a snapshot, the knowledge and a target to findings and coverage.
