//! Previews: a real server, started by a real shell in a real tool host, seen through the gateway.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use http::Method;
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use slipway_protocol::api::Role;
use slipway_protocol::sandbox::Confinement;
use slipway_protocol::tool::{ToolInvocation, ToolOutcome, ToolStreamItem};
use slipway_tools::host::{Credentials, GatewayAddress, Host, HostOptions, serve_forever};
use slipway_tools::workspace::Workspace;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::harness::{TestGateway, cookie_of};
use crate::people::Person;

/// Tells what it was sent, sets cookies for a wider name and for one of the gateway's, and after an upgrade says
/// everything back in capitals.
const SERVER: &str = r#"
import http.server, json
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if self.headers.get("Upgrade"):
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.end_headers()
            while data := self.connection.recv(4096):
                self.connection.sendall(data.upper())
            self.close_connection = True
            return
        length = int(self.headers.get("Content-Length") or 0)
        sent = {"path": self.path, "headers": dict(self.headers), "body": self.rfile.read(length).decode()}
        answer = json.dumps(sent).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("Set-Cookie", "theme=dark; Domain=localhost; Path=/")
        self.send_header("Set-Cookie", "slipway_session_1=stolen; Path=/")
        self.end_headers()
        self.wfile.write(answer)
    do_POST = do_GET
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.serve_forever()
"#;

/// A gateway, a tool host, and a server in it.
struct Scene {
    gateway: TestGateway,
    conversation: String,
    port: u16,
    _stop: DropGuard,
}

impl Scene {
    async fn start() -> Self {
        let gateway = TestGateway::start().await;
        let base = gateway.directory.path().canonicalize().unwrap();
        let root = base.join("workspace");
        std::fs::create_dir(&root).unwrap();
        std::fs::write(root.join("server.py"), SERVER).unwrap();
        let host = Host::new(HostOptions {
            workspace: Workspace::open(&root).unwrap(),
            confinement: Confinement::None,
            state_directory: base,
            environment: slipway_tools::shell::inheritable(std::env::vars_os()),
            display: None,
            fetch: None,
            workspace_limit: None,
            command_patience: Duration::from_secs(120),
            desktop_idle: slipway_tools::desktop::IDLE_LIMIT,
            bounds: slipway_tools::bounds::Bounds::default(),
        })
        .unwrap();
        let stop = CancellationToken::new();
        let address: GatewayAddress = gateway.app().config.sandbox_socket.to_str().unwrap().parse().unwrap();
        let token = "sandbox-token-of-the-test".to_owned();
        let credentials = Credentials { sandbox_id: "default".into(), token };
        tokio::spawn(serve_forever(host, address, credentials, stop.clone()));
        let conversation = gateway.conversation().await;
        let mut scene = Self { gateway, conversation, port: 0, _stop: stop.drop_guard() };
        scene
            .call("run_terminal_command", json!({ "command": "python3 server.py", "background": true }))
            .await;
        scene.port = scene.listening().await;
        scene
    }

    async fn call(&self, tool: &str, arguments: Value) -> ToolOutcome {
        let client = self.gateway.app().sandboxes.wait_for_client(Duration::from_secs(10)).await.unwrap();
        let invocation = ToolInvocation {
            invocation_id: slipway_protocol::InvocationId::generate(),
            call_id: "call_1".into(),
            conversation_id: self.conversation.as_str().into(),
            step: 1,
            arguments,
        };
        let mut items = std::pin::pin!(client.invoke(tool, &invocation));
        loop {
            if let ToolStreamItem::Result(outcome) = items.next().await.unwrap().unwrap() {
                return *outcome;
            }
        }
    }

    /// Waits until the list of ports holds one.
    async fn listening(&self) -> u16 {
        let begun = Instant::now();
        loop {
            let ports = self.gateway.get("/api/v1/ports").await;
            if let Some(port) = ports[0]["port"].as_u64() {
                let owner = ports[0]["conversation_id"].as_str();
                assert_eq!((ports[0]["process_id"].as_str(), owner), (Some("p1"), Some(&*self.conversation)));
                return u16::try_from(port).unwrap();
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "nothing listens");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Follows the link of the list of ports: the preview's host, and the path that lets in.
    async fn link(&self) -> (String, String) {
        let path = format!("/api/v1/ports/{}/preview", self.port);
        let answer = self.gateway.launcher(Method::GET, &path).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        let location = answer.headers()["location"].to_str().unwrap().to_owned();
        let (host, path) = location.strip_prefix("http://").unwrap().split_once('/').unwrap();
        (host.to_owned(), format!("/{path}"))
    }

    /// A request to a preview's host name, which only browsers know how to find.
    fn ask(&self, method: Method, host: &str, path: &str) -> RequestBuilder {
        self.gateway.anonymous(method, path).header("host", host)
    }

    /// Goes through the entrance.
    async fn enter(&self) -> (String, String) {
        let (host, path) = self.link().await;
        let answer = self.ask(Method::GET, &host, &path).send().await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (303, "/"));
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && !cookie.to_lowercase().contains("domain"), "{cookie}");
        (host, cookie_of(&answer))
    }
}

