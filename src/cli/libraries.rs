//! The library under test and the reference, and the benches that run plans against them.

use std::path::Path;

use jetspec::abi::Library;
use jetspec::host::{Options, Source};
use jetspec::suite::{Bench, Desk, HostBench, LocalBench};

use super::error::CliError;

/// The libraries of a command.
pub struct Libraries {
    /// The library under test; none where it is the reference.
    tested: Option<Source>,
    reference: Source,
    /// Whether the reference is judged against the reference.
    against_itself: bool,
    in_process: bool,
}

impl Libraries {
    /// The library that was named, against the reference; else the reference alone.
    pub fn new(named: Option<&Path>, in_process: bool) -> Result<Self, CliError> {
        if let Some(path) = named {
            // A library that cannot be loaded is told once, and not by each host.
            Library::load(path)?;
        }
        Ok(Self {
            tested: named.map(|path| Source::Path(path.to_owned())),
            reference: Source::reference()?,
            against_itself: false,
            in_process,
        })
    }

    /// The reference as the library under test, to be judged against the whole reference.
    pub fn against_itself() -> Result<Self, CliError> {
        Ok(Self {
            against_itself: true,
            ..Self::new(None, false)?
        })
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
        let tested = self.tested.as_ref().unwrap_or(&self.reference);
        let reference = judged_by_another.then(|| self.bench(&self.reference));
        Ok(Desk {
            library: self.bench(tested)?,
            reference: reference.transpose()?,
        })
    }

    fn bench(&self, source: &Source) -> Result<Box<dyn Bench>, CliError> {
        if self.in_process {
            return Ok(Box::new(LocalBench::new(source)?));
        }
        let options =
            Options::new(source.clone()).map_err(|error| CliError::Runner(error.to_string()))?;
        Ok(Box::new(HostBench::new(options)?))
    }
}
