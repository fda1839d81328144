//! A viewer of the desktop, as a page is one: RFB over a real WebSocket of the gateway.

use anyhow::{Context as _, ensure};
use futures::{SinkExt as _, StreamExt as _};
use reqwest::Method;
use slipway_tests::Api;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// How long the desktop may take for an answer.
const LIMIT: std::time::Duration = std::time::Duration::from_secs(15);

/// The connection.
pub(super) struct Viewer {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    unread: Vec<u8>,
}

impl Viewer {
    /// Opens the desktop under a name, and shakes hands.
    pub(super) async fn open(api: &Api, name: &str) -> anyhow::Result<Self> {
        let host = api.base().trim_start_matches("http://");
        let login = api.request(Method::GET, "/desktop").build()?;
        let mut request = format!("ws://{host}/api/v1/desktop?viewer={name}").into_client_request()?;
        let headers = request.headers_mut();
        let token = login.headers().get("authorization").context("a token")?;
        headers.insert("authorization", token.to_str()?.parse()?);
        headers.insert("origin", format!("http://{host}").parse()?);
        headers.insert("sec-websocket-protocol", "binary".parse()?);
        let (socket, _) = tokio_tungstenite::connect_async(request).await?;
        let mut viewer = Self { socket, unread: Vec::new() };
        ensure!(viewer.read(12).await? == b"RFB 003.008\n", "another version");
        viewer.say(b"RFB 003.008\n").await?;
        let count = viewer.read(1).await?[0];
        viewer.read(count.into()).await?;
        viewer.say(&[1]).await?;
        ensure!(viewer.read(4).await? == [0; 4], "not let in");
        viewer.say(&[1]).await?;
        let start = viewer.read(24).await?;
        let name = start.last_chunk::<4>().map_or(0, |length| u32::from_be_bytes(*length));
        viewer.read(name as usize).await?;
        // The pixels as they are, so that answers have a known length.
        viewer.say(&[2, 0, 0, 1, 0, 0, 0, 0]).await?;
        Ok(viewer)
    }

    /// Moves the pointer there, and presses and lets go of its first button; returns when the desktop has dealt with it.
    pub(super) async fn click(&mut self, x: u16, y: u16) -> anyhow::Result<()> {
        let ([x1, x2], [y1, y2]) = (x.to_be_bytes(), y.to_be_bytes());
        let events: Vec<u8> = [0, 1, 0].into_iter().flat_map(|mask| [5, mask, x1, x2, y1, y2]).collect();
        self.say(&events).await?;
        // One pixel, which is answered in its turn.
        self.say(&[3, 0, 0, 0, 0, 0, 0, 1, 0, 1]).await?;
        ensure!(self.read(4).await?[0] == 0, "another message than an update");
        self.read(12 + 4).await.map(drop)
    }

    async fn say(&mut self, words: &[u8]) -> anyhow::Result<()> {
        Ok(self.socket.send(Message::Binary(words.to_vec().into())).await?)
    }

    async fn read(&mut self, count: usize) -> anyhow::Result<Vec<u8>> {
        while self.unread.len() < count {
            let message =
                tokio::time::timeout(LIMIT, self.socket.next()).await.context("the desktop is silent")?;
            self.unread.extend_from_slice(&message.context("the desktop has hung up")??.into_data());
        }
        Ok(self.unread.drain(..count).collect())
    }
}
