//! The report for a browser: one file that needs nothing else, of one run or of several side by side.

mod trace_rows;
mod view;

use std::io::{self, Write};

use askama::Template;

use self::view::View;
use super::summary::RunReport;
use crate::spec::Register;

/// Writes the page. Each run is a column, in the order given.
pub fn write_html(out: &mut dyn Write, register: &Register, runs: &[RunReport]) -> io::Result<()> {
    let view = View::new(register, runs);
    view.write_into(&mut &mut *out)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::super::example::{case, failed, report};
    use super::*;
    use crate::judge::Verdict;

    fn register() -> Register {
        let page = "page: jetx.md\ntitle: JetX\nurl: https://example.org/x\nrecords:\n\
            - {id: area/must, says: It <moves>., strength: must, basis: documented, genuine: agrees}\n\
            - {id: area/other, says: b, strength: must, basis: documented, genuine: agrees}\n";
        Register::from_pages([("jetx.yaml", page)]).expect("a register")
    }

    fn text(runs: &[RunReport]) -> String {
        let mut out = Vec::new();
        write_html(&mut out, &register(), runs).expect("memory");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn the_page_is_one_file_and_everything_in_it_is_escaped() {
        let mut failed = failed("a/b.yaml");
        failed.title = "<script>alert(1)</script>".to_owned();
        failed.judged.diff = String::new();
        let text = text(&[report(vec![failed])]);
        assert!(!text.contains("<script>alert"), "{text}");
        assert!(text.contains("It &#60;moves&#62;."), "{text}");
        for outside in ["src=\"", "href=\"http://", "@import", "url(", "fetch("] {
            assert!(!text.contains(outside), "{outside} in {text}");
        }
    }

    #[test]
    fn every_requirement_stands_once_with_a_verdict_for_each_run() {
        let passes = report(vec![case("a/b.yaml", "first", Verdict::Pass)]);
        let fails = report(vec![failed("a/b.yaml")]);
        let text = text(&[passes, fails]);
        assert_eq!(text.matches("id=\"area/must\"").count(), 1);
        let row = text.split("id=\"area/must\"").nth(1).unwrap_or_default();
        let (pass, fail) = (row.find(">pass<"), row.find(">fail<"));
        assert!(pass.is_some() && pass < fail, "{row}");
        assert!(text.contains(">uncovered<"), "{text}");
    }
}
