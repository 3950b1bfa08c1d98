//! The host's own streams. The library shares the process and may print, read or close what it
//! finds: so the protocol moves to descriptors that nobody else knows, standard input becomes
//! empty, and what is printed goes to standard error, which the parent keeps.

use std::fs::File;
use std::io;

/// Where a library that closes low descriptors by guess does not come.
#[cfg(unix)]
const OUT_OF_THE_WAY: i32 = 200;

/// Another descriptor for a stream, out of the way: where the system does not let so many be open, at
/// least not one of the first.
#[cfg(unix)]
pub(super) fn out_of_the_way(stream: impl std::os::fd::AsFd) -> io::Result<std::os::fd::OwnedFd> {
    const BEHIND_THE_FIRST: i32 = 10;
    use rustix::io::fcntl_dupfd_cloexec;
    let far = fcntl_dupfd_cloexec(&stream, OUT_OF_THE_WAY);
    Ok(far.or_else(|_| fcntl_dupfd_cloexec(&stream, BEHIND_THE_FIRST))?)
}

/// The two ends of the protocol.
pub(super) struct Streams {
    /// From the parent.
    pub(super) input: File,
    /// To the parent.
    pub(super) output: File,
}

impl Streams {
    /// Takes standard input and output away from the rest of the process.
    #[cfg(unix)]
    pub(super) fn take() -> io::Result<Streams> {
        let input = out_of_the_way(io::stdin())?;
        let output = out_of_the_way(io::stdout())?;
        rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
        rustix::stdio::dup2_stdout(io::stderr())?;
        Ok(Streams {
            input: input.into(),
            output: output.into(),
        })
    }

    /// Takes standard input and output away from the rest of the process.
    #[cfg(windows)]
    pub(super) fn take() -> io::Result<Streams> {
        use std::os::windows::io::{AsHandle, AsRawHandle};
        use windows_sys::Win32::System::Console::{
            STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, SetStdHandle,
        };
        let input = io::stdin().as_handle().try_clone_to_owned()?;
        let output = io::stdout().as_handle().try_clone_to_owned()?;
        let null = File::open("NUL")?;
        // SAFETY: both handles are valid; the first is kept open by forgetting its owner.
        let set = unsafe {
            SetStdHandle(STD_INPUT_HANDLE, null.as_raw_handle()) != 0
                && SetStdHandle(STD_OUTPUT_HANDLE, io::stderr().as_raw_handle()) != 0
        };
        std::mem::forget(null);
        if !set {
            return Err(io::Error::last_os_error());
        }
        Ok(Streams {
            input: input.into(),
            output: output.into(),
        })
    }
}
