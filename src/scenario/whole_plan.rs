//! What is asked of a plan as a whole.

use crate::abi::{FunctionId, Release};

use super::plan::{Action, FileAction, Plan, Step};

impl Plan {
    /// The newest of the functions that it calls, those of its fixture and of its callbacks included.
    pub fn newest_function(&self) -> Option<FunctionId> {
        fn called(step: &Step) -> Option<FunctionId> {
            match &step.action {
                Action::Call(call) | Action::Start { call, .. } | Action::Until { call, .. } => {
                    Some(call.function)
                }
                Action::Repeat { steps, .. } => newest(steps.iter()),
                _ => None,
            }
        }
        fn newest<'s>(steps: impl Iterator<Item = &'s Step>) -> Option<FunctionId> {
            steps.filter_map(called).max_by_key(|id| id.get().since)
        }
        let bodies = self.callbacks.iter().flat_map(|callback| &callback.bodies);
        newest(self.steps.iter().chain(bodies.flat_map(|body| &body.steps)))
    }

    /// The release of Windows that brought the newest of its functions.
    pub fn since(&self) -> Release {
        let newest = self.newest_function();
        newest.map_or(Release::default(), |id| id.get().since)
    }

    /// Whether some step kills the process that it runs in.
    pub fn kills_its_host(&self) -> bool {
        self.any_step(|action| *action == Action::KillHost)
    }

    /// Whether some step has the system fail every write of the process.
    pub fn refuses_writes(&self) -> bool {
        self.any_step(|action| matches!(action, Action::File(FileAction::RefuseWrites(true))))
    }

    fn any_step(&self, wanted: fn(&Action) -> bool) -> bool {
        fn is(step: &Step, wanted: fn(&Action) -> bool) -> bool {
            match &step.action {
                Action::Repeat { steps, .. } => steps.iter().any(|step| is(step, wanted)),
                action => wanted(action),
            }
        }
        let bodies = self.callbacks.iter().flat_map(|callback| &callback.bodies);
        let inside = bodies.flat_map(|body| &body.steps);
        self.steps.iter().chain(inside).any(|step| is(step, wanted))
    }

    /// How many of its own steps are done one after the other, if none of them ends it early.
    pub fn length(&self) -> usize {
        fn length(steps: &[Step]) -> usize {
            let each = steps.iter().map(|step| match &step.action {
                Action::Repeat { times, steps } => (*times as usize).saturating_mul(length(steps)),
                _ => 1,
            });
            each.fold(0, usize::saturating_add)
        }
        length(&self.steps)
    }
}
