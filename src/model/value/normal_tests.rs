//! Key bytes of numbers, with the values that the published engine gave.

use super::super::coltyp::Coltyp;
use super::super::column::Column;
use super::super::fit::fit;
use super::super::grbit::ColumnGrbit;
use super::*;

/// A value (`None` is null), its ascending and its descending key column, all in hexadecimal.
pub(super) type Row = (Option<&'static str>, &'static str, &'static str);

pub(super) fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal"))
        .collect()
}

pub(super) fn check(column: &Column, rows: &[Row]) {
    let ascending = Normaliser::of(column);
    let descending = Normaliser {
        descending: true,
        ..ascending
    };
    for (value, up, down) in rows {
        let kept = value.map(|hex| match bytes(hex) {
            empty if empty.is_empty() => empty,
            given => fit(column, &given).expect("fits").0,
        });
        assert_eq!(ascending.normalise(kept.as_deref()), bytes(up), "{value:?}");
        assert_eq!(
            descending.normalise(kept.as_deref()),
            bytes(down),
            "{value:?}"
        );
    }
}

#[test]
fn bit_columns() {
    let column = Column::sample("c", Coltyp::Bit, 0, ColumnGrbit::empty());
    check(
        &column,
        &[
            (None, "00", "ff"),
            (Some("00"), "7f00", "80ff"),
            (Some("01"), "7fff", "8000"),
            (Some("ff"), "7fff", "8000"),
            (Some("02"), "7fff", "8000"),
        ],
    );
}

#[test]
fn unsignedbyte_columns() {
    let column = Column::sample("c", Coltyp::UnsignedByte, 0, ColumnGrbit::empty());
    check(
        &column,
        &[
            (None, "00", "ff"),
            (Some("00"), "7f00", "80ff"),
            (Some("01"), "7f01", "80fe"),
            (Some("7f"), "7f7f", "8080"),
            (Some("80"), "7f80", "807f"),
            (Some("ff"), "7fff", "8000"),
        ],
    );
}

#[test]
fn short_columns() {
    let column = Column::sample("c", Coltyp::Short, 0, ColumnGrbit::empty());
    check(
        &column,
        &[
            (None, "00", "ff"),
            (Some("0000"), "7f8000", "807fff"),
            (Some("0100"), "7f8001", "807ffe"),
            (Some("ffff"), "7f7fff", "808000"),
            (Some("ff7f"), "7fffff", "800000"),
            (Some("0080"), "7f0000", "80ffff"),
            (Some("3412"), "7f9234", "806dcb"),
        ],
    );
}

#[test]
fn unsignedshort_columns() {
    let column = Column::sample("c", Coltyp::UnsignedShort, 0, ColumnGrbit::empty());
    check(
        &column,
        &[
            (None, "00", "ff"),
            (Some("0000"), "7f0000", "80ffff"),
            (Some("0100"), "7f0001", "80fffe"),
            (Some("ff7f"), "7f7fff", "808000"),
            (Some("0080"), "7f8000", "807fff"),
            (Some("ffff"), "7fffff", "800000"),
        ],
    );
}

#[test]
fn long_columns() {
    let column = Column::sample("c", Coltyp::Long, 0, ColumnGrbit::empty());
    check(
        &column,
        &[
            (None, "00", "ff"),
            (Some("00000000"), "7f80000000", "807fffffff"),
            (Some("01000000"), "7f80000001", "807ffffffe"),
            (Some("ffffffff"), "7f7fffffff", "8080000000"),
            (Some("ffffff7f"), "7fffffffff", "8000000000"),
            (Some("00000080"), "7f00000000", "80ffffffff"),
            (Some("78563412"), "7f92345678", "806dcba987"),
        ],
    );
}

#[test]
fn unsignedlong_columns() {
    let column = Column::sample("c", Coltyp::UnsignedLong, 0, ColumnGrbit::empty());
    check(
        &column,
        &[
            (None, "00", "ff"),
            (Some("00000000"), "7f00000000", "80ffffffff"),
            (Some("01000000"), "7f00000001", "80fffffffe"),
            (Some("ffffff7f"), "7f7fffffff", "8080000000"),
            (Some("00000080"), "7f80000000", "807fffffff"),
            (Some("ffffffff"), "7fffffffff", "8000000000"),
        ],
    );
}

#[test]
fn currency_columns() {
    let column = Column::sample("c", Coltyp::Currency, 0, ColumnGrbit::empty());
    check(
        &column,
        &[
            (None, "00", "ff"),
            (
                Some("0000000000000000"),
                "7f8000000000000000",
                "807fffffffffffffff",
            ),
            (
                Some("0100000000000000"),
                "7f8000000000000001",
                "807ffffffffffffffe",
            ),
            (
                Some("ffffffffffffffff"),
                "7f7fffffffffffffff",
                "808000000000000000",
            ),
            (
                Some("ffffffffffffff7f"),
                "7fffffffffffffffff",
                "800000000000000000",
            ),
            (
                Some("0000000000000080"),
                "7f0000000000000000",
                "80ffffffffffffffff",
            ),
            (
                Some("f0debc9a78563412"),
                "7f923456789abcdef0",
                "806dcba9876543210f",
            ),
        ],
    );
}

#[test]
fn longlong_columns() {
    let column = Column::sample("c", Coltyp::LongLong, 0, ColumnGrbit::empty());
    check(
        &column,
        &[
            (None, "00", "ff"),
            (
                Some("0000000000000000"),
                "7f8000000000000000",
                "807fffffffffffffff",
            ),
            (
                Some("0100000000000000"),
                "7f8000000000000001",
                "807ffffffffffffffe",
            ),
            (
                Some("ffffffffffffffff"),
                "7f7fffffffffffffff",
                "808000000000000000",
            ),
            (
                Some("ffffffffffffff7f"),
                "7fffffffffffffffff",
                "800000000000000000",
            ),
            (
                Some("0000000000000080"),
                "7f0000000000000000",
                "80ffffffffffffffff",
            ),
        ],
    );
}

