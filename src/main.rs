//! `jetspec`: judges ESENT-compatible libraries. See `jetspec --help`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
