//! Values as they are typed.

use std::time::Duration;

use jetspec::abi::Release;

/// Seconds, with decimals or without, in milliseconds.
pub fn milliseconds(seconds: &str) -> Result<u64, String> {
    const MOST: f64 = 86_400.0;
    match seconds.parse::<f64>() {
        Ok(seconds) if (0.001..=MOST).contains(&seconds) => Ok((seconds * 1000.0).round() as u64),
        _ => Err(format!("a number of seconds from 0.001 to {MOST}")),
    }
}

/// A time span: `90`, `90s`, `10m`, `6h`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (text, "s"),
    };
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => 0,
    };
    let total = number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(seconds));
    match total {
        Some(total) if total > 0 => Ok(Duration::from_secs(total)),
        _ => Err("write a time like 90, 90s, 10m or 6h".to_owned()),
    }
}

/// Less than this, in MiB, and a host cannot even start.
const LEAST_MEMORY: u64 = 16;

/// A limit of memory in MiB; 0 is none.
pub fn memory_limit(text: &str) -> Result<u64, String> {
    match text.parse::<u64>() {
        Ok(mib) if mib == 0 || mib >= LEAST_MEMORY => Ok(mib),
        _ => Err(format!(
            "a number of MiB from {LEAST_MEMORY}, which a host needs for itself, or 0 for no limit"
        )),
    }
}

/// A release of Windows.
pub fn release(name: &str) -> Result<Release, String> {
    Release::named(name).ok_or_else(|| {
        let names: Vec<_> = Release::ALL.iter().map(|release| release.name()).collect();
        format!("the releases are {}", names.join(", "))
    })
}
