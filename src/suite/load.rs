//! The cases of a folder of scenarios.

use std::sync::Arc;

use super::case::Case;
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
        let case = |plan: &Arc<crate::scenario::plan::Plan>| {
            let position = names.iter().position(|name| name.name == plan.case)?;
            let place = names.get(position)?.place.clone();
            // A case reaches to the line before the next one.
            let mut rest = names[position + 1..].iter().map(|next| next.place.line);
            let next = rest.find(|line| *line > place.line);
            let last_line = next.map_or(place.line, |next| next.saturating_sub(1));
            Some(Case {
                last_line: last_line.max(place.line),
                both_forms,
                is_cell: scenario.is_matrix(),
                since: scenario.since(),
                profiles: scenario.profiles().to_vec(),
                platform: scenario.platform(),
                ..Case::new(plan.clone(), place)
            })
        };
        plans.iter().filter_map(case).collect()
    }
}
