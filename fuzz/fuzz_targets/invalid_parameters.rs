//! One bad argument: the call answers a listed code and changes nothing.
//! The input is a program.

#![no_main]

jetspec_fuzz::programs!(jetspec::fuzz::Target::InvalidParameters);
