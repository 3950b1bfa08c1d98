//! Logs: whatever is left of one, it says the beginning of what was committed, or it is an error.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::contents::DatabaseImage;
use super::image::{self, Sync};
use super::log::{self, LogError, LogFound, LogPlace, LogWriter};
use super::record::{Deed, LogRecord, Operation};
use super::replay;
use super::tests::{database, row, schema};
use crate::abi::errors::JetError;

fn place(folder: &Path) -> LogPlace {
    LogPlace {
        folder: folder.to_owned(),
        base_name: "edb".to_owned(),
    }
}

fn put(image: &DatabaseImage, value: u8) -> LogRecord {
    LogRecord::Group(vec![Operation {
        database: image.signature,
        table: 3,
        deed: Deed::Put {
            bookmark: vec![value],
            row: row(value),
        },
    }])
}

/// Writes one group for each of the values; answers the database before.
fn written(folder: &Path, values: &[u8], full_from: u64) -> DatabaseImage {
    let image = database(&[]);
    let mut writer = LogWriter::new(place(folder), None, full_from);
    for value in values {
        writer
            .append(&put(&image, *value), Sync::Memory)
            .expect("appended");
    }
    image
}

fn rows_after(image: &DatabaseImage, log: &LogFound) -> Vec<u8> {
    let mut image = image.clone();
    replay::replay(log, &mut image);
    image.tables[&3]
        .rows
        .keys()
        .map(|bookmark| bookmark[0])
        .collect()
}

#[test]
fn committed_groups_are_replayed_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = written(folder.path(), &[1, 2, 3], u64::MAX);
    let log = log::read(&place(folder.path()))
        .expect("read")
        .expect("there");
    assert_eq!(rows_after(&image, &log), [1, 2, 3]);
    assert_eq!(log.last_number(), 3);
    let later = DatabaseImage {
        applied: 2,
        ..image
    };
    assert_eq!(rows_after(&later, &log), [3]);
    let elsewhere = tempfile::tempdir().expect("a folder");
    assert!(log::read(&place(elsewhere.path())).expect("read").is_none());
}

#[test]
fn files_become_full_and_belong_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = written(folder.path(), &[1, 2, 3, 4], 60);
    let names = |generation| place(folder.path()).full(generation);
    assert!(names(1).ends_with("edb00001.log") && names(1).exists() && names(3).exists());
    let log = log::read(&place(folder.path()))
        .expect("read")
        .expect("there");
    assert_eq!(rows_after(&image, &log), [1, 2, 3, 4]);
    let mut writer = LogWriter::new(place(folder.path()), Some(&log), 60);
    assert_eq!(
        writer
            .append(&put(&image, 5), Sync::Disk)
            .expect("appended"),
        5
    );
    let log = log::read(&place(folder.path()))
        .expect("read")
        .expect("there");
    assert_eq!(rows_after(&image, &log), [1, 2, 3, 4, 5]);
    fs::remove_file(names(2)).expect("removed");
    let missing = log::read(&place(folder.path()));
    assert!(matches!(missing, Err(LogError::Missing(_))));
    let other = tempfile::tempdir().expect("a folder");
    written(other.path(), &[9, 9, 9, 9], 60);
    fs::copy(place(other.path()).full(2), names(2)).expect("copied");
    let foreign = log::read(&place(folder.path()))
        .map(|_| ())
        .map_err(|error| error.code());
    assert_eq!(foreign, Err(JetError::BadLogSignature));
}

#[test]
fn a_torn_record_is_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = written(folder.path(), &[1, 2], u64::MAX);
    let path = place(folder.path()).current();
    let bytes = fs::read(&path).expect("read");
    fs::write(&path, &bytes[..bytes.len() - 3]).expect("written");
    let log = log::read(&place(folder.path()))
        .expect("read")
        .expect("there");
    assert_eq!(rows_after(&image, &log), [1]);
    let mut writer = LogWriter::new(place(folder.path()), Some(&log), u64::MAX);
    writer
        .append(&put(&image, 7), Sync::Memory)
        .expect("appended");
    let log = log::read(&place(folder.path()))
        .expect("read")
        .expect("there");
    assert_eq!(rows_after(&image, &log), [1, 7]);
}

