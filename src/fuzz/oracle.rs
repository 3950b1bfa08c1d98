//! The laws that one run of the reference keeps, whatever the program.

use crate::abi::errors::{JetError, code_name};
use crate::abi::{FunctionId, constants};
use crate::generate::{Program, may_answer};
use crate::reference::watch::{Departure, Law, Report};
use crate::run::trace::{End, Event, Outcome, StepTrace, Trace};
use crate::scenario::StepIndex;
use crate::scenario::plan::{Action, FileAction, Part, Plan, Profile, StepId};
use crate::spec::{Effect, Record, Register};

/// What kind of law is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The process died.
    Crash,
    /// A call did not come back.
    Timeout,
    /// jetspec itself failed inside a call.
    InternalError,
    /// A code that neither the function's page nor a gate lists.
    UnlistedCode,
    /// A call that failed changed something.
    FailureChanges,
    /// A rollback did not restore what was there before.
    Rollback,
    /// Memory was written against the contract.
    Memory,
    /// The library does otherwise than the reference.
    Differs,
    /// A law over the history of calls.
    History,
    /// The same program did something else the second time.
    Unsteady,
    /// The runner or a host could not do its work: no library is to blame.
    Harness,
}

/// A law that a program breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which kind of law.
    pub kind: Kind,
    /// The function, by documented name.
    pub function: String,
    /// What makes it the same finding in another program.
    pub detail: String,
    /// The outermost step of the program, where it is known.
    pub step: Option<usize>,
    /// In one sentence.
    pub what: String,
    /// Whether it is a library that breaks it, and not the reference.
    pub of_library: bool,
}

impl Broken {
    /// Whether two programs break the same law in the same way.
    pub fn is_like(&self, other: &Broken) -> bool {
        self.key() == other.key()
    }

    /// A short text that like ones share.
    pub fn key(&self) -> String {
        let whose = if self.of_library { "library " } else { "" };
        format!("{whose}{:?} {} {}", self.kind, self.function, self.detail)
    }
}

/// Every law that the reference's own run breaks; `index` is that of the plan's steps.
pub fn check(
    register: &Register,
    profile: Profile,
    plan: &Plan,
    index: &StepIndex<'_>,
    trace: &Trace,
    report: &Report,
) -> Vec<Broken> {
    let idle = matches!(trace.end, End::TimedOut { step, .. } if waits(plan, step));
    let ended = ended(plan, trace).filter(|_| !idle);
    let mut broken: Vec<Broken> = ended.into_iter().collect();
    let mut damaged = false;
    let mut visit = |at: Option<usize>, seen: &StepTrace| {
        let step = index.get(seen.step);
        damaged |= damages_inside(index, seen);
        let called = step.and_then(|step| called(index, &step.action));
        if let (Some(function), Outcome::Returned(code)) = (called, &seen.outcome)
            && !(hands_on(seen, *code) || damaged && is_of_machine(*code))
        {
            broken.extend(code_of(at, function, *code, profile));
        }
        for violation in &seen.violations {
            let name = called.map_or("", |function| function.get().name);
            broken.push(Broken {
                of_library: false,
                kind: Kind::Memory,
                function: name.to_owned(),
                detail: String::new(),
                step: at,
                what: format!("memory was written against the contract: {violation:?}"),
            });
        }
    };
    each_step(plan, trace, &mut visit);
    let departures = report.departures.iter();
    broken.extend(departures.filter_map(|departure| changed(register, profile, departure)));
    broken
}

/// The function whose outcome a step has: its own, or that of the call whose end it is.
fn called(index: &StepIndex<'_>, action: &Action) -> Option<FunctionId> {
    match action {
        Action::Call(call) | Action::Until { call, .. } => Some(call.function),
        Action::End { label } => index.iter().find_map(|step| match &step.action {
            Action::Start { label: own, call } if own == label => Some(call.function),
            _ => None,
        }),
        _ => None,
    }
}

/// Whether a code is what a callback returned inside the call, which may hand it on although no page
/// lists it.
fn hands_on(seen: &StepTrace, code: i32) -> bool {
    let returned = |event: &Event| {
        event.returned == code || event.steps.iter().any(|inner| hands_on(inner, code))
    };
    seen.events.iter().any(returned)
}

/// Whether a step, or one inside a callback that it calls, may leave such files.
fn damages_inside(index: &StepIndex<'_>, seen: &StepTrace) -> bool {
    let mut inner = seen.events.iter().flat_map(|event| &event.steps);
    let own = index
        .get(seen.step)
        .is_some_and(|step| damages(&step.action));
    own || inner.any(|inner| damages_inside(index, inner))
}

