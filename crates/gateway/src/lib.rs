//! The stateful service: it keeps conversations, events, settings and keys, drives runs, owns the
//! sandbox's socket and the way out of it, and serves the UI.
//!
//! It knows nothing of prompts and never calls a model for a run itself (the engine does, over HTTP); it
//! never touches the workspace except through the tool host, and never talks to Docker.

pub mod api;
pub mod app;
mod approvals;
pub mod auth;
pub mod backup;
pub mod checkpoints;
pub mod cluster;
pub mod config;
pub mod demo;
pub mod desktop;
pub mod diagnostics;
pub mod egress;
pub mod events;
pub mod export;
pub mod full_text;
mod import;
pub mod log;
pub mod metrics;
pub mod openapi;
pub mod preview;
pub mod providers;
pub mod recorded;
pub mod retention;
pub mod runs;
pub mod sandbox;
pub mod secrets;
pub mod store;
pub mod telemetry;
pub mod terminals;
pub mod ui;
pub mod web_search;
pub mod webhooks;
pub mod workspace;
pub mod workspaces;
