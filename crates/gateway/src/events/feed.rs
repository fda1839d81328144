//! The newest events in memory, and the bell that tells readers of new ones.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, watch};

use super::LoggedEvent;

/// Most events kept in memory; older ones are read from the database.
const MAX_EVENTS: usize = 4096;
/// Most bytes of JSON kept in memory.
const MAX_BYTES: usize = 4 << 20;

/// A bounded cache of the newest events, in the order of their numbers. It holds all that came after a certain one;
/// numbers may be missing, whose events were deleted before they came here.
#[derive(Debug)]
pub struct Feed {
    recent: Mutex<Recent>,
    newest: watch::Sender<i64>,
    /// Rung when events are missing here that another gateway has recorded.
    wanted: Notify,
}

#[derive(Debug, Default)]
struct Recent {
    /// Everything behind this number, up to the newest, is here.
    floor: i64,
    newest: i64,
    events: VecDeque<Arc<LoggedEvent>>,
    bytes: usize,
}

impl Feed {
    /// An empty cache behind event number `seq`.
    pub(crate) fn starting_at(seq: i64) -> Self {
        let recent = Recent { floor: seq, newest: seq, ..Recent::default() };
        Self { recent: Mutex::new(recent), newest: watch::Sender::new(seq), wanted: Notify::new() }
    }

    /// Number of the newest event that is known here.
    pub fn newest(&self) -> i64 {
        *self.newest.borrow()
    }

    /// Tells whenever the number of the newest event changes.
    pub fn subscribe(&self) -> watch::Receiver<i64> {
        self.newest.subscribe()
    }

    /// Waits until events are missing here.
    pub(crate) async fn wanted(&self) {
        self.wanted.notified().await;
    }

    /// Adds committed events and wakes readers: all that there are behind number `after`, up to number `up_to`. What
    /// is here already is left out. Nothing is added when what came before is missing: it has to be read first, and
    /// these with it.
    pub(crate) fn publish(&self, after: i64, up_to: i64, events: Vec<Arc<LoggedEvent>>) {
        {
            let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            if after > recent.newest {
                self.wanted.notify_one();
                return;
            }
            let known = recent.newest;
            for event in events.into_iter().filter(|event| event.seq > known) {
                recent.bytes += event.json.len();
                recent.events.push_back(event);
            }
            recent.newest = known.max(up_to);
            while recent.events.len() > MAX_EVENTS || recent.bytes > MAX_BYTES {
                let Some(oldest) = recent.events.pop_front() else { break };
                recent.bytes -= oldest.json.len();
                recent.floor = oldest.seq;
            }
        }
        self.newest.send_if_modified(|newest| {
            let is_newer = up_to > *newest;
            *newest = up_to.max(*newest);
            is_newer
        });
    }

    /// Up to `limit` events after number `after`, and the number up to which they are all; `None` when some of
    /// them are no longer here.
    pub(crate) fn after(&self, after: i64, limit: usize) -> Option<(Vec<Arc<LoggedEvent>>, i64)> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if after < recent.floor {
            return None;
        }
        let skip = recent.events.partition_point(|event| event.seq <= after);
        let events: Vec<_> = recent.events.iter().skip(skip).take(limit).cloned().collect();
        let reached = match events.last() {
            Some(last) if events.len() == limit => last.seq,
            _ => recent.newest.max(after),
        };
        Some((events, reached))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(seq: i64, bytes: usize) -> Arc<LoggedEvent> {
        Arc::new(LoggedEvent {
            seq,
            conversation_id: None,
            for_user: true,
            user_id: None,
            kind: "notice".to_owned(),
            json: "x".repeat(bytes),
        })
    }

    fn publish(feed: &Feed, after: i64, numbers: &[i64]) {
        let up_to = numbers.last().copied().unwrap_or(after);
        feed.publish(after, up_to, numbers.iter().map(|seq| event(*seq, 1)).collect());
    }

    fn numbers(found: Option<(Vec<Arc<LoggedEvent>>, i64)>) -> Option<(Vec<i64>, i64)> {
        found.map(|(events, reached)| (events.iter().map(|event| event.seq).collect(), reached))
    }

    #[test]
    fn gives_what_comes_after_a_number() {
        let feed = Feed::starting_at(7);
        assert_eq!(numbers(feed.after(7, 10)), Some((vec![], 7)));
        assert_eq!(numbers(feed.after(6, 10)), None);
        publish(&feed, 7, &[8, 9, 10]);
        assert_eq!(numbers(feed.after(8, 10)), Some((vec![9, 10], 10)));
        assert_eq!(numbers(feed.after(7, 2)), Some((vec![8, 9], 9)));
        assert_eq!(numbers(feed.after(10, 2)), Some((vec![], 10)));
        assert_eq!(numbers(feed.after(6, 2)), None);
        assert_eq!(feed.newest(), 10);
    }

    #[test]
    fn what_another_gateway_recorded_before_has_to_come_first() {
        let feed = Feed::starting_at(0);
        publish(&feed, 0, &[1, 2]);
        publish(&feed, 4, &[5]);
        assert_eq!((feed.newest(), numbers(feed.after(2, 10))), (2, Some((vec![], 2))));
        assert!(futures::FutureExt::now_or_never(feed.wanted()).is_some(), "somebody is to read them");
        // Read from the database, in which number 4 was deleted.
        feed.publish(2, 5, vec![event(3, 1), event(5, 1)]);
        assert_eq!(numbers(feed.after(2, 10)), Some((vec![3, 5], 5)));
    }

    #[test]
    fn what_was_read_from_the_database_already_is_not_there_twice() {
        let feed = Feed::starting_at(0);
        publish(&feed, 0, &[1, 2, 3]);
        publish(&feed, 1, &[2, 3, 4]);
        assert_eq!(numbers(feed.after(0, 10)), Some((vec![1, 2, 3, 4], 4)));
        publish(&feed, 1, &[2, 3]);
        assert_eq!((feed.newest(), numbers(feed.after(3, 10))), (4, Some((vec![4], 4))));
    }

    #[test]
    fn a_reader_gets_past_numbers_that_are_missing() {
        let feed = Feed::starting_at(0);
        feed.publish(0, 9, vec![event(4, 1)]);
        assert_eq!(numbers(feed.after(4, 10)), Some((vec![], 9)));
        assert_eq!(numbers(feed.after(0, 10)), Some((vec![4], 9)));
    }

    #[test]
    fn memory_is_bounded() {
        let feed = Feed::starting_at(0);
        for seq in 1..=8 {
            feed.publish(seq - 1, seq, vec![event(seq, 1 << 20)]);
        }
        assert_eq!(numbers(feed.after(3, 10)), None);
        assert_eq!(numbers(feed.after(4, 10)), Some((vec![5, 6, 7, 8], 8)));
    }
}
