//! A reader of the event stream that reconnects with its position whenever the stream breaks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::Method;
use slipway_protocol::ConversationId;
use slipway_protocol::event::{Event, EventBody, RunStatus};
use slipway_tests::Events;
use tokio::task::JoinHandle;

use crate::client::{Client, PAUSE};

/// Longest silence after which a stream is taken for dead; a live one pings every ten seconds.
const SILENCE: Duration = Duration::from_secs(25);

/// What a reader was told.
#[derive(Default)]
struct Told {
    events: Vec<Event>,
    faults: Vec<String>,
}

/// The reader; ends when dropped.
pub(crate) struct Reader {
    told: Arc<Mutex<Told>>,
    task: JoinHandle<()>,
}

impl Reader {
    /// Follows a conversation, and the list of them, from a position on.
    pub(crate) fn start(client: Client, id: &ConversationId, cursor: &str) -> Self {
        let told = Arc::<Mutex<Told>>::default();
        let path = format!("/events?topics=user,conv:{id}");
        let task = tokio::spawn(follow(client, path, cursor.to_owned(), Arc::clone(&told)));
        Self { told, task }
    }

    /// Everything so far.
    pub(crate) fn events(&self) -> Vec<Event> {
        self.lock().events.clone()
    }

    /// What must not have happened to it.
    pub(crate) fn faults(&self) -> Vec<String> {
        self.lock().faults.clone()
    }

    /// How the newest run of a conversation stands, as far as it was told.
    pub(crate) fn status(&self, id: &ConversationId) -> Option<RunStatus> {
        self.lock().events.iter().rev().find_map(|event| match &event.body {
            EventBody::RunStatus { status, .. } if event.conversation_id.as_ref() == Some(id) => {
                Some(*status)
            }
            _ => None,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn follow(client: Client, path: String, mut cursor: String, told: Arc<Mutex<Told>>) {
    loop {
        if let Ok(api) = client.api().await {
            let request = api.request(Method::GET, &path).header("last-event-id", &cursor);
            if let Ok(response) = request.send().await
                && response.status().is_success()
            {
                read(&mut Events::of(response), &mut cursor, &told).await;
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Reads until the stream breaks.
async fn read(events: &mut Events, cursor: &mut String, told: &Mutex<Told>) {
    loop {
        let event = match events.next(SILENCE).await {
            Ok(event) => event,
            Err(error) => {
                if error.to_string().contains("reset") {
                    let fault = format!("a reset at {cursor}");
                    told.lock().unwrap_or_else(PoisonError::into_inner).faults.push(fault);
                }
                return;
            }
        };
        if let Some(position) = &events.cursor {
            cursor.clone_from(position);
        }
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.events.last().is_some_and(|last| last.seq >= event.seq) {
            let fault = format!("event {} after {:?}", event.seq, told.events.last().map(|last| last.seq));
            told.faults.push(fault);
        }
        told.events.push(event);
    }
}
