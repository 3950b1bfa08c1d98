//! Reading the files: of a sensible size, and in UTF-8.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use super::fault::{Fault, FaultKind};

/// The largest file that is read: 1 MiB. The longest sensible scenario has some 30 KiB.
pub const LARGEST_FILE: u64 = 1 << 20;

/// Reads a text file of a sensible size.
///
/// # Errors
/// One fault of the file, named by its path: nothing can be read there, it is no regular file (a pipe
/// or a device may have no end), it is too large, or it is not UTF-8.
pub fn read(path: &Path) -> Result<String, Box<Fault>> {
    let fault = |kind| Box::new(Fault::of_file(&path.display().to_string(), kind));
    let bytes = bytes(path).map_err(fault)?;
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let kind = FaultKind::NotUtf8 { offset };
        Box::new(fault(kind).at_byte(error.as_bytes(), offset))
    })
}

fn bytes(path: &Path) -> Result<Vec<u8>, FaultKind> {
    let unreadable = |error: std::io::Error| FaultKind::Unreadable(error.to_string());
    // Before it is opened: to open a pipe is to wait for somebody who writes.
    let known = fs::metadata(path).map_err(unreadable)?;
    if !known.is_file() {
        return Err(FaultKind::NoRegularFile);
    }
    let limit = LARGEST_FILE;
    if known.len() > limit {
        return Err(FaultKind::TooLarge { limit });
    }
    let mut bytes = Vec::new();
    let mut file = File::open(path).map_err(unreadable)?.take(limit + 1);
    file.read_to_end(&mut bytes).map_err(unreadable)?;
    // The system's own files have no size before they are read, and a log grows meanwhile.
    match bytes.len() as u64 > limit {
        true => Err(FaultKind::TooLarge { limit }),
        false => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(content: &[u8]) -> std::io::Result<Box<Fault>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("a.yaml");
        fs::write(&path, content)?;
        let other = || std::io::Error::other("no fault");
        read(&path).err().ok_or_else(other)
    }

    #[test]
    fn a_byte_that_begins_no_character_has_its_place() -> std::io::Result<()> {
        let fault = refused(b"title: caf\xc3\xa9\r\nsteps: \xc3\xa9\xff [] \r\n")?;
        assert_eq!(fault.kind, FaultKind::NotUtf8 { offset: 23 });
        assert_eq!((fault.place.line, fault.place.column), (2, 9));
        assert_eq!(fault.line, "steps: \u{e9}\u{fffd} [] ");
        let fault = refused(b"\xff")?;
        assert_eq!((fault.place.line, fault.place.column), (1, 1));
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn what_may_have_no_end_is_not_read() {
        let kind = read(Path::new("/dev/zero")).map_err(|fault| fault.kind);
        assert_eq!(kind, Err(FaultKind::NoRegularFile));
    }
}
