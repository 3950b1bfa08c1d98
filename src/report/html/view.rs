//! What the page shows, put together before it is written.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;

use super::super::case::{CaseReport, area};
use super::super::coverage::{Coverage, Covered};
use super::super::summary::RunReport;
use super::trace_rows::{TraceRow, rows};
use crate::judge::Verdict;
use crate::spec::Register;

/// The whole page.
#[derive(Template)]
#[template(path = "report.html", config = "src/report/html/askama.toml")]
pub(super) struct View {
    title: String,
    runs: Vec<Run>,
    areas: Vec<String>,
    /// Words that a requirement or a case has, with how many requirements and cases each run has.
    words: Vec<Word>,
    departures: Vec<CaseRow>,
    pages: Vec<Page>,
    details: Vec<Detail>,
    missing: Vec<MissingRow>,
}

struct Run {
    /// `A`, `B`, …; what the column is called.
    label: String,
    /// The library's file name, where the column is headed by it.
    short: String,
    library: String,
    about: Vec<(&'static str, String)>,
    sentence: String,
    good: bool,
}

struct Word {
    name: &'static str,
    /// For each run: requirements, cases.
    counts: Vec<(usize, usize)>,
}

struct Page {
    title: String,
    url: String,
    /// For each run: how many requirements are kept, of how many that can be tested.
    kept: Vec<(usize, usize)>,
    rows: Vec<Requirement>,
}

struct Requirement {
    id: String,
    area: String,
    says: String,
    about: String,
    untestable: String,
    verdicts: Vec<&'static str>,
    /// The verdicts, each once, for the filter.
    tokens: String,
    differ: bool,
    cases: Vec<CaseRow>,
}

struct CaseRow {
    name: String,
    title: String,
    place: String,
    areas: String,
    tokens: String,
    differ: bool,
    cells: Vec<Cell>,
}

struct Cell {
    verdict: &'static str,
    /// The number of the detail that the cell opens.
    detail: Option<usize>,
}

struct Detail {
    index: usize,
    run: String,
    name: String,
    verdict: &'static str,
    notes: Vec<String>,
    findings: Vec<FindingRow>,
    rows: Vec<TraceRow>,
}

struct FindingRow {
    place: String,
    what: String,
    doing: String,
    expected: String,
    seen: String,
    covers: Vec<String>,
}

struct MissingRow {
    function: String,
    /// For each run: how many cases wait for it.
    cases: Vec<usize>,
}

/// One case in each of the runs.
struct Compared<'r> {
    cases: Vec<Option<&'r CaseReport>>,
    details: Vec<Option<usize>>,
}

impl Cell {
    fn class(&self) -> String {
        self.verdict.replace(' ', "-")
    }
}

impl View {
    /// Puts the page together.
    pub(super) fn new(register: &Register, runs: &[RunReport]) -> View {
        let mut details = Vec::new();
        let compared = compared(runs, &mut details);
        let coverages: Vec<Coverage> = runs
            .iter()
            .map(|run| Coverage::new(register, run))
            .collect();
        let pages = pages(register, &coverages, &compared);
        let departs = |compared: &&Compared| {
            let mut cases = compared.cases.iter().flatten();
            cases.any(|case| case.is_changed() || !is_quiet(case.verdict()))
        };
        let mut departures: Vec<&Compared> = compared.values().filter(departs).collect();
        departures.sort_by_key(|compared| {
            let cases = compared.cases.iter().flatten();
            std::cmp::Reverse(cases.map(|case| case.verdict().gravity()).max())
        });
        let rows = pages.iter().flat_map(|page| &page.rows);
        let mut areas: BTreeSet<String> = rows.map(|row| row.area.clone()).collect();
        areas.extend(
            runs.iter()
                .flat_map(|run| &run.cases)
                .map(|case| area(&case.file).to_owned()),
        );
        View {
            title: title(runs),
            words: words(runs, &pages),
            departures: departures.into_iter().filter_map(Compared::row).collect(),
            areas: areas.into_iter().collect(),
            runs: runs.iter().enumerate().map(run).collect(),
            missing: missing(runs),
            pages,
            details,
        }
    }
}

fn title(runs: &[RunReport]) -> String {
    let names: Vec<String> = runs
        .iter()
        .map(|run| short(&run.identity.library))
        .collect();
    format!("jetspec: {}", names.join(" · "))
}

fn run((index, run): (usize, &RunReport)) -> Run {
    let identity = &run.identity;
    let mut about = vec![
        ("profile", identity.profile_word().to_owned()),
        ("level", identity.level.to_string()),
        ("system", identity.system.clone()),
        ("cases", run.cases.len().to_string()),
    ];
    if let Some(digest) = &identity.library_sha256 {
        about.push(("SHA-256", digest.chars().take(16).collect()));
    }
    if let Some(shard) = identity.shard {
        about.push(("shard", shard.to_string()));
    }
    if let Some(baseline) = &run.baseline {
        about.push((
            "baseline",
            format!("{} ({} known)", baseline.file, baseline.entries),
        ));
    }
    Run {
        label: label(index),
        short: short(&identity.library),
        library: identity.library.clone(),
        about,
        sentence: run.sentence(),
        good: run.exit_code() == 0,
    }
}

