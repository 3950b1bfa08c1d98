//! Plans against a small library that misbehaves when told to.

use std::sync::Arc;

use super::example::*;
use super::trace::{End, EventThread, Outcome, StepTrace, Trace, Value, Violation};
use super::{Limits, fake, run};
use crate::abi::role::Scalar;
use crate::scenario::plan::{
    Action, Argument, CallbackId, EventExpectation, Expected, Length, Memory, MemoryId, PATTERN,
    Patch, Plan, Relation, Show, Step, StepId, ThreadId, Times, VariableId,
};

/// The length in the second piece of memory.
const LENGTH: Length = Length {
    memory: MemoryId(1),
    offset: 0,
};

fn word(word: u64) -> Argument {
    Argument::Word(word)
}

pub(super) fn go(plan: &Plan) -> Trace {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let limits = Limits {
        step_ms: 2000,
        run_ms: 5000,
    };
    run(&Arc::new(plan.clone()), &fake::api(), limits, folder.path())
}

fn begin_transaction(id: u32, sesid: u64) -> Step {
    step(
        id,
        Action::Call(call("JetBeginTransaction", &[word(sesid)]).into()),
    )
}

fn dup_session(id: u32, from: Argument, bind: Option<u32>) -> Step {
    let sesid = output("psesid", 8, Show::Scalar(Scalar::Sesid), bind);
    let call = call("JetDupSession", &[from, memory(0)]);
    step(id, Action::Call(with_memory(call, vec![sesid]).into()))
}

fn get_bookmark(id: u32, sesid: u64) -> Step {
    let show = Show::Bytes {
        length: Some(LENGTH),
    };
    let buffers = vec![
        output("pvBookmark", 10, show, None),
        output("pcbActual", 4, Show::Scalar(Scalar::Ulong), None),
    ];
    let arguments = [word(sesid), word(0), memory(0), word(10), memory(1)];
    let call = call("JetGetBookmark", &arguments);
    step(id, Action::Call(with_memory(call, buffers).into()))
}

fn register(id: u32) -> Step {
    let handle = output("phCallbackId", 8, Show::Scalar(Scalar::HandleId), None);
    let arguments = [word(1), word(2), word(96), callback(0), word(5), memory(0)];
    let call = call("JetRegisterCallback", &arguments);
    step(id, Action::Call(with_memory(call, vec![handle]).into()))
}

fn delete(id: u32) -> Step {
    let arguments = [held(0), word(0x222)];
    step(id, Action::Call(call("JetDelete", &arguments).into()))
}

fn sesids() -> Vec<crate::scenario::plan::Variable> {
    vec![
        variable("sesid", Scalar::Sesid),
        variable("spy's sesid", Scalar::Sesid),
        variable("spy's dbid", Scalar::Dbid),
        variable("spy's tableid", Scalar::Tableid),
    ]
}

fn returned(trace: &Trace) -> Vec<i32> {
    let code = |step: &StepTrace| match step.outcome {
        Outcome::Returned(code) => Some(code),
        _ => None,
    };
    trace.steps.iter().filter_map(code).collect()
}

#[test]
fn outputs_are_read_bound_and_named() {
    let mut plan = plan(vec![
        dup_session(0, word(6), Some(0)),
        dup_session(1, held(0), None),
        dup_session(2, word(6), None),
        get_bookmark(3, 0),
    ]);
    plan.variables = sesids();
    let trace = go(&plan);
    assert_eq!(trace.end, End::Complete);
    let outputs: Vec<&Value> = trace
        .steps
        .iter()
        .flat_map(|step| &step.outputs)
        .map(|(_, value)| value)
        .collect();
    let fresh = Value::Fresh {
        kind: "sesid".into(),
        number: 1,
    };
    let named = Value::Named("sesid".into());
    let bytes = Value::Bytes(b"abc".to_vec());
    assert_eq!(outputs, [&named, &fresh, &named, &bytes, &Value::Number(3)]);
}

