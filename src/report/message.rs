//! A departure in words, as several reports use them.

use super::case::CaseReport;
use crate::judge::{Finding, Unmatched};

/// What is the matter with a case, in one line.
pub fn headline(case: &CaseReport) -> String {
    if let Some(why) = &case.skipped {
        return why.clone();
    }
    let compared = case.against_baseline();
    let known = case.pinned.as_ref().filter(|_| compared.is_none());
    let what = case.judged.deciding().map(finding);
    let parts = [compared, known.map(|pinned| pinned.reason.clone()), what];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match parts.is_empty() {
        true => case.title.clone(),
        false => parts.join("; "),
    }
}

/// `JetMove: return code: expected X, seen Y`.
pub fn finding(finding: &Finding) -> String {
    let mismatch = &finding.mismatch;
    let call = mismatch.doing.split('(').next().unwrap_or_default();
    let call = match call {
        "" => String::new(),
        call => format!("{call}: "),
    };
    format!(
        "{call}{}: expected {}, seen {}",
        mismatch.what, mismatch.expected, mismatch.seen
    )
}

/// Every finding with its place and requirements, and the two traces as a diff.
pub fn details(case: &CaseReport) -> String {
    let mut text = format!("{}\n", case.title);
    for found in &case.judged.findings {
        if let Some(place) = &found.mismatch.place {
            text.push_str(&format!("{}:{}:{}: ", place.file, place.line, place.column));
        }
        text.push_str(&finding(found));
        if !found.mismatch.covers.is_empty() {
            text.push_str(&format!(" ({})", found.mismatch.covers.join(", ")));
        }
        text.push('\n');
    }
    if !case.judged.diff.is_empty() {
        text.push('\n');
        text.push_str(&case.judged.diff);
    }
    text
}

/// An entry of the baseline that names no case.
pub fn unmatched(entry: &Unmatched) -> String {
    format!(
        "{}:{}:{}: the suite has no case `{}`; `--bless` takes the entry out",
        entry.file, entry.line, entry.column, entry.case
    )
}
