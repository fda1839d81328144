//! Which redirects are followed: those that stay with the host that the model named.

use url::Url;

/// Most redirects that are followed.
pub(super) const MAX_REDIRECTS: usize = 5;

/// Whether `to` is the host that `from` was on: the same name, with or without `www.`, on the same port or on
/// the usual ports of http and https. Never from https to http.
pub(super) fn stays(from: &Url, to: &Url) -> bool {
    let same_name = match (from.host_str(), to.host_str()) {
        (Some(from), Some(to)) => without_www(from) == without_www(to),
        _ => false,
    };
    let (from_port, to_port) = (from.port_or_known_default(), to.port_or_known_default());
    let upgrade = from.scheme() == "http" && to.scheme() == "https";
    let same_place = from.scheme() == to.scheme() && from_port == to_port;
    same_name && (same_place || (upgrade && from.port().is_none() && to.port().is_none()))
}

fn without_www(host: &str) -> &str {
    let host = host.trim_end_matches('.');
    host.strip_prefix("www.").unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_stays_with_its_host_or_does_not() {
        let cases = [
            ("https://example.com/a", "https://example.com/b", true),
            ("https://example.com/a", "https://www.example.com/a", true),
            ("https://www.example.com/a", "https://example.com/a", true),
            ("http://example.com/", "https://example.com/", true),
            ("https://example.com/", "http://example.com/", false),
            ("https://example.com/", "https://evil.example.com/", false),
            ("https://example.com/", "https://example.com.evil.test/", false),
            ("https://example.com/", "https://example.com:8443/", false),
            ("http://example.com:8080/", "https://example.com/", false),
            ("http://localhost:3000/", "http://localhost:3000/x", true),
            ("http://localhost:3000/", "http://localhost:8080/", false),
            ("http://localhost:3000/", "http://127.0.0.1:3000/", false),
            ("https://example.com/", "http://127.0.0.1/", false),
            ("https://example.com/", "http://169.254.169.254/", false),
        ];
        for (from, to, expected) in cases {
            let [from, to] = [from, to].map(|text| Url::parse(text).unwrap());
            assert_eq!(stays(&from, &to), expected, "{from} -> {to}");
        }
    }
}
