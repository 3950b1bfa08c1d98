//! What the host says: whole frames, one after the other, whichever thread speaks.

use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::protocol::{self, AROUND, Kind};

/// The stream to the parent. Shared and not duplicated: a duplicate would be within reach of the library.
#[derive(Clone)]
pub(super) struct Outgoing {
    stream: Arc<File>,
    turn: Arc<Mutex<()>>,
    process: u32,
}

/// What a pipe takes in one piece, whoever else writes to it: a launcher may.
const PIECE: usize = 4096 - AROUND;

impl Outgoing {
    pub(super) fn new(stream: File) -> Outgoing {
        Outgoing {
            stream: Arc::new(stream),
            turn: Arc::default(),
            process: std::process::id(),
        }
    }

    /// Ends this process where it is not the one that the parent has started: a library that forks in
    /// a call comes back from it twice, and one host is enough.
    fn is_its_own(&self) {
        if std::process::id() != self.process {
            crate::run::die();
        }
    }

    /// Writes a frame, in parts where it is large.
    pub(super) fn tell(&self, kind: Kind, mut content: &[u8]) -> io::Result<()> {
        self.is_its_own();
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((part, rest)) = content.split_at_checked(PIECE)
            && !rest.is_empty()
        {
            protocol::write(&mut &*self.stream, Kind::Part, part)?;
            content = rest;
        }
        protocol::write(&mut &*self.stream, kind, content)
    }

    /// Writes records, which are a stream and may be cut anywhere.
    pub(super) fn records(&self, records: &[u8]) -> io::Result<()> {
        self.is_its_own();
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        records
            .chunks(PIECE)
            .try_for_each(|piece| protocol::write(&mut &*self.stream, Kind::Records, piece))
    }

    /// The stream itself, for the last word of a process that dies in the middle of one.
    #[cfg(windows)]
    pub(super) fn stream(&self) -> &Arc<File> {
        &self.stream
    }
}
