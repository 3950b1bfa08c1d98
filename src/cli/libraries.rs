//! The library under test and the reference, and the benches that run plans against them.

use std::path::Path;
use std::sync::Arc;

use jetspec::abi::Library;
use jetspec::host::{Exports, Folder, Host, HostError, Options, Source, System, interrupt};
use jetspec::run::Limits;
use jetspec::suite::{Bench, Desk, HostBench, LocalBench};

use super::arguments::{HostLimits, HostOptions};
use super::error::CliError;

/// The libraries of a command.
pub struct Libraries {
    /// The library under test; none where it is the reference.
    tested: Option<Source>,
    reference: Source,
    /// Whether the reference is judged against the reference.
    against_itself: bool,
    hosts: HostOptions,
    /// Whether plans are run in this process.
    in_process: bool,
    /// Why no host can load the library under test.
    unloadable: Option<Arc<HostError>>,
    /// What the library under test runs on.
    system: System,
}

/// How often a library may take its host down while it is loaded before it is said to do so always.
const LOADINGS: usize = 3;

impl Libraries {
    /// The library that was named, against the reference; else the reference alone.
    pub fn new(
        named: Option<&Path>,
        hosts: &HostOptions,
        in_process: bool,
    ) -> Result<Self, CliError> {
        let mut libraries = Self::untried(named, hosts, in_process)?;
        libraries.try_loading()?;
        Ok(libraries)
    }

    /// As [`Libraries::new`], without looking whether the library can be loaded.
    pub fn untried(
        named: Option<&Path>,
        hosts: &HostOptions,
        in_process: bool,
    ) -> Result<Self, CliError> {
        Ok(Self {
            tested: named.map(|path| Source::Path(path.to_owned())),
            reference: Source::reference()?,
            against_itself: false,
            hosts: hosts.clone(),
            in_process,
            unloadable: None,
            system: System::HERE,
        })
    }

    /// The reference as the library under test, to be judged against the whole reference.
    pub fn against_itself() -> Result<Self, CliError> {
        Ok(Self {
            against_itself: true,
            ..Self::new(None, &HostOptions::default(), false)?
        })
    }

    /// A library that cannot be loaded is told once, and not by each host; one that takes its host
    /// down whenever it is loaded takes every case down, which is its verdict. One that does so now
    /// and then is judged case by case.
    fn try_loading(&mut self) -> Result<(), CliError> {
        if self.in_process {
            if let Some(Source::Path(path)) = &self.tested {
                Library::load(path)?;
            }
            return Ok(());
        }
        Folder::new().map_err(|error| CliError::NoScratch { error })?;
        for _ in 0..LOADINGS {
            match Host::start(self.options(true)?) {
                Ok(host) => {
                    self.system = host.system();
                    self.unloadable = None;
                    return Ok(());
                }
                Err(error @ HostError::DiedLoading { .. }) => {
                    self.unloadable = Some(Arc::new(error));
                }
                // Once is long enough.
                Err(error @ HostError::LoadsForEver { .. }) => {
                    self.unloadable = Some(Arc::new(error));
                    return Ok(());
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
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
        Ok(self.host(true)?.exports()?)
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
        if self.in_process || self.tested.is_none() || self.unloadable.is_some() {
            return Ok(None);
        }
        match self.host(true)?.unload() {
            // What was going on when somebody said stop says nothing.
            Ok(_) if interrupt::asked() => Ok(None),
            Ok(how) => Ok(how),
            // That is the library's own doing: it loaded before.
            Err(HostError::DiedLoading { how, .. }) => {
                Ok(Some(format!("while it loaded it once more: {how}")))
            }
            Err(HostError::LoadsForEver { limit_ms, .. }) => Ok(Some(format!(
                "it did not load once more within {limit_ms} ms"
            ))),
            Err(HostError::Interrupted) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn source(&self, tested: bool) -> &Source {
        let tested = self.tested.as_ref().filter(|_| tested);
        tested.unwrap_or(&self.reference)
    }

    fn bench(&self, tested: bool) -> Result<Box<dyn Bench>, CliError> {
        if self.in_process {
            let bench = LocalBench::new(self.source(tested))?;
            return Ok(Box::new(bench.within(self.limits())));
        }
        Ok(Box::new(match &self.unloadable {
            Some(why) if tested => HostBench::without_hosts(why.clone()),
            _ => HostBench::new(self.options(tested)?).map_err(no_folder)?,
        }))
    }

    fn host(&self, tested: bool) -> Result<Host, CliError> {
        Host::new(self.options(tested)?).map_err(no_folder)
    }

    fn limits(&self) -> Limits {
        let HostLimits {
            step_limit,
            case_limit,
            ..
        } = self.hosts.limits;
        Limits {
            step_ms: step_limit,
            run_ms: case_limit,
        }
    }

    /// How the hosts of the library under test are started, or those of the reference that it is
    /// judged by.
    fn options(&self, tested: bool) -> Result<Options, CliError> {
        let options = Options::new(self.source(tested).clone());
        let options = options.map_err(|error| CliError::Runner(error.to_string()))?;
        let launcher = self.hosts.limits.launcher.clone().filter(|_| tested);
        Ok(Options {
            launcher: launcher.unwrap_or_default(),
            limits: self.limits(),
            memory_mib: self.hosts.limits.memory_limit,
            reuse: !self.hosts.fresh_hosts,
            ..options
        })
    }
}

/// Before any host is started, only its folder can be refused.
fn no_folder(error: HostError) -> CliError {
    match error {
        HostError::Process(error) => CliError::NoScratch { error },
        error => error.into(),
    }
}
