//! The person's own shells, and the agent's processes.

use std::io;

use futures::{Sink, Stream};
use http::Method;
use slipway_protocol::id::{ConversationId, TerminalId};
use slipway_protocol::terminal::{
    OpenTerminal, ProcessList, ProcessOutput, RenameTerminal, Terminal, TerminalList,
};

use super::{ClientError, ToolHostClient, empty, json_body, percent_encoded, stream};
use crate::terminals::{Message, messages};

/// The messages of a shell in both directions; dropping it ends the stream and nothing else.
pub trait TerminalStream:
    Stream<Item = io::Result<Message>> + Sink<Message, Error = io::Error> + Unpin + Send
{
}

impl<S> TerminalStream for S where
    S: Stream<Item = io::Result<Message>> + Sink<Message, Error = io::Error> + Unpin + Send
{
}

impl ToolHostClient {
    /// The person's shells in a conversation.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn terminals(&self, conversation: &ConversationId) -> Result<TerminalList, ClientError> {
        self.json(Method::GET, &terminals(conversation), empty()).await
    }

    /// Opens a shell.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::Refused`] when there are too many, or none can be started.
    pub async fn open_terminal(
        &self,
        conversation: &ConversationId,
        wanted: &OpenTerminal,
    ) -> Result<Terminal, ClientError> {
        self.json(Method::POST, &terminals(conversation), json_body(wanted)?).await
    }

    /// Renames a shell.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::Refused`] when it is gone, or cannot be called this.
    pub async fn rename_terminal(
        &self,
        conversation: &ConversationId,
        id: &TerminalId,
        wanted: &RenameTerminal,
    ) -> Result<Terminal, ClientError> {
        self.json(Method::PATCH, &terminal(conversation, id), json_body(wanted)?).await
    }

    /// Ends a shell with everything that it started, and forgets it.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::Refused`] when it is gone.
    pub async fn close_terminal(
        &self,
        conversation: &ConversationId,
        id: &TerminalId,
    ) -> Result<(), ClientError> {
        self.delete(&terminal(conversation, id)).await
    }

    /// The stream of a shell; see [`slipway_protocol::terminal`]. It begins with the output's byte `from`, or with all
    /// that is kept.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::Refused`] when the shell is gone.
    pub async fn terminal(
        &self,
        conversation: &ConversationId,
        id: &TerminalId,
        from: Option<u64>,
    ) -> Result<impl TerminalStream + use<>, ClientError> {
        let query = from.map(|from| format!("?from={from}")).unwrap_or_default();
        let path = format!("{}/stream{query}", terminal(conversation, id));
        let (writer, body) = stream::upload();
        let response = self.limited(&path, self.request(Method::POST, &path, body)).await?;
        Ok(messages(tokio::io::join(stream::download(response.into_body()), writer)))
    }

    /// What the agent's commands left running in a conversation.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn processes(&self, conversation: &ConversationId) -> Result<ProcessList, ClientError> {
        self.json(Method::GET, &format!("{}/processes", address(conversation)), empty()).await
    }

    /// What one of those has printed from byte `from` on.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::Refused`] when there is no such process.
    pub async fn process_output(
        &self,
        conversation: &ConversationId,
        process: &str,
        from: u64,
    ) -> Result<ProcessOutput, ClientError> {
        let path = format!("{}/output?from={from}", self::process(conversation, process));
        self.json(Method::GET, &path, empty()).await
    }

    /// Ends one of those with everything that it started.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::Refused`] when there is no such process.
    pub async fn kill_process(
        &self,
        conversation: &ConversationId,
        process: &str,
    ) -> Result<(), ClientError> {
        self.delete(&self::process(conversation, process)).await
    }
}

fn address(conversation: &ConversationId) -> String {
    format!("/v1/conversations/{}", percent_encoded(conversation.as_str()))
}

fn terminals(conversation: &ConversationId) -> String {
    format!("{}/terminals", address(conversation))
}

fn terminal(conversation: &ConversationId, id: &TerminalId) -> String {
    format!("{}/{}", terminals(conversation), percent_encoded(id.as_str()))
}

fn process(conversation: &ConversationId, process: &str) -> String {
    format!("{}/processes/{}", address(conversation), percent_encoded(process))
}
