//! From YAML text to records, with file and line on every fault.

use super::record::{Basis, Effect, Genuine, Page, Record, Strength};
use crate::abi::release::Release;
use serde::Deserialize;
use serde_yaml::Spanned;
use std::collections::BTreeMap;
use std::path::PathBuf;
use thiserror::Error;

/// Why a register could not be loaded.
#[derive(Debug, Error)]
pub enum Fault {
    /// The folder or a file in it could not be read.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The text is no YAML, or not of the register's form.
    #[error("{file}:{line}:{column}: {message}")]
    Malformed {
        /// The file's name.
        file: String,
        /// Line, from one.
        line: u64,
        /// Column, from one.
        column: u64,
        /// What is wrong there.
        message: String,
    },
    /// The record breaks a rule of the register.
    #[error("{file}:{line}: {id}: {message}")]
    BadRecord {
        /// The file's name.
        file: String,
        /// Line of the record's id, from one.
        line: u64,
        /// The id as written.
        id: String,
        /// The rule that it breaks.
        message: String,
    },
    /// A return code of the page's list is unknown, or no record says when it is returned.
    #[error("{file}: returns: {code}: {message}")]
    BadReturn {
        /// The file's name.
        file: String,
        /// The return code as written.
        code: String,
        /// What is wrong with it.
        message: String,
    },
    /// Two records share an id.
    #[error("{file}:{line}: {id} is already a record at {first_file}:{first_line}")]
    Duplicate {
        /// File of the second record.
        file: String,
        /// Line of the second record.
        line: u64,
        /// The id.
        id: String,
        /// File of the first record.
        first_file: String,
        /// Line of the first record.
        first_line: u64,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PageText {
    page: String,
    title: String,
    url: String,
    /// Release that holds for records which name none.
    #[serde(default)]
    since: Release,
    #[serde(default)]
    returns: BTreeMap<String, String>,
    records: Vec<RecordText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RecordText {
    id: Spanned<String>,
    says: String,
    strength: Strength,
    basis: Basis,
    since: Option<Release>,
    genuine: Genuine,
    #[serde(default)]
    on_failure: Vec<Effect>,
    untestable: Option<String>,
    source: Option<String>,
    seen: Option<String>,
}

/// Reads one page; `file` is the name that faults carry.
pub(super) fn page(file: &str, text: &str) -> Result<Page, Fault> {
    let text: PageText = serde_yaml::from_str(text).map_err(|error| malformed(file, &error))?;
    let mut records = Vec::with_capacity(text.records.len());
    for written in text.records {
        let record = record(written, &text.page, text.since);
        check(file, &record)?;
        records.push(record);
    }
    Ok(Page {
        file: file.to_owned(),
        page: text.page,
        title: text.title,
        url: text.url,
        returns: text.returns,
        records,
    })
}

fn record(text: RecordText, page: &str, since: Release) -> Record {
    // A documented statement that names no source comes from the file's own page.
    let own_page = || {
        if text.basis == Basis::Documented {
            page.to_owned()
        } else {
            String::new()
        }
    };
    Record {
        line: text.id.referenced.line(),
        says: text.says.trim().to_owned(),
        strength: text.strength,
        basis: text.basis,
        since: text.since.unwrap_or(since),
        genuine: text.genuine,
        on_failure: text.on_failure,
        untestable: text.untestable,
        source: text.source.unwrap_or_else(own_page),
        seen: text.seen,
        id: text.id.value,
    }
}

fn check(file: &str, record: &Record) -> Result<(), Fault> {
    let message = if !well_formed_id(&record.id) {
        "an id is an area, a slash and words joined by hyphens, all in lower case"
    } else if record.says.is_empty() {
        "says nothing"
    } else if matches!(&record.genuine, Genuine::Differs(how) if how.trim().is_empty()) {
        "does not say how the genuine engine differs"
    } else if record
        .untestable
        .as_ref()
        .is_some_and(|why| why.trim().is_empty())
    {
        "does not say why it cannot be tested"
    } else if record.seen.is_some() && !matches!(record.genuine, Genuine::Differs(_)) {
        "`seen` says where the genuine engine differs, which it does not"
    } else if record
        .seen
        .as_ref()
        .is_some_and(|seen| !seen.starts_with("engine: "))
    {
        "`seen` is `engine: file:function`"
    } else if record.basis == Basis::Documented && !record.source.ends_with(".md") {
        "the source of a documented statement is a page"
    } else if record.basis != Basis::Documented && !record.source.starts_with("engine: ") {
        "the source of an observed or read statement is `engine: file:function`"
    } else {
        return Ok(());
    };
    Err(Fault::BadRecord {
        file: file.to_owned(),
        line: record.line,
        id: record.id.clone(),
        message: message.to_owned(),
    })
}

fn well_formed_id(id: &str) -> bool {
    let word = |text: &str| {
        !text.is_empty()
            && !text.starts_with('-')
            && !text.ends_with('-')
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    id.split_once('/')
        .is_some_and(|(area, words)| word(area) && word(words))
}

fn malformed(file: &str, error: &serde_yaml::Error) -> Fault {
    let (line, column) = error
        .location()
        .map_or((0, 0), |at| (at.line(), at.column()));
    let message = error.without_snippet().to_string();
    Fault::Malformed {
        file: file.to_owned(),
        line,
        column,
        message,
    }
}
