//! Reading the structures that define columns, indexes and tables.
//!
//! Their narrow and wide forms have one layout, which is checked here, so both are read through the
//! narrow one; only what their text pointers point to differs.

use std::ffi::c_void;
use std::mem::offset_of;

use windows_sys::Win32::Storage::Jet as jet;

use super::text::{Form, Narrow, Wide, slice};
use crate::model::index::IndexDefinition;
use crate::model::index_options::{SpaceHints, TupleLimits, Unicode};
use crate::model::stored_callback::{DEPENDANTS_IGNORED, reads_wide_name};
use crate::model::value::definition::{DefaultGiven, Definition};
use crate::model::value::grbit::{ColumnGrbit, IndexGrbit};

macro_rules! same_layout {
    ($($narrow:ident $wide:ident { $($field:ident),* })*) => {
        const _: () = { $(
            assert!(size_of::<jet::$narrow>() == size_of::<jet::$wide>());
            $(assert!(offset_of!(jet::$narrow, $field) == offset_of!(jet::$wide, $field));)*
        )* };
    };
}
same_layout! {
    JET_COLUMNCREATE_A JET_COLUMNCREATE_W { szColumnName, pvDefault, cbDefault, cp, columnid, err }
    JET_USERDEFINEDDEFAULT_A JET_USERDEFINEDDEFAULT_W { szCallback, pbUserData, cbUserData }
    JET_CONDITIONALCOLUMN_A JET_CONDITIONALCOLUMN_W { cbStruct, szColumnName, grbit }
    JET_INDEXCREATE_A JET_INDEXCREATE_W { szIndexName, szKey, cbKey, rgconditionalcolumn, err, cbKeyMost }
    JET_INDEXCREATE2_A JET_INDEXCREATE2_W { szIndexName, szKey, cbKey, rgconditionalcolumn, err, cbKeyMost }
    JET_INDEXCREATE3_A JET_INDEXCREATE3_W { szIndexName, szKey, cbKey, rgconditionalcolumn, err, cbKeyMost }
    JET_TABLECREATE_A JET_TABLECREATE_W { szTableName, rgcolumncreate, rgindexcreate, grbit, tableid, cCreated }
    JET_TABLECREATE2_A JET_TABLECREATE2_W { szTableName, rgcolumncreate, rgindexcreate, szCallback, tableid, cCreated }
    JET_TABLECREATE3_A JET_TABLECREATE3_W { szTableName, rgcolumncreate, rgindexcreate, szCallback, tableid, cCreated }
    JET_TABLECREATE4_A JET_TABLECREATE4_W { szTableName, rgcolumncreate, rgindexcreate, szCallback, tableid, cCreated }
}

/// The default of a column, with what it borrows.
#[derive(Debug)]
enum Default {
    None,
    Bytes(Vec<u8>),
    UserDefined {
        callback: Vec<u8>,
        user_data: Vec<u8>,
    },
}

impl Default {
    /// # Safety
    /// `bytes` is null or has `size` bytes; with the option of a user-defined default and the size
    /// of its structure, it is that structure in the form's width.
    unsafe fn read<F: Form>(bytes: *const c_void, size: u32, grbit: u32) -> Self {
        let user_defined =
            ColumnGrbit::from_bits_retain(grbit).contains(ColumnGrbit::USER_DEFINED_DEFAULT);
        let is_structure = size as usize == size_of::<jet::JET_USERDEFINEDDEFAULT_A>();
        if user_defined && is_structure && !bytes.is_null() {
            // SAFETY: as promised; the structure may be unaligned.
            let given = unsafe {
                bytes
                    .cast::<jet::JET_USERDEFINEDDEFAULT_A>()
                    .read_unaligned()
            };
            if !given.szDependantColumns.is_null() && !DEPENDANTS_IGNORED.holds() {
                return Self::None;
            }
            // SAFETY: its pointers are part of the promise; a wide name ends with two zero bytes, so
            // reading it as a narrow one ends in it, too.
            let (callback, user_data) = unsafe {
                (
                    if reads_wide_name() {
                        F::read(given.szCallback.cast())
                    } else {
                        Narrow::read(given.szCallback.cast())
                    },
                    slice(given.pbUserData.cast_const(), given.cbUserData as usize),
                )
            };
            return Self::UserDefined {
                callback: callback.unwrap_or_default().into_bytes(),
                user_data: user_data.unwrap_or_default().to_vec(),
            };
        }
        // SAFETY: as promised.
        match unsafe { slice(bytes.cast::<u8>(), size as usize) } {
            None | Some([]) => Self::None,
            Some(bytes) => Self::Bytes(bytes.to_vec()),
        }
    }

