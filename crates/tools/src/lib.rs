//! The tools an agent works with, the host that runs them inside the sandbox, and the gateway's client to
//! that host.
//!
//! A tool is one file: an arguments type whose doc comments are the model's text, and a `run` function
//! ([`registry::Tool`]). The host ([`host`]) serves them over HTTP/2 on a connection that it dials itself.
//! Nothing in here knows of models, prompts or transcripts.

pub mod bounds;
pub mod registry;
pub mod workspace;

pub mod checkpoints;
pub mod edit;
pub mod fetch;
pub mod files;
pub mod git;
pub mod search;
pub mod views;
pub mod workspace_files;

pub mod desktop;
pub mod packages;
pub mod ports;
pub mod process;
pub mod shell;
pub mod terminals;

pub mod client;
pub mod heap;
pub mod home;
pub mod host;
pub mod replay;
pub mod resources;
