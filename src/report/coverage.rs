//! The register held against a run: for each requirement the cases that name it and what came of
//! them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::case::CaseReport;
use super::summary::RunReport;
use super::table::Table;
use crate::judge::Verdict;
use crate::spec::{Record, Register};

/// A case that names a requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covering {
    /// The case's name.
    pub case: String,
    /// What it says about this requirement.
    pub verdict: Verdict,
}

/// A requirement with the cases that name it.
#[derive(Debug, Clone)]
pub struct Covered<'r> {
    /// The requirement.
    pub record: &'r Record,
    /// The file of the register.
    pub page: &'r str,
    /// The cases.
    pub cases: Vec<Covering>,
}

impl Covered<'_> {
    /// Whether a scenario ought to name it and none does.
    pub fn is_open(&self) -> bool {
        self.cases.is_empty() && self.record.untestable.is_none()
    }

    /// The word that tables have for it: the gravest verdict of its cases, `untestable` or
    /// `uncovered`.
    pub fn word(&self) -> &'static str {
        match (self.worst(), &self.record.untestable) {
            (Some(verdict), _) => verdict.name(),
            (None, Some(_)) => "untestable",
            (None, None) => "uncovered",
        }
    }

    /// The gravest verdict of its cases.
    fn worst(&self) -> Option<Verdict> {
        let verdicts = self.cases.iter().map(|case| case.verdict);
        verdicts.max_by_key(|verdict| verdict.gravity())
    }
}

/// The whole register against a run.
#[derive(Debug, Clone)]
pub struct Coverage<'r> {
    /// Every requirement, page by page.
    pub requirements: Vec<Covered<'r>>,
}

impl<'r> Coverage<'r> {
    /// Holds a run against the register.
    pub fn new(register: &'r Register, report: &RunReport) -> Self {
        let mut cases: BTreeMap<&str, Vec<Covering>> = BTreeMap::new();
        for case in &report.cases {
            for id in &case.covers {
                cases.entry(id).or_default().push(Covering {
                    case: case.name(),
                    verdict: about(case, id),
                });
            }
        }
        let pages = register.pages().iter();
        let records =
            pages.flat_map(|page| page.records.iter().map(|record| (&*page.file, record)));
        let requirements = records.map(|(page, record)| Covered {
            record,
            page,
            cases: cases.remove(record.id.as_str()).unwrap_or_default(),
        });
        Self {
            requirements: requirements.collect(),
        }
    }

    /// Testable requirements that no case names.
    pub fn open(&self) -> impl Iterator<Item = &Covered<'r>> {
        self.requirements.iter().filter(|covered| covered.is_open())
    }

    /// Writes the table; `only_open` leaves out what is covered or cannot be tested.
    pub fn write(&self, out: &mut dyn Write, only_open: bool) -> io::Result<()> {
        let mut page = "";
        for covered in &self.requirements {
            if only_open && !covered.is_open() {
                continue;
            }
            if page != covered.page {
                page = covered.page;
                writeln!(out, "{page}")?;
            }
            write_requirement(out, covered)?;
        }
        writeln!(out)?;
        self.write_sums(out)
    }

    fn write_sums(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut pages: Vec<(&str, [usize; 4])> = Vec::new();
        for covered in &self.requirements {
            if pages.last().is_none_or(|(page, _)| *page != covered.page) {
                pages.push((covered.page, [0; 4]));
            }
            let column = match (covered.cases.is_empty(), &covered.record.untestable) {
                (false, _) => 1,
                (true, Some(_)) => 2,
                (true, None) => 3,
            };
            if let Some((_, sums)) = pages.last_mut() {
                sums[0] += 1;
                sums[column] += 1;
            }
        }
        let mut table = Table::new(&[
            "page",
            ">requirements",
            ">covered",
            ">untestable",
            ">uncovered",
        ]);
        let mut total = [0; 4];
        for (page, sums) in pages {
            for (total, sum) in total.iter_mut().zip(sums) {
                *total += sum;
            }
            let mut row = vec![page.to_owned()];
            row.extend(sums.iter().map(usize::to_string));
            table.row(row);
        }
        let mut row = vec!["total".to_owned()];
        row.extend(total.iter().map(usize::to_string));
        table.row(row);
        table.write(out)
    }
}

fn write_requirement(out: &mut dyn Write, covered: &Covered) -> io::Result<()> {
    let record = covered.record;
    let word = covered.word();
    let strength = record.strength.word();
    writeln!(out, "  {word:<12} {strength:<6} {}", record.id)?;
    if let (true, Some(why)) = (covered.cases.is_empty(), &record.untestable) {
        writeln!(out, "      {}", why.trim())?;
    }
    for case in &covered.cases {
        writeln!(out, "      {:<12} {}", case.verdict.name(), case.case)?;
    }
    Ok(())
}

/// What a case says about one of the requirements that it names: a case that fails elsewhere may
/// still have kept this one.
fn about(case: &CaseReport, id: &str) -> Verdict {
    let named = case
        .judged
        .findings
        .iter()
        .find(|finding| finding.mismatch.covers.iter().any(|covered| covered == id));
    match (named, case.verdict()) {
        (Some(finding), Verdict::Fail | Verdict::Differs) => finding.weight,
        (None, Verdict::Fail | Verdict::Differs) => Verdict::Pass,
        (_, verdict) => verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{case, failed, report};
    use super::*;

    #[test]
    fn every_requirement_is_covered_untestable_or_open() {
        let page = "page: jetx.md\ntitle: X\nurl: u\nrecords:\n\
            - {id: area/must, says: a, strength: must, basis: documented, genuine: agrees}\n\
            - {id: area/other, says: b, strength: must, basis: documented, genuine: agrees}\n\
            - {id: area/hidden, says: c, strength: must, basis: documented, genuine: agrees, untestable: Nobody sees it.}\n";
        let register = Register::from_pages([("jetx.yaml", page)]).expect("a register");
        let report = report(vec![
            case("a/b.yaml", "x", Verdict::Pass),
            failed("a/c.yaml"),
        ]);
        let coverage = Coverage::new(&register, &report);
        let open: Vec<_> = coverage
            .open()
            .map(|open| open.record.id.as_str())
            .collect();
        assert_eq!(open, ["area/other"]);
        let mut out = Vec::new();
        coverage.write(&mut out, false).expect("memory");
        let text = String::from_utf8(out).expect("text");
        for line in [
            "  fail         must   area/must\n",
            "      pass         a/b.yaml::x[documented]\n",
            "  uncovered    must   area/other\n",
            "  untestable   must   area/hidden\n      Nobody sees it.\n",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}
