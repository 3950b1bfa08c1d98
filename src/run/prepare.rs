//! Makes a plan ready to run: every position checked, every constant argument computed, every call's
//! memory laid out, once for each step however often it is done.

use std::borrow::Cow;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::abi::role::Kind;
use crate::abi::structure::Structure;
use crate::abi::{Form, Function};
use crate::scenario::plan::{
    Action, Argument, ByProfile, Call, CallbackId, Content, Expected, FileAction, Memory, MemoryId,
    Patch, Plan, Show, Step, VariableId,
};

use super::journal::ENGINE_THREADS;
use super::memory::Layout;
use super::prepared::{
    Live, Piece, Place, Preaction, Precall, Preoutput, Prepared, Prestep, Presteps, Source, Words,
};

/// Why a plan cannot be run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A position in the plan names nothing.
    #[error("step {step}: {what} {number} does not exist in the plan")]
    Dangling {
        /// The step.
        step: u32,
        /// What kind of thing.
        what: &'static str,
        /// The position.
        number: u32,
    },
    /// An address outside the memory that it is to be in.
    #[error(
        "step {step}: there is no byte {offset} in the {size} bytes of `{memory}`, nor at their end"
    )]
    Outside {
        /// The step.
        step: u32,
        /// The piece of memory.
        memory: String,
        /// The byte.
        offset: u32,
        /// How many bytes it has, as far as that is known before the run.
        size: usize,
    },
    /// Memory that cannot be written as it is described.
    #[error("step {step}: the memory of `{memory}` cannot be used: {why}")]
    Unwritable {
        /// The step.
        step: u32,
        /// The piece of memory.
        memory: String,
        /// Why.
        why: &'static str,
    },
    /// The words do not fit the function.
    #[error("step {step}: {function} takes {takes} arguments, the plan gives {gives}")]
    Arguments {
        /// The step.
        step: u32,
        /// The function.
        function: &'static str,
        /// How many it takes.
        takes: usize,
        /// How many the plan gives.
        gives: usize,
    },
    /// `end` without `start`.
    #[error("step {step}: no step starts `{label}`")]
    NoStart {
        /// The step.
        step: u32,
        /// The label.
        label: String,
    },
    /// `kill-host` inside a loop.
    #[error(
        "step {step}: the host cannot be killed inside a loop: the scenario could not go on in it"
    )]
    NestedKill {
        /// The step.
        step: u32,
    },
    /// More callbacks or threads than there is room for.
    #[error("the plan has {count} {what}; there is room for {most}")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many there can be.
        most: usize,
    },
    /// A callback is passed by its exported name, but no library of our own is there to export it.
    #[error(
        "a callback is passed by the name under which a module exports it, and the module is missing: {reason}"
    )]
    NoModule {
        /// Why.
        reason: String,
    },
}

/// The addresses that the run gives to callbacks.
pub(super) trait Addresses {
    /// Of a callback's `JET_CALLBACK` function.
    fn callback(&self, callback: CallbackId) -> u64;
    /// Of a callback's `JET_PFNSTATUS` function.
    fn status(&self, callback: CallbackId) -> u64;
    /// Of the `JET_PFNREALLOC` function.
    fn realloc(&self) -> u64;
    /// `module!function` of a callback.
    fn export_name(&self, callback: CallbackId) -> Result<String, PlanError>;

    /// The same name in a module of the scenario's own.
    fn export_name_in(&self, callback: CallbackId, module: &str) -> String;
}

impl Prepared {
    /// Makes a plan ready.
    pub(super) fn new(plan: &Plan, addresses: &dyn Addresses) -> Result<Prepared, PlanError> {
        let most = usize::from(ENGINE_THREADS);
        if plan.threads.len() > most {
            return Err(PlanError::TooMany {
                what: "threads",
                count: plan.threads.len(),
                most,
            });
        }
        let mut labels = FxHashMap::default();
        let mut starts = Vec::new();
        for_each_step(plan, &mut |step| {
            if let Action::Start { label, .. } = &step.action {
                labels.insert(label.clone(), starts.len());
                starts.push(step.id.0);
            }
        });
        let mut preparation = Preparation {
            plan,
            addresses,
            labels,
            calls: Vec::with_capacity(plan.steps.len()),
        };
        let steps = preparation.steps(&plan.steps, true)?;
        let bodies = plan
            .callbacks
            .iter()
            .map(|callback| {
                let bodies = callback.bodies.iter();
                bodies
                    .map(|body| preparation.steps(&body.steps, true))
                    .collect()
            })
            .collect::<Result<_, _>>()?;
        Ok(Prepared {
            steps,
            bodies,
            calls: preparation.calls,
            user_data: user_data(plan),
            starts,
        })
    }
}

