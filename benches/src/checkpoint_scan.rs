//! How long the workspace's state takes to be read: for the first time, unchanged, and with one file changed.

use std::time::{Duration, Instant};

use serde_json::json;
use slipway_benches::host::LocalHost;

use crate::figures::{Spread, milliseconds};
use crate::filling::{Bulk, sources};

/// Files written so shortly before a scan are read again by the next, whatever their times say.
const SETTLING: Duration = Duration::from_millis(300);

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Files in the workspace.
    #[arg(long, default_value_t = 10_000)]
    files: usize,
    #[command(flatten)]
    bulk: Bulk,
    /// How often each scan is made.
    #[arg(long, default_value_t = 30)]
    times: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Makes the files, scans them and prints how long that took.
///
/// # Errors
/// When files cannot be made or a scan fails.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let host = LocalHost::start()?;
    let root = host.workspace();
    sources(&root.join("src"), options.files)?;
    options.bulk.fill(&root)?;
    std::thread::sleep(SETTLING);
    let timed = || -> anyhow::Result<Duration> {
        let started = Instant::now();
        host.scan()?;
        Ok(started.elapsed())
    };
    let first = timed()?;
    let unchanged: Vec<Duration> = (0..options.times).map(|_| timed()).collect::<Result<_, _>>()?;
    let mut changed = Vec::new();
    for time in 0..options.times {
        std::fs::write(root.join("src/0/0.rs"), format!("// {time}\n"))?;
        changed.push(timed()?);
    }
    let (unchanged, changed) = (Spread::of(&unchanged), Spread::of(&changed));
    if options.json {
        let first_ms = milliseconds(first);
        println!(
            "{}",
            json!({ "files": options.files, "first_ms": first_ms, "unchanged": unchanged, "changed": changed })
        );
    } else {
        println!("{} files, {}", options.files, options.bulk.spoken());
        println!("  first       {:.2} ms", milliseconds(first));
        println!("  unchanged   {unchanged}");
        println!("  one changed {changed}");
    }
    Ok(())
}
