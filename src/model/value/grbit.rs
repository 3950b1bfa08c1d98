//! The option bits of columns, values and indexes, by their documented names.

use bitflags::bitflags;

bitflags! {
    /// Options of a column definition. (jet-columndef-structure.md)
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct ColumnGrbit: u32 {
        /// `JET_bitColumnFixed`
        const FIXED = 0x1;
        /// `JET_bitColumnTagged`
        const TAGGED = 0x2;
        /// `JET_bitColumnNotNULL`
        const NOT_NULL = 0x4;
        /// `JET_bitColumnVersion`
        const VERSION = 0x8;
        /// `JET_bitColumnAutoincrement`
        const AUTOINCREMENT = 0x10;
        /// `JET_bitColumnUpdatable`, reported of every column of a cursor that may change records.
        const UPDATABLE = 0x20;
        /// `JET_bitColumnTTKey`, for temporary tables.
        const TT_KEY = 0x40;
        /// `JET_bitColumnTTDescending`, for temporary tables.
        const TT_DESCENDING = 0x80;
        /// `JET_bitColumnMultiValued`
        const MULTI_VALUED = 0x400;
        /// `JET_bitColumnEscrowUpdate`
        const ESCROW_UPDATE = 0x800;
        /// `JET_bitColumnUnversioned`
        const UNVERSIONED = 0x1000;
        /// `JET_bitColumnMaybeNull`
        const MAYBE_NULL = 0x2000;
        /// `JET_bitColumnFinalize`
        const FINALIZE = 0x4000;
        /// `JET_bitColumnUserDefinedDefault`
        const USER_DEFINED_DEFAULT = 0x8000;
        /// `JET_bitColumnDeleteOnZero`
        const DELETE_ON_ZERO = 0x2_0000;
        /// `JET_bitColumnVariable`
        const VARIABLE = 0x4_0000;
        /// `JET_bitColumnCompressed`
        const COMPRESSED = 0x8_0000;
        /// `JET_bitColumnEncrypted`
        const ENCRYPTED = 0x10_0000;
        // Unknown bits are accepted and have no effect.
        const _ = !0;
    }

    /// Options of JetSetColumn. (jetsetcolumn-function.md)
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct SetGrbit: u32 {
        /// `JET_bitSetAppendLV`
        const APPEND_LV = 0x1;
        /// `JET_bitSetOverwriteLV`
        const OVERWRITE_LV = 0x4;
        /// `JET_bitSetSizeLV`
        const SIZE_LV = 0x8;
        /// `JET_bitSetZeroLength`
        const ZERO_LENGTH = 0x20;
        /// `JET_bitSetSeparateLV`
        const SEPARATE_LV = 0x40;
        /// `JET_bitSetUniqueMultiValues`
        const UNIQUE_MULTI_VALUES = 0x80;
        /// `JET_bitSetUniqueNormalizedMultiValues`
        const UNIQUE_NORMALIZED_MULTI_VALUES = 0x100;
        /// `JET_bitSetRevertToDefaultValue`
        const REVERT_TO_DEFAULT_VALUE = 0x200;
        /// `JET_bitSetIntrinsicLV`
        const INTRINSIC_LV = 0x400;
        /// `JET_bitSetUncompressed`
        const UNCOMPRESSED = 0x1_0000;
        /// `JET_bitSetCompressed`
        const COMPRESSED = 0x2_0000;
        /// `JET_bitSetContiguousLV`
        const CONTIGUOUS_LV = 0x4_0000;
        const _ = !0;
    }

    /// Options of JetRetrieveColumn. (jetretrievecolumn-function.md)
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct RetrieveGrbit: u32 {
        /// `JET_bitRetrieveCopy`
        const COPY = 0x1;
        /// `JET_bitRetrieveFromIndex`
        const FROM_INDEX = 0x2;
        /// `JET_bitRetrieveFromPrimaryBookmark`
        const FROM_PRIMARY_BOOKMARK = 0x4;
        /// `JET_bitRetrieveTag`
        const TAG = 0x8;
        /// `JET_bitRetrieveNull`
        const NULL = 0x10;
        /// `JET_bitRetrieveIgnoreDefault`
        const IGNORE_DEFAULT = 0x20;
        /// `JET_bitRetrieveLongId`
        const LONG_ID = 0x40;
        /// `JET_bitRetrieveLongValueRefCount`
        const LONG_VALUE_REF_COUNT = 0x80;
        /// `JET_bitRetrieveTuple`
        const TUPLE = 0x800;
        /// `JET_bitRetrievePageNumber`
        const PAGE_NUMBER = 0x1000;
        /// `JET_bitRetrieveCopyIntrinsic`
        const COPY_INTRINSIC = 0x2000;
        /// `JET_bitRetrievePhysicalSize`
        const PHYSICAL_SIZE = 0x1_0000;
        const _ = !0;
    }

    /// Options of JetEnumerateColumns. (jetenumeratecolumns-function.md)
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct EnumerateGrbit: u32 {
        /// `JET_bitEnumerateCopy`
        const COPY = 0x1;
        /// `JET_bitEnumerateIgnoreDefault`
        const IGNORE_DEFAULT = 0x20;
        /// `JET_bitEnumeratePresenceOnly`
        const PRESENCE_ONLY = 0x2_0000;
        /// `JET_bitEnumerateTaggedOnly`
        const TAGGED_ONLY = 0x4_0000;
        /// `JET_bitEnumerateCompressOutput`
        const COMPRESS_OUTPUT = 0x8_0000;
        /// `JET_bitEnumerateIgnoreUserDefinedDefault`
        const IGNORE_USER_DEFINED_DEFAULT = 0x10_0000;
        /// `JET_bitEnumerateInRecordOnly`
        const IN_RECORD_ONLY = 0x20_0000;
        /// `JET_bitEnumerateAsRefIfNotInRecord`
        const AS_REF_IF_NOT_IN_RECORD = 0x40_0000;
        const _ = !0;
    }

    /// Options of an index. (jet-indexcreate-structure.md)
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
    pub struct IndexGrbit: u32 {
        /// `JET_bitIndexUnique`
        const UNIQUE = 0x1;
        /// `JET_bitIndexPrimary`
        const PRIMARY = 0x2;
        /// `JET_bitIndexDisallowNull`
        const DISALLOW_NULL = 0x4;
        /// `JET_bitIndexIgnoreNull`
        const IGNORE_NULL = 0x8;
        /// `JET_bitIndexIgnoreAnyNull`
        const IGNORE_ANY_NULL = 0x20;
        /// `JET_bitIndexIgnoreFirstNull`
        const IGNORE_FIRST_NULL = 0x40;
        /// `JET_bitIndexLazyFlush`
        const LAZY_FLUSH = 0x80;
        /// `JET_bitIndexEmpty`
        const EMPTY = 0x100;
        /// `JET_bitIndexUnversioned`
        const UNVERSIONED = 0x200;
        /// `JET_bitIndexSortNullsHigh`
        const SORT_NULLS_HIGH = 0x400;
        /// `JET_bitIndexUnicode`
        const UNICODE = 0x800;
        /// `JET_bitIndexTuples`
        const TUPLES = 0x1000;
        /// `JET_bitIndexTupleLimits`
        const TUPLE_LIMITS = 0x2000;
        /// `JET_bitIndexCrossProduct`
        const CROSS_PRODUCT = 0x4000;
        /// `JET_bitIndexKeyMost`
        const KEY_MOST = 0x8000;
        /// `JET_bitIndexDisallowTruncation`
        const DISALLOW_TRUNCATION = 0x1_0000;
        /// `JET_bitIndexNestedTable`
        const NESTED_TABLE = 0x2_0000;
        /// `JET_bitIndexDotNetGuid`
        const DOT_NET_GUID = 0x4_0000;
        /// `JET_bitIndexDeferredPopulateCreate`
        const DEFERRED_POPULATE_CREATE = 0x10_0000;
        /// `JET_bitIndexDeferredPopulateProcess`
        const DEFERRED_POPULATE_PROCESS = 0x20_0000;
        const _ = !0;
    }

    /// Options of JetMakeKey. (jetmakekey-function.md)
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct KeyGrbit: u32 {
        /// `JET_bitNewKey`
        const NEW_KEY = 0x1;
        /// `JET_bitStrLimit`
        const STR_LIMIT = 0x2;
        /// `JET_bitSubStrLimit`
        const SUB_STR_LIMIT = 0x4;
        /// `JET_bitNormalizedKey`
        const NORMALIZED_KEY = 0x8;
        /// `JET_bitKeyDataZeroLength`
        const DATA_ZERO_LENGTH = 0x10;
        /// `JET_bitFullColumnStartLimit`
        const FULL_COLUMN_START_LIMIT = 0x100;
        /// `JET_bitFullColumnEndLimit`
        const FULL_COLUMN_END_LIMIT = 0x200;
        /// `JET_bitPartialColumnStartLimit`
        const PARTIAL_COLUMN_START_LIMIT = 0x400;
        /// `JET_bitPartialColumnEndLimit`
        const PARTIAL_COLUMN_END_LIMIT = 0x800;
        const _ = !0;
    }
}

