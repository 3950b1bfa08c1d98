//! JetSetColumn, with the results that the published engine gave.

use super::super::coltyp::Coltyp;
use super::super::definition::{DefaultGiven, Definition, Place};
use super::*;
use crate::abi::errors::JetWarning;
use crate::model::profile::{Profile, tests_profile::under};
use crate::model::rules::tests_switch::without;

const UPDATE: Update = Update {
    replacing: false,
    must_set_autoincrement: false,
    in_transaction: true,
    page_size: 8192,
    record_most: 8148,
};
const L: u32 = 1;
const DV: u32 = 3;
const T: u32 = 0x80;
const LT: u32 = 0x100;
const MV: u32 = 0x101;
const TG: u32 = 0x102;
const MLT: u32 = 0x103;
const TD: u32 = 0x104;

fn columns() -> Columns {
    let place = Place {
        exclusive: true,
        empty: true,
        wide_escrow: false,
        record_most: 8148,
    };
    let seven = DefaultGiven::Bytes(&[7, 0, 0, 0]);
    let of = |name, coltyp, grbit, cb_max, default| Definition {
        grbit,
        cb_max,
        default,
        ..Definition::of(name, coltyp)
    };
    let none = DefaultGiven::None;
    let mut columns = Columns::new(false);
    for definition in [
        of("l", Coltyp::Long, 0, 0, none),
        of("b", Coltyp::Binary, 1, 10, none),
        of("dv", Coltyp::Long, 0, 0, seven),
        of("au", Coltyp::Long, 0x10, 0, none),
        of("ve", Coltyp::Long, 8, 0, none),
        of("nn", Coltyp::Long, 4, 0, none),
        of("t", Coltyp::Text, 0, 10, none),
        of("lt", Coltyp::LongText, 0, 0, none),
        of("mv", Coltyp::Long, 0x402, 0, none),
        of("tg", Coltyp::Long, 2, 0, none),
        of("mlt", Coltyp::LongText, 0x402, 0, none),
        of("td", Coltyp::Long, 2, 0, seven),
        of("lb", Coltyp::LongBinary, 0, 100, none),
    ] {
        columns
            .add(&definition, &place, true)
            .expect("a good definition");
    }
    columns
}

/// A record that a test writes to, and reads back as text.
struct Copy {
    columns: Columns,
    record: Record,
}

impl Copy {
    fn new() -> Self {
        Self {
            columns: columns(),
            record: Record::default(),
        }
    }

    fn set(&mut self, columnid: u32, data: &[u8], grbit: u32, itag: u32, ib: u32) -> Jet<i32> {
        let info = SetInfo {
            itag_sequence: itag,
            ib_long_value: ib,
        };
        let grbit = SetGrbit::from_bits_retain(grbit);
        let given = Given::Bytes(data);
        let set = self
            .record
            .set(&self.columns, columnid, given, grbit, info, &UPDATE);
        set.map(|warned| warned.code())
    }

    fn long(&mut self, value: u32, grbit: u32, itag: u32) -> Jet<i32> {
        self.set(MV, &value.to_le_bytes(), grbit, itag, 0)
    }

    fn longs(&self, columnid: u32) -> Vec<u8> {
        let values = self.record.values(columnid).iter();
        values.map(|value| value.bytes[0]).collect()
    }

    fn text(&self, columnid: u32) -> Option<&str> {
        let column = self.columns.find(columnid).expect("a column");
        let bytes = self.record.bytes(column)?;
        Some(std::str::from_utf8(bytes).expect("text"))
    }

    fn shown(&self, columnid: u32) -> Option<&[u8]> {
        self.record
            .bytes(self.columns.find(columnid).expect("a column"))
    }
}

#[test]
fn values_of_a_multi_valued_column() {
    let mut copy = Copy::new();
    for value in 1..=3 {
        assert_eq!(copy.long(value, 0, 0), Ok(0));
    }
    let steps: [(u32, u32, &[u8]); 8] = [
        (0, 9, &[1, 2, 3, 9]),
        (1, 10, &[10, 2, 3, 9]),
        (3, 11, &[10, 2, 11, 9]),
        (4, 12, &[10, 2, 11, 12]),
        (5, 13, &[10, 2, 11, 12, 13]),
        (6, 14, &[10, 2, 11, 12, 13, 14]),
        (10, 15, &[10, 2, 11, 12, 13, 14, 15]),
        (99, 16, &[10, 2, 11, 12, 13, 14, 15, 16]),
    ];
    for (itag, value, all) in steps {
        assert_eq!(copy.long(value, 0, itag), Ok(0));
        assert_eq!(copy.longs(MV), all);
    }
    assert_eq!(copy.set(MV, &[], 0, 1, 0), Ok(0));
    assert_eq!(copy.longs(MV), [2, 11, 12, 13, 14, 15, 16]);
}

#[test]
fn itag_means_nothing_elsewhere() {
    let mut copy = Copy::new();
    for (columnid, itag) in [(L, 0), (L, 2), (TG, 0), (TG, 2), (TG, 1)] {
        assert_eq!(
            copy.set(columnid, &[itag as u8, 0, 0, 0], 0, itag, 5),
            Ok(0)
        );
        assert_eq!(copy.longs(columnid), [itag as u8]);
    }
    assert_eq!(copy.set(T, b"two", 0, 2, 5), Ok(0));
    assert_eq!(copy.text(T), Some("two"));
}

