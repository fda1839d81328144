//! Looking names up.

use std::fmt::Debug;
use std::net::IpAddr;

use futures::FutureExt as _;
use futures::future::BoxFuture;

/// Knows the addresses of names.
pub trait Resolve: Debug + Send + Sync {
    /// The addresses of a name; none when it has none or nobody can tell.
    fn addresses<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Vec<IpAddr>>;
}

/// Asks the system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn addresses<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Vec<IpAddr>> {
        async move {
            let found = tokio::net::lookup_host((name, 0)).await;
            found.map(|found| found.map(|address| address.ip()).collect()).unwrap_or_default()
        }
        .boxed()
    }
}
