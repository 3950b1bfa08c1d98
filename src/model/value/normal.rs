//! Key normalisation: a value becomes bytes whose plain order is the order of the values.
//!
//! Each column of a key is a prefix byte and the normalised value; descending is every byte
//! complemented. (jetmakekey-function.md, jetretrievekey-function.md; the bytes are those of the
//! published engine, save for the weights of Unicode text.)

use super::coltyp::Coltyp;
use super::column::{CODE_PAGE_UNICODE, Column, Storage};

/// Starts a column that is null.
const PREFIX_NULL: u8 = 0x00;
/// Starts a value of zero length.
const PREFIX_ZERO_LENGTH: u8 = 0x40;
/// Starts any other value.
const PREFIX_DATA: u8 = 0x7f;
/// Starts a column that is null, where nulls sort after values.
const PREFIX_NULL_HIGH: u8 = 0xc0;

/// The bytes of a group of a variable binary value.
const GROUP: usize = 8;
/// Ends a group that more bytes follow.
const GROUP_GOES_ON: u8 = 9;

/// How the values of a key column are normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Normaliser {
    coltyp: Coltyp,
    cp: u16,
    fixed: bool,
    /// Whether nulls sort after values.
    pub nulls_high: bool,
    /// Whether a GUID sorts as the .Net framework sorts it.
    pub dot_net_guid: bool,
    /// Whether the order is turned round.
    pub descending: bool,
}

impl Normaliser {
    /// The plain ascending normaliser of a column.
    pub fn of(column: &Column) -> Self {
        Self {
            coltyp: column.coltyp,
            cp: column.cp,
            fixed: column.storage() == Storage::Fixed,
            nulls_high: false,
            dot_net_guid: false,
            descending: false,
        }
    }

    /// The whole normalised column, prefix included; `None` is null.
    pub fn normalise(&self, value: Option<&[u8]>) -> Vec<u8> {
        let mut bytes = match value {
            None if self.nulls_high => vec![PREFIX_NULL_HIGH],
            None => vec![PREFIX_NULL],
            Some([]) => vec![PREFIX_ZERO_LENGTH],
            Some(value) => {
                let mut bytes = vec![PREFIX_DATA];
                self.data(value, &mut bytes);
                bytes
            }
        };
        if self.descending {
            bytes.iter_mut().for_each(|byte| *byte = !*byte);
        }
        bytes
    }

    /// The number at the beginning of a key: `Some(None)` is null, `None` that the value of such a
    /// column cannot be had from its key.
    pub fn number_of(&self, key: &[u8]) -> Option<Option<Vec<u8>>> {
        let turned: Vec<u8> = match self.descending {
            true => key.iter().map(|byte| !byte).collect(),
            false => key.to_vec(),
        };
        let sign: u8 = match self.coltyp {
            Coltyp::Short | Coltyp::Long | Coltyp::LongLong | Coltyp::Currency => 0x80,
            Coltyp::UnsignedByte
            | Coltyp::UnsignedShort
            | Coltyp::UnsignedLong
            | Coltyp::UnsignedLongLong => 0,
            _ => return None,
        };
        let (prefix, rest) = turned.split_first()?;
        if *prefix != PREFIX_DATA {
            return Some(None);
        }
        let size = self.coltyp.fixed_size()? as usize;
        let mut value: Vec<u8> = rest.get(..size)?.iter().rev().copied().collect();
        if let Some(most) = value.last_mut() {
            *most ^= sign;
        }
        Some(Some(value))
    }

    fn data(&self, value: &[u8], bytes: &mut Vec<u8>) {
        match self.coltyp {
            Coltyp::Text | Coltyp::LongText if self.cp == CODE_PAGE_UNICODE => {
                unicode(value, bytes);
            }
            Coltyp::Text | Coltyp::LongText => narrow(value, bytes),
            Coltyp::Binary | Coltyp::LongBinary if !self.fixed => groups(value, bytes),
            Coltyp::Binary | Coltyp::LongBinary => bytes.extend_from_slice(value),
            Coltyp::Bit => bytes.push(if value[0] == 0 { 0 } else { 0xff }),
            Coltyp::Guid => guid(value, self.dot_net_guid, bytes),
            Coltyp::IeeeSingle | Coltyp::IeeeDouble | Coltyp::DateTime => float(value, bytes),
            Coltyp::UnsignedByte
            | Coltyp::UnsignedShort
            | Coltyp::UnsignedLong
            | Coltyp::UnsignedLongLong => bytes.extend(value.iter().rev()),
            Coltyp::Short | Coltyp::Long | Coltyp::LongLong | Coltyp::Currency => {
                signed(value, bytes);
            }
        }
    }
}

