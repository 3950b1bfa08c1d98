use std::sync::Arc;

use super::*;
use crate::run::trace::{EventKind, EventThread, Value};
use crate::scenario::parse;
use crate::scenario::plan::{CallbackId, ThreadId};

const PROGRAM: &str = "
title: a registration is told of changes
callbacks:
  spy: {}
steps:
  - JetOpenTable: { sesid: 0, dbid: 0, szTableName: table, ptableid: ->tableid }
  - JetDupCursor: { sesid: 0, ptableid: ->copy }
  - JetRegisterCallback:
      { sesid: 0, cbtyp: BeforeInsert | AfterInsert, pCallback: spy, pvContext: 80, phCallbackId: ->handle }
  - JetPrepareUpdate: { sesid: 0, tableid: copy, prep: Insert }
  - JetUpdate: { sesid: 0, tableid: copy }
  - JetUnregisterCallback: { sesid: 0, cbtyp: BeforeInsert, hCallbackId: handle }
  - JetPrepareUpdate: { sesid: 0, prep: Insert }
  - JetUpdate: { sesid: 0 }
";

/// The step of the program that announces.
const UPDATE: usize = 4;
/// The one after the registration's end.
const LATER: usize = 7;

fn told(reason: &str, returned: i32) -> Event {
    let number = |name: &str, number: u32| (name.into(), Value::Number(number.into()));
    Event {
        callback: CallbackId(0),
        kind: EventKind::Callback,
        arguments: Arc::new([number("cbtyp", constant(reason)), number("pvContext", 80)]),
        thread: EventThread::Plan(ThreadId(0)),
        steps: Vec::new(),
        returned,
    }
}

/// What is missed in that program, by step and reason, if these events come at these steps.
fn missed(program: &str, events: &[(usize, Event)]) -> Vec<(usize, &'static str)> {
    let scenario = parse("program.yaml", program, None).expect("no fault");
    let plan = &scenario.plans()[0];
    let steps = StepIndex::new(plan);
    let mut announced = Announced::new(&steps);
    let mut missed = Vec::new();
    for (at, step) in plan.steps.iter().enumerate() {
        let here = events.iter().filter(|(place, _)| *place == at);
        let seen = StepTrace {
            step: step.id,
            outcome: Outcome::Returned(0),
            outputs: Vec::new(),
            events: here.map(|(_, event)| event.clone()).collect(),
            violations: Vec::new(),
        };
        let own = announced.step(step, &seen);
        missed.extend(own.into_iter().map(|own| (at, own.reason)));
    }
    missed
}

#[test]
fn a_change_is_announced_for_each_of_its_reasons() {
    let before = (UPDATE, told("JET_cbtypBeforeInsert", 0));
    let after = (UPDATE, told("JET_cbtypAfterInsert", 0));
    assert_eq!(missed(PROGRAM, &[before.clone(), after]), []);
    assert_eq!(
        missed(PROGRAM, &[before]),
        [(UPDATE, "JET_cbtypAfterInsert")]
    );
    let both = [
        (UPDATE, "JET_cbtypBeforeInsert"),
        (UPDATE, "JET_cbtypAfterInsert"),
    ];
    assert_eq!(missed(PROGRAM, &[]), both);
}

#[test]
fn after_its_end_a_registration_is_told_nothing() {
    let at_update = missed(PROGRAM, &[]);
    assert!(at_update.iter().all(|(step, _)| *step != LATER));
    let kept = PROGRAM.replace(
        "JetUnregisterCallback: { sesid: 0, cbtyp: BeforeInsert, hCallbackId: handle }",
        "JetMove: { sesid: 0, cRow: 0 }",
    );
    let still = missed(&kept, &[]);
    assert!(still.iter().any(|(step, _)| *step == LATER));
}

#[test]
fn a_veto_and_a_switch_make_it_another_matter() {
    let vetoed = (UPDATE, told("JET_cbtypBeforeInsert", -1));
    assert_eq!(missed(PROGRAM, &[vetoed]), []);
    let off = "steps:
  - JetSetSystemParameter: { pinstance: null, paramid: DisableCallbacks, lParam: 1 }";
    assert_eq!(missed(&PROGRAM.replacen("steps:", off, 1), &[]), []);
}

#[test]
fn a_name_is_the_same_with_something_else_behind_its_end() {
    let name = |form: &str, shared: &str| {
        let program = format!(
            "title: t\ntext: {form}\nsteps:\n  - JetOpenTable: {{ sesid: 0, dbid: 0, szTableName: table{shared} }}\n"
        );
        let scenario = parse("program.yaml", &program, None).expect("no fault");
        match &scenario.plans()[0].steps[0].action {
            Action::Call(call) => text(call),
            _ => None,
        }
    };
    for (form, end) in [("narrow", 6), ("wide", 12)] {
        let own = name(form, "");
        assert!(own.as_ref().is_some_and(|own| own.starts_with(b"t")));
        let behind = format!(", ptableid: {{ overlaps: szTableName, at: {end} }}");
        let shared = name(form, &behind);
        assert_eq!(shared, own, "{form}");
    }
}
