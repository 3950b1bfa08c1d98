use super::super::example::*;
use super::*;
use crate::run::trace::Value;
use crate::scenario::plan::{Codes, Expected, OutputExpectation};

fn with(number: i64) -> StepTrace {
    let mut seen = returned(0, 0);
    seen.outputs
        .push(("pcbActual".into(), Value::Number(number)));
    seen
}

#[test]
fn an_output_that_no_expectation_names_is_compared() {
    let plan = plan(vec![step(0, &[])]);
    let (a, b) = (trace(vec![with(4)]), trace(vec![with(5)]));
    assert_eq!(first_difference(&plan, Profile::Documented, &a, &a), None);
    let difference = first_difference(&plan, Profile::Documented, &a, &b).expect("a difference");
    assert_eq!(difference.what, "pcbActual");
    assert_eq!(
        (difference.reference.as_str(), difference.library.as_str()),
        ("4", "5")
    );
}

#[test]
fn an_output_that_an_expectation_names_is_not_compared() {
    let mut one = step(0, &[]);
    one.expect.outputs.push(OutputExpectation {
        name: "pcbActual".to_owned(),
        place: place(1),
        value: both(Expected::Any),
    });
    let (a, b) = (trace(vec![with(4)]), trace(vec![with(5)]));
    assert_eq!(
        first_difference(&plan(vec![one]), Profile::Documented, &a, &b),
        None
    );
}

#[test]
fn an_error_that_the_documents_do_not_name_is_compared() {
    let mut one = step(0, &[]);
    one.expect.code = both(Codes::Error);
    let plan = plan(vec![one]);
    let [a, b] = [-1312, -1310].map(|code| trace(vec![returned(0, code)]));
    assert_eq!(first_difference(&plan, Profile::Documented, &a, &a), None);
    let difference = first_difference(&plan, Profile::Documented, &a, &b).expect("a difference");
    assert_eq!(
        (difference.reference.as_str(), difference.library.as_str()),
        ("JET_errIllegalOperation", "JET_errInvalidTableId")
    );
}

#[test]
fn arguments_of_callbacks_are_compared() {
    let mut one = step(0, &[]);
    one.expect.events = both(vec![wanted(2)]);
    let fired = |context| {
        let mut seen = returned(0, 0);
        let mut fired = event(2);
        std::sync::Arc::make_mut(&mut fired.arguments)[2].1 = Value::Number(context);
        seen.events.push(fired);
        trace(vec![seen])
    };
    let difference = first_difference(&plan(vec![one]), Profile::Documented, &fired(5), &fired(6));
    assert_eq!(
        difference.expect("a difference").what,
        "callback argument pvContext"
    );
}

#[test]
fn the_diff_shows_both_traces_around_the_difference() {
    let steps: Vec<_> = (0..20).map(|id| step(id, &[])).collect();
    let plan = plan(steps);
    let run = |odd: i32| {
        let codes = (0..20).map(|id| returned(id, if id == 12 { odd } else { 0 }));
        trace(codes.collect())
    };
    let text = difference_text(&plan, &run(0), &run(-1601), Some(StepId(12)));
    assert!(
        text.contains("-JetMove(sesid, tableid, cRow: 1) -> JET_errSuccess"),
        "{text}"
    );
    assert!(
        text.contains("+JetMove(sesid, tableid, cRow: 1) -> JET_errRecordNotFound"),
        "{text}"
    );
    assert!(text.lines().count() < 15, "{text}");
    assert_eq!(difference_text(&plan, &run(0), &run(0), None), "");
}
