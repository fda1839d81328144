//! The host names of previews.

use axum::extract::Request;
use http::header;

/// The preview that a request is for: the first part of `p-5173-0123456789abcdef.localhost:3000`. Whether there
/// is such a preview is another question.
pub(super) fn label(request: &Request) -> Option<&str> {
    label_of(authority(request)?)
}

/// Host and port that the request is for.
pub(super) fn authority(request: &Request) -> Option<&str> {
    match request.headers().get(header::HOST) {
        Some(host) => host.to_str().ok(),
        None => request.uri().authority().map(http::uri::Authority::as_str),
    }
}

/// The port in `host:port`.
pub(super) fn port(host: &str) -> Option<u16> {
    host.rsplit_once(':')?.1.parse().ok()
}

fn label_of(host: &str) -> Option<&str> {
    let name = match host.rsplit_once(':') {
        Some((name, port)) => port.parse::<u16>().ok().map(|_| name)?,
        None => host,
    };
    let label = name.strip_suffix(".localhost")?;
    let is_preview = label.starts_with("p-")
        && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    is_preview.then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_previews_are_taken() {
        assert_eq!(label_of("p-5173-ab12.localhost:3000"), Some("p-5173-ab12"));
        assert_eq!(label_of("p-5173-ab12.localhost"), Some("p-5173-ab12"));
        for host in [
            "localhost:3000",
            "p-5173-ab12.localhost.evil.test",
            "p-5173-ab12.evil.test:3000",
            "x.p-5173-ab12.localhost:3000",
            "p-5173-ab12.localhost:port",
            "q-5173.localhost",
            "P-5173-ab12.localhost",
            ".localhost",
            "",
        ] {
            assert_eq!(label_of(host), None, "{host}");
        }
    }
}
