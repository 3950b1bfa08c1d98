//! Two ways to do the same work, measured in one run, and the ratio of what they cost.

use std::time::{Duration, Instant};

use criterion::Criterion;

/// How often, and how long, the two are at least done in turn for the ratio: what a machine is doing
/// meanwhile comes and goes, and meets two that were done within a second of each other alike.
const PAIRS: usize = 9;
const LONG_ENOUGH: Duration = Duration::from_secs(10);

/// One way to do it.
pub struct Way<'w> {
    /// What a person knows it by.
    pub name: String,
    /// Does it once and says how long it took.
    pub once: Box<dyn FnMut() -> Duration + 'w>,
}

impl<'w> Way<'w> {
    /// A way with its name.
    pub fn new(name: impl Into<String>, once: impl FnMut() -> Duration + 'w) -> Self {
        Way {
            name: name.into(),
            once: Box::new(once),
        }
    }

    /// Has criterion measure it; whether it did, for a filter may have left it out.
    fn measure(&mut self, criterion: &mut Criterion) -> bool {
        let mut ran = false;
        criterion.bench_function(&self.name, |bencher| {
            bencher.iter_custom(|iterations| {
                ran = true;
                (0..iterations).map(|_| (self.once)()).sum()
            });
        });
        ran
    }
}

/// Measures both, and prints the median ratio of what they cost when done in turn, where no filter has
/// left one out. Whether it did.
pub fn compare(criterion: &mut Criterion, mut one: Way, mut other: Way, most: f64) -> bool {
    let ran = [one.measure(criterion), other.measure(criterion)];
    if ran != [true; 2] {
        return false;
    }
    let begun = Instant::now();
    let mut pairs = Vec::new();
    while pairs.len() < PAIRS || begun.elapsed() < LONG_ENOUGH {
        let (one, other) = ((one.once)(), (other.once)());
        pairs.push((one.as_secs_f64() / other.as_secs_f64(), one, other));
    }
    pairs.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (ratio, mine, others) = pairs[pairs.len() / 2];
    println!(
        "{}: {:.1} ms; {}: {:.1} ms; ratio {ratio:.3} (at most {most}; {:.3} to {:.3} in {} pairs)",
        one.name,
        mine.as_secs_f64() * 1e3,
        other.name,
        others.as_secs_f64() * 1e3,
        pairs[0].0,
        pairs[pairs.len() - 1].0,
        pairs.len(),
    );
    true
}
