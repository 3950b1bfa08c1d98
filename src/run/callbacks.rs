//! Callbacks of a plan as C functions. Each has a function of its own from a fixed pool, so it is
//! never told apart by `pvContext`, which is under test; the functions live as long as the process,
//! so a call that comes too late lands safely.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use windows_sys::Win32::Storage::Jet as jet;

use crate::abi::errors::JetError;
use crate::scenario::plan::{Body, CallbackId, MOST_CALLBACKS};

use super::execute;
use super::invocation::{CALLBACK, Invocation, Pointee, STATUS};
use super::journal::{ENGINE_THREADS, Tag};
use super::state::{Context, Run, State};
use super::trace::{End, EventKind};

/// How many callbacks a plan may have.
pub(super) const POOL: usize = MOST_CALLBACKS;

/// The run that is going on, for threads that the runner did not start.
static CURRENT: Mutex<Option<Arc<Run>>> = Mutex::new(None);
/// Where the next run begins to take functions from the pool, so that a call meant for an earlier
/// run of the same process is not taken for one of this run.
static NEXT_SLOT: AtomicUsize = AtomicUsize::new(0);

/// How many invocations came for runs that are over.
static STALE: AtomicUsize = AtomicUsize::new(0);

/// Whether callbacks of runs that are over have been invoked since this was asked last.
pub(crate) fn stale() -> bool {
    STALE.swap(0, Ordering::Relaxed) > 0
}

thread_local! {
    /// The run that this thread of a plan works for, and its number there.
    static HERE: RefCell<Option<(Arc<Run>, u8)>> = const { RefCell::new(None) };
    /// The run that this thread of the engine's own was seen in, by its serial number, and its number there.
    static ENGINE: Cell<Option<(u64, u8)>> = const { Cell::new(None) };
    /// How many callbacks with steps this thread has entered and not left.
    static INSIDE: Cell<u32> = const { Cell::new(0) };
}

/// How many callbacks of the plan this thread is inside of.
pub(super) fn inside() -> u32 {
    INSIDE.get()
}

/// Puts that right after a library has left some of them by a jump.
pub(super) fn left(inside: u32) {
    INSIDE.set(inside);
}

/// The functions of the pool that belong to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slots {
    first: usize,
    count: usize,
}

impl Slots {
    /// Takes functions for a run with so many callbacks.
    pub(super) fn take(count: usize) -> Slots {
        let first = NEXT_SLOT.fetch_add(count, Ordering::Relaxed) % POOL;
        Slots { first, count }
    }

    /// The function of a callback, by position in the pool.
    pub(super) fn slot(self, callback: CallbackId) -> usize {
        (self.first + callback.0 as usize) % POOL
    }

    fn callback(self, slot: usize) -> Option<usize> {
        let callback = (slot + POOL - self.first) % POOL;
        (callback < self.count).then_some(callback)
    }
}

/// How many functions the runs of the process have taken so far: a number of its own for each run
/// that has a callback.
pub(super) fn taken() -> usize {
    NEXT_SLOT.load(Ordering::Relaxed)
}

/// Makes a run the current one of the process until the guard is dropped.
pub(super) struct Active;

impl Active {
    pub(super) fn new(run: &Arc<Run>) -> Active {
        set_current(Some(run.clone()));
        Active
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        set_current(None);
    }
}

fn set_current(run: Option<Arc<Run>>) {
    *CURRENT.lock().unwrap_or_else(PoisonError::into_inner) = run;
}

fn current() -> Option<Arc<Run>> {
    CURRENT
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// Tells the trampolines that this thread is a thread of the plan, until the guard is dropped.
pub(super) struct OnThread;

impl OnThread {
    pub(super) fn new(run: &Arc<Run>, thread: u8) -> OnThread {
        HERE.set(Some((run.clone(), thread)));
        OnThread
    }
}

impl Drop for OnThread {
    fn drop(&mut self) {
        HERE.set(None);
    }
}

/// How an invocation ends: it returns a code, or raises an exception of Windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ending {
    code: i32,
    raises: Option<u32>,
}

impl Ending {
    fn code(code: i32) -> Self {
        Self { code, raises: None }
    }

    /// The code as the trace tells it: that of the exception, where one is raised.
    fn told(self) -> u32 {
        self.raises.unwrap_or(self.code as u32)
    }

