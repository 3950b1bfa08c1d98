//! Online defragmentation: a task of the engine's own for each database.
//!
//! Rows are not on pages here, so a pass has nothing to move; what a caller can tell is when the task
//! runs, when it ends, and what it calls then. (jetdefragment2-function.md, jet-cbtyp.md)

use std::sync::{Arc, MutexGuard};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use super::callback::{Argument, Callback, Context, Event, reason};
use super::engine::{Engine, State};
use super::gate::Entry;
use super::handles::{Dbid, Instance, Sesid, Tableid};
use super::outcome::{Jet, Warned};
use super::rules::rules;
use super::threads;
use crate::abi::errors::{JetError, JetWarning};

rules! {
    /// Starting while a task runs. (jetdefragment2-function.md)
    ALREADY_RUNNING = "defrag/already-running";
    /// The callback given with it is forgotten.
    ALREADY_RUNNING_CALLBACK = "defrag/already-running-callback";
    /// Without limits the task goes on until it is stopped. (jetdefragment2-function.md)
    NO_LIMIT = "defrag/no-limit";
    /// With a limit of passes the task ends by itself. (jetdefragment2-function.md)
    PASSES_LIMIT = "defrag/passes-limit";
    /// Stopping tells how far the task got. (jetdefragment2-function.md)
    STOP_TELLS = "defrag/stop-tells";
    /// Each database has a task of its own. (jetdefragment2-function.md)
    EACH_DATABASE = "defrag/one-for-each-database";
    /// The task goes on when the session that started it ends.
    SESSION_MAY_END = "defrag/session-may-end";
    /// Stopping while none runs. (jetdefragment2-function.md)
    NOT_RUNNING = "defrag/not-running";
    /// Either start or stop.
    START_OR_STOP = "defrag/start-or-stop";
    /// Switched off, nothing happens. (database-parameters.md)
    DISABLED = "defrag/disabled";
    /// The third form is reserved. (jetdefragment3-function.md)
    RESERVED = "defrag/third-form-reserved";
    /// A B-tree is defragmented without a callback. (jetdefragment2-function.md)
    BTREE = "defrag/btree-callback";
    /// The table of that B-tree is named.
    BTREE_TABLE = "defrag/btree-table";
    /// No table is named where all B-trees are meant. (jetdefragment2-function.md)
    BATCH_TABLE = "defrag/batch-table";
    /// The session that started a task stays usable. (jetdefragment2-function.md)
    SESSION_USABLE = "defrag/session-usable";
    /// A database attached read-only. (jetdefragment2-function.md)
    READ_ONLY = "defrag/read-only-database";
    /// A task is started and stopped. (jetdefragment2-function.md)
    STARTS = "defrag/starts-and-stops";
    /// Detaching and JetTerm end the task.
    ATTACHED_ENDS = "defrag/attached-ends";
    /// The callback is called once the task has ended. (jet-cbtyp.md)
    COMPLETED = "cbtyp/defrag-completed";
    /// The callback gets a session of the engine's own and the database. (jet-cbtyp.md)
    ARGUMENTS = "cbtyp/defrag-arguments";
    /// Stopping the task calls it as well.
    STOP = "cbtyp/defrag-stop";
    /// What the callback answers is ignored. (jet-cbtyp.md)
    RESULT = "cbtyp/defrag-result-ignored";
}

/// Options. (jetdefragment2-function.md)
mod bits {
    pub const BATCH_START: u32 = 0x1;
    pub const BATCH_STOP: u32 = 0x2;
    pub const BTREE: u32 = 0x100;
    pub const BTREE_BATCH: u32 = 0x200;
}

/// `JET_paramEnableOnlineDefrag` (database-parameters.md)
const ENABLED: u32 = 35;

/// How long a task rests between two passes.
const PAUSE: Duration = Duration::from_millis(1);

/// Where a task is at work.
pub type Place = (Instance, Dbid);

/// A task that defragments a database.
#[derive(Debug)]
pub struct Task {
    callback: Option<Arc<dyn Callback>>,
    /// Its session.
    sesid: Sesid,
    /// The session that started it.
    starter: Sesid,
    began: Instant,
    passes: u32,
    stopped: bool,
    worker: Option<ThreadId>,
    /// What the callback answered, for an engine that does not ignore it.
    answered: i32,
}

/// How long a task is to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// `pcPasses`: the most passes; without, or negative, no limit.
    pub passes: Option<u32>,
    /// `pcSeconds`: the longest time; without, zero or negative, no limit.
    pub seconds: Option<u32>,
}

impl Limits {
    /// Limits out of what the caller gave, of which only positive numbers are limits.
    pub fn new(passes: Option<u32>, seconds: Option<u32>) -> Self {
        let positive = |number: &u32| *number != 0 && number.cast_signed() > 0;
        Self {
            passes: passes.filter(positive),
            seconds: seconds.filter(positive),
        }
    }
}

