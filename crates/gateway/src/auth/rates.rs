//! How often a person may ask for what is expensive. Programs on the host, by the launcher's token, are not limited.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::Method;
use slipway_protocol::{Problem, UserId};

/// A kind of requests, by what they cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Cost {
    /// Reads many rows: searching.
    Search,
    /// Reads all of something: exports, archives.
    Whole,
    /// Calls a model or another server.
    Outward,
    /// Starts work: messages, runs, clones, restorations.
    Work,
    /// Computes a hash of a password.
    Password,
    /// Everything else.
    Other,
}

/// Routes that cost more than others, by their path under `/api/v1`.
const COSTS: [(&str, &[Method], Cost); 19] = [
    ("/backup", &[Method::GET, Method::PUT], Cost::Whole),
    ("/search", &[Method::GET], Cost::Search),
    ("/conversations/{id}/export", &[Method::GET], Cost::Whole),
    ("/conversations/{id}/transcript", &[Method::GET], Cost::Whole),
    ("/workspace/zip", &[Method::GET], Cost::Whole),
    ("/providers/test", &[Method::POST], Cost::Outward),
    ("/providers/{id}/models", &[Method::GET], Cost::Outward),
    ("/workspace/clones", &[Method::POST], Cost::Outward),
    ("/conversations", &[Method::POST], Cost::Work),
    ("/conversations/{id}/messages", &[Method::POST], Cost::Work),
    ("/conversations/{id}/continue", &[Method::POST], Cost::Work),
    ("/conversations/{id}/queue/{message_id}/send", &[Method::POST], Cost::Work),
    ("/conversations/{id}/questions/{call_id}/answer", &[Method::POST], Cost::Work),
    ("/conversations/{id}/approvals/{call_id}", &[Method::POST], Cost::Work),
    ("/conversations/{id}/restore/preview", &[Method::POST], Cost::Work),
    ("/conversations/{id}/restore", &[Method::POST], Cost::Work),
    ("/account/password", &[Method::PUT], Cost::Password),
    ("/people", &[Method::POST], Cost::Password),
    ("/people/{id}/password", &[Method::POST], Cost::Password),
];

/// What a route costs; `route` is the path's pattern.
pub(crate) fn cost(method: &Method, route: Option<&str>) -> Cost {
    let path = route.and_then(|route| route.strip_prefix("/api/v1"));
    let said = COSTS.iter().find(|(known, methods, _)| path == Some(*known) && methods.contains(method));
    said.map_or(Cost::Other, |(_, _, cost)| *cost)
}

impl Cost {
    /// Requests of one person in a minute; as many may come at once.
    fn in_a_minute(self) -> u32 {
        match self {
            Self::Search => 120,
            Self::Whole => 60,
            Self::Outward => 30,
            Self::Work => 120,
            Self::Password => 10,
            Self::Other => 6_000,
        }
    }
}

/// What each person has asked for lately.
#[derive(Debug, Default)]
pub struct Rates(Mutex<HashMap<(UserId, Cost), Bucket>>);

/// What is left at a moment; it fills again with time.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Rates {
    /// Counts a request.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub(crate) fn take(&self, user: &UserId, cost: Cost, now: Instant) -> Result<(), Duration> {
        let most = f64::from(cost.in_a_minute());
        let each = 60.0 / most;
        let mut buckets = self.lock();
        let bucket = buckets.entry((user.clone(), cost)).or_insert(Bucket { left: most, at: now });
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        *bucket = Bucket { left: (bucket.left + passed / each).min(most), at: now };
        if bucket.left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.left) * each));
        }
        bucket.left -= 1.0;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(UserId, Cost), Bucket>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What somebody is told who asks too often (429).
pub(crate) fn refused(wait: Duration) -> Problem {
    let mut problem = Problem::new(429, "too_many_requests", "You ask for this too often")
        .detail("Each account has a limit for what is expensive.")
        .hint("Wait a little and try again.");
    problem.retry_after_ms = u64::try_from(wait.as_millis()).ok();
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_up_comes_back_with_time_and_for_each_person_alone() {
        let rates = Rates::default();
        let (ada, bob) = (UserId::from("ada"), UserId::from("bob"));
        let start = Instant::now();
        for _ in 0..Cost::Outward.in_a_minute() {
            assert_eq!(rates.take(&ada, Cost::Outward, start), Ok(()));
        }
        assert_eq!(rates.take(&ada, Cost::Outward, start), Err(Duration::from_secs(2)));
        assert_eq!(rates.take(&ada, Cost::Search, start), Ok(()));
        assert_eq!(rates.take(&bob, Cost::Outward, start), Ok(()));
        assert_eq!(rates.take(&ada, Cost::Outward, start + Duration::from_secs(3)), Ok(()));
        assert!(rates.take(&ada, Cost::Outward, start + Duration::from_secs(3)).is_err());
    }

    #[test]
    fn what_is_expensive_is_known_by_its_route() {
        assert_eq!(cost(&Method::GET, Some("/api/v1/search")), Cost::Search);
        assert_eq!(cost(&Method::GET, Some("/api/v1/conversations")), Cost::Other);
        assert_eq!(cost(&Method::POST, Some("/api/v1/conversations")), Cost::Work);
        assert_eq!(cost(&Method::GET, None), Cost::Other);
    }
}