/// The longest `pvContext` that the plan expects of each callback, in bytes.
fn user_data(plan: &Plan) -> Vec<usize> {
    let mut lengths = vec![0; plan.callbacks.len()];
    for_each_step(plan, &mut |step| {
        let ByProfile {
            documented,
            genuine,
        } = &step.expect.events;
        for event in documented.iter().chain(genuine) {
            let Some(longest) = lengths.get_mut(event.callback.0 as usize) else {
                continue;
            };
            for (name, expected) in &event.arguments {
                let length = match expected {
                    Expected::Bytes(bytes) => bytes.len(),
                    Expected::Text(text) => text.len(),
                    _ => 0,
                };
                if name == "pvContext" {
                    *longest = length.max(*longest);
                }
            }
        }
    });
    lengths
}

/// Visits every step of a plan, those inside loops and callbacks too.
fn for_each_step<'p>(plan: &'p Plan, visit: &mut dyn FnMut(&'p Step)) {
    fn walk<'p>(steps: &'p [Step], visit: &mut dyn FnMut(&'p Step)) {
        for step in steps {
            visit(step);
            if let Action::Repeat { steps, .. } = &step.action {
                walk(steps, visit);
            }
        }
    }
    walk(&plan.steps, visit);
    for body in plan.callbacks.iter().flat_map(|callback| &callback.bodies) {
        walk(&body.steps, visit);
    }
}

struct Preparation<'p> {
    plan: &'p Plan,
    addresses: &'p dyn Addresses,
    labels: FxHashMap<String, usize>,
    calls: Vec<Precall>,
}

