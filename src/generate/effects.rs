//! What a call that succeeds does to the handles that later calls can use.

use smol_str::SmolStr;

use super::arguments::is_id;
use super::maker::Maker;
use super::program::{Invocation, Value};
use super::structures::column_made;
use super::world::{Column, Thing};
use crate::abi::ByFunction;
use crate::abi::role::{Kind, Scalar};

impl Maker<'_> {
    /// Takes note of a call that was written.
    pub(super) fn note(&mut self, call: &Invocation) {
        // Asked for by few calls, and before what they open is there.
        let mut known = None;
        let function = call.function.get();
        let kind = |name: &str| function.parameter(name).map(|(_, own)| &own.kind);
        for (name, value) in &call.arguments {
            // Most are plain numbers and names, and say nothing here.
            match value {
                Value::Bind(variable) => {
                    if let Some(Kind::Out(scalar)) = kind(name) {
                        let owner = *known.get_or_insert_with(|| self.owner(call));
                        self.opened(*scalar, variable, owner, call);
                    }
                }
                Value::Map(entries) if matches!(kind(name), Some(Kind::Buffer)) => {
                    if let Some((_, Value::Text(name))) =
                        entries.iter().find(|(key, _)| *key == "bind")
                    {
                        self.world.bytes.push(name.clone());
                    }
                }
                Value::Map(entries) => {
                    let owner = *known.get_or_insert_with(|| self.owner(call));
                    self.made(entries, owner);
                }
                Value::List(items) => {
                    for item in items {
                        if let Value::Map(entries) = item {
                            self.indexed(entries, call);
                        }
                    }
                }
                _ => {}
            }
        }
        match DEEDS.of(call.function) {
            Deed::Closes(parameter) => {
                if let Some(thing) = self.thing(call, parameter) {
                    self.world.close(thing);
                }
            }
            deed => self.changed(call, deed),
        }
    }

    /// The thing that a call's first handle names.
    fn owner(&self, call: &Invocation) -> Option<usize> {
        ["sesid", "instance"]
            .iter()
            .find_map(|name| self.thing(call, name))
    }

    fn thing(&self, call: &Invocation, parameter: &str) -> Option<usize> {
        match call.get(parameter) {
            Some(Value::Variable(name)) => self.world.named(name),
            Some(_) => None,
            // What is left out is the variable of its name.
            None => {
                let (_, own) = call.function.get().parameter(parameter)?;
                self.world.named(own.name)
            }
        }
    }

    fn cursor_table(&self, call: &Invocation) -> Option<SmolStr> {
        let cursor = self.thing(call, "tableid")?;
        Some(self.world.things.get(cursor)?.table.clone())
    }

    fn opened(&mut self, scalar: Scalar, name: &str, owner: Option<usize>, call: &Invocation) {
        if scalar == Scalar::Tableid {
            let named = ["szTableName", "szName"]
                .iter()
                .find_map(|key| call.get(key));
            let table = match named {
                Some(Value::Text(table)) => table.clone(),
                _ => self.cursor_table(call).unwrap_or_default(),
            };
            if let Some(owner) = owner {
                self.world.open_cursor(name, owner, &table);
            }
        } else if scalar == Scalar::Columnid {
            if let (Some(table), Some(Value::Text(column))) =
                (self.cursor_table(call), call.get("szColumnName"))
            {
                let coltyp = match call.get("pcolumndef") {
                    Some(Value::Map(entries)) => {
                        entries.iter().find_map(|(key, value)| match value {
                            Value::Constants(names) if *key == "coltyp" => names.first().copied(),
                            _ => None,
                        })
                    }
                    _ => None,
                };
                let coltyp = coltyp.and_then(crate::abi::constants::value).unwrap_or(4) as u32;
                let column = Column::new(name, column, coltyp);
                self.world.column(&table, column);
            }
        } else if scalar.is_handle() || is_id(scalar) {
            self.world.add(Thing::new(name, scalar, owner));
        }
    }

    /// A structure that makes a table, or a temporary one.
    fn made(&mut self, entries: &[(&'static str, Value)], owner: Option<usize>) {
        let field = |name: &str| {
            entries
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value)
        };
        let (Some(Value::Bind(cursor)), Some(owner)) = (field("tableid"), owner) else {
            return;
        };
        let table = match field("szTableName") {
            Some(Value::Text(name)) => name.clone(),
            _ => self.world.fresh("temporary"),
        };
        let mut columns = Vec::new();
        if let Some(Value::List(items)) = field("rgcolumncreate") {
            columns.extend(items.iter().filter_map(column_made));
        }
        self.world.open_cursor(cursor, owner, &table);
        for column in columns {
            self.world.column(&table, column);
        }
    }

    /// A structure that makes an index.
    fn indexed(&mut self, entries: &[(&'static str, Value)], call: &Invocation) {
        let name = entries.iter().find(|(key, _)| *key == "szIndexName");
        if let (Some((_, Value::Text(name))), Some(table)) = (name, self.cursor_table(call)) {
            self.world.index(&table, name);
        }
    }

    fn changed(&mut self, call: &Invocation, deed: Deed) {
        match deed {
            Deed::Prepares => {
                let cancels = matches!(
                    call.get("prep"),
                    Some(Value::Constants(names)) if names[..] == ["JET_prepCancel"]
                );
                self.prepared(call, !cancels);
            }
            Deed::EndsUpdate => self.prepared(call, false),
            Deed::Begins => self.level(call, |level| (level + 1).min(7)),
            Deed::Ends => self.level(call, |level| level.saturating_sub(1)),
            Deed::Indexes => {
                if let (Some(table), Some(Value::Text(index))) =
                    (self.cursor_table(call), call.get("szIndexName"))
                {
                    self.world.index(&table, index);
                }
            }
            Deed::Closes(_) | Deed::Nothing => {}
        }
    }

    /// Whether an update is prepared with a call's cursor from now on.
    fn prepared(&mut self, call: &Invocation, prepared: bool) {
        let cursor = self.thing(call, "tableid");
        if let Some(cursor) = cursor.and_then(|cursor| self.world.things.get_mut(cursor)) {
            cursor.prepared = prepared;
        }
    }

    /// The transaction level of a call's session from now on.
    fn level(&mut self, call: &Invocation, to: impl Fn(u32) -> u32) {
        let session = self.thing(call, "sesid");
        if let Some(session) = session.and_then(|session| self.world.things.get_mut(session)) {
            session.level = to(session.level);
        }
    }
}

/// What a function does to what is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// It closes what that parameter names.
    Closes(&'static str),
    Prepares,
    EndsUpdate,
    Begins,
    Ends,
    Indexes,
    Nothing,
}

static DEEDS: ByFunction<Deed> = ByFunction::new(Deed::named);

impl Deed {
    fn named(function: &str) -> Self {
        match function {
            "JetCloseTable" => Self::Closes("tableid"),
            "JetEndSession" => Self::Closes("sesid"),
            "JetCloseDatabase" => Self::Closes("dbid"),
            "JetTerm" | "JetTerm2" => Self::Closes("instance"),
            "JetUnregisterCallback" => Self::Closes("hCallbackId"),
            "JetCloseFile" | "JetCloseFileInstance" => Self::Closes("hfFile"),
            "JetOSSnapshotEnd" | "JetOSSnapshotThaw" | "JetOSSnapshotAbort" => {
                Self::Closes("snapId")
            }
            "JetPrepareUpdate" => Self::Prepares,
            "JetUpdate" | "JetUpdate2" | "JetMove" | "JetSeek" | "JetDelete" => Self::EndsUpdate,
            "JetBeginTransaction" | "JetBeginTransaction2" | "JetBeginTransaction3" => Self::Begins,
            "JetCommitTransaction" | "JetCommitTransaction2" | "JetRollback" => Self::Ends,
            "JetCreateIndex" => Self::Indexes,
            _ => Self::Nothing,
        }
    }
}
