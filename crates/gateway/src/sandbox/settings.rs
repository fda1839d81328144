//! What the sandbox may use and do: what is saved in the instance, over what the environment says.

use std::sync::Arc;

use slipway_protocol::api::{SandboxChoices, SandboxSettings, SandboxSettingsReport};

use crate::api::{ApiError, ApiResult};
use crate::app::AppState;
use crate::config::Config;
use crate::egress::{Policy, SystemResolver};
use crate::store::{Store, StoreError};

/// Fields that hold at once, or from the next run on; the launcher applies the others when it makes the sandbox. (Of
/// `egress` the mode `direct` is the exception: it is another network.)
const AT_ONCE: [&str; 3] = ["egress", "egress_hosts", "page_chars"];

/// The egress proxy's rules by the settings in force.
///
/// # Errors
/// When the database fails.
pub async fn egress_policy(config: &Config, store: &Store) -> Result<Policy, StoreError> {
    Ok(policy(config, in_force(config, store.sandbox_choices().await?)))
}

/// The settings in force.
///
/// # Errors
/// When the database fails.
pub async fn present(app: &AppState) -> Result<SandboxSettings, StoreError> {
    Ok(in_force(&app.config, app.store.sandbox_choices().await?))
}

/// The settings in force and where they come from.
///
/// # Errors
/// When the database fails.
pub async fn report(app: &AppState) -> ApiResult<SandboxSettingsReport> {
    let saved = app.store.sandbox_choices().await?;
    let sources = SandboxChoices::sources(&saved, &app.config.sandbox, &app.config.set_in_file);
    let settings = in_force(&app.config, saved.clone());
    let at_next_start = sources.keys().filter(|name| !AT_ONCE.contains(&name.as_str())).cloned().collect();
    Ok(SandboxSettingsReport {
        settings,
        saved,
        sources,
        at_next_start,
        can_reset: app.sandbox_orders.has_launcher(),
    })
}

/// Saves choices in the place of all earlier ones. The proxy follows them at once.
///
/// # Errors
/// 422 for a value that cannot be used, or when the database fails.
pub async fn save(app: &AppState, choices: SandboxChoices) -> ApiResult<()> {
    choices.check().map_err(|error| ApiError::invalid(error.to_string()))?;
    app.store.save_sandbox_choices(&choices).await?;
    app.egress.set_policy(policy(&app.config, in_force(&app.config, choices)));
    Ok(())
}

fn in_force(config: &Config, saved: SandboxChoices) -> SandboxSettings {
    saved.over(config.sandbox.clone()).resolve()
}

fn policy(config: &Config, settings: SandboxSettings) -> Policy {
    Policy {
        mode: settings.egress,
        hosts: settings.egress_hosts,
        exempt: config.egress_exempt.clone(),
        resolver: Arc::new(SystemResolver),
    }
}
