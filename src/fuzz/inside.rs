//! What callbacks did inside, written into their bodies: each step gets the code that it answered and
//! the callbacks that it called itself. A body that did not do the same each time becomes several,
//! one after the other.

use std::collections::BTreeMap;

use super::finding::event_node;
use super::oracle::code_word;
use super::runner::Run;
use crate::generate::{Action, Body, Program};
use crate::run::trace::{Outcome, StepTrace};
use crate::scenario::Node;
use crate::scenario::plan::StepId;

/// What is written beside the steps of a body.
type Beside = Vec<Vec<(&'static str, Node)>>;

/// A body: the positions of its callback, and of the body there.
type Whose = (usize, usize);

/// Gives the steps inside callbacks what they have to expect.
pub(super) fn expect(program: &mut Program, run: &Run) {
    // In a new process every callback begins anew, so that turns say nothing.
    let begins_anew = program
        .steps
        .iter()
        .any(|step| matches!(&step.action, Action::Other(verb, _) if verb == "kill-host"));
    let mut seen = Seen::new(run);
    for step in &run.trace.steps {
        seen.visit(step);
    }
    for (callback, own) in program.callbacks.iter_mut().enumerate() {
        let bodies = std::mem::take(&mut own.bodies);
        for (body, own_body) in bodies.into_iter().enumerate() {
            let mut turns = seen.turns.remove(&(callback, body)).unwrap_or_default();
            if begins_anew {
                turns.truncate(1);
            }
            own.bodies.extend(in_turn(own_body, turns));
        }
    }
}

/// The invocations of each body, in the order in which they began.
struct Seen<'r> {
    run: &'r Run,
    /// The body that a step is in, and the position in the program's body of the step that it is of.
    places: BTreeMap<StepId, (Whose, usize)>,
    turns: BTreeMap<Whose, Vec<Beside>>,
}

impl<'r> Seen<'r> {
    fn new(run: &'r Run) -> Self {
        let mut places = BTreeMap::new();
        for (callback, planned) in run.plan.callbacks.iter().enumerate() {
            for (body, planned) in planned.bodies.iter().enumerate() {
                for step in &planned.steps {
                    // A step of the program stands on its line, whatever the plan makes of it.
                    let line = (step.place.line as usize).saturating_sub(1);
                    places.insert(step.id, ((callback, body), line));
                }
            }
        }
        Self {
            run,
            places,
            turns: BTreeMap::new(),
        }
    }

    fn visit(&mut self, step: &StepTrace) {
        for event in &step.events {
            if let Some(whose) = self.whose(&event.steps) {
                let beside = self.beside(&event.steps);
                self.turns.entry(whose).or_default().push(beside);
            }
            event.steps.iter().for_each(|inner| self.visit(inner));
        }
    }

    fn whose(&self, steps: &[StepTrace]) -> Option<Whose> {
        let (whose, _) = self.places.get(&steps.first()?.step)?;
        Some(*whose)
    }

    fn beside(&self, steps: &[StepTrace]) -> Beside {
        let mut beside = Beside::new();
        for step in steps {
            let Some((_, line)) = self.places.get(&step.step) else {
                continue;
            };
            let mut entries = Vec::new();
            if let Outcome::Returned(code) = step.outcome
                && code != 0
            {
                entries.push(("expect", Node::plain(&code_word(code))));
            }
            if !step.events.is_empty() {
                let events = step.events.iter().map(|event| event_node(self.run, event));
                entries.push(("events", Node::list(events)));
            }
            if beside.len() <= *line {
                beside.resize(*line + 1, Vec::new());
            }
            beside[*line] = entries;
        }
        beside
    }
}

/// The body as often as it did something else than the time before.
fn in_turn(body: Body, turns: Vec<Beside>) -> Vec<Body> {
    let mut groups: Vec<(Beside, u32)> = Vec::new();
    for turn in turns {
        match groups.last_mut() {
            Some((beside, times)) if *beside == turn => *times += 1,
            _ => groups.push((turn, 1)),
        }
    }
    let Some((last, _)) = groups.pop() else {
        return vec![body];
    };
    let used: u32 = groups.iter().map(|(_, times)| times).sum();
    let mut bodies: Vec<Body> = groups
        .into_iter()
        .map(|(beside, times)| Body {
            beside,
            times: Some(times),
            ..body.clone()
        })
        .collect();
    bodies.push(Body {
        beside: last,
        times: body.times.map(|times| times.saturating_sub(used)),
        ..body
    });
    bodies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_said_again_only_where_it_did_something_else() {
        let answers = |code: &str| vec![vec![("expect", Node::plain(code))]];
        let body = Body {
            times: Some(7),
            ..Body::default()
        };
        let turns = ["a", "a", "b", "a"].map(answers).to_vec();
        let bodies = in_turn(body.clone(), turns);
        let said: Vec<_> = bodies.iter().map(|own| (own.times, &own.beside)).collect();
        let (a, b) = (answers("a"), answers("b"));
        assert_eq!(said, [(Some(2), &a), (Some(1), &b), (Some(4), &a)]);
        assert_eq!(in_turn(body.clone(), Vec::new()), [body]);
    }
}
