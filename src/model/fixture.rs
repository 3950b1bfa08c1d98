//! An engine with an instance, sessions, a database and a table, for tests of the model.

use std::path::{Path, PathBuf};

use super::cursor::{Cursor, Mode};
use super::database::Database;
use super::engine::Engine;
use super::handles::{Dbid, Instance, Sesid, TableKey, Tableid};
use super::instance::InstanceState;
use super::name::Name;
use super::parameter::ParameterValue;
use super::settings::id;
use super::table::{Table, TableOptions};

/// Everything that a test of the model usually needs, made without going through the calls.
pub(crate) struct Fixture {
    pub engine: Engine,
    pub instance: Instance,
    pub sesid: Sesid,
    pub dbid: Dbid,
    pub table: TableKey,
    pub tableid: Tableid,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let engine = Engine::new();
        let instance = add_instance(&engine);
        let sesid = engine.begin_session(instance, false).expect("session");
        let dbid = Dbid(1);
        let table = add_database_with_table(&engine, instance, dbid);
        let mut fixture = Self {
            engine,
            instance,
            sesid,
            dbid,
            table,
            tableid: Tableid::NIL,
        };
        fixture.tableid = fixture.cursor(sesid);
        fixture
    }

    /// The session has the database open from now on.
    pub(crate) fn open_database(&self, sesid: Sesid) {
        let mut state = self.engine.lock();
        let session = state.session_mut(sesid).expect("session");
        *session.opened.entry(self.dbid).or_default() += 1;
    }

    /// A further cursor over the table.
    pub(crate) fn cursor(&self, sesid: Sesid) -> Tableid {
        let mode = Mode {
            updatable: true,
            ..Mode::default()
        };
        let cursor = Cursor::new(sesid, self.dbid, self.table, mode);
        let tableid = cursor.tableid;
        self.engine.lock().cursors.insert(tableid, cursor);
        tableid
    }
}

/// An engine whose instances have their files in a folder.
pub(crate) fn engine_in(folder: &Path) -> Engine {
    let engine = Engine::new();
    let here = folder.to_string_lossy().into_owned();
    let mut state = engine.lock();
    let settings = &mut state.process.settings;
    settings.set(
        id::TEMP_PATH,
        ParameterValue::Text(format!("{here}/tmp.edb")),
    );
    settings.set(id::LOG_FILE_PATH, ParameterValue::Text(here.clone()));
    settings.set(id::SYSTEM_PATH, ParameterValue::Text(here));
    drop(state);
    engine
}

fn add_instance(engine: &Engine) -> Instance {
    let handle = Instance::fresh();
    let state = InstanceState {
        initialized: true,
        // As if it were there already: these tests write no files.
        temporary: Some(PathBuf::new()),
        ..InstanceState::created(handle, None)
    };
    engine.lock().instances.insert(handle, state);
    handle
}

fn add_database_with_table(engine: &Engine, instance: Instance, dbid: Dbid) -> TableKey {
    let table = Table::new((instance, dbid), Name::own("t"), TableOptions::default());
    let key = table.key;
    let mut state = engine.lock();
    state.databases.insert(
        (instance, dbid),
        Database {
            instance,
            dbid,
            path: PathBuf::from("test.db"),
            read_only: false,
            exclusive: None,
            pages_most: 0,
            measured: Default::default(),
            file: None,
        },
    );
    state.tables.insert(key, table);
    key
}
