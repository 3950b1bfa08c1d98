//! The host as a process: started through a launcher or not, read without blocking, killed with all
//! its children, and its death put into words.

use std::ffi::OsString;
use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::exception;
use super::incoming::Incoming;
use super::last_words::LastWords;
use super::orders::OrderStream;
use super::protocol::Kind;
use super::strays;
use super::watch::{GLANCE, GRACE};

/// A running host.
pub(super) struct Process {
    child: Child,
    /// `None` once closed, which tells the host to go.
    pub(super) input: Option<OrderStream>,
    /// Frames as they come; disconnected at the end of the host's output.
    pub(super) frames: Incoming,
    last_words: LastWords,
    /// What all that it starts can be known by.
    mark: String,
    /// Whether it was started by something that may have started more, for all hosts: Wine does.
    launched: bool,
    /// How it ended, and the most memory that it had, in bytes, where the system tells.
    ended: Option<(Option<ExitStatus>, Option<u64>)>,
}

static COUNT: AtomicU64 = AtomicU64::new(0);

impl Process {
    /// Starts a program with its arguments: the host itself, or what launches it.
    pub(super) fn start(words: &[OsString], launched: bool) -> io::Result<Process> {
        let (program, arguments) = words
            .split_first()
            .ok_or_else(|| io::Error::other("an empty command"))?;
        strays::adopt();
        let mark = strays::mark(COUNT.fetch_add(1, Ordering::Relaxed));
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env(strays::VARIABLE, &mark)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        let streams = child.stdout.take().zip(child.stderr.take());
        let (output, errors) = streams.ok_or_else(|| io::Error::other("a host without streams"))?;
        let frames = Incoming::new(output)?;
        Ok(Process {
            input: child.stdin.take().map(OrderStream::new).transpose()?,
            child,
            frames,
            last_words: LastWords::new(errors)?,
            mark,
            launched,
            ended: None,
        })
    }

    /// Gives it an order. An error where it does not take it in before `until`, or is gone.
    pub(super) fn tell(&mut self, kind: Kind, content: &[u8], until: Instant) -> io::Result<()> {
        match &mut self.input {
            Some(input) => input.give(kind, content, until),
            None => Err(io::Error::other("the host was told to go")),
        }
    }

