//! A moment of looking before one sleeps. Parent and host answer each other within some dozens of
//! microseconds, and a processor that went to sleep meanwhile takes longer than that to wake up.

use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// How long one looks: about what a short plan takes.
const MOMENT: Duration = Duration::from_micros(100);

/// Whether there is something to read from a stream, or its end to see, within a moment. Whoever else
/// wants the processor has it meanwhile.
pub(super) fn comes_soon(stream: &impl AsFd) -> bool {
    let begun = Instant::now();
    let mut streams = [PollFd::new(stream, PollFlags::IN)];
    loop {
        match poll(&mut streams, Some(&Timespec::default())) {
            Ok(0) if begun.elapsed() < MOMENT => std::thread::yield_now(),
            Ok(ready) => return ready > 0,
            // Whoever reads it will see what is wrong.
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_seen_and_what_is_not_is_not_waited_for() -> std::io::Result<()> {
        use std::io::Write;
        let (read, mut write) = std::io::pipe()?;
        assert!(!comes_soon(&read));
        write.write_all(b"x")?;
        assert!(comes_soon(&read));
        Ok(())
    }

    #[test]
    fn the_end_is_something_to_see() -> std::io::Result<()> {
        let (read, write) = std::io::pipe()?;
        drop(write);
        assert!(comes_soon(&read));
        Ok(())
    }
}
