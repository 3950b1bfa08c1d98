//! Laws over the history of a run: handles never come back, a registration that was removed is
//! silent, a change is announced once to each (`announced`), a cursor goes in the order of its index, what was set
//! is retrieved.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use super::announced::Announced;
use super::oracle::{Broken, Kind, constant, position};
use crate::abi::role::{Kind as Role, Scalar};
use crate::abi::{ByFunction, Function, FunctionId, Parameter, function};
use crate::run::trace::{Event, Name, Outcome, StepTrace, Trace, Value};
use crate::scenario::StepIndex;
use crate::scenario::plan::{Action, Argument, Call, MemoryId, Plan, Step, VariableId};

/// Every law of history that a run breaks; `steps` are those of the plan.
pub fn check(plan: &Plan, steps: &StepIndex<'_>, trace: &Trace) -> Vec<Broken> {
    let mut history = History {
        plan,
        registrations: BTreeMap::new(),
        last_place: None,
        moved: None,
        reordered: Vec::new(),
        last_set: None,
        announced: (!plan.callbacks.is_empty()).then(|| Announced::new(steps)),
        broken: Vec::new(),
    };
    for (step, seen) in plan.steps.iter().zip(&trace.steps) {
        if step.id != seen.step {
            break;
        }
        history.step(step, seen);
    }
    history.broken
}

struct History<'p> {
    plan: &'p Plan,
    /// The contexts of registrations that were removed, by the variable of the handle.
    registrations: BTreeMap<VariableId, Registration>,
    /// The key of the record before, or its bookmark, when the cursor has only moved on since.
    last_place: Option<(Argument, &'static str, Vec<u8>)>,
    /// Which way it has moved since then.
    moved: Option<Way>,
    /// The cursors that may go by another index than the primary one, whose records do not come in
    /// the order of their bookmarks.
    reordered: Vec<Argument>,
    /// What was set last, by cursor and column.
    last_set: Option<(Argument, Argument, Vec<u8>)>,
    /// Which registrations are to be told of a change; none in a program without callbacks.
    announced: Option<Announced<'p>>,
    broken: Vec<Broken>,
}

struct Registration {
    context: u64,
    is_live: bool,
}

