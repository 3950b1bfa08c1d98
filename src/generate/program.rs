//! Programs: calls in order, with typed arguments, and how they are written as a scenario.

use crate::abi::FunctionId;
use crate::abi::errors::code_name;
use crate::scenario::Node;

use super::PairId;

/// A program: a fixture, and what is done on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// The fixture that it starts from.
    pub fixture: &'static str,
    /// Whether its texts are wide.
    pub wide: bool,
    /// The callbacks that it names.
    pub callbacks: Vec<Callback>,
    /// What it does.
    pub steps: Vec<Step>,
    /// The pair of parameter and badness that it was made for, if for one.
    pub aim: Option<PairId>,
}

/// A callback with its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// Its name.
    pub name: String,
    /// What it returns.
    pub returns: i32,
    /// What it does inside.
    pub steps: Vec<Step>,
    /// The codes that its steps are expected to return, where they are known.
    pub codes: Vec<i32>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Whether the second thread does it, and not the first.
    pub elsewhere: bool,
    /// What it does.
    pub action: Action,
    /// Whether its arguments are meant to be refused.
    pub bad: bool,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Calls a function.
    Call(Invocation),
    /// Acts on a file, by the format's word for it.
    File(&'static str, Value),
}

/// A call with the arguments that are written; what is left out is what the format makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The function.
    pub function: FunctionId,
    /// Arguments by documented name.
    pub arguments: Vec<(&'static str, Value)>,
}

/// An argument, a field or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A null pointer or zero handle.
    Null,
    /// All bits set.
    Nil,
    /// An invented handle or address.
    Raw(u64),
    /// A number.
    Number(i64),
    /// Constants by name, or-ed.
    Constants(Vec<&'static str>),
    /// The value of a variable.
    Variable(String),
    /// Sets a variable.
    Bind(String),
    /// Text.
    Text(String),
    /// Text or bytes that are no valid text.
    Hex(Vec<u8>),
    /// A text so many times.
    Repeat(&'static str, u32),
    /// A 32-bit number as bytes.
    I32(i32),
    /// The name under which a library finds a callback, or a callback where a number may stand.
    Callback(String),
    /// A list.
    List(Vec<Value>),
    /// A mapping: fields of a structure, or a value with more to say.
    Map(Vec<(&'static str, Value)>),
}

impl Invocation {
    /// A call with nothing written.
    pub fn new(function: FunctionId) -> Self {
        Self {
            function,
            arguments: Vec::new(),
        }
    }

    /// The argument of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.arguments
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, value)| value)
    }

    /// Writes an argument, in the place of one that was.
    pub fn set(&mut self, name: &'static str, value: Value) {
        self.arguments.retain(|(own, _)| *own != name);
        self.arguments.push((name, value));
    }
}

impl Program {
    /// How many calls it makes, those inside callbacks not counted.
    pub fn calls(&self) -> usize {
        self.steps.len()
    }

    /// The scenario, without expectations.
    pub fn node(&self, title: &str) -> Node {
        self.node_with(title, &mut |_, _| Vec::new())
    }

    /// The scenario, with the modifiers that `more` gives each outermost step, by its position.
    pub fn node_with(&self, title: &str, more: Modifiers<'_>) -> Node {
        let mut entries = vec![
            ("title", Node::plain(title)),
            ("fixture", Node::plain(self.fixture)),
        ];
        if self.wide {
            entries.push(("text", Node::plain("wide")));
        }
        if !self.callbacks.is_empty() {
            let callbacks = self.callbacks.iter();
            let callbacks = callbacks.map(|callback| (&*callback.name, callback.node()));
            entries.push(("callbacks", Node::map(callbacks)));
        }
        if self.steps.iter().any(|step| step.elsewhere) {
            entries.push(("threads", Node::list([Node::plain("second")])));
        }
        let steps = self.steps.iter().enumerate();
        let steps = steps.map(|(index, step)| step.node(more(index, step)));
        entries.push(("steps", Node::list(steps)));
        Node::map(entries)
    }
}

