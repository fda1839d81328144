//! What the launcher is asked to do: only it talks to Docker, so it asks here whether there is anything.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use slipway_protocol::api::SandboxOrder;
use tokio::sync::Notify;

/// How long a launcher waits for an order before it asks again.
const PATIENCE: Duration = Duration::from_secs(20);

/// Orders for the launcher. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct SandboxOrders {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    resets: Notify,
    waiting: AtomicUsize,
}

impl SandboxOrders {
    /// Whether a launcher waits for orders.
    pub fn has_launcher(&self) -> bool {
        self.shared.waiting.load(Ordering::Relaxed) > 0
    }

    /// Orders the sandbox to be made anew; `false` when no launcher waits, and nothing was ordered.
    pub fn reset(&self) -> bool {
        let is_heard = self.has_launcher();
        if is_heard {
            self.shared.resets.notify_one();
        }
        is_heard
    }

    /// The next order, for a launcher; [`SandboxOrder::Wait`] when none comes for a while.
    pub async fn next(&self) -> SandboxOrder {
        let _waiting = Waiting::new(&self.shared);
        match tokio::time::timeout(PATIENCE, self.shared.resets.notified()).await {
            Ok(()) => SandboxOrder::Reset,
            Err(_) => SandboxOrder::Wait,
        }
    }
}

/// Counts a launcher as long as it waits, also when its connection breaks.
struct Waiting<'a>(&'a Shared);

impl<'a> Waiting<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.waiting.fetch_add(1, Ordering::Relaxed);
        Self(shared)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
