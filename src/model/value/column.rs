//! A column of a table, and how its definition is read.
//!
//! (jetaddcolumn-function.md, jet-columndef-structure.md, columns.md)

use serde::{Deserialize, Serialize};

use super::coltyp::Coltyp;
use super::grbit::ColumnGrbit;
use crate::model::name::Name;

/// The code page of text that a definition gives no code page for.
pub const CODE_PAGE_ENGLISH: u16 = 1252;
/// The code page of Unicode text.
pub const CODE_PAGE_UNICODE: u16 = 1200;

/// The bit that marks the columnid of a template table's column.
pub const TEMPLATE_COLUMN: u32 = 0x8000_0000;
/// The first columnid of a fixed column.
pub const FIXED_LEAST: u32 = 1;
/// The last columnid of a fixed column.
pub const FIXED_MOST: u32 = 127;
/// The first columnid of a variable column.
pub const VARIABLE_LEAST: u32 = 128;
/// The last columnid of a variable column.
pub const VARIABLE_MOST: u32 = 255;
/// The first columnid of a tagged column.
pub const TAGGED_LEAST: u32 = 256;
/// The last columnid of a tagged column.
pub const TAGGED_MOST: u32 = 0xfee0;

/// How the values of a column are kept, which shows in its columnid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// One value of one size.
    Fixed,
    /// One value of up to 255 bytes.
    Variable,
    /// Any number of values, none while the record does not need one.
    Tagged,
}

impl Storage {
    /// The storage of the column that a columnid names; `None` when it names none.
    pub const fn of_columnid(columnid: u32) -> Option<Self> {
        match columnid & !TEMPLATE_COLUMN {
            FIXED_LEAST..=FIXED_MOST => Some(Self::Fixed),
            VARIABLE_LEAST..=VARIABLE_MOST => Some(Self::Variable),
            TAGGED_LEAST..=TAGGED_MOST => Some(Self::Tagged),
            _ => None,
        }
    }
}

/// What a column holds where a record was given no value.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Hash)]
pub enum ColumnDefault {
    /// Nothing.
    #[default]
    Null,
    /// The same bytes in every record.
    Value(Vec<u8>),
    /// What a function of the application answers.
    UserDefined(UserDefault),
}

/// A user-defined default. (jet-userdefineddefault-structure.md)
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Hash)]
pub struct UserDefault {
    /// `szCallback`, module and function as `module!function`, narrow text.
    pub callback: Vec<u8>,
    /// The engine's copy of `pbUserData`.
    pub user_data: Vec<u8>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Hash)]
pub struct Column {
    /// Its `JET_COLUMNID`.
    pub columnid: u32,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub coltyp: Coltyp,
    /// The code page of its text, zero where it holds no text.
    pub cp: u16,
    /// The largest value in bytes; the size of each value of a fixed column; zero for no limit.
    pub cb_max: u32,
    /// The bits of its definition that mean something, as bits so that files stay readable.
    grbit: u32,
    /// Its default value.
    pub default: ColumnDefault,
    /// Whether a derived table has it from its template.
    pub derived: bool,
}

/// The bits of a definition that a column keeps.
const KEPT: ColumnGrbit = ColumnGrbit::NOT_NULL
    .union(ColumnGrbit::VERSION)
    .union(ColumnGrbit::AUTOINCREMENT)
    .union(ColumnGrbit::TT_KEY)
    .union(ColumnGrbit::TT_DESCENDING)
    .union(ColumnGrbit::MULTI_VALUED)
    .union(ColumnGrbit::ESCROW_UPDATE)
    .union(ColumnGrbit::FINALIZE)
    .union(ColumnGrbit::USER_DEFINED_DEFAULT)
    .union(ColumnGrbit::DELETE_ON_ZERO)
    .union(ColumnGrbit::COMPRESSED)
    .union(ColumnGrbit::ENCRYPTED);

/// The bits that only a temporary table's key knows.
const TEMPORARY: ColumnGrbit = ColumnGrbit::TT_KEY.union(ColumnGrbit::TT_DESCENDING);

