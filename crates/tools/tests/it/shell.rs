//! The persistent shell: everything that once confused a shell tool, as a table of commands.

mod commands;
mod harness;
