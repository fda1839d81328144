//! The HTTP API under `/api/v1`. Each module holds one resource's handlers and a `routes()` that
//! registers them with their OpenAPI descriptions.

use utoipa_axum::router::OpenApiRouter;

use crate::app::AppState;

pub mod accounts;
pub mod answers;
pub mod approvals;
pub mod backup;
pub mod branches;
pub mod budget;
pub mod calls;
pub mod checkpoints;
pub mod context;
pub mod conversations;
pub mod deletions;
pub mod diagnostics;
pub mod drafts;
pub mod environment;
pub mod etags;
pub mod events;
pub mod export;
pub mod extract;
pub mod full_text;
pub mod import;
pub mod instance;
pub mod messages;
pub mod own_keys;
pub mod pages;
pub mod people;
pub mod permission_settings;
pub mod ports;
pub mod problem;
pub mod providers;
pub mod questions;
pub mod retention_settings;
pub mod sandbox;
pub mod search;
pub mod secret_key;
pub mod session;
pub mod setting_list;
pub mod settings;
pub mod subagent_settings;
pub mod webhooks;

pub use problem::{ApiError, ApiResult};

/// All routes, without the prefix `/api/v1`.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(session::routes())
        .merge(accounts::routes())
        .merge(own_keys::routes())
        .merge(people::routes())
        .merge(instance::routes())
        .merge(environment::routes())
        .merge(backup::routes())
        .merge(diagnostics::routes())
        .merge(ports::routes())
        .merge(settings::routes())
        .merge(search::routes())
        .merge(subagent_settings::routes())
        .merge(permission_settings::routes())
        .merge(retention_settings::routes())
        .merge(secret_key::routes())
        .merge(setting_list::routes())
        .merge(sandbox::routes())
        .merge(providers::routes())
        .merge(conversations::routes())
        .merge(context::routes())
        .merge(drafts::routes())
        .merge(deletions::routes())
        .merge(full_text::routes())
        .merge(budget::routes())
        .merge(checkpoints::routes())
        .merge(export::routes())
        .merge(import::routes())
        .merge(messages::routes())
        .merge(branches::routes())
        .merge(questions::routes())
        .merge(approvals::routes())
        .merge(calls::routes())
        .merge(events::routes())
        .merge(webhooks::routes())
        .merge(crate::desktop::drive::routes())
        .merge(crate::terminals::routes())
        .merge(crate::workspace::routes())
        .merge(crate::workspaces::routes())
}
