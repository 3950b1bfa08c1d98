//! Creating tables, alone or with columns, indexes and a stored callback.
//!
//! (jetcreatetable-function.md, jetcreatetablecolumnindex-function.md,
//! jetcreatetablecolumnindex2-function.md, jet-tablecreate2-structure.md)

use std::sync::Arc;

use super::catalogue::Rows;
use super::cursor::{Cursor, Mode};
use super::delete_table::LOST;
use super::engine::{Engine, State};
use super::gate::Entry;
use super::handles::{Dbid, Instance, Sesid, TableKey, Tableid};
use super::index::IndexDefinition;
use super::name::{Name, Named};
use super::outcome::{Jet, Warned};
use super::quirks;
use super::rules::rules;
use super::stored_callback::NULL_NAME;
use super::table::{Table, TableCreated, TableOptions};
use super::value::definition::Definition;
use crate::abi::errors::{JetError, JetWarning};

rules! {
    /// What is counted: the table, its columns and its indexes. (jet-tablecreate2-structure.md)
    COUNT = "stored/created-count";
    /// JET_TABLECREATE has no callback. (jet-tablecreate-structure.md)
    FIRST_HAS_NONE = "stored/first-structure-has-none";
    /// What is wrong with a column or an index is told in its structure.
    RESULTS = "table/create-column-results";
    /// All is made, or nothing. (jetcreatetablecolumnindex2-function.md)
    ALL_OR_NOTHING = "table/creates-with-all";
    /// A template has a fixed schema. (jet-tablecreate2-structure.md)
    TEMPLATE_FIXED = "table/template-implies-fixed";
    /// What a template has its tables have, too. (jet-tablecreate2-structure.md)
    INHERITS = "table/template-inherits";
    /// Any number of first pages will do.
    PAGES = "table/create-pages-any";
    /// A rollback takes the table away. (jetcreatetable-function.md)
    ROLLED_BACK = "table/create-rolled-back";
    /// A cursor on the new table is opened. (jetcreatetable-function.md)
    CREATES = "table/creates";
    /// The density is judged before it is known whether the name is taken.
    DENSITY_FIRST = "table/density-before-name-taken";
    /// A table is created neither in the temporary database nor in one attached read-only.
    /// (jetcreatetable-function.md)
    READ_ONLY = "table/create-permission";
    /// A read-only transaction creates nothing. (jetcreatetable-function.md)
    READ_ONLY_TRANSACTION = "table/create-read-only-transaction";
    /// A template table is not derived from another. (jetcreatetablecolumnindex-function.md)
    NEST = "table/template-not-derived";
    /// Options that no page allows. (jet-tablecreate2-structure.md)
    GRBIT = "table/create-grbit";
    /// A template has to be a template table. (jetcreatetablecolumnindex-function.md)
    NOT_INHERITABLE = "table/template-inheritable";
    /// The template has to exist. (jetcreatetablecolumnindex-function.md)
    TEMPLATE_FOUND = "table/template-found";
    /// The density is 0, or 20 to 100. (jetcreatetable-function.md)
    DENSITY = "table/density";
    /// No other table of the database has the name. (jetcreatetable-function.md)
    DUPLICATE = "table/name-duplicate";
}

/// Options of a table. (jet-tablecreate2-structure.md)
mod bits {
    pub const FIXED_DDL: u32 = 0x1;
    pub const TEMPLATE: u32 = 0x2;
    pub const NO_FIXED_VAR_COLUMNS_IN_DERIVED: u32 = 0x4;
    pub const SYSTEM: u32 = 0x8;
}

/// A table to create. (jet-tablecreate2-structure.md)
#[derive(Debug, Clone, Default)]
pub struct TableDefinition<'a> {
    /// `szTableName`
    pub name: Option<&'a str>,
    /// `szTemplateTableName`
    pub template: Option<&'a str>,
    /// `ulPages`
    pub pages: u32,
    /// `ulDensity`
    pub density: u32,
    /// `rgcolumncreate`
    pub columns: Vec<Definition<'a>>,
    /// `rgindexcreate`
    pub indexes: Vec<IndexDefinition<'a>>,
    /// `szCallback`, narrow text
    pub callback: Option<&'a [u8]>,
    /// `cbtyp`
    pub cbtyp: u32,
    /// `grbit`
    pub grbit: u32,
}

