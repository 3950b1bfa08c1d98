//! Adding, deleting and renaming columns; creating and deleting indexes.
//!
//! (jetaddcolumn-function.md, jetdeletecolumn-function.md, jetrenamecolumn-function.md,
//! jetcreateindex-function.md, jetdeleteindex-function.md)

use std::sync::Arc;

use super::callback::reason;
use super::catalogue::Rows;
use super::engine::{Engine, State};
use super::handles::{Instance, Sesid, TableKey, Tableid};
use super::limits;
use super::name::{Name, Named};
use super::operation::Operation;
use super::outcome::{Jet, Warned};
use super::prepare::autoincrement_bytes;
use super::rules::{Rule, rules};
use super::schema::Schema;
use super::settings::id;
use super::store::{Order, Spot, View};
use super::table::ColumnAdded;
use super::value::column::Column;
use super::value::definition::{Definition, Place};
use super::value::grbit::ColumnGrbit;
use super::value::record::Record;
use crate::abi::errors::JetError;

rules! {
    /// A column that was added is there, with its default. (jetaddcolumn-function.md)
    ADDS = "column/adds";
    /// Records that are there are numbered by a new auto-increment column.
    NUMBERS = "column/autoincrement-existing";
    /// The columnid need not be asked for.
    COLUMNID_NULL = "column/columnid-null";
    /// Changes of the schema call nobody.
    SCHEMA_SILENT = "cbtyp/schema-silent";
    /// A change of a schema is undone with its transaction. (jetbegintransaction-function.md)
    SCHEMA_ROLLED_BACK = "column/rolled-back";
    /// A default has the size of its type.
    DEFAULT_SIZE = "column/default-wrong-size";
    /// The column is gone. (jetdeletecolumn-function.md)
    COLUMN_DELETES = "column/deletes";
    /// The column has its new name. (jetrenamecolumn-function.md)
    RENAMES = "column/renames";
    /// The new name keeps the rules of names. (jetrenamecolumn-function.md)
    RENAME_NAME = "column/rename-name";
    /// Both names are given. (jetrenamecolumn-function.md)
    RENAME_NULL = "column/rename-null";
    /// The columns of the template are not looked at where that is asked for.
    /// (jetdeletecolumn2-function.md)
    TEMPLATE_IGNORED = "column/delete-ignore-template";
    /// A column that does not exist is not renamed. (jetrenamecolumn-function.md)
    RENAME_FOUND = "column/rename-unknown";
    /// Unknown options are ignored.
    COLUMN_UNKNOWN = "column/unknown-options";
    /// Temporary tables can be written in a read-only transaction.
    TEMPORARY = "transaction/read-only-temporary";
    /// A cursor opened read-only changes nothing. (jetaddcolumn-function.md)
    PERMISSION = "table/change-permission";
    /// A read-only transaction changes nothing. (jetbegintransaction2-function.md)
    READ_ONLY_TRANSACTION = "table/change-read-only-transaction";
    /// A fixed schema changes only through a cursor that is permitted to.
    /// (jetaddcolumn-function.md)
    FIXED = "table/fixed-ddl";
    /// What a derived table has from its template is not deleted from it.
    /// (jetdeletecolumn-function.md, jetdeleteindex-function.md)
    INHERITED = "table/inherited-ddl";
    /// The structure of a column definition has its size. (jet-columndef-structure.md)
    STRUCTURE = "column/definition-structure-size";
    /// An unversioned column or index is added outside of a transaction, or exclusively.
    /// (jetaddcolumn-function.md, jetcreateindex-function.md)
    UNVERSIONED = "table/unversioned-in-transaction";
    /// A column that does not exist cannot be deleted. (jetdeletecolumn-function.md)
    COLUMN_FOUND = "column/delete-found";
    /// A column of an index cannot be deleted. (jetdeletecolumn-function.md)
    COLUMN_IN_USE = "column/delete-in-use";
    /// A column is renamed outside of transactions. (jetrenamecolumn-function.md)
    RENAME_IN_TRANSACTION = "column/rename-in-transaction";
    /// A unique index is not built over rows with equal keys. (jetcreateindex-function.md)
    UNIQUE = "index/create-key-duplicate";
}

/// `JET_bitDeleteColumnIgnoreTemplateColumns` (jetdeletecolumn2-function.md)
const IGNORE_TEMPLATE_COLUMNS: u32 = 0x1;

impl State {
    /// The page size of an instance.
    pub(super) fn instance_page_size(&self, instance: Instance) -> u32 {
        let size = self
            .instance(instance)
            .map(|instance| instance.settings.number(id::DATABASE_PAGE_SIZE));
        let size = size.ok().and_then(|size| u32::try_from(size).ok());
        size.filter(|size| *size != 0)
            .unwrap_or(limits::PAGE_SIZE_USUAL)
    }

