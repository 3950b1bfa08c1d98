//! Creating and deleting the indexes of a table.
//!
//! (jetcreateindex2-function.md, jetdeleteindex-function.md)

use std::sync::Arc;

use super::alter_table::{FIXED, INHERITED, PERMISSION};
use super::cursor::Cursor;
use super::engine::{Engine, State};
use super::handles::{Sesid, TableKey, Tableid};
use super::index::{self, Index, IndexDefinition};
use super::index_options::TupleLimits;
use super::limits;
use super::name::{Name, Named};
use super::operation::Operation;
use super::outcome::Jet;
use super::position::Position;
use super::rules::rules;
use super::schema::Schema;
use super::store::{IndexId, Order, Spot, View};
use super::value::grbit::IndexGrbit;
use crate::abi::errors::JetError;

rules! {
    /// Every record has its entry. (jetcreateindex2-function.md)
    CREATES = "index/creates";
    /// An index can be defined by its parts. (jetcreateindex-function.md)
    FIRST_FORM = "index/create-first-form";
    /// A rollback takes the index away. (jetcreateindex2-function.md)
    INDEX_ROLLED_BACK = "index/create-rolled-back";
    /// The index is gone. (jetdeleteindex-function.md)
    INDEX_DELETES = "index/deletes";
    /// A second primary index is judged before its name.
    HAS_PRIMARY_FIRST = "index/has-primary-first";
    /// Key and columns are judged before the name.
    DEFINITION_FIRST = "index/definition-first";
    /// Unknown options are ignored.
    INDEX_UNKNOWN = "index/unknown-options";
    /// A table has one primary index. (jetcreateindex-function.md)
    HAS_PRIMARY = "index/has-primary";
    /// A primary index is created on an empty table. (jetcreateindex-function.md)
    PRIMARY_EMPTY = "index/primary-empty-table";
    /// No two indexes of a table have the same name. (jetcreateindex-function.md)
    DUPLICATE = "index/name-duplicate";
    /// An index that does not exist cannot be deleted. (jetdeleteindex-function.md)
    INDEX_FOUND = "index/delete-found";
    /// The primary index stays. (jetdeleteindex-function.md)
    PRIMARY_STAYS = "index/delete-primary";
    /// Several indexes at once are created on a table opened for nobody else.
    /// (jetcreateindex2-function.md)
    SEVERAL_EXCLUSIVE = "index/several-exclusive";
    /// At least one index is given. (jetcreateindex2-function.md)
    NONE_GIVEN = "index/none-given";
}

impl State {
    /// Reads an index definition against the schema that the session sees.
    pub(super) fn define_index(
        &mut self,
        sesid: Sesid,
        key: TableKey,
        given: &IndexDefinition<'_>,
    ) -> Jet<Index> {
        let instance = self.table(key)?.home.0;
        let around = index::Surroundings {
            key_most: limits::key_most(self.page_size(key)),
            tuples: TupleLimits::of_settings(&self.instance(instance)?.settings),
        };
        let read = index::read(given, around)?;
        let view = self.view(sesid)?;
        let table = self.table_mut(key)?;
        let id = table.next_index_id();
        read.resolve(table.schema(view), id)
    }

    /// Adds an index to a table that nobody else knows yet.
    pub(super) fn add_index_unversioned(&mut self, key: TableKey, index: Index) -> Jet<()> {
        let table = self.table_mut(key)?;
        check_new_index(&table.schema, &index)?;
        if !index.is_primary() {
            table.rows.fill_index(index.id, []);
        }
        Arc::make_mut(&mut table.schema).indexes.push(index);
        Ok(())
    }
}

fn check_new_index(schema: &Schema, index: &Index) -> Jet<()> {
    let taken = schema.index_named(&index.name).is_some();
    HAS_PRIMARY_FIRST.allow(taken && index.is_primary(), JetError::IndexDuplicate)?;
    HAS_PRIMARY.refuse(
        index.is_primary() && schema.primary().is_some(),
        JetError::IndexHasPrimary,
    )?;
    DUPLICATE.refuse(
        schema.index_named(&index.name).is_some(),
        JetError::IndexDuplicate,
    )
}

/// Indexes.
impl Engine {
    /// JetCreateIndex, 2, 3 and 4. Gives the code of each definition beside that of the call.
    /// (jetcreateindex2-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errPermissionDenied`, `JET_errTransReadOnly`,
    /// `JET_errFixedDDL`, `JET_errInTransaction`, those of the definitions,
    /// `JET_errIndexHasPrimary`, `JET_errTableNotEmpty`, `JET_errIndexDuplicate`,
    /// `JET_errKeyDuplicate`, and those of building keys.
    pub fn create_index(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        given: &[IndexDefinition<'_>],
    ) -> (Jet<()>, Vec<Jet<()>>) {
        let mut codes = Vec::new();
        let result = self.create_indexes(sesid, tableid, given, &mut codes);
        (result, codes)
    }

    fn create_indexes(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        given: &[IndexDefinition<'_>],
        codes: &mut Vec<Jet<()>>,
    ) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::CreateIndex)?;
        NONE_GIVEN.refuse(given.is_empty(), JetError::InvalidParameter)?;
        let key = call.cursor(tableid)?.table;
        SEVERAL_EXCLUSIVE.refuse(
            given.len() > 1 && !call.is_exclusive(sesid, key),
            JetError::ExclusiveTableLockRequired,
        )?;
        let instance = call.session(sesid)?.instance;
        call.need_temporary(instance)?;
        call.begin_inner(sesid)?;
        for definition in given {
            let result = call.create_one_index(sesid, tableid, definition);
            codes.push(result);
            if result.is_err() {
                call.rollback_inner(sesid);
                return result;
            }
        }
        call.commit_inner(sesid)
    }

