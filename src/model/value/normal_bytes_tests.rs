//! Key bytes of binary and text columns, with the values that the published engine gave.

use super::super::coltyp::Coltyp;
use super::super::column::Column;
use super::super::grbit::ColumnGrbit;
use super::tests::{bytes, check};
use super::*;

#[test]
fn binary_columns() {
    let column = Column::sample("c", Coltyp::Binary, 255, ColumnGrbit::empty());
    check(
        &column,
        &[
            (None, "00", "ff"),
            (Some(""), "40", "bf"),
            (Some("00"), "7f000000000000000001", "80fffffffffffffffffe"),
            (Some("ff"), "7fff0000000000000001", "8000fffffffffffffffe"),
            (Some("0001"), "7f000100000000000002", "80fffefffffffffffffd"),
            (
                Some("00010203040506"),
                "7f000102030405060007",
                "80fffefdfcfbfaf9fff8",
            ),
            (
                Some("0001020304050607"),
                "7f000102030405060708",
                "80fffefdfcfbfaf9f8f7",
            ),
            (
                Some("000102030405060708"),
                "7f000102030405060709080000000000000001",
                "80fffefdfcfbfaf9f8f6f7fffffffffffffffe",
            ),
            (
                Some("00010203040506070809"),
                "7f000102030405060709080900000000000002",
                "80fffefdfcfbfaf9f8f6f7f6fffffffffffffd",
            ),
            (
                Some("000102030405060708090a0b0c0d0e0f"),
                "7f00010203040506070908090a0b0c0d0e0f08",
                "80fffefdfcfbfaf9f8f6f7f6f5f4f3f2f1f0f7",
            ),
            (
                Some("000102030405060708090a0b0c0d0e0f10"),
                "7f00010203040506070908090a0b0c0d0e0f09100000000000000001",
                "80fffefdfcfbfaf9f8f6f7f6f5f4f3f2f1f0f6effffffffffffffffe",
            ),
        ],
    );
}

#[test]
fn binary_fixed_columns() {
    let column = Column::sample("c", Coltyp::Binary, 10, ColumnGrbit::FIXED);
    check(
        &column,
        &[
            (None, "00", "ff"),
            (
                Some("00"),
                "7f00000000000000000000",
                "80ffffffffffffffffffff",
            ),
            (
                Some("ff"),
                "7fff000000000000000000",
                "8000ffffffffffffffffff",
            ),
            (
                Some("0001"),
                "7f00010000000000000000",
                "80fffeffffffffffffffff",
            ),
            (
                Some("00010203040506"),
                "7f00010203040506000000",
                "80fffefdfcfbfaf9ffffff",
            ),
            (
                Some("0001020304050607"),
                "7f00010203040506070000",
                "80fffefdfcfbfaf9f8ffff",
            ),
            (
                Some("000102030405060708"),
                "7f00010203040506070800",
                "80fffefdfcfbfaf9f8f7ff",
            ),
            (
                Some("00010203040506070809"),
                "7f00010203040506070809",
                "80fffefdfcfbfaf9f8f7f6",
            ),
        ],
    );
}

#[test]
fn longbinary_columns() {
    let column = Column::sample("c", Coltyp::LongBinary, 0, ColumnGrbit::empty());
    check(
        &column,
        &[
            (None, "00", "ff"),
            (Some(""), "40", "bf"),
            (Some("00"), "7f000000000000000001", "80fffffffffffffffffe"),
            (Some("ff"), "7fff0000000000000001", "8000fffffffffffffffe"),
            (Some("0001"), "7f000100000000000002", "80fffefffffffffffffd"),
            (
                Some("00010203040506"),
                "7f000102030405060007",
                "80fffefdfcfbfaf9fff8",
            ),
            (
                Some("0001020304050607"),
                "7f000102030405060708",
                "80fffefdfcfbfaf9f8f7",
            ),
            (
                Some("000102030405060708"),
                "7f000102030405060709080000000000000001",
                "80fffefdfcfbfaf9f8f6f7fffffffffffffffe",
            ),
            (
                Some("00010203040506070809"),
                "7f000102030405060709080900000000000002",
                "80fffefdfcfbfaf9f8f6f7f6fffffffffffffd",
            ),
            (
                Some("000102030405060708090a0b0c0d0e0f"),
                "7f00010203040506070908090a0b0c0d0e0f08",
                "80fffefdfcfbfaf9f8f6f7f6f5f4f3f2f1f0f7",
            ),
            (
                Some("000102030405060708090a0b0c0d0e0f10"),
                "7f00010203040506070908090a0b0c0d0e0f09100000000000000001",
                "80fffefdfcfbfaf9f8f6f7f6f5f4f3f2f1f0f6effffffffffffffffe",
            ),
        ],
    );
}

