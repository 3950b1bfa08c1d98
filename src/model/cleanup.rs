//! What the engine does later by itself: records whose escrow column asked for it are deleted once
//! the column is zero.
//!
//! It happens in JetIdle and in JetTerm, on a thread, with a session and a cursor of the engine's
//! own. (jet-columndef-structure.md, jetescrowupdate-function.md, jetidle-function.md)

use super::callback::Occasion;
use super::cursor::{Cursor, Mode};
use super::engine::{Engine, State};
use super::handles::{Instance, Sesid, TableKey, Tableid};
use super::operation::Operation;
use super::outcome::Jet;
use super::position::Position;
use super::rules::rules;
use super::store::{Bookmark, Entry, View};
use super::value::grbit::ColumnGrbit;

rules! {
    /// JET_cbtypFinalize is never delivered. (jet-cbtyp.md)
    FINALIZE_NEVER = "cbtyp/finalize-never";
    /// A record whose JET_bitColumnDeleteOnZero column is zero is deleted some time after the
    /// commit. (jet-columndef-structure.md)
    DELETE_ON_ZERO = "escrow/zero-deleted-later";
    /// What is not zero any more by then stays. (jetescrowupdate-function.md)
    RAISED_STAYS = "escrow/zero-raised";
    /// JET_bitColumnFinalize does the same. (jet-columndef-structure.md)
    FINALIZE = "escrow/finalize-deletes";
    /// That deletion calls the delete reasons, and the first one may keep the record.
    FIRES = "escrow/background-delete-fires";
}

/// `JET_cbtypFinalize`, which is reserved. (jet-cbtyp.md)
const FINALIZE_REASON: u32 = 0x1;

/// A record whose escrow column was brought to zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zeroed {
    /// The table.
    pub table: TableKey,
    /// The record.
    pub bookmark: Bookmark,
    /// The column.
    pub columnid: u32,
}

impl State {
    /// Notes a record for later if its column asks for that.
    pub(super) fn note_zeroed(&mut self, table: TableKey, bookmark: &[u8], columnid: u32) {
        let asks = self.table(table).is_ok_and(|table| {
            let columns = table.schema.columns.iter();
            let mut columns = columns.filter(|column| column.columnid == columnid);
            columns.any(|column| {
                (column.is(ColumnGrbit::DELETE_ON_ZERO) && DELETE_ON_ZERO.holds())
                    || (column.is(ColumnGrbit::FINALIZE) && FINALIZE.holds())
            })
        });
        let zeroed = Zeroed {
            table,
            bookmark: bookmark.to_vec(),
            columnid,
        };
        if asks && !self.zeroed.contains(&zeroed) {
            self.zeroed.push(zeroed);
        }
    }

    /// Takes the records of an instance that are ready: no open transaction is older than the
    /// change, and the column is zero still. What is not zero any more is forgotten.
    fn take_zeroed(&mut self, instance: Instance) -> Vec<Zeroed> {
        let busy = self
            .sessions
            .values()
            .any(|session| session.instance == instance && session.transaction.is_some());
        if busy {
            return Vec::new();
        }
        let ours = |state: &Self, zeroed: &Zeroed| {
            state
                .table(zeroed.table)
                .is_ok_and(|table| table.home.0 == instance)
        };
        let all = std::mem::take(&mut self.zeroed);
        let (mine, others): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|zeroed| ours(self, zeroed));
        self.zeroed = others;
        mine.into_iter()
            .filter(|zeroed| !RAISED_STAYS.holds() || self.is_zero(zeroed))
            .collect()
    }

    fn is_zero(&self, zeroed: &Zeroed) -> bool {
        let Ok(table) = self.table(zeroed.table) else {
            return false;
        };
        let record = table.rows.read(View::LEVEL_0, &zeroed.bookmark);
        record.is_some_and(|record| {
            let values = record.values(zeroed.columnid);
            values
                .iter()
                .all(|value| value.bytes.iter().all(|byte| *byte == 0))
        })
    }

    /// A session and a cursor of the engine's own on the record.
    fn open_for_cleanup(&mut self, instance: Instance, zeroed: &Zeroed) -> Jet<(Sesid, Tableid)> {
        let dbid = self.table(zeroed.table)?.home.1;
        let sesid = self.add_session(instance)?;
        let mode = Mode {
            updatable: true,
            ..Mode::default()
        };
        let mut cursor = Cursor::new(sesid, dbid, zeroed.table, mode);
        cursor.position = Position::On(Entry {
            key: zeroed.bookmark.clone(),
            bookmark: zeroed.bookmark.clone(),
        });
        Ok((sesid, self.add_cursor(cursor)))
    }
}

impl Engine {
    /// Deletes the records of an instance whose escrow columns are zero. A callback before the
    /// deletion can keep a record; it is not tried again then.
    pub(super) fn clean_up(&self, instance: Instance) {
        let zeroed = self.lock().take_zeroed(instance);
        if zeroed.is_empty() {
            return;
        }
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for zeroed in zeroed {
                    self.delete_zeroed(instance, &zeroed);
                }
            });
        });
    }

    fn delete_zeroed(&self, instance: Instance, zeroed: &Zeroed) {
        let opened = self.lock().open_for_cleanup(instance, zeroed);
        let Ok((sesid, tableid)) = opened else {
            return;
        };
        if !FINALIZE_NEVER.holds()
            && let Ok(mut call) = self.enter_cursor(sesid, tableid, Operation::Delete)
        {
            call.fire(&mut Occasion::plain(tableid, FINALIZE_REASON));
        }
        // Whether it was deleted or kept by a callback, there is nobody to tell.
        let _kept = match FIRES.holds() {
            true => self.delete(sesid, tableid),
            false => self.delete_silently(sesid, tableid),
        };
        self.lock().remove_session(sesid);
    }
}
