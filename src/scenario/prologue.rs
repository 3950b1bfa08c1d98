//! What a fixture leaves to the case that follows it: lowered once, taken by every scenario that begins
//! alike.

use rustc_hash::{FxHashMap, FxHashSet};

use super::lower::{Budget, Label, Lowering, Signal, Used};
use super::names::Names;
use super::plan::Step;

/// What a fixture leaves.
#[derive(Debug)]
pub(super) struct Prologue {
    steps: Vec<Step>,
    names: Names,
    used: Used,
    labels: FxHashMap<String, Label>,
    signals: Vec<Signal>,
    remembered: FxHashSet<String>,
    next_step: u32,
    budget: Budget,
}

/// For how many steps of the case room is made.
const MORE: usize = 32;

impl Lowering<'_> {
    /// What its fixture leaves, for other scenarios with the same fixture and with callbacks and
    /// threads of the same names; `None` where it has a fault.
    pub fn prologue(&self, steps: &[Step]) -> Option<Prologue> {
        self.faults.is_empty().then(|| Prologue {
            steps: steps.to_vec(),
            names: self.names.clone(),
            used: self.used.clone(),
            labels: self.labels.clone(),
            signals: self.signals.clone(),
            remembered: self.remembered.clone(),
            next_step: self.next_step,
            budget: self.budget,
        })
    }

    /// As [`fixture`](Self::fixture), of what the same one has left to another scenario.
    pub fn go_on(&mut self, left: &Prologue) -> Vec<Step> {
        self.names.clone_from(&left.names);
        self.used.clone_from(&left.used);
        self.labels.clone_from(&left.labels);
        self.signals.clone_from(&left.signals);
        self.remembered.clone_from(&left.remembered);
        (self.next_step, self.budget) = (left.next_step, left.budget);
        let mut steps = Vec::with_capacity(left.steps.len() + MORE);
        steps.extend_from_slice(&left.steps);
        steps
    }
}
