//! The library's trace held against the reference's, where no expectation has spoken: the first
//! difference, and a short diff of the two around it.

use serde::{Deserialize, Serialize};
use similar::TextDiff;

use super::matching::output;
use super::render::{Lines, event_argument};
use super::sequence::{REASONS, assign, on_thread};
use super::words::{code, render_value};
use crate::run::trace::{Event, Outcome, StepTrace, Trace, Value};
use crate::scenario::StepIndex;
use crate::scenario::plan::{
    Codes, EventExpectation, Expected, Plan, Profile, Step, StepId, Times,
};

/// How many steps are shown on each side of a difference.
const CONTEXT_STEPS: usize = 3;
/// How many lines of a diff are shown.
const DIFF_LINES: usize = 40;
/// How many steps of a long trace are kept before the difference, and how many after it.
const KEPT_STEPS: (usize, usize) = (60, 20);
/// How many lines of a trace are kept.
const KEPT_LINES: usize = 1000;

/// The first thing that a library does otherwise than the reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The step; a nested one where the difference is inside a callback.
    pub step: StepId,
    /// What differs.
    pub what: String,
    /// What the reference shows.
    pub reference: String,
    /// What the library shows.
    pub library: String,
}

/// The first difference of two traces that both keep every expectation of the plan.
pub fn first_difference(
    plan: &Plan,
    profile: Profile,
    reference: &Trace,
    library: &Trace,
) -> Option<Difference> {
    first_difference_but(plan, profile, reference, library, &Leave::default())
}

/// The same, with more or less left aside.
pub fn first_difference_but(
    plan: &Plan,
    profile: Profile,
    reference: &Trace,
    library: &Trace,
    leave: &Leave<'_>,
) -> Option<Difference> {
    let comparer = Comparer {
        steps: StepIndex::new(plan),
        profile,
        leave,
    };
    comparer.steps(&reference.steps, &library.steps)
}

/// What a comparison leaves aside.
#[derive(Clone, Copy)]
pub struct Leave<'l> {
    /// Whether what differs there, in a step and under a name, is passed over.
    pub aside: &'l dyn Fn(StepId, &str) -> bool,
    /// Whether the documents promise outputs of that step although it fails.
    pub failed_outputs: &'l dyn Fn(&Step) -> bool,
}

impl Default for Leave<'_> {
    fn default() -> Self {
        Self {
            aside: &|_, _| false,
            failed_outputs: &|_| false,
        }
    }
}

struct Comparer<'p> {
    steps: StepIndex<'p>,
    profile: Profile,
    leave: &'p Leave<'p>,
}

