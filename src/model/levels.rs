//! Levels of a transaction: how operations begin, commit and roll them back inside a call.

use std::collections::BTreeSet;

use super::engine::State;
use super::handles::{Sesid, Tableid};
use super::outcome::Jet;
use super::rules::rules;
use super::session::ASSOCIATES;
use super::store::Stamp;
use super::threads;
use super::transaction::{
    ALL_LEVELS, Level, Owner, READ_ONLY_OUTERMOST, Step, Transaction, UNMATCHED, USER_LEVELS,
    VISIBLE, bits,
};
use crate::abi::errors::JetError;

rules! {
    /// A rollback leaves search keys alone.
    ROLLBACK_KEEPS_KEY = "transaction/rollback-keeps-key";
    /// Seven levels of transaction are the most that a session may have.
    /// (jetbegintransaction-function.md)
    TOO_DEEP = "transaction/seven-levels";
    /// While callbacks nest there are more, for those that run before a change.
    NESTS_BEFORE = "callback/nests-before";
    /// And they have an end.
    NESTS_TOO_DEEP = "callback/nests-too-deep";
    /// Commit without a transaction. (jetcommittransaction-function.md)
    COMMIT_OUTSIDE = "transaction/commit-needs-transaction";
    /// A prepared update outlives the commit.
    COMMIT_KEEPS_UPDATE = "transaction/commit-keeps-update";
    /// Rollback without a transaction. (jetrollback-function.md)
    ROLLBACK_OUTSIDE = "transaction/rollback-needs-transaction";
    /// A rollback undoes the changes of its level. (jetrollback-function.md)
    ROLLS_BACK = "transaction/rolls-back";
    /// A rollback closes the cursors of its level. (jetrollback-function.md)
    ROLLBACK_CLOSES = "transaction/rollback-closes-cursors";
    /// A rollback puts cursors that were moved before the first record.
    ROLLBACK_POSITION = "transaction/rollback-position";
    /// A rollback cancels updates prepared in its level. (jetrollback-function.md)
    ROLLBACK_CANCELS = "transaction/rollback-cancels-update";
    /// A session whose rollback failed can do nothing transactional any more.
    AFTER_FAILED_ROLLBACK = "gate/rollback-error";
}

/// Begin, commit and rollback as operations use them inside a call.
impl State {
    /// Opens a level around an operation of the engine's own.
    ///
    /// # Errors
    /// `JET_errRollbackError` after a failed rollback, `JET_errSessionSharingViolation` when the
    /// transaction is another thread's, `JET_errTransTooDeep`.
    pub fn begin_inner(&mut self, sesid: Sesid) -> Jet<()> {
        // A level that this thread could not end is none to begin.
        let session = self.session(sesid)?;
        let here = threads::here();
        let elsewhere = session.context.is_some_and(|(_, thread)| thread != here);
        let foreign = session.transaction.is_none() && elsewhere;
        ASSOCIATES.refuse(foreign, JetError::SessionSharingViolation)?;
        self.begin_level(sesid, false, ALL_LEVELS)
    }

    pub(super) fn begin_level(&mut self, sesid: Sesid, read_only: bool, most: usize) -> Jet<()> {
        let session = self.session(sesid)?;
        AFTER_FAILED_ROLLBACK.refuse(session.rollback_failed, JetError::RollbackError)?;
        session.check_owner(&self.threads)?;
        let around_change = most == ALL_LEVELS && !NESTS_BEFORE.holds();
        let limit = if around_change { USER_LEVELS } else { most };
        let too_deep = match most == ALL_LEVELS && limit == ALL_LEVELS {
            true => &NESTS_TOO_DEEP,
            false => &TOO_DEEP,
        };
        too_deep.refuse(session.level() >= limit, JetError::TransTooDeep)?;
        let nested_read_only = session
            .transaction
            .as_ref()
            .is_some_and(|t| t.nested_read_only);
        let change = most == ALL_LEVELS;
        READ_ONLY_OUTERMOST.allow(change && nested_read_only, JetError::TransReadOnly)?;
        let began = if VISIBLE.holds() {
            self.clock.now()
        } else {
            Stamp::START
        };
        let id = self.clock.transaction();
        let session = self.session_mut(sesid)?;
        if let Some(transaction) = session.transaction.as_mut() {
            transaction.nested_read_only |= read_only;
        }
        let owner = session.context.map_or_else(
            || Owner::Thread(threads::here()),
            |(context, _)| Owner::Context(context),
        );
        let transaction = session.transaction.get_or_insert_with(|| Transaction {
            id,
            began,
            read_only,
            must_roll_back: false,
            owner,
            levels: Vec::new(),
            by_caller: most != ALL_LEVELS,
            nested_read_only: false,
            changed_by: BTreeSet::new(),
            to_free: Vec::new(),
        });
        transaction.levels.push(Level::default());
        Ok(())
    }

    /// Commits the innermost level; true when that ended the transaction.
    ///
    /// # Errors
    /// `JET_errNotInTransaction`, `JET_errSessionSharingViolation` when the transaction is another
    /// thread's.
    pub fn commit_level(&mut self, sesid: Sesid) -> Jet<bool> {
        let lazy = self.session(sesid)?.commit_default & bits::LAZY != 0;
        self.commit_level_as(sesid, lazy)
    }

