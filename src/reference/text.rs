//! Text across the border, narrow and wide, behind one trait: a function that exists in both forms
//! is written once.

use windows_sys::Win32::Storage::Jet as jet;

use crate::model::durable::moment::LogPosition;

/// The width of text in a call.
pub(super) trait Form: 'static {
    /// One unit of text.
    type Unit: Copy;
    /// One unit of a key description, which the header declares apart.
    type KeyUnit: Copy;
    /// `JET_TABLECREATE`
    type TableCreate;
    /// `JET_TABLECREATE2`
    type TableCreate2;
    /// `JET_TABLECREATE3`
    type TableCreate3;
    /// `JET_TABLECREATE4`
    type TableCreate4;
    /// `JET_INDEXCREATE`
    type IndexCreate;
    /// `JET_INDEXCREATE2`
    type IndexCreate2;
    /// `JET_INDEXCREATE3`
    type IndexCreate3;
    /// `JET_SETSYSPARAM`
    type SetSysParam;
    /// `JET_INSTANCE_INFO`
    type InstanceInfo;
    /// `JET_RSTINFO`
    type RstInfo: Copy;
    /// `JET_RSTMAP`
    type RstMap: Copy;
    /// `JET_LOGINFO`
    type LogInfo: Copy;
    /// `JET_CONVERT`
    type Convert;

    /// The fields of `JET_RSTINFO`: map, its length, position to stop at, function.
    fn rstinfo(info: &Self::RstInfo) -> (*const Self::RstMap, i32, [u8; 8], jet::JET_PFNSTATUS);

    /// The fields of `JET_RSTMAP`: where a database was, and where it is.
    fn rstmap(map: &Self::RstMap) -> (*const Self::Unit, *const Self::Unit);

    /// The fields of `JET_LOGINFO`: size, first and last generation, and the base name.
    fn loginfo(info: &Self::LogInfo) -> (u32, u32, u32, String);

    /// Fills a `JET_LOGINFO`.
    fn fill_loginfo(info: &mut Self::LogInfo, low: u32, high: u32, base_name: &str);

    /// Reads text; `None` for a null pointer.
    ///
    /// # Safety
    /// The pointer is null, or text that ends with a zero unit or has [`MOST_UNITS`] units.
    unsafe fn read(pointer: *const Self::Unit) -> Option<String>;

    /// Reads `units` units of text that need not end with zero; `None` for a null pointer.
    ///
    /// # Safety
    /// The pointer is null, or has that many units behind it.
    unsafe fn read_units(pointer: *const Self::KeyUnit, units: usize) -> Option<String>;

    /// The bytes of a text as the caller gets them, with the zero unit.
    fn encode(text: &str) -> Vec<u8>;

    /// The size of a unit in bytes.
    const UNIT: usize = size_of::<Self::Unit>();
}

/// 8-bit text: the functions with an A.
pub(super) enum Narrow {}

/// 16-bit text: the functions with a W.
pub(super) enum Wide {}

/// The bytes of a place in the logs.
fn position(given: jet::JET_LGPOS) -> [u8; 8] {
    let position = LogPosition {
        generation: given.lGeneration.cast_unsigned(),
        sector: given.isec,
        byte: given.ib,
    };
    position.bytes()
}

impl Form for Narrow {
    type Unit = i8;
    type KeyUnit = u8;
    type TableCreate = jet::JET_TABLECREATE_A;
    type TableCreate2 = jet::JET_TABLECREATE2_A;
    type TableCreate3 = jet::JET_TABLECREATE3_A;
    type TableCreate4 = jet::JET_TABLECREATE4_A;
    type IndexCreate = jet::JET_INDEXCREATE_A;
    type IndexCreate2 = jet::JET_INDEXCREATE2_A;
    type IndexCreate3 = jet::JET_INDEXCREATE3_A;
    type SetSysParam = jet::JET_SETSYSPARAM_A;
    type InstanceInfo = jet::JET_INSTANCE_INFO_A;
    type RstInfo = jet::JET_RSTINFO_A;
    type RstMap = jet::JET_RSTMAP_A;
    type LogInfo = jet::JET_LOGINFO_A;
    type Convert = jet::JET_CONVERT_A;

