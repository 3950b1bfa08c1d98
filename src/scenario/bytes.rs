//! Bytes as the format writes them: `{text: …}`, `{i32: …}`, `{hex: …}`, or a list of such, one after
//! the other.

use super::fault::{FaultKind, Faults};
use super::node::{Content, Entry, Node, integer};
use super::plan::{Argument, Patch, VariableId};
use super::values::{self, shape};
use crate::abi::role::Scalar;

/// The keys of a mapping that stands for bytes.
pub const KINDS: &[&str] = &[
    "text", "wide", "hex", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64",
    "guid", "zeros", "repeat",
];

/// The most memory that one argument may ask for: 4 MiB.
pub const LARGEST: u64 = 4 << 20;

/// Bytes, and the variables whose values go into them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bytes {
    /// The bytes, zero where a variable's value goes.
    pub bytes: Vec<u8>,
    /// Where variables go.
    pub patches: Vec<Patch>,
}

/// What finds a variable by name. `None`: there are no variables here.
pub type Resolve<'r> = &'r mut dyn FnMut(&str, &Node) -> Option<VariableId>;

/// Reads bytes. Faults are noted; `None` where there were any.
pub fn read(node: &Node, owner: &str, faults: &mut Faults, resolve: Resolve<'_>) -> Option<Bytes> {
    let mut bytes = Bytes::default();
    append(node, owner, &mut bytes, faults, resolve)?;
    Some(bytes)
}

/// Reads bytes that hold no variable.
pub fn constant(node: &Node, owner: &str, faults: &mut Faults) -> Option<Vec<u8>> {
    let mut none = |_: &str, _: &Node| None;
    let before = faults.len();
    let read = read(node, owner, faults, &mut none);
    if read.is_none() && faults.len() == before {
        shape(owner, "bytes that hold no variable", node, faults);
    }
    read.map(|bytes| bytes.bytes)
}

fn append(
    node: &Node,
    owner: &str,
    into: &mut Bytes,
    faults: &mut Faults,
    resolve: Resolve<'_>,
) -> Option<()> {
    match &node.content {
        Content::List(items) => {
            for item in items {
                append(item, owner, into, faults, resolve)?;
                if into.bytes.len() as u64 > LARGEST {
                    let kind = FaultKind::OutOfRange {
                        value: "this list".into(),
                        wanted: format!("one argument, which has at most {LARGEST} bytes"),
                    };
                    faults.add(kind, item.spot);
                    return None;
                }
            }
            Some(())
        }
        Content::Map(entries) => append_kind(node, entries, owner, into, faults, resolve),
        Content::Scalar(_) => {
            shape(owner, "bytes like `{text: a}` or `{i32: 1}`", node, faults);
            None
        }
    }
}

fn append_kind(
    node: &Node,
    entries: &[Entry],
    owner: &str,
    into: &mut Bytes,
    faults: &mut Faults,
    resolve: Resolve<'_>,
) -> Option<()> {
    let known: &[&str] = if node.get("repeat").is_some() {
        &["repeat", "times"]
    } else {
        KINDS
    };
    if !values::known_keys(entries, known, owner, faults) {
        return None;
    }
    let entry = match entries {
        [entry] => entry,
        [..] if node.get("repeat").is_some() => return append_repeat(node, into, faults),
        [..] => {
            shape(owner, "one kind of bytes", node, faults);
            return None;
        }
    };
    let (key, value) = (&*entry.key, &entry.value);
    match key {
        "text" | "wide" => {
            let Some(text) = value.text() else {
                shape(key, "a text", value, faults);
                return None;
            };
            match key {
                "text" => into.bytes.extend_from_slice(text.as_bytes()),
                _ => into.bytes.extend(values::wide(text)),
            }
        }
        "hex" => into.bytes.extend(values::hex(value, faults)?),
        "guid" => into.bytes.extend(values::guid(value, faults)?),
        "f32" | "f64" => into.bytes.extend(values::float(key, value, faults)?),
        "zeros" => {
            let count = values::count(value, "zeros", 0, LARGEST, faults)?;
            into.bytes.resize(into.bytes.len() + count as usize, 0);
        }
        "repeat" => return append_repeat(node, into, faults),
        _ => return append_number(key, value, into, faults, resolve),
    }
    Some(())
}

fn append_repeat(node: &Node, into: &mut Bytes, faults: &mut Faults) -> Option<()> {
    let text = repeated(node, LARGEST, faults)?;
    into.bytes.extend_from_slice(text.as_bytes());
    Some(())
}

/// The text of `{repeat: "a", times: 65}`, of at most so many bytes.
pub fn repeated(node: &Node, most: u64, faults: &mut Faults) -> Option<String> {
    let (Some(text), Some(times)) = (node.get("repeat"), node.get("times")) else {
        shape("`repeat`", "written `{repeat: a, times: 5}`", node, faults);
        return None;
    };
    let Some(unit) = text.text() else {
        shape("`repeat`", "a text", text, faults);
        return None;
    };
    let most = most / (unit.len().max(1) as u64);
    let times = values::count(times, "times", 0, most, faults)?;
    Some(unit.repeat(times as usize))
}

fn append_number(
    key: &str,
    node: &Node,
    into: &mut Bytes,
    faults: &mut Faults,
    resolve: Resolve<'_>,
) -> Option<()> {
    let size = values::number_width(key)?;
    let Some(text) = node.text() else {
        shape(key, "a number", node, faults);
        return None;
    };
    let is_name =
        !text.contains('|') && integer(text).is_none() && values::full_constant(text).is_none();
    let value = if is_name {
        let Some(variable) = resolve(text, node) else {
            let kind = FaultKind::UnknownName {
                what: "number",
                name: text.to_owned(),
            };
            faults.add(kind, node.spot);
            return None;
        };
        into.patches.push(Patch {
            offset: u32::try_from(into.bytes.len()).ok()?,
            size,
            value: Argument::Variable(variable),
        });
        0
    } else {
        let value = values::number(node, Scalar::Ulonglong, key, faults)?;
        if !values::fits(key, value, node, faults) {
            return None;
        }
        value
    };
    let bytes = value.to_le_bytes();
    into.bytes.extend_from_slice(&bytes[..usize::from(size)]);
    Some(())
}
