//! What one run holds while it lasts: the prepared plan, the table of functions, and behind one lock
//! everything that steps and callbacks change.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use smallvec::SmallVec;

use crate::abi::Api;
use crate::scenario::plan::{Plan, VariableKind};

use super::callbacks::Slots;
use super::calls::{Called, Ready, number};
use super::journal::{ENGINE_THREADS, Journal};
use super::prepared::{Live, Prepared};
use super::threads::Job;
use super::trace::End;

/// How long a run may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Limits {
    /// For one step, in milliseconds.
    pub step_ms: u64,
    /// For all steps together, in milliseconds.
    pub run_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            step_ms: 10_000,
            run_ms: 60_000,
        }
    }
}

/// One run.
pub(super) struct Run {
    /// What no other run of this process has.
    pub(super) serial: u64,
    pub(super) plan: Arc<Plan>,
    pub(super) prepared: Prepared,
    pub(super) api: Api,
    pub(super) limits: Limits,
    /// The folder that paths of the plan are relative to.
    pub(super) scratch: PathBuf,
    /// The functions of the pool that are this run's callbacks.
    pub(super) slots: Slots,
    /// Who hears of every call that has returned.
    pub(super) watcher: Option<fn(&Called)>,
    /// Whether this process may be killed by a step.
    pub(super) may_die: bool,
    state: Mutex<State>,
    changed: Condvar,
    stopped: AtomicBool,
}

/// How many runs this process has begun.
static RUNS: AtomicU64 = AtomicU64::new(0);

/// What steps and callbacks change.
pub(super) struct State {
    pub(super) journal: Journal,
    pub(super) variables: Vec<Held>,
    /// Memory of calls that have returned, by call, ready for the next time.
    pub(super) pools: Vec<SmallVec<[Ready; 1]>>,
    /// The call that returned last.
    pub(super) last_call: Option<usize>,
    /// How often each signal was woken and not yet waited for.
    pub(super) signals: Vec<u32>,
    /// How often an engine's own thread has invoked each callback, less what was awaited.
    pub(super) engine_events: Vec<u32>,
    /// How often each body of each callback has run.
    pub(super) body_counts: Vec<Vec<u32>>,
    /// Calls begun and not yet returned.
    pub(super) running: Vec<bool>,
    /// The plan's own threads, once they are needed.
    pub(super) workers: Vec<Option<Sender<Job>>>,
    /// Digests of remembered files, by path.
    pub(super) digests: HashMap<String, u64>,
    /// How the run ends, once that is known.
    pub(super) end: Option<End>,
    engine_threads: u8,
    waiting: u32,
}

/// What a variable holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Held {
    /// Whether it has been given a value.
    pub bound: bool,
    /// A number or a handle.
    pub number: u64,
    /// Bytes.
    pub bytes: Vec<u8>,
}

/// Who does a step: the thread, and what the names of a callback's arguments mean.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    pub(super) thread: u8,
    /// Whether the step is in a callback's body.
    pub(super) in_body: bool,
    /// Variables that mean something else here.
    pub(super) arguments: [(usize, u64); 3],
}

impl Context {
    /// The context of steps that are in no callback.
    pub(super) fn of_thread(thread: u8) -> Context {
        Context {
            thread,
            in_body: false,
            arguments: [(usize::MAX, 0); 3],
        }
    }
}

/// What a run happens on: the library, and where.
pub(crate) struct Surroundings {
    /// The library's functions.
    pub(crate) api: Api,
    /// How long the run may wait.
    pub(crate) limits: Limits,
    /// The folder that paths of the plan are relative to.
    pub(crate) scratch: PathBuf,
    /// Who hears of every call that has returned.
    pub(crate) watcher: Option<fn(&Called)>,
}

/// What a run takes from its process.
pub(super) struct Pooled {
    pub(super) slots: Slots,
    /// Whether the process may be killed: it is a host, not the runner itself.
    pub(super) may_die: bool,
}

