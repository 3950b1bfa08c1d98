//! What a program knows of the engine while it is made: which handles there should be, whose they
//! are, and what tables look like. It need not be right; it makes programs that reach deep.

use std::collections::BTreeMap;

use smallvec::SmallVec;
use smol_str::{SmolStr, format_smolstr};

use crate::abi::role::Scalar;

/// Numbers that the names of the fixtures' own variables may end with.
const NAMED_BY_FIXTURES: usize = 9;

/// Some of the handles, by position: mostly a few.
pub type Things = SmallVec<[usize; 8]>;

/// A handle that some step has set a variable to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// The variable.
    pub name: SmolStr,
    /// What it names.
    pub scalar: Scalar,
    /// Whose it is: the instance of a session, the session of a cursor, the cursor of a registration.
    pub owner: Option<usize>,
    /// Whether it should still be good.
    pub alive: bool,
    /// The table of a cursor.
    pub table: SmolStr,
    /// Whether an update is prepared with a cursor.
    pub prepared: bool,
    /// The transaction level of a session.
    pub level: u32,
}

impl Thing {
    /// A good handle.
    pub fn new(name: &str, scalar: Scalar, owner: Option<usize>) -> Self {
        Self {
            name: name.into(),
            scalar,
            owner,
            alive: true,
            table: SmolStr::default(),
            prepared: false,
            level: 0,
        }
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The variable that holds its columnid.
    pub variable: SmolStr,
    /// Its name.
    pub name: SmolStr,
    /// Its type.
    pub coltyp: u32,
}

impl Column {
    /// A column.
    pub fn new(variable: &str, name: &str, coltyp: u32) -> Self {
        Self {
            variable: variable.into(),
            name: name.into(),
            coltyp,
        }
    }
}

/// A table by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Its columns.
    pub columns: Vec<Column>,
    /// The names of its indexes.
    pub indexes: Vec<SmolStr>,
}

/// Everything that a program knows.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// Handles, in the order in which they came.
    pub things: Vec<Thing>,
    /// Tables by name.
    pub tables: BTreeMap<SmolStr, Table>,
    /// Variables that hold bytes: bookmarks and keys.
    pub bytes: Vec<SmolStr>,
    /// The columns of a table that a call is being made to create; its name is empty till then.
    pub draft: Vec<Column>,
    /// How many names were made up so far.
    named: usize,
}

impl World {
    /// Takes a handle in.
    pub fn add(&mut self, thing: Thing) -> usize {
        self.things.push(thing);
        self.things.len() - 1
    }

    /// Takes a cursor in.
    pub fn open_cursor(&mut self, name: &str, session: usize, table: &str) -> usize {
        let mut thing = Thing::new(name, Scalar::Tableid, Some(session));
        thing.table = table.into();
        self.tables.entry(table.into()).or_default();
        self.add(thing)
    }

    /// Adds a column to a table.
    pub fn column(&mut self, table: &str, column: Column) {
        let table = self.tables.entry(table.into()).or_default();
        table.columns.push(column);
    }

    /// Adds an index to a table.
    pub fn index(&mut self, table: &str, index: &str) {
        let table = self.tables.entry(table.into()).or_default();
        table.indexes.push(index.into());
    }

    /// A name that no variable has.
    pub fn fresh(&mut self, kind: &str) -> SmolStr {
        self.named += 1;
        format_smolstr!("{kind}{}", self.named + NAMED_BY_FIXTURES)
    }

    /// Good handles of a kind.
    pub fn alive(&self, scalar: Scalar) -> Things {
        self.of(scalar, true)
    }

    /// Handles of a kind that should be good, or should not be any more.
    pub fn of(&self, scalar: Scalar, alive: bool) -> Things {
        let things = self.things.iter().enumerate();
        things
            .filter(|(_, thing)| thing.scalar == scalar && thing.alive == alive)
            .map(|(index, _)| index)
            .collect()
    }

    /// Good handles of a kind that belong to something.
    pub fn owned(&self, scalar: Scalar, owner: usize) -> Things {
        let things = self.things.iter().enumerate();
        things
            .filter(|(_, thing)| thing.owner == Some(owner) && thing.scalar == scalar)
            .filter(|(_, thing)| thing.alive)
            .map(|(index, _)| index)
            .collect()
    }

    /// The instance that a handle belongs to.
    pub fn home(&self, index: usize) -> Option<usize> {
        let mut at = index;
        while let Some(thing) = self.things.get(at) {
            if thing.scalar == Scalar::Instance {
                return Some(at);
            }
            // Whose a handle is came before it, so that this ends.
            at = thing.owner.filter(|owner| *owner < at)?;
        }
        None
    }

    /// A handle is good no more, nor is anything that belongs to it.
    pub fn close(&mut self, index: usize) {
        if let Some(thing) = self.things.get_mut(index) {
            thing.alive = false;
            thing.prepared = false;
            thing.level = 0;
        }
        let owned: Vec<usize> = (0..self.things.len())
            .filter(|other| self.things[*other].owner == Some(index) && self.things[*other].alive)
            // A registration outlives the cursor that made it.
            .filter(|other| self.things[*other].scalar != Scalar::HandleId)
            .collect();
        for other in owned {
            self.close(other);
        }
    }

    /// The thing of that variable.
    pub fn named(&self, name: &str) -> Option<usize> {
        self.things.iter().rposition(|thing| thing.name == name)
    }

    /// The columns of a table, none of one that nobody knows.
    pub fn columns(&self, table: &str) -> &[Column] {
        match self.tables.get(table) {
            Some(table) => &table.columns,
            None if table.is_empty() => &self.draft,
            None => &[],
        }
    }
}
