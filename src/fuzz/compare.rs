//! A library's trace against the reference's, step by step, expectations left aside.

use std::collections::BTreeSet;

use super::oracle::{Broken, Kind, code_word, ended, position, position_of};
use crate::abi::errors::code_name;
use crate::judge::{Difference, Leave, first_difference_but};
use crate::run::trace::{End, Outcome, StepTrace, Trace, Violation};
use crate::scenario::StepIndex;
use crate::scenario::plan::{Action, Plan, Profile, Step, StepId};
use crate::spec::{Effect, Page, Record, Register, Strength};

/// Fields that hold the moment in which a file was made.
const OF_THE_MOMENT: &[&str] = &["dtCreate", "dtUpdate", "signLog", "signDb", "pCommitID"];

/// Fields that count the engine's own work: how many pages it visits and how it writes its log is its
/// own affair. (jet-threadstats-structure.md)
const OF_THE_ENGINE: &[&str] = &[
    "cPageReferenced",
    "cPageRead",
    "cPagePreread",
    "cPageDirtied",
    "cPageRedirtied",
    "cLogRecord",
    "cbLogRecord",
];

/// By what a library is held against the reference.
#[derive(Clone, Copy)]
pub struct Measure<'m> {
    /// What the documents say.
    pub register: &'m Register,
    /// The profile of the reference.
    pub profile: Profile,
    /// Where the reference differs from itself.
    pub wavering: &'m Wavering,
}

/// The places where two runs of the reference differ: counters, times, and numbers that say nothing
/// of a library.
#[derive(Debug, Clone, Default)]
pub struct Wavering {
    places: BTreeSet<(StepId, String)>,
}

impl Wavering {
    /// Takes in everything in which two runs of the reference differ.
    pub fn take(&mut self, plan: &Plan, profile: Profile, one: &Trace, other: &Trace) {
        loop {
            let found = first(plan, profile, one, other, &|_| false, self);
            let Some(found) = found else { break };
            if !self.places.insert((found.step, found.what)) {
                break;
            }
        }
        for (one, other) in one.steps.iter().zip(&other.steps) {
            if one.outcome != other.outcome {
                self.places.insert((one.step, OUTCOME.to_owned()));
            }
        }
    }

    fn holds(&self, step: StepId, what: &str) -> bool {
        let field = what.rsplit('.').next().unwrap_or_default();
        let own = OF_THE_MOMENT.contains(&field) || OF_THE_ENGINE.contains(&field);
        own || self.places.contains(&(step, what.to_owned()))
    }
}

/// What stands for the outcome of a step among what wavers.
const OUTCOME: &str = "outcome";

fn first(
    plan: &Plan,
    profile: Profile,
    one: &Trace,
    other: &Trace,
    failed_outputs: &dyn Fn(&Step) -> bool,
    wavering: &Wavering,
) -> Option<Difference> {
    // Each process has a folder of its own, which is part of the paths that it tells.
    let mut homes = Wavering::default();
    loop {
        let leave = Leave {
            aside: &|step, what| wavering.holds(step, what) || homes.holds(step, what),
            failed_outputs,
        };
        let found = first_difference_but(plan, profile, one, other, &leave)?;
        if without_folders(&found.reference) != without_folders(&found.library)
            || !homes.places.insert((found.step, found.what.clone()))
        {
            return Some(found);
        }
    }
}

/// A text without the folders that runs are done in: `jetspec-`, the process, a number, and what
/// stands for one of several.
fn without_folders(text: &str) -> String {
    let mut parts = text.split("jetspec-");
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits =
            |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let process = digits(part);
        let rest = part[process..].strip_prefix('-').filter(|_| process > 0);
        match rest.map(|rest| (rest, digits(rest))) {
            Some((rest, number)) if number > 0 => {
                let rest = &rest[number..];
                let inside = rest
                    .strip_prefix(['/', '\\'])
                    .and_then(|rest| rest.strip_prefix("work"));
                kept.push_str(inside.map_or(rest, |inside| &inside[digits(inside)..]));
            }
            _ => {
                kept.push_str("jetspec-");
                kept.push_str(part);
            }
        }
    }
    kept
}

