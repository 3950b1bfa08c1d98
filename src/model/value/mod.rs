//! What a table holds, apart from storing it: column types, column definitions, records, keys.

pub mod coltyp;
pub mod column;
pub mod columns;
pub mod definition;
pub mod enumerate;
pub mod fit;
pub mod grbit;
pub mod key;
pub mod normal;
pub mod record;
pub mod retrieve;
pub mod set;

#[cfg(test)]
mod definition_tests;
#[cfg(test)]
mod sample;
