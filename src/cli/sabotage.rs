//! `jetspec sabotage`: each rule of the reference switched off in turn. The scenarios that cover it
//! must notice, or they prove nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use jetspec::abi::Release;
use jetspec::host::interrupt;
use jetspec::judge::Verdict;
use jetspec::model::{quirks, rules};
use jetspec::report::{CaseReport, Progress, counted};
use jetspec::run::trace::Trace;
use jetspec::scenario::plan::{Plan, Profile};
use jetspec::spec::Register;
use jetspec::suite::{Bench, Case, Desk, Session, Setting, Task};

use super::arguments::{Profiles, SabotageArguments};
use super::console::Console;
use super::error::CliError;
use super::folder::Suite;
use super::libraries::Libraries;
use super::run::jobs;

/// How many names are listed in one place.
const NAMES_SHOWN: usize = 10;

/// How many requirements are tried before what became of them is written.
const IDS_AT_A_TIME: usize = 16;

/// What became of one requirement.
struct Proof<'i> {
    id: &'i str,
    /// Whether a rule of the reference keeps it, which can be switched off.
    has_rule: bool,
    /// Why no scenario can notice, where the register says so.
    untestable: Option<String>,
    /// How many runs of covering cases noticed.
    noticed: usize,
    /// Runs of covering cases that did not.
    passed: Vec<String>,
    /// Runs of cases that noticed without covering it.
    others: Vec<String>,
    /// Why no covering case could run here, where that is so.
    elsewhere: Option<String>,
}

impl Proof<'_> {
    fn holds(&self) -> bool {
        let proved = self.noticed > 0 || self.elsewhere.is_some();
        self.untestable.is_some() || (self.has_rule && proved && self.passed.is_empty())
    }
}

/// Switches the rules off and reports; exit code 3 if some requirement is not proved.
pub fn sabotage(arguments: &SabotageArguments) -> Result<u8, CliError> {
    let register = Register::embedded()?;
    let cases = Suite::find(arguments.scenarios.as_deref())?.cases()?;
    let ids = selected(&arguments.ids, &cases)?;
    let libraries = Libraries::against_itself()?;
    let session = Session {
        register: &register,
        level: Release::Windows10,
        system: libraries.system(),
        jobs: jobs(arguments.jobs, false),
        repeat: 1,
    };
    let memory = Memory::default();
    let all = tasks(&ids, &cases, arguments);
    let progress = Progress::new(all.len());
    let mut sum = Sum::default();
    // What is proved is written as it comes: an interrupt takes no more than what runs at the moment.
    for ids in ids.chunks(IDS_AT_A_TIME) {
        let tasks = tasks(ids, &cases, arguments);
        let reports = run(&session, &libraries, &memory, &tasks, &progress)?;
        let proofs = proofs(ids, &register, &tasks, &reports);
        progress.aside(|| write(&proofs, arguments.all))?;
        sum.add(&proofs);
    }
    progress.finish();
    sum.write()
}

fn has_rule(id: &str) -> bool {
    rules::find(id).next().is_some()
}

/// The rules, and the requirements that are covered, whose id contains one of the words; all of them
/// without words.
fn selected<'c>(words: &[String], cases: &'c [Case]) -> Result<Vec<&'c str>, CliError> {
    let covered = cases.iter().flat_map(|case| &case.covers);
    let mut all: BTreeSet<&str> = covered.map(String::as_str).collect();
    all.extend(rules::all().map(|rule| rule.id()));
    if let Some(word) = words
        .iter()
        .find(|word| !all.iter().any(|id| id.contains(word.as_str())))
    {
        let what = format!("no rule of the reference has {word} in its id");
        return Err(CliError::unknown(what, word, all));
    }
    let wanted =
        |id: &&str| words.is_empty() || words.iter().any(|word| id.contains(word.as_str()));
    Ok(all.into_iter().filter(wanted).collect())
}

/// Each rule with each case that is to notice, or with every case, under each profile.
fn tasks<'c>(ids: &[&str], cases: &'c [Case], arguments: &SabotageArguments) -> Vec<Task<'c>> {
    let mut tasks = Vec::new();
    for id in ids.iter().filter(|id| has_rule(id)) {
        let without: Arc<str> = Arc::from(*id);
        for case in cases {
            if !arguments.all && !covers(&case.covers, id) {
                continue;
            }
            for profile in profiles(case, arguments.profile) {
                tasks.push(Task {
                    case,
                    setting: Setting {
                        profile,
                        without: Some(without.clone()),
                    },
                });
            }
        }
    }
    tasks
}

fn covers(covers: &[String], id: &str) -> bool {
    covers.iter().any(|covered| covered == id)
}

/// The profiles that the case is about, of those that were asked for.
fn profiles(case: &Case, asked: Profiles) -> impl Iterator<Item = Profile> {
    let profiles = case.profiles.iter().copied();
    profiles.filter(move |profile| asked.has(*profile))
}

fn run(
    session: &Session,
    libraries: &Libraries,
    memory: &Memory,
    tasks: &[Task],
    progress: &Progress,
) -> Result<Vec<CaseReport>, CliError> {
    let desk = || -> Result<Desk, CliError> {
        let desk = libraries.desk()?;
        let reference = desk
            .reference
            .map(|bench| Box::new(Remembering { bench, memory }) as Box<dyn Bench>);
        Ok(Desk { reference, ..desk })
    };
    let reports = session.run(tasks, desk, |case| progress.done(&case.name()))?;
    if interrupt::asked() {
        progress.finish();
        return Err(CliError::Interrupted);
    }
    Ok(reports)
}

