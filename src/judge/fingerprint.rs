//! A fingerprint of what was seen in a case: the same from run to run and from machine to machine,
//! and another as soon as the library departs in another way.

use sha2::{Digest, Sha256};

use super::rule::CaseVerdict;

/// How many hexadecimal digits a fingerprint has.
const DIGITS: usize = 16;
/// A hexadecimal number with more digits than this is taken for an address.
const LONGEST_NUMBER: usize = 6;

/// The fingerprint of every finding: what departs, in which call, and what was seen. Where the step
/// is written, and what the suite expected of it, may change without changing the fingerprint.
pub fn fingerprint(judged: &CaseVerdict) -> String {
    let mut digest = Sha256::new();
    let mut line = |text: &str| {
        digest.update(stable(text).as_bytes());
        digest.update(b"\n");
    };
    for finding in &judged.findings {
        line(finding.weight.name());
        line(&finding.mismatch.what.to_string());
        line(&finding.mismatch.doing);
        line(&finding.mismatch.seen);
    }
    line(judged.missing_function.as_deref().unwrap_or_default());
    let mut text: String = digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    text.truncate(DIGITS);
    text
}

/// The text without what differs from run to run: addresses, times, process numbers and scratch
/// folders, line numbers of scenario files.
fn stable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_alphanumeric()) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        out.push_str(if varies(word, &out, after) {
            "…"
        } else {
            word
        });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether a word between `before` and `after` is of this run alone.
fn varies(word: &str, before: &str, after: &str) -> bool {
    if let Some(digits) = word.strip_prefix("0x") {
        return digits.len() > LONGEST_NUMBER && digits.bytes().all(|b| b.is_ascii_hexdigit());
    }
    let number = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let unit = match &word[number.len()..] {
        "" => after
            .strip_prefix(' ')
            .map(|after| {
                after
                    .split(|c: char| !c.is_alphanumeric())
                    .next()
                    .unwrap_or("")
            })
            .unwrap_or(""),
        unit => unit,
    };
    if matches!(unit, "ms" | "µs" | "us" | "ns" | "s" | "seconds") {
        return true;
    }
    // A whole and its fraction: `1.25 s` is caught at its end, what is left is the whole.
    let places = [
        ".yaml:",
        "jetspec-",
        "jetspec-…-",
        "line ",
        "pid ",
        "process ",
    ];
    places.iter().any(|place| before.ends_with(place))
}

#[cfg(test)]
mod tests {
    use super::super::expectations::Mismatch;
    use super::super::rule::Finding;
    use super::super::verdict::Verdict;
    use super::super::what::What;
    use super::*;
    use crate::scenario::plan::Part;

    fn seen(text: &str) -> CaseVerdict {
        let mismatch = Mismatch {
            what: What::End,
            step: None,
            part: Part::Case,
            place: None,
            doing: "JetMove(sesid, tableid)".to_owned(),
            expected: "a complete run".to_owned(),
            seen: text.to_owned(),
            covers: Vec::new(),
        };
        CaseVerdict {
            findings: vec![Finding {
                mismatch,
                weight: Verdict::Crash,
            }],
            ..CaseVerdict::plain(Verdict::Crash)
        }
    }

    fn same(a: &str, b: &str) -> bool {
        fingerprint(&seen(a)) == fingerprint(&seen(b))
    }

    #[test]
    fn addresses_times_and_places_of_one_run_do_not_count() {
        assert!(same("fault at 0x7f00aa10b2c0", "fault at 0x55d0aa10b2c8"));
        assert!(same("no end within 5000 ms", "no end within 10000 ms"));
        assert!(same("after 12ms", "after 13ms"));
        assert!(same(
            "stopped at a/b.yaml:12: the library lacks JetMove",
            "stopped at a/b.yaml:14: the library lacks JetMove"
        ));
        assert!(same(
            "/tmp/jetspec-12-1/work/x",
            "/tmp/jetspec-13-44/work/x"
        ));
    }

    #[test]
    fn everything_else_counts() {
        assert!(!same("JET_errInvalidParameter", "JET_errInvalidDatabase"));
        assert!(!same("12", "13"));
        assert!(!same("0x1234", "0x1235"));
        assert!(!same("hex 00ff00ff00ff", "hex 00ff00ff00fe"));
        assert!(!same("signal SIGSEGV", "signal SIGABRT"));
        assert!(!same(
            "the library lacks JetMove",
            "the library lacks JetSeek"
        ));
        let mut other = seen("x");
        other.findings[0].mismatch.doing = "JetSeek(sesid, tableid)".to_owned();
        assert_ne!(fingerprint(&other), fingerprint(&seen("x")));
    }

    #[test]
    fn what_the_suite_expects_may_change() {
        let mut other = seen("x");
        other.findings[0].mismatch.expected = "something".to_owned();
        assert_eq!(fingerprint(&other), fingerprint(&seen("x")));
        assert_eq!(fingerprint(&other).len(), DIGITS);
    }
}
