//! What the engine has done on each thread. (jetgetthreadstats-function.md,
//! jet-threadstats-structure.md)

use std::collections::HashMap;
use std::thread::ThreadId;

use super::engine::{Engine, State};
use super::outcome::Jet;
use super::rules::rules;
use crate::abi::errors::JetError;

rules! {
    /// The buffer has room for the structure. (jetgetthreadstats-function.md)
    SIZE = "thread-stats/size";
    /// What a call does is counted on its thread. (jetgetthreadstats-function.md)
    COUNTS = "thread-stats/counts";
}

/// The work of a thread; nothing is read from a disk here, so that it has no counts of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// `cPageReferenced`: calls that looked at a table.
    pub referenced: u32,
    /// `cPageDirtied`: records that were changed.
    pub dirtied: u32,
    /// `cLogRecord`
    pub log_records: u32,
    /// `cbLogRecord`, in bytes.
    pub log_bytes: u32,
}

/// The work of all threads.
pub type Works = HashMap<ThreadId, Work>;

impl State {
    /// Notes something that the calling thread did.
    pub(super) fn note_work(&mut self, note: impl FnOnce(&mut Work)) {
        if COUNTS.holds() {
            note(self.works.entry(std::thread::current().id()).or_default());
        }
    }
}

impl Engine {
    /// JetGetThreadStats. `fits` tells that the buffer has room. (jetgetthreadstats-function.md)
    ///
    /// # Errors
    /// `JET_errBufferTooSmall`.
    pub fn thread_statistics(&self, fits: bool) -> Jet<Work> {
        SIZE.refuse(!fits, JetError::BufferTooSmall)?;
        let here = std::thread::current().id();
        Ok(self.lock().works.get(&here).copied().unwrap_or_default())
    }
}
