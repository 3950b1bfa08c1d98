//! System and session parameters: what each may be set to, when, and what a get answers.
//!
//! The table itself is `parameter_table`. (jetsetsystemparameter-function.md,
//! jetgetsystemparameter-function.md, extensible-storage-engine-system-parameters.md,
//! jetsetsessionparameter-function.md)

use super::outcome::Jet;
use super::parameter_table::PARAMETERS;
use super::quirks::{SESSION_LEVEL_IS_A_FEATURE, TUPLE_LIMITS_ARE_RANGES};
use super::rules::rules;
use crate::abi::errors::{JetError, code_name};

rules! {
    /// A number of no parameter is refused.
    KNOWN = "parameter/unknown-id";
    /// A parameter that is only read cannot be set.
    READ_ONLY = "parameter/read-only";
    /// A number outside the range is refused, and the old value stays.
    RANGE = "parameter/range";
    /// A tuple length outside its limits is refused with an error of its own.
    TUPLE_LIMITS = "parameter/tuple-limits";
    /// The base name has exactly three characters.
    BASE_NAME = "parameter/base-name";
    /// Shrinking has options of its own.
    SHRINK = "parameter/shrink-options";
    /// The engine format version is one that the engine has.
    FORMAT_VERSION = "parameter/format-version";
    /// A parameter of the process is set while there is no instance.
    PROCESS = "parameter/process-wide";
    /// A parameter that JetInit reads is not changed after it.
    AFTER_INIT = "parameter/after-init";
    /// The parameters of callbacks are not changed after JetInit.
    CALLBACKS_AFTER_INIT = "parameter/callbacks-after-init";
    /// A parameter can be set to what it is at any time.
    SAME = "parameter/after-init-same";
    /// The parameters of callbacks can be set to what they are at any time.
    CALLBACKS_SAME = "parameter/callbacks-after-init-same";
    /// A number is read into a number.
    GET_NUMBER = "parameter/get-number-pointer";
    /// A string is read into a buffer.
    GET_TEXT = "parameter/get-string-buffer";
    /// A buffer that is too small for a string gets nothing.
    GET_TEXT_SIZE = "parameter/get-string-size";
    /// A number of no session parameter is refused.
    SESSION_KNOWN = "parameter/session-unknown-id";
    /// A session parameter has a size of its own.
    SESSION_SIZE = "parameter/session-size";
    /// The transaction level is only read.
    SESSION_READ_ONLY = "parameter/session-read-only";
}

/// The parameters that callbacks depend on: DisableCallbacks, RuntimeCallback,
/// EnablePersistedCallbacks. (callback-parameters.md)
const OF_CALLBACKS: [u32; 3] = [65, 73, 156];

/// The limits of tuple indexes: IndexTuplesLengthMin, IndexTuplesLengthMax,
/// IndexTuplesToIndexMax. (index-parameters.md)
const OF_TUPLES: [u32; 3] = [110, 111, 112];

/// A default that follows the page size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BySize {
    /// The longest key of an index.
    KeyMost,
    /// The longest chunk of a long value.
    LongValueChunkMost,
    /// The longest record.
    RecordSizeMost,
}

impl BySize {
    /// The value in bytes for a page size in bytes.
    pub const fn at(self, page_size: u64) -> u64 {
        let (key, chunk, record) = match page_size {
            8192 => (2000, 8110, 8148),
            16384 => (2000, 4050, 16300),
            32768 => (2000, 8150, 32684),
            _ => (1000, 4014, 4052),
        };
        match self {
            Self::KeyMost => key,
            Self::LongValueChunkMost => chunk,
            Self::RecordSizeMost => record,
        }
    }
}

/// What a parameter is, with its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number(u64),
    /// A boolean: any number that is not zero reads back as one.
    Flag(bool),
    /// A string.
    Text(&'static str),
    /// A function or a structure of the application, null at first.
    Pointer,
    /// A number that follows the page size.
    ByPageSize(BySize),
    /// `JET_paramErrorToString`: a code goes in, a string comes out.
    ErrorToString,
    /// `JET_paramUnicodeIndexDefault`: a structure.
    UnicodeIndex,
}

/// The numbers that a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Any.
    Any,
    /// From the first to the second.
    Within(u64, u64),
    /// These.
    OneOf(&'static [u64]),
    /// Options of JetCommitTransaction that go together.
    Commit,
    /// Options of shrinking.
    Shrink,
    /// Versions of the engine format.
    FormatVersion,
    /// A string of three characters.
    BaseName,
    /// Nothing that it is not set to already.
    Nothing,
}

/// Until when a parameter can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// While the process has no instance.
    Process,
    /// Until the instance is initialised.
    Startup,
    /// At any time.
    Always,
    /// Never; it is only read.
    Never,
}

/// A system parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Its number.
    pub id: u32,
    /// Its documented name.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// What it takes.
    pub allowed: Allowed,
    /// When it can be set.
    pub phase: Phase,
    /// Whether the parameter pages name it.
    pub documented: bool,
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ParameterValue {
    /// A number or a boolean.
    Number(u64),
    /// A string.
    Text(String),
}

