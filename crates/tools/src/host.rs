//! Placeholder: not there yet.
