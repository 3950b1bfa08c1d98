//! A table: its name, its schema, its rows, and the callbacks on it.

use super::alter_table::SCHEMA_ROLLED_BACK;
use super::create_table::ROLLED_BACK;
use super::delete_table::LOST;
use super::engine::State;
use super::handles::{Dbid, Instance, Sesid, TableKey};
use super::index_count::Counted;
use super::name::Name;
use super::outcome::Jet;
use super::redo::Touched;
use super::registrations::Registrations;
use super::schema::{Schema, SharedSchema};
use super::store::{IndexId, Rows, Stamp, TxId, View};
use super::temp_table::Wanted;
use super::transaction::{Step, VISIBLE};
use super::value::record::Record;
use crate::abi::errors::JetError;

/// What was said of a table when it was created. (jet-tablecreate2-structure.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TableOptions {
    /// `JET_bitTableCreateFixedDDL`: its schema can be changed only by the cursor that created it,
    /// or by one opened with `JET_bitTablePermitDDL`.
    pub fixed_ddl: bool,
    /// `JET_bitTableCreateTemplateTable`: other tables can be derived from it.
    pub template: bool,
    /// It belongs to the engine.
    pub system: bool,
    /// What was asked for of a temporary table.
    pub temporary: Option<Wanted>,
    /// Pages to allocate at once.
    pub pages: u32,
    /// How full its pages are to be, in percent.
    pub density: u32,
}

/// A table, shared by all cursors of all sessions.
#[derive(Debug)]
pub struct Table {
    /// Its key, never used again.
    pub key: TableKey,
    /// The instance and database that hold it.
    pub home: (Instance, Dbid),
    /// Its name as it was created, or as it was renamed.
    pub name: Name,
    /// Its name before the open transaction that renamed it: nothing of that may last yet.
    pub name_before: Option<Name>,
    /// Its object number in the database file, zero while it has none.
    pub object: u32,
    /// How it was created.
    pub options: TableOptions,
    /// The template that the table is derived from.
    pub template: Option<TableKey>,
    /// Callbacks on the table, the newest first; those stored in its schema come last.
    pub registrations: Registrations,
    /// The callbacks that its schema names, with their reasons.
    pub stored_callbacks: Vec<(Vec<u8>, u32)>,
    /// Its columns and indexes.
    pub schema: SharedSchema,
    /// A schema that an open transaction has changed; for that transaction alone.
    pub uncommitted_schema: Option<(TxId, SharedSchema)>,
    /// Its rows.
    pub rows: Rows<Record>,
    /// The next value of its autoincrement column.
    pub next_autoincrement: u64,
    /// The last index identity that was given out.
    last_index: u32,
    /// What JetComputeStats has counted last.
    pub counted: Counted,
    /// The open transaction that created it: nobody else knows of it yet.
    pub created_by: Option<TxId>,
    /// The open transaction that deleted it: gone for that transaction, locked for all others.
    pub deleted_by: Option<TxId>,
}

impl Table {
    /// A table without columns, known to all.
    pub fn new(home: (Instance, Dbid), name: Name, options: TableOptions) -> Self {
        Self {
            key: TableKey::fresh(),
            home,
            name,
            name_before: None,
            object: 0,
            options,
            template: None,
            registrations: Registrations::default(),
            stored_callbacks: Vec::new(),
            schema: Schema::new(options.template).shared(),
            uncommitted_schema: None,
            rows: Rows::default(),
            next_autoincrement: 1,
            last_index: 0,
            counted: Counted::new(),
            created_by: None,
            deleted_by: None,
        }
    }

    /// Whether the table exists for the view.
    pub fn exists(&self, view: View) -> bool {
        let unborn = self.created_by.is_some() && self.created_by != view.tx;
        let deleted = self.deleted_by.is_some() && self.deleted_by == view.tx;
        !unborn && !deleted
    }

    /// The name that lasts, whatever comes of the open transaction.
    pub fn committed_name(&self) -> &Name {
        self.name_before.as_ref().unwrap_or(&self.name)
    }

