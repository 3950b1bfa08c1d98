//! Every step of a plan by its number, bodies of callbacks and loops included.

use super::plan::{Action, Plan, Step, StepId};

/// The steps of a plan by number.
#[derive(Debug)]
pub struct StepIndex<'p> {
    steps: Vec<Option<&'p Step>>,
}

impl<'p> StepIndex<'p> {
    /// Finds every step of the plan.
    pub fn new(plan: &'p Plan) -> Self {
        let mut index = Self {
            steps: Vec::with_capacity(plan.steps.len()),
        };
        index.add(&plan.steps);
        for body in plan.callbacks.iter().flat_map(|callback| &callback.bodies) {
            index.add(&body.steps);
        }
        index
    }

    /// The step of that number; a trace from elsewhere may name one that the plan lacks.
    pub fn get(&self, id: StepId) -> Option<&'p Step> {
        self.steps.get(id.0 as usize).copied().flatten()
    }

    /// Every step, in order of number.
    pub fn iter(&self) -> impl Iterator<Item = &'p Step> {
        self.steps.iter().copied().flatten()
    }

    fn add(&mut self, steps: &'p [Step]) {
        for step in steps {
            let place = step.id.0 as usize;
            // They are mostly numbered in their order.
            match self.steps.get_mut(place) {
                Some(slot) => *slot = Some(step),
                None => {
                    self.steps.resize(place, None);
                    self.steps.push(Some(step));
                }
            }
            if let Action::Repeat { steps, .. } = &step.action {
                self.add(steps);
            }
        }
    }
}
