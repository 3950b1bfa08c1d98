//! The index that a cursor walks along.
//!
//! (jetsetcurrentindex-function.md, jetsetcurrentindex4-function.md,
//! jetgetcurrentindex-function.md)

use std::sync::Arc;

use super::engine::{Engine, State};
use super::handles::{Sesid, Tableid};
use super::index::Index;
use super::index_keys::keys;
use super::name::{Name, Named};
use super::operation::Operation;
use super::outcome::Jet;
use super::position::Position;
use super::row_keys::plain_values;
use super::rules::rules;
use super::schema::Schema;
use super::store::{Bookmark, Entry, IndexId, Key};
use super::value::column::Column;
use super::value::record::Record;
use crate::abi::errors::JetError;

rules! {
    /// The name of the current index. (jetgetcurrentindex-function.md)
    CURRENT = "index/current-get";
    /// The index rules the order. (jetsetcurrentindex2-function.md)
    ORDERS = "index/current";
    /// A change of the index goes to the first entry. (jetsetcurrentindex-function.md)
    FIRST_FORM = "index/current-first-form";
    /// The cursor is on the first entry where that is asked for.
    /// (jetsetcurrentindex2-function.md)
    MOVE_FIRST = "index/current-move-first";
    /// The cursor stays on its record where that is asked for. (jetsetcurrentindex2-function.md)
    STAYS = "index/current-no-move";
    /// The name keeps the rules of names. (jetsetcurrentindex2-function.md)
    NAME = "index/current-name";
    /// A change of the index drops the prepared update.
    CANCELS = "index/current-cancels-update";
    /// A change of the index drops the range.
    DROPS_RANGE = "index/current-drops-range";
    /// A change of the index discards the search key. (jetmakekey-function.md)
    DISCARDS_KEY = "key/discarded-by-index";
    /// Either of the two options, or none. (jetsetcurrentindex2-function.md)
    GRBIT = "cursor/current-index-grbit";
    /// The index has to exist. (jetsetcurrentindex-function.md)
    FOUND = "cursor/current-index-found";
    /// An index identity is one that was given out for the table.
    /// (jetsetcurrentindex4-function.md)
    INDEX_ID = "cursor/index-id";
    /// Without moving there has to be a record to stay on. (jetsetcurrentindex2-function.md)
    NO_MOVE = "cursor/no-move-current-record";
    /// Without moving, the record must not be deleted. (jetsetcurrentindex2-function.md)
    DELETED = "index/no-move-deleted";
    /// A value of a multi-valued column is chosen by its number.
    /// (jetsetcurrentindex2-function.md)
    ITAG = "index/current-itag";
    /// An identity counts before the name. (jetsetcurrentindex4-function.md)
    IDENTITY_FIRST = "index/current-id-first";
}

/// Options of JetSetCurrentIndex2. (jetsetcurrentindex2-function.md)
mod bits {
    pub const NO_MOVE: u32 = 0x2;
}

/// What JetSetCurrentIndex3 and 4 mean, where both a name and an identity can be given: the
/// identity. (jetsetcurrentindex4-function.md)
pub fn chosen<'a>(name: Option<&'a str>, identity: Option<Option<IndexId>>) -> Chosen<'a> {
    let named = match name {
        None | Some("") => Chosen::Primary,
        Some(name) => Chosen::Named(name),
    };
    match identity {
        Some(identity) if IDENTITY_FIRST.holds() || name.is_none() => Chosen::Identity(identity),
        _ => named,
    }
}

/// Which index to walk along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen<'a> {
    /// The primary index, or the order of insertion: no name, or an empty one.
    Primary,
    /// The index of a name.
    Named(&'a str),
    /// A `JET_INDEXID`, as JetGetTableIndexInfo gave it; `None` for one that is no identity.
    Identity(Option<IndexId>),
}

/// The identity that stands for the primary order.
pub const PRIMARY_ID: IndexId = IndexId(0);

impl Engine {
    /// JetSetCurrentIndex, 2, 3 and 4. `itag` is `itagSequence`, 1 where there is none.
    /// (jetsetcurrentindex4-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errInvalidGrbit`, `JET_errInvalidName`,
    /// `JET_errIndexNotFound`, `JET_errInvalidIndexId`, `JET_errNoCurrentRecord`,
    /// `JET_errRecordDeleted`.
    pub fn set_current_index(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        chosen: Chosen<'_>,
        grbit: u32,
        itag: u32,
    ) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::SetCurrentIndex)?;
        GRBIT.refuse(grbit & !bits::NO_MOVE != 0, JetError::InvalidGrbit)?;
        let no_move = grbit & bits::NO_MOVE != 0 && STAYS.holds();
        let view = call.view(sesid)?;
        let key = call.cursor(tableid)?.table;
        let schema = Arc::clone(call.table(key)?.schema(view));
        let wanted = match choose(&schema, chosen) {
            Ok(wanted) => wanted,
            Err(error) => {
                if error == JetError::IndexNotFound {
                    call.leave_place(sesid, tableid)?;
                }
                return Err(error);
            }
        };
        if no_move {
            return call.switch_in_place(sesid, tableid, wanted, itag);
        }
        if CANCELS.holds() {
            call.drop_update(tableid)?;
        }
        call.switch(tableid, wanted)?;
        let first = FIRST_FORM.holds() && MOVE_FIRST.holds();
        let position = if first {
            Position::Fresh
        } else {
            Position::Before
        };
        call.put(sesid, tableid, position)
    }

    /// JetGetCurrentIndex: the name of the index as it was created, empty for the order of
    /// insertion. (jetgetcurrentindex-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates.
    pub fn get_current_index(&self, sesid: Sesid, tableid: Tableid) -> Jet<String> {
        let call = self.enter_cursor(sesid, tableid, Operation::GetCurrentIndex)?;
        let view = call.view(sesid)?;
        let schema = call.table(call.cursor(tableid)?.table)?.schema(view);
        let index = call
            .current_index(tableid, schema)
            .filter(|_| CURRENT.holds());
        Ok(index.map_or_else(String::new, |index| index.name.as_str().to_owned()))
    }
}

