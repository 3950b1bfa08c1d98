//! Ending instances: JetTerm, and stopping the service before it.

use std::sync::MutexGuard;

use super::engine::{Engine, State};
use super::gate::{INSTANCE_NIL, INSTANCE_RESTORING, NO_INSTANCE, TERMINATING};
use super::handles::{Instance, Sesid};
use super::instance::Mode;
use super::outcome::Jet;
use super::quirks;
use super::rules::rules;
use super::threads;
use crate::abi::errors::JetError;

rules! {
    /// JetTerm ends the instance. (jetterm-function.md)
    TERM = "instance/term";
    /// JetTerm frees an instance that was never initialised. (jetinit-function.md)
    NOT_INITIALIZED = "instance/term-not-initialized";
    /// Unknown options are ignored.
    OPTIONS = "instance/term-options-ignored";
    /// Only the instance that is named is stopped. (jetstopserviceinstance-function.md)
    STOP_ONE = "gate/stop-service-instance";
    /// Stopping everything shuts the gate. (jetstopserviceinstance2-function.md)
    STOP_ALL = "gate/stop-all";
    /// A transaction that is open keeps its instance from ending. (jetterm2-function.md)
    OPEN_TRANSACTION = "instance/term-open-transaction";
    /// JetTerm waits for the calls that are inside.
    WAITS = "instance/term-waits-for-calls";
    /// JetTerm from inside a callback of the instance.
    INSIDE = "instance/term-inside-callback";
    /// What was wrong with an instance is told when it ends.
    TELLS = "instance/term-tells";
    /// JetTerm while JetInit still runs. (jetterm-function.md)
    DURING_INIT = "instance/term-during-init";
    /// JetTerm while a backup runs. (jetterm2-function.md)
    BACKUP = "instance/term-during-backup";
    /// Unless the backup may be stopped. (jetterm2-function.md)
    STOPS = "instance/term-stop-backup";
    /// Only the clean ending minds an open transaction. (jetterm2-function.md)
    ABRUPT = "instance/term-abrupt-open-transaction";
    /// The dirty ending says so. (jetterm2-function.md)
    DIRTY = "instance/term-dirty";
    /// JetStopService without an instance in multi-instance mode. (jetstopservice-function.md)
    STOP_IN_MULTI = "gate/stop-service-multi-mode";
    /// What was never initialised is not stopped.
    STOP_NOT_INITIALIZED = "gate/stop-not-initialized";
    /// Unknown options of JetStopServiceInstance2. (jetstopserviceinstance2-function.md)
    STOP_GRBIT = "gate/stop-grbit";
    /// Stopping a part leaves the gate open. (jetstopserviceinstance2-function.md)
    STOP_PART = "gate/stop-bits-partial";
    /// What JetStopServiceInstance stopped stays stopped. (jetstopserviceinstance2-function.md)
    RESUME_OLD = "gate/stop-resume-old";
    /// Resuming a part leaves the gate closed. (jetstopserviceinstance2-function.md)
    RESUME_PART = "gate/stop-resume-part";
    /// What was stopped as a whole cannot be resumed. (jetstopserviceinstance2-function.md)
    RESUME_ALL = "gate/stop-resume-all";
}

/// Options of JetTerm2. (jetterm2-function.md)
mod bits {
    pub const COMPLETE: u32 = 0x1;
    pub const ABRUPT: u32 = 0x2;
    pub const STOP_BACKUP: u32 = 0x4;
    pub const DIRTY: u32 = 0x8;
}

/// Options of JetStopServiceInstance2. (jetstopserviceinstance2-function.md)
mod stop {
    pub const BACKGROUND: u32 = 0x2;
    pub const QUIESCE: u32 = 0x4;
    /// A bit that only the published header names: stop logging.
    pub const LOG: u32 = 0x8;
    pub const RESUME: u32 = 0x8000_0000;
}