#[test]
fn null_outputs_and_untouched_ones() {
    let mut plan = plan(vec![step(
        0,
        Action::Call(call("JetDupSession", &[word(6), word(0)]).into()),
    )]);
    plan.variables = sesids();
    let trace = go(&plan);
    assert_eq!(returned(&trace), [-1003]);
    assert!(trace.steps[0].outputs.is_empty());
}

#[test]
fn writes_beside_a_buffer_are_violations() {
    let trace = go(&plan(vec![
        get_bookmark(0, fake::BEHIND),
        get_bookmark(1, fake::BEFORE),
        get_bookmark(2, 0),
    ]));
    let outside = |offset| Violation::OutsideBuffer {
        name: "pvBookmark".into(),
        offset,
    };
    assert_eq!(trace.steps[0].violations, [outside(10)]);
    assert_eq!(trace.steps[1].violations, [outside(-1)]);
    assert_eq!(trace.steps[2].violations, []);
}

#[test]
fn a_write_after_the_call_is_a_violation_of_that_call() {
    let trace = go(&plan(vec![
        get_bookmark(0, 0),
        begin_transaction(1, fake::LATE),
        begin_transaction(2, 0),
    ]));
    let late = Violation::LateWrite {
        name: "pvBookmark".into(),
        step: StepId(0),
    };
    let found: Vec<&Violation> = trace
        .steps
        .iter()
        .flat_map(|step| &step.violations)
        .collect();
    assert_eq!(found, [&late]);
}

#[test]
fn a_late_write_that_only_a_discarded_attempt_sees_is_told() {
    let arguments = [word(0), word(0), word(0), word(0), word(0)];
    let call = call("JetMakeKey", &arguments);
    let trace = go(&plan(vec![
        get_bookmark(0, 0),
        begin_transaction(1, fake::LATE),
        step(
            2,
            Action::Until {
                codes: vec![5],
                call: call.into(),
            },
        ),
    ]));
    let steps = trace.steps.iter();
    let found: Vec<&Violation> = steps.flat_map(|step| &step.violations).collect();
    let name = "pvBookmark".into();
    let step = StepId(0);
    assert_eq!(found, [&Violation::LateWrite { name, step }]);
}

#[test]
fn a_written_input_is_a_violation() {
    let data = input("pvData", b"hello");
    let arguments = [word(0), word(0), memory(0), word(5), word(0)];
    let call = with_memory(call("JetMakeKey", &arguments), vec![data]);
    let trace = go(&plan(vec![step(0, Action::Call(call.into()))]));
    let written = Violation::InputWritten {
        name: "pvData".into(),
        offset: 2,
    };
    assert_eq!(trace.steps[0].violations, [written]);
}

#[test]
fn a_function_that_is_missing_ends_the_run() {
    let arguments = [word(0), word(0)];
    let trace = go(&plan(vec![
        step(3, Action::Call(call("JetEndSession", &arguments).into())),
        begin_transaction(4, 0),
    ]));
    let end = End::Unsupported {
        step: StepId(3),
        function: "JetEndSession".into(),
    };
    assert_eq!(trace.end, end);
    assert!(trace.steps.is_empty());
}

#[test]
fn a_variable_that_was_never_given_a_value_reaches_no_library() {
    let mut plan = plan(vec![delete(0)]);
    plan.variables = sesids();
    let trace = go(&plan);
    assert!(matches!(&trace.steps[0].outcome, Outcome::Failed(text) if text.contains("`sesid`")));
}

