//! Makes a program, step by step, out of choices.

use super::arguments::Scene;
use super::choices::Choices;
use super::fixtures;
use super::pairs::{Badness, Pair, PairId, of_function, pairs};
use super::program::{Action, Callback, Invocation, Program, Step, Value};
use super::vocabulary::listed;
use super::world::World;
use crate::abi::role::{Kind, Scalar};
use crate::abi::{FUNCTIONS, FunctionId, errors::JetError, function};

/// Whom a program may be sent to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ground {
    /// The reference, which answers everything.
    #[default]
    Reference,
    /// Any library: nothing that the documents leave undefined.
    Anyone,
}

/// What a program is to be like.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// The pair that it has to contain.
    pub aim: Option<PairId>,
    /// The functions that it makes much of; every function where there are none.
    pub only: Vec<FunctionId>,
    /// Whom it may be sent to.
    pub ground: Ground,
    /// The most steps that it has before a recipe is begun.
    pub steps: usize,
    /// The fixture that it starts from; any where none is named.
    pub fixture: Option<&'static str>,
    /// Whether it may kill the process that it runs in.
    pub kills: bool,
}

/// A program in the making.
pub(super) struct Maker<'b> {
    pub choices: Choices<'b>,
    pub world: World,
    pub program: Program,
    pub order: Order,
    /// Numbers that tell registrations apart.
    pub contexts: u64,
    /// Whether the instance of the fixture `created` has been initialised.
    pub started: bool,
    /// Whether steps go on the second thread now.
    elsewhere: bool,
}

/// The most callbacks that a program names; its own pool of functions has more.
const CALLBACKS: usize = 4;

/// Functions that end what a program works with, or do nothing to it but take long. Chosen rarely,
/// unless they are what a program is about.
fn is_rare(name: &str) -> bool {
    let ends = [
        "JetTerm",
        "JetStop",
        "JetRestore",
        "JetExternal",
        "JetEndSession",
        "JetDetach",
        "JetEnable",
    ];
    let aside = [
        "JetOSSnapshot",
        "JetBackup",
        "JetCompact",
        "JetBeginExternal",
        "JetEndExternal",
        "JetTruncate",
    ];
    ends.iter()
        .chain(&aside)
        .any(|prefix| name.starts_with(prefix))
}

/// The program that these choices make.
pub fn make(choices: Choices<'_>, order: &Order) -> Program {
    let mut maker = Maker::new(choices, order.clone());
    maker.all();
    maker.program
}

/// Goes on with a program where it was cut off: some of its first steps, then what these choices make
/// of where it stands.
pub fn go_on(choices: Choices<'_>, order: &Order, from: &Program) -> Program {
    let order = Order {
        fixture: Some(from.fixture),
        ..order.clone()
    };
    let mut maker = Maker::new(choices, order);
    maker.program.wide = from.wide;
    maker.program.callbacks = from.callbacks.clone();
    // What waits for another thread waits for ever without it.
    let whole = waits(from) || maker.choices.once_in(3);
    let kept = match whole {
        true => from.steps.len(),
        false => 1 + maker.choices.below(from.steps.len()),
    };
    let shortened = !whole && maker.choices.once_in(3);
    let left_out = shortened.then(|| maker.choices.below(kept));
    for (index, step) in from.steps.iter().take(kept).enumerate() {
        if left_out != Some(index) {
            match &step.action {
                Action::Call(call) => maker.note(call),
                Action::Other(verb, _) if verb == "kill-host" => maker.world.things.clear(),
                Action::Other(..) => {}
            }
            maker.program.steps.push(step.clone());
        }
    }
    maker.order.steps = maker.program.steps.len() + 4;
    maker.more();
    maker.program
}

/// What has to follow a call: while an instance is frozen, whoever writes waits for the thaw, or for a
/// time limit that no campaign has time for.
fn thaws(call: &Invocation) -> Option<Invocation> {
    if call.function.get().name != "JetOSSnapshotFreeze" {
        return None;
    }
    let mut thaw = Invocation::new(function("JetOSSnapshotThaw")?);
    let snapshot = call.get("snapId").cloned().unwrap_or(Value::Null);
    thaw.set("snapId", snapshot);
    Some(thaw)
}

