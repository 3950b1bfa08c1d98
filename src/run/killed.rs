//! A host that kills itself: what the trace holds of what it was inside of, and where a new host
//! goes on.

use crate::scenario::plan::{Action, Step, StepId};

use super::execute::Resume;
use super::render::Renderer;
use super::stacks::Frame;
use super::trace::{Outcome, StepTrace};

impl Renderer<'_> {
    /// Whether the records end with the announcement that the host kills itself; then how many of the
    /// outermost steps are behind, that in which it does included.
    pub(crate) fn killed_itself(&self) -> Option<usize> {
        let killer = |stack: &Vec<Frame>| match stack.last() {
            Some(Frame::Step { step, .. }) => self.shapes.get(*step).is_some_and(|s| s.kills()),
            _ => false,
        };
        if !self.stacks.0.iter().any(killer) {
            return None;
        }
        let position = |wanted: u32| {
            let mut steps = self.plan.steps.iter();
            steps.position(|step| contains(step, wanted))
        };
        match self.stacks.get(0).first() {
            Some(Frame::Step { step, .. }) => Some(position(*step)? + 1),
            Some(Frame::Callback(_)) => None,
            // Another thread did it while the main thread was between two steps.
            None => {
                let ended = self.trace.steps.iter();
                let last = ended.filter_map(|step| position(step.step.0)).max();
                Some(last.map_or(0, |last| last + 1))
            }
        }
    }

    /// Goes on in a new host after the host has killed itself, with so many of the outermost steps
    /// behind.
    pub(crate) fn resume(&mut self, done: usize) -> Resume {
        self.cut_off.clear();
        // The main thread last: it may be inside the operation that another thread was told about.
        let seen = u8::try_from(self.stacks.0.len()).unwrap_or(u8::MAX);
        for thread in (0..=seen).rev() {
            self.unwind(thread);
        }
        self.names.close_all();
        Resume {
            done,
            variables: self.held.clone(),
            digests: self.digests.clone().into_iter().collect(),
        }
    }

    /// Ends what a thread was inside of when the host was killed.
    fn unwind(&mut self, thread: u8) {
        while let Some(frame) = self.stack(thread).pop() {
            match frame {
                Frame::Callback(event) => self.end_event(thread, event),
                Frame::Step { step, events } => {
                    let shape = self.shapes.get(step);
                    let begun = shape.and_then(|shape| self.shapes.joins(shape));
                    if let Some(mut trace) = begun.and_then(|begun| self.returned.remove(&begun)) {
                        trace.step = StepId(step);
                        self.attach(thread, trace);
                        continue;
                    }
                    let trace = StepTrace {
                        step: StepId(step),
                        outcome: match shape.is_some_and(|shape| shape.kills()) {
                            true => Outcome::Done,
                            false => Outcome::Killed,
                        },
                        outputs: Vec::new(),
                        events,
                        violations: Vec::new(),
                    };
                    match shape.is_some_and(|shape| shape.begins()) {
                        true => drop(self.returned.insert(step, trace)),
                        false => self.attach(thread, trace),
                    }
                }
            }
        }
    }
}

/// Whether a step is that one, or a loop around it.
fn contains(step: &Step, wanted: u32) -> bool {
    match &step.action {
        Action::Repeat { steps, .. } => steps.iter().any(|inner| contains(inner, wanted)),
        _ => step.id.0 == wanted,
    }
}
