//! The outbound connection: hand-shake, HTTP/2 on top of it, and starting over for ever.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use slipway_protocol::id::SandboxId;
use slipway_protocol::problem::Problem;
use slipway_protocol::sandbox::{Attach, AttachReply, Channel, PROTOCOL_VERSION};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_util::sync::CancellationToken;

use super::Host;
use super::address::{AddressError, ByteStream, GatewayAddress};
use crate::client::{AcceptError, read_line};

/// Pauses between attempts grow from the first to the last of these.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A connection that lasted this long was a success: the next attempt follows after the first pause.
const LASTING: Duration = Duration::from_secs(2);

/// Time limit of the hand-shake.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(5);

/// How often a quiet connection is tested, and how long the answer may take.
const PING_INTERVAL: Duration = Duration::from_secs(10);
const PING_LIMIT: Duration = Duration::from_secs(10);

/// Calls that one connection may carry at a time.
const MAX_STREAMS: u32 = 256;

/// What a tool host shows at the door.
#[derive(Clone)]
pub struct Credentials {
    /// Which sandbox this is.
    pub sandbox_id: SandboxId,
    /// Proof that it is.
    pub token: String,
}

/// Why a connection did not come about.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// Nobody answers there.
    #[error(transparent)]
    Connect(#[from] AddressError),
    /// The gateway's answer did not come, or makes no sense.
    #[error("the gateway's hand-shake failed: {0}")]
    Handshake(#[from] AcceptError),
    /// The gateway said no.
    #[error("the gateway refused this tool host: {0}")]
    Refused(Problem),
}

/// Serves `host` to the gateway at `address`, connecting again whenever the connection ends, until `stop`
/// fires.
pub async fn serve_forever(
    host: Arc<Host>,
    address: GatewayAddress,
    credentials: Credentials,
    stop: CancellationToken,
) {
    let mut pause = FIRST_PAUSE;
    let mut last_failure = String::new();
    loop {
        let started = Instant::now();
        let session = async {
            let io = connect(&address, &credentials, Channel::Tools).await?;
            tracing::info!(gateway = %address, "attached to the gateway");
            if let Err(error) = host.serve(io, &stop).await {
                tracing::info!(%error, "the connection to the gateway ended");
            }
            Ok::<(), DialError>(())
        };
        let outcome = tokio::select! {
            outcome = session => outcome,
            () = stop.cancelled() => return,
        };
        let failure = outcome.err().map(|error| error.to_string()).unwrap_or_default();
        if !failure.is_empty() && failure != last_failure {
            tracing::warn!(%failure, "not attached; trying again");
        }
        last_failure = failure;
        pause = if started.elapsed() >= LASTING { FIRST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Connects to the gateway and attaches.
pub(super) async fn connect(
    address: &GatewayAddress,
    credentials: &Credentials,
    channel: Channel,
) -> Result<Box<dyn ByteStream>, DialError> {
    attach(address.connect().await?, credentials, channel).await
}

/// Shakes hands on a fresh connection to the gateway.
///
/// # Errors
/// See [`DialError`].
pub async fn attach<Io>(mut io: Io, credentials: &Credentials, channel: Channel) -> Result<Io, DialError>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    let hello = Attach {
        protocol: PROTOCOL_VERSION,
        sandbox_id: credentials.sandbox_id.clone(),
        token: credentials.token.clone(),
        channel,
    };
    let handshake = async {
        let mut line = serde_json::to_vec(&hello).map_err(std::io::Error::from).map_err(AcceptError::Io)?;
        line.push(b'\n');
        io.write_all(&line).await.map_err(AcceptError::Io)?;
        let answer = read_line(&mut io).await?;
        match serde_json::from_slice(&answer) {
            Ok(AttachReply::Accepted) => Ok(()),
            Ok(AttachReply::Refused { problem }) => Err(DialError::Refused(problem)),
            Err(error) => Err(AcceptError::Malformed(error.to_string()).into()),
        }
    };
    tokio::time::timeout(HANDSHAKE_LIMIT, handshake).await.map_err(|_| AcceptError::TimedOut)??;
    Ok(io)
}

/// Serves HTTP/2 on one connection; when `stop` fires, calls under way may end first.
pub(super) async fn serve_connection<Io>(
    router: axum::Router,
    io: Io,
    stop: &CancellationToken,
) -> Result<(), hyper::Error>
where
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_LIMIT)
        .max_concurrent_streams(MAX_STREAMS);
    let connection = builder.serve_connection(TokioIo::new(io), TowerToHyperService::new(router));
    tokio::pin!(connection);
    tokio::select! {
        ended = &mut connection => return ended,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    connection.await
}