    fn given(&self) -> DefaultGiven<'_> {
        match self {
            Self::None => DefaultGiven::None,
            Self::Bytes(bytes) => DefaultGiven::Bytes(bytes),
            Self::UserDefined {
                callback,
                user_data,
            } => DefaultGiven::UserDefined {
                callback,
                user_data,
            },
        }
    }
}

/// A column definition, with what it borrows.
#[derive(Debug)]
pub(super) struct Column {
    name: Option<String>,
    coltyp: u32,
    cp: u16,
    cb_max: u32,
    grbit: u32,
    default: Default,
    /// Whether the structure had its size.
    pub(super) has_its_size: bool,
}

impl Column {
    /// Reads what JetAddColumn is given.
    ///
    /// # Safety
    /// As for the parameters of JetAddColumn, `definition` not null.
    pub(super) unsafe fn of_definition<F: Form>(
        name: *const F::Unit,
        definition: *const jet::JET_COLUMNDEF,
        default: *const c_void,
        default_size: u32,
    ) -> Self {
        // SAFETY: as promised; the structure may be unaligned.
        let given = unsafe { definition.read_unaligned() };
        // SAFETY: as promised.
        let (name, default) = unsafe {
            (
                F::read(name),
                Default::read::<F>(default, default_size, given.grbit),
            )
        };
        Self {
            name,
            coltyp: given.coltyp,
            cp: given.cp,
            cb_max: given.cbMax,
            grbit: given.grbit,
            default,
            has_its_size: given.cbStruct as usize == size_of::<jet::JET_COLUMNDEF>(),
        }
    }

    /// Reads a column of a temporary table, which has no name and no default.
    pub(super) fn of_temporary(given: &jet::JET_COLUMNDEF) -> Self {
        Self {
            name: None,
            coltyp: given.coltyp,
            cp: given.cp,
            cb_max: given.cbMax,
            grbit: given.grbit,
            default: Default::None,
            has_its_size: given.cbStruct as usize == size_of::<jet::JET_COLUMNDEF>(),
        }
    }

    /// Reads a JET_COLUMNCREATE.
    ///
    /// # Safety
    /// The structure is one of the form's width with valid pointers.
    pub(super) unsafe fn of_creation<F: Form>(given: &jet::JET_COLUMNCREATE_A) -> Self {
        // SAFETY: as promised.
        let (name, default) = unsafe {
            (
                F::read(given.szColumnName.cast()),
                Default::read::<F>(given.pvDefault, given.cbDefault, given.grbit),
            )
        };
        Self {
            name,
            coltyp: given.coltyp,
            // Only the lower half is a code page; a number beyond is none.
            cp: u16::try_from(given.cp).unwrap_or(u16::MAX),
            cb_max: given.cbMax,
            grbit: given.grbit,
            default,
            has_its_size: given.cbStruct as usize == size_of::<jet::JET_COLUMNCREATE_A>(),
        }
    }

    /// A column as the model is told of it.
    pub(super) fn definition(&self) -> Definition<'_> {
        Definition {
            name: self.name.as_deref(),
            coltyp: self.coltyp,
            cp: self.cp,
            cb_max: self.cb_max,
            grbit: self.grbit,
            default: self.default.given(),
        }
    }
}

/// An index definition, with what it borrows.
#[derive(Debug)]
pub(super) struct Index {
    name: Option<String>,
    key: String,
    grbit: u32,
    density: u32,
    unicode: Option<Unicode>,
    segment_most: u32,
    tuples: Option<TupleLimits>,
    space: Option<SpaceHints>,
    conditions: Vec<(Option<String>, u32)>,
    key_most: u32,
    /// Whether it was given by its parts.
    first_form: bool,
    /// Whether the structure had a size of its kind.
    pub(super) has_its_size: bool,
}

/// What the three kinds of JET_INDEXCREATE have in common.
pub(super) struct IndexFields {
    size: u32,
    own_size: usize,
    name: *const u8,
    key: *const u8,
    key_size: u32,
    grbit: u32,
    density: u32,
    unicode: Locale,
    segment: Segment,
    space: *const jet::JET_SPACEHINTS,
    conditions: *const jet::JET_CONDITIONALCOLUMN_A,
    condition_count: u32,
    key_most: u32,
    /// Whether the kind has room for `cbKeyMost` in a size that counts.
    key_most_counts: bool,
}

