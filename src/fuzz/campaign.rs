//! A campaign: programs by seed and number, run side by side until time is up, with what was reached
//! and what was found.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use super::corpus::Corpus;
use super::coverage::CodeCoverage;
use super::finding::Found;
use super::oracle::{Broken, Kind, each_step};
use super::runner::{Bench, Run};
use super::starved::is_starved;
use crate::abi::FunctionId;
use crate::generate::{Choices, Ground, Order, PairId, Program, bytes_of_seed, go_on, make, pairs};
use crate::host::{HostError, Source};
use crate::run::trace;
use crate::scenario::StepIndex;
use crate::scenario::plan::{Action, Profile};
use crate::spec::Register;

/// How many bytes decide about one program.
const BYTES: usize = 1024;

/// What a campaign does.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// Decides, with a program's number, everything about it.
    pub seed: u64,
    /// How long it goes on.
    pub time: Duration,
    /// After how many programs it ends, if sooner.
    pub programs: Option<u64>,
    /// After how many findings it ends, if sooner; of the library, where there is one.
    pub findings: usize,
    /// How many programs run at a time.
    pub jobs: usize,
    /// The functions that it makes much of; every one where there are none.
    pub only: Vec<FunctionId>,
    /// The profile that the reference has.
    pub profile: Profile,
    /// The library; none to try the reference alone.
    pub library: Option<Source>,
    /// Rules that are switched off in a library that is our own, or in the reference where it is tried
    /// alone.
    pub rules_off: Vec<String>,
    /// About how many steps a program has.
    pub steps: usize,
    /// Whether nothing is done that the documents leave undefined.
    pub careful: bool,
    /// Programs that it begins with, each as it is; later ones go on where one of them was cut off.
    pub corpus: Arc<Corpus>,
}

impl Default for Campaign {
    fn default() -> Self {
        Self {
            seed: 0,
            time: Duration::from_secs(60),
            programs: None,
            findings: usize::MAX,
            jobs: 1,
            only: Vec::new(),
            profile: Profile::Documented,
            library: None,
            rules_off: Vec::new(),
            steps: 20,
            careful: false,
            corpus: Arc::default(),
        }
    }
}

/// What a campaign has reached so far.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Programs run.
    pub programs: u64,
    /// Calls made by them.
    pub calls: u64,
    /// Pairs of parameter and badness that were tried.
    pub pairs: BTreeSet<PairId>,
    /// Return codes by function.
    pub codes: CodeCoverage,
    /// Findings, like ones counted once.
    pub findings: usize,
    /// How long it has been going on.
    pub elapsed: Duration,
}

/// What a campaign tells while it goes on.
pub enum Event<'e> {
    /// Programs have been run.
    Progress(&'e Tally),
    /// Something was found that is like nothing found before.
    Found(&'e Found),
}

/// What came of a campaign.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What was reached.
    pub tally: Tally,
    /// What was found.
    pub found: Vec<Found>,
}

/// Why a campaign cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum CampaignError {
    /// No host can be had.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The register that the program carries is faulty.
    #[error("the requirement register is faulty: {0}")]
    Register(#[from] crate::spec::Fault),
}

impl Campaign {
    /// The program of that number.
    pub fn program(&self, number: u64) -> Program {
        match self.place(number) {
            Some(place) => self.corpus.programs()[place].clone(),
            None => self.made(number - self.corpus.programs().len() as u64),
        }
    }

    /// The place in the corpus of the program of that number, if it is one of the corpus as it is:
    /// its order is one that the seed decides.
    fn place(&self, number: u64) -> Option<usize> {
        let count = self.corpus.programs().len();
        (number < count as u64).then(|| visit(self.seed, number, count))
    }

    /// One of the corpus.
    fn known(&self, turn: u64) -> Option<Program> {
        let count = self.corpus.programs().len();
        let index = visit(self.seed, turn, count);
        self.corpus.programs().get(index).cloned()
    }

