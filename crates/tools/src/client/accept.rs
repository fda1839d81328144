//! The gateway's half of the hand-shake.

use std::io;
use std::time::Duration;

use slipway_protocol::problem::Problem;
use slipway_protocol::sandbox::{Attach, AttachReply, Channel, PROTOCOL_VERSION};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Time limit of the whole hand-shake.
const LIMIT: Duration = Duration::from_secs(5);

/// Longest first line in bytes.
const MAX_LINE_BYTES: usize = 4096;

/// Why a connection was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// Nothing, or not a whole line, within the limit.
    #[error("no hand-shake within {} s", LIMIT.as_secs())]
    TimedOut,
    /// The connection broke.
    #[error("the connection broke during the hand-shake: {0}")]
    Io(#[from] io::Error),
    /// The first line is not a hand-shake.
    #[error("not a hand-shake: {0}")]
    Malformed(String),
    /// The check refused it; the other side was told.
    #[error("refused: {0}")]
    Refused(Problem),
}

/// Reads a connection's first line, lets `check` decide, and answers. Bytes after the line are not
/// touched, so `io` goes on where the hand-shake ended.
///
/// # Errors
/// See [`AcceptError`]; the connection is closed by dropping it.
pub async fn accept<Io>(
    mut io: Io,
    check: impl FnOnce(&Attach) -> Result<(), Problem>,
) -> Result<(Channel, Attach, Io), AcceptError>
where
    Io: AsyncRead + AsyncWrite + Unpin,
{
    let handshake = async {
        let line = read_line(&mut io).await?;
        let attach: Attach =
            serde_json::from_slice(&line).map_err(|error| AcceptError::Malformed(error.to_string()))?;
        match version_matches(&attach).and_then(|()| check(&attach)) {
            Ok(()) => {
                send(&mut io, &AttachReply::Accepted).await?;
                Ok(attach)
            }
            Err(problem) => {
                send(&mut io, &AttachReply::Refused { problem: problem.clone() }).await?;
                Err(AcceptError::Refused(problem))
            }
        }
    };
    let attach = tokio::time::timeout(LIMIT, handshake).await.map_err(|_| AcceptError::TimedOut)??;
    Ok((attach.channel, attach, io))
}

fn version_matches(attach: &Attach) -> Result<(), Problem> {
    if attach.protocol == PROTOCOL_VERSION {
        return Ok(());
    }
    Err(Problem::new(409, "protocol_version", "the tool host speaks another protocol version")
        .detail(format!("it speaks {}, this gateway {PROTOCOL_VERSION}", attach.protocol))
        .hint("update both to the same release of Slipway"))
}

/// Reads up to and without the first newline, byte by byte so that nothing beyond it is consumed.
pub(crate) async fn read_line(io: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>, AcceptError> {
    let mut line = Vec::with_capacity(256);
    loop {
        let byte = io.read_u8().await?;
        if byte == b'\n' {
            return Ok(line);
        }
        if line.len() == MAX_LINE_BYTES {
            return Err(AcceptError::Malformed(format!(
                "the first line is longer than {MAX_LINE_BYTES} bytes"
            )));
        }
        line.push(byte);
    }
}

async fn send(io: &mut (impl AsyncWrite + Unpin), reply: &AttachReply) -> Result<(), AcceptError> {
    let mut line = serde_json::to_vec(reply).map_err(io::Error::from)?;
    line.push(b'\n');
    io.write_all(&line).await?;
    Ok(io.flush().await?)
}
