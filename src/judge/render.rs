//! A trace as text that people read: one line for each call, its outputs, callbacks and nested steps
//! indented below it. Diffs, `jetspec trace` and the reviewed snapshots all use it.

use super::words::{bytes, cbtyp, code, family, named, render_value, status_word, text_of, word};
use crate::abi::role::Kind;
use crate::run::trace::{
    End, Event, EventThread, Name, Outcome, StepTrace, Trace, Value, Violation,
};
use crate::scenario::StepIndex;
use crate::scenario::plan::{
    Action, Argument, Body, Call, CallbackId, Content, Expected, FileAction, MemoryId, Plan, Step,
    StepId, ThreadId, VariableId,
};

/// The whole trace.
pub fn render(plan: &Plan, trace: &Trace) -> String {
    let lines = Lines::new(plan);
    let mut text = Vec::new();
    for step in &trace.steps {
        lines.step(step, 0, &mut text);
    }
    for stray in &trace.strays {
        text.push("nobody waits for:".to_owned());
        lines.event(stray, 1, &mut text);
    }
    if let Some(end) = lines.end(&trace.end) {
        text.push(end);
    }
    text.push(String::new());
    text.join("\n")
}

/// Writes lines with the names of one plan.
pub struct Lines<'p> {
    plan: &'p Plan,
    steps: StepIndex<'p>,
}

