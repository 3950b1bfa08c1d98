//! Renders the trace from the journal. Records can come in pieces, and the last one can be cut off
//! where its writer died.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use windows_sys::Win32::Storage::Jet as jet;

use crate::abi::Form;
use crate::abi::role::Scalar;
use crate::scenario::plan::{Action, Argument, Call, CallbackId, Plan, Show, StepId, ThreadId};

use super::callbacks::STATUS;
use super::calls::{INPUT, LATE, number};
use super::engine_arrays::Raw;
use super::execute::Resume;
use super::journal::{ENGINE_THREADS, Reader, Tag};
use super::names::Names;
use super::prepare::for_each_step;
use super::state::{Held, holds_bytes};
use super::trace::{
    End, Event, EventKind, EventThread, Name, Outcome, StepTrace, Trace, Value, Violation,
};

/// Makes a trace of records.
pub(crate) struct Renderer {
    plan: Arc<Plan>,
    shapes: Shapes,
    names: Names,
    words: ArgumentNames,
    /// The invocations seen last, for those that repeat.
    seen: VecDeque<Seen>,
    held: Vec<Held>,
    digests: HashMap<String, u64>,
    /// What each thread is inside of, outermost first.
    stacks: Stacks,
    /// The thread that the last record was of.
    last_thread: u8,
    /// Calls begun without waiting that have returned, by the step that began them.
    returned: HashMap<u32, StepTrace>,
    /// Invocations by the engine's own threads that nobody has awaited.
    unawaited: Vec<Event>,
    trace: Trace,
    /// The start of a record whose rest has not come.
    cut_off: Vec<u8>,
}

/// What the steps are made of, by step number.
struct Shapes(Vec<Option<Shape>>);

impl Shapes {
    fn get(&self, step: u32) -> Option<&Shape> {
        self.0.get(step as usize)?.as_ref()
    }

    fn insert(&mut self, step: u32, shape: Shape) {
        let step = step as usize;
        if self.0.len() <= step {
            self.0.resize_with(step + 1, || None);
        }
        self.0[step] = Some(shape);
    }
}

/// What each thread is inside of, by thread number.
struct Stacks(Vec<Vec<Frame>>);

impl Stacks {
    fn new() -> Stacks {
        Stacks((0..=u8::MAX).map(|_| Vec::new()).collect())
    }

    fn get(&self, thread: u8) -> &Vec<Frame> {
        &self.0[usize::from(thread)]
    }

    fn get_mut(&mut self, thread: u8) -> &mut Vec<Frame> {
        &mut self.0[usize::from(thread)]
    }

    fn clear(&mut self) {
        self.0.iter_mut().for_each(Vec::clear);
    }
}

/// An invocation and how its arguments are shown.
struct Seen {
    kind: u8,
    words: [u64; 8],
    pointee: u64,
    /// The names that were valid then.
    names: u64,
    arguments: Arguments,
}

/// The arguments of an invocation, by name.
type Arguments = Arc<[(Name, Value)]>;

/// How many different invocations are remembered.
const SEEN: usize = 8;

/// What a step is made of, as far as its records need it.
struct Shape {
    doing: Name,
    begins: bool,
    outputs: Vec<ShapeOutput>,
    memory: Vec<String>,
    /// The handle that the call closes when it succeeds.
    closes: Option<usize>,
}

struct ShapeOutput {
    name: Name,
    show: Show,
    bind: Option<usize>,
}

/// What a thread is inside of.
enum Frame {
    Step { step: u32, events: Vec<Event> },
    Callback(Event),
}

/// The documented names of the arguments of callbacks.
struct ArgumentNames {
    callback: [Name; 8],
    status: [Name; 4],
    progress: [Name; 2],
}

impl ArgumentNames {
    fn new() -> ArgumentNames {
        let callback = [
            "sesid",
            "dbid",
            "tableid",
            "cbtyp",
            "pvArg1",
            "pvArg2",
            "pvContext",
            "ulUnused",
        ];
        ArgumentNames {
            callback: callback.map(Name::from),
            status: ["sesid", "snp", "snt", "pv"].map(Name::from),
            progress: ["cunitDone", "cunitTotal"].map(Name::from),
        }
    }
}

