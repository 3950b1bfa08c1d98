//! JetEnumerateColumns, with the results that the published engine gave.

use super::super::record::Value;
use super::super::sample::{columns, record};
use super::*;

fn run(requests: &[Request], most: u32, grbit: u32) -> Jet<Vec<EnumeratedColumn>> {
    let grbit = EnumerateGrbit::from_bits_retain(grbit);
    let columns = columns();
    check(&columns, requests, grbit)?;
    enumerate(&record(), &columns, requests, most, grbit)
}

fn enumerate(
    record: &Record,
    columns: &Columns,
    requests: &[Request],
    most: u32,
    grbit: EnumerateGrbit,
) -> Jet<Vec<EnumeratedColumn>> {
    let job = Job {
        record,
        computed: &Computed::new(),
        cb_data_most: most as usize,
        grbit,
    };
    job.enumerate(columns, requests)
}

/// Columnid, code, and the sequence numbers and codes of the values.
type Outline = (u32, i32, Vec<(u32, i32)>);

fn outline(all: &[EnumeratedColumn]) -> Vec<Outline> {
    let code = |warning: Option<JetWarning>| warning.map_or(0, JetWarning::code);
    all.iter()
        .map(|column| {
            let values = column.values.iter();
            let values = values.map(|v| (v.itag_sequence, code(v.warning))).collect();
            (column.columnid, code(column.warning), values)
        })
        .collect()
}

fn ask(columnid: u32, itags: &[u32]) -> Request {
    Request {
        columnid,
        itags: itags.to_vec(),
    }
}

#[test]
fn all_columns() {
    let one = vec![(1, 0)];
    let expected = vec![
        (1, 0, one.clone()),
        (2, 1004, vec![]),
        (3, 0, one.clone()),
        (4, 0, one.clone()),
        (0x80, 0, one.clone()),
        (0x100, 0, one),
        (0x101, 0, vec![(1, 0), (2, 0), (3, 0)]),
        (0x103, 0, vec![(1, 0), (2, 0)]),
    ];
    for grbit in [0, 1, 0x20, 0x10_0000, 0x20_0000, 0x40_0000] {
        let all = run(&[], 100, grbit).expect("enumerates");
        assert_eq!(outline(&all), expected, "{grbit:#x}");
    }
}

#[test]
fn compressed_present_and_tagged() {
    let codes = |grbit| -> Vec<(u32, i32)> {
        let all = run(&[], 100, grbit).expect("enumerates");
        outline(&all)
            .iter()
            .map(|(id, code, _)| (*id, *code))
            .collect()
    };
    let compressed = [
        (1, 1536),
        (2, 1004),
        (3, 1536),
        (4, 1536),
        (0x80, 1536),
        (0x100, 1536),
        (0x101, 0),
        (0x103, 0),
    ];
    assert_eq!(codes(0x80000), compressed);
    let present = compressed.map(|(id, code)| (id, if code == 1004 { 1004 } else { 1535 }));
    assert_eq!(codes(0x20000), present);
    assert_eq!(codes(0xa0000), present);
    assert_eq!(codes(0x40000), [(0x100, 0), (0x101, 0), (0x103, 0)]);
}

#[test]
fn requests() {
    let all = run(&[ask(1, &[]), ask(2, &[]), ask(0, &[])], 100, 0).expect("enumerates");
    let expected = [(1, 0, vec![(1, 0)]), (2, 1004, vec![]), (0, 1531, vec![])];
    assert_eq!(outline(&all), expected);
    let some = run(&[ask(0x101, &[2, 9, 0])], 100, 0).expect("enumerates");
    assert_eq!(
        outline(&some),
        [(0x101, 0, vec![(2, 0), (9, 1004), (0, 1531)])]
    );
    for absent in [0x270f, 0x104, 0x7f, 5, 0xff, 0x1ff] {
        assert_eq!(status(absent), Some(JetError::ColumnNotFound));
    }
    assert_eq!(status(u32::MAX), Some(JetError::BadColumnId));
}

/// What is said of a column that is asked for, beside one that there is.
fn status(columnid: u32) -> Option<JetError> {
    let all = run(&[ask(columnid, &[]), ask(1, &[])], 100, 0).expect("enumerates");
    assert_eq!(all[1].error, None);
    all[0].error
}

#[test]
fn defaults_that_are_ignored_are_told_as_such() {
    let all = run(&[ask(0x103, &[]), ask(0x102, &[]), ask(1, &[])], 100, 0x20);
    let codes: Vec<i32> = outline(&all.expect("enumerates"))
        .iter()
        .map(|(_, code, _)| *code)
        .collect();
    assert_eq!(codes, [0, 1537, 0]);
    let refused = run(&[ask(1, &[])], 100, 0x4_0000);
    assert_eq!(refused, Err(JetError::InvalidGrbit));
}

#[test]
fn refused_options() {
    for grbit in [0x10000, 0x8000_0000, 2, 4, 8] {
        assert_eq!(run(&[], 100, grbit), Err(JetError::InvalidGrbit));
    }
}

#[test]
fn long_values_kept_apart() {
    let columns = columns();
    let mut record = record();
    let bytes = vec![b'L'; 9000];
    record.put_value(
        0x100,
        1,
        Value {
            bytes,
            separate: true,
        },
    );
    let run = |most, grbit| {
        let grbit = EnumerateGrbit::from_bits_retain(grbit);
        enumerate(&record, &columns, &[ask(0x100, &[])], most, grbit)
    };
    let first = |all: Jet<Vec<EnumeratedColumn>>| {
        let value = all.expect("enumerates")[0].values[0].clone();
        (value.warning, value.bytes.len())
    };
    assert_eq!(first(run(4, 0)), (Some(JetWarning::ColumnTruncated), 4));
    assert_eq!(first(run(100_000, 0)), (None, 9000));
    let apart = Some(JetWarning::ColumnNotInRecord);
    assert_eq!(first(run(100, 0x20_0000)), (apart, 0));
    assert_eq!(run(0, 0), Err(JetError::OutOfMemory));
}
