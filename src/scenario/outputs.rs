//! Outputs: memory that a call writes, and the variables that are set from it.

use smol_str::SmolStr;

use super::bytes::LARGEST;
use super::draft::{BUFFER, Draft, Extent, put};
use super::fault::FaultKind;
use super::lower::{Lowering, binding_name};
use super::made::Source;
use super::node::Node;
use super::plan::{Argument, MemoryId, Show, VariableId, VariableKind};
use super::source::Spot;
use super::structures::SCALARS;
use super::values::{self, shape};
use crate::abi::Parameter;
use crate::abi::role::{Kind, Scalar};

impl Lowering<'_> {
    /// An output of one number or handle: `->name`, or `{bind: name}`.
    pub(super) fn out(
        &mut self,
        draft: &mut Draft,
        node: &Node,
        name: &str,
        scalar: Scalar,
    ) -> MemoryId {
        let bind = self.bound_output(node, name, VariableKind::Scalar(scalar), &["bind"]);
        draft.written(name, scalar.size() as u32, Show::Scalar(scalar), bind)
    }

    /// What an output binds. Faults are noted.
    pub fn bound_output(
        &mut self,
        node: &Node,
        name: &str,
        kind: VariableKind,
        keys: &[&str],
    ) -> Option<VariableId> {
        if let Some(bound) = self.binding(node, kind) {
            return Some(bound);
        }
        let wanted = "`->variable` or null: it is written";
        let Some(entries) = node.entries() else {
            shape(&format!("`{name}`"), wanted, node, &mut self.faults);
            return None;
        };
        if entries.is_empty() {
            let kind = FaultKind::Shape {
                owner: format!("`{name}`"),
                wanted,
                got: "an empty mapping",
            };
            self.faults.add(kind, node.spot);
            return None;
        }
        values::known_keys(entries, keys, &format!("`{name}`"), &mut self.faults);
        let bind = node.get("bind")?;
        let name = super::document::text(bind, "bind", &mut self.faults)?;
        Some(self.bind(&name, kind, bind.spot))
    }

    pub(super) fn in_out_absent(
        &mut self,
        draft: &mut Draft,
        parameter: &Parameter,
        scalar: Scalar,
        at: Spot,
    ) -> Argument {
        let own = parameter.name.strip_prefix('p').unwrap_or(parameter.name);
        let value = match self.names.bound(own) {
            Some(variable) => Argument::Variable(variable),
            None if parameter.optional => return Argument::Word(0),
            None if scalar.is_handle() => return self.refused(draft, parameter, at),
            None => Argument::Word(0),
        };
        Argument::Memory(self.filled(draft, parameter.name, scalar, value, None))
    }

    /// In and out: the value that goes in, `->name` for what comes out, or `{value: …, bind: …}`.
    pub(super) fn in_out(
        &mut self,
        draft: &mut Draft,
        node: &Node,
        name: &str,
        scalar: Scalar,
    ) -> Option<MemoryId> {
        let kind = VariableKind::Scalar(scalar);
        let (value, bind) = if let Some(own) = binding_name(node) {
            let value = self.names.bound(own).map(Argument::Variable);
            (value, Some(self.bind(own, kind, node.spot)))
        } else if node.entries().is_some() {
            let value = match node.get("value") {
                Some(value) => Some(self.scalar(value, scalar, name)?),
                None => None,
            };
            (
                value,
                self.bound_output(node, name, kind, &["value", "bind"]),
            )
        } else {
            (Some(self.scalar(node, scalar, name)?), None)
        };
        let value = value.unwrap_or(Argument::Word(0));
        Some(self.filled(draft, name, scalar, value, bind))
    }

    pub(super) fn filled(
        &mut self,
        draft: &mut Draft,
        name: &str,
        scalar: Scalar,
        value: Argument,
        bind: Option<VariableId>,
    ) -> MemoryId {
        let size = scalar.size();
        let id = draft.written(name, size as u32, Show::Scalar(scalar), bind);
        let memory = draft.at(id);
        put(memory, 0, size as u8, value);
        id
    }

    pub(super) fn actual(
        &mut self,
        draft: &mut Draft,
        name: &'static str,
        node: Option<&Node>,
    ) -> Argument {
        let id = match node {
            Some(node) => self.out(draft, node, name, Scalar::Ulong),
            None => {
                let name = SmolStr::new_static(name);
                draft.written(name, 4, Show::Scalar(Scalar::Ulong), None)
            }
        };
        Argument::Memory(id)
    }

    pub(super) fn engine_array(
        &mut self,
        draft: &mut Draft,
        index: usize,
        node: Option<&Node>,
    ) -> Argument {
        let parameter = &draft.function.parameters[index];
        let kind = VariableKind::Scalar(Scalar::ApiPtr);
        let bind = node.and_then(|node| self.bound_output(node, parameter.name, kind, &["bind"]));
        let count = parameter
            .links
            .first()
            .and_then(|name| draft.function.parameter(name));
        let show = match count.map(|(index, _)| draft.arguments[index]) {
            Some(Argument::Memory(count)) => Show::EngineArray { count },
            _ => Show::Pointer,
        };
        Argument::Memory(draft.written(parameter.name, 8, show, bind))
    }

    /// A buffer that is written. `{size: n}`, `->name`, `{bind: name, size: n}`, or what it holds
    /// afterwards: `{structure: JET_…, …}`, `{as: Ulong}`, `{as: text}`.
    pub(super) fn buffer(
        &mut self,
        draft: &mut Draft,
        index: usize,
        given: &[Option<Source<'_>>],
        node: Option<&Node>,
    ) -> Argument {
        let parameter = &draft.function.parameters[index];
        let name = parameter.name;
        let before = self.faults.len();
        if let Some(structure) = node.and_then(|node| node.get("structure")) {
            return self.structure_buffer(draft, index, structure, node);
        }
        let scalar = node
            .and_then(|node| node.get("as"))
            .and_then(|node| self.as_scalar(node));
        let is_text = node.is_some_and(|node| node.get("as").and_then(Node::text) == Some("text"));
        let size = match node.and_then(|node| node.get("size")) {
            Some(size) => values::count(size, "size", 0, LARGEST, &mut self.faults),
            None => self
                .stated(draft, index, given)
                .or(scalar.map(|scalar| scalar.size() as u32)),
        };
        let size = size.unwrap_or(BUFFER);
        if u64::from(size) > LARGEST {
            let kind = FaultKind::OutOfRange {
                value: size.to_string(),
                wanted: format!("the memory for `{name}`, which has at most {LARGEST} bytes"),
            };
            self.faults.add(kind, self.here);
        }
        if self.faults.len() != before {
            return Argument::Word(0);
        }
        draft.extents[index] = Extent::Known(u64::from(size));
        let kind = scalar.map_or(VariableKind::Bytes, VariableKind::Scalar);
        let keys = ["bind", "size", "as"];
        let bind = node.and_then(|node| self.bound_output(node, name, kind, &keys));
        let show = match (parameter.kind, scalar) {
            (_, Some(scalar)) if size as usize >= scalar.size() => Show::Scalar(scalar),
            (Kind::TextBuffer, _) => Show::Text(draft.form),
            (Kind::TextList, _) => Show::TextList(draft.form),
            _ if is_text => Show::Text(draft.form),
            _ => Show::Bytes { length: None },
        };
        let name = SmolStr::new_static(name);
        Argument::Memory(draft.written(name, size, show, bind))
    }

    pub(super) fn as_scalar(&mut self, node: &Node) -> Option<Scalar> {
        let text = node.text().unwrap_or_default();
        if text == "text" {
            return None;
        }
        let found = SCALARS.iter().find(|(name, _)| *name == text);
        if found.is_none() {
            let kind = FaultKind::UnknownName {
                what: "kind of value",
                name: text.to_owned(),
            };
            let known = SCALARS.iter().map(|(name, _)| *name);
            self.faults
                .add(kind, node.spot)
                .nearest(text, known.chain(["text"]));
        }
        found.map(|(_, scalar)| *scalar)
    }

    pub(super) fn array_out(
        &mut self,
        draft: &mut Draft,
        index: usize,
        given: &[Option<Source<'_>>],
        node: Option<&Node>,
    ) -> Argument {
        let parameter = &draft.function.parameters[index];
        let Kind::ArrayOut(scalar) = parameter.kind else {
            return Argument::Word(0);
        };
        let count = parameter
            .links
            .first()
            .and_then(|name| draft.function.parameter(name));
        let count = count.map_or(0, |(count, parameter)| {
            let stated = given[count].and_then(Source::number);
            let measured = parameter
                .links
                .first()
                .and_then(|name| draft.function.parameter(name))
                .map(|(measured, _)| draft.extents[measured].clone());
            match (measured, stated) {
                (Some(Extent::Known(elements)), _) => elements,
                (_, stated) => stated.unwrap_or(0).min(LARGEST / 8),
            }
        });
        Argument::Memory(self.scalars_out(draft, scalar, count, node, parameter.name))
    }
}
