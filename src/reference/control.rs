//! The one export of our own library that is not ESENT: `jetspec_control` sets the profile, switches
//! rules off and on, resets the engine, and tells what the library is made of. Requests and answers
//! are JSON, so that an executable can ask a library of another build at least for its stamp.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

use super::TABLE;
use crate::model::digest::Digest;
use crate::model::{profile, rules};

/// The build that this code is of: a digest of the sources. Library and executable must agree.
pub const STAMP: &str = env!("JETSPEC_STAMP");

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// The build stamp.
    Stamp,
    /// The exported names that the reference implements.
    Implemented,
    /// The requirement ids of all rules that can be switched.
    Rules,
    /// Be the engine that was published (`true`), or the one that the documents describe.
    Genuine(bool),
    /// Switch the rules of a requirement.
    Switch {
        /// The requirement id.
        rule: String,
        /// Whether the engine keeps them.
        on: bool,
    },
    /// Forget all instances, sessions and global parameters; documented profile, all rules on.
    Reset,
    /// A digest of the engine's state.
    Digest,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It is done.
    Done,
    /// A text: the stamp.
    Text(String),
    /// A list: of names, of ids.
    List(Vec<String>),
    /// A digest, part by part.
    Digest(Digest),
    /// It cannot be done, and why.
    Refused(String),
}

/// Answers a request.
pub fn answer(request: &Request) -> Answer {
    match request {
        Request::Stamp => Answer::Text(STAMP.to_owned()),
        Request::Implemented => Answer::List(implemented()),
        Request::Rules => Answer::List(rule_ids()),
        Request::Genuine(genuine) => {
            let profile = match genuine {
                true => profile::Profile::Genuine,
                false => profile::Profile::Documented,
            };
            profile.choose();
            Answer::Done
        }
        Request::Switch { rule, on } => match rules::switch(rule, *on) {
            true => Answer::Done,
            false => Answer::Refused(format!("no rule has the requirement id `{rule}`")),
        },
        Request::Reset => {
            super::engine().reset();
            rules::reset();
            profile::Profile::Documented.choose();
            Answer::Done
        }
        Request::Digest => Answer::Digest(super::engine().lock().digest()),
    }
}

fn implemented() -> Vec<String> {
    let exports = TABLE.exports().into_iter();
    exports
        .filter(|(_, present)| *present)
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn rule_ids() -> Vec<String> {
    let mut ids: Vec<String> = rules::all().map(|rule| rule.id().to_owned()).collect();
    ids.sort();
    ids.dedup();
    ids
}

/// Takes a request as JSON and writes the answer as JSON, as much of it as fits. Returns the length
/// of the whole answer; zero when there is none.
///
/// # Safety
/// `request` must be readable for `request_length` bytes, `buffer` writable for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn jetspec_control(
    request: *const u8,
    request_length: usize,
    buffer: *mut u8,
    size: usize,
) -> usize {
    if request.is_null() || buffer.is_null() {
        return 0;
    }
    // SAFETY: the caller's promise.
    let request = unsafe { std::slice::from_raw_parts(request, request_length) };
    let answer = catch_unwind(AssertUnwindSafe(|| {
        let answer = match serde_json::from_slice(request) {
            Ok(request) => answer(&request),
            Err(error) => Answer::Refused(error.to_string()),
        };
        serde_json::to_vec(&answer).unwrap_or_default()
    }));
    let answer = answer.unwrap_or_default();
    // SAFETY: the caller's promise; the answer is memory of our own.
    unsafe { buffer.copy_from_nonoverlapping(answer.as_ptr(), answer.len().min(size)) };
    answer.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(request: &[u8], size: usize) -> (usize, Vec<u8>) {
        let mut buffer = vec![0; size];
        // SAFETY: both lengths are the slices' own.
        let length =
            unsafe { jetspec_control(request.as_ptr(), request.len(), buffer.as_mut_ptr(), size) };
        buffer.truncate(length);
        (length, buffer)
    }

    #[test]
    fn requests_and_answers_are_json() {
        let (length, answer) = ask(br#""stamp""#, 100);
        assert_eq!(answer, format!(r#"{{"text":"{STAMP}"}}"#).as_bytes());
        let (cut_off, part) = ask(br#""stamp""#, 4);
        assert_eq!((cut_off, part.len()), (length, 4));
        let (_, answer) = ask(br#"{"switch":{"rule":"no/such","on":false}}"#, 200);
        assert!(answer.starts_with(br#"{"refused""#));
        let (_, answer) = ask(b"nonsense", 200);
        assert!(answer.starts_with(br#"{"refused""#));
    }

    #[test]
    fn what_is_implemented_and_which_rules_there_are() {
        assert!(matches!(answer(&Request::Implemented), Answer::List(list) if !list.is_empty()));
        assert!(matches!(answer(&Request::Rules), Answer::List(list) if !list.is_empty()));
    }
}
