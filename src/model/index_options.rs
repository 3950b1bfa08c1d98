//! What an index definition may say beside its key: the language of its text, the tuples that text
//! is split into, hints about space.
//!
//! (jet-unicodeindex-structure.md, jet-tuplelimits-structure.md, jet-spacehints-structure.md)

use serde::{Deserialize, Serialize};

use super::outcome::Jet;
use super::rules::rules;
use super::settings::Settings;
use crate::abi::errors::JetError;

rules! {
    /// The lengths of tuples are within limits. (jet-tuplelimits-structure.md)
    TUPLE_LIMITS = "index/tuples-limits";
    /// Hints about space can be followed. (jet-spacehints-structure.md)
    SPACE_HINTS = "index/space-hints";
    /// So can their densities. (jet-spacehints-structure.md)
    DENSITY = "index/density";
    /// Their options exist. (jet-spacehints-structure.md)
    HINTS_GRBIT = "index/space-hints-grbit";
    /// Hints that can be followed are no fault. (jetcreateindex3-function.md)
    HINTS_FOLLOWED = "index/space-hints-followed";
}

/// How the Unicode text of an index is normalised. (jet-unicodeindex-structure.md)
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Hash)]
pub struct Unicode {
    /// The locale, by its name.
    pub locale: String,
    /// `dwMapFlags`, the flags of LCMapString.
    pub map_flags: u32,
}

/// The locale of an index that was given none (JET_paramUnicodeIndexDefault).
const LOCALE_USUAL: &str = "en-US";
/// The flags of an index that was given none: LCMAP_SORTKEY, NORM_IGNORECASE,
/// NORM_IGNOREKANATYPE, NORM_IGNOREWIDTH.
const MAP_FLAGS_USUAL: u32 = 0x0003_0401;
/// The number of a locale that has only a name (LOCALE_CUSTOM_UNSPECIFIED of the system).
const LOCALE_UNNUMBERED: u32 = 0x1000;

/// Locales by their numbers and names, as the system has them.
const LOCALES: [(u32, &str); 17] = [
    (0x007f, ""),
    (0x0404, "zh-TW"),
    (0x0405, "cs-CZ"),
    (0x0406, "da-DK"),
    (0x0407, "de-DE"),
    (0x0409, LOCALE_USUAL),
    (0x040a, "es-ES_tradnl"),
    (0x040b, "fi-FI"),
    (0x040c, "fr-FR"),
    (0x0410, "it-IT"),
    (0x0411, "ja-JP"),
    (0x0412, "ko-KR"),
    (0x0413, "nl-NL"),
    (0x0415, "pl-PL"),
    (0x0419, "ru-RU"),
    (0x041d, "sv-SE"),
    (0x0804, "zh-CN"),
];

impl Default for Unicode {
    fn default() -> Self {
        Self {
            locale: LOCALE_USUAL.to_owned(),
            map_flags: MAP_FLAGS_USUAL,
        }
    }
}

impl Unicode {
    /// The settings of a definition that gives the locale by its name; no flags are the usual ones.
    pub fn named(locale: &str, map_flags: u32) -> Self {
        let usual = if map_flags == 0 { MAP_FLAGS_USUAL } else { 0 };
        Self {
            locale: locale.to_owned(),
            map_flags: map_flags | usual,
        }
    }

    /// The settings of a definition that gives the locale by its number; zero is the usual one.
    pub fn numbered(lcid: u32, map_flags: u32) -> Self {
        let known = LOCALES.iter().find(|(number, _)| *number == lcid);
        Self::named(known.map_or(LOCALE_USUAL, |(_, name)| name), map_flags)
    }

    /// The number of the locale.
    pub fn lcid(&self) -> u32 {
        let same = |(_, name): &&(u32, &str)| name.eq_ignore_ascii_case(&self.locale);
        let known = LOCALES.iter().find(same);
        known.map_or(LOCALE_UNNUMBERED, |(number, _)| *number)
    }
}

