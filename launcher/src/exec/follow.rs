//! A conversation's events, in order and once, across lost connections.

use std::time::Duration;

use bytes::Bytes;
use eventsource_stream::{EventStream, EventStreamError, Eventsource as _};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use slipway_protocol::event::{Event, EventBody, RunStatus};
use slipway_protocol::{ConversationId, Problem};

use crate::gateway::{Gateway, GatewayError};
use crate::terminal;

/// Silence after which a connection counts as dead: the gateway pings every 10 seconds.
const SILENCE_LIMIT: Duration = Duration::from_secs(25);
/// Waits between attempts to connect again, in milliseconds; after the last the gateway is given up.
const RETRY_MILLISECONDS: [u64; 12] =
    [0, 250, 500, 1000, 2000, 5000, 5000, 5000, 10_000, 10_000, 10_000, 10_000];

/// Why following ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FollowError {
    /// The gateway stays away.
    #[error("lost the connection to the gateway and could not connect again: {0}")]
    Lost(#[source] GatewayError),
    /// It sent something else than an event.
    #[error("the gateway sent an event that this version does not understand: {0}")]
    Malformed(#[source] serde_json::Error),
}

/// What came.
#[derive(Debug)]
pub(crate) struct Next {
    /// The event; `None` when the place in the log was lost and only the status is known.
    pub(crate) event: Option<Event>,
    /// The event as received.
    pub(crate) raw: String,
    /// Where the run stands, if that was said.
    pub(crate) status: Option<(RunStatus, Option<Problem>)>,
}

type Bytestream = BoxStream<'static, reqwest::Result<Bytes>>;

/// Follows one conversation.
pub(crate) struct Follower {
    gateway: Gateway,
    conversation: ConversationId,
    cursor: String,
    connection: Option<EventStream<Bytestream>>,
    failures: usize,
}

impl Follower {
    /// Begins after `cursor`.
    pub(crate) fn new(gateway: Gateway, conversation: ConversationId, cursor: String) -> Self {
        Self { gateway, conversation, cursor, connection: None, failures: 0 }
    }

    /// Its place in the event log, after which another conversation may be followed.
    pub(super) fn cursor(&self) -> &str {
        &self.cursor
    }

    /// The next event. Cancel-safe: dropping the future loses no event.
    pub(crate) async fn next(&mut self) -> Result<Next, FollowError> {
        loop {
            let Some(connection) = &mut self.connection else {
                self.connect().await?;
                continue;
            };
            let received = tokio::time::timeout(SILENCE_LIMIT, connection.next()).await;
            let message = match received {
                Ok(Some(Ok(message))) => message,
                Ok(Some(Err(error))) => {
                    self.drop_connection(&reason(&error));
                    continue;
                }
                Ok(None) => {
                    self.drop_connection("it was closed");
                    continue;
                }
                Err(_) => {
                    self.drop_connection("it fell silent");
                    continue;
                }
            };
            self.failures = 0;
            match message.event.as_str() {
                "ping" | "hello" => {}
                "reset" => return self.reset().await,
                _ => return self.take(message),
            }
        }
    }

    fn take(&mut self, message: eventsource_stream::Event) -> Result<Next, FollowError> {
        let event: Event = serde_json::from_str(&message.data).map_err(FollowError::Malformed)?;
        if !message.id.is_empty() {
            self.cursor = message.id;
        }
        let status = match &event.body {
            EventBody::RunStatus { status, problem, .. } => Some((*status, problem.clone())),
            _ => None,
        };
        Ok(Next { event: Some(event), raw: message.data, status })
    }

    /// The place in the log is gone: goes on from where the conversation is now.
    async fn reset(&mut self) -> Result<Next, FollowError> {
        let snapshot = self.gateway.snapshot(&self.conversation).await.map_err(FollowError::Lost)?;
        self.cursor = snapshot.cursor;
        self.connection = None;
        let status = (snapshot.conversation.status, snapshot.conversation.problem);
        Ok(Next { event: None, raw: String::new(), status: Some(status) })
    }

    async fn connect(&mut self) -> Result<(), FollowError> {
        let wait = RETRY_MILLISECONDS.get(self.failures).copied();
        tokio::time::sleep(Duration::from_millis(wait.unwrap_or_default())).await;
        match self.gateway.events(&self.conversation, &self.cursor).await {
            Ok(response) => {
                let bytes: Bytestream = response.bytes_stream().boxed();
                self.connection = Some(bytes.eventsource());
                Ok(())
            }
            Err(error @ GatewayError::Unreachable { .. }) if self.failures + 1 < RETRY_MILLISECONDS.len() => {
                self.failures += 1;
                drop(error);
                Ok(())
            }
            Err(error) => Err(FollowError::Lost(error)),
        }
    }

    fn drop_connection(&mut self, reason: &str) {
        terminal::note(format_args!("(connection to the gateway lost: {reason}; connecting again)"));
        self.connection = None;
        self.failures = self.failures.max(1);
    }
}

fn reason(error: &EventStreamError<reqwest::Error>) -> String {
    match error {
        EventStreamError::Utf8(error) => error.to_string(),
        EventStreamError::Parser(error) => error.to_string(),
        EventStreamError::Transport(error) => error.to_string(),
    }
}
