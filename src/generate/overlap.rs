//! Memory that shares its place with other memory of the same call.
//!
//! An input that is read from where another one is, is as good as one of its own, for a library too
//! (but for a column's name that may be read as a number: that asks for alignment).
//! Where something is written, in the place of an input or of another output, no document decides
//! what is there afterwards, so that only the reference is tried with that; but it has to come back
//! from such a call with a code that its page lists, and to change nothing where it fails.

use smol_str::{SmolStr, format_smolstr};

use super::choices::Choices;
use super::maker::Maker;
use super::program::{Invocation, Value};
use crate::abi::role::{Kind, Scalar};
use crate::abi::structure::{FieldRole, Structure};
use crate::abi::{Function, FunctionId, Parameter};
use crate::scenario::OVERLAPS;

/// What a parameter or field does with a place that it shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A number is written.
    Number,
    /// A buffer is written.
    Buffer,
    /// A text is read.
    Text,
    /// Bytes are read.
    Bytes,
}

impl Use {
    /// Whether only what is there is read.
    pub(super) fn reads(self) -> bool {
        matches!(self, Use::Text | Use::Bytes)
    }
}

/// What a parameter does with a place that it shares; `None` for one that has its own.
pub(super) fn used(kind: &Kind) -> Option<Use> {
    match kind {
        Kind::Out(_) | Kind::Actual => Some(Use::Number),
        Kind::Buffer | Kind::Info | Kind::TextBuffer | Kind::TextList => Some(Use::Buffer),
        Kind::Text | Kind::NameOrId => Some(Use::Text),
        Kind::Bytes => Some(Use::Bytes),
        _ => None,
    }
}

/// The same for a field of the structures in an array: one element shares the place of another's.
pub(super) fn used_in_array(role: &FieldRole) -> Option<Use> {
    match role {
        FieldRole::Buffer => Some(Use::Buffer),
        FieldRole::Bytes => Some(Use::Bytes),
        _ => None,
    }
}

/// The parameters of a function whose place another one may share.
pub(super) fn partners(
    function: &'static Function,
    own: usize,
) -> impl Iterator<Item = &'static Parameter> {
    let parameters = function.parameters;
    let used = used(&parameters[own].kind);
    let others = parameters.iter().enumerate();
    let fits = move |(index, other): &(usize, &Parameter)| {
        *index != own && used.is_some_and(|used| may_share(used, &other.kind, *index < own))
    };
    others.filter(fits).map(|(_, other)| other)
}

/// Whether what a parameter does may be done in the place of another one. Of two that could change
/// their roles the later one shares the place of the `earlier`.
fn may_share(used: Use, other: &Kind, earlier: bool) -> bool {
    match (used, other) {
        (Use::Text, Kind::Text | Kind::NameOrId | Kind::KeyText) => earlier,
        (Use::Bytes, Kind::Bytes) => earlier,
        (Use::Number, Kind::Out(_)) => earlier,
        (Use::Buffer, Kind::Buffer | Kind::Info | Kind::TextBuffer | Kind::TextList) => earlier,
        (Use::Number, Kind::Buffer | Kind::Info | Kind::TextBuffer | Kind::TextList) => true,
        (
            Use::Number | Use::Buffer,
            Kind::Text | Kind::NameOrId | Kind::KeyText | Kind::Bytes | Kind::InOut(_),
        ) => true,
        (Use::Number | Use::Buffer, Kind::Struct(of) | Kind::StructInOut(of)) => is_flat(of),
        _ => false,
    }
}

/// Whether a structure points nowhere.
fn is_flat(structure: &Structure) -> bool {
    structure.fields.iter().all(|field| {
        matches!(
            field.role,
            FieldRole::Size
                | FieldRole::In(_)
                | FieldRole::InWritten(_)
                | FieldRole::Written(_)
                | FieldRole::Raw(_)
                | FieldRole::RawWritten(_)
                | FieldRole::TextWritten(_)
        )
    })
}

/// Puts a parameter of a call in the place of another one. `false` where there is none.
pub(super) fn put(
    choices: &mut Choices<'_>,
    call: &mut Invocation,
    function: FunctionId,
    own: &'static str,
) -> bool {
    let function = function.get();
    let Some((index, parameter)) = function.parameter(own) else {
        return false;
    };
    let others: Vec<_> = partners(function, index)
        .filter(|other| is_there(call, other))
        .collect();
    let (Some(used), Some(other)) = (used(&parameter.kind), choices.pick(&others)) else {
        return false;
    };
    if is_output(&other.kind) {
        // It is as large as usual then, and sets no variable.
        call.arguments.retain(|(name, _)| *name != other.name);
    } else if call.get(other.name).is_none() {
        call.set(other.name, Value::Number(0));
    }
    // What is read is as long as what stands there.
    let measures = |name: &str| {
        let measuring = function.parameter(name);
        parameter.links.contains(&name)
            && measuring.is_some_and(|(_, other)| matches!(other.kind, Kind::Length))
    };
    call.arguments.retain(|(name, _)| !measures(name));
    let room = room(call, other);
    let value = shared(choices, used, other.name.into(), room);
    call.set(own, value);
    true
}

fn is_output(kind: &Kind) -> bool {
    matches!(used(kind), Some(Use::Number | Use::Buffer))
}

