//! Runs a plan against a table of functions.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::abi::Api;
use crate::scenario::plan::{CallbackId, Plan, Relation, StepId};

use super::callbacks::{self, Active, OnThread, POOL, Slots};
use super::calls::{self, Outcome};
use super::files;
use super::image::Image;
use super::journal::{Journal, Sink, Tag};
use super::module;
use super::prepare::{Addresses, PlanError};
use super::prepared::{Preaction, Prepared, Prestep, Presteps, Which};
use super::quarantine;
use super::realloc;
use super::render::Renderer;
use super::state::{Context, Held, Limits, Pooled, Run, State, Surroundings};
use super::threads;
use super::trace::{End, Trace};

/// Where a run begins: at the first step, or after the death of the host that did the steps before.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Resume {
    /// How many of the plan's outermost steps have been done.
    pub done: usize,
    /// What the variables hold.
    pub variables: Vec<Held>,
    /// Digests of remembered files, by path.
    pub digests: Vec<(String, u64)>,
}

/// One run at a time in a process: the engine's state is process-wide, and so is the current folder.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Runs a plan in this process and gives its trace. The library's state is the caller's concern.
/// Paths of the plan are relative to `scratch`, which is the current folder meanwhile.
pub fn run(plan: &Arc<Plan>, api: &Api, limits: Limits, scratch: &Path) -> Trace {
    let on = Surroundings {
        api: *api,
        limits,
        scratch: scratch.to_owned(),
        watcher: None,
    };
    let (end, records) = execute(plan, on, Resume::default(), None);
    let mut renderer = Renderer::new(plan);
    renderer.feed_all(&records);
    renderer.finish(end)
}

/// Runs a plan, from wherever it is to begin, and gives how it ended with the records that no sink
/// took.
pub(crate) fn execute(
    plan: &Arc<Plan>,
    on: Surroundings,
    resume: Resume,
    sink: Option<Box<dyn Sink>>,
) -> (End, Image) {
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let slots = Slots::take(plan.callbacks.len());
    let prepared = match prepare(plan, slots) {
        Ok(prepared) => prepared,
        Err(error) => return (broken(&error), Image::new()),
    };
    let _folder = match Folder::enter(&on.scratch) {
        Ok(folder) => folder,
        Err(error) => return (broken(&error), Image::new()),
    };
    let may_die = sink.is_some();
    let journal = Journal::new(sink);
    let run = Run::new(
        plan.clone(),
        prepared,
        on,
        Pooled { slots, may_die },
        journal,
    );
    let run = Arc::new(run);
    take_over(&run, &resume);
    let done = {
        let _active = Active::new(&run);
        let _here = OnThread::new(&run, 0);
        let context = Context::of_thread(0);
        steps(&run, &context, &run.prepared.steps, resume.done);
        finish(&run)
    };
    realloc::clear();
    super::refusal::end();
    done
}

fn broken(error: &dyn std::error::Error) -> End {
    End::Broken {
        step: None,
        reason: error.to_string(),
    }
}

fn prepare(plan: &Plan, slots: Slots) -> Result<Prepared, PlanError> {
    if plan.callbacks.len() > POOL {
        return Err(PlanError::TooMany {
            what: "callbacks",
            count: plan.callbacks.len(),
            most: POOL,
        });
    }
    Prepared::new(plan, &Pool(slots))
}

/// The addresses of the functions that a run has taken from the pool.
struct Pool(Slots);

impl Addresses for Pool {
    fn callback(&self, callback: CallbackId) -> u64 {
        callbacks::callback_address(self.0.slot(callback))
    }

    fn status(&self, callback: CallbackId) -> u64 {
        callbacks::status_address(self.0.slot(callback))
    }

    fn realloc(&self) -> u64 {
        realloc::address()
    }

    fn export_name(&self, callback: CallbackId) -> Result<String, PlanError> {
        module::export_name(self.0.slot(callback))
    }

    fn export_name_in(&self, callback: CallbackId, module: &str) -> String {
        module::export_name_in(self.0.slot(callback), module)
    }
}

/// The current folder, until the guard is dropped.
struct Folder(Option<std::path::PathBuf>);

impl Folder {
    fn enter(scratch: &Path) -> std::io::Result<Folder> {
        let before = std::env::current_dir().ok();
        if before.as_deref() == Some(scratch) {
            return Ok(Folder(None));
        }
        std::env::set_current_dir(scratch)?;
        Ok(Folder(before))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // Where the folder has gone there is nothing to go back to.
            let _ = std::env::set_current_dir(before);
        }
    }
}

fn take_over(run: &Run, resume: &Resume) {
    let mut state = run.lock();
    for (held, before) in state.variables.iter_mut().zip(&resume.variables) {
        held.clone_from(before);
    }
    state.digests = resume.digests.iter().cloned().collect();
}

