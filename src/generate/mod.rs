//! One generator of programs, shared by libFuzzer, proptest and `jetspec fuzz`.
//!
//! A [`Program`] is a fixture and a list of calls with arguments that are mostly sensible and
//! sometimes not. It is made from bytes ([`Choices`]), so that the same bytes are always the same
//! program; it becomes a scenario of the usual format ([`Program::node`]), so that whatever it shows
//! reads like one; and it is lowered to the plan of that scenario ([`Foundry::plan`]), its calls by
//! what their arguments are instead of what they are written as.
//!
//! Arguments follow the roles of `abi`, never the function: what a function is taught by its line in
//! the list, the generator knows too. What it must know of functions beside that is what they do to
//! the handles that later calls can use (`world`).

mod addresses;
mod adopt;
mod arguments;
mod around;
mod bad;
mod bad_text;
mod choices;
mod effects;
mod fixtures;
mod foundry;
mod inside;
mod made;
mod maker;
mod order;
mod overlap;
mod pairs;
mod probes;
mod program;
mod ready;
mod recipes;
mod simpler;
mod sizes;
mod structures;
mod unions;
mod vocabulary;
mod world;

#[cfg(test)]
mod tests;

pub use choices::{Choices, bytes_of_seed};
pub use fixtures::FILES as FIXTURES;
pub use foundry::Foundry;
pub use maker::{go_on, make};
pub use order::{Ground, Order};
pub use pairs::{Badness, Pair, PairId, pairs};
pub use probes::probes;
pub use program::{Action, Body, Callback, Invocation, Program, Step, Value};
pub use simpler::{leave_out, shrink, simpler_steps};
pub use vocabulary::may_answer;
