//! The names of a plan while it is made: variables, and which step sets them.

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::fault::{FaultKind, Faults, nearest};
use super::plan::{Variable, VariableId, VariableKind};
use super::source::Spot;
use crate::abi::role::Scalar;

/// Variables by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    variables: Vec<Variable>,
    by_name: FxHashMap<SmolStr, VariableId>,
    /// For each variable, when it is first set.
    set: Vec<Option<When>>,
    mentions: Vec<Mention>,
    /// Variables of which nothing is known but that some step sets them.
    salvaged: FxHashSet<VariableId>,
    /// The variables that `sesid`, `dbid` and `tableid` mean inside a callback's body.
    body: Option<[Option<VariableId>; 3]>,
    now: u32,
}

/// When a step is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum When {
    /// In a callback's body, whenever that runs.
    Sometime,
    /// As this step.
    Step(u32),
}

#[derive(Debug, Clone)]
struct Mention {
    variable: VariableId,
    spot: Spot,
    when: When,
    /// The kind and documented name of what it stands for, whose constants it may have meant.
    place: Option<(Scalar, SmolStr)>,
}

/// The names that a body's own arguments have.
pub(super) const BODY_NAMES: [&str; 3] = ["sesid", "dbid", "tableid"];

impl Names {
    /// Goes on to the next step.
    pub fn step(&mut self) {
        self.now += 1;
    }

    /// Enters a callback's body, or leaves it.
    pub fn enter(&mut self, body: Option<[Option<VariableId>; 3]>) {
        self.body = body;
    }

    fn when(&self) -> When {
        match self.body {
            Some(_) => When::Sometime,
            None => When::Step(self.now),
        }
    }

    /// A variable that has no name of its own in the scenario.
    pub fn hidden(&mut self, name: SmolStr, scalar: Scalar) -> VariableId {
        let id = self.add(name, VariableKind::Scalar(scalar));
        self.set[id.0 as usize] = Some(When::Sometime);
        id
    }

    fn add(&mut self, name: SmolStr, kind: VariableKind) -> VariableId {
        let id = VariableId(u32::try_from(self.variables.len()).unwrap_or(u32::MAX));
        self.variables.push(Variable { name, kind });
        self.set.push(None);
        id
    }

    /// The variable that a name means here, if a step before this one sets it.
    pub fn bound(&self, name: &str) -> Option<VariableId> {
        if let Some(own) = self.own(name) {
            return Some(own);
        }
        let id = *self
            .by_name
            .get(name.strip_prefix("outer.").unwrap_or(name))?;
        let is_set = self.set[id.0 as usize].is_some() || self.salvaged.contains(&id);
        is_set.then_some(id)
    }

    /// Notes that a step which cannot be lowered sets a variable.
    pub fn salvage(&mut self, name: &str) {
        let id = match self.by_name.get(name) {
            Some(id) => *id,
            None => {
                let name: SmolStr = name.into();
                let id = self.add(name.clone(), VariableKind::Scalar(Scalar::ApiPtr));
                self.by_name.insert(name, id);
                id
            }
        };
        if self.set[id.0 as usize].is_none() {
            self.salvaged.insert(id);
        }
    }

    fn own(&self, name: &str) -> Option<VariableId> {
        let body = self.body?;
        let index = BODY_NAMES.iter().position(|own| *own == name)?;
        body[index]
    }

    /// The variable that a name means here, whoever sets it.
    pub fn mention(&mut self, name: &str, spot: Spot) -> VariableId {
        self.mention_in(name, spot, None)
    }

    /// The same in the place of a number that may also be a constant.
    pub fn mention_in(
        &mut self,
        name: &str,
        spot: Spot,
        place: Option<(Scalar, &str)>,
    ) -> VariableId {
        if let Some(own) = self.own(name) {
            return own;
        }
        let plain = name.strip_prefix("outer.").unwrap_or(name);
        let variable = match self.by_name.get(plain) {
            Some(id) => *id,
            None => {
                let name: SmolStr = plain.into();
                let id = self.add(name.clone(), VariableKind::Scalar(Scalar::ApiPtr));
                self.by_name.insert(name, id);
                id
            }
        };
        if self.set[variable.0 as usize].is_none() || self.body.is_some() {
            let when = self.when();
            self.mentions.push(Mention {
                variable,
                spot,
                when,
                place: place.map(|(scalar, name)| (scalar, name.into())),
            });
        }
        variable
    }

    /// Sets a variable at this step.
    pub fn bind(
        &mut self,
        name: &str,
        kind: VariableKind,
        spot: Spot,
        faults: &mut Faults,
    ) -> VariableId {
        let id = match self.by_name.get(name) {
            Some(id) => *id,
            None => {
                let name: SmolStr = name.into();
                let id = self.add(name.clone(), kind);
                self.by_name.insert(name, id);
                id
            }
        };
        let index = id.0 as usize;
        let when = self.when();
        match self.set[index] {
            None => self.variables[index].kind = kind,
            Some(_) if self.variables[index].kind != kind && !self.salvaged.contains(&id) => {
                let kind = FaultKind::NameTaken {
                    name: name.to_owned(),
                    first: describe(self.variables[index].kind),
                };
                faults.add(kind, spot);
            }
            Some(_) => {}
        }
        self.set[index] = Some(self.set[index].map_or(when, |first| first.min(when)));
        id
    }

    /// What a variable holds, as far as is known.
    pub fn kind(&self, id: VariableId) -> Option<VariableKind> {
        self.set.get(id.0 as usize).copied().flatten()?;
        self.variables
            .get(id.0 as usize)
            .map(|variable| variable.kind)
    }

    /// Notes what was mentioned and is never set, or only later, and gives the variables away. What
    /// is never set may be set by a fixture that cannot be read.
    pub fn settle(self, lacks_fixture: bool, faults: &mut Faults) -> Vec<Variable> {
        for mention in &self.mentions {
            if self.salvaged.contains(&mention.variable) {
                continue;
            }
            let index = mention.variable.0 as usize;
            let name = &self.variables[index].name;
            match self.set[index] {
                None => {
                    let constants = mention.place.as_ref().map(|(scalar, place)| {
                        super::values::known_constants(name, *scalar, place).collect::<Vec<_>>()
                    });
                    let mut known = constants.unwrap_or_default();
                    if lacks_fixture && nearest(name, known.iter().copied()).is_none() {
                        continue;
                    }
                    known.extend(self.known());
                    let kind = FaultKind::UnknownName {
                        what: "name",
                        name: name.to_string(),
                    };
                    faults.add(kind, mention.spot).nearest(name, known);
                }
                Some(set) if set > mention.when && mention.when != When::Sometime => {
                    let kind = FaultKind::UsedTooEarly {
                        name: name.to_string(),
                    };
                    faults.add(kind, mention.spot);
                }
                Some(_) => {}
            }
        }
        self.variables
    }

    fn known(&self) -> impl Iterator<Item = &str> {
        self.by_name
            .iter()
            .filter(|(_, id)| self.set[id.0 as usize].is_some())
            .map(|(name, _)| &**name)
    }
}

fn describe(kind: VariableKind) -> String {
    match kind {
        VariableKind::Scalar(scalar) => format!("a variable that holds one {scalar:?}"),
        VariableKind::Bytes => String::from("a variable that holds bytes"),
    }
}
