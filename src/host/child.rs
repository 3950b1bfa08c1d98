//! The host: the child process that runs plans. It loads the library under test, takes one plan
//! after the other from its parent, and tells what happens as it happens.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::abi::Api;
use crate::reference::WATCHED;
use crate::reference::control::STAMP;
use crate::reference::watch::{self, Report};
use crate::run::trace::End;
use crate::run::{self, Surroundings, execute};
use crate::scenario::plan::{Action, FileAction, Plan};

use super::announcements::Mapped;
use super::control::Control;
use super::exception;
use super::folder::{self, Folder};
use super::library::{Loaded, Source};
use super::limit;
use super::outgoing::Outgoing;
use super::parental::Parental;
use super::protocol::{self, After, Ended, Exports, Hello, Job, Kind, System, decode, encode};
use super::streams::Streams;
use super::tidy;
use super::vandalism::Process;

/// What the host is told on its command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Orders {
    pub(super) source: Source,
    /// How much memory the process may have, in MiB; zero for as much as there is.
    pub(super) memory_mib: u64,
}

impl Orders {
    /// The words that follow `host` on the command line.
    pub(super) fn words(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = match &self.source {
            Source::Linked => vec!["--static".into()],
            Source::Path(path) => vec!["--lib".into(), path.into()],
        };
        if self.memory_mib > 0 {
            words.extend(["--memory".into(), self.memory_mib.to_string().into()]);
        }
        words
    }

    fn read(words: &[OsString]) -> Option<Orders> {
        let (source, rest) = match words {
            [only, rest @ ..] if only == "--static" => (Source::Linked, rest),
            [option, path, rest @ ..] if option == "--lib" => (Source::Path(path.into()), rest),
            _ => return None,
        };
        let memory_mib = match rest {
            [] => 0,
            [option, number] if option == "--memory" => number.to_str()?.parse().ok()?,
            _ => return None,
        };
        Some(Orders { source, memory_mib })
    }
}

