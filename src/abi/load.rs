//! Loading a library.

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::ptr::NonNull;

use super::Api;
use super::machine;

/// A loaded library. It stays loaded, for a callback that comes late must find its code, unless
/// [`Library::unload`] says otherwise.
pub struct Library {
    path: PathBuf,
    library: ManuallyDrop<libloading::Library>,
    api: Api,
}

/// Why a library cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The path names nothing.
    #[error("{path}: no such file; name the library under test with --lib PATH")]
    Missing {
        /// The path as given.
        path: PathBuf,
    },
    /// The path names something else than a file.
    #[error("{path}: is {what}, and no library; name the library under test with --lib PATH")]
    NoFile {
        /// The path as given.
        path: PathBuf,
        /// What it names.
        what: &'static str,
    },
    /// The library is for other machines than this one.
    #[error("{path}: is built for {theirs}, jetspec for {ours}")]
    OtherMachine {
        /// The path as given.
        path: PathBuf,
        /// What it is built for.
        theirs: String,
        /// What this program is built for.
        ours: String,
    },
    /// The system's loader refused the file: not a library, or a missing neighbour.
    #[error("{path}: cannot be loaded as a library: {reason}")]
    Refused {
        /// The path as given.
        path: PathBuf,
        /// The loader's own words.
        reason: String,
    },
    /// The library exports none of the functions.
    #[error(
        "{path}: is a library, but exports none of the {} Jet* names; is it the ESENT library?",
        super::EXPORTS
    )]
    ExportsNothing {
        /// The path as given.
        path: PathBuf,
    },
}

impl Library {
    /// Loads the library at `path` and looks up every function of the list.
    pub fn load(path: &Path) -> Result<Library, LoadError> {
        look(path)?;
        // A bare file name would be searched for in the system's folders.
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let library = open(&absolute).map_err(|error| refused(path, &error))?;
        let library = ManuallyDrop::new(library);
        // SAFETY: the exported Jet* names have the documented signatures, which is what the user
        // asserts by pointing jetspec at the library; it is never unloaded.
        let api = unsafe {
            Api::from_symbols(|names| names.iter().find_map(|name| symbol(&library, name)))
        };
        if api.exports().iter().all(|(_, present)| !present) {
            return Err(LoadError::ExportsNothing {
                path: path.to_owned(),
            });
        }
        Ok(Library {
            path: path.to_owned(),
            library,
            api,
        })
    }

    /// Its table of functions.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// The path that it was loaded from, as given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Unloads it, and runs what it does at its end.
    pub fn unload(self) {
        drop(ManuallyDrop::into_inner(self.library));
    }

    /// The address of an export that is not of the list.
    pub fn symbol(&self, name: &str) -> Option<NonNull<()>> {
        symbol(&self.library, name)
    }
}

/// Refuses a path that no library can be loaded from.
fn look(path: &Path) -> Result<(), LoadError> {
    let what = match path.metadata() {
        Ok(found) if found.is_file() => return Ok(()),
        Ok(found) if found.is_dir() => "a folder",
        Ok(_) => "no regular file",
        Err(_) => {
            return Err(LoadError::Missing {
                path: path.to_owned(),
            });
        }
    };
    Err(LoadError::NoFile {
        path: path.to_owned(),
        what,
    })
}

/// Why the system's loader refused a file. What it says of a library for another machine is of no
/// help: glibc says that there is no such file.
fn refused(path: &Path, error: &libloading::Error) -> LoadError {
    match machine::of_file(path) {
        Some(theirs) if theirs != machine::here() => LoadError::OtherMachine {
            path: path.to_owned(),
            theirs: theirs.to_string(),
            ours: machine::here().to_string(),
        },
        _ => LoadError::Refused {
            path: path.to_owned(),
            reason: chain(error),
        },
    }
}

/// Where jetspec's own shared library may be, best first: `deps` beside the executable, which the
/// build tool refreshes every time, then beside the executable. Only files that exist.
pub fn own_libraries() -> Vec<PathBuf> {
    let executable = std::env::current_exe().unwrap_or_default();
    own_libraries_beside(executable.parent().unwrap_or(Path::new(".")))
}

/// As [`own_libraries`], for an executable in that folder.
pub fn own_libraries_beside(folder: &Path) -> Vec<PathBuf> {
    use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
    let name = format!("{DLL_PREFIX}jetspec{DLL_SUFFIX}");
    let candidates = [folder.join("deps").join(&name), folder.join(&name)];
    candidates
        .into_iter()
        .filter(|path| path.is_file())
        .collect()
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}

fn symbol(library: &libloading::Library, name: &str) -> Option<NonNull<()>> {
    // SAFETY: the symbol is only read as an address here.
    let symbol = unsafe { library.get::<*mut ()>(name.as_bytes()) }.ok()?;
    NonNull::new(*symbol)
}

#[cfg(not(windows))]
fn open(path: &Path) -> Result<libloading::Library, libloading::Error> {
    // SAFETY: loading runs the library's initializers; running the library is what the user asks for.
    unsafe { libloading::Library::new(path) }
}

#[cfg(windows)]
fn open(path: &Path) -> Result<libloading::Library, libloading::Error> {
    use libloading::os::windows::{LOAD_WITH_ALTERED_SEARCH_PATH, Library};
    // The altered search path finds the neighbours of the library in its own folder.
    // SAFETY: as on other systems.
    unsafe { Library::load_with_flags(path, LOAD_WITH_ALTERED_SEARCH_PATH) }.map(Into::into)
}
