//! How a tool host attaches to its gateway.
//!
//! The tool host dials the gateway's socket and sends one line of JSON, an [`Attach`]; the gateway
//! answers with one line, an [`AttachReply`]. After an accepted [`Channel::Tools`] the roles turn round:
//! on the same connection the tool host serves HTTP/2 (prior knowledge) and the gateway is the client.
//! After an accepted [`Channel::Egress`] the connection is a plain byte stream to the gateway's egress
//! proxy, which speaks HTTP/1.1 proxy requests.
//!
//! The tool host serves what [`crate::tool`], [`crate::view`] and [`crate::checkpoint`] name, and: `GET /v1/status` answering
//! [`ToolHostStatus`]; `POST /v1/desktop`, whose request and response bodies are the two directions of an
//! RFB (VNC) byte stream, starting the desktop when it is not running; `GET /v1/files?path=&from=&length=` answering
//! a range of a file's bytes, with the file's size in [`FILE_SIZE_HEADER`]; `DELETE /v1/conversations/{id}` ending a conversation's shell;
//! `GET /v1/usage` answering [`crate::api::SandboxUsage`]; `GET /v1/space` answering [`Space`]; `POST /v1/restart`, after which the tool host ends with
//! the code [`RESTART_CODE`] and whoever looks after it starts it again;
//! `GET /v1/ports`, an endless stream of lines with one [`PortList`] each: the present one, then one at each
//! change; `POST /v1/ports/{port}`, whose bodies are the two directions of a connection to that port. The person's own
//! shells and what the agent's commands left running are in [`crate::terminal`].
//!
//! A request is about the workspace that its [`WORKSPACE_HEADER`] names, each with shells, open files and states of its
//! own; about the one that every instance has when there is none. `PUT /v1/workspaces/{id}` makes another one,
//! `DELETE` puts it into the trash for a week, `POST /v1/workspaces/{id}/restore` brings it back from there.

use serde::{Deserialize, Serialize};

use crate::id::{ConversationId, SandboxId, TerminalId};
use crate::problem::Problem;

/// Version of this hand-shake and of the interface behind it.
pub const PROTOCOL_VERSION: u32 = 1;

/// Exit code of a tool host that wants to be started again.
pub const RESTART_CODE: u8 = 75;

/// Response header of `GET /v1/files` with the size of the whole file in bytes.
pub const FILE_SIZE_HEADER: &str = "x-file-size";

/// Request header that names a workspace other than the one that every instance has.
pub const WORKSPACE_HEADER: &str = "x-slipway-workspace";

/// First line from the tool host.
#[derive(Clone, Serialize, Deserialize)]
pub struct Attach {
    /// [`PROTOCOL_VERSION`] of the tool host.
    pub protocol: u32,
    /// Which sandbox this is.
    pub sandbox_id: SandboxId,
    /// Proof that it is: the launcher gave it to both sides.
    pub token: String,
    /// What the connection is for.
    pub channel: Channel,
}

/// What a connection from the sandbox is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The gateway calls tools over it. One at a time: a new one replaces the old one only when that
    /// one is dead.
    Tools,
    /// A program in the sandbox talks to the outside through the egress proxy.
    Egress,
}

/// Answer of the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AttachReply {
    /// Go on.
    Accepted,
    /// No; the connection is closed after this line.
    Refused {
        /// Why.
        problem: Problem,
    },
}

/// Answer of `GET /v1/status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolHostStatus {
    /// Version of the tool host program.
    pub version: String,
    /// Absolute path of the workspace as tools see it.
    pub workspace: String,
    /// Absolute path of the directory that further workspaces are in; `None` when there can be none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspaces: Option<String>,
    /// How the tools are fenced in.
    pub confinement: Confinement,
    /// Whether a desktop can be started here.
    pub desktop: bool,
}

/// Answer of `GET /v1/space`: the disk that the workspace is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    /// Its size in bytes.
    pub total_bytes: u64,
    /// What is free for the workspace's owner, in bytes.
    pub free_bytes: u64,
}

/// A line of `GET /v1/ports`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortList {
    /// All of them, the lowest first.
    pub ports: Vec<ListeningPort>,
}

/// A TCP port that a program of the agent, or of a person's own shell, listens on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListeningPort {
    /// The port.
    pub port: u16,
    /// The conversation whose shell started the program.
    pub conversation_id: ConversationId,
    /// The process tool's handle of the program; `None` while the call that started it waits for it, and for what is
    /// none of the agent's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process_id: Option<String>,
    /// The person's shell that the program was started from, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal_id: Option<TerminalId>,
    /// What runs; of a person's own shell only the program's name.
    pub command: String,
}

/// A port that a program of the agent, or of a person's own shell, listens on, as a person is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OpenPort {
    /// The port.
    pub port: u16,
    /// The conversation whose shell started the program, in `GET /ports` where it is that person's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    /// The process tool's handle of the program; absent while the call that started it waits for it, and for what a
    /// person started in a shell of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process_id: Option<String>,
    /// What runs.
    pub command: String,
}

/// Where a frame of the UI shows what a port serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PreviewFrame {
    /// Leads in once, within a minute, and on to `/` of the same origin.
    pub address: String,
}

impl OpenPort {
    /// What everybody may know of a port.
    pub fn of_nobody(port: &ListeningPort) -> Self {
        let ListeningPort { port, process_id, command, .. } = port.clone();
        Self { port, conversation_id: None, process_id, command }
    }
}

/// How the tools are fenced in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confinement {
    /// A container of its own.
    Container,
    /// A host process that Landlock keeps from writing outside the workspace.
    Landlock,
    /// A host process with nothing but file permissions around it.
    None,
}
