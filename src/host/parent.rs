//! The parent's side: starts hosts, gives them plans, uses them again while they are healthy, and
//! makes traces of what they tell, also of what they told before they died.

use std::ffi::OsString;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use crate::reference::watch::Report;
use crate::run::trace::{Death, End, Trace};
use crate::run::{Limits, Renderer, Resume};
use crate::scenario::plan::Plan;

use super::child::Orders;
use super::control::Setup;
use super::error::HostError;
use super::greeting::{dead, greet, says_unloaded};
use super::interrupt;
use super::launcher::{Launcher, program};
use super::library::Source;
use super::limit::MEMORY_MIB;
use super::place::Place;
use super::process::{Process, describe};
use super::protocol::{After, Ended, Exports, Frame, Job, Kind, System, decode};
use super::watch::{GLANCE, GRACE, Watch, spent};

/// How hosts are started.
#[derive(Debug, Clone)]
pub struct Options {
    /// The program that becomes the host, with the arguments that make it one.
    pub program: Vec<OsString>,
    /// What starts it: `wine`, or `ssh machine`. Such a host shares no files with this process.
    pub launcher: Launcher,
    /// The library.
    pub source: Source,
    /// How long a run may take.
    pub limits: Limits,
    /// How much memory a host may have, in MiB; zero for as much as there is.
    pub memory_mib: u64,
    /// Whether a healthy host takes one plan after the other; else each plan has its own.
    pub reuse: bool,
}

impl Options {
    /// Hosts of this very executable.
    pub fn new(source: Source) -> io::Result<Options> {
        Ok(Options {
            program: vec![std::env::current_exe()?.into(), "host".into()],
            launcher: Launcher::default(),
            source,
            limits: Limits::default(),
            memory_mib: MEMORY_MIB,
            reuse: true,
        })
    }

    fn start(&self) -> Result<Process, HostError> {
        let mut words = self.program.clone();
        let orders = Orders {
            source: self.source.clone(),
            memory_mib: self.memory_mib,
        };
        words.extend(orders.words());
        let words = match self.launcher.is_none() {
            true => words,
            false => self.launcher.command(&words),
        };
        Process::start(&words, !self.launcher.is_none()).map_err(|error| HostError::Start {
            program: program(&words),
            error,
        })
    }
}

/// Gives plans to hosts, one at a time. A host is used again while it is healthy: our own library is
/// reset before each plan, a foreign one must have left its process as it found it.
pub struct Host {
    options: Options,
    place: Place,
    /// A host that has run plans and is as good as new.
    used: Option<Used>,
    /// A host that was started ahead and has run nothing.
    spare: Option<Process>,
    /// Whether the last plan was run by a host that had run others before.
    reused: bool,
    renew: bool,
    report: Report,
    /// What the last host said that it runs on.
    system: System,
    /// Hosts that died while nothing was asked of them.
    deaths: Vec<Death>,
}

/// A host that has run plans.
struct Used {
    process: Process,
    plans: u32,
    /// The case that the last of them was.
    last: String,
    /// Whether it has still to say that it may be used again.
    tidying: bool,
}

/// How many plans a host runs before it is replaced, whatever its health: what a library leaks does
/// not add up for ever.
const MOST_PLANS: u32 = 1000;
/// How long a library may take to end what a plan has left open.
const TIDY_LIMIT: Duration = Duration::from_millis(500);

impl Host {
    /// Hosts to come; the first is started when it is needed.
    pub fn new(options: Options) -> Result<Host, HostError> {
        Ok(Host {
            place: Place::new(&options)?,
            options,
            used: None,
            spare: None,
            reused: false,
            renew: false,
            report: Report::default(),
            system: System::HERE,
            deaths: Vec::new(),
        })
    }

    /// Starts a host and waits until it has loaded the library.
    pub fn start(options: Options) -> Result<Host, HostError> {
        let mut host = Host::new(options)?;
        let process = host.fresh()?;
        host.used = Some(Used {
            process,
            plans: 0,
            last: String::new(),
            tidying: false,
        });
        Ok(host)
    }

    /// The system that the hosts run on; this process's own until one has been started.
    pub fn system(&self) -> System {
        self.system
    }

    /// How long the next plans may take.
    pub fn limit(&mut self, limits: Limits) {
        self.options.limits = limits;
    }

