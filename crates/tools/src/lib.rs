//! The tools an agent works with, and the host that runs them in the sandbox.

pub mod edit;