#[test]
fn a_damaged_middle_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    written(folder.path(), &[1, 2, 3], u64::MAX);
    let path = place(folder.path()).current();
    let mut bytes = fs::read(&path).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).expect("written");
    let code = log::read(&place(folder.path()))
        .map(|_| ())
        .map_err(|error| error.code());
    assert_eq!(code, Err(JetError::LogFileCorrupt));
}

#[test]
fn recovery_makes_files_clean() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.edb");
    let mut writer = LogWriter::new(place(folder.path()), None, u64::MAX);
    let image = DatabaseImage {
        clean: false,
        log: Some(writer.signature()),
        ..database(&[1])
    };
    image::write(&path, &image, Sync::Memory).expect("written");
    let attach = LogRecord::Attach {
        database: image.signature,
        path: path.to_string_lossy().into_owned(),
    };
    let define = LogRecord::Group(vec![Operation {
        database: image.signature,
        table: 4,
        deed: Deed::Define(Box::new(schema("new"))),
    }]);
    let remove = LogRecord::Group(vec![Operation {
        database: image.signature,
        table: 3,
        deed: Deed::Remove { bookmark: vec![1] },
    }]);
    for record in [&attach, &put(&image, 2), &define, &remove] {
        writer.append(record, Sync::Memory).expect("appended");
    }
    let log = log::read(&place(folder.path()))
        .expect("read")
        .expect("there");
    assert_eq!(
        replay::recover(&log, false, Sync::Memory),
        Ok(vec![path.clone()])
    );
    let recovered = image::read(&path).expect("read");
    assert!(recovered.clean && recovered.tables.contains_key(&4));
    assert_eq!(rows_after(&recovered, &log), [2]);
    fs::remove_file(&path).expect("removed");
    let mismatch = Err(JetError::AttachedDatabaseMismatch);
    assert_eq!(replay::recover(&log, false, Sync::Memory), mismatch);
    let detach = LogRecord::Detach {
        database: image.signature,
    };
    writer.append(&detach, Sync::Memory).expect("appended");
    let log = log::read(&place(folder.path()))
        .expect("read")
        .expect("there");
    assert_eq!(replay::recover(&log, false, Sync::Memory), Ok(vec![]));
}

proptest! {
    #[test]
    fn any_beginning_says_the_first_groups(cut in any::<proptest::sample::Index>()) {
        let folder = tempfile::tempdir().expect("a folder");
        let values = [1, 2, 3, 4, 5];
        let image = written(folder.path(), &values, u64::MAX);
        let path = place(folder.path()).current();
        let bytes = fs::read(&path).expect("read");
        fs::write(&path, &bytes[..cut.index(bytes.len() + 1)]).expect("written");
        let log = log::read(&place(folder.path())).expect("read").expect("there");
        prop_assert!(values.starts_with(&rows_after(&image, &log)));
    }

    #[test]
    fn a_changed_bit_invents_nothing(at in any::<proptest::sample::Index>(), bit in 0..8) {
        let folder = tempfile::tempdir().expect("a folder");
        let values = [1, 2, 3, 4, 5];
        let image = written(folder.path(), &values, u64::MAX);
        let path = place(folder.path()).current();
        let mut bytes = fs::read(&path).expect("read");
        let index = at.index(bytes.len());
        bytes[index] ^= 1u8 << bit;
        fs::write(&path, &bytes).expect("written");
        if let Ok(Some(log)) = log::read(&place(folder.path())) {
            let rows = rows_after(&image, &log);
            prop_assert!(values.starts_with(&rows) && rows.len() >= 4);
        }
    }
}