    /// Goes back to the library. Nothing is held any more and no frame of ours has anything to clean
    /// up, so a library may catch the exception and unwind over it.
    fn finish(self) -> i32 {
        #[cfg(windows)]
        if let Some(code) = self.raises {
            use windows_sys::Win32::System::Diagnostics::Debug::RaiseException;
            // SAFETY: the scenario asks for the exception; whoever handles it finds nothing of ours
            // between itself and this call.
            unsafe { RaiseException(code, 0, 0, std::ptr::null()) };
        }
        // Only the reference is run here for a scenario of Windows: it gets what an engine makes of
        // the exception that it has caught.
        #[cfg(not(windows))]
        if self.raises.is_some() {
            return JetError::CallbackFailed.code();
        }
        self.code
    }
}

/// What a trampoline does. No panic unwinds into the library.
fn invoke(invocation: &Invocation) -> Ending {
    let result = catch_unwind(AssertUnwindSafe(|| {
        // A call meant for a run that is over finds none, or one with other functions.
        let ours = whose().and_then(|(run, thread)| {
            let callback = run.slots.callback(invocation.slot)?;
            Some((run, thread, callback))
        });
        match ours {
            Some((run, thread, callback)) => enter(&run, thread, callback, invocation),
            None => {
                STALE.fetch_add(1, Ordering::Relaxed);
                Ending::code(0)
            }
        }
    }));
    result.unwrap_or_else(|_| {
        broken();
        Ending::code(JetError::InternalError.code())
    })
}

/// The run that the calling thread belongs to, and the thread's number there.
fn whose() -> Option<(Arc<Run>, u8)> {
    if let Some(here) = HERE.with_borrow(|here| here.clone()) {
        return Some(here);
    }
    let run = current()?;
    let number = match ENGINE.get() {
        Some((seen_in, number)) if seen_in == run.serial => number,
        _ => run.lock().next_engine_thread(),
    };
    ENGINE.set(Some((run.serial, number)));
    Some((run, number))
}

/// Reports a panic of ours.
fn broken() {
    if let Some(run) = current() {
        let mut state = run.lock();
        let end = End::Broken {
            step: None,
            reason: "the runner panicked inside a callback".into(),
        };
        run.stop(&mut state, end);
    }
}

fn enter(run: &Arc<Run>, thread: u8, callback: usize, invocation: &Invocation) -> Ending {
    let pointee = invocation.pointee();
    let mut state = run.lock();
    let body = body(run, &mut state, callback, invocation.reason());
    let (ending, steps) = match body {
        Some((number, body)) => {
            let ending = Ending {
                code: body.returns,
                raises: body.raises,
            };
            (ending, Some(&run.prepared.bodies[callback][number]))
        }
        None => (Ending::code(0), None),
    };
    let never = body.is_some_and(|(_, body)| body.never);
    let steps = steps.filter(|steps| !steps.is_empty());
    let tag = match steps.is_none() && !never {
        true => Tag::Event,
        false => Tag::Enter,
    };
    let kind = match invocation.kind {
        EventKind::Callback => CALLBACK,
        EventKind::Status => STATUS,
    };
    let mut record = state.journal.begin(tag, thread).word(callback as u32);
    record = record.byte(kind);
    for argument in invocation.arguments {
        record = record.long(argument);
    }
    for number in pointee.numbers {
        record = record.word(number);
    }
    record = record.word(pointee.size);
    record = record.bytes(invocation.user_data(run.prepared.user_data[callback]));
    if tag == Tag::Event {
        record.word(ending.told());
    }
    state.journal.announce();
    // Whoever awaits an invocation gets it whole: with what its body did.
    if tag == Tag::Event {
        over(run, &mut state, thread, callback, invocation.kind);
    }
    drop(state);
    if tag == Tag::Enter {
        INSIDE.set(INSIDE.get() + 1);
        let context = context(run, thread, callback, invocation);
        if let Some(steps) = steps {
            execute::steps(run, &context, steps, 0);
        }
    }
    if never {
        for_ever();
    }
    if let Some((_, body)) = body {
        write_arguments(body, invocation, pointee);
    }
    if tag == Tag::Enter {
        INSIDE.set(INSIDE.get() - 1);
        let mut state = run.lock();
        state.journal.begin(Tag::Leave, thread).word(ending.told());
        over(run, &mut state, thread, callback, invocation.kind);
    }
    ending
}

/// Stays until a time limit ends the process.
fn for_ever() -> ! {
    loop {
        std::thread::park();
    }
}

/// An invocation is over; one by a thread of the engine's own can be awaited. What a status function
/// is told belongs to the operation that it was given to.
fn over(run: &Run, state: &mut State, thread: u8, callback: usize, kind: EventKind) {
    if thread >= ENGINE_THREADS && kind == EventKind::Callback {
        state.engine_events[callback] += 1;
        run.notify(state);
    }
}

