//! JetIntersectIndexes: the records that are in several index ranges at once.
//!
//! (jetintersectindexes-function.md, jet-indexrange-structure.md)

use std::collections::BTreeSet;

use super::engine::{Engine, State};
use super::gate::Entry;
use super::handles::{Sesid, Tableid};
use super::listing::{Cell, ListColumn, Listing};
use super::outcome::Jet;
use super::position::Position;
use super::rules::rules;
use super::store::Bookmark;
use super::value::coltyp::Coltyp;
use crate::abi::errors::JetError;

rules! {
    /// The one option of a range is that its records are wanted. (jet-indexrange-structure.md)
    GRBIT = "index/intersect-grbit";
    /// The ranges are given, and of one table. (jetintersectindexes-function.md)
    ARGUMENTS = "index/intersect-arguments";
    /// Each cursor is on a secondary index of its own. (jetintersectindexes-function.md)
    INDEXES = "index/intersect-indexes";
    /// The records that are in every range are told. (jetintersectindexes-function.md)
    INTERSECTS = "index/intersect";
}

/// `JET_bitRecordInIndex` (jet-indexrange-structure.md)
const RECORD_IN_INDEX: u32 = 0x1;

/// How many ranges there may be. (jetintersectindexes-function.md)
const RANGES_MOST: usize = 64;

impl Engine {
    /// JetIntersectIndexes: a temporary table of the bookmarks of the records that are in the range
    /// of every cursor. Each range begins at its cursor's record. (jetintersectindexes-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errInvalidParameter`, `JET_errInvalidGrbit`,
    /// `JET_errInvalidTableId`, `JET_errSesidTableIdMismatch`, `JET_errNoCurrentRecord`.
    pub fn intersect_indexes(
        &self,
        sesid: Sesid,
        ranges: &[(Tableid, u32)],
        complete: bool,
    ) -> Jet<Listing> {
        let rows = {
            let mut call = self.enter_session(sesid, Entry::Usual)?;
            let most = ranges.is_empty() || ranges.len() > RANGES_MOST;
            ARGUMENTS.refuse(!complete || most, JetError::InvalidParameter)?;
            let unknown = ranges.iter().any(|(_, grbit)| *grbit != RECORD_IN_INDEX);
            GRBIT.refuse(unknown, JetError::InvalidGrbit)?;
            let mut tables = BTreeSet::new();
            let mut common: Option<BTreeSet<Bookmark>> = None;
            let mut indexes = BTreeSet::new();
            for (tableid, _) in ranges {
                call.check_tableid(sesid, *tableid)?;
                let cursor = call.cursor(*tableid)?;
                tables.insert(cursor.table);
                let secondary = cursor.index.is_some_and(|index| indexes.insert(index));
                INDEXES.refuse(!secondary, JetError::InvalidParameter)?;
            }
            ARGUMENTS.refuse(tables.len() > 1, JetError::InvalidParameter)?;
            for (tableid, _) in ranges {
                let records = call.records_in_range(sesid, *tableid)?;
                common = Some(match common {
                    Some(common) if INTERSECTS.holds() => {
                        common.intersection(&records).cloned().collect()
                    }
                    Some(common) => common.union(&records).cloned().collect(),
                    None => records,
                });
            }
            let bookmarks = common.unwrap_or_default().into_iter();
            bookmarks
                .map(|bookmark| vec![Cell::Bytes(bookmark)])
                .collect::<Vec<_>>()
        };
        self.list(sesid, &[ListColumn::key(Coltyp::Binary)], &rows, false)
    }
}

impl State {
    /// The records from the current one to the end of the cursor's range.
    fn records_in_range(&mut self, sesid: Sesid, tableid: Tableid) -> Jet<BTreeSet<Bookmark>> {
        let first = self.place(sesid, tableid)?;
        let range = self.cursor(tableid)?.range.clone();
        let forward = range.as_ref().is_none_or(|range| range.upper);
        let walk = self.walk(sesid, tableid)?;
        let mut records = BTreeSet::from([first.bookmark.clone()]);
        let mut position = Position::On(first);
        let step = if forward { 1 } else { -1 };
        loop {
            position = walk.advance(&position, step, false, range.as_ref());
            match &position {
                Position::On(entry) => records.insert(entry.bookmark.clone()),
                _ => return Ok(records),
            };
        }
    }
}
