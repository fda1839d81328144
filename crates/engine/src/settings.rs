//! What can be set about an engine: time limits and the retry policy.

use std::time::Duration;

/// Time limits and retries; the defaults are what production uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Limits of calls to models.
    pub model: ModelTimeouts,
    /// When a failed model call is made again.
    pub retry: RetryPolicy,
    /// Limits of calls to tool endpoints.
    pub tools: ToolTimeouts,
    /// How often a comment is sent to the client while nothing happens.
    pub keep_alive: Duration,
}

/// Time limits of a model call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelTimeouts {
    /// Until a connection stands.
    pub connect: Duration,
    /// From the request to the first byte of the answer's body; a profile may allow more.
    pub first_byte: Duration,
    /// The most that a profile may allow.
    pub most_first_byte: Duration,
    /// Between two pieces of the body; comments count as pieces.
    pub idle: Duration,
    /// Between two words of the model. Longer than `idle`, because providers send comments while a call
    /// waits in their queue, but not for ever.
    pub wordless: Duration,
}

/// When a failed model call is made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Most attempts, the first one included.
    pub max_attempts: u32,
    /// Wait before the second attempt; doubles with each further one.
    pub base: Duration,
    /// Longest wait. When the provider asks for a longer one, the call is not made again.
    pub cap: Duration,
}

/// Time limits of calls to tool endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolTimeouts {
    /// Until a connection stands.
    pub connect: Duration,
    /// For the list of tools and for refreshing views.
    pub request: Duration,
    /// Longest silence of a running call. Long on purpose: the tool host has limits of its own, and a
    /// call may wait for a person.
    pub idle: Duration,
    /// Wait between attempts to get the list of tools or to deliver a request.
    pub retry_wait: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            model: ModelTimeouts {
                connect: Duration::from_secs(30),
                first_byte: Duration::from_secs(120),
                most_first_byte: Duration::from_secs(600),
                idle: Duration::from_secs(300),
                wordless: Duration::from_secs(900),
            },
            retry: RetryPolicy {
                max_attempts: 4,
                base: Duration::from_secs(1),
                cap: Duration::from_secs(60),
            },
            tools: ToolTimeouts {
                connect: Duration::from_secs(5),
                request: Duration::from_secs(30),
                idle: Duration::from_secs(24 * 3600),
                retry_wait: Duration::from_millis(250),
            },
            keep_alive: Duration::from_secs(10),
        }
    }
}