/// Runs the host with the arguments that follow `host` on the command line: `--lib PATH`, or
/// `--static` for the engine in the executable. Ends with the parent.
pub fn main(arguments: &[OsString]) -> ExitCode {
    let Some(orders) = Orders::read(arguments) else {
        eprintln!("jetspec host: started by jetspec itself, with --lib PATH or --static");
        return ExitCode::from(2);
    };
    super::hear_of_children();
    let ready = Streams::take().and_then(|streams| {
        limit::memory(orders.memory_mib)?;
        Ok(streams)
    });
    let result = ready.inspect_err(|error| {
        // The parent hears this in any case.
        eprintln!("the host process cannot be made ready: {error}");
    });
    let result = result.and_then(|mut streams| {
        greet(&mut streams.output)?;
        match orders.source.load() {
            Ok(loaded) => serve(streams, loaded),
            Err(error) => {
                let why = error.to_string();
                protocol::write(&mut streams.output, Kind::Refused, why.as_bytes())
            }
        }
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // The parent is gone, or cannot be reached: nobody is left to tell but by this.
        Err(_) => leave(),
    }
}

/// The exit code of a host that cannot reach its parent any more.
pub(super) const CUT_OFF: i32 = 113;

/// Ends the process as it is: what the library has made of it is not to be trusted.
fn leave() -> ! {
    #[cfg(unix)]
    // SAFETY: ends the process and runs nothing before it does.
    unsafe {
        libc::_exit(CUT_OFF)
    }
    #[cfg(not(unix))]
    std::process::exit(CUT_OFF)
}

/// Says which build this is: what dies after that has died of the library.
pub(super) fn greet(output: &mut File) -> io::Result<()> {
    let hello = Hello {
        stamp: STAMP.to_owned(),
        system: System::HERE,
    };
    protocol::write(output, Kind::Hello, &serde_json::to_vec(&hello)?)
}

/// Runs the parent's plans with the library.
pub(super) fn serve(streams: Streams, loaded: Loaded) -> io::Result<()> {
    let mut output = streams.output;
    protocol::write(&mut output, Kind::Loaded, &[])?;
    let parent = Parental::new(streams.input)?;
    let output = Outgoing::new(output);
    exception::tell(&output);
    let host = Host {
        output,
        parent,
        api: *loaded.api(),
        control: loaded.control(),
        mapped: Mapped::default(),
        process: None,
        healthy: true,
    };
    host.serve(loaded)
}

/// A host that has loaded its library.
struct Host {
    output: Outgoing,
    parent: Parental,
    api: Api,
    control: Option<Control>,
    mapped: Mapped,
    /// The process as the last plan has left it, which is as that plan found it.
    process: Option<Process>,
    /// Whether nothing has happened that a fresh process has not seen.
    healthy: bool,
}

impl Host {
    fn serve(mut self, loaded: Loaded) -> io::Result<()> {
        loop {
            let (kind, content) = self.parent.next()?;
            match kind {
                Kind::Job => self.job(&content)?,
                Kind::Discard => {
                    folder::discard(&decode::<PathBuf>(&content)?);
                    self.tell(Kind::Discarded, &content)?;
                }
                Kind::Exports => self.tell(Kind::Exports, &encode(&self.exports())?)?,
                Kind::Unload => {
                    // The last act: whatever comes of it, all results are safe.
                    loaded.unload();
                    return self.tell(Kind::Unloaded, &[]);
                }
                _ => {}
            }
        }
    }

    fn exports(&self) -> Exports {
        let names = self.api.exports().into_iter();
        Exports {
            names: names
                .filter(|(_, present)| *present)
                .map(|(name, _)| name.to_owned())
                .collect(),
            implemented: self.control.and_then(|control| control.implemented().ok()),
        }
    }

    fn tell(&self, kind: Kind, content: &[u8]) -> io::Result<()> {
        match self.output.tell(kind, content) {
            // The library has closed what it could find.
            Err(error) if error.kind() != io::ErrorKind::InvalidInput => leave(),
            result => result,
        }
    }

    /// Runs a plan and says how it ended, then what comes of this process.
    fn job(&mut self, job: &[u8]) -> io::Result<()> {
        // What came in since the last plan ended came from that plan's library.
        self.look();
        let ended = match decode::<Job>(job) {
            Ok(job) => catch_unwind(AssertUnwindSafe(|| self.run(job))).unwrap_or_else(|_| {
                let reason = "the runner panicked; standard error says where".to_owned();
                self.spent(End::Broken { step: None, reason })
            }),
            Err(error) => self.spent(broken(&error)),
        };
        self.tell(Kind::Ended, &encode(&ended)?)?;
        if ended.after == After::Tidying {
            let tidied = tidy::tidy(&self.api);
            self.look();
            self.tell(Kind::Tidied, &encode(&(tidied && self.healthy))?)?;
        }
        Ok(())
    }

    /// Looks whether the library has done something behind the last plan's back.
    fn look(&mut self) {
        let stale = run::callbacks::stale();
        let heard = self.parent.is_open();
        self.healthy &= heard && !stale && !run::quarantine::disturbed();
    }

    fn run(&mut self, job: Job) -> Ended {
        let folder = match &job.folder {
            Some(folder) => Ok(folder.clone()),
            None => own_folder(&self.output),
        };
        let folder = match folder.and_then(enter) {
            Ok(folder) => folder,
            Err(error) => return self.spent(broken(&error)),
        };
        if let Some(control) = self.control
            && let Err(error) = control.set_up(&job.setup)
        {
            return self.spent(broken(&error));
        }
        match self.execute(job, &folder) {
            Ok(ended) => ended,
            Err(error) => self.spent(broken(&error)),
        }
    }

    fn execute(&mut self, job: Job, folder: &Path) -> io::Result<Ended> {
        let announcer = self
            .mapped
            .announcer(&self.output, job.announcements.as_deref())?;
        let marked = marks_the_process(&job.plan);
        let watched = job.setup.watched;
        if watched {
            watch::begin();
        }
        let on = Surroundings {
            api: if watched { WATCHED } else { self.api },
            limits: job.limits,
            scratch: folder.to_owned(),
            watcher: self.control.is_none().then_some(tidy::watch),
        };
        let before = match self.process.take() {
            Some(process) => process.moved(),
            None => Process::now(),
        };
        let (end, rest) = execute(&job.plan, on, job.resume, Some(Box::new(announcer)));
        debug_assert!(rest.is_empty());
        let mut changes = before.changes(folder);
        if self.mapped.had_a_twin() {
            changes.push("came back from a call in a second process too".to_owned());
        }
        self.process = changes.is_empty().then_some(before);
        self.look();
        let whole = matches!(end, End::Complete | End::Unsupported { .. });
        let after = match self.control {
            _ if !whole || marked || !changes.is_empty() || !self.healthy => After::Spent,
            Some(_) => After::Ready,
            None if tidy::can_be_tidied() => After::Tidying,
            None => After::Spent,
        };
        let report = if watched {
            watch::take()
        } else {
            Report::default()
        };
        Ok(Ended {
            end,
            changes,
            after,
            report,
        })
    }

    fn spent(&self, end: End) -> Ended {
        Ended {
            end,
            changes: Vec::new(),
            after: After::Spent,
            report: Report::default(),
        }
    }
}

/// Whether the plan itself leaves traces in the process.
fn marks_the_process(plan: &Plan) -> bool {
    let refuses = |step: &crate::scenario::plan::Step| {
        matches!(step.action, Action::File(FileAction::RefuseWrites(_)))
    };
    plan.steps.iter().any(refuses)
}

/// A folder that the host has to make itself, because the parent's files are elsewhere. The parent
/// says when it can go, for the plan may go on in another host.
fn own_folder(output: &Outgoing) -> io::Result<PathBuf> {
    let folder = Folder::new()?.keep();
    output.tell(Kind::Folder, &encode(&folder)?)?;
    Ok(folder)
}

/// Makes the folder the current one.
fn enter(folder: PathBuf) -> io::Result<PathBuf> {
    std::env::set_current_dir(&folder)?;
    Ok(folder)
}

fn broken(error: &dyn std::error::Error) -> End {
    End::Broken {
        step: None,
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_read_as_they_are_written() {
        for source in [Source::Linked, Source::Path("a b.so".into())] {
            for memory_mib in [0, 512] {
                let orders = Orders {
                    source: source.clone(),
                    memory_mib,
                };
                assert_eq!(Orders::read(&orders.words()), Some(orders));
            }
        }
        assert_eq!(Orders::read(&["--lib".into()]), None);
        assert_eq!(Orders::read(&["--static".into(), "--x".into()]), None);
    }
}
