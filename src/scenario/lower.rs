//! From a scenario's nodes to plans: what is shared by all parts of the way down.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::bodies::CallbackDocument;
use super::document::Document;
use super::fault::{FaultKind, Faults};
use super::fixture::Fixture;
use super::made::MadeStep;
use super::names::Names;
use super::node::Node;
use super::plan::{
    CallbackId, MOST_CALLBACKS, Part, Place, Plan, Step, StepId, ThreadId, VariableId, VariableKind,
};
use super::source::{FileId, Spot};
use crate::abi::Form;
use crate::abi::role::Scalar;
use crate::spec::Register;

/// The names of the files that a scenario's nodes come from.
#[derive(Debug, Clone, Default)]
pub(super) struct FileNames(pub Vec<(FileId, Arc<str>)>);

impl FileNames {
    /// The place of a spot.
    pub fn place(&self, spot: Spot) -> Place {
        let named = self.0.iter().find(|(id, _)| *id == spot.file);
        Place {
            file: named.map_or_else(|| Arc::from(""), |(_, name)| name.clone()),
            line: spot.line,
            column: spot.column,
        }
    }
}

/// What a scenario is lowered against.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    /// The scenario.
    pub document: &'a Document,
    /// Its fixture.
    pub fixture: Option<&'a Fixture>,
    /// Whether it names a fixture that cannot be read: what has no name here may have one there.
    pub lacks_fixture: bool,
    /// Whether it is a fixture that is looked at alone: its callbacks are those of the scenarios.
    pub lacks_callbacks: bool,
    /// File names.
    pub files: &'a FileNames,
    /// The requirements that steps may cover; without it no id is checked.
    pub register: Option<&'a Register>,
}

/// What the cases of one file may still ask for, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Budget {
    /// For arguments.
    pub memory: u64,
    /// For the steps that shorthands stand for.
    pub shorthands: u64,
}

impl Default for Budget {
    /// 64 MiB of each.
    fn default() -> Self {
        Self {
            memory: 64 << 20,
            shorthands: 64 << 20,
        }
    }
}

impl Budget {
    /// Whether nothing is left of one.
    pub fn is_spent(self) -> bool {
        self.memory == 0 || self.shorthands == 0
    }
}

/// What no case has used so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Used {
    /// Callbacks that some step names.
    pub callbacks: FxHashSet<u32>,
    /// Callbacks that are given as a status function: those are told neither dbid nor tableid.
    pub statuses: FxHashSet<u32>,
    /// Threads that do something.
    pub threads: FxHashSet<u32>,
    /// Requirements that some step covers.
    pub covers: FxHashSet<String>,
    /// What is left for further cases.
    pub left: Budget,
}

/// One case on its way down to a plan; a copy of what stands after the fixture begins each case.
#[derive(Clone)]
pub(super) struct Lowering<'a> {
    pub ground: Ground<'a>,
    pub form: Form,
    pub faults: Faults,
    pub names: Names,
    pub used: Used,
    pub part: Part,
    /// Calls begun: what they write, and whether they have been ended.
    pub labels: FxHashMap<String, Label>,
    pub signals: Vec<Signal>,
    pub remembered: FxHashSet<String>,
    /// Where the step being lowered is written.
    pub here: Spot,
    /// The callbacks of the scenario and, in a case, those of the case.
    documents: Vec<&'a CallbackDocument>,
    callbacks: FxHashMap<&'a str, CallbackId>,
    /// The hidden variables that hold each callback's arguments.
    arguments: Vec<[VariableId; 3]>,
    /// The number of the next step.
    pub next_step: u32,
    /// What the file may still ask for.
    pub budget: Budget,
    /// How deep in `repeat`.
    pub loops: usize,
    /// How deep in shorthands of shorthands.
    pub depth: usize,
}