#[test]
fn callbacks_record_their_arguments_and_nest() {
    let mut spy = spy("spy", [1, 2, 3]);
    let mut inner = body(0, vec![delete_of_the_callback(10)]);
    inner.reasons = vec![32];
    inner.times = Some(1);
    spy.bodies = vec![inner, body(7, Vec::new())];
    let mut plan = plan(vec![
        dup_session(0, word(6), Some(0)),
        register(1),
        delete(2),
    ]);
    plan.variables = sesids();
    plan.callbacks = vec![spy];
    let trace = go(&plan);
    assert_eq!(returned(&trace), [0, 0, 0]);
    let events = &trace.steps[2].events;
    assert_eq!(events.len(), 2);
    let shown: Vec<String> = events[0]
        .arguments
        .iter()
        .map(|(name, value)| format!("{name} {value:?}"))
        .collect();
    assert_eq!(
        shown,
        [
            r#"sesid Named("sesid")"#,
            "dbid Number(1)",
            r#"tableid Fresh { kind: "tableid", number: 1 }"#,
            "cbtyp Number(32)",
            "pvArg1 Null",
            "pvArg2 Null",
            "pvContext Number(5)",
            "ulUnused Number(0)"
        ]
    );
    assert_eq!(events[0].callback, CallbackId(0));
    assert_eq!(events[0].thread, EventThread::Plan(ThreadId(0)));
    let nested = &events[0].steps[0];
    assert_eq!(nested.step, StepId(10));
    assert_eq!(nested.events.len(), 2);
    assert_eq!(nested.events[0].returned, 7);
    assert_eq!((events[0].returned, events[1].returned), (0, 7));
}

/// JetDelete with the callback's own arguments.
fn delete_of_the_callback(id: u32) -> Step {
    step(
        id,
        Action::Call(call("JetDelete", &[held(1), held(3)]).into()),
    )
}

#[test]
fn an_error_from_a_callback_reaches_the_library() {
    let mut spy = spy("spy", [1, 2, 3]);
    spy.bodies = vec![body(-1601, Vec::new())];
    let mut plan = plan(vec![
        dup_session(0, word(6), Some(0)),
        register(1),
        delete(2),
    ]);
    plan.variables = sesids();
    plan.callbacks = vec![spy];
    let trace = go(&plan);
    assert_eq!(returned(&trace), [0, 0, -1601]);
    assert_eq!(trace.steps[2].events.len(), 1);
}

#[test]
fn events_of_the_engines_own_threads_are_awaited_or_stray() {
    let get_lock = |id| {
        let arguments = [word(7), word(0x222), word(0)];
        step(id, Action::Call(call("JetGetLock", &arguments).into()))
    };
    let await_one = |id| {
        let callback = CallbackId(0);
        step(id, Action::Await { callback, times: 1 })
    };
    let mut plan = plan(vec![register(0), get_lock(1), await_one(2), get_lock(3)]);
    plan.variables = sesids();
    plan.callbacks = vec![spy("spy", [1, 2, 3])];
    plan.steps.push(await_one(4));
    let trace = go(&plan);
    assert_eq!(trace.strays, []);
    for step in [2, 4] {
        let step = &trace.steps[step];
        assert_eq!(step.outcome, Outcome::Done);
        assert_eq!(step.events.len(), 1);
        assert_eq!(step.events[0].thread, EventThread::Engine);
    }
}

#[test]
fn a_call_begun_on_another_thread_goes_on_when_its_callback_is_woken() {
    let mut spy = spy("spy", [1, 2, 3]);
    let mut waiting = body(0, vec![step(10, Action::Wait { signal: 0 })]);
    waiting.reasons = vec![32];
    spy.bodies = vec![waiting];
    let Action::Call(call) = delete(2).action else {
        unreachable!("a call")
    };
    let label = || "deletion".to_owned();
    let begin = Action::Start {
        label: label(),
        call,
    };
    let mut plan = plan(vec![
        dup_session(0, word(6), Some(0)),
        register(1),
        on_other(step(2, begin)),
        begin_transaction(3, 0),
        step(4, Action::Wake { signal: 0 }),
        step(5, Action::End { label: label() }),
    ]);
    plan.variables = sesids();
    plan.callbacks = vec![spy];
    let trace = go(&plan);
    assert_eq!(trace.end, End::Complete);
    assert_eq!(trace.steps[2].outcome, Outcome::Started);
    let end = &trace.steps[5];
    assert_eq!((end.step, &end.outcome), (StepId(5), &Outcome::Returned(0)));
    assert_eq!(end.events.len(), 2);
    assert_eq!(end.events[0].thread, EventThread::Plan(ThreadId(1)));
    assert_eq!(end.events[0].steps[0].outcome, Outcome::Done);
}

