//! Verdicts: a pure function over expectations and traces.
