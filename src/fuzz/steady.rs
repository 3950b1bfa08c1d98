//! The same program does the same twice: what calls return, and how many callbacks come in them.

use super::oracle::{Broken, Kind, position_of};
use super::runner::{Bench, Run};
use crate::run::trace::{End, Outcome, StepTrace, Trace};
use crate::scenario::plan::StepId;

/// What the reference does otherwise when it runs the same plan again. Nothing is said of a run that
/// came to no end: that is a finding of its own.
pub(super) fn unsteady(bench: &mut Bench, run: &Run) -> Option<Broken> {
    if run.trace.end != End::Complete {
        return None;
    }
    let again = bench.patient_run(&run.plan);
    let step = differing(&run.trace, &again)?;
    let function = super::compare::function_of(&run.plan, step);
    Some(Broken {
        of_library: false,
        kind: Kind::Unsteady,
        what: format!("{function} does something else the second time"),
        function,
        detail: String::new(),
        step: position_of(&run.plan, step),
    })
}

/// The first step that did something else, or that only one of two runs came to.
fn differing(one: &Trace, other: &Trace) -> Option<StepId> {
    let (left, right) = (&one.steps, &other.steps);
    let both = left.iter().zip(right);
    if let Some((own, _)) = both.clone().find(|(own, other)| !is_same(own, other)) {
        return Some(own.step);
    }
    let further = left.get(both.len()).or(right.get(both.len()));
    // A process that died behind all steps did so behind the last one.
    let died = one.end != other.end;
    let last = further.or_else(|| left.last().filter(|_| died));
    last.map(|step| step.step)
}

fn is_same(one: &StepTrace, other: &StepTrace) -> bool {
    let outcomes = match (&one.outcome, &other.outcome) {
        // In words that may tell how long it took.
        (Outcome::Failed(_), Outcome::Failed(_)) => true,
        (one, other) => one == other,
    };
    one.step == other.step && outcomes && one.events.len() == other.events.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(codes: &[(u32, i32)], end: End) -> Trace {
        let steps = codes.iter().map(|(step, code)| StepTrace {
            step: StepId(*step),
            outcome: Outcome::Returned(*code),
            outputs: Vec::new(),
            events: Vec::new(),
            violations: Vec::new(),
        });
        Trace {
            steps: steps.collect(),
            end,
            ..Trace::default()
        }
    }

    fn died() -> End {
        End::Died {
            step: StepId(7),
            doing: "what follows".to_owned(),
            how: "a signal".to_owned(),
        }
    }

    #[test]
    fn the_first_difference_is_told_by_the_step_that_it_is_in() {
        // A loop does its step twice: positions in the trace are none in the plan.
        let one = trace(&[(0, 0), (5, 0), (5, 0), (7, 0)], End::Complete);
        let other = trace(&[(0, 0), (5, 0), (5, 0), (7, -1)], End::Complete);
        assert_eq!(differing(&one, &one), None);
        assert_eq!(differing(&one, &other), Some(StepId(7)));
    }

    #[test]
    fn a_run_that_goes_further_does_something_else() {
        let one = trace(&[(0, 0), (5, 0)], End::Complete);
        let other = trace(&[(0, 0)], died());
        assert_eq!(differing(&one, &other), Some(StepId(5)));
        assert_eq!(differing(&other, &one), Some(StepId(5)));
        let died = trace(&[(0, 0), (5, 0)], died());
        assert_eq!(differing(&one, &died), Some(StepId(5)));
    }

    #[test]
    fn how_long_a_step_waited_is_no_difference() {
        let waited = |limit: &str| Trace {
            steps: vec![StepTrace {
                outcome: Outcome::Failed(format!("nobody came within {limit}")),
                ..trace(&[(0, 0)], End::Complete).steps.remove(0)
            }],
            ..Trace::default()
        };
        assert_eq!(differing(&waited("2 s"), &waited("10 s")), None);
    }
}
