//! The cases that a matrix stands for.

use std::path::Path;

use crate::scenario::parse;
use crate::scenario::plan::{Action, Codes, Plan, Step};

const HEAD: &str = "\
title: t
fixture: cursors
callbacks:
  keeper: {}
matrix:
  cursors:
    passed:
      with: { sesid: sesid, tableid: tableid }
    second:
      with: { sesid: sesid, tableid: other }
      before: [{ JetMove: { tableid: other, cRow: JET_MoveFirst } }]
      without: AfterInsert
      covers: callback/second-cursor-unrestricted
  reasons:
    BeforeInsert:
      - JetRegisterCallback: { cbtyp: BeforeInsert, pCallback: $callback, phCallbackId: ->handle }
      - insert: { id: 9, value: 90 }
        events: [{ $callback: BeforeInsert }]
      - JetUnregisterCallback: { cbtyp: BeforeInsert, hCallbackId: handle }
    AfterInsert:
      - JetRegisterCallback: { cbtyp: AfterInsert, pCallback: $callback }
      - insert: { id: 10, value: 100 }
        events: [{ $callback: AfterInsert }]
  calls:
";

fn plans(calls: &str) -> Vec<Plan> {
    plans_of(&[HEAD, calls].concat())
}

fn plans_of(text: &str) -> Vec<Plan> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    match parse("test.yaml", text, Some(&folder)) {
        Ok(scenario) => scenario
            .plans()
            .iter()
            .map(|plan| (**plan).clone())
            .collect(),
        Err(faults) => {
            let rendered: Vec<String> = faults.iter().map(|fault| fault.render(false)).collect();
            panic!("{}", rendered.join("\n"))
        }
    }
}

fn functions(steps: &[Step]) -> Vec<&'static str> {
    let name = |step: &Step| match &step.action {
        Action::Call(call) => Some(call.function.get().name),
        _ => None,
    };
    steps.iter().filter_map(name).collect()
}

/// The bodies of the case's own callback: reasons and functions.
fn bodies(plan: &Plan) -> Vec<(Vec<u32>, Vec<&'static str>)> {
    let own = plan.callbacks.last().expect("the case's callback");
    let body = |body: &crate::scenario::plan::Body| (body.reasons.clone(), functions(&body.steps));
    own.bodies.iter().map(body).collect()
}

const MOVE: &str = "    JetMove:
      before: [{ JetMove: { cRow: JET_MoveLast } }]
      call: { JetMove: { cRow: JET_MoveFirst } }
      then: [{ JetGetBookmark: {} }]
      after: [{ JetComputeStats: {} }]
      expect: { passed: JET_errIllegalOperation }
      covers: callback/refuses-move
";

#[test]
fn each_call_on_each_cursor_is_a_case() {
    let plans = plans(MOVE);
    let names: Vec<&str> = plans.iter().map(|plan| plan.case.as_str()).collect();
    assert_eq!(names, ["JetMove.passed", "JetMove.second"]);
    let line = |plan: &Plan| plan.callbacks.last().map(|own| own.name.clone());
    let callbacks: Vec<_> = plans.iter().filter_map(line).collect();
    assert_eq!(callbacks, ["passed", "second"]);
}

#[test]
fn the_call_stands_alone_on_the_passed_cursor_and_is_made_outside_first() {
    let plans = plans(MOVE);
    assert_eq!(
        bodies(&plans[0]),
        [(vec![2], vec!["JetMove"]), (vec![4], vec!["JetMove"])]
    );
    let outside = [
        "JetMove",
        "JetMove",
        "JetGetBookmark",
        "JetComputeStats",
        "JetRegisterCallback",
    ];
    let all = functions(&plans[0].steps);
    let found = all.windows(outside.len()).any(|part| *part == outside);
    assert!(found, "{all:?}");
}

#[test]
fn on_other_cursors_it_is_prepared_looked_at_and_put_back() {
    let plans = plans(MOVE);
    let cell = [
        "JetMove",
        "JetMove",
        "JetMove",
        "JetGetBookmark",
        "JetComputeStats",
    ];
    assert_eq!(bodies(&plans[1]), [(vec![2], cell.to_vec())]);
}

