//! A disk that refuses: the system fails every write to a file, whatever library is loaded.

#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether writes fail.
#[cfg(unix)]
static REFUSES: AtomicBool = AtomicBool::new(false);

/// Every write to a file fails from now on.
#[cfg(unix)]
pub(super) fn begin() -> Result<(), super::execute::Failure> {
    REFUSES.store(true, Ordering::Relaxed);
    // Without this the first refused write would end the process instead of failing.
    // SAFETY: ignoring a signal installs no handler and touches no memory.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    limit(Some(0)).map_err(|error| format!("the system does not take a limit for files: {error}"))
}

/// Files can be written again.
#[cfg(unix)]
pub(super) fn end() {
    if REFUSES.swap(false, Ordering::Relaxed) {
        // Raising a limit back to where it may be raised is always allowed.
        let _ = limit(None);
    }
}

/// Sets the largest file that may be written, in bytes; `None` is as large as the system allows.
#[cfg(unix)]
fn limit(bytes: Option<u64>) -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Fsize).maximum;
    let current = bytes.or(maximum);
    Ok(setrlimit(Resource::Fsize, Rlimit { current, maximum })?)
}

/// Every write to a file fails from now on.
#[cfg(not(unix))]
pub(super) fn begin() -> Result<(), super::execute::Failure> {
    Err("this system has no way to refuse writes".to_owned())
}

/// Files can be written again.
#[cfg(not(unix))]
pub(super) fn end() {}
