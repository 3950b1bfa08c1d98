//! Every documented constant by name.
//!
//! 32-bit values are sign-extended to 64 bits where they are negative (`JET_MovePrevious`), and a
//! user of a 32-bit value takes the low half. Handles (`JET_sesidNil`) fill all 64 bits.

macro_rules! named {
    ($list:ident: $($name:ident)*) => {
        /// Name and value; a negative value is sign-extended.
        pub const $list: &[(&str, u64)] = &[$((stringify!($name), jet::$name as i64 as u64)),*];
    };
}

mod amended;
mod inherited;
mod options;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

pub use amended::AMENDED;
pub use inherited::INHERITED;
pub use options::OPTIONS;

use super::errors::{ALIASES, JetError, JetWarning};

static BY_NAME: LazyLock<FxHashMap<&'static str, u64>> = LazyLock::new(|| {
    let codes = JetError::LISTED
        .iter()
        .chain(JetWarning::LISTED)
        .chain(ALIASES)
        .map(|(name, code)| (*name, *code as i64 as u64));
    let values = INHERITED
        .iter()
        .chain(OPTIONS)
        .chain(AMENDED)
        .map(|(name, value)| (*name, *value));
    codes.chain(values).chain([("JET_errSuccess", 0)]).collect()
});

/// The value of a constant by its documented name (`JET_bitSeekEQ`), `None` where no page, header
/// or binding knows the name.
pub fn value(name: &str) -> Option<u64> {
    BY_NAME.get(name).copied()
}

/// Every name that [`value`] knows, in no particular order.
pub fn names() -> impl Iterator<Item = &'static str> {
    BY_NAME.keys().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stale_bindings_are_put_right() {
        assert_eq!(value("JET_coltypMax"), Some(19));
        assert_eq!(value("JET_sesidNil"), Some(u64::MAX));
        assert_eq!(value("JET_dbidNil"), Some(0xFFFF_FFFF));
        assert_eq!(value("JET_MovePrevious").map(|v| v as u32 as i32), Some(-1));
        assert_eq!(value("JET_TblInfoName"), Some(1));
        assert_eq!(
            value("JET_errInvalidParameter").map(|v| v as i32),
            Some(-1003)
        );
    }
}
