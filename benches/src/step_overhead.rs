//! What Slipway adds to each step of a session: from the model's last byte to the next request, the tool
//! call included. Both moments are taken at the scripted model.

mod fake;
mod session;

use std::time::{Duration, Instant};

use serde::Serialize;
use slipway_scripted_model::record::Exchange;
use slipway_scripted_model::{Script, Server};

use crate::figures::{Spread, milliseconds};
use crate::filling::Bulk;
use crate::process::Consumption;
use crate::stack::{Programs, Stack};
use session::Kind;

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Steps of the session.
    #[arg(default_value_t = 200)]
    steps: usize,
    /// What carries out the tool calls.
    #[arg(long, value_enum, default_value_t = Tools::Real)]
    tools: Tools,
    /// Sessions to play, one after the other; of each the figures are printed.
    #[arg(long, default_value_t = 1)]
    rounds: usize,
    /// Print one JSON object per session.
    #[arg(long)]
    json: bool,
    /// What lies in the workspace beside the session's files; with the real tools only.
    #[command(flatten)]
    bulk: Bulk,
    #[command(flatten)]
    programs: Programs,
}

/// What carries out the tool calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
enum Tools {
    /// The engine alone, in this process, with a tool that answers at once.
    Fake,
    /// The real gateway and tool host: real files, a real shell, a database.
    Real,
}

/// What came of one session.
#[derive(Debug, Serialize)]
struct Report {
    tools: Tools,
    steps: usize,
    /// From the first request to the end of the last answer, in ms.
    session_ms: f64,
    /// The first step alone, in ms: it starts the shell and warms connections.
    first_ms: f64,
    /// All steps.
    all: Spread,
    /// Steps around a place in the session, by its number.
    at: Vec<(usize, Spread)>,
    /// By what the step's call does.
    by_kind: Vec<(Kind, Spread)>,
    /// The slowest steps by their numbers, in ms.
    slowest: Vec<(usize, f64)>,
    /// Size of the last request in bytes.
    last_request_bytes: usize,
    /// What the real programs took.
    programs: Option<Consumed>,
    #[serde(skip)]
    overheads: Vec<Duration>,
}

/// What the real programs took.
#[derive(Debug, Serialize)]
struct Consumed {
    /// How long the gateway took to be ready to serve, in ms.
    ready_ms: f64,
    /// Gateway with its engine, in the session.
    gateway: Consumption,
    /// Tool host, in the session.
    tool_host: Consumption,
}

/// Plays the sessions and prints their figures.
///
/// # Errors
/// When a session fails.
pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let mut reports = Vec::new();
    for _ in 0..options.rounds {
        let report = match options.tools {
            Tools::Fake => with_fake_tools(options.steps).await?,
            Tools::Real => with_real_tools(options).await?,
        };
        if options.json {
            println!("{}", serde_json::to_string(&report)?);
        } else {
            print(&report);
        }
        reports.push(report);
    }
    if reports.len() > 1 && !options.json {
        print_together(&reports);
    }
    Ok(())
}

async fn with_fake_tools(steps: usize) -> anyhow::Result<Report> {
    let model = Server::start(Script::of_replies(session::quick_replies(steps))).await?;
    fake::play(&model.base_url(), steps).await?;
    Ok(report(Tools::Fake, steps, &model, None))
}

async fn with_real_tools(options: &Options) -> anyhow::Result<Report> {
    let steps = options.steps;
    let model = Server::start(Script::of_replies(session::replies(steps))).await?;
    let stack = Stack::start(&options.programs, None).await?;
    session::fill(&stack.workspace())?;
    options.bulk.fill(&stack.workspace())?;
    stack.api.prepare(&model.base_url()).await?;
    let before = stack.consumption()?;
    stack.api.run("Work through the files.").await?;
    let after = stack.consumption()?;
    session::check(&stack.workspace(), steps)?;
    let consumed = Consumed {
        ready_ms: milliseconds(stack.ready_after),
        gateway: after.0.since(before.0),
        tool_host: after.1.since(before.1),
    };
    Ok(report(Tools::Real, steps, &model, Some(consumed)))
}

fn report(tools: Tools, steps: usize, model: &Server, programs: Option<Consumed>) -> Report {
    let exchanges = model.exchanges();
    let overheads = overheads(&exchanges);
    let kinds = [Kind::Read, Kind::Edit, Kind::Command];
    let of_kind = |kind: Kind| -> Vec<Duration> {
        let all = overheads.iter().enumerate();
        all.filter(|(step, _)| Kind::of(*step) == kind).map(|(_, overhead)| *overhead).collect()
    };
    Report {
        tools,
        steps,
        session_ms: session_time(&exchanges).map_or(0.0, milliseconds),
        first_ms: overheads.first().copied().map_or(0.0, milliseconds),
        all: Spread::of(&overheads),
        at: places(steps).map(|place| (place, Spread::of(around(&overheads, place)))).collect(),
        by_kind: match tools {
            Tools::Fake => Vec::new(),
            Tools::Real => kinds.map(|kind| (kind, Spread::of(&of_kind(kind)))).to_vec(),
        },
        slowest: slowest(&overheads),
        last_request_bytes: model.requests().last().map_or(0, |request| request.text.len()),
        programs,
        overheads,
    }
}

