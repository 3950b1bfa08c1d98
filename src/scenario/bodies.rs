//! The callbacks of a scenario, and what they do for which reason.

use windows_sys::Win32::Storage::Jet::JET_cbtypUserDefinedDefaultValue;

use super::document::steps;
use super::fault::{FaultKind, Faults};
use super::node::{Content, Entry, Node};
use super::source::Spot;
use super::values::{self, shape};

/// The keys of a callback's body, in the canonical order.
pub const BODY_KEYS: &[&str] = &["returns", "times", "steps", "writes", "raises"];

/// What `returns` says of a function that does not come back.
const NEVER: &str = "never";

/// One callback.
#[derive(Debug, Clone, PartialEq)]
pub struct CallbackDocument {
    /// Its name.
    pub name: String,
    /// Where it is named.
    pub spot: Spot,
    /// Its bodies; the first whose reason fits and whose times are not used up.
    pub bodies: Vec<BodyDocument>,
}

/// What a callback does for some reasons.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BodyDocument {
    /// The reasons; empty for every one.
    pub reasons: Vec<u32>,
    /// For the first so many invocations only.
    pub times: Option<u32>,
    /// What it returns.
    pub returns: i32,
    /// Whether it never returns.
    pub never: bool,
    /// The steps done inside.
    pub steps: Vec<Node>,
    /// Bytes written to `*pvArg1`.
    pub write_arg1: Option<Vec<u8>>,
    /// A number written to `*pvArg2`.
    pub write_arg2: Option<u32>,
    /// The exception that it ends by instead of returning, and where that is said.
    pub raises: Option<(u32, Spot)>,
}

/// The callbacks by name.
pub(super) fn callbacks(node: Node, faults: &mut Faults) -> Vec<CallbackDocument> {
    let Content::Map(entries) = node.content else {
        shape(
            "`callbacks`",
            "a mapping of names to what they do",
            &node,
            faults,
        );
        return Vec::new();
    };
    let callback = |entry: Entry| CallbackDocument {
        bodies: bodies(entry.value, faults),
        name: entry.key.to_string(),
        spot: entry.key_spot,
    };
    entries.into_iter().map(callback).collect()
}

fn bodies(node: Node, faults: &mut Faults) -> Vec<BodyDocument> {
    let Some(reasons) = node.get("reasons") else {
        return body_list(node, &[], faults);
    };
    if let Some(entries) = node.entries() {
        values::known_keys(entries, &["reasons"], "a callback with `reasons`", faults);
    }
    let Some(entries) = reasons.entries() else {
        shape(
            "`reasons`",
            "a mapping of reasons to bodies",
            reasons,
            faults,
        );
        return Vec::new();
    };
    let mut bodies = Vec::new();
    let mut rest = Vec::new();
    for entry in entries {
        if &*entry.key == "any" {
            rest = body_list(entry.value.clone(), &[], faults);
        } else if let Some(reasons) = reason_codes(entry, faults) {
            bodies.extend(body_list(entry.value.clone(), &reasons, faults));
        }
    }
    bodies.append(&mut rest);
    bodies
}

fn reason_codes(entry: &Entry, faults: &mut Faults) -> Option<Vec<u32>> {
    let node = Node {
        spot: entry.key_spot,
        ..Node::plain(&entry.key)
    };
    let mut codes = Vec::new();
    for part in entry.key.split('|').map(str::trim) {
        codes.push(reason(part, &node, faults)?);
    }
    Some(codes)
}

/// A reason: a `cbtyp` or, for a status function, an `snt`.
pub(super) fn reason(part: &str, node: &Node, faults: &mut Faults) -> Option<u32> {
    use crate::abi::role::Scalar;
    let found = values::word(part, Scalar::Cbtyp, "cbtyp")
        .or_else(|| values::word(part, Scalar::Ulong, "snt"));
    if found.is_none() {
        values::unknown_constant(part, Scalar::Cbtyp, "cbtyp", node, faults);
    }
    found.map(|code| code as u32)
}

fn body_list(node: Node, reasons: &[u32], faults: &mut Faults) -> Vec<BodyDocument> {
    let nodes = match node.content {
        Content::List(items) => items,
        _ => vec![node],
    };
    nodes
        .into_iter()
        .filter_map(|node| body(node, reasons, faults))
        .collect()
}

fn body(node: Node, reasons: &[u32], faults: &mut Faults) -> Option<BodyDocument> {
    let mut body = BodyDocument {
        reasons: reasons.to_vec(),
        ..BodyDocument::default()
    };
    let Content::Map(entries) = node.content else {
        shape(
            "a callback",
            "a mapping like `{returns: JET_errSuccess}`",
            &node,
            faults,
        );
        return None;
    };
    values::known_keys(&entries, BODY_KEYS, "a callback", faults);
    for entry in entries {
        let value = entry.value;
        match &*entry.key {
            "returns" if value.word() == Some(NEVER) => body.never = true,
            "returns" => body.returns = values::code(&value, faults).unwrap_or_default(),
            "times" => body.times = values::count(&value, "times", 1, 1 << 20, faults),
            "steps" => body.steps = steps(value),
            "raises" => {
                let code = values::count(&value, "raises", 1, u64::from(u32::MAX), faults);
                body.raises = code.map(|code| (code, entry.key_spot));
            }
            "writes" => {
                writes(&value, &mut body, faults);
                let answers = |reason: &u32| *reason == JET_cbtypUserDefinedDefaultValue;
                if !body.reasons.iter().all(answers) {
                    // Of every other reason the documents do not say that there is room.
                    let kind = FaultKind::Pointless {
                        key: "writes".into(),
                        at: "in a body for a reason other than UserDefinedDefaultValue, which alone \
                             passes memory for an answer",
                    };
                    faults.add(kind, entry.key_spot);
                }
            }
            _ => {}
        }
    }
    Some(body)
}

fn writes(node: &Node, body: &mut BodyDocument, faults: &mut Faults) {
    let Some(entries) = node.entries() else {
        shape(
            "`writes`",
            "a mapping of `pvArg1` and `pvArg2`",
            node,
            faults,
        );
        return;
    };
    values::known_keys(entries, &["pvArg1", "pvArg2"], "`writes`", faults);
    if let Some(value) = node.get("pvArg1") {
        body.write_arg1 = super::bytes::constant(value, "pvArg1", faults);
    }
    if let Some(value) = node.get("pvArg2") {
        body.write_arg2 = values::count(value, "pvArg2", 0, u64::from(u32::MAX), faults);
    }
}