impl Comparer<'_> {
    fn steps(&self, reference: &[StepTrace], library: &[StepTrace]) -> Option<Difference> {
        let pairs = reference.iter().zip(library);
        let first = pairs
            .filter(|(reference, library)| reference != library)
            .find_map(|(reference, library)| self.step(reference, library));
        first.or_else(|| {
            let shared = reference.len().min(library.len());
            let longer = if reference.len() > shared {
                reference
            } else {
                library
            };
            let extra = longer.get(shared)?;
            let count = |steps: &[StepTrace]| format!("{} steps", steps.len());
            self.found(extra.step, "steps", count(reference), count(library))
        })
    }

    fn is_aside(&self, step: StepId, kind: &str, path: &str) -> bool {
        (self.leave.aside)(step, &[kind, path].concat())
    }

    /// A difference, unless it is left aside.
    fn found(
        &self,
        step: StepId,
        what: &str,
        reference: String,
        library: String,
    ) -> Option<Difference> {
        let aside = (self.leave.aside)(step, what);
        (!aside).then(|| difference(step, what, reference, library))
    }

    fn step(&self, reference: &StepTrace, library: &StepTrace) -> Option<Difference> {
        let step = self.steps.get(reference.step)?;
        if reference.step != library.step {
            let number = |trace: &StepTrace| format!("step {}", trace.step.0);
            return Some(difference(
                step.id,
                "order of steps",
                number(reference),
                number(library),
            ));
        }
        if let Some(difference) = self.error(step, reference, library) {
            return Some(difference);
        }
        // Where several codes are allowed, the outputs of one say nothing about those of another.
        let same_outcome = reference.outcome == library.outcome;
        let outputs = same_outcome
            .then(|| self.outputs(step, reference, library))
            .flatten();
        outputs.or_else(|| self.events(step, &reference.events, &library.events))
    }

    /// Where the documents do not say with which error a call fails, the reference's is the one that
    /// the published engine was seen to give.
    fn error(&self, step: &Step, reference: &StepTrace, library: &StepTrace) -> Option<Difference> {
        let any_error = *step.expect.code.of(self.profile) == Codes::Error;
        let codes = (&reference.outcome, &library.outcome);
        let (&Outcome::Returned(wanted), &Outcome::Returned(seen)) = codes else {
            return None;
        };
        let differs = any_error && wanted != seen;
        differs.then(|| difference(step.id, "error", code(wanted), code(seen)))
    }

    fn outputs(
        &self,
        step: &Step,
        reference: &StepTrace,
        library: &StepTrace,
    ) -> Option<Difference> {
        let failed = matches!(library.outcome, Outcome::Returned(code) if code < 0)
            && !(self.leave.failed_outputs)(step);
        let spoken = |name: &str| {
            step.expect.outputs.iter().any(|expectation| {
                expectation.name == name || expectation.name.starts_with(&format!("{name}."))
            })
        };
        reference.outputs.iter().find_map(|(name, value)| {
            let seen = output(&library.outputs, name).unwrap_or(&Value::Untouched);
            // A failed call leaves its outputs undefined, unless the documents say more; then the
            // scenario does too.
            if seen == value || spoken(name) || failed {
                return None;
            }
            let aside = |path: &str| (self.leave.aside)(step.id, path);
            let (path, value, seen) = differing(name, value, seen, &aside)?;
            let (reference, library) = (render_value(value), render_value(seen));
            self.found(step.id, &path, reference, library)
        })
    }

    fn events(&self, step: &Step, reference: &[Event], library: &[Event]) -> Option<Difference> {
        let wanted = step.expect.events.of(self.profile);
        if wanted.iter().any(|wanted| wanted.times != Times::default()) {
            return self.sequences(step, wanted, reference, library);
        }
        if reference.len() != library.len() {
            let count = |events: &[Event]| format!("{} callbacks", events.len());
            return self.found(step.id, "callbacks", count(reference), count(library));
        }
        reference
            .iter()
            .zip(library)
            .enumerate()
            .filter(|(_, (reference, library))| reference != library)
            .find_map(|(index, (reference, library))| {
                self.event(step, wanted.get(index), reference, library)
            })
    }

    /// Where expectations say how often: of those that leave it open, the first events are compared.
    fn sequences(
        &self,
        step: &Step,
        wanted: &[EventExpectation],
        reference: &[Event],
        library: &[Event],
    ) -> Option<Difference> {
        let is = |wanted: &EventExpectation, event: &Event| {
            may_be(wanted, event) && on_thread(wanted, event, step)
        };
        let places = |events| assign(wanted, events, is);
        let (ours, theirs) = (places(reference)?, places(library)?);
        wanted.iter().enumerate().find_map(|(place, wanted)| {
            let of = |places: &[usize]| -> Vec<usize> {
                let numbers = (0..places.len()).filter(|number| places[*number] == place);
                match wanted.times {
                    Times::Exactly(_) => numbers.collect(),
                    _ => numbers.take(1).collect(),
                }
            };
            let pairs = of(&ours).into_iter().zip(of(&theirs));
            pairs
                .filter(|(ours, theirs)| reference[*ours] != library[*theirs])
                .find_map(|(ours, theirs)| {
                    self.event(step, Some(wanted), &reference[ours], &library[theirs])
                })
        })
    }

    fn event(
        &self,
        step: &Step,
        wanted: Option<&EventExpectation>,
        reference: &Event,
        library: &Event,
    ) -> Option<Difference> {
        let spoken = |path: &str| {
            wanted.is_some_and(|wanted| {
                let arguments = wanted.arguments.iter().map(|(spoken, _)| spoken);
                let courses = wanted.courses.iter().map(|(spoken, _)| spoken);
                arguments.chain(courses).any(|spoken| spoken == path)
            })
        };
        let argument = reference.arguments.iter().find_map(|(name, value)| {
            let seen = output(&library.arguments, name).unwrap_or(&Value::Untouched);
            let passed =
                |path: &str| spoken(path) || self.is_aside(step.id, "callback argument ", path);
            let (path, value, seen) = differing(name, value, seen, &passed)?;
            let show = |value| event_argument(name, value);
            let what = format!("callback argument {path}");
            self.found(step.id, &what, show(value), show(seen))
        });
        let thread = || {
            let silent = wanted.is_none_or(|wanted| wanted.same_thread.is_none());
            let differs = silent && reference.thread != library.thread;
            let show = |event: &Event| format!("{:?}", event.thread);
            let what = "thread of the callback";
            differs
                .then(|| self.found(step.id, what, show(reference), show(library)))
                .flatten()
        };
        argument
            .or_else(thread)
            .or_else(|| self.steps(&reference.steps, &library.steps))
    }
}

