//! One test for each case and profile, and one that holds the linked engine to the same traces.

use std::sync::Arc;

use jetspec::abi::Release;
use jetspec::host::System;
use jetspec::judge::{Verdict, difference_text};
use jetspec::report::{CaseReport, write_case};
use jetspec::scenario::plan::Profile;
use jetspec::spec::Register;
use jetspec::suite::{Bench, Case, Desk, Session, Setting, Task};
use libtest_mimic::{Failed, Trial};

use super::benches::{Benches, Copy};
use super::folder;

/// The tests.
pub fn trials(cases: &[Arc<Case>], benches: &Arc<Benches>) -> Vec<Trial> {
    let mut trials = Vec::new();
    for case in cases {
        for profile in &case.profiles {
            let setting = Setting {
                profile: *profile,
                without: None,
            };
            let (case, benches) = (case.clone(), benches.clone());
            let name = name(&case, &setting);
            trials.push(Trial::test(name, move || passes(&case, setting, &benches)));
        }
    }
    trials
}

/// The test that holds the linked engine to the traces of the library.
pub fn linked(cases: &[Arc<Case>], benches: &Arc<Benches>) -> Trial {
    let (cases, benches) = (cases.to_vec(), benches.clone());
    Trial::test("suite::linked-engine-gives-the-same-traces", move || {
        same_traces(&cases, &benches)
    })
}

/// The requirements.
fn register() -> Result<&'static Register, Failed> {
    Ok(Register::shared()?)
}

/// The name of a case as tests and reports have it.
fn name(case: &Case, setting: &Setting) -> String {
    case.name(setting.profile)
}

fn passes(case: &Case, setting: Setting, benches: &Benches) -> Result<(), Failed> {
    let report = judged(case, setting, benches)?;
    match report.verdict() {
        Verdict::Pass | Verdict::Skipped => Ok(()),
        _ => Err(Failed::from(text(&report)?)),
    }
}

/// The report on a case that the reference runs; a rule that is switched off makes it a library of
/// its own, judged against the whole reference.
pub fn judged(case: &Case, setting: Setting, benches: &Benches) -> Result<CaseReport, Failed> {
    let session = Session {
        register: register()?,
        level: Release::Windows10,
        system: System::HERE,
        jobs: 1,
        repeat: 1,
    };
    let whole = setting.without.is_none();
    let task = Task { case, setting };
    if whole {
        return benches.with(Copy::Library, |bench| {
            let mut desk = Desk {
                library: Box::new(Borrowed(bench)),
                reference: None,
            };
            session.task(&task, &mut desk)
        });
    }
    benches.with(Copy::Library, |library| {
        benches.with(Copy::Library, |reference| {
            let mut desk = Desk {
                library: Box::new(Borrowed(library)),
                reference: Some(Box::new(Borrowed(reference))),
            };
            session.task(&task, &mut desk)
        })
    })?
}

/// A report as the terminal would show it.
pub fn text(report: &CaseReport) -> Result<String, Failed> {
    let source = |file: &str, line: u32| {
        let text = std::fs::read_to_string(folder().join(file)).ok()?;
        text.lines()
            .nth(line.checked_sub(1)? as usize)
            .map(str::to_owned)
    };
    let mut out = Vec::new();
    write_case(&mut out, report, register()?, &source)?;
    let text = String::from_utf8_lossy(&out);
    Ok(anstream::adapter::strip_str(&text).to_string())
}

struct Borrowed<'b>(&'b mut jetspec::suite::HostBench);

impl Bench for Borrowed<'_> {
    fn run(
        &mut self,
        plan: &Arc<jetspec::scenario::plan::Plan>,
        setting: &Setting,
    ) -> jetspec::run::trace::Trace {
        self.0.run(plan, setting)
    }

    fn reused(&self) -> bool {
        self.0.reused()
    }

    fn renew(&mut self) {
        self.0.renew();
    }
}

/// The first case of each scenario, run against the engine in the executable.
fn same_traces(cases: &[Arc<Case>], benches: &Benches) -> Result<(), Failed> {
    let mut last = None;
    for case in cases {
        if last.as_ref() == Some(&case.plan.file)
            || case
                .gate(Profile::Documented, Release::Windows10, System::HERE)
                .is_some()
        {
            continue;
        }
        last = Some(case.plan.file.clone());
        let run = |copy| benches.with(copy, |bench| bench.run(&case.plan, &Setting::default()));
        let (library, linked) = (run(Copy::Library)?, run(Copy::Linked)?);
        let diff = difference_text(&case.plan, &library, &linked, None);
        if !diff.is_empty() {
            return Err(Failed::from(format!("{}\n{diff}", case.plan.file)));
        }
    }
    Ok(())
}