#[test]
fn unsignedlonglong_columns() {
    let column = Column::sample("c", Coltyp::UnsignedLongLong, 0, ColumnGrbit::empty());
    check(
        &column,
        &[
            (None, "00", "ff"),
            (
                Some("0000000000000000"),
                "7f0000000000000000",
                "80ffffffffffffffff",
            ),
            (
                Some("0100000000000000"),
                "7f0000000000000001",
                "80fffffffffffffffe",
            ),
            (
                Some("ffffffffffffffff"),
                "7fffffffffffffffff",
                "800000000000000000",
            ),
            (
                Some("0000000000000080"),
                "7f8000000000000000",
                "807fffffffffffffff",
            ),
        ],
    );
}

#[test]
fn ieeesingle_columns() {
    let column = Column::sample("c", Coltyp::IeeeSingle, 0, ColumnGrbit::empty());
    check(
        &column,
        &[
            (None, "00", "ff"),
            (Some("00000000"), "7f80000000", "807fffffff"),
            (Some("00000080"), "7f7fffffff", "8080000000"),
            (Some("0000803f"), "7fbf800000", "80407fffff"),
            (Some("000080bf"), "7f407fffff", "80bf800000"),
            (Some("0000c03f"), "7fbfc00000", "80403fffff"),
            (Some("ffff7f7f"), "7fff7fffff", "8000800000"),
            (Some("ffff7fff"), "7f00800000", "80ff7fffff"),
            (Some("00008000"), "7f80800000", "807f7fffff"),
            (Some("0000807f"), "7fff800000", "80007fffff"),
            (Some("000080ff"), "7f007fffff", "80ff800000"),
            (Some("0000c07f"), "7fffc00000", "80003fffff"),
            (Some("0000c0ff"), "7f003fffff", "80ffc00000"),
            (Some("01000000"), "7f80000001", "807ffffffe"),
        ],
    );
}

#[test]
fn ieeedouble_columns() {
    let column = Column::sample("c", Coltyp::IeeeDouble, 0, ColumnGrbit::empty());
    check(
        &column,
        &[
            (None, "00", "ff"),
            (
                Some("0000000000000000"),
                "7f8000000000000000",
                "807fffffffffffffff",
            ),
            (
                Some("0000000000000080"),
                "7f7fffffffffffffff",
                "808000000000000000",
            ),
            (
                Some("000000000000f03f"),
                "7fbff0000000000000",
                "80400fffffffffffff",
            ),
            (
                Some("000000000000f0bf"),
                "7f400fffffffffffff",
                "80bff0000000000000",
            ),
            (
                Some("9c7500883ce4377e"),
                "7ffe37e43c8800759c",
                "8001c81bc377ff8a63",
            ),
            (
                Some("9c7500883ce437fe"),
                "7f01c81bc377ff8a63",
                "80fe37e43c8800759c",
            ),
            (
                Some("000000000000f07f"),
                "7ffff0000000000000",
                "80000fffffffffffff",
            ),
            (
                Some("000000000000f0ff"),
                "7f000fffffffffffff",
                "80fff0000000000000",
            ),
            (
                Some("000000000000f87f"),
                "7ffff8000000000000",
                "800007ffffffffffff",
            ),
            (
                Some("0100000000000000"),
                "7f8000000000000001",
                "807ffffffffffffffe",
            ),
        ],
    );
}

#[test]
fn datetime_columns() {
    let column = Column::sample("c", Coltyp::DateTime, 0, ColumnGrbit::empty());
    check(
        &column,
        &[
            (None, "00", "ff"),
            (
                Some("0000000000000000"),
                "7f8000000000000000",
                "807fffffffffffffff",
            ),
            (
                Some("000000000000f03f"),
                "7fbff0000000000000",
                "80400fffffffffffff",
            ),
            (
                Some("000000000000f0bf"),
                "7f400fffffffffffff",
                "80bff0000000000000",
            ),
            (
                Some("00000000d0d5e140"),
                "7fc0e1d5d000000000",
                "803f1e2a2fffffffff",
            ),
        ],
    );
}

#[test]
fn guid_columns() {
    let column = Column::sample("c", Coltyp::Guid, 0, ColumnGrbit::empty());
    check(
        &column,
        &[
            (None, "00", "ff"),
            (
                Some("000102030405060708090a0b0c0d0e0f"),
                "7f0a0b0c0d0e0f08090607040500010203",
                "80f5f4f3f2f1f0f7f6f9f8fbfafffefdfc",
            ),
            (
                Some("00000000000000000000000000000000"),
                "7f00000000000000000000000000000000",
                "80ffffffffffffffffffffffffffffffff",
            ),
            (
                Some("ffffffffffffffffffffffffffffffff"),
                "7fffffffffffffffffffffffffffffffff",
                "8000000000000000000000000000000000",
            ),
            (
                Some("8090a0b0c0d0e0f00123456789abcdef"),
                "7f456789abcdef0123e0f0c0d08090a0b0",
                "80ba9876543210fedc1f0f3f2f7f6f5f4f",
            ),
        ],
    );
}

#[test]
fn nulls_sort_high_on_request() {
    let column = Column::sample("c", Coltyp::Long, 4, ColumnGrbit::empty());
    let high = Normaliser {
        nulls_high: true,
        ..Normaliser::of(&column)
    };
    assert_eq!(high.normalise(None), [0xc0]);
    assert!(high.normalise(None) > high.normalise(Some(&i32::MAX.to_le_bytes())));
}
