//! The UI, embedded at build time with the feature `ui`.
