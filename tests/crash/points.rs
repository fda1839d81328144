//! Every fail point: a world in which one program dies there, and the way to it.

use std::panic::AssertUnwindSafe;
use std::time::Instant;

use anyhow::ensure;
use futures::{FutureExt as _, StreamExt as _};
use slipway_fail_points::Point;

use crate::report;
use crate::walks::{self, Walk};
use crate::world::World;

/// Worlds at a time: most of their time they wait.
const AT_ONCE: usize = 3;

/// Dies at every point whose name begins so; gives how often something did not hold.
pub(crate) async fn run(prefix: &str) -> usize {
    let started = Instant::now();
    let points = Point::ALL.iter().copied().filter(|point| point.name().starts_with(prefix));
    let outcomes = futures::stream::iter(points.map(check)).buffer_unordered(AT_ONCE);
    let outcomes: Vec<bool> = outcomes.collect().await;
    let failed = outcomes.iter().filter(|ok| !**ok).count();
    report(&format!(
        "{} fail points, {failed} failed ({:.0} s)",
        outcomes.len(),
        started.elapsed().as_secs_f32()
    ));
    failed
}

async fn check(point: Point) -> bool {
    let started = Instant::now();
    let outcome = AssertUnwindSafe(die_at(point)).catch_unwind().await;
    let seconds = started.elapsed().as_secs_f32();
    match outcome {
        Ok(Ok(())) => {
            report(&format!("ok      {} ({seconds:.1} s)", point.name()));
            true
        }
        Ok(Err(error)) => {
            report(&format!("FAILED  {}: {error:?}", point.name()));
            false
        }
        Err(_) => {
            report(&format!("FAILED  {} panicked", point.name()));
            false
        }
    }
}

async fn die_at(point: Point) -> anyhow::Result<()> {
    let (walk, times) = walks::to(point);
    // Those of a restart come into their own in the second life.
    let is_of_a_start = walk == Walk::Restart || point.name().starts_with("going_back.");
    let at_start = (!is_of_a_start).then_some((point, times));
    let world = World::start(at_start, 3).await?;
    let walked = async {
        walks::go(&world, walk, point).await?;
        let deaths = world.keeper(point.program()).known().own_deaths;
        ensure!(deaths > 0, "nobody passed {}, so nothing was tried", point.name());
        ensure!(deaths == 1, "{deaths} deaths instead of one");
        Ok(())
    };
    walked.await.map_err(|error: anyhow::Error| error.context(world.logs()))
}