impl Engine {
    /// JetTerm and JetTerm2. (jetterm-function.md, jetterm2-function.md)
    ///
    /// Waits for the calls that are inside the engine with sessions of the instance. From inside a
    /// callback of the instance the published engine waits for itself for ever; here that is
    /// `JET_errTermInProgress`, and nothing has changed.
    ///
    /// # Errors
    /// `JET_errInvalidParameter` for no instance in multi-instance mode, `JET_errInvalidInstance`,
    /// `JET_errTermInProgress`, `JET_errNotInitialized` while JetInit still runs,
    /// `JET_errBackupInProgress`, `JET_errTooManyActiveUsers`, `JET_errDirtyShutdown` after the dirty ending was done.
    pub fn term(&self, handle: Instance, grbit: u32) -> Jet<()> {
        let mut guard = self.lock();
        let handle = guard.one_instance_or(handle)?;
        let instance = guard.instance_argument(handle)?;
        if instance.initializing.is_some() {
            return Err(DURING_INIT.error(JetError::NotInitialized));
        }
        INSTANCE_RESTORING.refuse(instance.restoring, JetError::RestoreInProgress)?;
        let unknown = grbit & !(bits::COMPLETE | bits::ABRUPT | bits::STOP_BACKUP | bits::DIRTY);
        OPTIONS.allow(unknown != 0, JetError::InvalidGrbit)?;
        if !TERM.holds() {
            return Ok(());
        }
        if !instance.initialized {
            NOT_INITIALIZED.allow(true, JetError::NotInitialized)?;
            guard.remove_instance(handle);
            return Ok(());
        }
        guard.check_no_backup(handle, grbit)?;
        INSIDE.refuse(guard.inside_here(handle), JetError::TermInProgress)?;
        drop(guard);
        self.clean_up(handle);
        let mut guard = self.lock();
        // The lock was let go of meanwhile.
        guard.check_no_backup(handle, grbit)?;
        guard.leave_snapshot(handle);
        guard.instance_mut(handle)?.terminating = true;
        self.notify();
        let mut guard = self.wait_for_calls(guard, handle);
        if let Err(error) = guard.check_no_transaction(handle, grbit) {
            guard.instance_mut(handle)?.terminating = false;
            return Err(error);
        }
        drop(guard);
        self.end_defragmentation(handle, None);
        self.finish(self.lock(), handle, grbit)
    }

    fn wait_for_calls<'e>(
        &'e self,
        guard: MutexGuard<'e, State>,
        handle: Instance,
    ) -> MutexGuard<'e, State> {
        if !WAITS.holds() {
            return guard;
        }
        self.wait_until(guard, |state| state.calls_inside(handle) == 0)
    }

    /// The part of JetTerm that cannot fail back: everything of the instance is closed.
    fn finish(&self, mut guard: MutexGuard<'_, State>, handle: Instance, grbit: u32) -> Jet<()> {
        guard.instance_mut(handle)?.locked = true;
        for sesid in guard.sessions_of(handle) {
            guard.remove_session(sesid);
        }
        let dirty = grbit & bits::DIRTY != 0;
        let flushed = guard.flush_log(handle);
        let closed = flushed.and(guard.close_databases(handle, dirty));
        let unavailable = guard.instance(handle)?.unavailable;
        guard.remove_temporary(handle);
        drop(guard);
        self.give_back();
        let mut guard = self.lock();
        guard.remove_instance(handle);
        drop(guard);
        self.notify();
        if let Some(error) = unavailable {
            TELLS.refuse(true, error)?;
        }
        DIRTY.refuse(dirty, JetError::DirtyShutdown)?;
        closed.or_else(|error| TELLS.refuse(true, error))
    }

    /// JetStopService: the one instance of one-instance mode. (jetstopservice-function.md)
    ///
    /// # Errors
    /// `JET_errRunningInMultiInstanceMode`, `JET_errNotInitialized` without an instance.
    pub fn stop_service(&self) -> Jet<()> {
        let mut guard = self.lock();
        let multi = guard.process.mode == Mode::Multi;
        STOP_IN_MULTI.refuse(multi, JetError::RunningInMultiInstanceMode)?;
        let only = guard.instances.values_mut().next();
        only.ok_or_else(|| NO_INSTANCE.error(JetError::NotInitialized))?
            .stopped = true;
        Ok(())
    }

    /// JetStopServiceInstance. (jetstopserviceinstance-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidParameter`, `JET_errInvalidInstance`, `JET_errNotInitialized`.
    pub fn stop_service_instance(&self, handle: Instance) -> Jet<()> {
        let mut guard = self.lock();
        guard.initialized_argument(handle)?;
        let others = !STOP_ONE.holds();
        for instance in guard.instances.values_mut() {
            if instance.handle == handle || others {
                instance.stopped = true;
            }
        }
        Ok(())
    }

    /// JetStopServiceInstance2. (jetstopserviceinstance2-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidParameter`, `JET_errInvalidInstance`, `JET_errNotInitialized`,
    /// `JET_errInvalidGrbit`, `JET_errClientRequestToStopJetService` for resuming what was stopped
    /// as a whole.
    pub fn stop_service_instance2(&self, handle: Instance, grbit: u32) -> Jet<()> {
        let mut guard = self.lock();
        guard.initialized_argument(handle)?;
        let known = stop::BACKGROUND | stop::QUIESCE | stop::LOG | stop::RESUME;
        STOP_GRBIT.refuse(grbit & !known != 0, JetError::InvalidGrbit)?;
        let instance = guard.instance_mut(handle)?;
        let resumes = grbit & stop::RESUME != 0;
        let rule = if grbit == stop::RESUME {
            &RESUME_OLD
        } else {
            &RESUME_PART
        };
        if resumes && !rule.holds() {
            instance.stopped = false;
        }
        if grbit == stop::RESUME {
            let whole = instance.stopped_all;
            return RESUME_ALL.refuse(whole, JetError::ClientRequestToStopJetService);
        }
        let all = grbit == 0 && STOP_ALL.holds();
        if grbit & stop::RESUME == 0 && (all || (grbit != 0 && !STOP_PART.holds())) {
            instance.stopped = true;
            instance.stopped_all = true;
        }
        Ok(())
    }
}

