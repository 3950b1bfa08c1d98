//! What a library changes in its process behind the program's back: the current folder, the
//! environment, the locale, what happens on signals, the standard streams. None of it is a library's
//! to change, and a process in which it was changed runs no other plan.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The process as it is at one time.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Process {
    folder: Option<PathBuf>,
    environment: Vec<(OsString, OsString)>,
    system: system::State,
}

impl Process {
    /// The process as it is now.
    pub(super) fn now() -> Process {
        Process {
            folder: std::env::current_dir().ok(),
            environment: std::env::vars_os().collect(),
            system: system::State::now(),
        }
    }

    /// The same process after it has gone to another folder.
    pub(super) fn moved(self) -> Process {
        Process {
            folder: std::env::current_dir().ok(),
            ..self
        }
    }

    /// What is otherwise now than it was then, in words that are the same in every run.
    pub(super) fn changes(&self, scratch: &Path) -> Vec<String> {
        let now = Process::now();
        if now == *self {
            return Vec::new();
        }
        let mut changes = Vec::new();
        if now.folder != self.folder {
            changes.push(match &now.folder {
                Some(folder) => format!("changed the current folder to {}", shown(folder, scratch)),
                None => "took the current folder away".to_owned(),
            });
        }
        self.environment(&now, &mut changes);
        self.system.changes(&now.system, &mut changes);
        changes
    }

    fn environment(&self, now: &Process, changes: &mut Vec<String>) {
        let value = |variables: &[(OsString, OsString)], name: &OsString| {
            let found = variables.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone())
        };
        let names = self.environment.iter().chain(&now.environment);
        let mut names: Vec<&OsString> = names.map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let (before, after) = (
                value(&self.environment, name),
                value(&now.environment, name),
            );
            if before != after {
                let how = match after {
                    Some(_) => "set",
                    None => "removed",
                };
                let name = name.to_string_lossy();
                changes.push(format!("{how} the environment variable {name}"));
            }
        }
    }
}

/// A folder, relative to the scratch folder where it is inside.
fn shown(folder: &Path, scratch: &Path) -> String {
    match folder.strip_prefix(scratch) {
        Ok(inside) => format!("{} inside the scratch folder", inside.display()),
        Err(_) => folder.display().to_string(),
    }
}

#[cfg(unix)]
mod system {
    use std::ffi::CStr;

    /// Signals are numbered from one; the runtime's own real-time ones come later.
    const SIGNALS: std::ops::RangeInclusive<i32> = 1..=31;
    /// The runner itself changes this one where a scenario refuses writes.
    const OURS: i32 = libc::SIGXFSZ;

    #[derive(Debug, PartialEq, Eq)]
    pub(super) struct State {
        locale: Vec<u8>,
        handlers: Vec<usize>,
        streams: [bool; 3],
    }

    impl State {
        pub(super) fn now() -> State {
            State {
                locale: locale(),
                handlers: SIGNALS.map(handler).collect(),
                streams: [0, 1, 2].map(is_open),
            }
        }

        pub(super) fn changes(&self, now: &State, changes: &mut Vec<String>) {
            if now.locale != self.locale {
                let locale = String::from_utf8_lossy(&now.locale).into_owned();
                changes.push(format!("set the locale to {locale}"));
            }
            for (signal, (before, after)) in SIGNALS.zip(self.handlers.iter().zip(&now.handlers)) {
                if before != after {
                    let name = super::super::process::signal_name(signal)
                        .map_or_else(|| format!("signal {signal}"), str::to_owned);
                    changes.push(format!("changed what happens on {name}"));
                }
            }
            let names = ["standard input", "standard output", "standard error"];
            for (name, (before, after)) in names.iter().zip(self.streams.iter().zip(now.streams)) {
                if *before && !after {
                    changes.push(format!("closed {name}"));
                }
            }
        }
    }

    fn locale() -> Vec<u8> {
        // SAFETY: asking changes nothing; the text is copied before anyone can change it, for no
        // call is going on.
        unsafe {
            let name = libc::setlocale(libc::LC_ALL, std::ptr::null());
            match name.is_null() {
                true => Vec::new(),
                false => CStr::from_ptr(name).to_bytes().to_vec(),
            }
        }
    }

    /// The address of a signal's handler; zero where it is the system's.
    fn handler(signal: i32) -> usize {
        if signal == OURS {
            return 0;
        }
        // SAFETY: asking changes nothing; the structure is plain data and filled where asking
        // succeeds.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            match libc::sigaction(signal, std::ptr::null(), &mut action) {
                0 => action.sa_sigaction,
                _ => 0,
            }
        }
    }

    fn is_open(descriptor: i32) -> bool {
        // SAFETY: asking for the flags of a descriptor touches no memory.
        unsafe { libc::fcntl(descriptor, libc::F_GETFD) >= 0 }
    }
}

#[cfg(not(unix))]
mod system {
    /// The folder and the environment are all that is looked at here.
    #[derive(Debug, PartialEq, Eq)]
    pub(super) struct State;

    impl State {
        pub(super) fn now() -> State {
            State
        }

        pub(super) fn changes(&self, _now: &State, _changes: &mut Vec<String>) {}
    }
}
