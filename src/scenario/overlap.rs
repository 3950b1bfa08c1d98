//! Memory that shares the place of other memory of the same call: `{overlaps: pvData, at: 4}`.
//!
//! An output may be written where another output or an input is, an input may be read from where
//! another stands. The memory whose place is shared is named by its path (`psetcolumn[0].pvData`), and
//! grows where what shares it is larger.

use smol_str::SmolStr;

use super::bytes::LARGEST;
use super::draft::{BUFFER, Draft, Extent, put};
use super::fault::FaultKind;
use super::lower::Lowering;
use super::made::Source;
use super::node::Node;
use super::plan::{Argument, Memory, MemoryId, Output, PATTERN, Show};
use super::source::Spot;
use super::structures::Slot;
use super::texts::unit;
use super::values::{self, shape};
use crate::abi::Form;
use crate::abi::role::{Kind, Scalar};
use crate::abi::structure::{Field, FieldRole};

/// The word for it.
pub const OVERLAPS: &str = "overlaps";

/// What a parameter does with the place that it shares.
#[derive(Debug, Clone, Copy)]
pub(super) enum Use {
    /// Writes so many bytes.
    Writes(u32),
    /// Reads a text up to its end.
    ReadsText(Form),
    /// Reads so many bytes, or as many as there are.
    ReadsBytes(Option<u32>),
}

/// A place that is shared.
struct Shared {
    /// Whose it is, by its path.
    other: SmolStr,
    /// How many bytes behind its beginning.
    at: u32,
    /// How many bytes, where that is written.
    size: Option<u32>,
    /// Where its owner is named.
    spot: Spot,
}

/// A parameter that has no place of its own.
pub(super) struct Overlap {
    /// Its number.
    own: usize,
    /// How it uses the place.
    used: Use,
    shared: Shared,
}

impl Lowering<'_> {
    /// Notes that a parameter shares the place of other memory, which may come later in the call and
    /// so is looked for when all is there. `false` where it has a place of its own. Faults are noted.
    pub(super) fn overlaps(
        &mut self,
        draft: &mut Draft,
        own: usize,
        given: &[Option<Source<'_>>],
        node: &Node,
    ) -> bool {
        if node.get(OVERLAPS).is_none() {
            return false;
        }
        let parameter = &draft.function.parameters[own];
        let has_size = has_size(&parameter.kind);
        let Some(shared) = self.shared(node, parameter.name, has_size) else {
            return true;
        };
        let used = match parameter.kind {
            Kind::Out(scalar) => number(scalar),
            Kind::Actual => number(Scalar::Ulong),
            Kind::Buffer | Kind::Info | Kind::TextBuffer | Kind::TextList => {
                let size = shared.size.or_else(|| self.stated(draft, own, given));
                Use::Writes(size.unwrap_or(BUFFER))
            }
            Kind::Text | Kind::NameOrId => Use::ReadsText(draft.form),
            Kind::Bytes => Use::ReadsBytes(shared.size),
            _ => {
                self.has_its_own(parameter.name, node.spot);
                return true;
            }
        };
        draft.overlaps.push(Overlap { own, used, shared });
        true
    }

    /// Gives such parameters their places. What shares one must not be written over an address.
    pub(super) fn share_places(&mut self, draft: &mut Draft, call: Spot) {
        for overlap in std::mem::take(&mut draft.overlaps) {
            let own = draft.function.parameters[overlap.own].name;
            if let Some((place, size)) = self.share(draft, own, overlap.used, &overlap.shared) {
                draft.arguments[overlap.own] = place;
                draft.extents[overlap.own] = Extent::Known(u64::from(size));
            }
        }
        if !draft.is_shared {
            return;
        }
        for memory in &draft.memory {
            if let Some(why) = memory.unwritable() {
                let message = format!("the place of `{}` cannot be shared: {why}", memory.name);
                self.faults.add(FaultKind::Value(message), call);
            }
        }
    }

    /// The same for a field, which shares a place that is in the call before it. `None` where it has
    /// one of its own.
    pub(super) fn overlapping_field(
        &mut self,
        draft: &mut Draft,
        slot: Slot<'_>,
        field: &Field,
        node: &Node,
        stated: Option<u32>,
    ) -> Option<Extent> {
        node.get(OVERLAPS)?;
        let name = slot.name(field);
        let has_size = matches!(field.role, FieldRole::Buffer | FieldRole::Bytes);
        let Some(shared) = self.shared(node, &name, has_size) else {
            return Some(Extent::Unknown);
        };
        let used = match field.role {
            FieldRole::Buffer => Use::Writes(shared.size.or(stated).unwrap_or(BUFFER)),
            FieldRole::Bytes => Use::ReadsBytes(shared.size),
            FieldRole::Text => Use::ReadsText(slot.form),
            FieldRole::WideText => Use::ReadsText(Form::Wide),
            _ => {
                self.has_its_own(&name, node.spot);
                return Some(Extent::Unknown);
            }
        };
        let Some((place, size)) = self.share(draft, &name, used, &shared) else {
            return Some(Extent::Unknown);
        };
        put(draft.at(slot.memory), slot.offset(field), 8, place);
        Some(Extent::Known(u64::from(size)))
    }

    fn has_its_own(&mut self, name: &str, spot: Spot) {
        let message = format!(
            "`{name}` cannot share a place: only texts, bytes and outputs that are no structure can"
        );
        self.faults.add(FaultKind::Value(message), spot);
    }

    /// What is written: whose place, how far behind its beginning, and of what size where what shares
    /// it has one.
    fn shared(&mut self, node: &Node, owner: &str, has_size: bool) -> Option<Shared> {
        let entries = node.entries().unwrap_or_default();
        let known = [OVERLAPS, "at", "size"];
        let known = if has_size { &known[..] } else { &known[..2] };
        if !values::known_keys(entries, known, &format!("`{owner}`"), &mut self.faults) {
            return None;
        }
        let other = node.get(OVERLAPS)?;
        let Some(name) = other.text() else {
            let wanted = "the name of another parameter of the call";
            shape("`overlaps`", wanted, other, &mut self.faults);
            return None;
        };
        let mut count = |key: &'static str| match node.get(key) {
            Some(value) => values::count(value, key, 0, LARGEST, &mut self.faults).map(Some),
            None => Some(None),
        };
        let (at, size) = (count("at")?, count("size")?);
        Some(Shared {
            other: name.into(),
            at: at.unwrap_or(0),
            size,
            spot: other.spot,
        })
    }

    /// The place that is shared, and how many bytes of it are used. Faults are noted.
    fn share(
        &mut self,
        draft: &mut Draft,
        own: &str,
        used: Use,
        shared: &Shared,
    ) -> Option<(Argument, u32)> {
        let (other, at) = (&shared.other, shared.at);
        let Some(found) = draft.memory.iter().position(|memory| memory.name == *other) else {
            self.no_place(draft, shared);
            return None;
        };
        let size = match fitting(&draft.memory[found], used, at) {
            Ok(size) => size,
            Err(why) => {
                let message = format!("`{own}` cannot have the place of `{other}`: {why}");
                self.faults.add(FaultKind::Value(message), shared.spot);
                return None;
            }
        };
        let id = MemoryId(u32::try_from(found).unwrap_or(u32::MAX));
        if let Use::Writes(_) = used {
            write_inside(draft, id, own, at, size);
        }
        let place = match at {
            0 => Argument::Memory(id),
            at => Argument::Inside(id, at),
        };
        Some((place, size))
    }

    fn no_place(&mut self, draft: &Draft, shared: &Shared) {
        let other = &shared.other;
        let message = match draft.function.parameter(other) {
            Some(_) => Some(format!(
                "`{other}` has no memory of its own in this call, or none yet: name one that has"
            )),
            None if other.contains('.') => Some(format!(
                "no `{other}` has memory of its own that comes before this"
            )),
            None => None,
        };
        if let Some(message) = message {
            self.faults.add(FaultKind::Value(message), shared.spot);
            return;
        }
        let kind = FaultKind::UnknownName {
            what: "parameter",
            name: other.to_string(),
        };
        let parameters = draft.function.parameters.iter().map(|own| own.name);
        self.faults
            .add(kind, shared.spot)
            .nearest(other, parameters);
    }
}

