//! Whether edits land where they should: hunks of real commits, spoilt in the ways in which models err, are
//! played through the tool host's replay and compared with the file that each should give, byte by byte.
//! What the ways are and what must come of them is in [`kind`].

mod chance;
mod history;
mod hunk;
mod kind;
mod play;
mod report;
mod spoil;
mod trial;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::ValueEnum as _;

use self::history::Sample;
use self::kind::Kind;
use self::play::Player;
use self::report::{Failure, Report, Tally};
use self::trial::trial;

/// Samples whose trials are played together.
const BATCH: usize = 64;

/// What to measure on.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Git repositories to take edits from.
    #[arg(long, required = true, num_args = 1..)]
    repo: Vec<PathBuf>,
    /// Decides which commits, hunks and mistakes are drawn.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Hunks per repository.
    #[arg(long, default_value_t = 400)]
    hunks: usize,
    /// Only these kinds, such as K1,K3.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Kind>,
    /// Writes figures and failing cases to this file.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Plays through this `slipway-toolhost` instead of in process.
    #[arg(long)]
    toolhost: Option<PathBuf>,
}

/// Plays every trial, prints a table, and succeeds when all bars are reached.
///
/// # Errors
/// When a repository cannot be read, or the replay or the report fails.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let mut samples = Vec::new();
    for path in &options.repo {
        let taken = history::sample(path, options.seed, options.hunks)
            .with_context(|| format!("cannot take edits from {}", path.display()))?;
        note(&format!("{}: {} hunks", path.display(), taken.len()));
        samples.extend(taken);
    }
    // Which other file a call is sent to must not depend on the order in which repositories are named.
    samples.sort_by(|left, right| left.repository.cmp(&right.repository));
    let kinds = if options.only.is_empty() { Kind::value_variants() } else { options.only.as_slice() };
    let player = options.toolhost.clone().map_or(Player::InProcess, Player::Program);
    let mut report = Report::new(options.seed, &samples);
    for kind in kinds {
        let (tally, failures) = measure(*kind, &samples, options.seed, &player)?;
        note(&format!("{kind:?}: {tally}"));
        report.add(*kind, tally, failures);
    }
    println!("{}", report.table());
    if let Some(path) = &options.json {
        std::fs::write(path, serde_json::to_vec_pretty(&report)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(if report.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn measure(
    kind: Kind,
    samples: &[Sample],
    seed: u64,
    player: &Player,
) -> anyhow::Result<(Tally, Vec<Failure>)> {
    let mut tally = Tally::default();
    let mut failures = Vec::new();
    for batch in samples.chunks(BATCH) {
        let trials: Vec<_> = batch.iter().filter_map(|sample| trial(kind, sample, samples, seed)).collect();
        for (trial, verdict) in trials.iter().zip(player.play(&trials)?) {
            tally.count(verdict.outcome);
            failures.extend(Failure::of(trial, &verdict));
        }
    }
    Ok((tally, failures))
}

fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
