//! Steps: one action each, and what must come of it.

use super::document::{form, text};
use super::fault::{FaultKind, nearest};
use super::fixture::Fixture;
use super::lower::{Label, Lowering};
use super::node::{Entry, Node};
use super::plan::{Action, Codes, Expectations, Part, Step, ThreadId};
use super::source::Spot;
use super::values::{self, shape};
use super::verbs::VERBS;
use crate::abi::{FUNCTIONS, Form, function};

/// The keys of a step beside its action, in the canonical order.
pub const MODIFIERS: &[&str] = &["thread", "text", "expect", "out", "events", "covers"];

/// How deep shorthands may use shorthands.
const DEEPEST: usize = 8;

/// A step's action and modifiers.
#[derive(Clone, Copy)]
pub(super) struct Parts<'n> {
    /// The action.
    pub action: &'n Entry,
    /// `expect`
    pub expect: Option<&'n Entry>,
    /// `out`
    pub out: Option<&'n Entry>,
    /// `events`
    pub events: Option<&'n Entry>,
    /// `covers`
    pub covers: Option<&'n Entry>,
    /// `thread`
    pub thread: Option<&'n Entry>,
    /// `text`
    pub text: Option<&'n Entry>,
}

impl<'n> Parts<'n> {
    /// An action without modifiers.
    fn alone(action: &'n Entry) -> Self {
        Self {
            action,
            expect: None,
            out: None,
            events: None,
            covers: None,
            thread: None,
            text: None,
        }
    }
}

/// An action with the modifiers beside it.
fn modified<'n>(action: &'n Entry, entries: &'n [Entry]) -> Parts<'n> {
    let find = |key: &str| entries.iter().find(|entry| &*entry.key == key);
    Parts {
        action,
        expect: find("expect"),
        out: find("out"),
        events: find("events"),
        covers: find("covers"),
        thread: find("thread"),
        text: find("text"),
    }
}