/// Whose parameter is set, and in which phase of its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The process, which has no instance.
    NoInstance,
    /// The process, for instances to come, while it has some.
    Template,
    /// An instance that was created.
    Created,
    /// An instance that was initialised.
    Initialised,
}

/// What JetSetSystemParameter is given.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// `lParam`
    pub number: u64,
    /// `szParam`
    pub text: Option<&'a str>,
}

/// The parameter with a number.
///
/// # Errors
/// `JET_errInvalidParameter`
pub fn find(id: u32) -> Jet<&'static Parameter> {
    let found = PARAMETERS.binary_search_by_key(&id, |parameter| parameter.id);
    match found {
        Ok(index) => Ok(&PARAMETERS[index]),
        Err(_) if KNOWN.holds() => Err(JetError::InvalidParameter),
        Err(_) => Ok(&ANY),
    }
}

/// What an engine without [`KNOWN`] would take every unknown number for.
static ANY: Parameter = Parameter {
    id: u32::MAX,
    name: "",
    kind: Kind::Number(0),
    allowed: Allowed::Any,
    phase: Phase::Always,
    documented: false,
};

impl Parameter {
    /// The value before it was ever set, for a page size in bytes.
    pub fn default_value(&self, page_size: u64) -> ParameterValue {
        match self.kind {
            Kind::Number(number) => ParameterValue::Number(number),
            Kind::Flag(flag) => ParameterValue::Number(u64::from(flag)),
            Kind::Text(text) => ParameterValue::Text(text.to_owned()),
            Kind::Pointer | Kind::UnicodeIndex => ParameterValue::Number(0),
            Kind::ByPageSize(by_size) => ParameterValue::Number(by_size.at(page_size)),
            Kind::ErrorToString => ParameterValue::Text(String::new()),
        }
    }

    /// Whether it is a string.
    pub fn is_text(&self) -> bool {
        matches!(self.kind, Kind::Text(_) | Kind::ErrorToString)
    }

    /// The value to set, from what is given. `current` is the value that it has.
    ///
    /// # Errors
    /// `JET_errAlreadyInitialized` where it is too late for another value,
    /// `JET_errInvalidParameter` outside the range or for a parameter that is only read.
    pub fn check_set(
        &self,
        moment: Moment,
        current: &ParameterValue,
        given: Given<'_>,
    ) -> Jet<ParameterValue> {
        READ_ONLY.refuse(self.phase == Phase::Never, JetError::InvalidParameter)?;
        let value = self.read(given);
        let same = if OF_CALLBACKS.contains(&self.id) {
            &CALLBACKS_SAME
        } else {
            &SAME
        };
        let changes = self.is_text() || value != *current || !same.holds();
        if changes {
            self.check_options(&value)?;
            self.check_moment(moment)?;
            self.check_range(&value)?;
        }
        Ok(value)
    }

    fn read(&self, given: Given<'_>) -> ParameterValue {
        match self.kind {
            Kind::Text(_) | Kind::ErrorToString => {
                ParameterValue::Text(given.text.unwrap_or_default().to_owned())
            }
            Kind::Flag(_) => ParameterValue::Number(u64::from(given.number != 0)),
            // Only the lower half of such a number counts.
            _ if self.allowed == Allowed::Commit => {
                ParameterValue::Number(given.number & u64::from(u32::MAX))
            }
            _ => ParameterValue::Number(given.number),
        }
    }

    fn check_moment(&self, moment: Moment) -> Jet<()> {
        let process = self.phase == Phase::Process && moment != Moment::NoInstance;
        PROCESS.refuse(process, JetError::AlreadyInitialized)?;
        let late = self.phase == Phase::Startup && moment == Moment::Initialised;
        let rule = if OF_CALLBACKS.contains(&self.id) {
            &CALLBACKS_AFTER_INIT
        } else {
            &AFTER_INIT
        };
        rule.refuse(late, JetError::AlreadyInitialized)
    }

    /// The options of shrinking are looked at before all else.
    fn check_options(&self, value: &ParameterValue) -> Jet<()> {
        let known = matches!(value, ParameterValue::Number(0 | 1 | 3));
        let shrink = self.allowed == Allowed::Shrink;
        SHRINK.refuse(shrink && !known, JetError::InvalidGrbit)
    }

