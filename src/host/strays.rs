//! Processes that a library has started and that have left the host's group. All that a host starts
//! inherits a variable of its environment; by that it is known.

/// The variable.
pub(super) const VARIABLE: &str = "JETSPEC_HOST";

/// The mark of a host: no two of them have the same.
pub(super) fn mark(number: u64) -> String {
    format!("{}-{number};", std::process::id())
}

/// Kills what hosts of this process have started and left behind, when no host is left: also what took
/// the mark off. Orphans have become children of this process, which has no others.
pub fn kill_strays() {
    kill(&format!("{}-", std::process::id()));
    kill_children();
}

/// Makes orphans of hosts children of this process, so that they can be waited for.
#[cfg(target_os = "linux")]
pub(super) fn adopt() {
    use std::sync::Once;
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Where the system does not do it, orphans are the system's to wait for.
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    });
}

/// Elsewhere the group of the host, or its job, has to do.
#[cfg(not(target_os = "linux"))]
pub(super) fn adopt() {}

/// Kills every process whose mark begins so.
#[cfg(target_os = "linux")]
pub(super) fn kill(mark: &str) {
    use rustix::process::Pid;
    let wanted = format!("{VARIABLE}={mark}");
    let own = std::process::id();
    // A process that forks while it is looked for is found the next time.
    for _ in 0..3 {
        let mut found = false;
        for number in processes().filter(|number| *number != own) {
            if !is_marked(number, wanted.as_bytes()) {
                continue;
            }
            if let Some(pid) = i32::try_from(number).ok().and_then(Pid::from_raw) {
                found = true;
                end(pid);
            }
        }
        if !found {
            return;
        }
    }
}

/// Elsewhere the group of the host, or its job, has to do.
#[cfg(not(target_os = "linux"))]
pub(super) fn kill(_mark: &str) {}

/// Kills a process and waits for its end, where it is a child of this one, but not for ever: what
/// traces it may hold it back.
#[cfg(target_os = "linux")]
fn end(pid: rustix::process::Pid) {
    use rustix::process::{Signal, WaitOptions, kill_process, waitpid};
    const LONG_ENOUGH: std::time::Duration = std::time::Duration::from_millis(500);
    // Whoever is gone already need not be killed, and who is not ours not be waited for.
    let _ = kill_process(pid, Signal::KILL);
    let begun = std::time::Instant::now();
    while let Ok(None) = waitpid(Some(pid), WaitOptions::NOHANG)
        && begun.elapsed() < LONG_ENOUGH
    {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

/// Has the system tell how children end, whatever whoever started this process thought of its own.
#[cfg(unix)]
pub fn hear_of_children() {
    // SAFETY: the default for a signal whose default is to do nothing.
    unsafe {
        libc::signal(libc::SIGCHLD, libc::SIG_DFL);
    }
}

/// Here they always tell.
#[cfg(not(unix))]
pub fn hear_of_children() {}

/// Kills the children of this process, and theirs, which become its own.
#[cfg(target_os = "linux")]
fn kill_children() {
    use rustix::process::Pid;
    // What starts others faster than they are killed is not waited for.
    const ROUNDS: usize = 100;
    let own = std::process::id();
    for _ in 0..ROUNDS {
        let children: Vec<Pid> = processes()
            .filter(|number| parent_of(*number) == Some(own))
            .filter_map(|number| Pid::from_raw(i32::try_from(number).ok()?))
            .collect();
        if children.is_empty() {
            return;
        }
        for child in children {
            end(child);
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn kill_children() {}

#[cfg(target_os = "linux")]
fn parent_of(number: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
    // The name, which may hold anything, is in brackets; the state and the parent follow.
    let rest = stat.rsplit(')').next()?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(target_os = "linux")]
fn processes() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

#[cfg(target_os = "linux")]
fn is_marked(number: u32, wanted: &[u8]) -> bool {
    // What may not be read is another user's.
    let environment = std::fs::read(format!("/proc/{number}/environ")).unwrap_or_default();
    let mut variables = environment.split(|byte| *byte == 0);
    variables.any(|variable| variable.starts_with(wanted))
}
