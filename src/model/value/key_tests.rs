//! JetMakeKey, with the keys that the published engine made.

use super::super::grbit::ColumnGrbit;
use super::*;
use crate::model::profile::{Profile, tests_profile::under};

const NEW: u32 = 1;

fn long() -> Column {
    Column::sample("v", Coltyp::Long, 4, ColumnGrbit::empty())
}

fn text() -> Column {
    Column::sample("t", Coltyp::Text, 255, ColumnGrbit::empty())
}

fn index<'a>(columns: &[&'a Column]) -> KeyIndex<'a> {
    let part = |column: &&'a Column| KeyPart {
        column,
        normaliser: Normaliser::of(column),
    };
    KeyIndex {
        parts: columns.iter().map(part).collect(),
        key_most: 255,
        tuples: None,
    }
}

fn make(key: &mut SearchKey, index: &KeyIndex<'_>, data: &[u8], grbit: u32) -> Jet<()> {
    key.make(Some(index), data, KeyGrbit::from_bits_retain(grbit))
}

fn filled(start: &[u8], length: usize) -> Vec<u8> {
    let mut bytes = start.to_vec();
    bytes.resize(length, 0xff);
    bytes
}

const HUNDRED: [u8; 4] = [100, 0, 0, 0];
const HUNDRED_KEY: [u8; 5] = [0x7f, 0x80, 0, 0, 100];

#[test]
fn limits_of_a_number() {
    let (long, text) = (long(), text());
    let index = index(&[&long, &text]);
    for (grbit, bytes) in [
        (0, HUNDRED_KEY.to_vec()),
        (2, filled(&HUNDRED_KEY, 256)),
        (4, HUNDRED_KEY.to_vec()),
        (0x100, HUNDRED_KEY.to_vec()),
        (0x200, filled(&HUNDRED_KEY, 256)),
    ] {
        let mut key = SearchKey::default();
        assert_eq!(make(&mut key, &index, &HUNDRED, NEW | grbit), Ok(()));
        assert_eq!(key.bytes(), Ok(&bytes[..]), "{grbit:#x}");
        // SubStrLimit means nothing to a number, so more columns may follow.
        let more = make(&mut key, &index, b"a", 0);
        let closed = ![0, 4].contains(&grbit);
        assert_eq!(more.is_err(), closed, "{grbit:#x}");
    }
    for partial in [0x400, 0x800] {
        let mut key = SearchKey::default();
        let refused = make(&mut key, &index, &HUNDRED, NEW | partial);
        assert_eq!(refused, Err(JetError::InvalidGrbit));
        assert_eq!(key.check_made(), Err(JetError::KeyNotMade));
    }
}

#[test]
fn limits_of_text() {
    let (long, text) = (long(), text());
    let index = index(&[&long, &text]);
    let whole = [&HUNDRED_KEY[..], &[0x7f, 0x41, 0]].concat();
    let open = [&HUNDRED_KEY[..], &[0x7f, 0x41]].concat();
    for (grbit, bytes) in [
        (0, whole.clone()),
        (0x100, whole.clone()),
        (2, filled(&whole, 256)),
        (0x200, filled(&whole, 256)),
        (4, filled(&open, 256)),
        (0x800, filled(&open, 256)),
        (0x400, open.clone()),
        (2 | 4, filled(&open, 256)),
        (0x8000_0000, whole.clone()),
    ] {
        let mut key = SearchKey::default();
        assert_eq!(make(&mut key, &index, &HUNDRED, NEW), Ok(()));
        assert_eq!(make(&mut key, &index, b"a", grbit), Ok(()));
        assert_eq!(key.bytes(), Ok(&bytes[..]), "{grbit:#x}");
        assert_eq!(make(&mut key, &index, b"a", 0), Err(JetError::KeyIsMade));
    }
}

