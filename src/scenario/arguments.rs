//! Arguments: each is lowered by its parameter's role, never by the function.

use super::bytes::LARGEST;
use super::fault::FaultKind;
use super::lower::{Lowering, binding_name};
use super::node::{Node, integer};
use super::plan::{
    Argument, Call, Content, Length, Memory, MemoryId, Output, PATTERN, Patch, Show, VariableId,
    VariableKind,
};
use super::source::Spot;
use super::values::{self, shape};
use crate::abi::role::{Kind, Scalar};
use crate::abi::{Form, Function, FunctionId, Parameter};

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
    pub arguments: Vec<Argument>,
    pub extents: Vec<Extent>,
    /// Sizes of the elements of an array of keys.
    pub sizes: Vec<Extent>,
}

impl Draft {
    /// Takes up a piece of memory, empty as yet.
    pub fn reserve(&mut self, name: &str) -> MemoryId {
        let id = MemoryId(u32::try_from(self.memory.len()).unwrap_or(u32::MAX));
        self.memory.push(Memory {
            name: name.to_owned(),
            bytes: Vec::new(),
            patches: Vec::new(),
            outputs: Vec::new(),
            from: None,
        });
        id
    }

    /// The piece of memory.
    pub fn at(&mut self, id: MemoryId) -> &mut Memory {
        &mut self.memory[id.0 as usize]
    }

    /// Memory that holds these bytes.
    pub fn hold(&mut self, name: &str, bytes: Vec<u8>) -> MemoryId {
        let id = self.reserve(name);
        self.at(id).bytes = bytes;
        id
    }

    /// Memory that is written.
    pub fn written(
        &mut self,
        name: &str,
        size: u32,
        show: Show,
        bind: Option<VariableId>,
    ) -> MemoryId {
        let id = self.hold(name, vec![PATTERN; size as usize]);
        self.at(id).outputs.push(Output {
            name: name.to_owned(),
            offset: 0,
            size,
            show,
            bind,
        });
        id
    }

    /// The parameter of that kind which is linked with the named one.
    fn partner(&self, name: &str, kind: fn(&Kind) -> bool) -> Option<(usize, &'static Parameter)> {
        self.function
            .parameters
            .iter()
            .enumerate()
            .find(|(_, other)| kind(&other.kind) && other.links.contains(&name))
    }
}

/// An argument as it is written.
pub(super) enum Given<'n> {
    Absent,
    Null,
    Raw(u64),
    Node(&'n Node),
}

