//! Memory and disk while as many events come and go as one run makes that streams for an hour: 3 600 s with 30 events
//! a second, the most that are recorded of a run, are 108 000. Thirty runs at that rate make them in 120 s, in four rounds.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde::Serialize;

use super::{Options, model, stack};
use crate::stack::Stack;

/// How long one run would stream.
const HOUR: Duration = Duration::from_secs(3600);
/// Events that a run makes in a second at most.
const RATE: u64 = 30;
/// After the first one memory is what it is to stay.
const ROUNDS: u64 = 4;
/// Characters of a token.
const TOKEN: usize = 13;

/// What came of an hour.
#[derive(Debug, Serialize)]
pub(super) struct Hour {
    /// Tokens that readers got; each its own event where the machine keeps up.
    tokens: u64,
    /// Numbers that the log has given out.
    events: i64,
    /// How long it took, in seconds.
    seconds: f64,
    /// Resident after a quarter and after all, in MiB.
    resident_mib: (f64, f64),
    /// Of the database and its log after a quarter and after all, in MiB.
    disk_mib: (f64, f64),
}

impl Hour {
    /// How much memory has grown after the first quarter, in MiB.
    pub(super) fn growth(&self) -> f64 {
        self.resident_mib.1 - self.resident_mib.0
    }
}

impl std::fmt::Display for Hour {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "an hour of streaming ({} tokens, {} events) in {:.0} s: memory {:.1} MiB after a quarter, {:.1} MiB after \
             all; database {:.1} and {:.1} MiB; none lost",
            self.tokens,
            self.events,
            self.seconds,
            self.resident_mib.0,
            self.resident_mib.1,
            self.disk_mib.0,
            self.disk_mib.1
        )
    }
}

/// Plays it with so many runs at a time.
///
/// # Errors
/// When a run fails or a token is lost.
pub(super) async fn measure(options: &Options) -> anyhow::Result<Hour> {
    let tokens = HOUR.as_secs() * RATE / ROUNDS / options.hour_runs;
    let interval = Duration::from_secs(1) / u32::try_from(RATE)?;
    let started = Instant::now();
    let model = model::serve(model::Pace { start: started, tokens, interval }).await?;
    let stack = stack(options, &model).await?;
    let first = newest(&stack).await?;
    let mut seen = Vec::new();
    for _ in 0..ROUNDS {
        round(&stack, options.hour_runs, tokens).await?;
        seen.push((stack.consumption()?.0.resident_mib, stack.database_mib()?));
    }
    let (Some(early), Some(late)) = (seen.first(), seen.last()) else { anyhow::bail!("no rounds") };
    Ok(Hour {
        tokens: tokens * ROUNDS * options.hour_runs,
        events: newest(&stack).await? - first,
        seconds: started.elapsed().as_secs_f64(),
        resident_mib: (early.0, late.0),
        disk_mib: (early.1, late.1),
    })
}

/// One answer in each of so many new conversations, each with a reader.
async fn round(stack: &Stack, runs: u64, tokens: u64) -> anyhow::Result<()> {
    let expected = usize::try_from(tokens)? * TOKEN;
    let runs = (0..runs).map(async |_| {
        let id = stack.api.begin().await?;
        let followed = stack.api.say(&id, "Go on for long.").await?;
        ensure!(followed.characters == expected, "{} of {expected} characters", followed.characters);
        Ok(())
    });
    futures::future::try_join_all(runs).await.map(drop)
}

/// Number of the newest event.
async fn newest(stack: &Stack) -> anyhow::Result<i64> {
    let id = stack.api.begin().await?;
    let cursor = stack.api.cursor(&id).await?;
    Ok(cursor.rsplit_once('-').context("a cursor")?.1.parse()?)
}
