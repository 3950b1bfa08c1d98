//! The scenarios and fixtures that the program carries, as they were when it was built.

/// Scenario and fixture files: (name, text).
pub const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/carried_scenarios.rs"));