impl Run {
    pub(super) fn new(
        plan: Arc<Plan>,
        prepared: Prepared,
        on: Surroundings,
        pooled: Pooled,
        journal: Journal,
    ) -> Run {
        let state = State {
            journal,
            variables: vec![Held::default(); plan.variables.len()],
            pools: prepared.calls.iter().map(|_| SmallVec::new()).collect(),
            last_call: None,
            signals: vec![0; plan.signals.len()],
            engine_events: vec![0; plan.callbacks.len()],
            body_counts: plan
                .callbacks
                .iter()
                .map(|callback| vec![0; callback.bodies.len()])
                .collect(),
            running: vec![false; prepared.starts.len()],
            workers: plan.threads.iter().map(|_| None).collect(),
            digests: HashMap::new(),
            end: None,
            engine_threads: 0,
            waiting: 0,
        };
        Run {
            serial: RUNS.fetch_add(1, Ordering::Relaxed),
            plan,
            prepared,
            api: on.api,
            limits: on.limits,
            scratch: on.scratch,
            watcher: on.watcher,
            slots: pooled.slots,
            may_die: pooled.may_die,
            state: Mutex::new(state),
            changed: Condvar::new(),
            stopped: AtomicBool::new(false),
        }
    }

    /// The state. A panic of ours while it was locked has been reported; what it left is still whole.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the run after what is being done now. The first reason counts.
    pub(super) fn stop(&self, state: &mut State, end: End) {
        state.end.get_or_insert(end);
        self.stopped.store(true, Ordering::Release);
        self.notify(state);
    }

    /// Whether no further step is to be done.
    pub(super) fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }

    /// Wakes the threads that wait for a change.
    pub(super) fn notify(&self, state: &State) {
        if state.waiting > 0 {
            self.changed.notify_all();
        }
    }

    /// Waits until the condition holds, for as long as a step may take. `false` when it did not
    /// come to hold.
    pub(super) fn wait_until<'s>(
        &self,
        mut state: MutexGuard<'s, State>,
        mut holds: impl FnMut(&mut State) -> bool,
    ) -> (MutexGuard<'s, State>, bool) {
        let limit = Instant::now() + Duration::from_millis(self.limits.step_ms);
        loop {
            if holds(&mut state) {
                return (state, true);
            }
            let left = limit.saturating_duration_since(Instant::now());
            if left.is_zero() || self.stopped() {
                return (state, false);
            }
            state.waiting += 1;
            state = match self.changed.wait_timeout(state, left) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
            state.waiting -= 1;
        }
    }
}

impl State {
    /// The number that a variable holds for whoever does the step.
    pub(super) fn number(&self, context: &Context, variable: usize) -> Option<u64> {
        for (overridden, value) in context.arguments {
            if overridden == variable {
                return Some(value);
            }
        }
        let held = self.variables.get(variable)?;
        held.bound.then_some(held.number)
    }

    /// What stands in a place that only the run can fill.
    pub(super) fn live(&self, context: &Context, live: Live) -> Result<u64, usize> {
        match live {
            Live::Variable(variable) => self.number(context, variable).ok_or(variable),
            Live::LengthOf(variable) => match self.variables.get(variable) {
                Some(held) if held.bound => Ok(held.bytes.len() as u64),
                _ => Err(variable),
            },
        }
    }

    /// Sets a variable to a number.
    pub(super) fn set_number(&mut self, variable: usize, number: u64) {
        if let Some(held) = self.variables.get_mut(variable) {
            held.bound = true;
            held.number = number;
        }
    }

    /// Sets a variable to bytes.
    pub(super) fn set_bytes(&mut self, variable: usize, bytes: &[u8]) {
        if let Some(held) = self.variables.get_mut(variable) {
            held.bound = true;
            held.bytes.clear();
            held.bytes.extend_from_slice(bytes);
            // A few bytes can be said as a number, too.
            held.number = number(bytes);
        }
    }

    /// A number for a thread of the engine's own that is seen for the first time.
    pub(super) fn next_engine_thread(&mut self) -> u8 {
        let number = ENGINE_THREADS | self.engine_threads;
        self.engine_threads = (self.engine_threads + 1) % ENGINE_THREADS;
        number
    }
}

/// Whether a variable of that kind holds bytes.
pub(super) fn holds_bytes(kind: VariableKind) -> bool {
    matches!(kind, VariableKind::Bytes)
}
