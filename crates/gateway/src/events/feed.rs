//! The newest events in memory, and the bell that tells readers of new ones.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::LoggedEvent;

/// Most events kept in memory; older ones are read from the database.
const MAX_EVENTS: usize = 4096;
/// Most bytes of JSON kept in memory.
const MAX_BYTES: usize = 4 << 20;

/// A bounded cache of the newest events. Numbers in it have no gaps: one process gives them all out.
#[derive(Debug)]
pub struct Feed {
    recent: Mutex<Recent>,
    newest: watch::Sender<i64>,
}

#[derive(Debug, Default)]
struct Recent {
    events: VecDeque<Arc<LoggedEvent>>,
    bytes: usize,
}

impl Feed {
    /// An empty cache behind event number `seq`.
    pub(crate) fn starting_at(seq: i64) -> Self {
        Self { recent: Mutex::default(), newest: watch::Sender::new(seq) }
    }

    /// Number of the newest event.
    pub fn newest(&self) -> i64 {
        *self.newest.borrow()
    }

    /// Tells whenever the number of the newest event changes.
    pub fn subscribe(&self) -> watch::Receiver<i64> {
        self.newest.subscribe()
    }

    /// Adds committed events, in order, and wakes readers.
    pub(crate) fn publish(&self, events: Vec<Arc<LoggedEvent>>) {
        let (Some(oldest), Some(newest)) = (events.first(), events.last().map(|event| event.seq)) else {
            return;
        };
        {
            let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            if recent.events.back().is_some_and(|last| last.seq + 1 != oldest.seq) {
                // Positions here are counted, so a gap must not be; readers find it in the database.
                *recent = Recent::default();
            }
            recent.bytes += events.iter().map(|event| event.json.len()).sum::<usize>();
            recent.events.extend(events);
            while recent.events.len() > MAX_EVENTS || recent.bytes > MAX_BYTES {
                let Some(oldest) = recent.events.pop_front() else { break };
                recent.bytes -= oldest.json.len();
            }
        }
        self.newest.send_replace(newest);
    }

    /// Up to `limit` events after number `after`; `None` when the first of them is no longer here.
    pub(crate) fn after(&self, after: i64, limit: usize) -> Option<Vec<Arc<LoggedEvent>>> {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(oldest) = recent.events.front().map(|event| event.seq) else {
            return (after >= self.newest()).then(Vec::new);
        };
        let skip = usize::try_from(after + 1 - oldest).ok()?;
        Some(recent.events.iter().skip(skip).take(limit).cloned().collect())
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

    fn numbers(events: Option<Vec<Arc<LoggedEvent>>>) -> Option<Vec<i64>> {
        Some(events?.iter().map(|event| event.seq).collect())
    }

    #[test]
    fn gives_what_comes_after_a_number() {
        let feed = Feed::starting_at(7);
        assert_eq!(numbers(feed.after(7, 10)), Some(vec![]));
        assert_eq!(numbers(feed.after(6, 10)), None);
        feed.publish(vec![event(8, 1), event(9, 1), event(10, 1)]);
        assert_eq!(numbers(feed.after(8, 10)), Some(vec![9, 10]));
        assert_eq!(numbers(feed.after(7, 2)), Some(vec![8, 9]));
        assert_eq!(numbers(feed.after(10, 2)), Some(vec![]));
        assert_eq!(numbers(feed.after(6, 2)), None);
        assert_eq!(feed.newest(), 10);
    }

    #[test]
    fn a_gap_sends_readers_to_the_database() {
        let feed = Feed::starting_at(0);
        feed.publish(vec![event(1, 1), event(2, 1)]);
        feed.publish(vec![event(4, 1)]);
        assert_eq!(numbers(feed.after(2, 10)), None);
        assert_eq!(numbers(feed.after(3, 10)), Some(vec![4]));
    }

    #[test]
    fn memory_is_bounded() {
        let feed = Feed::starting_at(0);
        for seq in 1..=8 {
            feed.publish(vec![event(seq, 1 << 20)]);
        }
        assert_eq!(numbers(feed.after(3, 10)), None);
        assert_eq!(numbers(feed.after(4, 10)), Some(vec![5, 6, 7, 8]));
    }
}