/// Waits for the calls that nobody asked for, looks at the memory once more, and ends.
fn finish(run: &Run) -> (End, Image) {
    let returned = |state: &mut State| state.running.iter().all(|running| !running);
    let (mut state, in_time) = run.wait_until(run.lock(), returned);
    if !in_time && !run.stopped() {
        let start = state.running.iter().position(|running| *running);
        let step = start.map_or(0, |start| run.prepared.starts[start]);
        let end = threads::timed_out(run, step, "a call that nobody waited for");
        run.stop(&mut state, end);
    }
    calls::late_writes(run, &mut state);
    state.journal.announce();
    if run.may_die {
        quarantine::keep(calls::memory(&mut state));
    }
    state.workers.clear();
    let end = state.end.take().unwrap_or(End::Complete);
    (end, state.journal.take())
}

/// Does steps one after the other, from one on, until the run is stopped.
pub(super) fn steps(run: &Arc<Run>, context: &Context, steps: &Presteps, first: usize) {
    for index in first..steps.len() {
        let step = Which { steps, index };
        if run.stopped() {
            return;
        }
        if belongs_elsewhere(context, &step) {
            threads::hand_over(run, context, step);
        } else {
            self::step(run, context, &step);
        }
    }
}

/// Whether another thread has to do the step. In a body, `main` means the thread that came in.
fn belongs_elsewhere(context: &Context, step: &Prestep) -> bool {
    let other = step.thread != context.thread && !(context.in_body && step.thread == 0);
    other && !matches!(step.action, Preaction::Start { .. } | Preaction::End { .. })
}

/// Does one step on this thread.
pub(super) fn step(run: &Arc<Run>, context: &Context, step: &Prestep) {
    match &step.action {
        Preaction::Call(call) => {
            calls::call(run, context, *call, &|_| true);
        }
        Preaction::Until { codes, call } => until(run, context, codes, *call),
        Preaction::Repeat { times, steps } => repeat(run, context, *times, steps),
        Preaction::Start { start, call } => begin(run, context, step, *start, *call),
        Preaction::End { start } => join(run, context, step, *start),
        Preaction::KillHost => kill_host(run, context, step),
        other => plain(run, context, step, other),
    }
}

/// Announces a step that is no call.
fn announce(run: &Run, context: &Context, step: &Prestep) {
    let mut state = run.lock();
    let record = state.journal.begin(Tag::Begin, context.thread);
    record.word(step.id);
    state.journal.announce_step(context.in_body);
}

/// A step that is no call: it is done, or it says why not.
fn plain(run: &Run, context: &Context, step: &Prestep, action: &Preaction) {
    announce(run, context, step);
    let outcome = match action {
        Preaction::Await { callback, times } => await_events(run, context, *callback, *times),
        Preaction::Wait(signal) => wait(run, *signal),
        Preaction::Wake(signal) => {
            let mut state = run.lock();
            state.signals[*signal] += 1;
            run.notify(&state);
            Ok(())
        }
        Preaction::Compare {
            variables,
            relation,
        } => compare(run, context, variables, *relation),
        Preaction::Let {
            variable,
            base,
            add,
        } => set(run, context, *variable, *base, *add),
        Preaction::File(action) => files::act(run, context, action),
        _ => Ok(()),
    };
    let mut state = run.lock();
    match outcome {
        Ok(()) => {
            state.journal.begin(Tag::Done, context.thread);
        }
        Err(text) => {
            let record = state.journal.begin(Tag::Failed, context.thread);
            record.bytes(text.as_bytes());
        }
    }
}

/// Why a step could not be done, or did not hold.
pub(super) type Failure = String;

fn await_events(run: &Run, context: &Context, callback: usize, times: u32) -> Result<(), Failure> {
    let came = |state: &mut State| state.engine_events[callback] >= times;
    let (mut state, in_time) = run.wait_until(run.lock(), came);
    let taken = times.min(state.engine_events[callback]);
    state.engine_events[callback] -= taken;
    let record = state.journal.begin(Tag::Take, context.thread);
    record.word(callback as u32).word(taken);
    if in_time {
        return Ok(());
    }
    Err(format!(
        "`{}` was invoked {taken} times by threads of the engine's own within {} ms, {times} were awaited",
        run.plan.callbacks[callback].name, run.limits.step_ms
    ))
}

fn wait(run: &Run, signal: usize) -> Result<(), Failure> {
    let woken = |state: &mut State| state.signals[signal] > 0;
    let (mut state, in_time) = run.wait_until(run.lock(), woken);
    if in_time {
        state.signals[signal] -= 1;
        return Ok(());
    }
    Err(format!(
        "nobody woke `{}` within {} ms",
        run.plan.signals[signal], run.limits.step_ms
    ))
}

/// What a variable holds, for a comparison.
#[derive(PartialEq)]
enum Content<'s> {
    Number(u64),
    Bytes(&'s [u8]),
}

impl Content<'_> {
    /// Bytes are no numbers.
    fn is_less(&self, other: &Self) -> bool {
        matches!((self, other), (Content::Number(one), Content::Number(two)) if one < two)
    }
}