/// Whether a step may leave files that are not as the engine wrote them, or cannot be written.
fn damages(action: &Action) -> bool {
    match action {
        Action::File(file) => !matches!(
            file,
            FileAction::MakeFolder(_)
                | FileAction::MakeWritable(_)
                | FileAction::Exists { .. }
                | FileAction::Holds { .. }
        ),
        _ => false,
    }
}

/// Whether a code says something of the machine's files.
fn is_of_machine(code: i32) -> bool {
    MACHINE.iter().any(|error| error.code() == code)
}

/// What a machine's files have to say.
const MACHINE: &[JetError] = &[
    JetError::BadDbSignature,
    JetError::BadLogSignature,
    JetError::BadLogVersion,
    JetError::CheckpointCorrupt,
    JetError::CheckpointFileNotFound,
    JetError::ConsistentTimeMismatch,
    JetError::DatabaseCorrupted,
    JetError::DatabaseDirtyShutdown,
    JetError::DatabaseLogSetMismatch,
    JetError::DiskFull,
    JetError::DiskIO,
    JetError::FileAccessDenied,
    JetError::FileNotFound,
    JetError::InvalidDatabase,
    JetError::InvalidDatabaseVersion,
    JetError::LogFileCorrupt,
    JetError::LogReadVerifyFailure,
    JetError::LogWriteFail,
    JetError::MissingLogFile,
    JetError::ReadVerifyFailure,
];

/// Visits every step of a trace, those inside callbacks too, with the program's outermost step.
pub(super) fn each_step(
    plan: &Plan,
    trace: &Trace,
    visit: &mut dyn FnMut(Option<usize>, &StepTrace),
) {
    let positions = Positions::new(plan);
    for step in &trace.steps {
        nested(positions.get(step.step), step, visit);
    }
}

/// The positions in the program of the outermost steps of a plan, by step number.
struct Positions(Vec<Option<usize>>);

impl Positions {
    fn new(plan: &Plan) -> Self {
        let last = plan.steps.iter().map(|step| step.id.0 as usize).max();
        let mut positions = vec![None; last.map_or(0, |last| last + 1)];
        for step in plan.steps.iter().filter(|step| step.part == Part::Case) {
            positions[step.id.0 as usize] = (step.place.line as usize).checked_sub(1);
        }
        Self(positions)
    }

    fn get(&self, step: StepId) -> Option<usize> {
        self.0.get(step.0 as usize).copied().flatten()
    }
}

fn nested(at: Option<usize>, step: &StepTrace, visit: &mut dyn FnMut(Option<usize>, &StepTrace)) {
    visit(at, step);
    for inner in step.events.iter().flat_map(|event| &event.steps) {
        nested(at, inner, visit);
    }
}

/// The position in the program of an outermost step, `None` for one of the fixture. A step of the
/// program may be several of the plan; what is made of it stands on its line.
pub(super) fn position(plan: &Plan, step: &StepTrace) -> Option<usize> {
    position_of(plan, step.step)
}

/// The same by the number of the step.
pub(super) fn position_of(plan: &Plan, step: StepId) -> Option<usize> {
    let own = plan.steps.iter().filter(|own| own.part == Part::Case);
    let found = own.into_iter().find(|own| own.id == step)?;
    (found.place.line as usize).checked_sub(1)
}

/// How the run ended, if not as it should.
pub(super) fn ended(plan: &Plan, trace: &Trace) -> Option<Broken> {
    let (kind, step, doing, what) = match &trace.end {
        End::Complete | End::Unsupported { .. } => return None,
        End::Died { step, doing, how } => (Kind::Crash, Some(*step), doing.clone(), how.clone()),
        End::TimedOut {
            step,
            doing,
            limit_ms,
        } => {
            let what = format!("did not come back within {limit_ms} ms");
            (Kind::Timeout, Some(*step), doing.clone(), what)
        }
        End::Broken { reason, .. } => (Kind::Harness, None, String::new(), reason.clone()),
    };
    let at = step.and_then(|step| position_of(plan, step));
    let what = match doing.is_empty() {
        true => what,
        false => format!("{doing}: {what}"),
    };
    Some(Broken {
        of_library: false,
        kind,
        function: doing,
        detail: String::new(),
        step: at,
        what,
    })
}

