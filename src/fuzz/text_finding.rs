//! A finding of the targets that read texts: the shortest input that still shows it.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::{Duration, Instant};

use super::finding::SHRINKING;
use super::targets::Target;
use super::text::{check_report, check_scenario_text};

/// A text, or bytes, that break the law of their reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFound {
    /// What is wrong.
    pub what: String,
    /// The shortest input found that shows the same.
    pub input: Vec<u8>,
    /// A name for its file, in a folder that is named after the target.
    pub path: PathBuf,
}

/// Whether an input breaks a law.
type Law<'l> = &'l dyn Fn(&[u8]) -> Result<(), String>;

/// Holds an input of a target that reads texts against its law, and makes it shorter where it breaks
/// it. `None` where it does not, and for the targets of programs.
pub fn replay_text(target: Target, input: &[u8]) -> Option<TextFound> {
    let (law, folder, ending): (Law<'_>, _, _) = match target {
        Target::ScenarioText => (
            &|bytes| check_scenario_text(beginning(bytes)),
            "scenario_text",
            "txt",
        ),
        Target::Reports => (&check_report, "reports", "bin"),
        _ => return None,
    };
    let (what, input) = found(input, law, SHRINKING)?;
    let path = Path::new(folder).join(file_name(&what, ending));
    Some(TextFound { what, input, path })
}

/// The input up to what is no text, which is all that the target takes of it.
fn beginning(bytes: &[u8]) -> &str {
    let ends = |error: std::str::Utf8Error| error.valid_up_to();
    let length = std::str::from_utf8(bytes).map_or_else(ends, str::len);
    std::str::from_utf8(&bytes[..length]).unwrap_or_default()
}

/// What an input breaks, and the shortest that breaks the same.
fn found(input: &[u8], law: Law<'_>, within: Duration) -> Option<(String, Vec<u8>)> {
    let what = broken(input, law)?;
    // A panic is told once, and not for everything that is tried after it.
    let quiet = Quiet::new();
    let mut shows =
        |shorter: &[u8]| broken(shorter, law).is_some_and(|other| kind(&other) == kind(&what));
    let shortest = shortest(input, within, &mut shows);
    let again = broken(&shortest, law);
    drop(quiet);
    Some((again.unwrap_or(what), shortest))
}

thread_local! {
    /// Whether panics of this thread are expected.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// As long as it lives, panics of this thread are not told.
struct Quiet;

impl Quiet {
    fn new() -> Self {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let tell = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                if !QUIET.get() {
                    tell(panic);
                }
            }));
        });
        QUIET.set(true);
        Quiet
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        QUIET.set(false);
    }
}

/// What is wrong with an input, a panic included.
fn broken(input: &[u8], law: Law<'_>) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(|| law(input))) {
        Ok(held) => held.err(),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Some(format!("it panics: {}", text.unwrap_or("without a word")))
        }
    }
}

/// What is wrong, without what depends on the input: numbers, and what is quoted.
fn kind(what: &str) -> String {
    let words = what.split(['`', '"']).step_by(2);
    let letters = |word: &str| word.replace(|c: char| c.is_ascii_digit(), "");
    words.map(letters).collect::<Vec<_>>().join("`")
}

/// The shortest input that still shows it: without lines first, then without characters.
fn shortest(input: &[u8], within: Duration, shows: &mut dyn FnMut(&[u8]) -> bool) -> Vec<u8> {
    let until = Instant::now() + within;
    let mut best = input.to_vec();
    loop {
        let before = best.len();
        best = without(lines(&best), until, shows);
        best = without(characters(&best), until, shows);
        if best.len() == before || Instant::now() >= until {
            return best;
        }
    }
}

/// Leaves out as many parts as can go: halves, then quarters, down to single ones, from the end.
fn without(
    mut parts: Vec<Vec<u8>>,
    until: Instant,
    shows: &mut dyn FnMut(&[u8]) -> bool,
) -> Vec<u8> {
    let mut size = parts.len().div_ceil(2);
    while size > 0 {
        let mut end = parts.len();
        while end > 0 && Instant::now() < until {
            let start = end.saturating_sub(size);
            let candidate = [parts[..start].concat(), parts[end..].concat()].concat();
            if shows(&candidate) {
                parts.drain(start..end);
            }
            end = start;
        }
        size /= 2;
    }
    parts.concat()
}

fn lines(input: &[u8]) -> Vec<Vec<u8>> {
    let lines = input.split_inclusive(|byte| *byte == b'\n');
    lines.map(<[u8]>::to_vec).collect()
}

/// The characters of a text; the bytes of what is none.
fn characters(input: &[u8]) -> Vec<Vec<u8>> {
    match std::str::from_utf8(input) {
        Ok(text) => text.chars().map(|c| c.to_string().into_bytes()).collect(),
        Err(_) => input.iter().map(|byte| vec![*byte]).collect(),
    }
}

fn file_name(what: &str, ending: &str) -> String {
    let words = kind(what).to_lowercase();
    let words = words.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let mut name = match words.is_empty() {
        true => "finding".to_owned(),
        false => words.join("-"),
    };
    name.truncate(90);
    format!("{name}.{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn what_does_not_matter_is_left_out() {
        let text = "first line\nsecond: näh\nthird\n".repeat(20) + "last é!\nend\n";
        let law = |bytes: &[u8]| match beginning(bytes).contains('é') {
            true => Err(format!("it has {} bytes", bytes.len())),
            false => Ok(()),
        };
        let (what, input) = found(text.as_bytes(), &law, LONG).expect("a finding");
        assert_eq!((&*what, &*input), ("it has 2 bytes", "é".as_bytes()));
        assert_eq!(found(b"nothing", &law, LONG), None);
    }

    #[test]
    fn another_fault_is_not_taken_for_the_same() {
        let law = |bytes: &[u8]| match bytes {
            [] => Err("it is empty".to_owned()),
            [b'x', ..] => panic!("at {}: `{}`", bytes.len(), bytes[0]),
            _ => Ok(()),
        };
        let (what, input) = found(b"x\xff and more\nof it", &law, LONG).expect("a finding");
        assert_eq!((&*what, &*input), ("it panics: at 1: `120`", &b"x"[..]));
        assert_eq!(file_name(&what, "txt"), "it-panics-at.txt");
        assert_eq!(file_name("`12`", "bin"), "finding.bin");
    }

    #[test]
    fn inputs_that_keep_the_law_are_no_findings() {
        for (target, input) in [
            (Target::ScenarioText, &b"title: a\nsteps: []\n"[..]),
            (Target::ScenarioText, b"\xff"),
            (Target::Reports, b"{}"),
        ] {
            assert_eq!(replay_text(target, input), None);
        }
    }
}
