//! Runs programs: against the reference, watched, in a host that is used again and again; and against
//! a library, in a host of its own for each.

use std::path::Path;
use std::sync::Arc;

use super::compare::{Measure, Wavering};
use super::oracle::{Broken, Kind, check, each_step};
use super::scratch::Scratch;
use super::steady::unsteady;
use super::{compare, histories, restart};
use crate::generate::{Foundry, Ground, Program};
use crate::host::control::Setup;
use crate::host::{Host, HostError, Options, Source};
use crate::reference::WATCHED;
use crate::reference::control::{self, Request};
use crate::reference::watch::{self, Report};
use crate::run::trace::{End, Outcome, Trace};
use crate::run::{Limits, run};
use crate::scenario::StepIndex;
use crate::scenario::plan::{Action, Plan, Profile};
use crate::spec::Register;

/// One program, run.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its plan.
    pub plan: Arc<Plan>,
    /// What the reference did.
    pub trace: Trace,
    /// What is wrong, of the reference first.
    pub broken: Vec<Broken>,
}

impl Run {
    /// Whether the reference refused a call of that function, in the program or inside a callback.
    pub fn refuses(&self, function: &str) -> bool {
        let index = StepIndex::new(&self.plan);
        let mut refused = false;
        each_step(&self.plan, &self.trace, &mut |_, seen| {
            let called = match index.get(seen.step).map(|step| &step.action) {
                Some(Action::Call(call)) => call.function.get().name == function,
                _ => false,
            };
            refused |= called && matches!(seen.outcome, Outcome::Returned(code) if code < 0);
        });
        refused
    }
}

/// What the reference did with a plan.
#[derive(Debug, Clone)]
pub struct Known {
    plan: Arc<Plan>,
    trace: Trace,
}

/// How often the reference is run again before a difference counts.
const RERUNS: usize = 2;

/// Where programs are run.
pub struct Bench {
    foundry: Foundry,
    register: Arc<Register>,
    profile: Profile,
    reference: Reference,
    library: Option<Host>,
    /// Whether the library is our own, which is reset before each plan.
    is_ours: bool,
    /// Rules that are switched off in a library that is our own; without one, in the reference.
    rules_off: Vec<String>,
    /// How long things may take.
    limits: Limits,
}

/// Where the reference is.
enum Reference {
    /// In a host process.
    Host(Box<Host>),
    /// In this process, with a folder of its own: fast, and gone with it.
    Here(Scratch),
}

/// How long one step may take before it is tried once more.
const LIMITS: Limits = Limits {
    step_ms: 2_000,
    run_ms: 20_000,
};

/// How long it may take then: long enough for a machine that does other things too.
const PATIENT: Limits = Limits {
    step_ms: 10_000,
    run_ms: 30_000,
};

/// How long it may take while a finding is made simpler: what hangs for want of a step that was left
/// out would use up all the time.
const HURRIED: Limits = Limits {
    step_ms: 500,
    run_ms: 5_000,
};

impl Bench {
    /// The reference in a host process, and a library in another; `rules_off` are switched off in a
    /// library that is our own, or, without one, in the reference.
    ///
    /// # Errors
    /// A host that cannot be started.
    pub fn hosted(
        register: Arc<Register>,
        profile: Profile,
        library: Option<&Source>,
        rules_off: &[String],
    ) -> Result<Self, HostError> {
        let mut options = Options::new(Source::Linked)?;
        options.limits = LIMITS;
        let is_ours = library == Some(&Source::Linked);
        let library = match library {
            Some(source) => {
                let mut options = Options::new(source.clone())?;
                options.limits = LIMITS;
                Some(Host::start(options)?)
            }
            None => None,
        };
        let reference = Reference::Host(Box::new(Host::start(options)?));
        let mut bench = Self::new(register, profile, reference, library)?;
        bench.rules_off = rules_off.to_vec();
        bench.is_ours = is_ours;
        Ok(bench)
    }

