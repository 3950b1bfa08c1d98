//! Programs out of scenarios: what somebody thought of is where many programs begin.

use std::collections::HashSet;
use std::sync::LazyLock;

use smol_str::SmolStr;

use super::fixtures;
use super::program::{Action, Body, Callback, Invocation, Program, Step, Value};
use crate::abi::role::Kind;
use crate::abi::structure::{FieldRole, Structure};
use crate::abi::{FUNCTIONS, Form, constants, function};
use crate::scenario::{Node, Sketch, SketchBody};

impl Program {
    /// The program that a case is, what it expects left aside; `None` for one on a fixture of which
    /// programs know nothing.
    pub fn of(sketch: &Sketch) -> Option<Self> {
        let fixture = match &sketch.fixture {
            Some(name) => fixtures::name(name)?,
            None => "",
        };
        let callbacks = sketch.callbacks.iter().map(|(name, bodies)| Callback {
            name: name.into(),
            bodies: bodies.iter().map(body).collect(),
        });
        Some(Self {
            fixture,
            wide: sketch.form == Form::Wide,
            callbacks: callbacks.collect(),
            steps: sketch.steps.iter().filter_map(step).collect(),
        })
    }
}

fn body(body: &SketchBody) -> Body {
    Body {
        reasons: body.reasons.clone(),
        times: body.times,
        returns: body.returns,
        steps: body.steps.iter().filter_map(step).collect(),
        beside: Vec::new(),
        writes: body.writes.clone(),
    }
}

fn step(node: &Node) -> Option<Step> {
    let entries = node.entries()?;
    let action = entries
        .iter()
        .find(|entry| !matches!(&*entry.key, "thread" | "text"))?;
    let word = |key: &str| node.get(key).and_then(Node::text);
    Some(Step {
        thread: word("thread").map(SmolStr::from),
        wide: word("text").map(|width| width == "wide"),
        action: call(&action.key, &action.value)
            .unwrap_or_else(|| Action::Other(action.key.to_string(), written(&action.value))),
        bad: None,
    })
}

/// A call, where every argument is one that the function has.
fn call(name: &str, node: &Node) -> Option<Action> {
    let id = function(name)?;
    let mut call = Invocation::new(id);
    if !node.is_null() {
        for entry in node.entries()? {
            let (_, parameter) = id.get().parameter(&entry.key)?;
            call.arguments.push((parameter.name, value(&entry.value)));
        }
    }
    Some(Action::Call(call))
}

/// What a tree says, where programs have a form for it.
fn value(node: &Node) -> Value {
    if node.is_null() {
        return Value::Null;
    }
    if let Some(items) = node.items() {
        return Value::List(items.iter().map(value).collect());
    }
    if let Some(entries) = node.entries() {
        let known: Option<Vec<_>> = entries
            .iter()
            .map(|entry| Some((*KEYS.get(&*entry.key)?, inside(&entry.key, &entry.value))))
            .collect();
        return known.map_or_else(|| written(node), Value::Map);
    }
    match (node.word(), node.text()) {
        (Some(word), _) => plain(word, node),
        (None, Some(text)) => Value::Text(text.into()),
        _ => written(node),
    }
}

/// What is under a key: a variable that is set there has no arrow.
fn inside(key: &str, node: &Node) -> Value {
    match (key, node.word()) {
        ("bind" | "from", Some(name)) => Value::Text(name.into()),
        ("hex" | "repeat" | "callback", _) => written(node),
        _ => value(node),
    }
}

fn plain(word: &str, node: &Node) -> Value {
    if let Some(name) = word.strip_prefix("->") {
        return Value::Bind(name.into());
    }
    if word == "nil" {
        return Value::Nil;
    }
    if let Ok(number) = word.parse() {
        return Value::Number(number);
    }
    let parts: Option<Vec<&'static str>> =
        word.split('|').map(|part| constant(part.trim())).collect();
    match parts {
        Some(names) => Value::Constants(names),
        None if word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') =>
        {
            Value::Variable(word.into())
        }
        None => written(node),
    }
}

fn written(node: &Node) -> Value {
    Value::Written(node.clone())
}

fn constant(name: &str) -> Option<&'static str> {
    static NAMES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| constants::names().collect());
    NAMES.get(name).copied()
}

/// The keys that a mapping may have: the fields of every structure, and the words of the format.
static KEYS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let words = [
        "size", "bind", "from", "raw", "i32", "hex", "repeat", "times", "callback", "columnid",
    ];
    let mut keys: HashSet<&'static str> = words.into_iter().collect();
    for parameter in FUNCTIONS.iter().flat_map(|function| function.parameters) {
        if let Kind::StructOut(structure) = parameter.kind {
            fields(structure, &mut keys);
        } else if let Some(structure) = super::pairs::structure_of(&parameter.kind) {
            fields(structure, &mut keys);
        }
    }
    keys
});

fn fields(structure: &'static Structure, keys: &mut HashSet<&'static str>) {
    for field in structure.fields {
        let is_new = keys.insert(field.name);
        if let (FieldRole::Struct(inner) | FieldRole::Array(inner), true) = (&field.role, is_new) {
            fields(inner, keys);
        }
    }
}
