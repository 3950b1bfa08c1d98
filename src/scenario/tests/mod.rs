//! Tests over the committed scenarios.

use std::path::Path;

use super::*;

fn committed() -> Loaded {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance"))
}

#[test]
fn committed_scenarios_are_sound() {
    let loaded = committed();
    let faults: Vec<String> = loaded
        .faults
        .iter()
        .map(|fault| fault.render(false))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for scenario in &loaded.scenarios {
        let plans = scenario.plans();
        assert!(plans.len() >= scenario.cases().len(), "{}", scenario.path());
    }
}

mod lowering;
mod matrix;
mod refused;
mod robust;
mod round_trip;
mod schema;