    /// The page size of the table's database.
    pub(super) fn page_size(&self, key: TableKey) -> u32 {
        let home = self.table(key).map(|table| table.home);
        home.map_or(limits::PAGE_SIZE_USUAL, |home| {
            self.instance_page_size(home.0)
        })
    }

    /// What the rules of a column definition need to know.
    pub(super) fn column_place(&self, key: TableKey, exclusive: bool) -> Place {
        let empty = self.table(key).is_ok_and(|table| {
            table
                .rows
                .next(View::LEVEL_0, Order::Primary, &Spot::Start)
                .is_none()
        });
        Place {
            exclusive,
            empty,
            wide_escrow: false,
            record_most: limits::record_room(self.page_size(key)),
        }
    }

    /// Whether some cursor of the session denies the table to others.
    pub(super) fn is_exclusive(&self, sesid: Sesid, key: TableKey) -> bool {
        let mut cursors = self.cursors.values();
        cursors.any(|cursor| cursor.sesid == sesid && cursor.table == key && cursor.mode.deny_read)
    }

    /// Refuses a change of the schema through a cursor, or in a transaction, that is only to read.
    pub(super) fn check_updatable(&self, sesid: Sesid, tableid: Tableid) -> Jet<()> {
        self.check_writer(sesid, tableid, &PERMISSION, &READ_ONLY_TRANSACTION)
    }

    /// Refuses a change through a cursor, or in a transaction, that is only to read; each operation
    /// has its own rules of that.
    pub(super) fn check_writer(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        of_cursor: &Rule,
        of_transaction: &Rule,
    ) -> Jet<()> {
        let cursor = self.cursor(tableid)?;
        of_cursor.refuse(!cursor.mode.updatable, JetError::PermissionDenied)?;
        let exempt = self.table(cursor.table)?.is_temporary() && TEMPORARY.holds();
        of_transaction.refuse(
            self.session(sesid)?.in_read_only_transaction() && !exempt,
            JetError::TransReadOnly,
        )
    }

    pub(super) fn check_fixed(&self, tableid: Tableid) -> Jet<TableKey> {
        let cursor = self.cursor(tableid)?;
        let fixed = self.table(cursor.table)?.options.fixed_ddl;
        FIXED.refuse(fixed && !cursor.mode.permit_ddl, JetError::FixedDDL)?;
        Ok(cursor.table)
    }

    pub(super) fn check_unversioned(&self, sesid: Sesid, key: TableKey, asked: bool) -> Jet<()> {
        let within = self.session(sesid)?.level() > 0 && !self.is_exclusive(sesid, key);
        UNVERSIONED.refuse(asked && within, JetError::InTransaction)
    }
}

