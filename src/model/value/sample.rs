//! The table and the record that the tests of retrieval share.

use super::coltyp::Coltyp;
use super::columns::Columns;
use super::definition::{DefaultGiven, Definition, Place};
use super::record::Record;

/// Columns l, b, dv (default 7), au, t, lt, mv, tg, mlt: fixed from 1, variable 0x80, tagged from
/// 0x100.
pub(super) fn columns() -> Columns {
    let place = Place {
        exclusive: true,
        empty: true,
        wide_escrow: false,
        record_most: 8148,
    };
    let none = DefaultGiven::None;
    let seven = DefaultGiven::Bytes(&[7, 0, 0, 0]);
    let mut columns = Columns::new(false);
    for (name, coltyp, grbit, default) in [
        ("l", Coltyp::Long, 0, none),
        ("b", Coltyp::Binary, 1, none),
        ("dv", Coltyp::Long, 0, seven),
        ("au", Coltyp::Long, 0x10, none),
        ("t", Coltyp::Text, 0, none),
        ("lt", Coltyp::LongText, 0, none),
        ("mv", Coltyp::Long, 0x402, none),
        ("tg", Coltyp::Long, 2, none),
        ("mlt", Coltyp::LongText, 0x402, none),
    ] {
        let definition = Definition {
            grbit,
            default,
            ..Definition::of(name, coltyp)
        };
        columns
            .add(&definition, &place, true)
            .expect("a good definition");
    }
    columns
}

/// l 5, b null, t "hello", lt ten digits, mv 1 2 3, tg null, mlt "aaa" "bbbbbb", au 1.
pub(super) fn record() -> Record {
    let mut record = Record::default();
    record.put(1, Some(vec![5, 0, 0, 0]));
    record.put(4, Some(vec![1, 0, 0, 0]));
    record.put(0x80, Some(b"hello".to_vec()));
    let plain = |bytes: &[u8]| super::record::Value {
        bytes: bytes.to_vec(),
        separate: false,
    };
    record.put_value(0x100, 0, plain(b"0123456789"));
    for value in 1..=3 {
        record.put_value(0x101, 0, plain(&[value, 0, 0, 0]));
    }
    record.put_value(0x103, 0, plain(b"aaa"));
    record.put_value(0x103, 0, plain(b"bbbbbb"));
    record
}