impl Shape {
    fn new(action: &Action, plan: &Plan) -> Shape {
        let call = match action {
            Action::Call(call) | Action::Start { call, .. } | Action::Until { call, .. } => call,
            other => {
                return Shape {
                    doing: doing(other).into(),
                    begins: false,
                    outputs: Vec::new(),
                    memory: Vec::new(),
                    closes: None,
                };
            }
        };
        let outputs = call.memory.iter().flat_map(|memory| &memory.outputs);
        Shape {
            doing: call.function.get().symbol(call.form).into(),
            begins: matches!(action, Action::Start { .. }),
            outputs: outputs
                .map(|output| ShapeOutput {
                    name: output.name.as_str().into(),
                    show: output.show,
                    bind: output.bind.map(|variable| variable.0 as usize),
                })
                .collect(),
            memory: call
                .memory
                .iter()
                .map(|memory| memory.name.clone())
                .collect(),
            closes: closes(call, plan),
        }
    }
}

/// What a step that is no call does, in words.
fn doing(action: &Action) -> &'static str {
    match action {
        Action::End { .. } => "end",
        Action::Await { .. } => "await",
        Action::Wait { .. } => "wait",
        Action::Wake { .. } => "wake",
        Action::Repeat { .. } => "repeat",
        Action::File(_) => "a file",
        Action::KillHost => "kill-host",
        Action::Compare { .. } => "a comparison",
        _ => "let",
    }
}

/// The variable whose object a call closes.
fn closes(call: &Call, plan: &Plan) -> Option<usize> {
    let function = call.function.get();
    let parameter = match function.name {
        "JetCloseTable" => "tableid",
        "JetEndSession" => "sesid",
        "JetTerm" | "JetTerm2" => "instance",
        "JetUnregisterCallback" => "hCallbackId",
        _ => return None,
    };
    let (position, _) = function.parameter(parameter)?;
    match call.arguments.get(position)? {
        Argument::Variable(variable) if (variable.0 as usize) < plan.variables.len() => {
            Some(variable.0 as usize)
        }
        _ => None,
    }
}

impl Renderer {
    /// A renderer that has seen nothing of the run yet.
    pub(crate) fn new(plan: Arc<Plan>) -> Renderer {
        let mut shapes = Shapes(Vec::new());
        for_each_step(&plan, &mut |step| {
            shapes.insert(step.id.0, Shape::new(&step.action, &plan));
        });
        Renderer {
            shapes,
            names: Names::new(&plan),
            words: ArgumentNames::new(),
            seen: VecDeque::with_capacity(SEEN),
            held: vec![Held::default(); plan.variables.len()],
            digests: HashMap::new(),
            stacks: Stacks::new(),
            last_thread: 0,
            returned: HashMap::new(),
            unawaited: Vec::new(),
            trace: Trace::default(),
            cut_off: Vec::new(),
            plan,
        }
    }

    /// Takes records in, in the order in which they were written.
    pub(crate) fn feed(&mut self, records: &[u8]) {
        if self.cut_off.is_empty() {
            let rest = self.take_in(records);
            self.cut_off = rest.to_vec();
            return;
        }
        let mut joined = std::mem::take(&mut self.cut_off);
        joined.extend_from_slice(records);
        let rest = self.take_in(&joined);
        self.cut_off = rest.to_vec();
    }

