//! Why the proxy opens no tunnel; HTTP clients keep that to themselves.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

/// How long asking once more may take.
const LIMIT: Duration = Duration::from_secs(15);

/// Most bytes of an answer.
const MAX_ANSWER: usize = 8 * 1024;

/// The proxy's words; `None` when it opens the tunnel after all, or says nothing.
pub(super) async fn of_tunnel(proxy: SocketAddr, url: &Url) -> Option<String> {
    let host = format!("{}:{}", url.host_str()?, url.port_or_known_default()?);
    let asked = async {
        let mut stream = TcpStream::connect(proxy).await?;
        let request = format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        // A refusal ends the connection, a tunnel stays open.
        while answer.len() < MAX_ANSWER && !opens(&answer) && stream.read_buf(&mut answer).await? > 0 {}
        std::io::Result::Ok(answer)
    };
    let answer = tokio::time::timeout(LIMIT, asked).await.ok()?.ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let is_refusal = !opens(head.as_bytes());
    (is_refusal && !body.trim().is_empty()).then(|| body.trim().to_owned())
}

/// Whether an answer begins as one that opens a tunnel.
fn opens(answer: &[u8]) -> bool {
    answer.split(|byte| *byte == b' ').nth(1).is_some_and(|status| status.starts_with(b"2"))
}
