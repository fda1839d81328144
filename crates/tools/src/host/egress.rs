//! The way out of a sandbox without a network: programs speak to a local port as their HTTP proxy, and
//! each of their connections becomes a connection to the gateway, where the egress proxy is.

use std::sync::Arc;

use slipway_protocol::sandbox::Channel;
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::address::GatewayAddress;
use super::dial::{Credentials, connect};

/// Connections at a time; more wait in the listener's queue.
const MAX_CONNECTIONS: usize = 256;

/// What a program hears when the gateway cannot be reached.
const NO_GATEWAY: &[u8] =
    b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n\
The sandbox's egress proxy cannot be reached at the moment.\n";

/// Forwards every connection to `listener` to the egress proxy of the first gateway that answers, until `stop`
/// fires.
pub async fn forward_egress(
    listener: TcpListener,
    addresses: Vec<GatewayAddress>,
    credentials: Credentials,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let tasks = TaskTracker::new();
    let gateway = Arc::new((addresses, credentials));
    loop {
        let accepted = tokio::select! {
            accepted = async {
                let place = Arc::clone(&places).acquire_owned().await;
                (place, listener.accept().await)
            } => accepted,
            () = stop.cancelled() => break,
        };
        let (Ok(place), Ok((program, _))) = accepted else {
            // Out of file descriptors, most likely: some connections have to end first.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            continue;
        };
        let (gateway, stop) = (Arc::clone(&gateway), stop.clone());
        tasks.spawn(async move {
            stop.run_until_cancelled(forward(program, &gateway.0, &gateway.1)).await;
            drop(place);
        });
    }
    tasks.close();
    tasks.wait().await;
}

async fn forward(mut program: TcpStream, addresses: &[GatewayAddress], credentials: &Credentials) {
    for address in addresses {
        match connect(address, credentials, Channel::Egress).await {
            Ok(mut gateway) => {
                // Either side may break off at any time; there is nobody to tell.
                let _ = copy_bidirectional(&mut program, &mut gateway).await;
                return;
            }
            Err(error) => tracing::debug!(%error, "no way out"),
        }
    }
    let _ = program.write_all(NO_GATEWAY).await;
}