impl Column {
    /// See [`lose_definitions`](super::columns::Columns::lose_definitions).
    pub(super) fn lose_definition(&mut self) {
        let lost = ColumnGrbit::NOT_NULL | ColumnGrbit::MULTI_VALUED;
        self.grbit &= !lost.bits();
        if matches!(self.default, ColumnDefault::Value(_)) {
            self.default = ColumnDefault::Null;
        }
        if self.columnid >= VARIABLE_LEAST {
            self.cb_max = 0;
        }
    }

    /// A column with the parts of its definition that were found right.
    pub(super) fn new(columnid: u32, name: Name, coltyp: Coltyp, grbit: ColumnGrbit) -> Self {
        Self {
            columnid,
            name,
            coltyp,
            cp: 0,
            cb_max: 0,
            grbit: grbit.intersection(KEPT).bits(),
            default: ColumnDefault::Null,
            derived: false,
        }
    }

    /// How its values are kept.
    pub fn storage(&self) -> Storage {
        Storage::of_columnid(self.columnid).unwrap_or(Storage::Tagged)
    }

    /// The options that the column keeps.
    pub fn grbit(&self) -> ColumnGrbit {
        ColumnGrbit::from_bits_retain(self.grbit)
    }

    /// Whether the column keeps an option.
    pub fn is(&self, option: ColumnGrbit) -> bool {
        self.grbit().contains(option)
    }

    /// The options as JetGetTableColumnInfo reports them.
    pub fn reported_grbit(&self, updatable: bool) -> u32 {
        let storage = match self.storage() {
            Storage::Fixed => ColumnGrbit::FIXED,
            Storage::Variable => ColumnGrbit::empty(),
            Storage::Tagged => ColumnGrbit::TAGGED,
        };
        let updatable = if updatable {
            ColumnGrbit::UPDATABLE
        } else {
            ColumnGrbit::empty()
        };
        (self.grbit().difference(TEMPORARY) | storage | updatable).bits()
    }

    /// Whether its text is Unicode.
    pub fn is_unicode(&self) -> bool {
        self.coltyp.is_text() && self.cp == CODE_PAGE_UNICODE
    }

    /// The bytes of a character of its text, and of a piece of what is no text.
    pub fn unit(&self) -> usize {
        if self.is_unicode() { 2 } else { 1 }
    }

    /// Whether it is tagged and multi-valued.
    pub fn is_multi_valued(&self) -> bool {
        self.is(ColumnGrbit::MULTI_VALUED)
    }

    /// The default bytes; `None` without a default, and for a user-defined one.
    pub fn default_value(&self) -> Option<&[u8]> {
        match &self.default {
            ColumnDefault::Value(bytes) => Some(bytes),
            ColumnDefault::Null | ColumnDefault::UserDefined(_) => None,
        }
    }

    /// The user-defined default.
    pub fn user_default(&self) -> Option<&UserDefault> {
        match &self.default {
            ColumnDefault::UserDefined(default) => Some(default),
            ColumnDefault::Null | ColumnDefault::Value(_) => None,
        }
    }

    /// A column for tests, its columnid by its storage.
    #[cfg(test)]
    pub(crate) fn sample(name: &str, coltyp: Coltyp, cb_max: u32, grbit: ColumnGrbit) -> Self {
        let columnid = if grbit.contains(ColumnGrbit::TAGGED) || coltyp.is_long_value() {
            TAGGED_LEAST
        } else if grbit.contains(ColumnGrbit::FIXED) || coltyp.fixed_size().is_some() {
            FIXED_LEAST
        } else {
            VARIABLE_LEAST
        };
        let mut column = Self::new(columnid, Name::own(name), coltyp, grbit);
        column.cb_max = coltyp.fixed_size().unwrap_or(cb_max);
        column.cp = if coltyp.is_text() {
            CODE_PAGE_ENGLISH
        } else {
            0
        };
        column
    }
}
