//! `slipway diagnostics`: what helps to find a fault, as a file.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use super::Context;
use crate::cli::DiagnosticsArgs;
use crate::terminal;

/// Writes it.
pub(super) async fn diagnostics(context: &Context, arguments: &DiagnosticsArgs) -> anyhow::Result<ExitCode> {
    let state = context.state()?;
    let Some((gateway, _)) = super::running(context.instance, &state).await? else {
        bail!(
            "instance {0} does not run; start it with: slipway -n {0} up, or look at: slipway -n {0} logs",
            context.instance
        );
    };
    let text = gateway.diagnostics().await?;
    match &arguments.output {
        Some(path) => {
            std::fs::write(path, &text).with_context(|| format!("cannot write {}", path.display()))?;
            terminal::note(format_args!("it is in {}", path.display()));
        }
        None => std::io::stdout().write_all(text.as_bytes()).context("cannot write to standard output")?,
    }
    Ok(ExitCode::SUCCESS)
}
