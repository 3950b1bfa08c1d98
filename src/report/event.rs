//! The one stream of events that every report reads.

use std::io;

use super::case::CaseReport;
use super::identity::Identity;
use super::summary::RunReport;

/// What happens in a run.
#[derive(Debug, Clone, Copy)]
pub enum Event<'e> {
    /// The run begins.
    Began {
        /// What is run against what.
        identity: &'e Identity,
        /// How many cases there are.
        cases: usize,
    },
    /// A case has its verdict, in the order in which cases end.
    Case(&'e CaseReport),
    /// A case that had its verdict has another one, in the light of the whole run.
    Amended(&'e CaseReport),
    /// The run has ended; its cases stand in the order of the suite.
    Ended(&'e RunReport),
}

/// Somebody who hears of everything.
pub trait Reporter {
    /// What messages about it call it.
    fn name(&self) -> String;

    /// Hears of an event.
    fn event(&mut self, event: Event) -> io::Result<()>;
}

/// A reporter that could not do its work.
#[derive(Debug)]
pub struct Failure {
    /// Its name.
    pub reporter: String,
    /// What the system says.
    pub error: io::Error,
}

/// All reporters of a run. One that fails hears no more, and the others go on: what has been learned
/// is not lost because one place cannot take it.
#[derive(Default)]
pub struct Reporters<'r> {
    reporters: Vec<Box<dyn Reporter + 'r>>,
    failures: Vec<Failure>,
}

impl<'r> Reporters<'r> {
    /// Adds one.
    pub fn add(&mut self, reporter: impl Reporter + 'r) {
        self.reporters.push(Box::new(reporter));
    }

    /// Tells all of them.
    pub fn tell(&mut self, event: Event) {
        let failures = &mut self.failures;
        self.reporters
            .retain_mut(|reporter| match reporter.event(event) {
                Ok(()) => true,
                Err(error) => {
                    let reporter = reporter.name();
                    failures.push(Failure { reporter, error });
                    false
                }
            });
    }

    /// Those that failed, each once.
    pub fn failures(self) -> Vec<Failure> {
        self.failures
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::{failed, report};
    use super::*;
    use std::cell::Cell;

    struct Counts<'c>(&'c Cell<usize>, usize);

    impl Reporter for Counts<'_> {
        fn name(&self) -> String {
            "counts".to_owned()
        }

        fn event(&mut self, _: Event) -> io::Result<()> {
            self.0.set(self.0.get() + 1);
            match self.0.get() >= self.1 {
                true => Err(io::Error::other("full")),
                false => Ok(()),
            }
        }
    }

    #[test]
    fn a_reporter_that_fails_hears_no_more_and_the_others_go_on() {
        let (weak, strong) = (Cell::new(0), Cell::new(0));
        let mut reporters = Reporters::default();
        reporters.add(Counts(&weak, 1));
        reporters.add(Counts(&strong, 99));
        let case = failed("a/b.yaml");
        let whole = report(vec![case.clone()]);
        reporters.tell(Event::Case(&case));
        reporters.tell(Event::Ended(&whole));
        assert_eq!((weak.get(), strong.get()), (1, 2));
        let failures = reporters.failures();
        assert_eq!(failures.len(), 1);
        assert_eq!(failures[0].reporter, "counts");
    }
}
