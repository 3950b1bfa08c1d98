//! A scenario's expectations held against a trace: every departure, in the order of time.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::environment::{Environment, started};
use super::matching::{matches, output};
use super::render::{Lines, event_argument};
use super::sequence::{REASONS, assign, is_progress, off_course, on_thread};
use super::what::What;
use super::words::{code, render_value, status_word};
use crate::run::trace::{End, Event, EventThread, Outcome, StepTrace, Trace, Value};
use crate::scenario::StepIndex;
use crate::scenario::plan::{
    Action, Codes, EventExpectation, Expected, Part, Place, Plan, Profile, Step, StepId, ThreadId,
    Times,
};

/// One departure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mismatch {
    /// What departs.
    pub what: What,
    /// The step that it belongs to.
    pub step: Option<StepId>,
    /// The part of the scenario.
    pub part: Part,
    /// Where the expectation is written.
    pub place: Option<Place>,
    /// The step in one line.
    pub doing: String,
    /// What was expected, in words.
    pub expected: String,
    /// What was seen, in words.
    pub seen: String,
    /// The requirement ids that the step names.
    pub covers: Vec<String>,
}

/// Every departure of a trace from the plan's expectations under a profile.
pub fn mismatches(plan: &Plan, profile: Profile, trace: &Trace) -> Vec<Mismatch> {
    let mut checker = Checker {
        steps: StepIndex::new(plan),
        lines: Lines::new(plan),
        environment: Environment::new(plan),
        profile,
        around: Vec::new(),
        found: Vec::new(),
    };
    for step in &trace.steps {
        checker.step(step);
    }
    if trace.end == End::Complete {
        checker.missing(plan, trace);
    }
    checker.strays(trace);
    checker.changes(trace);
    checker.found
}

struct Checker<'p> {
    steps: StepIndex<'p>,
    lines: Lines<'p>,
    environment: Environment<'p>,
    profile: Profile,
    /// The steps whose callbacks are being looked into, outermost first.
    around: Vec<&'p Step>,
    found: Vec<Mismatch>,
}

impl<'p> Checker<'p> {
    fn step(&mut self, trace: &StepTrace) {
        let Some(step) = self.steps.get(trace.step) else {
            return;
        };
        // In the order of time: what happened inside came before the call returned.
        self.bodies(step, &trace.events);
        self.events(step, &trace.events);
        self.code(step, &trace.outcome);
        self.violations(step, trace);
        self.outputs(step, trace);
        self.environment.after(step, trace);
    }

    fn code(&mut self, step: &Step, outcome: &Outcome) {
        match outcome {
            Outcome::Started | Outcome::Done => {}
            Outcome::Failed(why) => {
                self.add(
                    step,
                    What::Step,
                    None,
                    "it is done and holds".to_owned(),
                    why.clone(),
                );
            }
            Outcome::Killed if *step.expect.code.of(self.profile) == Codes::Killed => {}
            Outcome::Killed => {
                let expected = codes(&allowed_codes(step, self.profile));
                self.add(step, What::Code, None, expected, KILLED.to_owned());
            }
            Outcome::Returned(seen) => {
                let allowed = allowed_codes(step, self.profile);
                if !allowed.allows(*seen) {
                    self.add(step, What::Code, None, codes(&allowed), code(*seen));
                }
            }
        }
    }

    fn violations(&mut self, step: &Step, trace: &StepTrace) {
        for violation in &trace.violations {
            let seen = self.lines.violation(violation);
            let expected = "only what the call may write is written".to_owned();
            self.add(step, What::Violation, None, expected, seen);
        }
    }

    fn outputs(&mut self, step: &Step, trace: &StepTrace) {
        if !matches!(trace.outcome, Outcome::Returned(_)) {
            return;
        }
        self.unwritten(step, trace);
        for expectation in &step.expect.outputs {
            let expected = expectation.value.of(self.profile);
            let seen = output(&trace.outputs, &expectation.name);
            if seen.is_some_and(|seen| matches(expected, seen, &self.environment)) {
                continue;
            }
            let what = What::Output(expectation.name.clone());
            let seen = seen.map_or("nothing".to_owned(), render_value);
            let expected = self.expected(expected);
            self.add(step, what, Some(&expectation.place), expected, seen);
        }
    }

