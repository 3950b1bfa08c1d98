//! What a host may take of the machine. The host sets its own bounds before it loads the library, so
//! that they hold behind any launcher.

use std::io;

/// Bounds the memory of this process, in MiB; zero leaves it unbounded.
#[cfg(unix)]
pub(super) fn memory(mib: u64) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    // A crash is described by its parent; a file of the whole memory beside the scenario's is none's.
    let core = getrlimit(Resource::Core);
    // Where it cannot be lowered there is a file more.
    let _ = setrlimit(
        Resource::Core,
        Rlimit {
            current: Some(0),
            ..core
        },
    );
    if mib == 0 {
        return Ok(());
    }
    let wanted = mib.saturating_mul(1024 * 1024);
    let before = getrlimit(Resource::Data);
    let current = before.maximum.map_or(wanted, |most| most.min(wanted));
    // For good: the library cannot take it back.
    let bound = Rlimit {
        current: Some(current),
        maximum: Some(current),
    };
    Ok(setrlimit(Resource::Data, bound)?)
}

/// Bounds the memory of this process, in MiB, zero for unbounded, and makes all that it starts end
/// with it: a job object, whose only handle is this process's own.
#[cfg(windows)]
pub(super) fn memory(mib: u64) -> io::Result<()> {
    use windows_sys::Win32::System::JobObjects::{
        AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
        JOB_OBJECT_LIMIT_PROCESS_MEMORY, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
        JobObjectExtendedLimitInformation, SetInformationJobObject,
    };
    use windows_sys::Win32::System::Threading::GetCurrentProcess;
    let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    if mib > 0 {
        limits.BasicLimitInformation.LimitFlags |= JOB_OBJECT_LIMIT_PROCESS_MEMORY;
        limits.ProcessMemoryLimit = usize::try_from(mib.saturating_mul(1024 * 1024)).unwrap_or(0);
    }
    // SAFETY: the structure is of the class that is named, its size its own; the handle of the job is
    // never closed, so the job lasts as long as this process.
    let set = unsafe {
        let job = CreateJobObjectW(std::ptr::null(), std::ptr::null());
        !job.is_null()
            && SetInformationJobObject(
                job,
                JobObjectExtendedLimitInformation,
                std::ptr::from_ref(&limits).cast(),
                size_of_val(&limits) as u32,
            ) != 0
            && AssignProcessToJobObject(job, GetCurrentProcess()) != 0
    };
    match set {
        true => Ok(()),
        false => Err(io::Error::last_os_error()),
    }
}

/// How much memory a host may have when nobody says, in MiB.
pub const MEMORY_MIB: u64 = 4096;
