//! Parameters, with the results that the published engine gave.

use super::*;
use crate::abi::constants;
use crate::model::profile::{Profile, tests_profile::under};

fn set(id: u32, moment: Moment, number: u64) -> Jet<ParameterValue> {
    let parameter = find(id)?;
    let current = parameter.default_value(4096);
    parameter.check_set(moment, &current, Given { number, text: None })
}

fn set_text(id: u32, moment: Moment, text: Option<&str>) -> Jet<ParameterValue> {
    let parameter = find(id)?;
    let current = parameter.default_value(4096);
    parameter.check_set(moment, &current, Given { number: 0, text })
}

const INVALID: Jet<ParameterValue> = Err(JetError::InvalidParameter);
const LATE: Jet<ParameterValue> = Err(JetError::AlreadyInitialized);

fn number(number: u64) -> Jet<ParameterValue> {
    Ok(ParameterValue::Number(number))
}

#[test]
fn the_table_agrees_with_the_names() {
    assert!(PARAMETERS.is_sorted_by_key(|parameter| parameter.id));
    let mut known = 0;
    for parameter in PARAMETERS {
        let value = constants::value(parameter.name);
        known += usize::from(value.is_some());
        let fits = value.is_none_or(|value| value == u64::from(parameter.id));
        assert!(fits, "{} is {value:?}", parameter.name);
    }
    assert!(known > 100);
}

#[test]
fn unknown_numbers() {
    for id in [
        38,
        79,
        185,
        221,
        222,
        999,
        1000,
        4097,
        8193,
        0x7fff_ffff,
        u32::MAX,
    ] {
        assert_eq!(
            find(id).map(|p| p.id),
            Err(JetError::InvalidParameter),
            "{id}"
        );
    }
}

#[test]
fn ranges() {
    let before = Moment::NoInstance;
    for (id, good, bad) in [
        (5, 30000, 30001),
        (6, 0x7fff_ffff, 0x8000_0000),
        (11, 64, 63),
        (11, 32768, 32769),
        (12, 1, 0),
        (27, 1, 3),
        (30, 65536, 65537),
        (51, 99, 101),
        (64, 8192, 2048),
        (103, 7, 8),
        (104, 10240, 10241),
        (154, 32, 31),
        (181, 11000, 10999),
    ] {
        assert_eq!(set(id, before, good), number(good), "{id}");
        assert_eq!(set(id, before, bad), INVALID, "{id}");
    }
    for (value, good) in [
        (3, true),
        (4, false),
        (11, true),
        (12, false),
        (19, true),
        (20, false),
        (0x4000, false),
    ] {
        assert_eq!(set(16, before, value).is_ok(), good, "{value}");
    }
    assert_eq!(set(184, before, 2), Err(JetError::InvalidGrbit));
    assert_eq!(
        set(17, before, 77),
        number(1),
        "a boolean reads back as one"
    );
    for read_only in [37, 42, 43, 70, 131, 134, 163, 213] {
        assert_eq!(set(read_only, before, 1), INVALID);
    }
    assert_eq!(set_text(61, before, Some("x")), INVALID);
}

#[test]
fn tuple_limits_by_the_documents_and_by_the_engine() {
    let by = |profile| under(profile, || set(110, Moment::NoInstance, 256));
    assert_eq!(
        by(Profile::Documented),
        Err(JetError::IndexTuplesInvalidLimits)
    );
    assert_eq!(by(Profile::Genuine), INVALID);
    assert_eq!(set(110, Moment::NoInstance, 2), number(2));
}

#[test]
fn phases() {
    for (id, value) in [(25, 7), (64, 8192), (104, 3)] {
        assert!(set(id, Moment::NoInstance, value).is_ok());
        for late in [Moment::Created, Moment::Initialised, Moment::Template] {
            assert_eq!(set(id, late, value), LATE, "{id}");
        }
    }
    for (id, value) in [(5, 7), (17, 1), (47, 1), (65, 1), (73, 4096), (156, 1)] {
        assert_eq!(set(id, Moment::Initialised, value), LATE, "{id}");
    }
    assert_eq!(set(47, Moment::Created, 1), INVALID);
    assert_eq!(set(5, Moment::Template, 7), number(7));
    assert_eq!(
        set(5, Moment::Initialised, 16),
        number(16),
        "the value that it has"
    );
    assert_eq!(set(23, Moment::Initialised, 100), number(100));
    assert_eq!(set_text(0, Moment::Initialised, Some("x")), LATE.clone());
    assert!(set_text(0, Moment::Template, Some("x")).is_ok());
    assert!(set_text(33, Moment::Initialised, Some("x")).is_ok());
}

#[test]
fn base_name_has_three_characters() {
    for wrong in [Some("ed"), Some("edbx"), Some(""), None] {
        assert_eq!(set_text(3, Moment::Created, wrong), INVALID);
    }
    assert!(set_text(3, Moment::Created, Some("abc")).is_ok());
}

#[test]
fn gets() {
    let (path, sessions) = (find(0).expect("known"), find(5).expect("known"));
    let size = ".\\".len() as u32 + 1;
    assert_eq!(
        path.check_get(false, None, size),
        Err(JetError::InvalidParameter)
    );
    assert_eq!(
        path.check_get(true, Some(0), size),
        Err(JetError::InvalidParameter)
    );
    assert_eq!(
        path.check_get(true, Some(2), size),
        Err(JetError::BufferTooSmall)
    );
    assert_eq!(path.check_get(false, Some(3), size), Ok(()));
    assert_eq!(
        sessions.check_get(false, Some(3), 1),
        Err(JetError::InvalidParameter)
    );
    assert_eq!(sessions.check_get(true, None, 1), Ok(()));
}

#[test]
fn sizes_follow_the_page_size() {
    for (page, key, chunk, record) in [
        (4096, 1000, 4014, 4052),
        (8192, 2000, 8110, 8148),
        (16384, 2000, 4050, 16300),
        (32768, 2000, 8150, 32684),
    ] {
        let value = |id| find(id).expect("known").default_value(page);
        assert_eq!(value(134), ParameterValue::Number(key));
        assert_eq!(value(163), ParameterValue::Number(chunk));
        assert_eq!(value(213), ParameterValue::Number(record));
    }
}

#[test]
fn codes_as_strings() {
    let found = error_to_string(-1601);
    assert!(found.starts_with("JET_errRecordNotFound, "), "{found}");
    assert_eq!(error_to_string(-9), "Unknown Error, Unknown Error");
}

#[test]
fn session_parameters() {
    use SessionParameter::{CommitDefault, TransactionLevel};
    assert_eq!(SessionParameter::find(4097, 4), Ok(CommitDefault));
    assert_eq!(
        SessionParameter::find(4097, 3),
        Err(JetError::InvalidBufferSize)
    );
    assert_eq!(SessionParameter::find(4099, 4), Ok(TransactionLevel));
    for unknown in [4096, 4999] {
        let refused = SessionParameter::find(unknown, 4);
        assert_eq!(refused, Err(JetError::InvalidSesparamId));
    }
    assert_eq!(
        TransactionLevel.check_set(1),
        Err(JetError::InvalidParameter)
    );
    assert_eq!(CommitDefault.check_set(1), Ok(()));
}
