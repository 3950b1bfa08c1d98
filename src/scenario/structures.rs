//! Structures and arrays: memory laid out field by field, each by its role.

use smol_str::SmolStr;

use super::draft::{Draft, Extent, put, unit_of};
use super::fault::FaultKind;
use super::lower::{Lowering, binding_name};
use super::node::{Entry, Node};
use super::plan::{Argument, Content, MemoryId, Output, PATTERN, Show, VariableKind};
use super::texts::unit;
use super::values::shape;
use crate::abi::role::Scalar;
use crate::abi::structure::{Field, FieldRole, Structure};
use crate::abi::{Form, structure};

/// What an untyped buffer may be read as (`{as: Tableid}`).
pub(super) const SCALARS: &[(&str, Scalar)] = &[
    ("Sesid", Scalar::Sesid),
    ("Tableid", Scalar::Tableid),
    ("Instance", Scalar::Instance),
    ("Dbid", Scalar::Dbid),
    ("Columnid", Scalar::Columnid),
    ("Grbit", Scalar::Grbit),
    ("Ulong", Scalar::Ulong),
    ("Long", Scalar::Long),
    ("Ushort", Scalar::Ushort),
    ("Ulonglong", Scalar::Ulonglong),
    ("ApiPtr", Scalar::ApiPtr),
];

/// Whether the call fills every field, so that nothing need be said about it.
pub(super) fn only_written(structure: &Structure) -> bool {
    structure.fields.iter().all(|field| {
        matches!(
            field.role,
            FieldRole::Size
                | FieldRole::Written(_)
                | FieldRole::InWritten(_)
                | FieldRole::RawWritten(_)
                | FieldRole::TextWritten(_)
                | FieldRole::EnginePointer
        )
    })
}

/// A structure inside a piece of memory.
#[derive(Clone, Copy)]
pub(super) struct Slot<'p> {
    pub(super) structure: &'static Structure,
    pub(super) memory: MemoryId,
    /// Offset in bytes.
    pub(super) base: usize,
    /// The parameter with the path to this structure.
    pub(super) path: &'p str,
    pub(super) form: Form,
    /// Whether the call fills in what other calls read.
    pub(super) told: bool,
}

impl Slot<'_> {
    pub(super) fn offset(&self, field: &Field) -> usize {
        self.base + field.offset[self.form as usize]
    }

    pub(super) fn name(&self, field: &Field) -> SmolStr {
        SmolStr::from_iter([self.path, ".", field.name])
    }
}

