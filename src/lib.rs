//! jetspec: the conformance suite for the ESENT (JET Blue) database API, and the reference engine
//! that the suite is written against.

pub mod abi;
pub mod fuzz;
pub mod generate;
pub mod host;
pub mod judge;
pub mod model;
pub mod reference;
pub mod report;
pub mod run;
pub mod scenario;
pub mod spec;
pub mod suite;