/// Traces of the whole reference by the plan's address and the profile: the same case is judged once
/// for each rule that it covers.
type Memory = Mutex<BTreeMap<(usize, bool), Trace>>;

struct Remembering<'m> {
    bench: Box<dyn Bench + 'm>,
    memory: &'m Memory,
}

impl Bench for Remembering<'_> {
    fn run(&mut self, plan: &Arc<Plan>, setting: &Setting) -> Trace {
        let key = (
            Arc::as_ptr(plan).addr(),
            setting.profile == Profile::Genuine,
        );
        let remembered = || self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(trace) = remembered().get(&key) {
            return trace.clone();
        }
        let trace = self.bench.run(plan, setting);
        self.memory
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, trace.clone());
        trace
    }
}

fn proofs<'i>(
    ids: &[&'i str],
    register: &Register,
    tasks: &[Task],
    reports: &[CaseReport],
) -> Vec<Proof<'i>> {
    let mut runs: BTreeMap<&str, Vec<&CaseReport>> = BTreeMap::new();
    let mut elsewhere = BTreeMap::new();
    for (task, report) in tasks.iter().zip(reports) {
        let id = task.setting.without.as_deref();
        if let Some((id, why)) = id.zip(report.skipped.as_ref()) {
            elsewhere.insert(id, why);
        }
        let executed = report.verdict() != Verdict::Skipped;
        if let Some(id) = task.setting.without.as_deref().filter(|_| executed) {
            runs.entry(id).or_default().push(report);
        }
    }
    let proof = |id: &&'i str| {
        let record = register.get(id);
        let mut proof = Proof {
            id,
            has_rule: has_rule(id),
            untestable: record.and_then(|record| record.untestable.clone()),
            noticed: 0,
            passed: Vec::new(),
            others: Vec::new(),
            elsewhere: None,
        };
        match runs.get(id) {
            Some(runs) => runs.iter().for_each(|report| proof.count(report)),
            None => proof.elsewhere = elsewhere.get(id).map(|why| (*why).clone()),
        }
        proof
    };
    ids.iter().map(proof).collect()
}

impl Proof<'_> {
    fn count(&mut self, report: &CaseReport) {
        let id = self.id;
        let name = || format!("{} ({})", report.name(), report.verdict());
        // Where the genuine engine departs in this very point, it may have nothing to switch off.
        let departs = report.profile == Profile::Genuine
            && quirks::ALL.iter().any(|quirk| quirk.id == id)
            && report.verdict() == Verdict::Pass;
        match (covers(&report.covers, id), noticed(report, id)) {
            (true, true) => self.noticed += 1,
            (true, false) if departs => {}
            (true, false) => self.passed.push(name()),
            (false, _) if report.verdict() == Verdict::Pass => {}
            (false, _) => self.others.push(name()),
        }
    }
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

fn write(proofs: &[Proof], all: bool) -> std::io::Result<()> {
    let mut out = Console::new();
    for proof in proofs {
        write_proof(&mut out, proof)?;
        if all && !proof.others.is_empty() {
            writeln!(out, "    noticed without covering it:")?;
            names(&mut out, &proof.others)?;
        }
    }
    out.flush()
}

/// What became of all of them.
#[derive(Default)]
struct Sum {
    ruled: usize,
    unbreakable: usize,
    unproved: usize,
}

impl Sum {
    fn add(&mut self, proofs: &[Proof]) {
        self.unproved += proofs.iter().filter(|proof| !proof.holds()).count();
        let ruled = proofs.iter().filter(|proof| proof.has_rule).count();
        self.ruled += ruled;
        self.unbreakable += proofs.len() - ruled;
    }

    fn write(&self) -> Result<u8, CliError> {
        let Self {
            ruled,
            unbreakable,
            unproved,
        } = self;
        writeln!(
            Console::new(),
            "{}, and {} without one; {unproved} not proved by the suite",
            counted(*ruled, "rule"),
            counted(*unbreakable, "covered requirement")
        )?;
        Ok(if *unproved == 0 { 0 } else { 3 })
    }
}

fn write_proof(out: &mut dyn Write, proof: &Proof) -> std::io::Result<()> {
    let (id, noticed, passed) = (proof.id, proof.noticed, proof.passed.len());
    if let Some(why) = &proof.untestable {
        return writeln!(out, "untestable  {id}: {}", why.trim());
    }
    if !proof.has_rule {
        return writeln!(
            out,
            "UNBREAKABLE {id} cannot be broken: it is covered, but no rule in src/model has its id"
        );
    }
    if let Some(why) = &proof.elsewhere {
        return writeln!(out, "elsewhere   {id}: {why}");
    }
    if noticed + passed == 0 {
        return writeln!(out, "uncovered   {id}: no scenario covers it");
    }
    if passed == 0 {
        return writeln!(out, "noticed     {id} in {noticed} runs");
    }
    let runs = noticed + passed;
    writeln!(
        out,
        "UNNOTICED   {id} in {passed} of {runs} runs of cases that cover it:"
    )?;
    names(out, &proof.passed)
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