/// A call that has been begun.
#[derive(Debug, Clone)]
pub(super) struct Label {
    /// Where.
    pub spot: Spot,
    /// On which thread.
    pub thread: ThreadId,
    /// The call, for the names of its outputs.
    pub call: Arc<super::plan::Call>,
    /// Whether a step has ended it.
    pub ended: bool,
}

/// A name that threads wait for and wake.
#[derive(Debug, Clone)]
pub(super) struct Signal {
    pub name: String,
    pub waited: Option<Spot>,
    pub woken: Option<Spot>,
}

impl<'a> Lowering<'a> {
    /// The beginning: nothing bound, the callbacks known by name.
    pub fn new(ground: Ground<'a>, form: Form) -> Self {
        let mut lowering = Self {
            ground,
            form,
            faults: Faults::default(),
            names: Names::default(),
            used: Used::default(),
            part: Part::Fixture,
            labels: FxHashMap::default(),
            signals: Vec::new(),
            remembered: FxHashSet::default(),
            here: ground.document.spot,
            documents: Vec::new(),
            callbacks: FxHashMap::default(),
            arguments: Vec::new(),
            next_step: 0,
            budget: Budget::default(),
            loops: 0,
            depth: 0,
        };
        lowering.know(&ground.document.callbacks);
        lowering
    }

    /// Makes callbacks known by name.
    fn know(&mut self, callbacks: &'a [CallbackDocument]) {
        for callback in callbacks {
            if self.documents.len() == MOST_CALLBACKS {
                let message = format!("a case has at most {MOST_CALLBACKS} callbacks");
                self.faults.add(FaultKind::Order(message), callback.spot);
            }
            let id = CallbackId(u32::try_from(self.documents.len()).unwrap_or(u32::MAX));
            self.documents.push(callback);
            self.callbacks.insert(&callback.name, id);
            let hidden = [Scalar::Sesid, Scalar::Dbid, Scalar::Tableid]
                .into_iter()
                .zip(super::names::BODY_NAMES)
                .map(|(scalar, name)| {
                    let name = format!("{}.{name}", callback.name);
                    self.names.hidden(name.into(), scalar)
                })
                .collect::<Vec<_>>();
            if let [sesid, dbid, tableid] = hidden[..] {
                self.arguments.push([sesid, dbid, tableid]);
            }
        }
    }

    /// The number of the next step.
    pub fn number(&mut self) -> StepId {
        let id = StepId(self.next_step);
        self.next_step += 1;
        id
    }

    /// The place of the step being lowered.
    pub fn place(&self, spot: Spot) -> Place {
        self.ground.files.place(spot)
    }

    /// The callback of that name.
    pub fn callback(&mut self, node: &Node) -> Option<CallbackId> {
        let name = node.text().unwrap_or_default();
        self.callback_named(name, node.spot)
    }

    /// The callback of that name, given as a status function.
    pub fn status(&mut self, node: &Node) -> Option<CallbackId> {
        let id = self.callback(node)?;
        self.used.statuses.insert(id.0);
        Some(id)
    }

    /// The callback of that name, where there is one.
    pub fn known_callback(&mut self, name: &str) -> Option<CallbackId> {
        let id = *self.callbacks.get(name)?;
        self.used.callbacks.insert(id.0);
        Some(id)
    }

    /// The callback of that name, which stands there.
    pub fn callback_named(&mut self, name: &str, spot: Spot) -> Option<CallbackId> {
        let known = self.known_callback(name);
        if known.is_some() {
            return known;
        }
        if self.ground.lacks_callbacks {
            return None;
        }
        let kind = FaultKind::UnknownName {
            what: "callback",
            name: name.to_owned(),
        };
        let known = self.callbacks.keys().copied();
        self.faults.add(kind, spot).nearest(name, known);
        None
    }

    /// The thread of that name; `main` is the first.
    pub fn thread(&mut self, node: &Node) -> Option<ThreadId> {
        self.thread_named(node.text().unwrap_or_default(), node.spot)
    }