    /// What the scenario takes from a call that has succeeded must have been written, wherever that is
    /// and whatever the step covers.
    fn unwritten(&mut self, step: &Step, trace: &StepTrace) {
        let plan = self.environment.plan();
        let call = match &step.action {
            Action::Call(call) | Action::Until { call, .. } => Some(&**call),
            Action::End { label } => started(plan, label),
            _ => None,
        };
        let Some(call) = call.filter(|_| trace.outcome == Outcome::Returned(0)) else {
            return;
        };
        let bound = call.memory.iter().flat_map(|memory| &memory.outputs);
        for wanted in bound.filter(|wanted| wanted.bind.is_some()) {
            let mut said = step.expect.outputs.iter();
            let spoken = said.any(|expectation| expectation.name == wanted.name);
            if !spoken && output(&trace.outputs, &wanted.name) == Some(&Value::Untouched) {
                let what = What::Unwritten(wanted.name.to_string());
                let expected = "a value, for the call succeeded".to_owned();
                self.add(step, what, None, expected, render_value(&Value::Untouched));
            }
        }
    }

    fn events(&mut self, step: &'p Step, events: &[Event]) {
        let wanted: &'p [EventExpectation] = step.expect.events.of(self.profile);
        let Some(places) = self.fired_as_wanted(step, wanted, events) else {
            let place = wanted.first().map(|wanted| &wanted.place);
            let expected = list(wanted.iter().map(|wanted| self.wanted(wanted)));
            let seen = list(events.iter().map(|event| self.seen(event)));
            let what = match wanted.is_empty() {
                true => What::Unannounced,
                false => What::Events,
            };
            self.add(step, what, place, expected, seen);
            return;
        };
        // One departure is told of each expectation, however many events it stands for.
        let mut departed = vec![false; wanted.len()];
        for (number, place) in places.into_iter().enumerate() {
            let (before, event) = (&events[..number], &events[number]);
            let found = self.found.len();
            if let Some(wanted) = wanted.get(place).filter(|_| !departed[place]) {
                self.event_arguments(step, wanted, event);
                self.courses(step, wanted, event, before);
                departed[place] = self.found.len() > found;
            }
        }
    }

    /// What must hold of an event's numbers from one notification to the next.
    fn courses(&mut self, step: &Step, wanted: &EventExpectation, event: &Event, before: &[Event]) {
        if wanted.courses.is_empty() {
            return;
        }
        let last = before.iter().rev().find(|last| is_progress(last, event));
        for (path, course) in &wanted.courses {
            if let Some(expected) = off_course(*course, path, event, last) {
                let seen = output(&event.arguments, path);
                let seen = seen.map_or("nothing".to_owned(), render_value);
                let what = What::EventArgument(path.clone());
                self.add(step, what, Some(&wanted.place), expected, seen);
            }
        }
    }

    /// What the callbacks did themselves.
    fn bodies(&mut self, step: &'p Step, events: &[Event]) {
        self.around.push(step);
        for event in events {
            self.environment.enter(event);
            for inner in &event.steps {
                self.step(inner);
            }
        }
        self.around.pop();
    }

    /// The requirements that a step can fail because of: its own, else those of the step whose
    /// callback it is done in, for what happens there is part of what that step shows.
    fn covers(&self, step: &Step) -> Vec<String> {
        let around = self.around.iter().rev().map(|around| &around.expect.covers);
        std::iter::once(&step.expect.covers)
            .chain(around)
            .find(|covers| !covers.is_empty())
            .cloned()
            .unwrap_or_default()
    }

