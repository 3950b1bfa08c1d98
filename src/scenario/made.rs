//! Scenarios that were made and not read: calls with arguments that know what they are, so that the
//! common ones are lowered without a tree of words between.
//!
//! What has no short way here is written as a tree and goes the way of every scenario. So does what
//! may be a fault: the short way never notes one that the long way would tell better.

use smol_str::SmolStr;

use super::arguments::Given;
use super::draft::Draft;
use super::lower::Lowering;
use super::node::{Node, integer};
use super::plan::{Action, Argument, Expectations, Part, Show, Step, ThreadId, VariableKind};
use super::source::Spot;
use super::{texts, values};
use crate::abi::role::{Kind, Scalar};
use crate::abi::{Form, FunctionId};

/// A scenario of one case.
pub struct Made<'m> {
    /// What it is.
    pub title: &'m str,
    /// Its fixture.
    pub fixture: Option<&'m str>,
    /// The width of its texts.
    pub form: Form,
    /// Its callbacks, as the format writes them.
    pub callbacks: Option<Node>,
    /// Its threads beside `main`, as the format writes them.
    pub threads: Option<Node>,
    /// What it does: each step stands on a line of its own, from 1.
    pub steps: Vec<MadeStep<'m>>,
}

/// One step of such a scenario.
pub enum MadeStep<'m> {
    /// A call.
    Call {
        /// The call.
        call: &'m dyn MadeCall,
        /// The thread that makes it, where it is not `main`.
        thread: Option<&'m str>,
        /// The width of its texts, where that is not the scenario's.
        form: Option<Form>,
    },
    /// Anything else, as the format writes it.
    Written(Node),
}

/// A call of such a scenario.
pub trait MadeCall {
    /// The function.
    fn function(&self) -> FunctionId;

    /// Tells its arguments by documented name.
    fn arguments<'c>(&'c self, hear: &mut dyn FnMut(&'static str, &'c dyn MadeValue));
}

/// An argument that knows what it is.
pub trait MadeValue {
    /// What it says, where that takes no tree.
    fn short(&self) -> Short<'_>;

    /// The same as the format writes it.
    fn node(&self) -> Node;
}

