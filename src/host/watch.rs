//! One plan in one host, as its parent sees it: the clock, the frames, and what was announced before
//! the host died.

use std::path::PathBuf;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use crate::reference::watch::Report;
use crate::run::trace::End;
use crate::run::{Limits, Renderer};

use super::announcements::Announcements;
use super::exception;
use super::interrupt;
use super::process::{Process, describe};
use super::protocol::{self, After, Ended, Frame, Kind, decode, encode};

/// How much longer the parent waits than the host, which names the culprit better.
pub(super) const GRACE: Duration = Duration::from_millis(2000);
/// How often the parent looks whether the host makes progress.
pub(super) const GLANCE: Duration = Duration::from_millis(50);
/// How much of a journal is taken: no scenario needs as much, and a library that calls back without
/// end must not fill the parent's memory.
const JOURNAL_MOST: u64 = 64 * 1024 * 1024;

/// One plan in one host.
pub(super) struct Watch<'w, 'p> {
    pub(super) process: &'w mut Process,
    pub(super) announcements: Option<&'w Announcements>,
    pub(super) limits: Limits,
    pub(super) memory_mib: u64,
    /// Whether something stands between this process and the host.
    pub(super) launched: bool,
    /// When the run must have ended.
    pub(super) deadline: Instant,
    /// How much of the journal has come as frames.
    pub(super) received: u64,
    /// The exception that the host says it dies of.
    pub(super) exception: Option<u32>,
    /// The folder that the host says it works in.
    pub(super) folder: &'w mut Option<PathBuf>,
    pub(super) renderer: &'w mut Renderer<'p>,
}