/// The places in a session at which its steps are looked at, by their numbers.
fn places(steps: usize) -> impl Iterator<Item = usize> {
    [1, 10, 100, 200].into_iter().filter(move |place| *place <= steps)
}

/// The steps around a place. The first step of all starts the shell and warms connections; it is not among them.
fn around(overheads: &[Duration], place: usize) -> &[Duration] {
    let (from, to) = (place.saturating_sub(8).max(1), (place + 7).min(overheads.len()));
    overheads.get(from..to).unwrap_or_default()
}

/// The five steps that took longest.
fn slowest(overheads: &[Duration]) -> Vec<(usize, f64)> {
    let mut steps: Vec<(usize, f64)> =
        overheads.iter().enumerate().map(|(index, overhead)| (index + 1, milliseconds(*overhead))).collect();
    steps.sort_by(|left, right| right.1.total_cmp(&left.1));
    steps.truncate(5);
    steps
}

/// From the last byte of each answer to the next request.
fn overheads(exchanges: &[Exchange]) -> Vec<Duration> {
    let pairs = exchanges.windows(2).filter_map(|pair| match pair {
        [before, after] => before.answered_at.map(|answered| after.received_at - answered),
        _ => None,
    });
    pairs.collect()
}

fn session_time(exchanges: &[Exchange]) -> Option<Duration> {
    let end: Instant = exchanges.last()?.answered_at?;
    Some(end - exchanges.first()?.received_at)
}

/// Prints what all sessions have in common. On a machine that does other work the least of several medians and
/// the least CPU time are closest to what a quiet one would show.
fn print_together(reports: &[Report]) {
    println!("all {} sessions together", reports.len());
    let of_all = |pick: &dyn Fn(&Report) -> Vec<Duration>| -> Vec<Duration> {
        reports.iter().flat_map(pick).collect()
    };
    let least = |pick: &dyn Fn(&Report) -> f64| reports.iter().map(pick).fold(f64::INFINITY, f64::min);
    let all = of_all(&|report| report.overheads.clone());
    let best = least(&|report| report.all.p50);
    println!("  all steps       {}   least p50 of a session {best:.2} ms", Spread::of(&all));
    for place in places(reports.first().map_or(0, |report| report.steps)) {
        let pick = |report: &Report| around(&report.overheads, place).to_vec();
        let best = least(&|report| Spread::of(&pick(report)).p50);
        let spread = Spread::of(&of_all(&pick));
        println!("  around step {place:<3} {spread}   least p50 of a session {best:.2} ms");
    }
    let programs = |pick: &dyn Fn(&Consumed) -> f64| -> Vec<f64> {
        reports.iter().filter_map(|report| report.programs.as_ref()).map(pick).collect()
    };
    let cpu = programs(&|consumed| consumed.gateway.cpu + consumed.tool_host.cpu);
    let memory = programs(&|consumed| consumed.gateway.peak_mib + consumed.tool_host.peak_mib);
    let range = |values: &[f64]| {
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        (least, values.iter().copied().fold(0.0, f64::max))
    };
    if !cpu.is_empty() {
        let ((least, most), (_, peak)) = (range(&cpu), range(&memory));
        println!("  a session       CPU {least:.2} to {most:.2} s, memory at most {peak:.1} MiB");
    }
}

fn print(report: &Report) {
    println!("{:?} tools, {} steps in {:.0} ms", report.tools, report.steps, report.session_ms);
    println!("  all steps       {}", report.all);
    println!("  step 1          {:.2} ms", report.first_ms);
    for (place, spread) in &report.at {
        println!("  around step {place:<3} {spread}");
    }
    for (kind, spread) in &report.by_kind {
        println!("  {:<15} {spread}", format!("{kind:?}"));
    }
    let slowest: Vec<String> =
        report.slowest.iter().map(|(step, overhead)| format!("{step} ({overhead:.1} ms)")).collect();
    println!("  slowest steps   {}", slowest.join(", "));
    println!("  last request    {} bytes", report.last_request_bytes);
    if let Some(Consumed { ready_ms, gateway, tool_host }) = &report.programs {
        println!("  gateway ready   after {ready_ms:.0} ms");
        println!("  gateway+engine  {gateway}");
        println!("  tool host       {tool_host}");
        println!(
            "  together        CPU {:.2} s, memory {:.1} MiB at their peaks",
            gateway.cpu + tool_host.cpu,
            gateway.peak_mib + tool_host.peak_mib
        );
    }
}
