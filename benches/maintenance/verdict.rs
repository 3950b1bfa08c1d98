//! What was measured, and whether what is promised is kept.

use std::fmt::Write;
use std::time::Duration;

use crate::operations::Operation;

/// How much more a record may cost at one size than at another.
const FLAT: f64 = 1.3;
/// How much more an operation may take that tells every step, in percent.
const TOLD: f64 = 5.0;
/// A process that needs no more than this, in bytes, holds no database in memory: that is less than
/// what is promised, which is that its memory grows no faster than the database.
const LITTLE: u64 = 16 << 20;

/// What one process found.
#[derive(Clone, Copy)]
pub struct Measured {
    /// The median time of the processor.
    pub time: Duration,
    /// The median time on the wall.
    pub wall: Duration,
    /// The time of the processor with a status function: as much more than without one as is the
    /// median of the repetitions that were done in pairs.
    pub told: Duration,
    /// How often the function was told something by one operation.
    pub notifications: u64,
    /// Bytes at the peak, less those of before the operation; `None` where the system does not say.
    pub peak: Option<u64>,
}

impl Measured {
    /// As [`read`](Self::read) reads it.
    pub fn line(self) -> String {
        let times = [self.time, self.wall, self.told].map(|time| time.as_nanos().to_string());
        let peak = self
            .peak
            .map_or_else(|| "-".to_owned(), |peak| peak.to_string());
        format!("{} {} {peak}", times.join(" "), self.notifications)
    }

    /// Reads what a process said of itself.
    pub fn read(line: &str) -> Self {
        let mut words = line.split_whitespace();
        let mut next = || words.next().expect("five words");
        let number = |word: &str| word.parse().expect("a number");
        Self {
            time: Duration::from_nanos(number(next())),
            wall: Duration::from_nanos(number(next())),
            told: Duration::from_nanos(number(next())),
            notifications: number(next()),
            peak: next().parse().ok(),
        }
    }

    /// That of the processes which is in the middle by its time; what telling adds is that of the process
    /// which is in the middle by that.
    pub fn typical(mut processes: Vec<Self>) -> Self {
        processes.sort_by(|one, other| one.part().total_cmp(&other.part()));
        let part = processes[processes.len() / 2].part();
        processes.sort_by_key(|seen| seen.time);
        let middle = processes[processes.len() / 2];
        Self {
            told: middle.time.mul_f64(part),
            ..middle
        }
    }

    /// How much as long it takes with a status function.
    fn part(&self) -> f64 {
        self.told.as_secs_f64() / self.time.as_secs_f64()
    }

    /// A line of the table.
    pub fn row(self, operation: Operation, size: u32) -> String {
        let by_record = |time: Duration| time.as_nanos() as f64 / f64::from(size);
        let mut row = format!(
            "{size:>9} records  {:<11} {:>6.0} ns a record ({:>6.0} on the wall)",
            operation.name(),
            by_record(self.time),
            by_record(self.wall),
        );
        // Writing to a string does not fail.
        let _ = match self.peak {
            Some(peak) => write!(row, ", {:>6.1} MiB at the peak", mebibytes(peak)),
            None => write!(row, ", its memory is not measured here"),
        };
        if operation.tells() {
            let (told, times) = (by_record(self.told), self.notifications);
            let _ = write!(row, ", {told:>6.0} ns told {times} times");
        }
        row
    }
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// Whether what is promised is kept.
pub fn judge(table: &[(Operation, u32, Measured)]) {
    for operation in Operation::ALL {
        let own = table.iter().filter(|(own, ..)| *own == operation);
        let own: Vec<(u32, Measured)> = own.map(|(_, size, seen)| (*size, *seen)).collect();
        let (name, Some((_, last))) = (operation.name(), own.last()) else {
            continue;
        };
        let time = ratio(&own, |seen| seen.time.as_nanos() as f64);
        println!(
            "{name:<11} a record's time within a factor {time:.2} (limit {FLAT}: {})",
            kept(time <= FLAT)
        );
        judge_memory(name, &own);
        if operation.tells() {
            let percent = (last.part() - 1.0) * 100.0;
            println!(
                "{name:<11} telling {} times adds {percent:.1} % (limit {TOLD} %: {})",
                last.notifications,
                kept(percent < TOLD)
            );
        }
    }
}

fn judge_memory(name: &str, own: &[(u32, Measured)]) {
    let peaks: Option<Vec<u64>> = own.iter().map(|(_, seen)| seen.peak).collect();
    let Some(most) = peaks.and_then(|peaks| peaks.into_iter().max()) else {
        return;
    };
    if most <= LITTLE {
        let most = mebibytes(most);
        println!("{name:<11} its memory is {most:.1} MiB at most, whatever the size");
        return;
    }
    let peak = ratio(own, |seen| seen.peak.unwrap_or(0) as f64);
    println!(
        "{name:<11} a record's memory within a factor {peak:.2} (limit {FLAT}: {})",
        kept(peak <= FLAT)
    );
}

/// How much more of something a record takes at one size than at another.
fn ratio(own: &[(u32, Measured)], what: impl Fn(&Measured) -> f64) -> f64 {
    let costs = own.iter().map(|(size, seen)| what(seen) / f64::from(*size));
    let (least, most) = costs.fold((f64::MAX, 0f64), |(least, most), cost| {
        (least.min(cost), most.max(cost))
    });
    most / least
}

fn kept(kept: bool) -> &'static str {
    if kept { "kept" } else { "NOT KEPT" }
}