#[test]
fn a_call_that_never_returns_ends_the_run_at_the_limit() {
    let start = Action::Start {
        label: "x".into(),
        call: call("JetBeginTransaction", &[word(fake::HANG)]).into(),
    };
    let end = Action::End { label: "x".into() };
    let plan = plan(vec![on_other(step(0, start)), step(1, end)]);
    let folder = tempfile::tempdir().expect("a scratch folder");
    let limits = Limits {
        step_ms: 50,
        run_ms: 5000,
    };
    let plan = Arc::new(plan);
    let trace = run(&plan, &fake::api(), limits, folder.path());
    assert!(matches!(
        trace.end,
        End::TimedOut {
            step: StepId(1),
            limit_ms: 50,
            ..
        }
    ));
}

#[test]
fn steps_of_named_threads_run_there_in_the_written_order() {
    let mut plan = plan(vec![
        on_other(dup_session(0, word(6), Some(0))),
        register(1),
        on_other(delete(2)),
        begin_transaction(3, 0),
    ]);
    plan.variables = sesids();
    plan.callbacks = vec![spy("spy", [1, 2, 3])];
    let trace = go(&plan);
    let order: Vec<u32> = trace.steps.iter().map(|step| step.step.0).collect();
    assert_eq!(order, [0, 1, 2, 3]);
    let thread = trace.steps[2].events[0].thread;
    assert_eq!(thread, EventThread::Plan(ThreadId(1)));
}

#[test]
fn loops_repeat_and_until_shows_the_attempt_that_counts() {
    let count = |id, codes: &[i32]| {
        let arguments = [word(0), word(0), word(0), word(0), word(0)];
        let call = call("JetMakeKey", &arguments);
        let codes = codes.to_vec();
        step(
            id,
            Action::Until {
                codes,
                call: call.into(),
            },
        )
    };
    let steps = vec![begin_transaction(2, 1)];
    let repeat = Action::Repeat { times: 5, steps };
    let trace = go(&plan(vec![step(1, repeat), count(3, &[5]), count(4, &[0])]));
    assert_eq!(returned(&trace), [0, 0, 0, 0, 0, 5, 0]);
}

#[test]
fn variables_are_computed_and_compared() {
    let set = |id, variable, base: Option<u32>, add| {
        let action = Action::Let {
            variable: VariableId(variable),
            base: base.map(VariableId),
            add,
        };
        step(id, action)
    };
    let compare = |id, relation| {
        let variables = vec![VariableId(0), VariableId(1)];
        let action = Action::Compare {
            variables,
            relation,
        };
        step(id, action)
    };
    let mut plan = plan(vec![
        set(0, 0, None, 5),
        set(1, 1, Some(0), -1),
        compare(2, Relation::Distinct),
        compare(3, Relation::Same),
        compare(4, Relation::Less),
    ]);
    plan.variables = sesids();
    let trace = go(&plan);
    assert_eq!(trace.steps[2].outcome, Outcome::Done);
    let differ = "`sesid` and `spy's sesid` differ";
    assert_eq!(trace.steps[3].outcome, Outcome::Failed(differ.into()));
    let more = "`sesid` is not less than `spy's sesid`";
    assert_eq!(trace.steps[4].outcome, Outcome::Failed(more.into()));
}

#[test]
fn a_plan_that_names_what_is_not_there_is_refused() {
    let trace = go(&plan(vec![delete(0)]));
    assert!(matches!(trace.end, End::Broken { .. }));
}

