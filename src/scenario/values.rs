//! Words of the format: constants by documented name, with or without their family's prefix, return
//! codes, and bytes that need no variable.

use smol_str::SmolStr;
use widestring::Utf16String;

use super::fault::{FaultKind, Faults};
use super::node::{Entry, Node, integer};
use crate::abi::constants;
use crate::abi::role::Scalar;

/// The families whose prefix may be left out for a value of that kind under that documented name
/// (`cbtyp: BeforeInsert`, `prep: Replace`).
fn families(scalar: Scalar, name: &str) -> [Option<&'static str>; 2] {
    match (scalar, name) {
        (Scalar::Grbit, _) => [Some("JET_bit"), None],
        (Scalar::Cbtyp, _) => [Some("JET_cbtyp"), None],
        (Scalar::ParamId, _) => [Some("JET_param"), Some("JET_sesparam")],
        (Scalar::Long, "cRow") => [Some("JET_Move"), None],
        (_, "prep") => [Some("JET_prep"), None],
        (_, "coltyp") => [Some("JET_coltyp"), None],
        (_, "objtyp") => [Some("JET_objtyp"), None],
        (_, "relop") => [Some("JET_relop"), None],
        (_, "snp") => [Some("JET_snp"), None],
        (_, "snt") => [Some("JET_snt"), None],
        _ => [None, None],
    }
}

/// A constant by its full documented name.
pub fn full_constant(text: &str) -> Option<u64> {
    text.starts_with("JET_")
        .then(|| constants::value(text))
        .flatten()
}

/// A constant by its documented name without its family's prefix, or without `JET_` alone.
pub fn short_constant(text: &str, scalar: Scalar, name: &str) -> Option<u64> {
    let with = |prefix| constants::value(&SmolStr::from_iter([prefix, text]));
    let [first, second] = families(scalar, name);
    first
        .and_then(with)
        .or_else(|| second.and_then(with))
        .or_else(|| with("JET_"))
}

/// A number or a constant, its prefix left out or not.
pub fn word(text: &str, scalar: Scalar, name: &str) -> Option<u64> {
    integer(text)
        .or_else(|| full_constant(text))
        .or_else(|| short_constant(text, scalar, name))
}

/// Notes that no constant has that name, with the nearest one of the family.
pub fn unknown_constant(part: &str, scalar: Scalar, name: &str, node: &Node, faults: &mut Faults) {
    let kind = FaultKind::UnknownName {
        what: "constant",
        name: part.to_owned(),
    };
    let known = known_constants(part, scalar, name);
    faults.add(kind, node.spot).nearest(part, known);
}

/// The constants that a word may have meant: of its family, short; all of them, where it is long.
pub fn known_constants(
    part: &str,
    scalar: Scalar,
    name: &str,
) -> impl Iterator<Item = &'static str> {
    let prefixes = families(scalar, name);
    let full = part.starts_with("JET_");
    constants::names().filter_map(move |constant| match full {
        true => Some(constant),
        false => prefixes
            .into_iter()
            .flatten()
            .find_map(|prefix| constant.strip_prefix(prefix)),
    })
}

/// A number that is known before the run: constants may be or-ed with `|`.
pub fn number(node: &Node, scalar: Scalar, name: &str, faults: &mut Faults) -> Option<u64> {
    let Some(text) = node.text() else {
        shape(name, "a number or a constant", node, faults);
        return None;
    };
    let mut value = 0;
    for part in text.split('|').map(str::trim) {
        match word(part, scalar, name) {
            Some(bits) => value |= bits,
            None => {
                unknown_constant(part, scalar, name, node, faults);
                return None;
            }
        }
    }
    Some(value)
}

/// A count of things, at least `least` and at most `most`.
pub fn count(node: &Node, name: &str, least: u64, most: u64, faults: &mut Faults) -> Option<u32> {
    let value = number(node, Scalar::Ulong, name, faults)?;
    if (least..=most).contains(&value) {
        return u32::try_from(value).ok();
    }
    let kind = FaultKind::OutOfRange {
        value: node.text().unwrap_or_default().to_owned(),
        wanted: format!("`{name}`, which is from {least} to {most}"),
    };
    faults.add(kind, node.spot);
    None
}

/// A return code by documented name or number.
pub fn code(node: &Node, faults: &mut Faults) -> Option<i32> {
    let Some(text) = node.text() else {
        shape(
            "a return code",
            "a documented name or a number",
            node,
            faults,
        );
        return None;
    };
    let named = |name: &str| {
        let is_code = name.starts_with("JET_err") || name.starts_with("JET_wrn");
        is_code.then(|| constants::value(name)).flatten()
    };
    let found = integer(text).or_else(|| named(text));
    if let Some(value) = found.and_then(as_i32) {
        return Some(value);
    }
    let kind = FaultKind::UnknownName {
        what: "return code",
        name: text.to_owned(),
    };
    let known = constants::names()
        .filter(|name| name.starts_with("JET_err") || name.starts_with("JET_wrn"));
    faults.add(kind, node.spot).nearest(text, known);
    None
}