    /// Runs the program of that number. What the reference does with one of the corpus is found out
    /// once for all campaigns against libraries.
    fn try_out(&self, bench: &mut Bench, number: u64) -> Option<(Program, Run)> {
        if let Some(place) = self.place(number).filter(|_| self.library.is_some()) {
            let (program, known) = self.corpus.known(place, bench)?;
            return Some((program.clone(), bench.run_known(known)));
        }
        let program = self.program(number);
        let run = bench.run(&program)?;
        Some((program, run))
    }

    fn made(&self, number: u64) -> Program {
        let order = Order {
            aim: self.aim(number),
            only: self.only.clone(),
            ground: match self.careful {
                true => Ground::Anyone,
                false => Ground::Reference,
            },
            steps: self.steps,
            fixture: None,
            kills: true,
        };
        let bytes = bytes_of_seed(self.seed, number, BYTES);
        let choices = Choices::new(&bytes);
        match self.known(number / 4).filter(|_| number % 4 >= 2) {
            Some(begun) => go_on(choices, &order, &begun),
            None => make(choices, &order),
        }
    }

    /// Every second program is made for a pair, and all pairs take their turn.
    fn aim(&self, number: u64) -> Option<PairId> {
        if number.is_multiple_of(2) {
            return None;
        }
        let wanted = |function| self.only.is_empty() || self.only.contains(&function);
        let numbered = (0u32..).zip(pairs().iter().map(|pair| pair.function));
        let numbered: Vec<u32> = numbered
            .filter(|(_, function)| wanted(*function))
            .map(|(id, _)| id)
            .collect();
        let turn = visit(self.seed, number / 2, numbered.len());
        numbered.get(turn).copied().map(PairId)
    }

    /// Runs programs until time is up or `stop` is set. `hear` is told of progress and findings, on
    /// the caller's thread.
    ///
    /// # Errors
    /// A host that cannot be started.
    pub fn run(
        &self,
        stop: &(dyn Fn() -> bool + Sync),
        hear: &mut dyn FnMut(Event<'_>),
    ) -> Result<Outcome, CampaignError> {
        let register = Arc::new(Register::embedded()?);
        let shared = Shared {
            next: AtomicU64::new(0),
            over: AtomicBool::new(false),
            known: Mutex::new(BTreeSet::new()),
            began: Instant::now(),
        };
        let mut outcome = Outcome::default();
        std::thread::scope(|scope| {
            let (sender, receiver) = mpsc::channel();
            for _ in 0..self.jobs.max(1) {
                let (sender, shared, register) = (sender.clone(), &shared, register.clone());
                scope.spawn(move || {
                    if let Err(error) = self.work(&register, shared, stop, &sender) {
                        shared.over.store(true, Ordering::Release);
                        let _ = sender.send(Err(error));
                    }
                });
            }
            drop(sender);
            for message in receiver {
                match message? {
                    Message::Ran(part) => {
                        outcome.tally.take(&part);
                        outcome.tally.elapsed = shared.began.elapsed();
                        hear(Event::Progress(&outcome.tally));
                    }
                    Message::Found(found) => {
                        outcome.tally.findings += 1;
                        hear(Event::Found(&found));
                        outcome.found.push(*found);
                        let own =
                            |found: &&Found| found.broken.of_library == self.library.is_some();
                        if outcome.found.iter().filter(own).count() >= self.findings {
                            shared.over.store(true, Ordering::Release);
                        }
                    }
                }
            }
            Ok(())
        })
        .map(|()| outcome)
    }

    fn work(
        &self,
        register: &Arc<Register>,
        shared: &Shared,
        stop: &(dyn Fn() -> bool + Sync),
        sender: &mpsc::Sender<Result<Message, CampaignError>>,
    ) -> Result<(), CampaignError> {
        let library = self.library.as_ref();
        let mut bench = Bench::hosted(register.clone(), self.profile, library, &self.rules_off)?;
        let is_over =
            || stop() || shared.over.load(Ordering::Acquire) || shared.began.elapsed() >= self.time;
        let mut part = Tally::default();
        while !is_over() {
            let number = shared.next.fetch_add(1, Ordering::AcqRel);
            if self.programs.is_some_and(|most| number >= most) {
                break;
            }
            let Some((program, run)) = self.try_out(&mut bench, number) else {
                continue;
            };
            part.see(&program, &run);
            for broken in &run.broken {
                // What a host says that was interrupted with us is no finding.
                if is_over() || shared.is_known(&broken.key()) {
                    continue;
                }
                if broken.kind == Kind::Timeout && !waits_again(&mut bench, &program, broken) {
                    continue;
                }
                if !shared.is_new(&broken.key()) {
                    continue;
                }
                let origin = format!(
                    "Found by jetspec fuzz: seed {}, program {number}.",
                    self.seed
                );
                let after = shared.began.elapsed();
                // Whoever is asked to stop writes down what there is.
                let mut check = |bench: &mut Bench, program: &Program| {
                    (!stop()).then(|| bench.run(program)).flatten()
                };
                let found = Found {
                    after,
                    is_known: self.place(number).is_some(),
                    ..Found::new(&mut bench, &program, broken, &origin, &mut check)
                };
                let _ = sender.send(Ok(Message::Found(Box::new(found))));
            }
            if part.programs.is_multiple_of(16) {
                let _ = sender.send(Ok(Message::Ran(Box::new(std::mem::take(&mut part)))));
            }
        }
        let _ = sender.send(Ok(Message::Ran(Box::new(part))));
        Ok(())
    }
}

enum Message {
    Ran(Box<Tally>),
    Found(Box<Found>),
}

/// What the workers share.
struct Shared {
    next: AtomicU64,
    over: AtomicBool,
    known: Mutex<BTreeSet<String>>,
    began: Instant,
}

impl Shared {
    fn is_known(&self, key: &str) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.contains(key)
    }

