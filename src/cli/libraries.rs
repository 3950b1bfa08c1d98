//! The library under test and the reference, and the benches that run plans against them.

use std::path::Path;
use std::sync::Arc;

use jetspec::abi::Library;
use jetspec::host::{Exports, Host, HostError, Options, Source, System};
use jetspec::run::Limits;
use jetspec::suite::{Bench, Desk, HostBench, LocalBench};

use super::arguments::HostOptions;
use super::error::CliError;

/// The libraries of a command.
pub struct Libraries {
    /// The library under test; none where it is the reference.
    tested: Option<Source>,
    reference: Source,
    /// Whether the reference is judged against the reference.
    against_itself: bool,
    /// How hosts are started; none where plans are run in this process.
    hosts: Option<HostOptions>,
    /// Why no host can load the library under test.
    unloadable: Option<Arc<HostError>>,
    /// What the library under test runs on.
    system: System,
}

impl Libraries {
    /// The library that was named, against the reference; else the reference alone.
    pub fn new(named: Option<&Path>, hosts: Option<&HostOptions>) -> Result<Self, CliError> {
        let mut libraries = Self::untried(named, hosts)?;
        libraries.try_loading()?;
        Ok(libraries)
    }

    /// As [`Libraries::new`], without looking whether the library can be loaded.
    pub fn untried(named: Option<&Path>, hosts: Option<&HostOptions>) -> Result<Self, CliError> {
        Ok(Self {
            tested: named.map(|path| Source::Path(path.to_owned())),
            reference: Source::reference()?,
            against_itself: false,
            hosts: hosts.cloned(),
            unloadable: None,
            system: System::HERE,
        })
    }

    /// The reference as the library under test, to be judged against the whole reference.
    pub fn against_itself() -> Result<Self, CliError> {
        Ok(Self {
            against_itself: true,
            hosts: Some(HostOptions::default()),
            ..Self::new(None, None)?
        })
    }

    /// A library that cannot be loaded is told once, and not by each host; one that takes its host
    /// down while it is loaded takes every case down, which is its verdict.
    fn try_loading(&mut self) -> Result<(), CliError> {
        let Some(hosts) = &self.hosts else {
            if let Some(Source::Path(path)) = &self.tested {
                Library::load(path)?;
            }
            return Ok(());
        };
        if self.tested.is_none() && hosts.launcher.is_none() {
            return Ok(());
        }
        match Host::start(self.options(hosts, true)?) {
            Ok(host) => {
                self.system = host.system();
                Ok(())
            }
            Err(error @ (HostError::DiedLoading { .. } | HostError::LoadsForEver { .. })) => {
                self.unloadable = Some(Arc::new(error));
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The library in words.
    pub fn describe(&self) -> String {
        match (&self.tested, &self.reference) {
            (Some(Source::Path(path)), _) => path.display().to_string(),
            (None, Source::Path(path)) => {
                format!("the reference engine, {}", path.display())
            }
            _ => "the reference engine, as linked into jetspec (there is no library beside it)"
                .to_owned(),
        }
    }

    /// The system that the library under test runs on.
    pub fn system(&self) -> System {
        self.system
    }

    /// What the library under test exports, as a host of its own says.
    pub fn exports(&self) -> Result<Exports, CliError> {
        let hosts = self.hosts.clone().unwrap_or_default();
        Ok(Host::new(self.options(&hosts, true)?)?.exports()?)
    }

    /// The file that the library was loaded from; none where it is linked into the executable.
    pub fn file(&self) -> Option<&Path> {
        match self.tested.as_ref().unwrap_or(&self.reference) {
            Source::Path(path) => Some(path),
            Source::Linked => None,
        }
    }

    /// A bench for the library, and one for the reference where that is another.
    pub fn desk(&self) -> Result<Desk<'static>, CliError> {
        let judged_by_another = self.tested.is_some() || self.against_itself;
        let reference = judged_by_another.then(|| self.bench(false));
        Ok(Desk {
            library: self.bench(true)?,
            reference: reference.transpose()?,
        })
    }

    /// Unloads the library under test in a host, when all results are safe; what went wrong, in words.
    pub fn unload(&self) -> Result<Option<String>, CliError> {
        match &self.hosts {
            Some(hosts) if self.tested.is_some() && self.unloadable.is_none() => {
                Ok(Host::new(self.options(hosts, true)?)?.unload()?)
            }
            _ => Ok(None),
        }
    }

    fn source(&self, tested: bool) -> &Source {
        let tested = self.tested.as_ref().filter(|_| tested);
        tested.unwrap_or(&self.reference)
    }

    fn bench(&self, tested: bool) -> Result<Box<dyn Bench>, CliError> {
        let Some(hosts) = &self.hosts else {
            return Ok(Box::new(LocalBench::new(self.source(tested))?));
        };
        Ok(Box::new(match &self.unloadable {
            Some(why) if tested => HostBench::without_hosts(why.clone()),
            _ => HostBench::new(self.options(hosts, tested)?)?,
        }))
    }

    /// How the hosts of the library under test are started, or those of the reference that it is
    /// judged by.
    fn options(&self, hosts: &HostOptions, tested: bool) -> Result<Options, CliError> {
        let options = Options::new(self.source(tested).clone());
        let options = options.map_err(|error| CliError::Runner(error.to_string()))?;
        let launcher = hosts.launcher.clone().filter(|_| tested);
        Ok(Options {
            launcher: launcher.unwrap_or_default(),
            limits: Limits {
                step_ms: hosts.step_limit,
                run_ms: hosts.case_limit,
            },
            memory_mib: hosts.memory_limit,
            reuse: !hosts.fresh_hosts,
            ..options
        })
    }
}
