//! Renders the trace from the journal. Records can come in pieces, and the last one can be cut off
//! where its writer died.

use std::collections::HashMap;

use smallvec::SmallVec;

use crate::scenario::plan::{CallbackId, Output, Plan, StepId, ThreadId};

use super::calls::{INPUT, LATE, number};
use super::invocation::{Pointee, STATUS};
use super::invocations::Invocations;
use super::journal::{ENGINE_THREADS, Reader, Tag};
use super::names::Names;
use super::shapes::Shapes;
use super::show::shown;
use super::stacks::{Frame, Stacks};
use super::state::{Held, holds_bytes};
use super::trace::{
    End, Event, EventKind, EventThread, Name, Outcome, StepTrace, Trace, Value, Violation,
};

/// Makes a trace of records.
pub(crate) struct Renderer<'p> {
    pub(super) plan: &'p Plan,
    pub(super) shapes: Shapes<'p>,
    pub(super) names: Names,
    invocations: Invocations,
    pub(super) held: Vec<Held>,
    pub(super) digests: HashMap<String, u64>,
    /// What each thread is inside of, outermost first.
    pub(super) stacks: Stacks,
    /// The thread that the last record was of.
    last_thread: u8,
    /// Calls begun without waiting that have returned, by the step that began them.
    pub(super) returned: HashMap<u32, StepTrace>,
    /// Invocations by the engine's own threads that nobody has awaited.
    unawaited: Vec<Event>,
    /// Late writes told before any step has ended: the first that does takes them.
    late: Vec<Violation>,
    pub(super) trace: Trace,
    /// The start of a record whose rest has not come.
    pub(super) cut_off: Vec<u8>,
}

/// For how many steps room is made ahead: a longer trace grows as it comes.
const MOST_RESERVED: usize = 1 << 17;

