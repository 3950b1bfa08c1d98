//! Transactions: levels, the undo list of each level, snapshot times, and whose they are.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::thread::ThreadId;

use super::callback::reason;
use super::configure::LEVEL;
use super::engine::{Engine, State};
use super::gate::{BUSY_ELSEWHERE, Entry};
use super::handles::{Sesid, Tableid};
use super::outcome::Jet;
use super::redo::Touched;
use super::rules::rules;
use super::session::Session;
use super::store::{Stamp, TxId, View};
use super::threads::{self, Threads};
use crate::abi::errors::JetError;

rules! {
    /// Rolling a change back calls nobody.
    ROLLBACK_SILENT = "cbtyp/rollback-silent";
    /// A callback that ended the engine's own level makes the change around it fail at its end.
    UNMATCHED = "callback/unmatched-commit-at-zero";
    /// A commit without a begin inside a callback ends the caller's level.
    UNMATCHED_COMMIT = "callback/unmatched-commit";
    /// A rollback without a begin inside a callback ends the caller's level.
    UNMATCHED_ROLLBACK = "callback/unmatched-rollback";
    /// Inside a reason after a change there may be no level to end.
    UNMATCHED_AFTER = "callback/unmatched-end-after-at-zero";
    /// After a failed unversioned update a transaction can only be rolled back.
    /// (jetupdate2-function.md)
    MUST_ROLL_BACK = "transaction/commit-must-roll-back";
    /// A callback may begin and end a transaction of its own.
    NESTED = "callback/nested-transaction";
    /// All levels can be rolled back inside a callback.
    ROLLBACK_ALL_INSIDE = "callback/rollback-all";
    /// A transaction is begun. (jetbegintransaction-function.md)
    BEGINS = "transaction/begins";
    /// A commit makes changes last. (jetcommittransaction-function.md)
    COMMITS = "transaction/commits";
    /// A transaction sees what was there when it began. (jetbegintransaction-function.md)
    SNAPSHOT = "transaction/snapshot";
    /// What is committed is seen by transactions that begin later.
    VISIBLE = "transaction/visible-after-commit";
    /// The number is seven.
    SEVEN = "transaction/seven-levels-exactly";
    /// A read-only transaction forbids changes. (jetbegintransaction2-function.md)
    READ_ONLY = "transaction/read-only";
    /// The option counts for the outermost level only.
    READ_ONLY_OUTERMOST = "transaction/read-only-outermost";
    /// Unknown options of a begin are ignored.
    BEGIN_GRBIT = "transaction/begin-grbit-ignored";
    /// Unknown options of a commit. (jetcommittransaction-function.md)
    COMMIT_GRBIT = "transaction/commit-grbit";
    /// The options of a commit are judged before the level.
    COMMIT_GRBIT_FIRST = "transaction/commit-grbit-first";
    /// Waiting for the last commit needs no transaction.
    COMMIT_WAIT_OUTSIDE = "transaction/commit-wait-outside";
    /// Unknown options of a rollback. (jetrollback-function.md)
    ROLLBACK_GRBIT = "transaction/rollback-grbit";
    /// Rolling every level back. (jetrollback-function.md)
    ROLLBACK_ALL = "transaction/rollback-all";
    /// A transaction belongs to the thread, or the session context, that began it.
    /// (jetsetsessioncontext-function.md)
    FOREIGN_THREAD = "gate/transaction-of-other-thread";
    /// A transaction begun under one context is not ended under another.
    OTHER_CONTEXT = "context/other-context";
    /// The thread that takes over the context takes over the transaction.
    MOVES = "context/moves-transaction";
}

/// Levels that an application may open. (jetbegintransaction-function.md)
pub const USER_LEVELS: usize = 7;
/// Levels with those that the engine opens around an update while callbacks nest.
pub const ALL_LEVELS: usize = 12;

/// Counts transactions and commits.
#[derive(Debug)]
pub struct Clock {
    transactions: u64,
    commits: Stamp,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            transactions: 0,
            commits: Stamp::START,
        }
    }
}

impl Clock {
    /// The present: a transaction that begins now sees what was committed up to here.
    pub fn now(&self) -> Stamp {
        self.commits
    }

    pub(super) fn transaction(&mut self) -> TxId {
        self.transactions += 1;
        TxId(self.transactions)
    }

    pub(super) fn commit(&mut self) -> Stamp {
        self.commits.0 += 1;
        self.commits
    }
}

/// Whose transaction it is: no other thread may commit it, roll it back or change anything in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The thread that began it.
    Thread(ThreadId),
    /// The session context that was set when it began.
    Context(usize),
}

/// One change that a transaction made: taken back by a rollback, newest first, or made lasting by
/// the outermost commit, oldest first.
pub trait Step: Debug + Send {
    /// Puts the state back as it was before the change.
    fn undo(self: Box<Self>, state: &mut State);

    /// The transaction has committed at that moment.
    fn settle(self: Box<Self>, _state: &mut State, _stamp: Stamp) {}

    /// Says what the change is about, for the log.
    fn touch(&self, _touched: &mut Touched) {}
}

