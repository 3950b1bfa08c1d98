//! The YAML format: one tree of nodes with positions, our own checks over it, write back, plan.

mod arguments;
mod arrays;
mod bodies;
mod bytes;
mod canonical;
mod comments;
mod document;
mod draft;
mod elements;
mod expect;
mod expectations;
mod fault;
mod fixture;
mod lengths;
mod load;
mod lower;
mod made;
mod matrix;
mod names;
mod node;
mod outputs;
mod overlap;
pub mod plan;
mod pointed;
mod profile;
mod prologue;
mod read;
mod schema;
mod shelf;
mod sketch;
mod source;
mod step_index;
mod steps;
mod structures;
mod texts;
mod told;
mod values;
mod verbs;
mod whole_plan;
mod workshop;
mod write;

pub use document::{Platform, Texts};
pub use fault::{Fault, FaultKind, nearest};
pub use load::{
    CaseName, Checked, Loaded, Scenario, check, files_of, load, load_shelf, parse, parse_with,
};
pub use made::{Made, MadeCall, MadeStep, MadeValue, Short};
pub use node::Node;
pub(crate) use overlap::OVERLAPS;
pub use read::{LARGEST_FILE, read};
pub use schema::{schema, schema_text};
pub use shelf::Shelf;
pub use sketch::{Sketch, SketchBody};
pub use step_index::StepIndex;
pub(crate) use texts::UNENDED;
pub(crate) use values::short_constant;
pub use workshop::Workshop;
pub use write::{fmt, write};

/// The version of the format. Under the same one, a file that was accepted stays accepted and means
/// the same; keys, actions and values may be added.
pub const SCENARIO_VERSION: u32 = 1;

#[cfg(test)]
mod tests;