impl Lowering<'_> {
    /// Lowers steps.
    pub fn steps(&mut self, nodes: &[Node], part: Part, into: &mut Vec<Step>) {
        self.part = part;
        into.reserve(nodes.len());
        for node in nodes {
            if let Some(parts) = self.parts(node) {
                self.here = parts.action.key_spot;
                self.step(parts, None, into);
            }
        }
    }

    /// Finds the one action of a step.
    fn parts<'n>(&mut self, node: &'n Node) -> Option<Parts<'n>> {
        let Some(entries) = node.entries() else {
            shape(
                "a step",
                "a mapping with one action",
                node,
                &mut self.faults,
            );
            return None;
        };
        // Most steps have nothing beside their action.
        if let [action] = entries
            && !MODIFIERS.contains(&&*action.key)
        {
            return Some(Parts::alone(action));
        }
        let others: Vec<&Entry> = entries
            .iter()
            .filter(|entry| !MODIFIERS.contains(&&*entry.key))
            .collect();
        match others[..] {
            [action] => Some(modified(action, entries)),
            _ => self.wrong_actions(node, entries, &others),
        }
    }

    /// Several actions, or none: often one of them is a modifier with a slip in its name. The step is
    /// gone on with where it is clear which one is meant.
    fn wrong_actions<'n>(
        &mut self,
        node: &'n Node,
        entries: &'n [Entry],
        others: &[&'n Entry],
    ) -> Option<Parts<'n>> {
        let (actions, unknown): (Vec<&Entry>, Vec<&Entry>) =
            others.iter().partition(|entry| self.is_action(&entry.key));
        for entry in unknown {
            let kind = FaultKind::UnknownKey {
                owner: "a step".into(),
                key: entry.key.to_string(),
            };
            let nearest = nearest(
                &entry.key,
                self.known_actions()
                    .into_iter()
                    .chain(MODIFIERS.iter().copied()),
            )
            .map(str::to_owned);
            self.faults
                .add(kind, entry.key_spot)
                .nearest(&entry.key, nearest.as_deref());
        }
        match actions[..] {
            [action] => return Some(modified(action, entries)),
            [] if !others.is_empty() => {}
            _ => {
                let kind = FaultKind::Actions {
                    count: actions.len(),
                };
                let spot = actions.get(1).map_or(node.spot, |entry| entry.key_spot);
                self.faults.add(kind, spot);
            }
        }
        if let Some(any) = others.first() {
            self.without_action(modified(any, entries));
        }
        others.iter().for_each(|entry| self.salvage(&entry.value));
        None
    }

    /// What can be said of a step whose action nobody knows.
    fn without_action(&mut self, parts: Parts<'_>) {
        if let Some(entry) = parts.thread {
            self.thread(&entry.value);
        }
        self.expectations(parts, None, Codes::default());
    }

    /// The names of all actions.
    fn known_actions(&self) -> Vec<&str> {
        let functions = FUNCTIONS.iter().map(|function| function.name);
        let fixture = self.ground.fixture.map(Fixture::shorthand_names);
        functions
            .chain(VERBS.iter().copied())
            .chain(fixture.unwrap_or_default())
            .collect()
    }

    fn is_action(&self, key: &str) -> bool {
        function(key).is_some()
            || VERBS.contains(&key)
            || self
                .ground
                .fixture
                .is_some_and(|fixture| fixture.shorthand(key).is_some())
            || self.may_be_shorthand(key)
    }

    /// Whether it may be a shorthand of a fixture that cannot be read.
    fn may_be_shorthand(&self, key: &str) -> bool {
        self.ground.lacks_fixture
            && !key.starts_with("Jet")
            && nearest(key, MODIFIERS.iter().copied()).is_none()
    }

    /// Lowers one step. `thread` is that of the shorthand's use around it.
    pub fn step(&mut self, parts: Parts<'_>, thread: Option<ThreadId>, into: &mut Vec<Step>) {
        if self.budget.is_spent() {
            return;
        }
        let key = &*parts.action.key;
        let thread = match parts.thread {
            Some(entry) => self.thread(&entry.value),
            None => thread,
        }
        .unwrap_or(ThreadId(0));
        if self.part == Part::Body
            && let Some(entry) = parts.thread
        {
            self.pointless(
                entry,
                "in a callback's body, which runs on the thread that calls it",
            );
        }
        self.must_be_free(thread, key, parts.action.key_spot);
        if let Some(id) = function(key) {
            let form = self.form_of(parts);
            self.names.step();
            let number = self.number();
            let call = self.call(id, &parts.action.value, parts.action.key_spot, form);
            let expect = self.expectations(parts, call.as_ref(), Codes::default());
            if let Some(call) = call {
                self.push(number, thread, Action::Call(call.into()), expect, into);
            }
        } else if VERBS.contains(&key) {
            self.verb(parts, thread, into);
        } else if let Some(shorthand) = self
            .ground
            .fixture
            .and_then(|fixture| fixture.shorthand(key))
        {
            self.shorthand(shorthand, parts, thread, into);
        } else {
            if !self.may_be_shorthand(key) {
                self.unknown_action(parts.action);
            }
            self.salvage(&parts.action.value);
            self.expectations(parts, None, Codes::default());
        }
    }

    /// Refuses a step on a thread that is inside a call which no step has ended.
    pub(super) fn must_be_free(&mut self, thread: ThreadId, action: &str, spot: Spot) {
        if self.part == Part::Body || matches!(action, "start" | "end") {
            return;
        }
        let mut open = self.labels.iter();
        let Some((name, label)) = open.find(|(_, own)| !own.ended && own.thread == thread) else {
            return;
        };
        let (message, begun) = (
            format!("the thread is still inside the call `{name}`"),
            label.spot,
        );
        self.faults
            .add(FaultKind::Order(message), spot)
            .with(begun, "begun here");
    }

    /// Adds a step to a list.
    pub fn push(
        &mut self,
        id: super::plan::StepId,
        thread: ThreadId,
        action: Action,
        expect: Expectations,
        into: &mut Vec<Step>,
    ) {
        into.push(Step {
            id,
            place: self.place(self.here),
            part: self.part,
            thread,
            action,
            expect,
        });
    }

    /// The width of a call's texts.
    pub fn form_of(&mut self, parts: Parts<'_>) -> Form {
        let own = parts
            .text
            .and_then(|entry| form(&entry.value, &mut self.faults));
        own.unwrap_or(self.form)
    }

    fn unknown_action(&mut self, action: &Entry) {
        let kind = FaultKind::UnknownName {
            what: if action.key.starts_with("Jet") {
                "function"
            } else {
                "action"
            },
            name: action.key.to_string(),
        };
        let nearest = nearest(&action.key, self.known_actions()).map(str::to_owned);
        self.faults
            .add(kind, action.key_spot)
            .nearest(&action.key, nearest.as_deref());
    }

    /// Notes a modifier that means nothing there.
    pub fn pointless(&mut self, entry: &Entry, at: &'static str) {
        let kind = FaultKind::Pointless {
            key: entry.key.to_string(),
            at,
        };
        self.faults.add(kind, entry.key_spot);
    }

    fn shorthand(
        &mut self,
        shorthand: &super::fixture::Shorthand,
        parts: Parts<'_>,
        thread: ThreadId,
        into: &mut Vec<Step>,
    ) {
        if self.depth == DEEPEST {
            let kind = FaultKind::Circle {
                name: shorthand.name.clone(),
            };
            self.faults.add(kind, parts.action.key_spot);
            return;
        }
        let mark = self.faults.mark();
        let room = &mut self.budget.shorthands;
        let Some(expansion) = shorthand.expand(parts.action, room, &mut self.faults) else {
            self.salvage(&parts.action.value);
            self.expectations(parts, None, Codes::default());
            return;
        };
        self.depth += 1;
        let form = self.form;
        self.form = self.form_of(parts);
        for (index, node) in expansion.steps.iter().enumerate() {
            let Some(mut inner) = self.parts(node) else {
                continue;
            };
            if index == expansion.judged {
                inner.expect = parts.expect.or(inner.expect);
                inner.out = parts.out.or(inner.out);
                inner.events = parts.events.or(inner.events);
                inner.covers = parts.covers.or(inner.covers);
            }
            self.step(inner, Some(thread), into);
        }
        self.form = form;
        self.depth -= 1;
        self.faults.relate(mark, self.here, "used here");
    }

    /// Notes a call that has been begun.
    pub fn begin(&mut self, label: String, begun: Label) {
        if let Some(first) = self.labels.get(&label).filter(|first| !first.ended) {
            let spot = first.spot;
            let kind = FaultKind::NameTaken {
                name: label.clone(),
                first: "a call that has not been ended".into(),
            };
            self.faults.add(kind, begun.spot).with(spot, "begun here");
        }
        let busy = self
            .labels
            .iter()
            .find(|(name, first)| **name != label && !first.ended && first.thread == begun.thread);
        if let Some((name, first)) = busy {
            let (message, spot) = (
                format!("the thread is still inside the call `{name}`"),
                first.spot,
            );
            self.faults
                .add(FaultKind::Order(message), begun.spot)
                .with(spot, "begun here");
        }
        self.labels.insert(label, begun);
    }

    /// The call that a label stands for.
    pub fn begun(&mut self, node: &Node) -> Option<(String, Label)> {
        let name = text(node, "end", &mut self.faults)?;
        if let Some(label) = self.labels.get_mut(&name).filter(|label| !label.ended) {
            label.ended = true;
            return Some((name, label.clone()));
        }
        let kind = FaultKind::UnknownName {
            what: "call that has been begun",
            name: name.clone(),
        };
        let known = self.labels.iter().filter(|(_, label)| !label.ended);
        let known: Vec<&str> = known.map(|(name, _)| name.as_str()).collect();
        self.faults.add(kind, node.spot).nearest(&name, known);
        None
    }

    /// Counts the steps of a list that is repeated.
    pub fn repeated(&mut self, node: &Node, into: &mut Vec<Step>) -> Option<u32> {
        let entries = node.entries().unwrap_or_default();
        values::known_keys(entries, &["times", "steps"], "`repeat`", &mut self.faults);
        let (Some(times), Some(steps)) = (node.get("times"), node.get("steps")) else {
            shape(
                "`repeat`",
                "written `{times: 3, steps: […]}`",
                node,
                &mut self.faults,
            );
            return None;
        };
        let times = values::count(times, "times", 1, 1 << 20, &mut self.faults);
        let single = std::slice::from_ref(steps);
        let (here, part) = (self.here, self.part);
        self.loops += 1;
        for step in steps.items().unwrap_or(single) {
            if let Some(parts) = self.parts(step) {
                self.here = parts.action.key_spot;
                self.step(parts, None, into);
            }
        }
        self.loops -= 1;
        (self.here, self.part) = (here, part);
        times
    }
}
