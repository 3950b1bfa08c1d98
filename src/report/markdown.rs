//! Markdown for the summary of a CI job.

use std::io::{self, Write};

use super::case::CaseReport;
use super::message;
use super::summary::RunReport;
use crate::judge::Verdict;

/// How many departures are listed; GitHub takes 1 MiB for a step.
const DEPARTURES: usize = 100;
/// How many missing functions are listed.
const MISSING: usize = 50;

/// Writes the summary.
pub fn write_markdown(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    let mark = match report.exit_code() {
        0 => "✅",
        4 => "⚠️",
        _ => "❌",
    };
    let identity = &report.identity;
    writeln!(out, "## {mark} jetspec: {}\n", text(&report.sentence()))?;
    writeln!(
        out,
        "`{}`, profile {}, level {}, {}\n",
        identity.library.replace('`', "'"),
        identity.profile_word(),
        identity.level,
        identity.system
    )?;
    areas(out, report)?;
    writeln!(
        out,
        "\n{} of {} testable requirements are covered by what ran.",
        report.covered(),
        report.requirements
    )?;
    departures(out, report)?;
    missing(out, report)
}

fn areas(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    let shown = report.verdicts_shown();
    let heads: Vec<_> = shown.iter().map(|verdict| verdict.name()).collect();
    writeln!(out, "| area | {} |", heads.join(" | "))?;
    writeln!(out, "|---|{}", "---:|".repeat(shown.len()))?;
    for (area, verdicts) in report.areas() {
        let cells: Vec<String> = shown
            .iter()
            .map(|verdict| match verdicts.get(verdict) {
                Some(count) => count.to_string(),
                None => "·".to_owned(),
            })
            .collect();
        writeln!(out, "| {} | {} |", text(area), cells.join(" | "))?;
    }
    let sums: Vec<_> = shown
        .iter()
        .map(|verdict| format!("**{}**", report.count(*verdict)))
        .collect();
    writeln!(out, "| **total** | {} |", sums.join(" | "))
}

fn departures(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    let mut held: Vec<&CaseReport> = report.held().collect();
    if held.is_empty() && report.unmatched().is_empty() {
        return Ok(());
    }
    held.sort_by_key(|case| std::cmp::Reverse(case.verdict().gravity()));
    writeln!(out, "\n### Not as expected\n")?;
    for entry in report.unmatched() {
        writeln!(out, "- **baseline** {}", text(&message::unmatched(entry)))?;
    }
    for case in held.iter().take(DEPARTURES) {
        departure(out, case)?;
    }
    match held.len().saturating_sub(DEPARTURES) {
        0 => Ok(()),
        rest => writeln!(out, "\n… and {rest} more."),
    }
}

fn departure(out: &mut dyn Write, case: &CaseReport) -> io::Result<()> {
    let verdict = match (case.is_changed(), case.verdict()) {
        (true, verdict) => format!("{verdict}, changed"),
        (false, verdict) => verdict.to_string(),
    };
    let summary = format!("<b>{verdict}</b> {}", text(&case.name()));
    let headline = text(&message::headline(case));
    if case.judged.diff.is_empty() {
        return writeln!(out, "- {summary}<br>{headline}");
    }
    writeln!(out, "<details><summary>{summary}<br>{headline}</summary>\n")?;
    // A fence longer than any in the text cannot be closed by it.
    let fence = "`".repeat(longest_fence(&case.judged.diff).max(2) + 1);
    writeln!(
        out,
        "{fence}diff\n{}\n{fence}\n</details>\n",
        case.judged.diff.trim_end()
    )
}

fn longest_fence(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

fn missing(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    let missing = report.missing();
    if missing.is_empty() {
        return Ok(());
    }
    let known = report.count(Verdict::Unsupported) == 0;
    let pinned = if known {
        ", all of them in the baseline"
    } else {
        ""
    };
    writeln!(
        out,
        "\n### The library lacks {} functions{pinned}\n",
        missing.len()
    )?;
    writeln!(
        out,
        "| function | scenarios held back | cases |\n|---|---:|---:|"
    )?;
    for function in missing.iter().take(MISSING) {
        writeln!(
            out,
            "| `{}` | {} | {} |",
            function.function, function.scenarios, function.cases
        )?;
    }
    match missing.len().saturating_sub(MISSING) {
        0 => Ok(()),
        rest => writeln!(out, "\n… and {rest} more."),
    }
}

/// Text that stays text, in a table too.
fn text(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' | '\r' => out.push(' '),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '~' | '#' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::example::{case, failed, report};
    use super::*;

    #[test]
    fn the_summary_has_areas_departures_and_missing_functions() {
        let mut lacking = case("c/d.yaml", "x", Verdict::Unsupported);
        lacking.judged.missing_function = Some("JetMove".to_owned());
        let mut failed = failed("a/b.yaml");
        failed.judged.diff.push_str("+```\n");
        let mut out = Vec::new();
        let report = report(vec![failed, lacking, case("a/e.yaml", "y", Verdict::Pass)]);
        write_markdown(&mut out, &report).expect("memory");
        let text = String::from_utf8(out).expect("text");
        for part in [
            "## ❌ jetspec: 2 of 3 cases are not as expected",
            "| area | pass | fail | unsupported |",
            "| **total** | **1** | **1** | **1** |",
            "<details><summary><b>fail</b> a/b.yaml::first\\[documented\\]<br>JetMove: return code: expected JET\\_errSuccess",
            "````diff\n",
            "The library lacks 1 functions",
            "| `JetMove` | 1 | 1 |",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
