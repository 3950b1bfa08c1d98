//! Column definitions, with the numbers that the published engine gave.

use super::coltyp::Coltyp;
use super::column::ColumnDefault;
use super::columns::Columns;
use super::definition::{DefaultGiven, Definition, Place};
use crate::abi::errors::{JetError, JetWarning};
use crate::model::name::{Name, Named};
use crate::model::profile::{Profile, tests_profile::under};
use crate::model::rules::tests_switch::without;

const OWN: Place = Place {
    exclusive: true,
    empty: true,
    wide_escrow: false,
    record_most: 8148,
};

type Added = Result<(u32, Option<JetWarning>), JetError>;

fn add(columns: &mut Columns, definition: &Definition<'_>) -> Added {
    columns.add(definition, &OWN, false)
}

fn define(coltyp: u32, cp: u16, cb_max: u32, grbit: u32) -> Added {
    add(
        &mut Columns::new(false),
        &Definition {
            name: Some("c"),
            coltyp,
            cp,
            cb_max,
            grbit,
            default: DefaultGiven::None,
        },
    )
}

/// Defines on an empty table and reads back columnid, coltyp, cbMax, cp, grbit.
fn read_back(coltyp: u32, cp: u16, cb_max: u32, grbit: u32) -> (u32, u32, u32, u16, u32) {
    let mut columns = Columns::new(false);
    let definition = Definition {
        name: Some("c"),
        coltyp,
        cp,
        cb_max,
        grbit,
        default: DefaultGiven::None,
    };
    let (columnid, _) = add(&mut columns, &definition).expect("a good definition");
    let column = columns.find(columnid).expect("just added");
    (
        columnid,
        column.coltyp.number(),
        column.cb_max,
        column.cp,
        column.reported_grbit(true),
    )
}

#[test]
fn definitions_that_are_refused() {
    let invalid_type = Err(JetError::InvalidColumnType);
    for coltyp in [0, 13, 19, 100] {
        assert_eq!(define(coltyp, 0, 0, 0), invalid_type);
    }
    for cp in [1251, 65001, 1201] {
        assert_eq!(define(10, cp, 10, 0), Err(JetError::InvalidCodePage));
    }
    let grbit = Err(JetError::InvalidGrbit);
    assert_eq!(define(4, 0, 0, 3), grbit, "Long fixed+tagged");
    assert_eq!(define(9, 0, 0, 3), grbit, "Binary fixed+tagged");
    assert_eq!(define(12, 0, 0, 1), grbit, "LongText fixed");
    let tagged = Err(JetError::MultiValuedColumnMustBeTagged);
    assert_eq!(define(4, 0, 0, 0x400), tagged);
    assert_eq!(define(4, 0, 0, 0x401), tagged);
    assert_eq!(
        define(4, 0, 0, 0x8000),
        grbit,
        "user default without structure"
    );
    let compressed = Err(JetError::ColumnCannotBeCompressed);
    assert_eq!(define(4, 0, 0, 0x80000), compressed);
    assert_eq!(define(10, 0, 0, 0x80000), compressed);
    let size = define(12, 0, 0x8000_0000, 0);
    assert_eq!(size, Err(JetError::InvalidParameter));
    assert_eq!(
        define(4, 0, 0, 0x20000),
        grbit,
        "DeleteOnZero without escrow"
    );
    assert_eq!(define(4, 0, 0, 0x4000), grbit, "Finalize without escrow");
}