impl State {
    /// The one instance of one-instance mode in the place of no handle.
    pub(super) fn one_instance_or(&self, handle: Instance) -> Jet<Instance> {
        let nil = handle.0 == 0 || handle == Instance::NIL;
        match self.instances.keys().next() {
            Some(only) if nil && self.process.mode == Mode::One => Ok(*only),
            _ if nil => Err(INSTANCE_NIL.error(JetError::InvalidParameter)),
            _ => Ok(handle),
        }
    }

    /// An initialised instance. The published engine faults on one that is not.
    fn initialized_argument(&self, handle: Instance) -> Jet<()> {
        let instance = self.instance_argument(handle)?;
        STOP_NOT_INITIALIZED.refuse(!instance.initialized, JetError::NotInitialized)
    }

    /// Refuses to end an instance that already ends, or that is backed up.
    fn check_no_backup(&mut self, handle: Instance, grbit: u32) -> Jet<()> {
        self.expire_snapshots();
        let instance = self.instance(handle)?;
        if instance.terminating {
            return Err(TERMINATING.error(JetError::TermInProgress));
        }
        let asked = grbit & bits::STOP_BACKUP != 0 && STOPS.holds();
        let complete = grbit & (bits::COMPLETE | bits::ABRUPT) == bits::COMPLETE;
        let ends = asked || (quirks::TERM_STOPS_BACKUP.genuine() && !complete);
        let streams = instance.backup.is_some() && !ends;
        BACKUP.refuse(streams, JetError::BackupInProgress)?;
        // The published engine waits here for the end of the snapshot, whoever brings it about.
        let ends = asked && !quirks::TERM_STOPS_BACKUP.genuine();
        let frozen = instance.frozen.is_some() && !ends;
        BACKUP.refuse(frozen, JetError::BackupInProgress)
    }

    /// An instance that ends takes part in no snapshot any more. What waits is written first.
    fn leave_snapshot(&mut self, handle: Instance) {
        match self.instance_mut(handle) {
            Ok(instance) if instance.frozen.is_some() => {
                instance.snapshot = None;
                instance.frozen = None;
            }
            _ => return,
        }
        // A failure has made the instance unavailable, which the end of it will say.
        let _ = self.flush_log(handle);
    }

    /// The sessions of an instance, oldest first.
    pub fn sessions_of(&self, handle: Instance) -> Vec<Sesid> {
        self.sessions
            .values()
            .filter(|session| session.instance == handle)
            .map(|session| session.sesid)
            .collect()
    }

    /// How many calls are inside the engine with sessions of the instance.
    fn calls_inside(&self, handle: Instance) -> usize {
        self.sessions
            .values()
            .filter(|session| session.instance == handle)
            .map(|session| session.inside.len())
            .sum()
    }

    /// Whether the calling thread is itself inside a call with a session of the instance.
    fn inside_here(&self, handle: Instance) -> bool {
        let here = threads::here();
        self.sessions
            .values()
            .filter(|session| session.instance == handle)
            .flat_map(|session| &session.inside)
            .any(|caller| caller.thread == here)
    }

    fn check_no_transaction(&self, handle: Instance, grbit: u32) -> Jet<()> {
        let in_transaction = |session: &super::session::Session| {
            session.instance == handle && session.transaction.is_some()
        };
        let open = self.sessions.values().any(in_transaction);
        let complete = grbit & bits::COMPLETE != 0;
        let minds = complete || !ABRUPT.holds() || quirks::TERM_MINDS_TRANSACTIONS.genuine();
        let dirty = grbit & bits::DIRTY != 0;
        OPEN_TRANSACTION.refuse(open && minds && !dirty, JetError::TooManyActiveUsers)
    }
}