async fn text(answer: Response) -> String {
    answer.text().await.unwrap()
}

#[tokio::test]
async fn a_preview_shows_the_server_and_neither_side_gets_the_others_credentials() {
    let scene = Scene::start().await;
    let session = scene.gateway.cookie().await;
    let (host, cookie) = scene.enter().await;
    assert!(host.starts_with(&format!("p-{}-", scene.port)) && host.contains(".localhost:"), "{host}");
    let answer = scene
        .ask(Method::POST, &host, "/api/things?x=1")
        .header("cookie", format!("{session}; {cookie}; theme=light"))
        .header("origin", format!("http://{host}"))
        .bearer_auth("launcher-token-of-the-test")
        .body("hello")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
    let cookies: Vec<_> =
        answer.headers().get_all("set-cookie").iter().map(|c| c.to_str().unwrap()).collect();
    assert_eq!(cookies, ["theme=dark; Path=/"]);
    assert!(answer.headers().get("content-security-policy").is_none(), "the server's own headers only");
    let sent: Value = serde_json::from_str(&text(answer).await).unwrap();
    assert_eq!((sent["path"].as_str(), sent["body"].as_str()), (Some("/api/things?x=1"), Some("hello")));
    let own = format!("localhost:{}", scene.port);
    let headers = sent["headers"].as_object().unwrap();
    let header =
        |name: &str| headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.clone());
    assert_eq!(header("host"), Some(json!(own)));
    assert_eq!(header("origin"), Some(json!(format!("http://{own}"))));
    assert_eq!(header("cookie"), Some(json!("theme=light")));
    assert_eq!(header("authorization"), None);
}