/// What a creation wrote to its structures, complete or not.
#[derive(Debug, Clone, Default)]
pub struct Created {
    /// `columnid` and `err` of each column that was looked at.
    pub columns: Vec<Jet<Warned<u32>>>,
    /// `err` of each index that was looked at.
    pub indexes: Vec<Jet<()>>,
    /// `cCreated`
    pub count: u32,
}

impl Engine {
    /// JetCreateTable and JetCreateTableColumnIndex, 2, 3, 4. The new cursor denies the table to
    /// other sessions. (jetcreatetable-function.md, jetcreatetablecolumnindex2-function.md)
    ///
    /// What was created is told even where the call fails, and is undone then.
    ///
    /// # Errors
    /// Those of the session gates, `JET_errInvalidDatabaseId`, `JET_errPermissionDenied`,
    /// `JET_errTransReadOnly`, `JET_errCannotNestDDL`, `JET_errInvalidGrbit`, `JET_errInvalidName`,
    /// `JET_errObjectNotFound`, `JET_errDDLNotInheritable`, `JET_errDensityInvalid`,
    /// `JET_errTableDuplicate`, `JET_errInvalidParameter` for the callback, and those of columns
    /// and indexes.
    pub fn create_table(
        &self,
        sesid: Sesid,
        dbid: Dbid,
        given: &TableDefinition<'_>,
    ) -> (Jet<Tableid>, Created) {
        let mut created = Created::default();
        let result = self.create_table_noting(sesid, dbid, given, &mut created);
        (result, created)
    }

    fn create_table_noting(
        &self,
        sesid: Sesid,
        dbid: Dbid,
        given: &TableDefinition<'_>,
        created: &mut Created,
    ) -> Jet<Tableid> {
        let mut call = self.enter_session(sesid, Entry::Usual)?;
        let home = call.home(sesid, dbid)?;
        let read_only = call.database(home.0, dbid)?.read_only;
        READ_ONLY.refuse(read_only, JetError::PermissionDenied)?;
        check_grbit(given)?;
        let name = Name::parse(Named::Table, given.name)?;
        let template = call.template(sesid, home, given.template)?;
        let taken = call.table_named(home, &name, call.view(sesid)?).is_some();
        DENSITY_FIRST.allow(taken, JetError::TableDuplicate)?;
        PAGES.allow(given.pages == 0, JetError::InvalidParameter)?;
        let valid = given.density == 0 || (20..=100).contains(&given.density);
        DENSITY.refuse(!valid, JetError::DensityInvalid)?;
        READ_ONLY_TRANSACTION.refuse(
            call.session(sesid)?.in_read_only_transaction(),
            JetError::TransReadOnly,
        )?;
        let rows = 1 + given.columns.len() + given.indexes.len();
        call.tell_catalogue(sesid, home, Rows::Inserted, rows)?;
        call.within_level(sesid, |state| {
            let key = state.insert_table(sesid, home, name, template, given)?;
            created.count = 1;
            let made = state.create_parts(sesid, key, given, created);
            if ALL_OR_NOTHING.holds() {
                made?;
            }
            let mode = Mode {
                updatable: true,
                deny_read: true,
                permit_ddl: true,
                ..Mode::default()
            };
            if !CREATES.holds() {
                return Ok(Tableid::fresh());
            }
            Ok(state.add_cursor(Cursor::new(sesid, dbid, key, mode)))
        })
    }
}

fn check_grbit(given: &TableDefinition<'_>) -> Jet<()> {
    let is_template = given.grbit & bits::TEMPLATE != 0;
    NEST.refuse(
        is_template && given.template.is_some(),
        JetError::CannotNestDDL,
    )?;
    let refused = bits::NO_FIXED_VAR_COLUMNS_IN_DERIVED | bits::SYSTEM;
    GRBIT.refuse(given.grbit & refused != 0, JetError::InvalidGrbit)
}

