//! Hosts that the tests share: a test takes one, and puts it back.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use jetspec::host::{Options, Source};
use jetspec::suite::HostBench;
use libtest_mimic::Failed;

/// Which copy of the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copy {
    /// The freshly built shared library.
    Library,
    /// The one in the host's executable.
    Linked,
}

/// Hosts that nobody uses at the moment.
#[derive(Default)]
pub struct Benches {
    library: Mutex<Vec<HostBench>>,
    linked: Mutex<Vec<HostBench>>,
}

impl Benches {
    /// Does something with a host.
    pub fn with<R>(&self, copy: Copy, what: impl FnOnce(&mut HostBench) -> R) -> Result<R, Failed> {
        let pool = match copy {
            Copy::Library => &self.library,
            Copy::Linked => &self.linked,
        };
        let idle = pool.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut bench = match idle {
            Some(bench) => bench,
            None => start(copy)?,
        };
        let result = what(&mut bench);
        pool.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(bench);
        Ok(result)
    }
}

fn start(copy: Copy) -> Result<HostBench, Failed> {
    let source = match copy {
        Copy::Linked => Source::Linked,
        Copy::Library => match Source::reference()? {
            Source::Linked => return Err("the shared library was not built".into()),
            library => library,
        },
    };
    let mut options = Options::new(source)?;
    options.program = vec![
        PathBuf::from(env!("CARGO_BIN_EXE_jetspec")).into(),
        "host".into(),
    ];
    Ok(HostBench::new(options)?)
}
