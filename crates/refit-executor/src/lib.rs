//! Runs a plan durably: a pure decision core, an async driver, and the ports it
//! works through.
//!
//! The same core carries out a real run and a rehearsal; there is no second
//! interpreter of plans. What differs is what stands behind the ports.

pub mod ports;
