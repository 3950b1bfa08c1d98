//! What fuzzing costs: a program of twenty calls that is generated, lowered, run, traced, digested and
//! held against every law, against the same calls made by hand. It may take twice as long. And making
//! a finding of five hundred calls simple may take ten seconds.

use std::ffi::{CStr, c_void};
use std::hint::black_box;
use std::path::Path;
use std::ptr::{null, null_mut};
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::Criterion;
use jetspec::fuzz::Bench;
use jetspec::generate::{Choices, FIXTURES, Order, Program, bytes_of_seed, make, shrink};
use jetspec::reference::{TABLE, engine};
use jetspec::scenario::plan::Profile;
use jetspec::scenario::{Shelf, parse_with};
use jetspec::spec::Register;
use windows_sys::Win32::Storage::Jet as jet;

/// The calls of the program, and those of its fixture.
const CALLS: u32 = 25;

/// How many rounds of either are made; the fastest counts, for what disturbs only ever adds.
const ROUNDS: usize = 400;

/// Twenty calls.
const SCENARIO: &str = "
title: twenty calls
fixture: database
steps:
  - JetCreateTable: { szTableName: table, lPages: 1, lDensity: 80, ptableid: ->tableid }
  - JetAddColumn: { szColumnName: value, pcolumndef: { coltyp: Long }, pcolumnid: ->value }
  - JetPrepareUpdate: { prep: Insert }
  - JetSetColumn: { columnid: value, pvData: { i32: 1 } }
  - JetUpdate: {}
  - JetPrepareUpdate: { prep: Insert }
  - JetSetColumn: { columnid: value, pvData: { i32: 2 } }
  - JetUpdate: {}
  - JetPrepareUpdate: { prep: Insert }
  - JetSetColumn: { columnid: value, pvData: { i32: 3 } }
  - JetUpdate: {}
  - JetMove: { cRow: MoveFirst }
  - JetRetrieveColumn: { columnid: value }
  - JetMove: { cRow: MoveNext }
  - JetRetrieveColumn: { columnid: value }
  - JetPrepareUpdate: { prep: Replace }
  - JetSetColumn: { columnid: value, pvData: { i32: 4 } }
  - JetUpdate: {}
  - JetDelete: {}
  - JetMove: { cRow: MoveFirst }
";

fn twenty_calls() -> Program {
    let shelf = Shelf::carried(FIXTURES);
    let scenario = parse_with("twenty.yaml", SCENARIO, shelf).expect("no fault");
    let sketches = scenario.sketches();
    Program::of(sketches.first().expect("a case")).expect("a known fixture")
}

fn bench() -> Bench {
    let register = Arc::new(Register::embedded().expect("the register"));
    Bench::here(register, Profile::Documented, None).expect("a folder")
}

/// What a campaign does with a program: makes it, runs it, looks at it.
fn fuzzed(bench: &mut Bench, program: &Program, number: u64) {
    let bytes = bytes_of_seed(1, number, 1024);
    let order = Order {
        steps: 20,
        ..Order::default()
    };
    black_box(make(Choices::new(&bytes), &order));
    let run = bench.run(program).expect("a scenario");
    assert!(run.broken.is_empty(), "{:?}", run.broken);
}

fn expect(code: i32) {
    assert_eq!(code, 0, "the reference must do what the bench asks");
}

fn text(text: &'static CStr) -> *mut u8 {
    text.as_ptr().cast_mut().cast()
}

/// The same calls by hand, on an engine that has been reset, in an empty folder.
fn by_hand(folder: &Path) {
    engine().reset();
    for left in ["jetspec.edb", "tmp.edb"] {
        let _ = std::fs::remove_file(folder.join(left));
    }
    let (mut instance, mut sesid, mut dbid, mut tableid, mut column) = (0, 0, 0, 0, 0);
    let none: *mut u8 = null_mut();
    // SAFETY: pointers to locals, texts with terminators, null where the pages allow it.
    unsafe {
        let create = TABLE.JetCreateInstanceA.expect("implemented");
        expect(create(&mut instance, text(c"jetspec").cast()));
        let set = TABLE.JetSetSystemParameterA.expect("implemented");
        let off = text(c"off").cast();
        expect(set(&mut instance, 0, jet::JET_paramRecovery, 0, off));
        expect(TABLE.JetInit.expect("implemented")(&mut instance));
        let begin = TABLE.JetBeginSessionA.expect("implemented");
        expect(begin(instance, &mut sesid, none.cast(), none.cast()));
        let create = TABLE.JetCreateDatabaseA.expect("implemented");
        let name = text(c"jetspec.edb").cast();
        expect(create(sesid, name, none.cast(), &mut dbid, 0));
        let create = TABLE.JetCreateTableA.expect("implemented");
        let name = text(c"table").cast();
        expect(create(sesid, dbid, name, 1, 80, &mut tableid));
        let add = TABLE.JetAddColumnA.expect("implemented");
        let definition = jet::JET_COLUMNDEF {
            cbStruct: size_of::<jet::JET_COLUMNDEF>() as u32,
            coltyp: jet::JET_coltypLong,
            ..Default::default()
        };
        let name = text(c"value").cast();
        expect(add(
            sesid,
            tableid,
            name,
            &definition,
            null(),
            0,
            &mut column,
        ));
        for value in 1..=3 {
            change(sesid, tableid, column, jet::JET_prepInsert, value);
        }
        let go = TABLE.JetMove.expect("implemented");
        let (first, next) = (jet::JET_MoveFirst as i32, 1);
        expect(go(sesid, tableid, first, 0));
        read(sesid, tableid, column);
        expect(go(sesid, tableid, next, 0));
        read(sesid, tableid, column);
        change(sesid, tableid, column, jet::JET_prepReplace, 4);
        expect(TABLE.JetDelete.expect("implemented")(sesid, tableid));
        expect(go(sesid, tableid, first, 0));
    }
}