/// The first thing that the library does otherwise, `None` where the register says that it may.
pub fn difference(
    measure: Measure<'_>,
    plan: &Plan,
    reference: &Trace,
    library: &Trace,
) -> Option<Broken> {
    let outcome = first_outcome(measure, plan, reference, library);
    let promised = |step: &Step| promises_outputs(measure.register, step);
    let wavering = measure.wavering;
    let end = match library.end {
        End::Complete | End::Unsupported { .. } => None,
        _ => ended(plan, library),
    };
    let other = first(
        plan,
        measure.profile,
        reference,
        library,
        &promised,
        wavering,
    );
    // Where the library came to no end, that is why steps are missing.
    let other = other.filter(|other| end.is_none() || other.what != "steps");
    let other = other.map(|difference| differs(plan, reference, difference));
    if let Some(broken) = end.as_ref().filter(|end| end.kind == Kind::Harness) {
        return Some(broken.clone());
    }
    // Of what is seen at one step the first here is told.
    let found = [
        violation(plan, library).into(),
        end.into(),
        outcome.unwrap_or(Seen::Nothing),
        other.into(),
        outside(reference, library).into(),
    ];
    let earliest = earliest(found)?;
    Some(Broken {
        of_library: true,
        ..earliest
    })
}

/// The first of what was seen. What follows a step that the register leaves open says nothing, but
/// for what no library may do in any state.
fn earliest(found: [Seen; 5]) -> Option<Broken> {
    let open = found.iter().find_map(|seen| match seen {
        Seen::Allowed(step) => Some(*step),
        _ => None,
    });
    let broken = found.into_iter().filter_map(|seen| match seen {
        Seen::Broken(broken) => Some(broken),
        _ => None,
    });
    let counts = |broken: &Broken| {
        let at = broken.step.unwrap_or(usize::MAX);
        broken.kind != Kind::Differs || open.is_none_or(|open| at < open)
    };
    broken
        .filter(counts)
        .min_by_key(|broken| broken.step.unwrap_or(usize::MAX))
}

fn differs(plan: &Plan, reference: &Trace, difference: Difference) -> Broken {
    let function = function_of(plan, difference.step);
    Broken {
        of_library: false,
        kind: Kind::Differs,
        what: format!(
            "{function}, {}: {} in the reference, {} in the library",
            difference.what, difference.reference, difference.library
        ),
        function,
        step: outermost(plan, reference, difference.step),
        detail: difference.what,
    }
}

/// What was seen at some step.
enum Seen {
    Nothing,
    /// The register leaves it open, so nothing that follows says anything.
    Allowed(usize),
    Broken(Broken),
}

impl From<Option<Broken>> for Seen {
    fn from(broken: Option<Broken>) -> Self {
        broken.map_or(Seen::Nothing, Seen::Broken)
    }
}

fn first_outcome(
    measure: Measure<'_>,
    plan: &Plan,
    reference: &Trace,
    library: &Trace,
) -> Option<Seen> {
    let pairs = reference.steps.iter().zip(&library.steps);
    for (own, other) in pairs {
        let at = position(plan, own);
        if let Some((own, other)) = unequal(own, other)
            && !measure.wavering.holds(own.step, OUTCOME)
        {
            let function = function_of(plan, own.step);
            let both = [&own.outcome, &other.outcome];
            if both
                .into_iter()
                .any(|outcome| may(measure.register, &function, outcome))
            {
                return Some(Seen::Allowed(at.unwrap_or(0)));
            }
            let (expected, seen) = (word(&own.outcome), word(&other.outcome));
            return Some(Seen::Broken(Broken {
                of_library: false,
                kind: Kind::Differs,
                what: format!("{function}: {expected} from the reference, {seen} from the library"),
                function,
                detail: format!("{expected} {seen}"),
                step: at,
            }));
        }
    }
    None
}

/// The first step, this one or one inside its callbacks, whose outcome is another.
fn unequal<'t>(own: &'t StepTrace, other: &'t StepTrace) -> Option<(&'t StepTrace, &'t StepTrace)> {
    let inside = own
        .events
        .iter()
        .zip(&other.events)
        .flat_map(|(own, other)| own.steps.iter().zip(&other.steps))
        .find_map(|(own, other)| unequal(own, other));
    inside.or_else(|| {
        (own.step == other.step && own.outcome != other.outcome).then_some((own, other))
    })
}

