//! Each change that is made is announced to each registration that was live then. (That it is so only
//! once, `histories` sees.)
//!
//! What is demanded is only what is certain: of plain inserts, replaces and deletes that succeeded,
//! on a thread that was alone, of registrations whose end no call can have brought about.

use super::oracle::constant;
use crate::abi::{ByFunction, Form, FunctionId};
use crate::run::trace::{Event, Outcome, StepTrace};
use crate::scenario::StepIndex;
use crate::scenario::plan::{Action, Argument, Call, Step, VariableId};

/// What is known of cursors and registrations as far as a run has come.
pub(super) struct Announced<'p> {
    steps: &'p StepIndex<'p>,
    /// Whether nothing is demanded of this run at all.
    excused: bool,
    /// The table that a cursor is on, by a number; cursors of the same number are on the same table.
    tables: Vec<(Argument, usize)>,
    /// How the tables were opened: by a session's database and a name.
    named: Vec<(Argument, Vec<u8>)>,
    /// The update that was prepared last, by cursor.
    prepared: Vec<(Argument, u32)>,
    registrations: Vec<Registration>,
}

struct Registration {
    handle: VariableId,
    table: usize,
    cursor: Argument,
    cbtyp: u32,
    context: u64,
}

/// What one change has to announce and did not.
pub(super) struct Missed {
    /// The context of the registration.
    pub context: u64,
    /// The reason, by documented name.
    pub reason: &'static str,
}

/// Words in the names of functions after which registrations may be gone, or told nothing.
const ENDS: &[&str] = &[
    "EndSession",
    "Term",
    "DetachDatabase",
    "CloseDatabase",
    "StopService",
    "DeleteTable",
    "Restore",
    "Snapshot",
    "SetSystemParameter",
    "Compact",
];

/// What calls of a function do to cursors and registrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    OpensTable,
    CopiesCursor,
    OpensDatabase,
    RenamesTable,
    Registers,
    Unregisters,
    ClosesCursor,
    Prepares,
    /// It may end registrations, or have them told nothing.
    Ends,
    Nothing,
}

static DEEDS: ByFunction<Deed> = ByFunction::new(Deed::named);

impl Deed {
    fn named(function: &str) -> Self {
        match function {
            "JetOpenTable" | "JetCreateTable" => Self::OpensTable,
            "JetDupCursor" => Self::CopiesCursor,
            "JetOpenDatabase" | "JetCreateDatabase" | "JetCreateDatabase2" => Self::OpensDatabase,
            "JetRenameTable" => Self::RenamesTable,
            "JetRegisterCallback" => Self::Registers,
            "JetUnregisterCallback" => Self::Unregisters,
            "JetCloseTable" => Self::ClosesCursor,
            "JetPrepareUpdate" => Self::Prepares,
            _ if ENDS.iter().any(|word| function.contains(word)) => Self::Ends,
            _ => Self::Nothing,
        }
    }
}

impl<'p> Announced<'p> {
    /// Nothing is known as yet.
    pub fn new(steps: &'p StepIndex<'p>) -> Self {
        // What is done on another thread meanwhile may register and remove, too.
        let beside = steps
            .iter()
            .any(|step| matches!(step.action, Action::Start { .. } | Action::Repeat { .. }));
        Self {
            steps,
            excused: beside,
            tables: Vec::new(),
            named: Vec::new(),
            prepared: Vec::new(),
            registrations: Vec::new(),
        }
    }

    /// Takes in what a step did, and tells what it should have announced and has not.
    pub fn step(&mut self, step: &Step, seen: &StepTrace) -> Vec<Missed> {
        let (call, code) = match (&step.action, &seen.outcome) {
            (Action::Call(call), Outcome::Returned(code)) => (call, *code),
            (Action::File(_), _) => return Vec::new(),
            _ => {
                self.forget(seen);
                return Vec::new();
            }
        };
        let missed = match code {
            0 => self.missed(call, seen),
            _ => Vec::new(),
        };
        self.inside(seen);
        self.takes(call, code);
        missed
    }

    /// A step that is no call may have killed the process.
    fn forget(&mut self, seen: &StepTrace) {
        if matches!(seen.outcome, Outcome::Killed) {
            self.registrations.clear();
        }
    }