/// # Safety
/// The handles are those of an open session and cursor, as the documents ask.
unsafe fn change(sesid: usize, tableid: usize, column: u32, prep: u32, value: i32) {
    let data: *const c_void = std::ptr::from_ref(&value).cast();
    // SAFETY: the caller's handles, pointers to locals, null where the pages allow it.
    unsafe {
        expect(TABLE.JetPrepareUpdate.expect("implemented")(
            sesid, tableid, prep,
        ));
        let set = TABLE.JetSetColumn.expect("implemented");
        expect(set(sesid, tableid, column, data, 4, 0, null()));
        let update = TABLE.JetUpdate.expect("implemented");
        expect(update(sesid, tableid, null_mut(), 0, null_mut()));
    }
}

/// # Safety
/// The handles are those of an open session and cursor, as the documents ask.
unsafe fn read(sesid: usize, tableid: usize, column: u32) {
    let (mut value, mut actual) = ([0_u8; 300], 0);
    let data = value.as_mut_ptr().cast();
    let retrieve = TABLE.JetRetrieveColumn.expect("implemented");
    // SAFETY: the caller's handles, a buffer of the length that is said, null where it is allowed.
    expect(unsafe {
        retrieve(
            sesid,
            tableid,
            column,
            data,
            300,
            &mut actual,
            0,
            null_mut(),
        )
    });
    black_box(value);
}

/// A program of five hundred calls that shows something in one of them.
fn long() -> Program {
    let bytes = bytes_of_seed(3, 5, 16_384);
    let order = Order {
        steps: 500,
        ..Order::default()
    };
    make(Choices::new(&bytes), &order)
}

/// Makes it simple by running each candidate, as for a finding: it shows a call of JetDelete that the
/// reference refuses.
fn simple(bench: &mut Bench, long: &Program) -> (Program, Duration) {
    let begun = Instant::now();
    // As a campaign does: what waits for a step that was left out is not waited for long.
    bench.hurry(true);
    let simplest = shrink(long, Duration::from_secs(60), &mut |candidate| {
        let deletes = candidate.steps.iter().any(|step| {
            let call = step.invocation();
            call.is_some_and(|call| call.function.get().name == "JetDelete")
        });
        deletes
            && bench
                .run(candidate)
                .is_some_and(|run| run.refuses("JetDelete"))
    });
    bench.hurry(false);
    (simplest, begun.elapsed())
}

fn print(bench: &mut Bench, program: &Program, folder: &Path) {
    let (mut hand, mut fuzz) = (Duration::MAX, Duration::MAX);
    for number in 0..ROUNDS {
        let begun = Instant::now();
        by_hand(folder);
        hand = hand.min(begun.elapsed());
        let begun = Instant::now();
        fuzzed(bench, program, number as u64);
        fuzz = fuzz.min(begun.elapsed());
    }
    let rate = |time: Duration| f64::from(CALLS) / time.as_secs_f64();
    println!(
        "by hand {:.0} calls a second; generated, traced, digested and judged {:.0}: {:.2} of it \
         (at least 0.50)",
        rate(hand),
        rate(fuzz),
        rate(fuzz) / rate(hand)
    );
}

fn main() {
    let folder = std::env::temp_dir().join(format!("jetspec-fuzzing-{}", std::process::id()));
    let begin = |folder: &Path| {
        std::fs::create_dir_all(folder)?;
        std::env::set_current_dir(folder)
    };
    begin(&folder).expect("a scratch folder");
    let (mut bench, program) = (bench(), twenty_calls());
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    criterion.bench_function("twenty calls by hand", |bencher| {
        bencher.iter(|| by_hand(&folder));
    });
    let mut number = 0;
    criterion.bench_function("twenty calls as a program", |bencher| {
        bencher.iter(|| {
            number += 1;
            fuzzed(&mut bench, &program, number);
        });
    });
    criterion.final_summary();
    print(&mut bench, &program, &folder);
    let long = long();
    let (simplest, time) = simple(&mut bench, &long);
    println!(
        "a finding of {} calls is made simple, to {} steps, in {:.2} s (at most 10)",
        long.size(),
        simplest.size(),
        time.as_secs_f64()
    );
    let _ = std::fs::remove_dir_all(&folder);
}
