//! A limit on failed logins, so that tokens cannot be tried out in bulk.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures within [`WINDOW`] after which logins are refused for a while.
const MOST_FAILURES: usize = 20;
/// How long a failure counts.
const WINDOW: Duration = Duration::from_secs(60);

/// Remembers the recent failed logins of the whole instance (behind a container's port mapping all
/// people share one address, so counting by address would tell nothing).
#[derive(Debug, Default)]
pub struct LoginAttempts {
    failures: Mutex<VecDeque<Instant>>,
}

impl LoginAttempts {
    /// How long to wait before another login is looked at; `None` when it is looked at now.
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        while failures.front().is_some_and(|oldest| now.duration_since(*oldest) >= WINDOW) {
            failures.pop_front();
        }
        if failures.len() < MOST_FAILURES {
            return None;
        }
        failures.front().map(|oldest| WINDOW.saturating_sub(now.duration_since(*oldest)))
    }

    /// Counts a failed login.
    pub fn failed(&self, now: Instant) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() == MOST_FAILURES {
            failures.pop_front();
        }
        failures.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_failures_close_the_door_for_a_minute() {
        let attempts = LoginAttempts::default();
        let start = Instant::now();
        for _ in 0..MOST_FAILURES {
            assert_eq!(attempts.wait(start), None);
            attempts.failed(start);
        }
        assert_eq!(attempts.wait(start + Duration::from_secs(15)), Some(Duration::from_secs(45)));
        assert_eq!(attempts.wait(start + WINDOW), None);
    }
}
