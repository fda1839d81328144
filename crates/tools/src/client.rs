//! The gateway's side of a connection with a tool host.
//!
//! [`accept`] answers the hand-shake of [`slipway_protocol::sandbox`]; [`ToolHostClient::connect`] then
//! turns the connection into a client. Every call but [`ToolHostClient::invoke`], [`ToolHostClient::ports`] and
//! the byte streams has a time limit; a host that does not answer pings is taken for dead.

mod accept;
mod checkpoints;
mod stream;
mod terminals;
mod workspace;
mod workspaces;

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use http::{Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use serde::Serialize;
use serde::de::DeserializeOwned;
use slipway_protocol::api::SandboxUsage;
use slipway_protocol::id::{ConversationId, InvocationId, WorkspaceId};
use slipway_protocol::problem::Problem;
use slipway_protocol::sandbox::{FILE_SIZE_HEADER, PortList, Space, ToolHostStatus, WORKSPACE_HEADER};
use slipway_protocol::tool::{ToolInvocation, ToolList, ToolStreamItem};
use slipway_protocol::view::{RefreshViews, RefreshedViews};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::codec::{FramedRead, LinesCodec};
use tokio_util::sync::CancellationToken;

pub(crate) use self::accept::read_line;
pub use self::accept::{AcceptError, accept};
pub use self::checkpoints::ObjectStream;
pub use self::terminals::TerminalStream;
pub use self::workspace::{Download, EntriesQuery, UploadTarget, WriteAnswer};

/// Time limit of every call with a short answer.
const CALL_LIMIT: Duration = Duration::from_secs(30);

/// How often a quiet connection is tested, and how long the answer may take.
const PING_INTERVAL: Duration = Duration::from_secs(10);
const PING_LIMIT: Duration = Duration::from_secs(10);

/// Most bytes of an answer that is held in memory; file contents may be as long as tools read.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// Longest line of `/v1/ports`, in bytes.
const MAX_PORTS_LINE: usize = 1024 * 1024;

/// Window of one HTTP/2 stream: how far a host may run ahead of a slow reader.
const STREAM_WINDOW: u32 = 1024 * 1024;

/// What a streamed body may fail with.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
type RequestBody = UnsyncBoxBody<Bytes, BoxError>;

/// Drives a connection; ends when the connection does. To be spawned by whoever called
/// [`ToolHostClient::connect`]; dropping it closes the connection.
pub type Connection = Pin<Box<dyn Future<Output = Result<(), ClientError>> + Send>>;

/// Why a call to a tool host failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The connection is gone, or broke during the call.
    #[error("the connection to the tool host broke: {0}")]
    Disconnected(#[from] hyper::Error),
    /// No answer in time.
    #[error("the tool host did not answer `{path}` within {} s", .limit.as_secs())]
    TimedOut {
        /// What was asked.
        path: String,
        /// How long the client waited.
        limit: Duration,
    },
    /// The host answered with an error.
    #[error("the tool host answered {status} to `{path}`: {problem}")]
    Refused {
        /// What was asked.
        path: String,
        /// HTTP status.
        status: StatusCode,
        /// The host's own words.
        problem: Box<Problem>,
    },
    /// The answer is not what the protocol says.
    #[error("the tool host's answer to `{path}` makes no sense: {reason}")]
    Malformed {
        /// What was asked.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The answer ended before its last line.
    #[error("the tool host ended the answer before the result of the call")]
    Incomplete,
}

/// Calls a tool host. Cheap to clone; all clones share one connection.
#[derive(Clone)]
pub struct ToolHostClient {
    sender: SendRequest<RequestBody>,
    closed: CancellationToken,
    workspace: WorkspaceId,
}

impl ToolHostClient {
    /// Starts HTTP/2 on an accepted connection. Nothing moves unless the returned [`Connection`] is polled.
    ///
    /// # Errors
    /// [`ClientError::Disconnected`] when the connection breaks at once.
    pub async fn connect<Io>(io: Io) -> Result<(Self, Connection), ClientError>
    where
        Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (sender, connection) = hyper::client::conn::http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(PING_LIMIT)
            .keep_alive_while_idle(true)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(4 * STREAM_WINDOW)
            .handshake(TokioIo::new(io))
            .await?;
        let closed = CancellationToken::new();
        let guard = closed.clone().drop_guard();
        let driven = async move {
            let _guard = guard;
            Ok(connection.await?)
        };
        Ok((Self { sender, closed, workspace: WorkspaceId::default() }, Box::pin(driven)))
    }

    /// Waits until the connection is gone.
    pub async fn closed(&self) {
        self.closed.cancelled().await;
    }

    /// Whether the connection is gone.
    pub fn is_closed(&self) -> bool {
        self.closed.is_cancelled()
    }

    /// What the host is.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn status(&self) -> Result<ToolHostStatus, ClientError> {
        self.json(Method::GET, "/v1/status", empty()).await
    }

    /// The host's tools.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn tools(&self) -> Result<ToolList, ClientError> {
        self.json(Method::GET, "/v1/tools", empty()).await
    }

    /// What the sandbox uses at the moment.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn usage(&self) -> Result<SandboxUsage, ClientError> {
        self.json(Method::GET, "/v1/usage", empty()).await
    }

    /// The disk that the workspace is on.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn space(&self) -> Result<Space, ClientError> {
        self.json(Method::GET, "/v1/space", empty()).await
    }

    /// Has the host end, with everything that it has started, in the way that has it started again.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn restart(&self) -> Result<(), ClientError> {
        match self.bytes(Method::POST, "/v1/restart", empty()).await {
            // It may be gone before its answer is out.
            Err(ClientError::Disconnected(error)) if !error.is_closed() && !error.is_canceled() => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// Calls a tool. The stream yields live outputs, then one result, and ends; an error ends it too.
    /// Dropping it cancels the call.
    pub fn invoke(
        &self,
        name: &str,
        invocation: &ToolInvocation,
    ) -> impl Stream<Item = Result<ToolStreamItem, ClientError>> + Send + use<> {
        let path = format!("/v1/tools/{}", percent_encoded(name));
        let body = json_body(invocation);
        let client = self.clone();
        stream::items(async move { client.request(Method::POST, &path, body?).await })
    }

    /// Cancels a call; one that is not running (any more) is fine.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn cancel(&self, invocation: &InvocationId) -> Result<(), ClientError> {
        self.delete(&format!("/v1/calls/{}", percent_encoded(invocation.as_str()))).await
    }

    /// Compares open files with the disk.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn refresh_views(&self, refresh: &RefreshViews) -> Result<RefreshedViews, ClientError> {
        self.json(Method::POST, "/v1/views", json_body(refresh)?).await
    }

    /// The bytes of a workspace file, at most 64 MiB.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::Refused`] when there is no such file or it may not be read.
    pub async fn file(&self, path: &str) -> Result<Bytes, ClientError> {
        self.bytes(Method::GET, &format!("/v1/files?path={}", percent_encoded(path)), empty()).await
    }

    /// At most `length` bytes of a file from byte `from` on, and the size of the whole file.
    ///
    /// # Errors
    /// As for [`Self::file`].
    pub async fn file_range(&self, path: &str, from: u64, length: u64) -> Result<(Bytes, u64), ClientError> {
        let path = format!("/v1/files?path={}&from={from}&length={length}", percent_encoded(path));
        self.limited(&path, async {
            let response = self.request(Method::GET, &path, empty()).await?;
            let size =
                response.headers().get(FILE_SIZE_HEADER).and_then(|size| size.to_str().ok()?.parse().ok());
            let size = size.ok_or_else(|| malformed(&path, &"it does not tell the file's size"))?;
            let collected = Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await;
            Ok((collected.map_err(|error| malformed(&path, &error))?.to_bytes(), size))
        })
        .await
    }

    /// Ends a conversation's shell and forgets its state; one that the host does not know is fine.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn end_conversation(&self, conversation: &ConversationId) -> Result<(), ClientError> {
        self.delete(&format!("/v1/conversations/{}", percent_encoded(conversation.as_str()))).await
    }

    /// An RFB (VNC) byte stream with the desktop, which is started when it is not running. Dropping it
    /// ends the stream.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn desktop(&self) -> Result<impl AsyncRead + AsyncWrite + Unpin + Send + use<>, ClientError> {
        let (writer, body) = stream::upload();
        let response = self.limited("/v1/desktop", self.request(Method::POST, "/v1/desktop", body)).await?;
        Ok(tokio::io::join(stream::download(response.into_body()), writer))
    }

    /// A connection to a port that a program of the agent listens on. Dropping it ends the connection.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::Refused`] when nothing of the agent's listens there.
    pub async fn port(
        &self,
        port: u16,
    ) -> Result<impl AsyncRead + AsyncWrite + Unpin + Send + use<>, ClientError> {
        let (writer, body) = stream::upload();
        let path = format!("/v1/ports/{port}");
        let response = self.limited(&path, self.request(Method::POST, &path, body)).await?;
        Ok(tokio::io::join(stream::download(response.into_body()), writer))
    }

    /// The ports that the agent's programs listen on: at present, then at each change, without end.
    ///
    /// # Errors
    /// See [`ClientError`]; an error of an item ends the stream.
    pub async fn ports(
        &self,
    ) -> Result<impl Stream<Item = Result<PortList, ClientError>> + use<>, ClientError> {
        let path = "/v1/ports";
        let response = self.limited(path, self.request(Method::GET, path, empty())).await?;
        let lines = FramedRead::new(
            stream::download(response.into_body()),
            LinesCodec::new_with_max_length(MAX_PORTS_LINE),
        );
        Ok(lines.map(move |line| {
            let line = line.map_err(|error| malformed(path, &error))?;
            serde_json::from_str(&line).map_err(|error| malformed(path, &error))
        }))
    }

    async fn json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: RequestBody,
    ) -> Result<T, ClientError> {
        let bytes = self.bytes(method, path, body).await?;
        serde_json::from_slice(&bytes).map_err(|error| malformed(path, &error))
    }

    async fn delete(&self, path: &str) -> Result<(), ClientError> {
        self.bytes(Method::DELETE, path, empty()).await.map(drop)
    }

    async fn bytes(&self, method: Method, path: &str, body: RequestBody) -> Result<Bytes, ClientError> {
        self.limited(path, async {
            let response = self.request(method, path, body).await?;
            let collected = Limited::new(response.into_body(), MAX_ANSWER_BYTES).collect().await;
            Ok(collected.map_err(|error| malformed(path, &error))?.to_bytes())
        })
        .await
    }

    async fn limited<T>(
        &self,
        path: &str,
        call: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        match tokio::time::timeout(CALL_LIMIT, call).await {
            Ok(answer) => answer,
            Err(_) => Err(ClientError::TimedOut { path: path.to_owned(), limit: CALL_LIMIT }),
        }
    }

    async fn request(
        &self,
        method: Method,
        path: &str,
        body: RequestBody,
    ) -> Result<Response<Incoming>, ClientError> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://toolhost{path}"))
            .header(http::header::CONTENT_TYPE, "application/json");
        if !self.workspace.is_default() {
            request = request.header(WORKSPACE_HEADER, self.workspace.as_str());
        }
        let request = request.body(body).map_err(|error| malformed(path, &error))?;
        let mut sender = self.sender.clone();
        sender.ready().await?;
        let response = sender.send_request(request).await?;
        let status = response.status();
        if status.is_success() { Ok(response) } else { Err(refused(path, status, response).await) }
    }
}