/// The tuples of an index, in characters. (jet-tuplelimits-structure.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Hash)]
pub struct TupleLimits {
    /// `chLengthMin`
    pub least: u32,
    /// `chLengthMax`
    pub most: u32,
    /// `chToIndexMax`: characters beyond are not looked at.
    pub to_index: u32,
    /// `cchIncrement`: how far the next tuple begins behind one.
    pub increment: u32,
    /// `ichStart`: where the first tuple begins.
    pub start: u32,
}

/// The numbers of the parameters that an index without limits of its own takes: IndexTuplesLengthMin,
/// IndexTuplesLengthMax, IndexTuplesToIndexMax, IndexTupleIncrement, IndexTupleStart.
/// (index-parameters.md)
const PARAMETERS: [u32; 5] = [110, 111, 112, 132, 133];
/// What a zero stands for, except in the start.
const USUAL: [u32; 4] = [3, 10, 32767, 1];
/// The shortest and the longest tuple that there can be.
const LENGTHS: std::ops::RangeInclusive<u32> = 2..=255;
/// The most characters that can be looked at.
const TO_INDEX_MOST: u32 = 32767;
/// The largest increment and start.
const NUMBER_MOST: u32 = 65535;

impl TupleLimits {
    /// The limits that an instance was told.
    pub fn of_settings(settings: &Settings) -> Self {
        let number = |id| u32::try_from(settings.number(id)).unwrap_or(u32::MAX);
        let [least, most, to_index, increment, start] = PARAMETERS.map(number);
        Self {
            least,
            most,
            to_index,
            increment,
            start,
        }
    }

    /// The limits with what stands for zero.
    ///
    /// # Errors
    /// `JET_errIndexTuplesInvalidLimits`.
    pub fn check(self) -> Jet<Self> {
        let or = |number: u32, usual| if number == 0 { usual } else { number };
        let [least, most, to_index, increment] = USUAL;
        let limits = Self {
            least: or(self.least, least),
            most: or(self.most, most),
            to_index: or(self.to_index, to_index),
            increment: or(self.increment, increment),
            start: if self.start == u32::MAX {
                0
            } else {
                self.start
            },
        };
        let fit = LENGTHS.contains(&limits.least)
            && LENGTHS.contains(&limits.most)
            && limits.least <= limits.most
            && limits.to_index <= TO_INDEX_MOST
            && limits.increment <= NUMBER_MOST
            && limits.start <= NUMBER_MOST;
        TUPLE_LIMITS.refuse(!fit, JetError::IndexTuplesInvalidLimits)?;
        Ok(limits)
    }

    /// The tuples of a value whose characters have so many bytes.
    pub fn split(self, value: &[u8], unit: usize) -> impl Iterator<Item = Vec<u8>> {
        let bytes = move |characters: u32| characters as usize * unit;
        let end = value.len().min(bytes(self.to_index));
        let starts = (bytes(self.start)..end).step_by(bytes(self.increment).max(unit));
        let long_enough = starts.filter(move |start| end - start >= bytes(self.least));
        long_enough.map(move |start| value[start..end.min(start + bytes(self.most))].to_vec())
    }
}

/// Hints about space. Nothing that a caller sees follows from them; they are kept, and told again.
/// (jet-spacehints-structure.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Hash)]
pub struct SpaceHints {
    /// `ulInitialDensity`, in percent.
    pub initial_density: u32,
    /// `cbInitial`, in bytes.
    pub initial: u32,
    /// `grbit`
    pub grbit: u32,
    /// `ulMaintDensity`, in percent, zero for none.
    pub maintenance_density: u32,
    /// `ulGrowth`, in percent, zero for none.
    pub growth: u32,
    /// `cbMinExtent`, in bytes.
    pub least_extent: u32,
    /// `cbMaxExtent`, in bytes.
    pub most_extent: u32,
}

/// Options of hints. (jet-spacehints-structure.md)
mod bits {
    pub const SCAN_FORWARD: u32 = 0x10;
    pub const SCAN_BACKWARD: u32 = 0x20;
    /// Every option that the published header names.
    pub const ALL: u32 = 0x3f7;
}

