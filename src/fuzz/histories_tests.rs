use std::sync::Arc;

use super::*;
use crate::run::trace::{EventKind, EventThread};
use crate::scenario::parse;
use crate::scenario::plan::{CallbackId, ThreadId};

fn plan(text: &str) -> Arc<Plan> {
    let scenario = parse("program.yaml", text, None).expect("no fault");
    scenario.plans()[0].clone()
}

/// A run in which every call succeeds.
fn trace(plan: &Plan) -> Trace {
    let steps = plan.steps.iter().map(|step| StepTrace {
        step: step.id,
        outcome: Outcome::Returned(0),
        outputs: Vec::new(),
        events: Vec::new(),
        violations: Vec::new(),
    });
    Trace {
        steps: steps.collect(),
        ..Trace::default()
    }
}

/// What is broken, in a word each.
fn details(plan: &Plan, trace: &Trace) -> Vec<String> {
    let broken = check(plan, &StepIndex::new(plan), trace);
    assert!(broken.iter().all(|own| own.kind == Kind::History));
    broken.into_iter().map(|own| own.detail).collect()
}

fn told(reason: &str) -> Event {
    let number = |name: &str, number: u32| (name.into(), Value::Number(number.into()));
    Event {
        callback: CallbackId(0),
        kind: EventKind::Callback,
        arguments: Arc::new([number("cbtyp", constant(reason)), number("pvContext", 80)]),
        thread: EventThread::Plan(ThreadId(0)),
        steps: Vec::new(),
        returned: 0,
    }
}

#[test]
fn a_handle_that_is_held_already_is_found() {
    let plan = plan(
        "
title: two cursors
steps:
  - JetOpenTable: { sesid: 0, dbid: 0, szTableName: table, ptableid: ->one }
  - JetOpenTable: { sesid: 0, dbid: 0, szTableName: table, ptableid: ->two }
",
    );
    let mut seen = trace(&plan);
    seen.steps[1].outputs = vec![("ptableid".into(), Value::Named("two".into()))];
    assert_eq!(details(&plan, &seen), [""; 0]);
    seen.steps[1].outputs = vec![("ptableid".into(), Value::Named("one".into()))];
    assert_eq!(details(&plan, &seen), ["handle"]);
}

#[test]
fn what_registrations_are_told_is_told_once_and_until_they_end() {
    let plan = plan(
        "
title: a registration
callbacks:
  spy: {}
steps:
  - JetOpenTable: { sesid: 0, dbid: 0, szTableName: table, ptableid: ->tableid }
  - JetRegisterCallback: { sesid: 0, cbtyp: BeforeDelete, pCallback: spy, pvContext: 80, phCallbackId: ->handle }
  - JetDelete: { sesid: 0 }
  - JetUnregisterCallback: { sesid: 0, cbtyp: BeforeDelete, hCallbackId: handle }
  - JetDelete: { sesid: 0 }
",
    );
    let mut seen = trace(&plan);
    assert_eq!(details(&plan, &seen), ["not told"]);
    seen.steps[2].events = vec![told("JET_cbtypBeforeDelete")];
    assert_eq!(details(&plan, &seen), [""; 0]);
    let mut twice = seen.clone();
    twice.steps[2].events.push(told("JET_cbtypBeforeDelete"));
    assert_eq!(details(&plan, &twice), ["twice"]);
    seen.steps[4].events = vec![told("JET_cbtypBeforeDelete")];
    assert_eq!(details(&plan, &seen), ["removed"]);
}

/// Bookmarks before and after a move that way.
fn walk(way: &str, first: u8, second: u8) -> Vec<String> {
    let text = format!(
        "
title: a walk
steps:
  - JetOpenTable: {{ sesid: 0, dbid: 0, szTableName: table, ptableid: ->tableid }}
  - JetGetBookmark: {{ sesid: 0 }}
  - JetMove: {{ sesid: 0, cRow: {way} }}
  - JetGetBookmark: {{ sesid: 0 }}
"
    );
    let plan = plan(&text);
    let mut seen = trace(&plan);
    for (step, bookmark) in [(1, first), (3, second)] {
        seen.steps[step].outputs = vec![("pvBookmark".into(), Value::Bytes(vec![bookmark]))];
    }
    details(&plan, &seen)
}

#[test]
fn a_cursor_that_goes_against_its_order_is_found() {
    assert_eq!(walk("MoveNext", 1, 2), [""; 0]);
    assert_eq!(walk("MoveNext", 2, 1), ["order"]);
    assert_eq!(walk("MovePrevious", 2, 1), [""; 0]);
    assert_eq!(walk("MovePrevious", 1, 2), ["order"]);
    assert_eq!(walk("MoveLast", 2, 1), [""; 0], "nobody says where from");
}

#[test]
fn a_value_that_is_not_what_was_set_is_found() {
    let plan = plan(
        "
title: a value
steps:
  - JetOpenTable: { sesid: 0, dbid: 0, szTableName: table, ptableid: ->tableid }
  - JetSetColumn: { sesid: 0, columnid: 1, pvData: { i32: 7 } }
  - JetRetrieveColumn: { sesid: 0, columnid: 1, grbit: RetrieveCopy }
",
    );
    let shown = |bytes: &[u8]| {
        let mut seen = trace(&plan);
        seen.steps[2].outputs = vec![("pvData".into(), Value::Bytes(bytes.to_vec()))];
        details(&plan, &seen)
    };
    assert_eq!(shown(&[7, 0, 0, 0]), [""; 0]);
    for wrong in [&[8, 0, 0, 0][..], &[7, 0], &[7, 0, 0, 0, 1]] {
        assert_eq!(shown(wrong), ["value"], "{wrong:?}");
    }
}

#[test]
fn what_shares_its_place_with_another_output_is_held_to_nothing() {
    let seen = |place: &str| {
        let plan = plan(&format!(
            "
title: a value
steps:
  - JetSetColumn: {{ sesid: 0, tableid: 0, columnid: 1, pvData: {{ i32: 5 }} }}
  - JetRetrieveColumn: {{ sesid: 0, tableid: 0, columnid: 1, grbit: RetrieveCopy{place} }}
"
        ));
        let mut seen = trace(&plan);
        seen.steps[1].outputs = vec![("pvData".into(), Value::Bytes(vec![4, 0, 0, 0]))];
        details(&plan, &seen)
    };
    assert_eq!(seen(""), ["value"]);
    for shared in [
        ", pcbActual: { overlaps: pvData }",
        ", pcbActual: { overlaps: pvData, at: 2 }",
        ", pcbActual: { overlaps: pretinfo, at: 4 }, pretinfo: { itagSequence: 1 }",
    ] {
        assert_eq!(seen(shared), [""; 0], "{shared}");
    }
}