#[test]
fn definitions_read_back() {
    assert_eq!(read_back(4, 0, 2, 0), (1, 4, 4, 0, 0x21));
    assert_eq!(read_back(4, 999, 100, 0), (1, 4, 4, 0, 0x21));
    assert_eq!(read_back(10, 0, 255, 0), (0x80, 10, 255, 1252, 0x20));
    assert_eq!(read_back(10, 1200, 10, 0), (0x80, 10, 10, 1200, 0x20));
    assert_eq!(read_back(12, 0, 0, 0), (0x100, 12, 0, 1252, 0x22));
    let genuine = || under(Profile::Genuine, || read_back(12, 0, 0, 4));
    assert_eq!(genuine(), (0x100, 12, 0, 1252, 0x26));
    assert_eq!(define(12, 0, 0, 4), Err(JetError::TaggedNotNULL));
    assert_eq!(read_back(11, 0, 0, 0x80000), (0x100, 11, 0, 0, 0x80022));
    assert_eq!(read_back(11, 0, 0, 0x100000), (0x100, 11, 0, 0, 0x100022));
    assert_eq!(read_back(9, 0, 0, 1), (1, 9, 255, 0, 0x21));
    assert_eq!(read_back(10, 0, 0, 1), (1, 10, 255, 1252, 0x21));
    assert_eq!(read_back(1, 0, 0, 4), (1, 1, 1, 0, 0x25));
    assert_eq!(read_back(10, 0, 0, 2), (0x100, 10, 255, 1252, 0x22));
    let most = 0x7fff_ffff;
    assert_eq!(read_back(12, 0, most, 0), (0x100, 12, most, 1252, 0x22));
    for ignored in [0x1000, 0x40, 0x20, 0x2000, 0x8000_0000, 0x100, 0x4_0000] {
        assert_eq!(
            read_back(4, 0, 0, ignored),
            (1, 4, 4, 0, 0x21),
            "{ignored:#x}"
        );
    }
}

#[test]
fn more_than_255_bytes_are_cut_with_a_warning() {
    let warning = Some(JetWarning::ColumnMaxTruncated);
    assert_eq!(define(10, 0, 256, 0), Ok((0x80, warning)));
    assert_eq!(define(10, 0, 10000, 0), Ok((0x80, warning)));
    assert_eq!(define(9, 0, 256, 0), Ok((0x80, warning)));
    assert_eq!(read_back(9, 0, 256, 0), (0x80, 9, 255, 0, 0x20));
}

#[test]
fn special_columns() {
    let grbit = Err(JetError::InvalidGrbit);
    let (autoincrement, version, escrow) = (0x10, 8, 0x800);
    for good in [4, 5, 15, 18] {
        assert!(define(good, 0, 0, autoincrement).is_ok());
    }
    assert_eq!(define(14, 0, 0, autoincrement), grbit);
    assert_eq!(define(3, 0, 0, autoincrement), grbit);
    let tagged = Err(JetError::CannotBeTagged);
    assert_eq!(define(4, 0, 0, autoincrement | 2), tagged);
    assert_eq!(define(4, 0, 0, autoincrement | version), grbit);
    assert!(define(4, 0, 0, version).is_ok());
    assert_eq!(define(3, 0, 0, version), grbit);
    assert_eq!(define(5, 0, 0, version), grbit);
    for coltyp in [4, 3, 5, 14] {
        assert_eq!(
            define(coltyp, 0, 0, escrow),
            grbit,
            "no default or wrong type"
        );
    }
    let zero = Definition {
        grbit: escrow,
        default: DefaultGiven::Bytes(&[0; 8]),
        ..Definition::of("e", Coltyp::LongLong)
    };
    let format = JetError::EngineFormatVersionParamTooLowForRequestedFeature;
    assert_eq!(add(&mut Columns::new(false), &zero), grbit);
    let genuine = under(Profile::Genuine, || add(&mut Columns::new(false), &zero));
    assert_eq!(genuine, Err(format));
    let zero = Definition {
        grbit: escrow,
        default: DefaultGiven::Bytes(&[0; 4]),
        ..Definition::of("e", Coltyp::Long)
    };
    assert!(add(&mut Columns::new(false), &zero).is_ok());
    let records = Place {
        empty: false,
        ..OWN
    };
    let refused = Columns::new(false).add(&zero, &records, false);
    assert_eq!(refused, Err(JetError::TableNotEmpty));
    let shared = Place {
        exclusive: false,
        ..OWN
    };
    let refused = Columns::new(false).add(&zero, &shared, false);
    assert_eq!(refused, Err(JetError::ExclusiveTableLockRequired));
}

