//! Snapshots from live systems and the real World.
