//! The engine of a process: one lock around everything, and a way to wait for changes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::cleanup::Zeroed;
use super::cursor::Cursor;
use super::database::Database;
use super::defragment::Task;
use super::digest::{OfDatabases, OfInstances, OfTables};
use super::handles::{Dbid, Instance, Sesid, SnapId, TableKey, Tableid};
use super::instance::{InstanceState, Process};
use super::local_storage::{Freed, Place};
use super::name::Name;
use super::outcome::Jet;
use super::registration::Registration;
use super::remembered::Remembered;
use super::session::Session;
use super::snapshot::Snapshot;
use super::stored_callback::Resolver;
use super::table::Table;
use super::thread_statistics::Works;
use super::threads::Threads;
use super::transaction::Clock;
use crate::abi::errors::JetError;

/// The reference engine of one process.
#[derive(Debug, Default)]
pub struct Engine {
    state: Mutex<State>,
    changed: Condvar,
    /// How many calls wait for a change. A call counts itself, with the lock, before it looks at the
    /// state and lets go of it: whoever has changed the state since sees the call here.
    waiting: AtomicUsize,
}

/// Everything the engine holds, in maps from handle to thing.
#[derive(Debug, Default)]
pub struct State {
    /// Instance mode and global parameters.
    pub process: Process,
    /// Instances, created or initialised.
    pub instances: Remembered<BTreeMap<Instance, InstanceState>, OfInstances>,
    /// Sessions that have not ended.
    pub sessions: BTreeMap<Sesid, Session>,
    /// Cursors that are not closed, over stored and temporary tables alike.
    pub cursors: BTreeMap<Tableid, Cursor>,
    /// Attached databases.
    pub databases: Remembered<BTreeMap<(Instance, Dbid), Database>, OfDatabases>,
    /// Tables, stored and temporary, from creation or attachment to deletion or detachment.
    pub tables: Remembered<BTreeMap<TableKey, Table>, OfTables>,
    /// Local storage of cursors and tables.
    pub local_storage: BTreeMap<Place, usize>,
    /// Local storage whose place is gone and that is not yet given back.
    pub freed: Vec<Freed>,
    /// Tables that were deleted, until the engine cleans up after them.
    pub deleted_tables: Vec<(Instance, TableKey)>,
    /// Registrations by file and table that outlive what they should not, in a sloppy engine.
    pub left_registrations: BTreeMap<(PathBuf, Name), Vec<Registration>>,
    /// Finds the functions that schemas name.
    pub resolver: Option<Arc<dyn Resolver>>,
    /// Names of functions in schemas that were not found. Nothing but a sloppy engine looks here.
    pub names_not_found: BTreeSet<Vec<u8>>,
    /// Records whose escrow columns were brought to zero.
    pub zeroed: Vec<Zeroed>,
    /// Threads inside table callbacks.
    pub threads: Threads,
    /// Databases that are being defragmented.
    pub defragmentation: BTreeMap<(Instance, Dbid), Task>,
    /// What the callback of the last such task answered.
    pub last_defragmentation: i32,
    /// What the engine has done on each thread.
    pub works: Works,
    /// Sessions of snapshots.
    pub snapshots: BTreeMap<SnapId, Snapshot>,
    /// Transaction numbers and commit times.
    pub clock: Clock,
}

impl Engine {
    /// An engine without instances.
    pub fn new() -> Self {
        Self::default()
    }

    /// The state, locked. A panic of the engine itself while it held the lock does not keep others
    /// out: whoever caught it has made the instance unavailable.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells every waiting call to look at the state again. Most often there is none, which costs
    /// less to see than to tell.
    pub(super) fn notify(&self) {
        if self.waiting.load(Ordering::Acquire) > 0 {
            self.changed.notify_all();
        }
    }

