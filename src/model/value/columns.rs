//! The columns of a table, found by columnid and by name.
//!
//! (jetaddcolumn-function.md, jetdeletecolumn-function.md, jetrenamecolumn-function.md)

use serde::{Deserialize, Serialize};

use super::coltyp::Coltyp;
use super::column::{
    Column, ColumnDefault, FIXED_LEAST, FIXED_MOST, Storage, TAGGED_LEAST, TAGGED_MOST,
    TEMPLATE_COLUMN, VARIABLE_LEAST, VARIABLE_MOST,
};
use super::definition::{Defined, Definition, Place, read};
use super::fit::fit;
use super::grbit::ColumnGrbit;
use crate::abi::errors::{JetError, JetWarning};
use crate::model::name::Name;
use crate::model::quirks::LONG_DEFAULT_REFUSED;
use crate::model::rules::rules;

rules! {
    /// A columnid outside the range of columnids names nothing.
    COLUMNID_RANGE = "column/columnid-range";
    /// A columnid of no column of the table names nothing.
    COLUMN_FOUND = "column/columnid-found";
    /// No two columns of a table have the same name, those of its template included.
    DUPLICATE = "column/name-duplicate";
    /// A template table gets only tagged columns after it was created.
    TEMPLATE_TAGGED = "column/template-tagged";
    /// An escrow column is added only to a table without records.
    ESCROW_EMPTY = "escrow/column-empty-table";
    /// A record of the fixed columns alone fits into a page.
    RECORD_FITS = "column/record-fits";
    /// At most 127 fixed, 128 variable and 64993 tagged columns.
    COUNT = "column/count";
    /// At most one version and one autoincrement column.
    SPECIAL_ONCE = "column/special-once";
    /// A default of a long-value column is cut to 255 bytes. (jetaddcolumn-function.md)
    LONG_DEFAULT = "column/default-long-value";
    /// A column is renamed only to a name that no other column has.
    RENAME_DUPLICATE = "column/rename-duplicate";
}

/// The bytes of a record before its first fixed column.
const FIXED_START: u32 = 4;
/// The longest default of a long-value column, in bytes (`JET_cbLVDefaultValueMost`).
const LONG_DEFAULT_MOST: usize = 255;

/// The columns of a table, those that a derived table has from its template included.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Hash)]
pub struct Columns {
    /// In the order of their numbers.
    list: Vec<Column>,
    template: bool,
    last_fixed: u32,
    last_variable: u32,
    last_tagged: u32,
    /// The bytes that the fixed columns take in a record, deleted ones included.
    fixed_bytes: u32,
}

impl Columns {
    /// What a sloppy engine makes of them: definitions that keep no default value, no options, and no
    /// limit save where it is the size of each value.
    pub fn lose_definitions(&mut self) {
        self.list.iter_mut().for_each(Column::lose_definition);
    }

    /// The columns of a new table; `template` for a template table.
    pub fn new(template: bool) -> Self {
        Self {
            template,
            last_fixed: FIXED_LEAST - 1,
            last_variable: VARIABLE_LEAST - 1,
            last_tagged: TAGGED_LEAST - 1,
            ..Self::default()
        }
    }

    /// The columns of a new table derived from a template: fixed and variable columnids go on
    /// where the template's end, tagged ones begin anew.
    pub fn derived(template: &Self) -> Self {
        let mut derived = template.clone();
        derived.template = false;
        derived.last_tagged = TAGGED_LEAST - 1;
        for column in &mut derived.list {
            column.derived = true;
        }
        derived
    }

    /// Adds a column; answers its columnid, and the warning of a size that was cut.
    /// `creating` tells that the table is being created, not altered.
    ///
    /// # Errors
    /// See the rules of this file and of `definition`, in their order. Nothing is added then.
    pub fn add(
        &mut self,
        given: &Definition<'_>,
        place: &Place,
        creating: bool,
    ) -> Result<(u32, Option<JetWarning>), JetError> {
        let inherited = |name: &Name| self.inherited().any(|column| column.name == *name);
        let mut defined = read(given, place, inherited)?;
        TEMPLATE_TAGGED.refuse(
            self.template && !creating && !defined.is_tagged(),
            JetError::FixedDDL,
        )?;
        let escrow = defined.grbit.contains(ColumnGrbit::ESCROW_UPDATE);
        ESCROW_EMPTY.refuse(escrow && !place.empty, JetError::TableNotEmpty)?;
        let duplicate = self.by_name(&defined.name).is_some();
        DUPLICATE.refuse(duplicate, JetError::ColumnDuplicate)?;
        let fixed = defined.is_fixed();
        let fixed_end = FIXED_START + self.fixed_bytes + defined.cb_max;
        RECORD_FITS.refuse(
            fixed && fixed_end > place.record_most,
            JetError::RecordTooBig,
        )?;
        let columnid = self.next_columnid(&defined)?;
        self.check_special_once(&defined)?;
        let warning = defined.warning.take();
        let size = defined.cb_max;
        let mut column = defined.into_column(columnid);
        fit_default(&mut column)?;
        self.advance(&column, if fixed { size } else { 0 });
        self.list.push(column);
        self.list
            .sort_by_key(|column| (column.columnid & !TEMPLATE_COLUMN, !column.derived));
        Ok((columnid, warning))
    }

    fn inherited(&self) -> impl Iterator<Item = &Column> {
        self.list.iter().filter(|column| column.derived)
    }

