//! The category of each error, and what it belongs to. (jet-errcat.md; the pages of the managed
//! exceptions say which error is of which category)

use crate::abi::errors::JetError;

use super::engine::Engine;
use super::outcome::Jet;
use super::rules::rules;

rules! {
    /// The category of the error is told. (jetgeterrorinfow-function.md)
    TELLS = "error-info/category";
    /// Each category is told with those that it belongs to. (jet-errinfobasic-w-structure.md)
    HIERARCHY = "error-info/hierarchy";
    /// The level is the one that there is. (jetgeterrorinfow-function.md)
    LEVEL = "error-info/level";
    /// There are no options. (jetgeterrorinfow-function.md)
    GRBIT = "error-info/grbit";
    /// The buffer has room. (jetgeterrorinfow-function.md)
    SIZE = "error-info/size";
    /// The error is one that the engine knows. (jetgeterrorinfow-function.md)
    KNOWN = "error-info/unknown";
}

/// `JET_ErrorInfoSpecificErr`
const SPECIFIC_ERROR: u32 = 1;

/// A kind of errors. (jet-errcat.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Category {
    /// None.
    Unknown = 0,
    /// Every error.
    Error = 1,
    /// What can happen at any time.
    Operation = 2,
    /// What the engine cannot go on after.
    Fatal = 3,
    /// Files and disks.
    Io = 4,
    /// What ran out.
    Resource = 5,
    /// Memory.
    Memory = 6,
    /// Resources in pools of a certain size.
    Quota = 7,
    /// Room on a disk.
    Disk = 8,
    /// What is wrong with data.
    Data = 9,
    /// Damaged data.
    Corruption = 10,
    /// Data and logs that do not belong together.
    Inconsistent = 11,
    /// Numbers that were used up.
    Fragmentation = 12,
    /// What is wrong with a call.
    Api = 13,
    /// Calls that are wrong.
    Usage = 14,
    /// Calls that tell of a state.
    State = 15,
    /// What no engine answers any more.
    Obsolete = 16,
}

impl Category {
    /// What it belongs to.
    fn above(self) -> Option<Self> {
        Some(match self {
            Self::Unknown | Self::Error => return None,
            Self::Operation | Self::Data | Self::Api => Self::Error,
            Self::Fatal | Self::Io | Self::Resource => Self::Operation,
            Self::Memory | Self::Quota | Self::Disk => Self::Resource,
            Self::Corruption | Self::Inconsistent | Self::Fragmentation => Self::Data,
            Self::Usage | Self::State | Self::Obsolete => Self::Api,
        })
    }

    /// From the highest category that it belongs to down to itself, then nothing.
    pub fn hierarchy(self) -> [u8; 8] {
        let mut line = vec![self];
        while let Some(above) = line.last().and_then(|lowest| lowest.above()) {
            line.push(above);
        }
        let mut levels = [Self::Unknown as u8; 8];
        for (level, category) in levels.iter_mut().zip(line.into_iter().rev()) {
            *level = category as u8;
        }
        levels
    }

    /// The category of a code; `None` for one that no page puts into any.
    pub fn of(code: i32) -> Option<Self> {
        let found = CODES.iter().find(|(_, codes)| codes.contains(&code));
        found.map(|(category, _)| *category)
    }
}

/// What JetGetErrorInfoW tells of an error. (jet-errinfobasic-w-structure.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorInformation {
    /// `errcatMostSpecific`
    pub category: Category,
    /// `rgCategoricalHierarchy`
    pub hierarchy: [u8; 8],
}

impl Engine {
    /// JetGetErrorInfoW. `code` is what the context points to, `fits` tells that the buffer has
    /// room. (jetgeterrorinfow-function.md)
    ///
    /// # Errors
    /// `JET_errInvalidParameter`.
    pub fn error_information(
        &self,
        code: Option<i32>,
        level: u32,
        grbit: u32,
        fits: bool,
    ) -> Jet<ErrorInformation> {
        let wrong = JetError::InvalidParameter;
        LEVEL.refuse(level != SPECIFIC_ERROR, wrong)?;
        GRBIT.refuse(grbit != 0, wrong)?;
        SIZE.refuse(!fits, wrong)?;
        let category = Category::of(code.ok_or(wrong)?);
        KNOWN.refuse(category.is_none(), wrong)?;
        let known = category.filter(|_| TELLS.holds());
        let category = known.unwrap_or(Category::Unknown);
        Ok(ErrorInformation {
            category,
            hierarchy: match HIERARCHY.holds() {
                true => category.hierarchy(),
                false => Category::Unknown.hierarchy(),
            },
        })
    }
}

