//! What the fields of a structure point to: texts, bytes, structures and arrays of them.

use super::bytes::LARGEST;
use super::draft::{BUFFER, Draft, Extent, put};
use super::lower::Lowering;
use super::node::{Entry, Node};
use super::plan::{Argument, Content, Length, Show, VariableKind};
use super::structures::Slot;
use super::values;
use crate::abi::Form;
use crate::abi::role::Scalar;
use crate::abi::structure::{Field, FieldRole};

impl Lowering<'_> {
    /// A field that points to something.
    pub(super) fn pointer_field(
        &mut self,
        draft: &mut Draft,
        slot: Slot<'_>,
        field: &'static Field,
        node: Option<&Node>,
        entries: &[Entry],
    ) -> Extent {
        let name = slot.name(field);
        let offset = slot.offset(field);
        let node = match node {
            None => {
                return match field.role {
                    FieldRole::Buffer => self.buffer_field(draft, slot, field, None, entries),
                    FieldRole::ArrayOut(scalar) => {
                        let count = self.elements(slot, field, entries);
                        let id = self.scalars_out(draft, scalar, count, None, &name);
                        put(draft.at(slot.memory), offset, 8, Argument::Memory(id));
                        Extent::Unknown
                    }
                    _ => Extent::Known(0),
                };
            }
            Some(node) if node.is_null() => return Extent::Unknown,
            Some(node) => node,
        };
        if let Some(raw) = node.get("raw") {
            if let Some(word) = values::number(raw, Scalar::ApiPtr, "raw", &mut self.faults) {
                put(draft.at(slot.memory), offset, 8, Argument::Word(word));
            }
            return Extent::Unknown;
        }
        let stated = stated(field, entries);
        if let Some(extent) = self.overlapping_field(draft, slot, field, node, stated) {
            return extent;
        }
        let mut extent = Extent::Unknown;
        let target = match field.role {
            FieldRole::Text => self.text(draft, node, &name, slot.form),
            FieldRole::WideText => self.text(draft, node, &name, Form::Wide),
            FieldRole::KeyText => self.key_text(draft, node, &name, slot.form),
            FieldRole::Bytes if node.get("from").is_some() => {
                let from = node.get("from").unwrap_or(node);
                let variable = self
                    .names
                    .mention(from.text().unwrap_or_default(), from.spot);
                let id = draft.reserve(name.clone());
                draft.at(id).from = Some(Content::Variable(variable));
                extent = Extent::Of(variable);
                Some(id)
            }
            FieldRole::Bytes => self.bytes(draft, node, &name),
            FieldRole::Buffer => return self.buffer_field(draft, slot, field, Some(node), entries),
            FieldRole::Struct(structure) => self.structure_argument(draft, structure, node, &name),
            FieldRole::Array(structure) => {
                extent = Extent::Known(node.items().map_or(0, <[Node]>::len) as u64);
                self.array(draft, structure, node, &name)
            }
            FieldRole::ArrayIn(scalar) => {
                extent = Extent::Known(node.items().map_or(0, <[Node]>::len) as u64);
                self.scalar_array(draft, scalar, node, &name)
            }
            FieldRole::ArrayOut(scalar) => {
                let count = self.elements(slot, field, entries);
                Some(self.scalars_out(draft, scalar, count, Some(node), &name))
            }
            FieldRole::Status => {
                if let Some(callback) = self.status(node) {
                    put(draft.at(slot.memory), offset, 8, Argument::Status(callback));
                }
                None
            }
            _ => None,
        };
        if let Some(id) = target {
            if extent == Extent::Unknown {
                extent = Extent::Known(draft.at(id).bytes.len() as u64);
            }
            put(draft.at(slot.memory), offset, 8, Argument::Memory(id));
        }
        extent
    }

    /// The elements of the array that shares its count with an array of outputs.
    pub(super) fn elements(&self, slot: Slot<'_>, field: &Field, entries: &[Entry]) -> u64 {
        let shares = |other: &&Field| {
            other.name != field.name
                && other.link == field.link
                && matches!(other.role, FieldRole::Array(_))
        };
        let input = slot.structure.fields.iter().find(shares);
        let given = input.and_then(|input| entries.iter().find(|entry| *entry.key == *input.name));
        given
            .and_then(|entry| entry.value.items())
            .map_or(0, <[Node]>::len) as u64
    }

    fn buffer_field(
        &mut self,
        draft: &mut Draft,
        slot: Slot<'_>,
        field: &Field,
        node: Option<&Node>,
        entries: &[Entry],
    ) -> Extent {
        let name = slot.name(field);
        let size = match node.and_then(|node| node.get("size")) {
            Some(size) => values::count(size, "size", 0, LARGEST, &mut self.faults),
            None => stated(field, entries),
        };
        let size = size.unwrap_or(BUFFER);
        let keys = ["bind", "size"];
        let bind = node.and_then(|node| self.bound_output(node, &name, VariableKind::Bytes, &keys));
        let actual = slot.structure.field("cbActual");
        let length = actual.map(|actual| Length {
            memory: slot.memory,
            offset: slot.offset(actual) as u32,
        });
        let id = draft.written(name.clone(), size, Show::Bytes { length }, bind);
        put(
            draft.at(slot.memory),
            slot.offset(field),
            8,
            Argument::Memory(id),
        );
        Extent::Known(u64::from(size))
    }
}

/// The size that the field which measures another states, as far as there can be memory for it.
fn stated(field: &Field, entries: &[Entry]) -> Option<u32> {
    let measuring = entries
        .iter()
        .find(|entry| Some(&*entry.key) == field.link)?;
    let size = super::node::integer(measuring.value.text()?)?;
    Some(size.min(LARGEST) as u32)
}
