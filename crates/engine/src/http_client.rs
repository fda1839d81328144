//! The HTTP clients that all runs share, so that connections are reused.

use slipway_protocol::Problem;

use crate::provider::access::Tokens;
use crate::settings::Settings;

/// HTTP clients.
#[derive(Debug)]
pub(crate) struct HttpClients {
    /// For addresses on this machine or network: never goes through a proxy.
    direct: Result<reqwest::Client, String>,
    /// For models elsewhere: respects the proxy variables of the environment.
    outside: Result<reqwest::Client, String>,
    /// Access tokens, shared by all runs.
    tokens: Tokens,
}

impl HttpClients {
    /// Builds the clients. That they cannot be built (for example because the system has no certificates)
    /// is told to each run that would need them.
    pub(crate) fn new(settings: &Settings) -> Self {
        crate::tls::install_crypto_provider();
        let builder = || {
            reqwest::Client::builder()
                .user_agent(concat!("slipway/", env!("CARGO_PKG_VERSION")))
                // A redirect would take the key and the conversation somewhere nobody chose.
                .redirect(reqwest::redirect::Policy::none())
        };
        let build = |builder: reqwest::ClientBuilder| builder.build().map_err(|error| error.to_string());
        Self {
            direct: build(builder().no_proxy().connect_timeout(settings.tools.connect)),
            outside: build(builder().connect_timeout(settings.model.connect)),
            tokens: Tokens::default(),
        }
    }

    /// The client for tool endpoints.
    pub(crate) fn tools(&self) -> Result<reqwest::Client, Problem> {
        usable(&self.direct)
    }

    /// The access tokens that all runs share.
    pub(crate) fn tokens(&self) -> Tokens {
        self.tokens.clone()
    }

    /// The client for a model at this address.
    pub(crate) fn model(&self, base_url: &str) -> Result<reqwest::Client, Problem> {
        usable(if is_loopback(base_url) { &self.direct } else { &self.outside })
    }
}

fn usable(client: &Result<reqwest::Client, String>) -> Result<reqwest::Client, Problem> {
    client.clone().map_err(|error| {
        Problem::new(500, "engine_http", "The engine cannot make HTTP calls")
            .detail(error)
            .hint("Install the system's CA certificates (package ca-certificates) and start again.")
    })
}

fn is_loopback(base_url: &str) -> bool {
    match url::Url::parse(base_url).ok().as_ref().and_then(url::Url::host) {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