/// A bookmark of 8 bytes that is written into a piece of 10, so many bytes behind its beginning.
fn get_bookmark_at(offset: u32, change: fn(&mut Memory)) -> Trace {
    let show = Show::Bytes { length: None };
    let mut buffer = output("pvBookmark", 10, show, None);
    change(&mut buffer);
    let place = Argument::Inside(MemoryId(0), offset);
    let arguments = [word(0), word(0), place, word(8), word(0)];
    let call = with_memory(call("JetGetBookmark", &arguments), vec![buffer]);
    go(&plan(vec![step(0, Action::Call(call.into()))]))
}

#[test]
fn an_argument_can_point_inside_memory() {
    let whole = get_bookmark_at(2, |_| ());
    assert_eq!(whole.end, End::Complete);
    let bytes = Value::Bytes(vec![PATTERN, PATTERN, b'a', b'b', b'c']);
    assert_eq!(whole.steps[0].outputs, [("pvBookmark".into(), bytes)]);
    let shared = get_bookmark_at(2, |memory| memory.outputs[0].show = Show::Shared);
    assert_eq!(shared.end, End::Complete);
    let nothing = [("pvBookmark".into(), Value::Untouched)];
    assert_eq!(shared.steps[0].outputs, nothing);
    assert_eq!(shared.steps[0].violations, []);
}

#[test]
fn memory_that_cannot_be_used_as_it_is_described_is_refused() {
    let reason = |trace: Trace| match trace.end {
        End::Broken { reason, .. } => reason,
        end => panic!("{end:?}"),
    };
    let outside = "step 0: there is no byte 11 in the 10 bytes of `pvBookmark`, nor at their end";
    assert_eq!(reason(get_bookmark_at(11, |_| ())), outside);
    let over_an_address = get_bookmark_at(0, |memory| {
        memory.patches.push(Patch {
            offset: 2,
            size: 8,
            value: Argument::Realloc,
        })
    });
    assert!(reason(over_an_address).contains("lies over the address"));
    let at_end = get_bookmark_at(0, |memory| memory.at_end = true);
    assert!(reason(at_end).contains("is only read"));
}

#[test]
fn a_user_defined_default_shows_size_and_data_and_never_overruns() {
    let show = Show::Bytes {
        length: Some(LENGTH),
    };
    let buffers = vec![
        output("pvData", 2, show, None),
        output("pcbActual", 4, Show::Scalar(Scalar::Ulong), None),
    ];
    let arguments = [
        word(1),
        word(2),
        word(256),
        memory(0),
        word(2),
        memory(1),
        word(0),
        word(0),
    ];
    let call = with_memory(call("JetRetrieveColumn", &arguments), buffers);
    let mut retrieve = step(1, Action::Call(call.into()));
    let data = Expected::Bytes(b"hello".to_vec());
    let event = EventExpectation {
        callback: CallbackId(0),
        place: retrieve.place.clone(),
        arguments: vec![("pvContext".into(), data)],
        same_thread: None,
        times: Times::default(),
        courses: Vec::new(),
    };
    retrieve.expect.events.documented.push(event);
    let mut spy = spy("spy", [1, 2, 3]);
    let mut writes = body(0, Vec::new());
    writes.write_arg1 = Some(b"abcd".to_vec());
    writes.write_arg2 = Some(4);
    spy.bodies = vec![writes];
    let mut plan = plan(vec![register(0), retrieve]);
    plan.variables = sesids();
    plan.callbacks = vec![spy];
    let trace = go(&plan);
    let retrieved = &trace.steps[1];
    assert_eq!(retrieved.violations, []);
    assert_eq!(retrieved.outputs[0].1, Value::Bytes(b"ab".to_vec()));
    assert_eq!(retrieved.outputs[1].1, Value::Number(4));
    let seen = &retrieved.events[0].arguments;
    assert_eq!(seen[5], ("pvArg2".into(), Value::Number(2)));
    let data = Value::Bytes(b"hello".to_vec());
    assert_eq!(seen[6], ("pvContext".into(), data));
}