#[test]
fn unique_multi_values() {
    let mut copy = Copy::new();
    for value in 1..=3 {
        assert_eq!(copy.long(value, 0, 0), Ok(0));
    }
    let duplicate = Err(JetError::MultiValuedDuplicate);
    assert_eq!(copy.long(2, 0x80, 0), duplicate);
    assert_eq!(copy.long(2, 0x80, 2), Ok(0), "the value itself");
    assert_eq!(copy.set(MLT, b"aaa", 0, 0, 0), Ok(0));
    assert_eq!(copy.set(MLT, b"AAA", 0x100, 0, 0), duplicate);
    assert_eq!(copy.set(MLT, b"AAA", 0x80, 0, 0), Ok(0));
    assert_eq!(copy.set(MLT, b"aaa", 0x80, 0, 0), duplicate);
    for part in [1, 4, 8] {
        let refused = copy.set(MLT, b"x", 0x80 | part, 0, 0);
        assert_eq!(refused, Err(JetError::InvalidGrbit));
    }
}

#[test]
fn parts_of_a_long_value() {
    let no_chunk = Err(JetError::ColumnNoChunk);
    // data, grbit, ibLongValue: result, the value afterwards
    type Case = (&'static [u8], u32, u32, Jet<i32>, Option<&'static str>);
    let cases: [Case; 14] = [
        (b"XY", 1, 0, Ok(0), Some("0123456789XY")),
        (b"ZZ", 4, 3, Ok(0), Some("012ZZ56789")),
        (b"WW", 0, 3, Ok(0), Some("WW")),
        (b"QQ", 4, 11, no_chunk, Some("0123456789")),
        (b"GG", 4, 20, no_chunk, Some("0123456789")),
        (b"abc", 1 | 8, 0, Ok(0), Some("abc")),
        (b"abc", 4 | 8, 1, Ok(0), Some("0abc")),
        (b"", 1, 0, Ok(0), Some("0123456789")),
        (b"", 4, 0, Ok(0), Some("0123456789")),
        (b"", 0x20, 0, Ok(0), Some("")),
        (b"sep", 0x40, 0, Ok(0), Some("sep")),
        (b"int", 0x400, 0, Ok(0), Some("int")),
        (b"s+i", 0x440, 0, Ok(0), Some("s+i")),
        (b"cmp", 0x30000, 0, Ok(0), Some("cmp")),
    ];
    for (data, grbit, ib, result, now) in cases {
        let mut copy = Copy::new();
        assert_eq!(copy.set(LT, b"0123456789", 0, 1, 0), Ok(0));
        assert_eq!(copy.set(LT, data, grbit, 1, ib), result, "{grbit:#x}");
        assert_eq!(copy.text(LT), now, "{grbit:#x}");
    }
}

#[test]
fn overwriting_by_the_documents_and_by_the_engine() {
    for (profile, now) in [
        (Profile::Documented, "ZZ"),
        (Profile::Genuine, "ZZ23456789"),
    ] {
        let mut copy = Copy::new();
        assert_eq!(copy.set(LT, b"0123456789", 0, 1, 0), Ok(0));
        assert_eq!(under(profile, || copy.set(LT, b"ZZ", 4, 1, 0)), Ok(0));
        assert_eq!(copy.text(LT), Some(now));
    }
}

#[test]
fn intrinsic_values_by_the_documents_and_by_the_engine() {
    let too_big = Err(JetError::ColumnTooBig);
    for (profile, result) in [(Profile::Documented, too_big), (Profile::Genuine, Ok(0))] {
        let mut copy = Copy::new();
        let set = under(profile, || copy.set(LT, &[b'v'; 1025], 0x400, 1, 0));
        assert_eq!(set, result);
        assert_eq!(copy.set(LT, &[b'v'; 1024], 0x400, 1, 0), Ok(0));
    }
}

#[test]
fn sizes_of_a_long_value() {
    for (size, now) in [(5, Some("01234")), (8, Some("01234567")), (0, None)] {
        let mut copy = Copy::new();
        assert_eq!(copy.set(LT, b"0123456789", 0, 1, 0), Ok(0));
        let given = Given::Null { size };
        let info = SetInfo::default();
        let set = copy
            .record
            .set(&copy.columns, LT, given, SetGrbit::SIZE_LV, info, &UPDATE);
        assert!(set.is_ok());
        assert_eq!(copy.text(LT), now);
    }
}

#[test]
fn a_null_long_value_begins_at_zero() {
    let mut copy = Copy::new();
    assert_eq!(copy.set(LT, b"new", 1, 1, 0), Ok(0));
    assert_eq!(copy.text(LT), Some("new"));
    let mut copy = Copy::new();
    let refused = copy.set(LT, b"new", 4, 1, 3);
    assert_eq!(refused, Err(JetError::ColumnNoChunk));
    let filled = without(&PART_WITHIN, || copy.set(LT, b"new", 4, 1, 3));
    assert_eq!((filled, copy.text(LT)), (Ok(0), Some("\0\0\0new")));
}