    /// How it ended, if it has.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        if let Some((status, _)) = self.ended {
            return status;
        }
        let memory = match memory::most_of_the_dead(self.child.id()) {
            Ok(memory) => Some(memory?),
            Err(_) => None,
        };
        if memory.is_some() {
            // As long as nobody has waited for it, its number is nobody else's.
            self.kill_group();
        }
        let status = self.child.try_wait().ok().flatten()?;
        self.ended = Some((Some(status), memory));
        Some(status)
    }

    /// Waits a moment for the end of one that has closed its streams: the dying do that a little before.
    pub(super) fn come_to_an_end(&mut self) {
        let until = Instant::now() + GLANCE * 4;
        while self.ended().is_none() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Kills it with all its children and waits for its end.
    pub(super) fn kill(&mut self) -> Option<ExitStatus> {
        self.input = None;
        if self.ended.is_none() {
            self.kill_group();
            // Whoever is gone already need not be killed.
            let _ = self.child.kill();
            let mut status = self.wait();
            if status.is_none() {
                // Something that it has started holds it back: a tracer sees its end first.
                strays::kill(&self.mark);
                status = self.wait();
            }
            self.ended = Some((status, None));
        }
        self.ended.and_then(|(status, _)| status)
    }

    /// Waits for the end of what was killed, but not for ever.
    fn wait(&mut self) -> Option<ExitStatus> {
        let until = Instant::now() + GRACE;
        let mut pause = Duration::from_micros(50);
        loop {
            match self.child.try_wait() {
                Ok(None) if Instant::now() < until => std::thread::sleep(pause),
                Ok(status) => return status,
                Err(_) => return None,
            }
            pause = (pause * 2).min(GLANCE);
        }
    }

    /// Kills what is in its group, which must not have been waited for.
    fn kill_group(&self) {
        #[cfg(unix)]
        if let Some(group) = i32::try_from(self.child.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw)
        {
            // Whoever is gone already need not be killed.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }

    /// As [`Process::kill`], and also what has left its group: for hosts that did not end well.
    pub(super) fn kill_all(&mut self) {
        self.kill();
        strays::kill(&self.mark);
    }

    /// The most memory that it had, in bytes, if it died by itself and the system tells.
    pub(super) fn most_memory(&self) -> Option<u64> {
        self.ended.and_then(|(_, memory)| memory)
    }

    /// How much memory it has now, in bytes, shared memory included, where the system tells. Behind a
    /// launcher it is the launcher's.
    pub(super) fn resident(&self) -> Option<u64> {
        memory::resident(self.child.id())
    }

    /// Takes the last lines that it wrote to standard error. Of a dead host they are all there.
    pub(super) fn take_stderr(&mut self) -> String {
        let dead = self.ended.is_some();
        // What a launcher has started for all its hosts holds the stream, too, and is wanted.
        if dead && !self.launched && !self.last_words.come_to_their_end() {
            strays::kill(&self.mark);
        }
        self.last_words.take(dead)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(target_os = "linux")]
mod memory {
    //! What the system knows of a process that has died and was not waited for yet.

    use std::io;

    /// How much memory a process has, in bytes.
    pub(super) fn resident(process: u32) -> Option<u64> {
        let pages = std::fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
        let pages: u64 = pages.split_whitespace().nth(1)?.parse().ok()?;
        Some(pages.saturating_mul(rustix::param::page_size() as u64))
    }

    /// The most memory that a dead child had, in bytes; `None` while it lives.
    ///
    /// # Errors
    /// The system does not tell.
    pub(super) fn most_of_the_dead(child: u32) -> io::Result<Option<u64>> {
        // SAFETY: plain data; the system fills both structures, and leaves the child to be waited
        // for. The raw call differs from the library's by the usage that it tells.
        let (told, usage) = unsafe {
            let mut information: libc::siginfo_t = std::mem::zeroed();
            let mut usage: libc::rusage = std::mem::zeroed();
            let told = libc::syscall(
                libc::SYS_waitid,
                libc::c_long::from(libc::P_PID),
                libc::c_long::from(child),
                &raw mut information,
                libc::c_long::from(libc::WEXITED | libc::WNOHANG | libc::WNOWAIT),
                &raw mut usage,
            );
            if told != 0 {
                return Err(io::Error::last_os_error());
            }
            (information.si_pid() != 0, usage)
        };
        let kib = u64::try_from(usage.ru_maxrss).unwrap_or_default();
        Ok(told.then_some(kib * 1024))
    }
}

#[cfg(not(target_os = "linux"))]
mod memory {
    /// Other systems are not asked.
    pub(super) fn resident(_process: u32) -> Option<u64> {
        None
    }

    /// Other systems are not asked.
    pub(super) fn most_of_the_dead(_child: u32) -> std::io::Result<Option<u64>> {
        Err(std::io::ErrorKind::Unsupported.into())
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
        Some(super::child::CUT_OFF) => "the streams to its parent were closed".to_owned(),
        Some(code) => match exception::name(code as u32) {
            Some(name) => format!("exception {name}"),
            None => format!("exit code {code}"),
        },
        None => "ended in an unknown way".to_owned(),
    }
}

#[cfg(unix)]
pub(super) fn signal_name(signal: i32) -> Option<&'static str> {
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
        (Signal::INT, "SIGINT (interrupt)"),
        (Signal::HUP, "SIGHUP (hangup)"),
        (Signal::USR1, "SIGUSR1"),
        (Signal::USR2, "SIGUSR2"),
        (Signal::CHILD, "SIGCHLD (child)"),
        (Signal::ALARM, "SIGALRM (alarm)"),
    ];
    names
        .iter()
        .find(|(named, _)| named.as_raw() == signal)
        .map(|(_, name)| *name)
}
