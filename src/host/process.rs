//! The host as a process: started through a launcher or not, read without blocking, killed with all
//! its children, and its death put into words.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, BufReader, Read};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::exception;
use super::protocol::{self, Kind};

/// How much of standard error is kept.
const KEPT_STDERR: usize = 8 * 1024;

/// A running host.
pub(super) struct Process {
    child: Child,
    /// `None` once closed, which tells the host to go.
    pub(super) input: Option<ChildStdin>,
    /// Frames as they come; disconnected at the end of the host's output.
    pub(super) frames: Receiver<(Kind, Vec<u8>)>,
    stderr: Arc<Mutex<VecDeque<u8>>>,
}

impl Process {
    /// Starts a program with its arguments.
    pub(super) fn start(words: &[OsString]) -> io::Result<Process> {
        let (program, arguments) = words
            .split_first()
            .ok_or_else(|| io::Error::other("an empty command"))?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        let (sender, frames) = channel();
        let stderr = Arc::default();
        if let Some(output) = child.stdout.take() {
            thread::spawn(move || read_frames(output, &sender));
        }
        if let Some(errors) = child.stderr.take() {
            let stderr = Arc::clone(&stderr);
            thread::spawn(move || keep_last(errors, &stderr));
        }
        Ok(Process {
            input: child.stdin.take(),
            child,
            frames,
            stderr,
        })
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Kills it with all its children and waits for its end.
    pub(super) fn kill(&mut self) -> Option<ExitStatus> {
        self.input = None;
        #[cfg(unix)]
        if let Some(group) = i32::try_from(self.child.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw)
        {
            // Whoever is gone already need not be killed.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        // As above.
        let _ = self.child.kill();
        self.child.wait().ok()
    }

    /// The last lines that it wrote to standard error.
    pub(super) fn stderr(&self) -> String {
        let kept = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        let (front, back) = kept.as_slices();
        let text = String::from_utf8_lossy(&[front, back].concat()).into_owned();
        match text.split_once('\n') {
            // The oldest line is there by half.
            Some((_, rest)) if kept.len() >= KEPT_STDERR => rest.to_owned(),
            _ => text,
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn read_frames(output: impl Read, sender: &Sender<(Kind, Vec<u8>)>) {
    let mut output = BufReader::with_capacity(64 * 1024, output);
    if !matches!(protocol::skip_to_greeting(&mut output), Ok(true)) {
        return;
    }
    // What is no frame comes from no host: the parent sees the stream end.
    while let Ok(Some(frame)) = protocol::read(&mut output) {
        if sender.send(frame).is_err() {
            return;
        }
    }
}

fn keep_last(mut errors: impl Read, kept: &Mutex<VecDeque<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(read @ 1..) = errors.read(&mut buffer) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(&buffer[..read]);
        let surplus = kept.len().saturating_sub(KEPT_STDERR);
        kept.drain(..surplus);
    }
}

/// How a process died, in words.
pub(super) fn describe(status: Option<ExitStatus>) -> String {
    let Some(status) = status else {
        return "ended in an unknown way".to_owned();
    };
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return match signal_name(signal) {
            Some(name) => format!("signal {name}"),
            None => format!("signal {signal}"),
        };
    }
    match status.code() {
        Some(code) => match exception::name(code as u32) {
            Some(name) => format!("exception {name}"),
            None => format!("exit code {code}"),
        },
        None => "ended in an unknown way".to_owned(),
    }
}

#[cfg(unix)]
fn signal_name(signal: i32) -> Option<&'static str> {
    use rustix::process::Signal;
    let names = [
        (Signal::ABORT, "SIGABRT (abort)"),
        (Signal::SEGV, "SIGSEGV (segmentation fault)"),
        (Signal::BUS, "SIGBUS (bus error)"),
        (Signal::FPE, "SIGFPE (arithmetic)"),
        (Signal::ILL, "SIGILL (illegal instruction)"),
        (Signal::TRAP, "SIGTRAP (trap)"),
        (Signal::SYS, "SIGSYS (system call)"),
        (Signal::PIPE, "SIGPIPE (broken pipe)"),
        (Signal::KILL, "SIGKILL (killed)"),
        (Signal::TERM, "SIGTERM (terminated)"),
    ];
    names
        .iter()
        .find(|(named, _)| named.as_raw() == signal)
        .map(|(_, name)| *name)
}