impl<'p> Renderer<'p> {
    /// A renderer that has seen nothing of the run yet.
    pub(crate) fn new(plan: &'p Plan) -> Renderer<'p> {
        let mut trace = Trace::default();
        trace.steps.reserve(plan.length().min(MOST_RESERVED));
        Renderer {
            shapes: Shapes::new(plan),
            names: Names::new(plan),
            invocations: Invocations::new(),
            held: vec![Held::default(); plan.variables.len()],
            digests: HashMap::new(),
            stacks: Stacks::default(),
            last_thread: 0,
            returned: HashMap::new(),
            unawaited: Vec::new(),
            late: Vec::new(),
            trace,
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

    /// Takes in the records of a run that has come to its end here: none of them is cut off.
    pub(crate) fn feed_all(&mut self, records: &[u8]) {
        let mut reader = Reader(records);
        while self.record(&mut reader).is_some() {}
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
                reader.exactly(4 + 1 + 8 * 8 + 3 * 4)?;
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
                for _ in self.shapes.get(step)?.outputs() {
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
                match self.trace.steps.last_mut() {
                    Some(last) => last.violations.push(violation),
                    None => self.late.push(violation),
                }
            }
        }
        Some(())
    }

    pub(super) fn stack(&mut self, thread: u8) -> &mut Vec<Frame> {
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
        let mut raw = SmallVec::<[_; 4]>::new();
        let shape = self.shapes.get(step)?;
        for output in shape.outputs() {
            raw.push((output, reader.output()?));
        }
        let outputs = self.outputs(code, &raw);
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
        if let Some(variable) = self.shapes.closes(shape).filter(|_| code >= 0) {
            self.names.close(variable);
        }
        if shape.begins() {
            self.returned.insert(step, trace);
        } else {
            self.attach(thread, trace);
        }
        Some(())
    }

    /// Gives the variables their values first, so that an output that binds shows its own name.
    fn outputs(&mut self, code: i32, raw: &[(&Output, Option<&[u8]>)]) -> Vec<(Name, Value)> {
        let mut outputs = Vec::with_capacity(raw.len());
        for (output, raw) in raw {
            if let (Some(variable), Some(bytes), true) = (output.bind, raw, code >= 0) {
                let variable = variable.0 as usize;
                bind(self.plan, &mut self.names, &mut self.held, variable, bytes);
            }
        }
        for (output, raw) in raw {
            let value = match raw {
                None => Value::Untouched,
                Some(bytes) => shown(&mut self.names, output.show, bytes),
            };
            outputs.push((output.name.clone(), value));
        }
        outputs
    }

    fn violation(&self, kind: u8, step: u32, piece: u32, offset: i64) -> Violation {
        let name = self.shapes.memory_name(step, piece).unwrap_or_default();
        let name = name.to_owned();
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
        if failed && self.shapes.get(step).is_some_and(|shape| shape.begins()) {
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
    pub(super) fn attach(&mut self, thread: u8, mut trace: StepTrace) {
        trace.violations.append(&mut self.late);
        match self.stack(thread).last_mut() {
            Some(Frame::Callback(event)) => event.steps.push(trace),
            _ => self.trace.steps.push(trace),
        }
    }

    pub(super) fn end_event(&mut self, thread: u8, event: Event) {
        if let Some(Frame::Step { events, .. }) = self.stack(thread).last_mut() {
            events.push(event);
            return;
        }
        match self.operation(&event) {
            Some(events) => events.push(event),
            None => self.unawaited.push(event),
        }
    }

    /// The events of the call that a status function was given to, which tells it things on a thread
    /// of the engine's own.
    fn operation(&mut self, event: &Event) -> Option<&mut Vec<Event>> {
        if event.kind != EventKind::Status {
            return None;
        }
        let shapes = &self.shapes;
        let given = |step: u32| {
            let shape = shapes.get(step);
            shape.is_some_and(|shape| shape.is_told_to(event.callback))
        };
        let frames = self.stacks.0.iter_mut().flatten();
        frames
            .filter_map(|frame| match frame {
                Frame::Step { step, events } if given(*step) => Some(events),
                _ => None,
            })
            .next()
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
        let pointee = Pointee {
            numbers: [reader.word()?, reader.word()?],
            size: reader.word()?,
        };
        let user_data = reader.bytes()?;
        let arguments =
            self.invocations
                .arguments(&mut self.names, kind, &words, pointee, user_data);
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

    fn bind_number(&mut self, variable: usize, value: u64) {
        let bytes = value.to_le_bytes();
        bind(self.plan, &mut self.names, &mut self.held, variable, &bytes);
    }

    /// What was being done when the records ended: the step, and the function or verb in words.
    pub(crate) fn doing(&self) -> (StepId, String) {
        self.doing_of(self.last_thread)
    }

    /// What a thread of the plan beside `main` had not ended when the records ended.
    pub(crate) fn stuck(&self) -> Option<(StepId, String)> {
        let beside = 1..ENGINE_THREADS;
        let thread = beside
            .into_iter()
            .find(|thread| !self.stacks.get(*thread).is_empty())?;
        let (step, doing) = self.doing_of(thread);
        let name = self.plan.threads.get(usize::from(thread))?;
        Some((step, format!("{doing} on thread {name}")))
    }

    fn doing_of(&self, thread: u8) -> (StepId, String) {
        let mut inside = Vec::new();
        let mut innermost = StepId(0);
        for frame in self.stacks.get(thread) {
            match frame {
                Frame::Step { step, .. } => {
                    innermost = StepId(*step);
                    let shape = self.shapes.get(*step);
                    inside.push(shape.map_or_else(String::new, |shape| shape.doing().to_owned()));
                }
                Frame::Callback(event) => {
                    let callback = self.plan.callbacks.get(event.callback.0 as usize);
                    let name = callback.map_or("?", |callback| &callback.name);
                    inside.push(format!("callback {name}"));
                }
            }
        }
        if inside.is_empty()
            && let Some(last) = self.trace.steps.last()
        {
            let shape = self.shapes.get(last.step.0);
            let doing = shape.map_or_else(String::new, |shape| shape.doing().to_owned());
            return (last.step, format!("what follows {doing}"));
        }
        (innermost, inside.join(", inside it "))
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
    held.number = number(bytes);
    if holds_bytes(kind.kind) {
        held.bytes = bytes.to_vec();
    } else {
        names.bind(variable, held.number);
    }
}
