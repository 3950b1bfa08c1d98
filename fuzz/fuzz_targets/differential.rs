//! The reference does the same with a program twice; a library (`JETSPEC_LIB`) does what the reference does.
//! The input is a program.

#![no_main]

jetspec_fuzz::programs!(jetspec::fuzz::Target::Differential);