/// The secondary index that is meant; `None` for the primary order.
fn choose(schema: &Schema, chosen: Chosen<'_>) -> Jet<Option<IndexId>> {
    let index = match chosen {
        Chosen::Primary | Chosen::Named("") => return Ok(None),
        Chosen::Identity(Some(PRIMARY_ID)) => return Ok(None),
        Chosen::Identity(id) => {
            let index = id.and_then(|id| schema.index(id));
            INDEX_ID.refuse(index.is_none(), JetError::InvalidIndexId)?;
            index
        }
        Chosen::Named(name) => {
            let name = Name::parse(Named::Index, Some(name));
            let name = name.map_err(|error| NAME.error(error))?;
            let index = schema.index_named(&name);
            FOUND.refuse(index.is_none(), JetError::IndexNotFound)?;
            index
        }
    };
    Ok(index
        .filter(|index| !index.is_primary())
        .map(|index| index.id))
}

impl State {
    fn switch(&mut self, tableid: Tableid, index: Option<IndexId>) -> Jet<()> {
        let cursor = self.cursor_mut(tableid)?;
        cursor.index = index.filter(|_| ORDERS.holds());
        if DROPS_RANGE.holds() {
            cursor.range = None;
        }
        if DISCARDS_KEY.holds() {
            cursor.key.clear();
        }
        Ok(())
    }

    /// A switch to an index that is not there ends before the first record of the primary order.
    fn leave_place(&mut self, sesid: Sesid, tableid: Tableid) -> Jet<()> {
        self.drop_update(tableid)?;
        self.switch(tableid, None)?;
        self.put(sesid, tableid, Position::Before)
    }

    fn switch_in_place(
        &mut self,
        sesid: Sesid,
        tableid: Tableid,
        wanted: Option<IndexId>,
        itag: u32,
    ) -> Jet<()> {
        let cursor = self.cursor(tableid)?;
        let same = cursor.index == wanted;
        self.drop_update(tableid)?;
        let bookmark: Bookmark = match self.place(sesid, tableid) {
            Ok(entry) => entry.bookmark,
            Err(error) => {
                if !same {
                    self.switch(tableid, wanted)?;
                }
                return NO_MOVE.refuse(true, error);
            }
        };
        let view = self.view(sesid)?;
        let rows = &self.table(self.cursor(tableid)?.table)?.rows;
        let gone = !rows.is_visible(view, &bookmark);
        if gone {
            self.switch(tableid, wanted)?;
            self.put(sesid, tableid, Position::Before)?;
            return DELETED.refuse(true, JetError::RecordDeleted);
        }
        if same {
            return Ok(());
        }
        self.switch(tableid, wanted)?;
        let entry = self.entry_for_value(sesid, tableid, &bookmark, itag);
        let position = entry
            .as_ref()
            .map_or(Position::Before, |e| Position::On(e.clone()));
        self.put(sesid, tableid, position)?;
        match entry {
            Err(error @ JetError::NoCurrentRecord) => NO_MOVE.refuse(true, error),
            entry => entry.map(|_| ()),
        }
    }

    /// The entry that one value of a record has in the cursor's index.
    ///
    /// # Errors
    /// `JET_errBadItagSequence` for a number of no value.
    fn entry_for_value(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        bookmark: &[u8],
        itag: u32,
    ) -> Jet<Entry> {
        let entry = self.entry_of(sesid, tableid, bookmark)?;
        let view = self.view(sesid)?;
        let table = self.table(self.cursor(tableid)?.table)?;
        let schema = table.schema(view);
        let Some(index) = self.current_index(tableid, schema) else {
            return Ok(entry);
        };
        let Some(record) = table.rows.read(view, bookmark) else {
            return Ok(entry);
        };
        let keys = keys_by_value(schema, index, &record)?;
        let several = index.columns.iter().any(|part| {
            let column = schema.columns.find(part.columnid);
            column.is_ok_and(Column::is_multi_valued)
        });
        let itag = if several && ITAG.holds() {
            itag.max(1)
        } else {
            1
        };
        let missing = itag > 1 && keys.iter().all(|(of, _)| *of != itag);
        ITAG.refuse(missing, JetError::BadItagSequence)?;
        let key = keys
            .into_iter()
            .find(|(of, _)| *of == itag)
            .map(|(_, key)| key);
        let known = |key: &Vec<u8>| {
            table
                .rows
                .keys(view, bookmark)
                .is_some_and(|keys| keys.contains(index.id, key))
        };
        Ok(match key.filter(known) {
            Some(key) => Entry { key, ..entry },
            None => entry,
        })
    }
}

/// The keys of a record in an index with the value that each comes from; user-defined defaults are
/// not asked for.
pub(super) fn keys_by_value(
    schema: &Schema,
    index: &Index,
    record: &Record,
) -> Jet<Vec<(u32, Key)>> {
    let mut values_of = |column: &Column| Ok(plain_values(record, column));
    keys(index, &schema.columns, &mut values_of)
}
