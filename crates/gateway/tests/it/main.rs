//! Behaviour of the gateway through its public surface: HTTP, sockets, the program itself.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail by panicking, as tests do"
)]

mod backup;
mod checkpoint_scene;
mod checkpoints;
mod cluster;
mod core_approvals;
mod core_branches;
mod core_budgets;
mod core_calls;
mod core_client;
mod core_context;
mod core_deleting;
mod core_desktop;
mod core_drafts;
mod core_engine;
mod core_events;
mod core_export;
mod core_handover;
mod core_host;
mod core_import;
mod core_list;
mod core_pausing;
mod core_plans;
mod core_questions;
mod core_queue;
mod core_replay;
mod core_runs;
mod core_search;
mod core_steer;
mod core_stop;
mod core_stop_call;
mod core_subagents;
mod core_text;
mod core_views;
mod core_webhooks;
mod core_whole;
mod database;
mod edge_abuse;
mod edge_accounts;
mod edge_answers;
mod edge_auth;
mod edge_desktop;
mod edge_egress;
mod edge_etags;
mod edge_fuzz;
mod edge_isolation;
mod edge_limits;
mod edge_models;
mod edge_observability;
mod edge_openapi;
mod edge_own_keys;
mod edge_pages;
mod edge_people_leave;
mod edge_program;
mod edge_providers;
mod edge_retention;
mod edge_sandbox;
mod edge_search;
mod edge_secret_key;
mod edge_setting_list;
mod edge_settings;
mod edge_ssrf;
mod edge_telemetry;
mod environment;
mod git;
mod harness;
mod people;
mod preview;
mod terminals;
mod upgrades;
mod workspace;
mod workspaces;
