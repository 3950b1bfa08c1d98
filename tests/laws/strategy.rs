//! A proptest strategy over programs: the generator makes them of a seed, the generator's own
//! shrinker makes them simpler.

use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use jetspec::generate::{Choices, Order, Program, bytes_of_seed, make, simpler_steps};

/// Programs of about so many steps.
#[derive(Debug, Clone)]
pub struct Programs {
    pub steps: usize,
}

/// A program, and the simpler ones that have not been tried.
#[derive(Debug)]
pub struct Tree {
    current: Program,
    untried: Vec<Program>,
    before: Option<(Program, Vec<Program>)>,
}

impl Strategy for Programs {
    type Tree = Tree;
    type Value = Program;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let seed = rand_of(runner);
        let bytes = bytes_of_seed(seed, 0, 512);
        let order = Order {
            steps: self.steps,
            ..Order::default()
        };
        let current = make(Choices::new(&bytes), &order);
        Ok(Tree {
            untried: simpler_steps(&current),
            current,
            before: None,
        })
    }
}

fn rand_of(runner: &mut TestRunner) -> u64 {
    use proptest::prelude::Rng;
    runner.rng().next_u64()
}

impl ValueTree for Tree {
    type Value = Program;

    fn current(&self) -> Program {
        self.current.clone()
    }

    fn simplify(&mut self) -> bool {
        let Some(next) = self.untried.pop() else {
            return false;
        };
        let before = std::mem::replace(&mut self.current, next);
        let untried = std::mem::replace(&mut self.untried, simpler_steps(&self.current));
        self.before = Some((before, untried));
        true
    }

    fn complicate(&mut self) -> bool {
        let Some((program, untried)) = self.before.take() else {
            return false;
        };
        self.current = program;
        self.untried = untried;
        // The next simpler one of the same program, if there is any.
        self.simplify()
    }
}
