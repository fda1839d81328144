//! A client of the API that asks again when a program died meanwhile.

use std::time::Duration;

use anyhow::{Context as _, bail};
use reqwest::Method;
use serde_json::Value;
use slipway_tests::Api;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::keeper::Known;

/// Longest wait for anything that must come about, restarts included. Far more than it takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);
/// Wait before asking again.
pub(crate) const PAUSE: Duration = Duration::from_millis(25);
/// Longest wait for one answer.
const ANSWER: Duration = Duration::from_secs(30);

/// The client.
#[derive(Clone)]
pub(crate) struct Client {
    gateway: watch::Receiver<Known>,
    token: String,
}

impl Client {
    /// A client of the gateway that is known here.
    pub(crate) fn new(gateway: watch::Receiver<Known>, token: &str) -> Self {
        Self { gateway, token: token.to_owned() }
    }

    /// The API of the gateway's present life.
    pub(crate) async fn api(&self) -> anyhow::Result<Api> {
        let mut gateway = self.gateway.clone();
        let listens = gateway.wait_for(|known| known.address.is_some());
        let known =
            tokio::time::timeout(PATIENCE, listens).await.context("the gateway does not come back")??;
        let address = known.address.clone().context("no address")?;
        Api::new(address, &self.token)
    }

    /// Asks until there is an answer that is not the fault of a program that died: its status and body.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<(u16, Value)> {
        let until = Instant::now() + PATIENCE;
        let mut last = String::new();
        while Instant::now() < until {
            let api = self.api().await?;
            let mut request = api.request(method.clone(), path).timeout(ANSWER);
            if let Some(body) = body {
                request = request.json(body);
            }
            match answer(request).await {
                Ok((status, body)) if status < 500 => return Ok((status, body)),
                Ok((status, body)) => last = format!("{status} {body}"),
                Err(error) => last = format!("{error:#}"),
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!("{method} {path} was never answered; the last time: {last}")
    }

    /// Puts bytes somewhere, however often it takes.
    pub(crate) async fn put(&self, path: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        let mut last = String::new();
        while Instant::now() < until {
            let request = self.api().await?.request(Method::PUT, path).timeout(ANSWER).body(bytes.to_vec());
            match answer(request).await {
                Ok((200..300, _)) => return Ok(()),
                other => last = format!("{other:?}"),
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!("{path} was never taken; the last time: {last}")
    }

    /// Bytes that must be there.
    pub(crate) async fn download(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let sent = self.api().await?.request(Method::GET, path).timeout(ANSWER).send().await;
            if let Ok(response) = sent
                && response.status().is_success()
                && let Ok(bytes) = response.bytes().await
            {
                return Ok(bytes.to_vec());
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!("{path} was never downloaded")
    }

    /// What must be there.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let (status, body) = self.ask(Method::GET, path, None).await?;
        if status != 200 {
            bail!("{path}: {status} {body}");
        }
        Ok(body)
    }
}

async fn answer(request: reqwest::RequestBuilder) -> anyhow::Result<(u16, Value)> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let text = response.text().await?;
    Ok((status, serde_json::from_str(&text).unwrap_or_default()))
}
