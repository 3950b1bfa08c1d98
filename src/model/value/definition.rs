//! The rules of a column definition, in the order in which they apply.
//!
//! (jetaddcolumn-function.md, jet-columndef-structure.md, jet-columncreate-structure.md,
//! jet-userdefineddefault-structure.md)

use super::coltyp::Coltyp;
use super::column::{CODE_PAGE_ENGLISH, CODE_PAGE_UNICODE, Column, ColumnDefault, UserDefault};
use super::grbit::ColumnGrbit;
use crate::abi::errors::{JetError, JetWarning};
use crate::model::name::{Name, Named};
use crate::model::quirks::{TAGGED_MAY_BE_NOT_NULL, WIDE_ESCROW_BY_FORMAT};
use crate::model::rules::rules;

rules! {
    /// A type with one size has that size.
    SIZE_OF_TYPE = "column/size-of-type";
    /// A fixed column of no stated size has the largest.
    FIXED_SIZE = "column/fixed-size-default";
    /// What is no text has no code page.
    OTHER_CODE_PAGE = "column/code-page-of-others";
    /// `cbMax` is at most 0x7fffffff.
    SIZE_LIMIT = "column/size-limit";
    /// The type is a listed one.
    COLTYP = "column/coltyp-valid";
    /// The code page of text is 0, 1252 or 1200.
    CODE_PAGE = "column/code-page";
    /// Only long values can be compressed.
    COMPRESSED = "column/compressed-long-value";
    /// Only long values of one value and without default can be encrypted.
    ENCRYPTED = "column/encrypted-long-value";
    /// A tagged column cannot be fixed.
    TAGGED_FIXED = "column/tagged-not-fixed";
    /// A tagged column may be null.
    TAGGED_NOT_NULL = "column/tagged-not-null";
    /// A multi-valued column is tagged.
    MULTI_VALUED = "column/multi-valued-tagged";
    /// An escrow column is Long. (jet-columndef-structure.md)
    ESCROW_TYPE = "escrow/column-type";
    /// An escrow column is not tagged.
    ESCROW_TAGGED = "escrow/column-not-tagged";
    /// An escrow column is neither a version nor an autoincrement column.
    ESCROW_ALONE = "escrow/column-alone";
    /// An escrow column has a default.
    ESCROW_DEFAULT = "escrow/column-default";
    /// An escrow column is added to a table opened for nobody else.
    ESCROW_EXCLUSIVE = "escrow/column-exclusive";
    /// An escrow column has no eight bytes. (jet-columndef-structure.md)
    ESCROW_FORMAT = "escrow/column-format";
    /// Finalize and DeleteOnZero exclude each other.
    FINALIZE_ALONE = "escrow/finalize-alone";
    /// Finalize and DeleteOnZero need an escrow column.
    FINALIZE_ESCROW = "escrow/finalize-needs-escrow";
    /// An autoincrement column is Long, Currency, LongLong or UnsignedLongLong.
    AUTOINCREMENT_TYPE = "column/autoincrement-type";
    /// A version column is Long.
    VERSION_TYPE = "column/version-type";
    /// A version or autoincrement column is not tagged.
    SPECIAL_TAGGED = "column/special-not-tagged";
    /// A column is not version and autoincrement column at once.
    VERSION_ALONE = "column/version-alone";
    /// An autoincrement column is added to a table opened for nobody else.
    AUTOINCREMENT_EXCLUSIVE = "column/autoincrement-exclusive";
    /// A user-defined default goes with no option but Tagged, MultiValued, Compressed.
    DEFAULT_OPTIONS = "column/user-default-bits";
    /// A user-defined default needs a tagged column or a long value.
    DEFAULT_TAGGED = "column/user-default-type";
    /// A user-defined default is given as a JET_USERDEFINEDDEFAULT of the right size.
    DEFAULT_STRUCTURE = "default/structure-size";
    /// A default is at most as long as the column.
    DEFAULT_TOO_BIG = "column/default-too-big";
    /// A short column that asks for more than 255 bytes gets 255 and a warning.
    SIZE_CUT = "column/size-cut-with-warning";
}

/// The longest value of a Binary or Text column, in bytes (`JET_cbColumnMost`).
pub const COLUMN_MOST: u32 = 255;
/// The longest value of a long-value column, in bytes (`JET_cbLVColumnMost`).
pub const LONG_VALUE_MOST: u32 = 0x7fff_ffff;

