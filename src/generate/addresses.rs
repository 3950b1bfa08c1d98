//! Parameters whose number is an address: a function that the library calls, or memory that it reads
//! or writes. What a library does with an invented one is nothing that a document decides, so such a
//! parameter gets a callback of the program or nothing.

use super::program::{Invocation, Value};
use crate::abi::role::Scalar;
use crate::scenario::{Node, short_constant};

/// JET_paramRuntimeCallback, the one parameter whose function is a JET_CALLBACK.
/// (callback-parameters.md)
const CALLBACK: u32 = 73;

/// Other parameters that are addresses: JET_paramPrintFunction, JET_paramUnicodeIndexDefault
/// (index-parameters.md), JET_paramAbortRetryFailCallback, the three JET_paramDBA*,
/// JET_paramEmitLogDataCallback, JET_paramDurableCommitCallback (windows8param) and
/// JET_paramBlockCacheConfiguration. Of those without a page the published header says so.
const ADDRESSES: [u32; 9] = [37, 72, 108, 121, 122, 123, 173, 187, 212];

/// The names of what a parameter is set to, and of the place where it is given back.
const NUMBERS: [&str; 2] = ["lParam", "plParam"];

/// What the number of a parameter is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holds {
    Number,
    Callback,
    Address,
}

/// Leaves invented addresses out of a call.
pub(super) fn settle(call: &mut Invocation) {
    if call.function.get().parameter("paramid").is_some() {
        // A parameter that is left out is one that a variable names.
        settle_entries(&mut call.arguments, Holds::Address);
    }
    let arguments = call.arguments.iter_mut();
    arguments.for_each(|(_, value)| settle_value(value));
}

/// Whether a call that somebody wrote gives an invented address.
pub(super) fn is_wild(call: &Invocation) -> bool {
    let mut settled = call.clone();
    settle(&mut settled);
    let mut arguments = call.arguments.iter();
    settled != *call
        || arguments
            .any(|(_, value)| matches!(value, Value::Written(node) if is_wild_written(node)))
}

fn settle_value(value: &mut Value) {
    match value {
        Value::List(items) => items.iter_mut().for_each(settle_value),
        Value::Map(entries) => {
            // A field that is left out is zero, the number of a text.
            settle_entries(entries, Holds::Number);
            entries
                .iter_mut()
                .for_each(|(_, value)| settle_value(value));
        }
        _ => {}
    }
}

fn settle_entries(entries: &mut Vec<(&'static str, Value)>, without: Holds) {
    let paramid = entries.iter().find(|(key, _)| *key == "paramid");
    let holds = paramid.map_or(without, |(_, value)| holds(value));
    entries.retain(|(key, value)| {
        let is_callback = holds == Holds::Callback && is_callback(value);
        holds == Holds::Number || !NUMBERS.contains(key) || is_callback || is_nothing(value)
    });
}

/// What the number of the parameter that a value stands for is; an address where nobody knows.
fn holds(paramid: &Value) -> Holds {
    let number = match paramid {
        Value::Null => Some(0),
        Value::Nil => Some(u64::MAX),
        Value::Raw(raw) => Some(*raw),
        Value::Number(number) => Some(number.cast_unsigned()),
        Value::Constants(names) => names.iter().try_fold(0, |all, name| {
            Some(all | crate::abi::constants::value(name)?)
        }),
        // A variable, or a constant without its prefix.
        Value::Variable(name) => short_constant(name, Scalar::ParamId, "paramid"),
        _ => None,
    };
    match number.map(|number| number as u32) {
        Some(CALLBACK) => Holds::Callback,
        Some(number) if !ADDRESSES.contains(&number) => Holds::Number,
        _ => Holds::Address,
    }
}

fn is_callback(value: &Value) -> bool {
    match value {
        Value::Callback(_) => true,
        Value::Map(entries) => matches!(entries[..], [("callback", _)]),
        _ => false,
    }
}

/// Whether a value is null or zero, or only says where an output goes.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Number(0) | Value::Raw(0) | Value::Bind(_) => true,
        Value::Map(entries) => entries
            .iter()
            .all(|(key, value)| matches!(*key, "bind" | "size") || is_nothing(value)),
        _ => false,
    }
}

