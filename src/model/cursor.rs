//! A cursor: what `JET_TABLEID` names.

use super::dispatch::Stand;
use super::handles::{Dbid, Sesid, TableKey, Tableid};

/// A cursor over a table, owned by one session.
#[derive(Debug)]
pub struct Cursor {
    /// Its handle.
    pub tableid: Tableid,
    /// The session that owns it.
    pub sesid: Sesid,
    /// The database of the table.
    pub dbid: Dbid,
    /// The table.
    pub table: TableKey,
    /// Which calls its state allows.
    pub stand: Stand,
    /// How many events are being delivered with this cursor as their tableid.
    pub in_events: usize,
}

impl Cursor {
    /// A transaction level in which the cursor was moved is rolled back: it stands before the first
    /// record.
    pub(super) fn reset_position(&mut self) {}

    /// A transaction level in which an update was prepared is rolled back: nothing is prepared.
    pub(super) fn cancel_update(&mut self) {}
}
