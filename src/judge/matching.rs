//! Whether a value that was seen is the value that was expected.

use super::environment::Environment;
use crate::run::trace::{Name, Value};
use crate::scenario::plan::Expected;

/// Whether `seen` keeps what `expected` says.
pub(super) fn matches(expected: &Expected, seen: &Value, environment: &Environment) -> bool {
    match expected {
        Expected::Any => true,
        Expected::Untouched => *seen == Value::Untouched,
        Expected::Some => !matches!(
            seen,
            Value::Null | Value::Nil | Value::Untouched | Value::Number(0)
        ),
        Expected::Null => matches!(seen, Value::Null | Value::Number(0)),
        Expected::Nil => match seen {
            Value::Nil => true,
            Value::Number(number) => same_number(*number as u64, u64::MAX),
            _ => false,
        },
        Expected::Number(number) => match seen {
            Value::Number(seen) => same_number(*seen as u64, *number),
            Value::Null => *number == 0,
            Value::Nil => same_number(*number, u64::MAX),
            _ => false,
        },
        Expected::Bytes(bytes) => matches!(seen, Value::Bytes(seen) if seen == bytes),
        Expected::Text(text) => match seen {
            Value::Text(seen) => seen == text,
            Value::Bytes(seen) => seen == text.as_bytes(),
            _ => false,
        },
        Expected::Texts(texts) => matches!(seen, Value::TextList(seen) if seen == texts),
        Expected::Variable(variable) => environment.holds(*variable, seen),
    }
}

/// 32-bit numbers are shown with or without their sign, as their parameter is declared: a scenario
/// may say `-1` or `0xFFFFFFFF` for either.
fn same_number(a: u64, b: u64) -> bool {
    let high = |n: u64| n >> 32;
    let narrow = |n: u64| high(n) == 0 || (high(n) == 0xFFFF_FFFF && n & 0x8000_0000 != 0);
    a == b || (narrow(a) && narrow(b) && a as u32 == b as u32)
}

/// The output of that name, or the part of a structure that the rest of the name leads to
/// (`plogposition.lGeneration`).
pub(super) fn output<'t>(outputs: &'t [(Name, Value)], name: &str) -> Option<&'t Value> {
    if let Some((_, value)) = outputs.iter().find(|(output, _)| **output == *name) {
        return Some(value);
    }
    let longest = outputs
        .iter()
        .filter_map(|(output, value)| Some((name.strip_prefix(&**output)?, value)))
        .min_by_key(|(rest, _)| rest.len())?;
    descend(longest.1, longest.0)
}

fn descend<'t>(value: &'t Value, path: &str) -> Option<&'t Value> {
    // Where nothing was written, no part was.
    if path.is_empty() || *value == Value::Untouched {
        return Some(value);
    }
    if let Some(index) = path.strip_prefix('[') {
        let (index, rest) = index.split_once(']')?;
        let Value::Array(elements) = value else {
            return None;
        };
        return descend(elements.get(index.parse::<usize>().ok()?)?, rest);
    }
    let path = path.strip_prefix('.')?;
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let (name, rest) = path.split_at(end);
    let Value::Structure(fields) = value else {
        return None;
    };
    let (_, field) = fields.iter().find(|(field, _)| **field == *name)?;
    descend(field, rest)
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;
    use crate::scenario::plan::VariableId;

    fn check(expected: Expected, seen: Value) -> bool {
        let plan = example::plan(Vec::new());
        matches(&expected, &seen, &Environment::new(&plan))
    }

    #[test]
    fn numbers_agree_across_the_sign_of_32_bits_and_no_further() {
        assert!(check(
            Expected::Number(u64::MAX),
            Value::Number(0xFFFF_FFFF)
        ));
        assert!(check(Expected::Number(0xFFFF_FFFF), Value::Number(-1)));
        assert!(!check(Expected::Number(1), Value::Number(1 << 32 | 1)));
        assert!(check(Expected::Number(0), Value::Null));
        assert!(!check(Expected::Number(0), Value::Untouched));
    }

    #[test]
    fn some_is_neither_null_nor_nil_nor_untouched() {
        assert!(check(Expected::Some, Value::Address));
        for nothing in [Value::Null, Value::Nil, Value::Untouched] {
            assert!(!check(Expected::Some, nothing));
        }
    }

    #[test]
    fn a_variable_is_known_by_its_name() {
        assert!(check(
            Expected::Variable(VariableId(0)),
            Value::Named("sesid".into())
        ));
        assert!(!check(
            Expected::Variable(VariableId(0)),
            Value::Named("other".into())
        ));
    }

    #[test]
    fn parts_of_outputs_are_found_by_path() {
        let outputs = vec![(
            "p".into(),
            Value::Structure(vec![(
                "rg".into(),
                Value::Array(vec![Value::Null, Value::Number(7)]),
            )]),
        )];
        assert_eq!(output(&outputs, "p.rg[1]"), Some(&Value::Number(7)));
        assert_eq!(output(&outputs, "p.rg[2]"), None);
        assert_eq!(output(&outputs, "q"), None);
    }
}