/// One level of a transaction.
#[derive(Debug, Default)]
pub struct Level {
    /// Its changes, oldest first.
    pub steps: Vec<Box<dyn Step>>,
    /// Cursors opened in the level: a rollback closes them.
    pub opened: BTreeSet<Tableid>,
    /// Cursors moved in the level: a rollback puts them before the first record.
    pub moved: BTreeSet<Tableid>,
    /// Cursors on which an update was prepared in the level: a rollback cancels it.
    pub prepared: BTreeSet<Tableid>,
}

impl Level {
    /// A nested level is committed: what it did now belongs to the level around it.
    pub(super) fn absorb(&mut self, inner: Level) {
        self.steps.extend(inner.steps);
        self.opened.extend(inner.opened);
        self.moved.extend(inner.moved);
        self.prepared.extend(inner.prepared);
    }
}

/// A transaction with its levels, outermost first; never without a level.
#[derive(Debug)]
pub struct Transaction {
    /// Its number.
    pub id: TxId,
    /// Its snapshot: what was committed up to here is seen.
    pub began: Stamp,
    /// Begun with `JET_bitTransactionReadOnly`.
    pub read_only: bool,
    /// An unversioned update has failed in it, so it can only be rolled back.
    pub must_roll_back: bool,
    /// Whose it is.
    pub owner: Owner,
    /// Its levels.
    pub levels: Vec<Level>,
    /// Begun by the application, and not by the engine around a change.
    pub by_caller: bool,
    /// A nested level was begun with that option, which then means nothing.
    pub nested_read_only: bool,
    /// Cursors that replaced, deleted or locked a record in it.
    pub changed_by: BTreeSet<Tableid>,
    /// Local storage of such cursors that were closed, to be freed when the transaction ends.
    pub to_free: Vec<usize>,
}

impl Transaction {
    /// Whether the cursor replaced, deleted or locked a record in it.
    pub fn versions_by(&self, tableid: Tableid) -> bool {
        self.changed_by.contains(&tableid)
    }
}

impl Session {
    /// The number of open levels.
    pub fn level(&self) -> usize {
        self.transaction.as_ref().map_or(0, |trx| trx.levels.len())
    }

    /// The innermost level, where changes are noted. `None` outside a transaction.
    pub fn innermost(&mut self) -> Option<&mut Level> {
        self.transaction.as_mut()?.levels.last_mut()
    }

    /// Whether the open transaction belongs to someone other than the calling thread.
    pub fn foreign_transaction(&self, threads: &Threads) -> bool {
        let here = threads::here();
        match self.transaction.as_ref().map(|trx| trx.owner) {
            None => false,
            Some(Owner::Thread(_)) if threads.serves(self.sesid) && !BUSY_ELSEWHERE.holds() => {
                false
            }
            Some(Owner::Thread(thread)) => thread != here && FOREIGN_THREAD.holds(),
            Some(Owner::Context(context)) => match self.context {
                Some((set, thread)) if set == context => thread != here || !MOVES.holds(),
                _ => OTHER_CONTEXT.holds(),
            },
        }
    }

    /// Refuses the transaction of another thread.
    pub(super) fn check_owner(&self, threads: &Threads) -> Jet<()> {
        if self.foreign_transaction(threads) {
            return Err(JetError::SessionSharingViolation);
        }
        Ok(())
    }

    /// Refuses a change in a read-only transaction.
    ///
    /// # Errors
    /// `JET_errTransReadOnly`.
    pub fn check_writable(&self) -> Jet<()> {
        if self.in_read_only_transaction() {
            return Err(JetError::TransReadOnly);
        }
        Ok(())
    }

    /// What the session sees.
    pub fn view(&self) -> View {
        let Some(transaction) = &self.transaction else {
            let as_of = if VISIBLE.holds() {
                Stamp::NOW
            } else {
                Stamp::START
            };
            return View { tx: None, as_of };
        };
        if !SNAPSHOT.holds() {
            // What is committed meanwhile is seen, and between changes not even one's own.
            let between = transaction.by_caller && transaction.levels.len() == 1;
            return View {
                tx: Some(transaction.id).filter(|_| !between),
                as_of: Stamp::NOW,
            };
        }
        View::of(transaction.id, transaction.began)
    }

    /// Whether the open transaction forbids changes.
    pub fn in_read_only_transaction(&self) -> bool {
        let Some(transaction) = &self.transaction else {
            return false;
        };
        let nested = transaction.nested_read_only && !READ_ONLY_OUTERMOST.holds();
        READ_ONLY.holds() && (transaction.read_only || nested)
    }
}

/// Options of a begin, a commit and a rollback. (jetbegintransaction2-function.md,
/// jetcommittransaction-function.md, jetrollback-function.md)
pub(super) mod bits {
    pub const READ_ONLY: u32 = 0x1;
    pub const LAZY: u32 = 0x1;
    pub const WAIT_LAST: u32 = 0x2;
    pub const WAIT_ALL: u32 = 0x8;
    /// Two bits that only the published header names: a new log file, a callback at redo.
    pub const HEADER_ONLY: u32 = 0x30;
    pub const ROLLBACK_ALL: u32 = 0x1;
    /// A bit that only the published header names: a callback at redo.
    pub const ROLLBACK_HEADER_ONLY: u32 = 0x20;
}

