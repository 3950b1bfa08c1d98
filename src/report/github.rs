//! Annotations for GitHub Actions: workflow commands on standard output.

use std::io::{self, Write};

use super::case::CaseReport;
use super::message;
use super::summary::RunReport;
use crate::judge::Verdict;

/// How many annotations are written: GitHub shows ten of each kind for a step, and a log of thousands
/// of commands helps nobody.
const MOST: usize = 50;

/// Writes an annotation for each case that holds the gate, and a notice with the result.
pub fn write_github(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    let mut held: Vec<&CaseReport> = report.held().collect();
    // What GitHub leaves out should be what matters least.
    held.sort_by_key(|case| std::cmp::Reverse(case.verdict().gravity()));
    for entry in report.unmatched() {
        let place = format!(
            "file={},line={},col={},title=baseline",
            property(&entry.file),
            entry.line,
            entry.column
        );
        writeln!(out, "::error {place}::{}", data(&message::unmatched(entry)))?;
    }
    for case in held.iter().take(MOST) {
        let kind = match case.verdict() {
            Verdict::Unsupported | Verdict::Differs | Verdict::Inconclusive => "warning",
            _ => "error",
        };
        // The scenario is not in the repository of the library, so that no file is named.
        let title = format!("{}: {}", case.verdict(), case.name());
        let mut text = format!("{}\n{}", case.title, message::headline(case));
        if let Some(place) = case
            .judged
            .deciding()
            .and_then(|f| f.mismatch.place.as_ref())
        {
            text.push_str(&format!("\nat {}:{}", place.file, place.line));
        }
        writeln!(out, "::{kind} title={}::{}", property(&title), data(&text))?;
    }
    if held.len() > MOST {
        writeln!(
            out,
            "::warning title=jetspec::{} more cases are not as expected",
            held.len() - MOST
        )?;
    }
    let title = property(&format!("jetspec {}", report.identity.profile_word()));
    writeln!(out, "::notice title={title}::{}", data(&report.sentence()))
}

/// A property's value, by the rules of GitHub's own toolkit.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::super::example::{case, failed, report};
    use super::super::summary::AgainstBaseline;
    use super::*;
    use crate::judge::Unmatched;

    fn text(report: &RunReport) -> String {
        let mut out = Vec::new();
        write_github(&mut out, report).expect("memory");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn each_annotation_is_one_line_and_its_parts_are_escaped() {
        let mut failed = failed("a/b.yaml");
        failed.title = "50% of it,\nsaid: twice".to_owned();
        let mut report = report(vec![failed, case("a/c.yaml", "x", Verdict::Pass)]);
        report.baseline = Some(AgainstBaseline {
            file: "known.yaml".to_owned(),
            entries: 1,
            unmatched: vec![Unmatched {
                case: "gone".to_owned(),
                file: "known.yaml".to_owned(),
                line: 3,
                column: 5,
            }],
        });
        let text = text(&report);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[0].starts_with("::error file=known.yaml,line=3,col=5,title=baseline::"));
        assert!(lines[1].starts_with("::error title=fail%3A a/b.yaml%3A%3Afirst[documented]::50%25 of it,%0Asaid: twice%0AJetMove: return code"), "{text}");
        assert!(lines[2].starts_with("::notice title=jetspec documented::"));
    }

    #[test]
    fn the_gravest_come_first_and_the_rest_is_counted() {
        let mut cases: Vec<_> = (0..60)
            .map(|_| case("a/b.yaml", "x", Verdict::Unsupported))
            .collect();
        cases.push(case("a/c.yaml", "y", Verdict::Crash));
        let text = text(&report(cases));
        assert!(text.starts_with("::error title=crash"), "{text}");
        assert!(text.contains("11 more cases"), "{text}");
    }
}
