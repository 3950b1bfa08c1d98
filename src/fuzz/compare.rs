//! A library's trace against the reference's, step by step, expectations left aside.

use super::oracle::{Broken, Kind, code_word, ended, position, position_of};
use crate::abi::errors::code_name;
use crate::judge::{StepIndex, first_difference};
use crate::run::trace::{End, Outcome, StepTrace, Trace, Violation};
use crate::scenario::plan::{Action, Plan, Profile};
use crate::spec::{Register, Strength};

/// Outputs that say something of the machine or of the moment, and so differ between two runs of the
/// same library.
const OF_THE_MOMENT: &[&str] = &[
    "dtCreate",
    "dtUpdate",
    "signLog",
    "signDb",
    "szDatabaseName",
    "pvResult",
    "precsize",
    "pCommitID",
    "pwVersion",
    "szz",
    "plParam",
    "szParam",
];

/// The first thing that the library does otherwise, `None` where the register says that it may.
pub fn difference(
    register: &Register,
    plan: &Plan,
    profile: Profile,
    reference: &Trace,
    library: &Trace,
) -> Option<Broken> {
    let outcome = first_outcome(register, plan, reference, library);
    let other = first_difference(plan, profile, reference, library).filter(|difference| {
        let what = difference.what.rsplit('.').next().unwrap_or_default();
        !OF_THE_MOMENT.iter().any(|own| what.starts_with(own))
    });
    let other = other.map(|difference| {
        let at = outermost(plan, reference, difference.step);
        let function = function_of(plan, difference.step);
        Broken {
            of_library: false,
            kind: Kind::Differs,
            what: format!(
                "{function}, {}: {} in the reference, {} in the library",
                difference.what, difference.reference, difference.library
            ),
            function,
            detail: difference.what,
            step: at,
        }
    });
    let violation = violation(plan, library);
    let end = match library.end {
        End::Complete | End::Unsupported { .. } => None,
        _ => ended(plan, library),
    };
    let found = [
        outcome.unwrap_or(Seen::Nothing),
        other.into(),
        violation.into(),
        end.into(),
    ];
    let earliest = found.into_iter().min_by_key(|seen| match seen {
        Seen::Broken(broken) => broken.step.unwrap_or(usize::MAX - 1),
        Seen::Allowed(step) => *step,
        Seen::Nothing => usize::MAX,
    });
    match earliest {
        Some(Seen::Broken(broken)) => Some(Broken {
            of_library: true,
            ..broken
        }),
        _ => None,
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
    register: &Register,
    plan: &Plan,
    reference: &Trace,
    library: &Trace,
) -> Option<Seen> {
    let pairs = reference.steps.iter().zip(&library.steps);
    for (own, other) in pairs {
        let at = position(plan, own);
        if let Some((own, other)) = unequal(own, other) {
            let function = function_of(plan, own.step);
            if may(register, &function, &own.outcome) {
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

/// Whether the register only says that a library may answer so.
fn may(register: &Register, function: &str, outcome: &Outcome) -> bool {
    let Outcome::Returned(code) = outcome else {
        return false;
    };
    let file = format!("{}-function.yaml", function.to_lowercase());
    let page = register.pages().iter().find(|page| page.file == file);
    let id = page.and_then(|page| page.returns.get(code_name(*code)?));
    let record = id.and_then(|id| register.get(id));
    record.is_some_and(|record| record.strength == Strength::May)
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

fn outermost(plan: &Plan, trace: &Trace, step: crate::scenario::plan::StepId) -> Option<usize> {
    fn holds(trace: &StepTrace, step: crate::scenario::plan::StepId) -> bool {
        let inside = trace.events.iter().flat_map(|event| &event.steps);
        trace.step == step || inside.into_iter().any(|inner| holds(inner, step))
    }
    let outer = trace.steps.iter().find(|outer| holds(outer, step));
    match outer {
        Some(outer) => position(plan, outer),
        None => position_of(plan, step),
    }
}

pub(super) fn function_of(plan: &Plan, step: crate::scenario::plan::StepId) -> String {
    let index = StepIndex::new(plan);
    match index.get(step).map(|step| &step.action) {
        Some(Action::Call(call)) => call.function.get().name.to_owned(),
        _ => "a step".to_owned(),
    }
}
