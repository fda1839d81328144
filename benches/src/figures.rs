//! Figures of many measurements, as text and as JSON.

use std::time::Duration;

use serde::Serialize;

/// What most and nearly all of some durations stay below, in milliseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Spread {
    /// How many there are.
    pub(crate) count: usize,
    /// Half of them are at most this.
    pub(crate) p50: f64,
    /// 95 % of them are at most this.
    pub(crate) p95: f64,
    /// 99 % of them are at most this.
    pub(crate) p99: f64,
    /// The longest.
    pub(crate) max: f64,
}

impl Spread {
    /// The spread of `durations`; all zero when there are none.
    pub(crate) fn of(durations: &[Duration]) -> Self {
        let mut sorted = durations.to_vec();
        sorted.sort_unstable();
        // The nearest rank: the smallest value that the share of all values does not exceed.
        let at = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100).max(1);
            sorted.get(rank - 1).map_or(0.0, |duration| milliseconds(*duration))
        };
        Self { count: sorted.len(), p50: at(50), p95: at(95), p99: at(99), max: at(100) }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "p50 {:6.2} ms   p95 {:6.2} ms   max {:6.2} ms", self.p50, self.p95, self.max)
    }
}

/// A duration in milliseconds.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let durations: Vec<Duration> = (1..=200).rev().map(Duration::from_millis).collect();
        let spread = Spread::of(&durations);
        assert_eq!((spread.count, spread.p50, spread.p95), (200, 100.0, 190.0));
        assert_eq!((spread.p99, spread.max), (198.0, 200.0));
        assert_eq!(Spread::of(&[Duration::from_millis(7)]).p50, 7.0);
        assert_eq!(Spread::of(&[]).max, 0.0);
    }
}