/// The codes of each category.
const CODES: [(Category, &[i32]); 14] = [
    (Category::Error, &[-322, -512, -1065]),
    (
        Category::Operation,
        &[
            -107, -334, -602, -604, -614, -801, -1000, -1031, -1072, -1329, -2402,
        ],
    ),
    (Category::Fatal, &[-113, -511, -583, -1090, -1092, -1917]),
    (Category::Io, &[-510, -524, -525, -1022, -1032]),
    (Category::Resource, &[-105, -106]),
    (
        Category::Memory,
        &[-103, -1011, -1013, -1014, -1020, -1073, -1101, -1410, -1701],
    ),
    (Category::Quota, &[-1012, -1069, -1214, -1311]),
    (Category::Disk, &[-529, -1808]),
    (
        Category::Corruption,
        &[
            -255, -327, -338, -341, -343, -344, -351, -501, -509, -515, -528, -533, -536, -570,
            -571, -573, -574, -582, -586, -612, -1018, -1019, -1021, -1118, -1119, -1121, -1123,
            -1206, -1220, -1412, -1413, -1414, -1526, -1529, -1620, -1852, -1915, -4001,
        ],
    ),
    (
        Category::Inconsistent,
        &[
            -513, -514, -530, -532, -539, -542, -543, -550, -551, -553, -554, -555, -556, -557,
            -565, -566, -567, -569, -610, -611, -1209, -1213, -1216, -1225, -1226, -1812,
        ],
    ),
    (
        Category::Fragmentation,
        &[-519, -546, -548, -1074, -1075, -1076, -1077, -1078],
    ),
    (
        Category::Usage,
        &[
            -112, -416, -423, -424, -503, -504, -516, -521, -526, -541, -544, -577, -603, -615,
            -616, -900, -1001, -1002, -1003, -1008, -1010, -1015, -1016, -1023, -1028, -1029,
            -1030, -1034, -1040, -1045, -1046, -1048, -1053, -1054, -1057, -1059, -1062, -1063,
            -1064, -1066, -1071, -1080, -1081, -1082, -1083, -1084, -1085, -1086, -1103, -1104,
            -1108, -1110, -1111, -1113, -1114, -1115, -1124, -1201, -1202, -1203, -1204, -1205,
            -1207, -1208, -1215, -1217, -1219, -1221, -1222, -1224, -1227, -1302, -1307, -1308,
            -1310, -1312, -1313, -1317, -1318, -1319, -1322, -1323, -1324, -1325, -1326, -1328,
            -1402, -1403, -1405, -1406, -1409, -1411, -1416, -1430, -1432, -1433, -1434, -1435,
            -1436, -1437, -1502, -1503, -1504, -1506, -1507, -1508, -1509, -1510, -1511, -1515,
            -1516, -1517, -1521, -1524, -1530, -1538, -1602, -1604, -1607, -1608, -1609, -1621,
            -1805, -1809, -1850, -1906, -1910, -1911, -1912, -1913, -1914, -1916, -2004, -2102,
            -2103, -2401, -2404, -2501, -3000, -3001, -4005,
        ],
    ),
    (
        Category::State,
        &[
            -346, -348, -421, -505, -506, -520, -523, -527, -545, -547, -560, -562, -563, -579,
            -584, -617, -1017, -1026, -1038, -1047, -1051, -1102, -1105, -1112, -1116, -1228,
            -1229, -1303, -1304, -1305, -1404, -1518, -1525, -1528, -1601, -1603, -1605, -1811,
            -2101, -2403, -2502, -2601, -3002,
        ],
    ),
    (
        Category::Obsolete,
        &[
            -100, -101, -102, -323, -324, -328, -340, -342, -408, -500, -517, -531, -534, -535,
            -537, -538, -540, -549, -552, -561, -575, -580, -581, -601, -613, -1024, -1025, -1027,
            -1035, -1043, -1044, -1052, -1061, -1070, -1091, -1109, -1150, -1151, -1152, -1153,
            -1154, -1160, -1161, -1162, -1210, -1211, -1212, -1218, -1314, -1316, -1330, -1401,
            -1501, -1505, -1514, -1519, -1611, -1619, -1702, -1803, -1907, -1909, -4000, -4002,
            -4003, -4004,
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::errors::code_name;

    #[test]
    fn every_code_is_a_known_one_and_of_one_category() {
        let mut seen = std::collections::BTreeSet::new();
        for code in CODES.iter().flat_map(|(_, codes)| codes.iter()) {
            assert!(code_name(*code).is_some(), "{code}");
            assert!(seen.insert(code), "{code} twice");
        }
    }

    #[test]
    fn a_category_is_told_from_the_top() {
        let memory = Category::Memory.hierarchy();
        assert_eq!(memory, [1, 2, 5, 6, 0, 0, 0, 0]);
        assert_eq!(Category::of(-1601), Some(Category::State));
    }
}
