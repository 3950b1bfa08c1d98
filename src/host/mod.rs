//! The child process that runs plans: start, time limit, crash attribution.
