//! What the engine knows about the threads that call it: who is inside a table callback.

use std::thread::{self, ThreadId};

use super::callback::reason;
use super::handles::{HandleId, Sesid, Tableid};

thread_local!(static HERE: ThreadId = thread::current().id());

/// The calling thread.
pub(super) fn here() -> ThreadId {
    HERE.with(|here| *here)
}

/// The threads that are inside table callbacks, with how deep.
///
/// The engine does not test for session sharing on such a thread, whichever session it uses
/// (jet-callback-callback-function.md allows calls with the session of the callback).
#[derive(Debug, Default)]
pub struct Threads {
    /// In the order in which they began.
    inside: Vec<Inside>,
    /// Cursors that stay restricted when their event is over, in a sloppy engine.
    still_restricted: Vec<Tableid>,
}

/// A thread inside the callbacks of an event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inside {
    pub(super) thread: ThreadId,
    /// The session whose call makes the event, `NIL` where it is not a table's.
    pub(super) sesid: Sesid,
    /// The cursor that the functions are given, `NIL` where it is not a table's event.
    pub(super) tableid: Tableid,
    /// The reason of the event.
    pub(super) cbtyp: u32,
    /// The registration whose function is called.
    pub(super) handle: HandleId,
}

impl Threads {
    fn of(&self, thread: ThreadId) -> impl DoubleEndedIterator<Item = &Inside> {
        self.inside.iter().filter(move |own| own.thread == thread)
    }

    /// Whether the thread is inside a table callback.
    pub fn in_callback(&self, thread: ThreadId) -> bool {
        self.of(thread).next().is_some()
    }

    /// Whether any thread is inside a table callback.
    pub fn in_any_callback(&self) -> bool {
        !self.inside.is_empty()
    }

    /// Whether a thread other than that is inside a callback of a table.
    pub fn in_callback_elsewhere(&self, thread: ThreadId) -> bool {
        let mut tables = self.inside.iter().filter(|own| own.tableid != Tableid::NIL);
        tables.any(|own| own.thread != thread)
    }

    /// Whether a call with the session is in the middle of a table callback.
    pub fn serves(&self, sesid: Sesid) -> bool {
        self.inside.iter().any(|own| own.sesid == sesid)
    }

    /// Whether the cursor is restricted: an event is delivered with it.
    pub fn restricts(&self, tableid: Tableid) -> bool {
        self.inside.iter().any(|own| own.tableid == tableid)
            || self.still_restricted.contains(&tableid)
    }

    /// Keeps a cursor restricted for good.
    pub(super) fn restrict_on(&mut self, tableid: Tableid) {
        self.still_restricted.push(tableid);
    }

    /// How many table callbacks the thread is inside of.
    pub fn depth(&self, thread: ThreadId) -> usize {
        self.of(thread).count()
    }

    /// The reason of the innermost table callback that the thread is inside of.
    pub fn reason(&self, thread: ThreadId) -> Option<u32> {
        self.of(thread).next_back().map(|own| own.cbtyp)
    }

    /// Whether the thread is inside a table callback that is called before a change.
    pub fn before_change(&self, thread: ThreadId) -> bool {
        let before = reason::BEFORE_INSERT | reason::BEFORE_REPLACE | reason::BEFORE_DELETE;
        self.reason(thread).is_some_and(|cbtyp| cbtyp & before != 0)
    }

    /// The threads that are inside the function of a registration.
    pub fn running(&self, handle: HandleId) -> impl Iterator<Item = ThreadId> {
        let of_handle = self.inside.iter().filter(move |own| own.handle == handle);
        of_handle.map(|own| own.thread)
    }

    /// The first function of an event begins on the thread.
    pub(super) fn begin_callback(&mut self, first: Inside) {
        self.inside.push(first);
    }

    /// The next function of the thread's innermost event begins.
    pub(super) fn go_on_with(&mut self, handle: HandleId, thread: ThreadId) {
        if let Some(own) = self.inside.iter_mut().rfind(|own| own.thread == thread) {
            own.handle = handle;
        }
    }

    /// The thread's innermost event ends.
    pub(super) fn end_callback(&mut self, thread: ThreadId) {
        let innermost = self.inside.iter().rposition(|own| own.thread == thread);
        innermost.map(|at| self.inside.remove(at));
    }

    /// As [`end_callback`](Self::end_callback), if the function is what the thread is inside of.
    pub(super) fn end_callback_if_begun(&mut self, handle: HandleId, thread: ThreadId) {
        let innermost = self.of(thread).next_back();
        if innermost.is_some_and(|own| own.handle == handle) {
            self.end_callback(thread);
        }
    }

    /// Takes the thread out of its table callbacks, as if it were in none; gives what it was in.
    pub(super) fn leave(&mut self, thread: ThreadId) -> Vec<Inside> {
        let left = self.of(thread).copied().collect();
        self.inside.retain(|own| own.thread != thread);
        left
    }

    /// Puts the thread back into what [`leave`](Self::leave) took it out of.
    pub(super) fn return_to(&mut self, left: Vec<Inside>) {
        self.inside.extend(left);
    }
}
