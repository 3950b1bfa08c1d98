//! From programs to plans.

use super::fixtures;
use super::program::Program;
use crate::abi::Form;
use crate::scenario::plan::Plan;
use crate::scenario::{Fault, Workshop};

/// Lowers programs, by the code that lowers every scenario, over fixtures that are read once.
#[derive(Debug)]
pub struct Foundry {
    workshop: Workshop,
}

impl Foundry {
    /// # Errors
    /// The faults of a fixture; the tests hold that there are none.
    pub fn new() -> Result<Self, Vec<Fault>> {
        let workshop = Workshop::new(fixtures::TEXTS.iter().copied())?;
        Ok(Self { workshop })
    }

    /// The plan of a program.
    ///
    /// # Errors
    /// What the format refuses: a program from which a step was taken that others depend on.
    pub fn plan(&self, program: &Program) -> Result<Plan, Vec<Fault>> {
        match program.made("made") {
            Some(made) => self.workshop.plan_made(made),
            None => self.plan_as_written(program),
        }
    }

    /// The same by way of the scenario that it is written as.
    ///
    /// # Errors
    /// As [`plan`](Self::plan).
    pub fn plan_as_written(&self, program: &Program) -> Result<Plan, Vec<Fault>> {
        let form = match program.wide {
            true => Form::Wide,
            false => Form::Narrow,
        };
        self.workshop.plan(program.node("made"), form)
    }
}
