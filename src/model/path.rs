//! Paths as callers write them, and the files that they mean.

use std::path::{Component, Path, PathBuf};

/// The absolute path that a caller's path means, without `.` and `..`, wherever links lead.
///
/// A backslash separates folders as well, as it does where the documents are at home.
pub fn complete(text: &str) -> PathBuf {
    let plain = text.replace('\\', std::path::MAIN_SEPARATOR_STR);
    let absolute = std::path::absolute(Path::new(if plain.is_empty() { "." } else { &plain }))
        .unwrap_or_else(|_| PathBuf::from(&plain));
    let mut path = PathBuf::new();
    for part in absolute.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                path.pop();
            }
            other => path.push(other),
        }
    }
    path
}

/// The folder that a caller's path names, with its separator at the end.
pub fn folder(text: &str) -> String {
    let mut folder = complete(text).to_string_lossy().into_owned();
    if !folder.ends_with(std::path::MAIN_SEPARATOR) {
        folder.push(std::path::MAIN_SEPARATOR);
    }
    folder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_the_same_however_it_is_written() {
        assert_eq!(complete("a/./b/../c.db"), complete("a\\c.db"));
        assert_ne!(complete("a.db"), complete("b.db"));
    }
}
