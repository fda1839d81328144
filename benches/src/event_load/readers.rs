//! Many readers of many runs: how much later than the model sends them do tokens come.

use std::time::{Duration, Instant};

use anyhow::ensure;
use futures::future::try_join_all;

use super::model::{Pace, serve};
use super::{Options, reader, stack};
use crate::figures::Spread;
use crate::process::Consumption;

/// How late tokens were, and what gateway and engine consumed meanwhile.
///
/// # Errors
/// When a run fails or an event is lost.
pub(super) async fn measure(options: &Options) -> anyhow::Result<(Spread, Consumption)> {
    let start = Instant::now();
    let tokens = options.rate * options.seconds;
    let interval = Duration::from_secs(1) / u32::try_from(options.rate.max(1))?;
    let model = serve(Pace { start, tokens, interval }).await?;
    let stack = stack(options, &model).await?;
    let ids = try_join_all((0..options.runs).map(|_| stack.api.begin())).await?;
    let (address, token) = (stack.api.address(), stack.api.token());
    let connecting = ids.iter().cycle().take(options.readers).map(|id| reader::connect(address, token, id));
    let mut readers = Vec::new();
    for connection in connecting {
        // One after the other: a thousand at once would not fit into the listener's backlog.
        let connection = connection.await?;
        readers.push(tokio::spawn(reader::follow(connection, start)));
    }
    let (before, _) = stack.consumption()?;
    try_join_all(ids.iter().map(|id| stack.api.send(id, "Say when."))).await?;
    let mut latencies = Vec::new();
    for reader in readers {
        let seen = reader.await??;
        ensure!(seen.len() as u64 == tokens, "a reader got {} of {tokens} tokens", seen.len());
        latencies.extend(seen);
    }
    Ok((Spread::of(&latencies), stack.consumption()?.0.since(before)))
}
