//! Headers that keep other pages and injected content out.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Adds the security headers to every answer.
pub async fn secure(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).map(str::to_owned);
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
    set(headers, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(headers, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    response
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