#[test]
fn version_and_autoincrement_are_unique() {
    let mut columns = Columns::new(false);
    for (grbit, one, other) in [(0x10, "a1", "a2"), (8, "v1", "v2")] {
        let first = Definition {
            grbit,
            ..Definition::of(one, Coltyp::Long)
        };
        assert!(add(&mut columns, &first).is_ok());
        let second = Definition {
            grbit,
            ..Definition::of(other, Coltyp::Long)
        };
        assert_eq!(add(&mut columns, &second), Err(JetError::ColumnRedundant));
    }
    assert_eq!(columns.len(), 2);
    assert!(columns.autoincrement().is_some() && columns.version().is_some());
}

#[test]
fn user_defined_defaults() {
    let structure = DefaultGiven::UserDefined {
        callback: b"module!function",
        user_data: b"data",
    };
    let with = |grbit: u32, coltyp, default| {
        let definition = Definition {
            grbit: grbit | 0x8000,
            default,
            ..Definition::of("u", coltyp)
        };
        add(&mut Columns::new(false), &definition)
    };
    assert!(with(2, Coltyp::Long, structure).is_ok());
    assert!(with(0, Coltyp::LongText, structure).is_ok());
    assert_eq!(
        with(0, Coltyp::Long, structure),
        Err(JetError::InvalidGrbit)
    );
    for excluded in [4, 8, 0x10, 0x20, 0x2000] {
        let refused = with(2 | excluded, Coltyp::Long, structure);
        let expected = if excluded & 0x18 != 0 {
            // A tagged version or autoincrement column is refused before.
            JetError::CannotBeTagged
        } else {
            JetError::InvalidGrbit
        };
        assert_eq!(refused, Err(expected), "{excluded:#x}");
    }
    let size = Err(JetError::InvalidParameter);
    assert_eq!(with(2, Coltyp::Long, DefaultGiven::None), size);
    assert_eq!(with(2, Coltyp::Long, DefaultGiven::Bytes(&[0; 4])), size);
}

#[test]
fn defaults_fit_their_columns() {
    let with = |coltyp, cb_max, bytes: &[u8]| {
        let mut columns = Columns::new(false);
        let definition = Definition {
            cb_max,
            default: DefaultGiven::Bytes(bytes),
            ..Definition::of("d", coltyp)
        };
        add(&mut columns, &definition).map(|(columnid, _)| {
            let column = columns.find(columnid).expect("just added");
            column.default.clone()
        })
    };
    assert_eq!(
        with(Coltyp::Long, 0, &[0; 3]),
        Err(JetError::InvalidBufferSize)
    );
    let too_big = Err(JetError::DefaultValueTooBig);
    assert_eq!(with(Coltyp::Long, 0, &[0; 5]), too_big);
    assert_eq!(with(Coltyp::Text, 3, b"abcd"), too_big);
    for coltyp in [Coltyp::LongText, Coltyp::LongBinary, Coltyp::Binary] {
        assert!(with(coltyp, 0, &[1; 255]).is_ok());
        let genuine = under(Profile::Genuine, || with(coltyp, 0, &[1; 256]));
        assert_eq!(genuine, too_big);
    }
    let cut = ColumnDefault::Value(vec![1; 255]);
    assert_eq!(with(Coltyp::LongBinary, 0, &[1; 256]), Ok(cut));
    assert_eq!(with(Coltyp::Binary, 0, &[1; 256]), too_big);
    let kept = ColumnDefault::Value(vec![7, 0, 0, 0]);
    assert_eq!(with(Coltyp::Long, 0, &[7, 0, 0, 0]), Ok(kept));
}

#[test]
fn counts() {
    let mut columns = Columns::new(false);
    let roomy = Place {
        record_most: 32684,
        ..OWN
    };
    let mut fill = |coltyp, grbit, many: usize, first: u32| {
        for index in 0..many {
            let name = format!("{coltyp:?}{grbit}{index}");
            let definition = Definition {
                grbit,
                ..Definition::of(&name, coltyp)
            };
            let added = columns.add(&definition, &roomy, false);
            assert_eq!(added, Ok((first + index as u32, None)));
        }
        let over = Definition {
            grbit,
            ..Definition::of("over", coltyp)
        };
        let refused = columns.add(&over, &roomy, false);
        assert_eq!(refused, Err(JetError::TooManyColumns));
    };
    fill(Coltyp::Bit, 0, 127, 1);
    fill(Coltyp::Text, 0, 128, 128);
}

