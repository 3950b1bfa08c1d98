//! The gate from outside: baselines, shards, merging, reports that cannot be written.

#[path = "gate/support.rs"]
mod support;

#[path = "gate/baselines.rs"]
mod baselines;
#[path = "gate/reports.rs"]
mod reports;
#[path = "gate/shards.rs"]
mod shards;
