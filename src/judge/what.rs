//! What of a step departs from its expectation, as a value and in words.

use serde::{Deserialize, Serialize};

/// How the words for a difference from the reference end.
const AGAINST_REFERENCE: &str = " (against the reference)";
/// How the words for a callback's argument begin.
const CALLBACK_ARGUMENT: &str = "callback argument ";
/// Callbacks that fired where none may, in words.
const UNANNOUNCED: &str = "callbacks where none may fire";
/// What follows the name of an output that was not written.
const UNWRITTEN: &str = " (the call succeeded)";

/// What departs from an expectation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The return code.
    Code,
    /// This output.
    Output(String),
    /// The callbacks that fired.
    Events,
    /// Callbacks that fired where none may.
    Unannounced,
    /// The call succeeded and did not write this output.
    Unwritten(String),
    /// The library changed something in its process behind the program's back.
    Process,
    /// Another run of the same case showed something else.
    Unsteady,
    /// This argument of a callback.
    EventArgument(String),
    /// A step that is no call did not hold, or could not be done.
    Step,
    /// Memory was written against the contract.
    Violation,
    /// The step was never done.
    Missing,
    /// A callback fired that no step waits for.
    Stray,
    /// Something that no expectation speaks of, compared with the reference.
    Difference(String),
    /// How the run ended.
    End,
}

impl What {
    /// The one whose words these are.
    pub fn from_words(words: &str) -> What {
        match words {
            "return code" => What::Code,
            "callbacks" => What::Events,
            "step" => What::Step,
            "memory" => What::Violation,
            "step not done" => What::Missing,
            "callback that no step waits for" => What::Stray,
            "end of the run" => What::End,
            "the process" => What::Process,
            "results that differ from run to run" => What::Unsteady,
            UNANNOUNCED => What::Unannounced,
            _ if words.ends_with(UNWRITTEN) => {
                What::Unwritten(words.trim_end_matches(UNWRITTEN).to_owned())
            }
            _ => match words.strip_suffix(AGAINST_REFERENCE) {
                Some(what) => What::Difference(what.to_owned()),
                None => match words.strip_prefix(CALLBACK_ARGUMENT) {
                    Some(name) => What::EventArgument(name.to_owned()),
                    None => What::Output(words.to_owned()),
                },
            },
        }
    }
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            What::Code => f.write_str("return code"),
            What::Output(name) => f.write_str(name),
            What::Events => f.write_str("callbacks"),
            What::Unannounced => f.write_str(UNANNOUNCED),
            What::Unwritten(name) => write!(f, "{name}{UNWRITTEN}"),
            What::Process => f.write_str("the process"),
            What::Unsteady => f.write_str("results that differ from run to run"),
            What::EventArgument(name) => write!(f, "{CALLBACK_ARGUMENT}{name}"),
            What::Step => f.write_str("step"),
            What::Violation => f.write_str("memory"),
            What::Missing => f.write_str("step not done"),
            What::Stray => f.write_str("callback that no step waits for"),
            What::Difference(what) => write!(f, "{what}{AGAINST_REFERENCE}"),
            What::End => f.write_str("end of the run"),
        }
    }
}
