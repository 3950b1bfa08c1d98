//! Temporary tables: rows that are filled in, sorted, and read back.
//!
//! A temporary table begins as a sort that only takes rows in. The first move ends that: what can
//! be done then depends on what was asked for at the beginning.
//! (jetopentemptable-function.md, jetopentemptable3-function.md,
//! jetopentemporarytable-function.md, jet-opentemporarytable-structure.md)

use std::sync::Arc;

use super::cursor::{Cursor, Mode};
use super::dispatch::Stand;
use super::engine::{Engine, State};
use super::gate::Entry;
use super::handles::{Dbid, Instance, Sesid, TableKey, Tableid};
use super::index::{Index, KEY_MOST_USUAL, KeyColumn};
use super::index_options::{SpaceHints, Unicode};
use super::limits;
use super::name::Name;
use super::outcome::Jet;
use super::rules::rules;
use super::settings::id;
use super::store::IndexId;
use super::table::{Table, TableOptions};
use super::value::definition::{Definition, Place};
use super::value::grbit::{ColumnGrbit, IndexGrbit};
use crate::abi::errors::JetError;

rules! {
    /// A temporary table is opened. (jetopentemptable-function.md)
    OPENS = "temp/opens";
    /// A column has a listed type. (jetopentemptable-function.md)
    COLTYP = "temp/coltyp";
    /// Text has a known code page. (jetopentemptable-function.md)
    CODE_PAGE = "temp/code-page";
    /// No more temporary tables than the instance was sized for. (jetopentemptable-function.md)
    TOO_MANY = "temp/too-many";
    /// What is only read forward cannot be asked for more. (jetopentemptable-function.md)
    FORWARD_ONLY = "temp/forward-only-plain";
    /// The longest key is 255 bytes, up to what the page size allows.
    /// (jetopentemporarytable-function.md)
    KEY_MOST = "temp/key-most";
    /// Rows with a key that is there already are dropped, unless the table is only read forward.
    /// (jetopentemptable-function.md)
    DUPLICATES_DROPPED = "temp/duplicates-dropped";
    /// A duplicate is refused at once where the table is a table from the start.
    /// (jetopentemptable-function.md)
    DUPLICATE_REFUSED = "temp/duplicate-refused";
    /// Only a table that can be scrolled, or sought in, is moved over backward.
    /// (jetopentemptable-function.md)
    BACKWARD = "temp/backward-needs-scrollable";
    /// Only a table that was asked to be indexed is sought in. (jetopentemptable-function.md)
    SEEK = "temp/seek-needs-indexed";
    /// While a sort is filled, updates are inserts. (jetopentemptable-function.md)
    INSERT_ONLY = "temp/filling-inserts-only";
    /// Reading ends the filling. (jetopentemptable-function.md)
    READING_ENDS = "temp/fill-then-read";
}

/// Options of a temporary table. (jetopentemptable-function.md)
mod bits {
    pub const INDEXED: u32 = 0x1;
    pub const UNIQUE: u32 = 0x2;
    pub const UPDATABLE: u32 = 0x4;
    pub const SCROLLABLE: u32 = 0x8;
    pub const SORT_NULLS_HIGH: u32 = 0x10;
    /// The same bit as `JET_bitTTErrorOnDuplicateInsertion`.
    pub const FORCE_MATERIALIZATION: u32 = 0x20;
    pub const FORWARD_ONLY: u32 = 0x40;
    pub const DOT_NET_GUID: u32 = 0x100;
}

/// What was asked for of a temporary table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// `JET_bitTTIndexed` or `JET_bitTTScrollable`: it can be moved over in any direction.
    pub scrollable: bool,
    /// `JET_bitTTUpdatable`: it becomes a table when it is first moved over.
    pub updatable: bool,
    /// Rows with equal keys are all kept.
    pub duplicates: bool,
}

/// A temporary table to open.
#[derive(Debug, Clone, Default)]
pub struct TemporaryDefinition<'a> {
    /// The columns; those with `JET_bitColumnTTKey` make the key, in their order.
    pub columns: Vec<Definition<'a>>,
    /// `grbit`
    pub grbit: u32,
    /// `cbKeyMost`, zero for the usual.
    pub key_most: u32,
    /// `cbVarSegMac`, zero for none.
    pub segment_most: u32,
}

