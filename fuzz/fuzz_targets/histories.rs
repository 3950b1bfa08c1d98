//! What is committed outlives a killed process, and nothing else does; rollback restores.
//! The input is a program.

#![no_main]

jetspec_fuzz::programs!(jetspec::fuzz::Target::Histories);