    /// Takes in what is complete and gives the rest.
    fn take_in<'r>(&mut self, records: &'r [u8]) -> &'r [u8] {
        let mut reader = Reader(records);
        loop {
            let before = reader;
            if !self.whole(reader) || self.record(&mut reader).is_none() {
                return before.0;
            }
        }
    }

    /// Whether the next record is there to its end. Looking first keeps a record that is cut off from
    /// being taken in by half.
    fn whole(&self, mut reader: Reader) -> bool {
        self.skip(&mut reader).is_some()
    }

    fn skip(&self, reader: &mut Reader) -> Option<()> {
        let tag = reader.byte().and_then(Tag::read)?;
        let thread = reader.byte()?;
        match tag {
            Tag::Begin | Tag::Joined | Tag::Leave => drop(reader.word()?),
            Tag::Done | Tag::Started | Tag::Discard => {}
            Tag::Failed => drop(reader.bytes()?),
            Tag::Enter | Tag::Event => {
                reader.exactly(4 + 1 + 9 * 8)?;
                reader.bytes()?;
                if tag == Tag::Event {
                    reader.word()?;
                }
            }
            Tag::Take | Tag::Late => drop(reader.long()?),
            Tag::Set => drop(reader.exactly(4 + 8)?),
            Tag::Digest => {
                reader.long()?;
                reader.bytes()?;
            }
            Tag::Return => {
                reader.word()?;
                let violations = usize::from(reader.byte()?);
                reader.exactly(violations * (1 + 4 + 4 + 8))?;
                let step = self.step_of(thread)?;
                for _ in 0..self.shapes.get(step)?.outputs.len() {
                    reader.output()?;
                }
            }
        }
        Some(())
    }

    /// The step that a thread is inside of.
    fn step_of(&self, thread: u8) -> Option<u32> {
        match self.stacks.get(thread).last()? {
            Frame::Step { step, .. } => Some(*step),
            Frame::Callback(_) => None,
        }
    }

    fn record(&mut self, reader: &mut Reader) -> Option<()> {
        let tag = reader.byte().and_then(Tag::read)?;
        let thread = reader.byte()?;
        self.last_thread = thread;
        match tag {
            Tag::Begin => {
                let step = reader.word()?;
                let events = Vec::new();
                self.stack(thread).push(Frame::Step { step, events });
            }
            Tag::Return => self.call_returned(thread, reader)?,
            Tag::Done => self.end_step(thread, Outcome::Done),
            Tag::Started => self.end_step(thread, Outcome::Started),
            Tag::Failed => {
                let text = String::from_utf8_lossy(reader.bytes()?).into_owned();
                self.end_step(thread, Outcome::Failed(text));
            }
            Tag::Joined => self.joined(thread, reader.word()?),
            Tag::Discard => drop(self.stack(thread).pop()),
            Tag::Enter => {
                let event = self.event(thread, reader)?;
                self.stack(thread).push(Frame::Callback(event));
            }
            Tag::Leave => {
                let returned = reader.word()? as i32;
                if let Some(Frame::Callback(mut event)) = self.stack(thread).pop() {
                    event.returned = returned;
                    self.end_event(thread, event);
                }
            }
            Tag::Event => {
                let mut event = self.event(thread, reader)?;
                event.returned = reader.word()? as i32;
                self.end_event(thread, event);
            }
            Tag::Take => {
                let (callback, count) = (reader.word()?, reader.word()?);
                self.take_events(thread, CallbackId(callback), count);
            }
            Tag::Set => {
                let (variable, value) = (reader.word()? as usize, reader.long()?);
                self.bind_number(variable, value);
            }
            Tag::Digest => {
                let digest = reader.long()?;
                let path = String::from_utf8_lossy(reader.bytes()?).into_owned();
                self.digests.insert(path, digest);
            }
            Tag::Late => {
                let (step, piece) = (reader.word()?, reader.word()?);
                let violation = self.violation(LATE, step, piece, 0);
                if let Some(last) = self.trace.steps.last_mut() {
                    last.violations.push(violation);
                }
            }
        }
        Some(())
    }

    fn stack(&mut self, thread: u8) -> &mut Vec<Frame> {
        self.stacks.get_mut(thread)
    }

    fn call_returned(&mut self, thread: u8, reader: &mut Reader) -> Option<()> {
        let code = reader.word()? as i32;
        let mut violations = Vec::new();
        for _ in 0..reader.byte()? {
            let (kind, step, piece) = (reader.byte()?, reader.word()?, reader.word()?);
            let offset = reader.long()? as i64;
            violations.push(self.violation(kind, step, piece, offset));
        }
        let step = self.step_of(thread)?;
        let mut raw = Vec::new();
        for _ in 0..self.shapes.get(step)?.outputs.len() {
            raw.push(reader.output()?);
        }
        let outputs = self.outputs(step, code, &raw);
        let Some(Frame::Step { step, events }) = self.stack(thread).pop() else {
            return None;
        };
        let trace = StepTrace {
            step: StepId(step),
            outcome: Outcome::Returned(code),
            outputs,
            events,
            violations,
        };
        let shape = self.shapes.get(step)?;
        let begins = shape.begins;
        if let Some(variable) = shape.closes.filter(|_| code >= 0) {
            self.names.close(variable);
        }
        if begins {
            self.returned.insert(step, trace);
        } else {
            self.attach(thread, trace);
        }
        Some(())
    }

    /// Gives the variables their values first, so that an output that binds shows its own name.
    fn outputs(&mut self, step: u32, code: i32, raw: &[Option<&[u8]>]) -> Vec<(Name, Value)> {
        let Some(shape) = self.shapes.get(step) else {
            return Vec::new();
        };
        let mut outputs = Vec::with_capacity(raw.len());
        for (output, raw) in shape.outputs.iter().zip(raw) {
            if let (Some(variable), Some(bytes), true) = (output.bind, raw, code >= 0) {
                bind(&self.plan, &mut self.names, &mut self.held, variable, bytes);
            }
        }
        for (output, raw) in shape.outputs.iter().zip(raw) {
            let value = match raw {
                None => Value::Untouched,
                Some(bytes) => shown(&mut self.names, output.show, bytes),
            };
            outputs.push((output.name.clone(), value));
        }
        outputs
    }

    fn violation(&self, kind: u8, step: u32, piece: u32, offset: i64) -> Violation {
        let shape = self.shapes.get(step);
        let name = shape.and_then(|shape| shape.memory.get(piece as usize));
        let name = name.cloned().unwrap_or_default();
        match kind {
            INPUT => Violation::InputWritten { name, offset },
            LATE => Violation::LateWrite {
                name,
                step: StepId(step),
            },
            _ => Violation::OutsideBuffer { name, offset },
        }
    }

    fn end_step(&mut self, thread: u8, outcome: Outcome) {
        let Some(Frame::Step { step, events }) = self.stack(thread).pop() else {
            return;
        };
        let trace = StepTrace {
            step: StepId(step),
            outcome,
            outputs: Vec::new(),
            events,
            violations: Vec::new(),
        };
        // A begun call that was never made ends like one that returned.
        let failed = matches!(trace.outcome, Outcome::Failed(_));
        if failed && self.shapes.get(step).is_some_and(|shape| shape.begins) {
            self.returned.insert(step, trace);
        } else {
            self.attach(thread, trace);
        }
    }

    /// The step asks for the result of a call: it is shown as its own.
    fn joined(&mut self, thread: u8, start: u32) {
        let Some(Frame::Step { step, .. }) = self.stack(thread).pop() else {
            return;
        };
        if let Some(mut trace) = self.returned.remove(&start) {
            trace.step = StepId(step);
            self.attach(thread, trace);
        }
    }

    /// Puts a step that has ended where it belongs: into the callback that it was done in, or into
    /// the trace.
    fn attach(&mut self, thread: u8, trace: StepTrace) {
        match self.stack(thread).last_mut() {
            Some(Frame::Callback(event)) => event.steps.push(trace),
            _ => self.trace.steps.push(trace),
        }
    }

    fn end_event(&mut self, thread: u8, event: Event) {
        match self.stack(thread).last_mut() {
            Some(Frame::Step { events, .. }) => events.push(event),
            _ => self.unawaited.push(event),
        }
    }

    fn take_events(&mut self, thread: u8, callback: CallbackId, mut count: u32) {
        let mut taken = Vec::new();
        let unawaited = std::mem::take(&mut self.unawaited);
        for event in unawaited {
            if count > 0 && event.callback == callback {
                count -= 1;
                taken.push(event);
            } else {
                self.unawaited.push(event);
            }
        }
        if let Some(Frame::Step { events, .. }) = self.stack(thread).last_mut() {
            events.append(&mut taken);
        }
    }

    fn event(&mut self, thread: u8, reader: &mut Reader) -> Option<Event> {
        let callback = CallbackId(reader.word()?);
        let kind = reader.byte()?;
        let mut words = [0; 8];
        for word in &mut words {
            *word = reader.long()?;
        }
        let pointee = reader.long()?;
        let user_data = reader.bytes()?;
        let arguments = self.arguments(kind, &words, pointee, user_data);
        let kind = match kind {
            STATUS => EventKind::Status,
            _ => EventKind::Callback,
        };
        Some(Event {
            callback,
            kind,
            arguments,
            thread: match thread {
                ENGINE_THREADS.. => EventThread::Engine,
                thread => EventThread::Plan(ThreadId(u32::from(thread))),
            },
            steps: Vec::new(),
            returned: 0,
        })
    }

    /// The arguments by name; those of an invocation like an earlier one are shared with it.
    fn arguments(
        &mut self,
        kind: u8,
        words: &[u64; 8],
        pointee: u64,
        user_data: &[u8],
    ) -> Arguments {
        let names = self.names.version();
        let same = |seen: &&Seen| {
            seen.words == *words && (seen.kind, seen.pointee, seen.names) == (kind, pointee, names)
        };
        if let Some(seen) = self.seen.iter().find(same).filter(|_| user_data.is_empty()) {
            return seen.arguments.clone();
        }
        let arguments: Arguments = match kind {
            STATUS => self.status_arguments(words, pointee).into(),
            _ => self.callback_arguments(words, pointee, user_data).into(),
        };
        if user_data.is_empty() {
            self.seen.truncate(SEEN - 1);
            self.seen.push_front(Seen {
                kind,
                words: *words,
                pointee,
                names,
                arguments: arguments.clone(),
            });
        }
        arguments
    }

    /// jet-callback-callback-function.md; what the untyped arguments mean depends on the reason
    /// (jet-cbtyp.md): of a user-defined default, the size at `*pvArg2` and the stored data are
    /// shown instead of their addresses.
    fn callback_arguments(
        &mut self,
        words: &[u64; 8],
        pointee: u64,
        user_data: &[u8],
    ) -> Vec<(Name, Value)> {
        let names = &mut self.names;
        let reason = words[3] as u32;
        let storage = jet::JET_cbtypFreeCursorLS | jet::JET_cbtypFreeTableLS;
        let default = reason == jet::JET_cbtypUserDefinedDefaultValue;
        let values = [
            names.value(Scalar::Sesid, words[0]),
            names.value(Scalar::Dbid, words[1]),
            names.value(Scalar::Tableid, words[2]),
            Value::Number(words[3] as i64),
            match reason & storage {
                0 => address(words[4]),
                _ => names.value(Scalar::Ls, words[4]),
            },
            match default && words[5] != 0 {
                true => Value::Number((pointee & 0xFFFF_FFFF) as i64),
                false => address(words[5]),
            },
            match (default, user_data) {
                (false, _) => Value::Number(words[6] as i64),
                (true, []) => address(words[6]),
                (true, data) => Value::Bytes(data.to_vec()),
            },
            match default {
                true => names.value(Scalar::Columnid, words[7]),
                false => Value::Number(words[7] as i64),
            },
        ];
        let mut arguments = Vec::with_capacity(8);
        for (name, value) in self.words.callback.iter().zip(values) {
            arguments.push((name.clone(), value));
        }
        arguments
    }

    /// jet-pfnstatus-callback-function.md.
    fn status_arguments(&mut self, words: &[u64; 8], pointee: u64) -> Vec<(Name, Value)> {
        let [sesid, snp, snt, pv] = &self.words.status;
        let progress = words[2] as u32 == jet::JET_sntProgress && words[3] != 0;
        let pointed = match progress {
            true => {
                let halves = [pointee & 0xFFFF_FFFF, pointee >> 32];
                let fields = self.words.progress.iter().zip(halves);
                let field = |(name, half): (&Name, u64)| (name.clone(), Value::Number(half as i64));
                Value::Structure(fields.map(field).collect())
            }
            false => address(words[3]),
        };
        vec![
            (sesid.clone(), self.names.value(Scalar::Sesid, words[0])),
            (snp.clone(), Value::Number(words[1] as i64)),
            (snt.clone(), Value::Number(words[2] as i64)),
            (pv.clone(), pointed),
        ]
    }

    fn bind_number(&mut self, variable: usize, value: u64) {
        let bytes = value.to_le_bytes();
        bind(
            &self.plan,
            &mut self.names,
            &mut self.held,
            variable,
            &bytes,
        );
    }

    /// What was being done when the records ended: the step, and the function or verb in words.
    pub(crate) fn doing(&self) -> (StepId, String) {
        let mut inside = Vec::new();
        let mut innermost = StepId(0);
        for frame in self.stacks.get(self.last_thread) {
            match frame {
                Frame::Step { step, .. } => {
                    innermost = StepId(*step);
                    let shape = self.shapes.get(*step);
                    inside.push(shape.map_or_else(String::new, |shape| shape.doing.to_string()));
                }
                Frame::Callback(event) => {
                    let callback = self.plan.callbacks.get(event.callback.0 as usize);
                    let name = callback.map_or("?", |callback| &callback.name);
                    inside.push(format!("callback {name}"));
                }
            }
        }
        (innermost, inside.join(", inside it "))
    }

    /// Whether the records end with the announcement that the host kills itself.
    pub(crate) fn killed_itself(&self) -> Option<usize> {
        let [Frame::Step { step, .. }] = self.stacks.get(0).as_slice() else {
            return None;
        };
        let killer = |outer: &crate::scenario::plan::Step| {
            outer.id.0 == *step && outer.action == Action::KillHost
        };
        self.plan.steps.iter().position(killer)
    }

    /// Goes on after the host has killed itself in that outermost step, in a new host.
    pub(crate) fn resume(&mut self, killer: usize) -> Resume {
        self.cut_off.clear();
        self.stacks.clear();
        self.returned.clear();
        self.names.close_all();
        if let Some(step) = self.plan.steps.get(killer) {
            self.trace.steps.push(StepTrace {
                step: step.id,
                outcome: Outcome::Done,
                outputs: Vec::new(),
                events: Vec::new(),
                violations: Vec::new(),
            });
        }
        Resume {
            done: killer + 1,
            variables: self.held.clone(),
            digests: self.digests.clone().into_iter().collect(),
        }
    }

    /// The trace.
    pub(crate) fn finish(mut self, end: End) -> Trace {
        let mut left: Vec<StepTrace> = self.returned.into_values().collect();
        left.sort_by_key(|step| step.step);
        self.trace.steps.append(&mut left);
        self.trace.strays = self.unawaited;
        self.trace.end = end;
        self.trace
    }
}