impl Lowering<'_> {
    /// Lowers a call. Faults are noted, all of them; `None` where there were any.
    pub fn call(&mut self, id: FunctionId, node: &Node, at: Spot, form: Form) -> Option<Call> {
        let function = id.get();
        let form = if function.wide.is_some() {
            form
        } else {
            Form::Narrow
        };
        let before = self.faults.len();
        let given = self.given(function, node);
        let mut draft = Draft {
            function,
            form,
            memory: Vec::new(),
            arguments: vec![Argument::Word(0); function.parameters.len()],
            extents: vec![Extent::Unknown; function.parameters.len()],
            sizes: Vec::new(),
        };
        for (index, parameter) in function.parameters.iter().enumerate() {
            if !matches!(parameter.kind, Kind::Length | Kind::Count) {
                self.argument(&mut draft, index, &given, at);
            }
        }
        for (index, parameter) in function.parameters.iter().enumerate() {
            if matches!(parameter.kind, Kind::Length | Kind::Count) {
                self.length(&mut draft, index, &given);
            }
        }
        link_lengths(&mut draft);
        self.spend(&draft, at);
        (self.faults.len() == before).then_some(Call {
            function: id,
            form,
            arguments: draft.arguments,
            memory: draft.memory,
        })
    }

    /// Refuses a case that asks for more memory than a machine should have to give.
    fn spend(&mut self, draft: &Draft, at: Spot) {
        let size: usize = draft.memory.iter().map(|memory| memory.bytes.len()).sum();
        match self.memory_left.checked_sub(size as u64) {
            Some(left) => self.memory_left = left,
            None => {
                let message = "the arguments of one case take more than 64 MiB";
                self.faults.add(FaultKind::Value(message.into()), at);
            }
        }
    }

    /// The arguments as written, one for each parameter.
    fn given<'n>(&mut self, function: &'static Function, node: &'n Node) -> Vec<Option<&'n Node>> {
        let mut given = vec![None; function.parameters.len()];
        let entries = match node.entries() {
            Some(entries) => entries,
            None if node.is_null() => &[],
            None => {
                shape(
                    function.name,
                    "a mapping of parameters",
                    node,
                    &mut self.faults,
                );
                &[]
            }
        };
        for entry in entries {
            if let Some((index, _)) = function.parameter(&entry.key) {
                given[index] = Some(&entry.value);
                continue;
            }
            let kind = FaultKind::UnknownKey {
                owner: function.name.to_owned(),
                key: entry.key.to_string(),
            };
            let known = function.parameters.iter().map(|own| own.name);
            self.faults
                .add(kind, entry.key_spot)
                .nearest(&entry.key, known);
        }
        given
    }

    /// Null and `{raw: …}` mean the same for every pointer.
    fn pointer<'n>(&mut self, node: Option<&'n Node>) -> Given<'n> {
        match node {
            None => Given::Absent,
            Some(node) if node.is_null() => Given::Null,
            Some(node) => match node.entries() {
                Some([entry]) if &*entry.key == "raw" => {
                    let raw = values::number(&entry.value, Scalar::ApiPtr, "raw", &mut self.faults);
                    Given::Raw(raw.unwrap_or_default())
                }
                _ => Given::Node(node),
            },
        }
    }

    fn argument(&mut self, draft: &mut Draft, index: usize, given: &[Option<&Node>], at: Spot) {
        let parameter = &draft.function.parameters[index];
        if let Kind::Scalar(scalar) = parameter.kind {
            draft.arguments[index] = match given[index] {
                Some(node) => self.scalar(node, scalar, parameter.name),
                None => self.left_out(draft.function, parameter, at),
            }
            .unwrap_or(Argument::Word(0));
            return;
        }
        draft.arguments[index] = match self.pointer(given[index]) {
            Given::Null => Argument::Word(0),
            Given::Raw(word) => Argument::Word(word),
            Given::Absent => self.absent(draft, index, given, at),
            Given::Node(node) => self.present(draft, index, given, node),
        };
    }

    /// An input that is left out: the variable of its name, else zero where that is allowed.
    fn left_out(
        &mut self,
        function: &Function,
        parameter: &Parameter,
        at: Spot,
    ) -> Option<Argument> {
        if let Some(variable) = self.names.bound(parameter.name) {
            return Some(Argument::Variable(variable));
        }
        if parameter.optional {
            return Some(Argument::Word(0));
        }
        self.missing(function.name, parameter.name, at);
        None
    }

    /// Notes an argument that must be given.
    pub fn missing(&mut self, function: &str, parameter: &str, at: Spot) {
        let kind = FaultKind::MissingArgument {
            function: function.to_owned(),
            parameter: parameter.to_owned(),
        };
        self.faults.add(kind, at);
    }

    fn absent(
        &mut self,
        draft: &mut Draft,
        index: usize,
        given: &[Option<&Node>],
        at: Spot,
    ) -> Argument {
        let parameter = &draft.function.parameters[index];
        let name = parameter.name;
        match parameter.kind {
            Kind::Out(scalar) => {
                let size = scalar.size() as u32;
                Argument::Memory(draft.written(name, size, Show::Scalar(scalar), None))
            }
            Kind::Actual => self.actual(draft, name, None),
            Kind::Buffer | Kind::Info | Kind::TextBuffer | Kind::TextList => {
                self.buffer(draft, index, given, None)
            }
            Kind::ArrayOut(_) => self.array_out(draft, index, given, None),
            Kind::EngineArray(_) => self.engine_array(draft, index, None),
            Kind::InOut(scalar) => self.in_out_absent(draft, parameter, scalar, at),
            Kind::StructOut(structure) => {
                let id = self.structure(draft, structure, None, name);
                draft.extents[index] = Extent::Known(structure.size[draft.form as usize] as u64);
                Argument::Memory(id)
            }
            Kind::StructInOut(structure)
                if !parameter.optional && super::structures::only_written(structure) =>
            {
                Argument::Memory(self.structure(draft, structure, None, name))
            }
            Kind::Realloc => Argument::Realloc,
            Kind::Bytes => match self.names.bound(name) {
                Some(variable) => self.variable_bytes(draft, index, variable),
                None if parameter.optional => {
                    draft.extents[index] = Extent::Known(0);
                    Argument::Word(0)
                }
                None => self.refused(draft, parameter, at),
            },
            Kind::Array(_) | Kind::ArrayIn(_) | Kind::ArrayInOut(_) if parameter.optional => {
                draft.extents[index] = Extent::Known(0);
                Argument::Word(0)
            }
            Kind::LengthArray => self.length_array(draft, index, None),
            Kind::Context | Kind::EngineMemory => self
                .left_out(draft.function, parameter, at)
                .unwrap_or(Argument::Word(0)),
            _ if parameter.optional => Argument::Word(0),
            _ => self.refused(draft, parameter, at),
        }
    }

    fn refused(&mut self, draft: &Draft, parameter: &Parameter, at: Spot) -> Argument {
        self.missing(draft.function.name, parameter.name, at);
        Argument::Word(0)
    }

    fn present(
        &mut self,
        draft: &mut Draft,
        index: usize,
        given: &[Option<&Node>],
        node: &Node,
    ) -> Argument {
        let parameter = &draft.function.parameters[index];
        let name = parameter.name;
        let memory = match parameter.kind {
            Kind::Text => self.text(draft, node, name, draft.form),
            Kind::KeyText => {
                let id = self.key_text(draft, node, name, draft.form);
                self.measure(draft, index, id);
                id
            }
            Kind::NameOrId => self.name_or_id(draft, node, name),
            Kind::Bytes => return self.bytes_argument(draft, index, node),
            Kind::Out(scalar) => Some(self.out(draft, node, name, scalar)),
            Kind::InOut(scalar) => self.in_out(draft, node, name, scalar),
            Kind::Actual => return self.actual(draft, name, Some(node)),
            Kind::Buffer | Kind::Info | Kind::TextBuffer | Kind::TextList => {
                return self.buffer(draft, index, given, Some(node));
            }
            Kind::Struct(structure) | Kind::StructOut(structure) | Kind::StructInOut(structure) => {
                draft.extents[index] = Extent::Known(structure.size[draft.form as usize] as u64);
                self.structure_argument(draft, structure, node, name)
            }
            Kind::Array(structure) | Kind::ArrayInOut(structure) => {
                let items = node.items();
                draft.extents[index] = Extent::Known(items.map_or(0, <[Node]>::len) as u64);
                self.array(draft, structure, node, name)
            }
            Kind::ArrayIn(scalar) => {
                let items = node.items();
                draft.extents[index] = Extent::Known(items.map_or(0, <[Node]>::len) as u64);
                self.scalar_array(draft, scalar, node, name)
            }
            Kind::ArrayOut(_) => return self.array_out(draft, index, given, Some(node)),
            Kind::EngineArray(_) => return self.engine_array(draft, index, Some(node)),
            Kind::KeyArray => self.key_array(draft, index, node),
            Kind::LengthArray => return self.length_array(draft, index, Some(node)),
            Kind::Context | Kind::EngineMemory => {
                return self
                    .scalar(node, Scalar::ApiPtr, name)
                    .unwrap_or(Argument::Word(0));
            }
            Kind::Callback => {
                return self
                    .callback(node)
                    .map_or(Argument::Word(0), Argument::Callback);
            }
            Kind::Status => {
                return self
                    .callback(node)
                    .map_or(Argument::Word(0), Argument::Status);
            }
            Kind::Realloc => {
                shape(name, "left out, null or raw", node, &mut self.faults);
                None
            }
            Kind::Scalar(_) | Kind::Length | Kind::Count => None,
        };
        memory.map_or(Argument::Word(0), Argument::Memory)
    }

    /// A number, constant, handle or variable. Faults are noted.
    pub fn scalar(&mut self, node: &Node, scalar: Scalar, name: &str) -> Option<Argument> {
        if let Some([entry]) = node.entries()
            && &*entry.key == "raw"
        {
            let raw = values::number(&entry.value, Scalar::ApiPtr, "raw", &mut self.faults);
            return raw.map(Argument::Word);
        }
        if node.is_null() {
            return Some(Argument::Word(0));
        }
        let Some(text) = node.text() else {
            let wanted = "a number, a constant or a variable";
            shape(&format!("`{name}`"), wanted, node, &mut self.faults);
            return None;
        };
        if text == "nil" {
            return Some(Argument::Word(u64::MAX));
        }
        if text.contains('|') || text.starts_with("JET_") || integer(text).is_some() {
            let word = values::number(node, scalar, name, &mut self.faults)?;
            self.in_range(word, scalar, node, name);
            return Some(Argument::Word(word));
        }
        if let Some(variable) = self.names.bound(text) {
            return Some(Argument::Variable(variable));
        }
        if let Some(word) = values::short_constant(text, scalar, name) {
            return Some(Argument::Word(word));
        }
        if binding_name(node).is_some() {
            let message = format!("`{name}` is read and never written, so it sets no variable");
            self.faults.add(FaultKind::Value(message), node.spot);
            return None;
        }
        let place = Some((scalar, name));
        Some(Argument::Variable(
            self.names.mention_in(text, node.spot, place),
        ))
    }

    fn in_range(&mut self, word: u64, scalar: Scalar, node: &Node, name: &str) {
        let signed = word as i64;
        let fits = match scalar.size() {
            2 => u16::try_from(word).is_ok() || i16::try_from(signed).is_ok(),
            4 => u32::try_from(word).is_ok() || i32::try_from(signed).is_ok(),
            _ => true,
        };
        if !fits {
            let kind = FaultKind::OutOfRange {
                value: node.text().unwrap_or_default().to_owned(),
                wanted: format!("`{name}`, which has {} bits", scalar.size() * 8),
            };
            self.faults.add(kind, node.spot);
        }
    }

    /// An output of one number or handle: `->name`, or `{bind: name}`.
    fn out(&mut self, draft: &mut Draft, node: &Node, name: &str, scalar: Scalar) -> MemoryId {
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
        let Some(entries) = node.entries() else {
            shape(
                &format!("`{name}`"),
                "`->variable` or null: it is written",
                node,
                &mut self.faults,
            );
            return None;
        };
        values::known_keys(entries, keys, &format!("`{name}`"), &mut self.faults);
        let bind = node.get("bind")?;
        let name = super::document::text(bind, "bind", &mut self.faults)?;
        Some(self.bind(&name, kind, bind.spot))
    }

    fn in_out_absent(
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
    fn in_out(
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

    fn filled(
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

    fn actual(&mut self, draft: &mut Draft, name: &str, node: Option<&Node>) -> Argument {
        let id = match node {
            Some(node) => self.out(draft, node, name, Scalar::Ulong),
            None => draft.written(name, 4, Show::Scalar(Scalar::Ulong), None),
        };
        Argument::Memory(id)
    }

    fn engine_array(&mut self, draft: &mut Draft, index: usize, node: Option<&Node>) -> Argument {
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

    /// The number that a length or count states, if it states one.
    fn stated(&mut self, draft: &Draft, index: usize, given: &[Option<&Node>]) -> Option<u32> {
        let name = draft.function.parameters[index].name;
        let is_size = |kind: &Kind| matches!(kind, Kind::Length | Kind::Count);
        let (length, _) = draft.partner(name, is_size)?;
        let text = given[length]?.text()?;
        let stated = integer(text).or_else(|| values::full_constant(text))?;
        u32::try_from(stated).ok()
    }

    /// A buffer that is written. `{size: n}`, `->name`, `{bind: name, size: n}`, or what it holds
    /// afterwards: `{structure: JET_…, …}`, `{as: Ulong}`, `{as: text}`.
    fn buffer(
        &mut self,
        draft: &mut Draft,
        index: usize,
        given: &[Option<&Node>],
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
        Argument::Memory(draft.written(name, size, show, bind))
    }

    fn as_scalar(&mut self, node: &Node) -> Option<Scalar> {
        let text = node.text().unwrap_or_default();
        if text == "text" {
            return None;
        }
        let found = super::structures::SCALARS
            .iter()
            .find(|(name, _)| *name == text);
        if found.is_none() {
            let kind = FaultKind::UnknownName {
                what: "kind of value",
                name: text.to_owned(),
            };
            let known = super::structures::SCALARS.iter().map(|(name, _)| *name);
            self.faults
                .add(kind, node.spot)
                .nearest(text, known.chain(["text"]));
        }
        found.map(|(_, scalar)| *scalar)
    }

    fn array_out(
        &mut self,
        draft: &mut Draft,
        index: usize,
        given: &[Option<&Node>],
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
            let stated = given[count].and_then(Node::text).and_then(integer);
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

    /// A length or count: as stated, which may be less than there is but not more; else computed.
    fn length(&mut self, draft: &mut Draft, index: usize, given: &[Option<&Node>]) {
        let parameter = &draft.function.parameters[index];
        let measured = parameter
            .links
            .first()
            .and_then(|name| draft.function.parameter(name));
        let extent = measured.map_or(Extent::Unknown, |(measured, _)| {
            draft.extents[measured].clone()
        });
        let argument = match given[index] {
            Some(node) => self.stated_length(
                node,
                unit_of(matches!(parameter.kind, Kind::Count)),
                parameter.name,
                &extent,
            ),
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

    fn bytes_argument(&mut self, draft: &mut Draft, index: usize, node: &Node) -> Argument {
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

    fn variable_bytes(
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

    fn measure(&mut self, draft: &mut Draft, index: usize, id: Option<MemoryId>) {
        if let Some(id) = id {
            draft.extents[index] = Extent::Known(draft.at(id).bytes.len() as u64);
        }
    }
}

/// What a count or a length counts.
pub(super) fn unit_of(is_count: bool) -> &'static str {
    if is_count { "elements" } else { "bytes" }
}

/// Tells each buffer where the call leaves the length of what it wrote there.
fn link_lengths(draft: &mut Draft) {
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
