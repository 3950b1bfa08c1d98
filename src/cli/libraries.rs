//! The library under test and the reference, and the benches that run plans against them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jetspec::abi::{Api, Library};
use jetspec::model::profile;
use jetspec::model::rules;
use jetspec::run::trace::{End, Trace};
use jetspec::run::{Limits, run};
use jetspec::scenario::plan::{Plan, Profile};
use jetspec::suite::{Bench, Desk, Setting};

use super::error::CliError;

/// The libraries of a command.
pub struct Libraries {
    tested: Option<Arc<Library>>,
    against_itself: bool,
}

impl Libraries {
    /// The library that was named, against the reference; else the reference alone.
    pub fn new(named: Option<&Path>, _in_process: bool) -> Result<Self, CliError> {
        let tested = named.map(Library::load).transpose()?.map(Arc::new);
        Ok(Self {
            tested,
            against_itself: false,
        })
    }

    /// The reference as the library under test, to be judged against the whole reference.
    pub fn against_itself() -> Result<Self, CliError> {
        Ok(Self {
            tested: None,
            against_itself: true,
        })
    }

    /// The library in words.
    pub fn describe(&self) -> String {
        match &self.tested {
            Some(library) => library.path().display().to_string(),
            None => "the reference engine, statically linked".to_owned(),
        }
    }

    /// A bench for the library, and one for the reference where that is another.
    pub fn desk(&self) -> Result<Desk<'static>, CliError> {
        let reference = || Box::new(InProcess::reference()) as Box<dyn Bench>;
        Ok(match &self.tested {
            None => Desk {
                library: reference(),
                reference: self.against_itself.then(reference),
            },
            Some(library) => Desk {
                library: Box::new(InProcess {
                    api: *library.api(),
                    ours: false,
                }),
                reference: Some(reference()),
            },
        })
    }
}

/// Runs plans in this very process.
struct InProcess {
    api: Api,
    ours: bool,
}

impl InProcess {
    fn reference() -> Self {
        Self {
            api: jetspec::reference::TABLE,
            ours: true,
        }
    }

    fn set(&self, setting: &Setting) {
        if !self.ours {
            return;
        }
        jetspec::reference::engine().reset();
        rules::reset();
        match setting.profile {
            Profile::Documented => profile::Profile::Documented.choose(),
            Profile::Genuine => profile::Profile::Genuine.choose(),
        }
        if let Some(id) = &setting.without {
            rules::switch(id, false);
        }
    }
}

impl Bench for InProcess {
    fn run(&mut self, plan: &Arc<Plan>, setting: &Setting) -> Trace {
        let scratch = match Scratch::new() {
            Ok(scratch) => scratch,
            Err(error) => {
                return Trace {
                    end: End::Broken {
                        step: None,
                        reason: format!("no scratch folder: {error}"),
                    },
                    ..Trace::default()
                };
            }
        };
        self.set(setting);
        run(plan, &self.api, Limits::default(), &scratch.0)
    }
}

/// A folder of its own for one run, removed afterwards.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new() -> std::io::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("jetspec-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is left to the system's own cleaning.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
