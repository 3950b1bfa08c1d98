//! Logs: whatever is left of one, it says the beginning of what was committed, or it is an error.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use super::contents::DatabaseImage;
use super::header::DatabaseState;
use super::image::{self, Sync};
use super::log::{self, LogError};
use super::log_writer::{LogEnd, LogWriter};
use super::moment::LogPosition;
use super::pending::Pending;
use super::place::LogPlace;
use super::record::{Deed, LogRecord, Operation};
use super::replay::{Replay, Unmoved};
use super::signature::Signature;
use super::tests::{database, row, schema};
use crate::abi::errors::JetError;

fn place(folder: &Path) -> LogPlace {
    LogPlace {
        folder: folder.to_owned(),
        base_name: "edb".to_owned(),
        names: super::place::FileNames::Legacy,
    }
}

fn put(image: &DatabaseImage, value: u8) -> LogRecord {
    LogRecord::Group(vec![Operation {
        database: image.header.signature,
        table: 3,
        deed: Deed::put(&[value], &row(value)).expect("a good row"),
    }])
}

/// A log as it was found: which it is, its records, and where it goes on.
struct LogFound {
    signature: Signature,
    records: Vec<log::Logged>,
    end: LogEnd,
}

impl LogFound {
    fn last_number(&self) -> u64 {
        self.end.last_number
    }

    /// A writer that goes on.
    fn writer(&self, folder: &Path, size: u64) -> LogWriter {
        LogWriter::new(place(folder), self.signature, self.end, size)
    }
}

fn found(folder: &Path) -> Result<Option<LogFound>, LogError> {
    let Some(files) = log::find(&place(folder), 0)? else {
        return Ok(None);
    };
    let (mut records, mut end) = (Vec::new(), LogEnd::default());
    for file in &files.files {
        let content = log::read(file)?;
        end.generation = file.generation;
        end.length = content.length;
        for logged in content.records() {
            records.push(logged?);
        }
    }
    end.last_number = records.last().map_or(0, |logged| logged.number);
    Ok(Some(LogFound {
        signature: files.log,
        records,
        end,
    }))
}

fn log_of(folder: &Path) -> LogFound {
    found(folder).expect("read").expect("there")
}

/// Replays a log over the files that it is about.
fn recover(log: &LogFound) -> Result<Vec<std::path::PathBuf>, JetError> {
    let mut replay = Replay::new(log.signature, &Unmoved);
    for logged in &log.records {
        replay.record(logged.clone());
    }
    replay.finish(true, false, Sync::Memory)
}

/// Small enough that no file is left with room, large enough for any test.
const LARGE: u64 = 4096;

/// Writes one group for each of the values; answers the database before.
fn written(folder: &Path, values: &[u8], size: u64) -> DatabaseImage {
    let image = database(&[]);
    let signature = Signature::fresh();
    let mut writer = LogWriter::new(place(folder), signature, LogEnd::default(), size);
    for value in values {
        writer
            .append(&put(&image, *value), Sync::Memory)
            .expect("appended");
    }
    image
}

fn rows_after(image: &DatabaseImage, log: &LogFound) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.edb");
    image::write(&path, image, Sync::Memory).expect("written");
    let mut pending = Pending::open(&path).expect("whole");
    for logged in &log.records {
        if let LogRecord::Group(operations) = &logged.record {
            pending.apply(logged.number, operations).expect("applied");
        }
    }
    pending.write(Sync::Memory).expect("written");
    image::read(&path).expect("read").tables[&3]
        .rows
        .keys()
        .map(|bookmark| bookmark[0])
        .collect()
}

#[test]
fn committed_groups_are_replayed_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = written(folder.path(), &[1, 2, 3], LARGE);
    let log = log_of(folder.path());
    assert_eq!(rows_after(&image, &log), [1, 2, 3]);
    assert_eq!(
        log.last_number(),
        4,
        "the first record says what is attached"
    );
    let mut later = image;
    later.header.applied = 3;
    assert_eq!(rows_after(&later, &log), [3]);
    let elsewhere = tempfile::tempdir().expect("a folder");
    assert!(found(elsewhere.path()).expect("read").is_none());
}

#[test]
fn files_become_full_and_belong_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = written(folder.path(), &[1, 2, 3, 4], 60);
    let names = |generation| place(folder.path()).full(generation);
    assert!(names(1).ends_with("edb00001.log") && names(1).exists() && names(3).exists());
    let log = log_of(folder.path());
    assert_eq!(rows_after(&image, &log), [1, 2, 3, 4]);
    let mut writer = log.writer(folder.path(), 60);
    assert_eq!(
        writer
            .append(&put(&image, 5), Sync::Disk)
            .expect("appended"),
        10,
        "each of the five files begins with what is attached"
    );
    let log = log_of(folder.path());
    assert_eq!(rows_after(&image, &log), [1, 2, 3, 4, 5]);
    fs::remove_file(names(2)).expect("removed");
    let missing = found(folder.path());
    assert!(matches!(missing, Err(LogError::Missing(_))));
    let other = tempfile::tempdir().expect("a folder");
    written(other.path(), &[9, 9, 9, 9], 60);
    fs::copy(place(other.path()).full(2), names(2)).expect("copied");
    let foreign = found(folder.path())
        .map(|_| ())
        .map_err(|error| error.code());
    assert_eq!(foreign, Err(JetError::BadLogSignature));
}