/// Whether what is written for a parameter has a place, whose size is known: an output always has.
fn is_there(call: &Invocation, other: &Parameter) -> bool {
    let value = call.get(other.name);
    match other.kind {
        _ if is_output(&other.kind) => true,
        Kind::Struct(_) | Kind::StructInOut(_) => {
            matches!(value, Some(Value::Map(entries)) if entries.iter().all(|(key, _)| *key != "from"))
        }
        Kind::InOut(scalar) => match value {
            None => !scalar.is_handle(),
            Some(value) => !matches!(value, Value::Null | Value::Raw(_)),
        },
        Kind::KeyText => matches!(value, Some(Value::List(_) | Value::Text(_))),
        Kind::Bytes => matches!(value, Some(Value::Hex(_) | Value::I32(_))),
        _ => matches!(value, Some(Value::Text(_))),
    }
}

/// How many bytes a parameter's place has at least, however its texts are written.
fn room(call: &Invocation, other: &Parameter) -> usize {
    let is_measured = |(name, _): &(&str, Value)| other.links.contains(name);
    match other.kind {
        Kind::Out(scalar) | Kind::InOut(scalar) => scalar.size(),
        Kind::Actual => Scalar::Ulong.size(),
        Kind::Struct(structure) | Kind::StructInOut(structure) => structure.size[0],
        // Where its size is not stated.
        _ if is_output(&other.kind) && !call.arguments.iter().any(is_measured) => 300,
        _ if is_output(&other.kind) => 0,
        _ => call.get(other.name).map_or(0, length),
    }
}

/// How many bytes a value has, where that is the same in either width of text or less.
fn length(value: &Value) -> usize {
    match value {
        Value::Text(text) if text.is_ascii() => text.len(),
        Value::Hex(bytes) => bytes.len(),
        Value::I32(_) => 4,
        _ => 0,
    }
}

/// What is written where a place is shared that has at least so many bytes.
fn shared(choices: &mut Choices<'_>, used: Use, place: SmolStr, room: usize) -> Value {
    let mut entries = vec![(OVERLAPS, Value::Text(place))];
    let at = match used.reads() {
        // Whole units of text, in either form.
        true => choices.below(room + 1) & !1,
        false => choices.of([0, 0, 0, 1, 2, 4, 7, 8, 60]).min(room),
    };
    if at > 0 {
        entries.push(("at", Value::Number(at as i64)));
    }
    if used == Use::Buffer {
        let size = choices.of([300, 1, 4, 8, 0, 16, 70]);
        entries.push(("size", Value::Number(size)));
    }
    Value::Map(entries)
}

impl Maker<'_> {
    /// Puts a field of the second element of an array in the place of the first one's.
    pub(super) fn share_in_array(
        &mut self,
        array: &mut Value,
        parameter: &'static str,
        structure: &'static Structure,
        name: &'static str,
    ) -> bool {
        let Some(field) = structure.field(name) else {
            return false;
        };
        let Value::List(items) = array else {
            return false;
        };
        let (Some(used), Some(Value::Map(first))) = (used_in_array(&field.role), items.first_mut())
        else {
            return false;
        };
        let known = first.iter().position(|(key, _)| *key == name);
        let mut present = known.map(|at| first.remove(at).1);
        if used == Use::Bytes {
            let value = present
                .take()
                .filter(|value| matches!(value, Value::Hex(_) | Value::I32(_)));
            let value = value.unwrap_or_else(|| self.key());
            present = Some(value.clone());
            first.push((field.name, value));
        }
        let room = present.as_ref().map_or(0, length);
        let measures = |key: &str| {
            let measuring = structure.field(key);
            measuring.is_some_and(|own| own.role == FieldRole::Length && own.link == Some(name))
        };
        first.retain(|(key, _)| !measures(key));
        let mut second = without_bindings(&Value::Map(first.clone()));
        let place = format_smolstr!("{parameter}[0].{name}");
        let value = shared(&mut self.choices, used, place, room);
        if let Value::Map(entries) = &mut second {
            entries.retain(|(key, _)| *key != name);
            entries.push((field.name, value));
        }
        items.truncate(1);
        items.push(second);
        true
    }
}

/// A value that sets no variable, for an array that repeats it.
pub(super) fn without_bindings(value: &Value) -> Value {
    match value {
        Value::Map(entries) => Value::Map(
            entries
                .iter()
                .filter(|(_, value)| !matches!(value, Value::Bind(_)))
                .map(|(key, value)| (*key, without_bindings(value)))
                .collect(),
        ),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::function;

    fn names(name: &str, own: &str) -> Vec<&'static str> {
        let function = function(name).expect("a function").get();
        let (own, _) = function.parameter(own).expect("a parameter");
        partners(function, own).map(|own| own.name).collect()
    }

    #[test]
    fn outputs_share_places_with_outputs_and_inputs() {
        assert_eq!(
            names("JetRetrieveColumn", "pcbActual"),
            ["pvData", "pretinfo"]
        );
        assert_eq!(
            names("JetOpenFile", "pulFileSizeHigh"),
            ["szFileName", "phfFile", "pulFileSizeLow"]
        );
        assert_eq!(
            names("JetOpenTable", "ptableid"),
            ["szTableName", "pvParameters"]
        );
        assert_eq!(names("JetEscrowUpdate", "pvOld"), ["pv"]);
    }

    #[test]
    fn inputs_share_places_with_inputs_that_come_before_them() {
        assert_eq!(names("JetRenameTable", "szNameNew"), ["szName"]);
        assert_eq!(names("JetRenameTable", "szName"), [""; 0]);
        assert_eq!(names("JetMove", "cRow"), [""; 0]);
    }
}