/// `cbVarSegMac`, or what stands in its place.
#[derive(Clone, Copy)]
enum Segment {
    Most(u32),
    Tuples(*const jet::JET_TUPLELIMITS),
}

/// `pidxunicode`, or what stands in its place.
#[derive(Clone, Copy)]
enum Locale {
    Number(u32),
    Numbered(*const jet::JET_UNICODEINDEX),
    Named(*const jet::JET_UNICODEINDEX2),
}

impl Locale {
    /// # Safety
    /// The structure is there, or null.
    unsafe fn read(self) -> Option<Unicode> {
        match self {
            Self::Number(lcid) => (lcid != 0).then(|| Unicode::numbered(lcid, 0)),
            Self::Numbered(given) if given.is_null() => None,
            Self::Named(given) if given.is_null() => None,
            Self::Numbered(given) => {
                // SAFETY: as promised; the structure may be unaligned.
                let given = unsafe { given.read_unaligned() };
                Some(Unicode::numbered(given.lcid, given.dwMapFlags))
            }
            Self::Named(given) => {
                // SAFETY: as promised; the structure may be unaligned.
                let given = unsafe { given.read_unaligned() };
                // SAFETY: the name ends with zero, or is null.
                let name = unsafe { Wide::read(given.szLocaleName) };
                let usual = Unicode::default().locale;
                let name = name.unwrap_or(usual);
                Some(Unicode::named(&name, given.dwMapFlags))
            }
        }
    }
}

/// The tuple limits of a definition.
///
/// # Safety
/// The structure is there, or null.
unsafe fn tuple_limits(given: *const jet::JET_TUPLELIMITS) -> Option<TupleLimits> {
    (!given.is_null()).then(|| {
        // SAFETY: as promised; the structure may be unaligned.
        let given = unsafe { given.read_unaligned() };
        TupleLimits {
            least: given.chLengthMin,
            most: given.chLengthMax,
            to_index: given.chToIndexMax,
            increment: given.cchIncrement,
            start: given.ichStart,
        }
    })
}

/// The hints about space of a definition, and whether their structure has its size.
///
/// # Safety
/// The structure is there, or null.
unsafe fn space_hints(given: *const jet::JET_SPACEHINTS) -> (Option<SpaceHints>, bool) {
    if given.is_null() {
        return (None, true);
    }
    // SAFETY: as promised; the structure may be unaligned.
    let given = unsafe { given.read_unaligned() };
    let hints = SpaceHints {
        initial_density: given.ulInitialDensity,
        initial: given.cbInitial,
        grbit: given.grbit,
        maintenance_density: given.ulMaintDensity,
        growth: given.ulGrowth,
        least_extent: given.cbMinExtent,
        most_extent: given.cbMaxExtent,
    };
    let sized = given.cbStruct as usize == size_of::<jet::JET_SPACEHINTS>();
    (Some(hints), sized)
}

/// A kind of JET_INDEXCREATE.
pub(super) trait IndexStructure: Copy {
    /// What it has in common with the others.
    fn fields(&self) -> IndexFields;
    /// Where its `err` is.
    const ERR: usize;
}

/// The size of a JET_INDEXCREATE without `cbKeyMost`, as old callers give it.
const OLD_SIZE: usize = offset_of!(jet::JET_INDEXCREATE_A, cbKeyMost);

