//! The host's end of the stream from its parent: one order after the other, and the end of the process
//! when the parent is gone.

use std::fs::File;
use std::io;

use crate::run::die;

use super::protocol::{Frame, Frames, Kind};

/// What the parent says. When it goes, also by being killed, this process goes at once with all that it
/// has started, whatever the library is doing.
#[cfg(unix)]
pub(super) struct Parental {
    frames: Frames<File>,
}

#[cfg(unix)]
impl Parental {
    /// Of the stream from the parent.
    pub(super) fn new(input: File) -> io::Result<Parental> {
        let watched = super::streams::out_of_the_way(&input)?;
        std::thread::Builder::new()
            .name("jetspec parent".to_owned())
            .spawn(move || {
                wait_for_the_end(&watched);
                go();
            })?;
        Ok(Parental {
            frames: Frames::new(input),
        })
    }

    /// The next order. An error where the library has closed the stream.
    pub(super) fn next(&mut self) -> io::Result<(Kind, Vec<u8>)> {
        if !self.frames.has_begun() {
            // Either way it is read below.
            super::patience::comes_soon(self.frames.stream());
        }
        match self.frames.next()? {
            Some(Frame::Whole(kind, content)) => Ok((kind, content)),
            // Half an order is none, and the parent waits for its answer: it is told by the end.
            // Unless the parent is gone, the library has put another stream in the place.
            Some(Frame::Torn) | None => {
                if is_over(self.frames.stream()) {
                    go();
                }
                Err(io::ErrorKind::UnexpectedEof.into())
            }
        }
    }

    /// Whether the stream is there: the library has not closed it.
    pub(super) fn is_open(&self) -> bool {
        rustix::io::fcntl_getfd(self.frames.stream()).is_ok()
    }
}

/// How often a host that cannot hear its parent looks whether it is there.
#[cfg(unix)]
const GLANCE: std::time::Duration = std::time::Duration::from_millis(100);

/// How often it looks in any case: what it waits for need not be that stream any more.
#[cfg(unix)]
const LOOK: rustix::event::Timespec = rustix::event::Timespec {
    tv_sec: 2,
    tv_nsec: 0,
};

/// Whether the other end of a stream is closed.
#[cfg(unix)]
fn is_over(stream: &File) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut streams = [PollFd::new(stream, PollFlags::empty())];
    poll(&mut streams, Some(&Timespec::default())).is_ok()
        && streams[0]
            .revents()
            .intersects(PollFlags::HUP | PollFlags::ERR)
}

/// Returns when the parent's end of the stream is closed. Orders do not wake who waits here: one wakes
/// only him who carries it out.
#[cfg(unix)]
fn wait_for_the_end(stream: &std::os::fd::OwnedFd) {
    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::process::getppid;
    let parent = getppid();
    loop {
        let mut streams = [PollFd::new(stream, PollFlags::empty())];
        let waited = poll(&mut streams, Some(&LOOK));
        let seen = streams[0].revents();
        match waited {
            Ok(_) if seen.intersects(PollFlags::HUP | PollFlags::ERR) => return,
            Err(rustix::io::Errno::INTR) => {}
            Ok(0) if getppid() == parent => {}
            // The library has closed the stream from the parent, which may well be there.
            _ if getppid() != parent => return,
            _ => std::thread::sleep(GLANCE),
        }
    }
}

/// What the parent says, heard by a thread: there is no other way to see that it goes.
#[cfg(not(unix))]
pub(super) struct Parental {
    orders: std::sync::mpsc::Receiver<(Kind, Vec<u8>)>,
}

#[cfg(not(unix))]
impl Parental {
    /// Of the stream from the parent.
    pub(super) fn new(input: File) -> io::Result<Parental> {
        let (sender, orders) = std::sync::mpsc::channel();
        std::thread::Builder::new()
            .name("jetspec parent".to_owned())
            .spawn(move || {
                let mut frames = Frames::new(input);
                loop {
                    match frames.next() {
                        Ok(Some(Frame::Whole(kind, content))) => {
                            if sender.send((kind, content)).is_err() {
                                go();
                            }
                        }
                        // Half an order is none: the parent is told by the end.
                        Ok(Some(Frame::Torn) | None) => go(),
                        // The library has closed the stream from the parent, which may well be there.
                        Err(_) => return,
                    }
                }
            })?;
        Ok(Parental { orders })
    }

    /// The next order. An error where the library has closed the stream.
    pub(super) fn next(&mut self) -> io::Result<(Kind, Vec<u8>)> {
        self.orders.recv().map_err(io::Error::other)
    }

    /// Whether the stream is there; here that is seen by its reader alone.
    pub(super) fn is_open(&self) -> bool {
        true
    }
}

/// Ends this process with all that it has started.
fn go() -> ! {
    #[cfg(unix)]
    {
        use rustix::process::{Signal, getpgrp, getpid, kill_process_group};
        if getpgrp() == getpid() {
            // Where the signal does not come through, the end of this process alone has to do.
            let _ = kill_process_group(getpid(), Signal::KILL);
        }
    }
    die()
}