impl State {
    /// The template table of a name.
    fn template(
        &self,
        sesid: Sesid,
        home: (Instance, Dbid),
        name: Option<&str>,
    ) -> Jet<Option<TableKey>> {
        let Some(name) = name else { return Ok(None) };
        let name = Name::parse(Named::Table, Some(name))?;
        let Some(table) = self.table_named(home, &name, self.view(sesid)?) else {
            TEMPLATE_FOUND.refuse(true, JetError::ObjectNotFound)?;
            return Ok(None);
        };
        NOT_INHERITABLE.refuse(!table.options.template, JetError::DDLNotInheritable)?;
        Ok(Some(table.key))
    }

    fn insert_table(
        &mut self,
        sesid: Sesid,
        home: (Instance, Dbid),
        name: Name,
        template: Option<TableKey>,
        given: &TableDefinition<'_>,
    ) -> Jet<TableKey> {
        let view = self.view(sesid)?;
        DUPLICATE.refuse(
            self.table_named(home, &name, view).is_some(),
            JetError::TableDuplicate,
        )?;
        let options = TableOptions {
            fixed_ddl: given.grbit & bits::FIXED_DDL != 0
                || (given.grbit & bits::TEMPLATE != 0 && TEMPLATE_FIXED.holds()),
            template: given.grbit & bits::TEMPLATE != 0,
            system: false,
            temporary: None,
            pages: given.pages,
            density: if given.density == 0 {
                80
            } else {
                given.density
            },
        };
        let mut table = Table::new(home, name, options);
        table.created_by = view.tx;
        table.template = template;
        if let Some(template) = template.filter(|_| INHERITS.holds()) {
            table.schema = self.table(template)?.schema(view).derived().shared();
        }
        let key = table.key;
        let schema = Arc::clone(&table.schema);
        for index in schema.secondary() {
            table.rows.fill_index(index.id, []);
        }
        let path = self.databases.get(&home).map(|of| of.path.clone());
        if let Some(path) = path.filter(|_| !LOST.holds()) {
            let left = self.left_registrations.remove(&(path, table.name.clone()));
            table.registrations = left.unwrap_or_default().into();
        }
        self.tables.insert(key, table);
        self.note(sesid, TableCreated(key))?;
        Ok(key)
    }

    fn create_parts(
        &mut self,
        sesid: Sesid,
        key: TableKey,
        given: &TableDefinition<'_>,
        created: &mut Created,
    ) -> Jet<()> {
        for column in &given.columns {
            let place = self.column_place(key, true);
            let schema = Arc::make_mut(&mut self.table_mut(key)?.schema);
            let added = schema.columns.add(column, &place, true);
            let added = added.and_then(|(columnid, warning)| {
                let column = self.table(key)?.schema.columns.find(columnid)?.clone();
                self.note_user_default(key, &column)?;
                Ok(Warned {
                    value: columnid,
                    warning,
                })
            });
            created.columns.push(added);
            added?;
            created.count += 1;
        }
        if !ALL_OR_NOTHING.holds() {
            return Ok(());
        }
        for definition in &given.indexes {
            let index = self.define_index(sesid, key, definition);
            let index = index.and_then(|index| self.add_index_unversioned(key, index));
            created.indexes.push(index);
            index?;
            created.count += 1;
        }
        let nameless = given.callback.is_none() && given.cbtyp != 0;
        NULL_NAME.allow(nameless, JetError::InvalidParameter)?;
        if let Some(name) = given.callback {
            self.store_callback(key, name, given.cbtyp)?;
            let counts = quirks::CREATED_COUNTS_CALLBACK.genuine() == COUNT.holds();
            created.count += u32::from(counts);
        }
        Ok(())
    }
}

/// The warning of a creation: that some column's size was cut.
pub fn warning(created: &Created) -> Option<JetWarning> {
    let columns = created
        .columns
        .iter()
        .filter_map(|column| column.as_ref().ok());
    columns.filter_map(|column| column.warning).next()
}