fn bind(plan: &Plan, names: &mut Names, held: &mut [Held], variable: usize, bytes: &[u8]) {
    let (Some(held), Some(kind)) = (held.get_mut(variable), plan.variables.get(variable)) else {
        return;
    };
    held.bound = true;
    if holds_bytes(kind.kind) {
        held.bytes = bytes.to_vec();
    } else {
        held.number = number(bytes);
        names.bind(variable, held.number);
    }
}

fn address(word: u64) -> Value {
    match word {
        0 => Value::Null,
        _ => Value::Address,
    }
}

fn shown(names: &mut Names, show: Show, bytes: &[u8]) -> Value {
    match show {
        Show::Scalar(scalar) => {
            let word = number(bytes);
            match (scalar.signed(), scalar.size()) {
                (true, 4) => Value::Number(i64::from(word as i32)),
                (true, 2) => Value::Number(i64::from(word as i16)),
                _ => names.value(scalar, word),
            }
        }
        Show::Bytes { .. } => Value::Bytes(bytes.to_vec()),
        Show::Text(form) => Value::Text(text(bytes, form)),
        Show::TextList(form) => Value::TextList(text_list(bytes, form)),
        Show::Pointer => address(number(bytes)),
        Show::EngineArray { .. } => match serde_json::from_slice::<Raw>(bytes) {
            Ok(raw) => raw.named(&mut |scalar, word| names.value(scalar, word)),
            Err(_) => Value::Address,
        },
    }
}

