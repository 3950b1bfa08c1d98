//! Database files: what was written is read, and nothing else is taken for it.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;

use super::contents::*;
use super::header::DatabaseState;
use super::image::{self, ImageError, Sync};
use crate::abi::errors::JetError;
use crate::model::name::Name;
use crate::model::value::coltyp::Coltyp;
use crate::model::value::columns::Columns;
use crate::model::value::definition::{Definition, Place};
use crate::model::value::record::Record;

pub(super) fn schema(name: &str) -> SchemaImage {
    let place = Place {
        exclusive: true,
        empty: true,
        wide_escrow: false,
        record_most: 4052,
    };
    let mut columns = Columns::new(false);
    for (name, coltyp) in [("k", Coltyp::Long), ("t", Coltyp::LongText)] {
        columns
            .add(&Definition::of(name, coltyp), &place, true)
            .expect("a good definition");
    }
    SchemaImage {
        name: Name::own(name),
        template: None,
        options: TableOptionsImage::default(),
        callbacks: vec![StoredCallback {
            cbtyp: 2,
            callback: b"module!function".to_vec(),
        }],
        columns,
        indexes: vec![IndexImage {
            id: 1,
            name: Name::own("pk"),
            grbit: 2,
            density: 80,
            columns: vec![(1, false)],
            conditions: Vec::new(),
            key_most: 255,
            segment_most: 255,
            tuples: None,
            unicode: crate::model::index_options::Unicode::default(),
            space: crate::model::index_options::SpaceHints::of_density(80),
            derived: false,
        }],
    }
}

pub(super) fn row(value: u8) -> RowImage {
    let mut record = Record::default();
    record.put(1, Some(vec![value, 0, 0, 0]));
    RowImage {
        record: std::sync::Arc::new(record),
        keys: BTreeMap::from([(2, vec![vec![0x7f, value]])]),
    }
}

pub(super) fn database(rows: &[u8]) -> DatabaseImage {
    let mut image = DatabaseImage::new(4096);
    let table = TableImage {
        schema: schema("t"),
        next_autoincrement: 7,
        next_counter: 1,
        rows: rows
            .iter()
            .map(|value| (vec![*value], row(*value)))
            .collect(),
    };
    image.tables.insert(3, table);
    image
}

#[test]
fn a_file_is_written_and_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.edb");
    let first = database(&[1, 2]);
    image::write(&path, &first, Sync::Disk).expect("written");
    assert_eq!(image::read(&path).expect("read"), first);
    let second = database(&[3]);
    image::write(&path, &second, Sync::Memory).expect("written");
    assert_eq!(image::read(&path).expect("read"), second);
    let files = std::fs::read_dir(folder.path()).expect("listed").count();
    assert_eq!(files, 1, "nothing is left aside");
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_grow_so_far_is_left_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.edb");
    let whole = database(&[1]);
    image::write(&path, &whole, Sync::Memory).expect("written");
    let pages = image::pages(&path).expect("read");
    // Sixteen terabytes are more than the disk of a test has.
    let refused = image::grow(&path, u32::MAX).map_err(|error| error.code());
    assert_eq!(refused, Err(JetError::DiskFull));
    assert_eq!(image::pages(&path).expect("read"), pages);
    image::grow(&path, pages + 3).expect("grown");
    assert_eq!(image::pages(&path).expect("read"), pages + 3);
    assert_eq!(image::read(&path).expect("read"), whole);
}

#[test]
fn faults_have_their_codes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.edb");
    let code = |path: &Path| image::read(path).map(|_| ()).map_err(|error| error.code());
    assert_eq!(code(&path), Err(JetError::FileNotFound));
    for foreign in [&b""[..], b"text", &[0; 4096]] {
        std::fs::write(&path, foreign).expect("written");
        assert_eq!(code(&path), Err(JetError::InvalidDatabase));
        let kept = std::fs::read(&path).expect("read");
        assert_eq!(kept, foreign, "it is left as it is");
    }
    let mut bytes = image::encode(&database(&[1])).expect("encoded");
    bytes[8] = 1;
    std::fs::write(&path, &bytes).expect("written");
    assert_eq!(code(&path), Err(JetError::InvalidDatabaseVersion));
    bytes[8] = 3;
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    std::fs::write(&path, &bytes).expect("written");
    assert_eq!(code(&path), Err(JetError::ReadVerifyFailure));
    let mut dirty = database(&[]).header;
    assert_eq!(image::check_clean(&dirty), Ok(()));
    dirty.state = DatabaseState::Dirty;
    let refused = image::check_clean(&dirty);
    assert_eq!(refused, Err(JetError::DatabaseDirtyShutdown));
}

#[test]
fn a_header_is_written_in_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.edb");
    let mut image = database(&[1, 2, 3]);
    image::write(&path, &image, Sync::Memory).expect("written");
    image.header.applied = 17;
    image.header.state = DatabaseState::Dirty;
    image.header.write(&path, Sync::Memory).expect("written");
    assert_eq!(image::header(&path).expect("read"), image.header);
    assert_eq!(image::read(&path).expect("read"), image);
}

#[test]
fn an_unwritable_folder_leaves_the_file() {
    let path = Path::new("no such folder").join("a.edb");
    let failed = image::write(&path, &database(&[]), Sync::Memory);
    assert!(matches!(failed, Err(ImageError::Io { .. })));
}

proptest! {
    #[test]
    fn what_is_written_is_read(rows in proptest::collection::vec(any::<u8>(), 0..20)) {
        let image = database(&rows);
        let bytes = image::encode(&image).expect("encoded");
        let read = image::decode(&bytes, Path::new("a")).expect("decoded");
        prop_assert_eq!(read, image);
    }

    #[test]
    fn no_beginning_is_taken_for_the_whole(cut in any::<proptest::sample::Index>()) {
        let bytes = image::encode(&database(&[1, 2, 3])).expect("encoded");
        let length = cut.index(bytes.len());
        prop_assert!(image::decode(&bytes[..length], Path::new("a")).is_err());
    }

    #[test]
    fn no_changed_bit_is_missed(at in any::<proptest::sample::Index>(), bit in 0..8) {
        let mut bytes = image::encode(&database(&[1, 2, 3])).expect("encoded");
        let index = at.index(bytes.len());
        bytes[index] ^= 1u8 << bit;
        prop_assert!(image::decode(&bytes, Path::new("a")).is_err());
    }

    #[test]
    fn any_bytes_are_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(image::decode(&bytes, Path::new("a")).is_err());
    }
}