    /// As [`commit_level`](Self::commit_level); a lazy commit is not waited for.
    pub(super) fn commit_level_as(&mut self, sesid: Sesid, lazy: bool) -> Jet<bool> {
        if std::mem::take(&mut self.session_mut(sesid)?.lost) {
            return self.undo_level(sesid);
        }
        self.session(sesid)?.check_owner(&self.threads)?;
        let session = self.session_mut(sesid)?;
        let Some(transaction) = session.transaction.as_mut() else {
            return COMMIT_OUTSIDE
                .refuse(true, JetError::NotInTransaction)
                .map(|()| false);
        };
        let inner = transaction.levels.pop().unwrap_or_default();
        let dropped = if COMMIT_KEEPS_UPDATE.holds() {
            BTreeSet::new()
        } else {
            inner.prepared.clone()
        };
        if let Some(outer) = transaction.levels.last_mut() {
            outer.absorb(inner);
            self.undo_cursors(&dropped, &BTreeSet::new());
            return Ok(false);
        }
        let to_free = std::mem::take(&mut transaction.to_free);
        let instance = session.instance;
        session.transaction = None;
        let redo = self.prepare_redo(instance, &inner.steps);
        let stamp = self.clock.commit();
        self.let_cursors_go(instance, to_free);
        for step in inner.steps {
            step.settle(self, stamp);
        }
        self.undo_cursors(&dropped, &BTreeSet::new());
        self.log_commit(instance, redo, lazy)?;
        Ok(true)
    }

    /// Makes the changes of a transaction last before it is over, as a sloppy engine would.
    pub(super) fn settle_early(&mut self, sesid: Sesid) -> Jet<()> {
        let innermost = self.session_mut(sesid)?.innermost();
        let steps = innermost.map_or_else(Vec::new, |level| std::mem::take(&mut level.steps));
        let stamp = self.clock.commit();
        steps.into_iter().for_each(|step| step.settle(self, stamp));
        Ok(())
    }

    /// Commits the level that [`begin_inner`](Self::begin_inner) opened.
    ///
    /// # Errors
    /// `JET_errSessionSharingViolation` when a callback ended that level itself: a transaction that
    /// is over belongs to no thread.
    pub fn commit_inner(&mut self, sesid: Sesid) -> Jet<()> {
        if self.session(sesid)?.level() == 0 {
            return UNMATCHED.refuse(true, JetError::SessionSharingViolation);
        }
        self.commit_level(sesid).map(|_| ())
    }

    /// Rolls back the level that [`begin_inner`](Self::begin_inner) opened, if it is still open.
    pub fn rollback_inner(&mut self, sesid: Sesid) {
        // A level that the application's callback ended is not there to be rolled back.
        let _ = self.undo_level(sesid);
    }

    /// Rolls the innermost level back; true when that ended the transaction.
    ///
    /// # Errors
    /// `JET_errNotInTransaction`, `JET_errSessionSharingViolation` when the transaction is another
    /// thread's.
    pub fn rollback_level(&mut self, sesid: Sesid) -> Jet<bool> {
        self.session(sesid)?.check_owner(&self.threads)?;
        let session = self.session_mut(sesid)?;
        ROLLBACK_OUTSIDE.refuse(session.transaction.is_none(), JetError::NotInTransaction)?;
        self.undo_level(sesid)
    }

    /// Takes changes back, newest first.
    fn undo_steps(&mut self, steps: Vec<Box<dyn Step>>) {
        if !ROLLS_BACK.holds() {
            let stamp = self.clock.commit();
            steps.into_iter().for_each(|step| step.settle(self, stamp));
            return;
        }
        steps.into_iter().rev().for_each(|step| step.undo(self));
    }

    /// What a rollback does to cursors that stay open.
    fn undo_cursors(&mut self, prepared: &BTreeSet<Tableid>, moved: &BTreeSet<Tableid>) {
        // Without its rule each of the two does it to the other cursors instead.
        for cursor in self.cursors.values_mut() {
            if prepared.contains(&cursor.tableid) == ROLLBACK_CANCELS.holds() {
                cursor.cancel_update();
            }
            if moved.contains(&cursor.tableid) == ROLLBACK_POSITION.holds() {
                cursor.reset_position();
            }
            if !ROLLBACK_KEEPS_KEY.holds() {
                cursor.key.clear();
            }
        }
    }

    /// Rolls the innermost level back, whichever thread began it.
    pub(super) fn undo_level(&mut self, sesid: Sesid) -> Jet<bool> {
        let session = self.session_mut(sesid)?;
        let Some(level) = session
            .transaction
            .as_mut()
            .and_then(|trx| trx.levels.pop())
        else {
            return Ok(true);
        };
        self.undo_steps(level.steps);
        if ROLLBACK_CLOSES.holds() {
            for tableid in level.opened {
                self.close_cursor(tableid);
            }
        }
        self.undo_cursors(&level.prepared, &level.moved);
        let session = self.session_mut(sesid)?;
        let over = session.level() == 0;
        let instance = session.instance;
        if over && let Some(transaction) = session.transaction.take() {
            self.let_cursors_go(instance, transaction.to_free);
        }
        Ok(over)
    }
}
