//! Names of tables, columns and indexes: what is a name, and when two are the same.
//!
//! (jetcreatetable-function.md, jetaddcolumn-function.md, jetcreateindex-function.md)

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::rules::{Rule, rules};
use crate::abi::errors::JetError;

rules! {
    /// A table name keeps the naming rules.
    TABLE_NAME = "table/name-valid";
    /// A column name keeps the naming rules.
    COLUMN_NAME = "column/name-valid";
    /// An index name keeps the naming rules.
    INDEX_NAME = "index/name-valid";
    /// Names are the same whatever their case.
    CASE_FREE = "table/name-case-free";
}

/// The longest name, in characters of the code page (`JET_cbNameMost`).
pub const LENGTH_MOST: usize = 64;

/// The characters that no name may hold, besides the control characters.
const FORBIDDEN: [char; 4] = ['.', '!', '[', ']'];

/// What a name names; each kind carries its own requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A table, or a template table.
    Table,
    /// A column of a table.
    Column,
    /// An index of a table.
    Index,
}

impl Named {
    fn rule(self) -> &'static Rule {
        match self {
            Self::Table => &TABLE_NAME,
            Self::Column => &COLUMN_NAME,
            Self::Index => &INDEX_NAME,
        }
    }
}

/// A valid name, as it was written, without its trailing spaces.
///
/// Equality, order and hash do not depend on the case of ASCII letters.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Name(String);

impl Name {
    /// The name in `text`; `None` stands for a null pointer.
    ///
    /// # Errors
    /// `JET_errInvalidName` for a missing or empty name, more than [`LENGTH_MOST`] characters, a
    /// leading space, a control character, or one of `.` `!` `[` `]`.
    pub fn parse(kind: Named, text: Option<&str>) -> Result<Self, JetError> {
        let trimmed = text.unwrap_or_default().trim_end_matches(' ');
        kind.rule()
            .refuse(!is_valid(trimmed), JetError::InvalidName)?;
        Ok(Self(trimmed.to_owned()))
    }

    /// A name of the engine's own, which needs no check.
    pub fn own(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that decides whether two names are the same.
    fn folded(&self) -> String {
        if CASE_FREE.holds() {
            self.0.to_ascii_lowercase()
        } else {
            self.0.clone()
        }
    }
}

fn is_valid(name: &str) -> bool {
    !name.is_empty()
        && name.chars().count() <= LENGTH_MOST
        && !name.starts_with(' ')
        && !name.chars().any(|c| c < ' ' || FORBIDDEN.contains(&c))
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.folded() == other.folded()
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded().cmp(&other.folded())
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Name, JetError> {
        Name::parse(Named::Column, Some(text))
    }

    #[test]
    fn forbidden_names_are_refused() {
        let long = "n".repeat(65);
        for bad in [
            "", " ", " a", "a.b", "a!", "[a", "a]", "a\u{1}", "\u{1f}", &long,
        ] {
            assert_eq!(parse(bad), Err(JetError::InvalidName), "{bad:?}");
        }
        assert_eq!(Name::parse(Named::Table, None), Err(JetError::InvalidName));
    }

    #[test]
    fn everything_else_is_a_name() {
        let long = "n".repeat(64);
        for good in ["a", "\u{7f}", "é", "\\/:*?\"<|,;'", "MSysFoo", "a b", &long] {
            assert!(parse(good).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn trailing_spaces_and_case_do_not_count() {
        let base = parse("BASE").expect("valid");
        assert_eq!(base, parse("base  ").expect("valid"));
        assert_eq!(parse("Base ").expect("valid").as_str(), "Base");
        assert_ne!(base, parse("base2").expect("valid"));
        let trailing = format!("{}   ", "n".repeat(64));
        assert!(parse(&trailing).is_ok());
    }

    #[test]
    fn with_the_rule_off_anything_names() {
        use super::super::rules::tests_switch::without;
        assert!(without(&COLUMN_NAME, || parse("a!")).is_ok());
        assert_eq!(parse("a!"), Err(JetError::InvalidName));
    }
}