    /// What was called inside callbacks counts only for what it may have ended.
    fn inside(&mut self, seen: &StepTrace) {
        for inner in seen.events.iter().flat_map(|event| &event.steps) {
            let deed = match self.steps.get(inner.step).map(|step| &step.action) {
                Some(Action::Call(call)) => DEEDS.of(call.function),
                _ => Deed::Nothing,
            };
            if matches!(
                deed,
                Deed::ClosesCursor | Deed::Unregisters | Deed::Prepares | Deed::Ends
            ) {
                self.registrations.clear();
                self.prepared.clear();
            }
            self.inside(inner);
        }
    }

    fn takes(&mut self, call: &Call, code: i32) {
        let cursor = call.arguments.get(1).copied();
        match DEEDS.of(call.function) {
            Deed::OpensTable if code >= 0 => self.opens(call),
            Deed::CopiesCursor if code >= 0 => {
                let table = cursor.and_then(|cursor| self.table_of(cursor));
                if let (Some(table), Some(new)) = (table, bound(call, "ptableid")) {
                    self.stands_on(Argument::Variable(new), table);
                }
            }
            Deed::OpensDatabase => {
                let new = bound(call, "pdbid").map(Argument::Variable);
                // A name in another database is another table.
                self.excused |= self.named.iter().any(|(dbid, _)| Some(*dbid) == new);
            }
            Deed::RenamesTable => self.excused = true,
            Deed::Registers if code == 0 => self.registers(call),
            Deed::Unregisters => {
                let handle = call.arguments.last();
                self.registrations
                    .retain(|own| Some(&Argument::Variable(own.handle)) != handle);
            }
            Deed::ClosesCursor => {
                self.registrations.retain(|own| Some(own.cursor) != cursor);
                self.tables.retain(|(own, _)| Some(*own) != cursor);
            }
            Deed::Prepares => {
                self.prepared.retain(|(own, _)| Some(*own) != cursor);
                if let (Some(cursor), Some(Argument::Word(prep)), 0) =
                    (cursor, call.arguments.get(2), code)
                {
                    self.prepared.push((cursor, *prep as u32));
                }
            }
            Deed::Ends => {
                let name = call.function.get().name;
                self.registrations.clear();
                self.excused |= name.contains("SystemParameter") && disables(call);
            }
            _ => {}
        }
    }

    fn opens(&mut self, call: &Call) {
        let Some(new) = bound(call, "ptableid") else {
            return;
        };
        let (Some(dbid), Some(name)) = (call.arguments.get(1).copied(), text(call)) else {
            self.tables
                .retain(|(own, _)| *own != Argument::Variable(new));
            return;
        };
        let place = (dbid, name);
        let table = match self.named.iter().position(|own| *own == place) {
            Some(table) => table,
            None => {
                self.named.push(place);
                self.named.len() - 1
            }
        };
        self.stands_on(Argument::Variable(new), table);
    }

    fn stands_on(&mut self, cursor: Argument, table: usize) {
        self.tables.retain(|(own, _)| *own != cursor);
        self.registrations.retain(|own| own.cursor != cursor);
        self.prepared.retain(|(own, _)| *own != cursor);
        self.tables.push((cursor, table));
    }

    fn table_of(&self, cursor: Argument) -> Option<usize> {
        let found = self.tables.iter().find(|(own, _)| *own == cursor);
        found.map(|(_, table)| *table)
    }

    fn registers(&mut self, call: &Call) {
        let [
            _,
            cursor,
            Argument::Word(cbtyp),
            _,
            Argument::Word(context),
            _,
        ] = call.arguments[..]
        else {
            return;
        };
        let (Some(table), Some(handle)) = (self.table_of(cursor), bound(call, "phCallbackId"))
        else {
            return;
        };
        // What cannot be told from another is not counted.
        let known = self.registrations.iter().any(|own| own.context == context);
        if context == 0 || known {
            self.registrations.retain(|own| own.context != context);
            return;
        }
        self.registrations.push(Registration {
            handle,
            table,
            cursor,
            cbtyp: cbtyp as u32,
            context,
        });
    }