/// Whether a step waits for what the program itself has to do: what never comes is no law broken. A
/// call on another thread that does not come back is one, unless a callback of the program, or an
/// instance that it has frozen, may be what keeps it.
fn waits(plan: &Plan, step: StepId) -> bool {
    let index = StepIndex::new(plan);
    let action = index.get(step).map(|step| &step.action);
    match action {
        Some(Action::Wait { .. } | Action::Await { .. }) => true,
        Some(Action::End { .. }) => keeps_waiting(plan),
        _ => false,
    }
}

fn keeps_waiting(plan: &Plan) -> bool {
    let bodies = plan.callbacks.iter().flat_map(|callback| &callback.bodies);
    let mut inside = bodies.flat_map(|body| &body.steps);
    let waits = inside.any(|step| {
        matches!(
            step.action,
            Action::Wait { .. } | Action::Await { .. } | Action::End { .. }
        )
    });
    waits || freezes(&StepIndex::new(plan))
}

fn freezes(steps: &StepIndex<'_>) -> bool {
    let mut called = steps.iter().filter_map(|step| match &step.action {
        Action::Call(call) | Action::Start { call, .. } => Some(call.function),
        _ => None,
    });
    called.any(|function| function.get().name == "JetOSSnapshotFreeze")
}

fn code_of(at: Option<usize>, function: FunctionId, code: i32, profile: Profile) -> Option<Broken> {
    let name = function.get().name;
    let (kind, what) = if code == JetError::InternalError.code() {
        (Kind::InternalError, format!("jetspec failed inside {name}"))
    } else if code == JetError::FeatureNotAvailable.code() {
        // What the reference does not have yet says so, whatever the page lists.
        return None;
    } else if may_answer(function, profile, code) {
        return None;
    } else {
        let shown = code_word(code);
        let what = format!("{name} answers {shown}, which neither its page nor a gate lists");
        (Kind::UnlistedCode, what)
    };
    Some(Broken {
        of_library: false,
        kind,
        function: name.to_owned(),
        detail: code_word(code),
        step: at,
        what,
    })
}

/// What a failing call changed and should not have.
fn changed(register: &Register, profile: Profile, departure: &Departure) -> Option<Broken> {
    // That jetspec failed is a finding of its own.
    if departure.code == JetError::InternalError.code() {
        return None;
    }
    let mut allowed = effects(register, &departure.function, departure.code);
    if profile == Profile::Genuine {
        allowed.extend_from_slice(of_genuine(&departure.function, departure.code));
    }
    // Where the log cannot be written the instance answers nobody, so that nobody sees the rest.
    let is_gone = departure.parts.iter().any(|part| part == "availability");
    if departure.code == JetError::LogWriteFail.code() && is_gone {
        return None;
    }
    let parts: Vec<&str> = departure
        .parts
        .iter()
        .map(String::as_str)
        .filter(|part| departure.law != Law::FailureChangesNothing || !allows(&allowed, part))
        // An instance that has ended holds no database.
        .filter(|part| *part != "committed" || !ends_instance(departure, &allowed))
        // temp/fill-then-read: what is in a temporary table is sorted when its filling ends.
        .filter(|part| !is_temporary(part) || !departure.parts.iter().any(|own| own == "phases"))
        .collect();
    if parts.is_empty() {
        return None;
    }
    let parts = parts.join(", ");
    let code = code_name(departure.code).unwrap_or("a code that nobody lists");
    let (kind, what) = match departure.law {
        Law::FailureChangesNothing => (
            Kind::FailureChanges,
            format!(
                "{} answers {code} and has changed: {parts}",
                departure.function
            ),
        ),
        Law::RollbackRestores => (
            Kind::Rollback,
            format!("a rollback to level 0 does not restore: {parts}"),
        ),
        Law::HandlesNeverComeBack => (
            Kind::History,
            format!(
                "{} gives a handle that was closed before",
                departure.function
            ),
        ),
    };
    Some(Broken {
        of_library: false,
        kind,
        function: departure.function.clone(),
        detail: format!("{code} {parts}"),
        step: None,
        what,
    })
}