/// The density of a tree that was given none, in percent.
const DENSITY_USUAL: u32 = 80;
/// The densities that there can be, in percent.
const DENSITIES: std::ops::RangeInclusive<u32> = 20..=100;
/// The growth that there can be, in percent.
const GROWTHS: std::ops::Range<u32> = 100..50_000;
/// Extents are smaller, in bytes.
const EXTENT_LIMIT: u32 = 100 << 20;

impl SpaceHints {
    /// No hints but the density.
    pub fn of_density(density: u32) -> Self {
        Self {
            initial_density: if density == 0 { DENSITY_USUAL } else { density },
            initial: 0,
            grbit: 0,
            maintenance_density: 0,
            growth: 0,
            least_extent: 0,
            most_extent: 0,
        }
    }

    /// The hints of a definition.
    ///
    /// # Errors
    /// `JET_errDensityInvalid`, `JET_errInvalidGrbit`, `JET_errSpaceHintsInvalid`.
    pub fn check(self) -> Jet<Self> {
        let density = |density: u32| density == 0 || DENSITIES.contains(&density);
        let dense = density(self.initial_density) && density(self.maintenance_density);
        DENSITY.refuse(!dense, JetError::DensityInvalid)?;
        HINTS_GRBIT.refuse(self.grbit & !bits::ALL != 0, JetError::InvalidGrbit)?;
        let scans = bits::SCAN_FORWARD | bits::SCAN_BACKWARD;
        let fit = self.grbit & scans != scans
            && (self.growth == 0 || GROWTHS.contains(&self.growth))
            && self.most_extent < EXTENT_LIMIT
            && self.least_extent <= self.most_extent;
        SPACE_HINTS.refuse(!fit, JetError::SpaceHintsInvalid)?;
        HINTS_FOLLOWED.allow(fit, JetError::SpaceHintsInvalid)?;
        let usual = Self::of_density(self.initial_density).initial_density;
        Ok(Self {
            initial_density: usual,
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RAIN: TupleLimits = TupleLimits {
        least: 2,
        most: 3,
        to_index: 0,
        increment: 0,
        start: 0,
    };

    #[test]
    fn tuples_are_those_of_the_page() {
        let limits = RAIN.check().expect("the limits of the page");
        let tuples: Vec<_> = limits.split(b"RAIN IN SPAIN!", 1).collect();
        let expected: [&[u8]; 13] = [
            b"RAI", b"AIN", b"IN ", b"N I", b" IN", b"IN ", b"N S", b" SP", b"SPA", b"PAI", b"AIN",
            b"IN!", b"N!",
        ];
        assert_eq!(tuples, expected);
    }

    #[test]
    fn tuples_begin_end_and_stride_as_asked() {
        let limits = TupleLimits {
            to_index: 9,
            increment: 2,
            start: 1,
            ..RAIN
        };
        let limits = limits.check().expect("valid limits");
        let tuples: Vec<_> = limits.split(b"0123456789", 1).collect();
        let expected: [&[u8]; 4] = [b"123", b"345", b"567", b"78"];
        assert_eq!(tuples, expected);
    }

    #[test]
    fn limits_that_contradict_each_other_are_refused() {
        let refused = Err(JetError::IndexTuplesInvalidLimits);
        for (least, most) in [(1, 3), (2, 256), (5, 4), (0x1_0002, 3)] {
            assert_eq!(
                TupleLimits {
                    least,
                    most,
                    ..RAIN
                }
                .check(),
                refused
            );
        }
    }

    #[test]
    fn locales_have_their_numbers() {
        assert_eq!(Unicode::default().lcid(), 0x409);
        assert_eq!(Unicode::numbered(0x407, 0).locale, "de-DE");
        assert_eq!(Unicode::named("xx-none", 0).lcid(), LOCALE_UNNUMBERED);
        assert_eq!(Unicode::numbered(0, 0), Unicode::default());
    }
}
