//! The verdicts, and what each of them does to a run.

use serde::{Deserialize, Serialize};

/// What became of one case.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything as expected, and nothing that differs from the reference.
    Pass,
    /// Departs from a documented must.
    Fail,
    /// Departs from an observed, should or may record, or from the reference where no expectation
    /// speaks.
    Differs,
    /// The host died under the library.
    Crash,
    /// A time limit passed.
    Timeout,
    /// The library lacks a function that the case needs.
    Unsupported,
    /// Gated by release, profile or platform: not run.
    Skipped,
    /// A control step, one that covers nothing, failed: the case says nothing about the library.
    Inconclusive,
    /// Departs exactly as the baseline says; still executed.
    Known,
    /// In the baseline as a departure, but passes now.
    Fixed,
    /// The suite itself is wrong: expectation and reference disagree, or the runner broke.
    Harness,
}

impl Verdict {
    /// Every verdict, in the order in which summaries show them.
    pub const ALL: [Self; 11] = [
        Self::Pass,
        Self::Fail,
        Self::Differs,
        Self::Crash,
        Self::Timeout,
        Self::Unsupported,
        Self::Skipped,
        Self::Inconclusive,
        Self::Known,
        Self::Fixed,
        Self::Harness,
    ];

    /// The word that reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Differs => "differs",
            Self::Crash => "crash",
            Self::Timeout => "timeout",
            Self::Unsupported => "unsupported",
            Self::Skipped => "skipped",
            Self::Inconclusive => "inconclusive",
            Self::Known => "known",
            Self::Fixed => "fixed",
            Self::Harness => "harness",
        }
    }

    /// The verdict of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.name() == name)
    }

    /// Whether a gate fails on it. `strict` adds `differs`; a missing function holds a gate too,
    /// unless a baseline has made `known` of it.
    pub const fn holds_gate(self, strict: bool) -> bool {
        match self {
            Self::Fail
            | Self::Crash
            | Self::Timeout
            | Self::Unsupported
            | Self::Inconclusive
            | Self::Fixed
            | Self::Harness => true,
            Self::Differs => strict,
            Self::Pass | Self::Skipped | Self::Known => false,
        }
    }

    /// How grave it is beside others: what a reader should see first has the highest.
    pub const fn gravity(self) -> u8 {
        match self {
            Self::Harness => 9,
            Self::Crash => 8,
            Self::Timeout => 7,
            Self::Fail => 6,
            Self::Fixed => 5,
            Self::Known => 4,
            Self::Differs => 3,
            Self::Inconclusive => 2,
            Self::Unsupported => 1,
            Self::Pass | Self::Skipped => 0,
        }
    }

    /// Whether the case was executed.
    pub const fn executed(self) -> bool {
        !matches!(self, Self::Skipped)
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict;

    #[test]
    fn names_lead_back_to_their_verdicts() {
        for verdict in Verdict::ALL {
            assert_eq!(Verdict::named(verdict.name()), Some(verdict));
            let json = serde_json::to_string(&verdict).expect("a word");
            assert_eq!(json, format!("\"{verdict}\""));
        }
        assert_eq!(Verdict::named("good"), None);
    }

    #[test]
    fn a_difference_holds_the_gate_only_under_strict() {
        assert!(!Verdict::Differs.holds_gate(false));
        assert!(Verdict::Differs.holds_gate(true));
        assert!(Verdict::Unsupported.holds_gate(false));
        assert!(!Verdict::Known.holds_gate(true));
    }
}
