//! The parent's side: starts hosts, gives them plans, watches the clock, and makes traces of what
//! they tell, also of what they told before they died.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use crate::reference::control::STAMP;
use crate::run::trace::{End, Trace};
use crate::run::{Limits, Renderer, Resume};
use crate::scenario::plan::{Plan, Profile};

use super::announcements::Announcements;
use super::child;
use super::control::Setup;
use super::exception;
use super::folder::Folder;
use super::library::Source;
use super::process::{Process, describe};
use super::protocol::{self, Hello, Job, Kind};

/// How hosts are started.
#[derive(Debug, Clone)]
pub struct Options {
    /// The program that becomes the host, with the arguments that make it one.
    pub program: Vec<OsString>,
    /// Words before it: `wine`, or `ssh machine`. What they start shares no files with this process.
    pub launcher: Vec<OsString>,
    /// The library.
    pub source: Source,
    /// How long a run may take.
    pub limits: Limits,
    /// Requirement ids whose rules are switched off in our own library.
    pub rules_off: Vec<String>,
}

impl Options {
    /// Hosts of this very executable.
    pub fn new(source: Source) -> io::Result<Options> {
        Ok(Options {
            program: vec![std::env::current_exe()?.into(), "host".into()],
            launcher: Vec::new(),
            source,
            limits: Limits::default(),
            rules_off: Vec::new(),
        })
    }
}

/// Why no host can be had.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The system did not start it, or the streams to it broke.
    #[error("the host process cannot be used: {0}")]
    Process(#[from] io::Error),
    /// The library cannot be used.
    #[error("{0}")]
    Library(String),
    /// It ended before it said anything.
    #[error("the host process ended before it was ready: {how}\n{stderr}")]
    Silent {
        /// How it ended.
        how: String,
        /// What it wrote to standard error.
        stderr: String,
    },
    /// It is of another build.
    #[error("the host is of another build ({theirs}, this is {STAMP}): build both together")]
    Stamp {
        /// Its stamp.
        theirs: String,
    },
}

/// Gives plans to hosts, each to a fresh one: an engine's state is process-wide. The next host is
/// started when a run ends, and loads the library while nobody waits for it.
pub struct Host {
    options: Options,
    next: Option<Next>,
}

/// A host that has run nothing yet.
enum Next {
    /// It has loaded the library.
    Ready(Process),
    /// It has been started, no more.
    Starting(Process),
}

/// How long a host may take to load a library.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How much longer the parent waits than the host, which names the culprit better.
const GRACE: Duration = Duration::from_millis(1000);
/// How often the parent looks whether the host makes progress.
const GLANCE: Duration = Duration::from_millis(50);

impl Host {
    /// Starts a host and waits until it has loaded the library.
    pub fn start(options: Options) -> Result<Host, HostError> {
        let mut process = spawn(&options)?;
        greet(&mut process)?;
        Ok(Host {
            options,
            next: Some(Next::Ready(process)),
        })
    }

    /// Runs one plan. Whatever goes wrong is in the trace's end.
    pub fn run(&mut self, plan: &Arc<Plan>, profile: Profile) -> Trace {
        let mut renderer = Renderer::new(plan.clone());
        let mut stderr = String::new();
        let end = self.run_into(plan, profile, &mut renderer, &mut stderr);
        let end = end.unwrap_or_else(|error| End::Broken {
            step: None,
            reason: error.to_string(),
        });
        let mut trace = renderer.finish(end);
        trace.stderr = stderr;
        trace
    }

