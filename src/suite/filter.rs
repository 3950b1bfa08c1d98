//! Which cases a word on the command line selects.

use super::case::Case;
use crate::judge::StepIndex;

/// One filter: a part of the path, of the case's name or of the title, a requirement id, or
/// `FILE:LINE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    text: String,
    at: Option<(String, u32)>,
}

impl Filter {
    /// Reads a filter as it was typed.
    pub fn new(text: &str) -> Self {
        // A path may be typed as the shell completes it, from the folder above.
        let text = text.replace('\\', "/");
        let text = text.trim_start_matches("./");
        let at = text.rsplit_once(':').and_then(|(file, line)| {
            let line = line.parse().ok()?;
            file.ends_with(".yaml").then(|| (file.to_owned(), line))
        });
        Self {
            text: text.to_owned(),
            at,
        }
    }

    /// Whether it selects the case.
    pub fn selects(&self, case: &Case) -> bool {
        if let Some((file, line)) = &self.at {
            return same_file(&case.plan.file, file) && is_at(case, *line);
        }
        let name = format!("{}::{}", case.plan.file, case.plan.case);
        name.contains(&self.text)
            || (self.text.ends_with(".yaml") && same_file(&case.plan.file, &self.text))
            || contains_ignoring_case(&case.plan.title, &self.text)
            || case.covers.contains(&self.text)
    }

    /// Whether any of the filters selects the case; none at all select every case.
    pub fn any(filters: &[Filter], case: &Case) -> bool {
        filters.is_empty() || filters.iter().any(|filter| filter.selects(case))
    }
}

/// Whether one path is the end of the other, by whole parts.
fn same_file(a: &str, b: &str) -> bool {
    let ends_with = |long: &str, short: &str| {
        long.strip_suffix(short)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
    };
    ends_with(a, b) || ends_with(b, a)
}

/// Whether the line is one of the case's, or of any of its steps (those of `then` are every case's).
fn is_at(case: &Case, line: u32) -> bool {
    if (case.place.line..=case.last_line).contains(&line) {
        return true;
    }
    StepIndex::new(&case.plan)
        .iter()
        .any(|step| *step.place.file == *case.plan.file && step.place.line == line)
}

fn contains_ignoring_case(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::super::session::tests::case;
    use super::*;

    #[test]
    fn a_case_is_found_by_path_name_title_requirement_and_line() {
        let case = case("callback/a.yaml", "first", &["area/must"]);
        for text in [
            "callback/",
            "a.yaml",
            "conformance/callback/a.yaml",
            "./conformance/callback/a.yaml",
            "a.yaml::first",
            "An Example",
            "area/must",
            "callback/a.yaml:4",
            "conformance/callback/a.yaml:5",
        ] {
            assert!(Filter::new(text).selects(&case), "{text}");
        }
        for text in [
            "table/",
            "a.yaml:90",
            "area/mus",
            "b.yaml:4",
            "other/a.yaml:4",
        ] {
            assert!(!Filter::new(text).selects(&case), "{text}");
        }
        assert!(Filter::any(&[], &case));
    }
}
