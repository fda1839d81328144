//! `slipway continue`: lets a run go on that was paused or ended early.

use std::process::ExitCode;

use anyhow::bail;
use slipway_protocol::ConversationId;
use slipway_protocol::event::RunStatus;

use super::Context;
use crate::cli::ContinueArgs;
use crate::gateway::Gateway;
use crate::terminal;

/// Exit code for a wrong command line.
const USAGE: u8 = 2;

/// Lets it go on.
pub(super) async fn go_on(context: &Context, arguments: &ContinueArgs) -> anyhow::Result<ExitCode> {
    let state = context.state()?;
    let Some((gateway, _)) = super::running(context.instance, &state).await? else {
        bail!("instance {} does not run; start it with: slipway up", context.instance);
    };
    let rests = |status| matches!(status, RunStatus::Pausing | RunStatus::Paused);
    let named = arguments.conversation.as_deref();
    let Some(conversation) = meant(&gateway, named, rests, "no conversation is paused").await? else {
        return Ok(ExitCode::from(USAGE));
    };
    gateway.go_on(&conversation).await?;
    terminal::note(format_args!("conversation {conversation} goes on"));
    Ok(ExitCode::SUCCESS)
}

/// The conversation that is meant: the named one, or the only one whose status fits. `None` when that cannot be known,
/// which is told.
///
/// # Errors
/// `none`, when there is no such conversation; or when the gateway does not answer.
pub(super) async fn meant(
    gateway: &Gateway,
    named: Option<&str>,
    fits: impl Fn(RunStatus) -> bool,
    none: &'static str,
) -> anyhow::Result<Option<ConversationId>> {
    if let Some(named) = named {
        return Ok(Some(named.into()));
    }
    let all = gateway.conversations().await?.items;
    let fitting: Vec<_> = all.iter().filter(|found| fits(found.status)).collect();
    match fitting.as_slice() {
        [] => bail!(none),
        [only] => Ok(Some(only.id.clone())),
        several => {
            terminal::error("several conversations wait; say which, by its id:");
            for found in several {
                terminal::note(
                    crate::plain::Plain::default().push(&format!("{}  {}", found.id, found.title)),
                );
            }
            Ok(None)
        }
    }
}