/// Where two values differ in a part that nothing is said of: its path, and both.
fn differing<'v>(
    path: &str,
    reference: &'v Value,
    library: &'v Value,
    spoken: &impl Fn(&str) -> bool,
) -> Option<(String, &'v Value, &'v Value)> {
    if reference == library || spoken(path) {
        return None;
    }
    let (Value::Structure(ours), Value::Structure(theirs)) = (reference, library) else {
        return Some((path.to_owned(), reference, library));
    };
    if ours.len() != theirs.len() {
        return Some((path.to_owned(), reference, library));
    }
    let fields = ours.iter().zip(theirs);
    let mut parts = fields.map(|((name, ours), (_, theirs))| {
        differing(&format!("{path}.{name}"), ours, theirs, spoken)
    });
    parts.find_map(|part| part)
}

/// Whether an event may be the one that is expected, as far as numbers tell: that it is has been
/// judged before.
fn may_be(wanted: &EventExpectation, event: &Event) -> bool {
    let reasons = wanted
        .arguments
        .iter()
        .filter(|(name, _)| REASONS.contains(&name.as_str()));
    let mut kept =
        reasons.map(
            |(name, expected)| match (expected, output(&event.arguments, name)) {
                (Expected::Number(number), Some(Value::Number(seen))) => *number as i64 == *seen,
                _ => true,
            },
        );
    wanted.callback == event.callback && kept.all(|kept| kept)
}

fn difference(step: StepId, what: &str, reference: String, library: String) -> Difference {
    Difference {
        step,
        what: what.to_owned(),
        reference,
        library,
    }
}

/// A short diff of the two traces, a few steps around a step (the whole end where there is none).
pub fn difference_text(
    plan: &Plan,
    reference: &Trace,
    library: &Trace,
    around: Option<StepId>,
) -> String {
    let lines = Lines::new(plan);
    let position = first_unequal(reference, library, around);
    let render = |trace: &Trace| {
        let mut text = Vec::new();
        let from = position.saturating_sub(CONTEXT_STEPS);
        for step in trace.steps.iter().skip(from).take(2 * CONTEXT_STEPS + 1) {
            lines.step(step, 0, &mut text);
        }
        if trace.steps.len() <= position + CONTEXT_STEPS + 1 {
            for stray in &trace.strays {
                lines.event(stray, 0, &mut text);
            }
            text.extend(lines.end(&trace.end));
        }
        text.push(String::new());
        text.join("\n")
    };
    let (reference, library) = (render(reference), render(library));
    if reference == library {
        return String::new();
    }
    let diff = TextDiff::from_lines(&reference, &library)
        .unified_diff()
        .context_radius(CONTEXT_STEPS)
        .header("reference", "library")
        .to_string();
    shorten(&diff)
}

/// Two traces of one case as text, one line for each thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traces {
    /// What the reference did.
    pub reference: String,
    /// What the library did.
    pub library: String,
}

impl Traces {
    /// Both traces, whole where they are not long, else the steps around the difference.
    pub fn new(plan: &Plan, reference: &Trace, library: &Trace, around: Option<StepId>) -> Traces {
        let lines = Lines::new(plan);
        let position = first_unequal(reference, library, around);
        let (before, after) = KEPT_STEPS;
        let render = |trace: &Trace| {
            let from = position.saturating_sub(before);
            let mut text = Vec::new();
            if from > 0 {
                text.push(format!("… {from} steps before"));
            }
            for step in trace.steps.iter().skip(from).take(before + after) {
                lines.step(step, 0, &mut text);
            }
            let rest = trace.steps.len().saturating_sub(from + before + after);
            if rest > 0 {
                text.push(format!("… {rest} steps more"));
            }
            for stray in &trace.strays {
                text.push("nobody waits for:".to_owned());
                lines.event(stray, 1, &mut text);
            }
            text.extend(lines.end(&trace.end));
            text.truncate(KEPT_LINES);
            text.join("\n")
        };
        Traces {
            reference: render(reference),
            library: render(library),
        }
    }
}

/// Where the two traces part: the first top-level step that is not equal, at or before `around`.
fn first_unequal(reference: &Trace, library: &Trace, around: Option<StepId>) -> usize {
    let same = reference
        .steps
        .iter()
        .zip(&library.steps)
        .take_while(|(reference, library)| reference == library)
        .count();
    let wanted = around.and_then(|step| {
        library
            .steps
            .iter()
            .position(|trace| trace.step == step || contains(trace, step))
    });
    wanted.map_or(same, |wanted| wanted.max(same))
}

fn contains(trace: &StepTrace, step: StepId) -> bool {
    trace
        .events
        .iter()
        .flat_map(|event| &event.steps)
        .any(|inner| inner.step == step || contains(inner, step))
}

fn shorten(diff: &str) -> String {
    let count = diff.lines().count();
    if count <= DIFF_LINES {
        return diff.to_owned();
    }
    let kept: Vec<_> = diff.lines().take(DIFF_LINES).collect();
    format!("{}\n… {} more lines\n", kept.join("\n"), count - DIFF_LINES)
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
