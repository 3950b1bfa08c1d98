//! One generator of scenarios, shared by libFuzzer and proptest.