fn compare(
    run: &Run,
    context: &Context,
    variables: &[usize],
    relation: Relation,
) -> Result<(), Failure> {
    let state = run.lock();
    let mut contents = Vec::with_capacity(variables.len());
    for &variable in variables {
        let content = match state.number(context, variable) {
            None => return Err(never_bound(run, variable)),
            Some(_) if super::state::holds_bytes(run.plan.variables[variable].kind) => {
                Content::Bytes(&state.variables[variable].bytes)
            }
            Some(number) => Content::Number(number),
        };
        contents.push(content);
    }
    for (position, content) in contents.iter().enumerate() {
        let before = &contents[..position];
        let offender = match relation {
            Relation::Same => before.iter().position(|earlier| earlier != content),
            Relation::Distinct => before.iter().position(|earlier| earlier == content),
            Relation::Less => {
                let last = before.last().is_some_and(|last| !last.is_less(content));
                last.then(|| position - 1)
            }
        };
        if let Some(earlier) = offender {
            let name = |position: usize| &run.plan.variables[variables[position]].name;
            let (earlier, later) = (name(earlier), name(position));
            return Err(match relation {
                Relation::Same => format!("`{earlier}` and `{later}` differ"),
                Relation::Distinct => format!("`{earlier}` and `{later}` are the same"),
                Relation::Less => format!("`{earlier}` is not less than `{later}`"),
            });
        }
    }
    Ok(())
}

fn set(
    run: &Run,
    context: &Context,
    variable: usize,
    base: Option<usize>,
    add: i64,
) -> Result<(), Failure> {
    let mut state = run.lock();
    let base = match base {
        None => 0,
        Some(base) => state
            .number(context, base)
            .ok_or_else(|| never_bound(run, base))?,
    };
    let number = base.wrapping_add_signed(add);
    state.set_number(variable, number);
    let record = state.journal.begin(Tag::Set, context.thread);
    record.word(variable as u32).long(number);
    Ok(())
}

fn never_bound(run: &Run, variable: usize) -> Failure {
    format!(
        "`{}` was never given a value",
        run.plan.variables[variable].name
    )
}

/// Repeats a call until it returns one of the codes. The attempt that ends it is the one that counts;
/// when time has passed, that is the last.
fn until(run: &Run, context: &Context, codes: &[i32], call: usize) {
    /// Attempts that follow each other without pause; after them a pause spares the processor.
    const EAGER: u32 = 1000;
    let limit = Instant::now() + Duration::from_millis(run.limits.step_ms);
    let mut attempts = 0;
    loop {
        let late = Instant::now() >= limit;
        let ends = |code: i32| late || codes.contains(&code);
        match calls::call(run, context, call, &ends) {
            Outcome::Returned(code) if !ends(code) && !run.stopped() => {}
            _ => return,
        }
        attempts += 1;
        if attempts < EAGER {
            thread::yield_now();
        } else {
            thread::park_timeout(Duration::from_millis(1));
        }
    }
}

fn repeat(run: &Arc<Run>, context: &Context, times: u32, inside: &Presteps) {
    for _ in 0..times {
        if run.stopped() {
            return;
        }
        steps(run, context, inside, 0);
    }
}

fn begin(run: &Arc<Run>, context: &Context, step: &Prestep, start: usize, call: usize) {
    announce(run, context, step);
    let mut state = run.lock();
    state.journal.begin(Tag::Started, context.thread);
    drop(state);
    if step.thread == context.thread {
        // A thread cannot go on while it is inside a call: the result is there when asked for.
        calls::call(run, context, call, &|_| true);
    } else {
        threads::start(run, context, step, (start, call));
    }
}

fn join(run: &Run, context: &Context, step: &Prestep, start: usize) {
    announce(run, context, step);
    let returned = |state: &mut State| !state.running[start];
    let (mut state, in_time) = run.wait_until(run.lock(), returned);
    if in_time {
        let record = state.journal.begin(Tag::Joined, context.thread);
        record.word(run.prepared.starts[start]);
    } else if !run.stopped() {
        let end = threads::timed_out(run, step.id, "a call begun on another thread");
        run.stop(&mut state, end);
    }
}

/// Announces the death of the host and dies.
fn kill_host(run: &Run, context: &Context, step: &Prestep) {
    announce(run, context, step);
    if run.may_die {
        die();
    }
    let end = End::Broken {
        step: Some(StepId(step.id)),
        reason: "a run in this process cannot kill its host".into(),
    };
    run.stop(&mut run.lock(), end);
}

/// Ends this process as if it had been killed: nothing is flushed, nobody is asked.
pub(crate) fn die() -> ! {
    #[cfg(unix)]
    {
        let own = rustix::process::getpid();
        // Where the signal does not come through, the abort below does.
        let _ = rustix::process::kill_process(own, rustix::process::Signal::KILL);
    }
    std::process::abort()
}
