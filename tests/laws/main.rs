//! Properties of the reference over random programs. They have a process of their own: the engine is
//! one for the whole process, and is reset between programs.

mod strategy;

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use arbitrary::{Arbitrary, Unstructured};
use jetspec::fuzz::Bench;
use jetspec::generate::{Choices, Order, Program, make};
use jetspec::model::engine::State;
use jetspec::reference::engine;
use jetspec::scenario::plan::Profile;
use jetspec::spec::Register;
use proptest::prelude::*;

use strategy::Programs;

fn bench() -> &'static Mutex<Bench> {
    static BENCH: LazyLock<Mutex<Bench>> = LazyLock::new(|| {
        let register = Arc::new(Register::embedded().expect("the register has no fault"));
        Mutex::new(Bench::here(register, Profile::Documented, None).expect("a folder can be made"))
    });
    &BENCH
}

/// Has everything worked out again that a digest remembers: whoever may change it is taken to have.
fn forget(state: &mut State) {
    state.tables.retain(|_, _| true);
    state.instances.retain(|_, _| true);
    state.databases.retain(|_, _| true);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn the_reference_keeps_every_law(program in Programs { steps: 16 }) {
        let mut bench = bench().lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(run) = bench.run(&program) {
            let broken: Vec<_> = run.broken.iter().map(|broken| &broken.what).collect();
            prop_assert!(broken.is_empty(), "{broken:#?}");
            let mut state = engine().lock();
            let remembered = state.digest();
            forget(&mut state);
            prop_assert_eq!(remembered, state.digest(), "what was remembered had changed");
        }
    }

    #[test]
    fn an_input_is_the_program_that_its_choices_make(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let arbitrary = Program::arbitrary(&mut Unstructured::new(&bytes));
        let order = Order { steps: 20, ..Order::default() };
        prop_assert_eq!(arbitrary.ok(), Some(make(Choices::new(&bytes), &order)));
    }

    #[test]
    fn what_is_written_of_a_program_is_read_as_the_same(program in Programs { steps: 12 }) {
        let text = jetspec::scenario::write(&program.node("a program"));
        let again = jetspec::scenario::fmt("program.yaml", &text);
        prop_assert_eq!(again.ok(), Some(text));
    }
}
