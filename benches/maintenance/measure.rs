//! Measuring one operation in this process.

use std::time::{Duration, Instant};

use crate::operations::{Operation, Stage};
use crate::verdict::Measured;

/// At least so long, and so often, an operation is repeated with and without a function, and so often
/// that so many records are worked on.
const LONG_ENOUGH: Duration = Duration::from_secs(1);
const OFTEN_ENOUGH: u32 = 8;
const RECORDS: u32 = 1_000_000;

/// Does an operation as often as is good for its median, with and without a status function.
pub fn measure(operation: Operation, size: u32) -> Measured {
    let stage = Stage::set(operation);
    let small = Stage::small(operation);
    warm_up(&small);
    let mut caches = Caches::new();
    stage.prepare();
    let peak = peak_of(|| stage.once("target-0", false).wall);
    stage.clear("target-0");
    let often = OFTEN_ENOUGH.max(RECORDS / size);
    let mut plain = Vec::new();
    let mut told = Vec::new();
    let begun = Instant::now();
    let mut number = 1;
    // In turn the one and the other is first, and each as often as the other: the second finds the
    // memory of the first.
    let even = |done: u32| done.is_multiple_of(2);
    while number <= often || begun.elapsed() < LONG_ENOUGH || !even(number - 1) {
        for tells in [number % 2 == 0, number % 2 != 0] {
            let place = format!("target-{number}-{tells}");
            stage.prepare();
            caches.chill();
            warm_up(&small);
            let times = stage.once(&place, tells);
            if tells { &mut told } else { &mut plain }.push(times);
            stage.clear(&place);
        }
        number += 1;
    }
    let notifications = told.last().map_or(0, |times| times.notifications);
    let time = median(plain.iter().map(|times| times.processor));
    // One after the other they have had the same machine.
    let pairs = plain.iter().zip(&told);
    let part = |(plain, told): (&Times, &Times)| {
        Duration::from_secs(1).mul_f64(told.processor.as_secs_f64() / plain.processor.as_secs_f64())
    };
    let part = median(pairs.map(part));
    Measured {
        time,
        wall: median(plain.iter().map(|times| times.wall)),
        told: time.mul_f64(part.as_secs_f64()),
        notifications,
        peak,
    }
}

/// Does the operation with a database that is too small to count: what the process needs in any case
/// is there then, its own instructions among it, and nothing of the database that is measured.
fn warm_up(small: &Stage) {
    small.prepare();
    small.once("target", true);
    small.clear("target");
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    // Of an even number the middle of the two in the middle.
    let (low, high) = (times.len().saturating_sub(1) / 2, times.len() / 2);
    let at = |index: usize| times.get(index).copied().unwrap_or_default();
    (at(low) + at(high)) / 2
}

/// What one repetition took.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Of the processor; that on the wall where the system does not say.
    pub processor: Duration,
    /// On the wall.
    pub wall: Duration,
    /// How often the status function was called.
    pub notifications: u64,
}

impl Times {
    /// What something takes, as far as time goes.
    pub fn of(what: impl FnOnce()) -> Self {
        let (begun, worked) = (Instant::now(), processor());
        what();
        let wall = begun.elapsed();
        let worked = worked
            .zip(processor())
            .map(|(before, after)| after - before);
        Self {
            processor: worked.unwrap_or(wall),
            wall,
            notifications: 0,
        }
    }
}

/// What this process has had of the processor; `None` where the system does not say.
#[cfg(unix)]
fn processor() -> Option<Duration> {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: a pointer to a local.
    let said = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    (said == 0).then(|| Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
}

#[cfg(not(unix))]
fn processor() -> Option<Duration> {
    None
}

/// More bytes than the caches of the processor have.
const CACHES: usize = 320 << 20;
/// The bytes of a line of a cache.
const LINE: usize = 64;

/// Memory that takes the place of everything else in the caches.
struct Caches(Vec<u8>);

impl Caches {
    fn new() -> Self {
        let mut caches = Self(vec![1; CACHES]);
        caches.chill();
        caches
    }

    fn chill(&mut self) {
        for line in self.0.chunks_mut(LINE) {
            if let Some(byte) = line.first_mut() {
                *byte = byte.wrapping_add(1);
            }
        }
        std::hint::black_box(&mut self.0);
    }
}

/// The bytes that something adds at its peak; `None` where the system does not say.
fn peak_of(what: impl FnOnce() -> Duration) -> Option<u64> {
    // The peak begins anew from here.
    let forgotten = std::fs::write("/proc/self/clear_refs", "5").is_ok();
    let before = memory("VmRSS:");
    what();
    let after = memory("VmHWM:").filter(|_| forgotten);
    Some(after?.saturating_sub(before?))
}

/// A line of what the system says of this process, in bytes.
fn memory(line: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let found = status.lines().find_map(|own| own.strip_prefix(line))?;
    let number: u64 = found.trim().trim_end_matches(" kB").parse().ok()?;
    Some(number * 1024)
}
