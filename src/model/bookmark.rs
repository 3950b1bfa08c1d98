//! Bookmarks and positions: naming a place, and going back to it.
//!
//! (jetgetbookmark-function.md, jetgotobookmark-function.md,
//! jetgetsecondaryindexbookmark-function.md, jetgotosecondaryindexbookmark-function.md,
//! jetgetrecordposition-function.md, jetgotoposition-function.md, jetretrievekey-function.md,
//! jetgetcursorinfo-function.md)

use super::engine::{Engine, State};
use super::handles::{Sesid, Tableid};
use super::operation::Operation;
use super::outcome::Jet;
use super::position::{NO_CURRENT_RECORD, Position};
use super::quirks;
use super::rules::rules;
use super::store::{Bookmark, Entry, Intent, Key, Order, Spot};
use crate::abi::errors::JetError;

rules! {
    /// The cursor is on the record of the bookmark. (jetgotobookmark-function.md)
    GOES = "bookmark/goes";
    /// A record without an entry is not gone to. (jetgotobookmark-function.md)
    NO_ENTRY = "bookmark/no-entry";
    /// Going to a bookmark drops the prepared update. (jetgotobookmark-function.md)
    GOTO_CANCELS = "bookmark/goto-cancels-update";
    /// The cursor is on the entry. (jetgotosecondaryindexbookmark-function.md)
    SECONDARY_GOES = "bookmark/secondary-goes";
    /// Going to an index entry gives up what the cursor had. (jetgotosecondaryindexbookmark-function.md)
    SECONDARY_CANCELS = "bookmark/secondary-cancels-update";
    /// Where keys are not unique the bookmark is needed. (jetgotosecondaryindexbookmark-function.md)
    SECONDARY_INVALID = "bookmark/secondary-invalid";
    /// The cursor may stand where an entry would be. (jetgotosecondaryindexbookmark-function.md)
    VIRTUAL = "bookmark/secondary-virtual";
    /// The cursor goes to a part of the index. (jetgotoposition-function.md)
    GOTO_POSITION = "cursor/goto-position";
    /// The search key can be copied. (jetretrievekey-function.md)
    KEY_COPY = "key/copy";
    /// The key of the entry is returned. (jetretrievekey-function.md)
    KEY_RETRIEVED = "key/retrieves";
    /// The key of an entry has the form of a search key.
    KEY_FORM = "key/same-form";
    /// A cursor that was never moved has no bookmark yet. (jetgetbookmark-function.md)
    FRESH = "bookmark/no-current-record";
    /// A cursor that was just opened has none to give.
    JUST_OPENED = "bookmark/fresh-cursor";
    /// A duplicate stands on the first row. (jetdupcursor-function.md)
    DUPLICATE = "bookmark/of-duplicate";
    /// The bookmark names the record whatever the index. (jetgetbookmark-function.md)
    GETS = "bookmark/gets";
    /// A record that was deleted still has one.
    OF_DELETED = "bookmark/of-deleted-record";
    /// It is the key in the primary index.
    IS_PRIMARY_KEY = "bookmark/is-primary-key";
    /// The key of the entry and the bookmark of its record.
    /// (jetgetsecondaryindexbookmark-function.md)
    SECONDARY_GETS = "bookmark/secondary-gets";
    /// They have the form of search keys.
    SECONDARY_FORM = "bookmark/secondary-form";
    /// An entry that is gone has none.
    SECONDARY_DELETED = "bookmark/secondary-deleted";
    /// The cursor is on an entry. (jetgetsecondaryindexbookmark-function.md)
    SECONDARY_NO_RECORD = "bookmark/secondary-no-record";
    /// The entries before the cursor's and all of them are counted.
    /// (jetgetrecordposition-function.md)
    COUNTS = "cursor/position";
    /// A position is that of an entry. (jetgetrecordposition-function.md)
    POSITION_NO_RECORD = "cursor/position-no-record";
    /// Where the record can be changed the call succeeds. (jetgetcursorinfo-function.md)
    INFO = "cursor/info";
    /// Another session has changed the record. (jetgetcursorinfo-function.md)
    INFO_CONFLICT = "cursor/info-conflict";
    /// A bookmark has at least one byte. (jetgotobookmark-function.md)
    EMPTY = "bookmark/empty";
    /// A bookmark names a record that is there. (jetgotobookmark-function.md)
    NOT_FOUND = "bookmark/record-deleted";
    /// The bookmark of an index entry is asked for on a secondary index.
    /// (jetgetsecondaryindexbookmark-function.md)
    SECONDARY = "bookmark/secondary-index";
    /// The bookmark of an index entry names an entry that is there.
    /// (jetgotosecondaryindexbookmark-function.md)
    ENTRY_FOUND = "bookmark/entry-found";
    /// `JET_RECPOS` has its size. (jetgetrecordposition-function.md)
    RECPOS_SIZE = "cursor/recpos-size";
    /// A position is a fraction between zero and one. (jetgotoposition-function.md)
    POSITION = "cursor/position-fraction";
    /// There is no position in an empty index. (jetgotoposition-function.md)
    POSITION_EMPTY = "cursor/position-empty";
    /// Information about a cursor is about its record. (jetgetcursorinfo-function.md)
    CURSOR_INFO = "cursor/info-current-record";
}