/// The default that a definition gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DefaultGiven<'a> {
    /// `pvDefault` null or `cbDefault` zero.
    #[default]
    None,
    /// Bytes. With `JET_bitColumnUserDefinedDefault` these are bytes that are no structure.
    Bytes(&'a [u8]),
    /// The structure of a user-defined default, given with its exact size.
    UserDefined {
        /// `szCallback`
        callback: &'a [u8],
        /// `pbUserData`, `cbUserData` bytes
        user_data: &'a [u8],
    },
}

/// A column as the application defines it.
#[derive(Debug, Clone, Copy)]
pub struct Definition<'a> {
    /// The name; `None` for a null pointer.
    pub name: Option<&'a str>,
    /// `coltyp`
    pub coltyp: u32,
    /// `cp`
    pub cp: u16,
    /// `cbMax`
    pub cb_max: u32,
    /// `grbit`
    pub grbit: u32,
    /// `pvDefault` and `cbDefault`
    pub default: DefaultGiven<'a>,
}

impl<'a> Definition<'a> {
    /// A plain definition of a type without options.
    pub fn of(name: &'a str, coltyp: Coltyp) -> Self {
        Self {
            name: Some(name),
            coltyp: coltyp.number(),
            cp: 0,
            cb_max: 0,
            grbit: 0,
            default: DefaultGiven::None,
        }
    }
}

/// What the rules need to know of the table, the engine and the moment.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Whether nobody else may read the table: it was created or opened with DenyRead by the caller.
    pub exclusive: bool,
    /// Whether the table has no record.
    pub empty: bool,
    /// Whether the engine format allows escrow columns of eight bytes.
    pub wide_escrow: bool,
    /// The largest record in bytes that its columns can make, by page size.
    pub record_most: u32,
}

/// A definition that was found right, before it has a columnid.
pub(super) struct Defined {
    pub(super) name: Name,
    pub(super) coltyp: Coltyp,
    pub(super) cp: u16,
    pub(super) cb_max: u32,
    pub(super) grbit: ColumnGrbit,
    pub(super) default: ColumnDefault,
    pub(super) warning: Option<JetWarning>,
}

impl Defined {
    /// The column under its columnid.
    pub(super) fn into_column(self, columnid: u32) -> Column {
        let mut column = Column::new(columnid, self.name, self.coltyp, self.grbit);
        column.cp = self.cp;
        column.cb_max = self.cb_max;
        column.default = self.default;
        column
    }

    /// Whether the column is tagged, by option or by type.
    pub(super) fn is_tagged(&self) -> bool {
        is_tagged(self.coltyp, self.grbit)
    }

    /// Whether the column is fixed, by option or by type.
    pub(super) fn is_fixed(&self) -> bool {
        !self.is_tagged()
            && (self.grbit.contains(ColumnGrbit::FIXED) || self.coltyp.fixed_size().is_some())
    }
}

fn is_tagged(coltyp: Coltyp, grbit: ColumnGrbit) -> bool {
    grbit.contains(ColumnGrbit::TAGGED) || coltyp.is_long_value()
}

/// Reads a definition. `inherited` tells whether the template has a column of the name.
pub(super) fn read(
    given: &Definition<'_>,
    place: &Place,
    inherited: impl Fn(&Name) -> bool,
) -> Result<Defined, JetError> {
    let grbit = ColumnGrbit::from_bits_retain(given.grbit);
    SIZE_LIMIT.refuse(given.cb_max > LONG_VALUE_MOST, JetError::InvalidParameter)?;
    let name = Name::parse(Named::Column, given.name)?;
    super::columns::DUPLICATE.refuse(inherited(&name), JetError::ColumnDuplicate)?;
    let coltyp = coltyp(given.coltyp)?;
    let cp = code_page(coltyp, given.cp)?;
    check_long_value_options(coltyp, grbit, given.default)?;
    check_tagged_options(coltyp, grbit)?;
    check_special(coltyp, grbit, given.default, place)?;
    let default = default(coltyp, grbit, given.default)?;
    let (cb_max, warning) = cb_max(coltyp, given.cb_max);
    let too_big =
        matches!(&default, ColumnDefault::Value(v) if cb_max > 0 && v.len() > cb_max as usize);
    DEFAULT_TOO_BIG.refuse(too_big, JetError::DefaultValueTooBig)?;
    Ok(Defined {
        name,
        coltyp,
        cp,
        cb_max,
        grbit,
        default,
        warning,
    })
}