/// Whether a thread of the program waits for another, or for a thaw.
fn waits(program: &Program) -> bool {
    let bodies = program
        .callbacks
        .iter()
        .flat_map(|callback| &callback.bodies);
    let inside = bodies.flat_map(|body| &body.steps);
    let mut steps = program.steps.iter().chain(inside);
    steps.any(|step| {
        let verb = match &step.action {
            Action::Call(call) => return thaws(call).is_some(),
            Action::Other(verb, _) => verb,
        };
        matches!(
            &**verb,
            "start" | "end" | "wait" | "wake" | "await" | "until"
        )
    })
}

impl<'a> arbitrary::Arbitrary<'a> for Program {
    /// The program that the rest of the input makes, of no more than twenty steps before its last
    /// recipe.
    fn arbitrary(input: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let bytes = input.bytes(input.len())?;
        let order = Order {
            steps: 20,
            ..Order::default()
        };
        Ok(make(Choices::new(bytes), &order))
    }
}

impl<'b> Maker<'b> {
    fn new(mut choices: Choices<'b>, order: Order) -> Self {
        let chosen = choices.pick(fixtures::CHOSEN).copied().unwrap_or("table");
        let fixture = order.fixture.unwrap_or(chosen);
        let program = Program {
            fixture,
            wide: choices.once_in(8),
            callbacks: Vec::new(),
            steps: Vec::new(),
            aim: order.aim,
        };
        let mut maker = Self {
            choices,
            world: fixtures::world(fixture),
            program,
            order,
            contexts: 0x50,
            started: false,
            elsewhere: false,
        };
        if fixture == "storage" {
            // The fixture itself names it.
            let keeper = Callback::plain("keeper".to_owned());
            maker.program.callbacks.push(keeper);
        }
        maker
    }

    fn all(&mut self) {
        let most = self.order.steps.max(1);
        let before = self.choices.below(most);
        while self.program.steps.len() < before && !self.choices.is_used_up() {
            self.some();
        }
        self.more();
    }

    /// The call that the program is made for, and what fills it up.
    fn more(&mut self) {
        let most = self.order.steps.max(1);
        let aimed = self.order.aim.and_then(PairId::get);
        if let Some(pair) = aimed {
            self.aimed(pair);
        }
        while self.program.steps.len() < most && !self.choices.is_used_up() {
            self.some();
        }
        if self.program.steps.is_empty() {
            self.recipe();
        }
    }

    /// One more step, or a few that belong together.
    fn some(&mut self) {
        self.elsewhere = self.choices.once_in(24);
        if !self.order.only.is_empty() && self.choices.once_in(3) {
            let only = self.order.only.clone();
            if let Some(function) = self.choices.pick(&only).copied() {
                return self.any_call(function);
            }
        }
        match self.choices.below(12) {
            0..=6 => self.recipe(),
            7 => self.file(),
            8 => self.badly(),
            _ => {
                let function = FunctionId(self.choices.below(FUNCTIONS.len()) as u16);
                if !is_rare(function.get().name) || self.choices.once_in(6) {
                    self.any_call(function);
                }
            }
        }
        self.elsewhere = false;
    }

    /// A function with sensible arguments.
    fn any_call(&mut self, function: FunctionId) {
        let scene = self.scene();
        let call = self.good_call(function, &scene);
        self.push(call, false);
    }

    /// A function with one argument that is not sensible.
    fn badly(&mut self) {
        let function = match self.order.only.is_empty() {
            true => FunctionId(self.choices.below(FUNCTIONS.len()) as u16),
            false => self.order.only.clone()[self.choices.below(self.order.only.len())],
        };
        let range = of_function(function);
        let chosen = range.start as usize + self.choices.below(range.len());
        if let Some(pair) = pairs().get(chosen).filter(|pair| pair.function == function) {
            self.aimed(pair);
        }
    }

    /// The call that a pair is about, bad as the pair says; what it needs is made first.
    fn aimed(&mut self, pair: &Pair) {
        if self.order.ground == Ground::Anyone && is_undefined(pair) {
            return;
        }
        self.ready_for(pair);
        let scene = self.scene();
        let mut call = self.good_call(pair.function, &scene);
        let done = self.spoil(&mut call, pair, &scene);
        self.push(call, done);
    }

