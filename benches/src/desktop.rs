//! How long the desktop takes to start and to be looked at, and what it costs while nobody does anything.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde::Serialize;
use slipway_tools::desktop::{Desktop, DesktopOptions};
use slipway_tools::shell::inheritable;
use slipway_tools::workspace::Workspace;

use crate::figures::{Spread, milliseconds};
use crate::process::Consumption;

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How many pictures are taken.
    #[arg(default_value_t = 50)]
    times: usize,
    /// How long the idle desktop is watched, in seconds.
    #[arg(long, default_value_t = 20)]
    idle: u64,
    /// Number of the X display.
    #[arg(long, default_value_t = 95)]
    display: u16,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Figures {
    /// From nothing to an answer, in milliseconds.
    start_ms: f64,
    /// A picture of 1280 × 800 as PNG, in milliseconds.
    picture: Spread,
    picture_bytes: usize,
    /// Share of one processor that server and window manager use while nothing happens, in percent.
    idle_percent: f64,
    /// Their resident memory, in MiB.
    resident_mib: f64,
}

/// Starts a desktop, looks at it and leaves it alone.
///
/// # Errors
/// When this machine has no programs for a desktop, or the display is taken.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let desktop = Desktop::new(DesktopOptions {
        workspace: Arc::new(Workspace::open(directory.path())?),
        state_directory: directory.path().to_owned(),
        environment: inheritable(std::env::vars_os()),
        display: options.display,
        idle_limit: slipway_tools::desktop::IDLE_LIMIT,
    });
    let begun = Instant::now();
    desktop.ensure_started().await?;
    let start_ms = milliseconds(begun.elapsed());
    // The window manager draws its bar.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut durations = Vec::with_capacity(options.times);
    let mut picture_bytes = 0;
    for _ in 0..options.times {
        let begun = Instant::now();
        picture_bytes = desktop.picture().await?.png.len();
        durations.push(begun.elapsed());
    }
    let before = consumption(options.display)?;
    let begun = Instant::now();
    tokio::time::sleep(Duration::from_secs(options.idle)).await;
    let after = consumption(options.display)?;
    let figures = Figures {
        start_ms,
        picture: Spread::of(&durations),
        picture_bytes,
        idle_percent: 100.0 * (after.cpu - before.cpu) / begun.elapsed().as_secs_f64(),
        resident_mib: after.resident_mib,
    };
    desktop.shutdown().await;
    if options.json {
        println!("{}", serde_json::to_string(&figures)?);
        return Ok(());
    }
    println!("started after {:.0} ms", figures.start_ms);
    println!("picture of 1280 × 800: {}, {} bytes", figures.picture, figures.picture_bytes);
    println!("idle: {:.2} % of a processor, {:.1} MiB resident", figures.idle_percent, figures.resident_mib);
    Ok(())
}

/// What server and window manager of a display have consumed.
fn consumption(display: u16) -> anyhow::Result<Consumption> {
    let lock =
        std::fs::read_to_string(format!("/tmp/.X{display}-lock")).context("no server has the display")?;
    let server: u32 = lock.trim().parse().context("the lock names no process")?;
    let manager = manager_of(display).context("there is no window manager")?;
    let (server, manager) = (Consumption::of(server)?, Consumption::of(manager)?);
    Ok(Consumption {
        cpu: server.cpu + manager.cpu,
        resident_mib: server.resident_mib + manager.resident_mib,
        ..Consumption::default()
    })
}

/// The window manager that draws on a display.
fn manager_of(display: u16) -> Option<u32> {
    let wanted = format!("DISPLAY=:{display}");
    let processes =
        std::fs::read_dir("/proc").ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut numbers = processes.filter_map(|name| name.parse::<u32>().ok());
    numbers.find(|process| {
        let file = |name: &str| std::fs::read(Path::new("/proc").join(process.to_string()).join(name));
        let is_manager = file("comm").is_ok_and(|name| name.trim_ascii() == b"jwm");
        let environment = file("environ").unwrap_or_default();
        is_manager && environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
    })
}
