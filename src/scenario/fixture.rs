//! Fixtures: the steps that come before each case, and shorthands for steps that many cases share.

use std::sync::Arc;

use smol_str::SmolStr;

use super::document::{steps, text};
use super::fault::{FaultKind, Faults};
use super::node::{Content, Entry, Node, Scalar};
use super::source::{FileId, Spot};
use super::values::{self, shape};

/// The keys of a fixture, in the canonical order.
pub const KEYS: &[&str] = &["title", "extends", "steps", "shorthands"];

/// The keys of a shorthand, in the canonical order.
pub const SHORTHAND_KEYS: &[&str] = &["parameters", "steps", "judged"];

/// A fixture with those that it extends.
#[derive(Debug, Clone)]
pub struct Fixture {
    /// The file that it stands in.
    pub file: FileId,
    /// What it is, in a few words.
    pub title: String,
    /// The fixture that it extends.
    pub base: Option<Arc<Fixture>>,
    /// Its own steps.
    pub steps: Vec<Node>,
    /// Its own shorthands.
    pub shorthands: Vec<Shorthand>,
}

/// Steps under one name.
#[derive(Debug, Clone)]
pub struct Shorthand {
    /// The name.
    pub name: String,
    /// Where it is defined.
    pub spot: Spot,
    /// What a use may say.
    pub parameters: Vec<Parameter>,
    /// The steps, with `${name}` where a parameter goes.
    pub steps: Vec<Node>,
    /// The step that a use's expectations are about, from 1. The last one by default.
    pub judged: Option<usize>,
}

/// One parameter of a shorthand.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// The name.
    pub name: String,
    /// What it is where a use does not say.
    pub absent: Absent,
}

/// What a parameter is where a use does not say.
#[derive(Debug, Clone)]
pub enum Absent {
    /// The use is refused.
    Refused,
    /// Whatever mentions it is left out.
    LeftOut,
    /// This.
    Default(Node),
}

/// A fixture file before its base is found.
pub struct FixtureDocument {
    /// The fixture, its base not yet found.
    pub fixture: Fixture,
    /// The base's name, and where it is written.
    pub extends: Option<(String, Spot)>,
}

impl FixtureDocument {
    /// Reads a fixture from its tree.
    pub fn read(file: FileId, root: Node, faults: &mut Faults) -> Option<Self> {
        let spot = root.spot;
        let Content::Map(entries) = root.content else {
            shape("a fixture", "a mapping", &root, faults);
            return None;
        };
        values::known_keys(&entries, KEYS, "a fixture", faults);
        let mut fixture = Fixture {
            file,
            title: String::new(),
            base: None,
            steps: Vec::new(),
            shorthands: Vec::new(),
        };
        let mut extends = None;
        let mut titled = false;
        for entry in entries {
            let value = entry.value;
            match &*entry.key {
                "title" => {
                    titled = true;
                    fixture.title = text(&value, "title", faults).unwrap_or_default();
                }
                "extends" => {
                    extends = text(&value, "extends", faults).map(|name| (name, value.spot));
                }
                "steps" => fixture.steps = steps(value),
                "shorthands" => fixture.shorthands = shorthands(value, faults),
                _ => {}
            }
        }
        if !titled {
            let kind = FaultKind::MissingKey {
                owner: "a fixture".into(),
                key: "title",
            };
            faults.add(kind, spot);
        }
        Some(Self { fixture, extends })
    }
}

fn shorthands(node: Node, faults: &mut Faults) -> Vec<Shorthand> {
    let Content::Map(entries) = node.content else {
        shape("`shorthands`", "a mapping of names to steps", &node, faults);
        return Vec::new();
    };
    let read = |entry| shorthand(entry, faults);
    entries.into_iter().filter_map(read).collect()
}

fn shorthand(entry: Entry, faults: &mut Faults) -> Option<Shorthand> {
    let Content::Map(entries) = entry.value.content else {
        shape(
            "a shorthand",
            "a mapping with `steps`",
            &entry.value,
            faults,
        );
        return None;
    };
    values::known_keys(&entries, SHORTHAND_KEYS, "a shorthand", faults);
    let mut shorthand = Shorthand {
        name: entry.key.to_string(),
        spot: entry.key_spot,
        parameters: Vec::new(),
        steps: Vec::new(),
        judged: None,
    };
    let mut judged = None;
    for entry in entries {
        match &*entry.key {
            "parameters" => shorthand.parameters = parameters(entry.value, faults),
            "steps" => shorthand.steps = steps(entry.value),
            _ => judged = Some(entry.value),
        }
    }
    if shorthand.steps.is_empty() {
        let kind = FaultKind::MissingKey {
            owner: "a shorthand".into(),
            key: "steps",
        };
        faults.add(kind, shorthand.spot);
        return None;
    }
    let most = shorthand.steps.len() as u64;
    shorthand.judged = judged
        .and_then(|node| values::count(&node, "judged", 1, most, faults))
        .map(|number| number as usize);
    Some(shorthand)
}

