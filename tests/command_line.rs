//! The command line on bad input: one clear message and the documented exit code, never a panic.

#[path = "command_line/support.rs"]
mod support;

#[path = "command_line/faults.rs"]
mod faults;
#[path = "command_line/selection.rs"]
mod selection;
#[path = "command_line/usage.rs"]
mod usage;
