//! Requests byte by byte, as no well-behaved client sends them.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends these bytes and returns the status and the answer, at least to the end of its head: behind that a
/// WebSocket or an event stream would stay open.
pub(super) async fn send(address: SocketAddr, request: &str) -> (u16, String) {
    exchange(address, request, |answer| answer.windows(4).any(|window| window == b"\r\n\r\n")).await
}

/// The same to the end of the connection, which the request has to ask for.
pub(super) async fn send_to_the_end(address: SocketAddr, request: &str) -> (u16, String) {
    exchange(address, request, |_| false).await
}

async fn exchange(address: SocketAddr, request: &str, is_enough: fn(&[u8]) -> bool) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    loop {
        // What is refused need not be read to its end, so a reset may follow the answer.
        let read = stream.read(&mut piece).await.unwrap_or(0);
        answer.extend_from_slice(&piece[..read]);
        if read == 0 || is_enough(&answer) {
            break;
        }
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    (status, answer)
}
