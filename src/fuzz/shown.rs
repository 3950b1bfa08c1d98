//! What a call has changed that should have changed nothing, shown by steps that follow it.
//!
//! They are found by trying: a program without that call is what the program with it ought to be
//! like afterwards, so whatever answers otherwise behind the one than behind the other shows the
//! change, and what it answers without the call is what it is to answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::finding::event_node;
use super::oracle::{Broken, Kind, code_word, position};
use super::runner::{Bench, Run};
use crate::generate::{Program, Step, leave_out, probes};
use crate::run::trace::{End, Event, Outcome, StepTrace, Value};
use crate::scenario::plan::Action;
use crate::scenario::{Node, StepIndex};

/// How long is tried.
const TRYING: Duration = Duration::from_secs(3);

/// What is written beside a step.
type Beside = Vec<(&'static str, Node)>;

/// A program that goes on behind the call that has changed something.
pub(super) struct Shown {
    /// The program and what shows the change.
    pub program: Program,
    /// The run of it.
    pub run: Run,
    /// What its last steps are to do.
    pub beside: Vec<Beside>,
}

/// The program with steps that show what it breaks; `None` where none was found that does.
pub(super) fn shown(
    bench: &mut Bench,
    program: &Program,
    run: &Run,
    broken: &Broken,
) -> Option<Shown> {
    let until = Instant::now() + TRYING;
    let without = innocent(program, run, broken)?;
    for row in probes(program) {
        if Instant::now() > until {
            break;
        }
        let Some((with, sound)) = both(bench, program, &without, &row) else {
            continue;
        };
        if let Some(beside) = difference(&with, &sound, row.len()) {
            let (program, _) = followed(program, &row[..beside.len()]);
            let plan = Arc::new(bench.foundry().plan(&program).ok()?);
            let (trace, _) = bench.reference_run(&plan);
            let run = Run {
                plan,
                trace,
                broken: Vec::new(),
            };
            return Some(Shown {
                program,
                run,
                beside,
            });
        }
    }
    None
}

/// The program without what must leave no trace: the call that fails, or a transaction with its
/// rollback.
fn innocent(program: &Program, run: &Run, broken: &Broken) -> Option<Program> {
    let at = match broken.kind {
        Kind::FailureChanges => last(program, run, &broken.function, |code| {
            broken.detail.starts_with(&code_word(code)) && code < 0
        })?,
        Kind::Rollback => last(program, run, &broken.function, |code| code >= 0)?,
        _ => return None,
    };
    let from = match broken.kind {
        Kind::Rollback => {
            let begins = |step: &Step| {
                let call = step.invocation();
                call.is_some_and(|call| call.function.get().name.starts_with("JetBeginTransaction"))
            };
            program.steps[..at].iter().rposition(begins)?
        }
        _ => at,
    };
    let without = leave_out(program, from..at + 1);
    // What follows the call may be what shows it, and is to stay.
    (without.steps.len() + (at + 1 - from) == program.steps.len()).then_some(without)
}

/// The last step that is a call of that function with such an outcome.
fn last(program: &Program, run: &Run, function: &str, fits: impl Fn(i32) -> bool) -> Option<usize> {
    let index = StepIndex::new(&run.plan);
    let is_it = |seen: &&StepTrace| {
        let called = match index.get(seen.step).map(|step| &step.action) {
            Some(Action::Call(call)) => call.function.get().name == function,
            _ => false,
        };
        called && matches!(seen.outcome, Outcome::Returned(code) if fits(code))
    };
    let seen = run.trace.steps.iter().rfind(is_it)?;
    let at = position(&run.plan, seen)?;
    program.steps.get(at)?.invocation().map(|_| at)
}

/// A program with steps behind it, and the position of the first of them.
fn followed(program: &Program, row: &[Step]) -> (Program, usize) {
    let mut whole = program.clone();
    whole.steps.extend(row.iter().cloned());
    (whole, program.steps.len())
}

/// What the steps of a row do behind the one program and behind the other.
fn both(
    bench: &mut Bench,
    program: &Program,
    without: &Program,
    row: &[Step],
) -> Option<(Vec<Did>, Vec<Did>)> {
    let mut of = |program: &Program| {
        let (whole, from) = followed(program, row);
        let plan = Arc::new(bench.foundry().plan(&whole).ok()?);
        let (trace, _) = bench.reference_run(&plan);
        let run = Run {
            plan,
            trace,
            broken: Vec::new(),
        };
        (run.trace.end == End::Complete).then(|| did(&run, from))
    };
    let with = of(program)?;
    let sound = of(without)?;
    let whole = with.len() == row.len() && sound.len() == row.len();
    whole.then_some((with, sound))
}

/// What a step did, as far as a step can be held to it.
#[derive(PartialEq)]
struct Did {
    code: i32,
    outputs: Vec<(String, Node)>,
    events: Vec<Node>,
}

fn did(run: &Run, from: usize) -> Vec<Did> {
    let steps = run.trace.steps.iter();
    let own = steps.filter(|seen| position(&run.plan, seen).is_some_and(|at| at >= from));
    own.filter_map(|seen| {
        let Outcome::Returned(code) = seen.outcome else {
            return None;
        };
        let outputs = seen.outputs.iter();
        let outputs = outputs.filter_map(|(name, value)| Some((name.to_string(), said(value)?)));
        let event = |event: &Event| event_node(run, event);
        Some(Did {
            code,
            outputs: outputs.collect(),
            events: seen.events.iter().map(event).collect(),
        })
    })
    .collect()
}

/// A value as an expectation has it, where it is one that means the same in every run.
fn said(value: &Value) -> Option<Node> {
    match value {
        Value::Number(number) => Some(Node::plain(&number.to_string())),
        Value::Text(text) => Some(Node::quoted(text)),
        Value::Bytes(bytes) => {
            let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            Some(Node::map([("hex", Node::quoted(&digits))]))
        }
        _ => None,
    }
}

/// What the steps are to do, up to the first that does something else than it should.
fn difference(with: &[Did], sound: &[Did], count: usize) -> Option<Vec<Beside>> {
    let differs = (0..count).find(|index| with.get(*index) != sound.get(*index))?;
    let sound = sound.get(..=differs)?;
    let last = sound.last()?;
    let mut beside: Vec<Beside> = sound.iter().map(expected).collect();
    let same_code = with.get(differs).is_some_and(|with| with.code == last.code);
    if let Some(entries) = beside.last_mut()
        && same_code
        && !last.outputs.is_empty()
    {
        let outputs = last.outputs.iter();
        let outputs = outputs.map(|(name, node)| (&**name, node.clone()));
        let at = usize::from(last.code != 0);
        entries.insert(at, ("out", Node::map(outputs)));
    }
    Some(beside)
}

fn expected(did: &Did) -> Beside {
    let mut entries = Beside::new();
    if did.code != 0 {
        entries.push(("expect", Node::plain(&code_word(did.code))));
    }
    if !did.events.is_empty() {
        entries.push(("events", Node::list(did.events.iter().cloned())));
    }
    entries
}