    /// The same by its name, which stands there.
    pub fn thread_named(&mut self, name: &str, spot: Spot) -> Option<ThreadId> {
        let threads = &self.ground.document.threads;
        if name == "main" {
            return Some(ThreadId(0));
        }
        if let Some(index) = threads.iter().position(|(own, _)| own == name) {
            let id = u32::try_from(index + 1).unwrap_or(u32::MAX);
            self.used.threads.insert(id);
            return Some(ThreadId(id));
        }
        let kind = FaultKind::UnknownName {
            what: "thread",
            name: name.to_owned(),
        };
        let known = threads.iter().map(|(name, _)| name.as_str());
        self.faults
            .add(kind, spot)
            .nearest(name, known.chain(["main"]));
        None
    }

    /// The position of a signal.
    pub fn signal(&mut self, node: &Node) -> Option<usize> {
        let name = super::document::text(node, "a signal", &mut self.faults)?;
        let found = self.signals.iter().position(|signal| signal.name == name);
        Some(found.unwrap_or_else(|| {
            self.signals.push(Signal {
                name,
                waited: None,
                woken: None,
            });
            self.signals.len() - 1
        }))
    }

    /// Takes from a step that cannot be lowered what later steps build on: the variables that it sets,
    /// and the callbacks that it names.
    pub fn salvage(&mut self, node: &Node) {
        if let Some(name) = binding_name(node) {
            self.names.salvage(name);
        }
        if let Some(id) = node.text().and_then(|name| self.callbacks.get(name)) {
            self.used.callbacks.insert(id.0);
        }
        for item in node.items().unwrap_or_default() {
            self.salvage(item);
        }
        for entry in node.entries().unwrap_or_default() {
            if let Some(id) = self.callbacks.get(&*entry.key) {
                self.used.callbacks.insert(id.0);
            }
            self.salvage(&entry.value);
        }
    }

    /// The variable that `->name` sets; `None` where the node is no such thing.
    pub fn binding(&mut self, node: &Node, kind: VariableKind) -> Option<VariableId> {
        let name = binding_name(node)?;
        Some(self.bind(name, kind, node.spot))
    }

    /// Sets a variable, whose name must not mean something else.
    pub fn bind(&mut self, name: &str, kind: VariableKind, spot: Spot) -> VariableId {
        let taken = match name {
            "nil" | "null" | "untouched" | "some" | "any" => Some("a word of the format"),
            _ if name.starts_with("JET_") => Some("a name for constants"),
            _ if name.parse::<f64>().is_ok() => Some("a number"),
            _ if self.callbacks.contains_key(name) => Some("a callback"),
            _ => None,
        };
        if let Some(first) = taken {
            let kind = FaultKind::NameTaken {
                name: name.to_owned(),
                first: first.to_owned(),
            };
            self.faults.add(kind, spot);
        }
        self.names.bind(name, kind, spot, &mut self.faults)
    }

    /// Lowers the fixture, once for all cases.
    pub fn fixture(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        for fixture in self.ground.fixture.map(Fixture::chain).unwrap_or_default() {
            self.steps(&fixture.steps, Part::Fixture, &mut steps);
        }
        steps
    }

    /// Lowers one case, after those steps of its fixture.
    pub fn case(mut self, index: usize, mut steps: Vec<Step>) -> (Option<Plan>, Faults, Used) {
        let document = self.ground.document;
        let case = &document.cases[index];
        self.know(&case.callbacks);
        self.steps(&case.steps, Part::Case, &mut steps);
        self.steps(&document.then, Part::Aftermath, &mut steps);
        self.end(&case.name, steps)
    }