/// Columns.
impl Engine {
    /// JetAddColumn. `structure` tells whether the definition had its size.
    /// (jetaddcolumn-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errPermissionDenied`, `JET_errTransReadOnly`,
    /// `JET_errFixedDDL`, `JET_errInvalidParameter`, `JET_errInTransaction`, and those of the
    /// definition.
    pub fn add_column(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        given: &Definition<'_>,
        structure: bool,
    ) -> Jet<Warned<u32>> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::AddColumn)?;
        call.check_updatable(sesid, tableid)?;
        let key = call.check_fixed(tableid)?;
        STRUCTURE.refuse(!structure, JetError::InvalidParameter)?;
        let unknown = given.grbit & !ColumnGrbit::known().bits() != 0;
        COLUMN_UNKNOWN.allow(unknown, JetError::InvalidGrbit)?;
        let unversioned = given.grbit & ColumnGrbit::UNVERSIONED.bits() != 0;
        call.check_unversioned(sesid, key, unversioned)?;
        let place = call.column_place(key, call.is_exclusive(sesid, key));
        let home = call.table(key)?.home;
        call.tell_catalogue(sesid, home, Rows::Inserted, 1)?;
        if !SCHEMA_SILENT.holds() {
            call.before(tableid, reason::BEFORE_REPLACE)?;
        }
        if !ADDS.holds() {
            return Ok(Warned::plain(1));
        }
        call.within_level(sesid, |state| {
            let added = state.change_schema(sesid, key, |schema| {
                schema.columns.add(given, &place, false)
            });
            let added = added.map_err(|error| match error {
                JetError::InvalidBufferSize => DEFAULT_SIZE.error(error),
                other => other,
            })?;
            let view = state.view(sesid)?;
            let column = state
                .table(key)?
                .schema(view)
                .columns
                .find(added.0)?
                .clone();
            let next_autoincrement = state.table(key)?.next_autoincrement;
            let numbers = column.is(ColumnGrbit::AUTOINCREMENT);
            if numbers || column.user_default().is_some() {
                let added = ColumnAdded {
                    table: key,
                    columnid: column.columnid,
                    next_autoincrement,
                };
                state.note(sesid, added)?;
            }
            state.note_user_default(key, &column)?;
            if numbers && NUMBERS.holds() {
                state.number_rows(key, &column)?;
            }
            Ok(Warned {
                value: added.0,
                warning: added.1,
            })
        })
    }

    /// JetDeleteColumn and JetDeleteColumn2. (jetdeletecolumn2-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errPermissionDenied`, `JET_errTransReadOnly`,
    /// `JET_errInvalidName`, `JET_errFixedDDL`, `JET_errFixedInheritedDDL`,
    /// `JET_errColumnNotFound`, `JET_errColumnInUse`.
    pub fn delete_column(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        name: Option<&str>,
        grbit: u32,
    ) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::DeleteColumn)?;
        PERMISSION.refuse(
            !call.cursor(tableid)?.mode.updatable,
            JetError::PermissionDenied,
        )?;
        let name = Name::parse(Named::Column, name)?;
        call.check_updatable(sesid, tableid)?;
        let key = call.cursor(tableid)?.table;
        FIXED.refuse(call.table(key)?.options.fixed_ddl, JetError::FixedDDL)?;
        let keep_template = grbit & IGNORE_TEMPLATE_COLUMNS == 0;
        call.within_level(sesid, |state| {
            state.change_schema(sesid, key, |schema| {
                delete_column(schema, &name, keep_template)
            })
        })
    }

    /// JetRenameColumn. (jetrenamecolumn-function.md)
    ///
    /// # Errors
    /// Those of the cursor gates, `JET_errPermissionDenied`, `JET_errInTransaction`,
    /// `JET_errInvalidName`, `JET_errFixedDDL`, `JET_errColumnNotFound`, `JET_errKeyDuplicate`.
    pub fn rename_column(
        &self,
        sesid: Sesid,
        tableid: Tableid,
        name: Option<&str>,
        to: Option<&str>,
    ) -> Jet<()> {
        let mut call = self.enter_cursor(sesid, tableid, Operation::RenameColumn)?;
        call.check_updatable(sesid, tableid)?;
        let missing = name.is_none() || to.is_none();
        RENAME_NULL.refuse(missing, JetError::InvalidParameter)?;
        let level = call.session(sesid)?.level();
        RENAME_IN_TRANSACTION.refuse(level > 0, JetError::InTransaction)?;
        let name = Name::parse(Named::Column, name)?;
        let to = Name::parse(Named::Column, to).map_err(|error| RENAME_NAME.error(error))?;
        let key = call.check_fixed(tableid)?;
        if !RENAMES.holds() {
            return Ok(());
        }
        call.within_level(sesid, |state| {
            let renamed =
                state.change_schema(sesid, key, |schema| schema.columns.rename(&name, to));
            renamed.map_err(|error| match error {
                JetError::ColumnNotFound => RENAME_FOUND.error(error),
                other => other,
            })
        })
    }
}

/// Refuses to change a column that an index uses.
pub(super) fn check_no_index(rule: &Rule, schema: &Schema, name: &Name) -> Jet<()> {
    let used = schema.columns.by_name(name).is_some_and(|column| {
        let mut indexes = schema.indexes.iter();
        indexes.any(|index| index.uses(column.columnid))
    });
    rule.refuse(used, JetError::ColumnInUse)
}

fn delete_column(schema: &mut Schema, name: &Name, keep_template: bool) -> Jet<()> {
    let Some(column) = schema.columns.by_name(name) else {
        return COLUMN_FOUND.refuse(true, JetError::ColumnNotFound);
    };
    let ignored = column.derived && !keep_template && TEMPLATE_IGNORED.holds();
    COLUMN_FOUND.refuse(ignored, JetError::ColumnNotFound)?;
    INHERITED.refuse(column.derived, JetError::FixedInheritedDDL)?;
    check_no_index(&COLUMN_IN_USE, schema, name)?;
    if !COLUMN_DELETES.holds() {
        return Ok(());
    }
    schema.columns.remove(name).map(|_| ())
}

/// What a change of the schema does to rows and cursors.
impl State {
    /// Makes a change of the schema last at once, as a sloppy engine would.
    pub(super) fn settle_schema(&mut self, key: TableKey) -> Jet<()> {
        let table = self.table_mut(key)?;
        if let Some((_, schema)) = &table.uncommitted_schema {
            table.schema = Arc::clone(schema);
        }
        Ok(())
    }

    /// Gives the rows that are there a number each, when an autoincrement column is added.
    fn number_rows(&mut self, key: TableKey, column: &Column) -> Jet<()> {
        let table = self.table_mut(key)?;
        let mut next = table.next_autoincrement;
        table.rows.amend(|record: &mut Record| {
            record.put(
                column.columnid,
                Some(autoincrement_bytes(column.coltyp, next)),
            );
            next += 1;
        });
        table.next_autoincrement = next;
        Ok(())
    }
}