    fn run_into(
        &mut self,
        plan: &Arc<Plan>,
        profile: Profile,
        renderer: &mut Renderer,
        stderr: &mut String,
    ) -> Result<End, HostError> {
        let place = Place::new(&self.options)?;
        let mut folder = place.work();
        let mut resume = Resume::default();
        let deadline = Instant::now() + Duration::from_millis(self.options.limits.run_ms) + GRACE;
        loop {
            let mut process = self.process()?;
            let announcements = place.announcements()?;
            let job = Job {
                plan: plan.clone(),
                limits: self.options.limits,
                resume: std::mem::take(&mut resume),
                setup: Setup {
                    profile,
                    rules_off: self.options.rules_off.clone(),
                },
                folder: folder.clone(),
                announcements: announcements.as_ref().map(|(path, _)| path.clone()),
            };
            let mut watch = Watch {
                process: &mut process,
                announcements: announcements.map(|(_, announcements)| announcements),
                limits: self.options.limits,
                deadline,
                received: 0,
                exception: None,
                folder: &mut folder,
                renderer,
            };
            let end = watch.run(&job);
            process.kill();
            stderr.push_str(&process.stderr());
            // What keeps the next one from starting will be told when it is needed.
            self.next = spawn(&self.options).ok().map(Next::Starting);
            match renderer.killed_itself() {
                Some(done) if matches!(end, End::Died { .. }) => {
                    resume = renderer.resume(done);
                }
                _ => return Ok(end),
            }
        }
    }

    /// The host that is waiting, or a new one.
    fn process(&mut self) -> Result<Process, HostError> {
        let (mut process, greeted) = match self.next.take() {
            Some(Next::Ready(process)) => (process, true),
            Some(Next::Starting(process)) => (process, false),
            None => (spawn(&self.options)?, false),
        };
        if greeted && process.ended().is_some() {
            process = spawn(&self.options)?;
            greet(&mut process)?;
        } else if !greeted {
            greet(&mut process)?;
        }
        Ok(process)
    }
}

fn spawn(options: &Options) -> Result<Process, HostError> {
    let mut words = options.launcher.clone();
    words.extend(options.program.iter().cloned());
    words.extend(child::arguments(&options.source));
    Ok(Process::start(&words)?)
}

/// Waits until the host has loaded the library and says so.
fn greet(process: &mut Process) -> Result<(), HostError> {
    match process.frames.recv_timeout(START_LIMIT) {
        Ok((Kind::Hello, hello)) => {
            let hello: Hello = serde_json::from_slice(&hello).map_err(io::Error::from)?;
            if hello.stamp != STAMP {
                return Err(HostError::Stamp {
                    theirs: hello.stamp,
                });
            }
            Ok(())
        }
        Ok((Kind::Refused, why)) => Err(HostError::Library(
            String::from_utf8_lossy(&why).into_owned(),
        )),
        _ => {
            let status = match process.ended() {
                Some(status) => Some(status),
                None => process.kill(),
            };
            Err(HostError::Silent {
                how: describe(status),
                stderr: process.stderr(),
            })
        }
    }
}

/// Where a run has its files: a scratch folder and, beside it, the announcements. A host behind a
/// launcher makes its own.
struct Place(Option<Folder>);

impl Place {
    fn new(options: &Options) -> io::Result<Place> {
        if !options.launcher.is_empty() {
            return Ok(Place(None));
        }
        let folder = Folder::new()?;
        std::fs::create_dir(folder.path().join("work"))?;
        Ok(Place(Some(folder)))
    }

    fn work(&self) -> Option<PathBuf> {
        self.0.as_ref().map(|folder| folder.path().join("work"))
    }

    /// A new file for the announcements of a new host.
    #[cfg(unix)]
    fn announcements(&self) -> io::Result<Option<(PathBuf, Announcements)>> {
        let Some(folder) = &self.0 else {
            return Ok(None);
        };
        let path = folder.path().join("announcements");
        if path.exists() {
            std::fs::remove_file(&path)?;
        }
        let announcements = Announcements::create(&path)?;
        Ok(Some((path, announcements)))
    }

    #[cfg(not(unix))]
    fn announcements(&self) -> io::Result<Option<(PathBuf, Announcements)>> {
        Ok(None)
    }
}

