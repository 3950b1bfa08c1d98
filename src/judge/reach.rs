//! What a run reached of what its case covers: a step in the body of a callback that never fires
//! proves nothing, whatever it names.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::run::trace::{StepTrace, Trace};
use crate::scenario::StepIndex;
use crate::scenario::plan::{Action, Part, Place, Plan, Step, StepId};

/// What one run of a case reached.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// The requirement ids that its steps named, in order.
    pub covers: Vec<String>,
    /// The covering steps that were done.
    pub done: BTreeSet<Place>,
    /// The covering steps of callback bodies that were not, with what they name.
    pub missed: Vec<(Place, Vec<String>)>,
}

/// What a run reached.
pub fn reach(plan: &Plan, trace: &Trace) -> Reach {
    let mut done = BTreeSet::new();
    collect(&trace.steps, &mut done);
    for stray in &trace.strays {
        collect(&stray.steps, &mut done);
    }
    let mut reach = Reach::default();
    let mut covers = BTreeSet::new();
    let covering =
        |step: &&Step| !is_control(step) && !matches!(step.action, Action::Repeat { .. });
    for step in StepIndex::new(plan).iter().filter(covering) {
        if done.contains(&step.id) {
            covers.extend(step.expect.covers.iter().cloned());
            reach.done.insert(step.place.clone());
        } else {
            let missed = (step.place.clone(), step.expect.covers.clone());
            reach.missed.push(missed);
        }
    }
    reach.covers = covers.into_iter().collect();
    reach
}

/// The covering steps that none of the runs of one scenario reached.
pub fn never_reached<'r>(
    reaches: impl Iterator<Item = &'r Reach> + Clone,
) -> Vec<&'r (Place, Vec<String>)> {
    let done: BTreeSet<&Place> = reaches.clone().flat_map(|reach| &reach.done).collect();
    let mut seen = BTreeSet::new();
    reaches
        .flat_map(|reach| &reach.missed)
        .filter(|(place, _)| !done.contains(place) && seen.insert(place))
        .collect()
}

/// Whether a step only prepares or guards what the case is about.
pub(super) fn is_control(step: &Step) -> bool {
    step.part == Part::Fixture || step.expect.covers.is_empty()
}

fn collect(steps: &[StepTrace], done: &mut BTreeSet<StepId>) {
    for step in steps {
        done.insert(step.step);
        for event in &step.events {
            collect(&event.steps, done);
        }
    }
}
