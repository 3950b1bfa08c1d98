//! What is committed is there again after the process was killed: for whole programs of a campaign.
//!
//! The program is run once more with a kill and a new instance over the same files behind it; the
//! process that comes then must hold what the one before had committed.

use std::sync::Arc;

use super::artifact::is_durable;
use super::oracle::{Broken, Kind};
use super::runner::{Bench, Run};
use crate::abi::function;
use crate::generate::{Action, Invocation, Program, Step, Value};
use crate::run::trace::{End, Outcome};
use crate::scenario::Node;

/// How many steps [`continued`] adds to a program.
const ADDED: usize = 6;

/// The program with a kill behind it, and a new instance that opens the same files.
pub(super) fn continued(program: &Program) -> Option<Program> {
    let text = |text: &str| Value::Text(text.into());
    let bind = |name: &str| Value::Bind(name.into());
    let variable = |name: &str| Value::Variable(name.into());
    let calls = [
        (
            "JetCreateInstance",
            vec![
                ("pinstance", bind("later")),
                ("szInstanceName", text("jetspec")),
            ],
        ),
        ("JetInit", vec![("pinstance", variable("later"))]),
        (
            "JetBeginSession",
            vec![("instance", variable("later")), ("psesid", bind("session"))],
        ),
        (
            "JetAttachDatabase",
            vec![
                ("sesid", variable("session")),
                ("szFilename", text("jetspec.edb")),
            ],
        ),
        (
            "JetOpenDatabase",
            vec![
                ("sesid", variable("session")),
                ("szFilename", text("jetspec.edb")),
                ("pdbid", bind("database")),
            ],
        ),
    ];
    let mut whole = program.clone();
    let kill = Value::Written(Node::plain("true"));
    whole
        .steps
        .push(Step::new(Action::Other("kill-host".to_owned(), kill)));
    for (name, arguments) in calls {
        let mut call = Invocation::new(function(name)?);
        call.arguments = arguments;
        whole.steps.push(Step::call(call));
    }
    Some(whole)
}

/// The program up to where it kills its process, or all of it.
pub(super) fn until_killed(program: &Program) -> Program {
    let kills = |step: &Step| matches!(&step.action, Action::Other(verb, _) if verb == "kill-host");
    let steps = program.steps.iter().take_while(|step| !kills(step));
    Program {
        fixture: program.fixture,
        wide: program.wide,
        callbacks: program.callbacks.clone(),
        steps: steps.cloned().collect(),
    }
}

/// What a program whose run is known has lost with its process. `None` too for a program that leaves
/// the one database, or whose commits may be lost.
pub(super) fn lost(bench: &mut Bench, program: &Program, run: &Run) -> Option<Broken> {
    if !is_durable(program) || run.trace.end != End::Complete {
        return None;
    }
    let plan = Arc::new(bench.foundry().plan(&continued(program)?).ok()?);
    let (trace, after) = bench.reference_run(&plan);
    let opened = trace.steps.iter().rev().take(ADDED);
    let opened = opened
        .filter(|step| !matches!(step.outcome, Outcome::Returned(code) if code < 0))
        .count();
    if trace.end != End::Complete {
        return None;
    }
    let what = match opened == ADDED {
        false => "after a restart the database cannot be opened",
        true => {
            // Another run of the program tells what there was before, if it does so every time.
            let own = Arc::new(bench.foundry().plan(program).ok()?);
            let before = bench.reference_run(&own).1.committed;
            if before.is_none() || before == after.committed {
                return None;
            }
            if bench.reference_run(&own).1.committed != before {
                return None;
            }
            "after a restart the database does not hold what was committed"
        }
    };
    Some(Broken {
        of_library: false,
        kind: Kind::History,
        function: "JetInit".to_owned(),
        detail: "restart".to_owned(),
        step: None,
        what: what.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Foundry;

    #[test]
    fn a_program_that_is_continued_is_a_scenario() {
        let program = Program {
            fixture: "durable",
            wide: false,
            callbacks: Vec::new(),
            steps: Vec::new(),
        };
        let foundry = Foundry::new().expect("the fixtures have no fault");
        let whole = continued(&program).expect("known functions");
        assert_eq!(whole.steps.len(), ADDED);
        if let Err(faults) = foundry.plan(&whole) {
            panic!("{}", faults[0].render(false));
        }
    }
}
