//! `/v1/ports`: what the agent's programs listen on, and connections to them.

use std::convert::Infallible;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use slipway_protocol::sandbox::{ListeningPort, PortList};
use tokio::net::TcpStream;

use super::Host;
use super::byte_stream::joined;
use super::problem::HostError;

/// How often it is looked for new ports. The kernel walks its whole table of connections each time (some 7 ms), so
/// after so many looks at which nothing was new the pause is longer.
const INTERVAL: Duration = Duration::from_secs(1);
const QUIET_AFTER: u32 = 30;
const QUIET_INTERVAL: Duration = Duration::from_secs(3);

/// How long a program on this machine may take to accept a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The ports at present, and again whenever they have changed.
pub(super) async fn list(State(host): State<Arc<Host>>) -> Response {
    let lines = futures::stream::unfold((host, None), |(host, told)| async move {
        let mut unchanged = 0_u32;
        loop {
            let ports = listening(&host).await;
            if told.as_ref() != Some(&ports) {
                // Numbers and strings always serialize.
                let mut line = serde_json::to_vec(&PortList { ports: ports.clone() }).unwrap_or_default();
                line.push(b'\n');
                return Some((Ok::<_, Infallible>(line), (host, Some(ports))));
            }
            unchanged = unchanged.saturating_add(1);
            tokio::time::sleep(if unchanged < QUIET_AFTER { INTERVAL } else { QUIET_INTERVAL }).await;
        }
    });
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response()
}

/// Connects the caller with a program of the agent. Other ports of this machine are none of its business.
pub(super) async fn connect(
    State(host): State<Arc<Host>>,
    Path(port): Path<u16>,
    upload: Body,
) -> Result<Response, HostError> {
    if !listening(&host).await.iter().any(|listening| listening.port == port) {
        return Err(not_listening(port, "no program of the agent listens there"));
    }
    let connected = tokio::time::timeout(CONNECT_LIMIT, dial(port)).await;
    let stream = match connected {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(not_listening(port, &error.to_string())),
        Err(_) => return Err(not_listening(port, "the program does not accept the connection")),
    };
    Ok(joined(&host, stream, upload))
}

async fn dial(port: u16) -> std::io::Result<TcpStream> {
    let stream = match TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await {
        Ok(stream) => stream,
        // Some servers listen on the newer loopback alone.
        Err(_) => TcpStream::connect((Ipv6Addr::LOCALHOST, port)).await?,
    };
    stream.set_nodelay(true)?;
    Ok(stream)
}

async fn listening(host: &Arc<Host>) -> Vec<ListeningPort> {
    let all = host.all();
    let look = move || {
        let mut found: Vec<_> = all.iter().flat_map(|(_, host)| host.ports.listening()).collect();
        found.sort_by_key(|listening| listening.port);
        found.dedup_by_key(|listening| listening.port);
        found
    };
    tokio::task::spawn_blocking(look).await.unwrap_or_default()
}

fn not_listening(port: u16, reason: &str) -> HostError {
    HostError::new(StatusCode::BAD_GATEWAY, "port_not_listening", "nothing can be reached at this port")
        .detail(format!("port {port}: {reason}"))
}
