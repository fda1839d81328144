//! Named places where the programs can be made to die at once, as by `kill -9`, so that tests can look at what
//! is left. `SLIPWAY_FAIL_POINT=<name>` arms one, `<name>:<n>` its n-th passing.
//!
//! Only builds with debug assertions have them; in all others [`reach`] is empty and costs nothing. The list of
//! all is here, so that a test can walk it and fail where nobody passes one.

mod points;

pub use points::Point;

/// Variable that names the place to die at.
pub const VARIABLE: &str = "SLIPWAY_FAIL_POINT";

/// Which of the programs passes a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `slipway-gateway`.
    Gateway,
    /// `slipway-engine`.
    Engine,
    /// `slipway-toolhost`.
    ToolHost,
}

/// Dies here if this is the place that is armed.
#[cfg(debug_assertions)]
pub fn reach(point: Point) {
    armed::reach(point);
}

/// Does nothing: this build has no fail points.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub const fn reach(_: Point) {}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::{Point, VARIABLE};

    /// A place, and how often it is still to be passed.
    struct Armed {
        point: Point,
        left: AtomicU32,
    }

    static ARMED: OnceLock<Option<Armed>> = OnceLock::new();

    pub(super) fn reach(point: Point) {
        let Some(armed) = ARMED.get_or_init(from_environment) else { return };
        if armed.point == point && armed.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            die();
        }
    }

    fn from_environment() -> Option<Armed> {
        let wanted = std::env::var(VARIABLE).ok()?;
        let armed = parse(&wanted);
        if armed.is_none() {
            // A test that misspells a name must not pass.
            die();
        }
        armed.map(|(point, times)| Armed { point, left: AtomicU32::new(times) })
    }

    pub(super) fn parse(wanted: &str) -> Option<(Point, u32)> {
        let (name, times) = match wanted.split_once(':') {
            Some((name, times)) => (name, times.parse().ok()?),
            None => (wanted, 1),
        };
        Some((Point::named(name)?, times))
    }

    /// Nothing is flushed, unlocked or dropped: as in a crash.
    fn die() {
        // A signal to this process cannot fail, and nothing comes after this one.
        let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGKILL);
        std::process::abort();
    }
}

#[cfg(all(test, debug_assertions))]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_named_alone_or_with_a_number() {
        assert_eq!(armed::parse("run.launched"), Some((Point::RunLaunched, 1)));
        assert_eq!(armed::parse("run.launched:3"), Some((Point::RunLaunched, 3)));
        assert_eq!(armed::parse("run.landed"), None);
        assert_eq!(armed::parse("run.launched:soon"), None);
    }

    #[test]
    fn names_are_told_apart() {
        let mut names: Vec<_> = Point::ALL.iter().map(|point| point.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Point::ALL.len());
        assert!(Point::ALL.iter().all(|point| Point::named(point.name()) == Some(*point)));
    }
}
