//! Reports that are files: which kind goes where, written so that a reader never finds half of one.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::document::write_json;
use super::event::{Event, Reporter};
use super::github::write_github;
use super::html::write_html;
use super::junit::write_junit;
use super::markdown::write_markdown;
use super::summary::RunReport;
use crate::spec::Register;

/// The kinds of reports that are files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// For programs, with a reader in this crate.
    Json,
    /// JUnit's XML, for CI systems.
    Junit,
    /// Annotations for GitHub Actions.
    Github,
    /// A summary for a CI job.
    Markdown,
    /// A page for a browser.
    Html,
}

impl Kind {
    /// All of them, with the words that name them.
    pub const ALL: [(Kind, &'static str); 5] = [
        (Kind::Json, "json"),
        (Kind::Junit, "junit"),
        (Kind::Github, "github"),
        (Kind::Markdown, "markdown"),
        (Kind::Html, "html"),
    ];

    /// The word that names it.
    pub fn name(self) -> &'static str {
        let own = Self::ALL.iter().find(|(kind, _)| *kind == self);
        own.map_or("", |(_, name)| name)
    }

    /// Writes several runs beside each other, which only a page can.
    fn write(self, out: &mut dyn Write, register: &Register, runs: &[RunReport]) -> io::Result<()> {
        let report = match (self, runs) {
            (Kind::Html, _) => return write_html(out, register, runs),
            (_, [report]) => report,
            _ => return Err(io::Error::from(io::ErrorKind::InvalidInput)),
        };
        match self {
            Kind::Html => Ok(()),
            Kind::Json => write_json(out, report),
            Kind::Junit => write_junit(out, report),
            Kind::Github => write_github(out, report),
            Kind::Markdown => write_markdown(out, report),
        }
    }
}

/// Where a report goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Standard output, which it has for itself (but for `github`, whose lines stand out).
    Stdout,
    /// A file.
    File(PathBuf),
}

/// A report that was asked for: `json=report.json`, `github`, `markdown=-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// What.
    pub kind: Kind,
    /// Where.
    pub to: Destination,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, path) = match text.split_once('=') {
            Some((name, path)) => (name, Some(path)),
            None => (text, None),
        };
        let Some((kind, _)) = Kind::ALL.into_iter().find(|(_, own)| *own == name) else {
            let names: Vec<_> = Kind::ALL.iter().map(|(_, name)| *name).collect();
            return Err(format!("the kinds of reports are {}", names.join(", ")));
        };
        let to = match path {
            Some("-") => Destination::Stdout,
            None if kind == Kind::Github => Destination::Stdout,
            Some("") | None => return Err(format!("say where: {name}=FILE, or {name}=-")),
            Some(path) => Destination::File(path.into()),
        };
        Ok(Output { kind, to })
    }
}

impl Output {
    /// The file that it goes to.
    pub fn path(&self) -> Option<&Path> {
        match &self.to {
            Destination::Stdout => None,
            Destination::File(path) => Some(path),
        }
    }

    /// Whether it needs standard output for itself.
    pub fn owns_stdout(&self) -> bool {
        self.to == Destination::Stdout && self.kind != Kind::Github
    }

    /// Writes the report of one run, or of several where it is a page; `stdout` is where standard
    /// output goes.
    pub fn write(
        &self,
        register: &Register,
        runs: &[RunReport],
        stdout: &mut dyn Write,
    ) -> io::Result<()> {
        match &self.to {
            Destination::Stdout => {
                self.kind.write(stdout, register, runs)?;
                stdout.flush()
            }
            Destination::File(path) => replace(path, |out| self.kind.write(out, register, runs)),
        }
    }

    /// Whether the report's file could be written, tried before a long run and not after it.
    pub fn try_out(&self) -> io::Result<()> {
        let Destination::File(path) = &self.to else {
            return Ok(());
        };
        if is_special(path) {
            return File::options().write(true).open(path).map(drop);
        }
        let part = part(path)?;
        File::create(&part)?;
        fs::remove_file(&part)
    }
}