/// One plan in one host.
struct Watch<'w> {
    process: &'w mut Process,
    announcements: Option<Announcements>,
    limits: Limits,
    /// When the run must have ended.
    deadline: Instant,
    /// How much of the journal has come as frames.
    received: u64,
    /// The exception that the host says it dies of.
    exception: Option<u32>,
    folder: &'w mut Option<PathBuf>,
    renderer: &'w mut Renderer,
}

impl Watch<'_> {
    fn run(&mut self, job: &Job) -> End {
        let sent = match &mut self.process.input {
            Some(input) => protocol::write_json(input, Kind::Job, job),
            None => Err(io::Error::other("the host was told to go")),
        };
        // A host that cannot be written to has died, or is about to.
        let _ = sent;
        let step = Duration::from_millis(self.limits.step_ms) + GRACE;
        let mut progress = 0;
        let mut since = Instant::now();
        loop {
            match self.process.frames.recv_timeout(GLANCE) {
                Ok((kind, content)) => {
                    since = Instant::now();
                    if let Some(end) = self.frame(kind, &content) {
                        self.take_rest();
                        return end;
                    }
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return self.died(),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let announced = self
                .announcements
                .as_ref()
                .map_or(0, Announcements::progress);
            if announced != progress {
                progress = announced;
                since = Instant::now();
            }
            if self.process.ended().is_some() {
                return self.died();
            }
            if since.elapsed() > step {
                return self.timed_out(self.limits.step_ms);
            }
            if Instant::now() > self.deadline {
                return self.timed_out(self.limits.run_ms);
            }
        }
    }

    fn frame(&mut self, kind: Kind, content: &[u8]) -> Option<End> {
        match kind {
            Kind::Records => {
                self.received += content.len() as u64;
                self.renderer.feed(content);
                None
            }
            Kind::Folder => {
                if let Ok(folder) = serde_json::from_slice(content) {
                    *self.folder = Some(folder);
                }
                None
            }
            Kind::Ended => {
                Some(
                    serde_json::from_slice(content).unwrap_or_else(|error| End::Broken {
                        step: None,
                        reason: format!("the host's last word makes no sense: {error}"),
                    }),
                )
            }
            Kind::Stub => {
                self.take_rest();
                let (step, _) = self.renderer.doing();
                let function = String::from_utf8_lossy(content).into_owned();
                Some(End::Unsupported { step, function })
            }
            Kind::Exception => {
                let code = content.try_into().map_or(0, u32::from_le_bytes);
                self.exception = Some(code);
                None
            }
            Kind::Job | Kind::Hello | Kind::Refused => None,
        }
    }

    /// Takes the records that were announced and not sent.
    fn take_rest(&mut self) {
        if let Some(announcements) = &self.announcements {
            let rest = announcements.rest(self.received);
            self.renderer.feed(&rest);
        }
    }

    /// The host is dead, or has closed its streams and is taken for dead.
    fn died(&mut self) -> End {
        let mut status = None;
        let patience = Instant::now() + GRACE;
        while status.is_none() && Instant::now() < patience {
            status = self.process.ended();
            // What it wrote before is still in the pipe; a child of its own may keep the pipe open.
            while let Ok((kind, content)) = self.process.frames.recv_timeout(GLANCE) {
                if let Some(end) = self.frame(kind, &content) {
                    self.take_rest();
                    return end;
                }
            }
        }
        let how = match (self.exception, status) {
            (Some(code), _) => exception::describe(code),
            (None, Some(status)) => describe(Some(status)),
            (None, None) => "closed its streams".to_owned(),
        };
        self.take_rest();
        let (step, doing) = self.renderer.doing();
        End::Died { step, doing, how }
    }

    fn timed_out(&mut self, limit_ms: u64) -> End {
        self.process.kill();
        while let Ok((kind, content)) = self.process.frames.recv_timeout(GLANCE) {
            if let Some(end) = self.frame(kind, &content) {
                self.take_rest();
                return end;
            }
        }
        self.take_rest();
        let (step, doing) = self.renderer.doing();
        End::TimedOut {
            step,
            doing,
            limit_ms,
        }
    }
}
