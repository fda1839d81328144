//! Pages that were fetched a short while ago.

use std::num::NonZero;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lru::LruCache;
use slipway_protocol::fetch::FetchedPage;

/// How long a page is kept.
pub(super) const LIFE: Duration = Duration::from_secs(15 * 60);

/// Most pages.
const MAX_PAGES: NonZero<usize> = NonZero::<usize>::MIN.saturating_add(63);

/// Most bytes of text of all pages together.
const MAX_BYTES: usize = 8 << 20;

/// Pages by address; the one that was used longest ago makes room.
pub(super) struct Cache {
    pages: LruCache<String, Kept>,
    bytes: usize,
}

struct Kept {
    page: Arc<FetchedPage>,
    at: Instant,
}

impl Default for Cache {
    fn default() -> Self {
        Self { pages: LruCache::new(MAX_PAGES), bytes: 0 }
    }
}

impl Cache {
    /// A page that is young enough, and its age.
    pub(super) fn get(&mut self, key: &str, now: Instant) -> Option<(Arc<FetchedPage>, Duration)> {
        let kept = self.pages.get(key)?;
        let age = now.saturating_duration_since(kept.at);
        if age < LIFE {
            return Some((Arc::clone(&kept.page), age));
        }
        let old = self.pages.pop(key);
        self.release(old);
        None
    }

    pub(super) fn put(&mut self, key: &str, page: Arc<FetchedPage>, now: Instant) {
        self.bytes += page.text.len();
        // The one of the same address, or the oldest where there are enough.
        let gone = self.pages.push(key.to_owned(), Kept { page, at: now });
        self.release(gone.map(|(_, kept)| kept));
        while self.bytes > MAX_BYTES {
            let Some((_, oldest)) = self.pages.pop_lru() else { break };
            self.release(Some(oldest));
        }
    }

    fn release(&mut self, kept: Option<Kept>) {
        self.bytes -= kept.map_or(0, |kept| kept.page.text.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(bytes: usize) -> Arc<FetchedPage> {
        Arc::new(FetchedPage {
            url: String::new(),
            status: 200,
            content_type: String::new(),
            title: None,
            text: "x".repeat(bytes),
            notes: Vec::new(),
            bytes: 0,
            age_seconds: None,
        })
    }

    #[test]
    fn pages_are_kept_for_a_quarter_of_an_hour() {
        let (mut cache, now) = (Cache::default(), Instant::now());
        cache.put("a", page(5), now);
        let minutes = |minutes: u64| now + Duration::from_secs(60 * minutes);
        assert_eq!(cache.get("a", minutes(14)).unwrap().1.as_secs(), 14 * 60);
        assert!(cache.get("b", now).is_none());
        assert!(cache.get("a", minutes(15)).is_none());
        assert!(cache.get("a", now).is_none(), "it is gone for good");
        assert_eq!(cache.bytes, 0);
    }

    #[test]
    fn the_longest_unused_makes_room() {
        let (mut cache, now) = (Cache::default(), Instant::now());
        for number in 0..MAX_PAGES.get() {
            cache.put(&number.to_string(), page(1), now);
        }
        assert!(cache.get("0", now).is_some());
        cache.put("new", page(1), now);
        assert!(cache.get("0", now).is_some() && cache.get("1", now).is_none());
        assert_eq!(cache.bytes, MAX_PAGES.get());
        cache.put("new", page(3), now);
        assert_eq!(cache.bytes, MAX_PAGES.get() + 2);
    }

    #[test]
    fn bytes_are_bounded() {
        let (mut cache, now) = (Cache::default(), Instant::now());
        for number in 0..10 {
            cache.put(&number.to_string(), page(MAX_BYTES / 4), now);
            assert!(cache.bytes <= MAX_BYTES);
        }
        assert!(cache.get("9", now).is_some() && cache.get("5", now).is_none());
        cache.put("giant", page(MAX_BYTES + 1), now);
        assert_eq!(cache.bytes, 0);
    }
}
