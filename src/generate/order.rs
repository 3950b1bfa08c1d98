//! What a program is to be like, and what it leaves alone.

use super::overlap;
use super::pairs::{Badness, Pair, PairId, structure_of};
use super::vocabulary::listed;
use crate::abi::FunctionId;
use crate::abi::errors::JetError;
use crate::abi::role::{Kind, Scalar};
use crate::scenario::plan::Profile;

/// Whom a program may be sent to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ground {
    /// The reference, which answers everything.
    #[default]
    Reference,
    /// Any library: nothing that the documents leave undefined.
    Anyone,
}

/// What a program is to be like.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// The pair that it has to contain.
    pub aim: Option<PairId>,
    /// The functions that it makes much of; every function where there are none.
    pub only: Vec<FunctionId>,
    /// Whom it may be sent to.
    pub ground: Ground,
    /// The most steps that it has before a recipe is begun.
    pub steps: usize,
    /// The fixture that it starts from; any where none is named.
    pub fixture: Option<&'static str>,
    /// Whether it may kill the process that it runs in.
    pub kills: bool,
}

/// Functions that end what a program works with, or do nothing to it but take long. Chosen rarely,
/// unless they are what a program is about.
pub(super) fn is_rare(name: &str) -> bool {
    let ends = [
        "JetTerm",
        "JetStop",
        "JetRestore",
        "JetExternal",
        "JetEndSession",
        "JetDetach",
        "JetEnable",
    ];
    let aside = [
        "JetOSSnapshot",
        "JetBackup",
        "JetCompact",
        "JetBeginExternal",
        "JetEndExternal",
        "JetTruncate",
    ];
    ends.iter()
        .chain(&aside)
        .any(|prefix| name.starts_with(prefix))
}

/// Whether the documents say nothing of what a library does with it, so that it may do anything: a
/// null pointer, or a handle that was never one, where no page promises that it is looked at.
pub(super) fn is_undefined(pair: &Pair) -> bool {
    let invalid = JetError::InvalidParameter.code();
    let refuses = listed(pair.function, Profile::Documented).any(|code| code == invalid);
    let kind = pair
        .path
        .first()
        .and_then(|name| pair.function.get().parameter(name))
        .map(|(_, parameter)| (parameter.kind, parameter.optional));
    let is_pointer = !matches!(
        kind,
        Some((Kind::Scalar(_) | Kind::Length | Kind::Count, _))
    );
    let optional = matches!(kind, Some((_, true))) && pair.path.len() == 1;
    match pair.badness {
        Badness::Null | Badness::Huge if is_pointer && !optional => !refuses,
        // The registration's handle is an address to the published engine, which follows it.
        Badness::Raw | Badness::Nil | Badness::WrongKind | Badness::Closed | Badness::Null => {
            matches!(
                kind,
                Some((Kind::Scalar(Scalar::HandleId | Scalar::Snapid), _))
            )
        }
        // What belongs to another instance no page speaks of, nor what is in a place that is written
        // twice, or read and written.
        Badness::Elsewhere => true,
        Badness::Overlap => !only_reads(pair),
        // Whoever looks for the end runs off.
        Badness::Unended => true,
        // More than there is behind the pointer.
        Badness::Excess => pair.path.last() == Some(&"cbStruct"),
        _ => false,
    }
}

/// Whether what shares the place of something else is only read, as that is.
fn only_reads(pair: &Pair) -> bool {
    let parameter = pair.path.first();
    let Some((_, parameter)) = parameter.and_then(|name| pair.function.get().parameter(name))
    else {
        return false;
    };
    let used = match (&pair.path[1..], structure_of(&parameter.kind)) {
        ([field], Some(structure)) => structure
            .field(field)
            .and_then(|field| overlap::used_in_array(&field.role)),
        // It may be read as a number, which asks for alignment.
        _ if matches!(parameter.kind, Kind::NameOrId) => None,
        _ => overlap::used(&parameter.kind),
    };
    used.is_some_and(overlap::Use::reads)
}
