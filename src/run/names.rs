//! Handles and addresses get the scenario's own names, so that the traces of two libraries can be
//! compared.

use std::collections::HashMap;

use crate::abi::role::Scalar;
use crate::scenario::plan::{Plan, VariableKind};

use super::trace::{Name, Value};

/// What the handles seen so far are called.
pub(super) struct Names {
    variables: Vec<Variable>,
    fresh: HashMap<(Scalar, u64), u32>,
    counts: HashMap<Scalar, u32>,
    bound: u64,
    /// Changes whenever a value may come to be shown otherwise.
    version: u64,
}

struct Variable {
    name: Name,
    /// What it can name; `None` for numbers, bytes, and the arguments of callbacks.
    names: Option<Scalar>,
    value: Option<u64>,
    /// The how-many-eth binding this was; the latest counts.
    bound: u64,
    /// Whether the object has not been closed since.
    open: bool,
}

impl Names {
    pub(super) fn new(plan: &Plan) -> Names {
        let arguments: Vec<u32> = plan
            .callbacks
            .iter()
            .flat_map(|callback| callback.arguments.map(|variable| variable.0))
            .collect();
        let variables = plan.variables.iter().zip(0..).map(|(variable, number)| {
            let names = match variable.kind {
                VariableKind::Scalar(scalar) if has_names(scalar) => Some(scalar),
                _ => None,
            };
            Variable {
                name: variable.name.clone(),
                names: names.filter(|_| !arguments.contains(&number)),
                value: None,
                bound: 0,
                open: false,
            }
        });
        Names {
            variables: variables.collect(),
            fresh: HashMap::new(),
            counts: HashMap::new(),
            bound: 0,
            version: 0,
        }
    }

    /// A number that changes whenever a value may come to be shown otherwise than before.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// A variable has been given a value.
    pub(super) fn bind(&mut self, variable: usize, value: u64) {
        self.bound += 1;
        self.version += 1;
        if let Some(variable) = self.variables.get_mut(variable) {
            variable.value = Some(value);
            variable.bound = self.bound;
            variable.open = true;
        }
    }

    /// The object that a variable's handle names has been closed: an engine may give the handle to
    /// another object.
    pub(super) fn close(&mut self, variable: usize) {
        let closed = self.variables.get(variable);
        let Some((names, value)) = closed.map(|closed| (closed.names, closed.value)) else {
            return;
        };
        self.version += 1;
        for variable in &mut self.variables {
            if variable.names == names && variable.value == value {
                variable.open = false;
            }
        }
    }

    /// The process that the objects lived in is gone.
    pub(super) fn close_all(&mut self) {
        self.version += 1;
        for variable in &mut self.variables {
            variable.open = false;
        }
    }

    /// How a number of that kind is shown.
    pub(super) fn value(&mut self, scalar: Scalar, word: u64) -> Value {
        if !has_names(scalar) {
            return match scalar {
                Scalar::Ls if word == u64::MAX => Value::Nil,
                _ => Value::Number(word as i64),
            };
        }
        let nil = match scalar.size() {
            4 => u64::from(u32::MAX),
            _ => u64::MAX,
        };
        // No object has these, whatever variable may hold them.
        if word == nil {
            return Value::Nil;
        }
        if word == 0 && scalar.is_handle() {
            return Value::Null;
        }
        match self.name(scalar, word) {
            Some(name) => Value::Named(name),
            None if scalar.is_handle() => self.fresh(scalar, word),
            None => Value::Number(word as i64),
        }
    }

    /// The variable that holds the value: one whose object is open before one whose object is not.
    /// Of several that name one open object it is the first, so that it keeps its name; of several
    /// whose object is closed, the latest.
    fn name(&self, scalar: Scalar, word: u64) -> Option<Name> {
        let holds =
            |variable: &&Variable| variable.names == Some(scalar) && variable.value == Some(word);
        self.variables
            .iter()
            .filter(holds)
            .max_by_key(|variable| match variable.open {
                true => (true, u64::MAX - variable.bound),
                false => (false, variable.bound),
            })
            .map(|variable| variable.name.clone())
    }

    fn fresh(&mut self, scalar: Scalar, word: u64) -> Value {
        let count = self.counts.entry(scalar).or_default();
        let number = *self.fresh.entry((scalar, word)).or_insert_with(|| {
            *count += 1;
            *count
        });
        Value::Fresh {
            kind: kind(scalar).into(),
            number,
        }
    }
}

/// Whether values of that kind are names of things, chosen by the engine: handles, and the ids of
/// databases and columns.
fn has_names(scalar: Scalar) -> bool {
    scalar.is_handle() || matches!(scalar, Scalar::Dbid | Scalar::Columnid)
}

fn kind(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Sesid => "sesid",
        Scalar::Tableid => "tableid",
        Scalar::Instance => "instance",
        Scalar::Snapid => "snapid",
        _ => "handle",
    }
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;

    fn names(variables: &[(&str, Scalar)]) -> Names {
        let mut plan = example::plan(Vec::new());
        plan.variables = variables
            .iter()
            .map(|&(name, scalar)| example::variable(name, scalar))
            .collect();
        Names::new(&plan)
    }

    fn named(name: &str) -> Value {
        Value::Named(name.into())
    }

    fn fresh(kind: &str, number: u32) -> Value {
        Value::Fresh {
            kind: kind.into(),
            number,
        }
    }

    #[test]
    fn the_kind_belongs_to_the_name() {
        let mut names = names(&[("sesid", Scalar::Sesid)]);
        names.bind(0, 7);
        assert_eq!(names.value(Scalar::Sesid, 7), named("sesid"));
        assert_eq!(names.value(Scalar::Tableid, 7), fresh("tableid", 1));
        assert_eq!(names.value(Scalar::Ulong, 7), Value::Number(7));
    }

    #[test]
    fn what_has_no_name_is_numbered_in_order_of_appearance() {
        let mut names = names(&[]);
        assert_eq!(names.value(Scalar::Sesid, 9), fresh("sesid", 1));
        assert_eq!(names.value(Scalar::Sesid, 8), fresh("sesid", 2));
        assert_eq!(names.value(Scalar::Sesid, 9), fresh("sesid", 1));
        assert_eq!(names.value(Scalar::Tableid, 9), fresh("tableid", 1));
    }

    #[test]
    fn an_open_object_comes_before_a_closed_one() {
        let mut names = names(&[("first", Scalar::Tableid), ("second", Scalar::Tableid)]);
        names.bind(0, 7);
        names.bind(1, 7);
        assert_eq!(names.value(Scalar::Tableid, 7), named("first"));
        names.close(0);
        names.bind(1, 7);
        assert_eq!(names.value(Scalar::Tableid, 7), named("second"));
    }

    #[test]
    fn null_and_nil_are_no_names() {
        let mut names = names(&[]);
        assert_eq!(names.value(Scalar::Tableid, 0), Value::Null);
        assert_eq!(names.value(Scalar::Tableid, u64::MAX), Value::Nil);
        assert_eq!(names.value(Scalar::Dbid, 0xFFFF_FFFF), Value::Nil);
        assert_eq!(names.value(Scalar::Columnid, 0), Value::Number(0));
        assert_eq!(names.value(Scalar::Ls, u64::MAX), Value::Nil);
        assert_eq!(names.value(Scalar::Ls, 0), Value::Number(0));
    }
}