    /// Gives it another name inside a transaction; the one before.
    pub fn rename(&mut self, name: Name) -> Name {
        let before = std::mem::replace(&mut self.name, name);
        self.name_before.get_or_insert_with(|| before.clone());
        before
    }

    /// Whether it lives in the temporary database.
    pub fn is_temporary(&self) -> bool {
        self.home.1 == Dbid::TEMPORARY
    }

    /// An identity that no index of the table had before.
    pub fn next_index_id(&mut self) -> IndexId {
        let inherited = self.schema.indexes.iter().map(|index| index.id.0);
        self.last_index = inherited.max().unwrap_or(0).max(self.last_index) + 1;
        IndexId(self.last_index)
    }

    /// The schema as the view has it.
    pub fn schema(&self, view: View) -> &SharedSchema {
        match &self.uncommitted_schema {
            Some((tx, schema)) if view.tx == Some(*tx) => schema,
            _ => &self.schema,
        }
    }
}

/// Finding tables, and noting what a transaction did to them.
impl State {
    /// What a session sees.
    ///
    /// # Errors
    /// `JET_errInvalidSesid`.
    pub fn view(&self, sesid: Sesid) -> Jet<View> {
        let session = self.session(sesid)?;
        if session.transaction.is_none() && !VISIBLE.holds() {
            return Ok(self.view_of_another(sesid));
        }
        Ok(session.view())
    }

    /// What a sloppy engine shows outside a transaction: what another session has not committed.
    fn view_of_another(&self, sesid: Sesid) -> View {
        let others = self.sessions.values().filter(|other| other.sesid != sesid);
        let open = others.filter_map(|other| other.transaction.as_ref()).next();
        View {
            tx: open.map(|transaction| transaction.id),
            as_of: Stamp::START,
        }
    }

    /// The table of a name that exists for the view.
    pub fn table_named(&self, home: (Instance, Dbid), name: &Name, view: View) -> Option<&Table> {
        self.tables
            .values()
            .find(|table| table.home == home && table.name == *name && table.exists(view))
    }

    /// Notes a change in the session's innermost level.
    ///
    /// # Errors
    /// `JET_errNotInTransaction`: every change is made within a level.
    pub fn note(&mut self, sesid: Sesid, step: impl Step + 'static) -> Jet<()> {
        let level = self.session_mut(sesid)?.innermost();
        let level = level.ok_or(JetError::NotInTransaction)?;
        level.steps.push(Box::new(step));
        Ok(())
    }

    /// The number of the session's transaction.
    ///
    /// # Errors
    /// `JET_errNotInTransaction`.
    pub fn transaction_of(&self, sesid: Sesid) -> Jet<TxId> {
        let transaction = self.session(sesid)?.transaction.as_ref();
        transaction
            .map(|transaction| transaction.id)
            .ok_or(JetError::NotInTransaction)
    }

    /// Runs a change within a level of its own: committed when it succeeds, else rolled back.
    ///
    /// # Errors
    /// Those of the change, and those of opening a level.
    pub fn within_level<T>(
        &mut self,
        sesid: Sesid,
        change: impl FnOnce(&mut Self) -> Jet<T>,
    ) -> Jet<T> {
        self.begin_inner(sesid)?;
        match change(self) {
            Ok(value) => self.commit_inner(sesid).map(|()| value),
            Err(error) => {
                self.rollback_inner(sesid);
                Err(error)
            }
        }
    }
}

/// A table was created.
#[derive(Debug)]
pub(super) struct TableCreated(pub TableKey);

impl Step for TableCreated {
    fn touch(&self, touched: &mut Touched) {
        touched.tables.insert(self.0);
    }

    fn undo(self: Box<Self>, state: &mut State) {
        if ROLLED_BACK.holds() {
            state.remove_table(self.0);
        } else if let Ok(table) = state.table_mut(self.0) {
            table.created_by = None;
        }
    }

    fn settle(self: Box<Self>, state: &mut State, _stamp: Stamp) {
        if let Ok(table) = state.table_mut(self.0) {
            table.created_by = None;
        }
    }
}