/// Text up to its terminator, or to the end of what was written.
fn text(bytes: &[u8], form: Form) -> String {
    match form {
        Form::Narrow => {
            let end = bytes.iter().position(|byte| *byte == 0);
            String::from_utf8_lossy(&bytes[..end.unwrap_or(bytes.len())]).into_owned()
        }
        Form::Wide => {
            let units = units(bytes);
            let end = units.iter().position(|unit| *unit == 0);
            String::from_utf16_lossy(&units[..end.unwrap_or(units.len())])
        }
    }
}

/// Texts up to an empty one.
fn text_list(bytes: &[u8], form: Form) -> Vec<String> {
    let units = match form {
        Form::Narrow => bytes.iter().map(|byte| u16::from(*byte)).collect(),
        Form::Wide => units(bytes),
    };
    let texts = units.split(|unit| *unit == 0);
    texts
        .take_while(|text| !text.is_empty())
        .map(|text| match form {
            Form::Wide => String::from_utf16_lossy(text),
            Form::Narrow => {
                let bytes: Vec<u8> = text.iter().map(|unit| *unit as u8).collect();
                String::from_utf8_lossy(&bytes).into_owned()
            }
        })
        .collect()
}

fn units(bytes: &[u8]) -> Vec<u16> {
    let pairs = bytes.chunks_exact(2);
    pairs
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect()
}