    fn rstinfo(info: &Self::RstInfo) -> (*const Self::RstMap, i32, [u8; 8], jet::JET_PFNSTATUS) {
        let stop = position(info.lgposStop);
        (info.rgrstmap, info.crstmap, stop, info.pfnStatus)
    }

    fn rstmap(map: &Self::RstMap) -> (*const Self::Unit, *const Self::Unit) {
        (
            map.szDatabaseName.cast_const().cast(),
            map.szNewDatabaseName.cast_const().cast(),
        )
    }

    fn loginfo(info: &Self::LogInfo) -> (u32, u32, u32, String) {
        let name = info.szBaseName;
        let bytes: Vec<u8> = name.iter().map(|unit| unit.cast_unsigned()).collect();
        let base = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        (info.cbSize, info.ulGenLow, info.ulGenHigh, narrow(base))
    }

    fn fill_loginfo(info: &mut Self::LogInfo, low: u32, high: u32, base_name: &str) {
        info.ulGenLow = low;
        info.ulGenHigh = high;
        let units = base_name.bytes().map(u8::cast_signed).chain([0]);
        let mut name = info.szBaseName;
        for (place, unit) in name.iter_mut().zip(units) {
            *place = unit;
        }
        info.szBaseName = name;
    }

    unsafe fn read(pointer: *const i8) -> Option<String> {
        if pointer.is_null() {
            return None;
        }
        // SAFETY: the caller promises text that ends with zero, or is as long as is looked at.
        let bytes = unsafe { up_to_end(pointer.cast::<u8>()) };
        Some(narrow(bytes))
    }

    unsafe fn read_units(pointer: *const u8, units: usize) -> Option<String> {
        // SAFETY: the caller promises that many units.
        unsafe { slice(pointer, units) }.map(narrow)
    }

    fn encode(text: &str) -> Vec<u8> {
        [text.as_bytes(), &[0]].concat()
    }
}

impl Form for Wide {
    type Unit = u16;
    type KeyUnit = u16;
    type TableCreate = jet::JET_TABLECREATE_W;
    type TableCreate2 = jet::JET_TABLECREATE2_W;
    type TableCreate3 = jet::JET_TABLECREATE3_W;
    type TableCreate4 = jet::JET_TABLECREATE4_W;
    type IndexCreate = jet::JET_INDEXCREATE_W;
    type IndexCreate2 = jet::JET_INDEXCREATE2_W;
    type IndexCreate3 = jet::JET_INDEXCREATE3_W;
    type SetSysParam = jet::JET_SETSYSPARAM_W;
    type InstanceInfo = jet::JET_INSTANCE_INFO_W;
    type RstInfo = jet::JET_RSTINFO_W;
    type RstMap = jet::JET_RSTMAP_W;
    type LogInfo = jet::JET_LOGINFO_W;
    type Convert = jet::JET_CONVERT_W;

    fn rstinfo(info: &Self::RstInfo) -> (*const Self::RstMap, i32, [u8; 8], jet::JET_PFNSTATUS) {
        let stop = position(info.lgposStop);
        (info.rgrstmap, info.crstmap, stop, info.pfnStatus)
    }

    fn rstmap(map: &Self::RstMap) -> (*const Self::Unit, *const Self::Unit) {
        (
            map.szDatabaseName.cast_const(),
            map.szNewDatabaseName.cast_const(),
        )
    }

    fn loginfo(info: &Self::LogInfo) -> (u32, u32, u32, String) {
        let name = info.szBaseName;
        let base = name.split(|unit| *unit == 0).next().unwrap_or_default();
        let base = String::from_utf16_lossy(base);
        (info.cbSize, info.ulGenLow, info.ulGenHigh, base)
    }