impl History<'_> {
    fn step(&mut self, step: &Step, seen: &StepTrace) {
        let announced = self.announced.as_mut();
        let missed = announced.map_or_else(Vec::new, |own| own.step(step, seen));
        let Action::Call(call) = &step.action else {
            return;
        };
        let Outcome::Returned(code) = seen.outcome else {
            return;
        };
        for own in missed {
            let what = format!(
                "{} succeeds, and the callback with context {:#x} is not told {}",
                call.function.get().name,
                own.context,
                own.reason
            );
            self.report(call, "not told", seen, what);
        }
        if self.announced.is_some() {
            self.silence(call, seen);
            self.registered(call, code);
        }
        if code >= 0 && GIVES_HANDLES.of(call.function) {
            self.handles(call, seen);
        }
        let deed = DEEDS.of(call.function);
        if shares_places(call) && deed != Deed::Reorders {
            // What is in such outputs nobody decides.
            (self.last_place, self.last_set) = (None, None);
            return;
        }
        self.order(deed, call, code, seen);
        self.values(deed, call, code, seen);
    }

    fn report(&mut self, call: &Call, detail: &str, seen: &StepTrace, what: String) {
        self.broken.push(Broken {
            of_library: false,
            kind: Kind::History,
            function: call.function.get().name.to_owned(),
            detail: detail.to_owned(),
            step: position(self.plan, seen),
            what,
        });
    }

    /// A handle that a call gives is one that no variable holds yet.
    fn handles(&mut self, call: &Call, seen: &StepTrace) {
        let function = call.function.get();
        for (index, parameter) in function.parameters.iter().enumerate() {
            if !gives(function, parameter) {
                continue;
            }
            let own = self.bound(call, index);
            if let Some(Value::Named(name)) = output(&seen.outputs, parameter.name)
                && own.is_some_and(|own| *own != **name)
            {
                let what = format!(
                    "{} gives a handle that `{name}` holds already",
                    function.name
                );
                self.report(call, "handle", seen, what);
            }
        }
    }

    fn bound(&self, call: &Call, index: usize) -> Option<&str> {
        let Argument::Memory(memory) = call.arguments.get(index)? else {
            return None;
        };
        let memory = call.memory.get(memory.0 as usize)?;
        let variable = memory.outputs.first()?.bind?;
        Some(&self.plan.variables.get(variable.0 as usize)?.name)
    }

    fn registered(&mut self, call: &Call, code: i32) {
        match (call.function.get().name, code) {
            ("JetRegisterCallback", 0) => {
                let handle = call.arguments.last().and_then(|last| match last {
                    Argument::Memory(memory) => {
                        call.memory.get(memory.0 as usize)?.outputs.first()?.bind
                    }
                    _ => None,
                });
                if let (Some(handle), Some(Argument::Word(context))) =
                    (handle, call.arguments.get(4))
                {
                    let registration = Registration {
                        context: *context,
                        is_live: true,
                    };
                    self.registrations.insert(handle, registration);
                }
            }
            ("JetUnregisterCallback", 0) => {
                if let Some(Argument::Variable(handle)) = call.arguments.last()
                    && let Some(registration) = self.registrations.get_mut(handle)
                {
                    registration.is_live = false;
                }
            }
            _ => {}
        }
    }

    /// Nothing comes to a registration that was removed, and no change comes twice to one.
    fn silence(&mut self, call: &Call, seen: &StepTrace) {
        let mut told: Vec<(u64, u64)> = Vec::new();
        for event in &seen.events {
            let (Some(context), Some(reason)) =
                (number(event, "pvContext"), number(event, "cbtyp"))
            else {
                continue;
            };
            // Without a context of its own a registration is like any other.
            if context == 0 {
                continue;
            }
            let with = |live: bool| {
                let mut all = self.registrations.values();
                all.any(|own| own.context == context && own.is_live == live)
            };
            let dead = with(false) && !with(true);
            if dead {
                let what =
                    format!("the callback with context {context:#x} comes although it was removed");
                self.report(call, "removed", seen, what);
            }
            let is_change = reason & u64::from(changes()) != 0;
            let is_one = matches!(
                call.function.get().name,
                "JetUpdate" | "JetUpdate2" | "JetDelete"
            );
            let ours = self
                .registrations
                .values()
                .filter(|own| own.context == context)
                .count()
                == 1;
            if is_change
                && is_one
                && ours
                && event.steps.is_empty()
                && told.contains(&(context, reason))
            {
                let what =
                    format!("one change comes twice to the callback with context {context:#x}");
                self.report(call, "twice", seen, what);
            }
            told.push((context, reason));
        }
    }

    /// Where a cursor only goes on, keys come in their order; bookmarks too, where it goes by the
    /// primary index.
    fn order(&mut self, deed: Deed, call: &Call, code: i32, seen: &StepTrace) {
        let Some(cursor) = call.arguments.get(1).copied() else {
            self.last_place = None;
            return;
        };
        let place = match deed {
            Deed::GetsBookmark if !self.reordered.contains(&cursor) => "pvBookmark",
            // Options ask for what was searched for, or for a bookmark.
            Deed::RetrievesKey if call.arguments.last() == Some(&Argument::Word(0)) => "pvData",
            Deed::Moves if code == 0 && self.goes_on(way_of(call)) => return,
            _ => {
                if deed == Deed::Reorders {
                    self.reordered.push(cursor);
                }
                self.last_place = None;
                return;
            }
        };
        // A key that was cut short says nothing of its order.
        let Some(Value::Bytes(bytes)) = output(&seen.outputs, place).filter(|_| code == 0) else {
            self.last_place = None;
            return;
        };
        if let Some((of, what, before)) = &self.last_place
            && *of == cursor
            && *what == place
            && match self.moved {
                Some(Way::Next) => before > bytes,
                Some(Way::Previous) => before < bytes,
                None => false,
            }
        {
            let name = call.function.get().name;
            let what = format!("{name}: the record is on the wrong side of the one before");
            self.report(call, "order", seen, what);
        }
        self.last_place = Some((cursor, place, bytes.clone()));
        self.moved = None;
    }

    /// Whether a move goes on the way that the cursor has gone since its place was seen.
    fn goes_on(&mut self, way: Option<Way>) -> bool {
        let same = way.is_some() && (self.moved.is_none() || self.moved == way);
        self.moved = way.filter(|_| same);
        same
    }

    /// What is set plainly comes back from the copy.
    fn values(&mut self, deed: Deed, call: &Call, code: i32, seen: &StepTrace) {
        let argument = |name: &str| {
            let (index, _) = call.function.get().parameter(name)?;
            call.arguments.get(index).copied()
        };
        let word = |name: &str| argument(name) == Some(Argument::Word(0));
        match deed {
            Deed::SetsColumn => {
                self.last_set = None;
                let bytes = argument("pvData").and_then(|data| match data {
                    Argument::Memory(memory) => call.memory.get(memory.0 as usize),
                    _ => None,
                });
                let plain = word("grbit") && word("psetinfo") && code == 0;
                if let (true, Some(memory), Some(cursor), Some(column)) =
                    (plain, bytes, argument("tableid"), argument("columnid"))
                    && memory.from.is_none()
                    && argument("cbData") == Some(Argument::Word(memory.bytes.len() as u64))
                    // A column of one byte may be a bit, which has values of its own.
                    && memory.bytes.len() >= 4
                {
                    self.last_set = Some((cursor, column, memory.bytes.to_vec()));
                }
            }
            Deed::RetrievesColumn => {
                let copy = Argument::Word(u64::from(constant("JET_bitRetrieveCopy")));
                let asks = argument("grbit") == Some(copy) && word("pretinfo");
                let Some((cursor, column, bytes)) = &self.last_set else {
                    return;
                };
                let same =
                    argument("tableid") == Some(*cursor) && argument("columnid") == Some(*column);
                if let (true, true, 0, Some(Value::Bytes(seen_bytes))) =
                    (asks, same, code, output(&seen.outputs, "pvData"))
                    && bytes.len() <= 300
                    // A fixed column of text fills up what is shorter, with blanks or zeros.
                    && !(seen_bytes.starts_with(bytes)
                        && seen_bytes[bytes.len()..].iter().all(|byte| matches!(byte, 0 | b' ')))
                {
                    let what = "what was set is not what is retrieved".to_owned();
                    self.report(call, "value", seen, what);
                }
            }
            _ => self.last_set = None,
        }
    }
}