impl Watch<'_, '_> {
    /// Gives the host its job and waits for the end.
    pub(super) fn run(&mut self, job: &protocol::Job) -> Ended {
        let step = Duration::from_millis(self.limits.step_ms) + GRACE;
        let mut progress = 0;
        let mut since = Instant::now();
        let sent = encode(job).and_then(|job| self.process.tell(Kind::Job, &job, since + step));
        if let Err(error) = sent
            && error.kind() == std::io::ErrorKind::TimedOut
            && !interrupt::asked()
        {
            return self.timed_out(self.limits.step_ms);
        }
        // Any other host that cannot be written to has died, or is about to.
        let mut glanced = Instant::now();
        loop {
            if glanced.elapsed() >= GLANCE {
                glanced = Instant::now();
                if let Some(ended) = self.too_much_memory() {
                    return ended;
                }
            }
            match self.process.frames.recv_timeout(GLANCE) {
                Ok(frame) => {
                    if let Frame::Whole(Kind::Step, _) = frame {
                        since = Instant::now();
                    }
                    if let Some(ended) = self.frame(frame) {
                        return ended;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return self.died(),
                Err(RecvTimeoutError::Timeout) => {
                    if self.process.ended().is_some() {
                        return self.died();
                    }
                }
            }
            if interrupt::asked() {
                return spent(broken("the run was interrupted"));
            }
            let announced = self.steps();
            if announced != progress {
                progress = announced;
                since = Instant::now();
            }
            if since.elapsed() > step {
                return self.timed_out(self.limits.step_ms);
            }
            if Instant::now() > self.deadline {
                return self.timed_out(self.limits.run_ms);
            }
        }
    }

    /// How many of the plan's own steps have begun, where the host announces them in a file.
    fn steps(&self) -> u64 {
        self.announcements.map_or(0, Announcements::steps)
    }

    /// Takes a frame in; how the run ended, if it says that.
    fn frame(&mut self, frame: Frame) -> Option<Ended> {
        let Frame::Whole(kind, content) = frame else {
            return Some(self.torn());
        };
        match kind {
            Kind::Records => {
                self.received += content.len() as u64;
                // What goes on for ever is told by the clock.
                if self.received <= JOURNAL_MOST {
                    self.renderer.feed(&content);
                }
                None
            }
            Kind::Folder => {
                *self.folder = decode(&content).ok();
                None
            }
            Kind::Stub => {
                self.take_rest();
                let (step, _) = self.renderer.doing();
                let function = String::from_utf8_lossy(&content).into_owned();
                Some(spent(End::Unsupported { step, function }))
            }
            Kind::Exception => {
                self.exception = content.try_into().ok().map(u32::from_le_bytes);
                None
            }
            Kind::Ended => Some(match decode(&content) {
                Ok(ended) => self.ended(ended),
                Err(error) => spent(broken(&format!(
                    "the host's last word makes no sense: {error}"
                ))),
            }),
            _ => None,
        }
    }

    fn ended(&mut self, mut ended: Ended) -> Ended {
        // What goes on for ever is told by the clock, whoever looks at it first.
        if self.received > JOURNAL_MOST && !matches!(ended.end, End::TimedOut { .. }) {
            return self.too_much();
        }
        self.take_rest();
        // The host knows that a thread is late, its records say with what.
        if let End::TimedOut { step, doing, .. } = &mut ended.end
            && let Some(stuck) = self.renderer.stuck()
        {
            (*step, *doing) = stuck;
        }
        ended
    }

    /// Takes the records that were announced and not sent.
    fn take_rest(&mut self) {
        if let Some(announcements) = self.announcements
            && self.received <= JOURNAL_MOST
        {
            let rest = announcements.rest(self.received);
            self.renderer.feed(&rest);
        }
    }

    /// What is still in the pipe of a host that is gone, or of whom it left behind.
    fn last_frames(&mut self, until: Instant) -> Option<Ended> {
        loop {
            match self.process.frames.recv_timeout(GLANCE) {
                Ok(frame) => {
                    if let Some(ended) = self.frame(frame) {
                        return Some(ended);
                    }
                }
                // Nothing yet: of a host that is gone, and on a busy machine.
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
            if Instant::now() > until {
                return None;
            }
        }
    }

    /// The host is dead, or has closed its streams and is taken for dead.
    fn died(&mut self) -> Ended {
        let mut status = None;
        let a_step = Duration::from_millis(self.limits.step_ms) + GRACE;
        let mut patience = Instant::now() + a_step;
        let mut announced = self.steps();
        while status.is_none() && Instant::now() < patience {
            // It has closed its streams and goes on: it comes to its end by itself.
            if self.steps() != announced && Instant::now() < self.deadline {
                announced = self.steps();
                patience = Instant::now() + a_step;
            }
            status = self.process.ended();
            if let Some(ended) = self.last_frames(patience) {
                return ended;
            }
            if status.is_none() {
                std::thread::sleep(GLANCE / 10);
            }
        }
        let mut how = match (self.exception, status) {
            (Some(code), _) => exception::describe(code),
            (None, Some(status)) => describe(Some(status)),
            (None, None) => "closed its streams".to_owned(),
        };
        if let Some(most) = self.process.most_memory()
            && self.memory_mib > 0
            && most / 1024 / 1024 > self.memory_mib / 10 * 9
        {
            how = format!("{how}, at its memory limit of {} MiB", self.memory_mib);
        }
        self.end_by(how)
    }

    /// The host is gone, and how.
    fn end_by(&mut self, how: String) -> Ended {
        self.take_rest();
        let (step, doing) = self.renderer.doing();
        spent(End::Died { step, doing, how })
    }

    /// Something wrote into the middle of a message. Where nobody stands between, nobody but the library
    /// has the stream.
    fn torn(&mut self) -> Ended {
        if self.launched {
            return spent(broken(
                "something wrote into the middle of a message of the host: what else writes to its standard output?",
            ));
        }
        self.end_by("wrote into the stream between its process and the runner".to_owned())
    }

    /// What the system does not count against the limit that it has set, memory that is shared, is
    /// counted here.
    fn too_much_memory(&mut self) -> Option<Ended> {
        let limit = self.memory_mib.saturating_mul(1024 * 1024);
        let has = self.process.resident().filter(|_| limit > 0)?;
        // The system is to be the first where it counts itself.
        if has < limit / 4 * 5 {
            return None;
        }
        self.process.kill();
        let how = format!("killed, at its memory limit of {} MiB", self.memory_mib);
        Some(self.end_by(how))
    }

    /// The host has told more than can be kept.
    fn too_much(&mut self) -> Ended {
        let (step, doing) = self.renderer.doing();
        let how = format!(
            "given up, for what it did fills more than {} MiB of trace",
            JOURNAL_MOST / 1024 / 1024
        );
        spent(End::Died { step, doing, how })
    }

    fn timed_out(&mut self, limit_ms: u64) -> Ended {
        self.process.kill();
        if let Some(ended) = self.last_frames(Instant::now() + GRACE) {
            return ended;
        }
        self.take_rest();
        let stuck = self.renderer.stuck();
        let (step, doing) = stuck.unwrap_or_else(|| self.renderer.doing());
        spent(End::TimedOut {
            step,
            doing,
            limit_ms,
        })
    }
}

/// A host is of no more use after a run that ended so.
pub(super) fn spent(end: End) -> Ended {
    Ended {
        end,
        changes: Vec::new(),
        after: After::Spent,
        report: Report::default(),
    }
}

fn broken(reason: &str) -> End {
    End::Broken {
        step: None,
        reason: reason.to_owned(),
    }
}
