//! What a plan is once it is ready to run: numbers are positions, and nothing has to be looked up.

use std::ops::Deref;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::abi::structure::Structure;
use crate::abi::{Form, Function};
use crate::scenario::plan::{FileAction, Memory, Relation, Show};

use super::memory::Layout;

/// A plan that is ready.
pub(super) struct Prepared {
    /// Steps of fixture, case and aftermath.
    pub(super) steps: Presteps,
    /// Steps of each body of each callback.
    pub(super) bodies: Vec<Vec<Presteps>>,
    /// Calls of all steps.
    pub(super) calls: Vec<Precall>,
    /// For each callback, how much of its user data the plan wants to see, in bytes.
    pub(super) user_data: Vec<usize>,
    /// The calls that are begun without waiting, with the step that begins them.
    pub(super) starts: Vec<u32>,
}

/// Steps that are ready, one after the other.
pub(super) type Presteps = Arc<[Prestep]>;

/// One of them, for whoever has to do it.
#[derive(Clone, Copy)]
pub(super) struct Which<'s> {
    pub(super) steps: &'s Presteps,
    pub(super) index: usize,
}

impl Deref for Which<'_> {
    type Target = Prestep;

    fn deref(&self) -> &Prestep {
        &self.steps[self.index]
    }
}

/// A step that is ready.
pub(super) struct Prestep {
    pub(super) id: u32,
    pub(super) thread: u8,
    pub(super) action: Preaction,
}

/// What a step does. Numbers are positions.
pub(super) enum Preaction {
    Call(usize),
    Start {
        start: usize,
        call: usize,
    },
    End {
        start: usize,
    },
    Until {
        codes: Vec<i32>,
        call: usize,
    },
    Await {
        callback: usize,
        times: u32,
    },
    Wait(usize),
    Wake(usize),
    Repeat {
        times: u32,
        steps: Presteps,
    },
    File(FileAction),
    KillHost,
    Compare {
        variables: Vec<usize>,
        relation: Relation,
    },
    Let {
        variable: usize,
        base: Option<usize>,
        add: i64,
    },
}

/// The words of a call.
pub(super) type Words = SmallVec<[u64; 8]>;

/// A call that is ready.
pub(super) struct Precall {
    pub(super) step: u32,
    pub(super) function: &'static Function,
    pub(super) form: Form,
    /// The words; those of `live_words` are filled in for each call.
    pub(super) words: Words,
    /// Words that hold addresses of pieces of memory.
    pub(super) addresses: SmallVec<[(usize, Place); 4]>,
    /// Words that are known only then.
    pub(super) live_words: SmallVec<[(usize, Live); 4]>,
    /// The memory, `None` where its size is known only then.
    pub(super) layout: Option<Layout>,
    /// Pieces of memory.
    pub(super) pieces: SmallVec<[Piece; 2]>,
    /// Outputs in the order of the layout's.
    pub(super) outputs: SmallVec<[Preoutput; 2]>,
}

/// A place within a call's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Which piece.
    pub(super) piece: u32,
    /// Bytes behind its beginning.
    pub(super) offset: u32,
}

/// A piece of memory that is ready.
#[derive(Default)]
pub(super) struct Piece {
    /// What it is laid out from, where that is done for each call.
    pub(super) source: Option<Box<Source>>,
    /// Offsets where the addresses of other pieces go.
    pub(super) addresses: Vec<(usize, Place)>,
    /// Places that are filled in for each call: offset, size, what with.
    pub(super) live: Vec<(usize, usize, Live)>,
}

/// What a piece is made of whose call is laid out each time.
pub(super) struct Source {
    pub(super) memory: Memory,
    /// The bytes variable that its content comes from.
    pub(super) from: Option<usize>,
    /// That content is a text, which has to end.
    pub(super) is_text: bool,
}

/// What is known only when the call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Live {
    /// The value of a variable.
    Variable(usize),
    /// The length of a bytes variable.
    LengthOf(usize),
}

/// An output that is ready.
#[derive(Debug, Clone, Copy)]
pub(super) struct Preoutput {
    pub(super) show: Show,
    pub(super) bind: Option<usize>,
    /// The structure of the elements of an array that the engine allocates.
    pub(super) elements: Option<&'static Structure>,
}
