//! Programs: calls in order, with typed arguments, and how they are written as a scenario.

use smol_str::{SmolStr, format_smolstr};

use crate::abi::FunctionId;
use crate::abi::errors::code_name;
use crate::scenario::Node;

use super::PairId;

/// A program: a fixture, and what is done on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// The fixture that it starts from; none where the name is empty.
    pub fixture: &'static str,
    /// Whether its texts are wide.
    pub wide: bool,
    /// The callbacks that it names.
    pub callbacks: Vec<Callback>,
    /// What it does.
    pub steps: Vec<Step>,
}

/// A callback with what it does.
#[derive(Debug, Clone, PartialEq)]
pub struct Callback {
    /// Its name.
    pub name: SmolStr,
    /// What it does for each reason: the first that fits.
    pub bodies: Vec<Body>,
}

/// What a callback does for some reasons.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Body {
    /// The reasons by documented name; none for every one.
    pub reasons: Vec<&'static str>,
    /// For the first so many invocations only.
    pub times: Option<u32>,
    /// What it returns.
    pub returns: i32,
    /// What it does inside.
    pub steps: Vec<Step>,
    /// What is written beside each of its steps, where that is known: what they are to expect.
    pub beside: Vec<Vec<(&'static str, Node)>>,
    /// What it writes to its arguments, by their names.
    pub writes: Vec<(&'static str, Node)>,
}

/// The format's word for a value in memory that ends with it.
pub(super) const AT_END: &str = "at-end";

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The thread that does it, where it is not the first.
    pub thread: Option<SmolStr>,
    /// Whether its texts are wide, where that is not as in the rest of the program.
    pub wide: Option<bool>,
    /// What it does.
    pub action: Action,
    /// What is bad about an argument, where one is.
    pub bad: Option<PairId>,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Calls a function.
    Call(Invocation),
    /// Does something else, by the format's word for it, or by one of the fixture's shorthands.
    Other(String, Value),
}

/// A call with the arguments that are written; what is left out is what the format makes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// The function.
    pub function: FunctionId,
    /// Arguments by documented name.
    pub arguments: Vec<(&'static str, Value)>,
}

/// An argument, a field or a part of one.
#[derive(Debug, Clone, PartialEq)]
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
    Variable(SmolStr),
    /// Sets a variable.
    Bind(SmolStr),
    /// Text.
    Text(SmolStr),
    /// Text or bytes that are no valid text.
    Hex(Vec<u8>),
    /// A text so many times.
    Repeat(&'static str, u32),
    /// A 32-bit number as bytes.
    I32(i32),
    /// The name under which a library finds a callback, or a callback where a number may stand.
    Callback(SmolStr),
    /// A list.
    List(Vec<Value>),
    /// A mapping: fields of a structure, or a value with more to say.
    Map(Vec<(&'static str, Value)>),
    /// As somebody wrote it, for what has no form of its own here.
    Written(Node),
}

impl Invocation {
    /// A call with nothing written.
    pub fn new(function: FunctionId) -> Self {
        Self {
            function,
            arguments: Vec::with_capacity(function.get().parameters.len()),
        }
    }

    /// The argument of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.arguments
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, value)| value)
    }

    /// The argument, or the field below it, that a path leads to; of an array the first element.
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        let [name, fields @ ..] = path else {
            return None;
        };
        fields.iter().try_fold(self.get(name)?, |value, field| {
            let structure = match value {
                Value::List(items) => items.first()?,
                value => value,
            };
            let Value::Map(entries) = structure else {
                return None;
            };
            let entry = entries.iter().find(|(key, _)| key == field);
            entry.map(|(_, value)| value)
        })
    }

    /// Writes an argument, in the place of one that was.
    pub fn set(&mut self, name: &'static str, value: Value) {
        self.arguments.retain(|(own, _)| *own != name);
        self.arguments.push((name, value));
    }
}

impl Program {
    /// How many steps it has, those inside callbacks not counted.
    pub fn calls(&self) -> usize {
        self.steps.len()
    }

    /// How many steps it has, those inside callbacks included.
    pub fn size(&self) -> usize {
        let bodies = self.callbacks.iter().flat_map(|callback| &callback.bodies);
        self.steps.len() + bodies.map(|body| body.steps.len()).sum::<usize>()
    }

