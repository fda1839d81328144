//! web_browser and google_search in the container, over the real way out.

use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::json;
use slipway_protocol::message::ToolPartStatus;
use slipway_tests::docker;

use crate::stack::Stack;

const SERVE: &str = r#"
mkdir -p pages && cd pages
printf '<html><head><title>Own page</title></head><body><nav>Menu</nav><main><h1>Served</h1><p>by <a href="/b?x=1">the agent</a></p></main></body></html>' > index.html
cat > serve.py <<'END'
import http.server
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if not self.path.startswith("/to/"): return super().do_GET()
        self.send_response(302)
        self.send_header("Location", self.path[4:])
        self.end_headers()
http.server.ThreadingHTTPServer(("127.0.0.1", 8123), Handler).serve_forever()
END
(setsid python3 serve.py > /dev/null 2>&1 &)
until curl -sf http://localhost:8123/ > /dev/null; do sleep 0.1; done
"#;

/// What the model is told of pages, one after the other.
async fn browse(stack: &Stack, urls: &[String]) -> anyhow::Result<Vec<(ToolPartStatus, String)>> {
    let calls: Vec<_> = urls
        .iter()
        .map(|url| json!({"name": "web_browser", "arguments": {"url": url, "fresh": true}}))
        .collect();
    let results = stack.calls(&calls).await?;
    Ok(results.into_iter().map(|call| (call.status, call.result.unwrap_or_default())).collect())
}

pub(crate) async fn reads_what_it_may(stack: &Stack) -> anyhow::Result<()> {
    stack.shell(SERVE).await?;
    let own = [
        "http://localhost:8123/",
        "http://app.localhost:8123/",
        "http://127.1:8123/",
        "http://0.0.0.0:8123/",
    ];
    for (url, (status, text)) in own.iter().zip(browse(stack, &own.map(str::to_owned)).await?) {
        ensure!(status == ToolPartStatus::Ok, "{url}: {text}");
        ensure!(text.contains("# Served") && text.contains("[the agent](http://"), "{url}: {text}");
        ensure!(text.contains("Own page") && !text.contains("Menu"), "{url}: {text}");
    }

    let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    let control = docker(&["inspect", "--format", format, &stack.instance.control()])?;
    let control = control.trim();
    ensure!(!control.is_empty(), "the control container has an address");
    let closed = [
        format!("http://{control}:3000/healthz"),
        format!("http://[::ffff:{control}]:3000/healthz"),
        "http://10.0.0.1/".to_owned(),
        "http://192.168.0.1/".to_owned(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "https://169.254.169.254/".to_owned(),
        "http://[fd00::1]/".to_owned(),
        "http://[::ffff:127.0.0.1]:8123/".to_owned(),
        "http://0xa000001/".to_owned(),
        "http://metadata.google.internal/".to_owned(),
        "http://host.docker.internal/".to_owned(),
    ];
    for (url, (status, text)) in closed.iter().zip(browse(stack, &closed).await?) {
        ensure!(status == ToolPartStatus::Error, "{url}: {text}");
        let reason = ["is not a public address", "is a name of this network"];
        ensure!(reason.iter().any(|reason| text.contains(reason)), "{url}: {text}");
    }

    // A redirect from within is told, and not followed.
    let to = "http://169.254.169.254/latest/";
    let results = browse(stack, &[format!("http://localhost:8123/to/{to}")]).await?;
    let (_, text) = results.first().context("a result")?;
    ensure!(text.contains(to) && text.contains("302"), "{text}");
    Ok(())
}

/// What the browser says of a server of this machine, which the instance exempts, and the search of itself.
pub(crate) struct WayOut {
    pub(crate) page: (ToolPartStatus, String),
    pub(crate) search: String,
}

/// Tries both in the mode that is in force. The engine is one whose key is worth nothing: it is never asked in a mode
/// that does not let it be.
pub(crate) async fn try_out(stack: &Stack, url: &str) -> anyhow::Result<WayOut> {
    let engine = json!({"engine": "brave", "api_key": "no key at all"});
    let saved = stack.api.request(Method::PUT, "/settings/search").json(&engine).send().await?;
    saved.error_for_status()?;
    let page = browse(stack, &[url.to_owned()]).await?.pop().context("a result")?;
    let call = json!({"name": "google_search", "arguments": {"query": "slipway"}});
    let search = stack.calls(&[call]).await?.pop().context("a result")?;
    ensure!(search.status == ToolPartStatus::Error, "{search:?}");
    Ok(WayOut { page, search: search.result.unwrap_or_default() })
}
