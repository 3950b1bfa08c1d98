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

/// The first generation that five digits are not used for.
const EIGHT_DIGITS_FROM: u32 = 0x10_0000;

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

    /// A file that holds room in reserve: its name is the same whatever the others end with.
    pub fn reserve(&self, number: u32) -> PathBuf {
        let base_name = &self.base_name;
        self.folder.join(format!("{base_name}RES{number:05X}.jrs"))
    }

    /// The file of a generation that is full: five digits, eight from the 1048576th on.
    pub fn full(&self, generation: u32) -> PathBuf {
        self.folder.join(self.full_name(generation))
    }

    fn full_name(&self, generation: u32) -> String {
        let short = generation < EIGHT_DIGITS_FROM && BASE_NAME.holds();
        let digits = if short { 5 } else { 8 };
        self.name(&format!("{generation:0digits$X}"))
    }

    fn named(&self, rest: &str) -> PathBuf {
        self.folder.join(self.name(rest))
    }

    fn name(&self, rest: &str) -> String {
        let (base_name, ending) = (&self.base_name, self.names.log());
        format!("{base_name}{rest}.{ending}")
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

    /// A name that is spelt otherwise than this engine spells it is none of its files.
    fn generation(&self, name: &str) -> Option<u32> {
        let rest = name.strip_prefix(&self.base_name)?;
        let digits = rest.strip_suffix(self.names.log())?.strip_suffix('.')?;
        let generation = u32::from_str_radix(digits, 16).ok()?;
        // After the last generation there is no next one.
        let real = generation < u32::MAX && self.full_name(generation) == name;
        real.then_some(generation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(folder: &Path) -> LogPlace {
        LogPlace {
            folder: folder.to_owned(),
            base_name: "edb".to_owned(),
            names: FileNames::Legacy,
        }
    }

    #[test]
    fn the_name_grows_with_the_1048576th_file() {
        let place = place(Path::new(""));
        for (generation, name) in [
            (1, "edb00001.log"),
            (0xF_FFFF, "edbFFFFF.log"),
            (0x10_0000, "edb00100000.log"),
            (u32::MAX - 1, "edbFFFFFFFE.log"),
        ] {
            assert_eq!(place.full(generation), Path::new(name));
            assert_eq!(place.generation_of(Path::new(name)), Some(generation));
        }
    }

    #[test]
    fn other_files_are_none_of_the_log() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in [
            "edb0000a.log",
            "edb0000000A.log",
            "edb100000.log",
            "edbFFFFFFFF.log",
            "edb+0001.log",
            "edb00002.jtx",
        ] {
            fs::write(folder.path().join(name), "no log").expect("a file");
        }
        fs::write(folder.path().join("edb0000A.log"), "a log").expect("a file");
        let found = place(folder.path()).generations().expect("a list");
        assert_eq!(found, [10]);
    }
}
