//! What the steps of a plan are made of, as far as the records of a run need it to be read.

use crate::abi::{ByFunction, function};
use crate::scenario::StepIndex;
use crate::scenario::plan::{Action, Argument, Call, CallbackId, Output, Plan, StepId};

/// What the steps of a plan are made of, by step number.
pub(super) struct Shapes<'p> {
    plan: &'p Plan,
    steps: StepIndex<'p>,
}

impl<'p> Shapes<'p> {
    pub(super) fn new(plan: &'p Plan) -> Shapes<'p> {
        let steps = StepIndex::new(plan);
        Shapes { plan, steps }
    }

    /// What a step is made of.
    pub(super) fn get(&self, step: u32) -> Option<Shape<'p>> {
        let action = &self.steps.get(StepId(step))?.action;
        let call = call_of(action);
        Some(Shape { action, call })
    }

    /// The variable whose object a step closes when it succeeds.
    pub(super) fn closes(&self, shape: Shape<'_>) -> Option<usize> {
        static CLOSED: ByFunction<Option<usize>> = ByFunction::new(closed);
        let call = shape.call?;
        match call.arguments.get(CLOSED.of(call.function)?)? {
            Argument::Variable(variable) => {
                let variable = variable.0 as usize;
                (variable < self.plan.variables.len()).then_some(variable)
            }
            _ => None,
        }
    }

    /// The step that began the call whose result a step asks for.
    pub(super) fn joins(&self, shape: Shape<'_>) -> Option<u32> {
        let Action::End { label } = shape.action else {
            return None;
        };
        let begins =
            |action: &Action| matches!(action, Action::Start { label: own, .. } if own == label);
        let begun = self.steps.iter().filter(|step| begins(&step.action));
        begun.last().map(|step| step.id.0)
    }

    /// What a piece of a call's memory is called.
    pub(super) fn memory_name(&self, step: u32, piece: u32) -> Option<&'p str> {
        let memory = &self.get(step)?.call?.memory;
        memory.get(piece as usize).map(|memory| &*memory.name)
    }
}

/// What a step is made of.
#[derive(Clone, Copy)]
pub(super) struct Shape<'p> {
    action: &'p Action,
    /// The call that it makes or begins.
    call: Option<&'p Call>,
}

impl<'p> Shape<'p> {
    /// What it does, in words.
    pub(super) fn doing(self) -> &'static str {
        match self.call {
            Some(call) => call.function.get().symbol(call.form),
            None => doing(self.action),
        }
    }

    /// Whether it begins a call without waiting for it.
    pub(super) fn begins(self) -> bool {
        matches!(self.action, Action::Start { .. })
    }

    /// Whether it kills the host.
    pub(super) fn kills(self) -> bool {
        *self.action == Action::KillHost
    }

    /// What its call may write, in the order in which the records have it.
    pub(super) fn outputs(self) -> impl Iterator<Item = &'p Output> {
        let memory = self.call.map_or(&[][..], |call| &call.memory);
        memory.iter().flat_map(|memory| &memory.outputs)
    }

    /// Whether its call is given that callback as a status function, be it in a structure.
    pub(super) fn is_told_to(self, callback: CallbackId) -> bool {
        let Some(call) = self.call else {
            return false;
        };
        let patches = call.memory.iter().flat_map(|memory| &memory.patches);
        let mut arguments = call
            .arguments
            .iter()
            .chain(patches.map(|patch| &patch.value));
        arguments.any(|argument| *argument == Argument::Status(callback))
    }
}

fn call_of(action: &Action) -> Option<&Call> {
    match action {
        Action::Call(call) | Action::Start { call, .. } | Action::Until { call, .. } => Some(call),
        _ => None,
    }
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
