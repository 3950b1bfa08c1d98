//! A session: cases run side by side, each against the library and against the reference, and
//! judged as they end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Instant;

use super::case::Case;
use super::steadiness;
use crate::abi::Release;
use crate::host::{System, interrupt};
use crate::judge::{CaseVerdict, Court, Verdict, judge, judge_reference, reach};
use crate::report::CaseReport;
use crate::run::trace::{Death, End, StepTrace, Trace};
use crate::scenario::plan::{Plan, Profile};
use crate::spec::Register;

/// How the reference is to behave for one run. Another library takes no notice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Setting {
    /// Which of the two engines it is.
    pub profile: Profile,
    /// The rule that is switched off, by requirement id.
    pub without: Option<Arc<str>>,
}

/// Takes a plan and gives a trace: a host with a library in it.
pub trait Bench {
    /// Runs one plan. Whatever goes wrong is in the trace's end.
    fn run(&mut self, plan: &Arc<Plan>, setting: &Setting) -> Trace;

    /// Whether the last plan was run where others had been run before.
    fn reused(&self) -> bool {
        false
    }

    /// The next plan is run where nothing has been run before.
    fn renew(&mut self) {}

    /// Whether a plan can kill the process that it runs in.
    fn may_die(&self) -> bool {
        true
    }
}

/// One case to be run.
#[derive(Debug, Clone)]
pub struct Task<'c> {
    /// The case.
    pub case: &'c Case,
    /// How the library is set, if it is our own, and the profile that it is judged under.
    pub setting: Setting,
}

/// What one worker needs.
pub struct Desk<'b> {
    /// Runs the library under test.
    pub library: Box<dyn Bench + 'b>,
    /// Runs the reference; none where the library is the reference itself.
    pub reference: Option<Box<dyn Bench + 'b>>,
}

impl Desk<'_> {
    fn reused(&self) -> bool {
        let reference = self.reference.as_ref();
        self.library.reused() || reference.is_some_and(|reference| reference.reused())
    }

    fn renew(&mut self) {
        self.library.renew();
        if let Some(reference) = &mut self.reference {
            reference.renew();
        }
    }
}

/// How cases are run.
#[derive(Clone, Copy)]
pub struct Session<'r> {
    /// The requirements.
    pub register: &'r Register,
    /// The release of Windows that the library is taken for.
    pub level: Release,
    /// The system that the library runs on.
    pub system: System,
    /// How many run at a time.
    pub jobs: usize,
    /// How often each case is run, each time where nothing was run before; more than once finds
    /// results that differ from run to run.
    pub repeat: u32,
}

