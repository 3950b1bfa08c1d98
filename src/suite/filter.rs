//! Which cases a word on the command line selects.

use super::case::Case;
use crate::scenario::StepIndex;
use crate::scenario::plan::Place;

/// One filter: a part of the path, of the case's name or of the title, a requirement id or the
/// beginning of one up to a slash, `FILE:LINE`, or `FILE:LINE:COLUMN` as reports print it.
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
        let at = place(text).or_else(|| place(text.rsplit_once(':')?.0));
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
            || case.covers.iter().any(|id| self.is_of_id(id))
    }

    fn is_of_id(&self, id: &str) -> bool {
        id == self.text || self.text.ends_with('/') && id.starts_with(&self.text)
    }

    /// The file that it names, where it names one: without a line, and as it was typed but for the
    /// slashes.
    pub fn file(&self) -> Option<&str> {
        match &self.at {
            Some((file, _)) => Some(file),
            None => Some(self.text.as_str()).filter(|text| text.ends_with(".yaml")),
        }
    }

    /// How many lines the file has, where the filter names one behind them.
    pub fn beyond(&self, case: &Case) -> Option<u32> {
        let (file, line) = self.at.as_ref()?;
        let end = case.marks.last().filter(|end| *line >= **end)?;
        same_file(&case.plan.file, file).then(|| end - 1)
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

/// `FILE:LINE`.
fn place(text: &str) -> Option<(String, u32)> {
    let (file, line) = text.rsplit_once(':')?;
    let line = line.parse().ok()?;
    file.ends_with(".yaml").then(|| (file.to_owned(), line))
}

/// Whether what the line belongs to is the case, one of its steps (those of `then` are every case's),
/// or a callback that it uses.
fn is_at(case: &Case, line: u32) -> bool {
    let begun = case.marks.partition_point(|mark| *mark <= line);
    let mark = match begun.checked_sub(1) {
        Some(last) => case.marks[last],
        None => line,
    };
    let here = |place: &Place| *place.file == *case.plan.file && place.line == mark;
    let mut callbacks = case.plan.callbacks.iter();
    case.place.line == mark
        || StepIndex::new(&case.plan)
            .iter()
            .any(|step| here(&step.place))
        || callbacks.any(|own| !own.bodies.is_empty() && here(&own.place))
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
            "callback/a.yaml:5:18",
            "area/",
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
