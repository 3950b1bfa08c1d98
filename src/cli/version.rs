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
    fn every_exit_code_is_in_every_help() {
        use clap::CommandFactory;
        let help = super::super::arguments::Arguments::command()
            .render_long_help()
            .to_string();
        for (code, means) in EXIT_CODES {
            assert!(
                help.contains(&format!("{code}  {means}")),
                "{means} in {help}"
            );
        }
    }
}
