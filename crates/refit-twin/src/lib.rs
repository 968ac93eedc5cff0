//! A simulated landscape made of rules, in seeded virtual time.
