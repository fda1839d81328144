//! A server that the agent starts in its container is seen through the gateway, which has the only way there.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use reqwest::header::{COOKIE, HOST, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use slipway_protocol::sandbox::ListeningPort;

use crate::stack::Stack;

const SERVE: &str = "mkdir -p site && echo 'made by the agent' > site/index.html && \
                     (setsid python3 -m http.server --directory site 5173 > /dev/null 2>&1 &)";

pub(crate) async fn shows_a_server(stack: &Stack) -> anyhow::Result<()> {
    stack.shell(SERVE).await?;
    let begun = Instant::now();
    loop {
        let ports: Vec<ListeningPort> = stack.api.get("/ports").await?;
        if ports.iter().any(|listening| listening.port == 5173) {
            break;
        }
        ensure!(begun.elapsed() < Duration::from_secs(30), "the server is not found: {ports:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let link = stack.api.request(reqwest::Method::GET, "/ports/5173/preview").build()?;
    let browser = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build()?;
    let answer = browser.execute(link).await?;
    let location = answer.headers().get(LOCATION).context("a way to the preview")?.to_str()?.to_owned();
    let (host, path) = location.trim_start_matches("http://").split_once('/').context("an address")?;
    ensure!(host.starts_with("p-5173-") && host.contains(".localhost:"), "{location}");

    // As a browser does, which takes every name under localhost for this machine.
    let ask = |path: &str| browser.get(format!("{}/{path}", stack.api.base())).header(HOST, host);
    ensure!(ask("").send().await?.status() == 401, "a stranger sees the preview");
    let entered = ask(path).send().await?;
    let cookie = entered.headers().get(SET_COOKIE).context("a cookie")?.to_str()?;
    let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
    let page = ask("").header(COOKIE, &cookie).send().await?.text().await?;
    ensure!(page.contains("made by the agent"), "{page}");
    ensure!(ask(path).send().await?.status() == 403, "the ticket was good twice");
    Ok(())
}
