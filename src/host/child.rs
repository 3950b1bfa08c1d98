//! The host: the child process that runs plans. It loads the library under test, takes one plan
//! after the other from its parent, and tells what happens as it happens.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use crate::abi::Api;
use crate::reference::control::STAMP;
use crate::run::trace::End;
use crate::run::{die, execute};

use super::announcements::Announcer;
use super::control::Control;
use super::exception;
use super::folder::Folder;
use super::library::Source;
use super::protocol::{self, GREETING, Hello, Job, Kind};
use super::streams::Streams;

/// Runs the host with the arguments that follow `host` on the command line: `--lib PATH`, or
/// `--static` for the engine in the executable. Ends with the parent.
pub fn main(arguments: &[OsString]) -> ExitCode {
    let Some(source) = source(arguments) else {
        eprintln!("jetspec host: started by jetspec itself, with --lib PATH or --static");
        return ExitCode::from(2);
    };
    let result = Streams::take().and_then(|mut streams| {
        io::Write::write_all(&mut streams.output, GREETING)?;
        match source.load() {
            Ok(loaded) => serve(streams, loaded.api(), loaded.control()),
            Err(error) => {
                let why = error.to_string();
                protocol::write(&mut streams.output, Kind::Refused, why.as_bytes())
            }
        }
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // The parent is gone: nobody is left to tell.
        Err(_) => ExitCode::FAILURE,
    }
}

/// The arguments that make a host load a source.
pub(super) fn arguments(source: &Source) -> Vec<OsString> {
    match source {
        Source::Linked => vec!["--static".into()],
        Source::Path(path) => vec!["--lib".into(), path.into()],
    }
}

fn source(arguments: &[OsString]) -> Option<Source> {
    match arguments {
        [only] if only == "--static" => Some(Source::Linked),
        [option, path] if option == "--lib" => Some(Source::Path(path.into())),
        _ => None,
    }
}

/// Greets the parent and runs its plans.
pub(super) fn serve(mut streams: Streams, api: &Api, control: Option<Control>) -> io::Result<()> {
    let hello = Hello {
        stamp: STAMP.to_owned(),
    };
    protocol::write_json(&mut streams.output, Kind::Hello, &hello)?;
    let output = Arc::new(streams.output);
    exception::tell(&output);
    let (sender, jobs) = channel();
    thread::Builder::new()
        .name("jetspec parent".to_owned())
        .spawn(move || listen(streams.input, &sender))?;
    for job in jobs {
        run(&output, api, control, &job)?;
    }
    Ok(())
}

/// Hears the parent. When it goes, also by being killed, this process goes at once, whatever the
/// library is doing.
fn listen(mut input: File, jobs: &Sender<Vec<u8>>) {
    while let Ok(Some((kind, content))) = protocol::read(&mut input) {
        if kind == Kind::Job && jobs.send(content).is_err() {
            break;
        }
    }
    die()
}

fn run(output: &Arc<File>, api: &Api, control: Option<Control>, job: &[u8]) -> io::Result<()> {
    let job: Job = serde_json::from_slice(job)?;
    let folder = match &job.folder {
        Some(folder) => Ok(folder.clone()),
        None => own_folder(),
    };
    let end = match (folder, set_up(&job, control)) {
        (Err(error), _) => broken(&error),
        (_, Err(end)) => end,
        (Ok(folder), Ok(())) => {
            protocol::write_json(&mut &**output, Kind::Folder, &folder)?;
            // Shared and not duplicated: a duplicate would be within reach of the library.
            let announcer = Announcer::new(output.clone(), job.announcements.as_deref())?;
            let sink = Some(Box::new(announcer) as Box<_>);
            let (end, rest) = execute(&job.plan, api, job.limits, &folder, job.resume, sink);
            debug_assert!(rest.is_empty());
            end
        }
    };
    protocol::write_json(&mut &**output, Kind::Ended, &end)
}

/// A folder that the host has to make itself, because the parent's files are elsewhere. It stays
/// until the next plan, for the plan may go on in another host.
fn own_folder() -> io::Result<PathBuf> {
    let folder = Folder::new()?;
    Ok(folder.keep())
}

/// Sets our own library as the parent asks; a foreign one has no such switches.
fn set_up(job: &Job, control: Option<Control>) -> Result<(), End> {
    match control {
        Some(control) => control.set_up(&job.setup).map_err(|error| broken(&error)),
        None => Ok(()),
    }
}

fn broken(error: &dyn std::error::Error) -> End {
    End::Broken {
        step: None,
        reason: error.to_string(),
    }
}
