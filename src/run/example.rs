//! Small plans for tests.

use smallvec::SmallVec;

use crate::abi::role::Scalar;
use crate::abi::{Form, function};
use crate::scenario::plan::{
    Action, Argument, Body, Call, Callback, CallbackId, Expectations, Memory, MemoryId, Output,
    PATTERN, Part, Place, Plan, Show, Step, StepId, ThreadId, Variable, VariableId, VariableKind,
};

pub(crate) fn plan(steps: Vec<Step>) -> Plan {
    Plan {
        file: "test.yaml".into(),
        case: String::new(),
        form: Form::Narrow,
        title: "a test".into(),
        steps,
        callbacks: Vec::new(),
        variables: Vec::new(),
        threads: vec!["main".into(), "other".into()],
        signals: vec!["go".into()],
    }
}

pub(crate) fn variable(name: &str, scalar: Scalar) -> Variable {
    Variable {
        name: name.into(),
        kind: VariableKind::Scalar(scalar),
    }
}

pub(crate) fn step(id: u32, action: Action) -> Step {
    Step {
        id: StepId(id),
        place: place(),
        part: Part::Case,
        thread: ThreadId(0),
        action,
        expect: Expectations::default(),
    }
}

pub(crate) fn on_other(mut step: Step) -> Step {
    step.thread = ThreadId(1);
    step
}

pub(crate) fn call(name: &str, arguments: &[Argument]) -> Call {
    Call {
        function: function(name).expect("a function of the list"),
        form: Form::Narrow,
        arguments: arguments.into(),
        memory: Vec::new(),
    }
}

pub(crate) fn with_memory(mut call: Call, memory: Vec<Memory>) -> Call {
    call.memory = memory;
    call
}

pub(crate) fn input(name: &str, bytes: &[u8]) -> Memory {
    Memory {
        name: name.into(),
        bytes: bytes.into(),
        patches: Vec::new(),
        outputs: SmallVec::new(),
        from: None,
        at_end: false,
    }
}

pub(crate) fn output(name: &str, size: u32, show: Show, bind: Option<u32>) -> Memory {
    let mut memory = input(name, &vec![PATTERN; size as usize]);
    memory.outputs.push(Output {
        name: name.into(),
        offset: 0,
        size,
        show,
        bind: bind.map(VariableId),
    });
    memory
}

pub(crate) fn memory(number: u32) -> Argument {
    Argument::Memory(MemoryId(number))
}

pub(crate) fn held(number: u32) -> Argument {
    Argument::Variable(VariableId(number))
}

pub(crate) fn spy(name: &str, arguments: [u32; 3]) -> Callback {
    Callback {
        name: name.into(),
        place: place(),
        bodies: Vec::new(),
        arguments: arguments.map(VariableId),
    }
}

pub(crate) fn body(returns: i32, steps: Vec<Step>) -> Body {
    Body {
        reasons: Vec::new(),
        times: None,
        steps,
        write_arg1: None,
        write_arg2: None,
        returns,
        never: false,
        raises: None,
    }
}

pub(crate) fn callback(number: u32) -> Argument {
    Argument::Callback(CallbackId(number))
}

fn place() -> Place {
    Place {
        file: "test.yaml".into(),
        line: 1,
        column: 1,
    }
}
