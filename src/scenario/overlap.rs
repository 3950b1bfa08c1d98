//! Memory that shares the place of other memory of the same call: `{overlaps: pvData, at: 4}`.
//!
//! An output may be written where another output or an input is, an input may be read from where
//! another stands. What has the place of another is named by its path
//! (`pretrievecolumn[0].pvData`), and grows where what shares it is larger.

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
    Writes(u32, Show),
    /// Reads a text up to its end.
    ReadsText(Form),
    /// Reads so many bytes, or as many as there are.
    ReadsBytes(Option<u32>),
}

/// What has no place of its own.
pub(super) struct Overlap {
    /// The parameter, by its number.
    own: usize,
    /// How it uses the place.
    used: Use,
    /// Whose place it shares, by the path of that.
    other: SmolStr,
    /// How many bytes behind its beginning.
    at: u32,
    /// Where that is written.
    spot: Spot,
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
        let Some((other, at, size)) = self.shared(node, parameter.name) else {
            return true;
        };
        let used = match parameter.kind {
            Kind::Out(scalar) => number(scalar),
            Kind::Actual => number(Scalar::Ulong),
            Kind::Buffer | Kind::Info | Kind::TextBuffer | Kind::TextList => {
                let size = size.or_else(|| self.stated(draft, own, given));
                buffer(size.unwrap_or(BUFFER))
            }
            Kind::Text | Kind::NameOrId => Use::ReadsText(draft.form),
            Kind::Bytes => Use::ReadsBytes(size),
            _ => {
                self.has_its_own(parameter.name, node.spot);
                return true;
            }
        };
        draft.overlaps.push(Overlap {
            own,
            used,
            other,
            at,
            spot: node.spot,
        });
        true
    }

    /// Gives such parameters their places.
    pub(super) fn share_places(&mut self, draft: &mut Draft) {
        for overlap in std::mem::take(&mut draft.overlaps) {
            let own = draft.function.parameters[overlap.own].name;
            let Overlap {
                used,
                other,
                at,
                spot,
                ..
            } = &overlap;
            if let Some((place, size)) = self.share(draft, own, *used, other, *at, *spot) {
                draft.arguments[overlap.own] = place;
                draft.extents[overlap.own] = Extent::Known(u64::from(size));
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
        let Some((other, at, size)) = self.shared(node, &name) else {
            return Some(Extent::Unknown);
        };
        let used = match field.role {
            FieldRole::Buffer => buffer(size.or(stated).unwrap_or(BUFFER)),
            FieldRole::Bytes => Use::ReadsBytes(size),
            FieldRole::Text => Use::ReadsText(slot.form),
            FieldRole::WideText => Use::ReadsText(Form::Wide),
            _ => {
                self.has_its_own(&name, node.spot);
                return Some(Extent::Unknown);
            }
        };
        let Some((place, size)) = self.share(draft, &name, used, &other, at, node.spot) else {
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

    /// What is written: whose place, how far behind its beginning, and of what size.
    fn shared(&mut self, node: &Node, owner: &str) -> Option<(SmolStr, u32, Option<u32>)> {
        let entries = node.entries().unwrap_or_default();
        let known = [OVERLAPS, "at", "size"];
        if !values::known_keys(entries, &known, &format!("`{owner}`"), &mut self.faults) {
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
        Some((name.into(), at.unwrap_or(0), size))
    }

    /// The place that is shared, and how many bytes of it are used. Faults are noted.
    fn share(
        &mut self,
        draft: &mut Draft,
        own: &str,
        used: Use,
        other: &str,
        at: u32,
        spot: Spot,
    ) -> Option<(Argument, u32)> {
        let Some(found) = draft.memory.iter().position(|memory| memory.name == other) else {
            self.no_place(draft, other, spot);
            return None;
        };
        let memory = &draft.memory[found];
        let before = memory.bytes.len();
        let size = match fitting(memory, used, at) {
            Ok(size) => size,
            Err(why) => {
                let message = format!("`{own}` cannot have the place of `{other}`: {why}");
                self.faults.add(FaultKind::Value(message), spot);
                return None;
            }
        };
        let id = MemoryId(u32::try_from(found).unwrap_or(u32::MAX));
        if let Use::Writes(_, show) = used {
            write_inside(draft.at(id), own, at, size, show);
            let grown = (draft.at(id).bytes.len() - before) as u64;
            draft.room = draft.room.and_then(|room| room.checked_sub(grown));
        }
        let place = match at {
            0 => Argument::Memory(id),
            at => Argument::Inside(id, at),
        };
        Some((place, size))
    }

    fn no_place(&mut self, draft: &Draft, other: &str, spot: Spot) {
        let parameters = draft.function.parameters.iter().map(|own| own.name);
        let message = match draft.function.parameter(other) {
            Some(_) => Some(format!(
                "`{other}` has no memory of its own in this call, or none yet"
            )),
            None if other.contains('.') => Some(format!(
                "no `{other}` has memory of its own that comes before this"
            )),
            None => None,
        };
        if let Some(message) = message {
            self.faults.add(FaultKind::Value(message), spot);
            return;
        }
        let kind = FaultKind::UnknownName {
            what: "parameter",
            name: other.to_owned(),
        };
        self.faults.add(kind, spot).nearest(other, parameters);
    }
}

fn number(scalar: Scalar) -> Use {
    Use::Writes(scalar.size() as u32, Show::Scalar(scalar))
}

fn buffer(size: u32) -> Use {
    Use::Writes(size, Show::Bytes { length: None })
}

/// How many bytes of a piece are used.
///
/// # Errors
/// Why they cannot be.
fn fitting(memory: &Memory, used: Use, at: u32) -> Result<u32, &'static str> {
    if memory.from.is_some() || memory.at_end {
        return Err("what that holds, and how much, only the run knows, or it stands at an end");
    }
    let Some(rest) = memory.bytes.get(at as usize..) else {
        return Err("that is smaller than `at`");
    };
    match used {
        Use::Writes(size, _) => {
            let places = at..at.saturating_add(size);
            let holds_address = memory.patches.iter().any(|patch| {
                matches!(patch.value, Argument::Memory(_) | Argument::Inside(..))
                    && patch.offset < places.end
                    && places.start < patch.offset + u32::from(patch.size)
            });
            match holds_address {
                true => Err("there is the address of other memory"),
                false => Ok(size),
            }
        }
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

/// Lets a call write inside a piece of memory, which grows where it is too small.
fn write_inside(memory: &mut Memory, own: &str, at: u32, size: u32, show: Show) {
    let end = at.saturating_add(size);
    if memory.bytes.len() < end as usize {
        memory.bytes.resize(end as usize, PATTERN);
    }
    let written = |output: &Output| output.offset <= at && end <= output.offset + output.size;
    if !memory.outputs.iter().any(written) {
        memory.outputs.push(Output {
            name: own.into(),
            offset: at,
            size,
            show,
            bind: None,
        });
    }
}