static GIVES_HANDLES: ByFunction<bool> = ByFunction::new(|name| {
    let function = function(name).map(FunctionId::get);
    function.is_some_and(|own| own.parameters.iter().any(|parameter| gives(own, parameter)))
});

/// Whether a function gives a handle that is a new one where that parameter is.
fn gives(function: &Function, parameter: &Parameter) -> bool {
    let Role::Out(scalar) = parameter.kind else {
        return false;
    };
    matches!(scalar, Scalar::Sesid | Scalar::Tableid | Scalar::HandleId)
        || (scalar == Scalar::Instance && function.name.starts_with("JetCreateInstance"))
}

/// What a call is to the laws about places and values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    GetsBookmark,
    RetrievesKey,
    Moves,
    /// It may put the cursor on another index.
    Reorders,
    SetsColumn,
    RetrievesColumn,
    Other,
}

static DEEDS: ByFunction<Deed> = ByFunction::new(Deed::named);

impl Deed {
    fn named(function: &str) -> Self {
        match function {
            "JetGetBookmark" => Self::GetsBookmark,
            "JetRetrieveKey" => Self::RetrievesKey,
            "JetMove" => Self::Moves,
            "JetSetColumn" => Self::SetsColumn,
            "JetRetrieveColumn" => Self::RetrievesColumn,
            _ if function.starts_with("JetSetCurrentIndex") => Self::Reorders,
            _ => Self::Other,
        }
    }
}

/// Whether two arguments of a call, or what they point to, are the same memory.
fn shares_places(call: &Call) -> bool {
    let pointed = call.memory.iter().flat_map(|memory| &memory.patches);
    let mut seen: SmallVec<[MemoryId; 8]> = SmallVec::new();
    let mut places = call
        .arguments
        .iter()
        .chain(pointed.map(|patch| &patch.value));
    places.any(|place| match place {
        Argument::Inside(..) => true,
        Argument::Memory(id) if seen.contains(id) => true,
        Argument::Memory(id) => {
            seen.push(*id);
            false
        }
        _ => false,
    })
}

fn changes() -> u32 {
    [
        "JET_cbtypBeforeInsert",
        "JET_cbtypAfterInsert",
        "JET_cbtypBeforeReplace",
        "JET_cbtypAfterReplace",
        "JET_cbtypBeforeDelete",
        "JET_cbtypAfterDelete",
    ]
    .iter()
    .fold(0, |sum, name| sum | constant(name))
}

/// Which way a cursor moves by one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Next,
    Previous,
}

fn way_of(call: &Call) -> Option<Way> {
    let Some(Argument::Word(word)) = call.arguments.get(2) else {
        return None;
    };
    let is = |name| *word as u32 == constant(name);
    let next = is("JET_MoveNext").then_some(Way::Next);
    next.or_else(|| is("JET_MovePrevious").then_some(Way::Previous))
}

fn output<'o>(outputs: &'o [(Name, Value)], name: &str) -> Option<&'o Value> {
    let found = outputs.iter().find(|(own, _)| &**own == name);
    found.map(|(_, value)| value)
}

/// An argument of an event as a number; contexts are shown as addresses or numbers.
pub(super) fn number(event: &Event, name: &str) -> Option<u64> {
    let found = event.arguments.iter().find(|(own, _)| &**own == name);
    match found.map(|(_, value)| value)? {
        Value::Number(number) => Some(*number as u64),
        _ => None,
    }
}

#[cfg(test)]
#[path = "histories_tests.rs"]
mod tests;