impl<'p> Lines<'p> {
    /// Lines with the names of this plan.
    pub fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            steps: StepIndex::new(plan),
        }
    }

    /// One step with everything that happened in it, `depth` levels in.
    pub fn step(&self, trace: &StepTrace, depth: usize, text: &mut Vec<String>) {
        let indent = "    ".repeat(depth);
        let head = match self.steps.get(trace.step) {
            Some(step) => self.head(step),
            None => format!("step {}", trace.step.0),
        };
        text.push(format!("{indent}{head}{}", outcome(&trace.outcome)));
        for (name, value) in &trace.outputs {
            let value = match self.is_free(trace.step, name, value) {
                true => "anything".to_owned(),
                false => render_value(value),
            };
            text.push(format!("{indent}    {name} = {value}"));
        }
        for event in &trace.events {
            self.event(event, depth + 1, text);
        }
        for violation in &trace.violations {
            text.push(format!("{indent}    ! {}", self.violation(violation)));
        }
    }

    /// Whether the scenario leaves an output open: then its value is no part of what happened. A list
    /// of which it only says that there is one names files in the folder of the run.
    fn is_free(&self, step: StepId, output: &str, value: &Value) -> bool {
        let is_list = matches!(value, Value::TextList(_));
        self.steps.get(step).is_some_and(|step| {
            step.expect.outputs.iter().any(|expectation| {
                let value = &expectation.value;
                let open = |expected: &Expected| match expected {
                    Expected::Any => true,
                    Expected::Some => is_list,
                    _ => false,
                };
                let free = open(&value.documented) && open(&value.genuine);
                free && expectation.name == output
            })
        })
    }

    /// One invocation of a callback, `depth` levels in.
    pub fn event(&self, event: &Event, depth: usize, text: &mut Vec<String>) {
        let indent = "    ".repeat(depth);
        let thread = match event.thread {
            EventThread::Plan(ThreadId(0)) => String::new(),
            EventThread::Plan(thread) => format!(" on thread {}", self.thread(thread)),
            EventThread::Engine => " on a thread of the engine".to_owned(),
        };
        let end = match self.kills(event) {
            true => "does not return".to_owned(),
            false => format!("returns {}", code(event.returned)),
        };
        text.push(format!(
            "{indent}* {}({}){thread} {end}",
            self.callback(event.callback),
            event_arguments(event),
        ));
        for step in &event.steps {
            self.step(step, depth + 1, text);
        }
    }

    /// Whether a callback kills the host, itself or in a call that it makes.
    fn kills(&self, event: &Event) -> bool {
        event.steps.last().is_some_and(|last| {
            last.outcome == Outcome::Killed
                || self
                    .steps
                    .get(last.step)
                    .is_some_and(|step| step.action == Action::KillHost)
        })
    }

    /// How a run that is not complete ended.
    pub fn end(&self, end: &End) -> Option<String> {
        let at = |step: &StepId| match self.steps.get(*step) {
            Some(step) => format!("{}:{}", step.place.file, step.place.line),
            None => format!("step {}", step.0),
        };
        Some(match end {
            End::Complete => return None,
            End::Unsupported { step, function } => {
                format!("= stopped at {}: the library lacks {function}", at(step))
            }
            End::Died { step, doing, how } if doing.is_empty() => {
                format!("= the host died at {}: {how}", at(step))
            }
            End::Died { step, doing, how } => {
                format!("= the host died at {} in {doing}: {how}", at(step))
            }
            End::TimedOut {
                step,
                doing,
                limit_ms,
            } => format!("= {doing} did not end within {limit_ms} ms at {}", at(step)),
            End::Broken { step, reason } => match step {
                Some(step) => format!("= the runner broke at {}: {reason}", at(step)),
                None => format!("= the runner broke: {reason}"),
            },
        })
    }

    /// What memory the library did wrong to.
    pub fn violation(&self, violation: &Violation) -> String {
        match violation {
            Violation::OutsideBuffer { name, offset } => {
                format!("wrote outside {name}, at offset {offset}")
            }
            Violation::InputWritten { name, offset } => {
                format!("wrote to the input {name}, at offset {offset}")
            }
            Violation::LateWrite { name, step } => {
                let place = self.steps.get(*step).map(|step| step.place.line);
                let call = place.map_or(format!("step {}", step.0), |line| format!("line {line}"));
                format!("wrote to {name} of {call} after that call had returned")
            }
        }
    }

    /// A step in one line, with the callback and the reason in whose body it stands.
    pub fn doing(&self, step: &Step) -> String {
        let head = self.head(step);
        let body = self.plan.callbacks.iter().find_map(|callback| {
            let within = |body: &&Body| is_among(step.id, &body.steps);
            Some((callback, callback.bodies.iter().find(within)?))
        });
        let Some((callback, body)) = body else {
            return head;
        };
        let reasons: Vec<String> = body
            .reasons
            .iter()
            .map(|own| cbtyp((*own).into()))
            .collect();
        match reasons.is_empty() {
            true => format!("{head}, inside `{}`", callback.name),
            false => format!(
                "{head}, inside `{}` for {}",
                callback.name,
                reasons.join(" | ")
            ),
        }
    }

    /// What a step does, in one line, without what came of it.
    pub fn head(&self, step: &Step) -> String {
        let thread = match step.thread {
            ThreadId(0) => String::new(),
            thread => format!("[{}] ", self.thread(thread)),
        };
        format!("{thread}{}", self.action(&step.action))
    }

    /// The name of a callback.
    pub fn callback(&self, callback: CallbackId) -> &'p str {
        let found = self.plan.callbacks.get(callback.0 as usize);
        found.map_or("an unknown callback", |callback| &callback.name)
    }

    /// The name of a variable.
    pub fn variable(&self, variable: VariableId) -> &'p str {
        let found = self.plan.variables.get(variable.0 as usize);
        found.map_or("an unknown variable", |variable| &variable.name)
    }

    fn thread(&self, thread: ThreadId) -> &'p str {
        let found = self.plan.threads.get(thread.0 as usize);
        found.map_or("unknown", String::as_str)
    }

    fn signal(&self, signal: u32) -> &'p str {
        let found = self.plan.signals.get(signal as usize);
        found.map_or("unknown", String::as_str)
    }

    fn action(&self, action: &Action) -> String {
        match action {
            Action::Call(call) => self.call(call),
            Action::Start { label, call } => format!("start {label}: {}", self.call(call)),
            Action::End { label } => format!("end {label}"),
            Action::Until { call, .. } => format!("until: {}", self.call(call)),
            Action::Await { callback, times } => {
                format!("await {} times {times}", self.callback(*callback))
            }
            Action::Wait { signal } => format!("wait for {}", self.signal(*signal)),
            Action::Wake { signal } => format!("wake {}", self.signal(*signal)),
            Action::Repeat { times, .. } => format!("repeat {times} times"),
            Action::File(action) => file_action(action),
            Action::KillHost => "kill the host".to_owned(),
            Action::Compare {
                variables,
                relation,
            } => {
                let names: Vec<_> = variables.iter().map(|v| self.variable(*v)).collect();
                let word = relation.word();
                format!("{word}: {}", names.join(", "))
            }
            Action::Let {
                variable,
                base,
                add,
            } => match base {
                Some(base) => format!(
                    "let {} = {} + {add}",
                    self.variable(*variable),
                    self.variable(*base)
                ),
                None => format!("let {} = {add}", self.variable(*variable)),
            },
        }
    }

    fn call(&self, call: &Call) -> String {
        let function = call.function.get();
        let arguments: Vec<String> = function
            .parameters
            .iter()
            .zip(&call.arguments)
            .filter_map(|(parameter, argument)| {
                let skipped = parameter.optional && *argument == Argument::Word(0);
                if skipped || is_output(&parameter.kind) && *argument != Argument::Word(0) {
                    return None;
                }
                let value = match (family(parameter.name), argument) {
                    (Some(family), Argument::Word(word)) => named(family, *word),
                    _ => self.argument(call, &parameter.kind, argument),
                };
                Some(if value == parameter.name {
                    value
                } else {
                    format!("{}: {value}", parameter.name)
                })
            })
            .collect();
        format!("{}({})", function.symbol(call.form), arguments.join(", "))
    }

    fn argument(&self, call: &Call, kind: &Kind, argument: &Argument) -> String {
        match argument {
            Argument::Word(word) => self::word(kind, *word),
            Argument::Variable(variable) => self.variable(*variable).to_owned(),
            Argument::Memory(memory) => self.memory(call, kind, *memory),
            Argument::Inside(memory, offset) => {
                let place = call.memory.get(memory.0 as usize);
                let name = place.map_or("unknown memory", |place| &place.name);
                format!("{name} + {offset}")
            }
            Argument::Callback(callback) | Argument::Status(callback) => {
                self.callback(*callback).to_owned()
            }
            Argument::Realloc => "realloc".to_owned(),
            Argument::LengthOf(variable) => format!("length of {}", self.variable(*variable)),
        }
    }

    fn memory(&self, call: &Call, kind: &Kind, memory: MemoryId) -> String {
        let Some(memory) = call.memory.get(memory.0 as usize) else {
            return "unknown memory".to_owned();
        };
        match memory.from {
            Some(Content::Variable(from) | Content::Text(from)) => {
                return self.variable(from).to_owned();
            }
            Some(Content::ExportName(callback, _)) => {
                return self.callback(callback).to_owned();
            }
            Some(Content::ExportNameIn(callback, _, ref module)) => {
                return format!("{} in {module}", self.callback(callback));
            }
            None => {}
        }
        match kind {
            Kind::Text | Kind::NameOrId | Kind::KeyText => text_of(&memory.bytes, call.form),
            Kind::Struct(structure)
            | Kind::StructInOut(structure)
            | Kind::Array(structure)
            | Kind::ArrayInOut(structure) => structure.name.to_owned(),
            Kind::InOut(_) => match memory.patches.first().map(|patch| patch.value) {
                Some(Argument::Variable(variable)) => self.variable(variable).to_owned(),
                Some(_) => "…".to_owned(),
                None => bytes(&memory.bytes),
            },
            _ if !memory.patches.is_empty() => "…".to_owned(),
            _ => bytes(&memory.bytes),
        }
    }
}

