//! The requirement register in `spec/`: what the documents say, as data.
//!
//! One YAML file per documented page, one record per statement that a caller of the public
//! functions can test. Scenarios name the ids that they cover; the rules of the reference engine
//! carry the ids that they keep. The register is part of the program: see [`Register::embedded`].

mod load;
mod record;
mod register;

pub use load::Fault;
pub use record::{Basis, Effect, Genuine, Page, Record, Strength};
pub use register::Register;

#[cfg(test)]
mod tests;