/// What an argument says in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Short<'v> {
    /// `null`
    Null,
    /// `nil`
    Nil,
    /// `{raw: …}`
    Raw(u64),
    /// A number.
    Number(i64),
    /// Constants by their full documented names, or-ed.
    Constants(&'v [&'static str]),
    /// A name: of a variable, or of a callback.
    Name(&'v str),
    /// `->name`
    Bind(&'v str),
    /// A text.
    Text(&'v str),
    /// `{hex: …}`
    Hex(&'v [u8]),
    /// `{i32: …}`
    I32(i32),
    /// More than a word.
    Long,
}

/// An argument as a call is given it: written, or made.
#[derive(Clone, Copy)]
pub(super) enum Source<'n> {
    Written(&'n Node),
    Made(&'n dyn MadeValue),
}

impl Source<'_> {
    /// The number that it is.
    pub fn number(self) -> Option<u64> {
        self.word_by(integer)
    }

    /// The number or constant that it is.
    pub fn stated(self) -> Option<u64> {
        self.word_by(|text| integer(text).or_else(|| values::full_constant(text)))
    }

    fn word_by(self, read: impl Fn(&str) -> Option<u64>) -> Option<u64> {
        match self {
            Self::Written(node) => node.text().and_then(read),
            Self::Made(made) => match made.short() {
                Short::Number(number) => Some(number.cast_unsigned()),
                _ => made.node().text().and_then(read),
            },
        }
    }
}

/// The arguments of a call, one for each parameter; of several the last one counts.
fn given(call: &dyn MadeCall) -> Given<'_> {
    let function = call.function().get();
    let mut given = Given::from_elem(None, function.parameters.len());
    let mut next = 0;
    call.arguments(&mut |name, value| {
        // Arguments are mostly in the order of the parameters.
        let ahead = function.parameters.get(next);
        let index = match ahead.is_some_and(|own| own.name == name) {
            true => Some(next),
            false => function.parameter(name).map(|(index, _)| index),
        };
        if let Some(index) = index {
            given[index] = Some(Source::Made(value));
            next = index + 1;
        }
    });
    given
}

/// Whether a name is one and nothing else that the format has a meaning for.
fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    name.bytes().all(is_plain)
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && !name.starts_with("JET_")
        && !matches!(name, "nil" | "null" | "Null" | "NULL")
}

impl Lowering<'_> {
    /// Lowers steps that were made.
    pub fn made_steps(&mut self, made: &[MadeStep<'_>], into: &mut Vec<Step>) {
        self.part = Part::Case;
        into.reserve(made.len());
        for (line, step) in (1..).zip(made) {
            match step {
                MadeStep::Call { call, thread, form } => {
                    self.here = Spot {
                        line,
                        ..Spot::default()
                    };
                    self.made_call(*call, *thread, *form, into);
                }
                MadeStep::Written(node) => self.steps(std::slice::from_ref(node), self.part, into),
            }
        }
    }

    fn made_call(
        &mut self,
        made: &dyn MadeCall,
        thread: Option<&str>,
        form: Option<Form>,
        into: &mut Vec<Step>,
    ) {
        if self.budget.is_spent() {
            return;
        }
        let (at, function) = (self.here, made.function());
        let thread = thread.and_then(|thread| self.thread_named(thread, Spot::default()));
        let thread = thread.unwrap_or(ThreadId(0));
        self.must_be_free(thread, function.get().name, at);
        let form = form.unwrap_or(self.form);
        self.names.step();
        let number = self.number();
        let given = given(made);
        if let Some(call) = self.call_of(function, &given, at, form) {
            let expect = Expectations::default();
            self.push(number, thread, Action::Call(call.into()), expect, into);
        }
    }

    /// A number, constant, handle or variable.
    pub(super) fn made_scalar(
        &mut self,
        made: &dyn MadeValue,
        scalar: Scalar,
        name: &str,
    ) -> Option<Argument> {
        self.short_scalar(made.short(), scalar, name)
            .or_else(|| self.scalar(&made.node(), scalar, name))
    }

    /// The same by the short way; `None` where there is none.
    fn short_scalar(&self, value: Short<'_>, scalar: Scalar, place: &str) -> Option<Argument> {
        let word = match value {
            Short::Null => 0,
            Short::Nil => return Some(Argument::Word(u64::MAX)),
            Short::Raw(raw) => return Some(Argument::Word(raw)),
            Short::Number(number) => number.cast_unsigned(),
            Short::Constants(names) => {
                let or = |all, name: &&str| Some(all | values::full_constant(name)?);
                names.iter().try_fold(0, or)?
            }
            Short::Name(name) if is_name(name) => {
                let variable = self.names.bound(name).map(Argument::Variable);
                let constant = || values::short_constant(name, scalar, place).map(Argument::Word);
                return variable.or_else(constant);
            }
            _ => return None,
        };
        values::has_room(scalar, word).then_some(Argument::Word(word))
    }

    /// Any other argument by the short way; `None`, and nothing done, where there is none.
    pub(super) fn made_argument(
        &mut self,
        draft: &mut Draft,
        index: usize,
        value: Short<'_>,
    ) -> Option<Argument> {
        let parameter = &draft.function.parameters[index];
        let name = parameter.name;
        let memory = match (parameter.kind, value) {
            (_, Short::Null) => return Some(Argument::Word(0)),
            (_, Short::Raw(word)) => return Some(Argument::Word(word)),
            (Kind::Text | Kind::NameOrId, Short::Text(text)) => {
                let bytes = texts::ended(text, draft.form)?;
                draft.hold(SmolStr::new_static(name), bytes)
            }
            (Kind::Bytes, Short::I32(_) | Short::Hex(_)) => {
                let bytes = match value {
                    Short::I32(number) => &number.to_le_bytes()[..],
                    Short::Hex(bytes) => bytes,
                    _ => return None,
                };
                let id = draft.hold(SmolStr::new_static(name), bytes);
                self.measure(draft, index, Some(id));
                id
            }
            (Kind::Out(scalar), Short::Bind(own)) if is_name(own) => {
                self.made_output(draft, name, scalar, own)
            }
            (Kind::Actual, Short::Bind(own)) if is_name(own) => {
                self.made_output(draft, name, Scalar::Ulong, own)
            }
            (Kind::InOut(scalar), _) => {
                let value = self.short_scalar(value, scalar, name)?;
                self.filled(draft, name, scalar, value, None)
            }
            (Kind::Context | Kind::EngineMemory, _) => {
                return self.short_scalar(value, Scalar::ApiPtr, name);
            }
            (Kind::Callback, Short::Name(own)) => {
                return self.known_callback(own).map(Argument::Callback);
            }
            _ => return None,
        };
        Some(Argument::Memory(memory))
    }

    fn made_output(
        &mut self,
        draft: &mut Draft,
        name: &'static str,
        scalar: Scalar,
        own: &str,
    ) -> super::plan::MemoryId {
        let bind = self.bind(own, VariableKind::Scalar(scalar), Spot::default());
        let name = SmolStr::new_static(name);
        draft.written(name, scalar.size() as u32, Show::Scalar(scalar), Some(bind))
    }
}
