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
    host: Result<Host, Arc<HostError>>,
}

impl HostBench {
    /// Hosts to come. The first plan starts one, and each after it one where none is left: a start
    /// that fails costs that plan, and says nothing of the next.
    pub fn new(options: Options) -> Result<Self, HostError> {
        Ok(Self {
            host: Ok(Host::new(options)?),
        })
    }

    /// A bench without hosts: the library cannot be loaded, and every plan ends as its loading did.
    pub fn without_hosts(error: Arc<HostError>) -> Self {
        Self { host: Err(error) }
    }
}

impl Bench for HostBench {
    fn run(&mut self, plan: &Arc<Plan>, setting: &Setting) -> Trace {
        match &mut self.host {
            Ok(host) => host.run(plan, &setup(setting)),
            Err(error) => {
                let (end, stderr) = error.end(plan);
                Trace {
                    end,
                    stderr,
                    ..Trace::default()
                }
            }
        }
    }

    fn reused(&self) -> bool {
        self.host.as_ref().is_ok_and(Host::reused)
    }

    fn renew(&mut self) {
        if let Ok(host) = &mut self.host {
            host.renew();
        }
    }
}

fn setup(setting: &Setting) -> Setup {
    let rules = setting.without.iter();
    Setup {
        profile: setting.profile,
        rules_off: rules.map(|rule| rule.to_string()).collect(),
        watched: false,
    }
}

/// Runs plans in this very process.
pub struct LocalBench {
    library: Loaded,
    limits: Limits,
}

impl LocalBench {
    /// Loads the library.
    pub fn new(source: &Source) -> Result<Self, LibraryError> {
        Ok(Self {
            library: source.load()?,
            limits: Limits::default(),
        })
    }

    /// The same with other limits of time.
    pub fn within(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }
}

impl Bench for LocalBench {
    fn run(&mut self, plan: &Arc<Plan>, setting: &Setting) -> Trace {
        let folder = match Folder::new() {
            Ok(folder) => folder,
            Err(error) => return broken(&error),
        };
        if let Some(control) = self.library.control()
            && let Err(error) = control.set_up(&setup(setting))
        {
            return broken(&error);
        }
        run(plan, self.library.api(), self.limits, folder.path())
    }

    fn may_die(&self) -> bool {
        false
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