impl Engine {
    /// JetBeginTransaction, 2 and 3. Unknown options are ignored; read-only counts only for the
    /// outermost level. (jetbegintransaction2-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errTransTooDeep`, `JET_errSessionSharingViolation`,
    /// `JET_errRollbackError`.
    pub fn begin_transaction(&self, sesid: Sesid, grbit: u32) -> Jet<()> {
        let mut call = self.enter_session(sesid, Entry::Usual)?;
        if !BEGINS.holds() {
            return Ok(());
        }
        let read_only = grbit & bits::READ_ONLY != 0;
        if grbit & !bits::READ_ONLY != 0 && !BEGIN_GRBIT.holds() {
            return Err(JetError::InvalidGrbit);
        }
        let own = call.threads.before_change(call.thread()) && !LEVEL.holds();
        let most = match SEVEN.holds() {
            true => USER_LEVELS + usize::from(own),
            false => USER_LEVELS - 1,
        };
        call.begin_level(sesid, read_only, most)
    }

    /// JetCommitTransaction and 2. (jetcommittransaction-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errInvalidGrbit`, `JET_errNotInTransaction`,
    /// `JET_errSessionSharingViolation`.
    pub fn commit_transaction(&self, sesid: Sesid, grbit: u32) -> Jet<()> {
        let mut call = self.enter_session(sesid, Entry::Usual)?;
        let known = bits::LAZY | bits::WAIT_LAST | bits::WAIT_ALL | bits::HEADER_ONLY;
        let alone = |bit| grbit & bit != 0 && grbit != bit;
        let contradictory = alone(bits::WAIT_LAST) || alone(bits::WAIT_ALL);
        let outside = call.session(sesid)?.level() == 0;
        if outside && !COMMIT_GRBIT_FIRST.holds() {
            return Err(JetError::NotInTransaction);
        }
        COMMIT_GRBIT.refuse(grbit & !known != 0 || contradictory, JetError::InvalidGrbit)?;
        let instance = call.instance;
        if grbit & bits::WAIT_LAST != 0 && outside && COMMIT_WAIT_OUTSIDE.holds() {
            return call.flush_log(instance);
        }
        let inside = call.threads.in_callback(call.thread());
        UNMATCHED_COMMIT.allow(inside, JetError::NotInTransaction)?;
        if outside && inside && !UNMATCHED_AFTER.holds() {
            return Ok(());
        }
        if !COMMITS.holds() && call.session(sesid)?.level() == 1 {
            return call.rollback_level(sesid).map(|_| ());
        }
        let transaction = call.session(sesid)?.transaction.as_ref();
        let spoilt = transaction.is_some_and(|transaction| transaction.must_roll_back);
        MUST_ROLL_BACK.refuse(spoilt, JetError::MustRollback)?;
        let default = call.session(sesid)?.commit_default;
        let options = if grbit == 0 { default } else { grbit };
        let lazy = options & bits::LAZY != 0;
        let over = call.commit_level_as(sesid, lazy)?;
        if inside && !NESTED.holds() {
            call.session_mut(sesid)?.lost = true;
        }
        if !over && !COMMITS.holds() {
            call.settle_early(sesid)?;
        }
        if over && !lazy {
            call.flush_log(instance)?;
        }
        Ok(())
    }

    /// JetRollback. (jetrollback-function.md)
    ///
    /// # Errors
    /// Those of the session gates that hold even after JetStopService, `JET_errInvalidGrbit`,
    /// `JET_errNotInTransaction`, `JET_errSessionSharingViolation`.
    pub fn rollback(&self, sesid: Sesid, grbit: u32) -> Jet<()> {
        let mut call = self.enter_session(sesid, Entry::EvenStopped)?;
        let inside = call.threads.in_callback(call.thread());
        UNMATCHED_ROLLBACK.allow(inside, JetError::NotInTransaction)?;
        let outside = call.session(sesid)?.level() == 0;
        if outside && inside && !UNMATCHED_AFTER.holds() {
            return Ok(());
        }
        if inside && !NESTED.holds() {
            call.session_mut(sesid)?.lost = true;
        }
        if !ROLLBACK_SILENT.holds() {
            for tableid in call.cursors_of(sesid) {
                call.after(tableid, reason::AFTER_DELETE)?;
            }
        }
        let known = bits::ROLLBACK_ALL | bits::ROLLBACK_HEADER_ONLY;
        ROLLBACK_GRBIT.refuse(grbit & !known != 0, JetError::InvalidGrbit)?;
        let all = grbit & bits::ROLLBACK_ALL != 0 && (!inside || ROLLBACK_ALL_INSIDE.holds());
        call.session_mut(sesid)?.all_rolled_back = inside && all;
        loop {
            let over = call.rollback_level(sesid)?;
            if over && all && !ROLLBACK_ALL.holds() {
                return call.begin_level(sesid, false, USER_LEVELS);
            }
            if over || !all {
                return Ok(());
            }
        }
    }
}
