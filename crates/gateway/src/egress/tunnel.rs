//! `CONNECT`: bytes through to a checked address.

use std::sync::{Arc, Mutex, PoisonError};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::idle::Idle;
use super::policy::Policy;
use super::{Body, EgressError, empty};

/// The tunnel of one client's connection, kept until the answer is sent and the tunnel can run.
#[derive(Debug, Clone, Default)]
pub(super) struct Tunnels {
    pending: Arc<Mutex<Option<(OnUpgrade, TcpStream)>>>,
}

impl Tunnels {
    /// Runs the tunnel, if one was opened, until either side ends it or nothing moves for long.
    pub(super) async fn run(&self) {
        let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((upgrade, server)) = pending else { return };
        let Ok(client) = upgrade.await else { return };
        let mut server = Idle::new(server);
        if let Err(error) = tokio::io::copy_bidirectional(&mut TokioIo::new(client), &mut server).await {
            tracing::debug!(%error, "a tunnel ended early");
        }
    }

    fn prepare(&self, upgrade: OnUpgrade, server: TcpStream) {
        *self.pending.lock().unwrap_or_else(PoisonError::into_inner) = Some((upgrade, server));
    }
}

/// Connects to the host that the request names.
pub(super) async fn open(
    policy: &Policy,
    tunnels: &Tunnels,
    request: Request<Incoming>,
) -> Result<Response<Body>, EgressError> {
    let authority = request.uri().authority().ok_or(EgressError::BadRequest("CONNECT needs host:port"))?;
    if authority.as_str().contains('@') {
        return Err(EgressError::BadRequest("the address must not hold a name or password"));
    }
    let port = authority.port_u16().ok_or(EgressError::BadRequest("CONNECT needs host:port"))?;
    let server = policy.connect(authority.host(), port).await?;
    tunnels.prepare(hyper::upgrade::on(request), server);
    Ok(Response::new(empty()))
}
