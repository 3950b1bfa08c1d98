//! The first and the last words of a host: that it has loaded the library, and unloaded it.

use std::io;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use crate::reference::control::STAMP;

use super::error::HostError;
use super::interrupt;
use super::process::{Process, describe};
use super::protocol::{Frame, Hello, Kind, System};
use super::watch::{GLANCE, GRACE};

/// Whether what a host that has ended said, and is still to be read, tells that the library is unloaded.
pub(super) fn says_unloaded(process: &mut Process) -> bool {
    const PATIENCE: Duration = Duration::from_secs(1);
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        match process.frames.recv_timeout(GLANCE) {
            Ok(Frame::Whole(Kind::Unloaded, _)) => return true,
            Err(RecvTimeoutError::Disconnected) => return false,
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
        }
    }
    false
}

/// Waits until the host has loaded the library and says so; the system that it runs on.
pub(super) fn greet(process: &mut Process, limit_ms: u64) -> Result<System, HostError> {
    let until = Instant::now() + Duration::from_millis(limit_ms);
    let mut loading = false;
    let mut system = System::HERE;
    loop {
        match process.frames.recv_timeout(GLANCE) {
            Ok(Frame::Whole(Kind::Hello, hello)) => {
                let hello: Hello = serde_json::from_slice(&hello).map_err(io::Error::from)?;
                if hello.stamp != STAMP {
                    return Err(HostError::Stamp {
                        theirs: hello.stamp,
                    });
                }
                loading = true;
                system = hello.system;
            }
            Ok(Frame::Whole(Kind::Loaded, _)) => return Ok(system),
            Ok(Frame::Whole(Kind::Refused, why)) => {
                let why = String::from_utf8_lossy(&why).into_owned();
                return Err(HostError::Library(why));
            }
            Ok(_) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(dead(process, loading)),
            Err(RecvTimeoutError::Timeout) if interrupt::asked() => {
                return Err(HostError::Interrupted);
            }
            Err(RecvTimeoutError::Timeout) if Instant::now() > until => {
                process.kill_all();
                let stderr = process.take_stderr();
                return Err(match loading {
                    true => HostError::LoadsForEver { limit_ms, stderr },
                    false => HostError::Silent {
                        how: format!("not within {limit_ms} ms"),
                        stderr,
                    },
                });
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// What is said of a host that has closed its streams before it was ready.
pub(super) fn dead(process: &mut Process, loading: bool) -> HostError {
    let until = Instant::now() + GRACE;
    let mut status = process.ended();
    while status.is_none() && Instant::now() < until {
        std::thread::sleep(GLANCE / 10);
        status = process.ended();
    }
    let how = match status {
        Some(status) => describe(Some(status)),
        None => "closed its streams".to_owned(),
    };
    process.kill_all();
    let stderr = process.take_stderr();
    match loading {
        true => HostError::DiedLoading { how, stderr },
        false => HostError::Silent { how, stderr },
    }
}
