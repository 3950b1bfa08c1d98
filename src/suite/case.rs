//! One case, ready to be selected, gated and run.

use std::sync::Arc;

use crate::abi::Release;
use crate::host::System;
use crate::judge::{CaseVerdict, Reach, Verdict, covered};
use crate::report::CaseReport;
use crate::scenario::Platform;
use crate::scenario::plan::{Place, Plan, Profile};

/// One case of one scenario in one width of text.
#[derive(Debug, Clone)]
pub struct Case {
    /// What to run.
    pub plan: Arc<Plan>,
    /// Where the case is written.
    pub place: Place,
    /// The last line that belongs to the case.
    pub last_line: u32,
    /// Whether the scenario runs in both widths.
    pub both_forms: bool,
    /// Whether the case is of a matrix.
    pub is_cell: bool,
    /// The first release that the scenario is about.
    pub since: Release,
    /// The profiles that it is about.
    pub profiles: Vec<Profile>,
    /// The system that it needs.
    pub platform: Platform,
    /// The requirement ids that its steps name, whether or not a run reaches them.
    pub covers: Vec<String>,
}

impl Case {
    /// A case without gates.
    pub fn new(plan: Arc<Plan>, place: Place) -> Self {
        Self {
            covers: covered(&plan),
            plan,
            last_line: place.line,
            place,
            both_forms: false,
            is_cell: false,
            since: Release::default(),
            profiles: vec![Profile::Documented, Profile::Genuine],
            platform: Platform::Any,
        }
    }

    /// Why the case does not run on such a library and system, if it does not.
    pub fn gate(&self, profile: Profile, level: Release, system: System) -> Option<String> {
        if !self.profiles.contains(&profile) {
            let word = match profile {
                Profile::Documented => "genuine",
                Profile::Genuine => "documented",
            };
            return Some(format!("about the {word} profile only"));
        }
        if self.since > level {
            return Some(format!("since {}", self.since));
        }
        match (self.platform, system) {
            (Platform::Windows, System::Unix) => Some("needs Windows".to_owned()),
            (Platform::Unix, System::Windows) => Some("needs a Unix host".to_owned()),
            _ => None,
        }
    }

    /// `folder/file.yaml::case[profile]`, as reports, tests and baselines name it.
    pub fn name(&self, profile: Profile) -> String {
        self.report(profile, CaseVerdict::plain(Verdict::Skipped))
            .name()
    }

    /// Whether some step kills the process that it runs in.
    pub fn kills_its_host(&self) -> bool {
        self.plan.kills_its_host()
    }

    /// A report about the case, with nothing in it yet but the verdict.
    pub fn report(&self, profile: Profile, judged: CaseVerdict) -> CaseReport {
        CaseReport {
            file: self.plan.file.clone(),
            case: self.plan.case.clone(),
            form: self.plan.form,
            both_forms: self.both_forms,
            title: self.plan.title.clone(),
            place: self.place.clone(),
            profile,
            judged,
            pinned: None,
            skipped: None,
            covers: self.covers.clone(),
            reach: Reach::default(),
            steps: 0,
            time: std::time::Duration::ZERO,
        }
    }
}
