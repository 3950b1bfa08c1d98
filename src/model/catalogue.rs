//! The callbacks on the engine's own catalogue: a change of the schema writes rows there, and whoever
//! registered on it is told of them.

use super::callback::reason;
use super::cursor::{Cursor, Mode};
use super::gate::Call;
use super::handles::{Dbid, Instance, Sesid};
use super::name::Name;
use super::outcome::Jet;
use super::rules::rules;
use super::store::View;
use super::system_table;

rules! {
    /// Registrations on the catalogue are told of the rows that a change of the schema writes.
    CATALOGUE = "register/catalog-table";
}

/// What happens to rows of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// They are inserted.
    Inserted,
    /// They are deleted.
    Deleted,
}

impl Rows {
    /// The reasons before and after.
    fn reasons(self) -> (u32, u32) {
        match self {
            Self::Inserted => (reason::BEFORE_INSERT, reason::AFTER_INSERT),
            Self::Deleted => (reason::BEFORE_DELETE, reason::AFTER_DELETE),
        }
    }
}

impl Call<'_> {
    /// Tells of so many rows, through a cursor of the engine's own.
    ///
    /// # Errors
    /// What a callback answers before a row is written fails the change.
    pub(super) fn tell_catalogue(
        &mut self,
        sesid: Sesid,
        home: (Instance, Dbid),
        rows: Rows,
        count: usize,
    ) -> Jet<()> {
        let name = Name::own(system_table::CATALOGUE);
        let Some(key) = self
            .table_named(home, &name, View::LEVEL_0)
            .filter(|table| !table.registrations.is_empty() && CATALOGUE.holds())
            .map(|table| table.key)
        else {
            return Ok(());
        };
        let tableid = self.add_cursor(Cursor::new(sesid, home.1, key, Mode::default()));
        let (before, after) = rows.reasons();
        let told = (0..count).try_for_each(|_| {
            self.before(tableid, before)?;
            self.after(tableid, after)
        });
        self.close_cursor(tableid);
        told
    }
}