    fn next_columnid(&self, defined: &Defined) -> Result<u32, JetError> {
        let (last, most) = if defined.is_tagged() {
            (self.last_tagged, TAGGED_MOST)
        } else if defined.is_fixed() {
            (self.last_fixed, FIXED_MOST)
        } else {
            (self.last_variable, VARIABLE_MOST)
        };
        // A columnid beyond the range would name a column of another kind, so this count holds
        // even with its rule off; only the error differs then.
        if last >= most {
            COUNT.refuse(true, JetError::TooManyColumns)?;
            return Err(JetError::OutOfMemory);
        }
        let template = if self.template { TEMPLATE_COLUMN } else { 0 };
        Ok((last + 1) | template)
    }

    fn check_special_once(&self, defined: &Defined) -> Result<(), JetError> {
        let taken = |option| {
            defined.grbit.contains(option) && self.list.iter().any(|column| column.is(option))
        };
        SPECIAL_ONCE.refuse(
            taken(ColumnGrbit::VERSION) || taken(ColumnGrbit::AUTOINCREMENT),
            JetError::ColumnRedundant,
        )
    }

    fn advance(&mut self, column: &Column, fixed_bytes: u32) {
        let number = column.columnid & !TEMPLATE_COLUMN;
        match column.storage() {
            Storage::Fixed => self.last_fixed = number,
            Storage::Variable => self.last_variable = number,
            Storage::Tagged => self.last_tagged = number,
        }
        self.fixed_bytes += fixed_bytes;
    }

    /// The column with a columnid.
    ///
    /// # Errors
    /// `JET_errBadColumnId` for a number that is no columnid, `JET_errColumnNotFound` for a
    /// columnid of no column.
    pub fn find(&self, columnid: u32) -> Result<&Column, JetError> {
        let out_of_range = Storage::of_columnid(columnid).is_none();
        COLUMNID_RANGE.refuse(out_of_range, JetError::BadColumnId)?;
        // Nothing can be done with a column that is not there, whatever the rules.
        match self.list.iter().find(|column| column.columnid == columnid) {
            Some(column) => Ok(column),
            None if COLUMN_FOUND.holds() => Err(JetError::ColumnNotFound),
            None => self.list.first().ok_or(JetError::ColumnNotFound),
        }
    }

    /// The column with a name.
    pub fn by_name(&self, name: &Name) -> Option<&Column> {
        self.list.iter().find(|column| column.name == *name)
    }

    /// The columns in the order of their columnids, a template's before the derived table's own.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Column> {
        self.list.iter()
    }

    /// The number of columns.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether the table has no column.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The autoincrement column.
    pub fn autoincrement(&self) -> Option<&Column> {
        self.with(ColumnGrbit::AUTOINCREMENT)
    }

    /// The version column.
    pub fn version(&self) -> Option<&Column> {
        self.with(ColumnGrbit::VERSION)
    }

    fn with(&self, option: ColumnGrbit) -> Option<&Column> {
        self.list.iter().find(|column| column.is(option))
    }

    /// Whether any column has a user-defined default.
    pub fn has_user_default(&self) -> bool {
        self.list
            .iter()
            .any(|column| column.user_default().is_some())
    }

    /// Removes a column of the table's own; its columnid is not given out again.
    ///
    /// # Errors
    /// `JET_errColumnNotFound` for a name of no column, or of a column of the template.
    pub fn remove(&mut self, name: &Name) -> Result<Column, JetError> {
        let found = self
            .list
            .iter()
            .position(|column| column.name == *name && !column.derived);
        found
            .map(|index| self.list.remove(index))
            .ok_or(JetError::ColumnNotFound)
    }

    /// Gives a column another name.
    ///
    /// # Errors
    /// `JET_errColumnNotFound` for a name of no column, `JET_errKeyDuplicate` where another column
    /// has the new name.
    pub fn rename(&mut self, name: &Name, to: Name) -> Result<(), JetError> {
        let found = self.list.iter().position(|column| column.name == *name);
        let index = found.ok_or(JetError::ColumnNotFound)?;
        let taken = self.list.iter().position(|column| column.name == to);
        RENAME_DUPLICATE.refuse(
            taken.is_some_and(|other| other != index),
            JetError::KeyDuplicate,
        )?;
        self.list[index].name = to;
        Ok(())
    }

    /// Gives a column another default (JetSetColumnDefaultValue).
    ///
    /// # Errors
    /// As for a default in a definition; `JET_errColumnNotFound` for a name of no column.
    pub fn set_default(&mut self, name: &Name, value: &[u8]) -> Result<(), JetError> {
        let found = self.list.iter().position(|column| column.name == *name);
        let index = found.ok_or(JetError::ColumnNotFound)?;
        let mut column = self.list[index].clone();
        column.default = ColumnDefault::Value(value.to_vec());
        fit_default(&mut column)?;
        self.list[index] = column;
        Ok(())
    }
}

/// Brings a default into the form in which the column keeps it.
fn fit_default(column: &mut Column) -> Result<(), JetError> {
    let ColumnDefault::Value(value) = &column.default else {
        return Ok(());
    };
    let long = column.coltyp.is_long_value() && value.len() > LONG_DEFAULT_MOST;
    if long && LONG_DEFAULT.holds() == LONG_DEFAULT_REFUSED.genuine() {
        return Err(JetError::DefaultValueTooBig);
    }
    let most = if long { LONG_DEFAULT_MOST } else { value.len() };
    let fitted = match fit(column, &value[..most]) {
        Err(JetError::ColumnTooBig) => Err(JetError::DefaultValueTooBig),
        other => other.map(|(bytes, _)| bytes),
    };
    column.default = ColumnDefault::Value(fitted?);
    Ok(())
}

/// The most that the counter of an autoincrement column of a type can reach.
pub fn autoincrement_most(coltyp: Coltyp) -> u64 {
    match coltyp {
        Coltyp::Long => u64::from(u32::MAX),
        _ => u64::MAX,
    }
}