    /// The reference in this very process, and a library in a host.
    ///
    /// # Errors
    /// A host that cannot be started, a folder that cannot be made.
    pub fn here(
        register: Arc<Register>,
        profile: Profile,
        library: Option<Options>,
    ) -> Result<Self, HostError> {
        let library = library.map(Host::start).transpose()?;
        Self::new(register, profile, Reference::Here(Scratch::new()?), library)
    }

    fn new(
        register: Arc<Register>,
        profile: Profile,
        reference: Reference,
        library: Option<Host>,
    ) -> Result<Self, HostError> {
        let foundry = Foundry::new().map_err(|faults| {
            let first = faults.first().map(|fault| fault.render(false));
            HostError::Library(first.unwrap_or_default())
        })?;
        Ok(Self {
            foundry,
            register,
            profile,
            reference,
            library,
            is_ours: false,
            rules_off: Vec::new(),
            limits: LIMITS,
        })
    }

    /// Whom programs may be sent to: a library is asked nothing that the documents leave undefined.
    pub fn ground(&self) -> Ground {
        match self.library {
            Some(_) => Ground::Anyone,
            None => Ground::Reference,
        }
    }

    /// Whether steps have only little time from now on, as while a finding is made simpler.
    pub fn hurry(&mut self, hurries: bool) {
        self.limit(if hurries { HURRIED } else { LIMITS });
    }

    fn limit(&mut self, limits: Limits) {
        self.limits = limits;
        if let Reference::Host(host) = &mut self.reference {
            host.limit(limits);
        }
        if let Some(library) = &mut self.library {
            library.limit(limits);
        }
    }

    /// Runs a program and holds it against every law. `None` for one that is no scenario.
    pub fn run(&mut self, program: &Program) -> Option<Run> {
        let plan = Arc::new(self.foundry.plan(program).ok()?);
        let mut run = self.run_plan(plan);
        run.broken.extend(self.lost(program, &run));
        Some(run)
    }

    /// Runs a case and holds it against every law. Without a library those too that need a second
    /// run: that it does the same again, and, where it is a program of plain calls on a database
    /// whose changes are logged, that what it commits up to where it kills its process is there
    /// afterwards.
    pub fn run_case(&mut self, plan: Arc<Plan>, program: Option<&Program>) -> Run {
        let mut run = self.run_plan(plan);
        if self.library.is_none() {
            run.broken.extend(unsteady(self, &run));
        }
        if let Some(program) = program {
            run.broken
                .extend(self.lost(&restart::until_killed(program), &run));
        }
        run
    }

    /// Runs a plan against the reference once more, with time enough for a machine that does other
    /// things too.
    pub(super) fn patient_run(&mut self, plan: &Arc<Plan>) -> Trace {
        let own = self.limits;
        if own == LIMITS {
            self.limit(PATIENT);
        }
        let (trace, _) = self.reference_run(plan);
        self.limit(own);
        trace
    }

    /// What a program has lost with its process: one of its own can be killed.
    fn lost(&mut self, program: &Program, run: &Run) -> Option<Broken> {
        let is_hosted = matches!(self.reference, Reference::Host(_));
        let is_alone = self.library.is_none() && is_hosted;
        is_alone.then(|| restart::lost(self, program, run))?
    }

    /// Runs a plan and holds it against every law. What did not come back in time is given more of it
    /// before that counts.
    pub fn run_plan(&mut self, plan: Arc<Plan>) -> Run {
        let run = self.attempt(plan);
        let late = run.broken.iter().any(|broken| broken.kind == Kind::Timeout);
        if !late || self.limits != LIMITS {
            return run;
        }
        self.limit(PATIENT);
        let again = self.attempt(run.plan);
        self.limit(LIMITS);
        again
    }

    fn attempt(&mut self, plan: Arc<Plan>) -> Run {
        let (trace, report) = self.reference_run(&plan);
        let steps = StepIndex::new(&plan);
        let mut broken = check(&self.register, self.profile, &plan, &steps, &trace, &report);
        broken.extend(histories::check(&plan, &steps, &trace));
        broken.extend(self.of_library(&plan, &trace));
        Run {
            plan,
            trace,
            broken,
        }
    }

