//! Column types (`JET_coltyp*`), and the classes that decide how a value is kept.
//!
//! (jet-coltyp.md)

use serde::{Deserialize, Serialize};

macro_rules! coltyps {
    ($($(#[$doc:meta])* $variant:ident = $value:literal, $fixed:expr;)*) => {
        /// The type of a column.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Coltyp { $($(#[$doc])* $variant,)* }

        impl Coltyp {
            /// The documented number.
            pub const fn number(self) -> u32 {
                match self { $(Self::$variant => $value,)* }
            }

            /// The type with a documented number; `None` for `JET_coltypNil`, the obsolete
            /// `JET_coltypSLV` and numbers that no page lists.
            pub const fn from_number(number: u32) -> Option<Self> {
                match number { $($value => Some(Self::$variant),)* _ => None }
            }

            /// The size in bytes of each value, where the type settles it.
            pub const fn fixed_size(self) -> Option<u32> {
                match self { $(Self::$variant => $fixed,)* }
            }

            /// Every type, by number.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
        }
    };
}

coltyps! {
    /// A Boolean; any byte that is not zero is stored as 0xff.
    Bit = 1, Some(1);
    /// One byte without sign.
    UnsignedByte = 2, Some(1);
    /// Two bytes with sign.
    Short = 3, Some(2);
    /// Four bytes with sign.
    Long = 4, Some(4);
    /// Eight bytes with sign.
    Currency = 5, Some(8);
    /// A single-precision number.
    IeeeSingle = 6, Some(4);
    /// A double-precision number.
    IeeeDouble = 7, Some(8);
    /// A point in time, as a double-precision number of days.
    DateTime = 8, Some(8);
    /// Up to 255 bytes.
    Binary = 9, None;
    /// Up to 255 bytes of text.
    Text = 10, None;
    /// A long value of bytes.
    LongBinary = 11, None;
    /// A long value of text.
    LongText = 12, None;
    /// Four bytes without sign.
    UnsignedLong = 14, Some(4);
    /// Eight bytes with sign.
    LongLong = 15, Some(8);
    /// Sixteen bytes of a GUID.
    Guid = 16, Some(16);
    /// Two bytes without sign.
    UnsignedShort = 17, Some(2);
    /// Eight bytes without sign.
    UnsignedLongLong = 18, Some(8);
}

impl Coltyp {
    /// Whether values may be long values, stored apart from the record.
    pub const fn is_long_value(self) -> bool {
        matches!(self, Self::LongBinary | Self::LongText)
    }

    /// Whether values are text in a code page.
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::LongText)
    }

    /// Whether values are plain bytes of any length.
    pub const fn is_binary(self) -> bool {
        matches!(self, Self::Binary | Self::LongBinary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_trip_and_gaps_are_no_types() {
        for &coltyp in Coltyp::ALL {
            assert_eq!(Coltyp::from_number(coltyp.number()), Some(coltyp));
        }
        for gap in [0, 13, 19, 100] {
            assert_eq!(Coltyp::from_number(gap), None);
        }
    }
}
