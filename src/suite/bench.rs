//! Benches: where a plan is run, in a host process or in this one.

use std::sync::Arc;

use super::session::{Bench, Setting};
use crate::host::control::Setup;
use crate::host::{Folder, Host, HostError, LibraryError, Loaded, Options, Source};
use crate::run::trace::{End, Trace};
use crate::run::{Limits, run};
use crate::scenario::plan::Plan;

/// Runs plans in host processes.
pub struct HostBench {
    options: Options,
    host: Host,
}

impl HostBench {
    /// Starts the first host.
    pub fn new(options: Options) -> Result<Self, HostError> {
        let host = Host::start(options.clone())?;
        Ok(Self { options, host })
    }

    /// Has hosts whose library is set without these rules.
    fn without(&mut self, rule: Option<&Arc<str>>) -> Result<(), HostError> {
        let rules: Vec<String> = rule.iter().map(|rule| rule.to_string()).collect();
        if self.options.rules_off != rules {
            self.options.rules_off = rules;
            self.host = Host::start(self.options.clone())?;
        }
        Ok(())
    }
}

impl Bench for HostBench {
    fn run(&mut self, plan: &Arc<Plan>, setting: &Setting) -> Trace {
        match self.without(setting.without.as_ref()) {
            Ok(()) => self.host.run(plan, setting.profile),
            Err(error) => broken(&error),
        }
    }
}

/// Runs plans in this very process.
pub struct LocalBench {
    library: Loaded,
}

impl LocalBench {
    /// Loads the library.
    pub fn new(source: &Source) -> Result<Self, LibraryError> {
        Ok(Self {
            library: source.load()?,
        })
    }
}

impl Bench for LocalBench {
    fn run(&mut self, plan: &Arc<Plan>, setting: &Setting) -> Trace {
        let folder = match Folder::new() {
            Ok(folder) => folder,
            Err(error) => return broken(&error),
        };
        if let Some(control) = self.library.control() {
            let setup = Setup {
                profile: setting.profile,
                rules_off: setting
                    .without
                    .iter()
                    .map(|rule| rule.to_string())
                    .collect(),
            };
            if let Err(error) = control.set_up(&setup) {
                return broken(&error);
            }
        }
        run(plan, self.library.api(), Limits::default(), folder.path())
    }
}

fn broken(error: &dyn std::error::Error) -> Trace {
    Trace {
        end: End::Broken {
            step: None,
            reason: error.to_string(),
        },
        ..Trace::default()
    }
}
