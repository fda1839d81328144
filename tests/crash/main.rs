//! What is left when a program dies: the real gateway, engine, tool host and shell, killed at every named fail
//! point and at random moments, started again, and looked at through the public API. A scripted model stands in
//! for the paid one. Run by `./test`; by hand:
//!
//! ```text
//! cargo test --workspace --features slipway-tests/e2e --test crash -- points          # every fail point
//! cargo test --workspace --features slipway-tests/e2e --test crash -- points restore. # those whose names begin so
//! cargo test --workspace --features slipway-tests/e2e --test crash -- random 200 7    # 200 kills, seed 7
//! ```
//!
//! After each kill the same must hold: no entry is lost or doubled, no tool call ran twice, the run ends in a state
//! that the person can act on, and a reader that reconnects with its position has been told of all of it.

mod approve;
mod backup;
mod checks;
mod client;
mod deleting;
mod forward;
mod keeper;
mod keyed;
mod pausing;
mod points;
mod random;
mod reader;
mod script;
mod settle;
mod stop_call;
mod walks;
mod world;

use std::process::ExitCode;

use anyhow::Context as _;

/// Random kills where nobody says how many: what fits into a build server's patience.
const KILLS: u32 = 40;
/// Where nobody says which, so that a failure can be repeated.
const SEED: u64 = 20_261_121;

fn main() -> anyhow::Result<ExitCode> {
    if std::env::args().any(|argument| argument == "--list") {
        // Whoever lists tests is to run this as a whole.
        return Ok(ExitCode::SUCCESS);
    }
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut arguments = arguments.iter().map(String::as_str);
    let (kind, rest) = (arguments.next(), arguments.collect::<Vec<_>>());
    let runtime = tokio::runtime::Runtime::new()?;
    let failed = match kind {
        None => {
            let failed = runtime.block_on(points::run(""));
            failed + runtime.block_on(random::run(KILLS, SEED))
        }
        Some("points") => runtime.block_on(points::run(rest.first().unwrap_or(&""))),
        Some("random") => {
            let kills = rest.first().map_or(Ok(KILLS), |kills| kills.parse()).context("how many kills?")?;
            let seed = rest.get(1).map_or(Ok(SEED), |seed| seed.parse()).context("which seed?")?;
            runtime.block_on(random::run(kills, seed))
        }
        Some(other) => anyhow::bail!("{other} is neither `points` nor `random`"),
    };
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[expect(clippy::print_stderr, reason = "the program tells whoever runs it how it went")]
fn report(line: &str) {
    eprintln!("{line}");
}
