//! The desktop over real WebSockets: who has not taken control only looks. The desktop of these tests answers every
//! byte with itself, so that what comes back is what it was let hear.

use std::net::SocketAddr;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use http::Method;
use serde_json::{Value, json};
use slipway_protocol::api::Role;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::edge_sandbox::attach;
use crate::harness::TestGateway;
use crate::people::Person;

const LIMIT: Duration = Duration::from_secs(10);

const HELLO: &[u8] = b"RFB 003.008\n\x01\x01";
const LOOK: &[u8] = &[3, 1, 0, 0, 0, 0, 5, 0, 3, 32];
const KEY_DOWN: &[u8] = &[4, 1, 0, 0, 0, 0, 0xff, 0xe3];
const KEY_UP: &[u8] = &[4, 0, 0, 0, 0, 0, 0xff, 0xe3];
const PRESS: &[u8] = &[5, 1, 0, 10, 0, 20];
const LET_GO: &[u8] = &[5, 0, 0, 10, 0, 20];
const QEMU_KEY: &[u8] = &[255, 0, 0, 1, 0, 0, 0, 97, 0, 0, 0, 30];
const CUT_TEXT: &[u8] = &[6, 0, 0, 0, 0, 0, 0, 2, b'h', b'i'];
const RESIZE: &[u8] = &[251, 0, 4, 0, 3, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 4, 0, 3, 0, 0, 0, 0, 0];
const INPUT: [&[u8]; 7] = [KEY_DOWN, KEY_UP, PRESS, LET_GO, QEMU_KEY, CUT_TEXT, RESIZE];

/// A page that shows the desktop.
struct Page {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    heard: Vec<u8>,
}

impl Page {
    /// Opens the desktop at an address, and says hello.
    async fn open(gateway: &TestGateway, address: SocketAddr, path: &str) -> Self {
        Self::open_with(&gateway.cookie().await, address, path).await
    }

    /// The same with the cookie of a session.
    async fn open_with(cookie: &str, address: SocketAddr, path: &str) -> Self {
        let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("origin", format!("http://{address}").parse().unwrap());
        headers.insert("cookie", cookie.parse().unwrap());
        headers.insert("sec-websocket-protocol", "binary".parse().unwrap());
        let (socket, answer) = tokio_tungstenite::connect_async(request).await.unwrap();
        assert_eq!(answer.headers()["sec-websocket-protocol"], "binary");
        let mut page = Self { socket, heard: Vec::new() };
        page.says(HELLO).await;
        assert_eq!(page.hears(HELLO.len()).await, HELLO);
        page
    }

    /// In the UI, with a name.
    async fn named(gateway: &TestGateway, name: &str) -> Self {
        Self::open(gateway, gateway.app().addresses.ui, &format!("/api/v1/desktop?viewer={name}")).await
    }

    async fn says(&mut self, words: &[u8]) {
        self.socket.send(Message::Binary(words.to_vec().into())).await.unwrap();
    }

    /// The next bytes that the desktop was let hear.
    async fn hears(&mut self, count: usize) -> Vec<u8> {
        while self.heard.len() < count {
            let message = tokio::time::timeout(LIMIT, self.socket.next()).await.expect("it is heard");
            self.heard.extend_from_slice(&message.unwrap().unwrap().into_data());
        }
        self.heard.drain(..count).collect()
    }

    /// What is let through of these words; the desktop hears at least the end of it.
    async fn let_through(&mut self, words: &[u8]) -> Vec<u8> {
        self.says(&[words, LOOK].concat()).await;
        let mut heard = Vec::new();
        while !heard.ends_with(LOOK) {
            heard.extend(self.hears(1).await);
        }
        heard.truncate(heard.len() - LOOK.len());
        heard
    }
}

async fn drive(gateway: &TestGateway, wish: Value) -> (u16, Value) {
    gateway.send(Method::PUT, "/api/v1/desktop/control", &wish).await
}

async fn take(gateway: &TestGateway, viewer: &str) {
    let (status, answer) = drive(gateway, json!({"driver": "person", "viewer": viewer})).await;
    assert_eq!((status, answer), (200, json!({"driver": "person"})));
}

async fn gateway() -> TestGateway {
    let gateway = TestGateway::start().await;
    attach(&gateway, "container").await;
    gateway
}

#[tokio::test]
async fn much_goes_through_in_both_directions() {
    let gateway = gateway().await;
    let addresses = &gateway.app().addresses;
    let in_conversation = format!("/api/v1/conversations/{}/desktop", gateway.conversation().await);
    for (address, path) in [
        (addresses.ui, "/api/v1/desktop"),
        (addresses.ui, in_conversation.as_str()),
        (addresses.desktop, "/websockify"),
        (addresses.desktop, "/api/v1/desktop?viewer=a-name"),
    ] {
        let mut page = Page::open(&gateway, address, path).await;
        let sent = LOOK.repeat(20_000);
        page.says(&sent).await;
        assert!(page.hears(sent.len()).await == sent, "{path}");
    }
}

