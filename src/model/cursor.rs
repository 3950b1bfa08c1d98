//! A cursor: what `JET_TABLEID` names.

use std::sync::Arc;

use super::cursor_filter::Filter;
use super::dispatch::Stand;
use super::handles::{Dbid, Sesid, TableKey, Tableid};
use super::position::{Position, Range};
use super::prepare::Prepared;
use super::store::{Bookmark, IndexId, Order};
use super::value::key::SearchKey;
use super::value::record::Record;

/// How a cursor was opened, which binds other sessions too. (jetopentable-function.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Mode {
    /// It may change records and schema.
    pub updatable: bool,
    /// No other session may read the table: `JET_bitTableDenyRead`, or just created.
    pub deny_read: bool,
    /// No other session may write the table: `JET_bitTableDenyWrite`.
    pub deny_write: bool,
    /// It may change a schema that is fixed: `JET_bitTablePermitDDL`, or just created.
    pub permit_ddl: bool,
}

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
    /// Whether it is a duplicate that was made of a cursor while an event was delivered with that.
    pub duplicated_inside: bool,
    /// Whether it is a duplicate of another cursor.
    pub duplicate: bool,
    /// How it was opened.
    pub mode: Mode,
    /// The secondary index that it walks along; `None` for the primary order.
    pub index: Option<IndexId>,
    /// Where it stands.
    pub position: Position,
    /// How far moves go.
    pub range: Option<Range>,
    /// The conditions that a record has to meet for a move to stop at it.
    pub filters: Vec<Filter>,
    /// The search key that is being made.
    pub key: SearchKey,
    /// The update that is prepared.
    pub update: Option<Prepared>,
    /// The record that it deleted last, whose entry still tells its values while it stays there.
    pub deleted: Option<(Bookmark, Arc<Record>)>,
    /// The records that user-defined defaults are being computed for, innermost last: that is what
    /// the callback reads with this cursor.
    pub asked_for: Vec<Arc<Record>>,
}

impl Cursor {
    /// A new cursor of a session over a table, on its first record.
    pub fn new(sesid: Sesid, dbid: Dbid, table: TableKey, mode: Mode) -> Self {
        Self {
            tableid: Tableid::fresh(),
            sesid,
            dbid,
            table,
            stand: Stand::Stored,
            duplicated_inside: false,
            duplicate: false,
            mode,
            index: None,
            position: Position::Fresh,
            range: None,
            filters: Vec::new(),
            key: SearchKey::default(),
            update: None,
            deleted: None,
            asked_for: Vec::new(),
        }
    }

    /// The order in which it walks.
    pub fn order(&self) -> Order {
        self.index.map_or(Order::Primary, Order::Secondary)
    }

    /// A transaction level in which the cursor was moved is rolled back: it stands before the first
    /// record.
    pub(super) fn reset_position(&mut self) {
        self.position = Position::Before;
    }

    /// A transaction level in which an update was prepared is rolled back: nothing is prepared.
    pub(super) fn cancel_update(&mut self) {
        self.update = None;
    }
}
