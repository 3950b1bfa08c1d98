//! The texts that were read, and places in them.

use std::sync::Arc;

use super::plan::Place;

/// A text that was read, by position in [`Sources`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u32);

/// Where a node stands: file, line and column (both from one), and its width in characters on that
/// line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Spot {
    /// The file.
    pub file: FileId,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Characters from there to the node's end, at most to the end of the line.
    pub width: u32,
}

/// One text that was read.
#[derive(Debug, Clone)]
pub struct Source {
    /// The file, as the user named it or relative to the scenario folder.
    pub name: Arc<str>,
    /// What it holds.
    pub text: Arc<str>,
    /// Where each line begins.
    starts: Vec<usize>,
}

/// Every text that was read so far. Faults are shown with their line.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Takes a text in.
    pub fn add(&mut self, name: &str, text: &str) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source {
            name: name.into(),
            text: text.into(),
            starts: std::iter::once(0)
                .chain(text.match_indices('\n').map(|(offset, _)| offset + 1))
                .collect(),
        });
        id
    }

    /// A text that was taken in.
    pub fn get(&self, file: FileId) -> Option<&Source> {
        self.files.get(file.0 as usize)
    }

    /// The place of a spot, with the file by name.
    pub fn place(&self, spot: Spot) -> Place {
        let file = self
            .get(spot.file)
            .map_or_else(|| Arc::from(""), |source| source.name.clone());
        Place {
            file,
            line: spot.line,
            column: spot.column,
        }
    }

    /// The line on which a spot stands, without its line break.
    pub fn line(&self, spot: Spot) -> &str {
        let index = (spot.line as usize).saturating_sub(1);
        let source = self.get(spot.file);
        let line = source.and_then(|source| {
            let start = *source.starts.get(index)?;
            source.text[start..].lines().next()
        });
        line.unwrap_or_default()
    }
}
