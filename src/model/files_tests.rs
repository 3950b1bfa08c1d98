//! What is there again after detaching, after a killed process, and after a fault.

use std::path::Path;

use super::configure::{Setting, Whose};
use super::create_table::TableDefinition;
use super::engine::Engine;
use super::handles::{Dbid, Instance, Sesid, Tableid};
use super::index::IndexDefinition;
use super::navigate::MOVE_FIRST;
use super::outcome::Jet;
use super::retrieve::RetrieveColumn;
use super::set_column::SetColumn;
use super::settings::id;
use super::start::InitTarget;
use super::value::coltyp::Coltyp;
use super::value::definition::{DefaultGiven, Definition};
use super::value::set::{Given, SetInfo};
use crate::abi::errors::JetError;

const K: u32 = 1;
const V: u32 = 2;
const MOVE_NEXT: i32 = 1;

/// An engine of its own, as a process has one.
struct Process<'p> {
    engine: Engine,
    instance: Instance,
    sesid: Sesid,
    folder: &'p Path,
}

impl<'p> Process<'p> {
    fn start(folder: &'p Path) -> Jet<Self> {
        Self::start_with(folder, "on")
    }

    fn start_with(folder: &'p Path, recovery: &str) -> Jet<Self> {
        let engine = Engine::new();
        let instance = engine.create_instance(None, None, true)?;
        let whose = Whose {
            instance: Some(instance),
            sesid: None,
        };
        let here = folder.to_string_lossy().into_owned();
        for (parameter, text) in [
            (id::SYSTEM_PATH, here.as_str()),
            (id::LOG_FILE_PATH, here.as_str()),
            (id::TEMP_PATH, &format!("{here}/tmp.edb")),
            (id::RECOVERY, recovery),
        ] {
            let setting = Setting {
                text: Some(text),
                ..Setting::default()
            };
            engine.set_system_parameter(whose, parameter, setting)?;
        }
        engine
            .init(InitTarget::Handle(instance), 0)
            .map_err(|failed| failed.error)?;
        let sesid = engine.begin_session(instance, false)?;
        Ok(Self {
            engine,
            instance,
            sesid,
            folder,
        })
    }

    fn path(&self) -> String {
        self.folder.join("a.edb").to_string_lossy().into_owned()
    }

    fn attach(&self) -> Jet<Dbid> {
        let path = self.path();
        self.engine.attach_database(self.sesid, Some(&path), 0, 0)?;
        let opened = self.engine.open_database(self.sesid, Some(&path), 0)?;
        Ok(opened.value)
    }

    fn create(&self) -> (Dbid, Tableid) {
        let path = self.path();
        let created = self.engine.create_database(self.sesid, Some(&path), 0, 0);
        let dbid = created.expect("created");
        let seven = DefaultGiven::Bytes(&[7, 0, 0, 0]);
        let index = |name, key, grbit| IndexDefinition {
            name: Some(name),
            key,
            grbit,
            ..IndexDefinition::default()
        };
        let table = TableDefinition {
            name: Some("t"),
            columns: vec![
                Definition::of("k", Coltyp::Long),
                Definition {
                    default: seven,
                    ..Definition::of("v", Coltyp::Long)
                },
            ],
            indexes: vec![index("pk", "+k\0\0", 2), index("iv", "-v\0\0", 0)],
            ..TableDefinition::default()
        };
        let (tableid, _) = self.engine.create_table(self.sesid, dbid, &table);
        (dbid, tableid.expect("created"))
    }

    fn open(&self, dbid: Dbid) -> Jet<Tableid> {
        self.engine.open_table(self.sesid, dbid, Some("t"), 0)
    }

    fn insert(&self, tableid: Tableid, k: i32) {
        let prepared = self.engine.prepare_update(self.sesid, tableid, 0);
        assert_eq!(prepared, Ok(()));
        self.set(tableid, K, k);
        let updated = self.engine.update(self.sesid, tableid, None, 0);
        assert!(updated.is_ok(), "{updated:?}");
    }

