//! Which library is run, when none is named: jetspec's own, beside the executable.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::abi::{Api, Library, LoadError, own_libraries_beside};
use crate::reference::{TABLE, control::STAMP};

use super::control::Control;

/// What a host runs plans against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// A library by its path.
    Path(PathBuf),
    /// The reference engine in the executable.
    Linked,
}

/// A source, loaded.
pub struct Loaded {
    api: Api,
    library: Option<Library>,
    control: Option<Control>,
}

/// Why no library can be run.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// It cannot be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The library beside the executable is of another build.
    #[error(
        "{path}: was built from other sources than this executable (build {theirs}, this is {STAMP})\nbuild both together: cargo build{profile}",
        path = path.display()
    )]
    Stale {
        /// The library.
        path: PathBuf,
        /// Its stamp.
        theirs: String,
        /// The option that selects the executable's own profile.
        profile: &'static str,
    },
}

impl Source {
    /// The reference engine: the library beside the executable, or, where there is none, the copy
    /// in the executable.
    pub fn reference() -> Result<Source, LibraryError> {
        let executable = std::env::current_exe().unwrap_or_default();
        Self::beside(executable.parent().unwrap_or(Path::new(".")))
    }

    /// The reference engine beside an executable in that folder: the first library that is of this
    /// build, for the copy that is not in `deps` can be stale.
    fn beside(folder: &Path) -> Result<Source, LibraryError> {
        let mut stale = None;
        for path in own_libraries_beside(folder) {
            match stamp(&path)? {
                stamp if stamp == STAMP => return Ok(Source::Path(path)),
                theirs => stale = stale.or(Some((path, theirs))),
            }
        }
        match stale {
            None => Ok(Source::Linked),
            Some((path, theirs)) => Err(LibraryError::Stale {
                path,
                theirs,
                profile: if cfg!(debug_assertions) {
                    ""
                } else {
                    " --release"
                },
            }),
        }
    }

    /// Loads it.
    pub fn load(&self) -> Result<Loaded, LibraryError> {
        Ok(match self {
            Source::Linked => Loaded {
                api: TABLE,
                library: None,
                control: Some(Control::linked()),
            },
            Source::Path(path) => {
                let library = Library::load(path)?;
                Loaded {
                    api: *library.api(),
                    control: Control::of(&library),
                    library: Some(library),
                }
            }
        })
    }
}

impl Loaded {
    /// The functions.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// A foreign library that is no file.
    #[cfg(test)]
    pub(super) fn foreign(api: Api) -> Loaded {
        Loaded {
            api,
            library: None,
            control: None,
        }
    }

    /// Unloads it. Nothing of it may be called any more, also by itself.
    pub(super) fn unload(self) {
        if let Some(library) = self.library {
            library.unload();
        }
    }

    /// Control, where the library is our own.
    pub fn control(&self) -> Option<Control> {
        self.control
    }
}

/// The stamp of a library that should be ours.
fn stamp(path: &Path) -> Result<String, LibraryError> {
    let unknown = || "unknown".to_owned();
    let library = match Library::load(path) {
        // A library of our name without our exports is an early build.
        Err(LoadError::ExportsNothing { .. }) => return Ok(unknown()),
        other => other?,
    };
    let stamp = Control::found(&library).and_then(|control| control.stamp().ok());
    Ok(stamp.unwrap_or_else(unknown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_library_the_copy_in_the_executable_is_run() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let source = Source::beside(folder.path());
        assert!(matches!(source, Ok(Source::Linked)));
        Ok(())
    }

    #[test]
    fn what_is_no_library_is_an_error_and_no_reason_to_go_on() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
        let name = format!("{DLL_PREFIX}jetspec{DLL_SUFFIX}");
        std::fs::write(folder.path().join(name), "not a library")?;
        let source = Source::beside(folder.path());
        assert!(matches!(
            source,
            Err(LibraryError::Load(LoadError::Refused { .. }))
        ));
        Ok(())
    }

    #[test]
    fn the_library_that_is_found_is_of_this_build() {
        let source = match Source::reference() {
            // Tests of the library alone leave the shared library as an earlier build made it.
            Err(LibraryError::Stale { theirs, .. }) => return assert_ne!(theirs, STAMP),
            other => other.expect("a library of this build or none"),
        };
        let loaded = source.load().expect("loads");
        let control = loaded.control().expect("our own");
        assert_eq!(control.stamp(), Ok(STAMP.to_owned()));
    }
}