/// `A` to `Z`, then `27` and so on.
fn label(index: usize) -> String {
    match u8::try_from(index) {
        Ok(index) if index < 26 => char::from(b'A' + index).to_string(),
        _ => (index + 1).to_string(),
    }
}

/// The file name at the end of what a library is called.
fn short(library: &str) -> String {
    let end = library.rsplit(['/', '\\']).next().unwrap_or(library);
    match end.contains("(there is no library") {
        true => "the reference engine".to_owned(),
        false => end.to_owned(),
    }
}

/// Each case by what it is called in every profile, with its details put aside.
fn compared<'r>(
    runs: &'r [RunReport],
    details: &mut Vec<Detail>,
) -> BTreeMap<String, Compared<'r>> {
    let mut compared: BTreeMap<String, Compared> = BTreeMap::new();
    for (index, run) in runs.iter().enumerate() {
        for case in &run.cases {
            let entry = compared.entry(key(case)).or_insert_with(|| Compared {
                cases: vec![None; runs.len()],
                details: vec![None; runs.len()],
            });
            let detail = detail(details.len(), label(index), case);
            if let (Some(slot), Some(own)) =
                (entry.cases.get_mut(index), entry.details.get_mut(index))
            {
                *slot = Some(case);
                *own = detail.as_ref().map(|detail| detail.index);
            }
            details.extend(detail);
        }
    }
    compared
}

/// A case's name without its profile, so that two profiles can be compared.
fn key(case: &CaseReport) -> String {
    let form = case
        .width()
        .map_or_else(String::new, |width| format!(" ({width})"));
    match case.case.as_str() {
        "" => format!("{}{form}", case.file),
        name => format!("{}::{name}{form}", case.file),
    }
}

fn detail(index: usize, run: String, case: &CaseReport) -> Option<Detail> {
    let mut notes = Vec::new();
    notes.extend(case.against_baseline());
    notes.extend(
        case.pinned
            .as_ref()
            .map(|pinned| format!("reason: {}", pinned.reason)),
    );
    notes.extend(case.skipped.clone());
    let findings: Vec<FindingRow> = case
        .judged
        .findings
        .iter()
        .map(|finding| {
            let mismatch = &finding.mismatch;
            FindingRow {
                place: mismatch.place.as_ref().map_or(String::new(), |place| {
                    format!("{}:{}:{}", place.file, place.line, place.column)
                }),
                what: mismatch.what.to_string(),
                doing: mismatch.doing.clone(),
                expected: mismatch.expected.clone(),
                seen: mismatch.seen.clone(),
                covers: mismatch.covers.clone(),
            }
        })
        .collect();
    let rows = case.judged.traces.as_ref().map(rows).unwrap_or_default();
    if notes.is_empty() && findings.is_empty() && rows.is_empty() {
        return None;
    }
    Some(Detail {
        index,
        run,
        name: case.name(),
        verdict: case.verdict().name(),
        notes,
        findings,
        rows,
    })
}

/// What needs no attention.
fn is_quiet(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Pass | Verdict::Skipped)
}

impl Compared<'_> {
    fn row(&self) -> Option<CaseRow> {
        let verdict = |case: &&CaseReport| case.verdict().name();
        self.row_of(|case, _| verdict(&case))
    }

    /// The row, with what each run's case says.
    fn row_of(&self, word: impl Fn(&CaseReport, usize) -> &'static str) -> Option<CaseRow> {
        let first = self.cases.iter().flatten().next()?;
        let cells: Vec<Cell> = self
            .cases
            .iter()
            .zip(&self.details)
            .enumerate()
            .map(|(index, (case, detail))| Cell {
                verdict: case.map_or("not run", |case| word(case, index)),
                detail: *detail,
            })
            .collect();
        let verdicts: Vec<&'static str> = cells.iter().map(|cell| cell.verdict).collect();
        let mut areas: BTreeSet<&str> = BTreeSet::from([area(&first.file)]);
        areas.extend(first.covers.iter().map(|id| area_of_id(id)));
        Some(CaseRow {
            name: key(first),
            title: first.title.clone(),
            place: format!("{}:{}", first.place.file, first.place.line),
            areas: areas.into_iter().collect::<Vec<_>>().join(" "),
            tokens: tokens(&verdicts),
            differ: differ(&verdicts),
            cells,
        })
    }
}

fn area_of_id(id: &str) -> &str {
    id.split_once('/').map_or(id, |(area, _)| area)
}

/// Words of a filter: several words of one verdict are one.
fn tokens(verdicts: &[&str]) -> String {
    let words: BTreeSet<String> = verdicts.iter().map(|word| word.replace(' ', "-")).collect();
    words.into_iter().collect::<Vec<_>>().join(" ")
}

