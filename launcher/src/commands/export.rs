//! `slipway export`: a conversation of a running instance as a file.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use slipway_protocol::ConversationId;

use super::Context;
use crate::cli::ExportArgs;
use crate::terminal;

/// Writes it.
pub(super) async fn export(context: &Context, arguments: &ExportArgs) -> anyhow::Result<ExitCode> {
    let state = context.state()?;
    let Some((gateway, _)) = super::running(context.instance, &state).await? else {
        bail!("instance {} does not run; start it with: slipway up", context.instance);
    };
    let id = match &arguments.conversation {
        Some(id) => ConversationId::from(id.as_str()),
        None => match gateway.conversations().await?.items.into_iter().next() {
            Some(newest) => newest.id,
            None => bail!("instance {} has no conversation yet", context.instance),
        },
    };
    let format = if arguments.markdown { "markdown" } else { "json" };
    let text = gateway.export(&id, format).await?;
    match &arguments.output {
        Some(path) => {
            std::fs::write(path, &text).with_context(|| format!("cannot write {}", path.display()))?;
            terminal::note(format_args!("{id} is in {}", path.display()));
        }
        None => std::io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")?,
    }
    Ok(ExitCode::SUCCESS)
}