    /// Makes sure that there is a handle of the kind that the pair misuses.
    fn ready_for(&mut self, pair: &Pair) {
        let needs = |scalar: Scalar| {
            pair.function
                .get()
                .parameters
                .iter()
                .any(|own| matches!(own.kind, Kind::Scalar(kind) if kind == scalar))
        };
        for scalar in [Scalar::Sesid, Scalar::Dbid, Scalar::Tableid] {
            let mut tries = 0;
            while needs(scalar) && self.world.alive(scalar).is_empty() && tries < 4 {
                self.recipe();
                tries += 1;
            }
        }
        let scene = self.scene();
        if needs(Scalar::HandleId)
            && self.world.alive(Scalar::HandleId).is_empty()
            && scene.cursor.is_some()
        {
            self.add(&scene, "JetRegisterCallback", &[]);
        }
        let Some(name) = pair.path.last() else {
            return;
        };
        let closes = match *name {
            "tableid" | "tableidSrc" => "JetCloseTable",
            "sesid" => "JetEndSession",
            "dbid" => "JetCloseDatabase",
            "hCallbackId" => "JetUnregisterCallback",
            "instance" | "pinstance" => "JetTerm",
            _ => return,
        };
        match pair.badness {
            Badness::Closed if closes == "JetTerm" => {
                self.add_plain(&scene, "JetCreateInstance", &[]);
                let last = self.world.alive(Scalar::Instance).last().copied();
                self.add_plain(
                    &Scene {
                        instance: last,
                        ..scene
                    },
                    "JetTerm",
                    &[],
                );
            }
            Badness::Closed if closes == "JetEndSession" => {
                self.add_plain(&scene, "JetBeginSession", &[]);
                let last = self.world.alive(Scalar::Sesid).last().copied();
                self.add_plain(
                    &Scene {
                        session: last,
                        ..scene
                    },
                    closes,
                    &[],
                );
            }
            Badness::Closed if closes == "JetCloseTable" => {
                self.add_plain(&scene, "JetDupCursor", &[]);
                let last = self.world.alive(Scalar::Tableid).last().copied();
                self.add_plain(
                    &Scene {
                        cursor: last,
                        ..scene
                    },
                    closes,
                    &[],
                );
            }
            Badness::Closed => {
                self.add_plain(&scene, closes, &[]);
            }
            Badness::Foreign if closes != "JetTerm" => {
                let none = self.world.alive(Scalar::Sesid).len() < 2;
                if none && scene.session.is_some() {
                    self.add_plain(&scene, "JetBeginSession", &[]);
                }
            }
            _ => {}
        }
    }

    /// Something that happens to the files meanwhile.
    fn file(&mut self) {
        let (verb, value) = match self.choices.below(12) {
            0 => (
                "write-file",
                Value::Map(vec![
                    ("path", Value::Text("other.edb".to_owned())),
                    ("bytes", Value::Hex(b"not a database".to_vec())),
                ]),
            ),
            1 => ("make-folder", Value::Text("backup".to_owned())),
            // Most programs leave files alone: what comes of a damaged one is soon the same for all.
            _ => return,
        };
        let step = Step::new(Action::Other(verb.to_owned(), value));
        self.program.steps.push(step);
    }

