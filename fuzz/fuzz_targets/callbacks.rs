//! Callbacks that are registered, called, nested and removed: each change is announced once to each, none after its end.
//! The input is a program.

#![no_main]

jetspec_fuzz::programs!(jetspec::fuzz::Target::Callbacks);
