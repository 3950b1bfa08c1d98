//! The catalogue of a database: which tables it has.

use std::collections::BTreeMap;

use super::handles::TableKey;

/// The tables of a database by name.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// Name in the form that names are compared in, and the table.
    pub tables: BTreeMap<String, TableKey>,
}