/// A table was deleted.
#[derive(Debug)]
pub(super) struct TableDeleted(pub TableKey);

impl Step for TableDeleted {
    fn touch(&self, touched: &mut Touched) {
        touched.tables.insert(self.0);
    }

    fn undo(self: Box<Self>, state: &mut State) {
        if let Ok(table) = state.table_mut(self.0) {
            table.deleted_by = None;
        }
    }

    fn settle(self: Box<Self>, state: &mut State, _stamp: Stamp) {
        state.remove_table(self.0);
    }
}

/// A table was renamed.
#[derive(Debug)]
pub(super) struct TableRenamed {
    pub table: TableKey,
    pub before: Name,
}

impl Step for TableRenamed {
    fn touch(&self, touched: &mut Touched) {
        touched.tables.insert(self.table);
    }

    fn undo(self: Box<Self>, state: &mut State) {
        if let Ok(table) = state.table_mut(self.table) {
            table.name = self.before;
            // Of several renamings the first is undone last.
            if table.name_before.as_ref() == Some(&table.name) {
                table.name_before = None;
            }
        }
    }

    fn settle(self: Box<Self>, state: &mut State, _: Stamp) {
        if let Ok(table) = state.table_mut(self.table) {
            table.name_before = None;
        }
    }
}

/// The schema of a table was changed.
#[derive(Debug)]
pub(super) struct SchemaChanged {
    pub table: TableKey,
    /// What the transaction had before.
    pub before: Option<(TxId, SharedSchema)>,
}

impl Step for SchemaChanged {
    fn touch(&self, touched: &mut Touched) {
        touched.tables.insert(self.table);
    }

    fn undo(self: Box<Self>, state: &mut State) {
        if let Ok(table) = state.table_mut(self.table) {
            if !SCHEMA_ROLLED_BACK.holds()
                && let Some((_, schema)) = table.uncommitted_schema.take()
            {
                table.schema = schema;
            }
            table.uncommitted_schema = self.before;
            table.forget_lost_indexes();
        }
    }

    fn settle(self: Box<Self>, state: &mut State, _stamp: Stamp) {
        if let Ok(table) = state.table_mut(self.table) {
            if let Some((_, schema)) = table.uncommitted_schema.take() {
                table.schema = schema;
            }
            table.forget_lost_indexes();
        }
    }
}

/// A column was added that does something by itself: the function of its user-defined default is
/// registered, or the rows that were there are numbered.
#[derive(Debug)]
pub(super) struct ColumnAdded {
    pub table: TableKey,
    pub columnid: u32,
    /// The number that the next row would have had.
    pub next_autoincrement: u64,
}

impl Step for ColumnAdded {
    fn touch(&self, touched: &mut Touched) {
        touched.tables.insert(self.table);
    }

    fn undo(self: Box<Self>, state: &mut State) {
        if !SCHEMA_ROLLED_BACK.holds() {
            return;
        }
        if let Ok(table) = state.table_mut(self.table) {
            // The columnid may be given to another column.
            let columnid = self.columnid;
            table.registrations.retain(|own| own.columnid != columnid);
            table.rows.amend(|record| record.clear(columnid));
            table.next_autoincrement = self.next_autoincrement;
        }
    }

    fn settle(self: Box<Self>, _state: &mut State, _stamp: Stamp) {}
}

impl State {
    /// Removes a table and every cursor on it.
    pub(super) fn remove_table(&mut self, key: TableKey) {
        let on_it = |cursor: &&super::cursor::Cursor| cursor.table == key;
        let cursors: Vec<_> = self
            .cursors
            .values()
            .filter(on_it)
            .map(|cursor| cursor.tableid)
            .collect();
        for tableid in cursors {
            self.close_cursor(tableid);
        }
        if let Some(table) = self.tables.remove(&key) {
            self.deleted_tables.push((table.home.0, key));
            let path = self.databases.get(&table.home).map(|of| of.path.clone());
            if let Some(path) = path.filter(|_| !LOST.holds()) {
                let place = (path, table.name);
                self.left_registrations
                    .insert(place, table.registrations.to_vec());
            }
        }
    }
}
