//! Where messages may be sent. The gateway sees more of the network than the person's browser may, so what is
//! written into a webhook must not lead it there unasked.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolving};
use url::{Host, Url};

use super::deliver::ATTEMPT_LIMIT;
use crate::api::{ApiError, ApiResult};
use crate::egress::address::is_public;
use crate::egress::{Resolve, is_local_name};

/// Longest address of a webhook, in bytes.
const MAX_URL: usize = 2048;

/// Which addresses a webhook may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Public ones.
    Public,
    /// Those of this machine and its network too, but never link-local ones: clouds tell keys there.
    Private,
}

impl Reach {
    /// The one that a webhook with this flag has.
    pub fn of(private_network: bool) -> Self {
        if private_network { Self::Private } else { Self::Public }
    }

    fn allows(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        match self {
            Self::Public => is_public(address),
            Self::Private => match address {
                IpAddr::V4(address) => !address.is_link_local() && !address.is_unspecified(),
                IpAddr::V6(address) => !address.is_unicast_link_local() && !address.is_unspecified(),
            },
        }
    }
}

/// The address, if messages may be sent there as far as it itself tells.
///
/// # Errors
/// When it is no address, holds a password, or may not be used.
pub fn check(url: &str, reach: Reach) -> ApiResult<Url> {
    let refuse = |why: &str| ApiError::invalid(format!("The webhook's address {why}."));
    if url.len() > MAX_URL {
        return Err(refuse("is too long"));
    }
    let parsed = Url::parse(url.trim()).map_err(|error| refuse(&format!("is no URL: {error}")))?;
    match (parsed.scheme(), reach) {
        ("https", _) | ("http", Reach::Private) => {}
        ("http", Reach::Public) => return Err(refuse("must begin with https:// outside private networks")),
        _ => return Err(refuse("must begin with https://")),
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(refuse("must not hold a user name or password; messages are signed instead"));
    }
    let allowed = match parsed.host() {
        None => return Err(refuse("has no host")),
        Some(Host::Domain(name)) => reach == Reach::Private || !is_local_name(name),
        Some(Host::Ipv4(address)) => reach.allows(address.into()),
        Some(Host::Ipv6(address)) => reach.allows(address.into()),
    };
    if !allowed {
        return Err(refuse("is not public; private networks must be allowed for this webhook"));
    }
    Ok(parsed)
}

/// A client that connects to allowed addresses only, whatever names stand for when it does. It uses no proxy,
/// which would look names up itself, and follows no redirect.
///
/// # Errors
/// When it cannot be made.
pub(super) fn client(resolver: Arc<dyn Resolve>, reach: Reach) -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .dns_resolver(Arc::new(Guarded { resolver, reach }))
        .timeout(ATTEMPT_LIMIT)
        .pool_max_idle_per_host(0)
        .user_agent(concat!("slipway/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// Looks names up and leaves out what may not be reached.
#[derive(Debug)]
struct Guarded {
    resolver: Arc<dyn Resolve>,
    reach: Reach,
}

impl reqwest::dns::Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (resolver, reach) = (Arc::clone(&self.resolver), self.reach);
        Box::pin(async move {
            let found = resolver.addresses(name.as_str()).await;
            let is_known = !found.is_empty();
            let allowed: Vec<_> = found.into_iter().filter(|address| reach.allows(*address)).collect();
            if allowed.is_empty() {
                let why = if is_known {
                    "the name does not stand for a public address"
                } else {
                    "the name is unknown"
                };
                return Err(why.into());
            }
            let addresses = allowed.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_taken_unasked() {
        for url in ["https://example.com/hook", "https://example.com:8443/?a=b", "https://93.184.216.34/"] {
            assert!(check(url, Reach::Public).is_ok(), "{url}");
        }
        for url in [
            "",
            "example.com",
            "ftp://example.com/",
            "file:///etc/passwd",
            "http://example.com/",
            "https://user:pass@example.com/",
            "https://localhost/",
            "https://nas.local/",
            "https://db/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://10.0.0.1/",
            "https://169.254.169.254/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[fd00:ec2::254]/",
        ] {
            assert!(check(url, Reach::Public).is_err(), "{url}");
        }
    }

    #[test]
    fn private_addresses_are_taken_when_allowed_but_those_of_metadata_never() {
        for url in
            ["http://localhost:8080/", "http://10.0.0.1/", "https://[fd00::1]/", "https://example.com/"]
        {
            assert!(check(url, Reach::Private).is_ok(), "{url}");
        }
        for url in [
            "http://169.254.169.254/",
            "http://[fe80::1]/",
            "http://[::ffff:169.254.169.254]/",
            "http://0.0.0.0/",
        ] {
            assert!(check(url, Reach::Private).is_err(), "{url}");
        }
    }

    #[derive(Debug)]
    struct Fixed(Vec<IpAddr>);

    impl Resolve for Fixed {
        fn addresses<'a>(&'a self, _name: &'a str) -> futures::future::BoxFuture<'a, Vec<IpAddr>> {
            Box::pin(std::future::ready(self.0.clone()))
        }
    }

    #[tokio::test]
    async fn a_name_that_stands_for_a_private_address_is_not_connected_to() {
        use reqwest::dns::Resolve as _;
        let found = ["93.184.216.34", "10.0.0.1", "::1"].map(|text| text.parse().unwrap());
        let guarded = |found: &[IpAddr], reach| Guarded { resolver: Arc::new(Fixed(found.to_vec())), reach };
        let name = || "evil.example".parse::<Name>().unwrap();
        let addresses = guarded(&found, Reach::Public).resolve(name()).await.unwrap();
        assert_eq!(addresses.map(|address| address.ip()).collect::<Vec<_>>(), found[..1]);
        assert!(guarded(&found[1..], Reach::Public).resolve(name()).await.is_err());
        assert_eq!(guarded(&found, Reach::Private).resolve(name()).await.unwrap().count(), 3);
    }
}