impl Lowering<'_> {
    /// Memory that holds one structure.
    pub fn structure(
        &mut self,
        draft: &mut Draft,
        structure: &'static Structure,
        node: Option<&Node>,
        path: &str,
    ) -> MemoryId {
        let form = draft.form;
        let memory = draft.hold(path, vec![0; structure.size[form as usize]]);
        let slot = Slot {
            structure,
            memory,
            base: 0,
            path,
            form,
            told: false,
        };
        self.fill(draft, slot, node);
        memory
    }

    /// A structure given as a mapping, or as bytes that an earlier call wrote.
    pub fn structure_argument(
        &mut self,
        draft: &mut Draft,
        structure: &'static Structure,
        node: &Node,
        path: &str,
    ) -> Option<MemoryId> {
        if let Some(from) = node.get("from") {
            let text = from.text().unwrap_or_default();
            let variable = self.names.mention(text, from.spot);
            let id = draft.reserve(path);
            draft.at(id).from = Some(Content::Variable(variable));
            return Some(id);
        }
        if node.entries().is_none() {
            shape(
                &format!("`{path}`"),
                "a mapping of fields",
                node,
                &mut self.faults,
            );
            return None;
        }
        Some(self.structure(draft, structure, Some(node), path))
    }

    /// A buffer that a call fills with a structure: `{structure: JET_COLUMNDEF, columnid: ->x}`.
    pub fn structure_buffer(
        &mut self,
        draft: &mut Draft,
        index: usize,
        name: &Node,
        node: Option<&Node>,
    ) -> Argument {
        let path = draft.function.parameters[index].name;
        let Some(structure) = self.structure_named(name) else {
            return Argument::Word(0);
        };
        let own_size = structure.size[draft.form as usize] as u32;
        if let Some(size) = node.and_then(|node| node.get("size"))
            && !only_written(structure)
        {
            return self.told_buffer(draft, index, structure, size, node);
        }
        draft.extents[index] = Extent::Known(own_size.into());
        Argument::Memory(self.structure(draft, structure, node, path))
    }

    pub(super) fn structure_named(&mut self, node: &Node) -> Option<&'static Structure> {
        let name = node.text().unwrap_or_default();
        let found = structure(name);
        if found.is_none() {
            let kind = FaultKind::UnknownName {
                what: "structure",
                name: name.to_owned(),
            };
            let known = crate::abi::STRUCTURES.iter().map(|own| own.name);
            self.faults.add(kind, node.spot).nearest(name, known);
        }
        found
    }

    /// An array of structures.
    pub fn array(
        &mut self,
        draft: &mut Draft,
        structure: &'static Structure,
        node: &Node,
        path: &str,
    ) -> Option<MemoryId> {
        let Some(items) = node.items() else {
            shape(
                &format!("`{path}`"),
                "a list of mappings",
                node,
                &mut self.faults,
            );
            return None;
        };
        let form = draft.form;
        let size = structure.size[form as usize];
        let memory = draft.hold(path, vec![0; size * items.len()]);
        for (index, item) in items.iter().enumerate() {
            if item.entries().is_none() {
                shape(
                    &format!("`{path}`"),
                    "a list of mappings",
                    item,
                    &mut self.faults,
                );
                continue;
            }
            let slot = Slot {
                structure,
                memory,
                base: index * size,
                path: &format!("{path}[{index}]"),
                form,
                told: false,
            };
            self.fill(draft, slot, Some(item));
        }
        Some(memory)
    }

    pub(super) fn fill(&mut self, draft: &mut Draft, slot: Slot<'_>, node: Option<&Node>) {
        let entries = node.and_then(Node::entries).unwrap_or_default();
        for entry in entries {
            let own = &*entry.key == "structure" || (slot.told && &*entry.key == "size");
            let known = own || slot.structure.field(&entry.key).is_some();
            if !known {
                self.unknown_field(slot.structure, entry);
            }
        }
        if slot.told {
            self.fill_told(draft, slot, entries);
            return;
        }
        let mut extents = Vec::with_capacity(slot.structure.fields.len());
        for field in slot.structure.fields {
            let given = entries.iter().find(|entry| *entry.key == *field.name);
            let is_size = matches!(field.role, FieldRole::Length | FieldRole::Count);
            if !is_size {
                let extent =
                    self.field(draft, slot, field, given.map(|entry| &entry.value), entries);
                extents.push((field.name, extent));
            }
        }
        for field in slot.structure.fields {
            if matches!(field.role, FieldRole::Length | FieldRole::Count) {
                let given = entries.iter().find(|entry| *entry.key == *field.name);
                let extent = extents.iter().find(|(name, _)| Some(*name) == field.link);
                let extent = extent.map_or(Extent::Unknown, |(_, extent)| extent.clone());
                let value = match given {
                    Some(entry) => self.stated_length(
                        &entry.value,
                        unit_of(field.role == FieldRole::Count),
                        &slot.name(field),
                        &extent,
                    ),
                    None => Some(match extent {
                        Extent::Known(size) => Argument::Word(size),
                        Extent::Of(variable) => Argument::LengthOf(variable),
                        Extent::Unknown => Argument::Word(0),
                    }),
                };
                let value = value.unwrap_or(Argument::Word(0));
                put(draft.at(slot.memory), slot.offset(field), 4, value);
            }
        }
    }

    fn unknown_field(&mut self, structure: &Structure, entry: &Entry) {
        let kind = FaultKind::UnknownKey {
            owner: structure.name.to_owned(),
            key: entry.key.to_string(),
        };
        let known = structure.fields.iter().map(|field| field.name);
        self.faults
            .add(kind, entry.key_spot)
            .nearest(&entry.key, known);
    }

    /// Fills one field, and says how much there is of what it points to.
    fn field(
        &mut self,
        draft: &mut Draft,
        slot: Slot<'_>,
        field: &'static Field,
        node: Option<&Node>,
        entries: &[Entry],
    ) -> Extent {
        let offset = slot.offset(field);
        let name = || slot.name(field);
        match field.role {
            FieldRole::Size => {
                let size = slot.structure.size[slot.form as usize] as u64;
                let value = match node {
                    Some(node) => self.scalar(node, Scalar::Ulong, field.name),
                    None => Some(Argument::Word(size)),
                };
                put(
                    draft.at(slot.memory),
                    offset,
                    4,
                    value.unwrap_or(Argument::Word(0)),
                );
            }
            FieldRole::In(scalar) => {
                if let Some(value) = node.and_then(|node| self.scalar(node, scalar, field.name)) {
                    put(draft.at(slot.memory), offset, scalar.size() as u8, value);
                }
            }
            FieldRole::Written(scalar) | FieldRole::InWritten(scalar) => {
                let reads = matches!(field.role, FieldRole::InWritten(_));
                self.written_field(draft, slot, field, scalar, reads, node);
            }
            FieldRole::Raw(size) => {
                if let Some(node) = node {
                    self.raw_field(draft, slot, offset, size, node, &name());
                }
            }
            FieldRole::RawWritten(size) => {
                self.output_field(
                    draft,
                    slot,
                    offset,
                    size,
                    Show::Bytes { length: None },
                    &name(),
                    node,
                );
            }
            FieldRole::TextWritten(units) => {
                let size = units * unit(slot.form);
                // What a call reads as well is given as bytes.
                if let Some(node) = node.filter(|node| node.get("bind").is_none())
                    && (node.entries().is_some() || node.items().is_some())
                {
                    self.raw_field(draft, slot, offset, size, node, &name());
                    return Extent::Unknown;
                }
                self.output_field(
                    draft,
                    slot,
                    offset,
                    size,
                    Show::Text(slot.form),
                    &name(),
                    node,
                );
            }
            FieldRole::EnginePointer => {
                self.output_field(draft, slot, offset, 8, Show::Pointer, &name(), node);
            }
            FieldRole::Length | FieldRole::Count => {}
            _ => return self.pointer_field(draft, slot, field, node, entries),
        }
        Extent::Unknown
    }

    pub(super) fn written_field(
        &mut self,
        draft: &mut Draft,
        slot: Slot<'_>,
        field: &Field,
        scalar: Scalar,
        reads: bool,
        node: Option<&Node>,
    ) {
        let (offset, size) = (slot.offset(field), scalar.size());
        let kind = VariableKind::Scalar(scalar);
        let (mut value, mut bind) = (None, None);
        match node {
            Some(node) if binding_name(node).is_some() => bind = self.binding(node, kind),
            Some(node) if reads && node.entries().is_some() && node.get("raw").is_none() => {
                value = node
                    .get("value")
                    .and_then(|value| self.scalar(value, scalar, field.name));
                bind = self.bound_output(node, field.name, kind, &["value", "bind"]);
            }
            Some(node) if reads => value = self.scalar(node, scalar, field.name),
            Some(node) => bind = self.bound_output(node, field.name, kind, &["bind"]),
            None => {}
        }
        let name = slot.name(field);
        let memory = draft.at(slot.memory);
        if reads {
            put(
                memory,
                offset,
                size as u8,
                value.unwrap_or(Argument::Word(0)),
            );
        } else if let Some(place) = memory.bytes.get_mut(offset..offset + size) {
            place.fill(PATTERN);
        }
        memory.outputs.push(Output {
            name,
            offset: offset as u32,
            size: size as u32,
            show: Show::Scalar(scalar),
            bind,
        });
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what an output is: where, how large, how shown, its name"
    )]
    pub(super) fn output_field(
        &mut self,
        draft: &mut Draft,
        slot: Slot<'_>,
        offset: usize,
        size: usize,
        show: Show,
        name: &str,
        node: Option<&Node>,
    ) {
        let bind =
            node.and_then(|node| self.bound_output(node, name, VariableKind::Bytes, &["bind"]));
        let memory = draft.at(slot.memory);
        if let Some(place) = memory.bytes.get_mut(offset..offset + size) {
            place.fill(PATTERN);
        }
        memory.outputs.push(Output {
            name: name.into(),
            offset: offset as u32,
            size: size as u32,
            show,
            bind,
        });
    }

    fn raw_field(
        &mut self,
        draft: &mut Draft,
        slot: Slot<'_>,
        offset: usize,
        size: usize,
        node: &Node,
        name: &str,
    ) {
        let Some(bytes) = self.read_bytes(node, name) else {
            return;
        };
        if bytes.bytes.len() > size {
            let kind = FaultKind::OutOfRange {
                value: format!("{} bytes", bytes.bytes.len()),
                wanted: format!("`{name}`, which has {size}"),
            };
            self.faults.add(kind, node.spot);
            return;
        }
        let memory = draft.at(slot.memory);
        memory.bytes[offset..offset + bytes.bytes.len()].copy_from_slice(&bytes.bytes);
        for mut patch in bytes.patches {
            patch.offset += offset as u32;
            memory.patches.push(patch);
        }
    }
}
