//! The fuzz targets: what each makes of an input, and the law that it holds the program against.

use super::runner::{Bench, Run};
use super::steady::unsteady;
use crate::abi::{FUNCTIONS, FunctionId};
use crate::generate::{Choices, Ground, Order, PairId, Program, make, pairs};

/// A target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Target {
    /// One argument of one call is bad: the call answers a listed code and changes nothing.
    InvalidParameters,
    /// Callbacks are registered, called, nested and removed.
    Callbacks,
    /// The same program does the same twice, and a library under test does what the reference does.
    Differential,
    /// What is committed outlives the process, and nothing else does.
    Histories,
    /// Any text in the place of a scenario.
    ScenarioText,
    /// Any bytes in the place of a report, a baseline, or what a host says.
    Reports,
}

/// About how many steps a program of a target has.
const STEPS: usize = 20;

impl Target {
    /// The target of that name, as its folders are called.
    pub fn named(name: &str) -> Option<Self> {
        <Self as clap::ValueEnum>::from_str(&name.replace('_', "-"), false).ok()
    }

    /// Whether its inputs are texts, and not programs.
    pub fn reads_text(self) -> bool {
        matches!(self, Target::ScenarioText | Target::Reports)
    }

    /// The program that an input is.
    pub fn program(self, input: &[u8], ground: Ground) -> Program {
        let mut choices = Choices::new(input);
        let aim = match self {
            Target::InvalidParameters => Some(PairId(choices.below(pairs().len()) as u32)),
            _ => None,
        };
        let only = match self {
            Target::Callbacks => of_callbacks(),
            Target::Histories => of_transactions(),
            _ => Vec::new(),
        };
        let order = Order {
            aim,
            only,
            ground,
            steps: STEPS,
            fixture: (self == Target::Histories).then_some("durable"),
            kills: false,
        };
        make(choices, &order)
    }

    /// Runs a program and holds it against the laws of the target too. `None` for one that is no
    /// scenario.
    pub fn check(self, bench: &mut Bench, program: &Program) -> Option<Run> {
        let mut run = bench.run(program)?;
        match self {
            Target::Differential => run.broken.extend(unsteady(bench, &run)),
            Target::Histories => run.broken.extend(super::artifact::durable(bench, program)),
            _ => {}
        }
        Some(run)
    }
}

/// The functions that callbacks are about.
fn of_callbacks() -> Vec<FunctionId> {
    named(&[
        "Callback",
        "LS",
        "Update",
        "Delete",
        "Transaction",
        "EscrowUpdate",
        "Defragment",
    ])
}

/// The functions that change what is committed.
fn of_transactions() -> Vec<FunctionId> {
    named(&[
        "Transaction",
        "Rollback",
        "Update",
        "Delete",
        "SetColumn",
        "Index",
        "Column",
        "Table",
    ])
}

fn named(parts: &[&str]) -> Vec<FunctionId> {
    let all = (0u16..).zip(FUNCTIONS);
    let chosen = all.filter(|(_, function)| parts.iter().any(|part| function.name.contains(part)));
    chosen.map(|(index, _)| FunctionId(index)).collect()
}

/// Checks one input of a target in this process, for libFuzzer: prints what is broken with the
/// program as a scenario, and ends the process.
///
/// # Panics
/// Where the input breaks a law; that is how libFuzzer is told.
pub fn check_input(target: Target, bench: &mut Bench, input: &[u8]) {
    let program = target.program(input, bench.ground());
    let run = target.check(bench, &program);
    if let Some(first) = run.as_ref().and_then(|run| run.broken.first()) {
        let scenario = crate::scenario::write(&program.node("as it was found"));
        panic!("{}\n{}\n{scenario}", first.key(), first.what);
    }
}