async fn refused(path: &str, status: StatusCode, response: Response<Incoming>) -> ClientError {
    const MAX_PROBLEM_BYTES: usize = 64 * 1024;
    let body = Limited::new(response.into_body(), MAX_PROBLEM_BYTES).collect();
    let bytes = match tokio::time::timeout(CALL_LIMIT, body).await {
        Ok(Ok(collected)) => collected.to_bytes(),
        _ => Bytes::new(),
    };
    let problem = serde_json::from_slice(&bytes)
        .unwrap_or_else(|_| Problem::new(status.as_u16(), "tool_host_error", "the tool host refused"));
    ClientError::Refused { path: path.to_owned(), status, problem: Box::new(problem) }
}

fn malformed(path: &str, reason: &dyn std::fmt::Display) -> ClientError {
    ClientError::Malformed { path: path.to_owned(), reason: reason.to_string() }
}

fn empty() -> RequestBody {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

fn json_body(value: &impl Serialize) -> Result<RequestBody, ClientError> {
    let bytes = serde_json::to_vec(value).map_err(|error| malformed("request", &error))?;
    Ok(Full::new(Bytes::from(bytes)).map_err(|never| match never {}).boxed_unsync())
}

/// Escapes everything but unreserved characters and `/`, for one path segment or query value.
fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
