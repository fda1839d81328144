//! The event log under load: what a token costs on its way behind a long history, how late events come when many
//! readers follow many runs, and whether memory stays flat while events come and go.

mod flat;
mod hour;
mod model;
mod reader;
mod readers;
mod relay;

use std::process::ExitCode;

use serde::Serialize;

use self::hour::Hour;
use crate::figures::Spread;
use crate::process::Consumption;
use crate::stack::{Programs, Stack};

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Bytes of the history behind which tokens are relayed.
    #[arg(long, default_value_t = 1_000_000)]
    history: usize,
    /// Tokens that are relayed.
    #[arg(long, default_value_t = 200_000)]
    tokens: usize,
    /// Readers of all runs together.
    #[arg(long, default_value_t = 1_000)]
    readers: usize,
    /// Runs that go on at the same time.
    #[arg(long, default_value_t = 20)]
    runs: usize,
    /// Tokens per second of each run.
    #[arg(long, default_value_t = 20)]
    rate: u64,
    /// How long the runs stream, in seconds.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Turns whose events fill the log, each of about ten.
    #[arg(long, default_value_t = 4_000)]
    turns: usize,
    /// Runs that share the events of an hour; 3600 / 30 s with each of them is how long that takes.
    #[arg(long, default_value_t = 30)]
    hour_runs: u64,
    /// Measure only this hour.
    #[arg(long)]
    only_hour: bool,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    programs: Programs,
}

/// Tokens for each second of CPU time that gateway and engine must relay.
const TOKENS_PER_CPU_SECOND: f64 = 20_000.0;
/// Most added latency of 99 % of all tokens, in ms.
const LATENCY_MS: f64 = 50.0;
/// Most that memory may grow while events come and go, in MiB.
const GROWTH_MIB: f64 = 8.0;

#[derive(Debug, Serialize)]
struct Report {
    /// Of the machine, over one minute, before and after.
    load: (f64, f64),
    tokens_per_cpu_second: f64,
    tokens_per_second: f64,
    /// From the model's sending of a token until a reader has it.
    added_latency: Spread,
    /// What gateway and engine consumed while the readers followed.
    with_readers: Consumption,
    /// Resident after a quarter of the turns and after all of them, in MiB.
    resident_mib: (f64, f64),
    /// Of the database and its log after a quarter of the turns and after all of them, in MiB.
    disk_mib: (f64, f64),
    hour: Hour,
}

/// Measures, prints, and tells by the exit code whether every bar was reached. A lost event is an error.
///
/// # Errors
/// When a run fails or an event is lost.
pub(crate) async fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let before = load()?;
    let hour = hour::measure(options).await?;
    if options.only_hour {
        println!("{hour}");
        return Ok(ExitCode::from(u8::from(hour.growth() > GROWTH_MIB)));
    }
    let (tokens_per_second, tokens_per_cpu_second) = relay::measure(options).await?;
    let (added_latency, with_readers) = readers::measure(options).await?;
    let (resident_mib, disk_mib) = flat::measure(options).await?;
    let report = Report {
        load: (before, load()?),
        tokens_per_cpu_second,
        tokens_per_second,
        added_latency,
        with_readers,
        resident_mib,
        disk_mib,
        hour,
    };
    let growth = (resident_mib.1 - resident_mib.0).max(report.hour.growth());
    let bars = [
        ("tokens per second of CPU time", tokens_per_cpu_second >= TOKENS_PER_CPU_SECOND),
        ("p99 of the added latency", added_latency.p99 <= LATENCY_MS),
        ("memory", growth <= GROWTH_MIB),
    ];
    if options.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print(options, &report);
        for (name, is_reached) in bars {
            println!("{:8} {name}", if is_reached { "reached" } else { "MISSED" });
        }
    }
    let all = bars.iter().all(|(_, is_reached)| *is_reached);
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(options: &Options, report: &Report) {
    println!("load of the machine: {:.1} before, {:.1} after", report.load.0, report.load.1);
    println!(
        "{} tokens behind a history of {} bytes: {:.0} per second, {:.0} per second of CPU time; none lost",
        options.tokens, options.history, report.tokens_per_second, report.tokens_per_cpu_second
    );
    let latency = report.added_latency;
    println!(
        "{} readers of {} runs, {} tokens per second each: added latency {latency}, p99 {:.1} ms; none lost",
        options.readers, options.runs, options.rate, latency.p99
    );
    println!("  gateway+engine  {}", report.with_readers);
    println!("{}", report.hour);
    println!(
        "{} turns: memory {:.1} MiB after a quarter, {:.1} MiB after all; database {:.1} and {:.1} MiB",
        options.turns, report.resident_mib.0, report.resident_mib.1, report.disk_mib.0, report.disk_mib.1
    );
}

/// A gateway whose model is at this address.
async fn stack(options: &Options, model: &str) -> anyhow::Result<Stack> {
    let stack = Stack::start(&options.programs, None).await?;
    stack.api.prepare(model).await?;
    Ok(stack)
}

/// How busy the machine was for the last minute.
fn load() -> anyhow::Result<f64> {
    let text = std::fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').next().unwrap_or_default().parse()?)
}