fn as_i32(value: u64) -> Option<i32> {
    i32::try_from(value as i64).ok()
}

/// Notes that a node has the wrong shape.
pub fn shape(owner: &str, wanted: &'static str, node: &Node, faults: &mut Faults) {
    let kind = FaultKind::Shape {
        owner: owner.to_owned(),
        wanted,
        got: node.what(),
    };
    faults.add(kind, node.spot);
}

/// The digits of `{hex: "00ff"}`; spaces may stand between them.
pub fn hex(node: &Node, faults: &mut Faults) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = node.text().and_then(|text| {
        let compact: Vec<u8> = text.bytes().filter(|byte| *byte != b' ').collect();
        compact.chunks(2).map(hex_byte).collect()
    });
    if digits.is_none() {
        shape("hex", "pairs of hexadecimal digits", node, faults);
    }
    digits
}

fn hex_byte(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| (byte as char).to_digit(16);
    match pair {
        [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    }
}

/// The 16 bytes of a guid as Windows lays them out: the first three groups in little-endian order.
pub fn guid(node: &Node, faults: &mut Faults) -> Option<Vec<u8>> {
    let read = |text: &str| {
        let groups: Vec<&str> = text.trim_matches(['{', '}']).split('-').collect();
        let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
        if lengths != [8, 4, 4, 4, 12] {
            return None;
        }
        let mut bytes = Vec::with_capacity(16);
        for (index, group) in groups.iter().enumerate() {
            let part: Option<Vec<u8>> = group.as_bytes().chunks(2).map(hex_byte).collect();
            let mut part = part?;
            if index < 3 {
                part.reverse();
            }
            bytes.append(&mut part);
        }
        Some(bytes)
    };
    let found = node.text().and_then(read);
    if found.is_none() {
        shape("guid", "five groups of hexadecimal digits", node, faults);
    }
    found
}

/// UTF-16 in little-endian order, without a terminator.
pub fn wide(text: &str) -> Vec<u8> {
    Utf16String::from_str(text)
        .as_slice()
        .iter()
        .flat_map(|unit| unit.to_le_bytes())
        .collect()
}

/// The width in bytes of a number that `{i32: …}` and its kin stand for.
pub fn number_width(key: &str) -> Option<u8> {
    Some(match key {
        "i8" | "u8" => 1,
        "i16" | "u16" => 2,
        "i32" | "u32" => 4,
        "i64" | "u64" => 8,
        _ => return None,
    })
}

/// Refuses a number that the type named by the key cannot hold.
pub fn fits(key: &str, value: u64, node: &Node, faults: &mut Faults) -> bool {
    let signed = value as i64;
    let ok = match key {
        "i8" => i8::try_from(signed).is_ok() || u8::try_from(value).is_ok(),
        "u8" => u8::try_from(value).is_ok(),
        "i16" => i16::try_from(signed).is_ok() || u16::try_from(value).is_ok(),
        "u16" => u16::try_from(value).is_ok(),
        "i32" => i32::try_from(signed).is_ok() || u32::try_from(value).is_ok(),
        "u32" => u32::try_from(value).is_ok(),
        _ => true,
    };
    if !ok {
        let kind = FaultKind::OutOfRange {
            value: node.text().unwrap_or_default().to_owned(),
            wanted: format!("`{key}`"),
        };
        faults.add(kind, node.spot);
    }
    ok
}

/// Whether a word is a number of that kind, signed or not.
pub fn has_room(scalar: Scalar, word: u64) -> bool {
    let signed = word as i64;
    match scalar.size() {
        2 => u16::try_from(word).is_ok() || i16::try_from(signed).is_ok(),
        4 => u32::try_from(word).is_ok() || i32::try_from(signed).is_ok(),
        _ => true,
    }
}

/// `{f32: …}` and `{f64: …}`.
pub fn float(key: &str, node: &Node, faults: &mut Faults) -> Option<Vec<u8>> {
    let number = node.text().and_then(|text| match text {
        ".inf" => Some(f64::INFINITY),
        "-.inf" => Some(f64::NEG_INFINITY),
        ".nan" => Some(f64::NAN),
        _ => text.parse::<f64>().ok(),
    });
    let Some(number) = number else {
        shape(key, "a number", node, faults);
        return None;
    };
    Some(match key {
        "f32" => (number as f32).to_le_bytes().to_vec(),
        _ => number.to_le_bytes().to_vec(),
    })
}

/// Refuses keys of a mapping that are not known. `true` where all are.
pub fn known_keys<'e>(
    entries: impl IntoIterator<Item = &'e Entry>,
    known: &[&str],
    owner: &str,
    faults: &mut Faults,
) -> bool {
    let before = faults.len();
    for entry in entries {
        if !known.contains(&&*entry.key) {
            let kind = FaultKind::UnknownKey {
                owner: owner.to_owned(),
                key: entry.key.to_string(),
            };
            faults
                .add(kind, entry.key_spot)
                .nearest(&entry.key, known.iter().copied());
        }
    }
    faults.len() == before
}