/// What stopping a task tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// The passes performed.
    pub passes: u32,
    /// The seconds that it took.
    pub seconds: u32,
}

impl Engine {
    /// JetDefragment and JetDefragment2; the name of a table counts for `JET_bitDefragmentBTree`
    /// alone. Stopping tells how far the task got. (jetdefragment2-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errInvalidDatabaseId`, `JET_errInvalidParameter`,
    /// `JET_errInvalidGrbit`, `JET_errDatabaseFileReadOnly`, `JET_errOutOfThreads`.
    pub fn defragment(
        &'static self,
        sesid: Sesid,
        dbid: Dbid,
        table: Option<&str>,
        limits: Limits,
        callback: Option<Arc<dyn Callback>>,
        grbit: u32,
    ) -> Jet<Warned<Option<Stopped>>> {
        let call = self.enter_session(sesid, Entry::Usual)?;
        let instance = call.instance;
        let read_only = call.database_of(sesid, dbid)?.read_only;
        let btree = grbit & (bits::BTREE | bits::BTREE_BATCH) != 0;
        BTREE.refuse(btree && callback.is_some(), JetError::InvalidParameter)?;
        let batch = grbit & bits::BTREE_BATCH != 0;
        BATCH_TABLE.refuse(batch && table.is_some(), JetError::InvalidParameter)?;
        let unnamed = btree && !batch && table.is_none();
        BTREE_TABLE.refuse(unnamed, JetError::InvalidName)?;
        let enabled = call.instance(instance)?.settings.number(ENABLED) != 0;
        if !enabled && DISABLED.holds() {
            return Ok(Warned::plain(None));
        }
        let start = grbit & bits::BATCH_START != 0;
        let stop = grbit & bits::BATCH_STOP != 0;
        let alone = grbit & bits::BTREE != 0 && !start && !stop;
        START_OR_STOP.refuse(start == stop && !alone, JetError::InvalidGrbit)?;
        READ_ONLY.refuse(start && read_only, JetError::DatabaseFileReadOnly)?;
        drop(call);
        if let Some(table) = table.filter(|_| alone) {
            self.defragment_tree((instance, dbid), table)?;
        }
        if !STARTS.holds() || alone {
            return Ok(Warned::plain(None));
        }
        let place = (instance, dbid);
        if stop {
            self.stop_task(place)
        } else {
            self.start_task(sesid, place, limits, callback)
        }
    }

    fn start_task(
        &'static self,
        starter: Sesid,
        place: Place,
        limits: Limits,
        callback: Option<Arc<dyn Callback>>,
    ) -> Jet<Warned<Option<Stopped>>> {
        let mut state = self.lock();
        if limits == Limits::default() && !NO_LIMIT.holds() {
            return Ok(Warned::plain(None));
        }
        if !EACH_DATABASE.holds() && !state.defragmentation.contains_key(&place) {
            let any = !state.defragmentation.is_empty();
            let warning = any.then_some(JetWarning::DefragAlreadyRunning);
            if warning.is_some() {
                return Ok(Warned {
                    value: None,
                    warning,
                });
            }
        }
        if let Some(task) = state.defragmentation.get_mut(&place) {
            if !ALREADY_RUNNING_CALLBACK.holds() {
                task.callback = callback;
            }
            let warning = ALREADY_RUNNING
                .holds()
                .then_some(JetWarning::DefragAlreadyRunning);
            return Ok(Warned {
                value: None,
                warning,
            });
        }
        let sesid = state.add_session(place.0)?;
        state.session_mut(sesid)?.own = true;
        let task = Task {
            callback,
            sesid,
            starter,
            began: Instant::now(),
            passes: 0,
            stopped: false,
            worker: None,
            answered: 0,
        };
        state.defragmentation.insert(place, task);
        let worker = std::thread::Builder::new().name("defragmentation".to_owned());
        if worker
            .spawn(move || self.work(place, sesid, limits))
            .is_err()
        {
            state.defragmentation.remove(&place);
            state.remove_session(sesid);
            return Err(JetError::OutOfThreads);
        }
        Ok(Warned::plain(None))
    }

    fn stop_task(&self, place: Place) -> Jet<Warned<Option<Stopped>>> {
        let mut state = self.lock();
        let here = threads::here();
        let task = state.defragmentation.get_mut(&place);
        let Some(task) = task.filter(|task| task.worker != Some(here)) else {
            let warning = NOT_RUNNING.holds().then_some(JetWarning::DefragNotRunning);
            return Ok(Warned {
                value: None,
                warning,
            });
        };
        task.stopped = true;
        let (sesid, told) = (task.sesid, task.told());
        self.notify();
        let state = self.wait_for_end(state, place, sesid);
        let answered = state.last_defragmentation;
        if answered < 0 && !RESULT.holds() {
            return Err(JetError::from_code(answered));
        }
        Ok(Warned::plain(STOP_TELLS.holds().then_some(told)))
    }

