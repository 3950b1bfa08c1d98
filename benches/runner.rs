//! What the runner costs: a scenario of 100,000 steps with a registered callback, against a loop
//! written by hand that makes the same calls through the same pointers and records the same
//! callbacks, return codes and outputs. The scenario may cost at most 1.5 times as much.

#[path = "shared/side_by_side.rs"]
mod side_by_side;

use std::ffi::c_void;
use std::hint::black_box;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use criterion::Criterion;
use jetspec::reference::{TABLE, engine};
use jetspec::run::trace::{End, Outcome, Trace};
use jetspec::run::{Limits, run};
use jetspec::scenario::parse;
use jetspec::scenario::plan::Plan;
use side_by_side::{Way, compare};

/// Records that are inserted; each takes three steps.
const RECORDS: u32 = 33_334;

const SCENARIO: &str = r#"
title: many inserts with a registered callback
fixture: database
callbacks:
  spy: {}
steps:
  - JetCreateTable: { szTableName: many, lPages: 1, lDensity: 80, ptableid: ->tableid }
  - JetAddColumn: { szColumnName: value, pcolumndef: { coltyp: Long }, pcolumnid: ->value }
  - JetRegisterCallback: { cbtyp: BeforeInsert | AfterInsert, pCallback: spy, pvContext: { raw: 5 } }
  - JetBeginTransaction: {}
  - repeat:
      times: RECORDS
      steps:
        - JetPrepareUpdate: { prep: Insert }
        - JetSetColumn: { columnid: value, pvData: { i32: 7 } }
        - JetUpdate: {}
          events: [ spy: BeforeInsert, spy: AfterInsert ]
  - JetCommitTransaction: {}
"#;

fn plan() -> Arc<Plan> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let text = SCENARIO.replace("RECORDS", &RECORDS.to_string());
    let scenario = match parse("bench.yaml", &text, Some(&folder)) {
        Ok(scenario) => scenario,
        Err(faults) => panic!("{faults:#?}"),
    };
    scenario.plans().first().expect("one case").clone()
}

fn scenario(plan: &Arc<Plan>, folder: &Path) -> (Duration, Trace) {
    engine().reset();
    let limits = Limits::default();
    let begun = Instant::now();
    let trace = run(plan, &TABLE, limits, folder);
    (begun.elapsed(), trace)
}

/// What the loop written by hand records: of each call the code and the output, of each callback
/// all arguments.
#[derive(Default)]
struct Record {
    codes: Vec<i32>,
    bookmarks: Vec<Vec<u8>>,
    events: Vec<[u64; 8]>,
}

static RECORD: Mutex<Option<Record>> = Mutex::new(None);

fn record(write: impl FnOnce(&mut Record)) {
    let mut record = RECORD.lock().unwrap_or_else(PoisonError::into_inner);
    write(record.get_or_insert_default());
}

unsafe extern "system" fn spy(
    sesid: usize,
    dbid: u32,
    tableid: usize,
    cbtyp: u32,
    pvarg1: *mut c_void,
    pvarg2: *mut c_void,
    pvcontext: *const c_void,
    ulunused: usize,
) -> i32 {
    record(|record| {
        record.events.push([
            sesid as u64,
            u64::from(dbid),
            tableid as u64,
            u64::from(cbtyp),
            pvarg1.addr() as u64,
            pvarg2.addr() as u64,
            pvcontext.addr() as u64,
            ulunused as u64,
        ]);
    });
    0
}

fn expect(code: i32) {
    assert_eq!(code, 0, "the reference must do what the loop asks");
    record(|record| record.codes.push(code));
}

/// The same calls by hand.
fn by_hand(folder: &Path) -> (Duration, Record) {
    engine().reset();
    RECORD.lock().unwrap_or_else(PoisonError::into_inner).take();
    let before = std::env::current_dir().expect("a current folder");
    std::env::set_current_dir(folder).expect("the scratch folder");
    let begun = Instant::now();
    // SAFETY: pointers to locals, texts with terminators, a callback that lives for ever.
    unsafe { calls() };
    let time = begun.elapsed();
    std::env::set_current_dir(before).expect("the folder before");
    let record = RECORD.lock().unwrap_or_else(PoisonError::into_inner).take();
    (time, record.unwrap_or_default())
}

