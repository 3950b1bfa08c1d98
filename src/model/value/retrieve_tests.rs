//! JetRetrieveColumn, with the results that the published engine gave.

use super::super::sample::{columns, record};
use super::*;

/// Retrieves: code, actual size, data, columnidNextTagged.
fn retrieve(
    columnid: u32,
    cb_max: u32,
    grbit: u32,
    itag: u32,
    ib: u32,
) -> (i32, u32, Vec<u8>, u32) {
    let (columns, record) = (columns(), record());
    let grbit = RetrieveGrbit::from_bits_retain(grbit);
    let asked = match read_options(grbit, cb_max, true, ib) {
        Ok(asked) => asked,
        Err(error) => return (error.code(), 0, vec![], 0),
    };
    match find(&record, &columns, columnid, itag, grbit) {
        Err(error) => (error.code(), 0, vec![], 0),
        Ok(found) => {
            let delivered = deliver(&found, ib, cb_max, asked).expect("no user-defined default");
            let Delivered { bytes, actual } = delivered.value;
            (delivered.code(), actual, bytes.to_vec(), found.columnid())
        }
    }
}

type Row = (u32, u32, u32, u32, u32, i32, u32, &'static [u8], u32);

#[test]
fn values_as_the_engine_gives_them() {
    // columnid, cbData, grbit, itag, ib: result, actual, data, columnidNextTagged
    let rows: &[Row] = &[
        (1, 0, 0, 1, 0, 1006, 4, &[], 1),
        (1, 3, 0, 1, 0, 1006, 4, &[5, 0, 0], 1),
        (1, 4, 0, 1, 0, 0, 4, &[5, 0, 0, 0], 1),
        (1, 8, 0, 1, 0, 0, 4, &[5, 0, 0, 0], 1),
        (0x80, 4, 0, 1, 0, 1006, 5, b"hell", 0x80),
        (0x80, 10, 0, 1, 0, 0, 5, b"hello", 0x80),
        (2, 20, 0, 1, 0, 1004, 0, &[], 2),
        (3, 4, 0, 1, 0, 0, 4, &[7, 0, 0, 0], 3),
        (3, 4, 0x20, 1, 0, 0, 4, &[7, 0, 0, 0], 3),
        (3, 4, 0x10, 1, 0, 0, 4, &[7, 0, 0, 0], 3),
        (0x102, 4, 0, 1, 0, 1004, 0, &[], 0x102),
        (0x102, 4, 0x10, 1, 0, 1004, 0, &[], 0x102),
        (0x100, 4, 0, 1, 0, 1006, 10, b"0123", 0x100),
        (0x100, 20, 0, 1, 4, 0, 6, b"456789", 0x100),
        (0x100, 2, 0, 1, 4, 1006, 6, b"45", 0x100),
        (0x100, 20, 0, 1, 10, 0, 0, &[], 0x100),
        (0x100, 20, 0, 1, 11, 0, 0, &[], 0x100),
        (0x100, 20, 0, 1, u32::MAX, 0, 0, &[], 0x100),
        (0x80, 20, 0, 1, 2, 0, 5, b"hello", 0x80),
        (1, 20, 0, 1, 2, 0, 4, &[5, 0, 0, 0], 1),
        (1, 20, 0, 0, 0, 0, 4, &[5, 0, 0, 0], 1),
        (1, 20, 0, 2, 0, 0, 4, &[5, 0, 0, 0], 1),
        (0x80, 20, 0, 2, 0, 0, 5, b"hello", 0x80),
        (0x101, 4, 0, 0, 0, -1518, 0, &[], 0),
        (0x101, 4, 0, 2, 0, 0, 4, &[2, 0, 0, 0], 0x101),
        (0x101, 4, 0, 4, 0, 1004, 0, &[], 0x101),
        (0x103, 20, 0, 2, 2, 0, 4, b"bbbb", 0x103),
        (0x103, 20, 0, 99, 0, 1004, 0, &[], 0x103),
        (0, 20, 0, 0, 0, -1518, 0, &[], 0),
        (0, 20, 0, 1, 0, 0, 10, b"0123456789", 0x100),
        (0, 20, 0, 2, 0, 0, 4, &[1, 0, 0, 0], 0x101),
        (0, 20, 0, 5, 0, 0, 3, b"aaa", 0x103),
        (0, 20, 0, 6, 0, 0, 6, b"bbbbbb", 0x103),
        (0, 20, 0, 7, 0, 1004, 0, &[], 0),
        (0, 20, 0x10, 1, 0, 0, 10, b"0123456789", 0x100),
        (0x104, 20, 0, 1, 0, -1507, 0, &[], 0),
        (9, 20, 0, 1, 0, -1507, 0, &[], 0),
        (0xffff_ffff, 20, 0, 1, 0, -1517, 0, &[], 0),
        (1, 20, 0x800, 1, 0, -900, 0, &[], 0),
        (1, 20, 0x8000_0000, 1, 0, -900, 0, &[], 0),
        (1, 20, 6, 1, 0, -900, 0, &[], 0),
        (1, 20, 0x10000, 1, 0, -1003, 0, &[], 0),
        (1, 20, 0x4000, 1, 0, 0, 4, &[5, 0, 0, 0], 1),
    ];
    for &(columnid, cb_max, grbit, itag, ib, code, actual, data, next) in rows {
        let expected = (code, actual, data.to_vec(), next);
        let case = format!("{columnid:#x} {cb_max} {grbit:#x} itag {itag} ib {ib}");
        assert_eq!(
            retrieve(columnid, cb_max, grbit, itag, ib),
            expected,
            "{case}"
        );
    }
}

#[test]
fn a_walk_counts_the_values_of_tagged_columns() {
    let (columns, record) = (columns(), record());
    assert_eq!(scan_count(&record, &columns, RetrieveGrbit::empty()), 6);
    let column = columns.find(0x101).expect("a column");
    assert_eq!(record.count(column), 3);
}
