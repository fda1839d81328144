//! Kills at random moments, while conversations go on.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures::StreamExt as _;
use tokio::sync::watch;

use crate::report;
use crate::walks;
use crate::world::World;

/// Conversations that go on at the same time.
const WORKERS: usize = 3;
/// Longest wait between two kills; half of it on average. A turn takes about as long, so kills fall everywhere in it.
const LONGEST: Duration = Duration::from_millis(750);

/// Who is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victim {
    Gateway,
    Engine,
    ToolHost,
    Shell,
}

/// Kills so often; gives 1 when something did not hold.
pub(crate) async fn run(kills: u32, seed: u64) -> usize {
    let started = Instant::now();
    report(&format!("{kills} random kills with seed {seed}"));
    match play(kills, seed).await {
        Ok(turns) => {
            report(&format!(
                "ok      {kills} random kills during {turns} turns ({:.0} s)",
                started.elapsed().as_secs_f32()
            ));
            0
        }
        Err(error) => {
            report(&format!("FAILED  random kills with seed {seed}: {error:?}"));
            1
        }
    }
}

async fn play(kills: u32, seed: u64) -> anyhow::Result<usize> {
    // More than there is time for: no worker runs out of them.
    let most = usize::try_from(kills)?.max(10) * 4;
    let world = World::start(None, most).await?;
    world.until_attached().await?;
    let (over, is_over) = watch::channel(false);
    let numbers = std::sync::atomic::AtomicUsize::new(0);
    let worker = || async {
        let mut turns = 0;
        while !*is_over.borrow() {
            let number = numbers.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            walks::turn(&world, number).await.with_context(|| format!("turn {number}"))?;
            turns += 1;
        }
        anyhow::Ok(turns)
    };
    let killer = async {
        let mut chance = Chance(seed);
        let mut counts = [0_u32; 4];
        for _ in 0..kills {
            let longest = u64::try_from(LONGEST.as_millis()).unwrap_or(u64::MAX);
            tokio::time::sleep(Duration::from_millis(chance.below(longest))).await;
            let (victim, place) = match chance.below(10) {
                0..4 => (Victim::Gateway, 0),
                4..6 => (Victim::Engine, 1),
                6..8 => (Victim::ToolHost, 2),
                _ => (Victim::Shell, 3),
            };
            kill(&world, victim).await;
            counts[place] += 1;
        }
        over.send_replace(true);
        let [gateway, engine, tool_host, shell] = counts;
        report(&format!("killed: gateway {gateway}, engine {engine}, tool host {tool_host}, shell {shell}"));
    };
    let workers = futures::stream::iter((0..WORKERS).map(|_| worker())).buffer_unordered(WORKERS);
    let workers = async { workers.collect::<Vec<_>>().await };
    let (turns, ()) = tokio::join!(workers, killer);
    let turns: anyhow::Result<Vec<usize>> = turns.into_iter().collect();
    turns.map(|turns| turns.iter().sum()).map_err(|error| error.context(world.logs()))
}

async fn kill(world: &World, victim: Victim) {
    match victim {
        Victim::Gateway => world.gateway.kill().await,
        Victim::Engine => world.engine.kill().await,
        Victim::ToolHost => world.tool_host.kill().await,
        Victim::Shell => {
            let Some(host) = world.tool_host.known().process else { return };
            // Whoever has ended meanwhile needs no killing.
            let mut kill = tokio::process::Command::new("pkill");
            kill.args(["-KILL", "-P", &host.to_string(), "bash"]).status().await.ok();
        }
    }
}

/// Numbers by chance that are the same for the same seed (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}
