//! What a record of the register says.

use crate::abi::release::Release;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How firmly a statement binds a library. A departure from a documented `must` fails; any other
/// departure is reported as a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// A library that does otherwise is wrong.
    Must,
    /// A program may come to depend on it.
    Should,
    /// True of the engine that was tried; others may differ.
    May,
}

/// How the statement is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// A page says it.
    Documented,
    /// The pages are silent; the genuine engine was seen doing it.
    Observed,
    /// The pages are silent; it was only read in the genuine engine's source.
    Read,
}

impl Strength {
    /// The word of the register.
    pub fn word(self) -> &'static str {
        match self {
            Strength::Must => "must",
            Strength::Should => "should",
            Strength::May => "may",
        }
    }
}

impl Basis {
    /// In a word or two, for people.
    pub fn word(self) -> &'static str {
        match self {
            Basis::Documented => "documented",
            Basis::Observed => "observed",
            Basis::Read => "read in the source",
        }
    }
}

/// Whether the engine that Microsoft published does what the record says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Genuine {
    /// It does.
    Agrees,
    /// Nobody has tried it on that engine.
    Untried,
    /// It does something else, in these words. Where a caller can tell, the reference's `genuine`
    /// profile has a quirk of the record's id.
    Differs(String),
}

/// A change that a failing call makes all the same. A call that fails changes nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The cursor has moved, or has lost its position.
    CursorMoved,
    /// The index range of the cursor has been removed.
    RangeRemoved,
    /// A key that had been made has been used up.
    KeyUsed,
    /// The update that was prepared has been cancelled.
    UpdateCancelled,
    /// The change has been made although the call reports an error.
    ChangeMade,
    /// A temporary table whose changes cannot be rolled back has been changed.
    UnversionedChanged,
    /// An output has been written.
    OutputWritten,
    /// The transaction, or one level of it, is gone.
    TransactionEnded,
    /// Callbacks have been called; what they did stays.
    CallbacksCalled,
    /// The database file, or another file, has been created or changed.
    FileChanged,
    /// The handle that was passed is no longer valid.
    HandleClosed,
    /// From now on the instance refuses calls.
    InstanceUnavailable,
}

/// One testable statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Record {
    /// Readable and unique: `<area>/<words>`.
    pub id: String,
    /// The statement, in our own words.
    pub says: String,
    /// How firmly it binds.
    pub strength: Strength,
    /// How it is known.
    pub basis: Basis,
    /// The first release of Windows that it is true of.
    pub since: Release,
    /// What the genuine engine does.
    pub genuine: Genuine,
    /// What a failing call changes all the same.
    pub on_failure: Vec<Effect>,
    /// Why no caller of the public functions could tell, where that is so.
    pub untestable: Option<String>,
    /// The page, or `engine: file:function` of the published source.
    pub source: String,
    /// Where the genuine engine's own way is written, if it differs: `engine: file:function`.
    pub seen: Option<String>,
    /// Line of the record in its file, from one.
    pub line: u64,
}

impl Record {
    /// How firmly it binds, and how it is known: `must, documented`.
    pub fn standing(&self) -> String {
        format!("{}, {}", self.strength.word(), self.basis.word())
    }
}

/// One file of the register: the statements of one documented page, or of one idea that many
/// pages share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
    /// Name of the file in `spec/`.
    pub file: String,
    /// Name of the page's file in the documentation.
    pub page: String,
    /// The page's title.
    pub title: String,
    /// Where the page is published.
    pub url: String,
    /// Each return code that the page lists, with the id of the record that says when.
    pub returns: BTreeMap<String, String>,
    /// The page's records, in the order of the file.
    pub records: Vec<Record>,
}
