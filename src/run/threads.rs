//! The plan's own threads. Steps are done in the written order: whoever hands a step to another
//! thread waits for it, except for a call that is begun without waiting.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use crate::scenario::plan::StepId;

use super::callbacks::OnThread;
use super::calls;
use super::execute;
use super::prepared::{Prestep, Presteps, Which};
use super::state::{Context, Run};
use super::trace::End;

/// What a thread is asked to do.
pub(super) enum Job {
    /// A step that somebody waits for.
    Step(Presteps, usize, Context, Ticket),
    /// A call that nobody waits for yet.
    Start {
        /// Position among the plan's starts.
        start: usize,
        /// The call.
        call: usize,
        /// Who does it.
        context: Context,
    },
}

/// Set when a step that was handed over is done.
pub(super) type Ticket = Arc<std::sync::atomic::AtomicBool>;

/// Does a step on another thread and waits for it.
pub(super) fn hand_over(run: &Arc<Run>, context: &Context, step: Which<'_>) {
    let ticket = Ticket::default();
    let there = Context {
        thread: step.thread,
        ..*context
    };
    let job = Job::Step(step.steps.clone(), step.index, there, ticket.clone());
    send(run, &step, job);
    let done = |_: &mut _| ticket.load(std::sync::atomic::Ordering::Acquire);
    let (mut state, in_time) = run.wait_until(run.lock(), done);
    if !in_time && !run.stopped() {
        let end = timed_out(run, step.id, "a step on another thread");
        run.stop(&mut state, end);
    }
}

/// Begins a call on another thread.
pub(super) fn start(
    run: &Arc<Run>,
    context: &Context,
    step: &Prestep,
    (start, call): (usize, usize),
) {
    run.lock().running[start] = true;
    let context = Context {
        thread: step.thread,
        ..*context
    };
    let job = Job::Start {
        start,
        call,
        context,
    };
    send(run, step, job);
}

/// How a run ends whose time has passed in a step.
pub(super) fn timed_out(run: &Run, step: u32, doing: &str) -> End {
    End::TimedOut {
        step: StepId(step),
        doing: doing.to_owned(),
        limit_ms: run.limits.step_ms,
    }
}

fn send(run: &Arc<Run>, step: &Prestep, job: Job) {
    let thread = usize::from(step.thread);
    let mut state = run.lock();
    let sent = match state.workers.get(thread) {
        Some(Some(worker)) => worker.send(job).is_ok(),
        Some(None) => match spawn(run, step.thread) {
            Ok(worker) => {
                let sent = worker.send(job).is_ok();
                state.workers[thread] = Some(worker);
                sent
            }
            Err(_) => false,
        },
        None => false,
    };
    if !sent {
        let end = End::Broken {
            step: Some(StepId(step.id)),
            reason: format!("thread {thread} of the plan cannot be used"),
        };
        run.stop(&mut state, end);
    }
}

fn spawn(run: &Arc<Run>, number: u8) -> std::io::Result<std::sync::mpsc::Sender<Job>> {
    let (sender, jobs) = channel();
    let run = run.clone();
    let name = run.plan.threads[usize::from(number)].clone();
    thread::Builder::new()
        .name(name)
        .spawn(move || work(&run, number, &jobs))?;
    Ok(sender)
}

/// What a thread does until the run drops its end of the channel.
fn work(run: &Arc<Run>, number: u8, jobs: &Receiver<Job>) {
    let _here = OnThread::new(run, number);
    for job in jobs {
        match job {
            Job::Step(steps, index, context, ticket) => {
                execute::step(run, &context, &steps[index]);
                let state = run.lock();
                ticket.store(true, std::sync::atomic::Ordering::Release);
                run.notify(&state);
            }
            Job::Start {
                start,
                call,
                context,
            } => {
                calls::call(run, &context, call, &|_| true);
                let mut state = run.lock();
                state.running[start] = false;
                run.notify(&state);
            }
        }
    }
}
