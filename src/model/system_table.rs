//! The tables that the engine keeps in every database for itself.
//!
//! Applications can open and read them; they hold no rows here, because the engine finds its schema
//! without them.

use std::sync::Arc;

use super::engine::State;
use super::handles::{Dbid, Instance};
use super::limits;
use super::name::Name;
use super::outcome::Jet;
use super::table::{Table, TableOptions};
use super::value::coltyp::Coltyp;
use super::value::definition::{Definition, Place};

/// The name of the catalogue.
pub const CATALOGUE: &str = "MSysObjects";

/// Their names, as every database has them.
pub const NAMES: [&str; 4] = [CATALOGUE, "MSysObjectsShadow", "MSysObjids", "MSysLocales"];

/// The first columns of the catalogue.
const COLUMNS: [(&str, Coltyp); 4] = [
    ("ObjidTable", Coltyp::Long),
    ("Type", Coltyp::Short),
    ("Id", Coltyp::Long),
    ("Name", Coltyp::Text),
];

impl State {
    /// Puts the engine's own tables into a database that has just been made or read.
    pub(super) fn add_system_tables(&mut self, home: (Instance, Dbid)) -> Jet<()> {
        let place = Place {
            exclusive: true,
            empty: true,
            wide_escrow: false,
            record_most: limits::record_room(self.instance_page_size(home.0)),
        };
        for name in NAMES {
            let options = TableOptions {
                system: true,
                density: 80,
                ..TableOptions::default()
            };
            let mut table = Table::new(home, Name::own(name), options);
            let schema = Arc::make_mut(&mut table.schema);
            for (name, coltyp) in COLUMNS {
                schema
                    .columns
                    .add(&Definition::of(name, coltyp), &place, true)?;
            }
            self.tables.insert(table.key, table);
        }
        Ok(())
    }
}
