//! `slipway rotate-key`: another key for the secrets in the database.

use std::process::ExitCode;

use anyhow::bail;

use super::Context;
use crate::terminal;

/// Has a new key made.
pub(super) async fn rotate_key(context: &Context) -> anyhow::Result<ExitCode> {
    let state = context.state()?;
    let Some((gateway, _)) = super::running(context.instance, &state).await? else {
        bail!("instance {0} does not run; start it with: slipway -n {0} up", context.instance);
    };
    gateway.rotate_key().await?;
    terminal::note(format_args!(
        "a new key waits; put it in place with: slipway -n {0} down && slipway -n {0} up",
        context.instance
    ));
    Ok(ExitCode::SUCCESS)
}
