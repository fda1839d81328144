//! The person's own shells over real WebSockets, and the agent's processes, with a real tool host behind the gateway.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use http::{Method, header};
use serde_json::{Value, json};
use slipway_protocol::api::Role;
use slipway_protocol::event::RunStatus;
use slipway_protocol::run::RunOutcome;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::checkpoint_scene::Scene;
use crate::harness::TestGateway;
use crate::people::Person;
use crate::workspace::Setup;

const LIMIT: Duration = Duration::from_secs(60);

/// A window that shows a shell.
struct Window {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    start: u64,
    said: String,
}

/// The answer to an attempt to open a shell's stream.
async fn connect(
    gateway: &TestGateway,
    cookie: &str,
    origin: Option<&str>,
    path: &str,
) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, u16> {
    let address = gateway.app().addresses.ui;
    let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
    let own = format!("http://{address}");
    request.headers_mut().insert("origin", origin.unwrap_or(&own).parse().unwrap());
    request.headers_mut().insert("cookie", cookie.parse().unwrap());
    match tokio_tungstenite::connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(answer)) => Err(answer.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

impl Window {
    async fn open(gateway: &TestGateway, cookie: &str, path: &str) -> Self {
        let mut socket = connect(gateway, cookie, None, path).await.unwrap();
        let first = socket.next().await.unwrap().unwrap();
        let attached: Value = serde_json::from_str(first.to_text().unwrap()).unwrap();
        assert_eq!(attached["type"], "attached");
        Self { socket, start: attached["start"].as_u64().unwrap(), said: String::new() }
    }

    async fn types(&mut self, text: &str) {
        self.socket.send(Message::Binary(text.to_owned().into())).await.unwrap();
    }

    /// Waits until `words` are printed.
    async fn until(&mut self, words: &str) {
        while !self.said.contains(words) {
            let heard = tokio::time::timeout(LIMIT, self.socket.next()).await;
            let heard = heard.unwrap_or_else(|_| panic!("no {words:?} in {:?}", self.said));
            let Message::Binary(bytes) = heard.unwrap().unwrap() else { continue };
            let offset = u64::from_be_bytes(bytes[..8].try_into().unwrap());
            assert_eq!(offset, self.start + self.said.len() as u64, "every byte comes once and in order");
            self.said.push_str(std::str::from_utf8(&bytes[8..]).unwrap());
            let next = self.start + self.said.len() as u64;
            let ack = json!({ "type": "ack", "offset": next }).to_string();
            self.socket.send(Message::Text(ack.into())).await.unwrap();
        }
    }

    /// Waits until the stream ends; the last that was told of the shell.
    async fn until_closed(&mut self) -> Value {
        let mut told = Value::Null;
        let ended = async {
            while let Some(Ok(message)) = self.socket.next().await {
                match message {
                    Message::Text(text) => told = serde_json::from_str(&text).unwrap(),
                    Message::Close(_) => break,
                    _ => {}
                }
            }
        };
        tokio::time::timeout(LIMIT, ended).await.expect("it ends");
        told
    }
}

/// A conversation of somebody's with a shell: where its shells are, and the path of this one.
async fn shell_of(gateway: &TestGateway, person: &Person) -> (String, String) {
    let (_, made) = person.sends(gateway, Method::POST, "/api/v1/conversations", &json!({})).await;
    let all = format!("/api/v1/conversations/{}/terminals", made["id"].as_str().unwrap());
    let wanted = json!({ "columns": 90, "rows": 20, "name": "mine" });
    let (status, opened) = person.sends(gateway, Method::POST, &all, &wanted).await;
    assert_eq!((status, &opened["name"], &opened["columns"]), (201, &json!("mine"), &json!(90)), "{opened}");
    let path = format!("{all}/{}", opened["id"].as_str().unwrap());
    (all, path)
}

#[tokio::test]
async fn a_shell_is_opened_used_left_found_again_and_closed() {
    let setup = Setup::new().await;
    let gateway = &setup.gateway;
    let person = Person::owner(gateway).await;
    let (all, path) = shell_of(gateway, &person).await;
    let mut window = Window::open(gateway, &person.cookie, &format!("{path}/stream")).await;
    window.types("stty size; echo fi\"\"rst\n").await;
    window.until("first\r\n").await;
    assert!(window.said.contains("20 90\r\n"), "{}", window.said);
    let resize = json!({ "type": "resize", "columns": 70, "rows": 10 }).to_string();
    window.socket.send(Message::Text(resize.into())).await.unwrap();
    window.types("stty size\n").await;
    window.until("10 70\r\n").await;
    let (so_far, mut other) = (window.said.len(), window);
    other.socket.close(None).await.unwrap();
    let again = format!("{path}/stream?from={so_far}");
    let mut window = Window::open(gateway, &person.cookie, &again).await;
    assert_eq!(window.start, so_far as u64);
    window.types("echo sec\"\"ond\n").await;
    window.until("second\r\n").await;
    assert!(!window.said.contains("first\r\n"), "{}", window.said);

    let (_, renamed) = person.sends(gateway, Method::PATCH, &path, &json!({ "name": "" })).await;
    assert_eq!((renamed["number"].as_u64(), renamed.get("name")), (Some(1), None));
    let list = gateway.get(&all).await;
    assert_eq!((list["items"].as_array().unwrap().len(), &list["items"][0]), (1, &renamed));
    assert_eq!(person.asks(gateway, Method::DELETE, &path).send().await.unwrap().status(), 204);
    let told = window.until_closed().await;
    assert_eq!(told["terminal"]["status"], "closed", "{told}");
    assert_eq!(connect(gateway, &person.cookie, None, &again).await.err(), Some(404));
    let (status, problem) = person.sends(gateway, Method::DELETE, &path, &json!({})).await;
    assert_eq!((status, &problem["code"]), (404, &json!("terminal_missing")), "{problem}");
}

#[tokio::test]
async fn a_shell_is_its_owner_s_alone_and_of_who_may_work() {
    let setup = Setup::new().await;
    let gateway = &setup.gateway;
    let person = Person::new(gateway, "ada", Role::Member).await;
    let (all, path) = shell_of(gateway, &person).await;
    let stream = format!("{path}/stream");
    let owner = Person::owner(gateway).await;
    assert_eq!(connect(gateway, &owner.cookie, None, &stream).await.err(), Some(404));
    assert_eq!(connect(gateway, "", None, &stream).await.err(), Some(401));
    let foreign = Some("http://evil.test");
    assert_eq!(connect(gateway, &person.cookie, foreign, &stream).await.err(), Some(403));
    for method in [Method::DELETE, Method::PATCH] {
        let (status, _) = owner.sends(gateway, method, &path, &json!({ "name": "x" })).await;
        assert_eq!(status, 404);
    }
    // The same shell by way of a conversation of one's own.
    let (others, _) = shell_of(gateway, &owner).await;
    let borrowed = path.replace(&all, &others);
    assert_eq!(connect(gateway, &owner.cookie, None, &format!("{borrowed}/stream")).await.err(), Some(404));
    let (status, _) = owner.sends(gateway, Method::DELETE, &borrowed, &json!({})).await;
    assert_eq!(status, 404);

    let change = json!({ "role": "viewer" });
    let route = format!("/api/v1/people/{}", person.id);
    assert_eq!(gateway.send(Method::PATCH, &route, &change).await.0, 200);
    let now_looking = person.elsewhere(gateway).await;
    assert_eq!(connect(gateway, &now_looking.cookie, None, &stream).await.err(), Some(403));
    assert_eq!(now_looking.asks(gateway, Method::GET, &all).send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn a_window_closes_with_its_session_and_the_shell_lives_on() {
    let setup = Setup::new().await;
    let gateway = &setup.gateway;
    let person = Person::new(gateway, "ada", Role::Member).await;
    let (_, path) = shell_of(gateway, &person).await;
    let stream = format!("{path}/stream");
    let mut window = Window::open(gateway, &person.cookie, &stream).await;
    window.types("kept=wor\"\"ds\n").await;
    // The line's echo: it has arrived.
    window.until("ds\r\n").await;
    let again = person.elsewhere(gateway).await;
    assert_eq!(person.sends(gateway, Method::DELETE, "/api/v1/session", &json!({})).await.0, 204);
    window.until_closed().await;
    assert_eq!(connect(gateway, &person.cookie, None, &stream).await.err(), Some(401));
    let mut window = Window::open(gateway, &again.cookie, &stream).await;
    window.types("echo \"<$kept>\"\n").await;
    window.until("<words>").await;
}

#[tokio::test]
async fn what_cannot_be_says_why() {
    let gateway = TestGateway::start().await;
    let conversation = gateway.conversation().await;
    let all = format!("/api/v1/conversations/{conversation}/terminals");
    let wanted = json!({ "columns": 80, "rows": 24 });
    let (status, problem) = gateway.send(Method::POST, &all, &wanted).await;
    assert_eq!((status, &problem["code"]), (503, &json!("sandbox_not_attached")));
    let setup = Setup::new().await;
    let gateway = &setup.gateway;
    let conversation = gateway.conversation().await;
    let all = format!("/api/v1/conversations/{conversation}/terminals");
    for _ in 0..8 {
        assert_eq!(gateway.send(Method::POST, &all, &wanted).await.0, 201);
    }
    let (status, problem) = gateway.send(Method::POST, &all, &wanted).await;
    assert_eq!((status, &problem["code"]), (409, &json!("too_many_terminals")), "{problem}");
    assert!(problem["hint"].as_str().unwrap().contains("Close one"), "{problem}");
    let (status, problem) = gateway.send(Method::POST, &all, &json!({ "columns": 0, "rows": 24 })).await;
    assert_eq!((status, &problem["code"]), (422, &json!("invalid_terminal")));
    let stream = gateway.launcher(Method::GET, &format!("{all}/term_1/stream"));
    let answer = stream.header(header::ACCEPT, "*/*").send().await.unwrap();
    assert_eq!(crate::harness::json(answer).await["code"], "websocket_needed");
}

#[tokio::test]
async fn the_agent_s_processes_are_listed_read_and_killed_and_its_shell_hears_nothing_of_the_person_s() {
    let mut scene = Scene::new().await;
    let mut follower = scene.follow().await;
    let (mut run, _) = scene.begin().await;
    scene.call(&mut run, "sleep 1000 &").await;
    let path = scene.setup.path("/processes");
    let gateway = &scene.setup.gateway;
    let wanted = json!({ "columns": 80, "rows": 24 });
    assert_eq!(gateway.send(Method::POST, &scene.setup.path("/terminals"), &wanted).await.0, 201);
    // Until the program is in the shell's place.
    let begun = async {
        while gateway.get(&path).await["items"][0]["command"] != "sleep 1000" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(LIMIT, begun).await.expect("it begins");
    let list = gateway.get(&path).await;
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "the person's shell is none of them: {list}");
    assert_eq!((&items[0]["command"], &items[0]["status"]), (&json!("sleep 1000"), &json!("running")));
    let process = format!("{path}/{}", items[0]["id"].as_str().unwrap());
    let output = gateway.get(&format!("{process}/output")).await;
    assert_eq!((&output["shared"], &output["from"]), (&json!(true), &json!(0)), "{output}");
    let killed = gateway.launcher(Method::DELETE, &process).send().await.unwrap();
    assert_eq!(killed.status(), 204);
    let gone = async {
        while !gateway.get(&path).await["items"].as_array().unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(LIMIT, gone).await.expect("it ends");
    let (status, problem) = gateway.send(Method::DELETE, &process, &json!({})).await;
    assert_eq!((status, &problem["code"]), (404, &json!("process_missing")));
    scene.end(&mut run).await;
    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
}