    /// The threads beside the first, in the order in which they come.
    fn threads(&self) -> Vec<&str> {
        let mut threads: Vec<&str> = Vec::new();
        for thread in self.steps.iter().filter_map(|step| step.thread.as_deref()) {
            if !threads.contains(&thread) {
                threads.push(thread);
            }
        }
        threads
    }

    /// The callbacks as they are written, where there are any.
    pub(super) fn callbacks_node(&self) -> Option<Node> {
        let callbacks = self.callbacks.iter();
        let callbacks = callbacks.map(|callback| (&*callback.name, callback.node()));
        (!self.callbacks.is_empty()).then(|| Node::map(callbacks))
    }

    /// The threads beside the first as they are written, where there are any.
    pub(super) fn threads_node(&self) -> Option<Node> {
        let threads = self.threads();
        (!threads.is_empty()).then(|| Node::list(threads.into_iter().map(Node::plain)))
    }

    /// The scenario, without expectations.
    pub fn node(&self, title: &str) -> Node {
        self.node_with(title, &mut |_, _| Vec::new())
    }

    /// The scenario, with the modifiers that `more` gives each outermost step, by its position.
    pub fn node_with(&self, title: &str, more: Modifiers<'_>) -> Node {
        let mut entries = vec![("title", Node::plain(title))];
        if !self.fixture.is_empty() {
            entries.push(("fixture", Node::plain(self.fixture)));
        }
        if self.wide {
            entries.push(("text", Node::plain("wide")));
        }
        entries.extend(self.callbacks_node().map(|node| ("callbacks", node)));
        entries.extend(self.threads_node().map(|node| ("threads", node)));
        let steps = self.steps.iter().enumerate();
        let steps = steps.map(|(index, step)| step.node(more(index, step)).at_line(index + 1));
        entries.push(("steps", Node::list(steps)));
        Node::map(entries)
    }
}

