//! Makes a program, step by step, out of choices.

use smallvec::SmallVec;
use smol_str::SmolStr;

use super::arguments::Scene;
use super::choices::Choices;
use super::fixtures;
use super::order::{Order, is_rare};
use super::pairs::{PairId, of_function, structure_of};
use super::program::{Action, Callback, Invocation, Program, Step, Value};
use super::world::World;
use crate::abi::role::Kind;
use crate::abi::{ByFunction, FUNCTIONS, FunctionId, function};

/// For how many steps room is made ahead.
const MOST_RESERVED: usize = 64;

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
        if left_out != Some(index) && !is_wild(step) {
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

/// Leaves out of a call what no library can be held to an answer for, and what takes too long.
pub(super) fn settle(call: &mut Invocation) {
    super::sizes::settle(call);
    static CONCERNED: ByFunction<bool> = ByFunction::new(takes_addresses);
    if CONCERNED.of(call.function) {
        super::unions::settle(call);
        super::addresses::settle(call);
    }
}

/// Whether a function takes a number that may be an address: of a parameter of the engine, or in a
/// structure.
fn takes_addresses(name: &'static str) -> bool {
    let parameters = function(name).map_or(&[][..], |function| function.get().parameters);
    parameters
        .iter()
        .any(|own| own.name == "paramid" || structure_of(&own.kind).is_some())
}

/// Whether a step gives an invented address for a function or for memory: a case may do so where
/// nothing follows it, but what comes after might.
fn is_wild(step: &Step) -> bool {
    let Some(call) = step.invocation() else {
        return false;
    };
    let parameters = call.function.get().parameters.iter();
    let mut functions =
        parameters.filter(|own| matches!(own.kind, Kind::Callback | Kind::Status | Kind::Realloc));
    functions.any(|own| {
        let node = call.get(own.name).map(Value::node);
        let entries = node.as_ref().and_then(|node| node.entries());
        entries.is_some_and(|entries| entries.iter().any(|entry| &*entry.key == "raw"))
    }) || super::addresses::is_wild(call)
}

/// What ends a freeze: its own end, or that of the whole snapshot.
const THAWS: [&str; 2] = ["JetOSSnapshotThaw", "JetOSSnapshotAbort"];

/// What has to follow a call: while an instance is frozen, whoever writes waits for the thaw, or for a
/// time limit that no campaign has time for.
fn thaws(call: &Invocation, by: &str) -> Option<Invocation> {
    if call.function.get().name != "JetOSSnapshotFreeze" {
        return None;
    }
    let mut thaw = Invocation::new(function(by)?);
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
            Action::Call(call) => return thaws(call, THAWS[0]).is_some(),
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
    pub(super) fn new(mut choices: Choices<'b>, order: Order) -> Self {
        let chosen = choices.pick(fixtures::CHOSEN).copied().unwrap_or("table");
        let fixture = order.fixture.unwrap_or(chosen);
        let program = Program {
            fixture,
            wide: choices.once_in(8),
            callbacks: Vec::new(),
            steps: Vec::with_capacity(order.steps.min(MOST_RESERVED)),
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
            let keeper = Callback::plain(SmolStr::new_static("keeper"));
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
        if let Some(aim) = self.order.aim {
            self.aimed(aim);
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
        self.push(call, None);
    }

    /// A function with one argument that is not sensible.
    fn badly(&mut self) {
        let function = match self.order.only.is_empty() {
            true => FunctionId(self.choices.below(FUNCTIONS.len()) as u16),
            false => self.order.only.clone()[self.choices.below(self.order.only.len())],
        };
        let range = of_function(function);
        let chosen = PairId(range.start + self.choices.below(range.len()) as u32);
        if chosen.get().is_some_and(|pair| pair.function == function) {
            self.aimed(chosen);
        }
    }

    /// Something that happens to the files meanwhile.
    fn file(&mut self) {
        let (verb, value) = match self.choices.below(12) {
            0 => (
                "write-file",
                Value::Map(vec![
                    ("path", Value::Text("other.edb".into())),
                    ("bytes", Value::Hex(b"not a database".to_vec())),
                ]),
            ),
            1 => ("make-folder", Value::Text("backup".into())),
            // Most programs leave files alone: what comes of a damaged one is soon the same for all.
            _ => return,
        };
        let step = Step::new(Action::Other(verb.to_owned(), value));
        self.program.steps.push(step);
    }

    /// Adds a call by name, with these arguments and the others sensible.
    pub(super) fn add(
        &mut self,
        scene: &Scene,
        name: &str,
        given: impl IntoIterator<Item = (&'static str, Value)>,
    ) {
        let Some(function) = function(name) else {
            return;
        };
        let mut call = self.good_call(function, scene);
        for (name, value) in given {
            call.set(name, value);
        }
        self.push(call, None);
    }

    /// The same without what may be left out.
    pub(super) fn add_plain(
        &mut self,
        scene: &Scene,
        name: &str,
        given: impl IntoIterator<Item = (&'static str, Value)>,
    ) {
        let Some(function) = function(name) else {
            return;
        };
        let given: SmallVec<[_; 4]> = given.into_iter().collect();
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
        call.arguments.extend(given);
        self.push(call, None);
    }

    pub(super) fn push(&mut self, mut call: Invocation, bad: Option<PairId>) {
        settle(&mut call);
        // A call that should fail sets no variable, so none of them is to be used.
        if bad.is_none() {
            self.note(&call);
        }
        let thaw = thaws(&call, THAWS[0]).and_then(|thaw| match self.choices.once_in(4) {
            true => thaws(&call, THAWS[1]),
            false => Some(thaw),
        });
        self.program.steps.push(Step {
            thread: self.elsewhere.then_some(SmolStr::new_static("second")),
            bad,
            ..Step::call(call)
        });
        if let Some(thaw) = thaw {
            self.push(thaw, bad);
        }
    }
}