    /// Adds a call by name, with these arguments and the others sensible.
    pub(super) fn add(&mut self, scene: &Scene, name: &str, given: &[(&'static str, Value)]) {
        let Some(function) = function(name) else {
            return;
        };
        let mut call = self.good_call(function, scene);
        for (name, value) in given {
            call.set(name, value.clone());
        }
        self.push(call, false);
    }

    /// The same without what may be left out.
    pub(super) fn add_plain(&mut self, scene: &Scene, name: &str, given: &[(&'static str, Value)]) {
        let Some(function) = function(name) else {
            return;
        };
        let mut call = Invocation::new(function);
        for parameter in function.get().parameters {
            let is_output = matches!(parameter.kind, Kind::Buffer | Kind::Info | Kind::TextBuffer);
            let is_given = given.iter().any(|(name, _)| *name == parameter.name);
            if parameter.optional || is_output || is_given {
                continue;
            }
            if let Some(value) = self.good(function, parameter, scene) {
                call.arguments.push((parameter.name, value));
            }
        }
        for (name, value) in given {
            call.set(name, value.clone());
        }
        self.push(call, false);
    }

    fn push(&mut self, mut call: Invocation, bad: bool) {
        super::unions::settle(&mut call);
        // A call that should fail sets no variable, so none of them is to be used.
        if !bad {
            self.note(&call);
        }
        let thaw = thaws(&call);
        self.program.steps.push(Step {
            thread: self.elsewhere.then(|| "second".to_owned()),
            bad,
            ..Step::call(call)
        });
        if let Some(thaw) = thaw {
            self.push(thaw, bad);
        }
    }

    /// The name of a callback, mostly of one that is there.
    pub(super) fn callback(&mut self) -> String {
        let count = self.program.callbacks.len();
        if count > 0 && (count >= CALLBACKS || !self.choices.once_in(3)) {
            let chosen = self.choices.below(count);
            return self.program.callbacks[chosen].name.clone();
        }
        let name = format!("spy{}", count + 1);
        let mut callback = Callback::plain(name.clone());
        match self.choices.below(8) {
            0 => callback.body_mut().returns = JetError::InvalidParameter.code(),
            1 => callback.body_mut().returns = JetError::CallbackFailed.code(),
            2 => callback.body_mut().steps = self.body(),
            3 => callback.body_mut().returns = 1004,
            _ => {}
        }
        self.program.callbacks.push(callback);
        name
    }

    /// The name of a callback for a status function: one without a body, for no cursor is handed to it.
    pub(super) fn status(&mut self) -> String {
        let mut plain = self.program.callbacks.iter();
        if let Some(callback) = plain.find(|callback| callback.is_idle()) {
            return callback.name.clone();
        }
        let name = format!("spy{}", self.program.callbacks.len() + 1);
        self.program.callbacks.push(Callback::plain(name.clone()));
        name
    }

    /// What a callback does inside: a call or two with its own arguments.
    fn body(&mut self) -> Vec<Step> {
        let names = [
            "JetRetrieveColumn",
            "JetSetColumn",
            "JetMove",
            "JetBeginTransaction",
            "JetRollback",
            "JetCommitTransaction",
            "JetGetLS",
            "JetUpdate",
            "JetPrepareUpdate",
            "JetDelete",
            "JetGetBookmark",
            "JetDupCursor",
        ];
        let count = self.choices.of([1, 1, 2]);
        let mut steps = Vec::new();
        for _ in 0..count {
            let name = self.choices.of(names);
            if let Some(function) = function(name) {
                steps.push(self.inside(function));
            }
        }
        steps
    }

    /// A call inside a callback: `sesid` and `tableid` are left out, so that they are its own.
    pub(super) fn inside_step(&mut self, name: &str) -> Step {
        let function = function(name).unwrap_or(FunctionId(0));
        self.inside(function)
    }

    fn inside(&mut self, function: FunctionId) -> Step {
        let table = self.any_table();
        let scene = Scene {
            table,
            ..Scene::default()
        };
        let mut call = Invocation::new(function);
        for parameter in function.get().parameters {
            let own = matches!(parameter.name, "sesid" | "dbid" | "tableid");
            let is_output = matches!(parameter.kind, Kind::Out(_) | Kind::Buffer | Kind::Actual);
            if own || is_output || parameter.optional {
                continue;
            }
            if let Some(value) = self.good(function, parameter, &scene) {
                call.arguments.push((parameter.name, value));
            }
        }
        Step::call(call)
    }
}

/// Whether the documents say nothing of what a library does with it, so that it may do anything: a
/// null pointer, or a handle that was never one, where no page promises that it is looked at.
fn is_undefined(pair: &Pair) -> bool {
    let refuses = listed(pair.function).contains(&JetError::InvalidParameter.code());
    let kind = pair
        .path
        .first()
        .and_then(|name| pair.function.get().parameter(name))
        .map(|(_, parameter)| (parameter.kind, parameter.optional));
    let is_pointer = !matches!(
        kind,
        Some((Kind::Scalar(_) | Kind::Length | Kind::Count, _))
    );
    let optional = matches!(kind, Some((_, true))) && pair.path.len() == 1;
    match pair.badness {
        Badness::Null | Badness::Huge if is_pointer && !optional => !refuses,
        // The registration's handle is an address to the published engine, which follows it.
        Badness::Raw | Badness::Nil | Badness::WrongKind | Badness::Closed | Badness::Null => {
            matches!(
                kind,
                Some((Kind::Scalar(Scalar::HandleId | Scalar::Snapid), _))
            )
        }
        // More than there is behind the pointer.
        Badness::Excess => pair.path.last() == Some(&"cbStruct"),
        _ => false,
    }
}