/// An output as a reporter: it waits for the end.
pub struct FileReporter<'r, W> {
    output: Output,
    register: &'r Register,
    stdout: W,
}

impl<'r, W: Write> FileReporter<'r, W> {
    /// A reporter for the output.
    pub fn new(output: Output, register: &'r Register, stdout: W) -> Self {
        Self {
            output,
            register,
            stdout,
        }
    }
}

impl<W: Write> Reporter for FileReporter<'_, W> {
    fn name(&self) -> String {
        match &self.output.to {
            Destination::Stdout => "standard output".to_owned(),
            Destination::File(path) => path.display().to_string(),
        }
    }

    fn event(&mut self, event: Event) -> io::Result<()> {
        match event {
            Event::Ended(report) => {
                let runs = std::slice::from_ref(report);
                self.output.write(self.register, runs, &mut self.stdout)
            }
            Event::Began { .. } | Event::Case(_) | Event::Amended(_) => Ok(()),
        }
    }
}

/// Writes a file as a whole: beside it first, then renamed over it, so that a full disk leaves what
/// was there before, and nobody reads half of it. What is no plain file, such as a pipe, is written
/// to directly.
pub fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    if is_special(path) {
        let mut out = BufWriter::new(File::options().write(true).open(path)?);
        write(&mut out)?;
        return out.flush();
    }
    let part = part(path)?;
    let written = (|| {
        let mut out = BufWriter::new(File::create(&part)?);
        write(&mut out)?;
        out.flush()?;
        drop(out);
        fs::rename(&part, path)
    })();
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&part);
    }
    written
}

fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|data| !data.is_file() && !data.is_dir())
}

/// The name under which a file is written at first.
fn part(path: &Path) -> io::Result<PathBuf> {
    let is_folder = fs::metadata(path).is_ok_and(|data| data.is_dir());
    let name = path.file_name().filter(|_| !is_folder);
    let Some(name) = name else {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    };
    let mut part = name.to_owned();
    part.push(format!(".{}.part", std::process::id()));
    Ok(path.with_file_name(part))
}

#[cfg(test)]
mod tests {
    use super::super::example::{failed, report};
    use super::*;

    #[test]
    fn outputs_are_read_as_they_are_typed() {
        let parsed = |text: &str| text.parse::<Output>();
        let json = Output {
            kind: Kind::Json,
            to: Destination::File("a=b.json".into()),
        };
        assert_eq!(parsed("json=a=b.json"), Ok(json));
        let github = parsed("github").expect("github");
        assert_eq!(github.to, Destination::Stdout);
        assert!(!github.owns_stdout());
        assert!(parsed("json=-").expect("json").owns_stdout());
        for bad in ["", "json", "json=", "pdf=x"] {
            assert!(parsed(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_failed_write_leaves_what_was_there() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("report.json");
        fs::write(&path, "before")?;
        let result = replace(&path, |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("full"))
        });
        assert!(result.is_err());
        assert_eq!(fs::read_to_string(&path)?, "before");
        assert_eq!(fs::read_dir(folder.path())?.count(), 1);
        replace(&path, |out| out.write_all(b"after"))?;
        assert_eq!(fs::read_to_string(&path)?, "after");
        Ok(())
    }

    #[test]
    fn what_cannot_be_written_is_known_before_the_run() {
        let output = |path: &str| Output {
            kind: Kind::Json,
            to: Destination::File(path.into()),
        };
        assert!(output("/dev/null/at/all.json").try_out().is_err());
        assert!(output("/").try_out().is_err());
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().to_string_lossy().into_owned();
        assert!(output(&path).try_out().is_err());
        let inside = output(&format!("{path}/x.json"));
        assert!(inside.try_out().is_ok());
        let whole = report(vec![failed("a/b.yaml")]);
        let (register, runs) = (Register::default(), std::slice::from_ref(&whole));
        assert!(inside.write(&register, runs, &mut Vec::new()).is_ok());
        assert!(fs::metadata(folder.path().join("x.json")).is_ok());
    }
}