/// The page of a function.
pub(super) fn page<'r>(register: &'r Register, function: &str) -> Option<&'r Page> {
    let file = format!("{}-function.yaml", function.to_lowercase());
    register.pages().iter().find(|page| page.file == file)
}

/// Whether the register only says that a library may answer so: the record that the page gives for
/// the code, or one of the page that speaks of it.
fn may(register: &Register, function: &str, outcome: &Outcome) -> bool {
    let Outcome::Returned(code) = outcome else {
        return false;
    };
    let (Some(page), Some(name)) = (page(register, function), code_name(*code)) else {
        return false;
    };
    let listed = page.returns.get(name).and_then(|id| register.get(id));
    let names = |record: &&Record| {
        let mut words = record
            .says
            .split(|c: char| !c.is_alphanumeric() && c != '_');
        words.any(|word| word == name)
    };
    let spoken = page.records.iter().filter(names);
    spoken
        .chain(listed)
        .any(|record| record.strength == Strength::May)
}

/// Whether the page of the function that a step calls says of outputs that they are written although
/// the call fails.
fn promises_outputs(register: &Register, step: &Step) -> bool {
    let Action::Call(call) = &step.action else {
        return false;
    };
    let page = page(register, call.function.get().name);
    let mut records = page.into_iter().flat_map(|page| &page.records);
    records.any(|record| record.on_failure.contains(&Effect::OutputWritten))
}

fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Returned(code) => code_word(*code),
        Outcome::Started => "begun".to_owned(),
        Outcome::Done => "done".to_owned(),
        Outcome::Killed => "killed".to_owned(),
        Outcome::Failed(why) => why.clone(),
    }
}

fn violation(plan: &Plan, library: &Trace) -> Option<Broken> {
    let step = library
        .steps
        .iter()
        .find(|step| !step.violations.is_empty())?;
    let function = function_of(plan, step.step);
    let violation = step.violations.first()?;
    let name = match violation {
        Violation::OutsideBuffer { name, .. }
        | Violation::InputWritten { name, .. }
        | Violation::LateWrite { name, .. } => name,
    };
    Some(Broken {
        of_library: false,
        kind: Kind::Memory,
        detail: name.clone(),
        what: format!("{function} writes memory against the contract: {violation:?}"),
        function,
        step: position(plan, step),
    })
}

/// What happens outside of every step: callbacks that nobody waits for, and what the library leaves
/// changed in its process.
fn outside(reference: &Trace, library: &Trace) -> Option<Broken> {
    let broken = |kind, detail: &str, what: String| Broken {
        of_library: false,
        kind,
        function: "the program".to_owned(),
        detail: detail.to_owned(),
        step: None,
        what,
    };
    let (ours, theirs) = (reference.strays.len(), library.strays.len());
    if ours == 0 && theirs > 0 {
        let what = format!("{theirs} callbacks of the library come while no step waits for them");
        return Some(broken(Kind::Differs, "strays", what));
    }
    let change = library.changes.first()?;
    let is_ours = reference.changes.contains(change);
    (!is_ours).then(|| {
        let what = format!("the library leaves its process changed: {change}");
        broken(Kind::Memory, "process", what)
    })
}

fn outermost(plan: &Plan, trace: &Trace, step: StepId) -> Option<usize> {
    fn holds(trace: &StepTrace, step: StepId) -> bool {
        let inside = trace.events.iter().flat_map(|event| &event.steps);
        trace.step == step || inside.into_iter().any(|inner| holds(inner, step))
    }
    let outer = trace.steps.iter().find(|outer| holds(outer, step));
    match outer {
        Some(outer) => position(plan, outer),
        None => position_of(plan, step),
    }
}

pub(super) fn function_of(plan: &Plan, step: StepId) -> String {
    let index = StepIndex::new(plan);
    match index.get(step).map(|step| &step.action) {
        Some(Action::Call(call)) => call.function.get().name.to_owned(),
        _ => "a step".to_owned(),
    }
}

#[cfg(test)]
#[path = "compare_tests.rs"]
mod tests;