/// Whether the size of what shares a place can be said, since its kind does not say it.
fn has_size(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Buffer | Kind::Info | Kind::TextBuffer | Kind::TextList | Kind::Bytes
    )
}

fn number(scalar: Scalar) -> Use {
    Use::Writes(scalar.size() as u32)
}

/// How many bytes of a piece are used.
///
/// # Errors
/// Why they cannot be.
fn fitting(memory: &Memory, used: Use, at: u32) -> Result<u32, &'static str> {
    if memory.from.is_some() {
        return Err("what that holds, and how much, only the run knows");
    }
    if memory.at_end {
        return Err("that stands where memory ends");
    }
    let Some(rest) = memory.bytes.get(at as usize..) else {
        return Err("that is smaller than `at`");
    };
    match used {
        Use::Writes(size) => match u64::from(at) + u64::from(size) <= LARGEST {
            true => Ok(size),
            false => Err("that would have more than 4 MiB"),
        },
        Use::ReadsText(form) => {
            let unit = unit(form);
            let mut units = rest.chunks_exact(unit);
            let ends = units.any(|unit| unit.iter().all(|byte| *byte == 0));
            match ends && (at as usize).is_multiple_of(unit) {
                true => Ok(rest.len() as u32),
                false => Err("no text begins and ends there"),
            }
        }
        Use::ReadsBytes(size) => {
            let size = size.unwrap_or(rest.len() as u32);
            match size as usize <= rest.len() {
                true => Ok(size),
                false => Err("there are not as many bytes"),
            }
        }
    }
}

/// Lets a call write inside a piece of memory, which grows where it is too small and there is room.
fn write_inside(draft: &mut Draft, id: MemoryId, own: &str, at: u32, size: u32) {
    let end = at + size;
    let grown = u64::from(end).saturating_sub(draft.at(id).bytes.len() as u64);
    draft.room = draft.room.and_then(|room| room.checked_sub(grown));
    if draft.room.is_none() {
        return;
    }
    draft.is_shared = true;
    let memory = draft.at(id);
    if grown > 0 {
        memory.bytes.resize(end as usize, PATTERN);
    }
    let written = |output: &Output| output.offset <= at && end <= output.offset + output.size;
    if !memory.outputs.iter().any(written) {
        memory.outputs.push(Output {
            name: own.into(),
            offset: at,
            size,
            show: Show::Shared,
            bind: None,
        });
    }
}