/// What the engine that Microsoft published changes besides, where its record says that it differs.
fn of_genuine(function: &str, code: i32) -> &'static [Effect] {
    let is = |error: &JetError| code == error.code();
    match function {
        // cursor/range-empty-stays: it does not.
        "JetSetIndexRange" if is(&JetError::NoCurrentRecord) => &[Effect::CursorMoved],
        // update/copy-delete-original-unversioned: the deletion stays, whatever the insertion met; and
        // update/copy-delete-original-retry: it is forgotten.
        "JetUpdate" | "JetUpdate2" if OF_INSERTION.iter().any(is) => {
            &[Effect::UpdateCancelled, Effect::UnversionedChanged]
        }
        "JetUpdate" | "JetUpdate2" if !is(&JetError::UpdateNotPrepared) => {
            &[Effect::UpdateCancelled]
        }
        // database/create-folder-missing: the instance answers nobody any more.
        _ if function.starts_with("JetCreateDatabase") && is(&JetError::InvalidPath) => {
            &[Effect::InstanceUnavailable]
        }
        _ => &[],
    }
}

/// What an insertion can meet after the original has been deleted.
const OF_INSERTION: &[JetError] = &[
    JetError::AutoIncrementNotSet,
    JetError::BufferTooSmall,
    JetError::KeyDuplicate,
    JetError::KeyTruncated,
    JetError::NullInvalid,
    JetError::NullKeyDisallowed,
];

fn ends_instance(departure: &Departure, allowed: &[Effect]) -> bool {
    departure.function.starts_with("JetTerm") && allowed.contains(&Effect::HandleClosed)
}

/// The changes that the register lists for a failing call.
fn effects(register: &Register, name: &str, code: i32) -> Vec<Effect> {
    let stem = |name: &str| {
        name.trim_end_matches(|c: char| c.is_ascii_digit())
            .to_lowercase()
    };
    let own = stem(name);
    let is_own = |file: &str| {
        let function = file.strip_suffix("-function.yaml");
        function.is_some_and(|function| stem(function) == own)
    };
    let pages = register.pages().iter().filter(|page| is_own(&page.file));
    let code = code_name(code).unwrap_or_default();
    let mut found = Vec::new();
    for page in pages {
        let led_to = page.returns.get(code).and_then(|id| register.get(id));
        let spoken = page.records.iter().filter(|record| speaks_of(record, code));
        found.extend(spoken.chain(led_to).flat_map(|record| &record.on_failure));
    }
    // The gates of a cursor whose callbacks run, and of an instance that has failed, are pages of
    // their own.
    if code == "JET_errInstanceUnavailable" || code == "JET_errLogWriteFail" {
        found.push(&Effect::InstanceUnavailable);
    }
    found.into_iter().copied().collect()
}

/// Whether a record is about calls that answer that code, or about all that fail.
fn speaks_of(record: &Record, code: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .filter(|word| word.starts_with("JET_err") || word.starts_with("JET_wrn"))
            .map(str::to_owned)
            .collect()
    };
    let named = words(&record.says);
    named.is_empty() || named.iter().any(|own| own == code)
}

/// Whether a part is about temporary tables.
fn is_temporary(part: &str) -> bool {
    matches!(part, "temporary" | "unversioned")
}

fn allows(effects: &[Effect], part: &str) -> bool {
    let is = |effect| effects.contains(&effect);
    let gone = is(Effect::HandleClosed);
    let any = is(Effect::ChangeMade) || is(Effect::TransactionEnded) || gone;
    match part {
        "positions" => is(Effect::CursorMoved) || any,
        "ranges" => is(Effect::RangeRemoved) || any,
        "keys" => is(Effect::KeyUsed) || any,
        "updates" => is(Effect::UpdateCancelled) || any,
        "committed" => is(Effect::ChangeMade),
        "unversioned" => is(Effect::UnversionedChanged),
        "uncommitted" | "handles" | "rest" => any,
        "transactions" => is(Effect::TransactionEnded) || gone,
        // temp/fill-then-read: reading ends the filling, whatever comes of it.
        "phases" => true,
        "availability" => is(Effect::InstanceUnavailable) || gone,
        _ => false,
    }
}

/// The name of a program's step, for messages.
pub(super) fn name_of(program: &Program, step: usize) -> &'static str {
    let step = program.steps.get(step);
    step.and_then(|step| step.invocation())
        .map_or("a step", |call| call.function.get().name)
}

/// The documented name of a code, or the number.
pub(super) fn code_word(code: i32) -> String {
    code_name(code).map_or_else(|| code.to_string(), str::to_owned)
}

/// The value of a constant.
pub(super) fn constant(name: &str) -> u32 {
    constants::value(name).unwrap_or_default() as u32
}

#[cfg(test)]
#[path = "oracle_tests.rs"]
mod tests;
