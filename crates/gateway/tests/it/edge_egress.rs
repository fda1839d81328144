//! The way out of the sandbox: what it lets through, and what not.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};

use crate::edge_sandbox::dial;
use crate::harness::TestGateway;
use slipway_gateway::egress::EgressMode;

/// Sends a request through the proxy and returns the whole answer.
pub(crate) async fn ask(gateway: &TestGateway, request: &str) -> String {
    let (reply, mut stream) = dial(gateway, "sandbox-token-of-the-test", "egress").await;
    assert_eq!(reply["type"], "accepted");
    exchange(&mut stream, request).await
}

async fn exchange(stream: &mut UnixStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A refused request need not be read to its end, so the answer may be followed by a reset.
    stream.read_to_end(&mut answer).await.ok();
    String::from_utf8_lossy(&answer).into_owned()
}

pub(crate) fn status_of(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

/// How many requests are none.
const MALFORMED: usize = 10;

#[tokio::test]
async fn what_is_no_proxy_request_is_refused() {
    let gateway = TestGateway::start().await;
    let long = format!("GET http://1.1.1.1/ HTTP/1.1\r\nHost: 1.1.1.1\r\nX: {}\r\n\r\n", "x".repeat(20_000));
    let cases: [(&str, &str, &str); MALFORMED] = [
        ("CONNECT 1.1.1.1:22 HTTP/1.1\r\nHost: x\r\n\r\n", "403", "only ports 80 and 443"),
        ("CONNECT 1.1.1.1:25 HTTP/1.1\r\nHost: x\r\n\r\n", "403", "only ports 80 and 443"),
        ("GET http://1.1.1.1:8080/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "403", "only ports"),
        ("CONNECT 1.1.1.1 HTTP/1.1\r\nHost: x\r\n\r\n", "400", ""),
        ("CONNECT me:secret@1.1.1.1:443 HTTP/1.1\r\nHost: x\r\n\r\n", "400", ""),
        ("GET / HTTP/1.1\r\nHost: 1.1.1.1\r\nConnection: close\r\n\r\n", "400", "proxy"),
        ("GET https://1.1.1.1/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400", "proxy"),
        ("GET ftp://1.1.1.1/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400", "proxy"),
        (
            "GET http://me:pw@1.1.1.1/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
            "400",
            "name or password",
        ),
        (long.as_str(), "431", ""),
    ];
    for (request, status, words) in cases {
        let answer = ask(&gateway, request).await;
        assert_eq!(status_of(&answer), status, "{request}{answer}");
        assert!(answer.contains(words), "{answer}");
    }
}

#[tokio::test]
async fn mode_none_lets_nothing_out() {
    let gateway = TestGateway::start_with(|config| {
        config.sandbox.egress = Some(EgressMode::None);
        config.egress_exempt = vec!["127.0.0.0/8".parse().unwrap()];
    })
    .await;
    for host in ["1.1.1.1", "example.com", "127.0.0.1"] {
        let answer = ask(&gateway, &format!("CONNECT {host}:443 HTTP/1.1\r\nHost: x\r\n\r\n")).await;
        assert_eq!(status_of(&answer), "403", "{answer}");
        assert!(answer.contains("no way out"), "{answer}");
    }
}

/// A gateway that may reach this machine, which stands for a closed network.
async fn with_exemption() -> TestGateway {
    TestGateway::start_with(|config| config.egress_exempt = vec!["127.0.0.0/8".parse().unwrap()]).await
}

#[tokio::test]
async fn a_tunnel_carries_bytes_both_ways() {
    let gateway = with_exemption().await;
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = server.local_addr().unwrap().port();
    let echo = async {
        let (mut connection, _) = server.accept().await.unwrap();
        let mut greeting = [0; 5];
        connection.read_exact(&mut greeting).await.unwrap();
        connection.write_all(b"world").await.unwrap();
        greeting
    };
    let client = async {
        let (_, mut stream) = dial(&gateway, "sandbox-token-of-the-test", "egress").await;
        let connect = format!("CONNECT localhost:{port} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.write_all(connect.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert_eq!(status_of(&String::from_utf8_lossy(&head)), "200");
        exchange(&mut stream, "hello").await
    };
    let (greeting, answer) = tokio::join!(echo, client);
    assert_eq!((&greeting, answer.as_str()), (b"hello", "world"));
}

#[tokio::test]
async fn a_plain_request_is_sent_on_to_the_host_that_was_checked() {
    let gateway = with_exemption().await;
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = server.local_addr().unwrap().port();
    let origin = async {
        let (mut connection, _) = server.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"body!") {
            request.push(connection.read_u8().await.unwrap());
        }
        connection
            .write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 4\r\nKeep-Alive: x\r\n\r\nfine")
            .await
            .unwrap();
        String::from_utf8(request).unwrap()
    };
    let request = format!(
        "POST http://127.0.0.1:{port}/a?b=c HTTP/1.1\r\nHost: internal.test\r\nProxy-Authorization: x\r\n\
         X-Kept: yes\r\nX-Hop: no\r\nConnection: close, x-hop\r\nContent-Length: 5\r\n\r\nbody!"
    );
    let (seen, answer) = tokio::join!(origin, ask(&gateway, &request));
    let seen = seen.to_lowercase();
    assert!(seen.starts_with("post /a?b=c http/1.1\r\n"), "{seen}");
    assert!(seen.contains(&format!("host: 127.0.0.1:{port}\r\n")) && seen.contains("x-kept: yes"), "{seen}");
    for gone in ["internal.test", "proxy-authorization", "x-hop"] {
        assert!(!seen.contains(gone), "{seen}");
    }
    assert!(answer.starts_with("HTTP/1.1 201 ") && answer.ends_with("\r\n\r\nfine"), "{answer}");
    assert!(!answer.to_lowercase().contains("keep-alive"), "{answer}");
}

#[tokio::test]
async fn nobody_there_is_a_bad_gateway() {
    let gateway = with_exemption().await;
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let answer = ask(&gateway, &format!("CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: x\r\n\r\n")).await;
    assert_eq!(status_of(&answer), "502", "{answer}");
    assert!(answer.contains("cannot connect"), "{answer}");
}
