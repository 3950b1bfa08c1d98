//! What a case says to do, as trees and without what it expects: what a program can be made of.

use super::bodies::{BodyDocument, CallbackDocument};
use super::load::Scenario;
use super::node::{Content, Node};
use super::steps::MODIFIERS;
use crate::abi::{Form, constants};

/// One case, ready to be written again.
#[derive(Debug, Clone, PartialEq)]
pub struct Sketch {
    /// The file and, where it has several, the case.
    pub name: String,
    /// The fixture, if it has one.
    pub fixture: Option<String>,
    /// The width of its texts.
    pub form: Form,
    /// Its callbacks by name.
    pub callbacks: Vec<(String, Vec<SketchBody>)>,
    /// Its threads beside `main`.
    pub threads: Vec<String>,
    /// Its steps, and those that follow every case of the file.
    pub steps: Vec<Node>,
}

/// What a callback does for some reasons.
#[derive(Debug, Clone, PartialEq)]
pub struct SketchBody {
    /// The reasons by documented name; none for every one.
    pub reasons: Vec<&'static str>,
    /// For the first so many invocations only.
    pub times: Option<u32>,
    /// What it returns.
    pub returns: i32,
    /// The steps done inside.
    pub steps: Vec<Node>,
    /// What it writes to its arguments, by their names.
    pub writes: Vec<(&'static str, Node)>,
}

impl Scenario {
    /// Its cases, one for each width of text.
    pub fn sketches(&self) -> Vec<Sketch> {
        let document = self.document();
        let forms = document.texts.forms();
        let both = document.cases.iter().flat_map(|case| {
            let callbacks = document.callbacks.iter().chain(&case.callbacks);
            let callbacks: Vec<_> = callbacks.map(callback).collect();
            let name = match case.name.is_empty() {
                true => self.path().to_string(),
                false => format!("{}: {}", self.path(), case.name),
            };
            let steps = case.steps.iter().chain(&document.then);
            let steps: Vec<Node> = steps.map(without_expectations).collect();
            forms.iter().map(move |form| Sketch {
                name: name.clone(),
                fixture: document.fixture.as_ref().map(|(name, _)| name.clone()),
                form: *form,
                callbacks: callbacks.clone(),
                threads: document
                    .threads
                    .iter()
                    .map(|(name, _)| name.clone())
                    .collect(),
                steps: steps.clone(),
            })
        });
        both.collect()
    }
}

fn callback(callback: &CallbackDocument) -> (String, Vec<SketchBody>) {
    let bodies = callback.bodies.iter().map(body);
    (callback.name.clone(), bodies.collect())
}

fn body(body: &BodyDocument) -> SketchBody {
    let mut writes = Vec::new();
    if let Some(bytes) = &body.write_arg1 {
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        writes.push(("pvArg1", Node::map([("hex", Node::quoted(&digits))])));
    }
    if let Some(number) = body.write_arg2 {
        writes.push(("pvArg2", Node::plain(&number.to_string())));
    }
    SketchBody {
        reasons: body
            .reasons
            .iter()
            .filter_map(|code| reason_name(*code))
            .collect(),
        times: body.times,
        returns: body.returns,
        steps: body.steps.iter().map(without_expectations).collect(),
        writes,
    }
}

/// The documented name of a reason, or of the state that a status function is told.
fn reason_name(code: u32) -> Option<&'static str> {
    let named = |prefix: &'static str| {
        let mut names: Vec<&str> = constants::names()
            .filter(|name| name.starts_with(prefix))
            .filter(|name| constants::value(name) == Some(u64::from(code)))
            .collect();
        names.sort_unstable();
        names.first().copied()
    };
    named("JET_cbtyp").or_else(|| named("JET_snt"))
}

/// A step without what must come of it.
fn without_expectations(node: &Node) -> Node {
    let kept = |key: &str| !MODIFIERS.contains(&key) || matches!(key, "thread" | "text");
    let Some(entries) = node.entries() else {
        return node.clone();
    };
    let entries = entries.iter().filter(|entry| kept(&entry.key));
    let content = entries.map(|entry| {
        let mut entry = entry.clone();
        if &*entry.key == "repeat"
            && let Content::Map(inner) = &mut entry.value.content
        {
            for inner in inner.iter_mut().filter(|inner| &*inner.key == "steps") {
                inner.value.content = match &inner.value.content {
                    Content::List(items) => {
                        Content::List(items.iter().map(without_expectations).collect())
                    }
                    _ => without_expectations(&inner.value).content,
                };
            }
        }
        entry
    });
    Node {
        content: Content::Map(content.collect()),
        spot: node.spot,
    }
}
