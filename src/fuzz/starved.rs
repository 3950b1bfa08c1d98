//! Whether the machine gives this process so little of itself that a clock says nothing of what it
//! runs: a campaign beside other work, with a low priority, waits for a processor for seconds.

use std::time::{Duration, Instant};

/// So much of a processor's time is asked for.
const SAMPLE: Duration = Duration::from_millis(20);

/// So long it may take until that is there.
const LONGEST: Duration = Duration::from_secs(2);

/// Whether this process gets less than a third of a processor now, and what it has started no more.
pub(super) fn is_starved() -> bool {
    let Some(before) = processor_time() else {
        return false;
    };
    let begun = Instant::now();
    loop {
        let used = processor_time().unwrap_or(before).saturating_sub(before);
        let passed = begun.elapsed();
        if used >= SAMPLE || passed >= LONGEST {
            return is_little(used, passed);
        }
        std::hint::spin_loop();
    }
}

/// Whether so much of a processor's time is little for so much time.
fn is_little(used: Duration, passed: Duration) -> bool {
    used * 3 < passed
}

/// How long this thread has had a processor; `None` where the system does not say.
#[cfg(unix)]
fn processor_time() -> Option<Duration> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).ok()
}

#[cfg(not(unix))]
fn processor_time() -> Option<Duration> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_third_of_a_processor_is_enough() {
        let of_a_second = |used| is_little(Duration::from_millis(used), Duration::from_secs(1));
        assert!(of_a_second(0) && of_a_second(10) && of_a_second(333));
        assert!(!of_a_second(334) && !of_a_second(1000));
    }

    #[test]
    #[cfg(unix)]
    fn the_processor_time_of_a_thread_grows_with_its_work() {
        let before = processor_time().expect("the system says it");
        while processor_time() == Some(before) {
            std::hint::spin_loop();
        }
        assert!(processor_time() > Some(before));
    }
}