/// `JET_bitBookmarkPermitVirtualCurrency` (jetgotosecondaryindexbookmark-function.md)
const PERMIT_VIRTUAL_CURRENCY: u32 = 0x1;
/// `JET_bitRetrieveCopy` of JetRetrieveKey. (jetretrievekey-function.md)
const RETRIEVE_COPY: u32 = 0x1;
/// The size of `JET_RECPOS` in bytes.
const RECPOS_SIZE_BYTES: u32 = 16;

/// How far into an index a record is. (jet-recpos-structure.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordPosition {
    /// `centriesLT`
    pub before: u32,
    /// `centriesInRange`
    pub in_range: u32,
    /// `centriesTotal`
    pub total: u32,
}

impl State {
    /// The entry of a cursor that has been moved, or of a duplicate: that is put on the first row
    /// as it is made.
    fn visited(&mut self, sesid: Sesid, tableid: Tableid) -> Jet<Entry> {
        let stands = DUPLICATE.holds() && !quirks::DUPLICATE_STANDS_NOWHERE.genuine();
        if stands && self.cursor(tableid)?.duplicate {
            return self.place(sesid, tableid);
        }
        match &self.cursor(tableid)?.position {
            Position::On(entry) => Ok(entry.clone()),
            _ => Err(NO_CURRENT_RECORD.error(JetError::NoCurrentRecord)),
        }
    }
}

