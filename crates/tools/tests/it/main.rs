//! Behaviour of the tools and their host through their public surface.
#![expect(clippy::expect_used, reason = "a test whose scene cannot be set up fails")]

mod abuse_files;
mod attach;
mod calls;
mod checkpoints;
mod client;
mod computer;
mod credentials;
mod desktop;
mod desktop_stream;
mod edit;
mod fetch;
mod file_tools;
mod hostile_documents;
mod hostile_system;
mod owner;
mod packages;
mod person_processes;
mod ports;
mod program;
mod replay;
mod resources;
mod scene;
mod search_rules;
mod search_tools;
mod shell;
mod shell_torture;
mod terminals;
mod views;
mod workspace_files;
mod workspaces;