    fn set(&self, tableid: Tableid, columnid: u32, value: i32) {
        let bytes = value.to_le_bytes();
        let set = SetColumn {
            columnid,
            given: Given::Bytes(&bytes),
            grbit: 0,
            info: SetInfo::default(),
            structure: true,
        };
        let done = self.engine.set_column(self.sesid, tableid, &set);
        assert!(done.is_ok(), "{done:?}");
    }

    /// The values of a column in the order of the current index.
    fn values(&self, tableid: Tableid, columnid: u32) -> Vec<i32> {
        let mut values = Vec::new();
        let mut step = MOVE_FIRST;
        while self
            .engine
            .move_cursor(self.sesid, tableid, step, 0)
            .is_ok()
        {
            let asked = RetrieveColumn {
                columnid,
                buffer: 0,
                cb_data: 4,
                wants_actual: true,
                grbit: 0,
                itag_sequence: 1,
                ib_long_value: 0,
                structure: true,
            };
            let got = self.engine.retrieve_column(self.sesid, tableid, &asked);
            let got = got.expect("retrieved").value;
            values.push(i32::from_le_bytes(
                got.bytes.try_into().expect("four bytes"),
            ));
            step = MOVE_NEXT;
        }
        values
    }

    fn begin(&self) {
        assert_eq!(self.engine.begin_transaction(self.sesid, 0), Ok(()));
    }

    fn commit(&self) {
        assert_eq!(self.engine.commit_transaction(self.sesid, 0), Ok(()));
    }
}

#[test]
fn a_detached_database_is_as_it_was() {
    let folder = tempfile::tempdir().expect("folder");
    let process = Process::start(folder.path()).expect("started");
    let (_, tableid) = process.create();
    for k in [3, 1, 2] {
        process.insert(tableid, k);
    }
    assert_eq!(process.engine.term(process.instance, 0), Ok(()));
    let process = Process::start(folder.path()).expect("started");
    let dbid = process.attach().expect("attached");
    let tableid = process.open(dbid).expect("opened");
    assert_eq!(process.values(tableid, K), [1, 2, 3]);
    assert_eq!(process.values(tableid, V), [7, 7, 7]);
}

#[test]
fn a_killed_process_loses_what_was_not_committed() {
    let folder = tempfile::tempdir().expect("folder");
    let process = Process::start(folder.path()).expect("started");
    let (_, tableid) = process.create();
    for k in [1, 2, 3] {
        process.insert(tableid, k);
    }
    process.begin();
    process.insert(tableid, 4);
    process
        .engine
        .move_cursor(process.sesid, tableid, MOVE_FIRST, 0)
        .expect("moved");
    process
        .engine
        .delete(process.sesid, tableid)
        .expect("deleted");
    process.commit();
    process.begin();
    process.insert(tableid, 5);
    drop(process);
    let process = Process::start(folder.path()).expect("recovered");
    let dbid = process.attach().expect("attached");
    let tableid = process.open(dbid).expect("opened");
    assert_eq!(process.values(tableid, K), [2, 3, 4]);
    process.insert(tableid, 6);
    drop(process);
    let process = Process::start(folder.path()).expect("recovered again");
    let dbid = process.attach().expect("attached");
    let tableid = process.open(dbid).expect("opened");
    assert_eq!(process.values(tableid, K), [2, 3, 4, 6]);
}