#[test]
fn partial_limits_of_other_values() {
    let mut unicode = text();
    unicode.cp = super::super::column::CODE_PAGE_UNICODE;
    let binary = Column::sample("b", Coltyp::LongBinary, 0, ColumnGrbit::empty());
    let make_one = |column: &Column, data: &[u8], grbit| {
        let mut key = SearchKey::default();
        make(&mut key, &index(&[column]), data, NEW | grbit).expect("made");
        key.bytes().expect("made").to_vec()
    };
    let start = make_one(&unicode, b"a\0", 0x400);
    assert!(make_one(&unicode, b"a\0b\0", 0).starts_with(&start));
    assert_eq!(make_one(&unicode, b"a\0", 0x800), filled(&start, 256));
    assert_eq!(make_one(&binary, &[1, 2], 0x400), [0x7f, 1, 2]);
    assert_eq!(make_one(&binary, &[1, 2], 0x800), filled(&[0x7f, 1, 2], 11));
}

#[test]
fn states_of_a_key() {
    let long = long();
    let index = index(&[&long]);
    let mut key = SearchKey::default();
    assert_eq!(
        make(&mut key, &index, &HUNDRED, 0),
        Err(JetError::KeyNotMade)
    );
    assert_eq!(
        make(&mut key, &index, &[0; 3], 0),
        Err(JetError::KeyNotMade)
    );
    assert_eq!(key.bytes(), Err(JetError::KeyNotMade));
    assert_eq!(make(&mut key, &index, &HUNDRED, NEW), Ok(()));
    assert_eq!(make(&mut key, &index, &[0; 3], 0), Err(JetError::KeyIsMade));
    assert_eq!(
        make(&mut key, &index, &[0; 4], 0x300),
        Err(JetError::KeyIsMade)
    );
    assert_eq!(key.use_up(), Ok(HUNDRED_KEY.to_vec()));
    assert_eq!(key.use_up(), Err(JetError::KeyNotMade));
    assert_eq!(key.bytes(), Err(JetError::KeyNotMade));
    under(Profile::Genuine, || {
        assert_eq!(make(&mut key, &index, &HUNDRED, NEW), Ok(()));
        assert_eq!(key.use_up(), Ok(HUNDRED_KEY.to_vec()));
        assert_eq!(key.bytes(), Ok(&HUNDRED_KEY[..]));
    });
    key.clear();
    assert_eq!(key.bytes(), Err(JetError::KeyNotMade));
}

#[test]
fn sizes_of_a_key_column() {
    let long = long();
    let index = index(&[&long]);
    let mut key = SearchKey::default();
    for wrong in [3, 5, 8] {
        let refused = make(&mut key, &index, &vec![0; wrong], NEW);
        assert_eq!(refused, Err(JetError::InvalidBufferSize));
    }
    let both = make(&mut key, &index, &[0; 3], NEW | 0x300);
    assert_eq!(both, Err(JetError::InvalidBufferSize));
    let limits = make(&mut key, &index, &[0; 4], NEW | 0x300);
    assert_eq!(limits, Err(JetError::InvalidGrbit));
    let zero_length = make(&mut key, &index, &[], NEW | 0x10);
    assert_eq!(zero_length, Err(JetError::InvalidBufferSize));
    assert_eq!(make(&mut key, &index, &[], NEW), Ok(()));
    assert_eq!(key.bytes(), Ok(&[0][..]));
}

#[test]
fn normalised_keys() {
    let long = long();
    let index = index(&[&long]);
    let mut key = SearchKey::default();
    assert_eq!(make(&mut key, &index, &[7; 255], 8), Ok(()));
    assert_eq!(key.bytes().map(<[u8]>::len), Ok(255));
    assert_eq!(
        make(&mut key, &index, &[7; 300], 8),
        Err(JetError::InvalidParameter)
    );
    let mut bare = SearchKey::default();
    assert_eq!(
        bare.make(None, &HUNDRED, KeyGrbit::NEW_KEY),
        Err(JetError::NoCurrentIndex)
    );
    assert_eq!(bare.make(None, &HUNDRED, KeyGrbit::NORMALIZED_KEY), Ok(()));
}

#[test]
fn long_keys_are_cut() {
    let (text, long) = (text(), long());
    let index = index(&[&text, &long]);
    let mut key = SearchKey::default();
    assert_eq!(make(&mut key, &index, &[b'q'; 255], NEW), Ok(()));
    assert_eq!(key.bytes().map(<[u8]>::len), Ok(255));
    assert_eq!(make(&mut key, &index, &HUNDRED, 0), Ok(()));
    assert_eq!(key.bytes().map(<[u8]>::len), Ok(255));
}
