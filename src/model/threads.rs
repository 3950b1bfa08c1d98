//! What the engine knows about the threads that call it: who is inside a table callback.

use std::collections::HashMap;
use std::thread::ThreadId;

use super::callback::reason;
use super::handles::HandleId;

/// The threads that are inside table callbacks, with how deep.
///
/// The engine does not test for session sharing on such a thread, whichever session it uses
/// (jet-callback-callback-function.md allows calls with the session of the callback).
#[derive(Debug, Default)]
pub struct Threads {
    callbacks: HashMap<ThreadId, Vec<u32>>,
    running: Vec<(HandleId, ThreadId)>,
}

impl Threads {
    /// Whether the thread is inside a table callback.
    pub fn in_callback(&self, thread: ThreadId) -> bool {
        self.callbacks.contains_key(&thread)
    }

    /// Whether any thread is inside a table callback.
    pub fn in_any_callback(&self) -> bool {
        !self.callbacks.is_empty()
    }

    /// How many table callbacks the thread is inside of.
    pub fn depth(&self, thread: ThreadId) -> usize {
        self.callbacks.get(&thread).map_or(0, Vec::len)
    }

    /// The reason of the innermost table callback that the thread is inside of.
    pub fn reason(&self, thread: ThreadId) -> Option<u32> {
        self.callbacks.get(&thread)?.last().copied()
    }

    /// Whether the thread is inside a table callback that is called before a change.
    pub fn before_change(&self, thread: ThreadId) -> bool {
        let before = reason::BEFORE_INSERT | reason::BEFORE_REPLACE | reason::BEFORE_DELETE;
        self.reason(thread).is_some_and(|cbtyp| cbtyp & before != 0)
    }

    /// The threads that are inside the function of a registration.
    pub fn running(&self, handle: HandleId) -> impl Iterator<Item = ThreadId> {
        let of_handle = self
            .running
            .iter()
            .filter(move |(running, _)| *running == handle);
        of_handle.map(|(_, thread)| *thread)
    }

    /// The function of a registration begins on the thread.
    pub(super) fn begin_callback(&mut self, handle: HandleId, thread: ThreadId, cbtyp: u32) {
        self.running.push((handle, thread));
        self.callbacks.entry(thread).or_default().push(cbtyp);
    }

    /// Takes the thread out of its table callbacks, as if it were in none; gives what it was in.
    pub(super) fn leave(&mut self, thread: ThreadId) -> Option<Vec<u32>> {
        self.callbacks.remove(&thread)
    }

    /// Puts the thread back into what [`leave`](Self::leave) took it out of.
    pub(super) fn return_to(&mut self, thread: ThreadId, reasons: Vec<u32>) {
        self.callbacks.insert(thread, reasons);
    }

    /// As [`end_callback`](Self::end_callback), if that function has begun at all.
    pub(super) fn end_callback_if_begun(&mut self, handle: HandleId, thread: ThreadId) {
        if self.running.contains(&(handle, thread)) {
            self.end_callback(handle, thread);
        }
    }

    /// The innermost table callback of the thread ends.
    pub(super) fn end_callback(&mut self, handle: HandleId, thread: ThreadId) {
        if let Some(at) = self
            .running
            .iter()
            .rposition(|entry| *entry == (handle, thread))
        {
            self.running.remove(at);
        }
        if let Some(reasons) = self.callbacks.get_mut(&thread) {
            reasons.pop();
            if reasons.is_empty() {
                self.callbacks.remove(&thread);
            }
        }
    }
}
