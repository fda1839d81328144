//! Requests that a server is to be tricked into (SSRF): every way that is known of writing, naming or redirecting
//! to an address that is not public, through the real proxy.

mod vectors;

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::json;
use slipway_gateway::egress::{AddressRange, Egress, EgressMode, Policy, Resolve};
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use slipway_protocol::{ConversationId, InvocationId};
use slipway_tools::fetch::{FetchOptions, WebFetch};
use slipway_tools::registry::{OutputSink, Registry, ToolContext};
use slipway_tools::workspace::Workspace;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::vectors::{GIVEN, RESOLVED, WRITTEN};
use crate::edge_egress::{ask, status_of};
use crate::harness::TestGateway;

/// Names with the addresses that they have at one lookup after the other.
#[derive(Debug, Default)]
struct Names {
    answers: Mutex<HashMap<String, VecDeque<Vec<IpAddr>>>>,
    asked: Mutex<Vec<String>>,
}

impl Names {
    fn add(&self, name: &str, answers: &[&[&str]]) {
        let parse = |addresses: &&[&str]| addresses.iter().map(|address| address.parse().unwrap()).collect();
        self.answers.lock().unwrap().insert(name.to_owned(), answers.iter().map(parse).collect());
    }
}

impl Resolve for Names {
    fn addresses<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Vec<IpAddr>> {
        self.asked.lock().unwrap().push(name.to_owned());
        let mut answers = self.answers.lock().unwrap();
        let known = answers.get_mut(name);
        let found = known.map(|answers| match answers.len() {
            // The last one holds for ever.
            0 | 1 => answers.front().cloned().unwrap_or_default(),
            _ => answers.pop_front().unwrap_or_default(),
        });
        std::future::ready(found.unwrap_or_default()).boxed()
    }
}

/// An egress proxy on a socket of its own.
struct Proxy {
    address: SocketAddr,
    names: Arc<Names>,
    _task: JoinSet<()>,
}

impl Proxy {
    async fn new(exempt: &[&str]) -> Self {
        let names = Arc::new(Names::default());
        let exempt: Vec<AddressRange> = exempt.iter().map(|range| range.parse().unwrap()).collect();
        let egress = Egress::new(Policy {
            mode: EgressMode::Public,
            hosts: Vec::new(),
            exempt,
            resolver: Arc::<Names>::clone(&names),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut clients = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let egress = egress.clone();
                clients.spawn(async move { egress.serve(client).await });
            }
        });
        Self { address, names, _task: task }
    }

    /// Sends a request and gives the whole answer.
    async fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Fetches a page by way of the proxy, as the tool host does.
    async fn fetch(&self, url: &str) -> ToolOutcome {
        self.browser().fetch(url).await
    }

    /// One that keeps pages.
    fn browser(&self) -> Browser {
        let options = FetchOptions { proxy: self.address, converter: "/nonexistent".into() };
        Browser {
            tools: Registry::new().with(WebFetch::new(options)),
            directory: tempfile::tempdir().unwrap(),
        }
    }
}

struct Browser {
    tools: Registry,
    directory: TempDir,
}

impl Browser {
    async fn fetch(&self, url: &str) -> ToolOutcome {
        let context = ToolContext {
            workspace: Arc::new(Workspace::open(self.directory.path()).unwrap()),
            conversation_id: ConversationId::generate(),
            invocation_id: InvocationId::generate(),
            step: 1,
            output: OutputSink::discard(),
            cancel: CancellationToken::new(),
        };
        self.tools.dispatch("web_fetch", json!({ "url": url }), context).await
    }
}

/// A web server that notes what it is asked for.
struct Site {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    _task: JoinSet<()>,
}

impl Site {
    async fn new(
        address: SocketAddr,
        answer: impl Fn(&str) -> Response + Clone + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&asked);
        let router = Router::new().fallback(async move |request: Request| {
            let path = request.uri().path().to_owned();
            notes.lock().unwrap().push(path.clone());
            answer(&path)
        });
        let mut task = JoinSet::new();
        task.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, asked, _task: task }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn redirect(to: String) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, to)]).into_response()
}

