//! Names that are not this machine's: DNS rebinding and its relatives.

use super::raw::send;
use crate::harness::TestGateway;

/// What each case tries, and the `Host` line (or none) that it sends.
const FOREIGN: [(&str, &str); 24] = [
    ("a rebound name", "Host: evil.test\r\n"),
    ("a rebound name with our port", "Host: evil.test:3000\r\n"),
    ("a name that begins as ours", "Host: localhost.evil.test\r\n"),
    ("a name that begins as our address", "Host: 127.0.0.1.evil.test\r\n"),
    ("a name that only begins like loopback", "Host: 127.evil.test\r\n"),
    ("a public name that resolves to loopback", "Host: 127.0.0.1.nip.io\r\n"),
    ("a name below localhost", "Host: evil.localhost\r\n"),
    ("a trailing dot", "Host: localhost.\r\n"),
    ("another loopback address", "Host: 127.0.0.2\r\n"),
    ("a short address", "Host: 127.1\r\n"),
    ("a decimal address", "Host: 2130706433\r\n"),
    ("a hexadecimal address", "Host: 0x7f.0.0.1\r\n"),
    ("all addresses", "Host: 0.0.0.0\r\n"),
    ("a mapped address", "Host: [::ffff:127.0.0.1]\r\n"),
    ("an address with a zone", "Host: [::1%25lo]\r\n"),
    ("a user name in front", "Host: localhost@evil.test\r\n"),
    ("our name as a user name", "Host: evil.test@localhost\r\n"),
    ("our name as a path", "Host: evil.test/localhost\r\n"),
    ("a port that is none", "Host: localhost:evil\r\n"),
    ("two ports", "Host: localhost:80:80\r\n"),
    ("full-width letters", "Host: ｌocalhost\r\n"),
    ("an empty name", "Host: \r\n"),
    ("a second name behind ours", "Host: localhost\r\nHost: evil.test\r\n"),
    ("a forwarded name", "Host: evil.test\r\nX-Forwarded-Host: localhost\r\nForwarded: host=localhost\r\n"),
];

const ROUTES: [&str; 6] = [
    "GET /",
    "GET /api/v1/instance",
    "GET /api/v1/events",
    "GET /api/v1/desktop",
    "POST /api/v1/session",
    "GET /login?token=x",
];

#[tokio::test]
async fn foreign_names_reach_no_route_of_any_listener() {
    let gateway = TestGateway::start().await;
    let addresses = &gateway.app().addresses;
    let cookie = gateway.cookie().await;
    for (tries, host) in FOREIGN {
        for route in ROUTES {
            for address in [addresses.ui, addresses.desktop] {
                let request =
                    format!("{route} HTTP/1.1\r\n{host}Cookie: {cookie}\r\nContent-Length: 0\r\n\r\n");
                let (status, answer) = send(address, &request).await;
                assert!(matches!(status, 400 | 421), "{tries}: {route}: {answer}");
            }
        }
    }
}

#[tokio::test]
async fn a_request_that_names_no_host_or_a_foreign_one_in_its_first_line_is_refused() {
    let gateway = TestGateway::start().await;
    let address = gateway.app().addresses.ui;
    for (tries, head) in [
        ("no host at all", "GET /api/v1/instance HTTP/1.1\r\n"),
        ("no host in HTTP/1.0", "GET /api/v1/instance HTTP/1.0\r\n"),
        (
            "a foreign name in the first line",
            "GET http://evil.test/api/v1/instance HTTP/1.1\r\nHost: localhost\r\n",
        ),
        ("a user name in the first line", "GET http://localhost@evil.test/ HTTP/1.1\r\nHost: localhost\r\n"),
        ("being a proxy", "CONNECT evil.test:443 HTTP/1.1\r\nHost: localhost\r\n"),
    ] {
        let request = format!("{head}Authorization: Bearer launcher-token-of-the-test\r\n\r\n");
        let (status, answer) = send(address, &request).await;
        assert!(matches!(status, 400 | 421), "{tries}: {answer}");
    }
    // The same with our own name is let in, or the cases would prove nothing.
    let request = "GET http://localhost/api/v1/instance HTTP/1.1\r\nHost: localhost\r\n\
                   Authorization: Bearer launcher-token-of-the-test\r\n\r\n";
    assert_eq!(send(address, request).await.0, 200);
}

#[tokio::test]
async fn two_requests_smuggled_as_one_are_not_both_trusted() {
    let gateway = TestGateway::start().await;
    let address = gateway.app().addresses.ui;
    let token = "Authorization: Bearer launcher-token-of-the-test\r\n";
    for (tries, framing) in [
        ("both lengths", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
        ("two lengths", "Content-Length: 0\r\nContent-Length: 44\r\n"),
        ("a length with a sign", "Content-Length: +5\r\n"),
        ("an unknown encoding", "Transfer-Encoding: xchunked\r\n"),
    ] {
        let inner = "GET /api/v1/settings HTTP/1.1\r\nHost: evil.test\r\n\r\n";
        let request = format!(
            "POST /api/v1/conversations HTTP/1.1\r\nHost: localhost\r\n{token}{framing}\r\n0\r\n\r\n{inner}"
        );
        let (status, answer) = send(address, &request).await;
        assert!(status >= 400, "{tries}: {answer}");
    }
}
