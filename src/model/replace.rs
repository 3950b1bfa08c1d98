//! The replace of JetUpdate: the record under the cursor gets its new values.
//!
//! (jetupdate-function.md, jetprepareupdate-function.md)

use std::sync::Arc;

use super::callback::reason;
use super::gate::Call;
use super::handles::Tableid;
use super::lock::WRITE_CONFLICT;
use super::outcome::Jet;
use super::position::Position;
use super::prepare::{Prep, SAME_VALUE};
use super::rules::rules;
use super::store::Bookmark;
use super::update::AFTER_NEW_VALUES;
use super::value::record::Record;
use crate::abi::errors::JetError;

rules! {
    /// A replace without lock minds what others changed meanwhile. (jetupdate-function.md)
    REPLACE_CONFLICT = "update/replace-conflict";
    /// The Before callback of a replace comes before the new record is checked.
    BEFORE_REPLACE_FIRST = "cbtyp/before-replace-first";
    /// A replace without lock sees its conflict before its callbacks.
    CONFLICT_FIRST = "cbtyp/conflict-before-replace";
    /// A record that a callback before its replace has deleted.
    DELETED_INSIDE = "callback/record-deleted-inside";
    /// A version column counts the replaces. (jet-columndef-structure.md)
    VERSION_COUNTS = "update/version-increments";
    /// A cursor stays at the old place of an entry that its replace has moved.
    KEY_STAYS = "move/replace-of-key-stays";
    /// A replace does not change the primary key. (jetupdate-function.md)
    PRIMARY_CHANGED = "update/primary-changed";
    /// A replace that sets nothing writes nothing, and is told to the callbacks all the same.
    NOTHING_SET = "callback/replace-without-change";
}

impl Call<'_> {
    pub(super) fn replace(&mut self, tableid: Tableid, prep: Prep) -> Jet<Bookmark> {
        let sesid = self.sesid;
        let late = prep == Prep::ReplaceNoLock || self.needs_lock(tableid)?;
        if late && CONFLICT_FIRST.holds() {
            self.upgrade_to_lock(tableid)?;
        }
        if !BEFORE_REPLACE_FIRST.holds() {
            self.check_primary_stays(tableid)?;
        }
        if !self.prepared(tableid)?.set.is_empty() || NOTHING_SET.holds() {
            self.before(tableid, reason::BEFORE_REPLACE)?;
        }
        if late && !CONFLICT_FIRST.holds() {
            self.upgrade_to_lock(tableid)?;
        }
        let place = self.place(sesid, tableid)?.bookmark;
        if self.prepared(tableid)?.set.is_empty() {
            return Ok(place);
        }
        let (bookmark, old) = match self.current_record(sesid, tableid) {
            Err(JetError::RecordDeleted) if !DELETED_INSIDE.holds() => return Ok(place),
            found => found?,
        };
        let view = self.view(sesid)?;
        let key = self.cursor(tableid)?.table;
        let schema = Arc::clone(self.table(key)?.schema(view));
        let prepared = self.prepared(tableid)?;
        prepared.copy.check_not_null(&schema.columns)?;
        let mut record = prepared.copy.clone();
        if record == *old && !SAME_VALUE.holds() {
            return Ok(bookmark);
        }
        self.check_primary_stays(tableid)?;
        if !AFTER_NEW_VALUES.holds() {
            // What is asked for is what the cursor shows.
            self.cursor_mut(tableid)?.asked_for.push(Arc::clone(&old));
        }
        if let Some(version) = schema.columns.version() {
            increment(&mut record, &old, version.columnid);
        }
        let record = Arc::new(record);
        self.rebuild_default_keys(tableid, &old)?;
        let keys = self.secondary_keys(tableid, &record)?;
        self.check_unique(key, &bookmark, &keys)?;
        self.check_room_for(key, view, &record)?;
        self.write_row(key, &bookmark, record, keys)?;
        if !KEY_STAYS.holds() {
            let moved = self.entry_of(sesid, tableid, &bookmark)?;
            self.cursor_mut(tableid)?.position = Position::On(moved);
        }
        Ok(bookmark)
    }

    /// Refuses a new primary key.
    pub(super) fn check_primary_stays(&mut self, tableid: Tableid) -> Jet<()> {
        let sesid = self.sesid;
        let bookmark = self.place(sesid, tableid)?.bookmark;
        let view = self.view(sesid)?;
        let key = self.cursor(tableid)?.table;
        let schema = Arc::clone(self.table(key)?.schema(view));
        let record = Arc::new(self.prepared(tableid)?.copy.clone());
        let Some(primary) = schema.primary() else {
            return Ok(());
        };
        let new = self.index_keys(tableid, &schema, primary, &record)?;
        let changed = new.first().is_none_or(|new| *new != bookmark);
        PRIMARY_CHANGED.refuse(changed, JetError::RecordPrimaryChanged)
    }

    /// Whether a plain replace was prepared outside of a transaction, where it could not lock.
    pub(super) fn needs_lock(&mut self, tableid: Tableid) -> Jet<bool> {
        let original = &self.prepared(tableid)?.original;
        Ok(matches!(original, Some((_, Some(_)))))
    }

    /// The record is locked now, if nobody has changed it since the update was prepared.
    pub(super) fn upgrade_to_lock(&mut self, tableid: Tableid) -> Jet<()> {
        let sesid = self.sesid;
        let bookmark = self.lock_for(sesid, tableid, &REPLACE_CONFLICT)?;
        let view = self.view(sesid)?;
        let key = self.cursor(tableid)?.table;
        let now = self.table(key)?.rows.content(view, &bookmark);
        let changed = match &self.prepared(tableid)?.original {
            Some((_, Some(then))) => now != Some(*then),
            _ => false,
        };
        WRITE_CONFLICT.refuse(changed, JetError::WriteConflict)
    }
}

/// One more than the version of the old record.
pub(super) fn increment(record: &mut Record, old: &Record, columnid: u32) {
    if !VERSION_COUNTS.holds() {
        return;
    }
    let old = old
        .values(columnid)
        .first()
        .map(|value| value.bytes.as_slice());
    let old = old
        .and_then(|bytes| bytes.try_into().ok())
        .map_or(0, u32::from_le_bytes);
    record.put(columnid, Some(old.wrapping_add(1).to_le_bytes().to_vec()));
}
