//! The YAML format: one tree of nodes with positions, our own checks over it, write back, plan.

pub mod plan;
