//! A hand-made plan and its traces, for the judge's own tests.

use smallvec::smallvec;

use crate::abi::role::Scalar;
use crate::abi::{Form, function};
use crate::run::trace::{Event, EventKind, EventThread, Outcome, StepTrace, Trace, Value};
use crate::scenario::plan::*;
use crate::spec::Register;

/// Three requirements: one that binds, one that was observed, one where the genuine engine differs.
pub(super) fn register() -> Register {
    let page = "page: jetx.md\ntitle: X\nurl: https://example.org\nrecords:\n\
        - {id: area/must, says: a, strength: must, basis: documented, genuine: agrees}\n\
        - {id: area/observed, says: b, strength: must, basis: observed, genuine: agrees, source: 'engine: a.cxx:B'}\n\
        - {id: area/differs, says: c, strength: must, basis: documented, genuine: {differs: so}}\n\
        - {id: area/late, says: d, strength: must, basis: documented, since: windows-10, genuine: agrees}\n";
    Register::from_pages([("jetx.yaml", page)]).expect("a register")
}

pub(super) fn place(line: u32) -> Place {
    Place {
        file: "callback/example.yaml".into(),
        line,
        column: 5,
    }
}

/// A plan of these steps with one callback `spy` and the variables sesid, dbid, tableid, size.
pub(super) fn plan(steps: Vec<Step>) -> Plan {
    let variable = |name: &str, scalar| Variable {
        name: name.into(),
        kind: VariableKind::Scalar(scalar),
    };
    Plan {
        file: "callback/example.yaml".into(),
        case: "first".to_owned(),
        form: Form::Narrow,
        title: "an example".to_owned(),
        steps,
        callbacks: vec![Callback {
            name: "spy".to_owned(),
            place: place(2),
            bodies: Vec::new(),
            arguments: [VariableId(0), VariableId(1), VariableId(2)],
        }],
        variables: vec![
            variable("sesid", Scalar::Sesid),
            variable("dbid", Scalar::Dbid),
            variable("tableid", Scalar::Tableid),
            variable("size", Scalar::Ulong),
        ],
        threads: vec!["main".to_owned()],
        signals: Vec::new(),
    }
}

/// A call of `JetMove` that covers these ids; its line is 10 more than its number.
pub(super) fn step(id: u32, covers: &[&str]) -> Step {
    let call = Call {
        function: function("JetMove").expect("JetMove"),
        form: Form::Narrow,
        arguments: smallvec![
            Argument::Variable(VariableId(0)),
            Argument::Variable(VariableId(2)),
            Argument::Word(1),
            Argument::Word(0),
        ],
        memory: Vec::new(),
    };
    Step {
        id: StepId(id),
        place: place(id + 10),
        part: Part::Case,
        thread: ThreadId(0),
        action: Action::Call(call.into()),
        expect: Expectations {
            covers: covers.iter().map(|id| (*id).to_owned()).collect(),
            ..Expectations::default()
        },
    }
}

pub(super) fn both<T: Clone>(value: T) -> ByProfile<T> {
    ByProfile {
        documented: value.clone(),
        genuine: value,
    }
}

pub(super) fn returned(id: u32, code: i32) -> StepTrace {
    StepTrace {
        step: StepId(id),
        outcome: Outcome::Returned(code),
        outputs: Vec::new(),
        events: Vec::new(),
        violations: Vec::new(),
    }
}

pub(super) fn trace(steps: Vec<StepTrace>) -> Trace {
    Trace {
        steps,
        ..Trace::default()
    }
}

/// An invocation of `spy` for this reason.
pub(super) fn event(cbtyp: i64) -> Event {
    Event {
        callback: CallbackId(0),
        kind: EventKind::Callback,
        arguments: vec![
            ("sesid".into(), Value::Named("sesid".into())),
            ("cbtyp".into(), Value::Number(cbtyp)),
            ("pvContext".into(), Value::Number(5)),
        ]
        .into(),
        thread: EventThread::Plan(ThreadId(0)),
        steps: Vec::new(),
        returned: 0,
    }
}

/// An expectation of `spy` for this reason.
pub(super) fn wanted(cbtyp: u64) -> EventExpectation {
    EventExpectation {
        callback: CallbackId(0),
        place: place(50),
        arguments: vec![("cbtyp".to_owned(), Expected::Number(cbtyp))],
        same_thread: None,
        times: Times::default(),
        courses: Vec::new(),
    }
}
