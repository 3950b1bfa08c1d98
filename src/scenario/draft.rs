//! A call on its way down: its arguments and memory so far.

use smallvec::SmallVec;
use smol_str::SmolStr;

use super::overlap::Overlap;
use super::plan::{
    Argument, Length, Memory, MemoryBytes, MemoryId, Output, PATTERN, Patch, Show, VariableId,
};
use crate::abi::role::Kind;
use crate::abi::{Form, Function, Parameter};

/// Bytes of a buffer whose length is not stated.
pub(super) const BUFFER: u32 = 300;

/// How much there is of what a length or count measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Extent {
    /// Nothing is known about it, so any length may be stated: null, an invented address.
    Unknown,
    /// So many bytes or elements.
    Known(u64),
    /// As many bytes as a variable holds then.
    Of(VariableId),
}

/// A call on its way down.
pub(super) struct Draft {
    pub function: &'static Function,
    pub form: Form,
    pub memory: Vec<Memory>,
    pub arguments: SmallVec<[Argument; 8]>,
    pub extents: SmallVec<[Extent; 8]>,
    /// Sizes of the elements of an array of keys.
    pub sizes: Vec<Extent>,
    /// Bytes that its memory may still take; none where it has asked for more.
    pub room: Option<u64>,
    /// Parameters that share the place of other memory.
    pub overlaps: Vec<Overlap>,
    /// Whether something is written in the place of other memory.
    pub is_shared: bool,
}

impl Draft {
    /// Takes up a piece of memory, empty as yet. The name of a parameter need not be copied.
    pub fn reserve(&mut self, name: impl Into<SmolStr>) -> MemoryId {
        let id = MemoryId(u32::try_from(self.memory.len()).unwrap_or(u32::MAX));
        self.memory.push(Memory {
            name: name.into(),
            bytes: MemoryBytes::new(),
            patches: Vec::new(),
            outputs: SmallVec::new(),
            from: None,
            at_end: false,
        });
        id
    }

    /// The piece of memory.
    pub fn at(&mut self, id: MemoryId) -> &mut Memory {
        &mut self.memory[id.0 as usize]
    }

    /// Memory that holds these bytes.
    pub fn hold(&mut self, name: impl Into<SmolStr>, bytes: impl Into<MemoryBytes>) -> MemoryId {
        let bytes = bytes.into();
        let id = self.reserve(name);
        let size = bytes.len() as u64;
        self.room = self.room.and_then(|room| room.checked_sub(size));
        if self.room.is_some() {
            self.at(id).bytes = bytes;
        }
        id
    }

    /// Memory that is written.
    pub fn written(
        &mut self,
        name: impl Into<SmolStr>,
        size: u32,
        show: Show,
        bind: Option<VariableId>,
    ) -> MemoryId {
        let id = self.hold(name, MemoryBytes::from_elem(PATTERN, size as usize));
        let memory = self.at(id);
        memory.outputs.push(Output {
            name: memory.name.clone(),
            offset: 0,
            size,
            show,
            bind,
        });
        id
    }

    /// The parameter of that kind which is linked with the named one.
    pub fn partner(
        &self,
        name: &str,
        kind: fn(&Kind) -> bool,
    ) -> Option<(usize, &'static Parameter)> {
        self.function
            .parameters
            .iter()
            .enumerate()
            .find(|(_, other)| kind(&other.kind) && other.links.contains(&name))
    }
}

/// What a count or a length counts.
pub(super) fn unit_of(is_count: bool) -> &'static str {
    if is_count { "elements" } else { "bytes" }
}

/// Tells each buffer where the call leaves the length of what it wrote there.
pub(super) fn link_lengths(draft: &mut Draft) {
    for (index, parameter) in draft.function.parameters.iter().enumerate() {
        if !matches!(parameter.kind, Kind::Buffer) {
            continue;
        }
        let actual = draft.partner(parameter.name, |kind| matches!(kind, Kind::Actual));
        let length = actual.and_then(|(actual, _)| match draft.arguments[actual] {
            Argument::Memory(memory) => Some(Length { memory, offset: 0 }),
            _ => None,
        });
        if let Argument::Memory(id) = draft.arguments[index] {
            for output in &mut draft.at(id).outputs {
                if let Show::Bytes { length: own } = &mut output.show {
                    *own = length;
                }
            }
        }
    }
}

/// Puts a word or the value of a variable into memory.
pub(super) fn put(memory: &mut Memory, offset: usize, size: u8, value: Argument) {
    match value {
        Argument::Word(word) => {
            let end = offset + usize::from(size);
            if let Some(place) = memory.bytes.get_mut(offset..end) {
                place.copy_from_slice(&word.to_le_bytes()[..usize::from(size)]);
            }
        }
        value => memory.patches.push(Patch {
            offset: offset as u32,
            size,
            value,
        }),
    }
}