/// Whether a tree that has no form of its own here gives a number that may be an address.
fn is_wild_written(node: &Node) -> bool {
    let entries = node.entries().unwrap_or_default();
    let mut items = node.items().unwrap_or_default().iter();
    items.any(is_wild_written)
        || entries.iter().any(|entry| {
            let is_plain = entry.value.is_null() || entry.value.get("callback").is_some();
            (NUMBERS.contains(&&*entry.key) && !is_plain) || is_wild_written(&entry.value)
        })
}

#[cfg(test)]
mod tests {
    use super::super::maker::make;
    use super::super::order::Order;
    use super::super::pairs::{Badness, PairId, pairs};
    use super::super::{Choices, bytes_of_seed};
    use super::*;
    use crate::abi::function;

    fn setting(paramid: Value, number: Value) -> Invocation {
        let mut call = Invocation::new(function("JetSetSystemParameter").expect("a function"));
        call.set("paramid", paramid);
        call.set("lParam", number);
        call
    }

    fn stays(paramid: Value, number: Value) -> bool {
        let mut call = setting(paramid, number);
        settle(&mut call);
        call.get("lParam").is_some()
    }

    #[test]
    fn an_invented_address_of_a_function_is_left_out() {
        let invented = || Value::Number(256);
        let runtime = || Value::Constants(vec!["JET_paramRuntimeCallback"]);
        let own = || Value::Callback("spy1".into());
        assert!(!stays(runtime(), invented()));
        assert!(!stays(Value::Number(73), Value::Nil));
        assert!(!stays(Value::Raw(0xFFFF_FFFF_0000_0049), invented()));
        assert!(!stays(
            Value::Variable("RuntimeCallback".into()),
            invented()
        ));
        assert!(!stays(Value::Variable("anything".into()), invented()));
        assert!(stays(runtime(), own()));
        assert!(stays(runtime(), Value::Number(0)));
        assert!(stays(runtime(), Value::Null));
        // Functions of another kind than the program has, and memory.
        for number in [37, 72, 108, 173, 187] {
            assert!(!stays(Value::Number(number), own()), "{number}");
            assert!(!stays(Value::Number(number), invented()), "{number}");
        }
        assert!(stays(Value::Number(5), invented()));
        assert!(stays(Value::Variable("MaxSessions".into()), invented()));
        assert!(stays(Value::Nil, invented()));
    }

    #[test]
    fn so_it_is_in_structures_and_where_it_is_read() {
        let list = |number: i64| {
            let one = vec![
                ("paramid", Value::Number(number)),
                ("lParam", Value::Number(256)),
            ];
            Value::List(vec![Value::Map(one)])
        };
        let mut call = Invocation::new(function("JetEnableMultiInstance").expect("a function"));
        for (number, wild) in [(73, true), (5, false)] {
            call.set("psetsysparam", list(number));
            assert_eq!(is_wild(&call), wild, "{number}");
        }
        let mut call = Invocation::new(function("JetGetSystemParameter").expect("a function"));
        call.set("paramid", Value::Number(72));
        call.set("plParam", Value::Map(vec![("value", Value::Nil)]));
        assert!(is_wild(&call));
        call.set("plParam", Value::Bind("number1".into()));
        assert!(!is_wild(&call));
    }

    #[test]
    fn what_was_left_out_is_not_counted() {
        let is_number = |id: &u32| {
            let pair = &pairs()[*id as usize];
            let bad = matches!(pair.badness, Badness::Nil | Badness::Edge | Badness::Raw);
            let last = pair.path.last();
            bad && last.is_some_and(|name| NUMBERS.contains(name))
        };
        let ids: Vec<u32> = (0..pairs().len() as u32).filter(is_number).collect();
        assert!(ids.len() >= 6, "{ids:?}");
        let mut left_out = 0;
        for (attempt, id) in (0..400).flat_map(|attempt| ids.iter().map(move |id| (attempt, *id))) {
            let bytes = bytes_of_seed(11, attempt, 1024);
            let order = Order {
                aim: Some(PairId(id)),
                steps: 4,
                ..Order::default()
            };
            let program = make(Choices::new(&bytes), &order);
            let pair = &pairs()[id as usize];
            for step in &program.steps {
                let Some(call) = step.invocation() else {
                    continue;
                };
                assert!(!is_wild(call), "{call:?}");
                let is_made = call.at(&pair.path).is_some();
                assert!(step.bad != Some(PairId(id)) || is_made, "{call:?}");
                let sets = call.function.get().name == "JetSetSystemParameter";
                left_out += usize::from(sets && !is_made);
            }
        }
        assert!(left_out > 0, "no attempt chose an address");
    }
}