    /// Runs a plan against the library alone, and holds it against what the reference did.
    pub fn run_known(&mut self, known: &Known) -> Run {
        let broken = self.of_library(&known.plan, &known.trace);
        Run {
            plan: known.plan.clone(),
            trace: known.trace.clone(),
            broken: broken.into_iter().collect(),
        }
    }

    /// What the reference does with a program, for whoever means to try it against libraries.
    pub fn know(&mut self, program: &Program) -> Option<Known> {
        let plan = Arc::new(self.foundry.plan(program).ok()?);
        let (trace, _) = self.reference_run(&plan);
        Some(Known { plan, trace })
    }

    /// What the library does otherwise than the reference.
    fn of_library(&mut self, plan: &Arc<Plan>, trace: &Trace) -> Option<Broken> {
        let library = self.library.as_mut()?;
        // Where the reference came to no end there is nothing to hold a library against.
        if trace.end != End::Complete {
            return None;
        }
        let setup = Setup {
            profile: self.profile,
            rules_off: self.rules_off.clone(),
            watched: false,
        };
        let mut seen = library.run(plan, &setup);
        // What a used process of a foreign library shows may be what an earlier program has left.
        if !self.is_ours && library.reused() && !self.agrees(plan, trace, &seen) {
            let library = self.library.as_mut()?;
            library.renew();
            seen = library.run(plan, &setup);
        }
        let mut wavering = Wavering::default();
        let mut found = self.differs(plan, trace, &seen, &wavering);
        // Counters, times, and the signatures of files say nothing of a library: what the reference
        // does otherwise in another run is left aside.
        for _ in 0..RERUNS {
            if !matches!(&found, Some(found) if found.kind == Kind::Differs) {
                break;
            }
            let (again, _) = self.reference_run(plan);
            wavering.take(plan, self.profile, trace, &again);
            found = self.differs(plan, trace, &seen, &wavering);
        }
        found
    }

    fn agrees(&self, plan: &Plan, trace: &Trace, seen: &Trace) -> bool {
        self.differs(plan, trace, seen, &Wavering::default())
            .is_none()
    }

    fn differs(
        &self,
        plan: &Plan,
        trace: &Trace,
        seen: &Trace,
        wavering: &Wavering,
    ) -> Option<Broken> {
        let measure = Measure {
            register: &self.register,
            profile: self.profile,
            wavering,
        };
        compare::difference(measure, plan, trace, seen)
    }

    /// Runs a plan against the reference alone.
    pub fn reference_run(&mut self, plan: &Arc<Plan>) -> (Trace, Report) {
        match &mut self.reference {
            Reference::Host(host) => {
                let setup = Setup {
                    profile: self.profile,
                    rules_off: match self.library {
                        Some(_) => Vec::new(),
                        None => self.rules_off.clone(),
                    },
                    // A campaign against a library is not about the reference's own state.
                    watched: self.library.is_none(),
                };
                let trace = host.run(plan, &setup);
                (trace, host.report())
            }
            Reference::Here(scratch) => {
                scratch.empty();
                run_within(plan, self.profile, scratch.path(), self.limits)
            }
        }
    }

    /// The register that it judges by.
    pub fn register(&self) -> &Arc<Register> {
        &self.register
    }

    /// What turns programs into plans.
    pub fn foundry(&self) -> &Foundry {
        &self.foundry
    }

    /// The profile that it judges by.
    pub fn profile(&self) -> Profile {
        self.profile
    }
}

/// Runs a plan in this process, on an engine that has been reset, over the files that are there.
pub(super) fn run_on(plan: &Arc<Plan>, profile: Profile, folder: &Path) -> (Trace, Report) {
    run_within(plan, profile, folder, PATIENT)
}

fn run_within(
    plan: &Arc<Plan>,
    profile: Profile,
    folder: &Path,
    limits: Limits,
) -> (Trace, Report) {
    // The reference is in this process, so that it is asked as it is and not by way of text.
    control::answer(&Request::Reset);
    control::answer(&Request::Genuine(profile == Profile::Genuine));
    watch::begin();
    let trace = run(plan, &WATCHED, limits, folder);
    (trace, watch::take())
}