impl Session<'_> {
    /// Runs the tasks. `desk` furnishes each worker, `done` hears of each case as it ends, on the
    /// caller's thread, and may add to its report. The reports come back in the order of the tasks;
    /// where the program is asked to end, of those that had ended by then.
    pub fn run<'b, E: Send>(
        &self,
        tasks: &[Task],
        desk: impl Fn() -> Result<Desk<'b>, E> + Sync,
        mut done: impl FnMut(&mut CaseReport),
    ) -> Result<Vec<CaseReport>, E> {
        let next = AtomicUsize::new(0);
        let workers = self.jobs.clamp(1, tasks.len().max(1));
        let mut reports: Vec<Option<CaseReport>> = vec![None; tasks.len()];
        std::thread::scope(|scope| {
            let (sender, receiver) = mpsc::channel();
            for _ in 0..workers {
                let (sender, next, desk) = (sender.clone(), &next, &desk);
                scope.spawn(move || {
                    // A worker that cannot begin leaves the cases to nobody: the run fails.
                    let mut desk = match desk() {
                        Ok(desk) => desk,
                        Err(error) => {
                            next.store(tasks.len(), Ordering::Relaxed);
                            let _ = sender.send(Err(error));
                            return;
                        }
                    };
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(task) = tasks.get(index) else {
                            return;
                        };
                        let report = self.guarded(task, &mut desk);
                        // What was going on then says nothing.
                        if interrupt::asked() {
                            return;
                        }
                        if sender.send(Ok((index, report))).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            for message in receiver {
                let (index, mut report) = message?;
                done(&mut report);
                if let Some(slot) = reports.get_mut(index) {
                    *slot = Some(report);
                }
            }
            Ok(())
        })?;
        Ok(reports.into_iter().flatten().collect())
    }

    /// Runs and judges one case; a panic of ours costs this one alone.
    fn guarded(&self, task: &Task, desk: &mut Desk) -> CaseReport {
        let judged = catch_unwind(AssertUnwindSafe(|| self.task(task, desk)));
        judged.unwrap_or_else(|_| {
            desk.renew();
            let court = Court {
                register: self.register,
                profile: task.setting.profile,
                level: self.level,
            };
            let reason = "the runner panicked; standard error says where".to_owned();
            let broken = Trace {
                end: End::Broken { step: None, reason },
                ..Trace::default()
            };
            let judged = judge_reference(court, &task.case.plan, &broken);
            task.case.report(task.setting.profile, judged)
        })
    }

    /// Runs and judges one case.
    pub fn task(&self, task: &Task, desk: &mut Desk) -> CaseReport {
        let (case, profile) = (task.case, task.setting.profile);
        let gate = case.gate(profile, self.level, self.system);
        let gate = gate.or_else(|| match desk.library.may_die() {
            true => None,
            false => case
                .harms_its_process()
                .map(|how| format!("{how}, which a run in this process cannot")),
        });
        if let Some(why) = gate {
            let mut report = case.report(profile, CaseVerdict::plain(Verdict::Skipped));
            report.skipped = Some(why);
            return report;
        }
        let court = Court {
            register: self.register,
            profile,
            level: self.level,
        };
        // What is compared with further runs must have had the same beginning.
        let first = match self.repeat {
            1 => self.attempt(task, court, desk),
            _ => self.afresh(task, court, desk),
        };
        let mut deaths = first.report.deaths.clone();
        let unconfirmed = first.unconfirmed();
        let mut runs = vec![first.report];
        // A verdict must not come of what ran in the same process before: only what passes there
        // counts, everything else is seen once more where nothing was run before. Where that passes,
        // a further run tells a library that was misled from one that answers as it likes.
        if runs[0].verdict() != Verdict::Pass && desk.reused() {
            runs.clear();
            while runs.len() < 2 && !interrupt::asked() {
                runs.push(self.afresh(task, court, desk).report);
                if runs[0].verdict() != Verdict::Pass {
                    break;
                }
            }
            // It dies now and then, and not of what this case does.
            if runs.iter().all(|run| run.verdict() == Verdict::Pass) {
                deaths.extend(unconfirmed);
            }
        }
        for _ in 1..self.repeat {
            if !interrupt::asked() {
                runs.push(self.afresh(task, court, desk).report);
            }
        }
        for death in runs.iter().flat_map(|run| &run.deaths) {
            if !deaths.contains(death) {
                deaths.push(death.clone());
            }
        }
        match steadiness::of(runs) {
            Some(report) => CaseReport { deaths, ..report },
            // Interrupted before anything counted; nobody hears of it.
            None => case.report(profile, CaseVerdict::plain(Verdict::Harness)),
        }
    }

    fn afresh(&self, task: &Task, court: Court, desk: &mut Desk) -> Attempt {
        desk.renew();
        self.attempt(task, court, desk)
    }

    fn attempt(&self, task: &Task, court: Court, desk: &mut Desk) -> Attempt {
        let (case, profile) = (task.case, task.setting.profile);
        let started = Instant::now();
        let library = desk.library.run(&case.plan, &task.setting);
        let time = started.elapsed();
        let died = died(&library.end);
        let (judged, reach) = match &mut desk.reference {
            None => (
                judge_reference(court, &case.plan, &library),
                reach(&case.plan, &library),
            ),
            Some(reference) => {
                let whole = Setting {
                    profile,
                    without: None,
                };
                let reference = reference.run(&case.plan, &whole);
                (
                    judge(court, &case.plan, &reference, &library),
                    reach(&case.plan, &reference),
                )
            }
        };
        let report = CaseReport {
            covers: reach.covers.clone(),
            reach,
            steps: count(&library.steps),
            time,
            deaths: library.deaths,
            ..case.report(profile, judged)
        };
        Attempt { report, died }
    }
}

/// One run of a case.
struct Attempt {
    report: CaseReport,
    /// How the process died in it, if it did.
    died: Option<String>,
}

impl Attempt {
    /// Its death, as one that the case is not to blame for.
    fn unconfirmed(&self) -> Option<Death> {
        let how = self.died.clone()?;
        let case = self.report.name();
        Some(Death {
            how,
            when: format!("in {case}, which passes in a process of its own"),
            words: self.report.judged.last_words.clone(),
        })
    }
}

/// How a process died, in words that are the same wherever it did.
fn died(end: &End) -> Option<String> {
    match end {
        End::Died { how, .. } => Some(how.clone()),
        End::TimedOut { limit_ms, .. } => Some(format!("did not go on within {limit_ms} ms")),
        _ => None,
    }
}

/// How many steps a trace has, those in callbacks included.
fn count(steps: &[StepTrace]) -> u64 {
    let inner =
        |step: &StepTrace| -> u64 { step.events.iter().map(|event| count(&event.steps)).sum() };
    steps.iter().map(|step| 1 + inner(step)).sum()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::abi::Form;
    use crate::run::trace::Outcome;
    use crate::scenario::plan::*;

    /// A case of one step on line 5 that covers the ids; the case itself is on line 4.
    pub(crate) fn case(file: &str, name: &str, covers: &[&str]) -> Case {
        let place = |line| Place {
            file: file.into(),
            line,
            column: 3,
        };
        let step = Step {
            id: StepId(0),
            place: place(5),
            part: Part::Case,
            thread: ThreadId(0),
            action: Action::KillHost,
            expect: Expectations {
                covers: covers.iter().map(|id| (*id).to_owned()).collect(),
                ..Expectations::default()
            },
        };
        let plan = Plan {
            file: file.into(),
            case: name.to_owned(),
            form: Form::Narrow,
            title: "An example".to_owned(),
            steps: vec![step],
            callbacks: Vec::new(),
            variables: Vec::new(),
            threads: vec!["main".to_owned()],
            signals: Vec::new(),
        };
        Case::new(Arc::new(plan), place(4))
    }

    fn task(case: &Case) -> Task<'_> {
        Task {
            case,
            setting: Setting::default(),
        }
    }

    struct Answers(i32);

    impl Bench for Answers {
        fn run(&mut self, plan: &Arc<Plan>, _setting: &Setting) -> Trace {
            let steps = plan.steps.iter().map(|step| StepTrace {
                step: step.id,
                outcome: Outcome::Returned(self.0),
                outputs: Vec::new(),
                events: Vec::new(),
                violations: Vec::new(),
            });
            Trace {
                steps: steps.collect(),
                ..Trace::default()
            }
        }
    }

    fn verdicts(library: i32, reference: Option<i32>, cases: &[Case]) -> Vec<Verdict> {
        let register = Register::default();
        let session = Session {
            register: &register,
            level: Release::Windows7,
            system: System::HERE,
            jobs: 2,
            repeat: 1,
        };
        let desk = || -> Result<Desk, ()> {
            Ok(Desk {
                library: Box::new(Answers(library)),
                reference: reference.map(|code| Box::new(Answers(code)) as Box<dyn Bench>),
            })
        };
        let tasks: Vec<Task> = cases.iter().map(task).collect();
        let reports = session.run(&tasks, desk, |_| {}).expect("desks");
        reports.iter().map(CaseReport::verdict).collect()
    }

    #[test]
    fn cases_are_judged_three_ways_in_their_order() {
        let mut late = case("a/c.yaml", "x", &[]);
        late.since = Release::Windows10;
        let cases = [case("a/b.yaml", "x", &["area/must"]), late];
        let skipped = Verdict::Skipped;
        assert_eq!(verdicts(0, Some(0), &cases), [Verdict::Pass, skipped]);
        assert_eq!(verdicts(-1, Some(0), &cases), [Verdict::Fail, skipped]);
        assert_eq!(verdicts(0, Some(-1), &cases), [Verdict::Harness, skipped]);
        assert_eq!(verdicts(-1, None, &cases), [Verdict::Harness, skipped]);
    }

    #[test]
    fn a_worker_that_cannot_begin_fails_the_run() {
        let register = Register::default();
        let one = case("a/b.yaml", "x", &[]);
        let session = Session {
            register: &register,
            level: Release::Windows7,
            system: System::HERE,
            jobs: 4,
            repeat: 1,
        };
        let result = session.run(&[task(&one)], || Err("no host"), |_| {});
        assert_eq!(result.err(), Some("no host"));
    }
}
