//! What the generator promises.

use std::collections::BTreeSet;
use std::time::Duration;

use super::pairs::Badness;
use super::*;
use crate::reference::MOST_UNITS;
use crate::scenario::plan::{Action, Argument, Call, Memory};

fn program(number: u64, order: &Order) -> Program {
    let bytes = bytes_of_seed(7, number, 1024);
    make(Choices::new(&bytes), order)
}

fn order(aim: Option<PairId>) -> Order {
    Order {
        aim,
        steps: 20,
        ..Order::default()
    }
}

#[test]
fn the_same_seed_makes_the_same_programs() {
    for number in 0..50 {
        assert_eq!(program(number, &order(None)), program(number, &order(None)));
    }
    assert_ne!(program(1, &order(None)), program(2, &order(None)));
}

#[test]
fn every_program_is_a_scenario_without_fault() {
    let foundry = Foundry::new().expect("the fixtures have no fault");
    let mut faulty = Vec::new();
    for number in 0..2000 {
        let program = program(number, &order(None));
        if let Err(faults) = foundry.plan(&program) {
            faulty.push(faults[0].render(false));
        }
    }
    assert!(
        faulty.is_empty(),
        "{} of 2000:\n{}",
        faulty.len(),
        faulty[..faulty.len().min(12)].join("\n\n")
    );
}

#[test]
fn every_pair_can_be_aimed_at() {
    let foundry = Foundry::new().expect("the fixtures have no fault");
    let mut missed = BTreeSet::new();
    let mut faulty = Vec::new();
    for id in 0..pairs().len() as u32 {
        let hit = (0..40).any(|attempt| {
            let program = program(u64::from(id) * 40 + attempt, &order(Some(PairId(id))));
            if let Err(faults) = foundry.plan(&program) {
                faulty.push(format!(
                    "{}\n{}",
                    pairs()[id as usize],
                    faults[0].render(false)
                ));
                return false;
            }
            program
                .steps
                .iter()
                .any(|step| step.bad == Some(PairId(id)))
        });
        if !hit {
            missed.insert(pairs()[id as usize].to_string());
        }
    }
    assert!(
        faulty.is_empty(),
        "{} faults:\n{}",
        faulty.len(),
        faulty[..faulty.len().min(12)].join("\n\n")
    );
    assert_eq!(missed, BTreeSet::new());
}

fn has_no_end(memory: &Memory) -> bool {
    memory.at_end && memory.bytes.len() >= MOST_UNITS
}

/// The pieces of memory that two arguments, or what they point to, have a place in.
fn shared_places(call: &Call) -> Vec<&Memory> {
    let pointed = call.memory.iter().flat_map(|memory| &memory.patches);
    let places = call
        .arguments
        .iter()
        .chain(pointed.map(|patch| &patch.value));
    let mut pieces: Vec<_> = places
        .filter_map(|place| match place {
            Argument::Memory(id) | Argument::Inside(id, _) => Some(id.0 as usize),
            _ => None,
        })
        .collect();
    pieces.sort_unstable();
    let twice = pieces.windows(2).filter(|pair| pair[0] == pair[1]);
    twice.map(|pair| &call.memory[pair[0]]).collect()
}

#[test]
fn no_library_gets_what_is_written_twice_or_has_no_end() {
    let foundry = Foundry::new().expect("the fixtures have no fault");
    let mut shared = 0;
    for (id, pair) in (0..).zip(pairs()) {
        if !matches!(pair.badness, Badness::Overlap | Badness::Unended) {
            continue;
        }
        let order = Order {
            ground: Ground::Anyone,
            ..order(Some(PairId(id)))
        };
        for attempt in 0..3 {
            let program = program(u64::from(id) * 3 + attempt, &order);
            let plan = foundry.plan(&program).expect("no fault");
            for step in &plan.steps {
                let Action::Call(call) = &step.action else {
                    continue;
                };
                assert!(!call.memory.iter().any(has_no_end), "{pair}");
                for place in shared_places(call) {
                    assert!(place.outputs.is_empty(), "{pair}");
                    shared += 1;
                }
            }
        }
    }
    assert!(shared > 3, "{shared}");
}