    /// Lowers a case that was made, after those steps of its fixture.
    pub fn made_case(
        mut self,
        made: &[MadeStep<'_>],
        mut steps: Vec<Step>,
    ) -> (Option<Plan>, Faults, Used) {
        self.made_steps(made, &mut steps);
        self.end("", steps)
    }

    fn end(mut self, case: &str, steps: Vec<Step>) -> (Option<Plan>, Faults, Used) {
        let document = self.ground.document;
        let callbacks = self.bodies();
        self.settle();
        let mut faults = self.faults;
        let variables = self.names.settle(self.ground.lacks_fixture, &mut faults);
        let mut threads = vec![String::from("main")];
        threads.extend(document.threads.iter().map(|(name, _)| name.clone()));
        let plan = Plan {
            file: self.ground.files.place(document.spot).file,
            case: case.to_owned(),
            form: self.form,
            title: document.title.clone(),
            steps,
            callbacks,
            variables,
            threads,
            signals: self.signals.into_iter().map(|signal| signal.name).collect(),
        };
        let sound = faults.is_empty();
        self.used.left = self.budget;
        (sound.then_some(plan), faults, self.used)
    }

    /// The callbacks. One that neither the case nor a body in use names has no body: what its body
    /// mentions may belong to another case.
    fn bodies(&mut self) -> Vec<super::plan::Callback> {
        let documents = self.documents.clone();
        let mut bodies: Vec<Option<Vec<super::plan::Body>>> = vec![None; documents.len()];
        while let Some(index) = self.next_in_use(&bodies) {
            self.names.enter(Some(self.body_names(index)));
            let callback = documents[index];
            bodies[index] = Some(callback.bodies.iter().map(|body| self.body(body)).collect());
        }
        self.names.enter(None);
        let named = documents.into_iter().zip(&self.arguments).zip(bodies);
        named
            .map(|((callback, arguments), bodies)| super::plan::Callback {
                name: callback.name.clone(),
                place: self.place(callback.spot),
                bodies: bodies.unwrap_or_default(),
                arguments: *arguments,
            })
            .collect()
    }

    /// What `sesid`, `dbid` and `tableid` mean inside a callback: its own arguments, where it has
    /// such.
    fn body_names(&self, index: usize) -> [Option<VariableId>; 3] {
        let [sesid, dbid, tableid] = self.arguments[index].map(Some);
        let id = u32::try_from(index).unwrap_or(u32::MAX);
        match self.used.statuses.contains(&id) {
            true => [sesid, None, None],
            false => [sesid, dbid, tableid],
        }
    }

    /// A callback in use whose body is not lowered yet.
    fn next_in_use(&self, bodies: &[Option<Vec<super::plan::Body>>]) -> Option<usize> {
        (0..bodies.len()).find(|index| {
            bodies[*index].is_none()
                && u32::try_from(*index).is_ok_and(|id| self.used.callbacks.contains(&id))
        })
    }

    fn body(&mut self, body: &super::bodies::BodyDocument) -> super::plan::Body {
        let mut steps = Vec::new();
        self.steps(&body.steps, Part::Body, &mut steps);
        super::plan::Body {
            reasons: body.reasons.clone(),
            times: body.times,
            steps,
            write_arg1: body.write_arg1.clone(),
            write_arg2: body.write_arg2,
            returns: body.returns,
            never: body.never,
            raises: body.raises.map(|(code, _)| code),
        }
    }

    /// Calls never ended, signals never woken.
    fn settle(&mut self) {
        for (name, label) in &self.labels {
            if !label.ended {
                let kind = FaultKind::Order(format!("no step ends the call `{name}`"));
                self.faults.add(kind, label.spot);
            }
        }
        for signal in &self.signals {
            if let (Some(spot), None) = (signal.waited, signal.woken) {
                let kind = FaultKind::Order(format!("no step wakes `{}`", signal.name));
                self.faults.add(kind, spot);
            }
        }
    }
}

/// The name that `->name` (or `">name"`) sets.
pub(super) fn binding_name(node: &Node) -> Option<&str> {
    let text = node.text()?;
    let name = text.strip_prefix("->").or_else(|| text.strip_prefix('>'))?;
    Some(name.trim()).filter(|name| !name.is_empty())
}
