//! Which (function, return code) pairs of the register a campaign has seen, and which never.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::abi::errors::code_name;
use crate::abi::{FUNCTIONS, FunctionId, constants};
use crate::spec::Register;

/// Pairs of function and return code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeCoverage {
    seen: BTreeSet<(FunctionId, i32)>,
}

impl CodeCoverage {
    /// Takes a return code in.
    pub fn add(&mut self, function: FunctionId, code: i32) {
        self.seen.insert((function, code));
    }

    /// Takes those of another in.
    pub fn extend(&mut self, other: &CodeCoverage) {
        self.seen.extend(&other.seen);
    }

    /// How many pairs were seen.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether none was.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// How many functions were called.
    pub fn functions(&self) -> usize {
        let functions: BTreeSet<FunctionId> =
            self.seen.iter().map(|(function, _)| *function).collect();
        functions.len()
    }

    /// The pairs that the register lists, and those of them that were seen.
    pub fn against(&self, register: &Register) -> (usize, usize) {
        let listed = listed(register);
        let seen = listed.iter().filter(|pair| self.seen.contains(pair));
        (listed.len(), seen.count())
    }

    /// A table: by function the codes that were seen and those that never were; then what was seen and
    /// is on no page.
    pub fn table(&self, register: &Register) -> String {
        let listed = listed(register);
        let mut text = String::new();
        for (index, function) in (0u16..).zip(FUNCTIONS) {
            let own = |set: &BTreeSet<(FunctionId, i32)>| -> BTreeSet<i32> {
                let range = set.iter().filter(|(id, _)| id.0 == index);
                range.map(|(_, code)| *code).collect()
            };
            let (listed, seen) = (own(&listed), own(&self.seen));
            if listed.is_empty() && seen.is_empty() {
                continue;
            }
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}", function.name);
            let groups = [
                (
                    "seen",
                    listed.intersection(&seen).copied().collect::<Vec<_>>(),
                ),
                ("never", listed.difference(&seen).copied().collect()),
                (
                    "beside the page",
                    seen.difference(&listed).copied().collect(),
                ),
            ];
            for (what, codes) in groups.iter().filter(|(_, codes)| !codes.is_empty()) {
                let names: Vec<&str> = codes
                    .iter()
                    .map(|code| code_name(*code).unwrap_or("?"))
                    .collect();
                let _ = writeln!(text, "  {what}: {}", names.join(", "));
            }
        }
        let (all, seen) = self.against(register);
        let _ = writeln!(
            text,
            "{seen} of {all} pairs of function and listed return code were seen"
        );
        text
    }
}

/// Every pair that a function's own page lists.
fn listed(register: &Register) -> BTreeSet<(FunctionId, i32)> {
    let mut pairs = BTreeSet::new();
    for (index, function) in (0u16..).zip(FUNCTIONS) {
        let file = format!("{}-function.yaml", function.name.to_lowercase());
        let page = register.pages().iter().find(|page| page.file == file);
        let codes = page.into_iter().flat_map(|page| page.returns.keys());
        for code in codes.filter_map(|name| constants::value(name)) {
            pairs.insert((FunctionId(index), code as i32));
        }
    }
    pairs
}