    /// What the library exports.
    pub fn exports(&mut self) -> Result<Exports, HostError> {
        let mut process = match self.take_used(false) {
            Some(used) => used.process,
            None => self.fresh()?,
        };
        let limit_ms = self.options.limits.step_ms;
        let until = Instant::now() + Duration::from_millis(limit_ms);
        // A host that does not hear it is seen to have died, or to take too long.
        let _ = process.tell(Kind::Exports, &[], until);
        while Instant::now() < until {
            match process.frames.recv_timeout(GLANCE) {
                Ok(Frame::Whole(Kind::Exports, exports)) => return Ok(decode(&exports)?),
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) if interrupt::asked() => {
                    return Err(HostError::Interrupted);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Err(dead(&mut process, true)),
            }
        }
        process.kill_all();
        let stderr = process.take_stderr();
        Err(HostError::LoadsForEver { limit_ms, stderr })
    }

    /// Whether the last plan was run by a host that had run others before.
    pub fn reused(&self) -> bool {
        self.reused
    }

    /// What was seen of the engine's state in the last run, where that was asked for.
    pub fn report(&mut self) -> Report {
        std::mem::take(&mut self.report)
    }

    /// The next plan is run by a host that has run nothing.
    pub fn renew(&mut self) {
        self.renew = true;
    }

    /// Runs one plan. Whatever goes wrong is in the trace's end.
    pub fn run(&mut self, plan: &Arc<Plan>, setup: &Setup) -> Trace {
        let mut renderer = Renderer::new(plan);
        let mut stderr = String::new();
        let result = self.run_into(plan, setup, &mut renderer, &mut stderr);
        let (ended, used) = result.unwrap_or_else(|error| {
            let (end, words) = error.end(plan);
            stderr.push_str(&words);
            (spent(end), None)
        });
        let mut trace = renderer.finish(ended.end);
        trace.changes = ended.changes;
        trace.deaths = std::mem::take(&mut self.deaths);
        self.report = ended.report;
        trace.stderr = stderr;
        self.used = used.filter(|_| is_clean(&trace));
        if self.used.is_none() && self.spare.is_none() && !interrupt::asked() {
            // It loads the library while nobody waits for it. What keeps it from starting will be
            // told when it is needed.
            self.spare = self.options.start().ok();
        }
        trace
    }

    fn run_into(
        &mut self,
        plan: &Arc<Plan>,
        setup: &Setup,
        renderer: &mut Renderer<'_>,
        stderr: &mut String,
    ) -> Result<(Ended, Option<Used>), HostError> {
        let mut folder = self.place.clean()?;
        let mut resume = Resume::default();
        let limits = self.options.limits;
        let mut used = self.take_used(needs_first_functions(plan));
        self.reused = used.as_ref().is_some_and(|used| used.plans > 0);
        let mut deadline = Instant::now() + Duration::from_millis(limits.run_ms) + GRACE;
        loop {
            let mut current = match used.take() {
                Some(used) => used,
                None => {
                    let begun = Instant::now();
                    let process = self.fresh()?;
                    // The loading of the library has a limit of its own.
                    deadline += begun.elapsed();
                    Used {
                        process,
                        plans: 0,
                        last: String::new(),
                        tidying: false,
                    }
                }
            };
            let announcements = self.place.announcements()?;
            let job = Job {
                plan: plan.clone(),
                limits,
                resume: std::mem::take(&mut resume),
                setup: setup.clone(),
                folder: folder.clone(),
                announcements: announcements.map(|file| file.path().to_owned()),
            };
            let mut watch = Watch {
                process: &mut current.process,
                announcements,
                limits,
                memory_mib: self.options.memory_mib,
                launched: !self.options.launcher.is_none(),
                deadline,
                received: 0,
                exception: None,
                folder: &mut folder,
                renderer,
            };
            let ended = watch.run(&job);
            current.plans += 1;
            current.last = format!("{}::{}", plan.file, plan.case);
            let keeps = self.options.reuse && current.plans < MOST_PLANS;
            let killer = renderer.killed_itself();
            if ended.after == After::Spent || !keeps {
                match ended.end {
                    End::Complete | End::Unsupported { .. } => drop(current.process.kill()),
                    _ => current.process.kill_all(),
                }
                stderr.push_str(&current.process.take_stderr());
            } else {
                stderr.push_str(&current.process.take_stderr());
                current.tidying = ended.after == After::Tidying;
                self.place.made(folder, Some(&mut current.process));
                return Ok((ended, Some(current)));
            }
            match killer {
                Some(killer) if matches!(ended.end, End::Died { .. }) => {
                    self.place.renew_announcements();
                    resume = renderer.resume(killer);
                }
                _ => {
                    self.place.renew_announcements();
                    self.place.made(folder, None);
                    return Ok((ended, None));
                }
            }
        }
    }