    /// Which expectation each callback keeps, if the right ones fired, in the right order and number.
    fn fired_as_wanted(
        &self,
        step: &Step,
        wanted: &[EventExpectation],
        events: &[Event],
    ) -> Option<Vec<usize>> {
        if let Action::Await { callback, .. } = &step.action
            && wanted.is_empty()
        {
            let awaited = events.iter().all(|event| event.callback == *callback);
            return awaited.then(Vec::new);
        }
        // Where an expectation stands for several events, the thread tells where it ends.
        let several = wanted.iter().any(|wanted| wanted.times != Times::default());
        assign(wanted, events, |wanted, event| {
            wanted.callback == event.callback
                && self.reason_matches(wanted, event)
                && (!several || on_thread(wanted, event, step))
        })
    }

    fn reason_matches(&self, wanted: &EventExpectation, event: &Event) -> bool {
        wanted
            .arguments
            .iter()
            .filter(|(name, _)| REASONS.contains(&name.as_str()))
            .all(|(name, expected)| {
                output(&event.arguments, name)
                    .is_some_and(|seen| matches(expected, seen, &self.environment))
            })
    }

    fn event_arguments(&mut self, step: &Step, wanted: &EventExpectation, event: &Event) {
        for (name, expected) in &wanted.arguments {
            let seen = output(&event.arguments, name);
            if seen.is_some_and(|seen| matches(expected, seen, &self.environment)) {
                continue;
            }
            let what = What::EventArgument(name.clone());
            let seen = seen.map_or("nothing".to_owned(), |seen| event_argument(name, seen));
            let expected = self.expected(expected);
            self.add(step, what, Some(&wanted.place), expected, seen);
        }
        if let Some(same) = wanted.same_thread
            && !on_thread(wanted, event, step)
        {
            let word = |same| {
                if same {
                    "the thread of the call"
                } else {
                    "another thread"
                }
            };
            let what = What::EventArgument("thread".to_owned());
            let (expected, seen) = (word(same).to_owned(), word(!same).to_owned());
            self.add(step, what, Some(&wanted.place), expected, seen);
        }
    }

    /// Steps of the plan itself that a complete run has no trace of.
    fn missing(&mut self, plan: &'p Plan, trace: &Trace) {
        let mut done: Vec<StepId> = trace.steps.iter().map(|step| step.step).collect();
        done.sort_unstable();
        let looped = |step: &Step| matches!(step.action, Action::Repeat { .. });
        let never = plan
            .steps
            .iter()
            .filter(|step| !looped(step) && done.binary_search(&step.id).is_err());
        for step in never.collect::<Vec<_>>() {
            let expected = "the step is done".to_owned();
            self.add(
                step,
                What::Missing,
                None,
                expected,
                "it never was".to_owned(),
            );
        }
    }

    fn strays(&mut self, trace: &Trace) {
        for stray in &trace.strays {
            let seen = self.seen(stray);
            self.found.push(Mismatch {
                what: What::Stray,
                step: None,
                part: Part::Case,
                place: None,
                doing: "the whole case".to_owned(),
                expected: "none".to_owned(),
                seen,
                covers: Vec::new(),
            });
        }
    }

    fn changes(&mut self, trace: &Trace) {
        for change in &trace.changes {
            self.found.push(Mismatch {
                what: What::Process,
                step: None,
                part: Part::Case,
                place: None,
                doing: "the whole case".to_owned(),
                expected: "the process is left as the program has it".to_owned(),
                seen: change.clone(),
                covers: Vec::new(),
            });
        }
    }

    fn add(
        &mut self,
        step: &Step,
        what: What,
        place: Option<&Place>,
        expected: String,
        seen: String,
    ) {
        self.found.push(Mismatch {
            what,
            step: Some(step.id),
            part: step.part,
            place: Some(place.unwrap_or(&step.place).clone()),
            doing: self.lines.doing(step),
            expected,
            seen,
            covers: self.covers(step),
        });
    }

