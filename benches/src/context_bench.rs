//! What each way of keeping files in the context costs: made-up and recorded sessions are played through the
//! real projection and policy, and priced under each provider's cache.

mod appended;
mod mix;
mod pieces;
mod provider;
mod recording;
mod report;
mod session;
mod trace;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use rayon::prelude::*;
use slipway_engine::context::collapse::Tuning;
use slipway_protocol::run::ContextMode;
use slipway_protocol::transcript::Entry;

use self::mix::{MIXES, Mix};
use self::pieces::{Piece, with_pieces};
use self::provider::PROVIDERS;
use self::report::{Column, Table};
use self::trace::{Layout, play};

/// Which sessions are played.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Made-up sessions of each kind.
    #[arg(long, default_value_t = 20)]
    sessions: u64,
    /// Turns of a made-up session; may be given several times.
    #[arg(long, default_values_t = [60, 150])]
    turns: Vec<usize>,
    /// Kind of made-up sessions (default, small-files, edit-heavy, run-heavy, tiny-files, mostly-commands); all
    /// when absent.
    #[arg(long)]
    mix: Vec<String>,
    /// Seed of the made-up sessions.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Writes the figures here too, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// A recorded session: what `slipway export` writes, or a transcript as a JSON array of entries. No made-up
    /// ones are played then.
    #[arg(long)]
    recording: Vec<PathBuf>,
    /// Further columns: `auto` with other settings of its policy, and with less than whole files after edits.
    #[arg(long)]
    variants: bool,
}

/// Plays the sessions and prints what they cost. Gives a failure when `auto` is not as cheap as it must be.
///
/// # Errors
/// When an option names nothing, or a file cannot be read or written.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let mut tables = Vec::new();
    for path in &options.recording {
        let entries = recording::read(path)?;
        let title = path.display().to_string();
        tables.push(table(title, &[(entries, options.seed)], false, options.variants));
    }
    if options.recording.is_empty() {
        let mixes = chosen(&options.mix)?;
        for turns in &options.turns {
            for mix in &mixes {
                let seeds = options.seed..options.seed + options.sessions;
                let sessions: Vec<_> =
                    seeds.map(|seed| (session::made_up(mix, *turns, seed), seed)).collect();
                let title = format!("{}, {turns} turns", mix.name);
                tables.push(table(title, &sessions, mix.held_at.contains(turns), options.variants));
            }
        }
    }
    let missed: Vec<String> = tables.iter().flat_map(Table::missed).collect();
    for table in &tables {
        println!("{}", table.markdown());
    }
    for line in &missed {
        println!("MISSED: {line}");
    }
    if let Some(path) = &options.json {
        std::fs::write(path, serde_json::to_string_pretty(&tables)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn chosen(names: &[String]) -> anyhow::Result<Vec<Mix>> {
    if names.is_empty() {
        return Ok(MIXES.to_vec());
    }
    let find = |name: &String| MIXES.iter().find(|mix| mix.name == *name).copied();
    names.iter().map(|name| find(name).with_context(|| format!("there is no mix {name}"))).collect()
}

fn table(title: String, sessions: &[(Vec<Entry>, u64)], has_bar: bool, variants: bool) -> Table {
    let played: Vec<Vec<Column>> =
        sessions.par_iter().map(|(entries, seed)| columns(entries, *seed, variants)).collect();
    let mut sums: Vec<Column> = Vec::new();
    for columns in &played {
        if sums.is_empty() {
            sums.clone_from(columns);
        } else {
            sums.iter_mut().zip(columns).for_each(|(sum, column)| sum.join(column));
        }
    }
    Table { title, sessions: sessions.len(), has_bar, columns: sums }
}

/// A session in every way.
fn columns(entries: &[Entry], seed: u64, variants: bool) -> Vec<Column> {
    let fixed = |name: &str, entries: &[Entry], layout: Layout| {
        let mut column = Column::new(name);
        column.add(&play(entries, layout));
        column
    };
    let mut columns = vec![
        fixed("append-min", &appended::with_diffs(entries, seed), Layout::Appended),
        fixed("append-full", entries, Layout::Appended),
        fixed("consolidated", entries, Layout::Mode(ContextMode::Consolidated)),
        fixed("per_file", entries, Layout::Mode(ContextMode::PerFile)),
        auto("auto", entries, Tuning::default()),
    ];
    if variants {
        let (rest, hunk) = (with_pieces(entries, Piece::Rest), with_pieces(entries, Piece::Hunk));
        columns.push(auto("auto + rest of file", &rest, Tuning::default()));
        columns.push(auto("auto + hunks", &hunk, Tuning::default()));
        columns.extend(VARIANTS.iter().map(|(name, tuning)| auto(name, entries, *tuning)));
    }
    columns
}

const fn tuning(horizon: u32, stale_per_live: f64) -> Tuning {
    Tuning { horizon, stale_per_live, full_window: 0.6 }
}

/// Other settings of the policy: how many requests it expects, and stale per live tokens that it allows.
const VARIANTS: [(&str, Tuning); 5] = [
    ("auto 8/2", tuning(8, 2.0)),
    ("auto 30/2", tuning(30, 2.0)),
    ("auto 15/0.5", tuning(15, 0.5)),
    ("auto 15/1", tuning(15, 1.0)),
    ("auto 15/4", tuning(15, 4.0)),
];

/// A session in the mode `auto`, which goes another way for each provider.
fn auto(name: &str, entries: &[Entry], tuning: Tuning) -> Column {
    let mut column = Column::new(name);
    for (position, provider) in PROVIDERS.iter().enumerate() {
        let trace = play(entries, Layout::Auto(provider.rule, tuning));
        column.add_cost(position, &trace);
        if position == 0 {
            column.add_figures(&trace);
        }
    }
    column
}
