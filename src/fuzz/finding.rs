//! A finding: the simplest program that shows it, written as a scenario.

use std::sync::Arc;
use std::time::Duration;

use super::compare::page;
use super::oracle::{Broken, Kind, code_word, name_of, position};
use super::restart;
use super::runner::{Bench, Run};
use super::shown::{Shown, shown};
use crate::abi::errors::code_name;
use crate::generate::{Program, Step, shrink};
use crate::run::trace::{Event, EventKind, Outcome, StepTrace, Value};
use crate::scenario::{Node, write};

/// How long a finding is made simpler.
pub const SHRINKING: Duration = Duration::from_secs(10);

/// A finding.
#[derive(Debug, Clone)]
pub struct Found {
    /// The law that is broken.
    pub broken: Broken,
    /// The simplest program that breaks it.
    pub program: Program,
    /// The scenario, as a file.
    pub yaml: String,
    /// When the campaign saw it; making it simpler takes longer.
    pub after: Duration,
    /// Whether the program was one of the corpus as it is.
    pub is_known: bool,
}

/// Runs a program and tells what it breaks.
pub type Check<'c> = &'c mut dyn FnMut(&mut Bench, &Program) -> Option<Run>;

impl Found {
    /// Makes a program simpler as long as `check` says that it breaks the law, and writes it down.
    /// `origin` says in words where the program came from, with its seed.
    pub fn new(
        bench: &mut Bench,
        program: &Program,
        broken: &Broken,
        origin: &str,
        check: Check<'_>,
    ) -> Self {
        // What hangs shows that only to somebody who waits.
        bench.hurry(broken.kind != Kind::Timeout);
        let mut shows = |candidate: &Program| {
            let run = check(bench, candidate);
            run.is_some_and(|run| run.broken.iter().any(|other| other.is_like(broken)))
        };
        let simplest = shrink(program, SHRINKING, &mut shows);
        bench.hurry(false);
        let run = check(bench, &simplest);
        let again = run.as_ref().and_then(|run| {
            let found = run.broken.iter().find(|other| other.is_like(broken));
            found.cloned()
        });
        let broken = again.unwrap_or_else(|| broken.clone());
        let (simplest, run) = match broken.detail == RESTART {
            true => with_restart(bench, simplest, run),
            false => (simplest, run),
        };
        let shown = run
            .as_ref()
            .and_then(|run| shown(bench, &simplest, run, &broken));
        let yaml = match (&shown, &run) {
            (Some(shown), _) => showing(bench, shown, &broken, origin),
            (None, Some(run)) => scenario(bench, &simplest, run, &broken, origin, &[]),
            (None, None) => String::new(),
        };
        Self {
            broken,
            program: simplest,
            yaml,
            after: Duration::ZERO,
            is_known: false,
        }
    }

    /// A name for its file.
    pub fn file_name(&self) -> String {
        let text = self.broken.key().to_lowercase();
        let mut name = String::new();
        for c in text.chars() {
            match c.is_ascii_alphanumeric() {
                true => name.push(c),
                false if !name.ends_with('-') => name.push('-'),
                false => {}
            }
        }
        name.truncate(90);
        format!("{}.yaml", name.trim_matches('-'))
    }
}

/// How the law that needs a restart calls its findings.
const RESTART: &str = "restart";

/// A program with the restart that shows what it breaks.
fn with_restart(bench: &mut Bench, program: Program, run: Option<Run>) -> (Program, Option<Run>) {
    let whole = restart::continued(&program);
    let plan = whole
        .as_ref()
        .and_then(|whole| bench.foundry().plan(whole).ok());
    match (whole, plan) {
        (Some(whole), Some(plan)) => {
            let run = bench.run_plan(Arc::new(plan));
            (whole, Some(run))
        }
        _ => (program, run),
    }
}

/// The scenario whose last steps show what a call has changed.
fn showing(bench: &Bench, shown: &Shown, broken: &Broken, origin: &str) -> String {
    scenario(
        bench,
        &shown.program,
        &shown.run,
        broken,
        origin,
        &shown.beside,
    )
}