/// Both kinds of request for a host.
fn requests(host: &str) -> [String; 2] {
    [
        format!("CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n"),
        format!("GET http://{host}/x HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n"),
    ]
}

#[test]
fn there_are_enough_vectors() {
    let different: std::collections::BTreeSet<&str> = WRITTEN.into_iter().collect();
    assert_eq!(different.len(), WRITTEN.len(), "each is listed once");
    assert!(WRITTEN.len() + RESOLVED.len() + GIVEN.len() >= 80);
}

#[tokio::test]
async fn what_is_not_public_is_refused_however_it_is_written() {
    let gateway = TestGateway::start().await;
    for host in WRITTEN {
        for request in requests(host) {
            let answer = ask(&gateway, &request).await;
            assert_eq!(status_of(&answer), "403", "{request}{answer}");
            assert!(answer.contains("does not allow"), "{answer}");
            assert!(answer.contains("proxy-status: slipway"), "{answer}");
        }
    }
}

#[tokio::test]
async fn public_names_lead_nowhere_private() {
    let proxy = Proxy::new(&[]).await;
    for (number, addresses) in RESOLVED.iter().enumerate() {
        let name = format!("n{number}.example.com");
        proxy.names.add(&name, &[addresses]);
        for request in requests(&name) {
            let answer = proxy.ask(&request).await;
            assert_eq!(status_of(&answer), "403", "{addresses:?}: {answer}");
            assert!(answer.contains("is not a public address"), "{addresses:?}: {answer}");
        }
    }
}

