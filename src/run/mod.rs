//! Runs a plan against an `Api` and writes the trace.

pub mod trace;