    /// Waits, without the lock, until the state satisfies the condition.
    pub(super) fn wait_until<'e>(
        &'e self,
        guard: MutexGuard<'e, State>,
        mut met: impl FnMut(&State) -> bool,
    ) -> MutexGuard<'e, State> {
        self.waiting.fetch_add(1, Ordering::AcqRel);
        let guard = self.changed.wait_while(guard, |state| !met(state));
        self.waiting.fetch_sub(1, Ordering::AcqRel);
        guard.unwrap_or_else(PoisonError::into_inner)
    }

    /// As [`wait_until`](Self::wait_until), but not longer than that.
    pub(super) fn wait_for<'e>(
        &'e self,
        guard: MutexGuard<'e, State>,
        longest: Option<Duration>,
        mut met: impl FnMut(&State) -> bool,
    ) -> MutexGuard<'e, State> {
        let Some(longest) = longest else {
            return self.wait_until(guard, met);
        };
        self.waiting.fetch_add(1, Ordering::AcqRel);
        let waited = self
            .changed
            .wait_timeout_while(guard, longest, |state| !met(state));
        self.waiting.fetch_sub(1, Ordering::AcqRel);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Forgets everything: instances, sessions, mode, global parameters. Handles given out before
    /// stay stale. Only for use between scenarios, when no call is inside.
    pub fn reset(&self) {
        let mut state = self.lock();
        let resolver = state.resolver.take();
        *state = State {
            resolver,
            ..State::default()
        };
        drop(state);
        self.notify();
    }
}

/// Looking things up. Each gives the error of a handle that names nothing.
impl State {
    /// # Errors
    /// `JET_errInvalidInstance`.
    pub fn instance(&self, instance: Instance) -> Jet<&InstanceState> {
        self.instances
            .get(&instance)
            .ok_or(JetError::InvalidInstance)
    }

    /// # Errors
    /// `JET_errInvalidInstance`.
    pub fn instance_mut(&mut self, instance: Instance) -> Jet<&mut InstanceState> {
        self.instances
            .get_mut(&instance)
            .ok_or(JetError::InvalidInstance)
    }

    /// # Errors
    /// `JET_errInvalidSesid`.
    pub fn session(&self, sesid: Sesid) -> Jet<&Session> {
        self.sessions.get(&sesid).ok_or(JetError::InvalidSesid)
    }

    /// # Errors
    /// `JET_errInvalidSesid`.
    pub fn session_mut(&mut self, sesid: Sesid) -> Jet<&mut Session> {
        self.sessions.get_mut(&sesid).ok_or(JetError::InvalidSesid)
    }

    /// # Errors
    /// `JET_errInvalidTableId`.
    pub fn cursor(&self, tableid: Tableid) -> Jet<&Cursor> {
        self.cursors.get(&tableid).ok_or(JetError::InvalidTableId)
    }

    /// # Errors
    /// `JET_errInvalidTableId`.
    pub fn cursor_mut(&mut self, tableid: Tableid) -> Jet<&mut Cursor> {
        self.cursors
            .get_mut(&tableid)
            .ok_or(JetError::InvalidTableId)
    }

    /// # Errors
    /// `JET_errObjectNotFound` for a table that is gone.
    pub fn table(&self, key: TableKey) -> Jet<&Table> {
        self.tables.get(&key).ok_or(JetError::ObjectNotFound)
    }

    /// # Errors
    /// `JET_errObjectNotFound` for a table that is gone.
    pub fn table_mut(&mut self, key: TableKey) -> Jet<&mut Table> {
        self.tables.get_mut(&key).ok_or(JetError::ObjectNotFound)
    }

    /// # Errors
    /// `JET_errInvalidDatabaseId`.
    pub fn database(&self, instance: Instance, dbid: Dbid) -> Jet<&Database> {
        self.databases
            .get(&(instance, dbid))
            .ok_or(JetError::InvalidDatabaseId)
    }

    /// # Errors
    /// `JET_errInvalidDatabaseId`.
    pub fn database_mut(&mut self, instance: Instance, dbid: Dbid) -> Jet<&mut Database> {
        self.databases
            .get_mut(&(instance, dbid))
            .ok_or(JetError::InvalidDatabaseId)
    }
}
