//! How long to wait before a failed model call is made again.

use std::time::Duration;

use crate::provider::failure::{CallFailure, Retry};
use crate::settings::RetryPolicy;

/// The wait before attempt `attempt + 1`, given that `attempt` (from 1) has failed; `None` when it should
/// not be made. `jitter` is a random number from 0 to 1.
pub(crate) fn wait(
    policy: &RetryPolicy,
    failure: &CallFailure,
    attempt: u32,
    jitter: f64,
) -> Option<Duration> {
    if failure.retry == Retry::Never || attempt >= policy.max_attempts {
        return None;
    }
    // A provider that wants to be left alone for longer is left alone; the person can continue then.
    if failure.problem.retry_after_ms.is_some_and(|asked| Duration::from_millis(asked) > policy.cap) {
        return None;
    }
    // "At once" is no advice to somebody who was just told to come less often.
    if let Some(asked) = failure.problem.retry_after_ms.filter(|asked| *asked > 0) {
        return Some(Duration::from_millis(asked));
    }
    let full = policy.base.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
    // Between half and all of it, so that many clients do not come back at the same moment.
    Some(full.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0).min(policy.cap))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    #[test]
    fn waits_grow_are_capped_and_end() {
        let policy = Settings::default().retry;
        let failure = CallFailure::cut("");
        let waits: Vec<_> = (1..=4).map(|attempt| wait(&policy, &failure, attempt, 1.0)).collect();
        let seconds = |count| Some(Duration::from_secs(count));
        assert_eq!(waits, [seconds(1), seconds(2), seconds(4), None]);
        assert_eq!(wait(&policy, &failure, 1, 0.0), Some(Duration::from_millis(500)));
        let mut asked = failure;
        asked.problem.retry_after_ms = Some(7_200_000);
        assert_eq!(wait(&policy, &asked, 1, 0.3), None);
        asked.problem.retry_after_ms = Some(60_000);
        assert_eq!(wait(&policy, &asked, 1, 0.3), seconds(60));
        asked.problem.retry_after_ms = Some(0);
        assert_eq!(wait(&policy, &asked, 2, 1.0), seconds(2));
        assert_eq!(wait(&policy, &CallFailure::refused(""), 1, 0.3), None);
    }
}