fn parameters(node: Node, faults: &mut Faults) -> Vec<Parameter> {
    let Content::Map(entries) = node.content else {
        shape(
            "`parameters`",
            "a mapping of names to `required` or `optional`",
            &node,
            faults,
        );
        return Vec::new();
    };
    let mut parameter = |entry: Entry| {
        let absent = match (entry.value.text(), entry.value.get("default")) {
            (Some("required"), _) => Absent::Refused,
            (Some("optional"), _) => Absent::LeftOut,
            (_, Some(node)) => Absent::Default(node.clone()),
            _ => {
                let wanted = "`required`, `optional` or `{default: …}`";
                shape("a parameter", wanted, &entry.value, faults);
                return None;
            }
        };
        let name = entry.key.to_string();
        Some(Parameter { name, absent })
    };
    entries.into_iter().filter_map(&mut parameter).collect()
}

impl Fixture {
    /// The fixture itself and those that it extends, the innermost first.
    pub fn chain(&self) -> Vec<&Fixture> {
        let mut chain = vec![self];
        let mut next = self.base.as_deref();
        while let Some(base) = next {
            chain.push(base);
            next = base.base.as_deref();
        }
        chain.reverse();
        chain
    }

    /// The shorthand of that name, its own before its base's.
    pub fn shorthand(&self, name: &str) -> Option<&Shorthand> {
        let own = self.shorthands.iter().find(|own| own.name == name);
        own.or_else(|| self.base.as_ref()?.shorthand(name))
    }

    /// The names of all shorthands.
    pub fn shorthand_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .shorthands
            .iter()
            .map(|own| own.name.as_str())
            .collect();
        if let Some(base) = &self.base {
            names.extend(base.shorthand_names());
        }
        names
    }
}

/// The steps that a use of a shorthand stands for.
pub struct Expansion {
    /// The steps.
    pub steps: Vec<Node>,
    /// Which of them the use's expectations are about.
    pub judged: usize,
}

impl Shorthand {
    /// Puts a use's parameters in. `room` is how many bytes that may still take.
    pub fn expand(&self, used: &Entry, room: &mut u64, faults: &mut Faults) -> Option<Expansion> {
        let given = match &used.value.content {
            Content::Map(entries) => entries.as_slice(),
            _ if used.value.is_null() => &[],
            _ => {
                shape(&self.name, "a mapping of parameters", &used.value, faults);
                return None;
            }
        };
        let owner = format!("`{}`", self.name);
        let known: Vec<&str> = self
            .parameters
            .iter()
            .map(|own| own.name.as_str())
            .collect();
        let mut ok = values::known_keys(given, &known, &owner, faults);
        let mut values = Vec::new();
        for parameter in &self.parameters {
            let found = given.iter().find(|entry| *entry.key == *parameter.name);
            let value = match (found, &parameter.absent) {
                (Some(entry), _) => Some(&entry.value),
                (None, Absent::Default(node)) => Some(node),
                (None, Absent::LeftOut) => None,
                (None, Absent::Refused) => {
                    let kind = FaultKind::MissingArgument {
                        function: owner.clone(),
                        parameter: parameter.name.clone(),
                    };
                    faults.add(kind, used.key_spot);
                    ok = false;
                    None
                }
            };
            values.push((parameter.name.as_str(), value));
        }
        if !ok {
            return None;
        }
        let mut filling = Filling {
            values: &values,
            room: *room,
        };
        let expansion = self.fill(&mut filling);
        *room = filling.room;
        if filling.room == 0 {
            let message = "the shorthands of one file stand for more than 64 MiB";
            faults.add(FaultKind::Value(message.into()), used.key_spot);
            return None;
        }
        Some(expansion)
    }

