//! From where the gateway's ports can be reached.

use std::net::SocketAddr;

/// From where the ports can be reached that browsers use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Reach {
    /// From this machine only.
    Loopback,
    /// From other machines too: that takes accounts.
    Network,
}

impl Reach {
    /// What the addresses to listen on say.
    pub(super) fn of(addresses: [SocketAddr; 2]) -> Self {
        if addresses.iter().all(|address| address.ip().is_loopback()) {
            Self::Loopback
        } else {
            Self::Network
        }
    }
}
