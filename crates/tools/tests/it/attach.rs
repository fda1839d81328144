//! Hand-shake, connections that end, and the host's interface beside the tools.

use std::os::unix::fs::symlink;
use std::time::Duration;

use serde_json::{Value, json};
use slipway_protocol::problem::Problem;
use slipway_protocol::sandbox::{Channel, Confinement};
use slipway_protocol::tool::{FULL_OUTPUT, ToolAccess, ToolStatus};
use slipway_tools::client::{AcceptError, ClientError, accept};
use slipway_tools::host::{DialError, GatewayAddress, attach, forward_egress, serve_forever};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

use crate::scene::{Scene, TOKEN, call, connect, credentials};

fn check(hello: &slipway_protocol::sandbox::Attach) -> Result<(), Problem> {
    if hello.token == TOKEN { Ok(()) } else { Err(Problem::new(401, "wrong_token", "the token is wrong")) }
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_both_sides_know_why() {
    let (gateway_end, host_end) = UnixStream::pair().expect("a socket pair");
    let wrong = credentials("wrong");
    let (dialled, accepted) =
        tokio::join!(attach(host_end, &wrong, Channel::Tools), accept(gateway_end, check));
    assert!(matches!(dialled, Err(DialError::Refused(problem)) if problem.code == "wrong_token"));
    assert!(matches!(accepted, Err(AcceptError::Refused(problem)) if problem.code == "wrong_token"));
}

#[tokio::test]
async fn what_is_no_handshake_is_not_accepted() {
    let long = "x".repeat(5_000);
    let other_version = r#"{"protocol":99,"sandbox_id":"default","token":"right","channel":"tools"}"#;
    let cases = [
        ("GET / HTTP/1.1\n", "not a hand-shake"),
        ("{\"protocol\":1}\n", "not a hand-shake"),
        (long.as_str(), "longer than 4096"),
        (&format!("{other_version}\n"), "protocol version"),
        ("{\"protocol\":1", "broke during"),
    ];
    for (line, reason) in cases {
        let (gateway_end, mut program) = UnixStream::pair().expect("a socket pair");
        program.write_all(line.as_bytes()).await.expect("written");
        program.shutdown().await.expect("closed");
        let Err(error) = accept(gateway_end, check).await else { panic!("{line} was accepted") };
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn silence_is_not_waited_for() {
    let (gateway_end, _silent) = tokio::io::duplex(64);
    assert!(matches!(accept(gateway_end, check).await, Err(AcceptError::TimedOut)));
}

#[tokio::test]
async fn status_and_tools_are_told_in_a_fixed_order() {
    let scene = Scene::new().await;
    let status = scene.client.status().await.expect("an answer");
    assert_eq!(status.workspace, scene.root.display().to_string());
    assert_eq!(status.confinement, Confinement::None);
    let tools = scene.client.tools().await.expect("an answer").tools;
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    let expected = [
        "read_file",
        "write_file",
        "edit_file",
        "delete_file",
        "close_file",
        "list_directory",
        "search_files",
        "grep_search",
        "run_terminal_command",
    ];
    assert_eq!(names[..9], expected);
    for tool in &tools {
        assert_eq!(tool.parameters["type"], "object", "{}", tool.name);
        assert!(tool.parameters.get("$schema").is_none() && !tool.description.is_empty(), "{}", tool.name);
    }
    let writing: Vec<&str> = tools[..9]
        .iter()
        .filter(|tool| tool.access == ToolAccess::Writing)
        .map(|tool| tool.name.as_str())
        .collect();
    assert_eq!(writing, ["write_file", "edit_file", "delete_file", "run_terminal_command"]);
}

#[tokio::test]
async fn state_survives_a_connection() {
    let scene = Scene::new().await;
    scene.put("a.txt", "one\ntwo\n");
    scene.call("read_file", json!({"file": "a.txt"})).await;
    let (second, link) = connect(&scene.host).await;
    let again = call(&second, "read_file", json!({"file": "a.txt"})).await;
    assert_eq!(again.status, ToolStatus::Ok);
    drop(link);
    second.closed().await;
    assert!(matches!(second.status().await, Err(ClientError::Disconnected(_))));
    assert!(scene.client.status().await.is_ok());
}

#[tokio::test]
async fn a_host_comes_back_until_it_is_stopped() {
    let scene = Scene::new().await;
    let socket = scene.base.join("gateway.sock");
    let stop = CancellationToken::new();
    let address: GatewayAddress = socket.display().to_string().parse().expect("a path");
    let host = tokio::spawn(serve_forever(scene.host.clone(), address, credentials(TOKEN), stop.clone()));
    // Nobody listens at first, then somebody who breaks off, then a gateway that refuses, then one that accepts.
    tokio::task::yield_now().await;
    let listener = UnixListener::bind(&socket).expect("a socket");
    drop(listener.accept().await.expect("a first attempt"));
    let (io, _) = listener.accept().await.expect("a second attempt");
    let refusal = |_: &_| Err(Problem::new(503, "busy", "not now"));
    assert!(matches!(accept(io, refusal).await, Err(AcceptError::Refused(_))));
    let (io, _) = listener.accept().await.expect("a third attempt");
    let (channel, hello, io) = accept(io, check).await.expect("accepted");
    assert_eq!((channel, hello.sandbox_id.as_str()), (Channel::Tools, "default"));
    let (client, connection) = slipway_tools::client::ToolHostClient::connect(io).await.expect("HTTP/2");
    let connection = tokio::spawn(connection);
    assert!(client.status().await.is_ok());
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(5), host).await.expect("it stops").expect("without a panic");
    client.closed().await;
    let _ = connection.await;
}

#[tokio::test]
async fn egress_connections_reach_the_gateway() {
    let folder = tempfile::tempdir().expect("a scratch directory");
    let socket = folder.path().join("gateway.sock");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let proxy = listener.local_addr().expect("bound");
    let stop = CancellationToken::new();
    let address: GatewayAddress = socket.display().to_string().parse().expect("a path");
    let forwarder = tokio::spawn(forward_egress(listener, vec![address], credentials(TOKEN), stop.clone()));

    let mut program = TcpStream::connect(proxy).await.expect("connected");
    let mut answer = String::new();
    program.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");

    let gateway = UnixListener::bind(&socket).expect("a socket");
    let mut program = TcpStream::connect(proxy).await.expect("connected");
    let (io, _) = gateway.accept().await.expect("forwarded");
    let (channel, _, mut io) = accept(io, check).await.expect("accepted");
    assert_eq!(channel, Channel::Egress);
    program.write_all(b"CONNECT").await.expect("written");
    let mut request = [0; 7];
    io.read_exact(&mut request).await.expect("passed on");
    assert_eq!(&request, b"CONNECT");
    io.write_all(b"200").await.expect("written");
    drop(io);
    let mut answer = String::new();
    program.read_to_string(&mut answer).await.expect("passed back");
    assert_eq!(answer, "200");
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(5), forwarder)
        .await
        .expect("it stops")
        .expect("without a panic");
}

#[tokio::test]
async fn files_are_served_within_the_workspace_only() {
    let scene = Scene::new().await;
    let large = "0123456789".repeat(300_000);
    scene.put("dir/ä ö.bin", &large);
    std::fs::write(scene.base.join("secret"), "s").expect("scratch");
    symlink(scene.base.join("secret"), scene.root.join("leak")).expect("scratch");
    assert_eq!(scene.client.file("dir/ä ö.bin").await.expect("its bytes"), large.as_bytes());
    for (path, status) in [("leak", 403), ("../secret", 403), ("missing", 404), ("dir", 422), ("", 403)] {
        let Err(ClientError::Refused { status: answered, .. }) = scene.client.file(path).await else {
            panic!("{path} is served")
        };
        assert_eq!(answered.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn the_whole_output_of_a_command_is_to_be_had_by_range() {
    let scene = Scene::new().await;
    let command = "head -c 3000000 /dev/zero | tr '\\0' x; printf END";
    let outcome = scene.call("run_terminal_command", json!({"command": command})).await;
    let file =
        outcome.data.get(FULL_OUTPUT).and_then(Value::as_str).expect("a file with everything").to_owned();
    let (bytes, size) = scene.client.file_range(&file, 0, 10).await.expect("the beginning");
    assert_eq!((bytes.as_ref(), size), (&b"xxxxxxxxxx"[..], 3_000_003));
    let (bytes, _) = scene.client.file_range(&file, 2_999_999, 100).await.expect("the end");
    assert_eq!(bytes.as_ref(), b"xEND");
    let (bytes, _) = scene.client.file_range(&file, 4_000_000, 100).await.expect("nothing");
    assert!(bytes.is_empty());
    // The model may look at it too.
    assert_eq!(scene.call("read_file", json!({"file": file})).await.status, ToolStatus::Ok);
}

#[tokio::test]
async fn a_host_without_a_desktop_says_so() {
    let scene = Scene::new().await;
    let Err(ClientError::Refused { problem, .. }) = scene.client.desktop().await.map(drop) else {
        panic!("there is a desktop")
    };
    assert_eq!(problem.code, "no_desktop");
}

#[tokio::test]
async fn ending_a_conversation_twice_is_fine() {
    let scene = Scene::new().await;
    for _ in 0..2 {
        scene.client.end_conversation(&"conv_1".into()).await.expect("an answer");
    }
}