    fn wait_for_end<'e>(
        &'e self,
        state: MutexGuard<'e, State>,
        place: Place,
        sesid: Sesid,
    ) -> MutexGuard<'e, State> {
        self.wait_until(state, |state| !state.is_at_work(place, sesid))
    }

    /// Ends the tasks of a database, or of all databases of an instance, and waits for their
    /// callbacks.
    pub(super) fn end_defragmentation(&self, instance: Instance, dbid: Option<Dbid>) {
        if !ATTACHED_ENDS.holds() {
            return;
        }
        let here = threads::here();
        loop {
            let mut state = self.lock();
            let mut tasks = state.defragmentation.iter_mut();
            let next = tasks.find(|((of, at), task)| {
                *of == instance && dbid.is_none_or(|dbid| dbid == *at) && task.worker != Some(here)
            });
            let Some((place, task)) = next else {
                return;
            };
            task.stopped = true;
            let (place, sesid) = (*place, task.sesid);
            self.notify();
            drop(self.wait_for_end(state, place, sesid));
        }
    }

    /// The thread of a task.
    fn work(&self, place: Place, sesid: Sesid, limits: Limits) {
        let mut state = self.lock();
        let most = limits.passes.filter(|_| PASSES_LIMIT.holds());
        let deadline = limits
            .seconds
            .map(|seconds| Duration::from_secs(seconds.into()));
        while let Some(task) = state.task(place, sesid) {
            task.worker = Some(threads::here());
            if !task.stopped {
                task.passes = task.passes.saturating_add(1);
            }
            let left = deadline.map(|limit| limit.saturating_sub(task.began.elapsed()));
            let done = most.is_some_and(|most| task.passes >= most);
            if task.stopped || done || left == Some(Duration::ZERO) {
                break;
            }
            // Between passes others get to work; without a limit of passes one goes on until it is over.
            let pause = most.map_or(left, |_| Some(left.unwrap_or(PAUSE).min(PAUSE)));
            state = self.wait_for(state, pause, |state| state.is_over(place, sesid));
        }
        drop(state);
        self.complete(place, sesid);
    }

    /// Calls the callback of a task that has ended, and forgets the task.
    fn complete(&self, place: Place, sesid: Sesid) {
        let mut state = self.lock();
        let Some(task) = state.task(place, sesid) else {
            return;
        };
        let told = COMPLETED.holds() && (!task.stopped || STOP.holds());
        if let Some(callback) = task.callback.clone().filter(|_| told) {
            drop(state);
            let right = ARGUMENTS.holds();
            let answered = callback.call(&mut Event {
                sesid: if right { sesid } else { Sesid::NIL },
                dbid: if right { place.1 } else { Dbid::NIL },
                tableid: Tableid::NIL,
                cbtyp: reason::ONLINE_DEFRAG_COMPLETED,
                arg1: Argument::Null,
                arg2: Argument::Null,
                context: Context::NULL,
                unused: 0,
            });
            state = self.lock();
            if let Some(task) = state.task(place, sesid) {
                task.answered = answered;
            }
        }
        if let Some(task) = state.task(place, sesid) {
            let answered = task.answered;
            state.last_defragmentation = answered;
            state.defragmentation.remove(&place);
            state.remove_session(sesid);
        }
        drop(state);
        self.notify();
    }
}

impl Task {
    fn told(&self) -> Stopped {
        Stopped {
            passes: self.passes,
            seconds: u32::try_from(self.began.elapsed().as_secs()).unwrap_or(u32::MAX),
        }
    }
}

impl State {
    /// A session has ended: a sloppy engine would end its tasks with it.
    pub(super) fn tasks_after_end(&mut self, sesid: Sesid) {
        if !SESSION_MAY_END.holds() {
            self.defragmentation.retain(|_, task| task.starter != sesid);
        }
    }

    /// Refuses a session whose task is at work, as an engine would that lent it to the task.
    pub(super) fn check_lent(&self, sesid: Sesid) -> Jet<()> {
        let lent = || {
            self.defragmentation
                .values()
                .any(|task| task.starter == sesid)
        };
        if !SESSION_USABLE.holds() && lent() {
            return Err(JetError::SessionSharingViolation);
        }
        Ok(())
    }

    /// The task at a place, if it is still the one with that session.
    fn task(&mut self, place: Place, sesid: Sesid) -> Option<&mut Task> {
        let task = self.defragmentation.get_mut(&place);
        task.filter(|task| task.sesid == sesid)
    }

    /// Whether the task has been stopped, or is gone.
    fn is_over(&self, place: Place, sesid: Sesid) -> bool {
        let task = self.defragmentation.get(&place);
        task.is_none_or(|task| task.sesid != sesid || task.stopped)
    }

    fn is_at_work(&self, place: Place, sesid: Sesid) -> bool {
        let task = self.defragmentation.get(&place);
        task.is_some_and(|task| task.sesid == sesid)
    }
}