    /// JetDeleteIndex. (jetdeleteindex-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errPermissionDenied`, `JET_errTransReadOnly`,
    /// `JET_errInvalidName`, `JET_errFixedDDL`, `JET_errFixedInheritedDDL`,
    /// `JET_errIndexNotFound`, `JET_errIndexMustStay`.
    pub fn delete_index(&self, sesid: Sesid, tableid: Tableid, name: Option<&str>) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::DeleteIndex)?;
        PERMISSION.refuse(
            !call.cursor(tableid)?.mode.updatable,
            JetError::PermissionDenied,
        )?;
        let name = Name::parse(Named::Index, name)?;
        call.check_updatable(sesid, tableid)?;
        let key = call.cursor(tableid)?.table;
        FIXED.refuse(call.table(key)?.options.fixed_ddl, JetError::FixedDDL)?;
        call.within_level(sesid, |state| {
            let id = state.change_schema(sesid, key, |schema| delete_index(schema, &name))?;
            state.leave_index(key, id);
            Ok(())
        })
    }
}

fn delete_index(schema: &mut Schema, name: &Name) -> Jet<Option<IndexId>> {
    let Some(at) = schema.indexes.iter().position(|index| index.name == *name) else {
        return INDEX_FOUND
            .refuse(true, JetError::IndexNotFound)
            .map(|()| None);
    };
    let index = &schema.indexes[at];
    INHERITED.refuse(index.derived, JetError::FixedInheritedDDL)?;
    PRIMARY_STAYS.refuse(index.is_primary(), JetError::IndexMustStay)?;
    if index.is_primary() {
        return Ok(None);
    }
    if !INDEX_DELETES.holds() {
        return Ok(None);
    }
    Ok(Some(schema.indexes.remove(at).id))
}

impl super::gate::Call<'_> {
    fn create_one_index(
        &mut self,
        sesid: Sesid,
        tableid: Tableid,
        given: &IndexDefinition<'_>,
    ) -> Jet<()> {
        let key = self.cursor(tableid)?.table;
        let unversioned = given.grbit & IndexGrbit::UNVERSIONED.bits() != 0;
        self.check_unversioned(sesid, key, unversioned)?;
        self.check_updatable(sesid, tableid)?;
        self.check_fixed(tableid)?;
        FIXED.refuse(self.table(key)?.options.template, JetError::FixedDDL)?;
        let unknown = given.grbit & !IndexGrbit::known().bits() != 0;
        INDEX_UNKNOWN.allow(unknown, JetError::InvalidGrbit)?;
        FIRST_FORM.allow(given.first_form, JetError::IndexInvalidDef)?;
        if !DEFINITION_FIRST.holds()
            && let Ok(name) = Name::parse(Named::Index, given.name)
        {
            let view = self.view(sesid)?;
            let taken = self.table(key)?.schema(view).index_named(&name).is_some();
            DEFINITION_FIRST.allow(taken, JetError::IndexDuplicate)?;
        }
        let index = self.define_index(sesid, key, given)?;
        let view = self.view(sesid)?;
        check_new_index(self.table(key)?.schema(view), &index)?;
        let rows = &self.table(key)?.rows;
        let empty = rows
            .next(View::LEVEL_0, Order::Primary, &Spot::Start)
            .is_none();
        PRIMARY_EMPTY.refuse(index.is_primary() && !empty, JetError::TableNotEmpty)?;
        if index.is_primary() && !empty {
            return Ok(());
        }
        // Entries of an index that comes to nothing would stay with the rows.
        self.check_schema_free(sesid, key)?;
        if !index.is_primary() && CREATES.holds() {
            self.build_index(sesid, tableid, &index)?;
        } else if !index.is_primary() {
            self.table_mut(key)?.rows.fill_index(index.id, []);
        }
        self.change_schema(sesid, key, |schema| {
            schema.indexes.push(index);
            Ok(())
        })?;
        if !INDEX_ROLLED_BACK.holds() {
            self.settle_schema(key)?;
        }
        Ok(())
    }
}

impl State {
    /// Cursors on an index that is gone walk along the primary order, before the first record.
    fn leave_index(&mut self, key: TableKey, id: Option<IndexId>) {
        let on_it = |cursor: &&mut Cursor| cursor.table == key && cursor.index == id;
        if id.is_some() {
            for cursor in self.cursors.values_mut().filter(on_it) {
                cursor.index = None;
                cursor.position = Position::Before;
            }
        }
    }
}