    fn is_new(&self, key: &str) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(key.to_owned())
    }
}

impl Tally {
    fn take(&mut self, part: &Tally) {
        self.programs += part.programs;
        self.calls += part.calls;
        self.pairs.extend(&part.pairs);
        self.codes.extend(&part.codes);
    }

    fn see(&mut self, program: &Program, run: &Run) {
        self.programs += 1;
        let index = StepIndex::new(&run.plan);
        each_step(&run.plan, &run.trace, &mut |at, trace| {
            let step = index.get(trace.step);
            let own = at.and_then(|at| program.steps.get(at));
            if matches!(trace.outcome, trace::Outcome::Returned(_)) {
                self.pairs.extend(own.and_then(|own| own.bad));
            }
            if let (Some(Action::Call(call)), trace::Outcome::Returned(code)) =
                (step.map(|step| &step.action), &trace.outcome)
            {
                self.calls += 1;
                self.codes.add(call.function, *code);
            }
        });
    }
}

/// Whether a call is late a second time: on a machine with much else to do any call can be late once,
/// and on one that gives us next to nothing of itself, always.
fn waits_again(bench: &mut Bench, program: &Program, broken: &Broken) -> bool {
    let again = bench.run(program);
    let waits = again.is_some_and(|run| run.broken.iter().any(|other| other.is_like(broken)));
    waits && !is_starved()
}

/// The one of `count` whose turn it is: each before any again, in an order that the seed decides.
fn visit(seed: u64, turn: u64, count: usize) -> usize {
    let count = count.max(1) as u64;
    // A stride that has no factor in common with the count visits each.
    let stride = (0x9E37_79B1 % count..).find(|stride| gcd(*stride, count) == 1);
    let turn = (seed.wrapping_mul(0x2545_F491) % count + turn % count) % count;
    (turn * stride.unwrap_or(1).max(1) % count) as usize
}

fn gcd(one: u64, other: u64) -> u64 {
    match other {
        0 => one,
        _ => gcd(other, one % other),
    }
}