    /// The host that has run plans, if it may run another and need not be a `new` one.
    fn take_used(&mut self, new: bool) -> Option<Used> {
        let used = self.used.take();
        let renew = std::mem::take(&mut self.renew);
        let mut used = used.filter(|used| !(renew || new) || used.plans == 0)?;
        if used.tidying {
            let until = Instant::now() + TIDY_LIMIT;
            let tidied = loop {
                let left = until.saturating_duration_since(Instant::now());
                match used.process.frames.recv_timeout(left) {
                    Ok(Frame::Whole(Kind::Tidied, said)) => break decode(&said).unwrap_or(false),
                    Ok(Frame::Whole(..)) => {}
                    Err(RecvTimeoutError::Disconnected) => {
                        used.process.come_to_an_end();
                        break false;
                    }
                    Ok(Frame::Torn) | Err(_) => break false,
                }
            };
            if !tidied {
                self.note_death(&mut used);
                used.process.kill_all();
                self.place.renew_announcements();
                return None;
            }
        }
        if self.note_death(&mut used) {
            self.place.renew_announcements();
            return None;
        }
        Some(used)
    }

    /// Whether a host has died since its last plan; that is kept to be told.
    fn note_death(&mut self, used: &mut Used) -> bool {
        let Some(status) = used.process.ended() else {
            return false;
        };
        if !interrupt::asked() {
            let words = used.process.take_stderr();
            self.deaths.push(Death {
                how: describe(Some(status)),
                when: format!("after {}", used.last),
                words,
            });
        }
        true
    }

    /// A host that has run nothing, and has loaded the library.
    fn fresh(&mut self) -> Result<Process, HostError> {
        self.place.renew_announcements();
        let mut process = match self.spare.take() {
            Some(process) => process,
            None => self.options.start()?,
        };
        self.system = greet(&mut process, self.options.limits.run_ms)?;
        self.place.discard(&mut process);
        Ok(process)
    }

    /// Has a fresh host load the library and unload it, as the last act of a run; what went wrong, in
    /// words.
    pub fn unload(&mut self) -> Result<Option<String>, HostError> {
        let mut process = self.fresh()?;
        let limit_ms = self.options.limits.step_ms;
        let until = Instant::now() + Duration::from_millis(limit_ms);
        // A host that does not hear it is seen to have died, or to take too long.
        let _ = process.tell(Kind::Unload, &[], until);
        let mut unloaded = false;
        while Instant::now() < until && !interrupt::asked() {
            match process.frames.recv_timeout(GLANCE) {
                Ok(Frame::Whole(Kind::Unloaded, _)) => unloaded = true,
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => std::thread::sleep(GLANCE / 10),
            }
            if let Some(status) = process.ended() {
                // What it said last may still be on its way.
                unloaded = unloaded || says_unloaded(&mut process);
                let well = unloaded && status.success();
                return Ok((!well).then(|| describe(Some(status))));
            }
        }
        process.kill_all();
        Ok(Some(format!("did not end within {limit_ms} ms")))
    }
}

/// Whether a plan has to begin in a new host: a schema that it leaves behind when it kills its host
/// can name a callback, which has to be the same function of the pool in the host after that.
fn needs_first_functions(plan: &Plan) -> bool {
    !plan.callbacks.is_empty() && plan.kills_its_host()
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(used) = &mut self.used {
            self.place.leave(&mut used.process);
        }
    }
}

/// Whether a run saw nothing that speaks against the process that it was in.
fn is_clean(trace: &Trace) -> bool {
    trace.strays.is_empty() && trace.steps.iter().all(|step| step.violations.is_empty())
}