#[test]
fn a_cell_expects_what_its_cursor_and_reason_say() {
    let plans = plans(
        "    JetGetBookmark:\n      call: { JetGetBookmark: {} }\n      expect: { passed: { AfterInsert: { documented: JET_errRecordDeleted, genuine: JET_errNoCurrentRecord } } }\n",
    );
    let own = plans[0].callbacks.last().expect("the case's callback");
    let codes = |index: usize| {
        let step: &Step = &own.bodies[index].steps[0];
        let code = &step.expect.code;
        (code.documented.clone(), code.genuine.clone())
    };
    let one = |code| Codes::OneOf(vec![code].into());
    assert_eq!(codes(0), (one(0), one(0)));
    assert_eq!(codes(1), (one(-1017), one(-1603)));
}

#[test]
fn what_a_call_shows_may_be_told_by_reason() {
    let plans = plans(
        "    JetGetBookmark:\n      call: { JetGetBookmark: {} }\n      covers: { BeforeInsert: callback/allows-get-bookmark, AfterInsert: [cbtyp/after-not-prepared, callback/allows-get-bookmark] }\n",
    );
    let own = plans[0].callbacks.last().expect("the case's callback");
    let covers = |index: usize| own.bodies[index].steps[0].expect.covers.clone();
    assert_eq!(covers(0), ["callback/allows-get-bookmark"]);
    assert_eq!(
        covers(1),
        ["cbtyp/after-not-prepared", "callback/allows-get-bookmark"]
    );
}

#[test]
fn each_group_of_reasons_makes_cases_of_its_own() {
    let groups = HEAD
        .replace("    AfterInsert:\n", "    BeforeInsert.later:\n")
        .replace("      without: AfterInsert\n", "")
        .replace("cbtyp: AfterInsert", "cbtyp: BeforeInsert")
        .replace("callback: AfterInsert", "callback: BeforeInsert");
    let plans = plans_of(&[
        &groups,
        "    JetMove:\n      call: { JetMove: { cRow: JET_MoveFirst } }\n      expect: { passed: { BeforeInsert.later: error, BeforeInsert: JET_errIllegalOperation } }\n",
    ]
    .concat());
    let names: Vec<&str> = plans.iter().map(|plan| plan.case.as_str()).collect();
    assert_eq!(
        names,
        [
            "JetMove.passed",
            "JetMove.passed.later",
            "JetMove.second",
            "JetMove.second.later"
        ]
    );
    let code = |index: usize| {
        let own = plans[index].callbacks.last().expect("the case's callback");
        own.bodies[0].steps[0].expect.code.documented.clone()
    };
    assert_eq!(code(0), Codes::OneOf(vec![-1312].into()));
    assert_eq!(code(1), Codes::Error);
}

#[test]
fn without_cursors_a_call_is_made_once_for_each_reason() {
    let plans = plans_of(
        "\
title: t
fixture: table
matrix:
  reasons:
    BeforeInsert:
      - JetRegisterCallback: { cbtyp: BeforeInsert, pCallback: $callback }
      - insert: { id: 9 }
        events: [{ $callback: BeforeInsert }]
  calls:
    JetBeginTransaction:
      call: { JetBeginTransaction: {} }
      after: [{ JetRollback: {} }]
      expect: { BeforeInsert: JET_errInTransaction }
      covers: callback/nested-transaction
",
    );
    assert_eq!(plans[0].case, "JetBeginTransaction");
    let calls = ["JetBeginTransaction", "JetRollback"];
    assert_eq!(bodies(&plans[0]), [(vec![2], calls.to_vec())]);
    let own = plans[0].callbacks.last().expect("the case's callback");
    let step = &own.bodies[0].steps[0];
    assert_eq!(step.expect.covers, ["callback/nested-transaction"]);
    assert_eq!(
        step.expect.code.documented,
        Codes::OneOf(vec![-1108].into())
    );
}

#[test]
fn a_reason_that_is_not_there_is_a_fault() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let calls = "    JetMove:\n      call: { JetMove: { cRow: JET_MoveFirst } }\n      fires: BeforeInsert.later\n      expect: { passed: { BeforeDelete: error } }\n";
    let faults = parse("test.yaml", &[HEAD, calls].concat(), Some(&folder)).err();
    let rendered: Vec<String> = faults
        .unwrap_or_default()
        .iter()
        .map(|fault| fault.render(false))
        .collect();
    let rendered = rendered.join("\n");
    for name in ["BeforeInsert.later", "BeforeDelete"] {
        let fault = format!("there is no reason `{name}`");
        assert!(rendered.contains(&fault), "{rendered}");
    }
}
