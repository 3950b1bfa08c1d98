//! The cases of a folder of scenarios.

use std::sync::Arc;

use super::case::Case;
use crate::scenario::StepIndex;
use crate::scenario::plan::Plan;
use crate::scenario::{Loaded, Scenario};

impl Case {
    /// Every case of every scenario, in order.
    pub fn all(loaded: &Loaded) -> Vec<Case> {
        loaded.scenarios.iter().flat_map(Case::of).collect()
    }

    /// The cases of one scenario, each in each width.
    pub fn of(scenario: &Scenario) -> Vec<Case> {
        let names = scenario.cases();
        let plans = scenario.plans();
        let both_forms = plans.len() > names.len();
        let marks = marks(scenario);
        let case = |plan: &Arc<Plan>| {
            let name = names.iter().find(|name| name.name == plan.case)?;
            Some(Case {
                marks: marks.clone(),
                both_forms,
                is_cell: scenario.is_matrix(),
                // A function that is not there yet cannot be called.
                since: scenario.since().max(plan.since()),
                profiles: scenario.profiles().to_vec(),
                platform: scenario.platform(),
                ..Case::new(plan.clone(), name.place.clone())
            })
        };
        plans.iter().filter_map(case).collect()
    }
}

/// The lines of a scenario's file at which something begins, and the one behind its end.
fn marks(scenario: &Scenario) -> Arc<[u32]> {
    let file = scenario.path();
    let keys = scenario.key_lines();
    let cases = scenario.cases().iter().map(|case| case.place.line);
    let mut marks: Vec<u32> = keys.chain(cases).collect();
    for plan in scenario.plans() {
        let index = StepIndex::new(plan);
        let steps = index.iter().map(|step| &step.place);
        let callbacks = plan.callbacks.iter().map(|own| &own.place);
        let own = steps.chain(callbacks).filter(|place| place.file == file);
        marks.extend(own.map(|place| place.line));
    }
    marks.push(scenario.lines().saturating_add(1));
    marks.sort_unstable();
    marks.dedup();
    marks.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::Release;
    use crate::scenario::parse;

    #[test]
    fn a_case_needs_the_release_of_the_newest_function_that_it_calls() {
        let text = "title: a\nsince: windows-vista\ncases:\n  \
             old: { JetGetVersion: { sesid: nil } }\n  \
             new: { JetGetSessionParameter: { sesid: nil, sesparamid: 4099, pvParam: { size: 4 } } }\n";
        let scenario = parse("a.yaml", text, None).unwrap_or_else(|faults| panic!("{faults:?}"));
        let since: Vec<Release> = Case::of(&scenario).iter().map(|case| case.since).collect();
        assert_eq!(since, [Release::WindowsVista, Release::Windows8]);
    }
}
