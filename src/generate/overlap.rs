//! Outputs that share their place: a small one with a larger one of the same call. What is in them
//! afterwards no document decides, so that only the reference is tried with them; but it has to come
//! back from such a call with a code that its page lists, and to change nothing where it fails.

use super::program::{Invocation, Value};
use crate::abi::role::{Kind, Scalar};
use crate::abi::{Function, FunctionId, Parameter};
use crate::scenario::OVERLAPS;

/// The output of a function in whose place a smaller one fits.
pub(super) fn partner(function: &Function, name: &str) -> Option<&'static Parameter> {
    let (own, parameter) = function.parameter(name)?;
    let size = size(&parameter.kind)?;
    let fits = |(index, other): &(usize, &'static Parameter)| match other.kind {
        Kind::Buffer | Kind::Info | Kind::TextBuffer | Kind::TextList => true,
        Kind::Out(scalar) => *index < own && scalar.size() >= size,
        _ => false,
    };
    let mut others = function.parameters.iter().enumerate();
    others.find(fits).map(|(_, other)| other)
}

/// How many bytes an output takes, where that is a few.
fn size(kind: &Kind) -> Option<usize> {
    match kind {
        Kind::Out(scalar) => Some(scalar.size()),
        Kind::Actual => Some(Scalar::Ulong.size()),
        _ => None,
    }
}

/// Puts an output of a call in the place of another one, which is as large as usual then. `false`
/// where there is none.
pub(super) fn put(call: &mut Invocation, function: FunctionId, own: &'static str) -> bool {
    let Some(other) = partner(function.get(), own) else {
        return false;
    };
    call.arguments.retain(|(name, _)| *name != other.name);
    let place = Value::Text(other.name.into());
    call.set(own, Value::Map(vec![(OVERLAPS, place)]));
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::function;

    #[test]
    fn the_length_of_what_was_written_can_share_its_place() {
        let get = |name: &str| function(name).expect("a function").get();
        let retrieve = partner(get("JetRetrieveColumn"), "pcbActual");
        assert_eq!(retrieve.map(|own| own.name), Some("pvData"));
        let high = partner(get("JetOpenFile"), "pulFileSizeHigh");
        assert_eq!(high.map(|own| own.name), Some("phfFile"));
        assert!(partner(get("JetOpenTable"), "ptableid").is_none());
    }
}
