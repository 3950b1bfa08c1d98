//! Runs a plan against an `Api` and writes the trace.
//!
//! `execute` does the steps and keeps a `journal` of raw records; `render` makes the trace of
//! it. Callbacks come in through the trampolines of `callbacks`, memory is guarded by `memory`.

mod block;
pub(crate) mod callbacks;
mod calls;
mod engine_arrays;
#[cfg(test)]
pub(crate) mod example;
mod execute;
#[cfg(test)]
mod execute_tests;
#[cfg(test)]
pub(crate) mod fake;
mod files;
#[cfg(test)]
mod files_tests;
mod image;
mod invocation;
mod invocations;
mod journal;
mod killed;
mod memory;
mod module;
mod module_exports;
mod names;
mod prepare;
mod prepared;
pub(crate) mod quarantine;
mod realloc;
mod refusal;
mod render;
mod shapes;
mod show;
mod stacks;
mod state;
mod threads;
pub mod trace;

pub(crate) use calls::Called;
pub use execute::{Resume, run};
pub(crate) use execute::{die, execute};
pub use journal::Sink;
pub use prepare::PlanError;
pub(crate) use render::Renderer;
pub(crate) use state::Surroundings;
pub use state::{Held, Limits};