    fn expected(&self, expected: &Expected) -> String {
        match expected {
            Expected::Variable(variable) => {
                let name = self.lines.variable(*variable);
                match self.environment.value(*variable).map(render_value) {
                    Some(value) if value != name => format!("{name} ({value})"),
                    _ => name.to_owned(),
                }
            }
            other => expected_words(other),
        }
    }

    fn wanted(&self, wanted: &EventExpectation) -> String {
        let arguments: Vec<_> = wanted
            .arguments
            .iter()
            .map(|(name, expected)| match (name.as_str(), expected) {
                ("cbtyp", Expected::Number(number)) => super::words::cbtyp(*number),
                ("snp" | "snt", Expected::Number(number)) => status_word(name, *number),
                _ => format!("{name}: {}", self.expected(expected)),
            })
            .collect();
        format!(
            "{}({}){}",
            self.lines.callback(wanted.callback),
            arguments.join(", "),
            times(wanted.times)
        )
    }

    fn seen(&self, event: &Event) -> String {
        let reasons = event.arguments.iter();
        let reasons: Vec<_> = reasons
            .filter(|(name, _)| REASONS.contains(&&**name))
            .map(|(name, value)| event_argument(name, value))
            .collect();
        let reason = reasons.join(", ");
        let thread = match event.thread {
            EventThread::Engine => " on a thread of the engine",
            EventThread::Plan(ThreadId(_)) => "",
        };
        format!("{}({reason}){thread}", self.lines.callback(event.callback))
    }
}

/// What a step may return under a profile. A call that is repeated until it answers may give any of
/// the answers that it waits for, unless the step says which.
fn allowed_codes(step: &Step, profile: Profile) -> Cow<'_, Codes> {
    let said = step.expect.code.of(profile);
    match &step.action {
        Action::Until { codes, .. } if !codes.iter().any(|code| said.allows(*code)) => {
            Cow::Owned(Codes::OneOf(codes.clone().into()))
        }
        _ => Cow::Borrowed(said),
    }
}

/// The words for a call that does not return, because its host is killed inside it.
const KILLED: &str = "the host is killed before the call returns";

/// What may be returned, in words.
fn codes(allowed: &Codes) -> String {
    match allowed {
        Codes::OneOf(allowed) => {
            let names: Vec<_> = allowed.iter().map(|allowed| code(*allowed)).collect();
            names.join(" or ")
        }
        Codes::Error => "an error".to_owned(),
        Codes::Killed => KILLED.to_owned(),
    }
}

fn expected_words(expected: &Expected) -> String {
    match expected {
        Expected::Number(number) => {
            let number = *number as i64;
            number.to_string()
        }
        Expected::Bytes(bytes) => render_value(&crate::run::trace::Value::Bytes(bytes.clone())),
        Expected::Text(text) => format!("{text:?}"),
        Expected::Texts(texts) => format!("{texts:?}"),
        Expected::Variable(_) => "a variable".to_owned(),
        Expected::Untouched => "untouched".to_owned(),
        Expected::Nil => "nil".to_owned(),
        Expected::Null => "null".to_owned(),
        Expected::Some => "something".to_owned(),
        Expected::Any => "anything".to_owned(),
    }
}

/// How often, in words.
fn times(times: Times) -> String {
    match times {
        Times::Exactly(1) => String::new(),
        Times::Exactly(count) => format!(" {count} times"),
        Times::Some => " once or more".to_owned(),
        Times::Any => " any number of times".to_owned(),
        Times::Anywhere => " any number of times, anywhere".to_owned(),
    }
}

/// Items in a line; those that follow each other and are the same stand once.
fn list(items: impl Iterator<Item = String>) -> String {
    let mut folded: Vec<(String, usize)> = Vec::new();
    for item in items {
        match folded.last_mut() {
            Some((last, count)) if *last == item => *count += 1,
            _ => folded.push((item, 1)),
        }
    }
    if folded.is_empty() {
        return "none".to_owned();
    }
    let words = folded.into_iter().map(|(item, count)| match count {
        1 => item,
        _ => format!("{item} {count} times"),
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
#[path = "expectations_tests.rs"]
mod tests;
