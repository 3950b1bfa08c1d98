//! One case of a run, as every report shows it.

use std::sync::Arc;
use std::time::Duration;

use crate::abi::Form;
use crate::judge::{CaseVerdict, Pinned, Reach, State, Verdict};
use crate::run::trace::Death;
use crate::scenario::plan::{Place, Profile};

/// One case of a run.
#[derive(Debug, Clone)]
pub struct CaseReport {
    /// `folder/file.yaml` of the scenario.
    pub file: Arc<str>,
    /// The case's name; empty where the scenario has no cases.
    pub case: String,
    /// The width of its texts.
    pub form: Form,
    /// Whether the scenario runs in both widths, so that the name must tell them apart.
    pub both_forms: bool,
    /// The scenario's title.
    pub title: String,
    /// Where the case is written.
    pub place: Place,
    /// The profile that it was judged under.
    pub profile: Profile,
    /// The verdict with its reasons, before any baseline.
    pub judged: CaseVerdict,
    /// What the baseline says about it, where it is in one.
    pub pinned: Option<Pinned>,
    /// Why it was skipped, where it was.
    pub skipped: Option<String>,
    /// Requirement ids that its steps name; of a case that was run, those of steps that were reached.
    pub covers: Vec<String>,
    /// What the reference reached of it.
    pub reach: Reach,
    /// How many steps the library did.
    pub steps: u64,
    /// How long the library took over it.
    pub time: Duration,
    /// How a process that the library was in died meanwhile without this case being to blame: between
    /// two cases, or in a run of this one that another run did not confirm.
    pub deaths: Vec<Death>,
}

impl CaseReport {
    /// `folder/file.yaml::case[profile]`, as tests and filters name it.
    pub fn name(&self) -> String {
        let case = if self.case.is_empty() {
            String::new()
        } else {
            format!("::{}", self.case)
        };
        let profile = self.profile.word();
        let form = self
            .width()
            .map_or_else(String::new, |width| format!(", {width}"));
        format!("{}{case}[{profile}{form}]", self.file)
    }

    /// The width of its texts, where the scenario runs in both.
    pub fn width(&self) -> Option<&'static str> {
        self.both_forms.then(|| self.form.word())
    }

    /// The case's verdict: what the judge says, unless a baseline has made `known` or `fixed` of it.
    pub fn verdict(&self) -> Verdict {
        match self.pinned.as_ref().map(|pinned| pinned.state) {
            Some(State::Known) => Verdict::Known,
            Some(State::Fixed) => Verdict::Fixed,
            Some(State::Changed) | None => self.judged.verdict,
        }
    }

    /// Whether a gate fails on the case: for its verdict, or because a baseline pins another.
    pub fn holds_gate(&self, strict: bool) -> bool {
        self.is_changed() || self.verdict().holds_gate(strict)
    }

    /// Whether a baseline pins another verdict, or the same for another reason.
    pub fn is_changed(&self) -> bool {
        self.pinned
            .as_ref()
            .is_some_and(|pinned| pinned.state == State::Changed)
    }

    /// How the case compares with its pin, in words, where the gate fails for it.
    pub fn against_baseline(&self) -> Option<String> {
        let pinned = self.pinned.as_ref()?;
        let (was, is) = (pinned.verdict, self.judged.verdict);
        match pinned.state {
            State::Known => None,
            State::Fixed => Some(format!("the baseline pins {was}, and it passes now")),
            State::Changed if was == is => Some(format!(
                "the baseline pins {was} too, but something else was seen"
            )),
            State::Changed => Some(format!("the baseline pins {was}, and now it is {is}")),
        }
    }
}

/// The area of a scenario: its topmost folder, or its own name where it stands in none.
pub fn area(file: &str) -> &str {
    match file.split_once(['/', '\\']) {
        Some((folder, _)) => folder,
        None => file.trim_end_matches(".yaml"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::example::case;
    use super::*;

    #[test]
    fn the_area_is_the_topmost_folder() {
        assert_eq!(area("callback/register/a.yaml"), "callback");
        assert_eq!(area("smoke.yaml"), "smoke");
    }

    #[test]
    fn a_name_tells_forms_apart_only_where_both_run() {
        let mut one = case("a/b.yaml", "first", Verdict::Pass);
        assert_eq!(one.name(), "a/b.yaml::first[documented]");
        one.both_forms = true;
        assert_eq!(one.name(), "a/b.yaml::first[documented, narrow]");
        one.case.clear();
        assert_eq!(one.name(), "a/b.yaml[documented, narrow]");
    }

    #[test]
    fn a_baseline_makes_known_or_fixed_of_a_verdict_and_a_change_holds_the_gate() {
        let pinned = |verdict, state| {
            let mut one = case("a/b.yaml", "x", verdict);
            one.pinned = Some(Pinned {
                verdict: Verdict::Differs,
                reason: "r".to_owned(),
                state,
            });
            one
        };
        let known = pinned(Verdict::Differs, State::Known);
        assert_eq!(known.verdict(), Verdict::Known);
        assert!(!known.holds_gate(true) && known.against_baseline().is_none());
        let fixed = pinned(Verdict::Pass, State::Fixed);
        assert_eq!(fixed.verdict(), Verdict::Fixed);
        assert!(fixed.holds_gate(false));
        let changed = pinned(Verdict::Differs, State::Changed);
        assert_eq!(changed.verdict(), Verdict::Differs);
        assert!(changed.holds_gate(false));
        let words = changed.against_baseline().expect("words");
        assert!(words.contains("something else"), "{words}");
    }
}
