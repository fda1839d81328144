//! Moving what was committed from SQLite's write-ahead log into the database file.
//!
//! SQLite itself does that within the commit that makes the log long, and waits for the disk several times
//! meanwhile: a step of a run would wait with it. Here it is done beside the writers, and while nothing is written,
//! as when a model thinks: a commit beside it, and the first after it, were measured to take 20 ms. It loses
//! nothing: a transaction is committed, and outlives the program, once it is in the log.

use std::time::Duration;

use sqlx::AnyPool;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Backend, Store, StoreError};

/// Events after which it is due, at the next quiet moment; the log has some 16 MB then.
const EVENTS: i64 = 1000;

/// Events after which it is done in any case, before [`MOST_PAGES`] are there.
const MOST_EVENTS: i64 = 3 * EVENTS;

/// Without an event for so long, the moment is quiet.
const QUIET: Duration = Duration::from_millis(200);

/// Length of the log, in pages of 4 KiB, at which a commit does it after all: when the writers leave no gap
/// in which the log could be begun anew, or events are very long.
pub(super) const MOST_PAGES: u32 = 16_384;

impl Store {
    /// Keeps the log short until `stop` is cancelled. To be spawned by whoever opened the store. PostgreSQL does
    /// that by itself.
    pub async fn keep_log_short(self, stop: CancellationToken) {
        if self.backend() != Backend::Sqlite {
            return;
        }
        let mut newest = self.feed().subscribe();
        let mut done = self.feed().newest();
        loop {
            let due = due(&mut newest, done);
            done = match stop.run_until_cancelled(due).await {
                Some(Ok(seq)) => seq,
                Some(Err(_)) | None => return,
            };
            if let Err(error) = checkpoint(self.pool()).await {
                tracing::warn!(%error, "the write-ahead log could not be shortened");
            }
        }
    }
}

/// Waits until the log is to be shortened again, which was last done at `done`; gives the newest event.
async fn due(newest: &mut watch::Receiver<i64>, done: i64) -> Result<i64, watch::error::RecvError> {
    let mut seq = *newest.wait_for(|seq| *seq >= done + EVENTS).await?;
    while seq < done + MOST_EVENTS {
        match tokio::time::timeout(QUIET, newest.changed()).await {
            Ok(changed) => changed?,
            Err(_) => break,
        }
        seq = *newest.borrow_and_update();
    }
    Ok(seq)
}

/// Moves what can be moved without making readers or writers wait.
async fn checkpoint(pool: &AnyPool) -> Result<(), StoreError> {
    sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(pool).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use slipway_protocol::event::EventBody;
    use slipway_protocol::message::NoticeLevel;

    use super::*;
    use crate::store::Location;

    #[tokio::test(start_paused = true)]
    async fn it_waits_for_a_quiet_moment_but_not_for_ever() {
        let (events, mut newest) = watch::channel(0);
        let writing = tokio::spawn(async move {
            // Never quiet before 1 500 events, nor after 2 000.
            for seq in 1..=6 * EVENTS {
                let pause = if seq == 1_501 { QUIET * 2 } else { QUIET / 4 };
                tokio::time::sleep(pause).await;
                events.send_replace(seq);
            }
        });
        assert_eq!(due(&mut newest, 0).await.ok(), Some(1_500));
        let latest = due(&mut newest, 1_500).await.expect("still writing");
        assert!((1_500 + MOST_EVENTS..1_510 + MOST_EVENTS).contains(&latest), "{latest}");
        writing.abort();
        assert!(due(&mut newest, latest).await.is_err(), "the writer is gone");
    }

    #[tokio::test]
    async fn the_log_is_moved_without_a_commit_doing_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(&Location::in_data_dir(directory.path())).await.expect("opens");
        let file = directory.path().join("slipway.db");
        let length = || std::fs::metadata(&file).expect("a file").len();
        let before = length();
        let stop = CancellationToken::new();
        let keeping = tokio::spawn(store.clone().keep_log_short(stop.clone()));
        let mut write = store.write().await.expect("a turn");
        for _ in 0..EVENTS {
            let text = "x".repeat(100);
            let body = EventBody::Notice { level: NoticeLevel::Info, text };
            write.record(None, body).await.expect("recorded");
        }
        write.commit().await.expect("committed");
        let moved = async {
            while length() == before {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), moved).await.expect("moved");
        stop.cancel();
        keeping.await.expect("ended");
    }
}