#[tokio::test]
async fn who_has_not_taken_control_only_looks() {
    let gateway = gateway().await;
    let mut page = Page::named(&gateway, "mine").await;
    let mut nameless = Page::open(&gateway, gateway.app().addresses.desktop, "/websockify").await;
    for input in INPUT {
        assert_eq!(page.let_through(input).await, [0; 0], "{input:?}");
    }
    take(&gateway, "mine").await;
    for input in INPUT {
        assert_eq!(page.let_through(input).await, input);
        assert_eq!(nameless.let_through(input).await, [0; 0], "{input:?}");
    }
    // A message that comes in pieces, with the right lost in between.
    let (first, second) = KEY_DOWN.split_at(5);
    page.says(first).await;
    drive(&gateway, json!({"driver": "agent"})).await;
    assert_eq!(
        page.let_through(&[second, PRESS].concat()).await,
        [&[255, 0, 0, 0][..], &QEMU_KEY[4..]].concat()
    );
    // Kept from the model by somebody without a page: no page drives because of that.
    drive(&gateway, json!({"driver": "person"})).await;
    assert_eq!(page.let_through(PRESS).await, [0; 0]);
    take(&gateway, "mine").await;
    assert_eq!(page.let_through(PRESS).await, PRESS);
}

#[tokio::test]
async fn what_is_held_down_is_let_go_when_control_ends() {
    let gateway = gateway().await;
    let mut page = Page::named(&gateway, "mine").await;
    take(&gateway, "mine").await;
    assert_eq!(page.let_through(&[KEY_DOWN, PRESS].concat()).await, [KEY_DOWN, PRESS].concat());
    drive(&gateway, json!({"driver": "agent"})).await;
    // Without a word of the page, which may have gone to sleep.
    assert_eq!(page.hears(KEY_UP.len() + LET_GO.len()).await, [KEY_UP, LET_GO].concat());
    assert_eq!(page.let_through(KEY_UP).await, [0; 0]);
}

#[tokio::test]
async fn one_page_drives_at_a_time() {
    let gateway = gateway().await;
    let mut first = Page::named(&gateway, "first").await;
    let mut second = Page::named(&gateway, "second").await;
    take(&gateway, "first").await;
    take(&gateway, "first").await;
    let (status, problem) = drive(&gateway, json!({"driver": "person", "viewer": "second"})).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("desktop_driven_elsewhere")));
    assert_eq!(first.let_through(PRESS).await, PRESS);
    assert_eq!(second.let_through(PRESS).await, [0; 0]);
    // A page that is gone holds nobody up.
    first.socket.close(None).await.unwrap();
    while first.socket.next().await.is_some() {}
    let begun = std::time::Instant::now();
    while drive(&gateway, json!({"driver": "person", "viewer": "second"})).await.0 != 200 {
        assert!(begun.elapsed() < LIMIT, "the first page still drives");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(second.let_through(PRESS).await, PRESS);
    let mut again = Page::named(&gateway, "first").await;
    assert_eq!(again.let_through(PRESS).await, [0; 0]);
}

#[tokio::test]
async fn what_is_not_understood_ends_the_connection() {
    let gateway = gateway().await;
    for words in [&[99_u8][..], &[250, 0, 1, 2], &[6, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]] {
        let mut page = Page::named(&gateway, "mine").await;
        page.says(words).await;
        let next = tokio::time::timeout(LIMIT, page.socket.next()).await.expect("an end");
        assert!(!matches!(next, Some(Ok(Message::Binary(_)))), "{words:?}: {next:?}");
    }
    for name in ["", "a%20b", "%00", &"x".repeat(65)] {
        let path = format!("/api/v1/desktop?viewer={name}");
        let answer = gateway.launcher(Method::GET, &path).send().await.unwrap();
        assert_eq!(answer.status(), 422, "{name}");
    }
    let (status, _) = drive(&gateway, json!({"driver": "person", "viewer": "no name"})).await;
    assert_eq!(status, 422);
}

#[tokio::test]
async fn the_desktop_closes_with_the_session_that_opened_it() {
    let gateway = gateway().await;
    let person = Person::new(&gateway, "ada", Role::Member).await;
    for address in [gateway.app().addresses.ui, gateway.app().addresses.desktop] {
        let person = person.elsewhere(&gateway).await;
        let path =
            if address == gateway.app().addresses.ui { "/api/v1/desktop?viewer=ada" } else { "/websockify" };
        let mut page = Page::open_with(&person.cookie, address, path).await;
        assert_eq!(person.sends(&gateway, Method::DELETE, "/api/v1/session", &json!({})).await.0, 204);
        let end = async {
            while let Some(Ok(message)) = page.socket.next().await {
                if message.is_close() {
                    break;
                }
            }
        };
        tokio::time::timeout(LIMIT, end).await.expect("it ends");
    }
}