/// Whether a step is among others, or in a loop among them.
fn is_among(id: StepId, steps: &[Step]) -> bool {
    steps.iter().any(|step| match &step.action {
        Action::Repeat { steps, .. } => step.id == id || is_among(id, steps),
        _ => step.id == id,
    })
}

/// An argument of an event by its documented name.
pub(super) fn event_argument(name: &str, value: &Value) -> String {
    match (name, value) {
        ("cbtyp", Value::Number(number)) => cbtyp(*number as u64),
        ("snp" | "snt", Value::Number(number)) => status_word(name, *number as u64),
        _ => render_value(value),
    }
}

fn event_arguments(event: &Event) -> String {
    let show = |(name, value): &(Name, Value)| {
        let value = event_argument(name, value);
        if *value == **name {
            value
        } else {
            format!("{name}: {value}")
        }
    };
    event
        .arguments
        .iter()
        .map(show)
        .collect::<Vec<_>>()
        .join(", ")
}

fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Returned(number) => format!(" -> {}", code(*number)),
        Outcome::Started => String::new(),
        Outcome::Done => String::new(),
        Outcome::Failed(why) => format!(" !! {why}"),
        Outcome::Killed => " -> the host is killed".to_owned(),
    }
}

fn is_output(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Out(_)
            | Kind::StructOut(_)
            | Kind::Actual
            | Kind::Buffer
            | Kind::TextBuffer
            | Kind::TextList
            | Kind::Info
            | Kind::ArrayOut(_)
            | Kind::EngineArray(_)
    )
}

fn file_action(action: &FileAction) -> String {
    match action {
        FileAction::CopyModule(path) => format!("copy the module to {path}"),
        FileAction::Remove(path) => format!("remove file {path}"),
        FileAction::Copy { from, to } => format!("copy file {from} to {to}"),
        FileAction::Truncate { path, size } => format!("truncate file {path} to {size}"),
        FileAction::FlipByte { path, offset } => format!("flip byte {offset} of {path}"),
        FileAction::Write { path, bytes } => format!("write {} bytes to {path}", bytes.len()),
        FileAction::Append { path, .. } => format!("append bytes to {path}"),
        FileAction::MakeFolder(path) => format!("make folder {path}"),
        FileAction::RefuseWrites(true) => "refuse every write to a file".to_owned(),
        FileAction::RefuseWrites(false) => "take writes to files again".to_owned(),
        FileAction::MakeReadOnly(path) => format!("make {path} read-only"),
        FileAction::MakeWritable(path) => format!("make {path} writable"),
        FileAction::Exists { path, exists: true } => format!("{path} exists"),
        FileAction::Exists { path, .. } => format!("{path} does not exist"),
        FileAction::Holds {
            path,
            bytes: wanted,
        } => format!("{path} holds {}", bytes(wanted)),
        FileAction::Unchanged {
            path,
            compare: true,
        } => format!("{path} is unchanged"),
        FileAction::Unchanged { path, .. } => format!("remember {path}"),
    }
}
