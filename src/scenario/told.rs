//! Definitions that a call tells as they would be given: a structure that other calls read, and
//! behind it, in the same buffer, what it points to.

use super::bytes::LARGEST;
use super::draft::{Draft, Extent};
use super::lower::Lowering;
use super::node::{Entry, Node};
use super::plan::{Argument, Show};
use super::structures::Slot;
use super::texts::unit;
use super::values;
use crate::abi::Form;
use crate::abi::role::Scalar;
use crate::abi::structure::{Field, FieldRole, Structure};

impl Lowering<'_> {
    /// A buffer of a stated size for such a structure: `{structure: JET_INDEXCREATE, size: 600}`.
    pub(super) fn told_buffer(
        &mut self,
        draft: &mut Draft,
        index: usize,
        structure: &'static Structure,
        size: &Node,
        node: Option<&Node>,
    ) -> Argument {
        let own_size = structure.size[draft.form as usize] as u32;
        let size = values::count(size, "size", own_size.into(), LARGEST, &mut self.faults);
        let size = size.unwrap_or(own_size);
        draft.extents[index] = Extent::Known(size.into());
        let path = draft.function.parameters[index].name;
        // All of it may be written; what is in it is shown field by field.
        let memory = draft.written(path, size, Show::Pointer, None);
        let slot = Slot {
            structure,
            memory,
            base: 0,
            path,
            form: draft.form,
            told: true,
        };
        self.fill(draft, slot, node);
        Argument::Memory(memory)
    }

    /// What is shown of such a structure. Of the members of a union that is the pointer, or the
    /// number that is bound.
    pub(super) fn fill_told(&mut self, draft: &mut Draft, slot: Slot<'_>, entries: &[Entry]) {
        let given = |field: &Field| entries.iter().find(|entry| *entry.key == *field.name);
        for field in slot.structure.fields {
            let shares = |other: &&Field| {
                other.name != field.name && slot.offset(other) == slot.offset(field)
            };
            let number = matches!(field.role, FieldRole::In(_));
            let hidden = match slot.structure.fields.iter().find(shares) {
                Some(_) if number => given(field).is_none(),
                Some(other) => given(other).is_some(),
                None => false,
            };
            if !hidden {
                self.told_field(draft, slot, field, given(field).map(|entry| &entry.value));
            }
        }
    }

    /// A field that a call fills in and that others read.
    fn told_field(
        &mut self,
        draft: &mut Draft,
        slot: Slot<'_>,
        field: &'static Field,
        node: Option<&Node>,
    ) {
        let (offset, name) = (slot.offset(field), slot.name(field));
        let scalar = match field.role {
            FieldRole::In(scalar) | FieldRole::Written(scalar) | FieldRole::InWritten(scalar) => {
                scalar
            }
            FieldRole::Size | FieldRole::Length | FieldRole::Count => Scalar::Ulong,
            role => {
                let (size, show) = match role {
                    FieldRole::Raw(size) | FieldRole::RawWritten(size) => {
                        (size, Show::Bytes { length: None })
                    }
                    FieldRole::Text => (8, Show::TextInside(slot.form)),
                    FieldRole::WideText => (8, Show::TextInside(Form::Wide)),
                    FieldRole::KeyText => (8, Show::TextsInside(slot.form)),
                    FieldRole::TextWritten(units) => {
                        (units * unit(slot.form), Show::Text(slot.form))
                    }
                    _ => (8, Show::Pointer),
                };
                return self.output_field(draft, slot, offset, size, show, &name, node);
            }
        };
        self.written_field(draft, slot, field, scalar, false, node);
    }
}