#[test]
fn a_record_of_fixed_columns_fits_into_a_page() {
    fn fixed(name: &str) -> Definition<'_> {
        Definition {
            grbit: 1,
            cb_max: 255,
            ..Definition::of(name, Coltyp::Binary)
        }
    }
    let mut columns = Columns::new(false);
    for index in 0..31 {
        let name = format!("c{index}");
        assert!(add(&mut columns, &fixed(&name)).is_ok());
    }
    assert_eq!(
        add(&mut columns, &fixed("over")),
        Err(JetError::RecordTooBig)
    );
}

#[test]
fn names_are_unique_and_found() {
    let mut columns = Columns::new(false);
    let first = add(&mut columns, &Definition::of("Key", Coltyp::Long));
    assert_eq!(first, Ok((1, None)));
    let again = add(&mut columns, &Definition::of("KEY", Coltyp::Text));
    assert_eq!(again, Err(JetError::ColumnDuplicate));
    let bad_type_first = Definition {
        coltyp: 100,
        ..Definition::of("key", Coltyp::Long)
    };
    assert_eq!(
        add(&mut columns, &bad_type_first),
        Err(JetError::InvalidColumnType)
    );
    let name = |text| Name::parse(Named::Column, Some(text)).expect("valid");
    assert_eq!(columns.by_name(&name("key")).map(|c| c.columnid), Some(1));
    assert_eq!(columns.rename(&name("key"), name("k2")), Ok(()));
    assert_eq!(
        columns.rename(&name("key"), name("k3")),
        Err(JetError::ColumnNotFound)
    );
    assert!(add(&mut columns, &Definition::of("a", Coltyp::Long)).is_ok());
    assert_eq!(
        columns.rename(&name("k2"), name("A")),
        Err(JetError::KeyDuplicate)
    );
    assert!(columns.remove(&name("a")).is_ok());
    let next = add(&mut columns, &Definition::of("b", Coltyp::Long));
    assert_eq!(next, Ok((3, None)), "a columnid is not given out again");
}

#[test]
fn columnids_that_name_nothing() {
    let columns = Columns::new(false);
    for bad in [0, 0x7fff_ffff, 0xffff_ffff] {
        assert_eq!(columns.find(bad), Err(JetError::BadColumnId));
    }
    for absent in [1, 0x7f, 0xff, 0x104, 0x270f] {
        assert_eq!(columns.find(absent), Err(JetError::ColumnNotFound));
    }
}

#[test]
fn derived_tables_go_on_after_their_template() {
    let mut template = Columns::new(true);
    let create = |columns: &mut Columns, name, coltyp| {
        let (columnid, _) = columns
            .add(&Definition::of(name, coltyp), &OWN, true)
            .expect("a good definition");
        columnid
    };
    assert_eq!(create(&mut template, "k", Coltyp::Long), 0x8000_0001);
    assert_eq!(create(&mut template, "t", Coltyp::LongText), 0x8000_0100);
    let later = template.add(&Definition::of("l", Coltyp::Long), &OWN, false);
    assert_eq!(later, Err(JetError::FixedDDL));
    let mut derived = Columns::derived(&template);
    assert_eq!(create(&mut derived, "own", Coltyp::Long), 2);
    assert_eq!(create(&mut derived, "own_t", Coltyp::LongText), 0x100);
    let again = derived.add(&Definition::of("K", Coltyp::Long), &OWN, false);
    assert_eq!(again, Err(JetError::ColumnDuplicate));
    assert!(derived.find(0x8000_0001).is_ok_and(|column| column.derived));
    assert_eq!(derived.len(), 4);
}

#[test]
fn with_a_rule_off_the_definition_passes() {
    let tagged = super::definition::MULTI_VALUED.id();
    assert_eq!(tagged, "column/multi-valued-tagged");
    let added = without(&super::definition::MULTI_VALUED, || define(4, 0, 0, 0x400));
    assert!(added.is_ok());
    let added = without(&super::definition::COLTYP, || define(100, 0, 0, 0));
    assert!(added.is_ok());
}
