//! What the steps of a plan are made of, as far as the records of a run need it to be read.

use smallvec::SmallVec;

use crate::abi::{ByFunction, function};
use crate::scenario::plan::{Action, Argument, Call, CallbackId, Plan, Show};

use super::prepare::for_each_step;
use super::trace::Name;

/// What the steps are made of, by step number.
pub(super) struct Shapes(Vec<Option<Shape>>);

impl Shapes {
    pub(super) fn new(plan: &Plan) -> Shapes {
        let mut shapes = Shapes(Vec::with_capacity(plan.steps.len()));
        for_each_step(plan, &mut |step| {
            shapes.insert(step.id.0, Shape::new(&step.action, plan));
        });
        shapes
    }

    pub(super) fn get(&self, step: u32) -> Option<&Shape> {
        self.0.get(step as usize)?.as_ref()
    }

    fn insert(&mut self, step: u32, shape: Shape) {
        let step = step as usize;
        // Steps are mostly numbered in their order.
        if self.0.len() <= step {
            self.0.resize_with(step, || None);
            self.0.push(Some(shape));
        } else {
            self.0[step] = Some(shape);
        }
    }
}

/// What a step is made of, as far as its records need it.
pub(super) struct Shape {
    pub(super) doing: &'static str,
    pub(super) begins: bool,
    pub(super) outputs: SmallVec<[ShapeOutput; 2]>,
    /// The handle that the call closes when it succeeds.
    pub(super) closes: Option<usize>,
    /// The callbacks that the call is given as its status function.
    pub(super) status: Vec<CallbackId>,
    /// Whether it kills the host.
    pub(super) kills: bool,
    /// The step that began the call whose result it asks for.
    pub(super) joins: Option<u32>,
}

pub(super) struct ShapeOutput {
    pub(super) name: Name,
    pub(super) show: Show,
    pub(super) bind: Option<usize>,
}

impl Shape {
    fn new(action: &Action, plan: &Plan) -> Shape {
        let Some(call) = call_of(action) else {
            return Shape {
                doing: doing(action),
                begins: false,
                outputs: SmallVec::new(),
                closes: None,
                status: Vec::new(),
                kills: *action == Action::KillHost,
                joins: begun(action, plan),
            };
        };
        let mut outputs = SmallVec::new();
        for output in call.memory.iter().flat_map(|memory| &memory.outputs) {
            outputs.push(ShapeOutput {
                name: output.name.clone(),
                show: output.show,
                bind: output.bind.map(|variable| variable.0 as usize),
            });
        }
        Shape {
            doing: call.function.get().symbol(call.form),
            begins: matches!(action, Action::Start { .. }),
            outputs,
            closes: closes(call, plan),
            status: match plan.callbacks.is_empty() {
                true => Vec::new(),
                false => status(call).collect(),
            },
            kills: false,
            joins: None,
        }
    }
}

/// What a piece of a call's memory is called.
pub(super) fn memory_name(plan: &Plan, step: u32, piece: u32) -> Option<String> {
    let mut found = None;
    for_each_step(plan, &mut |own| {
        if own.id.0 == step
            && let Some(call) = call_of(&own.action)
        {
            found = call.memory.get(piece as usize);
        }
    });
    found.map(|memory| memory.name.to_string())
}

/// The call that a step makes or begins.
fn call_of(action: &Action) -> Option<&Call> {
    match action {
        Action::Call(call) | Action::Start { call, .. } | Action::Until { call, .. } => Some(call),
        _ => None,
    }
}

/// The step that begins the call which a step ends.
fn begun(action: &Action, plan: &Plan) -> Option<u32> {
    let Action::End { label } = action else {
        return None;
    };
    let mut found = None;
    for_each_step(plan, &mut |step| match &step.action {
        Action::Start { label: own, .. } if own == label => found = Some(step.id.0),
        _ => {}
    });
    found
}

/// The status functions among the arguments of a call, those in structures too.
fn status(call: &Call) -> impl Iterator<Item = CallbackId> {
    let patches = call.memory.iter().flat_map(|memory| &memory.patches);
    let arguments = call
        .arguments
        .iter()
        .chain(patches.map(|patch| &patch.value));
    arguments.filter_map(|argument| match argument {
        Argument::Status(callback) => Some(*callback),
        _ => None,
    })
}

/// What a step that is no call does, in words.
fn doing(action: &Action) -> &'static str {
    match action {
        Action::End { .. } => "end",
        Action::Await { .. } => "await",
        Action::Wait { .. } => "wait",
        Action::Wake { .. } => "wake",
        Action::Repeat { .. } => "repeat",
        Action::File(_) => "a file",
        Action::KillHost => "kill-host",
        Action::Compare { .. } => "a comparison",
        _ => "let",
    }
}

/// The variable whose object a call closes.
fn closes(call: &Call, plan: &Plan) -> Option<usize> {
    static CLOSED: ByFunction<Option<usize>> = ByFunction::new(closed);
    match call.arguments.get(CLOSED.of(call.function)?)? {
        Argument::Variable(variable) if (variable.0 as usize) < plan.variables.len() => {
            Some(variable.0 as usize)
        }
        _ => None,
    }
}

/// Which argument of a function names what a call of it closes.
fn closed(name: &'static str) -> Option<usize> {
    let parameter = match name {
        "JetCloseTable" => "tableid",
        "JetEndSession" => "sesid",
        "JetTerm" | "JetTerm2" => "instance",
        "JetUnregisterCallback" => "hCallbackId",
        _ => return None,
    };
    let (position, _) = function(name)?.get().parameter(parameter)?;
    Some(position)
}
