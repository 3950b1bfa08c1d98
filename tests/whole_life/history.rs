//! What happens to a database, at random.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// The identities that records have.
pub const IDS: i32 = 8;

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A record gets a value; it is made where there is none.
    Put {
        /// Its identity.
        id: i32,
        /// The value.
        value: i32,
    },
    /// A record goes.
    Delete {
        /// Its identity.
        id: i32,
    },
    /// A transaction begins, within one that is open.
    Begin,
    /// The innermost transaction is committed.
    Commit,
    /// The innermost transaction is rolled back.
    Rollback,
    /// The process is killed.
    Kill,
    /// The process is killed while a record that was prepared is not yet stored.
    KillInUpdate {
        /// Its identity.
        id: i32,
    },
    /// The process is killed, and so is the one that recovers what it left.
    KillInRecovery {
        /// When.
        at: KillAt,
    },
    /// The process is killed, and its database is moved before it is recovered.
    KillAndMove,
    /// The database is detached and attached again.
    Reattach,
}

/// At which notification of a long operation the process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KillAt {
    /// `JET_sntBegin`
    Begin,
    /// The first `JET_sntProgress`
    Progress,
    /// `JET_sntComplete`
    Complete,
}

/// The life of a database.
#[derive(Debug, Clone)]
pub struct History {
    /// What happens before it is backed up.
    pub events: Vec<Event>,
    /// Whether the process is killed in a first attempt to back it up.
    pub backup_killed: Option<KillAt>,
    /// What happens after it was backed up, and is in the log alone.
    pub between: Vec<Event>,
    /// Whether the process is killed in a first attempt to restore it.
    pub restore_killed: Option<KillAt>,
    /// Whether the process is killed in a first attempt to compact it.
    pub compaction_killed: Option<KillAt>,
    /// What happens to the restored database before it is compacted.
    pub afterwards: Vec<Event>,
}

fn event() -> impl Strategy<Value = Event> {
    let id = || 0..IDS;
    prop_oneof![
        8 => (id(), i16::MIN..=i16::MAX).prop_map(|(id, value)| Event::Put { id, value: value.into() }),
        3 => id().prop_map(|id| Event::Delete { id }),
        4 => Just(Event::Begin),
        3 => Just(Event::Commit),
        2 => Just(Event::Rollback),
        1 => Just(Event::Kill),
        1 => id().prop_map(|id| Event::KillInUpdate { id }),
        1 => kill_at().prop_map(|at| Event::KillInRecovery { at }),
        1 => Just(Event::KillAndMove),
        1 => Just(Event::Reattach),
    ]
}

fn kill_at() -> impl Strategy<Value = KillAt> {
    prop_oneof![
        Just(KillAt::Begin),
        Just(KillAt::Progress),
        Just(KillAt::Complete)
    ]
}

/// Any history.
pub fn histories() -> impl Strategy<Value = History> {
    let backup = option::of(prop_oneof![Just(KillAt::Begin), Just(KillAt::Complete)]);
    let killed = (backup, option::of(kill_at()), option::of(kill_at()));
    // A restore finds the database where it was when it was backed up.
    let stays = event().prop_filter("it is not moved", |event| *event != Event::KillAndMove);
    let events = (vec(event(), 5..30), vec(stays, 0..6), vec(event(), 0..6));
    (events, killed).prop_map(|((events, between, afterwards), killed)| {
        let (backup_killed, restore_killed, compaction_killed) = killed;
        History {
            events,
            backup_killed,
            between,
            restore_killed,
            compaction_killed,
            afterwards,
        }
    })
}
