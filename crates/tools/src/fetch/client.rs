//! Asks for a page, hop by hop.

mod refusal;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Once;
use std::time::Duration;

use http::header::{ACCEPT, ACCEPT_LANGUAGE, HeaderMap, HeaderValue, LOCATION};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Proxy, Response, redirect};

use super::read::{self, Body};
use super::redirect::{MAX_REDIRECTS, stays};
use super::target::Target;

/// How long a connection may take to come about, the proxy's own connection included.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);

/// How long a server may be silent.
const READ_LIMIT: Duration = Duration::from_secs(20);

/// Header by which the egress proxy marks its own refusals.
const PROXY_STATUS: &str = "proxy-status";

/// Asks for pages.
#[derive(Debug)]
pub(super) struct Client {
    /// Through the egress proxy.
    outside: reqwest::Client,
    /// To this machine only.
    own: reqwest::Client,
    proxy: SocketAddr,
}

/// What came.
#[derive(Debug)]
pub(super) enum Answer {
    Body(Body),
    /// Another host, which was not asked.
    Redirect {
        from: String,
        to: String,
        status: u16,
    },
}

impl Client {
    /// # Errors
    /// Text for the model, when this system cannot make HTTP calls at all.
    pub(super) fn new(proxy: SocketAddr) -> Result<Self, String> {
        static PROVIDER: Once = Once::new();
        // Fails only when a provider is installed already, which is what is wanted.
        PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
        let build = || -> Result<Self, reqwest::Error> {
            let outside = builder().proxy(Proxy::all(format!("http://{proxy}"))?).build()?;
            let own = builder().no_proxy().dns_resolver(Loopback).build()?;
            Ok(Self { outside, own, proxy })
        };
        build().map_err(|error| {
            format!("Pages cannot be fetched on this system ({error}). Use curl in the terminal instead.")
        })
    }

    /// Asks for `target`, and for where it leads as long as that is the same host.
    ///
    /// # Errors
    /// Text for the model.
    pub(super) async fn get(&self, target: &Target) -> Result<Answer, String> {
        let mut target = target.clone();
        for _ in 0..=MAX_REDIRECTS {
            let response = self.ask(&target).await?;
            let Some(next) = redirected(&target, &response)? else {
                return read::body(response).await.map(Answer::Body);
            };
            if !stays(target.url(), next.url()) {
                return Ok(Answer::Redirect {
                    from: target.url().to_string(),
                    to: next.url().to_string(),
                    status: response.status().as_u16(),
                });
            }
            target = next;
        }
        Err(format!("{} redirects more than {MAX_REDIRECTS} times, so it was given up.", target.url()))
    }

    async fn ask(&self, target: &Target) -> Result<Response, String> {
        let client = if target.is_own_loopback() { &self.own } else { &self.outside };
        let response = match client.get(target.url().clone()).send().await {
            Ok(response) => response,
            Err(error) => return Err(self.unreachable(target, &error).await),
        };
        if !target.is_own_loopback() && response.headers().contains_key(PROXY_STATUS) {
            let reason = response.text().await.unwrap_or_default();
            return Err(format!("{} cannot be fetched. {}", target.url(), reason.trim()));
        }
        Ok(response)
    }

    async fn unreachable(&self, target: &Target, error: &reqwest::Error) -> String {
        let url = target.url();
        if target.is_own_loopback() {
            return format!(
                "{url} cannot be reached: {}. It is on the sandbox's own loopback: check that the server runs and \
                 listens on this port.",
                innermost(error)
            );
        }
        if error.is_connect()
            && let Some(reason) = refusal::of_tunnel(self.proxy, url).await
        {
            return format!("{url} cannot be fetched. {reason}");
        }
        let what = if error.is_timeout() { "the server is silent".to_owned() } else { innermost(error) };
        format!("{url} cannot be reached: {what}. Check the address, or try another source.")
    }
}

fn builder() -> reqwest::ClientBuilder {
    let mut headers = HeaderMap::new();
    headers.insert(
        ACCEPT,
        HeaderValue::from_static(
            "text/html,application/xhtml+xml,text/markdown;q=0.9,text/plain;q=0.9,*/*;q=0.8",
        ),
    );
    headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static("en,*;q=0.5"));
    reqwest::Client::builder()
        .user_agent(concat!("Mozilla/5.0 (compatible; Slipway/", env!("CARGO_PKG_VERSION"), ")"))
        .default_headers(headers)
        .connect_timeout(CONNECT_LIMIT)
        .read_timeout(READ_LIMIT)
        .redirect(redirect::Policy::none())
        .referer(false)
        // Each page is a visit of its own: nothing is kept open for servers that the agent has left.
        .pool_max_idle_per_host(0)
}

/// Where an answer leads, if it is a redirect.
fn redirected(target: &Target, response: &Response) -> Result<Option<Target>, String> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = response.headers().get(LOCATION) else { return Ok(None) };
    let location = String::from_utf8_lossy(location.as_bytes()).into_owned();
    target.join(&location).map(Some)
}

/// The words of the error at the bottom, which say most.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// Resolves every name to the loopback.
struct Loopback;

impl Resolve for Loopback {
    fn resolve(&self, _: Name) -> Resolving {
        let addresses = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
        let addresses: Addrs = Box::new(addresses.map(|address| SocketAddr::new(address, 0)).into_iter());
        Box::pin(std::future::ready(Ok(addresses)))
    }
}