fn coltyp(number: u32) -> Result<Coltyp, JetError> {
    let known = Coltyp::from_number(number);
    COLTYP.refuse(known.is_none(), JetError::InvalidColumnType)?;
    // With the rule off an engine would keep such a column as plain bytes.
    Ok(known.unwrap_or(Coltyp::Binary))
}

fn code_page(coltyp: Coltyp, cp: u16) -> Result<u16, JetError> {
    if !coltyp.is_text() {
        return Ok(if OTHER_CODE_PAGE.holds() { 0 } else { cp });
    }
    let known = [0, CODE_PAGE_ENGLISH, CODE_PAGE_UNICODE].contains(&cp);
    CODE_PAGE.refuse(!known, JetError::InvalidCodePage)?;
    Ok(if cp == 0 { CODE_PAGE_ENGLISH } else { cp })
}

fn check_long_value_options(
    coltyp: Coltyp,
    grbit: ColumnGrbit,
    default: DefaultGiven<'_>,
) -> Result<(), JetError> {
    let compressed = grbit.contains(ColumnGrbit::COMPRESSED);
    COMPRESSED.refuse(
        compressed && !coltyp.is_long_value(),
        JetError::ColumnCannotBeCompressed,
    )?;
    let encrypted = grbit.contains(ColumnGrbit::ENCRYPTED);
    let unfit = !coltyp.is_long_value()
        || grbit.contains(ColumnGrbit::MULTI_VALUED)
        || default != DefaultGiven::None;
    ENCRYPTED.refuse(encrypted && unfit, JetError::ColumnCannotBeEncrypted)
}

fn check_tagged_options(coltyp: Coltyp, grbit: ColumnGrbit) -> Result<(), JetError> {
    if is_tagged(coltyp, grbit) {
        TAGGED_FIXED.refuse(grbit.contains(ColumnGrbit::FIXED), JetError::InvalidGrbit)?;
        let user_default = grbit.contains(ColumnGrbit::USER_DEFINED_DEFAULT);
        let not_null = grbit.contains(ColumnGrbit::NOT_NULL) && !user_default;
        TAGGED_NOT_NULL.refuse(
            not_null && !TAGGED_MAY_BE_NOT_NULL.genuine(),
            JetError::TaggedNotNULL,
        )
    } else {
        MULTI_VALUED.refuse(
            grbit.contains(ColumnGrbit::MULTI_VALUED),
            JetError::MultiValuedColumnMustBeTagged,
        )
    }
}

fn check_special(
    coltyp: Coltyp,
    grbit: ColumnGrbit,
    default: DefaultGiven<'_>,
    place: &Place,
) -> Result<(), JetError> {
    let finalizes = ColumnGrbit::FINALIZE | ColumnGrbit::DELETE_ON_ZERO;
    if grbit.contains(ColumnGrbit::ESCROW_UPDATE) {
        return check_escrow(coltyp, grbit, default, place);
    }
    FINALIZE_ESCROW.refuse(grbit.intersects(finalizes), JetError::InvalidGrbit)?;
    if grbit.intersects(ColumnGrbit::VERSION | ColumnGrbit::AUTOINCREMENT) {
        check_version_or_autoincrement(coltyp, grbit, place)?;
    }
    Ok(())
}

fn check_escrow(
    coltyp: Coltyp,
    grbit: ColumnGrbit,
    default: DefaultGiven<'_>,
    place: &Place,
) -> Result<(), JetError> {
    let counts = matches!(coltyp, Coltyp::Long | Coltyp::LongLong);
    ESCROW_TYPE.refuse(!counts, JetError::InvalidGrbit)?;
    ESCROW_TAGGED.refuse(
        grbit.contains(ColumnGrbit::TAGGED),
        JetError::CannotBeTagged,
    )?;
    let others = ColumnGrbit::VERSION | ColumnGrbit::AUTOINCREMENT;
    ESCROW_ALONE.refuse(grbit.intersects(others), JetError::InvalidGrbit)?;
    ESCROW_DEFAULT.refuse(default == DefaultGiven::None, JetError::InvalidGrbit)?;
    ESCROW_EXCLUSIVE.refuse(!place.exclusive, JetError::ExclusiveTableLockRequired)?;
    let (allowed, refusal) = match WIDE_ESCROW_BY_FORMAT.genuine() {
        true => (
            place.wide_escrow,
            JetError::EngineFormatVersionParamTooLowForRequestedFeature,
        ),
        false => (false, JetError::InvalidGrbit),
    };
    ESCROW_FORMAT.refuse(coltyp == Coltyp::LongLong && !allowed, refusal)?;
    let both = ColumnGrbit::FINALIZE | ColumnGrbit::DELETE_ON_ZERO;
    FINALIZE_ALONE.refuse(grbit.contains(both), JetError::InvalidGrbit)
}

