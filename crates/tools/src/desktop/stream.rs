//! A connection with the desktop, which counts as use of it as long as it lives.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;

/// Who uses the desktop.
#[derive(Debug)]
pub(super) struct Uses(Mutex<State>);

#[derive(Debug)]
struct State {
    connections: usize,
    last: Instant,
}

impl Default for Uses {
    fn default() -> Self {
        Self(Mutex::new(State { connections: 0, last: Instant::now() }))
    }
}

impl Uses {
    /// Notes that it is used at this moment.
    pub(super) fn touch(&self) {
        self.change(|_| {});
    }

    /// How long nobody has used it; `None` while somebody does.
    pub(super) fn idle_for(&self) -> Option<Duration> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (state.connections == 0).then(|| state.last.elapsed())
    }

    fn change(&self, change: impl FnOnce(&mut usize)) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state.connections);
        state.last = Instant::now();
    }
}

/// A byte stream with the desktop.
#[derive(Debug)]
pub struct DesktopStream {
    stream: UnixStream,
    uses: Arc<Uses>,
}

impl DesktopStream {
    pub(super) fn new(stream: UnixStream, uses: Arc<Uses>) -> Self {
        uses.change(|connections| *connections += 1);
        Self { stream, uses }
    }
}

impl Drop for DesktopStream {
    fn drop(&mut self) {
        self.uses.change(|connections| *connections -= 1);
    }
}

impl AsyncRead for DesktopStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for DesktopStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
