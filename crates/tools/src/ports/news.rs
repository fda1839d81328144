//! Which ports the model has not been told of.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use slipway_protocol::id::ConversationId;
use slipway_protocol::sandbox::ListeningPort;

use super::Ports;
use crate::shell::ShellPool;

/// Tells of each port once, for as long as something listens there.
pub(crate) struct PortNews {
    ports: Arc<Ports>,
    told: Mutex<HashMap<ConversationId, BTreeSet<u16>>>,
}

impl PortNews {
    /// Nothing has been told yet.
    pub(crate) fn new(ports: Arc<Ports>) -> Self {
        Self { ports, told: Mutex::default() }
    }

    /// What is new in a conversation, one line each, for the end of a result.
    pub(crate) async fn of(&self, shells: &ShellPool, conversation: &ConversationId) -> String {
        // Most commands leave nothing behind, and shall not wait.
        if !shells.processes(conversation).is_some_and(|table| table.has_programs()) {
            return String::new();
        }
        let ports = Arc::clone(&self.ports);
        let found = tokio::task::spawn_blocking(move || ports.listening()).await.unwrap_or_default();
        // What a person runs in a shell of their own is none of the model's business.
        let is_the_agents =
            |port: &ListeningPort| port.conversation_id == *conversation && port.terminal_id.is_none();
        let own: Vec<_> = found.into_iter().filter(is_the_agents).collect();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let told = told.entry(conversation.clone()).or_default();
        told.retain(|port| own.iter().any(|listening| listening.port == *port));
        let mut text = String::new();
        for listening in own {
            if told.insert(listening.port) {
                let who = listening.process_id.as_deref().unwrap_or(&listening.command);
                let _ = write!(text, "\n[{who} is listening on {}]", listening.port);
            }
        }
        text
    }
}
