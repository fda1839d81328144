//! `web_fetch`: fetches a page and turns it into text, for the engine's `web_browser`. Models are not told of it.
//!
//! Every byte from outside comes through the gateway's egress proxy, which judges each address anew; only
//! what is on the sandbox's own loopback is asked directly. What comes is converted in a process of its own
//! ([`convert`]), because documents from anywhere make parsers fail in every way there is.

mod cache;
mod client;
pub mod convert;
mod media;
mod read;
mod redirect;
mod target;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_protocol::fetch::{Fetched, FetchedPage, WEB_FETCH};
use slipway_protocol::tool::{ToolAccess, ToolOutcome, ToolStatus};

use self::cache::Cache;
use self::client::{Answer, Client};
use self::convert::Converter;
use self::target::Target;
use crate::registry::{Tool, ToolContext};

/// How long one call may take, redirects and conversion included.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// What a host needs to fetch pages.
#[derive(Debug, Clone)]
pub struct FetchOptions {
    /// HTTP proxy that leads to the gateway's egress proxy.
    pub proxy: SocketAddr,
    /// The tool host program, whose `convert` converts documents.
    pub converter: PathBuf,
}

/// Arguments of `web_fetch`; see [`slipway_protocol::fetch::FetchRequest`].
#[derive(Debug, Deserialize, JsonSchema)]
pub struct WebFetchArguments {
    /// What to fetch.
    url: String,
    /// Whether a copy that is kept must not be used.
    #[serde(default)]
    fresh: bool,
}

/// Fetches pages, and keeps them for a while.
pub struct WebFetch {
    client: Result<Client, String>,
    converter: Converter,
    cache: Mutex<Cache>,
}

impl WebFetch {
    /// A fetcher with an empty cache.
    pub fn new(options: FetchOptions) -> Self {
        Self {
            client: Client::new(options.proxy),
            converter: Converter::new(options.converter),
            cache: Mutex::default(),
        }
    }

    async fn fetch(&self, arguments: &WebFetchArguments, context: &ToolContext) -> Result<Fetched, String> {
        let target = Target::parse(&arguments.url)?;
        if !arguments.fresh
            && let Some((page, age)) = self.cache().get(target.key(), Instant::now())
        {
            let age_seconds = Some(age.as_secs());
            return Ok(Fetched::Page(FetchedPage { age_seconds, ..FetchedPage::clone(&page) }));
        }
        let client = self.client.as_ref().map_err(Clone::clone)?;
        let body = match client.get(&target).await? {
            Answer::Redirect { from, to, status } => return Ok(Fetched::Redirect { from, to, status }),
            Answer::Body(body) => body,
        };
        let page = self.converter.page(body, context.workspace.owner()).await?;
        if page.status == 200 && !target.is_own_loopback() {
            self.cache().put(target.key(), Arc::new(page.clone()), Instant::now());
        }
        Ok(Fetched::Page(page))
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tool for WebFetch {
    type Arguments = WebFetchArguments;
    const NAME: &'static str = WEB_FETCH;
    const DESCRIPTION: &'static str = "Fetch a page as text.";
    const ACCESS: ToolAccess = ToolAccess::ReadOnly;

    async fn run(self: Arc<Self>, arguments: WebFetchArguments, context: ToolContext) -> ToolOutcome {
        let fetched = tokio::select! {
            fetched = tokio::time::timeout(TIME_LIMIT, self.fetch(&arguments, &context)) => fetched,
            () = context.cancel.cancelled() => {
                return ToolOutcome::new(ToolStatus::Stopped, "The page was not fetched: the call was stopped.");
            }
        };
        match fetched {
            Err(_elapsed) => ToolOutcome::error(format!(
                "{} was given up after {} s: the server is too slow. Try again later, or another source.",
                arguments.url,
                TIME_LIMIT.as_secs()
            )),
            Ok(Err(reason)) => ToolOutcome::error(reason),
            Ok(Ok(fetched)) => match serde_json::to_value(&fetched) {
                Ok(data) => ToolOutcome { data, ..ToolOutcome::ok("Fetched.") },
                Err(error) => ToolOutcome::error(format!("The page cannot be passed on: {error}.")),
            },
        }
    }
}
