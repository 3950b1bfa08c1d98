//! What a compound update gives back when it fails: one that inserts a copy and deletes the original.
//!
//! (jetupdate-function.md, jetprepareupdate-function.md)

use std::sync::Arc;

use super::gate::Call;
use super::handles::Tableid;
use super::outcome::Jet;
use super::prepare::Prep;
use super::quirks;
use super::rules::rules;
use super::store::{Bookmark, Keys};
use super::value::record::Record;

rules! {
    /// Where nothing can be rolled back the original is there after a failure, too.
    /// (jetupdate-function.md)
    PUT_BACK = "update/copy-delete-original-unversioned";
    /// A compound update that failed can be tried again with the same effect.
    /// (jetupdate-function.md)
    RETRY = "update/copy-delete-original-retry";
}

/// A record as it was before a compound update.
pub(super) struct Original {
    bookmark: Bookmark,
    record: Arc<Record>,
    keys: Arc<Keys>,
}

impl Call<'_> {
    /// Gives a compound update that failed its deletion back, so that it can be tried again.
    pub(super) fn restore_compound(&mut self, tableid: Tableid, prep: Prep) {
        if quirks::COMPOUND_LOSES_DELETE.genuine() || !RETRY.holds() {
            return;
        }
        if let Ok(cursor) = self.cursor_mut(tableid)
            && let Some(update) = cursor.update.as_mut()
        {
            update.prep = prep;
        }
    }

    /// The record that a compound update is going to delete, where no rollback would bring it back.
    pub(super) fn original(&mut self, tableid: Tableid) -> Jet<Option<Original>> {
        let key = self.cursor(tableid)?.table;
        let unversioned = self.is_unversioned(self.table(key)?)?;
        if !unversioned || quirks::UNVERSIONED_DELETE_STAYS.genuine() || !PUT_BACK.holds() {
            return Ok(None);
        }
        let sesid = self.sesid;
        let view = self.view(sesid)?;
        let Ok((bookmark, record)) = self.current_record(sesid, tableid) else {
            return Ok(None);
        };
        let keys = self.table(key)?.rows.keys(view, &bookmark).cloned();
        Ok(keys.map(|keys| Original {
            bookmark,
            record,
            keys,
        }))
    }

    /// Writes it again, if it has been deleted.
    pub(super) fn put_back(&mut self, tableid: Tableid, original: Option<Original>) -> Jet<()> {
        let key = self.cursor(tableid)?.table;
        let view = self.view(self.sesid)?;
        let is_gone = |own: &Original| match self.table(key) {
            Ok(table) => !table.rows.is_visible(view, &own.bookmark),
            Err(_) => false,
        };
        match original.filter(is_gone) {
            Some(own) => {
                let keys = Keys::clone(&own.keys);
                self.write_row(key, &own.bookmark, own.record, keys)
            }
            None => Ok(()),
        }
    }
}
