//! Paths and plans: which versions in which order, and a template made specific to one landscape.
