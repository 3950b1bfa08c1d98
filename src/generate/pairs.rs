//! Every pair of a parameter (or a field of its structure) and a kind of badness, over all functions:
//! what a campaign has to cover.

use std::fmt;
use std::sync::LazyLock;

use super::overlap;
use crate::abi::role::{Kind, Scalar};
use crate::abi::structure::{FieldRole, Structure};
use crate::abi::{FUNCTIONS, FunctionId};

/// A kind of badness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Badness {
    /// Null or zero.
    Null,
    /// All bits set.
    Nil,
    /// An invented handle.
    Raw,
    /// A number at one of the edges of its width.
    Edge,
    /// A good handle of another kind.
    WrongKind,
    /// A handle that was closed.
    Closed,
    /// A handle of another session.
    Foreign,
    /// A handle of another instance.
    Elsewhere,
    /// A bit that no page names.
    UnknownBit,
    /// All the bits that the page names at once.
    ManyBits,
    /// Nothing, but not null.
    Empty,
    /// Longer than any limit.
    Long,
    /// Text that is no text.
    NotText,
    /// Text with separators and control characters.
    Separators,
    /// The name of something that is not there.
    NotThere,
    /// One less than there is.
    Short,
    /// One more than there should be.
    Excess,
    /// More than anything can have, of a null pointer.
    Huge,
    /// Where memory ends: nobody may read further than its length says.
    AtEnd,
    /// Longer than any limit, and without an end where memory ends.
    Unended,
    /// In the place of another parameter, or of another element's field.
    Overlap,
}

/// A parameter with one kind of badness.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pair {
    /// The function.
    pub function: FunctionId,
    /// The parameter, and the fields down to the one that is bad.
    pub path: Vec<&'static str>,
    /// What is bad about it.
    pub badness: Badness,
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let function = self.function.get().name;
        write!(f, "{function} {} {:?}", self.path.join("."), self.badness)
    }
}

/// A pair, by its position in [`pairs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PairId(pub u32);

impl PairId {
    /// The pair itself.
    pub fn get(self) -> Option<&'static Pair> {
        pairs().get(self.0 as usize)
    }
}

/// How deep structures inside structures are gone into.
const DEEPEST: usize = 3;

/// Every pair, function by function.
pub fn pairs() -> &'static [Pair] {
    static PAIRS: LazyLock<Vec<Pair>> = LazyLock::new(|| {
        let mut pairs = Vec::new();
        for (index, function) in (0u16..).zip(FUNCTIONS) {
            for (number, parameter) in function.parameters.iter().enumerate() {
                let mut path = vec![parameter.name];
                let function = FunctionId(index);
                let kinds = match (&parameter.kind, parameter.links) {
                    (Kind::Bytes, []) => UNMEASURED,
                    (kind, _) => of_kind(kind),
                };
                add(&mut pairs, function, &path, kinds);
                if overlap::partners(function.get(), number).next().is_some() {
                    add(&mut pairs, function, &path, &[Overlap]);
                }
                // What a call only writes is not looked at before.
                let is_read = !matches!(parameter.kind, Kind::StructOut(_));
                if let Some(structure) = structure_of(&parameter.kind).filter(|_| is_read) {
                    let is_array = matches!(parameter.kind, Kind::Array(_) | Kind::ArrayInOut(_));
                    fields(&mut pairs, function, &mut path, structure, is_array);
                }
            }
        }
        pairs
    });
    &PAIRS
}

/// The pairs of one function.
pub(super) fn of_function(function: FunctionId) -> std::ops::Range<u32> {
    let start = pairs().partition_point(|pair| pair.function.0 < function.0);
    let end = pairs().partition_point(|pair| pair.function.0 <= function.0);
    start as u32..end as u32
}