/// The scenario: what the reference did is what is expected, except where that is what is wrong, and
/// of the last steps, where they are to do what is said.
fn scenario(
    bench: &Bench,
    program: &Program,
    run: &Run,
    broken: &Broken,
    origin: &str,
    last: &[Vec<(&'static str, Node)>],
) -> String {
    let own = program.steps.len().saturating_sub(last.len());
    let traced = |index: usize| {
        let mut traces = run.trace.steps.iter();
        traces.rfind(|step| position(&run.plan, step) == Some(index))
    };
    let mut more = |index: usize, step: &Step| {
        if let Some(said) = index.checked_sub(own).and_then(|index| last.get(index)) {
            return said.clone();
        }
        let mut entries = Vec::new();
        let Some(trace) = traced(index) else {
            return entries;
        };
        let decides = broken.step == Some(index);
        entries.extend(expectation(bench, step, trace, broken, decides));
        let events: Vec<Node> = trace
            .events
            .iter()
            .map(|event| event_node(run, event))
            .collect();
        if !events.is_empty() {
            entries.push(("events", Node::list(events)));
        }
        if decides && let Some(id) = covers(bench, step, trace) {
            entries.push(("covers", Node::plain(&id)));
        }
        entries
    };
    let mut program = program.clone();
    super::inside::expect(&mut program, run);
    let title = match broken.step {
        Some(step) => format!("{} as the reference does it", name_of(&program, step)),
        None => format!("{} changes what it should not", broken.function),
    };
    let node = program.node_with(&title, &mut more);
    let head = format!("# {origin}\n# {}\n", one_line(&broken.what));
    // A law over the state, or over several calls, is none that a step can be held to.
    let of_laws = matches!(
        broken.kind,
        Kind::FailureChanges | Kind::Rollback | Kind::History | Kind::Unsteady
    );
    let how = match of_laws {
        true if !last.is_empty() => "# What has changed shows in the last step.\n",
        true if broken.detail == RESTART => {
            "# What is in the tables before the kill and after it is not the same.\n"
        }
        true => {
            "# `jetspec replay` holds this file against the law; its steps alone do not show it.\n"
        }
        false => "",
    };
    head + how + &write(&node)
}

fn one_line(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    line.chars().take(300).collect()
}

/// What must come of a step, where that is not plain success.
fn expectation(
    bench: &Bench,
    step: &Step,
    trace: &StepTrace,
    broken: &Broken,
    decides: bool,
) -> Option<(&'static str, Node)> {
    let Outcome::Returned(code) = trace.outcome else {
        return None;
    };
    let is_wrong = matches!(broken.kind, Kind::UnlistedCode | Kind::InternalError);
    if decides && is_wrong {
        let codes: Vec<Node> = page_codes(bench, step)
            .iter()
            .map(|name| Node::plain(name))
            .collect();
        match codes.len() {
            0 => {}
            1 => return Some(("expect", codes.into_iter().next()?)),
            _ => return Some(("expect", Node::map([("any", Node::list(codes))]))),
        }
    }
    (code != 0).then(|| ("expect", Node::plain(&code_word(code))))
}

/// The codes that the function's page lists.
fn page_codes(bench: &Bench, step: &Step) -> Vec<String> {
    let page = step
        .invocation()
        .and_then(|call| page(bench.register(), call.function.get().name));
    page.map(|page| page.returns.keys().cloned().collect())
        .unwrap_or_default()
}

/// The requirement that the page gives for the code.
fn covers(bench: &Bench, step: &Step, trace: &StepTrace) -> Option<String> {
    let Outcome::Returned(code) = trace.outcome else {
        return None;
    };
    let name = step.invocation()?.function.get().name;
    page(bench.register(), name)?
        .returns
        .get(code_name(code)?)
        .cloned()
}

/// An event as a step expects it.
pub(super) fn event_node(run: &Run, event: &Event) -> Node {
    let callback = run.plan.callbacks.get(event.callback.0 as usize);
    let name = callback.map_or("spy", |callback| callback.name.as_str());
    let argument = |name: &str| {
        let found = event.arguments.iter().find(|(own, _)| &**own == name);
        match found.map(|(_, value)| value) {
            Some(Value::Number(number)) => number.to_string(),
            _ => "0".to_owned(),
        }
    };
    let arguments = match event.kind {
        EventKind::Callback => Node::map([("cbtyp", Node::plain(&argument("cbtyp")))]),
        EventKind::Status => Node::map([
            ("snp", Node::plain(&argument("snp"))),
            ("snt", Node::plain(&argument("snt"))),
        ]),
    };
    Node::map([(name, arguments)])
}