    fn fill(&self, filling: &mut Filling) -> Expansion {
        let values = filling.values;
        let mut steps = Vec::new();
        let mut judged = None;
        for (index, step) in self.steps.iter().enumerate() {
            let needs = step.get("when").and_then(Node::text);
            let absent = |name| {
                values
                    .iter()
                    .any(|(own, value)| *own == name && value.is_none())
            };
            if needs.is_some_and(absent) {
                continue;
            }
            if self.judged == Some(index + 1) {
                judged = Some(steps.len());
            }
            if let Some(mut step) = filling.node(step) {
                if let Content::Map(entries) = &mut step.content {
                    entries.retain(|entry| &*entry.key != "when");
                }
                steps.push(step);
            }
        }
        let judged = judged.unwrap_or(steps.len().saturating_sub(1));
        Expansion { steps, judged }
    }
}

/// The parameter that a word stands for: `${name}` or `$name`, and nothing beside it.
fn parameter_name(text: &str) -> Option<&str> {
    let name = text.strip_prefix('$')?;
    let braced = name
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    Some(braced.unwrap_or(name))
}

/// A copy of a node with parameters put in. `None` where it is a parameter that is left out.
pub(super) fn substitute(node: &Node, values: &[(&str, Option<&Node>)]) -> Option<Node> {
    let room = u64::MAX;
    Filling { values, room }.node(node)
}

/// Parameters, and how many bytes may still be made of them: what is put into what is put into
/// something grows without bound.
struct Filling<'v> {
    values: &'v [(&'v str, Option<&'v Node>)],
    room: u64,
}

/// What a node takes beside its text.
const NODE_BYTES: u64 = 64;

impl Filling<'_> {
    fn take(&mut self, bytes: u64) {
        self.room = self.room.saturating_sub(bytes);
    }

    fn take_whole(&mut self, node: &Node) {
        self.take(NODE_BYTES + node.text().map_or(0, |text| text.len() as u64));
        for item in node.items().unwrap_or_default() {
            self.take_whole(item);
        }
        for entry in node.entries().unwrap_or_default() {
            self.take(entry.key.len() as u64);
            self.take_whole(&entry.value);
        }
    }

    /// Nothing more is made once there is no room: what is left is of no use.
    fn node(&mut self, node: &Node) -> Option<Node> {
        self.take(NODE_BYTES);
        if self.room == 0 {
            return None;
        }
        let spot = node.spot;
        let content = match &node.content {
            Content::Scalar(scalar) => {
                let values = self.values;
                let whole = parameter_name(&scalar.text)
                    .and_then(|name| values.iter().find(|(own, _)| *own == name));
                match whole {
                    Some((_, value)) => {
                        let value = (*value)?;
                        self.take_whole(value);
                        return Some(value.clone());
                    }
                    None => Content::Scalar(self.text(scalar)),
                }
            }
            Content::List(items) => {
                Content::List(items.iter().filter_map(|item| self.node(item)).collect())
            }
            Content::Map(entries) => {
                let fill = |entry: &Entry| {
                    Some(Entry {
                        key: substitute_key(&entry.key, self.values),
                        key_spot: entry.key_spot,
                        value: self.node(&entry.value)?,
                    })
                };
                Content::Map(entries.iter().filter_map(fill).collect())
            }
        };
        Some(Node { content, spot })
    }

    /// Puts texts into a longer text.
    fn text(&mut self, scalar: &Scalar) -> Scalar {
        if !scalar.text.contains("${") {
            self.take(scalar.text.len() as u64);
            return scalar.clone();
        }
        let mut text = scalar.text.to_string();
        for (name, value) in self.values {
            let value = value.and_then(Node::text).unwrap_or_default();
            let name = ["${", name, "}"].concat();
            let times = text.matches(&name).count() as u64;
            self.take(times.saturating_mul(value.len() as u64));
            if self.room == 0 {
                break;
            }
            text = text.replace(&name, value);
        }
        self.take(text.len() as u64);
        Scalar {
            text: text.into(),
            plain: scalar.plain,
        }
    }
}

/// A key that is a parameter stands for the text of its value: the callback of an event, say.
fn substitute_key(key: &SmolStr, values: &[(&str, Option<&Node>)]) -> SmolStr {
    let named = |name| values.iter().find(|(own, _)| *own == name);
    let value = parameter_name(key).and_then(named);
    let text = value.and_then(|(_, value)| value.and_then(Node::text));
    text.map_or_else(|| key.clone(), SmolStr::from)
}
