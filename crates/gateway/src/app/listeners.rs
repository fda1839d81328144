//! Binding every address before anything else happens, so that a taken port is a clear error.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;
use url::Url;

use super::Addresses;
use crate::config::{Config, Engines};

/// All listening TCP sockets.
#[derive(Debug)]
pub struct Listeners {
    pub(super) ui: TcpListener,
    pub(super) desktop: TcpListener,
    pub(super) tools: TcpListener,
    /// `None` when the engines are elsewhere.
    pub(super) engine: Option<TcpListener>,
}

/// Why an address cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program listens there.
    #[error("port {} is in use by another program: stop it, or choose another address with {flag}", address.port())]
    PortInUse {
        /// The address.
        address: SocketAddr,
        /// The flag and variable that set it.
        flag: &'static str,
    },
    /// The system refused for another reason.
    #[error("cannot listen on {address}: {source} ({flag} sets this address)")]
    Refused {
        /// The address.
        address: SocketAddr,
        /// The flag and variable that set it.
        flag: &'static str,
        /// Why.
        source: io::Error,
    },
    /// A bound socket cannot tell its address.
    #[error("cannot tell the address of a listening socket: {0}")]
    Address(#[source] io::Error),
}

impl Listeners {
    /// Binds what the configuration names.
    ///
    /// # Errors
    /// For the first address that cannot be bound.
    pub async fn bind(config: &Config) -> Result<Self, ListenError> {
        let engine = match &config.engines {
            Engines::InProcess(address) => {
                Some(bind(*address, "--engine-listen (SLIPWAY_ENGINE_LISTEN)").await?)
            }
            Engines::Remote(_) => None,
        };
        Ok(Self {
            ui: bind(config.listen, "--listen (SLIPWAY_LISTEN)").await?,
            desktop: bind(config.desktop_listen, "--desktop-listen (SLIPWAY_DESKTOP_LISTEN)").await?,
            tools: bind(config.tools_listen, "--tools-listen (SLIPWAY_TOOLS_LISTEN)").await?,
            engine,
        })
    }

    /// Where everything is, ports resolved.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn addresses(&self, config: &Config) -> Result<Addresses, ListenError> {
        let engines = match (&config.engines, &self.engine) {
            (Engines::Remote(urls), _) => urls.clone(),
            (Engines::InProcess(_), Some(listener)) => vec![url_of(local(listener)?)],
            (Engines::InProcess(_), None) => Vec::new(),
        };
        let tools = match &config.tools_url {
            Some(url) => url.clone(),
            None => url_of(local(&self.tools)?),
        };
        Ok(Addresses { ui: local(&self.ui)?, desktop: local(&self.desktop)?, engines, tools })
    }
}

async fn bind(address: SocketAddr, flag: &'static str) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => ListenError::PortInUse { address, flag },
        _ => ListenError::Refused { address, flag, source },
    })
}

fn local(listener: &TcpListener) -> Result<SocketAddr, ListenError> {
    listener.local_addr().map_err(ListenError::Address)
}

/// As this machine reaches it; a socket on all addresses is reached on loopback.
#[expect(clippy::expect_used, reason = "an IP address and a port always make a URL")]
fn url_of(mut address: SocketAddr) -> Url {
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    Url::parse(&format!("http://{address}/")).expect("an IP address and a port make a URL")
}
