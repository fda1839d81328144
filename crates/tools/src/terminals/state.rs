//! What a shell, its terminal and its readers share.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use slipway_protocol::terminal::TerminalStatus;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::ring::Ring;
use crate::shell::Size;

/// Most readers of one shell; the oldest makes room.
const MAX_READERS: usize = 16;

/// The shared state; every method is short.
pub(super) struct Shared {
    state: Mutex<State>,
    /// Counts changes, for readers and for who reads the terminal.
    changes: watch::Sender<u64>,
}

struct State {
    ring: Ring,
    about: About,
    readers: Vec<Reader>,
    next_reader: u64,
    last_use: Instant,
}

/// What is told of a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct About {
    pub(super) name: Option<String>,
    pub(super) size: Size,
    pub(super) status: TerminalStatus,
    pub(super) exit_code: Option<i32>,
}

/// Names a reader of a shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReaderKey(u64);

struct Reader {
    key: ReaderKey,
    /// Everything before this offset has been read.
    acknowledged: u64,
    /// Fires when it is sent away, or leaves.
    _stay: DropGuard,
}

/// How a reader has come in.
pub(super) struct Entrance {
    /// Its name.
    pub(super) key: ReaderKey,
    /// Offset of the first byte that it gets.
    pub(super) start: u64,
    /// Bytes that there are.
    pub(super) end: u64,
    /// Fires when it is sent away.
    pub(super) dismissed: CancellationToken,
}

/// What there is for a reader.
pub(super) struct News {
    /// The bytes from its offset on; none while it has to acknowledge first.
    pub(super) bytes: Vec<u8>,
    pub(super) about: About,
    /// Whether there is nothing more to come.
    pub(super) is_all: bool,
}

impl Shared {
    pub(super) fn new(about: About, kept_bytes: usize) -> Self {
        let state = State {
            ring: Ring::new(kept_bytes),
            about,
            readers: Vec::new(),
            next_reader: 0,
            last_use: Instant::now(),
        };
        Self { state: Mutex::new(state), changes: watch::Sender::new(0) }
    }

    /// A receiver that hears of every change from now on.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub(super) fn about(&self) -> About {
        self.lock().about.clone()
    }

    /// Changes what is told of the shell.
    pub(super) fn change(&self, change: impl FnOnce(&mut About)) {
        change(&mut self.lock().about);
        self.tell();
    }

    /// Since when nobody has used the shell; `None` while somebody looks at it.
    pub(super) fn unused_since(&self) -> Option<Instant> {
        let state = self.lock();
        state.readers.is_empty().then_some(state.last_use)
    }

    /// Notes that something was typed.
    pub(super) fn touch(&self) {
        self.lock().last_use = Instant::now();
    }

    /// Takes output.
    pub(super) fn append(&self, bytes: &[u8]) {
        let mut state = self.lock();
        state.ring.append(bytes);
        state.last_use = Instant::now();
        drop(state);
        self.tell();
    }

    /// How many bytes may come until the slowest reader would lose some.
    pub(super) fn room(&self, kept_bytes: usize) -> usize {
        let state = self.lock();
        let slowest = state.readers.iter().map(|reader| reader.acknowledged).min();
        let behind = slowest.map_or(0, |slowest| state.ring.end().saturating_sub(slowest));
        kept_bytes.saturating_sub(usize::try_from(behind).unwrap_or(usize::MAX))
    }

    /// Sends the slowest reader away.
    pub(super) fn dismiss_slowest(&self) {
        let mut state = self.lock();
        let slowest = state.readers.iter().map(|reader| reader.acknowledged).min();
        state.readers.retain(|reader| Some(reader.acknowledged) != slowest);
        drop(state);
        self.tell();
    }

    /// Enters a reader that wants output from an offset on, or all.
    pub(super) fn enter(&self, from: Option<u64>) -> Entrance {
        let mut state = self.lock();
        let key = ReaderKey(state.next_reader);
        state.next_reader += 1;
        let (beginning, end) = (state.ring.beginning(), state.ring.end());
        let start = match from {
            Some(from) if from >= state.ring.start() => from.min(end),
            Some(_) | None => beginning,
        };
        if state.readers.len() >= MAX_READERS {
            state.readers.remove(0);
        }
        let dismissed = CancellationToken::new();
        state.readers.push(Reader { key, acknowledged: start, _stay: dismissed.clone().drop_guard() });
        drop(state);
        self.tell();
        Entrance { key, start, end, dismissed }
    }

    pub(super) fn leave(&self, key: ReaderKey) {
        let mut state = self.lock();
        state.readers.retain(|reader| reader.key != key);
        state.last_use = Instant::now();
        drop(state);
        self.tell();
    }

    /// Notes how far a reader has read; never back, and never beyond what there is.
    pub(super) fn acknowledge(&self, key: ReaderKey, offset: u64) {
        let mut state = self.lock();
        let end = state.ring.end();
        if let Some(reader) = state.readers.iter_mut().find(|reader| reader.key == key) {
            reader.acknowledged = reader.acknowledged.max(offset.min(end));
        }
        drop(state);
        self.tell();
    }

    /// What there is for a reader from `offset` on, at most `most` bytes and at most `unread` beyond what it has
    /// acknowledged; `None` when it was sent away.
    pub(super) fn news(&self, key: ReaderKey, offset: u64, most: usize, unread: u64) -> Option<News> {
        let state = self.lock();
        let reader = state.readers.iter().find(|reader| reader.key == key)?;
        let allowed = (reader.acknowledged + unread).saturating_sub(offset);
        let most = usize::try_from(allowed).unwrap_or(usize::MAX).min(most);
        let bytes = state.ring.read(offset, most);
        let has_ended = state.about.status != TerminalStatus::Running;
        let is_all = has_ended && offset + bytes.len() as u64 == state.ring.end();
        Some(News { bytes, about: state.about.clone(), is_all })
    }

    fn tell(&self) {
        self.changes.send_modify(|changes| *changes = changes.wrapping_add(1));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