#[tokio::test]
async fn names_of_this_network_are_not_even_looked_up() {
    let proxy = Proxy::new(&[]).await;
    for host in ["metadata.google.internal", "host.docker.internal", "printer.local", "localhost", "db"] {
        proxy.names.add(host, &[&["93.184.216.34"]]);
        let answer = proxy.ask(&requests(host)[0]).await;
        assert_eq!(status_of(&answer), "403", "{answer}");
    }
    assert!(proxy.names.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn odd_urls_lead_nowhere_private() {
    let proxy = Proxy::new(&[]).await;
    for (url, words) in GIVEN {
        let outcome = proxy.fetch(url).await;
        assert_eq!(outcome.status, ToolStatus::Error, "{url}: {} {}", outcome.text, outcome.data);
        assert!(outcome.text.contains(words), "{url}: {}", outcome.text);
    }
}

#[tokio::test]
async fn a_name_that_changes_its_mind_is_held_to_what_was_checked() {
    // 127.0.0.2 stands for a public address, 127.0.0.1 for the control side.
    let public = Site::new("127.0.0.2:0".parse().unwrap(), |_| "public".into_response()).await;
    let port = public.address.port();
    let private = Site::new(SocketAddr::from(([127, 0, 0, 1], port)), |_| "private".into_response()).await;
    let proxy = Proxy::new(&["127.0.0.2"]).await;
    proxy.names.add("rebind.example.com", &[&["127.0.0.2"], &["127.0.0.1"]]);
    let url = format!("http://rebind.example.com:{port}");
    let first = proxy.fetch(&format!("{url}/1")).await;
    assert_eq!(first.data["text"], "public", "{}", first.text);
    assert_eq!(proxy.names.asked.lock().unwrap().len(), 1, "one lookup decides and connects");
    let second = proxy.fetch(&format!("{url}/2")).await;
    assert!(second.text.contains("does not allow"), "{}", second.text);
    // Of several addresses only those that are allowed are tried.
    proxy.names.add("mixed.example.com", &[&["127.0.0.1", "10.0.0.1", "127.0.0.2"]]);
    let mixed = proxy.fetch(&format!("http://mixed.example.com:{port}/3")).await;
    assert_eq!(mixed.data["text"], "public", "{}", mixed.text);
    assert_eq!((public.asked(), private.asked()), (vec!["/1".to_owned(), "/3".to_owned()], vec![]));
}

#[tokio::test]
async fn every_hop_of_a_redirect_is_judged_anew() {
    let secret = Site::new("127.0.0.1:0".parse().unwrap(), |_| "secret".into_response()).await;
    let to_secret = format!("http://127.0.0.1:{}/secret", secret.address.port());
    let other_hosts = [
        to_secret.clone(),
        to_secret.replace("127.0.0.1", "localhost"),
        to_secret.replace("127.0.0.1", "2130706433"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "//[::1]/".to_owned(),
        "http://other.example.com/".to_owned(),
    ];
    let targets = other_hosts.clone();
    let site = Site::new("127.0.0.2:0".parse().unwrap(), move |path| match path.trim_start_matches('/') {
        "rebinding" => redirect("/second".to_owned()),
        "file" => redirect("file:///etc/passwd".to_owned()),
        "loop" => redirect("/loop".to_owned()),
        "second" => "never".into_response(),
        number => redirect(targets[number.parse::<usize>().unwrap()].clone()),
    })
    .await;
    let proxy = Proxy::new(&["127.0.0.2"]).await;
    let url = format!("http://site.example.com:{}", site.address.port());
    proxy.names.add("site.example.com", &[&["127.0.0.2"]]);
    for (number, host) in other_hosts.iter().enumerate() {
        let outcome = proxy.fetch(&format!("{url}/{number}")).await;
        assert_eq!(outcome.data["type"], "redirect", "{host}: {}", outcome.text);
    }
    assert!(secret.asked().is_empty(), "redirects to other hosts are told, not followed");
    let file = proxy.fetch(&format!("{url}/file")).await;
    assert!(file.text.contains("only http and https"), "{}", file.text);
    let endless = proxy.fetch(&format!("{url}/loop")).await;
    assert!(endless.text.contains("more than 5 times"), "{}", endless.text);
    assert_eq!(site.asked().iter().filter(|path| *path == "/loop").count(), 6);
    proxy.names.add("site.example.com", &[&["127.0.0.2"], &["10.0.0.1"]]);
    let rebinding = proxy.fetch(&format!("{url}/rebinding")).await;
    assert!(rebinding.text.contains("does not allow"), "{}", rebinding.text);
    assert!(!site.asked().contains(&"/second".to_owned()));
}

#[tokio::test]
async fn pages_from_outside_are_kept_for_a_while() {
    let site = Site::new("127.0.0.2:0".parse().unwrap(), |path| match path {
        "/missing" => (StatusCode::NOT_FOUND, "missing").into_response(),
        path => path.to_owned().into_response(),
    })
    .await;
    let proxy = Proxy::new(&["127.0.0.2"]).await;
    proxy.names.add("site.example.com", &[&["127.0.0.2"]]);
    let browser = proxy.browser();
    let url = format!("http://site.example.com:{}", site.address.port());
    for path in ["/a", "/a#part", "/a", "/missing", "/missing"] {
        let outcome = browser.fetch(&format!("{url}{path}")).await;
        assert_eq!(outcome.status, ToolStatus::Ok, "{}", outcome.text);
    }
    assert_eq!(site.asked(), ["/a", "/missing", "/missing"], "only pages that are there are kept");
    let kept = browser.fetch(&format!("{url}/a")).await;
    assert!(kept.data["age_seconds"].is_u64(), "{}", kept.data);
}

#[tokio::test]
async fn nobody_else_speaks_for_the_proxy() {
    let site = Site::new("127.0.0.2:0".parse().unwrap(), |_| {
        ([("proxy-status", "slipway; error=http_request_denied")], "the page").into_response()
    })
    .await;
    let proxy = Proxy::new(&["127.0.0.2"]).await;
    proxy.names.add("site.example.com", &[&["127.0.0.2"]]);
    let outcome = proxy.fetch(&format!("http://site.example.com:{}/", site.address.port())).await;
    assert_eq!(outcome.data["text"], "the page", "{}", outcome.text);
}
