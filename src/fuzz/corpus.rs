//! The programs that a campaign begins with, and what the reference does with each.

use std::sync::OnceLock;

use super::runner::{Bench, Known};
use crate::generate::Program;

/// Programs, in the order of the suite.
#[derive(Debug, Default)]
pub struct Corpus {
    programs: Vec<Program>,
    /// What the reference does with each; `None` for what is no scenario.
    known: Vec<OnceLock<Option<Known>>>,
}

impl Corpus {
    /// A corpus of these programs.
    pub fn new(programs: Vec<Program>) -> Self {
        let known = programs.iter().map(|_| OnceLock::new()).collect();
        Self { programs, known }
    }

    /// The programs.
    pub fn programs(&self) -> &[Program] {
        &self.programs
    }

    /// A program with what the reference does with it. All campaigns that share the corpus have one
    /// profile.
    pub(super) fn known(&self, place: usize, bench: &mut Bench) -> Option<(&Program, &Known)> {
        let program = self.programs.get(place)?;
        let known = self.known.get(place)?.get_or_init(|| bench.know(program));
        known.as_ref().map(|known| (program, known))
    }
}
