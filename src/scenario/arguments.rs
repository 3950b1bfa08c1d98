//! Arguments: each is lowered by its parameter's role, never by the function.

use smallvec::SmallVec;
use smol_str::SmolStr;

use super::draft::{Draft, Extent, link_lengths};
use super::fault::FaultKind;
use super::lower::{Lowering, binding_name};
use super::made::Source;
use super::node::{Node, integer};
use super::plan::{Argument, Call, Show};
use super::source::Spot;
use super::values::{self, shape};
use crate::abi::role::{Kind, Scalar};
use crate::abi::{ByFunction, Form, Function, FunctionId, Parameter, function};

/// The arguments of a call as they are given, one for each parameter.
pub(super) type Given<'n> = SmallVec<[Option<Source<'n>>; 8]>;

/// What there is among the parameters of a function.
#[derive(Clone, Copy)]
struct Takes {
    /// How many may be pieces of memory.
    pieces: usize,
    /// Whether some are lengths or counts.
    lengths: bool,
    /// Whether some are buffers.
    buffers: bool,
}

static TAKES: ByFunction<Takes> = ByFunction::new(Takes::by);

impl Takes {
    fn by(name: &'static str) -> Self {
        let parameters = function(name).map_or(&[][..], |function| function.get().parameters);
        let kinds = || parameters.iter().map(|parameter| &parameter.kind);
        let is_piece = |kind: &&Kind| !matches!(kind, Kind::Scalar(_)) && !is_length(kind);
        Self {
            pieces: kinds().filter(is_piece).count(),
            lengths: kinds().any(is_length),
            buffers: kinds().any(|kind| matches!(kind, Kind::Buffer)),
        }
    }
}

fn is_length(kind: &Kind) -> bool {
    matches!(kind, Kind::Length | Kind::Count)
}

/// What is written where a pointer goes.
enum Pointer<'n> {
    Null,
    Raw(u64),
    Node(&'n Node),
}

