//! Programs as made scenarios, whose calls are lowered without being written first.

use super::program::{Action, Invocation, Program, Step, Value};
use crate::abi::{Form, FunctionId};
use crate::scenario::{Made, MadeCall, MadeStep, MadeValue, Node, Short};

impl Program {
    /// The program as a made scenario: it says what [`node`](Self::node) says. `None` for one without
    /// steps, which is no scenario.
    pub(super) fn made<'m>(&'m self, title: &'m str) -> Option<Made<'m>> {
        if self.steps.is_empty() {
            return None;
        }
        let steps = self.steps.iter().enumerate();
        Some(Made {
            title,
            fixture: Some(self.fixture).filter(|name| !name.is_empty()),
            form: form(self.wide),
            callbacks: self.callbacks_node(),
            threads: self.threads_node(),
            steps: steps.map(|(index, step)| made(index, step)).collect(),
        })
    }
}

fn form(wide: bool) -> Form {
    match wide {
        true => Form::Wide,
        false => Form::Narrow,
    }
}

fn made(index: usize, step: &Step) -> MadeStep<'_> {
    let Action::Call(call) = &step.action else {
        return MadeStep::Written(step.node(Vec::new()).at_line(index + 1));
    };
    MadeStep::Call {
        call,
        thread: step.thread.as_deref(),
        form: step.wide.map(form),
    }
}

impl MadeCall for Invocation {
    fn function(&self) -> FunctionId {
        self.function
    }

    fn arguments<'c>(&'c self, hear: &mut dyn FnMut(&'static str, &'c dyn MadeValue)) {
        for (name, value) in &self.arguments {
            hear(name, value);
        }
    }
}

impl MadeValue for Value {
    fn short(&self) -> Short<'_> {
        match self {
            Value::Null => Short::Null,
            Value::Nil => Short::Nil,
            Value::Raw(raw) => Short::Raw(*raw),
            Value::Number(number) => Short::Number(*number),
            Value::Constants(names) => Short::Constants(names),
            Value::Variable(name) => Short::Name(name),
            Value::Bind(name) => Short::Bind(name),
            Value::Text(text) => Short::Text(text),
            Value::Hex(bytes) => Short::Hex(bytes),
            Value::I32(number) => Short::I32(*number),
            Value::Map(entries) => match entries[..] {
                [("i32", Value::Number(number))] => {
                    i32::try_from(number).map_or(Short::Long, Short::I32)
                }
                [("text", Value::Text(ref text))] => Short::Hex(text.as_bytes()),
                _ => Short::Long,
            },
            _ => Short::Long,
        }
    }

    fn node(&self) -> Node {
        Value::node(self)
    }
}
