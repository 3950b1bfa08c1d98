//! Databases: creating, attaching, opening, closing, detaching.

use std::path::Path;

use super::fixture::Fixture;
use super::handles::Dbid;
use super::outcome::Warned;
use super::profile::{Profile, tests_profile::under};
use crate::abi::errors::{JetError, JetWarning};

fn text(folder: &Path, name: &str) -> String {
    folder.join(name).to_string_lossy().into_owned()
}

#[test]
fn a_database_goes_through_its_life() {
    let folder = tempfile::tempdir().expect("folder");
    let f = Fixture::new();
    let path = text(folder.path(), "a.db");
    let create = |grbit| f.engine.create_database(f.sesid, Some(&path), 0, grbit);
    let open = |grbit| f.engine.open_database(f.sesid, Some(&path), grbit);
    let detach = || f.engine.detach_database(f.sesid, Some(&path), 0);
    assert_eq!(open(0), Err(JetError::DatabaseNotFound));
    let dbid = create(0).expect("created");
    assert_eq!(create(0x200), Err(JetError::DatabaseDuplicate));
    assert_eq!(open(0), Ok(Warned::plain(dbid)));
    assert_eq!(open(2), Err(JetError::DatabaseInUse));
    assert_eq!(detach(), Err(JetError::DatabaseInUse));
    assert_eq!(f.engine.close_database(f.sesid, dbid), Ok(()));
    assert_eq!(f.engine.close_database(f.sesid, dbid), Ok(()));
    let again = under(Profile::Genuine, || f.engine.close_database(f.sesid, dbid));
    assert_eq!(again, Err(JetError::InvalidDatabaseId));
    assert_eq!(detach(), Ok(()));
    assert_eq!(detach(), Err(JetError::DatabaseNotFound));
    assert_eq!(create(0), Err(JetError::DatabaseDuplicate));
    let attach = || f.engine.attach_database(f.sesid, Some(&path), 0, 0);
    assert_eq!(attach(), Ok(Warned::plain(())));
    assert_eq!(attach(), Ok(Warned::with((), JetWarning::DatabaseAttached)));
}

#[test]
fn in_a_transaction_only_opening_is_left() {
    let folder = tempfile::tempdir().expect("folder");
    let f = Fixture::new();
    assert_eq!(f.engine.begin_transaction(f.sesid, 0), Ok(()));
    let refused = JetError::InTransaction;
    assert_eq!(f.engine.create_database(f.sesid, None, 0, 0), Err(refused));
    let missing = text(folder.path(), "none.db");
    let attach = f.engine.attach_database(f.sesid, Some(&missing), 0, 0);
    assert_eq!(attach, Err(refused));
    assert_eq!(f.engine.detach_database(f.sesid, None, 0), Err(refused));
    assert!(f.engine.open_database(f.sesid, Some("test.db"), 0).is_err());
}

#[test]
fn bad_paths_are_told_apart() {
    let folder = tempfile::tempdir().expect("folder");
    let f = Fixture::new();
    let create = |path| f.engine.create_database(f.sesid, path, 0, 0);
    assert_eq!(create(None), Err(JetError::DatabaseInvalidPath));
    assert_eq!(create(Some("")), Err(JetError::DatabaseInvalidPath));
    let nowhere = text(folder.path(), "missing/a.db");
    assert_eq!(create(Some(&nowhere)), Err(JetError::DatabaseInvalidPath));
    let attach = f.engine.attach_database(f.sesid, Some(&nowhere), 0, 0);
    assert_eq!(attach, Err(JetError::FileNotFound));
}

#[test]
fn an_instance_has_room_for_six_databases() {
    let folder = tempfile::tempdir().expect("folder");
    let f = Fixture::new();
    let create = |n: u32| {
        let path = text(folder.path(), &format!("{n}.db"));
        f.engine.create_database(f.sesid, Some(&path), 0, 0)
    };
    // The fixture has one already.
    for n in 2..=6 {
        assert_eq!(create(n), Ok(Dbid(n)));
    }
    assert_eq!(create(7), Err(JetError::TooManyAttachedDatabases));
}

#[test]
fn a_read_only_database_warns_and_an_exclusive_one_is_locked() {
    let folder = tempfile::tempdir().expect("folder");
    let f = Fixture::new();
    let path = text(folder.path(), "a.db");
    let dbid = f
        .engine
        .create_database(f.sesid, Some(&path), 0, 0)
        .expect("created");
    assert_eq!(f.engine.close_database(f.sesid, dbid), Ok(()));
    assert_eq!(f.engine.detach_database(f.sesid, None, 0), Ok(()));
    assert!(f.engine.attach_database(f.sesid, Some(&path), 0, 1).is_ok());
    let open = |sesid, grbit| f.engine.open_database(sesid, Some(&path), grbit);
    let warned = open(f.sesid, 2).map(|opened| opened.warning);
    assert_eq!(warned, Ok(Some(JetWarning::FileOpenReadOnly)));
    let other = f.engine.begin_session(f.instance, false).expect("session");
    assert_eq!(open(other, 1), Err(JetError::DatabaseLocked));
}
