//! Runs a plan durably: a pure decision core, an async driver, and the ports it works through.