impl Preparation<'_> {
    /// `may_kill`: whether the host may be killed there, because the scenario can go on after it.
    fn steps(&mut self, steps: &[Step], may_kill: bool) -> Result<Presteps, PlanError> {
        steps.iter().map(|step| self.step(step, may_kill)).collect()
    }

    fn step(&mut self, step: &Step, may_kill: bool) -> Result<Prestep, PlanError> {
        let id = step.id.0;
        let thread = self.position(id, "thread", step.thread.0, self.plan.threads.len().max(1))?;
        let action = match &step.action {
            Action::Call(call) => Preaction::Call(self.call(id, call)?),
            Action::Start { label, call } => Preaction::Start {
                start: self.label(id, label)?,
                call: self.call(id, call)?,
            },
            Action::End { label } => Preaction::End {
                start: self.label(id, label)?,
            },
            Action::Until { codes, call } => Preaction::Until {
                codes: codes.clone(),
                call: self.call(id, call)?,
            },
            Action::Await { callback, times } => Preaction::Await {
                callback: self.callback(id, *callback)?,
                times: *times,
            },
            Action::Wait { signal } => Preaction::Wait(self.signal(id, *signal)?),
            Action::Wake { signal } => Preaction::Wake(self.signal(id, *signal)?),
            Action::Repeat { times, steps } => Preaction::Repeat {
                times: *times,
                steps: self.steps(steps, false)?,
            },
            Action::File(action) => {
                if let FileAction::Append { bytes, .. } = action {
                    self.variable(id, *bytes)?;
                }
                Preaction::File(action.clone())
            }
            Action::KillHost if may_kill => Preaction::KillHost,
            Action::KillHost => return Err(PlanError::NestedKill { step: id }),
            Action::Compare {
                variables,
                relation,
            } => Preaction::Compare {
                variables: variables
                    .iter()
                    .map(|variable| self.variable(id, *variable))
                    .collect::<Result<_, _>>()?,
                relation: *relation,
            },
            Action::Let {
                variable,
                base,
                add,
            } => Preaction::Let {
                variable: self.variable(id, *variable)?,
                base: base.map(|base| self.variable(id, base)).transpose()?,
                add: *add,
            },
        };
        Ok(Prestep {
            id,
            thread: thread as u8,
            action,
        })
    }

    fn call(&mut self, step: u32, call: &Call) -> Result<usize, PlanError> {
        let function = call.function.get();
        if call.arguments.len() != function.parameters.len() {
            return Err(PlanError::Arguments {
                step,
                function: function.name,
                takes: function.parameters.len(),
                gives: call.arguments.len(),
            });
        }
        let form = match function.wide {
            Some(_) => call.form,
            None => Form::Narrow,
        };
        // It is made in its place: it is large, and there are many.
        let mut calls = std::mem::take(&mut self.calls);
        let at = calls.len();
        calls.push(Precall {
            step,
            function,
            form,
            words: Words::from_elem(0, call.arguments.len()),
            addresses: SmallVec::new(),
            live_words: SmallVec::new(),
            layout: None,
            pieces: SmallVec::new(),
            outputs: SmallVec::new(),
        });
        let prepared = &mut calls[at];
        for (position, argument) in call.arguments.iter().enumerate() {
            match self.argument(step, call, *argument)? {
                Resolved::Constant(word) => prepared.words[position] = word,
                Resolved::Place(place) => prepared.addresses.push((position, place)),
                Resolved::Live(live) => prepared.live_words.push((position, live)),
            }
        }
        let laid_out_later = call.memory.iter().any(comes_from_variable);
        let mut contents = SmallVec::<[_; 4]>::new();
        prepared.pieces.reserve_exact(call.memory.len());
        for memory in &call.memory {
            let mut piece = Piece::default();
            if let Some(why) = memory.unwritable() {
                let memory = memory.name.to_string();
                return Err(PlanError::Unwritable { step, memory, why });
            }
            let content = self.piece(step, call, memory, &mut piece)?;
            if laid_out_later {
                piece.source = Some(Box::new(self.source(step, memory, content)?));
            } else {
                contents.push(content);
            }
            for output in &memory.outputs {
                prepared.outputs.push(Preoutput {
                    show: output.show,
                    bind: output
                        .bind
                        .map(|bind| self.variable(step, bind))
                        .transpose()?,
                    elements: match output.show {
                        Show::EngineArray { .. } => elements(function, &output.name),
                        _ => None,
                    },
                });
                self.linked_piece(step, call, output.show)?;
            }
            prepared.pieces.push(piece);
        }
        if !laid_out_later {
            let contents = contents.iter().map(|content| &**content);
            // It is filled where it stays: it is large, too.
            let layout = prepared.layout.insert(Layout::empty());
            layout.fill(call.memory.iter().zip(contents));
        }
        self.calls = calls;
        Ok(at)
    }

    /// What a piece is laid out from, where that is done for each call.
    fn source(
        &self,
        step: u32,
        memory: &Memory,
        content: Cow<'_, [u8]>,
    ) -> Result<Source, PlanError> {
        let from = match memory.from {
            Some(Content::Variable(variable) | Content::Text(variable)) => {
                Some(self.variable(step, variable)?)
            }
            _ => None,
        };
        Ok(Source {
            memory: Memory {
                bytes: content.into_owned().into(),
                ..memory.clone()
            },
            from,
            is_text: matches!(memory.from, Some(Content::Text(_))),
        })
    }

    /// What a piece holds as far as that is known already; the rest becomes a part of `piece`.
    fn piece<'m>(
        &self,
        step: u32,
        call: &Call,
        memory: &'m Memory,
        piece: &mut Piece,
    ) -> Result<Cow<'m, [u8]>, PlanError> {
        let mut content = match &memory.from {
            Some(Content::ExportNameIn(callback, form, module)) => {
                self.callback(step, *callback)?;
                let name = self.addresses.export_name_in(*callback, module);
                Cow::Owned(terminated(&name, *form))
            }
            Some(Content::ExportName(callback, form)) => {
                self.callback(step, *callback)?;
                let name = self.addresses.export_name(*callback)?;
                Cow::Owned(terminated(&name, *form))
            }
            None | Some(Content::Variable(_) | Content::Text(_)) => Cow::Borrowed(&*memory.bytes),
        };
        for &Patch {
            offset,
            size,
            value,
        } in &memory.patches
        {
            let (offset, size) = (offset as usize, usize::from(size.min(8)));
            match self.argument(step, call, value)? {
                Resolved::Constant(word) => {
                    if let Some(place) = content.to_mut().get_mut(offset..offset + size) {
                        place.copy_from_slice(&word.to_le_bytes()[..size]);
                    }
                }
                Resolved::Place(other) => piece.addresses.push((offset, other)),
                Resolved::Live(live) => piece.live.push((offset, size, live)),
            }
        }
        Ok(content)
    }

    fn argument(&self, step: u32, call: &Call, argument: Argument) -> Result<Resolved, PlanError> {
        Ok(match argument {
            Argument::Word(word) => Resolved::Constant(word),
            Argument::Variable(variable) => {
                Resolved::Live(Live::Variable(self.variable(step, variable)?))
            }
            Argument::LengthOf(variable) => {
                Resolved::Live(Live::LengthOf(self.variable(step, variable)?))
            }
            Argument::Memory(memory) => Resolved::Place(self.place(step, call, memory, 0)?),
            Argument::Inside(memory, offset) => {
                Resolved::Place(self.place(step, call, memory, offset)?)
            }
            Argument::Callback(callback) => {
                self.callback(step, callback)?;
                Resolved::Constant(self.addresses.callback(callback))
            }
            Argument::Status(callback) => {
                self.callback(step, callback)?;
                Resolved::Constant(self.addresses.status(callback))
            }
            Argument::Realloc => Resolved::Constant(self.addresses.realloc()),
        })
    }

    /// A place within a piece of the call's memory, or at its end.
    fn place(
        &self,
        step: u32,
        call: &Call,
        memory: MemoryId,
        offset: u32,
    ) -> Result<Place, PlanError> {
        let piece = self.position(step, "memory", memory.0, call.memory.len())?;
        // What only the run knows has the size that it has then.
        let size = match call.memory[piece].from {
            Some(_) => 0,
            None => call.memory[piece].bytes.len(),
        };
        if offset > 0 && offset as usize > size {
            return Err(PlanError::Outside {
                step,
                memory: call.memory[piece].name.to_string(),
                offset,
                size,
            });
        }
        let piece = memory.0;
        Ok(Place { piece, offset })
    }

    /// Checks the memory that an output's length or count is read from.
    fn linked_piece(&self, step: u32, call: &Call, show: Show) -> Result<(), PlanError> {
        let linked = match show {
            Show::Bytes { length } => length.map(|length| length.memory),
            Show::EngineArray { count } => Some(count),
            _ => None,
        };
        if let Some(linked) = linked {
            self.position(step, "memory", linked.0, call.memory.len())?;
        }
        Ok(())
    }

    fn label(&self, step: u32, label: &str) -> Result<usize, PlanError> {
        let start = self.labels.get(label).copied();
        start.ok_or_else(|| PlanError::NoStart {
            step,
            label: label.to_owned(),
        })
    }

    fn variable(&self, step: u32, variable: VariableId) -> Result<usize, PlanError> {
        self.position(step, "variable", variable.0, self.plan.variables.len())
    }

    fn callback(&self, step: u32, callback: CallbackId) -> Result<usize, PlanError> {
        self.position(step, "callback", callback.0, self.plan.callbacks.len())
    }

    fn signal(&self, step: u32, signal: u32) -> Result<usize, PlanError> {
        self.position(step, "signal", signal, self.plan.signals.len())
    }

    fn position(
        &self,
        step: u32,
        what: &'static str,
        number: u32,
        count: usize,
    ) -> Result<usize, PlanError> {
        let position = number as usize;
        if position < count {
            return Ok(position);
        }
        Err(PlanError::Dangling { step, what, number })
    }
}

/// Whether only the run knows what a piece holds, and with that how large it is.
fn comes_from_variable(memory: &Memory) -> bool {
    matches!(memory.from, Some(Content::Variable(_) | Content::Text(_)))
}

enum Resolved {
    Constant(u64),
    Place(Place),
    Live(Live),
}

/// The structure of an engine's array, by the parameter that an output is written through.
fn elements(function: &Function, output: &str) -> Option<&'static Structure> {
    match function.parameter(output)?.1.kind {
        Kind::EngineArray(structure) => Some(structure),
        _ => None,
    }
}

/// Text with its terminator.
fn terminated(text: &str, form: Form) -> Vec<u8> {
    match form {
        Form::Narrow => text.bytes().chain([0]).collect(),
        Form::Wide => text
            .encode_utf16()
            .chain([0])
            .flat_map(u16::to_le_bytes)
            .collect(),
    }
}
