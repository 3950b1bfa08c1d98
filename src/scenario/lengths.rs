//! Lengths and counts, and what they measure.

use super::draft::{Draft, Extent, unit_of};
use super::fault::FaultKind;
use super::lower::Lowering;
use super::made::Source;
use super::node::Node;
use super::plan::{Argument, Content, MemoryId, VariableId};
use crate::abi::role::{Kind, Scalar};

impl Lowering<'_> {
    /// The number that a length or count states, if it states one.
    pub(super) fn stated(
        &mut self,
        draft: &Draft,
        index: usize,
        given: &[Option<Source<'_>>],
    ) -> Option<u32> {
        let name = draft.function.parameters[index].name;
        let is_size = |kind: &Kind| matches!(kind, Kind::Length | Kind::Count);
        let (length, _) = draft.partner(name, is_size)?;
        u32::try_from(given[length]?.stated()?).ok()
    }

    /// A length or count: as stated, which may be less than there is but not more; else computed.
    pub(super) fn length(&mut self, draft: &mut Draft, index: usize, given: &[Option<Source<'_>>]) {
        let parameter = &draft.function.parameters[index];
        let measured = parameter
            .links
            .first()
            .and_then(|name| draft.function.parameter(name));
        let extent = measured.map_or(Extent::Unknown, |(measured, _)| {
            draft.extents[measured].clone()
        });
        let argument = match given[index] {
            Some(source) => {
                let unit = unit_of(matches!(parameter.kind, Kind::Count));
                match source {
                    Source::Written(node) => {
                        self.stated_length(node, unit, parameter.name, &extent)
                    }
                    Source::Made(made) => {
                        self.stated_length(&made.node(), unit, parameter.name, &extent)
                    }
                }
            }
            None => Some(match extent {
                Extent::Known(size) => Argument::Word(size),
                Extent::Of(variable) => Argument::LengthOf(variable),
                Extent::Unknown => Argument::Word(0),
            }),
        };
        draft.arguments[index] = argument.unwrap_or(Argument::Word(0));
    }

    /// A length as it is stated.
    pub fn stated_length(
        &mut self,
        node: &Node,
        unit: &'static str,
        name: &str,
        extent: &Extent,
    ) -> Option<Argument> {
        let argument = self.scalar(node, Scalar::Ulong, name)?;
        if let (Argument::Word(stated), Extent::Known(actual)) = (argument, extent)
            && stated > *actual
        {
            let kind = FaultKind::LengthTooLarge {
                parameter: name.to_owned(),
                stated,
                actual: *actual,
                unit,
            };
            self.faults.add(kind, node.spot);
        }
        Some(argument)
    }

    pub(super) fn bytes_argument(
        &mut self,
        draft: &mut Draft,
        index: usize,
        node: &Node,
    ) -> Argument {
        let name = draft.function.parameters[index].name;
        if let Some(from) = node.get("from") {
            let text = from.text().unwrap_or_default().to_owned();
            let variable = self.names.mention(&text, from.spot);
            return self.variable_bytes(draft, index, variable);
        }
        let id = self.bytes(draft, node, name);
        self.measure(draft, index, id);
        id.map_or(Argument::Word(0), Argument::Memory)
    }

    pub(super) fn variable_bytes(
        &mut self,
        draft: &mut Draft,
        index: usize,
        variable: VariableId,
    ) -> Argument {
        let id = draft.reserve(draft.function.parameters[index].name);
        draft.at(id).from = Some(Content::Variable(variable));
        draft.extents[index] = Extent::Of(variable);
        Argument::Memory(id)
    }

    pub(super) fn measure(&mut self, draft: &mut Draft, index: usize, id: Option<MemoryId>) {
        if let Some(id) = id {
            draft.extents[index] = Extent::Known(draft.at(id).bytes.len() as u64);
        }
    }
}