#[test]
fn a_long_program_is_made_simple() {
    let bytes = bytes_of_seed(3, 5, 16_384);
    let order = Order {
        steps: 500,
        ..Order::default()
    };
    let program = make(Choices::new(&bytes), &order);
    assert!(program.calls() >= 400, "{}", program.calls());
    let foundry = Foundry::new().expect("the fixtures have no fault");
    let deletes = |program: &Program| {
        let mut calls = program.steps.iter().filter_map(|step| step.invocation());
        calls.any(|call| call.function.get().name == "JetDelete")
    };
    let simple = shrink(&program, Duration::from_secs(60), &mut |candidate| {
        deletes(candidate) && foundry.plan(candidate).is_ok()
    });
    // The call itself, and what opens its cursor where the fixture has none.
    assert!(simple.calls() <= 3, "{simple:#?}");
}

/// Every case of the suite.
fn sketches() -> Vec<crate::scenario::Sketch> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let loaded = crate::scenario::load(&folder);
    let scenarios = loaded.scenarios.iter();
    scenarios
        .flat_map(crate::scenario::Scenario::sketches)
        .collect()
}

#[test]
fn every_case_of_the_suite_is_a_program() {
    let foundry = Foundry::new().expect("the fixtures have no fault");
    let sketches = sketches();
    assert!(sketches.len() > 1000, "{}", sketches.len());
    for sketch in &sketches {
        let program = Program::of(sketch).unwrap_or_else(|| panic!("{}", sketch.name));
        if let Err(faults) = foundry.plan(&program) {
            panic!("{}\n{}", sketch.name, faults[0].render(false));
        }
    }
}

#[test]
fn programs_that_go_on_from_a_case_are_mostly_scenarios() {
    let foundry = Foundry::new().expect("the fixtures have no fault");
    let sketches = sketches();
    let programs: Vec<Program> = sketches.iter().step_by(3).filter_map(Program::of).collect();
    let made = programs.iter().enumerate().filter(|(number, begun)| {
        let bytes = bytes_of_seed(7, *number as u64, 1024);
        let program = go_on(Choices::new(&bytes), &order(None), begun);
        foundry.plan(&program).is_ok()
    });
    let made = made.count();
    assert!(
        made * 10 > programs.len() * 8,
        "{made} of {}",
        programs.len()
    );
}

/// Holds that a program lowers to the plan of the scenario that it is written as, or to its faults.
fn lowers_as_written(foundry: &Foundry, program: &Program) {
    match (foundry.plan(program), foundry.plan_as_written(program)) {
        (Ok(made), Ok(written)) => assert_eq!(made, written, "{program:#?}"),
        (Err(made), Err(written)) => assert_eq!(
            made.iter()
                .map(|fault| fault.render(false))
                .collect::<Vec<_>>(),
            written
                .iter()
                .map(|fault| fault.render(false))
                .collect::<Vec<_>>(),
            "{program:#?}"
        ),
        (made, written) => panic!("{made:?}\n{written:?}\n{program:#?}"),
    }
}

proptest::proptest! {
    #[test]
    fn a_program_lowers_as_it_is_written(
        bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..1500),
        aim in proptest::option::of(0..pairs().len() as u32),
        left_out in proptest::option::of(proptest::prelude::any::<proptest::sample::Index>()),
    ) {
        let foundry = Foundry::new().expect("the fixtures have no fault");
        let mut program = make(Choices::new(&bytes), &order(aim.map(PairId)));
        // What depends on a step that is missing is a fault, told alike.
        if let (Some(index), false) = (left_out, program.steps.is_empty()) {
            program.steps.remove(index.index(program.steps.len()));
        }
        lowers_as_written(&foundry, &program);
    }
}

#[test]
fn every_case_of_the_suite_lowers_as_it_is_written() {
    let foundry = Foundry::new().expect("the fixtures have no fault");
    for program in sketches().iter().filter_map(Program::of) {
        lowers_as_written(&foundry, &program);
    }
}
