//! What the plan's variables hold while a trace is read from its beginning.

use crate::run::trace::{Event, Outcome, StepTrace, Value};
use crate::scenario::plan::{Action, Call, Plan, Step, VariableId};

/// The variables' values, as the trace shows them.
pub(super) struct Environment<'p> {
    plan: &'p Plan,
    values: Vec<Option<Value>>,
}

impl<'p> Environment<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            values: vec![None; plan.variables.len()],
        }
    }

    /// The plan.
    pub(super) fn plan(&self) -> &'p Plan {
        self.plan
    }

    /// Whether the value is what the variable holds now.
    pub(super) fn holds(&self, variable: VariableId, seen: &Value) -> bool {
        let named = |name: &str| {
            self.plan
                .variables
                .get(variable.0 as usize)
                .is_some_and(|held| *held.name == *name)
        };
        matches!(seen, Value::Named(name) if named(name)) || self.value(variable) == Some(seen)
    }

    /// What the variable holds, if a call has given it a value.
    pub(super) fn value(&self, variable: VariableId) -> Option<&Value> {
        self.values.get(variable.0 as usize)?.as_ref()
    }

    /// Takes over what a step has bound.
    pub(super) fn after(&mut self, step: &Step, trace: &StepTrace) {
        match (&step.action, &trace.outcome) {
            (Action::Call(call) | Action::Until { call, .. }, Outcome::Returned(code)) => {
                self.bind(call, *code, trace);
            }
            (Action::End { label }, Outcome::Returned(code)) => {
                let plan = self.plan;
                if let Some(call) = started(plan, label) {
                    self.bind(call, *code, trace);
                }
            }
            (
                Action::Let {
                    variable,
                    base,
                    add,
                },
                Outcome::Done,
            ) => self.add(*variable, *base, *add),
            _ => {}
        }
    }

    /// Takes over the arguments that a callback's body sees under its own names.
    pub(super) fn enter(&mut self, event: &Event) {
        let Some(callback) = self.plan.callbacks.get(event.callback.0 as usize) else {
            return;
        };
        for (variable, name) in callback.arguments.iter().zip(["sesid", "dbid", "tableid"]) {
            let seen = event
                .arguments
                .iter()
                .find(|(argument, _)| **argument == *name);
            if let Some((_, value)) = seen {
                self.set(*variable, Some(value.clone()));
            }
        }
    }

    fn bind(&mut self, call: &Call, code: i32, trace: &StepTrace) {
        if code < 0 {
            return;
        }
        for output in call.memory.iter().flat_map(|memory| &memory.outputs) {
            let Some(variable) = output.bind else {
                continue;
            };
            let seen = trace
                .outputs
                .iter()
                .find(|(name, _)| **name == *output.name);
            if let Some((_, value)) = seen {
                self.set(variable, Some(value.clone()));
            }
        }
    }

    fn add(&mut self, variable: VariableId, base: Option<VariableId>, add: i64) {
        let sum = match base {
            None => Some(Value::Number(add)),
            Some(base) => match self.value(base) {
                Some(Value::Number(number)) => Some(Value::Number(number.wrapping_add(add))),
                Some(same) if add == 0 => Some(same.clone()),
                _ => None,
            },
        };
        self.set(variable, sum);
    }

    fn set(&mut self, variable: VariableId, value: Option<Value>) {
        if let Some(slot) = self.values.get_mut(variable.0 as usize) {
            *slot = value;
        }
    }
}

/// The call that was begun under a label.
pub(super) fn started<'p>(plan: &'p Plan, label: &str) -> Option<&'p Call> {
    fn find<'p>(steps: &'p [Step], wanted: &str) -> Option<&'p Call> {
        steps.iter().find_map(|step| match &step.action {
            Action::Start { label, call } if label == wanted => Some(&**call),
            Action::Repeat { steps, .. } => find(steps, wanted),
            _ => None,
        })
    }
    let bodies = plan.callbacks.iter().flat_map(|callback| &callback.bodies);
    find(&plan.steps, label)
        .or_else(|| bodies.into_iter().find_map(|body| find(&body.steps, label)))
}
