//! Behaviour of the tools through their public surface.

mod shell;