    fn missed(&self, call: &Call, seen: &StepTrace) -> Vec<Missed> {
        if self.excused || self.registrations.is_empty() {
            return Vec::new();
        }
        let Some(cursor) = call.arguments.get(1).copied() else {
            return Vec::new();
        };
        let Some(table) = self.table_of(cursor) else {
            return Vec::new();
        };
        // A callback that refuses, or does something of its own, has made it another change.
        let plain = |event: &Event| event.returned == 0 && event.steps.is_empty();
        if !seen.events.iter().all(plain) {
            return Vec::new();
        }
        let own = self.registrations.iter().filter(|own| own.table == table);
        let pairs = own.flat_map(|own| {
            let reasons = self.reasons(call, cursor).iter();
            let wanted = reasons.filter(|reason| own.cbtyp & constant(reason) != 0);
            wanted.map(move |reason| (own.context, *reason))
        });
        let came = |own: &Missed| {
            let mut events = seen.events.iter();
            events.any(|event| is_of(event, own.context, own.reason))
        };
        pairs
            .map(|(context, reason)| Missed { context, reason })
            .filter(|own| !came(own))
            .collect()
    }

    /// The reasons that a change of that call has.
    fn reasons(&self, call: &Call, cursor: Argument) -> &'static [&'static str] {
        const INSERT: &[&str] = &["JET_cbtypBeforeInsert", "JET_cbtypAfterInsert"];
        const REPLACE: &[&str] = &["JET_cbtypBeforeReplace", "JET_cbtypAfterReplace"];
        const DELETE: &[&str] = &["JET_cbtypBeforeDelete", "JET_cbtypAfterDelete"];
        let prep = self.prepared.iter().find(|(own, _)| *own == cursor);
        let is = |names: &[&str]| {
            prep.is_some_and(|(_, prep)| names.iter().any(|name| constant(name) == *prep))
        };
        match call.function.get().name {
            "JetDelete" => DELETE,
            "JetUpdate" | "JetUpdate2" if is(&["JET_prepInsert", "JET_prepInsertCopy"]) => INSERT,
            "JetUpdate" | "JetUpdate2" if is(&["JET_prepReplace", "JET_prepReplaceNoLock"]) => {
                REPLACE
            }
            _ => &[],
        }
    }
}

/// Whether a call may switch callbacks off.
fn disables(call: &Call) -> bool {
    let (Some((place, _)), disable) = (
        call.function.get().parameter("paramid"),
        constant("JET_paramDisableCallbacks"),
    ) else {
        return true;
    };
    call.arguments.get(place) == Some(&Argument::Word(u64::from(disable)))
}

fn is_of(event: &Event, context: u64, reason: &str) -> bool {
    let number = super::histories::number;
    number(event, "pvContext") == Some(context)
        && number(event, "cbtyp") == Some(u64::from(constant(reason)))
}

/// The variable that an output sets.
fn bound(call: &Call, output: &str) -> Option<VariableId> {
    let (place, _) = parameter(call.function, output)?;
    let Argument::Memory(memory) = call.arguments.get(place)? else {
        return None;
    };
    call.memory.get(memory.0 as usize)?.outputs.first()?.bind
}

/// The bytes of the name that a table is opened by.
fn text(call: &Call) -> Option<Vec<u8>> {
    let (place, _) = parameter(call.function, "szTableName")?;
    let Argument::Memory(memory) = call.arguments.get(place)? else {
        return None;
    };
    let memory = call.memory.get(memory.0 as usize)?;
    let is_plain = memory.from.is_none() && memory.patches.is_empty();
    // Behind its end there is what else is written in the same place.
    let unit = if call.form == Form::Wide { 2 } else { 1 };
    let units = memory.bytes.chunks(unit);
    let text = units.take_while(|unit| unit.iter().any(|byte| *byte != 0));
    is_plain.then(|| text.flatten().copied().collect())
}

fn parameter(function: FunctionId, name: &str) -> Option<(usize, &'static crate::abi::Parameter)> {
    function.get().parameter(name)
}

#[cfg(test)]
#[path = "announced_tests.rs"]
mod tests;