    fn check_range(&self, value: &ParameterValue) -> Jet<()> {
        match value {
            ParameterValue::Text(text) => {
                let wrong = self.allowed == Allowed::BaseName && text.chars().count() != 3;
                BASE_NAME.refuse(wrong, JetError::InvalidParameter)?;
                let nothing = self.allowed == Allowed::Nothing;
                RANGE.refuse(nothing, JetError::InvalidParameter)
            }
            ParameterValue::Number(number) => {
                let unknown = self.allowed == Allowed::FormatVersion && !is_format_version(*number);
                FORMAT_VERSION.refuse(
                    unknown,
                    JetError::EngineFormatVersionNoLongerSupportedTooLow,
                )?;
                let outside = !self.allowed.takes(*number);
                let tuples = OF_TUPLES.contains(&self.id) && !TUPLE_LIMITS_ARE_RANGES.genuine();
                TUPLE_LIMITS.refuse(outside && tuples, JetError::IndexTuplesInvalidLimits)?;
                RANGE.refuse(outside, JetError::InvalidParameter)
            }
        }
    }

    /// Refuses a get whose outputs cannot hold the value: `has_number` tells that `plParam` is not
    /// null, `room` is `cbMax` where `szParam` is not null. Both count in bytes of `text`'s form,
    /// its zero included.
    ///
    /// # Errors
    /// `JET_errInvalidParameter` for a missing output, `JET_errBufferTooSmall` for a small buffer.
    pub fn check_get(&self, has_number: bool, room: Option<u32>, text_size: u32) -> Jet<()> {
        if self.is_text() {
            let missing = room.is_none_or(|room| room == 0);
            GET_TEXT.refuse(missing, JetError::InvalidParameter)?;
            let small = room.is_some_and(|room| room < text_size);
            return GET_TEXT_SIZE.refuse(small, JetError::BufferTooSmall);
        }
        GET_NUMBER.refuse(!has_number, JetError::InvalidParameter)
    }
}

impl Allowed {
    fn takes(self, number: u64) -> bool {
        match self {
            Self::Any | Self::Shrink | Self::FormatVersion | Self::BaseName => true,
            Self::Within(least, most) => (least..=most).contains(&number),
            Self::OneOf(numbers) => numbers.contains(&number),
            Self::Commit => is_commit_default(number),
            Self::Nothing => false,
        }
    }
}

/// LazyFlush and WaitLastLevel0Commit go together, and with one of the other options.
fn is_commit_default(number: u64) -> bool {
    [0, 8, 0x10, 0x20].contains(&(number & !3))
}

/// The versions by their kind: the default of the engine, what a database uses, and the like.
/// Plain numbers are older than the oldest that the engine still has.
fn is_format_version(number: u64) -> bool {
    (0x4000_0001..=0x4000_0003).contains(&number) || (0x4100_0000..=0x4100_ffff).contains(&number)
}

/// What `JET_paramErrorToString` answers: the name of a code, a comma, and words.
/// (error-handling-parameters.md)
pub fn error_to_string(code: i32) -> String {
    match code_name(code) {
        Some(name) => format!("{name}, {}", words(name)),
        None => "Unknown Error, Unknown Error".to_owned(),
    }
}

/// The words of a name: `JET_errRecordNotFound` is "Record not found".
fn words(name: &str) -> String {
    let plain = name
        .trim_start_matches("JET_err")
        .trim_start_matches("JET_wrn");
    let mut words = String::new();
    let mut previous = ' ';
    for letter in plain.chars() {
        let begins = letter.is_uppercase() && previous.is_lowercase();
        if begins {
            words.push(' ');
            words.extend(letter.to_lowercase());
        } else {
            words.push(letter);
        }
        previous = letter;
    }
    words
}

/// A session parameter. (jetgetsessionparameter-function.md, jetsetsessionparameter-function.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionParameter {
    /// `JET_sesparamCommitDefault`, four bytes.
    CommitDefault,
    /// `JET_sesparamTransactionLevel`, four bytes, only read.
    TransactionLevel,
}

impl SessionParameter {
    /// The session parameter with a number, for a value of `size` bytes.
    ///
    /// # Errors
    /// `JET_errInvalidSesparamId`, `JET_errInvalidBufferSize`
    pub fn find(id: u32, size: u32) -> Jet<Self> {
        let found = match id {
            4097 => Self::CommitDefault,
            4099 => Self::TransactionLevel,
            _ if SESSION_KNOWN.holds() => return Err(JetError::InvalidSesparamId),
            _ => Self::CommitDefault,
        };
        SESSION_SIZE.refuse(size != 4, JetError::InvalidBufferSize)?;
        Ok(found)
    }

    /// Refuses to set what is only read, and values out of range.
    ///
    /// # Errors
    /// `JET_errInvalidParameter` for the transaction level, and for options that
    /// JetCommitTransaction does not take.
    pub fn check_set(self, value: u32) -> Jet<()> {
        let level = self == Self::TransactionLevel;
        let error = match SESSION_LEVEL_IS_A_FEATURE.genuine() {
            true => JetError::FeatureNotAvailable,
            false => JetError::InvalidParameter,
        };
        SESSION_READ_ONLY.refuse(level, error)?;
        let taken = is_commit_default(u64::from(value));
        RANGE.refuse(!level && !taken, JetError::InvalidParameter)
    }
}

#[cfg(test)]
#[path = "parameter_tests.rs"]
mod tests;