/// What is written beside the action of an outermost step.
pub type Modifiers<'m> = &'m mut dyn FnMut(usize, &Step) -> Vec<(&'static str, Node)>;

impl Callback {
    fn node(&self) -> Node {
        let mut entries = Vec::new();
        let returns = code_name(self.returns)
            .map_or_else(|| Node::plain(&self.returns.to_string()), Node::plain);
        if self.returns != 0 {
            entries.push(("returns", returns));
        }
        if !self.steps.is_empty() {
            let steps = self.steps.iter().enumerate().map(|(index, step)| {
                let code = self.codes.get(index).copied().filter(|code| *code != 0);
                let word = |code: i32| code_name(code).map_or(code.to_string(), str::to_owned);
                let expect = code.map(|code| ("expect", Node::plain(&word(code))));
                step.node(expect.into_iter().collect())
            });
            entries.push(("steps", Node::list(steps)));
        }
        Node::map(entries)
    }
}

impl Step {
    /// A call on the first thread.
    pub fn call(invocation: Invocation) -> Self {
        Self {
            elsewhere: false,
            action: Action::Call(invocation),
            bad: false,
        }
    }

    /// The call, if it is one.
    pub fn invocation(&self) -> Option<&Invocation> {
        match &self.action {
            Action::Call(invocation) => Some(invocation),
            Action::File(..) => None,
        }
    }

    fn node(&self, more: Vec<(&'static str, Node)>) -> Node {
        let action = match &self.action {
            Action::Call(call) => {
                let arguments = call.arguments.iter();
                let arguments = arguments.map(|(name, value)| (*name, value.node()));
                (call.function.get().name, Node::map(arguments))
            }
            Action::File(verb, value) => (*verb, value.node()),
        };
        let mut entries = vec![action];
        if self.elsewhere {
            entries.push(("thread", Node::plain("second")));
        }
        entries.extend(more);
        Node::map(entries)
    }
}

impl Value {
    /// As the format writes it.
    pub fn node(&self) -> Node {
        match self {
            Value::Null => Node::plain("null"),
            Value::Nil => Node::plain("nil"),
            Value::Raw(raw) => Node::map([("raw", Node::plain(&format!("{raw:#x}")))]),
            Value::Number(number) => Node::plain(&number.to_string()),
            Value::Constants(names) if names.is_empty() => Node::plain("0"),
            Value::Constants(names) => Node::plain(&names.join(" | ")),
            Value::Variable(name) => Node::plain(name),
            Value::Bind(name) => Node::plain(&["->", name].concat()),
            Value::Text(text) => Node::quoted(text),
            Value::Hex(bytes) => {
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                Node::map([("hex", Node::quoted(&digits))])
            }
            Value::Repeat(text, times) => Node::map([
                ("repeat", Node::quoted(text)),
                ("times", Node::plain(&times.to_string())),
            ]),
            Value::I32(number) => Node::map([("i32", Node::plain(&number.to_string()))]),
            Value::Callback(name) => Node::map([("callback", Node::plain(name))]),
            Value::List(items) => Node::list(items.iter().map(Value::node)),
            Value::Map(entries) => {
                Node::map(entries.iter().map(|(key, value)| (*key, value.node())))
            }
        }
    }

    /// Hears of every variable that it names or sets.
    pub fn variables(&self, visit: &mut dyn FnMut(&str, bool)) {
        match self {
            Value::Variable(name) => visit(name, false),
            Value::Bind(name) => visit(name, true),
            Value::List(items) => items.iter().for_each(|item| item.variables(visit)),
            Value::Map(entries) => {
                for (key, value) in entries {
                    match (*key, value) {
                        ("bind", Value::Text(name)) => visit(name, true),
                        ("from", Value::Text(name)) => visit(name, false),
                        _ => value.variables(visit),
                    }
                }
            }
            _ => {}
        }
    }

    /// Renames variables.
    pub fn rename(&mut self, from: &str, to: &str) {
        match self {
            Value::Variable(name) | Value::Bind(name) if name == from => *name = to.to_owned(),
            Value::List(items) => items.iter_mut().for_each(|item| item.rename(from, to)),
            Value::Map(entries) => {
                for (key, value) in entries {
                    match (*key, &mut *value) {
                        ("bind" | "from", Value::Text(name)) if name == from => {
                            *name = to.to_owned();
                        }
                        _ => value.rename(from, to),
                    }
                }
            }
            _ => {}
        }
    }
}
