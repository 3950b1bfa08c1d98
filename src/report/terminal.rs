//! The report that people read: progress, each departure as it comes, then the summary.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::case::CaseReport;
use super::event::{Event, Reporter};
use super::message;
use super::summary::RunReport;
use super::table::{Table, counted};
use crate::host::interrupt;
use crate::judge::{Finding, Verdict};
use crate::spec::Register;

/// How many findings of one case are shown in full.
const FINDINGS_SHOWN: usize = 3;
/// How many missing functions are named.
const MISSING_SHOWN: usize = 20;
/// How many characters of a source line are shown.
const SOURCE_LINE_CHARACTERS: usize = 150;

/// Finds a line of a scenario's source: file, line from one.
pub type Source<'s> = &'s dyn Fn(&str, u32) -> Option<String>;

/// The terminal as a reporter.
pub struct Terminal<'t, W> {
    out: W,
    register: &'t Register,
    source: Source<'t>,
    voice: Voice,
    progress: Progress,
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Voice {
    /// Only progress: another report has standard output for itself.
    Silent,
    /// Departures as they come, and the summary.
    Plain,
    /// Every case as it ends, too.
    Verbose,
}

impl<'t, W: Write> Terminal<'t, W> {
    /// Writes to `out`; `source` finds lines of scenarios.
    pub fn new(out: W, register: &'t Register, source: Source<'t>, voice: Voice) -> Self {
        Self {
            out,
            register,
            source,
            voice,
            progress: Progress::new(0),
        }
    }

    fn case(&mut self, case: &CaseReport) -> io::Result<()> {
        let (out, register, source) = (&mut self.out, self.register, self.source);
        // A missing function is told once for all its cases, in the summary.
        let departs =
            case.holds_gate(true) && (case.verdict() != Verdict::Unsupported || case.is_changed());
        let written = match self.voice {
            Voice::Plain if departs => self.progress.aside(|| {
                write_case(out, case, register, source)?;
                out.flush()
            }),
            Voice::Verbose => self.progress.aside(|| {
                match departs {
                    true => write_case(out, case, register, source)?,
                    false => write_line(out, case)?,
                }
                out.flush()
            }),
            Voice::Silent | Voice::Plain => Ok(()),
        };
        self.progress.done(&case.name());
        written
    }
}

impl<W: Write> Reporter for Terminal<'_, W> {
    fn name(&self) -> String {
        "standard output".to_owned()
    }

    fn event(&mut self, event: Event) -> io::Result<()> {
        match event {
            Event::Began { cases, .. } => {
                self.progress = Progress::new(cases);
                Ok(())
            }
            Event::Case(case) => self.case(case),
            Event::Amended(case) if self.voice > Voice::Silent => self
                .progress
                .aside(|| write_case(&mut self.out, case, self.register, self.source)),
            Event::Amended(_) => Ok(()),
            Event::Ended(report) => {
                self.progress.finish();
                if self.voice > Voice::Silent {
                    write_summary(&mut self.out, report)?;
                }
                self.out.flush()
            }
        }
    }
}

/// One line about a case that has nothing to tell.
fn write_line(out: &mut dyn Write, case: &CaseReport) -> io::Result<()> {
    let (on, off) = paint(case.verdict());
    let verdict = case.verdict().name();
    write!(out, "{on}{verdict}{off} {}", case.name())?;
    match (&case.skipped, &case.pinned) {
        (Some(why), _) => writeln!(out, " ({why})"),
        (None, Some(pinned)) => writeln!(out, " ({})", pinned.reason),
        (None, None) => writeln!(out, " ({:.1} ms)", case.time.as_secs_f64() * 1e3),
    }
}