#[test]
fn text_columns() {
    let column = Column::sample("c", Coltyp::Text, 255, ColumnGrbit::empty());
    check(
        &column,
        &[
            (None, "00", "ff"),
            (Some(""), "40", "bf"),
            (Some("61"), "7f4100", "80beff"),
            (Some("41"), "7f4100", "80beff"),
            (Some("6162"), "7f414200", "80bebdff"),
            (Some("612062"), "7f41204200", "80bedfbdff"),
            (Some("612d62"), "7f412d4200", "80bed2bdff"),
            (Some("6120"), "7f412000", "80bedfff"),
            (Some("7a395f"), "7f5a395f00", "80a5c6a0ff"),
            (Some("e9"), "7fe900", "8016ff"),
            (Some("c9"), "7fc900", "8036ff"),
            (Some("e6"), "7fe600", "8019ff"),
            (Some("df"), "7fdf00", "8020ff"),
            (Some("80"), "7f8000", "807fff"),
            (Some("610062"), "7f4100", "80beff"),
            (Some("00"), "7f00", "80ff"),
            (Some("636f2d6f70"), "7f434f2d4f5000", "80bcb0d2b0afff"),
        ],
    );
}

#[test]
fn text_fixed_columns() {
    let column = Column::sample("c", Coltyp::Text, 10, ColumnGrbit::FIXED);
    check(
        &column,
        &[
            (None, "00", "ff"),
            (
                Some("61"),
                "7f4120202020202020202000",
                "80bedfdfdfdfdfdfdfdfdfff",
            ),
            (
                Some("6162"),
                "7f4142202020202020202000",
                "80bebddfdfdfdfdfdfdfdfff",
            ),
            (
                Some("4142434445464748494a"),
                "7f4142434445464748494a00",
                "80bebdbcbbbab9b8b7b6b5ff",
            ),
            (
                Some("61202020202020202020"),
                "7f4120202020202020202000",
                "80bedfdfdfdfdfdfdfdfdfff",
            ),
        ],
    );
}

#[test]
fn longtext_columns() {
    let column = Column::sample("c", Coltyp::LongText, 0, ColumnGrbit::empty());
    check(
        &column,
        &[
            (None, "00", "ff"),
            (Some(""), "40", "bf"),
            (Some("61"), "7f4100", "80beff"),
            (Some("41622043"), "7f4142204300", "80bebddfbcff"),
        ],
    );
}

#[test]
fn unicode_text_has_the_layout_of_windows() {
    let mut column = Column::sample("c", Coltyp::Text, 255, ColumnGrbit::empty());
    column.cp = CODE_PAGE_UNICODE;
    let key = |text: &str| {
        let value: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        Normaliser::of(&column).normalise(Some(&value))
    };
    assert_eq!(key("\0"), bytes("7f0101010100"));
    assert_eq!(key("\u{ffff}"), bytes("7f0101010100"));
    assert_eq!(key("a").len(), bytes("7f0e020101010100").len());
    assert_eq!(key("a"), key("A"));
    assert_eq!(key("\u{e9}"), key("\u{c9}"));
    assert_eq!(key("a\0b"), key("ab"));
    assert!(key("") < key("a") && key("a") < key("ab") && key("ab") < key("b"));
    assert!(key("z") < key("\u{4e00}") && key("\u{4e00}") < key("\u{fff0}"));
    let odd = Normaliser::of(&column).normalise(Some(&[b'a', 0, b'b']));
    assert_eq!(odd, key("a"));
    assert!(
        key("any \u{fffd} text")[1..]
            .iter()
            .rev()
            .skip(5)
            .all(|byte| *byte > 1)
    );
}
