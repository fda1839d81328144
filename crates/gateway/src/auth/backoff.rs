//! Waiting after wrong passwords, name by name: guessing one gets slower with each attempt, and nobody else's login does.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Attempts that take no waiting.
const FREE: u32 = 5;
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// After so long without an attempt a name begins anew.
const FORGET: Duration = Duration::from_secs(3600);
/// Most names that are remembered; the one that was tried longest ago makes room.
const MOST_NAMES: usize = 4096;

/// Recent attempts to log in, by name, whether there is such a person or not.
#[derive(Debug, Default)]
pub struct Backoff(Mutex<HashMap<String, Attempts>>);

#[derive(Debug, Clone, Copy)]
struct Attempts {
    count: u32,
    last: Instant,
}

impl Backoff {
    /// Counts an attempt before it is looked at, so that many at once are no way around; gives how long to wait
    /// instead, when it is too early for one.
    ///
    /// # Errors
    /// The time to wait.
    pub fn begin(&self, name: &str, now: Instant) -> Result<(), Duration> {
        let mut names = self.lock();
        let earlier = names.get(name).copied().filter(|attempts| now.duration_since(attempts.last) < FORGET);
        let count = earlier.map_or(0, |attempts| attempts.count);
        if let Some(attempts) = earlier {
            let wait = pause(count).saturating_sub(now.duration_since(attempts.last));
            if !wait.is_zero() {
                return Err(wait);
            }
        }
        if names.len() >= MOST_NAMES && !names.contains_key(name) {
            let oldest = names.iter().min_by_key(|(_, attempts)| attempts.last).map(|(name, _)| name.clone());
            oldest.and_then(|oldest| names.remove(&oldest));
        }
        names.insert(name.to_owned(), Attempts { count: count.saturating_add(1), last: now });
        Ok(())
    }

    /// The attempt was right: the name begins anew.
    pub fn succeeded(&self, name: &str) {
        self.lock().remove(name);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Attempts>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long after the last of `count` attempts the next may come.
fn pause(count: u32) -> Duration {
    match count.checked_sub(FREE) {
        None => Duration::ZERO,
        Some(over) => Duration::from_secs(1 << over.min(10)).min(LONGEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_password_makes_the_next_wait_longer_for_that_name_alone() {
        let backoff = Backoff::default();
        let mut now = Instant::now();
        for _ in 0..FREE {
            assert_eq!(backoff.begin("ada", now), Ok(()));
        }
        for seconds in [1, 2, 4, 8] {
            assert_eq!(backoff.begin("ada", now), Err(Duration::from_secs(seconds)));
            assert_eq!(
                backoff.begin("ada", now),
                Err(Duration::from_secs(seconds)),
                "asking changes nothing"
            );
            assert_eq!(backoff.begin("bob", now), Ok(()));
            backoff.succeeded("bob");
            now += Duration::from_secs(seconds);
            assert_eq!(backoff.begin("ada", now), Ok(()));
        }
        assert_eq!(pause(u32::MAX), LONGEST);
        assert_eq!(backoff.begin("ada", now + FORGET), Ok(()));
        backoff.succeeded("ada");
        for _ in 0..FREE {
            assert_eq!(backoff.begin("ada", now), Ok(()));
        }
    }

    #[test]
    fn names_that_nobody_has_do_not_fill_the_memory() {
        let backoff = Backoff::default();
        let start = Instant::now();
        for n in 0..2 * MOST_NAMES {
            let later = start + Duration::from_micros(u64::try_from(n).expect("small"));
            assert_eq!(backoff.begin(&format!("name-{n}"), later), Ok(()));
        }
        assert_eq!(backoff.lock().len(), MOST_NAMES);
    }
}