impl Lowering<'_> {
    /// Lowers a call. Faults are noted, all of them; `None` where there were any.
    pub fn call(&mut self, id: FunctionId, node: &Node, at: Spot, form: Form) -> Option<Call> {
        let before = self.faults.len();
        let given = self.given(id.get(), node);
        let call = self.call_of(id, &given, at, form);
        call.filter(|_| self.faults.len() == before)
    }

    /// Lowers a call with these arguments.
    pub(super) fn call_of(
        &mut self,
        id: FunctionId,
        given: &[Option<Source<'_>>],
        at: Spot,
        form: Form,
    ) -> Option<Call> {
        let function = id.get();
        let form = if function.wide.is_some() {
            form
        } else {
            Form::Narrow
        };
        let before = self.faults.len();
        let takes = TAKES.of(id);
        let mut draft = Draft {
            function,
            form,
            memory: Vec::with_capacity(takes.pieces),
            arguments: SmallVec::from_elem(Argument::Word(0), function.parameters.len()),
            extents: SmallVec::from_elem(Extent::Unknown, function.parameters.len()),
            sizes: Vec::new(),
            room: Some(self.budget.memory),
            overlaps: Vec::new(),
            is_shared: false,
        };
        for (index, parameter) in function.parameters.iter().enumerate() {
            if !is_length(&parameter.kind) {
                self.argument(&mut draft, index, given, at);
            }
        }
        self.share_places(&mut draft, at);
        if takes.lengths {
            for (index, parameter) in function.parameters.iter().enumerate() {
                if is_length(&parameter.kind) {
                    self.length(&mut draft, index, given);
                }
            }
        }
        if takes.buffers {
            link_lengths(&mut draft);
        }
        self.spend(&draft, at);
        (self.faults.len() == before).then_some(Call {
            function: id,
            form,
            arguments: draft.arguments,
            memory: draft.memory,
        })
    }

    /// Refuses a file that asks for more memory than a machine should have to give.
    fn spend(&mut self, draft: &Draft, at: Spot) {
        self.budget.memory = draft.room.unwrap_or(0);
        if draft.room.is_none() {
            let message = "the arguments of one file take more than 64 MiB";
            self.faults.add(FaultKind::Value(message.into()), at);
        }
    }

    /// The arguments as written, one for each parameter.
    fn given<'n>(&mut self, function: &'static Function, node: &'n Node) -> Given<'n> {
        let mut given = Given::from_elem(None, function.parameters.len());
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
                given[index] = Some(Source::Written(&entry.value));
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
    fn pointer<'n>(&mut self, node: &'n Node) -> Pointer<'n> {
        if node.is_null() {
            return Pointer::Null;
        }
        match node.entries() {
            Some([entry]) if &*entry.key == "raw" => {
                let raw = values::number(&entry.value, Scalar::ApiPtr, "raw", &mut self.faults);
                Pointer::Raw(raw.unwrap_or_default())
            }
            _ => Pointer::Node(node),
        }
    }

    fn argument(
        &mut self,
        draft: &mut Draft,
        index: usize,
        given: &[Option<Source<'_>>],
        at: Spot,
    ) {
        let parameter = &draft.function.parameters[index];
        if let Kind::Scalar(scalar) = parameter.kind {
            draft.arguments[index] = match given[index] {
                Some(Source::Written(node)) => self.scalar(node, scalar, parameter.name),
                Some(Source::Made(made)) => self.made_scalar(made, scalar, parameter.name),
                None => self.left_out(draft.function, parameter, at),
            }
            .unwrap_or(Argument::Word(0));
            return;
        }
        draft.arguments[index] = match given[index] {
            None => self.absent(draft, index, given, at),
            Some(Source::Written(node)) => self.written(draft, index, given, node),
            Some(Source::Made(made)) => match self.made_argument(draft, index, made.short()) {
                Some(argument) => argument,
                None => self.written(draft, index, given, &made.node()),
            },
        };
    }

    fn written(
        &mut self,
        draft: &mut Draft,
        index: usize,
        given: &[Option<Source<'_>>],
        node: &Node,
    ) -> Argument {
        match self.pointer(node) {
            Pointer::Null => Argument::Word(0),
            Pointer::Raw(word) => Argument::Word(word),
            Pointer::Node(node) => self.present(draft, index, given, node),
        }
    }

    /// An input that is left out: the variable of its name, else zero where that is allowed.
    pub(super) fn left_out(
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
        // It may be a variable of the fixture that nobody could read.
        if self.ground.lacks_fixture {
            return;
        }
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
        given: &[Option<Source<'_>>],
        at: Spot,
    ) -> Argument {
        let parameter = &draft.function.parameters[index];
        let name = parameter.name;
        match parameter.kind {
            Kind::Out(scalar) => {
                let size = scalar.size() as u32;
                let name = SmolStr::new_static(name);
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

    pub(super) fn refused(&mut self, draft: &Draft, parameter: &Parameter, at: Spot) -> Argument {
        self.missing(draft.function.name, parameter.name, at);
        Argument::Word(0)
    }

    fn present(
        &mut self,
        draft: &mut Draft,
        index: usize,
        given: &[Option<Source<'_>>],
        node: &Node,
    ) -> Argument {
        if self.overlaps(draft, index, given, node) {
            return Argument::Word(0);
        }
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
                    .status(node)
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

    /// A number, constant, handle or variable; where a pointer has room, also the address of a
    /// callback (`JET_paramRuntimeCallback` is set to one). Faults are noted.
    pub fn scalar(&mut self, node: &Node, scalar: Scalar, name: &str) -> Option<Argument> {
        if let Some([entry]) = node.entries()
            && &*entry.key == "raw"
        {
            let raw = values::number(&entry.value, Scalar::ApiPtr, "raw", &mut self.faults);
            return raw.map(Argument::Word);
        }
        if let Some([entry]) = node.entries()
            && &*entry.key == "callback"
            && scalar == Scalar::ApiPtr
        {
            return self.callback(&entry.value).map(Argument::Callback);
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
        if !values::has_room(scalar, word) {
            let kind = FaultKind::OutOfRange {
                value: node.text().unwrap_or_default().to_owned(),
                wanted: format!("`{name}`, which has {} bits", scalar.size() * 8),
            };
            self.faults.add(kind, node.spot);
        }
    }
}