unsafe fn calls() {
    use windows_sys::Win32::Storage::Jet as jet;
    let null: *mut u8 = std::ptr::null_mut();
    let empty: *const c_void = std::ptr::null();
    let (mut instance, mut sesid, mut dbid, mut tableid, mut value) = (0, 0, 0, 0, 0);
    let handle = Box::into_raw(Box::new(0));
    let table = &TABLE;
    // SAFETY: the caller's.
    unsafe {
        let create = table.JetCreateInstanceA.expect("implemented");
        expect(create(&mut instance, c"bench".as_ptr().cast_mut().cast()));
        let set = table.JetSetSystemParameterA.expect("implemented");
        let off = c"off".as_ptr().cast_mut().cast();
        expect(set(&mut instance, 0, jet::JET_paramRecovery, 0, off));
        expect(table.JetInit.expect("implemented")(&mut instance));
        let begin = table.JetBeginSessionA.expect("implemented");
        expect(begin(instance, &mut sesid, null.cast(), null.cast()));
        let create = table.JetCreateDatabaseA.expect("implemented");
        let name = c"jetspec.edb".as_ptr().cast_mut().cast();
        expect(create(sesid, name, null.cast(), &mut dbid, 0));
        let create = table.JetCreateTableA.expect("implemented");
        let name = c"many".as_ptr().cast_mut().cast();
        expect(create(sesid, dbid, name, 1, 80, &mut tableid));
        let add = table.JetAddColumnA.expect("implemented");
        let column = jet::JET_COLUMNDEF {
            cbStruct: size_of::<jet::JET_COLUMNDEF>() as u32,
            coltyp: jet::JET_coltypLong,
            ..Default::default()
        };
        let name = c"value".as_ptr().cast_mut().cast();
        expect(add(sesid, tableid, name, &column, empty, 0, &mut value));
        let register = table.JetRegisterCallback.expect("implemented");
        let reasons = jet::JET_cbtypBeforeInsert | jet::JET_cbtypAfterInsert;
        let context = std::ptr::without_provenance(5);
        let code = register(sesid, tableid, reasons, Some(spy), context, handle);
        expect(code);
        drop(Box::from_raw(handle));
        expect(table.JetBeginTransaction.expect("implemented")(sesid));
        let prepare = table.JetPrepareUpdate.expect("implemented");
        let set_column = table.JetSetColumn.expect("implemented");
        let update = table.JetUpdate.expect("implemented");
        let mut bookmark = [0u8; 300];
        for _ in 0..RECORDS {
            expect(prepare(sesid, tableid, jet::JET_prepInsert));
            let data: i32 = 7;
            let data: *const c_void = std::ptr::from_ref(&data).cast();
            expect(set_column(sesid, tableid, value, data, 4, 0, empty.cast()));
            let mut actual = 0;
            let buffer = bookmark.as_mut_ptr().cast();
            expect(update(sesid, tableid, buffer, 300, &mut actual));
            let written = bookmark[..actual as usize].to_vec();
            record(|record| record.bookmarks.push(written));
        }
        let commit = table.JetCommitTransaction.expect("implemented");
        expect(commit(sesid, 0));
    }
}

/// Both must have done the same, or the comparison says nothing.
fn same_work(trace: &Trace, record: &Record) {
    assert_eq!(trace.end, End::Complete);
    let failed = trace
        .steps
        .iter()
        .find(|step| step.outcome != Outcome::Returned(0));
    assert_eq!(failed, None);
    let events: usize = trace.steps.iter().map(|step| step.events.len()).sum();
    assert_eq!(events, record.events.len());
    assert_eq!(record.events.len(), 2 * RECORDS as usize);
    assert_eq!(record.bookmarks.len(), RECORDS as usize);
}

fn main() {
    let folder = std::env::temp_dir().join(format!("jetspec-bench-{}", std::process::id()));
    let fresh = || {
        // There is none the first time.
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).expect("a scratch folder");
    };
    let plan = plan();
    fresh();
    let trace = scenario(&plan, &folder).1;
    fresh();
    same_work(&trace, &by_hand(&folder).1);
    drop(trace);

    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    compare(
        &mut criterion,
        Way::new("100,000 steps in a scenario", || {
            fresh();
            black_box(scenario(&plan, &folder)).0
        }),
        Way::new("100,000 steps by hand", || {
            fresh();
            black_box(by_hand(&folder)).0
        }),
        1.5,
    );
    criterion.final_summary();
    let _ = std::fs::remove_dir_all(&folder);
}
