//! The persistent shell: everything that once confused a shell tool.

mod commands;
mod harness;
mod other_user;
mod running;
mod speed;