impl Engine {
    /// JetGetBookmark. (jetgetbookmark-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errNoCurrentRecord`.
    pub fn get_bookmark(&self, sesid: Sesid, tableid: Tableid) -> Jet<Bookmark> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::GetBookmark)?;
        let fresh = matches!(call.cursor(tableid)?.position, Position::Fresh);
        let entry = match call.visited(sesid, tableid) {
            Err(_) if fresh && !JUST_OPENED.holds() => call.place(sesid, tableid),
            Err(_) if !FRESH.holds() => return Ok(Bookmark::default()),
            entry => entry,
        }?;
        if !OF_DELETED.holds() {
            call.current_record(sesid, tableid)?;
        }
        Ok(match (GETS.holds(), IS_PRIMARY_KEY.holds()) {
            (false, _) => entry.key,
            (_, false) => [&entry.bookmark[..], &[0]].concat(),
            _ => entry.bookmark,
        })
    }

    /// JetGotoBookmark. The current index stays. (jetgotobookmark-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errInvalidBookmark`, `JET_errRecordDeleted`.
    pub fn goto_bookmark(&self, sesid: Sesid, tableid: Tableid, bookmark: &[u8]) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::GotoBookmark)?;
        EMPTY.refuse(bookmark.is_empty(), JetError::InvalidBookmark)?;
        if GOTO_CANCELS.holds() {
            call.drop_update(tableid)?;
        }
        let view = call.view(sesid)?;
        let rows = &call.table(call.cursor(tableid)?.table)?.rows;
        let gone = !rows.is_visible(view, bookmark);
        NOT_FOUND.refuse(gone, JetError::RecordDeleted)?;
        let entry = call.entry_of(sesid, tableid, bookmark);
        let entry = entry.map_err(|error| NO_ENTRY.error(error))?;
        if !GOES.holds() {
            return Ok(());
        }
        let cursor = call.cursor_mut(tableid)?;
        cursor.range = None;
        cursor.key.clear();
        call.put(sesid, tableid, Position::On(entry))
    }

    /// JetGetSecondaryIndexBookmark: the key of the entry and the bookmark of its record.
    /// (jetgetsecondaryindexbookmark-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errNoCurrentIndex`, `JET_errNoCurrentRecord`,
    /// `JET_errRecordDeleted`.
    pub fn get_secondary_index_bookmark(
        &self,
        sesid: Sesid,
        tableid: Tableid,
    ) -> Jet<(Key, Bookmark)> {
        let operation = Operation::GetSecondaryIndexBookmark;
        let mut call = self.enter_cursor(sesid, tableid, operation)?;
        let primary = call.cursor(tableid)?.index.is_none();
        SECONDARY.refuse(primary, JetError::NoCurrentIndex)?;
        let entry = call.place(sesid, tableid);
        if entry.is_err() && !SECONDARY_NO_RECORD.holds() {
            return Ok((Key::default(), Bookmark::default()));
        }
        let entry = entry?;
        let walk = call.walk(sesid, tableid)?;
        let gone = !walk.rows.has_entry(walk.view, walk.order, &entry);
        SECONDARY_DELETED.refuse(gone, JetError::RecordDeleted)?;
        if !SECONDARY_FORM.holds() {
            return Ok((entry.key, [&entry.bookmark[..], &[0]].concat()));
        }
        Ok(match SECONDARY_GETS.holds() {
            true => (entry.key, entry.bookmark),
            false => (entry.bookmark, entry.key),
        })
    }

    /// JetGotoSecondaryIndexBookmark. Options that no page lists are ignored.
    /// (jetgotosecondaryindexbookmark-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errNoCurrentIndex`, `JET_errInvalidBookmark`,
    /// `JET_errRecordDeleted`.
    pub fn goto_secondary_index_bookmark(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        key: &[u8],
        bookmark: &[u8],
        grbit: u32,
    ) -> Jet<()> {
        let operation = Operation::GotoSecondaryIndexBookmark;
        let mut call = self.enter_cursor(sesid, tableid, operation)?;
        let primary = call.cursor(tableid)?.index.is_none();
        SECONDARY.refuse(primary, JetError::NoCurrentIndex)?;
        let unique = call.is_on_unique_index(sesid, tableid)?;
        EMPTY.refuse(key.is_empty(), JetError::InvalidBookmark)?;
        let missing = !unique && bookmark.is_empty();
        SECONDARY_INVALID.refuse(missing, JetError::InvalidBookmark)?;
        if SECONDARY_CANCELS.holds() {
            call.drop_update(tableid)?;
            let cursor = call.cursor_mut(tableid)?;
            cursor.range = None;
            cursor.key.clear();
        }
        let walk = call.walk(sesid, tableid)?;
        let wanted = Entry {
            key: key.to_vec(),
            bookmark: bookmark.to_vec(),
        };
        let found = if unique {
            let next = walk
                .rows
                .next(walk.view, walk.order, &Spot::Before(key.to_vec()));
            next.filter(|entry| entry.key == key)
        } else {
            let exists = walk.rows.has_entry(walk.view, walk.order, &wanted);
            exists.then(|| wanted.clone())
        };
        let Some(found) = found else {
            if grbit & PERMIT_VIRTUAL_CURRENCY != 0 && VIRTUAL.holds() {
                call.put(sesid, tableid, Position::Beside(Spot::On(wanted)))?;
            }
            ENTRY_FOUND.refuse(true, JetError::RecordDeleted)?;
            return Ok(());
        };
        let other = !bookmark.is_empty() && found.bookmark != bookmark;
        if !SECONDARY_GOES.holds() {
            return Ok(());
        }
        call.put(sesid, tableid, Position::On(found))?;
        ENTRY_FOUND.refuse(other, JetError::RecordDeleted)
    }

    /// JetRetrieveKey: the key of the current entry, or the search key.
    /// (jetretrievekey-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errKeyNotMade`, `JET_errNoCurrentRecord`,
    /// `JET_errRecordDeleted`.
    pub fn retrieve_key(&self, sesid: Sesid, tableid: Tableid, grbit: u32) -> Jet<Key> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::RetrieveKey)?;
        if grbit & RETRIEVE_COPY != 0 {
            let key = call.cursor(tableid)?.key.bytes()?.to_vec();
            return Ok(if KEY_COPY.holds() { key } else { Key::new() });
        }
        call.current_record(sesid, tableid)?;
        let key = call.place(sesid, tableid)?.key;
        if !KEY_RETRIEVED.holds() {
            return Ok(Key::new());
        }
        // Without the rule the key comes without its prefix.
        let from = usize::from(!KEY_FORM.holds());
        Ok(key.get(from..).unwrap_or_default().to_vec())
    }

    /// JetGetRecordPosition. `size` is that of the buffer. (jetgetrecordposition-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errInvalidParameter`, `JET_errNoCurrentRecord`.
    pub fn get_record_position(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        size: u32,
    ) -> Jet<RecordPosition> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::GetRecordPosition)?;
        RECPOS_SIZE.refuse(size < RECPOS_SIZE_BYTES, JetError::InvalidParameter)?;
        let spot = match call.cursor(tableid)?.position.clone() {
            Position::Beside(spot) => spot,
            _ => match call.place(sesid, tableid) {
                Err(_) if !POSITION_NO_RECORD.holds() => {
                    return Ok(RecordPosition {
                        before: 0,
                        in_range: 0,
                        total: 0,
                    });
                }
                entry => Spot::On(entry?),
            },
        };
        let walk = call.walk(sesid, tableid)?;
        let mut before = 0;
        let mut behind = spot.clone();
        while let Some(entry) = walk.rows.previous(walk.view, walk.order, &behind) {
            before += 1;
            behind = Spot::On(entry);
        }
        let total = walk.rows.entries(walk.view, walk.order).count() as u32;
        Ok(RecordPosition {
            before: if COUNTS.holds() { before } else { 0 },
            in_range: 1,
            total,
        })
    }

    /// JetGotoPosition: to a fraction of the current index. (jetgotoposition-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errInvalidParameter`, `JET_errRecordNotFound`.
    pub fn goto_position(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        before: u32,
        total: u32,
        structure: bool,
    ) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::GotoPosition)?;
        RECPOS_SIZE.refuse(!structure, JetError::InvalidParameter)?;
        POSITION.refuse(before > total, JetError::InvalidParameter)?;
        call.drop_update(tableid)?;
        call.cursor_mut(tableid)?.range = None;
        let walk = call.walk(sesid, tableid)?;
        let entries: Vec<Entry> = walk.rows.entries(walk.view, walk.order).collect();
        let last = entries.len().saturating_sub(1);
        let before = if GOTO_POSITION.holds() { before } else { 0 };
        let wanted = entries.len() as u64 * u64::from(before) / u64::from(total.max(1));
        let entry = entries.get((wanted as usize).min(last)).cloned();
        POSITION_EMPTY.refuse(entry.is_none(), JetError::RecordNotFound)?;
        call.put(sesid, tableid, entry.map_or(Position::Before, Position::On))
    }

    /// JetGetCursorInfo: only whether the cursor is on a record that its session could change. (jetgetcursorinfo-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errNoCurrentRecord`, `JET_errRecordDeleted`,
    /// `JET_errWriteConflict`.
    pub fn get_cursor_info(&self, sesid: Sesid, tableid: Tableid) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::GetCursorInfo)?;
        if !CURSOR_INFO.holds() {
            return Ok(());
        }
        call.visited(sesid, tableid)?;
        let (bookmark, _) = call.current_record(sesid, tableid)?;
        INFO.allow(true, JetError::FeatureNotAvailable)?;
        let view = call.view(sesid)?;
        let rows = &call.table(call.cursor(tableid)?.table)?.rows;
        INFO_CONFLICT.refuse(
            rows.conflicts(view, &bookmark, Intent::Write),
            JetError::WriteConflict,
        )
    }
}

impl State {
    fn is_on_unique_index(&self, sesid: Sesid, tableid: Tableid) -> Jet<bool> {
        let view = self.view(sesid)?;
        let table = self.table(self.cursor(tableid)?.table)?;
        let schema = table.schema(view);
        Ok(self
            .current_index(tableid, schema)
            .is_some_and(super::index::Index::is_unique))
    }

    /// The first entry of a record in the cursor's index.
    ///
    /// # Errors
    /// `JET_errNoCurrentRecord` for a record that is left out of the index.
    pub(super) fn entry_of(&self, sesid: Sesid, tableid: Tableid, bookmark: &[u8]) -> Jet<Entry> {
        let cursor = self.cursor(tableid)?;
        let primary = Entry {
            key: bookmark.to_vec(),
            bookmark: bookmark.to_vec(),
        };
        let Order::Secondary(index) = cursor.order() else {
            return Ok(primary);
        };
        let rows = &self.table(cursor.table)?.rows;
        let keys = rows.keys(self.view(sesid)?, bookmark);
        let key = keys.and_then(|keys| keys.of(index).next().cloned());
        let entry = |key| Entry { key, ..primary };
        key.map(entry).ok_or(JetError::NoCurrentRecord)
    }
}
