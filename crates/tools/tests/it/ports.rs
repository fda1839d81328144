//! Servers that the agent starts: found by their ports, told, and reached through the host's connection.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use serde_json::json;
use slipway_protocol::sandbox::ListeningPort;
use slipway_tools::client::ClientError;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::scene::{Scene, conversation};
use crate::terminals;

const SERVER: &str = "python3 -u -c '
import http.server
class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = \"HTTP/1.1\"
server = http.server.ThreadingHTTPServer((\"127.0.0.1\", 0), Handler)
print(\"port\", server.server_port)
server.serve_forever()'";

/// Starts a server with this way of calling it, and waits until it listens; with what the model was told of the call.
async fn listening(scene: &Scene, arguments: serde_json::Value) -> (ListeningPort, String) {
    scene.put("index.html", "hello from the server");
    let begun = scene.call("run_terminal_command", arguments).await;
    (only_port(scene).await, begun.text)
}

/// Waits until one program listens.
async fn only_port(scene: &Scene) -> ListeningPort {
    let mut lists = Box::pin(scene.client.ports().await.expect("a stream"));
    let deadline = Instant::now() + Duration::from_secs(30);
    while Instant::now() < deadline {
        let list = lists.next().await.expect("a list").expect("no failure");
        if let [port] = list.ports.as_slice() {
            return port.clone();
        }
    }
    panic!("nothing listens");
}

async fn ask(scene: &Scene, port: u16) -> String {
    let mut stream = scene.client.port(port).await.expect("a connection");
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[tokio::test]
async fn a_server_is_found_told_and_reached() {
    let scene = Scene::new().await;
    let (port, begun) = listening(&scene, json!({"command": SERVER, "background": true})).await;
    assert_eq!((port.process_id.as_deref(), port.command.as_str()), (Some("p1"), SERVER));
    let answer = ask(&scene, port.port).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("hello from the server"), "{answer}");

    // A server that is quick is told of with the call that started it.
    let mut told = begun;
    for _ in 0..2 {
        told += &scene.call("run_terminal_command", json!({"command": "true"})).await.text;
    }
    assert_eq!(told.matches(&format!(" is listening on {}]", port.port)).count(), 1, "{told}");
    let list = scene.call("process", json!({"action": "list"})).await;
    assert!(list.text.contains(&format!(", listening on {}\n", port.port)), "{list:#?}");
    assert_eq!(list.data["processes"][0]["listening"], json!([port.port]));

    scene.call("process", json!({"action": "kill", "process_id": "p1"})).await;
    let Err(ClientError::Refused { problem, .. }) = scene.client.port(port.port).await.map(drop) else {
        panic!("still there")
    };
    assert_eq!(problem.code, "port_not_listening");
}

#[tokio::test]
async fn a_server_in_the_background_of_the_shell_is_found_too() {
    let scene = Scene::new().await;
    let (port, _) = listening(&scene, json!({"command": format!("{SERVER} > log 2>&1 & true")})).await;
    assert!(port.process_id.as_deref().is_some_and(|id| id.starts_with('j')), "{port:?}");
    assert!(ask(&scene, port.port).await.ends_with("hello from the server"));
}

#[tokio::test]
async fn a_server_in_a_shell_of_the_persons_is_found_and_the_model_is_not_told() {
    let scene = Scene::new().await;
    scene.put("index.html", "hello from the server");
    scene.put("server.sh", format!("{SERVER}\n"));
    let terminal = terminals::open(&scene.client).await;
    let mut shell = terminals::attach(&scene.client, &terminal.id, None).await;
    shell.types("bash server.sh --token=secret\n").await;
    let port = only_port(&scene).await;
    assert_eq!((port.conversation_id, port.process_id), (conversation(), None));
    assert_eq!(port.terminal_id.as_ref(), Some(&terminal.id));
    assert!(port.command.starts_with("python") && !port.command.contains("secret"), "{}", port.command);
    assert!(ask(&scene, port.port).await.ends_with("hello from the server"));

    let told = scene.call("run_terminal_command", json!({"command": "sleep 30 & true"})).await.text;
    assert!(!told.contains("listening"), "{told}");
    let list = scene.call("process", json!({"action": "list"})).await.text;
    assert!(!list.contains("listening"), "{list}");

    scene.client.close_terminal(&conversation(), &terminal.id).await.expect("it is there");
    assert!(scene.client.port(port.port).await.is_err(), "it ended with its shell");
}

#[tokio::test]
async fn a_server_that_took_the_place_of_its_shell_is_found_too() {
    let scene = Scene::new().await;
    let command = format!("cd . && exec {SERVER}");
    let (port, _) = listening(&scene, json!({"command": command, "background": true})).await;
    assert_eq!((port.process_id.as_deref(), port.command.as_str()), (Some("p1"), command.as_str()));
    assert!(ask(&scene, port.port).await.ends_with("hello from the server"));
    scene.call("process", json!({"action": "kill", "process_id": "p1"})).await;
    assert!(scene.client.port(port.port).await.is_err(), "still there");
}

#[tokio::test]
async fn ports_of_others_on_this_machine_cannot_be_reached() {
    let scene = Scene::new().await;
    scene.call("run_terminal_command", json!({"command": "true"})).await;
    let foreign = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = foreign.local_addr().expect("its address").port();
    let Err(ClientError::Refused { problem, .. }) = scene.client.port(port).await.map(drop) else {
        panic!("reached a program that is not the agent's")
    };
    assert_eq!(problem.code, "port_not_listening");
}
