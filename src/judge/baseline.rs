//! Baselines: the known departures of a library, each pinned to its verdict and to a fingerprint of
//! what was seen, with a reason in words.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use serde_yaml::Spanned;
use thiserror::Error;

use super::fingerprint::fingerprint;
use super::rule::CaseVerdict;
use super::verdict::Verdict;

/// The version of the file's form.
pub const BASELINE_VERSION: u32 = 1;
/// The fingerprint of a pin that holds whatever exactly was seen, for what differs from run to run.
const ANY: &str = "any";
/// The first lines of a file that jetspec writes.
const HEAD: &str = "\
# Known departures of the library under test, for `jetspec run --baseline`. `--bless` rewrites this
# file and keeps the reasons; everything else in it is jetspec's. `fingerprint: any` pins the
# verdict alone.
";

/// Why a baseline cannot be used.
#[derive(Debug, Error)]
pub enum BaselineError {
    /// The text is not of the form.
    #[error("{file}:{line}:{column}: {message}")]
    Malformed {
        /// The file as it was named.
        file: String,
        /// Line, from one.
        line: u64,
        /// Column, from one.
        column: u64,
        /// What is wrong there, and what to do.
        message: String,
    },
}

/// One known departure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The name of the case, as reports write it.
    pub case: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// The fingerprint of what was seen, or `any`.
    pub fingerprint: String,
    /// What was seen, in words; for readers of the file alone.
    pub seen: String,
    /// Why it is so.
    pub reason: String,
    /// Line of the entry in its file, from one; zero where it is new.
    pub line: u64,
    /// Its column.
    pub column: u64,
}

/// What a baseline says about one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Pinned {
    /// The verdict that is pinned.
    pub verdict: Verdict,
    /// Why it is known.
    pub reason: String,
    /// How the run compares.
    pub state: State,
}

/// A run's case against its pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It departs exactly as the baseline says.
    Known,
    /// It passes now.
    Fixed,
    /// It has another verdict, or the same for another reason.
    Changed,
}

/// An entry that no case of the run answers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmatched {
    /// The case that it names.
    pub case: String,
    /// Where the entry is: the file.
    pub file: String,
    /// Its line, from one.
    pub line: u64,
    /// Its column.
    pub column: u64,
}

/// A case for `--bless`.
#[derive(Debug, Clone)]
pub struct BlessedCase<'r> {
    /// Its name.
    pub name: String,
    /// What the run found.
    pub judged: &'r CaseVerdict,
}

/// A baseline file, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    file: String,
    pins: BTreeMap<String, Pin>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    version: Spanned<u32>,
    known: Vec<PinText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PinText {
    case: Spanned<String>,
    verdict: Spanned<String>,
    fingerprint: Spanned<String>,
    #[serde(default)]
    seen: String,
    reason: Spanned<String>,
}

impl Baseline {
    /// An empty baseline that `--bless` will write to a file of that name.
    pub fn empty(file: &str) -> Baseline {
        Baseline {
            file: file.to_owned(),
            pins: BTreeMap::new(),
        }
    }

    /// Reads a baseline; `file` is the name that errors carry.
    pub fn parse(file: &str, text: &str) -> Result<Baseline, BaselineError> {
        let read: FileText = serde_yaml::from_str(text).map_err(|error| {
            let (line, column) = error
                .location()
                .map_or((1, 1), |at| (at.line(), at.column()));
            malformed(file, (line, column), error.without_snippet().to_string())
        })?;
        if read.version.value != BASELINE_VERSION {
            let message = format!(
                "the baseline has version {}; this jetspec reads version {BASELINE_VERSION}",
                read.version.value
            );
            return Err(malformed(file, place(&read.version), message));
        }
        let mut baseline = Baseline::empty(file);
        for text in read.known {
            baseline.add(text)?;
        }
        Ok(baseline)
    }