#[test]
fn a_record_that_ends_in_zeros_is_read_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let (signature, end) = (Signature::fresh(), LogEnd::default());
    let mut writer = LogWriter::new(place(folder.path()), signature, end, 1 << 20);
    let zeros = LogRecord::Attach {
        database: signature,
        path: "\0".repeat(200_000),
    };
    writer.append(&zeros, Sync::Memory).expect("appended");
    let log = log_of(folder.path());
    assert_eq!(log.records.last().map(|own| &own.record), Some(&zeros));
    assert_eq!(LogPosition::of(1, log.end.length), writer.position());
}

#[test]
fn a_torn_record_is_overwritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = written(folder.path(), &[1, 2], LARGE);
    let path = place(folder.path()).current();
    let mut bytes = fs::read(&path).expect("read");
    let end = log_of(folder.path()).end.length as usize;
    bytes[end - 3..].fill(0);
    fs::write(&path, &bytes).expect("written");
    let log = log_of(folder.path());
    assert_eq!(rows_after(&image, &log), [1]);
    let mut writer = log.writer(folder.path(), LARGE);
    writer
        .append(&put(&image, 7), Sync::Memory)
        .expect("appended");
    let log = log_of(folder.path());
    assert_eq!(rows_after(&image, &log), [1, 7]);
}

#[test]
fn a_damaged_middle_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    written(folder.path(), &[1, 2, 3], LARGE);
    let path = place(folder.path()).current();
    let mut bytes = fs::read(&path).expect("read");
    let middle = log_of(folder.path()).end.length as usize / 2;
    bytes[middle] ^= 1;
    fs::write(&path, &bytes).expect("written");
    let code = found(folder.path())
        .map(|_| ())
        .map_err(|error| error.code());
    assert_eq!(code, Err(JetError::LogFileCorrupt));
}

#[test]
fn a_file_that_cannot_be_ended_is_written_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = database(&[1]);
    let place = place(folder.path());
    let (signature, end) = (Signature::fresh(), LogEnd::default());
    let mut writer = LogWriter::new(place.clone(), signature, end, 1024);
    let obstacle = place.full(1).join("obstacle");
    fs::create_dir_all(&obstacle).expect("a folder of the name that the full file gets");
    let mut put_records = 0u8;
    while writer
        .append(&put(&image, put_records), Sync::Memory)
        .is_ok()
    {
        put_records += 1;
    }
    assert_eq!(writer.generation(), 1);
    fs::remove_dir_all(place.full(1)).expect("removed");
    for value in put_records..2 * put_records {
        let appended = writer.append(&put(&image, value), Sync::Memory);
        appended.expect("it goes on");
    }
    assert!(writer.generation() > 1);
    let values: Vec<u8> = (0..2 * put_records).collect();
    assert_eq!(rows_after(&image, &log_of(folder.path())), values);
}

#[test]
fn recovery_makes_files_clean() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.edb");
    let signature = Signature::fresh();
    let end = LogEnd::default();
    let mut writer = LogWriter::new(place(folder.path()), signature, end, LARGE);
    let mut image = database(&[1]);
    image.header.state = DatabaseState::Dirty;
    image.header.log = Some(signature);
    image::write(&path, &image, Sync::Memory).expect("written");
    let attach = LogRecord::Attach {
        database: image.header.signature,
        path: path.to_string_lossy().into_owned(),
    };
    let define = LogRecord::Group(vec![Operation {
        database: image.header.signature,
        table: 4,
        deed: Deed::Define(Box::new(schema("new"))),
    }]);
    let remove = LogRecord::Group(vec![Operation {
        database: image.header.signature,
        table: 3,
        deed: Deed::Remove { bookmark: vec![1] },
    }]);
    for record in [&attach, &put(&image, 2), &define, &remove] {
        writer.append(record, Sync::Memory).expect("appended");
    }
    let log = log_of(folder.path());
    assert_eq!(recover(&log), Ok(vec![path.clone()]));
    let recovered = image::read(&path).expect("read");
    assert!(recovered.header.is_clean() && recovered.tables.contains_key(&4));
    assert_eq!(rows_after(&recovered, &log), [2], "nothing is done twice");
    fs::remove_file(&path).expect("removed");
    let mismatch = Err(JetError::AttachedDatabaseMismatch);
    assert_eq!(recover(&log), mismatch);
    let detach = LogRecord::Detach {
        database: image.header.signature,
    };
    writer.append(&detach, Sync::Memory).expect("appended");
    let log = log_of(folder.path());
    assert_eq!(recover(&log), Ok(vec![]));
}

proptest! {
    #[test]
    fn any_beginning_says_the_first_groups(cut in any::<proptest::sample::Index>()) {
        let folder = tempfile::tempdir().expect("a folder");
        let values = [1, 2, 3, 4, 5];
        let image = written(folder.path(), &values, LARGE);
        let path = place(folder.path()).current();
        let bytes = fs::read(&path).expect("read");
        fs::write(&path, &bytes[..cut.index(bytes.len() + 1)]).expect("written");
        // With less than its head there is no log at all.
        let Some(log) = found(folder.path()).expect("read") else { return Ok(()) };
        prop_assert!(values.starts_with(&rows_after(&image, &log)));
    }

    #[test]
    fn a_changed_bit_invents_nothing(at in any::<proptest::sample::Index>(), bit in 0..8) {
        let folder = tempfile::tempdir().expect("a folder");
        let values = [1, 2, 3, 4, 5];
        let image = written(folder.path(), &values, LARGE);
        let path = place(folder.path()).current();
        let mut bytes = fs::read(&path).expect("read");
        let index = at.index(bytes.len());
        bytes[index] ^= 1u8 << bit;
        fs::write(&path, &bytes).expect("written");
        if let Ok(Some(log)) = found(folder.path()) {
            let rows = rows_after(&image, &log);
            prop_assert!(values.starts_with(&rows) && rows.len() >= 4);
        }
    }
}
