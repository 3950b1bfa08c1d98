//! `jetspec sabotage`: each rule of the reference switched off in turn. The scenarios that cover it
//! must notice, or they prove nothing.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use jetspec::abi::Release;
use jetspec::judge::Verdict;
use jetspec::model::rules;
use jetspec::report::{CaseReport, Progress};
use jetspec::scenario::plan::Profile;
use jetspec::spec::Register;
use jetspec::suite::{Case, Session, Setting, Task};

use super::arguments::SabotageArguments;
use super::console::Console;
use super::error::CliError;
use super::folder;
use super::libraries::Libraries;
use super::run::jobs;

/// How many names are listed in one place.
const NAMES_SHOWN: usize = 10;

/// What became of one rule.
struct Proof {
    id: &'static str,
    /// Why no scenario can notice, where the register says so.
    untestable: Option<String>,
    /// How many covering cases noticed.
    noticed: usize,
    /// Covering cases that did not.
    passed: Vec<String>,
    /// Cases that noticed without covering it.
    others: Vec<String>,
}

impl Proof {
    fn holds(&self) -> bool {
        self.untestable.is_some() || (self.noticed > 0 && self.passed.is_empty())
    }
}

/// Switches the rules off and reports; exit code 3 if some rule is not proved.
pub fn sabotage(arguments: &SabotageArguments) -> Result<u8, CliError> {
    let register = Register::embedded()?;
    let ids = selected(&arguments.ids)?;
    let folder = folder::find(arguments.scenarios.as_deref())?;
    let cases = folder::cases(&folder)?;
    let tasks = tasks(&ids, &cases, arguments.all);
    let reports = run(&register, &tasks, jobs(arguments.jobs, false))?;
    let proofs = proofs(&ids, &register, &tasks, &reports);
    write(&proofs, arguments.all)
}

/// The rules whose id contains one of the words; every rule without words.
fn selected(words: &[String]) -> Result<Vec<&'static str>, CliError> {
    let all: BTreeSet<&'static str> = rules::all().map(|rule| rule.id()).collect();
    if let Some(word) = words
        .iter()
        .find(|word| !all.iter().any(|id| id.contains(word.as_str())))
    {
        return Err(CliError::NoRule(word.clone()));
    }
    let wanted =
        |id: &&str| words.is_empty() || words.iter().any(|word| id.contains(word.as_str()));
    Ok(all.into_iter().filter(wanted).collect())
}

/// Each rule with each case that is to notice, or with every case.
fn tasks<'c>(ids: &[&'static str], cases: &'c [Case], all: bool) -> Vec<Task<'c>> {
    let mut tasks = Vec::new();
    for id in ids {
        let without: Arc<str> = Arc::from(*id);
        for case in cases {
            if all || covers(case, id) {
                tasks.push(Task {
                    case,
                    setting: Setting {
                        profile: profile(case),
                        without: Some(without.clone()),
                    },
                });
            }
        }
    }
    tasks
}

fn covers(case: &Case, id: &str) -> bool {
    case.covers.iter().any(|covered| covered == id)
}

/// A case is run as the documents say, unless it is about the genuine engine alone.
fn profile(case: &Case) -> Profile {
    if case.profiles.contains(&Profile::Documented) {
        Profile::Documented
    } else {
        Profile::Genuine
    }
}

fn run(register: &Register, tasks: &[Task], jobs: usize) -> Result<Vec<CaseReport>, CliError> {
    let libraries = Libraries::against_itself()?;
    let session = Session {
        register,
        level: Release::Windows10,
        jobs,
    };
    let progress = Progress::new(tasks.len());
    let reports = session.run(
        tasks,
        || libraries.desk(),
        |case| progress.done(&case.name()),
    )?;
    progress.finish();
    Ok(reports)
}

fn proofs(
    ids: &[&'static str],
    register: &Register,
    tasks: &[Task],
    reports: &[CaseReport],
) -> Vec<Proof> {
    let proof = |id: &&'static str| {
        let mut proof = Proof {
            id,
            untestable: register
                .get(id)
                .and_then(|record| record.untestable.clone()),
            noticed: 0,
            passed: Vec::new(),
            others: Vec::new(),
        };
        let own = tasks
            .iter()
            .zip(reports)
            .filter(|(task, _)| task.setting.without.as_deref() == Some(*id));
        for (task, report) in own.filter(|(_, report)| report.verdict() != Verdict::Skipped) {
            match (covers(task.case, id), noticed(report, id)) {
                (true, true) => proof.noticed += 1,
                (true, false) => {
                    proof
                        .passed
                        .push(format!("{} ({})", report.name(), report.verdict()))
                }
                (false, _) if report.verdict() == Verdict::Pass => {}
                (false, _) => {
                    proof
                        .others
                        .push(format!("{} ({})", report.name(), report.verdict()))
                }
            }
        }
        proof
    };
    ids.iter().map(proof).collect()
}

/// Whether a case noticed that a rule which it covers is off: a finding names the requirement, or
/// the run did not come to its end.
fn noticed(report: &CaseReport, id: &str) -> bool {
    match report.verdict() {
        Verdict::Crash | Verdict::Timeout => true,
        Verdict::Fail | Verdict::Differs => report.judged.names(id),
        _ => false,
    }
}

fn write(proofs: &[Proof], all: bool) -> Result<u8, CliError> {
    let mut out = Console::new();
    for proof in proofs {
        if let Some(why) = &proof.untestable {
            writeln!(out, "untestable  {}: {}", proof.id, why.trim())?;
        } else if proof.noticed + proof.passed.len() == 0 {
            writeln!(out, "uncovered   {}: no scenario covers it", proof.id)?;
        } else if proof.passed.is_empty() {
            writeln!(out, "noticed     {} by {} cases", proof.id, proof.noticed)?;
        } else {
            writeln!(
                out,
                "UNNOTICED   {} by {} of {} cases that cover it:",
                proof.id,
                proof.passed.len(),
                proof.noticed + proof.passed.len()
            )?;
            names(&mut out, &proof.passed)?;
        }
        if all && !proof.others.is_empty() {
            writeln!(out, "    noticed without covering it:")?;
            names(&mut out, &proof.others)?;
        }
    }
    let unproved = proofs.iter().filter(|proof| !proof.holds()).count();
    writeln!(
        out,
        "{} rules, {unproved} of them not proved by the suite",
        proofs.len()
    )?;
    Ok(if unproved == 0 { 0 } else { 3 })
}

fn names(out: &mut dyn Write, names: &[String]) -> std::io::Result<()> {
    for name in names.iter().take(NAMES_SHOWN) {
        writeln!(out, "      {name}")?;
    }
    if names.len() > NAMES_SHOWN {
        writeln!(out, "      … and {} more", names.len() - NAMES_SHOWN)?;
    }
    Ok(())
}
