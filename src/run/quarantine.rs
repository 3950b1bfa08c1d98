//! Memory of plans that are over, in a process that runs one plan after the other: a library that
//! still writes to it must not hit what the next plan uses, and is seen.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::memory::Arena;

/// How many bytes are kept.
const MOST: usize = 4 * 1024 * 1024;

static KEPT: Mutex<Quarantine> = Mutex::new(Quarantine {
    arenas: VecDeque::new(),
    bytes: 0,
    last: 0,
});

struct Quarantine {
    /// Oldest first.
    arenas: VecDeque<Arena>,
    bytes: usize,
    /// How many of them the last plan left.
    last: usize,
}

fn kept() -> MutexGuard<'static, Quarantine> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps the memory of a plan that is over; lets the oldest go.
pub(super) fn keep(arenas: impl Iterator<Item = Arena>) {
    let mut kept = kept();
    kept.last = 0;
    for arena in arenas {
        kept.bytes += arena.size();
        kept.last += 1;
        kept.arenas.push_back(arena);
    }
    while kept.bytes > MOST
        && let Some(oldest) = kept.arenas.pop_front()
    {
        kept.bytes -= oldest.size();
    }
}

/// Whether memory of the last plan has been written to since it ended.
pub(crate) fn disturbed() -> bool {
    let kept = kept();
    let mut last = kept.arenas.iter().rev().take(kept.last);
    last.any(|arena| !arena.is_settled())
}
