//! Arrays of numbers and of keys.

use super::draft::{Draft, Extent, put};
use super::lower::Lowering;
use super::node::Node;
use super::plan::{Argument, Content, MemoryId, Output, PATTERN, Show, VariableKind};
use super::values::shape;
use crate::abi::role::{Kind, Scalar};

impl Lowering<'_> {
    /// An array of numbers that is read.
    pub fn scalar_array(
        &mut self,
        draft: &mut Draft,
        scalar: Scalar,
        node: &Node,
        name: &str,
    ) -> Option<MemoryId> {
        let Some(items) = node.items() else {
            shape(&format!("`{name}`"), "a list", node, &mut self.faults);
            return None;
        };
        let size = scalar.size();
        let id = draft.hold(name, vec![0; size * items.len()]);
        for (index, item) in items.iter().enumerate() {
            if let Some(value) = self.scalar(item, scalar, name) {
                put(draft.at(id), index * size, size as u8, value);
            }
        }
        Some(id)
    }

    /// An array of numbers that is written; a list of `->name` binds its elements.
    pub fn scalars_out(
        &mut self,
        draft: &mut Draft,
        scalar: Scalar,
        count: u64,
        node: Option<&Node>,
        name: &str,
    ) -> MemoryId {
        let items = node.and_then(Node::items).unwrap_or_default();
        if let Some(node) = node
            && (node.items().is_none() || items.len() as u64 > count)
        {
            shape(
                &format!("`{name}`"),
                "a list, one for each element",
                node,
                &mut self.faults,
            );
        }
        let size = scalar.size();
        let id = draft.hold(name, vec![PATTERN; size * count as usize]);
        for index in 0..count as usize {
            let bind = items
                .get(index)
                .filter(|item| !item.is_null())
                .and_then(|item| {
                    self.bound_output(item, name, VariableKind::Scalar(scalar), &["bind"])
                });
            draft.at(id).outputs.push(Output {
                name: format!("{name}[{index}]").into(),
                offset: (index * size) as u32,
                size: size as u32,
                show: Show::Scalar(scalar),
                bind,
            });
        }
        id
    }

    /// An array of pointers to keys.
    pub fn key_array(&mut self, draft: &mut Draft, index: usize, node: &Node) -> Option<MemoryId> {
        let name = draft.function.parameters[index].name;
        let Some(items) = node.items() else {
            shape(
                &format!("`{name}`"),
                "a list of bytes",
                node,
                &mut self.faults,
            );
            return None;
        };
        let id = draft.hold(name, vec![0; 8 * items.len()]);
        draft.extents[index] = Extent::Known(items.len() as u64);
        for (number, item) in items.iter().enumerate() {
            let element = format!("{name}[{number}]");
            let (key, extent) = match item.get("from") {
                Some(from) => {
                    let text = from.text().unwrap_or_default();
                    let variable = self.names.mention(text, from.spot);
                    let key = draft.reserve(&element);
                    draft.at(key).from = Some(Content::Variable(variable));
                    (key, Extent::Of(variable))
                }
                None => {
                    let key = self.bytes(draft, item, &element)?;
                    let size = draft.at(key).bytes.len() as u64;
                    (key, Extent::Known(size))
                }
            };
            draft.sizes.push(extent);
            put(draft.at(id), number * 8, 8, Argument::Memory(key));
        }
        Some(id)
    }

    /// An array of lengths: as stated, else computed.
    pub fn length_array(
        &mut self,
        draft: &mut Draft,
        index: usize,
        node: Option<&Node>,
    ) -> Argument {
        let parameter = &draft.function.parameters[index];
        debug_assert!(matches!(parameter.kind, Kind::LengthArray));
        let sizes = std::mem::take(&mut draft.sizes);
        let id = draft.hold(parameter.name, vec![0; 4 * sizes.len()]);
        for (number, extent) in sizes.iter().enumerate() {
            let stated = node.and_then(|node| node.items()?.get(number));
            let value = match (stated, extent) {
                (Some(node), extent) => self.stated_length(node, "bytes", parameter.name, extent),
                (None, Extent::Known(size)) => Some(Argument::Word(*size)),
                (None, Extent::Of(variable)) => Some(Argument::LengthOf(*variable)),
                (None, Extent::Unknown) => None,
            };
            put(
                draft.at(id),
                number * 4,
                4,
                value.unwrap_or(Argument::Word(0)),
            );
        }
        Argument::Memory(id)
    }
}