    fn add(&mut self, text: PinText) -> Result<(), BaselineError> {
        let (line, column) = place(&text.case);
        let name = text.case.value;
        if let Some(first) = self.pins.get(&name) {
            let message = format!("`{name}` is pinned already in line {}", first.line);
            return Err(malformed(&self.file, (line, column), message));
        }
        let verdict = pinnable(&self.file, &text.verdict)?;
        let digits = &text.fingerprint.value;
        if digits != ANY && (digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit())) {
            let message = format!("`{digits}` is no fingerprint; `--bless` writes it");
            return Err(malformed(&self.file, place(&text.fingerprint), message));
        }
        if text.reason.value.trim().is_empty() {
            let message = format!("`{name}` needs a reason, in words");
            return Err(malformed(&self.file, place(&text.reason), message));
        }
        let pin = Pin {
            case: name.clone(),
            verdict,
            fingerprint: text.fingerprint.value,
            seen: text.seen,
            reason: text.reason.value.trim().to_owned(),
            line,
            column,
        };
        self.pins.insert(name, pin);
        Ok(())
    }

    /// How many departures are known.
    pub fn len(&self) -> usize {
        self.pins.len()
    }

    /// Whether none is known.
    pub fn is_empty(&self) -> bool {
        self.pins.is_empty()
    }

    /// The pins, by the names of their cases.
    pub fn pins(&self) -> impl Iterator<Item = &Pin> {
        self.pins.values()
    }

    /// What the baseline says about a case that was run or skipped.
    pub fn pinned(&self, name: &str, judged: &CaseVerdict) -> Option<Pinned> {
        let pin = self.pins.get(name)?;
        let same = pin.fingerprint == ANY || pin.fingerprint == fingerprint(judged);
        let state = match judged.verdict {
            Verdict::Pass => State::Fixed,
            verdict if verdict == pin.verdict && same => State::Known,
            _ => State::Changed,
        };
        Some(Pinned {
            verdict: pin.verdict,
            reason: pin.reason.clone(),
            state,
        })
    }

    /// The entries that name no case of the suite.
    pub fn unmatched<'n>(&self, suite: impl IntoIterator<Item = &'n str>) -> Vec<Unmatched> {
        let mut left: BTreeMap<&str, &Pin> =
            self.pins.iter().map(|(name, pin)| (&**name, pin)).collect();
        for name in suite {
            left.remove(name);
        }
        let unmatched = |pin: &Pin| Unmatched {
            case: pin.case.clone(),
            file: self.file.clone(),
            line: pin.line,
            column: pin.column,
        };
        left.into_values().map(unmatched).collect()
    }

    /// The baseline after a run: what departs is pinned as it was seen, what passes or is gone from
    /// the suite is not; what the run did not select stays. Reasons stay with their cases; a new
    /// entry gets `reason`. A fault of the suite itself is never pinned.
    pub fn blessed(&self, run: &[BlessedCase], unmatched: &[Unmatched], reason: &str) -> Baseline {
        let mut blessed = self.clone();
        for gone in unmatched {
            blessed.pins.remove(&gone.case);
        }
        for case in run {
            let old = blessed.pins.remove(&case.name);
            if let Some(pin) = pin(case, old, reason) {
                blessed.pins.insert(case.name.clone(), pin);
            }
        }
        blessed
    }

    /// The file's text: sorted by case.
    pub fn text(&self) -> String {
        let mut text = format!("{HEAD}version: {BASELINE_VERSION}\n");
        if self.pins.is_empty() {
            text.push_str("known: []\n");
            return text;
        }
        text.push_str("known:\n");
        for pin in self.pins.values() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  - case: {}", quoted(&pin.case));
            let _ = writeln!(text, "    verdict: {}", pin.verdict);
            let _ = writeln!(text, "    fingerprint: {}", quoted(&pin.fingerprint));
            let _ = writeln!(text, "    seen: {}", quoted(&pin.seen));
            let _ = writeln!(text, "    reason: {}", quoted(&pin.reason));
        }
        text
    }
}

/// The pin of a case as it was seen; none for what need not be known.
fn pin(case: &BlessedCase, old: Option<Pin>, reason: &str) -> Option<Pin> {
    let verdict = case.judged.verdict;
    if verdict == Verdict::Skipped {
        return old;
    }
    if !is_pinnable(verdict) {
        return None;
    }
    let loose = old
        .as_ref()
        .is_some_and(|old| old.fingerprint == ANY && old.verdict == verdict);
    Some(Pin {
        case: case.name.clone(),
        verdict,
        fingerprint: match loose {
            true => ANY.to_owned(),
            false => fingerprint(case.judged),
        },
        seen: seen(case.judged),
        reason: old.map_or_else(|| reason.to_owned(), |old| old.reason),
        line: 0,
        column: 0,
    })
}

/// The deciding finding in one line.
fn seen(judged: &CaseVerdict) -> String {
    if let Some(function) = &judged.missing_function {
        return format!("the library lacks {function}");
    }
    let Some(finding) = judged.deciding() else {
        return String::new();
    };
    let mismatch = &finding.mismatch;
    let call = mismatch.doing.split('(').next().unwrap_or_default();
    format!("{call}: {}: {}", mismatch.what, mismatch.seen)
}

/// A double-quoted YAML scalar: JSON's strings are YAML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whether a verdict is a departure that can be known.
const fn is_pinnable(verdict: Verdict) -> bool {
    matches!(
        verdict,
        Verdict::Fail
            | Verdict::Differs
            | Verdict::Crash
            | Verdict::Timeout
            | Verdict::Unsupported
            | Verdict::Inconclusive
    )
}

fn pinnable(file: &str, word: &Spanned<String>) -> Result<Verdict, BaselineError> {
    match Verdict::named(&word.value) {
        Some(verdict) if is_pinnable(verdict) => Ok(verdict),
        _ => {
            let all = Verdict::ALL.into_iter().filter(|v| is_pinnable(*v));
            let names: Vec<_> = all.map(Verdict::name).collect();
            let message = format!(
                "`{}` cannot be pinned; what can is {}",
                word.value,
                names.join(", ")
            );
            Err(malformed(file, place(word), message))
        }
    }
}

fn place<T>(spanned: &Spanned<T>) -> (u64, u64) {
    let at = spanned.referenced;
    (at.line(), at.column())
}

fn malformed(file: &str, (line, column): (u64, u64), message: String) -> BaselineError {
    BaselineError::Malformed {
        file: file.to_owned(),
        line,
        column,
        message,
    }
}

#[cfg(test)]
#[path = "baseline_tests.rs"]
mod tests;
