//! The frames of a host, waited for no longer than one wants to.

use std::io;
use std::process::ChildStdout;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use super::protocol::{Frame, Frames};

/// What a host says, as whoever waits for it takes it in. Where the system can wait for a pipe with a
/// time limit nothing stands between: waking a thread of its own for each frame costs more than many a
/// plan.
#[cfg(unix)]
pub(super) struct Incoming {
    output: std::os::fd::OwnedFd,
    frames: Frames<std::fs::File>,
    ended: bool,
}

#[cfg(unix)]
impl Incoming {
    /// Of the host's standard output.
    pub(super) fn new(output: ChildStdout) -> io::Result<Incoming> {
        use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
        let output: std::os::fd::OwnedFd = output.into();
        // Of this end alone: the host's is another.
        fcntl_setfl(&output, fcntl_getfl(&output)? | OFlags::NONBLOCK)?;
        Ok(Incoming {
            frames: Frames::new(output.try_clone()?.into()),
            output,
            ended: false,
        })
    }

    /// The next frame; disconnected at the end of the output.
    pub(super) fn recv_timeout(&mut self, limit: Duration) -> Result<Frame, RecvTimeoutError> {
        let until = std::time::Instant::now() + limit;
        while !self.ended {
            match self.frames.next() {
                Ok(Some(frame)) => return Ok(frame),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let left = until.saturating_duration_since(std::time::Instant::now());
                    if !self.wait(left) {
                        return Err(RecvTimeoutError::Timeout);
                    }
                }
                Ok(None) | Err(_) => self.ended = true,
            }
        }
        Err(RecvTimeoutError::Disconnected)
    }

    /// Whether there is anything to read within that time.
    fn wait(&self, limit: Duration) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        if super::patience::comes_soon(&self.output) {
            return true;
        }
        let limit = Timespec::try_from(limit).ok();
        let mut output = [PollFd::new(&self.output, PollFlags::IN)];
        match poll(&mut output, limit.as_ref()) {
            Ok(ready) => ready > 0,
            // Whoever asks looks at the clock, and comes again.
            Err(_) => false,
        }
    }
}

/// What a host says, read ahead by a thread: pipes cannot be waited for with a time limit here.
#[cfg(not(unix))]
pub(super) struct Incoming {
    frames: std::sync::mpsc::Receiver<Frame>,
}

#[cfg(not(unix))]
impl Incoming {
    /// How many frames are read ahead of whoever takes them in.
    const AHEAD: usize = 64;

    /// Of the host's standard output.
    pub(super) fn new(output: ChildStdout) -> io::Result<Incoming> {
        let (sender, frames) = std::sync::mpsc::sync_channel(Self::AHEAD);
        std::thread::Builder::new().spawn(move || {
            let mut read = Frames::new(output);
            while let Ok(Some(frame)) = read.next() {
                if sender.send(frame).is_err() {
                    return;
                }
            }
        })?;
        Ok(Incoming { frames })
    }

    /// The next frame; disconnected at the end of the output.
    pub(super) fn recv_timeout(&mut self, limit: Duration) -> Result<Frame, RecvTimeoutError> {
        self.frames.recv_timeout(limit)
    }
}
