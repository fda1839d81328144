//! What may be reached, and reaching it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use slipway_protocol::api::EgressMode;
use tokio::net::TcpStream;
use url::Host;

use super::EgressError;
use super::address::{AddressRange, is_public};
use super::resolve::Resolve;

/// Ports that programs in the sandbox may reach on public hosts.
const PORTS: [u16; 2] = [80, 443];
/// How long resolving and connecting may take together.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// How many of a name's addresses are tried.
const MAX_ATTEMPTS: usize = 3;
/// Names that mean this machine or its network, whatever they resolve to.
const LOCAL_NAMES: [&str; 11] = [
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "private",
    "corp",
    "lan",
    "home",
    "home.arpa",
    "svc",
];

/// The rules.
#[derive(Debug, Clone)]
pub struct Policy {
    /// What may be reached. In mode `direct` the proxy is one way out of several and works as in `public`.
    pub mode: EgressMode,
    /// Hosts that may be reached in mode `allowlist`: names, or `*.` and a name for everything below it.
    pub hosts: Vec<String>,
    /// Addresses that may be reached although they are not public, on any port; not in mode `none`.
    pub exempt: Vec<AddressRange>,
    /// Who knows the addresses of names.
    pub resolver: Arc<dyn Resolve>,
}

impl Policy {
    /// Connects to `host:port` if the rules allow it.
    ///
    /// # Errors
    /// When they do not, or nobody answers.
    pub(super) async fn connect(&self, host: &str, port: u16) -> Result<TcpStream, EgressError> {
        tokio::time::timeout(CONNECT_LIMIT, self.resolve_and_connect(host, port))
            .await
            .unwrap_or_else(|_| Err(EgressError::Unreachable(format!("{host}:{port} does not answer"))))
    }

    async fn resolve_and_connect(&self, host: &str, port: u16) -> Result<TcpStream, EgressError> {
        if self.mode == EgressMode::None {
            return Err(EgressError::Forbidden("this sandbox has no way out".to_owned()));
        }
        if !self.may_name(host) {
            return Err(EgressError::Forbidden(format!(
                "{host} is not on this sandbox's list of hosts; the person can add it in the settings, under Sandbox"
            )));
        }
        let addresses = self.allowed_addresses(host, port).await?;
        let mut failure = None;
        for address in addresses.into_iter().take(MAX_ATTEMPTS) {
            match TcpStream::connect(SocketAddr::new(address, port)).await {
                Ok(stream) => {
                    stream.set_nodelay(true).ok();
                    return Ok(stream);
                }
                Err(error) => failure = Some(error),
            }
        }
        let why = failure.map_or_else(|| "no address".to_owned(), |error| error.to_string());
        Err(EgressError::Unreachable(format!("cannot connect to {host}:{port}: {why}")))
    }

    /// The host's addresses that may be connected to; never empty.
    async fn allowed_addresses(&self, host: &str, port: u16) -> Result<Vec<IpAddr>, EgressError> {
        let parsed = Host::parse(host).map_err(|_| EgressError::BadRequest("the host name is malformed"))?;
        let (found, is_local_name) = match parsed {
            Host::Ipv4(address) => (vec![IpAddr::V4(address)], false),
            Host::Ipv6(address) => (vec![IpAddr::V6(address)], false),
            Host::Domain(name) => {
                let is_local = is_local_name(&name);
                if is_local && self.exempt.is_empty() {
                    return Err(EgressError::Forbidden(format!("{name} is a name of this network")));
                }
                (self.addresses_of(&name).await?, is_local)
            }
        };
        let is_allowed = |address: &IpAddr| {
            self.is_exempt(*address) || (is_public(*address) && !is_local_name && PORTS.contains(&port))
        };
        let allowed: Vec<_> = found.iter().copied().filter(is_allowed).collect();
        if !allowed.is_empty() {
            return Ok(allowed);
        }
        Err(EgressError::Forbidden(if found.iter().any(|address| is_public(*address)) && !is_local_name {
            format!("port {port} of {host}; only ports 80 and 443 may be used")
        } else {
            format!("{host} is not a public address")
        }))
    }

    async fn addresses_of(&self, name: &str) -> Result<Vec<IpAddr>, EgressError> {
        let addresses = self.resolver.addresses(name).await;
        if addresses.is_empty() {
            return Err(EgressError::Unreachable(format!("the name {name} cannot be resolved")));
        }
        Ok(addresses)
    }

    /// Whether the mode lets a host of this name be asked at all. What the name stands for is another question.
    pub(crate) fn may_name(&self, host: &str) -> bool {
        match self.mode {
            EgressMode::None => false,
            EgressMode::Allowlist => self.is_listed(host),
            EgressMode::Public | EgressMode::Direct => true,
        }
    }

    /// Whether the name is on the list. What the name stands for is checked all the same.
    fn is_listed(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.hosts.iter().map(|listed| listed.to_ascii_lowercase()).any(|listed| {
            match listed.strip_prefix('*') {
                Some(below) => host.len() > below.len() && host.ends_with(below),
                None => host == listed,
            }
        })
    }

    fn is_exempt(&self, address: IpAddr) -> bool {
        self.exempt.iter().any(|range| range.contains(address))
    }
}

/// Whether the name means this machine or its network, whatever it stands for.
pub(crate) fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    // A name without a dot is looked up in the machine's own search domains.
    !name.contains('.') || LOCAL_NAMES.iter().any(|last| name.ends_with(&format!(".{last}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_means_names_and_not_what_looks_like_them() {
        let hosts = ["example.com", "*.Example.org"].map(str::to_owned).to_vec();
        let resolver = Arc::new(crate::egress::SystemResolver);
        let policy = Policy { mode: EgressMode::Allowlist, hosts, exempt: Vec::new(), resolver };
        for host in ["example.com", "EXAMPLE.com.", "a.example.org", "a.b.example.org"] {
            assert!(policy.is_listed(host), "{host}");
        }
        for host in [
            "www.example.com",
            "example.org",
            "evilexample.org",
            "example.com.evil.test",
            "example.co",
            "",
            ".",
        ] {
            assert!(!policy.is_listed(host), "{host}");
        }
    }

    #[test]
    fn names_of_this_network_are_known() {
        for name in ["localhost", "LOCALHOST.", "a.localhost", "metadata.google.internal", "nas.local", "db"]
        {
            assert!(is_local_name(name), "{name}");
        }
        for name in ["example.com", "local.example.com", "internal.dev", "localhost.example.com.", "home.dev"]
        {
            assert!(!is_local_name(name), "{name}");
        }
    }
}
