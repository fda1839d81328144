//! WebSockets: the desktop from foreign pages, and without a login.

use super::raw::send;
use crate::harness::TestGateway;

/// How many ways are refused at each address.
const REFUSED: usize = 12;

#[tokio::test]
async fn nobody_drives_the_desktop_from_elsewhere() {
    let gateway = TestGateway::start().await;
    let addresses = &gateway.app().addresses;
    let cookie = format!("Cookie: {}\r\n", gateway.cookie().await);
    let in_conversation = format!("/api/v1/conversations/{}/desktop", gateway.conversation().await);
    for (address, path) in [
        (addresses.ui, "/api/v1/desktop"),
        (addresses.ui, in_conversation.as_str()),
        (addresses.desktop, "/websockify"),
        (addresses.desktop, "/api/v1/desktop"),
    ] {
        let own = format!("Origin: http://{address}\r\n");
        let cases = [
            ("no origin", String::new(), cookie.as_str(), 403),
            ("no origin, from the address line", "Sec-Fetch-Site: none\r\n".to_owned(), &cookie, 403),
            ("another site", "Origin: http://evil.test\r\n".to_owned(), &cookie, 403),
            ("a sandboxed frame", "Origin: null\r\n".to_owned(), &cookie, 403),
            ("our name over TLS with another port", "Origin: https://127.0.0.1\r\n".to_owned(), &cookie, 403),
            ("our other name", format!("Origin: http://localhost:{}\r\n", address.port()), &cookie, 403),
            ("a preview on our name", "Origin: http://127.0.0.1:5173\r\n".to_owned(), &cookie, 403),
            ("two origins", format!("Origin: http://evil.test\r\n{own}"), &cookie, 403),
            ("no login", own.clone(), "", 401),
            ("a made-up session", own.clone(), "Cookie: slipway_session_1=0123456789abcdef\r\n", 401),
            ("another instance's cookie", own.clone(), "Cookie: slipway_session_2=x\r\n", 401),
            ("a token in the address", own.clone(), "", 401),
            ("its own page", own.clone(), &cookie, 503),
        ];
        assert_eq!(cases.len(), REFUSED + 1, "and one is not");
        for (tries, origin, cookie, expected) in cases {
            let query =
                if tries == "a token in the address" { "?token=launcher-token-of-the-test" } else { "" };
            let request = format!(
                "GET {path}{query} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{origin}{cookie}\r\n"
            );
            let (status, answer) = send(address, &request).await;
            assert_eq!(status, expected, "{tries}: {path}: {answer}");
        }
    }
}
