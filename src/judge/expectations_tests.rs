use std::sync::Arc;

use smallvec::smallvec;

use super::super::example::*;
use super::*;
use crate::run::trace::{Value, Violation};
use crate::scenario::plan::{ByProfile, Codes, OutputExpectation, VariableId};

fn found(steps: Vec<Step>, traces: Vec<StepTrace>) -> Vec<Mismatch> {
    mismatches(&plan(steps), Profile::Documented, &trace(traces))
}

fn only(steps: Vec<Step>, traces: Vec<StepTrace>) -> Mismatch {
    let mut found = found(steps, traces);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn success_without_warning_is_what_an_unmarked_step_expects() {
    assert!(found(vec![step(0, &[])], vec![returned(0, 0)]).is_empty());
    let mismatch = only(vec![step(0, &["area/must"])], vec![returned(0, 1039)]);
    assert_eq!(mismatch.what, What::Code);
    assert_eq!(mismatch.expected, "JET_errSuccess");
    assert_eq!(mismatch.seen, "JET_wrnSeekNotEqual");
    assert_eq!(mismatch.place, Some(place(10)));
    assert_eq!(mismatch.covers, ["area/must"]);
}

#[test]
fn codes_may_differ_between_the_profiles_and_be_several() {
    let mut one = step(0, &[]);
    one.expect.code = ByProfile {
        documented: Codes::OneOf(vec![-1003].into()),
        genuine: Codes::OneOf(vec![0, 1039].into()),
    };
    let plan = plan(vec![one]);
    let seen = trace(vec![returned(0, 1039)]);
    assert!(mismatches(&plan, Profile::Genuine, &seen).is_empty());
    assert_eq!(mismatches(&plan, Profile::Documented, &seen).len(), 1);
}

#[test]
fn any_error_will_do_where_the_documents_name_none() {
    let mut one = step(0, &["area/must"]);
    one.expect.code = both(Codes::Error);
    for error in [-1003, -1312, -30_000] {
        assert!(found(vec![one.clone()], vec![returned(0, error)]).is_empty());
    }
    for (code, seen) in [(0, "JET_errSuccess"), (1039, "JET_wrnSeekNotEqual")] {
        let mismatch = only(vec![one.clone()], vec![returned(0, code)]);
        assert_eq!(mismatch.what, What::Code);
        assert_eq!(mismatch.expected, "an error");
        assert_eq!(mismatch.seen, seen);
    }
}

#[test]
fn an_output_is_judged_where_it_is_written() {
    let mut one = step(0, &[]);
    one.expect.outputs.push(OutputExpectation {
        name: "pcbActual".into(),
        place: place(30),
        value: both(Expected::Number(4)),
    });
    let mut seen = returned(0, 0);
    seen.outputs.push(("pcbActual".into(), Value::Number(5)));
    let mismatch = only(vec![one], vec![seen]);
    assert_eq!(mismatch.what, What::Output("pcbActual".to_owned()));
    assert_eq!(
        (mismatch.expected.as_str(), mismatch.seen.as_str()),
        ("4", "5")
    );
    assert_eq!(mismatch.place, Some(place(30)));
}

#[test]
fn a_bound_number_is_remembered_until_it_is_expected() {
    use crate::abi::role::Scalar;
    use crate::scenario::plan::{Memory, Output, Show};
    let mut first = step(0, &[]);
    if let Action::Call(call) = &mut first.action {
        Arc::make_mut(call).memory.push(Memory {
            name: "pcbActual".into(),
            bytes: smallvec![0xA5; 4],
            patches: Vec::new(),
            outputs: smallvec![Output {
                name: "pcbActual".into(),
                offset: 0,
                size: 4,
                show: Show::Scalar(Scalar::Ulong),
                bind: Some(VariableId(3)),
            }],
            from: None,
            at_end: false,
        });
    }
    let mut second = step(1, &[]);
    second.expect.outputs.push(OutputExpectation {
        name: "pcbActual".into(),
        place: place(30),
        value: both(Expected::Variable(VariableId(3))),
    });
    let with = |id, number| {
        let mut seen = returned(id, 0);
        seen.outputs
            .push(("pcbActual".into(), Value::Number(number)));
        seen
    };
    let steps = vec![first, second];
    assert!(found(steps.clone(), vec![with(0, 7), with(1, 7)]).is_empty());
    let mismatch = only(steps, vec![with(0, 7), with(1, 8)]);
    assert_eq!(mismatch.expected, "size (7)");
}

#[test]
fn no_callback_may_fire_unannounced() {
    let mut seen = returned(0, 0);
    seen.events.push(event(2));
    let mismatch = only(vec![step(0, &[])], vec![seen]);
    assert_eq!(mismatch.what, What::Unannounced);
    assert_eq!(mismatch.expected, "none");
    assert_eq!(mismatch.seen, "spy(BeforeInsert)");
}

#[test]
fn callbacks_are_judged_by_number_order_and_reason() {
    let mut one = step(0, &[]);
    one.expect.events = both(vec![wanted(2), wanted(4)]);
    let with = |reasons: &[i64]| {
        let mut seen = returned(0, 0);
        seen.events = reasons.iter().map(|reason| event(*reason)).collect();
        seen
    };
    assert!(found(vec![one.clone()], vec![with(&[2, 4])]).is_empty());
    for wrong in [&[4, 2][..], &[2], &[2, 4, 4], &[2, 8]] {
        let mismatch = only(vec![one.clone()], vec![with(wrong)]);
        assert_eq!(mismatch.what, What::Events);
        assert_eq!(mismatch.expected, "spy(BeforeInsert), spy(AfterInsert)");
    }
}

#[test]
fn an_argument_of_a_callback_is_named() {
    let mut one = step(0, &[]);
    let mut expected = wanted(2);
    expected
        .arguments
        .push(("pvContext".to_owned(), Expected::Null));
    expected.same_thread = Some(false);
    one.expect.events = both(vec![expected]);
    let mut seen = returned(0, 0);
    seen.events.push(event(2));
    let found = found(vec![one], vec![seen]);
    let what: Vec<_> = found.iter().map(|found| found.what.to_string()).collect();
    assert_eq!(
        what,
        ["callback argument pvContext", "callback argument thread"]
    );
}

#[test]
fn steps_inside_a_callback_have_expectations_of_their_own() {
    let mut plan = plan(vec![step(0, &[])]);
    plan.steps[0].expect.events = both(vec![wanted(2)]);
    plan.steps[0].expect.covers.push("area/outer".to_owned());
    let mut inner = step(1, &["area/must"]);
    inner.part = Part::Body;
    plan.callbacks[0].bodies.push(crate::scenario::plan::Body {
        reasons: Vec::new(),
        times: None,
        steps: vec![inner],
        write_arg1: None,
        write_arg2: None,
        returns: 0,
        never: false,
        raises: None,
    });
    let mut seen = returned(0, 0);
    let mut fired = event(2);
    fired.steps.push(returned(1, -1601));
    seen.events.push(fired);
    let trace = trace(vec![seen]);
    let found = mismatches(&plan, Profile::Documented, &trace);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].step, Some(StepId(1)));
    assert_eq!(found[0].seen, "JET_errRecordNotFound");
    assert_eq!(found[0].covers, ["area/must"]);
    plan.callbacks[0].bodies[0].steps[0].expect.covers.clear();
    let found = mismatches(&plan, Profile::Documented, &trace);
    assert_eq!(found[0].covers, ["area/outer"]);
}