impl Engine {
    /// JetOpenTempTable, 2, 3, JetOpenTemporaryTable. Gives the cursor and the columnids. Options
    /// that no page lists are ignored. (jetopentemporarytable-function.md)
    ///
    /// # Errors
    /// Those of the session gates, `JET_errInvalidParameter`,
    /// `JET_errCannotMaterializeForwardOnlySort`, `JET_errTooManySorts`, and those of column
    /// definitions.
    pub fn open_temporary_table(
        &self,
        sesid: Sesid,
        given: &TemporaryDefinition<'_>,
    ) -> Jet<(Tableid, Vec<u32>)> {
        let mut call = self.enter_session(sesid, Entry::Usual)?;
        let instance = call.instance;
        let most = limits::key_most(call.instance_page_size(instance));
        let fits = given.key_most == 0 || (KEY_MOST_USUAL..=most).contains(&given.key_most);
        let key_most = given.key_most.max(KEY_MOST_USUAL);
        KEY_MOST.refuse(
            !fits || given.segment_most > key_most,
            JetError::InvalidParameter,
        )?;
        let has = |bit| given.grbit & bit != 0;
        let more = bits::INDEXED | bits::UPDATABLE | bits::SCROLLABLE | bits::FORCE_MATERIALIZATION;
        FORWARD_ONLY.refuse(
            has(bits::FORWARD_ONLY) && has(more),
            JetError::CannotMaterializeForwardOnlySort,
        )?;
        call.need_temporary(instance)?;
        call.check_temporary_count(instance)?;
        if !OPENS.holds() {
            return Ok((Tableid::fresh(), vec![0; given.columns.len()]));
        }
        let (table, columnids) = call.temporary_table(instance, given, key_most)?;
        let key = table.key;
        call.tables.insert(key, table);
        let mode = Mode {
            updatable: true,
            ..Mode::default()
        };
        let mut cursor = Cursor::new(sesid, Dbid::TEMPORARY, key, mode);
        cursor.stand = if has(bits::FORCE_MATERIALIZATION) {
            Stand::TemporaryTable
        } else {
            Stand::TemporaryFilling
        };
        Ok((call.add_cursor(cursor), columnids))
    }
}

impl State {
    fn check_temporary_count(&self, instance: Instance) -> Jet<()> {
        let open = self.tables_in((instance, Dbid::TEMPORARY)).len() as u64;
        let most = self
            .instance(instance)?
            .settings
            .number(id::MAX_TEMPORARY_TABLES);
        TOO_MANY.refuse(open >= most, JetError::TooManySorts)
    }

    fn temporary_table(
        &self,
        instance: Instance,
        given: &TemporaryDefinition<'_>,
        key_most: u32,
    ) -> Jet<(Table, Vec<u32>)> {
        let has = |bit| given.grbit & bit != 0;
        let wanted = Wanted {
            scrollable: has(bits::INDEXED | bits::SCROLLABLE),
            updatable: has(bits::UPDATABLE),
            duplicates: has(bits::FORWARD_ONLY) && !has(bits::UNIQUE),
        };
        let options = TableOptions {
            temporary: Some(wanted),
            ..TableOptions::default()
        };
        let mut table = Table::new((instance, Dbid::TEMPORARY), Name::own("temporary"), options);
        let place = Place {
            exclusive: true,
            empty: true,
            wide_escrow: false,
            record_most: limits::record_room(self.instance_page_size(instance)),
        };
        let schema = Arc::make_mut(&mut table.schema);
        let mut columnids = Vec::new();
        let mut key = Vec::new();
        for (number, column) in given.columns.iter().enumerate() {
            let name = format!("c{number}");
            let column = Definition {
                name: Some(&name),
                ..*column
            };
            let added = schema.columns.add(&column, &place, true);
            let (columnid, _) = added.map_err(|error| match error {
                JetError::InvalidColumnType => COLTYP.error(error),
                JetError::InvalidCodePage => CODE_PAGE.error(error),
                other => other,
            })?;
            columnids.push(columnid);
            let grbit = ColumnGrbit::from_bits_retain(column.grbit);
            if grbit.contains(ColumnGrbit::TT_KEY) {
                key.push(KeyColumn {
                    columnid,
                    descending: grbit.contains(ColumnGrbit::TT_DESCENDING),
                });
            }
        }
        if !key.is_empty() {
            schema.indexes.push(primary(key, given, key_most));
        }
        Ok((table, columnids))
    }

