//! Ctrl-C and the system's request to end: a run ends after what is being done, and its results so far
//! are reported. A second request ends the program at once; its hosts end with it.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// The exit code of a run that was interrupted: 128 and the number of the signal of Ctrl-C.
pub const EXIT_CODE: u8 = 130;

static ASKED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// From now on a request to end is noted instead of ending this process. An error where the system
/// does not let it.
pub fn listen() -> io::Result<()> {
    #[cfg(unix)]
    let signals = [SIGINT, SIGTERM, signal_hook::consts::SIGHUP];
    #[cfg(not(unix))]
    let signals = [SIGINT, SIGTERM];
    for signal in signals {
        // Looks at the flag before the line below has set it: the first request passes by.
        flag::register_conditional_shutdown(signal, i32::from(EXIT_CODE), ASKED.clone())?;
        flag::register(signal, ASKED.clone())?;
    }
    Ok(())
}

/// Whether this process has been asked to end.
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