/// What is written beside the action of an outermost step.
pub type Modifiers<'m> = &'m mut dyn FnMut(usize, &Step) -> Vec<(&'static str, Node)>;

impl Callback {
    /// A callback that does and says the same for every reason.
    pub fn plain(name: SmolStr) -> Self {
        Self {
            name,
            bodies: vec![Body::default()],
        }
    }

    /// The body of a callback that has only one; a first one is made where there is none.
    pub fn body_mut(&mut self) -> &mut Body {
        if self.bodies.is_empty() {
            self.bodies.push(Body::default());
        }
        let last = self.bodies.len() - 1;
        &mut self.bodies[last]
    }

    /// Whether it does nothing inside.
    pub fn is_idle(&self) -> bool {
        self.bodies.iter().all(|body| body.steps.is_empty())
    }

    fn node(&self) -> Node {
        let mut by_reason: Vec<(String, Vec<Node>)> = Vec::new();
        for body in &self.bodies {
            let reasons = match body.reasons.is_empty() {
                true => "any".to_owned(),
                false => body.reasons.join(" | "),
            };
            match by_reason.iter_mut().find(|(own, _)| *own == reasons) {
                Some((_, nodes)) => nodes.push(body.node()),
                None => by_reason.push((reasons, vec![body.node()])),
            }
        }
        let one_or_list = |mut nodes: Vec<Node>| match nodes.len() {
            1 => nodes.remove(0),
            _ => Node::list(nodes),
        };
        if by_reason.len() == 1 && by_reason[0].0 == "any" {
            return one_or_list(by_reason.remove(0).1);
        }
        if by_reason.is_empty() {
            return Body::default().node();
        }
        let nodes: Vec<(String, Node)> = by_reason
            .into_iter()
            .map(|(reasons, nodes)| (reasons, one_or_list(nodes)))
            .collect();
        let reasons = Node::map(
            nodes
                .iter()
                .map(|(reasons, node)| (&**reasons, node.clone())),
        );
        Node::map([("reasons", reasons)])
    }
}

impl Body {
    fn node(&self) -> Node {
        let mut entries = Vec::new();
        let word = |code: i32| code_name(code).map_or(code.to_string(), str::to_owned);
        if self.returns != 0 {
            entries.push(("returns", Node::plain(&word(self.returns))));
        }
        if let Some(times) = self.times {
            entries.push(("times", Node::plain(&times.to_string())));
        }
        if !self.steps.is_empty() {
            let steps = self.steps.iter().enumerate().map(|(index, step)| {
                let beside = self.beside.get(index).cloned().unwrap_or_default();
                step.node(beside).at_line(index + 1)
            });
            entries.push(("steps", Node::list(steps)));
        }
        if !self.writes.is_empty() {
            entries.push(("writes", Node::map(self.writes.iter().cloned())));
        }
        Node::map(entries)
    }
}

impl Step {
    /// A call on the first thread.
    pub fn call(invocation: Invocation) -> Self {
        Self::new(Action::Call(invocation))
    }

    /// Something done on the first thread.
    pub fn new(action: Action) -> Self {
        Self {
            thread: None,
            wide: None,
            action,
            bad: None,
        }
    }

    /// The call, if it is one.
    pub fn invocation(&self) -> Option<&Invocation> {
        match &self.action {
            Action::Call(invocation) => Some(invocation),
            Action::Other(..) => None,
        }
    }

    /// Hears of every variable that it names or sets.
    pub fn variables(&self, visit: &mut dyn FnMut(&str, bool)) {
        match &self.action {
            Action::Call(call) => {
                for (_, value) in &call.arguments {
                    value.variables(visit);
                }
            }
            Action::Other(_, value) => value.variables(visit),
        }
    }

    pub(super) fn node(&self, more: Vec<(&'static str, Node)>) -> Node {
        let action = match &self.action {
            Action::Call(call) => {
                let arguments = call.arguments.iter();
                let arguments = arguments.map(|(name, value)| (*name, value.node()));
                (call.function.get().name, Node::map(arguments))
            }
            Action::Other(verb, value) => (&**verb, value.node()),
        };
        let mut entries = vec![action];
        if let Some(thread) = &self.thread {
            entries.push(("thread", Node::plain(thread)));
        }
        if let Some(wide) = self.wide {
            let width = if wide { "wide" } else { "narrow" };
            entries.push(("text", Node::plain(width)));
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
            Value::Raw(raw) => Node::map([("raw", Node::plain(&format_smolstr!("{raw:#x}")))]),
            Value::Number(number) => Node::plain(&format_smolstr!("{number}")),
            Value::Constants(names) if names.is_empty() => Node::plain("0"),
            Value::Constants(names) => match names[..] {
                [name] => Node::plain(name),
                _ => Node::plain(&names.join(" | ")),
            },
            Value::Variable(name) => Node::plain(name),
            Value::Bind(name) => Node::plain(&SmolStr::from_iter(["->", name])),
            Value::Text(text) => Node::quoted(text),
            Value::Hex(bytes) => {
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                Node::map([("hex", Node::quoted(&digits))])
            }
            Value::Repeat(text, times) => Node::map([
                ("repeat", Node::quoted(text)),
                ("times", Node::plain(&times.to_string())),
            ]),
            Value::I32(number) => Node::map([("i32", Node::plain(&format_smolstr!("{number}")))]),
            Value::Callback(name) => Node::map([("callback", Node::plain(name))]),
            Value::List(items) => Node::list(items.iter().map(Value::node)),
            Value::Map(entries) => {
                Node::map(entries.iter().map(|(key, value)| (*key, value.node())))
            }
            Value::Written(node) => node.clone(),
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
            Value::Written(node) => written_variables(node, visit),
            _ => {}
        }
    }

    /// Renames variables.
    pub fn rename(&mut self, from: &str, to: &str) {
        match self {
            Value::Variable(name) | Value::Bind(name) if name == from => *name = to.into(),
            Value::List(items) => items.iter_mut().for_each(|item| item.rename(from, to)),
            Value::Map(entries) => {
                for (key, value) in entries {
                    match (*key, &mut *value) {
                        ("bind" | "from", Value::Text(name)) if name == from => {
                            *name = to.into();
                        }
                        _ => value.rename(from, to),
                    }
                }
            }
            _ => {}
        }
    }
}

/// The variables of a tree: every word that may be one. One that is none is never set by a step, so
/// nobody misses it.
fn written_variables(node: &Node, visit: &mut dyn FnMut(&str, bool)) {
    for item in node.items().unwrap_or_default() {
        written_variables(item, visit);
    }
    for entry in node.entries().unwrap_or_default() {
        match (&*entry.key, entry.value.word()) {
            ("bind", Some(name)) => visit(name, true),
            _ => written_variables(&entry.value, visit),
        }
    }
    match node.word() {
        Some(word) if word.starts_with("->") => visit(&word[2..], true),
        Some(word) => visit(word, false),
        None => {}
    }
}
