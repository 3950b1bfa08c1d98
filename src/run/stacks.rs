//! What each thread of a run is inside of, as its records tell it.

use super::trace::Event;

/// What each thread is inside of, by thread number, as far as threads have been seen.
#[derive(Default)]
pub(super) struct Stacks(pub(super) Vec<Vec<Frame>>);

/// What a thread is inside of.
pub(super) enum Frame {
    Step { step: u32, events: Vec<Event> },
    Callback(Event),
}

impl Stacks {
    pub(super) fn get(&self, thread: u8) -> &[Frame] {
        self.0.get(usize::from(thread)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn get_mut(&mut self, thread: u8) -> &mut Vec<Frame> {
        let thread = usize::from(thread);
        if self.0.len() <= thread {
            self.0.resize_with(thread + 1, Vec::new);
        }
        &mut self.0[thread]
    }
}