/// Most significant byte first, the sign bit turned round.
fn signed(value: &[u8], bytes: &mut Vec<u8>) {
    let start = bytes.len();
    bytes.extend(value.iter().rev());
    bytes[start] ^= 0x80;
}

/// As [`signed`], and all bits of a negative number turned round.
fn float(value: &[u8], bytes: &mut Vec<u8>) {
    let negative = value.last().is_some_and(|byte| byte & 0x80 != 0);
    if negative {
        bytes.extend(value.iter().rev().map(|byte| !byte));
    } else {
        signed(value, bytes);
    }
}

/// The bytes in the order in which Windows compares GUIDs, or as .Net does.
fn guid(value: &[u8], dot_net: bool, bytes: &mut Vec<u8>) {
    const WINDOWS: [usize; 16] = [10, 11, 12, 13, 14, 15, 8, 9, 6, 7, 4, 5, 0, 1, 2, 3];
    const DOT_NET: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    let order = if dot_net { DOT_NET } else { WINDOWS };
    bytes.extend(order.iter().filter_map(|&index| value.get(index)));
}

/// Text of one byte per character: letters of ASCII in upper case, up to a null character.
fn narrow(value: &[u8], bytes: &mut Vec<u8>) {
    let text = value.split(|byte| *byte == 0).next().unwrap_or_default();
    bytes.extend(text.iter().map(u8::to_ascii_uppercase));
    bytes.push(0);
}

/// Groups of eight bytes, each with the count of its bytes, nine where another group follows.
fn groups(value: &[u8], bytes: &mut Vec<u8>) {
    let mut rest = value;
    loop {
        let (group, next) = rest.split_at(rest.len().min(GROUP));
        bytes.extend_from_slice(group);
        bytes.extend(std::iter::repeat_n(0, GROUP - group.len()));
        if next.is_empty() {
            bytes.push(group.len() as u8);
            return;
        }
        bytes.push(GROUP_GOES_ON);
        rest = next;
    }
}

/// The weights of Unicode text: in the layout of Windows, a list of alphabetic weights, then the
/// ends of the four lists, but weighed by code unit in lower case, as only Windows has its tables.
///
/// Null characters and U+FFFF weigh nothing. No weight holds a byte below 2, so that a shorter text
/// sorts before a longer one that begins with it.
fn unicode(value: &[u8], bytes: &mut Vec<u8>) {
    const END: [u8; 5] = [1, 1, 1, 1, 0];
    let units = value
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .filter(|unit| ![0, 0xffff].contains(unit));
    for unit in units {
        weigh(lower(unit), bytes);
    }
    bytes.extend(END);
}

fn lower(unit: u16) -> u16 {
    let lowered = char::from_u32(u32::from(unit)).and_then(|c| {
        let mut lower = c.to_lowercase();
        lower.next().filter(|_| lower.len() == 0)
    });
    lowered.map_or(unit, |c| u16::try_from(u32::from(c)).unwrap_or(unit))
}

fn weigh(unit: u16, bytes: &mut Vec<u8>) {
    /// The values that a byte of a weight takes: 2 to 255.
    const BASE: u16 = 254;
    let (high, low) = (unit / BASE, unit % BASE);
    if high < BASE - 1 {
        bytes.extend([high as u8 + 2, low as u8 + 2]);
    } else {
        bytes.extend([0xff, (high - (BASE - 1)) as u8 + 2, low as u8 + 2]);
    }
}

#[cfg(test)]
#[path = "normal_bytes_tests.rs"]
mod bytes_tests;
#[cfg(test)]
#[path = "normal_tests.rs"]
mod tests;