fn differ(verdicts: &[&str]) -> bool {
    verdicts.windows(2).any(|pair| pair[0] != pair[1])
}

fn pages(
    register: &Register,
    coverages: &[Coverage],
    compared: &BTreeMap<String, Compared>,
) -> Vec<Page> {
    // Names in reports to their rows: reports of several profiles share a row.
    let mut keys: BTreeMap<String, &str> = BTreeMap::new();
    for (key, compared) in compared {
        for case in compared.cases.iter().flatten() {
            keys.insert(case.name(), key);
        }
    }
    let mut at = 0;
    let mut pages = Vec::new();
    for page in register.pages() {
        let here = at..at + page.records.len();
        at = here.end;
        let rows: Vec<Requirement> = here
            .map(|index| {
                let covered: Vec<&Covered> = coverages
                    .iter()
                    .filter_map(|coverage| coverage.requirements.get(index))
                    .collect();
                requirement(&covered, &keys, compared)
            })
            .collect();
        let kept = (0..coverages.len()).map(|run| kept(&rows, run)).collect();
        pages.push(Page {
            title: page.title.clone(),
            url: page.url.clone(),
            kept,
            rows,
        });
    }
    pages
}

fn kept(rows: &[Requirement], run: usize) -> (usize, usize) {
    let words = rows.iter().filter_map(|row| row.verdicts.get(run));
    let testable = words.filter(|word| **word != "untestable");
    let (mut kept, mut all) = (0, 0);
    for word in testable {
        all += 1;
        kept += usize::from(*word == "pass");
    }
    (kept, all)
}

fn requirement(
    covered: &[&Covered],
    keys: &BTreeMap<String, &str>,
    compared: &BTreeMap<String, Compared>,
) -> Requirement {
    let verdicts: Vec<&'static str> = covered.iter().map(|covered| covered.word()).collect();
    // What each run's cases say about this requirement, by row.
    let mut rows: BTreeMap<&str, Vec<Option<&'static str>>> = BTreeMap::new();
    for (run, covered) in covered.iter().enumerate() {
        for case in &covered.cases {
            let Some(key) = keys.get(&case.case) else {
                continue;
            };
            let words = rows
                .entry(key)
                .or_insert_with(|| vec![None; verdicts.len()]);
            if let Some(word) = words.get_mut(run) {
                *word = Some(case.verdict.name());
            }
        }
    }
    let cases = rows.into_iter().filter_map(|(key, words)| {
        compared.get(key)?.row_of(|case, run| {
            let own = words.get(run).copied().flatten();
            own.unwrap_or(case.verdict().name())
        })
    });
    let record = covered.first().map(|covered| covered.record);
    let text = |field: fn(&crate::spec::Record) -> &str| record.map_or("", field).trim().to_owned();
    let id = text(|record| &record.id);
    Requirement {
        area: area_of_id(&id).to_owned(),
        says: text(|record| &record.says),
        about: record.map_or(String::new(), about),
        untestable: text(|record| record.untestable.as_deref().unwrap_or_default()),
        tokens: tokens(&verdicts),
        differ: differ(&verdicts),
        cases: cases.collect(),
        verdicts,
        id,
    }
}

/// `must, documented, since windows-xp`.
fn about(record: &crate::spec::Record) -> String {
    format!("{}, since {}", record.standing(), record.since)
}

/// The words of requirements and cases that occur, gravest first.
fn words(runs: &[RunReport], pages: &[Page]) -> Vec<Word> {
    let mut verdicts: Vec<Verdict> = Verdict::ALL.to_vec();
    verdicts.sort_by_key(|verdict| std::cmp::Reverse(verdict.gravity()));
    let names = verdicts.into_iter().map(Verdict::name);
    let count = |name: &'static str| Word {
        name,
        counts: runs
            .iter()
            .enumerate()
            .map(|(index, run)| {
                let rows = pages.iter().flat_map(|page| &page.rows);
                let requirements = rows.filter(|row| row.verdicts.get(index) == Some(&name));
                let cases = run
                    .cases
                    .iter()
                    .filter(|case| case.verdict().name() == name);
                (requirements.count(), cases.count())
            })
            .collect(),
    };
    names
        .chain(["uncovered", "untestable"])
        .map(count)
        .filter(|word| word.counts.iter().any(|counts| *counts != (0, 0)))
        .collect()
}

fn missing(runs: &[RunReport]) -> Vec<MissingRow> {
    let mut functions: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, run) in runs.iter().enumerate() {
        for missing in run.missing() {
            let cases = functions
                .entry(missing.function)
                .or_insert_with(|| vec![0; runs.len()]);
            if let Some(slot) = cases.get_mut(index) {
                *slot = missing.cases;
            }
        }
    }
    let mut rows: Vec<MissingRow> = functions
        .into_iter()
        .map(|(function, cases)| MissingRow { function, cases })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.cases.iter().sum::<usize>()));
    rows
}
