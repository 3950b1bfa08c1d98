//! What a host writes to standard error, of which the end is kept.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::process::ChildStderr;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How much is kept.
const KEPT: usize = 8 * 1024;
/// How long the last words of a dead host may take to come through; longer, where something that it
/// has left behind holds the stream open, or the machine is busy.
const LAST_WORDS: Duration = Duration::from_millis(1000);
/// How long they take where neither is the case.
const SOON: Duration = Duration::from_millis(20);

/// The end of what a host has written.
pub(super) struct LastWords {
    heard: Arc<Mutex<Heard>>,
    /// Disconnected when it has been read to its end.
    ended: Receiver<()>,
    /// Closed when nobody wants to know any more: what a library has left behind can hold the stream.
    #[cfg(unix)]
    _wanted: std::io::PipeWriter,
}

/// The stream, and what was read of it.
struct Heard {
    stream: ChildStderr,
    kept: VecDeque<u8>,
}

impl LastWords {
    /// Reads from now on, so that the host never waits for it.
    pub(super) fn new(stream: ChildStderr) -> io::Result<LastWords> {
        #[cfg(unix)]
        let waited_for = {
            use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
            fcntl_setfl(&stream, fcntl_getfl(&stream)? | OFlags::NONBLOCK)?;
            std::os::fd::AsFd::as_fd(&stream).try_clone_to_owned()?
        };
        #[cfg(unix)]
        let (unwanted, wanted) = std::io::pipe()?;
        let heard = Arc::new(Mutex::new(Heard {
            stream,
            kept: VecDeque::new(),
        }));
        let (ends, ended) = channel::<()>();
        let reader = heard.clone();
        thread::Builder::new().spawn(move || {
            // Moved here, to be dropped at the end.
            let _ends = ends;
            #[cfg(unix)]
            while wait(&waited_for, &unwanted) && lock(&reader).read_on() {}
            #[cfg(not(unix))]
            while read_on(&reader) {}
        })?;
        Ok(LastWords {
            heard,
            ended,
            #[cfg(unix)]
            _wanted: wanted,
        })
    }

    /// Whether all is read of what a dead host has written: soon it is, unless something that it has
    /// left behind holds the stream.
    pub(super) fn come_to_their_end(&self) -> bool {
        // Nothing is ever sent: this waits for the reader to end.
        self.ended.recv_timeout(SOON) == Err(RecvTimeoutError::Disconnected)
    }

    /// Takes the last lines. Of what has been written before, by a host that is dead or has said since
    /// that it is at an end, all is there.
    pub(super) fn take(&mut self, dead: bool) -> String {
        if dead {
            // As above.
            let _ = self.ended.recv_timeout(LAST_WORDS);
        }
        let mut heard = lock(&self.heard);
        #[cfg(unix)]
        if !dead {
            // What the reader has not come to yet.
            heard.read_on();
        }
        heard.take()
    }
}

fn lock(heard: &Mutex<Heard>) -> MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Heard {
    fn keep(&mut self, bytes: &[u8]) {
        self.kept.extend(bytes);
        let surplus = self.kept.len().saturating_sub(KEPT);
        self.kept.drain(..surplus);
    }

    fn take(&mut self) -> String {
        let full = self.kept.len() >= KEPT;
        let bytes: Vec<u8> = self.kept.drain(..).collect();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        match text.split_once('\n') {
            // The oldest line is there by half.
            Some((_, rest)) if full => rest.to_owned(),
            _ => text,
        }
    }

    /// Reads what is there, if not more than a pipe holds; whether there may be more to come.
    #[cfg(unix)]
    fn read_on(&mut self) -> bool {
        /// A host that never stops writing must not keep its parent here.
        const PIECES: usize = 16;
        let mut buffer = [0; 4096];
        for _ in 0..PIECES {
            match self.stream.read(&mut buffer) {
                Ok(0) => return false,
                Ok(read) => self.keep(&buffer[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return error.kind() == io::ErrorKind::WouldBlock,
            }
        }
        true
    }
}

/// Waits until there is something to read; `false` where nothing can come any more, or nobody wants it.
#[cfg(unix)]
fn wait(stream: &std::os::fd::OwnedFd, unwanted: &std::io::PipeReader) -> bool {
    use rustix::event::{PollFd, PollFlags, poll};
    let mut streams = [
        PollFd::new(stream, PollFlags::IN),
        PollFd::new(unwanted, PollFlags::empty()),
    ];
    match poll(&mut streams, None) {
        Ok(_) => streams[1].revents().is_empty(),
        Err(error) => error == rustix::io::Errno::INTR,
    }
}

/// Reads a piece, waiting for it; whether there may be more to come. The stream is borrowed from its
/// lock by its number: who takes what was read does not wait for what comes.
#[cfg(not(unix))]
fn read_on(heard: &Mutex<Heard>) -> bool {
    use std::os::windows::io::AsHandle;
    let stream = lock(heard).stream.as_handle().try_clone_to_owned();
    let Ok(stream) = stream else {
        return false;
    };
    let mut buffer = [0; 4096];
    match std::fs::File::from(stream).read(&mut buffer) {
        Ok(read @ 1..) => lock(heard).keep(&buffer[..read]),
        _ => return false,
    }
    true
}