/// The body for a reason, with its number: the first that matches and is not used up.
fn body<'r>(
    run: &'r Run,
    state: &mut State,
    callback: usize,
    reason: u32,
) -> Option<(usize, &'r Body)> {
    let counts = &mut state.body_counts[callback];
    let bodies = run.plan.callbacks[callback].bodies.iter().enumerate();
    for (number, body) in bodies {
        let matches = body.reasons.is_empty() || body.reasons.contains(&reason);
        if matches && body.times.is_none_or(|times| counts[number] < times) {
            counts[number] += 1;
            return Some((number, body));
        }
    }
    None
}

/// The names `sesid`, `dbid` and `tableid` mean the callback's arguments inside it.
fn context(run: &Run, thread: u8, callback: usize, invocation: &Invocation) -> Context {
    let [sesid, dbid, tableid] = run.plan.callbacks[callback].arguments;
    let mut context = Context::of_thread(thread);
    context.in_body = true;
    let given = &invocation.arguments;
    context.arguments[0] = (sesid.0 as usize, given[0]);
    if invocation.kind == EventKind::Callback {
        context.arguments[1] = (dbid.0 as usize, given[1]);
        context.arguments[2] = (tableid.0 as usize, given[2]);
    }
    context
}

/// Writes what the body writes to `*pvArg1` and `*pvArg2`. A buffer of stated size is never overrun:
/// what does not fit is left out, as a careful application would.
fn write_arguments(body: &Body, invocation: &Invocation, pointee: Pointee) {
    // For the other reasons these are a number of the application's own, or the engine's memory.
    if invocation.kind != EventKind::Callback
        || invocation.reason() != jet::JET_cbtypUserDefinedDefaultValue
    {
        return;
    }
    let (arg1, arg2) = (invocation.arguments[4], invocation.arguments[5]);
    if let Some(bytes) = &body.write_arg1
        && arg1 != 0
    {
        let room = pointee.numbers[0] as usize;
        let target: *mut u8 = std::ptr::with_exposed_provenance_mut(arg1 as usize);
        // SAFETY: the library promises a buffer of that size at pvArg1.
        unsafe { target.copy_from(bytes.as_ptr(), bytes.len().min(room)) };
    }
    if let Some(number) = body.write_arg2
        && arg2 != 0
    {
        let target: *mut u32 = std::ptr::with_exposed_provenance_mut(arg2 as usize);
        // SAFETY: the library promises a 32-bit number at pvArg2.
        unsafe { target.write_unaligned(number) };
    }
}

unsafe extern "system" fn callback<const SLOT: usize>(
    sesid: jet::JET_SESID,
    dbid: u32,
    tableid: usize,
    cbtyp: u32,
    pvarg1: *mut c_void,
    pvarg2: *mut c_void,
    pvcontext: *const c_void,
    ulunused: usize,
) -> i32 {
    invoke(&Invocation {
        slot: SLOT,
        kind: EventKind::Callback,
        arguments: [
            sesid as u64,
            u64::from(dbid),
            tableid as u64,
            u64::from(cbtyp),
            pvarg1.expose_provenance() as u64,
            pvarg2.expose_provenance() as u64,
            pvcontext.addr() as u64,
            ulunused as u64,
        ],
    })
    .finish()
}

unsafe extern "system" fn status<const SLOT: usize>(
    sesid: jet::JET_SESID,
    snp: u32,
    snt: u32,
    pv: *const c_void,
) -> i32 {
    let pv = pv.expose_provenance() as u64;
    invoke(&Invocation {
        slot: SLOT,
        kind: EventKind::Status,
        arguments: [sesid as u64, u64::from(snp), u64::from(snt), pv, 0, 0, 0, 0],
    })
    .finish()
}

macro_rules! pool {
    ($($slot:literal)*) => {
        static CALLBACKS: [jet::JET_CALLBACK; POOL] = [$(Some(callback::<$slot>)),*];
        static STATUSES: [jet::JET_PFNSTATUS; POOL] = [$(Some(status::<$slot>)),*];
    };
}
pool!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
    32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63);

/// The address of a `JET_CALLBACK` function of the pool.
pub(super) fn callback_address(slot: usize) -> u64 {
    CALLBACKS[slot % POOL].map_or(0, |function| function as usize as u64)
}

/// The address of a `JET_PFNSTATUS` function of the pool.
pub(super) fn status_address(slot: usize) -> u64 {
    STATUSES[slot % POOL].map_or(0, |function| function as usize as u64)
}
