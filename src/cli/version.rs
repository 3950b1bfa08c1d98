//! What `--version` prints beside the version itself: everything that others can rely on.

use std::fmt::Write as _;
use std::sync::LazyLock;

use jetspec::judge::{BASELINE_VERSION, Verdict};
use jetspec::reference::control::STAMP;
use jetspec::report::{JOURNAL_VERSION, JSON_VERSION};
use jetspec::scenario::SCENARIO_VERSION;

/// The page that says what each of them means and what may change when.
pub const CONTRACT: &str = include_str!("../../conformance/CONTRACT.md");

/// The exit codes, in few words.
pub const EXIT_CODES: [(u8, &str); 6] = [
    (0, "everything as expected"),
    (
        1,
        "the library departs from the documents (or from its baseline)",
    ),
    (2, "bad usage or bad input"),
    (3, "the suite itself is wrong"),
    (4, "nothing ran"),
    (130, "interrupted; what had ended by then is reported"),
];

/// Those of `list` and `trace`.
pub const OF_SELECTION: [(u8, &str); 4] = [
    (0, "done"),
    (2, "bad usage or bad input"),
    (3, "jetspec could not do its work"),
    (4, "nothing is selected, or nothing of it can run"),
];

/// Those of `check`.
pub const OF_CHECK: [(u8, &str); 2] = [(0, "no faults"), (2, "bad usage, or a file has faults")];

/// Those of `fmt`.
pub const OF_FMT: [(u8, &str); 3] = [
    (0, "every file is in canonical form, or is now"),
    (1, "with --check: a file is not in canonical form"),
    (2, "bad usage, or a file has faults"),
];

/// Those of `functions`.
pub const OF_FUNCTIONS: [(u8, &str); 4] = [
    (0, "the library was read"),
    (1, "with --missing: a function is not there whole"),
    (2, "bad usage, or the library cannot be loaded"),
    (3, "jetspec could not do its work"),
];

/// Those of `explain`.
pub const OF_EXPLAIN: [(u8, &str); 2] = [(0, "done"), (2, "bad usage, or no such requirement")];

/// Those of `report`.
pub const OF_REPORT: [(u8, &str); 2] = [(0, "written"), (2, "bad usage or bad input")];

/// Those of `sabotage`.
pub const OF_SABOTAGE: [(u8, &str); 4] = [
    (0, "every rule is noticed"),
    (2, "bad usage or bad input"),
    (
        3,
        "some rule is not noticed, or jetspec could not do its work",
    ),
    (130, "interrupted; what was proved by then is printed"),
];

/// Those of `fuzz`.
pub const OF_FUZZ: [(u8, &str); 6] = [
    (0, "nothing was found"),
    (
        1,
        "the library departs; with --plant: a planted defect was missed",
    ),
    (2, "bad usage or bad input"),
    (
        3,
        "the reference breaks a law, or jetspec could not do its work",
    ),
    (4, "no program was run"),
    (130, "interrupted; what was found by then is written"),
];

/// Those of `replay`.
pub const OF_REPLAY: [(u8, &str); 4] = [
    (0, "no law is broken"),
    (1, "the library departs"),
    (2, "bad usage or bad input"),
    (
        3,
        "the reference breaks a law, or jetspec could not do its work",
    ),
];

/// Exit codes, as a help shows them.
pub fn exit_codes(codes: &[(u8, &str)]) -> String {
    let lines = codes
        .iter()
        .map(|(code, means)| format!("\n  {code}  {means}"));
    std::iter::once("Exit codes:".to_owned())
        .chain(lines)
        .collect()
}

/// What follows the long help of jetspec itself.
pub fn first_steps() -> String {
    format!(
        "First steps:\n\
        \x20 jetspec run                             judge the reference engine that comes with jetspec\n\
        \x20 jetspec run --lib ./libesent.so         judge your library\n\
        \x20 jetspec functions --lib ./libesent.so   see what it exports\n\
        \x20 jetspec explain register/cbtyp-zero     see what a requirement says and what covers it\n\n{}",
        exit_codes(&EXIT_CODES)
    )
}

/// The text after the program's name.
pub fn long() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(text);
    &TEXT
}

fn text() -> String {
    let mut text = format!(
        "{}\n\nbuild            {STAMP}\nscenario format  {SCENARIO_VERSION}\nJSON report      \
         {JSON_VERSION}\nbaseline         {BASELINE_VERSION}\njournal          {JOURNAL_VERSION}\n",
        env!("CARGO_PKG_VERSION")
    );
    for (index, (code, means)) in EXIT_CODES.iter().enumerate() {
        let head = if index == 0 { "exit codes" } else { "" };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{head:<15}  {code:<3}  {means}");
    }
    let names: Vec<_> = Verdict::ALL.into_iter().map(Verdict::name).collect();
    let _ = write!(
        text,
        "verdicts         {}\n\n`jetspec contract` says what each means and what may change when.",
        names.join(" ")
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_knows_every_exit_code_verdict_and_version() {
        for (code, means) in EXIT_CODES {
            let row = format!("| {code} | {means}");
            assert!(CONTRACT.contains(&row), "{row}");
        }
        for verdict in Verdict::ALL {
            let row = format!("| `{verdict}` |");
            assert!(CONTRACT.contains(&row), "{row}");
        }
        for (what, version) in [
            ("scenario format", SCENARIO_VERSION),
            ("JSON report", JSON_VERSION),
            ("baseline", BASELINE_VERSION),
            ("journal", JOURNAL_VERSION),
        ] {
            let row = format!("| {what} | {version} |");
            assert!(CONTRACT.contains(&row), "{row}");
        }
    }

    #[test]
    fn every_help_says_what_its_exit_codes_mean() {
        use clap::CommandFactory;
        let mut jetspec = super::super::arguments::Arguments::command();
        let whole = jetspec.render_long_help().to_string();
        assert!(whole.contains(&exit_codes(&EXIT_CODES)), "{whole}");
        // These cannot fail once they are typed rightly.
        let apart = ["contract", "schema", "host", "help"];
        for command in jetspec.get_subcommands_mut() {
            let name = command.get_name().to_owned();
            let help = command.render_long_help().to_string();
            let said = help.contains("Exit codes:\n  0  ") && help.contains("\n  2  ");
            assert_eq!(said, !apart.contains(&name.as_str()), "{name}: {help}");
            // What the page says of the command, the help says too.
            let row = format!("| `{name}` |");
            let on_page = CONTRACT.lines().filter(|line| line.starts_with(&row));
            for line in on_page {
                let cells: Vec<&str> = line.split('|').map(str::trim).collect();
                let [_, _, code, means, ..] = cells[..] else {
                    panic!("{line}");
                };
                assert!(
                    help.contains(&format!("  {code}  {means}")),
                    "{line}: {help}"
                );
            }
        }
    }

    #[test]
    fn the_page_names_each_meaning_that_is_a_commands_own() {
        for (name, codes) in [
            ("fmt", &OF_FMT[..]),
            ("functions", &OF_FUNCTIONS),
            ("sabotage", &OF_SABOTAGE),
            ("fuzz", &OF_FUZZ),
            ("replay", &OF_REPLAY),
        ] {
            for (code, means) in codes.iter().filter(|(code, _)| [1, 3, 4].contains(code)) {
                let row = format!("| `{name}` | {code} | {means} |");
                assert!(CONTRACT.contains(&row), "{row}");
            }
        }
    }
}
