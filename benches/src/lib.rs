//! What benchmarks and measuring programs share.

pub mod host;
