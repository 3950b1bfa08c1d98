//! Members of unions: where an option says that a member is an address, the number that shares its
//! place is left out. What a library does with an invented address is nothing that a document decides.

use super::program::{Invocation, Value};
use crate::abi::constants;

/// The numbers that share their place with an address, and the option that says which of them counts.
/// (jet-indexcreate-structure.md)
const SHARED: [(&str, &str); 2] = [
    ("lcid", "JET_bitIndexUnicode"),
    ("cbVarSegMac", "JET_bitIndexTupleLimits"),
];

/// Leaves the numbers out of the structures of a call.
pub(super) fn settle(call: &mut Invocation) {
    for (_, value) in &mut call.arguments {
        settle_value(value);
    }
}

fn settle_value(value: &mut Value) {
    match value {
        Value::List(items) => items.iter_mut().for_each(settle_value),
        Value::Map(entries) => {
            let options = entries.iter().find(|(key, _)| *key == "grbit");
            let options = options.map_or(0, |(_, value)| bits(value));
            let is_address = |field: &str| {
                let mut shared = SHARED.iter().filter(|(own, _)| *own == field);
                shared
                    .any(|(_, option)| options & constants::value(option).unwrap_or_default() != 0)
            };
            entries.retain(|(key, _)| !is_address(key));
            entries
                .iter_mut()
                .for_each(|(_, value)| settle_value(value));
        }
        _ => {}
    }
}

/// The options that a value stands for; all of them where that is not known here.
fn bits(value: &Value) -> u64 {
    match value {
        Value::Null => 0,
        Value::Raw(raw) => *raw,
        Value::Number(number) => number.cast_unsigned(),
        Value::Constants(names) => {
            let values = names.iter().filter_map(|name| constants::value(name));
            values.fold(0, |all, own| all | own)
        }
        _ => u64::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::function;

    #[test]
    fn a_number_where_an_address_is_meant_is_left_out() {
        let index = |options: Vec<&'static str>| {
            Value::Map(vec![
                ("grbit", Value::Constants(options)),
                ("cbVarSegMac", Value::Number(255)),
            ])
        };
        let create = function("JetCreateIndex2").expect("a function");
        let mut call = Invocation::new(create);
        call.set(
            "pindexcreate",
            Value::List(vec![
                index(vec!["JET_bitIndexTupleLimits"]),
                index(vec!["JET_bitIndexUnique"]),
            ]),
        );
        settle(&mut call);
        let Some(Value::List(items)) = call.get("pindexcreate") else {
            panic!("{call:?}");
        };
        let fields = |value: &Value| match value {
            Value::Map(entries) => entries.len(),
            other => panic!("{other:?}"),
        };
        assert_eq!(items.iter().map(fields).collect::<Vec<_>>(), [1, 2]);
    }
}
