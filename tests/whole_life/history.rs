//! What happens to a database, at random.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// The identities that records have in each table.
pub const IDS: i32 = 8;
/// The tables.
pub const TABLES: usize = 2;

/// A record that is there or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Record {
    /// Its table.
    pub table: usize,
    /// Its identity in it.
    pub id: i32,
}

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A record gets a value; it is made where there is none.
    Put {
        /// Which one.
        record: Record,
        /// The value.
        value: i32,
    },
    /// A record goes.
    Delete {
        /// Which one.
        record: Record,
    },
    /// Every record of a table gets a value, one after the other: more than a log file holds.
    Rewrite {
        /// The table.
        table: usize,
        /// The value of the first; that of each other one is by one more than that of the one before.
        value: i32,
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
        /// Which one.
        record: Record,
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
    /// Whether the files of the database follow the log closely, so that little of it is needed.
    pub checkpoints: bool,
    /// What happens before it is backed up.
    pub events: Vec<Event>,
    /// What a transaction has done that is open while it is backed up; without one nothing is.
    pub across: Option<Vec<Event>>,
    /// Whether the process is killed in a first attempt to back it up.
    pub backup_killed: Option<KillAt>,
    /// What happens after it was backed up, and is in the log alone.
    pub between: Vec<Event>,
    /// Whether the instance ends before it is restored; else its process is killed.
    pub ends: bool,
    /// Whether the process is killed in a first attempt to restore it.
    pub restore_killed: Option<KillAt>,
    /// Whether the process is killed in a first attempt to compact it.
    pub compaction_killed: Option<KillAt>,
    /// What happens to the restored database before it is compacted.
    pub afterwards: Vec<Event>,
}

fn record() -> impl Strategy<Value = Record> {
    (0..TABLES, 0..IDS).prop_map(|(table, id)| Record { table, id })
}

fn value() -> impl Strategy<Value = i32> {
    (i16::MIN..=i16::MAX).prop_map(i32::from)
}

/// What a transaction does.
fn change() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => (record(), value()).prop_map(|(record, value)| Event::Put { record, value }),
        3 => record().prop_map(|record| Event::Delete { record }),
        2 => (0..TABLES, value()).prop_map(|(table, value)| Event::Rewrite { table, value }),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        13 => change(),
        4 => Just(Event::Begin),
        3 => Just(Event::Commit),
        2 => Just(Event::Rollback),
        1 => Just(Event::Kill),
        1 => record().prop_map(|record| Event::KillInUpdate { record }),
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
    let across = option::of(vec(change(), 1..4));
    let events = (
        vec(event(), 5..30),
        across,
        vec(stays, 0..6),
        vec(event(), 0..6),
    );
    let how = (any::<bool>(), any::<bool>());
    (events, killed, how).prop_map(|(events, killed, (checkpoints, ends))| {
        let (events, across, between, afterwards) = events;
        let (backup_killed, restore_killed, compaction_killed) = killed;
        History {
            checkpoints,
            events,
            across,
            backup_killed,
            between,
            ends,
            restore_killed,
            compaction_killed,
            afterwards,
        }
    })
}
