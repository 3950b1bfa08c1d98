//! What a table holds, apart from storing it: column types, column definitions, records, keys.

pub mod coltyp;
pub mod column;
pub mod columns;
pub mod definition;
pub mod fit;
pub mod grbit;
pub mod normal;

#[cfg(test)]
mod definition_tests;