fn check_version_or_autoincrement(
    coltyp: Coltyp,
    grbit: ColumnGrbit,
    place: &Place,
) -> Result<(), JetError> {
    let autoincrement = grbit.contains(ColumnGrbit::AUTOINCREMENT);
    let version = grbit.contains(ColumnGrbit::VERSION);
    if autoincrement {
        let counts = matches!(
            coltyp,
            Coltyp::Long | Coltyp::LongLong | Coltyp::UnsignedLongLong | Coltyp::Currency
        );
        AUTOINCREMENT_TYPE.refuse(!counts, JetError::InvalidGrbit)?;
    } else {
        VERSION_TYPE.refuse(coltyp != Coltyp::Long, JetError::InvalidGrbit)?;
    }
    SPECIAL_TAGGED.refuse(
        grbit.contains(ColumnGrbit::TAGGED),
        JetError::CannotBeTagged,
    )?;
    VERSION_ALONE.refuse(version && autoincrement, JetError::InvalidGrbit)?;
    AUTOINCREMENT_EXCLUSIVE.refuse(
        autoincrement && !place.exclusive,
        JetError::ExclusiveTableLockRequired,
    )
}

/// The options that a user-defined default excludes.
const NOT_WITH_USER_DEFAULT: ColumnGrbit = ColumnGrbit::FIXED
    .union(ColumnGrbit::NOT_NULL)
    .union(ColumnGrbit::VERSION)
    .union(ColumnGrbit::AUTOINCREMENT)
    .union(ColumnGrbit::UPDATABLE)
    .union(ColumnGrbit::ESCROW_UPDATE)
    .union(ColumnGrbit::FINALIZE)
    .union(ColumnGrbit::DELETE_ON_ZERO)
    .union(ColumnGrbit::MAYBE_NULL);

fn default(
    coltyp: Coltyp,
    grbit: ColumnGrbit,
    given: DefaultGiven<'_>,
) -> Result<ColumnDefault, JetError> {
    if grbit.contains(ColumnGrbit::USER_DEFINED_DEFAULT) {
        DEFAULT_OPTIONS.refuse(
            grbit.intersects(NOT_WITH_USER_DEFAULT),
            JetError::InvalidGrbit,
        )?;
        DEFAULT_TAGGED.refuse(!is_tagged(coltyp, grbit), JetError::InvalidGrbit)?;
        let structure = matches!(given, DefaultGiven::UserDefined { .. });
        DEFAULT_STRUCTURE.refuse(!structure, JetError::InvalidParameter)?;
    }
    Ok(match given {
        DefaultGiven::None => ColumnDefault::Null,
        DefaultGiven::Bytes([]) => ColumnDefault::Null,
        DefaultGiven::Bytes(bytes) => ColumnDefault::Value(bytes.to_vec()),
        DefaultGiven::UserDefined {
            callback,
            user_data,
        } => ColumnDefault::UserDefined(UserDefault {
            callback: callback.to_vec(),
            user_data: user_data.to_vec(),
        }),
    })
}

fn cb_max(coltyp: Coltyp, given: u32) -> (u32, Option<JetWarning>) {
    if let Some(size) = coltyp.fixed_size() {
        // What is stored has the size of the type all the same.
        let told = if SIZE_OF_TYPE.holds() { size } else { size + 1 };
        return (told, None);
    }
    match (coltyp.is_long_value(), given) {
        (true, any) => (any, None),
        (false, 0) if FIXED_SIZE.holds() => (COLUMN_MOST, None),
        (false, 0) => (COLUMN_MOST - 1, None),
        (false, fits) if fits <= COLUMN_MOST => (fits, None),
        (false, _) => (
            COLUMN_MOST,
            SIZE_CUT.holds().then_some(JetWarning::ColumnMaxTruncated),
        ),
    }
}
