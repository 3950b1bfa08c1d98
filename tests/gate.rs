//! The gate from outside: baselines, shards, merging, runs gone on with, reports that cannot be
//! written.

#[path = "gate/small.rs"]
mod small;
#[path = "gate/support.rs"]
mod support;

#[path = "gate/baselines.rs"]
mod baselines;
#[path = "gate/damaged.rs"]
mod damaged;
#[path = "gate/foreign.rs"]
mod foreign;
#[path = "gate/functions.rs"]
mod functions;
#[path = "gate/one_file.rs"]
mod one_file;
#[path = "gate/reports.rs"]
mod reports;
#[path = "gate/resuming.rs"]
mod resuming;
#[path = "gate/shards.rs"]
mod shards;
#[cfg(unix)]
#[path = "gate/workflow.rs"]
mod workflow;