/// Progress on standard error, where that is a terminal; silent in a pipe.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Progress over so many cases.
    pub fn new(cases: usize) -> Self {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(cases as u64), target);
        // The template is a constant; were it wrong, the plain bar would do.
        if let Ok(style) = ProgressStyle::with_template(
            "{bar:30} {pos}/{len} {per_sec:.0}, {eta} left  {wide_msg}",
        ) {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// One more case is done.
    pub fn done(&self, name: &str) {
        self.bar.set_message(name.to_owned());
        self.bar.inc(1);
    }

    /// Writes something while the bar stands aside.
    pub fn aside<R>(&self, write: impl FnOnce() -> R) -> R {
        self.bar.suspend(write)
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Writes what departs in one case: place, requirement, source line, expected and seen, diff.
pub fn write_case(
    out: &mut dyn Write,
    case: &CaseReport,
    register: &Register,
    source: Source,
) -> io::Result<()> {
    let (on, off) = paint(case.verdict());
    writeln!(out, "{on}{}{off} {}", case.verdict(), case.name())?;
    writeln!(out, "  {}", case.title)?;
    if let (Some(compared), Some(pinned)) = (case.against_baseline(), &case.pinned) {
        writeln!(out, "  {compared} (reason: {})", pinned.reason)?;
    }
    let findings = &case.judged.findings;
    let deciding = case.judged.deciding();
    let rest = findings
        .iter()
        .filter(|finding| deciding.is_none_or(|deciding| !std::ptr::eq(*finding, deciding)));
    // What follows a failed control step is mostly its consequence.
    let shown = match deciding {
        Some(deciding) if deciding.mismatch.covers.is_empty() => 1,
        _ => FINDINGS_SHOWN,
    };
    for finding in deciding.into_iter().chain(rest).take(shown) {
        write_finding(out, finding, register, source)?;
    }
    if findings.len() > shown {
        writeln!(out, "  … and {} more", findings.len() - shown)?;
    }
    write_diff(out, &case.judged.diff)?;
    write_last_words(out, &case.judged.last_words)?;
    writeln!(out)
}

fn write_last_words(out: &mut dyn Write, words: &str) -> io::Result<()> {
    if !words.is_empty() {
        writeln!(out, "  last on standard error:")?;
    }
    for line in words.lines() {
        writeln!(out, "    {line}")?;
    }
    Ok(())
}

fn write_finding(
    out: &mut dyn Write,
    finding: &Finding,
    register: &Register,
    source: Source,
) -> io::Result<()> {
    let mismatch = &finding.mismatch;
    if let Some(place) = &mismatch.place {
        writeln!(out, "  --> {}:{}:{}", place.file, place.line, place.column)?;
        if let Some(line) = source(&place.file, place.line) {
            write_source(out, place.line, place.column, &line)?;
        }
    }
    for id in &mismatch.covers {
        writeln!(out, "  {}", requirement(register, id))?;
    }
    if !mismatch.doing.is_empty() {
        writeln!(out, "  in {}", mismatch.doing)?;
    }
    writeln!(out, "  {}:", mismatch.what)?;
    writeln!(out, "    expected  {}", mismatch.expected)?;
    writeln!(out, "    seen      {}", mismatch.seen)
}

fn write_source(out: &mut dyn Write, number: u32, column: u32, line: &str) -> io::Result<()> {
    let number = number.to_string();
    let gutter = " ".repeat(number.len());
    let shown: String = line.chars().take(SOURCE_LINE_CHARACTERS).collect();
    writeln!(out, "   {number} | {}", shown.trim_end())?;
    let column = column.saturating_sub(1) as usize;
    if column < SOURCE_LINE_CHARACTERS {
        writeln!(out, "   {gutter} | {}^", " ".repeat(column))?;
    }
    Ok(())
}

/// `id (must, documented): what it says`.
fn requirement(register: &Register, id: &str) -> String {
    let Some(record) = register.get(id) else {
        return format!("{id}: not in the register");
    };
    format!("{id} ({}): {}", record.standing(), record.says)
}

fn write_diff(out: &mut dyn Write, diff: &str) -> io::Result<()> {
    let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
    for line in diff.lines() {
        let style = match line.as_bytes().first() {
            Some(b'+') => colour(AnsiColor::Green),
            Some(b'-') => colour(AnsiColor::Red),
            Some(b'@') => colour(AnsiColor::Cyan),
            _ => Style::new(),
        };
        writeln!(out, "    {style}{line}{style:#}")?;
    }
    Ok(())
}

/// Writes the summary: areas, sums, what is missing, coverage, time.
pub fn write_summary(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    let identity = &report.identity;
    writeln!(out, "{}", identity.library)?;
    write!(
        out,
        "profile {}, level {}",
        identity.profile_word(),
        identity.level
    )?;
    match identity.shard {
        Some(shard) => writeln!(out, ", shard {shard}")?,
        None => writeln!(out)?,
    }
    writeln!(out)?;
    write_areas(out, report)?;
    write_missing(out, report)?;
    write_unmatched(out, report)?;
    writeln!(out)?;
    writeln!(
        out,
        "{} of {} cover {} of {} testable requirements (`jetspec coverage` says which)",
        counted(report.cases.len(), "case"),
        counted(report.scenarios(), "scenario"),
        report.covered(),
        report.requirements
    )?;
    write_time(out, report)?;
    write_sentence(out, report)
}

/// What the library did, how long that took, and how long all of it took.
fn write_time(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    let (steps, time) = report.steps();
    if steps > 0 {
        write!(
            out,
            "{}; the library took {} ({} a step, the start of its hosts included); ",
            counted(steps as usize, "step"),
            span(time),
            per_step(time, steps)
        )?;
    }
    writeln!(out, "{} in all", span(report.elapsed))
}

fn write_areas(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    let shown = report.verdicts_shown();
    let mut headings = vec!["area".to_owned()];
    headings.extend(shown.iter().map(|verdict| format!(">{verdict}")));
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let mut table = Table::new(&headings);
    for (area, verdicts) in report.areas() {
        let mut row = vec![area.to_owned()];
        row.extend(shown.iter().map(|verdict| match verdicts.get(verdict) {
            Some(count) => count.to_string(),
            None => "·".to_owned(),
        }));
        table.row(row);
    }
    let mut total = vec!["total".to_owned()];
    total.extend(
        shown
            .iter()
            .map(|verdict| report.count(*verdict).to_string()),
    );
    table.row(total);
    table.write(out)
}

fn write_missing(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    let missing = report.missing();
    if missing.is_empty() {
        return Ok(());
    }
    let functions = counted(missing.len(), "function");
    writeln!(out, "\nThe library lacks {functions}:")?;
    let mut table = Table::new(&["function", ">scenarios held back", ">cases"]);
    for function in missing.iter().take(MISSING_SHOWN) {
        table.row(vec![
            function.function.clone(),
            function.scenarios.to_string(),
            function.cases.to_string(),
        ]);
    }
    table.write(out)?;
    if missing.len() > MISSING_SHOWN {
        writeln!(out, "  … and {} more", missing.len() - MISSING_SHOWN)?;
    }
    Ok(())
}

fn write_unmatched(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    if !report.unmatched().is_empty() {
        writeln!(out)?;
    }
    for entry in report.unmatched() {
        writeln!(out, "{}", message::unmatched(entry))?;
    }
    Ok(())
}

/// The last line: the result in words.
fn write_sentence(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    let verdict = match report.exit_code() {
        0 => Verdict::Pass,
        1 => Verdict::Fail,
        3 => Verdict::Harness,
        interrupt::EXIT_CODE => Verdict::Fail,
        _ => Verdict::Skipped,
    };
    let (on, off) = paint(verdict);
    writeln!(out, "{on}{}{off}", report.sentence())
}

fn paint(verdict: Verdict) -> (Style, anstyle::Reset) {
    let colour = match verdict {
        Verdict::Pass | Verdict::Fixed => AnsiColor::Green,
        Verdict::Fail | Verdict::Crash | Verdict::Timeout => AnsiColor::Red,
        Verdict::Differs | Verdict::Inconclusive | Verdict::Unsupported => AnsiColor::Yellow,
        Verdict::Harness => AnsiColor::Magenta,
        Verdict::Skipped | Verdict::Known => AnsiColor::BrightBlack,
    };
    let style = Style::new().bold().fg_color(Some(colour.into()));
    (style, anstyle::Reset)
}

fn span(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds < 1.0 {
        true => format!("{:.1} ms", seconds * 1e3),
        false => format!("{seconds:.2} s"),
    }
}

fn per_step(time: Duration, steps: u64) -> String {
    let micros = time.as_secs_f64() * 1e6 / steps.max(1) as f64;
    format!("{micros:.1} µs")
}

#[cfg(test)]
mod tests {
    use super::super::example::{case, failed, report};
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).expect("memory");
        anstream::adapter::strip_str(&String::from_utf8(out).expect("text")).to_string()
    }

    #[test]
    fn a_failure_names_place_requirement_line_expected_and_seen() {
        let page = "page: jetx.md\ntitle: X\nurl: u\nrecords:\n\
            - {id: area/must, says: It moves., strength: must, basis: documented, genuine: agrees}\n";
        let register = Register::from_pages([("jetx.yaml", page)]).expect("a register");
        let source = |_: &str, line: u32| (line == 2).then(|| "  - JetMove: {}".to_owned());
        let case = failed("a/b.yaml");
        let text = text(|out| write_case(out, &case, &register, &source));
        for part in [
            "fail a/b.yaml::first[documented]",
            "--> a/b.yaml:2:3",
            "2 |   - JetMove: {}",
            "area/must (must, documented): It moves.",
            "expected  JET_errSuccess",
            "seen      JET_errNoCurrentRecord",
            "+JetMove -> JET_errNoCurrentRecord",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn the_summary_shows_areas_and_a_last_sentence() {
        let report = report(vec![
            case("a/b.yaml", "x", Verdict::Pass),
            failed("c/d.yaml"),
        ]);
        let text = text(|out| write_summary(out, &report));
        assert!(text.contains("  area   pass  fail\n"), "{text}");
        assert!(
            text.contains("2 cases of 2 scenarios cover 1 of 3"),
            "{text}"
        );
        assert!(
            text.contains(
                "20 steps; the library took 4.0 ms (200.0 µs a step, the start of its hosts \
                 included); 20.0 ms in all"
            ),
            "{text}"
        );
        assert!(
            text.ends_with("1 of 2 cases are not as expected.\n"),
            "{text}"
        );
    }
}
