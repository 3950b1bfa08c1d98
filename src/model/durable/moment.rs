//! Positions in a log, and moments in time as the structures of the documents hold them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// `JET_LGPOS`: a place in a log. (jet-lgpos-structure.md)
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct LogPosition {
    /// `lGeneration`: the file.
    pub generation: u32,
    /// `isec`: the sector within the file.
    pub sector: u16,
    /// `ib`: the byte within the sector.
    pub byte: u16,
}

/// The bytes of a sector of a log file.
const SECTOR: u64 = 512;

impl LogPosition {
    /// The position of a byte of a generation's file.
    pub fn of(generation: u32, offset: u64) -> Self {
        Self {
            generation,
            sector: u16::try_from(offset / SECTOR).unwrap_or(u16::MAX),
            byte: (offset % SECTOR) as u16,
        }
    }

    /// As the structure holds it.
    pub fn bytes(self) -> [u8; 8] {
        let mut bytes = [0; 8];
        bytes[..2].copy_from_slice(&self.byte.to_ne_bytes());
        bytes[2..4].copy_from_slice(&self.sector.to_ne_bytes());
        bytes[4..].copy_from_slice(&self.generation.to_ne_bytes());
        bytes
    }

    /// Out of the structure; all zero is no position.
    pub fn read(bytes: [u8; 8]) -> Option<Self> {
        let [a, b, c, d, e, f, g, h] = bytes;
        let position = Self {
            byte: u16::from_ne_bytes([a, b]),
            sector: u16::from_ne_bytes([c, d]),
            generation: u32::from_ne_bytes([e, f, g, h]),
        };
        (position != Self::default()).then_some(position)
    }
}

/// Seconds since 1970; zero for never.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Time(pub u64);

impl Time {
    /// This moment.
    pub fn now() -> Self {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
        Self(since_1970.unwrap_or_default().as_secs())
    }

    /// `JET_LOGTIME` in UTC: seconds, minutes, hours, day, month, years since 1900, flags.
    /// (jet-logtime-structure.md)
    pub fn bytes(self) -> [u8; 8] {
        if self.0 == 0 {
            return [0; 8];
        }
        let (days, seconds) = (self.0 / 86_400, self.0 % 86_400);
        let (year, month, day) = civil(days);
        let is_utc = 1;
        [
            (seconds % 60) as u8,
            (seconds / 60 % 60) as u8,
            (seconds / 3600) as u8,
            day,
            month,
            u8::try_from(year.saturating_sub(1900)).unwrap_or(u8::MAX),
            is_utc,
            0,
        ]
    }
}

/// Year, month and day of a number of days since 1970, counted in eras of 400 years that begin with
/// March.
fn civil(days: u64) -> (u64, u8, u8) {
    const DAYS_BEFORE_1970: u64 = 719_468;
    let days = days + DAYS_BEFORE_1970;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted + 2) / 5 + 1) as u8;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month as u8, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(20_785), (2026, 11, 28));
        assert_eq!(
            Time(951_868_799).bytes(),
            [59, 59, 23, 29, 2, 100, 1, 0],
            "the last second of a leap day"
        );
        assert_eq!(Time(0).bytes(), [0; 8]);
    }

    #[test]
    fn positions_are_ordered_and_come_back() {
        let (early, late) = (LogPosition::of(1, 9000), LogPosition::of(2, 40));
        assert!(early < late && LogPosition::of(1, 40) < early);
        assert_eq!(LogPosition::read(early.bytes()), Some(early));
        assert_eq!(LogPosition::read([0; 8]), None);
    }
}
