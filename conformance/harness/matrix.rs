//! The cells of a matrix in few words: which calls a callback made for each reason, and what each of
//! them answered. The whole traces would fill a book that nobody reads.

use jetspec::abi::FUNCTIONS;
use jetspec::judge::{cbtyp, code};
use jetspec::run::trace::{Event, Name, Outcome, StepTrace, Trace, Value};
use jetspec::scenario::StepIndex;
use jetspec::scenario::plan::{Action, Plan};
use jetspec::suite::Case;
use libtest_mimic::Failed;

/// The cells of one case.
pub fn cells(plan: &Plan, trace: &Trace) -> String {
    let steps = StepIndex::new(plan);
    let mut lines: Vec<(Vec<String>, String)> = Vec::new();
    for event in trace.steps.iter().flat_map(|step| &step.events) {
        if event.steps.is_empty() {
            continue;
        }
        let calls: Vec<String> = event.steps.iter().map(|step| call(&steps, step)).collect();
        let calls = calls.join(", ");
        match lines.iter_mut().find(|(_, own)| *own == calls) {
            Some((reasons, _)) => reasons.push(reason(event)),
            None => lines.push((vec![reason(event)], calls)),
        }
    }
    let line = |(reasons, calls): &(Vec<String>, String)| {
        let reasons = reasons.join(" ");
        format!("{reasons}\n    {calls}\n")
    };
    lines.iter().map(line).collect()
}

fn reason(event: &Event) -> String {
    let named = |(name, _): &&(Name, Value)| &**name == "cbtyp";
    match event.arguments.iter().find(named) {
        Some((_, Value::Number(number))) => cbtyp(*number as u64),
        _ => String::from("?"),
    }
}

fn call(steps: &StepIndex, trace: &StepTrace) -> String {
    let action = steps.get(trace.step).map(|step| &step.action);
    let name = match action {
        Some(Action::Call(call)) => call.function.get().name,
        _ => "?",
    };
    let nested = trace.events.len();
    let mut text = match &trace.outcome {
        Outcome::Returned(0) => name.to_owned(),
        Outcome::Returned(returned) => format!("{name} {}", code(*returned)),
        other => format!("{name} {other:?}"),
    };
    if nested > 0 {
        text.push_str(&format!(" (calls back {nested})"));
    }
    text
}

/// Every function that is given a cursor must be among the calls of the matrix.
pub fn has_every_function(cases: &[std::sync::Arc<Case>]) -> Result<(), Failed> {
    let is_cell = |name: &str| {
        let mut cells = cases.iter().filter(|case| case.is_cell);
        cells.any(|case| case.plan.case.split(['.', '-']).next() == Some(name))
    };
    let takes_cursor = FUNCTIONS.iter().filter(|function| {
        let mut parameters = function.parameters.iter();
        parameters.any(|parameter| matches!(parameter.name, "tableid" | "tableidSrc"))
    });
    let missing: Vec<&str> = takes_cursor
        .map(|function| function.name)
        .filter(|name| !is_cell(name))
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(format!("no matrix has {}", missing.join(", ")).into()),
    }
}
