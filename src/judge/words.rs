//! Values in words: numbers by name where they have one, bytes cut short.

use crate::abi::Form;
use crate::abi::constants;
use crate::abi::errors::code_name;
use crate::abi::role::{Kind, Scalar};
use crate::run::trace::Value;

/// How many bytes of a buffer are shown before its length and checksum stand for the rest.
const SHOWN_BYTES: usize = 48;

/// One value.
pub fn render_value(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Named(name) => name.to_string(),
        Value::Fresh { kind, number } => format!("{kind}#{number}"),
        Value::Address => "an address".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Nil => "nil".to_owned(),
        Value::Bytes(content) => bytes(content),
        Value::Text(text) => format!("{text:?}"),
        Value::TextList(texts) => format!("{texts:?}"),
        Value::Structure(fields) => {
            let fields: Vec<_> = fields
                .iter()
                .map(|(name, value)| format!("{name}: {}", render_value(value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        Value::Array(elements) => {
            let elements: Vec<_> = elements.iter().map(render_value).collect();
            format!("[{}]", elements.join(", "))
        }
        Value::Untouched => "untouched".to_owned(),
    }
}

/// The documented name of a return code, or its number.
pub fn code(code: i32) -> String {
    code_name(code).map_or_else(|| code.to_string(), str::to_owned)
}

/// The operation or the kind of a notification by name.
pub(super) fn status_word(argument: &str, number: u64) -> String {
    match argument {
        "snp" => named("JET_snp", number),
        _ => named("JET_snt", number),
    }
}

/// Reasons for a callback by name, or-ed.
pub fn cbtyp(number: u64) -> String {
    const REASONS: [(u64, &str); 12] = [
        (0x0001, "Finalize"),
        (0x0002, "BeforeInsert"),
        (0x0004, "AfterInsert"),
        (0x0008, "BeforeReplace"),
        (0x0010, "AfterReplace"),
        (0x0020, "BeforeDelete"),
        (0x0040, "AfterDelete"),
        (0x0080, "UserDefinedDefaultValue"),
        (0x0100, "OnlineDefragCompleted"),
        (0x0200, "FreeCursorLS"),
        (0x0400, "FreeTableLS"),
        (0x2000, "OnlineDefragProgress"),
    ];
    let known: Vec<_> = REASONS
        .iter()
        .filter(|(bit, _)| number & bit != 0)
        .collect();
    let rest = known.iter().fold(number, |rest, (bit, _)| rest & !bit);
    let mut words: Vec<String> = known.iter().map(|(_, name)| (*name).to_owned()).collect();
    if rest != 0 || words.is_empty() {
        words.push(format!("{rest:#x}"));
    }
    words.join("|")
}

pub(super) fn word(kind: &Kind, word: u64) -> String {
    match kind {
        Kind::Scalar(Scalar::Cbtyp) => cbtyp(word),
        Kind::Scalar(Scalar::Grbit) if word != 0 => format!("{word:#x}"),
        Kind::Scalar(scalar) if scalar.signed() && scalar.size() == 4 => {
            (word as u32 as i32).to_string()
        }
        Kind::Scalar(scalar) if scalar.signed() => (word as i64).to_string(),
        Kind::Scalar(scalar) if scalar.is_handle() && word == u64::MAX => "nil".to_owned(),
        Kind::Scalar(scalar) if scalar.is_handle() => format!("{word:#x}"),
        Kind::Scalar(_) | Kind::Length | Kind::Count => word.to_string(),
        _ if word == 0 => "null".to_owned(),
        _ => format!("{word:#x}"),
    }
}

/// The family of constants that a parameter takes one of.
pub(super) fn family(parameter: &str) -> Option<&'static str> {
    match parameter {
        "prep" => Some("JET_prep"),
        "paramid" => Some("JET_param"),
        "coltyp" => Some("JET_coltyp"),
        _ => None,
    }
}

/// A number as the constant of a family, without the family's prefix.
pub(super) fn named(family: &str, word: u64) -> String {
    let found = constants::names()
        .filter(|name| constants::value(name) == Some(word))
        .filter_map(|name| name.strip_prefix(family))
        .min();
    found.map_or_else(|| word.to_string(), str::to_owned)
}

pub(super) fn text_of(content: &[u8], form: Form) -> String {
    let text = match form {
        Form::Narrow => {
            let units: Vec<u8> = content
                .iter()
                .copied()
                .take_while(|unit| *unit != 0)
                .collect();
            String::from_utf8_lossy(&units).into_owned()
        }
        Form::Wide => {
            let units: Vec<u16> = content
                .chunks_exact(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                .take_while(|unit| *unit != 0)
                .collect();
            String::from_utf16_lossy(&units)
        }
    };
    format!("{text:?}")
}

pub(super) fn bytes(content: &[u8]) -> String {
    if content.is_empty() {
        return "no bytes".to_owned();
    }
    let shown = content.get(..SHOWN_BYTES).unwrap_or(content);
    let printable = shown.iter().all(|byte| (b' '..=b'~').contains(byte));
    let mut text = if printable {
        format!("b{:?}", String::from_utf8_lossy(shown))
    } else {
        let hex: Vec<_> = shown.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("hex {}", hex.join(""))
    };
    if content.len() > shown.len() {
        let sum = crc32fast::hash(content);
        text.push_str(&format!("… ({} bytes, crc {sum:08x})", content.len()));
    }
    text
}
