//! What the parent says to a host, for no longer than a host may take to hear it.

use std::io;
use std::process::ChildStdin;
use std::time::Instant;

use super::protocol::{self, Kind};

/// The stream to a host. When it is dropped, the host goes.
pub(super) struct OrderStream {
    stream: ChildStdin,
}

impl OrderStream {
    /// To the host's standard input.
    pub(super) fn new(stream: ChildStdin) -> io::Result<OrderStream> {
        #[cfg(unix)]
        {
            use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
            // Of this end alone: the host's is another.
            fcntl_setfl(&stream, fcntl_getfl(&stream)? | OFlags::NONBLOCK)?;
        }
        Ok(OrderStream { stream })
    }

    /// Gives an order. An error where the host does not take it in before `until`, or is gone.
    pub(super) fn give(&mut self, kind: Kind, content: &[u8], until: Instant) -> io::Result<()> {
        let mut waiting = Waiting {
            stream: &mut self.stream,
            until,
        };
        protocol::write(&mut waiting, kind, content)
    }
}

/// Writes what there is room for, and waits for more of it, but not for ever: a host that has stopped
/// takes in no more than a pipe holds.
struct Waiting<'s> {
    stream: &'s mut ChildStdin,
    until: Instant,
}

impl io::Write for Waiting<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.stream.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.wait()?,
                written => return written,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(unix)]
impl Waiting<'_> {
    /// Waits for room; an error where the time is over, or where the program is asked to end.
    fn wait(&self) -> io::Result<()> {
        use super::interrupt;
        use super::watch::GLANCE;
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        if interrupt::asked() || Instant::now() > self.until {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let glance = Timespec::try_from(GLANCE).ok();
        let mut streams = [PollFd::new(self.stream, PollFlags::OUT)];
        match poll(&mut streams, glance.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(not(unix))]
impl Waiting<'_> {
    /// Here the host reads ahead on a thread of its own, and writing waits for that by itself.
    fn wait(&self) -> io::Result<()> {
        match Instant::now() > self.until {
            true => Err(io::ErrorKind::TimedOut.into()),
            false => Ok(std::thread::yield_now()),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};
    use std::time::Duration;

    #[test]
    fn who_does_not_listen_is_given_up() -> io::Result<()> {
        let mut deaf = Command::new("sleep")
            .arg("100")
            .stdin(Stdio::piped())
            .spawn()?;
        let stream = deaf.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut orders = OrderStream::new(stream)?;
        let until = Instant::now() + Duration::from_millis(50);
        let given = orders.give(Kind::Job, &vec![0; 1 << 20], until);
        let kind = given.expect_err("more than a pipe holds").kind();
        deaf.kill()?;
        deaf.wait()?;
        assert_eq!(kind, io::ErrorKind::TimedOut);
        Ok(())
    }
}