fn add(pairs: &mut Vec<Pair>, function: FunctionId, path: &[&'static str], kinds: &[Badness]) {
    pairs.extend(kinds.iter().map(|badness| Pair {
        function,
        path: path.to_vec(),
        badness: *badness,
    }));
}

fn fields(
    pairs: &mut Vec<Pair>,
    function: FunctionId,
    path: &mut Vec<&'static str>,
    structure: &'static Structure,
    is_array: bool,
) {
    if path.len() > DEEPEST {
        return;
    }
    for field in structure.fields {
        path.push(field.name);
        let kinds = match (&field.role, field.link) {
            (FieldRole::Bytes, None) => UNMEASURED,
            (role, _) => of_field(role),
        };
        add(pairs, function, path, kinds);
        if path.len() == 2 && is_array && overlap::used_in_array(&field.role).is_some() {
            add(pairs, function, path, &[Overlap]);
        }
        if let FieldRole::Struct(inner) | FieldRole::Array(inner) = field.role {
            fields(pairs, function, path, inner, false);
        }
        path.pop();
    }
}

/// The structure that a parameter points to.
pub(super) fn structure_of(kind: &Kind) -> Option<&'static Structure> {
    match kind {
        Kind::Struct(structure)
        | Kind::StructOut(structure)
        | Kind::StructInOut(structure)
        | Kind::Array(structure)
        | Kind::ArrayInOut(structure) => Some(structure),
        _ => None,
    }
}

use Badness::*;

fn of_scalar(scalar: Scalar) -> &'static [Badness] {
    match scalar {
        Scalar::Sesid | Scalar::Tableid => &[Null, Nil, Raw, WrongKind, Closed, Foreign, Elsewhere],
        Scalar::Instance => &[Null, Nil, Raw, WrongKind, Closed, Foreign],
        Scalar::HandleId | Scalar::Snapid => &[Null, Nil, Raw, WrongKind, Closed],
        Scalar::Dbid => &[Null, Nil, Raw, Closed, Foreign, Elsewhere],
        Scalar::Columnid => &[Null, Nil, Raw, Foreign],
        Scalar::Grbit => &[UnknownBit, ManyBits, Nil],
        Scalar::Cbtyp => &[Null, UnknownBit, Nil],
        Scalar::Err | Scalar::Date => &[],
        _ => &[Null, Nil, Edge, Raw],
    }
}

/// Bytes whose length no other argument says: whoever gets them reads as many as there have to be.
const UNMEASURED: &[Badness] = &[Null, Long, Excess];

const TEXT: &[Badness] = &[
    Null, Empty, Long, NotText, Separators, NotThere, AtEnd, Unended,
];

fn of_kind(kind: &Kind) -> &'static [Badness] {
    match kind {
        Kind::Scalar(scalar) => of_scalar(*scalar),
        Kind::Text => TEXT,
        Kind::KeyText => &[Null, Empty, Long, NotText, Separators, NotThere, AtEnd],
        Kind::NameOrId => &[Null, Empty, NotThere, Raw],
        Kind::TextBuffer | Kind::TextList | Kind::Buffer | Kind::Info => &[Null, Empty, Short],
        Kind::Bytes => &[Null, Empty, Long, Excess, Short, AtEnd],
        Kind::Length | Kind::Count => &[Null, Short, Huge],
        Kind::Context => &[Nil],
        Kind::InOut(_) => &[Null, Raw, Nil],
        Kind::Array(_) | Kind::ArrayInOut(_) | Kind::ArrayIn(_) => &[Null, Empty, Excess],
        Kind::Out(_)
        | Kind::Actual
        | Kind::Struct(_)
        | Kind::StructOut(_)
        | Kind::StructInOut(_)
        | Kind::ArrayOut(_)
        | Kind::EngineArray(_)
        | Kind::EngineMemory
        | Kind::Callback
        | Kind::Status
        | Kind::Realloc
        | Kind::KeyArray
        | Kind::LengthArray => &[Null],
    }
}

fn of_field(role: &FieldRole) -> &'static [Badness] {
    match role {
        FieldRole::Size => &[Null, Short, Excess, Huge],
        FieldRole::In(scalar) | FieldRole::InWritten(scalar) => of_scalar(*scalar),
        FieldRole::Text | FieldRole::WideText => TEXT,
        FieldRole::KeyText => &[Null, Empty, Long, NotText, Separators, NotThere, AtEnd],
        FieldRole::Bytes => &[Null, Empty, Long, Excess, Short, AtEnd],
        FieldRole::Buffer => &[Null, Empty, Short],
        FieldRole::Length | FieldRole::Count => &[Null, Short, Huge],
        FieldRole::Struct(_) => &[Null],
        FieldRole::Array(_) | FieldRole::ArrayIn(_) => &[Null, Empty, Excess],
        FieldRole::ArrayOut(_) | FieldRole::Status => &[Null],
        FieldRole::Raw(_) => &[Long],
        FieldRole::Written(_)
        | FieldRole::RawWritten(_)
        | FieldRole::TextWritten(_)
        | FieldRole::EnginePointer => &[],
    }
}