#[test]
fn null_and_zero_length() {
    let mut copy = Copy::new();
    for columnid in [T, LT, TG] {
        assert_eq!(copy.set(columnid, &[], 0x20, 1, 0), Ok(0));
        assert_eq!(copy.shown(columnid), Some(&[][..]));
        assert_eq!(copy.set(columnid, &[], 0, 1, 0), Ok(0));
        assert_eq!(copy.shown(columnid), None);
    }
    assert_eq!(copy.set(L, &[], 0x20, 1, 0), Ok(0));
    assert_eq!(copy.shown(L), None, "a fixed column is null");
}

#[test]
fn defaults_show_until_null_is_said() {
    let mut copy = Copy::new();
    for columnid in [DV, TD] {
        assert_eq!(copy.shown(columnid), Some(&[7, 0, 0, 0][..]));
        assert_eq!(copy.set(columnid, &[], 0, 1, 0), Ok(0));
        assert_eq!(copy.shown(columnid), None);
    }
    assert_eq!(copy.set(TD, &[], 0x200, 1, 0), Ok(0));
    assert_eq!(copy.shown(TD), Some(&[7, 0, 0, 0][..]));
}

#[test]
fn columns_that_may_not_be_set() {
    let (au, ve, nn) = (4, 5, 6);
    let mut copy = Copy::new();
    let invalid_type = Err(JetError::InvalidColumnType);
    assert_eq!(copy.set(au, &[1, 0, 0, 0], 0, 1, 0), invalid_type);
    assert_eq!(copy.set(au, &[], 0, 1, 0), invalid_type);
    assert_eq!(copy.set(ve, &[1, 0, 0, 0], 0, 1, 0), Ok(0));
    let replace = Update {
        replacing: true,
        ..UPDATE
    };
    let (given, info) = (Given::Bytes(&[1, 0, 0, 0]), SetInfo::default());
    let set = copy
        .record
        .set(&copy.columns, ve, given, SetGrbit::empty(), info, &replace);
    assert_eq!(set.map(|_| ()), Err(JetError::InvalidColumnType));
    assert_eq!(copy.set(nn, &[], 0, 1, 0), Err(JetError::NullInvalid));
    assert_eq!(
        copy.record.check_not_null(&copy.columns),
        Err(JetError::NullInvalid)
    );
    assert_eq!(copy.set(nn, &[1, 0, 0, 0], 0, 1, 0), Ok(0));
    assert_eq!(copy.record.check_not_null(&copy.columns), Ok(()));
    assert_eq!(copy.set(0, &[1], 0, 1, 0), Err(JetError::BadColumnId));
    assert_eq!(copy.set(9, &[1], 0, 1, 0), Err(JetError::ColumnNotFound));
    assert_eq!(
        copy.set(9, &[1], 0x40000, 1, 0),
        Err(JetError::InvalidGrbit)
    );
}

#[test]
fn sizes_and_warnings() {
    let mut copy = Copy::new();
    let cut = JetWarning::ColumnMaxTruncated.code();
    assert_eq!(copy.set(T, b"0123456789abc", 0, 1, 0), Ok(cut));
    assert_eq!(copy.text(T), Some("0123456789"));
    assert_eq!(
        copy.set(0x105, &[1; 101], 0, 1, 0),
        Err(JetError::ColumnTooBig)
    );
    assert_eq!(
        copy.set(L, &[1; 3], 0, 1, 0),
        Err(JetError::InvalidBufferSize)
    );
    assert_eq!(copy.shown(L), None, "unchanged");
}

#[test]
fn long_values_need_a_transaction() {
    let mut copy = Copy::new();
    let outside = Update {
        in_transaction: false,
        ..UPDATE
    };
    let info = SetInfo::default();
    let given = Given::Bytes(b"data");
    let mut set = |columnid| {
        let set = copy.record.set(
            &copy.columns,
            columnid,
            given,
            SetGrbit::empty(),
            info,
            &outside,
        );
        set.map(|_| ())
    };
    assert_eq!(set(LT), Err(JetError::NotInTransaction));
    assert_eq!(set(T), Ok(()));
}

#[test]
fn large_values_leave_the_record() {
    let mut copy = Copy::new();
    for (length, apart) in [(1023, false), (1024, true)] {
        assert_eq!(copy.set(LT, &vec![b'v'; length], 0, 1, 0), Ok(0));
        assert_eq!(copy.record.values(LT)[0].separate, apart);
    }
    let mut copy = Copy::new();
    for _ in 0..30 {
        assert_eq!(copy.set(MLT, &[b'v'; 900], 0, 0, 0), Ok(0));
    }
    assert!(copy.record.size(&copy.columns) <= UPDATE.record_most);
    let mut copy = Copy::new();
    let filled = (0..5000).find(|value| copy.long(*value, 0, 0).is_err());
    assert!(filled.is_some());
    assert_eq!(copy.long(1, 0, 0), Err(JetError::RecordTooBig));
}
