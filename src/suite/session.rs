//! A session: cases run side by side, each against the library and against the reference, and
//! judged as they end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::case::Case;
use crate::judge::{CaseVerdict, Court, Verdict, judge, judge_reference};
use crate::report::CaseReport;
use crate::run::trace::{StepTrace, Trace};
use crate::scenario::plan::{Plan, Profile};

/// Takes a plan and gives a trace: a host with a library in it.
pub trait Bench {
    /// Runs one plan. Whatever goes wrong is in the trace's end.
    fn run(&mut self, plan: &std::sync::Arc<Plan>, profile: Profile) -> Trace;
}

/// What one worker needs.
pub struct Desk<'b> {
    /// Runs the library under test.
    pub library: Box<dyn Bench + 'b>,
    /// Runs the reference; none where the library is the reference itself.
    pub reference: Option<Box<dyn Bench + 'b>>,
}

/// How cases are run.
#[derive(Clone, Copy)]
pub struct Session<'r> {
    /// What they are judged by.
    pub court: Court<'r>,
    /// How many run at a time.
    pub jobs: usize,
}

impl Session<'_> {
    /// Runs the cases. `desk` furnishes each worker, `done` hears of each case as it ends, on the
    /// caller's thread. The reports come back in the order of the cases.
    pub fn run<'b, E: Send>(
        &self,
        cases: &[&Case],
        desk: impl Fn() -> Result<Desk<'b>, E> + Sync,
        mut done: impl FnMut(&CaseReport),
    ) -> Result<Vec<CaseReport>, E> {
        let next = AtomicUsize::new(0);
        let workers = self.jobs.clamp(1, cases.len().max(1));
        let mut reports: Vec<Option<CaseReport>> = vec![None; cases.len()];
        std::thread::scope(|scope| {
            let (sender, receiver) = mpsc::channel();
            for _ in 0..workers {
                let (sender, next, desk) = (sender.clone(), &next, &desk);
                scope.spawn(move || {
                    // A worker that cannot begin leaves the cases to nobody: the run fails.
                    let mut desk = match desk() {
                        Ok(desk) => desk,
                        Err(error) => {
                            next.store(cases.len(), Ordering::Relaxed);
                            let _ = sender.send(Err(error));
                            return;
                        }
                    };
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(case) = cases.get(index) else {
                            return;
                        };
                        let report = self.case(case, &mut desk);
                        if sender.send(Ok((index, report))).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            for message in receiver {
                let (index, report) = message?;
                done(&report);
                if let Some(slot) = reports.get_mut(index) {
                    *slot = Some(report);
                }
            }
            Ok(())
        })?;
        Ok(reports.into_iter().flatten().collect())
    }

    /// Runs and judges one case.
    pub fn case(&self, case: &Case, desk: &mut Desk) -> CaseReport {
        let profile = self.court.profile;
        if let Some(why) = case.gate(profile, self.court.level) {
            let mut report = case.report(profile, CaseVerdict::plain(Verdict::Skipped));
            report.skipped = Some(why);
            return report;
        }
        let started = Instant::now();
        let library = desk.library.run(&case.plan, profile);
        let time = started.elapsed();
        let judged = match &mut desk.reference {
            None => judge_reference(self.court, &case.plan, &library),
            Some(reference) => {
                let reference = reference.run(&case.plan, profile);
                judge(self.court, &case.plan, &reference, &library)
            }
        };
        self.report(case, judged, &library, time)
    }

    fn report(
        &self,
        case: &Case,
        judged: CaseVerdict,
        library: &Trace,
        time: Duration,
    ) -> CaseReport {
        CaseReport {
            steps: count(&library.steps),
            time,
            ..case.report(self.court.profile, judged)
        }
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
    use crate::abi::{Form, Release};
    use crate::run::trace::Outcome;
    use crate::scenario::plan::*;
    use crate::spec::Register;
    use std::sync::Arc;

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

    struct Answers(i32);

    impl Bench for Answers {
        fn run(&mut self, plan: &Arc<Plan>, _profile: Profile) -> Trace {
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
            court: Court {
                register: &register,
                profile: Profile::Documented,
                level: Release::Windows7,
            },
            jobs: 2,
        };
        let desk = || -> Result<Desk, ()> {
            Ok(Desk {
                library: Box::new(Answers(library)),
                reference: reference.map(|code| Box::new(Answers(code)) as Box<dyn Bench>),
            })
        };
        let cases: Vec<&Case> = cases.iter().collect();
        let reports = session.run(&cases, desk, |_| {}).expect("desks");
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
        let court = Court {
            register: &register,
            profile: Profile::Documented,
            level: Release::Windows7,
        };
        let one = case("a/b.yaml", "x", &[]);
        let session = Session { court, jobs: 4 };
        let result = session.run(&[&one], || Err("no host"), |_| {});
        assert_eq!(result.err(), Some("no host"));
    }
}
