//! One input: an artifact of libFuzzer.

use std::sync::Arc;

use super::finding::Found;
use super::oracle::{Broken, Kind};
use super::runner::{Bench, run_on};
use super::targets::Target;
use crate::generate::{Program, Step, Value};
use crate::host::Folder;
use crate::reference::engine;
use crate::run::trace::{End, Outcome};
use crate::scenario::parse;

/// What an input is.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// The program.
    pub program: Program,
    /// What it breaks, each made simpler and written as a scenario.
    pub found: Vec<Found>,
}

/// Runs the program that an input of a target is, and makes what it breaks simpler.
pub fn replay(bench: &mut Bench, target: Target, input: &[u8], origin: &str) -> Replayed {
    let program = target.program(input, bench.ground());
    let broken = target
        .check(bench, &program)
        .map_or(Vec::new(), |run| run.broken);
    let mut found: Vec<Found> = Vec::new();
    for broken in &broken {
        if !found.iter().any(|own| own.broken.is_like(broken)) {
            let mut check = |bench: &mut Bench, program: &Program| target.check(bench, program);
            found.push(Found::new(bench, &program, broken, origin, &mut check));
        }
    }
    Replayed { program, found }
}

/// What follows after the process has gone: the same files are opened by a new instance.
const AFTERWARDS: &str = "
title: a new instance over the same files
steps:
  - JetCreateInstance: { pinstance: ->instance, szInstanceName: jetspec }
  - JetInit: {}
  - JetBeginSession: { psesid: ->sesid }
  - JetAttachDatabase: { szFilename: jetspec.edb }
  - JetOpenDatabase: { szFilename: jetspec.edb, pdbid: ->dbid }
";

/// Words in the names of functions after which the files are not those of one running instance, or
/// hold what no transaction covers.
const ELSEWHERE: &[&str] = &[
    "Database",
    "Restore",
    "Term",
    "Stop",
    "Instance",
    "Compact",
    "Init",
    "Backup",
    "Parameter",
    "Snapshot",
    "Defragment",
];

/// Whether what was committed is there again after the process was killed: the program is run on the
/// fixture whose changes are logged, the engine forgets everything as a killed process does, and a
/// new instance opens the same files.
pub(super) fn durable(bench: &mut Bench, program: &Program) -> Option<Broken> {
    if !is_durable(program) {
        return None;
    }
    let plan = Arc::new(bench.foundry().plan(program).ok()?);
    let folder = Folder::new().ok()?;
    let (trace, _) = run_on(&plan, bench.profile(), folder.path());
    if trace.end != End::Complete {
        return None;
    }
    let before = engine().lock().digest();
    let afterwards = parse("afterwards.yaml", AFTERWARDS, None).ok()?;
    let again = afterwards.plans().first()?.clone();
    // Nothing is closed: the files stay as a killed process leaves them.
    let (trace, _) = run_on(&again, bench.profile(), folder.path());
    let after = engine().lock().digest();
    let succeeds = |outcome: &Outcome| matches!(outcome, Outcome::Returned(code) if *code >= 0);
    let opened = trace.steps.iter().all(|step| succeeds(&step.outcome));
    let what = match (opened, before.committed == after.committed) {
        (true, true) => return None,
        (true, false) => "after a restart the database does not hold what was committed",
        (false, _) => "after a restart the database cannot be opened",
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

/// Whether all that a program commits is in the log of the fixture's one database.
pub(super) fn is_durable(program: &Program) -> bool {
    program.fixture == "durable" && program.steps.iter().all(is_plain)
}

/// Whether a step neither leaves the one database nor makes a commit that may be lost.
fn is_plain(step: &Step) -> bool {
    let Some(call) = step.invocation() else {
        return false;
    };
    let name = call.function.get().name;
    let is_lazy = |value: &Value| matches!(value, Value::Constants(names) if names.iter().any(|name| name.contains("Lazy")));
    let numbered = |value: &Value| matches!(value, Value::Number(_) | Value::Nil);
    let commits = name.contains("Commit");
    let may_be_lost = call
        .arguments
        .iter()
        .any(|(_, value)| is_lazy(value) || (commits && numbered(value)));
    !ELSEWHERE.iter().any(|word| name.contains(word)) && !may_be_lost
}
