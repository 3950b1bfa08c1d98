//! Standard output whose reader may go away: what is written after that goes nowhere, and the exit
//! code stays what it would have been.

use std::io::{self, Write};

/// Standard output, with colours where it is a terminal.
pub struct Console {
    stream: io::BufWriter<anstream::Stdout>,
    closed: bool,
}

impl Console {
    /// Standard output.
    pub fn new() -> Self {
        Self {
            stream: io::BufWriter::new(anstream::stdout()),
            closed: false,
        }
    }

    fn quietly<T>(&mut self, result: io::Result<T>, otherwise: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(otherwise)
            }
            result => result,
        }
    }
}

impl Write for Console {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let result = self.stream.write(bytes);
        self.quietly(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let result = self.stream.flush();
        self.quietly(result, ())
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        // Nobody is left to hear of a failure here.
        let _ = self.flush();
    }
}