    /// The stand of a cursor's temporary table, if it is one.
    fn temporary(&self, tableid: Tableid) -> Jet<Option<(TableKey, Stand, Wanted)>> {
        let cursor = self.cursor(tableid)?;
        let wanted = self.table(cursor.table)?.options.temporary;
        Ok(wanted.map(|wanted| (cursor.table, cursor.stand, wanted)))
    }

    /// The first move over a temporary table, or the first seek in it, ends its filling.
    pub(super) fn end_filling(&mut self, tableid: Tableid) -> Jet<()> {
        let Some((key, Stand::TemporaryFilling, wanted)) = self.temporary(tableid)? else {
            return Ok(());
        };
        if !READING_ENDS.holds() {
            return Ok(());
        }
        let stand = if wanted.updatable {
            // The sorted rows become a table in the order in which they are, without an index.
            Arc::make_mut(&mut self.table_mut(key)?.schema)
                .indexes
                .clear();
            Stand::TemporaryTable
        } else {
            Stand::TemporaryReading
        };
        for cursor in self
            .cursors
            .values_mut()
            .filter(|cursor| cursor.table == key)
        {
            cursor.stand = stand;
        }
        Ok(())
    }

    /// Refuses a move backward over what is only read forward.
    pub(super) fn check_direction(&self, tableid: Tableid, backward: bool) -> Jet<()> {
        let forward_only = self.is_forward_only(tableid)?;
        BACKWARD.refuse(forward_only && backward, JetError::IllegalOperation)
    }

    /// Refuses a seek in what is only read forward.
    pub(super) fn check_seekable(&self, tableid: Tableid) -> Jet<()> {
        SEEK.refuse(self.is_forward_only(tableid)?, JetError::IllegalOperation)
    }

    fn is_forward_only(&self, tableid: Tableid) -> Jet<bool> {
        let temporary = self.temporary(tableid)?;
        Ok(temporary.is_some_and(|(_, stand, wanted)| {
            stand == Stand::TemporaryReading && !wanted.scrollable
        }))
    }

    /// Refuses an update other than an insert while a sort is filled.
    pub(super) fn check_filling_insert(&self, tableid: Tableid, inserts: bool) -> Jet<()> {
        let filling = self.cursor(tableid)?.stand == Stand::TemporaryFilling;
        INSERT_ONLY.refuse(filling && !inserts, JetError::IllegalOperation)
    }

    /// Whether the rows of the cursor's table may have equal keys.
    pub(super) fn keeps_duplicates(&self, tableid: Tableid) -> Jet<bool> {
        let temporary = self.temporary(tableid)?;
        let wanted = temporary.is_some_and(|(_, _, wanted)| wanted.duplicates);
        Ok(wanted || (temporary.is_some() && !DUPLICATES_DROPPED.holds()))
    }

    /// Whether a row with a key that is there already is dropped without a word.
    pub(super) fn drops_duplicates(&self, tableid: Tableid) -> Jet<bool> {
        let filling = self.cursor(tableid)?.stand == Stand::TemporaryFilling;
        Ok(filling)
    }
}

/// The key that the rows of a temporary table are sorted by.
fn primary(columns: Vec<KeyColumn>, given: &TemporaryDefinition<'_>, key_most: u32) -> Index {
    let mut grbit = IndexGrbit::PRIMARY | IndexGrbit::UNIQUE;
    if given.grbit & bits::SORT_NULLS_HIGH != 0 {
        grbit |= IndexGrbit::SORT_NULLS_HIGH;
    }
    if given.grbit & bits::DOT_NET_GUID != 0 {
        grbit |= IndexGrbit::DOT_NET_GUID;
    }
    let segment_most = if given.segment_most == 0 {
        key_most
    } else {
        given.segment_most
    };
    Index {
        id: IndexId(0),
        name: Name::own("key"),
        grbit,
        density: 100,
        columns,
        conditions: Vec::new(),
        key_most: key_most as usize,
        segment_most: segment_most as usize,
        tuples: None,
        unicode: Unicode::default(),
        space: SpaceHints::of_density(100),
        derived: false,
    }
}
