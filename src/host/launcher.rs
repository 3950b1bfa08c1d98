//! Programs that start hosts: `env`, `wine`, `ssh machine`. Parent and host then have nothing in common
//! but the host's standard streams.

use std::ffi::{OsStr, OsString};

/// Words before and around the command of a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Launcher(Vec<String>);

/// Why a launcher cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LauncherError {
    /// There is nothing in it.
    #[error("is empty; say which program starts the host, such as 'env {{host}}'")]
    Empty,
    /// A quotation is not closed.
    #[error("has a quotation mark without its partner")]
    Quotes,
}

/// Stands for the whole command of the host, word by word.
const HOST: &str = "{host}";
/// Stands for the words after the program, for launchers that name a program of their own.
const ARGUMENTS: &str = "{arguments}";

impl Launcher {
    /// Reads a launcher as a shell would split it. `{host}` stands for the host's command,
    /// `{arguments}` for that command without its program; inside a longer word they are quoted for a
    /// shell. Without either, the command comes at the end.
    pub fn parse(text: &str) -> Result<Launcher, LauncherError> {
        let words = shlex::split(text).ok_or(LauncherError::Quotes)?;
        if words.is_empty() {
            return Err(LauncherError::Empty);
        }
        Ok(Launcher(words))
    }

    /// Whether hosts are started directly.
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// The words that start a host whose command is this.
    pub(super) fn command(&self, host: &[OsString]) -> Vec<OsString> {
        let arguments = host.get(1..).unwrap_or(&[]);
        let mut words: Vec<OsString> = Vec::new();
        let mut said = false;
        for word in &self.0 {
            match word.as_str() {
                HOST => words.extend(host.iter().cloned()),
                ARGUMENTS => words.extend(arguments.iter().cloned()),
                _ => {
                    let inside = word.replace(HOST, &quoted(host));
                    words.push(inside.replace(ARGUMENTS, &quoted(arguments)).into());
                }
            }
            said |= word.contains(HOST) || word.contains(ARGUMENTS);
        }
        if !said {
            words.extend(host.iter().cloned());
        }
        words
    }
}

impl std::fmt::Display for Launcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// Words as a shell reads them back.
fn quoted(words: &[OsString]) -> String {
    let quote = |word: &OsString| {
        let word = word.to_string_lossy().into_owned();
        // Only a zero byte cannot be quoted, and no argument holds one.
        shlex::try_quote(&word).map_or(word.clone(), std::borrow::Cow::into_owned)
    };
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}

/// The name of a command's program, for messages.
pub(super) fn program(words: &[OsString]) -> String {
    words
        .first()
        .map_or(OsStr::new("nothing"), OsString::as_os_str)
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(launcher: &str) -> Vec<String> {
        let host: Vec<OsString> = ["jetspec", "host", "--lib", "a b.so"]
            .map(Into::into)
            .to_vec();
        let launcher = Launcher::parse(launcher).expect("a launcher");
        let words = launcher.command(&host).into_iter();
        words
            .map(|word| word.to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn the_command_stands_where_it_is_named() {
        assert_eq!(
            words("env A=1 {host} --verbose"),
            [
                "env",
                "A=1",
                "jetspec",
                "host",
                "--lib",
                "a b.so",
                "--verbose"
            ]
        );
        assert_eq!(
            words("wine 'my jetspec.exe' {arguments}"),
            ["wine", "my jetspec.exe", "host", "--lib", "a b.so"]
        );
        assert_eq!(words("env"), ["env", "jetspec", "host", "--lib", "a b.so"]);
    }

    #[test]
    fn inside_a_word_it_is_quoted() {
        assert_eq!(
            words("sh -c 'echo hello; exec {host}'"),
            ["sh", "-c", "echo hello; exec jetspec host --lib 'a b.so'"]
        );
    }

    #[test]
    fn nonsense_is_refused() {
        assert_eq!(Launcher::parse("  "), Err(LauncherError::Empty));
        assert_eq!(Launcher::parse("sh 'x"), Err(LauncherError::Quotes));
    }
}
