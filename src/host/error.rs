//! Why no host can be had, and how a plan ends for want of one.

use std::io;

use crate::reference::control::STAMP;
use crate::run::trace::End;
use crate::scenario::plan::{Plan, StepId};

/// Why no host can be had.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The system did not start it.
    #[error("{program}: cannot be started as a host process: {error}")]
    Start {
        /// The first word of the command.
        program: String,
        /// What the system says.
        error: io::Error,
    },
    /// The streams to it broke, or its folder cannot be made.
    #[error("the host process cannot be used: {0}")]
    Process(#[from] io::Error),
    /// The library cannot be used.
    #[error("{0}")]
    Library(String),
    /// It died while it was loading the library.
    #[error("the host process died while it was loading the library: {how}\n{stderr}")]
    DiedLoading {
        /// How it died.
        how: String,
        /// What it wrote to standard error.
        stderr: String,
    },
    /// It did not come to an end of loading the library.
    #[error("the library did not load within {limit_ms} ms\n{stderr}")]
    LoadsForEver {
        /// The limit in milliseconds.
        limit_ms: u64,
        /// What it wrote to standard error.
        stderr: String,
    },
    /// It ended, or went on for too long, before it said anything.
    #[error("the host process said nothing: {how}\n{stderr}")]
    Silent {
        /// How it ended.
        how: String,
        /// What it wrote to standard error.
        stderr: String,
    },
    /// It is of another build.
    #[error("the host is of another build ({theirs}, this is {STAMP}): build both together")]
    Stamp {
        /// Its stamp.
        theirs: String,
    },
    /// The program was asked to end.
    #[error("the run was interrupted")]
    Interrupted,
}

impl HostError {
    /// How a plan ends that cannot begin, and what was on standard error. The library is blamed for
    /// what happens while it loads, and for nothing else.
    pub fn end(&self, plan: &Plan) -> (End, String) {
        let step = plan.steps.first().map_or(StepId(0), |step| step.id);
        let doing = "the loading of the library".to_owned();
        match self {
            HostError::DiedLoading { how, stderr } => {
                let how = how.clone();
                (End::Died { step, doing, how }, stderr.clone())
            }
            HostError::LoadsForEver { limit_ms, stderr } => {
                let limit_ms = *limit_ms;
                let end = End::TimedOut {
                    step,
                    doing,
                    limit_ms,
                };
                (end, stderr.clone())
            }
            other => {
                let reason = other.to_string();
                (End::Broken { step: None, reason }, String::new())
            }
        }
    }
}
