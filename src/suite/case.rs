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
    /// The lines of the file at which something begins, in order: a key of the file, a case, a
    /// callback, a step. What begins there reaches to the next one; the last is the line behind the
    /// end of the file.
    pub marks: Arc<[u32]>,
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
            marks: Arc::from([]),
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
            let other = match profile {
                Profile::Documented => Profile::Genuine,
                Profile::Genuine => Profile::Documented,
            };
            return Some(format!("about the {} profile only", other.word()));
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

    /// The width of its texts, where the scenario runs in both.
    pub fn width(&self) -> Option<&'static str> {
        self.both_forms.then(|| self.plan.form.word())
    }

    /// What some step does to the process that it runs in and that no other would survive.
    pub fn harms_its_process(&self) -> Option<&'static str> {
        if self.plan.kills_its_host() {
            return Some("kills its host");
        }
        self.plan
            .refuses_writes()
            .then_some("has the system refuse every write")
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
            deaths: Vec::new(),
        }
    }
}
