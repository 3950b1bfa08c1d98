//! The requirement register in `spec/`: what the documents say, as data.