#[tokio::test]
async fn an_upgraded_connection_carries_bytes_both_ways() {
    let scene = Scene::start().await;
    let (host, cookie) = scene.enter().await;
    let upgrade = |origin: &str| {
        format!(
            "GET /hmr HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nOrigin: {origin}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
    };
    let mut socket = TcpStream::connect(scene.gateway.app().addresses.ui).await.unwrap();
    socket.write_all(upgrade(&format!("http://{host}")).as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(socket.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
    for message in ["hot", "module"] {
        socket.write_all(message.as_bytes()).await.unwrap();
        let mut answer = vec![0; message.len()];
        socket.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, message.to_uppercase().as_bytes());
    }

    let mut socket = TcpStream::connect(scene.gateway.app().addresses.ui).await.unwrap();
    socket.write_all(upgrade("http://evil.test").as_bytes()).await.unwrap();
    let mut head = [0; 12];
    socket.read_exact(&mut head).await.unwrap();
    assert_eq!(&head, b"HTTP/1.1 403");
}

#[tokio::test]
async fn strangers_used_tickets_and_foreign_pages_are_kept_out() {
    let scene = Scene::start().await;
    let (host, path) = scene.link().await;
    let stranger = scene.ask(Method::GET, &host, "/").send().await.unwrap();
    assert_eq!(stranger.status(), 401);
    assert!(text(stranger).await.contains("This preview is closed"));

    let first = scene.ask(Method::GET, &host, &path).send().await.unwrap();
    let cookie = cookie_of(&first);
    let again = scene.ask(Method::GET, &host, &path).send().await.unwrap();
    assert_eq!(again.status(), 403);
    assert!(text(again).await.contains("This link was used"));

    // The session is no key to a preview, nor a preview's cookie one to the gateway or to another preview.
    let session = scene.gateway.cookie().await;
    let answer = scene.ask(Method::GET, &host, "/").header("cookie", &session).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    let answer = scene.gateway.anonymous(Method::GET, "/api/v1/ports").header("cookie", &cookie).send().await;
    assert_eq!(answer.unwrap().status(), 401);
    let other = host.replacen(&scene.port.to_string(), "1", 1);
    let answer = scene.ask(Method::GET, &other, "/").header("cookie", &cookie).send().await.unwrap();
    assert_eq!(answer.status(), 401);

    let foreign =
        scene.ask(Method::POST, &host, "/").header("cookie", &cookie).header("origin", "http://evil.test");
    assert_eq!(foreign.send().await.unwrap().status(), 403);
    // Nothing of the gateway is served under a preview's name.
    let api = scene.ask(Method::GET, &host, "/api/v1/instance").header("cookie", &cookie);
    let api: Value = serde_json::from_str(&text(api.send().await.unwrap()).await).unwrap();
    assert_eq!(api["path"], "/api/v1/instance", "the server's answer");
    let unknown = scene.ask(Method::GET, "x.localhost", "/").send().await.unwrap();
    assert_eq!(unknown.status(), 421);
}

#[tokio::test]
async fn a_frame_of_the_ui_has_a_cookie_that_is_sent_in_its_frames_alone() {
    let scene = Scene::start().await;
    let path = format!("/api/v1/ports/{}/preview/frame", scene.port);
    let frame = scene.gateway.get(&path).await;
    let address = frame["address"].as_str().unwrap();
    let (host, entrance) = address.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let entered = scene.ask(Method::GET, host, &format!("/{entrance}")).send().await.unwrap();
    assert_eq!((entered.status().as_u16(), entered.headers()["location"].to_str().unwrap()), (303, "/"));
    let cookie = entered.headers()["set-cookie"].to_str().unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=None", "Secure", "Partitioned", "Path=/"] {
        assert!(cookie.split("; ").any(|said| said == part), "{part}: {cookie}");
    }
    let page = scene.ask(Method::GET, host, "/").header("cookie", cookie_of(&entered)).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let again = scene.ask(Method::GET, host, &format!("/{entrance}")).send().await.unwrap();
    assert_eq!(again.status(), 403);
    // The UI may frame names of previews on its own port, and nothing else.
    let ui = scene.gateway.launcher(Method::GET, "/").send().await.unwrap();
    let policy = ui.headers()["content-security-policy"].to_str().unwrap();
    let port = scene.gateway.app().addresses.ui.port();
    assert!(policy.contains(&format!("; frame-src 'self' blob: http://*.localhost:{port};")), "{policy}");
    let (status, problem) =
        scene.gateway.send(Method::GET, "/api/v1/ports/1/preview/frame", &Value::Null).await;
    assert_eq!((status, problem["code"].as_str()), (404, Some("port_not_listening")));
}

#[tokio::test]
async fn a_server_that_is_gone_is_said() {
    let scene = Scene::start().await;
    let (host, cookie) = scene.enter().await;
    scene.call("process", json!({ "action": "kill", "process_id": "p1" })).await;
    let answer = scene.ask(Method::GET, &host, "/").header("cookie", &cookie).send().await.unwrap();
    assert_eq!(answer.status(), 502);
    assert!(text(answer).await.contains(&format!("Nothing listens on port {}", scene.port)));
    let begun = Instant::now();
    while scene.gateway.get("/api/v1/ports").await != json!([]) {
        assert!(begun.elapsed() < Duration::from_secs(30), "still listed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let path = format!("/api/v1/ports/{}/preview", scene.port);
    let (status, problem) = scene.gateway.send(Method::GET, &path, &Value::Null).await;
    assert_eq!((status, problem["code"].as_str()), (404, Some("port_not_listening")));
}

#[tokio::test]
async fn whose_conversation_a_port_belongs_to_is_told_to_its_owner_alone() {
    let scene = Scene::start().await;
    let owner = Person::owner(&scene.gateway).await;
    let other = Person::new(&scene.gateway, "ada", Role::Member).await;
    for (person, told) in [(&owner, Some(&*scene.conversation)), (&other, None)] {
        let ports = person.sends(&scene.gateway, Method::GET, "/api/v1/ports", &json!({})).await.1;
        assert_eq!(ports[0]["port"], scene.port);
        assert_eq!(ports[0]["conversation_id"].as_str(), told);
        let instance = person.sends(&scene.gateway, Method::GET, "/api/v1/instance", &json!({})).await.1;
        assert_eq!(instance["sandbox"]["ports"][0]["port"], scene.port);
        assert!(!instance.to_string().contains(&scene.conversation), "{instance}");
    }
    // What is told to everybody's streams holds none either.
    let told = loop {
        let rows = sqlx::query("SELECT body FROM events WHERE conversation_id IS NULL");
        let rows = rows.fetch_all(scene.gateway.app().store.pool()).await.unwrap();
        let bodies: String = rows.iter().map(|row| sqlx::Row::get::<String, _>(row, "body")).collect();
        if bodies.contains(&scene.port.to_string()) {
            break bodies;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    assert!(!told.contains(&scene.conversation), "{told}");
}

#[tokio::test]
async fn a_preview_ends_with_the_session_that_opened_it() {
    let scene = Scene::start().await;
    let person = Person::new(&scene.gateway, "ada", Role::Member).await;
    let path = format!("/api/v1/ports/{}/preview", scene.port);
    let answer = person.asks(&scene.gateway, Method::GET, &path).send().await.unwrap();
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    let (host, entrance) = location.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let entered = scene.ask(Method::GET, host, &format!("/{entrance}")).send().await.unwrap();
    let cookie = cookie_of(&entered);
    let look = async || scene.ask(Method::GET, host, "/").header("cookie", &cookie).send().await.unwrap();
    assert_eq!(look().await.status(), 200);
    assert_eq!(person.sends(&scene.gateway, Method::DELETE, "/api/v1/sessions", &json!({})).await.0, 204);
    assert_eq!(look().await.status(), 401);
}
