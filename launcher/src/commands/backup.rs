//! `slipway backup` and `slipway restore`: everything that an instance keeps, as a file.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use super::Context;
use crate::cli::{BackupArgs, DownArgs, RestoreArgs};
use crate::gateway::Gateway;
use crate::{local, terminal};

/// Writes a backup of a running instance.
pub(super) async fn backup(context: &Context, arguments: &BackupArgs) -> anyhow::Result<ExitCode> {
    let gateway = running(context).await?;
    let mut partial = arguments.file.clone().into_os_string();
    partial.push(".partial");
    let partial = Path::new(&partial);
    let written = gateway.backup(partial, arguments.with_key).await;
    let bytes = match written {
        Ok(bytes) => bytes,
        Err(error) => {
            // Half a backup is worse than none.
            let _ = std::fs::remove_file(partial);
            return Err(error).context("there is no backup");
        }
    };
    std::fs::rename(partial, &arguments.file)
        .with_context(|| format!("cannot write {}", arguments.file.display()))?;
    terminal::note(format_args!("{bytes} bytes are in {}", arguments.file.display()));
    Ok(ExitCode::SUCCESS)
}

/// Hands a backup to a running instance and stops it: the next start goes back to it.
pub(super) async fn restore(context: &Context, arguments: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let gateway = running(context).await?;
    let local = if local::is_running(&context.state()?)? { " --local" } else { "" };
    gateway.restore(&arguments.file).await.context("nothing has changed")?;
    let stopped = super::down(context, &DownArgs { volumes: false }).await?;
    terminal::note(format_args!(
        "the next start goes back to {}: slipway -n {} up{local}\n\
         what is there now is then kept in before-restore of the data directory",
        arguments.file.display(),
        context.instance,
    ));
    Ok(stopped)
}

async fn running(context: &Context) -> anyhow::Result<Gateway> {
    let state = context.state()?;
    let Some((gateway, _)) = super::running(context.instance, &state).await? else {
        bail!("instance {} does not run; start it with: slipway up", context.instance);
    };
    Ok(gateway)
}