macro_rules! index_structures {
    ($($kind:ident, $segment:ident, |$given:ident| $unicode:expr, $space:expr;)*) => { $(
        impl IndexStructure for jet::$kind {
            const ERR: usize = offset_of!(jet::$kind, err);

            fn fields(&self) -> IndexFields {
                let $given = self;
                let grbit = IndexGrbit::from_bits_retain($given.grbit);
                let segment = if grbit.contains(IndexGrbit::TUPLE_LIMITS) {
                    // SAFETY: with tuple limits the union holds a pointer, which any bits are.
                    Segment::Tuples(unsafe { $given.$segment.ptuplelimits })
                } else {
                    // SAFETY: without tuple limits the union holds the number, which any bits are.
                    Segment::Most(unsafe { $given.$segment.cbVarSegMac })
                };
                IndexFields {
                    size: $given.cbStruct,
                    own_size: size_of::<Self>(),
                    name: $given.szIndexName,
                    key: $given.szKey,
                    key_size: $given.cbKey,
                    grbit: $given.grbit,
                    density: $given.ulDensity,
                    unicode: $unicode,
                    segment,
                    space: $space,
                    conditions: $given.rgconditionalcolumn,
                    condition_count: $given.cConditionalColumn,
                    key_most: $given.cbKeyMost,
                    key_most_counts: $given.cbStruct as usize > OLD_SIZE,
                }
            }
        }
    )* };
}
/// What stands in the place of `lcid` and `pidxunicode`, by the option that says which it is.
macro_rules! by_number {
    ($given:ident) => {
        if $given.grbit & IndexGrbit::UNICODE.bits() != 0 {
            // SAFETY: either arm of the union is plain bytes; the option says that it is a pointer.
            Locale::Numbered(unsafe { $given.Anonymous1.pidxunicode })
        } else {
            // SAFETY: either arm of the union is plain bytes; without the option it is a number.
            Locale::Number(unsafe { $given.Anonymous1.lcid })
        }
    };
}
index_structures! {
    JET_INDEXCREATE_A, Anonymous2, |given| by_number!(given), std::ptr::null();
    JET_INDEXCREATE2_A, Anonymous2, |given| by_number!(given), given.pSpacehints;
    // Without the option the structure is not looked at.
    JET_INDEXCREATE3_A, Anonymous, |given| Locale::Named(
        if given.grbit & IndexGrbit::UNICODE.bits() != 0 { given.pidxunicode } else { std::ptr::null() }
    ), given.pSpacehints;
}

impl Index {
    /// Reads a JET_INDEXCREATE of any kind.
    ///
    /// # Safety
    /// The structure is one of the form's width with valid pointers.
    pub(super) unsafe fn read<F: Form, S: IndexStructure>(given: &S) -> Self {
        let fields = given.fields();
        // SAFETY: as promised; key descriptions are measured in bytes.
        let (name, key, conditions) = unsafe {
            (
                F::read(fields.name.cast()),
                F::read_units(fields.key.cast(), fields.key_size as usize / F::UNIT),
                slice(fields.conditions, fields.condition_count as usize),
            )
        };
        let limits = match fields.segment {
            Segment::Most(_) => std::ptr::null(),
            Segment::Tuples(limits) => limits,
        };
        // SAFETY: as promised.
        let (unicode, tuples, (space, sized)) = unsafe {
            (
                fields.unicode.read(),
                tuple_limits(limits),
                space_hints(fields.space),
            )
        };
        let conditions = conditions.unwrap_or_default().iter().map(|condition| {
            // SAFETY: as promised.
            (
                unsafe { F::read(condition.szColumnName.cast()) },
                condition.grbit,
            )
        });
        let size = fields.size as usize;
        let old = fields.own_size == size_of::<jet::JET_INDEXCREATE_A>() && size == OLD_SIZE;
        Self {
            name,
            key: key.unwrap_or_default(),
            grbit: fields.grbit,
            density: fields.density,
            unicode,
            segment_most: match fields.segment {
                Segment::Most(most) => most,
                Segment::Tuples(_) => 0,
            },
            tuples,
            space,
            conditions: conditions.collect(),
            key_most: if fields.key_most_counts {
                fields.key_most
            } else {
                0
            },
            first_form: false,
            has_its_size: sized && (size == fields.own_size || old),
        }
    }

    /// An index described by a name and a key alone, as JetCreateIndex is given it.
    pub(super) fn plain(name: Option<String>, key: String, grbit: u32, density: u32) -> Self {
        Self {
            name,
            key,
            grbit,
            density,
            unicode: None,
            segment_most: 0,
            tuples: None,
            space: None,
            conditions: Vec::new(),
            key_most: 0,
            first_form: true,
            has_its_size: true,
        }
    }

    /// An index as the model is told of it.
    pub(super) fn definition(&self) -> IndexDefinition<'_> {
        let conditions = self.conditions.iter();
        IndexDefinition {
            name: self.name.as_deref(),
            key: &self.key,
            grbit: self.grbit,
            density: self.density,
            unicode: self.unicode.clone(),
            tuples: self.tuples,
            space: self.space,
            segment_most: self.segment_most,
            conditions: conditions
                .map(|(name, grbit)| (name.as_deref(), *grbit))
                .collect(),
            key_most: self.key_most,
            first_form: self.first_form,
        }
    }
}

/// Writes a field of a structure of the caller's.
///
/// # Safety
/// `structure` has a field of that type at that offset, which may be written.
pub(super) unsafe fn write_field<S, T>(structure: *mut S, offset: usize, value: T) {
    // SAFETY: as promised; the structure may be unaligned.
    unsafe {
        structure
            .byte_add(offset)
            .cast::<T>()
            .write_unaligned(value)
    }
}
