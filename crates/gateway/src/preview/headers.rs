//! What passes between a browser and a dev server, and what does not.

use axum::extract::Request;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use super::host;

/// The gateway's own cookies begin so; none passes, in neither direction.
pub(super) const OWN_COOKIES: &str = "slipway_";

/// Headers that concern one connection only.
const HOP_HEADERS: [&str; 7] = [
    "connection",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
];

/// Whether the request comes from the preview itself: a WebSocket, or what may change something, must say so
/// (or, without being a WebSocket, come from no page at all).
pub(super) fn is_own_origin(request: &Request) -> bool {
    let is_websocket = request.headers().contains_key(header::UPGRADE);
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    match request.headers().get(header::ORIGIN) {
        Some(origin) => is_safe && !is_websocket || names(origin, host::authority(request)),
        None => !is_websocket,
    }
}

fn names(origin: &HeaderValue, authority: Option<&str>) -> bool {
    let origin = origin.to_str().ok();
    let named = origin.and_then(|o| o.strip_prefix("http://").or_else(|| o.strip_prefix("https://")));
    matches!((named, authority), (Some(named), Some(authority)) if named.eq_ignore_ascii_case(authority))
}

/// Makes a browser's headers those of a browser on the dev server's own machine. `launcher_token` is the
/// credential that must not pass.
pub(super) fn to_server(headers: &mut HeaderMap, port: u16, is_launcher: impl Fn(&str) -> bool) {
    remove_hop_headers(headers);
    // Servers check that they are asked for by a name they know.
    let own = format!("localhost:{port}");
    let referer = headers.get(header::REFERER).and_then(|value| path_of(value.to_str().ok()?));
    for (name, value) in [
        (header::HOST, Some(own.clone())),
        (header::ORIGIN, headers.contains_key(header::ORIGIN).then(|| format!("http://{own}"))),
        (header::REFERER, referer.map(|path| format!("http://{own}{path}"))),
        (header::COOKIE, foreign_cookies(headers)),
    ] {
        headers.remove(&name);
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            headers.insert(name, value);
        }
    }
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.split_once(' '));
    if bearer.is_some_and(|(_, token)| is_launcher(token.trim())) {
        headers.remove(header::AUTHORIZATION);
    }
}

/// Keeps a dev server's answer on the preview's own host name.
pub(super) fn to_browser(headers: &mut HeaderMap, port: u16) {
    remove_hop_headers(headers);
    let cookies: Vec<_> = headers.get_all(header::SET_COOKIE).iter().filter_map(own_cookie).collect();
    headers.remove(header::SET_COOKIE);
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
    let moved = headers.get(header::LOCATION).and_then(|value| local_path(value.to_str().ok()?, port));
    if let Some(path) = moved.and_then(|path| HeaderValue::from_str(&path).ok()) {
        headers.insert(header::LOCATION, path);
    }
    // They would bind the browser beyond this preview.
    headers.remove(HeaderName::from_static("alt-svc"));
    headers.remove(header::STRICT_TRANSPORT_SECURITY);
}

fn remove_hop_headers(headers: &mut HeaderMap) {
    for name in HOP_HEADERS {
        headers.remove(name);
    }
}

/// The cookies of a request without the gateway's.
fn foreign_cookies(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookies: Vec<&str> = values
        .flat_map(|value| value.split(';'))
        .map(str::trim)
        .filter(|cookie| !cookie.is_empty() && !cookie.starts_with(OWN_COOKIES))
        .collect();
    (!cookies.is_empty()).then(|| cookies.join("; "))
}

/// A cookie of the dev server for the preview's host name alone; `None` when it takes one of the gateway's names.
fn own_cookie(value: &HeaderValue) -> Option<HeaderValue> {
    let text = value.to_str().ok()?;
    if text.trim_start().starts_with(OWN_COOKIES) {
        return None;
    }
    let kept: Vec<&str> = text
        .split(';')
        .filter(|part| {
            let name = part.split('=').next().unwrap_or_default().trim();
            !name.eq_ignore_ascii_case("domain")
        })
        .collect();
    HeaderValue::from_str(&kept.join(";")).ok()
}

/// Path and query of an absolute address.
fn path_of(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    rest.find('/').and_then(|start| rest.get(start..)).or(Some("/"))
}

/// The path of an address that leads to the dev server itself by one of its names.
fn local_path(address: &str, port: u16) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let (authority, _) = rest.split_once('/').unwrap_or((rest, ""));
    let names = ["localhost", "127.0.0.1", "[::1]", "0.0.0.0"];
    let is_own = names.iter().any(|name| authority == format!("{name}:{port}"));
    is_own.then(|| path_of(address).unwrap_or("/").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value"))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn nothing_of_the_gateway_reaches_the_server() {
        let mut sent = headers(&[
            ("host", "p-5173-ab.localhost:3000"),
            ("origin", "http://p-5173-ab.localhost:3000"),
            ("referer", "http://p-5173-ab.localhost:3000/a?b=c"),
            ("cookie", "slipway_session_0=s; theme=dark; slipway_preview_0=t"),
            ("authorization", "Bearer launcher"),
            ("x-own", "kept"),
        ]);
        to_server(&mut sent, 5173, |token| token == "launcher");
        let expected = headers(&[
            ("host", "localhost:5173"),
            ("origin", "http://localhost:5173"),
            ("referer", "http://localhost:5173/a?b=c"),
            ("cookie", "theme=dark"),
            ("x-own", "kept"),
        ]);
        assert_eq!(sent, expected);
        let mut sent = headers(&[("cookie", "slipway_preview_0=t"), ("authorization", "Bearer of the app")]);
        to_server(&mut sent, 80, |token| token == "launcher");
        assert_eq!(sent, headers(&[("host", "localhost:80"), ("authorization", "Bearer of the app")]));
    }

    #[test]
    fn nothing_of_the_server_reaches_the_gateways_name() {
        let mut answer = headers(&[
            ("set-cookie", "a=1; Path=/; Domain=localhost; HttpOnly"),
            ("location", "http://localhost:5173/next?x=1"),
            ("strict-transport-security", "max-age=1"),
        ]);
        answer.append(header::SET_COOKIE, HeaderValue::from_static("slipway_session_0=stolen"));
        to_browser(&mut answer, 5173);
        let expected = headers(&[("set-cookie", "a=1; Path=/; HttpOnly"), ("location", "/next?x=1")]);
        assert_eq!(answer, expected);
        for kept in ["/relative", "http://localhost:3000/", "https://example.org/"] {
            let mut answer = headers(&[("location", kept)]);
            to_browser(&mut answer, 5173);
            assert_eq!(answer, headers(&[("location", kept)]));
        }
    }
}
