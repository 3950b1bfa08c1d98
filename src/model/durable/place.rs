//! Where the files of a log are, and what they are called.
//!
//! (extensible-storage-engine-files.md, transaction-log-parameters.md)

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::log::{LogError, io_error};
use crate::model::rules::rules;

rules! {
    /// A full file is named after its generation. (transaction-log-parameters.md)
    BASE_NAME = "log/base-name";
}

/// Where a log is, and what its files are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPlace {
    /// Its folder (`JET_paramLogFilePath`).
    pub folder: PathBuf,
    /// The first three letters of its files (`JET_paramBaseName`).
    pub base_name: String,
    /// What the names of its files end with (`JET_paramLegacyFileNames`).
    pub names: FileNames,
}

/// What the names of files end with. (extensible-storage-engine-files.md)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FileNames {
    /// `.log` and `.chk`, with `JET_bitESE98FileNames`.
    #[default]
    Legacy,
    /// `.jtx` and `.jcp`.
    New,
}

impl FileNames {
    /// The ending of a log file.
    pub fn log(self) -> &'static str {
        match self {
            Self::Legacy => "log",
            Self::New => "jtx",
        }
    }

    /// The ending of the checkpoint file.
    pub fn checkpoint(self) -> &'static str {
        match self {
            Self::Legacy => "chk",
            Self::New => "jcp",
        }
    }
}

impl LogPlace {
    /// The file that is written to.
    pub fn current(&self) -> PathBuf {
        self.named("")
    }

    /// The file that is made ready to be the next one.
    pub fn next(&self) -> PathBuf {
        self.named("tmp")
    }

    /// The file of a generation that is full.
    pub fn full(&self, generation: u32) -> PathBuf {
        let digits = if BASE_NAME.holds() { 5 } else { 8 };
        self.named(&format!("{generation:0digits$X}"))
    }

    fn named(&self, rest: &str) -> PathBuf {
        let (base_name, ending) = (&self.base_name, self.names.log());
        self.folder.join(format!("{base_name}{rest}.{ending}"))
    }

    /// The generations that are full, in their order.
    ///
    /// # Errors
    /// [`LogError::Io`]
    pub fn generations(&self) -> Result<Vec<u32>, LogError> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(io_error(&self.folder)(source)),
        };
        let mut generations: Vec<u32> = entries
            .flatten()
            .filter_map(|entry| self.generation(entry.file_name().to_str()?))
            .collect();
        generations.sort_unstable();
        Ok(generations)
    }

    /// The generation in the name of a full file.
    pub fn generation_of(&self, path: &Path) -> Option<u32> {
        self.generation(path.file_name()?.to_str()?)
    }

    fn generation(&self, name: &str) -> Option<u32> {
        let rest = name.strip_prefix(&self.base_name)?;
        let digits = rest.strip_suffix(self.names.log())?.strip_suffix('.')?;
        let right = matches!(digits.len(), 5 | 8) && digits.bytes().all(|b| b.is_ascii_hexdigit());
        right.then(|| u32::from_str_radix(digits, 16).ok())?
    }
}
