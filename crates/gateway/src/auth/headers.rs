//! Headers that keep other pages and injected content out.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::guard::{is_local_name, name_of};

/// Adds the security headers to every answer.
pub async fn secure(request: Request, next: Next) -> Response {
    let host = text_of(request.headers(), header::HOST).map(str::to_owned);
    let is_trustworthy = is_trustworthy(request.headers());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy(host.as_deref())) {
        // What has a policy of its own, such as a file of the workspace, has a stricter one.
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // The login page has one of its own.
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    set(headers, header::X_FRAME_OPTIONS, "DENY");
    if is_trustworthy {
        set(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    }
    set(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    response
}

fn text_of(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Whether browsers take the address that was asked for one where nobody on the way can meddle: this machine, or one
/// with TLS. Elsewhere they ignore some headers and complain of them on the console. Most say so themselves: only there
/// they send `sec-fetch-site`.
fn is_trustworthy(headers: &HeaderMap) -> bool {
    let is_local = text_of(headers, header::HOST).and_then(name_of).is_some_and(is_local_name);
    let has_tls = text_of(headers, HeaderName::from_static("x-forwarded-proto")) == Some("https");
    is_local || has_tls || headers.contains_key("sec-fetch-site")
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

/// Own scripts only. Terminal and code views place `<style>` elements and attributes, hence
/// `unsafe-inline` for styles; older browsers do not count WebSockets as `'self'`, hence their address.
fn content_security_policy(host: Option<&str>) -> String {
    let plain = |host: &&str| host.chars().all(|c| c.is_ascii_alphanumeric() || ".:[]-".contains(c));
    let host = host.filter(plain);
    let websocket = host.map(|host| format!(" ws://{host} wss://{host}")).unwrap_or_default();
    // Previews are on names of their own, which lead to this gateway; a PDF file is framed from the page's memory.
    let port = host.and_then(|host| host.rsplit_once(':')?.1.parse::<u16>().ok());
    let frames = port.map(|port| format!(" http://*.localhost:{port}")).unwrap_or_default();
    format!(
        "default-src 'self'; connect-src 'self'{websocket}; frame-src 'self' blob:{frames}; img-src 'self' data: blob:; \
         style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_from_elsewhere_is_not_trustworthy() {
        let asked = |given: &[(&'static str, &'static str)]| {
            let given = given
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            is_trustworthy(&given.collect())
        };
        for host in ["localhost:3000", "127.0.0.1:3000", "[::1]:3000"] {
            assert!(asked(&[("host", host)]), "{host}");
        }
        assert!(!asked(&[]));
        assert!(!asked(&[("host", "192.168.1.5:3000")]));
        assert!(!asked(&[("host", "192.168.1.5:3000"), ("x-forwarded-proto", "http")]));
        assert!(asked(&[("host", "slipway.example"), ("x-forwarded-proto", "https")]));
        assert!(asked(&[("host", "slipway.example"), ("sec-fetch-site", "none")]));
    }
}