    fn fill_loginfo(info: &mut Self::LogInfo, low: u32, high: u32, base_name: &str) {
        info.ulGenLow = low;
        info.ulGenHigh = high;
        let units = base_name.encode_utf16().chain([0]);
        let mut name = info.szBaseName;
        for (place, unit) in name.iter_mut().zip(units) {
            *place = unit;
        }
        info.szBaseName = name;
    }

    unsafe fn read(pointer: *const u16) -> Option<String> {
        if pointer.is_null() {
            return None;
        }
        // SAFETY: the caller promises text that ends with zero, or is as long as is looked at.
        let units = unsafe { up_to_end(pointer) };
        Some(String::from_utf16_lossy(units))
    }

    unsafe fn read_units(pointer: *const u16, units: usize) -> Option<String> {
        // SAFETY: the caller promises that many units.
        unsafe { slice(pointer, units) }.map(String::from_utf16_lossy)
    }

    fn encode(text: &str) -> Vec<u8> {
        let units = text.encode_utf16().chain([0]);
        units.flat_map(u16::to_ne_bytes).collect()
    }
}

/// Narrow text is UTF-8 where it can be; else each byte is the character of its number.
fn narrow(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// So many units of a text are read where no end comes before. That is more than any name or path may
/// have, so that it is refused whatever follows; a parameter of the engine that takes any text takes
/// so much of it.
pub(crate) const MOST_UNITS: usize = 0x4_0000;

/// The units of a text before its end.
///
/// # Safety
/// The text ends with a zero unit or has [`MOST_UNITS`] units, and stays as it is.
unsafe fn up_to_end<'a, U: Copy + Default + PartialEq>(text: *const U) -> &'a [U] {
    // SAFETY: no unit behind the end is looked at, and none behind the most that there are to be.
    let is_end = |at: &usize| unsafe { text.add(*at).read() } == U::default();
    let length = (0..MOST_UNITS).find(is_end).unwrap_or(MOST_UNITS);
    // SAFETY: they were all looked at.
    unsafe { std::slice::from_raw_parts(text, length) }
}

/// So many elements behind a pointer; `None` for a null pointer.
///
/// # Safety
/// The pointer is null, or aligned with that many elements behind it, which stay as they are.
pub(super) unsafe fn slice<'a, T>(pointer: *const T, count: usize) -> Option<&'a [T]> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: the caller promises that many elements.
    Some(unsafe { std::slice::from_raw_parts(pointer, count) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_text_is_utf_8_or_one_character_for_each_byte() {
        assert_eq!(narrow("tä".as_bytes()), "tä");
        assert_eq!(narrow(b"t\xe4"), "tä");
    }

    #[test]
    fn a_text_without_an_end_is_read_as_far_as_any_may_be_long() {
        let narrow = vec![b'a'; MOST_UNITS];
        let wide = vec![u16::from(b'a'); MOST_UNITS];
        // SAFETY: both have as many units as are looked at.
        let read = unsafe {
            [
                Narrow::read(narrow.as_ptr().cast()),
                Wide::read(wide.as_ptr()),
            ]
        };
        for text in read {
            assert_eq!(text.map(|text| text.len()), Some(MOST_UNITS));
        }
    }

    #[test]
    fn both_forms_read_what_they_write() {
        let narrow = Narrow::encode("abc");
        let wide = Wide::encode("aé");
        let units: Vec<u16> = wide
            .chunks(2)
            .map(|pair| u16::from_ne_bytes([pair[0], pair[1]]))
            .collect();
        // SAFETY: both end with zero.
        unsafe {
            assert_eq!(Narrow::read(narrow.as_ptr().cast()).as_deref(), Some("abc"));
            assert_eq!(Wide::read(units.as_ptr()).as_deref(), Some("aé"));
            assert_eq!(Wide::read(std::ptr::null()), None);
        }
    }
}
