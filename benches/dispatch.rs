//! What it costs to call back: an update of a record whose table has no, one, ten, a hundred
//! registered callbacks, against a direct call of the same function through a pointer with the same
//! eight arguments. A callback may cost at most 50 ns more than its direct call, and no more the more
//! there are. The first one of an event pays for the event too: its thread, its session and its
//! cursor are marked before it and unmarked after the last. Run it on a machine that does nothing else.

use std::ffi::c_void;
use std::hint::black_box;
use std::path::Path;
use std::ptr::{null, null_mut, without_provenance};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use criterion::Criterion;
use jetspec::reference::{TABLE, engine};
use windows_sys::Win32::Storage::Jet as jet;

/// How many callbacks are registered.
const COUNTS: [u32; 4] = [0, 1, 10, 100];

/// How often each is done before the clock is looked at, how often the clock is looked at in a round,
/// and how many rounds there are.
const TIMES: u64 = 200;
const LOOKS: usize = 10;
const ROUNDS: usize = 100;

static CALLED: AtomicU64 = AtomicU64::new(0);

type Function = unsafe extern "system" fn(
    usize,
    u32,
    usize,
    u32,
    *mut c_void,
    *mut c_void,
    *const c_void,
    usize,
) -> i32;

unsafe extern "system" fn counts(
    sesid: usize,
    dbid: u32,
    tableid: usize,
    cbtyp: u32,
    arg1: *mut c_void,
    arg2: *mut c_void,
    context: *const c_void,
    unused: usize,
) -> i32 {
    black_box((sesid, dbid, tableid, cbtyp, arg1, arg2, context, unused));
    let called = CALLED.load(Ordering::Relaxed);
    CALLED.store(called + 1, Ordering::Relaxed);
    0
}

fn expect(code: i32) {
    assert_eq!(code, 0, "the reference must do what the bench asks");
}

fn text(text: &'static std::ffi::CStr) -> *mut u8 {
    text.as_ptr().cast_mut().cast()
}

/// A session with a database, alone in a new engine.
fn database() -> (usize, u32) {
    engine().reset();
    let (mut instance, mut sesid, mut dbid) = (0, 0, 0);
    let none: *mut u8 = null_mut();
    // SAFETY: pointers to locals, texts with terminators, null where the pages allow it.
    unsafe {
        let create = TABLE.JetCreateInstanceA.expect("implemented");
        expect(create(&mut instance, text(c"bench").cast()));
        let set = TABLE.JetSetSystemParameterA.expect("implemented");
        let off = text(c"off").cast();
        expect(set(&mut instance, 0, jet::JET_paramRecovery, 0, off));
        expect(TABLE.JetInit.expect("implemented")(&mut instance));
        let begin = TABLE.JetBeginSessionA.expect("implemented");
        expect(begin(instance, &mut sesid, none.cast(), none.cast()));
        let create = TABLE.JetCreateDatabaseA.expect("implemented");
        let name = text(c"jetspec.edb").cast();
        let over = jet::JET_bitDbOverwriteExisting;
        expect(create(sesid, name, none.cast(), &mut dbid, over));
    }
    (sesid, dbid)
}

/// A table with one record, and a cursor on it.
struct Scene {
    sesid: usize,
    tableid: usize,
    column: u32,
}

impl Scene {
    /// A table with so many callbacks for JET_cbtypBeforeReplace, the only one of its engine: whatever
    /// else the engine holds is the same for any number of callbacks.
    fn new(callbacks: u32) -> Self {
        let (sesid, dbid) = database();
        let mut scene = Self {
            sesid,
            tableid: 0,
            column: 0,
        };
        // SAFETY: pointers to locals, texts with terminators, a callback that lives for ever.
        unsafe { scene.open(dbid, callbacks) };
        scene
    }

    unsafe fn open(&mut self, dbid: u32, callbacks: u32) {
        // SAFETY: the caller's.
        unsafe {
            let create = TABLE.JetCreateTableA.expect("implemented");
            let name = text(c"table").cast();
            expect(create(self.sesid, dbid, name, 1, 80, &mut self.tableid));
            let add = TABLE.JetAddColumnA.expect("implemented");
            let column = jet::JET_COLUMNDEF {
                cbStruct: size_of::<jet::JET_COLUMNDEF>() as u32,
                coltyp: jet::JET_coltypLong,
                ..Default::default()
            };
            let (name, columnid) = (text(c"value").cast(), &mut self.column);
            let code = add(self.sesid, self.tableid, name, &column, null(), 0, columnid);
            expect(code);
            self.change(jet::JET_prepInsert);
            let first = TABLE.JetMove.expect("implemented");
            expect(first(
                self.sesid,
                self.tableid,
                jet::JET_MoveFirst as i32,
                0,
            ));
            let register = TABLE.JetRegisterCallback.expect("implemented");
            let reason = jet::JET_cbtypBeforeReplace;
            for number in 0..callbacks {
                let context = without_provenance(number as usize + 1);
                let handle = Box::into_raw(Box::new(0));
                let (sesid, tableid) = (self.sesid, self.tableid);
                let code = register(sesid, tableid, reason, Some(counts), context, handle);
                expect(code);
                drop(Box::from_raw(handle));
            }
        }
    }