#[test]
fn memory_written_against_the_contract_names_the_parameter() {
    let mut seen = returned(0, 0);
    seen.violations.push(Violation::OutsideBuffer {
        name: "pvData".to_owned(),
        offset: 4,
    });
    let mismatch = only(vec![step(0, &[])], vec![seen]);
    assert_eq!(mismatch.what, What::Violation);
    assert_eq!(mismatch.seen, "wrote outside pvData, at offset 4");
}

#[test]
fn a_step_that_was_never_done_is_missing_only_from_a_complete_run() {
    let steps = vec![step(0, &[]), step(1, &[])];
    let mismatch = only(steps.clone(), vec![returned(0, 0)]);
    assert_eq!(
        (mismatch.what, mismatch.step),
        (What::Missing, Some(StepId(1)))
    );
    let mut dead = trace(vec![returned(0, 0)]);
    dead.end = End::Died {
        step: StepId(1),
        doing: "JetMove".to_owned(),
        how: "signal 11".to_owned(),
    };
    assert!(mismatches(&plan(steps), Profile::Documented, &dead).is_empty());
}

#[test]
fn a_callback_after_the_last_step_is_a_stray() {
    let mut seen = trace(vec![returned(0, 0)]);
    seen.strays.push(event(2));
    let found = mismatches(&plan(vec![step(0, &[])]), Profile::Documented, &seen);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].what, What::Stray);
}
