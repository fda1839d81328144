//! web_fetch on pages of this machine's loopback; what lies outside is tried with the real egress proxy in the
//! gateway's tests.

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use serde_json::{Value, json};
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::scene::Scene;

/// A web server that ends when it is dropped.
struct Site {
    address: SocketAddr,
    _task: JoinSet<()>,
}

impl Site {
    async fn new(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("bound");
        let mut task = JoinSet::new();
        task.spawn(async move { axum::serve(listener, router).await.expect("it serves") });
        Self { address, _task: task }
    }

    /// One that answers `/` with these bytes of this type.
    async fn with(content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self::new(Router::new().route("/", get(async move || ([(header::CONTENT_TYPE, content_type)], body))))
            .await
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

async fn fetch(scene: &Scene, url: &str) -> ToolOutcome {
    scene.call("web_fetch", json!({ "url": url })).await
}

/// The page that must have come.
async fn page(scene: &Scene, url: &str) -> Value {
    let outcome = fetch(scene, url).await;
    assert_eq!(outcome.status, ToolStatus::Ok, "{}", outcome.text);
    assert_eq!(outcome.data["type"], "page", "{}", outcome.data);
    outcome.data
}

async fn text_of(content_type: &'static str, body: impl Into<Vec<u8>>) -> String {
    let (scene, site) = (Scene::new().await, Site::with(content_type, body).await);
    page(&scene, &site.url("/")).await["text"].as_str().expect("text").to_owned()
}

#[tokio::test]
async fn html_becomes_markdown_of_its_main_content() {
    let html = "<!doctype html><html><head><title>Guide</title></head><body><nav><a href='/'>Home</a></nav>\
        <main><h1>Install</h1><p>Run <code>make &amp;&amp; make install</code>, see \
        <a href='../b?x=1&amp;y=2'>the manual</a>.</p><pre><code class='language-sh'>make\n  -j2\n</code></pre></main>\
        <footer>Imprint</footer></body></html>";
    let (scene, site) = (Scene::new().await, Site::with("text/html; charset=utf-8", html).await);
    let page = page(&scene, &site.url("/")).await;
    let link = site.url("/b?x=1&y=2");
    assert_eq!(
        page["text"],
        format!(
            "# Install\n\nRun `make && make install`, see [the manual]({link}).\n\n```sh\nmake\n  -j2\n```"
        )
    );
    assert_eq!((&page["title"], &page["status"]), (&json!("Guide"), &json!(200)));
    assert_eq!(page["content_type"], "text/html");
}

#[tokio::test]
async fn json_and_text_stay_as_they_are() {
    let json = "{\n  \"a\": [1, 2],\n\n  \"b\": \"<b>x</b>\"\n}";
    assert_eq!(text_of("application/json", json).await, json);
    assert_eq!(text_of("text/markdown", "# a\n\n* b <c>\n").await, "# a\n\n* b <c>");
    assert_eq!(text_of("text/plain; charset=iso-8859-1", b"gr\xfcn".to_vec()).await, "grün");
    assert_eq!(text_of("application/octet-stream", "plain after all").await, "plain after all");
}

#[tokio::test]
async fn pdf_becomes_text() {
    let text = text_of("application/pdf", pdf("Hello from a PDF")).await;
    assert_eq!(text, "[page 1]\nHello from a PDF");
}

#[tokio::test]
async fn what_is_no_text_is_refused_with_advice() {
    let scene = Scene::new().await;
    for (content_type, body) in [("image/png", &b"\x89PNG"[..]), ("application/octet-stream", b"\x7fELF\0\0")]
    {
        let site = Site::with(content_type, body).await;
        let outcome = fetch(&scene, &site.url("/")).await;
        assert_eq!(outcome.status, ToolStatus::Error);
        assert!(outcome.text.contains(content_type) && outcome.text.contains("curl"), "{}", outcome.text);
    }
}

#[tokio::test]
async fn hostile_documents_cost_a_note_or_an_error_and_no_more() {
    let scene = Scene::new().await;
    let deep = format!("{}deep down{}", "<div>".repeat(50_000), "</div>".repeat(50_000));
    let site = Site::with("text/html", deep).await;
    let page_of_deep = page(&scene, &site.url("/")).await;
    assert_eq!(page_of_deep["text"], "deep down");
    assert!(page_of_deep["notes"][0].as_str().expect("a note").contains("50000 deep"), "{page_of_deep}");

    // Deeper than can be seen beforehand: the converter overflows, and the words are there all the same.
    let hidden = format!("<svg><title>{}deep down", "<div>".repeat(40_000));
    let site = Site::with("text/html", hidden).await;
    let page_of_hidden = page(&scene, &site.url("/")).await;
    assert!(page_of_hidden["text"].as_str().expect("text").ends_with("deep down"), "{page_of_hidden}");

    let mut nested = b"%PDF-1.4\n1 0 obj\n".to_vec();
    nested.extend(b"[".repeat(2_000_000));
    for body in [b"%PDF-1.4 and nothing else".to_vec(), nested] {
        let site = Site::with("application/pdf", body).await;
        let outcome = fetch(&scene, &site.url("/")).await;
        assert_eq!(outcome.status, ToolStatus::Error, "{}", outcome.text);
        assert!(outcome.text.contains("PDF cannot be converted"), "{}", outcome.text);
    }
    let site = Site::with("text/plain", "still here").await;
    assert_eq!(page(&scene, &site.url("/")).await["text"], "still here");
}

#[tokio::test]
async fn bytes_are_bounded_after_decompression() {
    let zipped = gzip(&vec![b'x'; 64 << 20]);
    assert!(zipped.len() < 1 << 20, "small on the wire");
    let headers = [(header::CONTENT_TYPE, "text/plain"), (header::CONTENT_ENCODING, "gzip")];
    let router = Router::new().route("/", get(async move || (headers, zipped)));
    let (scene, site) = (Scene::new().await, Site::new(router).await);
    let page = page(&scene, &site.url("/")).await;
    assert_eq!(page["bytes"], 1 << 20);
    assert!(page["text"].as_str().expect("text").len() < 500_000);
    assert!(page["notes"][0].as_str().expect("a note").contains("first 1048576 bytes"), "{}", page["notes"]);
}

#[tokio::test]
async fn redirects_within_the_host_are_followed_and_others_told() {
    let hops = get(async |path: axum::extract::Path<u32>| {
        let axum::extract::Path(left) = path;
        match left {
            0 => (StatusCode::OK, [(header::LOCATION, String::new())], "arrived").into_response(),
            left => (StatusCode::FOUND, [(header::LOCATION, format!("./{}", left - 1))]).into_response(),
        }
    });
    let to = |target: &'static str| get(async move || (StatusCode::SEE_OTHER, [(header::LOCATION, target)]));
    let router = Router::new()
        .route("/hops/{left}", hops)
        .route("/outside", to("https://example.com/a?b#c"))
        .route("/metadata", to("//169.254.169.254/latest"))
        .route("/file", to("file:///etc/passwd"))
        .route("/other-port", to("http://127.0.0.1:1/"));
    let (scene, site) = (Scene::new().await, Site::new(router).await);
    let arrived = page(&scene, &site.url("/hops/5")).await;
    assert_eq!((&arrived["text"], &arrived["url"]), (&json!("arrived"), &json!(site.url("/hops/0"))));
    let endless = fetch(&scene, &site.url("/hops/6")).await;
    assert!(endless.text.contains("redirects more than 5 times"), "{}", endless.text);
    for (path, to) in [
        ("/outside", "https://example.com/a?b"),
        ("/metadata", "http://169.254.169.254/latest"),
        ("/other-port", "http://127.0.0.1:1/"),
    ] {
        let outcome = fetch(&scene, &site.url(path)).await;
        let expected = json!({"type": "redirect", "from": site.url(path), "to": to, "status": 303});
        assert_eq!(outcome.data, expected, "{}", outcome.text);
    }
    let file = fetch(&scene, &site.url("/file")).await;
    assert!(file.text.contains("only http and https"), "{}", file.text);
}

#[tokio::test]
async fn statuses_are_told_with_what_the_server_says() {
    let router = Router::new().route("/", get(async || (StatusCode::NOT_FOUND, "no such thing")));
    let (scene, site) = (Scene::new().await, Site::new(router).await);
    let page = page(&scene, &site.url("/")).await;
    assert_eq!((&page["status"], &page["text"]), (&json!(404), &json!("no such thing")));
}

#[tokio::test]
async fn pages_of_the_sandbox_itself_are_never_kept() {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let answer = async move || (counted.fetch_add(1, Ordering::Relaxed) + 1).to_string();
    let (scene, site) = (Scene::new().await, Site::new(Router::new().route("/", get(answer))).await);
    for expected in ["1", "2"] {
        assert_eq!(page(&scene, &site.url("/")).await["text"], expected);
    }
    let named = format!("http://dev.localhost:{}/", site.address.port());
    assert_eq!(page(&scene, &named).await["text"], "3", "names below localhost are the loopback");
}

#[tokio::test]
async fn failures_say_what_to_do() {
    let scene = Scene::new().await;
    let cases = [
        ("http://127.0.0.1:1/", "check that the server runs"),
        ("ftp://127.0.0.1/", "only http and https"),
        ("https://me:pw@example.com/", "user name or password"),
        // There is no proxy in these tests.
        ("https://example.com/", "cannot be reached"),
    ];
    for (url, reason) in cases {
        let outcome = fetch(&scene, url).await;
        assert_eq!(outcome.status, ToolStatus::Error, "{url}: {}", outcome.text);
        assert!(outcome.text.contains(reason), "{url}: {}", outcome.text);
    }
    let odd: HeaderName = header::CONTENT_ENCODING;
    let router = Router::new().route("/", get(async move || ([(odd, "br")], "x")));
    let site = Site::new(router).await;
    let outcome = fetch(&scene, &site.url("/")).await;
    assert!(outcome.text.contains("compressed as `br`"), "{}", outcome.text);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut child = Command::new("gzip")
        .args(["-9", "-c"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("gzip is part of every Debian");
    let mut input = child.stdin.take().expect("piped");
    std::thread::scope(|scope| {
        scope.spawn(move || input.write_all(bytes).expect("it reads"));
        child.wait_with_output().expect("it ends").stdout
    })
}

/// A PDF of one page with one line.
fn pdf(line: &str) -> Vec<u8> {
    let content = format!("BT /F1 24 Tf 72 700 Td ({line}) Tj ET");
    pdf_of(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        PDF_PAGE.to_vec(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()).into_bytes(),
        PDF_FONT.to_vec(),
    ])
}

/// A page that is a child of object 2, shows object 4, and has object 5 as its font.
pub(crate) const PDF_PAGE: &[u8] = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R \
    /Resources << /Font << /F1 5 0 R >> >> >>";
pub(crate) const PDF_FONT: &[u8] =
    b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";

/// A PDF of these objects, numbered from 1; the first is its root.
pub(crate) fn pdf_of(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file.extend(format!("{} 0 obj\n", index + 1).bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let (table, size) = (file.len(), objects.len() + 1);
    file.extend(format!("xref\n0 {size}\n0000000000 65535 f \n").bytes());
    for offset in offsets {
        file.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    file.extend(format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").bytes());
    file
}