    /// Inserts a record or replaces the current one.
    fn change(&self, prep: u32) {
        let data: i32 = 7;
        let data: *const c_void = std::ptr::from_ref(&data).cast();
        // SAFETY: pointers to locals, null where the pages allow it.
        unsafe {
            let prepare = TABLE.JetPrepareUpdate.expect("implemented");
            expect(prepare(self.sesid, self.tableid, prep));
            let set = TABLE.JetSetColumn.expect("implemented");
            let (sesid, tableid, column) = (self.sesid, self.tableid, self.column);
            expect(set(sesid, tableid, column, data, 4, 0, null()));
            let update = TABLE.JetUpdate.expect("implemented");
            expect(update(sesid, tableid, null_mut(), 0, null_mut()));
        }
    }

    fn replace(&self, times: u64) -> Duration {
        let begun = Instant::now();
        for _ in 0..times {
            self.change(jet::JET_prepReplace);
        }
        begun.elapsed()
    }
}

/// The same function through a pointer, with arguments like those that it gets.
fn direct(times: u64) -> Duration {
    let function: Function = black_box(counts);
    let begun = Instant::now();
    for number in 0..times {
        let context = without_provenance(number as usize + 1);
        // SAFETY: the function takes any arguments.
        let code = unsafe {
            let (sesid, tableid) = (black_box(0x10), black_box(0x20));
            function(sesid, 1, tableid, 8, null_mut(), null_mut(), context, 0)
        };
        black_box(code);
    }
    begun.elapsed()
}

/// The shortest time of each: of a direct call, and of an update with each number of callbacks, in
/// nanoseconds. They take turns, so that what disturbs one disturbs all; and what disturbs only adds.
fn shortest() -> (f64, [f64; COUNTS.len()]) {
    let each = |time: Duration| time.as_secs_f64() * 1e9 / TIMES as f64;
    let (mut call, mut updates) = (f64::MAX, [f64::MAX; COUNTS.len()]);
    for _ in 0..ROUNDS {
        for (callbacks, best) in COUNTS.iter().zip(&mut updates) {
            let scene = Scene::new(*callbacks);
            for _ in 0..LOOKS {
                call = call.min(each(direct(TIMES)));
                *best = best.min(each(scene.replace(TIMES)));
            }
        }
    }
    (call, updates)
}

fn print((call, updates): (f64, [f64; COUNTS.len()])) {
    let none = updates[0];
    println!("a direct call {call:.1} ns; an update without callbacks {none:.0} ns");
    for (callbacks, update) in COUNTS.iter().zip(&updates).skip(1) {
        let each = (update - none) / f64::from(*callbacks);
        let above = each - call;
        println!(
            "{callbacks:>3} callbacks: an update {update:.0} ns, a callback {each:.1} ns, \
             {above:.1} ns above the direct call (at most 50)"
        );
    }
}

/// Measures each with the harness; every callback has to be called.
fn measure(criterion: &mut Criterion) {
    criterion.bench_function("a direct call", |bencher| {
        bencher.iter_custom(direct);
    });
    for callbacks in COUNTS {
        let scene = Scene::new(callbacks);
        let called = CALLED.load(Ordering::Relaxed);
        let mut updates = 0;
        let name = format!("an update with {callbacks} callbacks");
        criterion.bench_function(&name, |bencher| {
            bencher.iter_custom(|times| {
                updates += times;
                scene.replace(times)
            });
        });
        let called = CALLED.load(Ordering::Relaxed) - called;
        let all = updates * u64::from(callbacks);
        assert_eq!(called, all, "every callback is called");
    }
}

fn main() {
    let folder = std::env::temp_dir().join(format!("jetspec-dispatch-{}", std::process::id()));
    let begin = |folder: &Path| {
        std::fs::create_dir_all(folder)?;
        std::env::set_current_dir(folder)
    };
    begin(&folder).expect("a scratch folder");
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    measure(&mut criterion);
    criterion.final_summary();
    print(shortest());
    let _ = std::fs::remove_dir_all(&folder);
}