impl ColumnGrbit {
    /// Every option of a column that the pages know.
    pub fn known() -> Self {
        Self::from_bits_retain(0x1f_fcff)
    }
}

impl IndexGrbit {
    /// Every option of an index that the pages know.
    pub fn known() -> Self {
        Self::from_bits_retain(0x37_ffef)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::constants;

    #[test]
    fn bits_are_the_documented_ones() {
        for (name, bits) in [
            ("JET_bitColumnFixed", ColumnGrbit::FIXED.bits()),
            ("JET_bitColumnTagged", ColumnGrbit::TAGGED.bits()),
            ("JET_bitColumnNotNULL", ColumnGrbit::NOT_NULL.bits()),
            ("JET_bitColumnVersion", ColumnGrbit::VERSION.bits()),
            (
                "JET_bitColumnAutoincrement",
                ColumnGrbit::AUTOINCREMENT.bits(),
            ),
            ("JET_bitColumnUpdatable", ColumnGrbit::UPDATABLE.bits()),
            ("JET_bitColumnTTKey", ColumnGrbit::TT_KEY.bits()),
            (
                "JET_bitColumnTTDescending",
                ColumnGrbit::TT_DESCENDING.bits(),
            ),
            ("JET_bitColumnMultiValued", ColumnGrbit::MULTI_VALUED.bits()),
            (
                "JET_bitColumnEscrowUpdate",
                ColumnGrbit::ESCROW_UPDATE.bits(),
            ),
            ("JET_bitColumnUnversioned", ColumnGrbit::UNVERSIONED.bits()),
            ("JET_bitColumnMaybeNull", ColumnGrbit::MAYBE_NULL.bits()),
            ("JET_bitColumnFinalize", ColumnGrbit::FINALIZE.bits()),
            (
                "JET_bitColumnUserDefinedDefault",
                ColumnGrbit::USER_DEFINED_DEFAULT.bits(),
            ),
            (
                "JET_bitColumnDeleteOnZero",
                ColumnGrbit::DELETE_ON_ZERO.bits(),
            ),
            ("JET_bitColumnVariable", ColumnGrbit::VARIABLE.bits()),
            ("JET_bitColumnCompressed", ColumnGrbit::COMPRESSED.bits()),
            ("JET_bitColumnEncrypted", ColumnGrbit::ENCRYPTED.bits()),
            ("JET_bitSetAppendLV", SetGrbit::APPEND_LV.bits()),
            ("JET_bitSetOverwriteLV", SetGrbit::OVERWRITE_LV.bits()),
            ("JET_bitSetSizeLV", SetGrbit::SIZE_LV.bits()),
            ("JET_bitSetZeroLength", SetGrbit::ZERO_LENGTH.bits()),
            ("JET_bitSetSeparateLV", SetGrbit::SEPARATE_LV.bits()),
            (
                "JET_bitSetUniqueMultiValues",
                SetGrbit::UNIQUE_MULTI_VALUES.bits(),
            ),
            (
                "JET_bitSetUniqueNormalizedMultiValues",
                SetGrbit::UNIQUE_NORMALIZED_MULTI_VALUES.bits(),
            ),
            (
                "JET_bitSetRevertToDefaultValue",
                SetGrbit::REVERT_TO_DEFAULT_VALUE.bits(),
            ),
            ("JET_bitSetIntrinsicLV", SetGrbit::INTRINSIC_LV.bits()),
            ("JET_bitSetUncompressed", SetGrbit::UNCOMPRESSED.bits()),
            ("JET_bitSetCompressed", SetGrbit::COMPRESSED.bits()),
            ("JET_bitSetContiguousLV", SetGrbit::CONTIGUOUS_LV.bits()),
            ("JET_bitRetrieveCopy", RetrieveGrbit::COPY.bits()),
            ("JET_bitRetrieveFromIndex", RetrieveGrbit::FROM_INDEX.bits()),
            (
                "JET_bitRetrieveFromPrimaryBookmark",
                RetrieveGrbit::FROM_PRIMARY_BOOKMARK.bits(),
            ),
            ("JET_bitRetrieveTag", RetrieveGrbit::TAG.bits()),
            ("JET_bitRetrieveNull", RetrieveGrbit::NULL.bits()),
            (
                "JET_bitRetrieveIgnoreDefault",
                RetrieveGrbit::IGNORE_DEFAULT.bits(),
            ),
            ("JET_bitRetrieveLongId", RetrieveGrbit::LONG_ID.bits()),
            (
                "JET_bitRetrieveLongValueRefCount",
                RetrieveGrbit::LONG_VALUE_REF_COUNT.bits(),
            ),
            ("JET_bitRetrieveTuple", RetrieveGrbit::TUPLE.bits()),
            (
                "JET_bitRetrievePageNumber",
                RetrieveGrbit::PAGE_NUMBER.bits(),
            ),
            (
                "JET_bitRetrieveCopyIntrinsic",
                RetrieveGrbit::COPY_INTRINSIC.bits(),
            ),
            (
                "JET_bitRetrievePhysicalSize",
                RetrieveGrbit::PHYSICAL_SIZE.bits(),
            ),
            ("JET_bitEnumerateCopy", EnumerateGrbit::COPY.bits()),
            (
                "JET_bitEnumerateIgnoreDefault",
                EnumerateGrbit::IGNORE_DEFAULT.bits(),
            ),
            (
                "JET_bitEnumeratePresenceOnly",
                EnumerateGrbit::PRESENCE_ONLY.bits(),
            ),
            (
                "JET_bitEnumerateTaggedOnly",
                EnumerateGrbit::TAGGED_ONLY.bits(),
            ),
            (
                "JET_bitEnumerateCompressOutput",
                EnumerateGrbit::COMPRESS_OUTPUT.bits(),
            ),
            (
                "JET_bitEnumerateIgnoreUserDefinedDefault",
                EnumerateGrbit::IGNORE_USER_DEFINED_DEFAULT.bits(),
            ),
            (
                "JET_bitEnumerateInRecordOnly",
                EnumerateGrbit::IN_RECORD_ONLY.bits(),
            ),
            (
                "JET_bitEnumerateAsRefIfNotInRecord",
                EnumerateGrbit::AS_REF_IF_NOT_IN_RECORD.bits(),
            ),
            ("JET_bitIndexUnique", IndexGrbit::UNIQUE.bits()),
            ("JET_bitIndexPrimary", IndexGrbit::PRIMARY.bits()),
            ("JET_bitIndexDisallowNull", IndexGrbit::DISALLOW_NULL.bits()),
            ("JET_bitIndexIgnoreNull", IndexGrbit::IGNORE_NULL.bits()),
            (
                "JET_bitIndexIgnoreAnyNull",
                IndexGrbit::IGNORE_ANY_NULL.bits(),
            ),
            (
                "JET_bitIndexIgnoreFirstNull",
                IndexGrbit::IGNORE_FIRST_NULL.bits(),
            ),
            ("JET_bitIndexLazyFlush", IndexGrbit::LAZY_FLUSH.bits()),
            ("JET_bitIndexEmpty", IndexGrbit::EMPTY.bits()),
            ("JET_bitIndexUnversioned", IndexGrbit::UNVERSIONED.bits()),
            (
                "JET_bitIndexSortNullsHigh",
                IndexGrbit::SORT_NULLS_HIGH.bits(),
            ),
            ("JET_bitIndexUnicode", IndexGrbit::UNICODE.bits()),
            ("JET_bitIndexTuples", IndexGrbit::TUPLES.bits()),
            ("JET_bitIndexTupleLimits", IndexGrbit::TUPLE_LIMITS.bits()),
            ("JET_bitIndexCrossProduct", IndexGrbit::CROSS_PRODUCT.bits()),
            ("JET_bitIndexKeyMost", IndexGrbit::KEY_MOST.bits()),
            (
                "JET_bitIndexDisallowTruncation",
                IndexGrbit::DISALLOW_TRUNCATION.bits(),
            ),
            ("JET_bitIndexNestedTable", IndexGrbit::NESTED_TABLE.bits()),
            ("JET_bitIndexDotNetGuid", IndexGrbit::DOT_NET_GUID.bits()),
            (
                "JET_bitIndexDeferredPopulateCreate",
                IndexGrbit::DEFERRED_POPULATE_CREATE.bits(),
            ),
            (
                "JET_bitIndexDeferredPopulateProcess",
                IndexGrbit::DEFERRED_POPULATE_PROCESS.bits(),
            ),
            ("JET_bitNewKey", KeyGrbit::NEW_KEY.bits()),
            ("JET_bitStrLimit", KeyGrbit::STR_LIMIT.bits()),
            ("JET_bitSubStrLimit", KeyGrbit::SUB_STR_LIMIT.bits()),
            ("JET_bitNormalizedKey", KeyGrbit::NORMALIZED_KEY.bits()),
            (
                "JET_bitKeyDataZeroLength",
                KeyGrbit::DATA_ZERO_LENGTH.bits(),
            ),
            (
                "JET_bitFullColumnStartLimit",
                KeyGrbit::FULL_COLUMN_START_LIMIT.bits(),
            ),
            (
                "JET_bitFullColumnEndLimit",
                KeyGrbit::FULL_COLUMN_END_LIMIT.bits(),
            ),
            (
                "JET_bitPartialColumnStartLimit",
                KeyGrbit::PARTIAL_COLUMN_START_LIMIT.bits(),
            ),
            (
                "JET_bitPartialColumnEndLimit",
                KeyGrbit::PARTIAL_COLUMN_END_LIMIT.bits(),
            ),
        ] {
            assert_eq!(constants::value(name), Some(u64::from(bits)), "{name}");
        }
    }
}