#[test]
fn schemas_are_recovered() {
    let folder = tempfile::tempdir().expect("folder");
    let process = Process::start(folder.path()).expect("started");
    let (dbid, tableid) = process.create();
    process.insert(tableid, 1);
    let added = process.engine.add_column(
        process.sesid,
        tableid,
        &Definition::of("later", Coltyp::LongText),
        true,
    );
    assert_eq!(added.map(|added| added.value), Ok(0x100));
    assert_eq!(process.engine.close_table(process.sesid, tableid), Ok(()));
    let renamed = process
        .engine
        .rename_table(process.sesid, dbid, Some("t"), Some("other"));
    assert_eq!(renamed, Ok(()));
    drop(process);
    let process = Process::start(folder.path()).expect("recovered");
    let dbid = process.attach().expect("attached");
    assert_eq!(process.open(dbid), Err(JetError::ObjectNotFound));
    let opened = process
        .engine
        .open_table(process.sesid, dbid, Some("other"), 0);
    let tableid = opened.expect("opened");
    assert_eq!(process.values(tableid, K), [1]);
    let key = process.engine.lock().cursor(tableid).expect("open").table;
    let columns = process
        .engine
        .lock()
        .table(key)
        .expect("there")
        .schema
        .columns
        .len();
    assert_eq!(columns, 3);
}

#[test]
fn without_recovery_a_killed_process_leaves_a_dirty_file() {
    let folder = tempfile::tempdir().expect("folder");
    let process = Process::start_with(folder.path(), "off").expect("started");
    process.create();
    drop(process);
    let process = Process::start(folder.path()).expect("started");
    assert_eq!(process.attach(), Err(JetError::DatabaseDirtyShutdown));
    assert_eq!(process.attach(), Err(JetError::DatabaseDirtyShutdown));
}

#[test]
fn faults_of_files_are_told_and_leave_the_files() {
    let folder = tempfile::tempdir().expect("folder");
    let process = Process::start(folder.path()).expect("started");
    process.create();
    let path = process.path();
    assert_eq!(process.engine.term(process.instance, 0), Ok(()));
    let good = std::fs::read(&path).expect("read");
    let process = Process::start(folder.path()).expect("started");
    let mut flipped = good.clone();
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    for (bytes, error) in [
        (b"no database".to_vec(), JetError::InvalidDatabase),
        (flipped, JetError::ReadVerifyFailure),
        (good[..good.len() / 2].to_vec(), JetError::ReadVerifyFailure),
    ] {
        std::fs::write(&path, &bytes).expect("written");
        assert_eq!(process.attach(), Err(error));
        assert_eq!(std::fs::read(&path).expect("read"), bytes);
    }
    std::fs::write(&path, &good).expect("written");
    assert!(process.attach().is_ok());
}

#[test]
fn recovery_minds_a_missing_database() {
    let folder = tempfile::tempdir().expect("folder");
    let process = Process::start(folder.path()).expect("started");
    process.create();
    let path = process.path();
    drop(process);
    std::fs::remove_file(path).expect("removed");
    let started = Process::start(folder.path()).map(|_| ());
    assert_eq!(started, Err(JetError::AttachedDatabaseMismatch));
}

#[test]
fn a_lazy_commit_waits_for_the_next_one() {
    let folder = tempfile::tempdir().expect("folder");
    let process = Process::start(folder.path()).expect("started");
    let (_, tableid) = process.create();
    for (k, grbit) in [(1, 1), (2, 0), (3, 1)] {
        process.begin();
        process.insert(tableid, k);
        let committed = process.engine.commit_transaction(process.sesid, grbit);
        assert_eq!(committed, Ok(()));
    }
    drop(process);
    let process = Process::start(folder.path()).expect("recovered");
    let dbid = process.attach().expect("attached");
    let tableid = process.open(dbid).expect("opened");
    assert_eq!(process.values(tableid, K), [1, 2]);
}

#[test]
fn the_dirty_ending_leaves_the_rest_to_recovery() {
    let folder = tempfile::tempdir().expect("folder");
    let process = Process::start(folder.path()).expect("started");
    let (_, tableid) = process.create();
    process.insert(tableid, 1);
    let ended = process.engine.term(process.instance, 8);
    assert_eq!(ended, Err(JetError::DirtyShutdown));
    drop(process);
    let process = Process::start(folder.path()).expect("recovered");
    let dbid = process.attach().expect("attached");
    let tableid = process.open(dbid).expect("opened");
    assert_eq!(process.values(tableid, K), [1]);
}
