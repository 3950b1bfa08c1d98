//! How what a call has written is shown.

use crate::abi::Form;
use crate::scenario::plan::Show;

use super::calls::number;
use super::engine_arrays::Raw;
use super::names::Names;
use super::trace::Value;

/// An address: the plan has no names for these.
pub(super) fn address(word: u64) -> Value {
    match word {
        0 => Value::Null,
        _ => Value::Address,
    }
}

/// An output.
pub(super) fn shown(names: &mut Names, show: Show, bytes: &[u8]) -> Value {
    match show {
        Show::Scalar(scalar) => {
            let word = number(bytes);
            match (scalar.signed(), scalar.size()) {
                (true, 4) => Value::Number(i64::from(word as i32)),
                (true, 2) => Value::Number(i64::from(word as i16)),
                _ => names.value(scalar, word),
            }
        }
        Show::Bytes { .. } | Show::Shared => Value::Bytes(bytes.to_vec()),
        Show::Text(form) | Show::TextInside(form) => Value::Text(text(bytes, form)),
        Show::TextList(form) | Show::TextsInside(form) => Value::TextList(text_list(bytes, form)),
        Show::Pointer => address(number(bytes)),
        Show::EngineArray { .. } => match serde_json::from_slice::<Raw>(bytes) {
            Ok(raw) => raw.named(&mut |scalar, word| names.value(scalar, word)),
            Err(_) => Value::Address,
        },
    }
}

/// Text up to its terminator, or to the end of what was written.
fn text(bytes: &[u8], form: Form) -> String {
    match form {
        Form::Narrow => {
            let end = bytes.iter().position(|byte| *byte == 0);
            String::from_utf8_lossy(&bytes[..end.unwrap_or(bytes.len())]).into_owned()
        }
        Form::Wide => {
            let units = units(bytes);
            let end = units.iter().position(|unit| *unit == 0);
            String::from_utf16_lossy(&units[..end.unwrap_or(units.len())])
        }
    }
}

/// Texts up to an empty one.
fn text_list(bytes: &[u8], form: Form) -> Vec<String> {
    let units = match form {
        Form::Narrow => bytes.iter().map(|byte| u16::from(*byte)).collect(),
        Form::Wide => units(bytes),
    };
    let texts = units.split(|unit| *unit == 0);
    texts
        .take_while(|text| !text.is_empty())
        .map(|text| match form {
            Form::Wide => String::from_utf16_lossy(text),
            Form::Narrow => {
                let bytes: Vec<u8> = text.iter().map(|unit| *unit as u8).collect();
                String::from_utf8_lossy(&bytes).into_owned()
            }
        })
        .collect()
}

fn units(bytes: &[u8]) -> Vec<u16> {
    let pairs = bytes.chunks_exact(2);
    pairs
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect()
}
