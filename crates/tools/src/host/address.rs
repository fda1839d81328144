//! Where the gateway listens for sandboxes.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

/// Time limit of one attempt to connect.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The gateway's socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GatewayAddress {
    /// A unix socket.
    Unix(PathBuf),
    /// `host:port`.
    Tcp(String),
}

/// Why a gateway cannot be reached.
#[derive(Debug, thiserror::Error)]
#[error("cannot connect to the gateway at {address}: {source}")]
pub struct AddressError {
    address: GatewayAddress,
    source: io::Error,
}

/// A byte stream of either kind.
pub(super) trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> ByteStream for T {}

impl GatewayAddress {
    pub(super) async fn connect(&self) -> Result<Box<dyn ByteStream>, AddressError> {
        let connecting = async {
            Ok(match self {
                Self::Unix(path) => Box::new(UnixStream::connect(path).await?) as Box<dyn ByteStream>,
                Self::Tcp(address) => {
                    let stream = TcpStream::connect(address).await?;
                    stream.set_nodelay(true)?;
                    Box::new(stream)
                }
            })
        };
        let outcome = tokio::time::timeout(CONNECT_LIMIT, connecting).await;
        outcome
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
            .map_err(|source| AddressError { address: self.clone(), source })
    }
}

impl FromStr for GatewayAddress {
    type Err = Infallible;

    /// A text with a `/` is a path.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if text.contains('/') { Self::Unix(text.into()) } else { Self::Tcp(text.to_owned()) })
    }
}

impl fmt::Display for GatewayAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => path.display().fmt(formatter),
            Self::Tcp(address) => formatter.write_str(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_ports_are_told_apart() {
        let cases = [
            ("/run/slipway/sandbox.sock", GatewayAddress::Unix("/run/slipway/sandbox.sock".into())),
            ("./sandbox.sock", GatewayAddress::Unix("./sandbox.sock".into())),
            ("gateway:8090", GatewayAddress::Tcp("gateway:8090".into())),
        ];
        for (text, address) in cases {
            assert_eq!(text.parse(), Ok(address));
        }
    }
}
