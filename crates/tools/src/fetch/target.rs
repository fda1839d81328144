//! What may be fetched, as far as its address alone tells.

use std::net::Ipv4Addr;

use url::{Host, Url};

/// Longest address that is tried.
const MAX_URL_BYTES: usize = 2_000;

/// An address that may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    url: Url,
}

impl Target {
    /// Reads an address as a model wrote it.
    ///
    /// # Errors
    /// Text for the model: what is wrong with it and what to do.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.len() > MAX_URL_BYTES {
            return Err(format!(
                "The URL has {} bytes; at most {MAX_URL_BYTES} are allowed. For large requests use curl in the terminal.",
                text.len()
            ));
        }
        let url = match Url::parse(text) {
            Ok(url) => url,
            // The mark between scheme and host is what is left out most.
            Err(url::ParseError::RelativeUrlWithoutBase) => {
                Url::parse(&format!("https://{text}")).map_err(|error| {
                    format!("`{text}` is not a URL: {error}. Give it whole, as in https://host/path.")
                })?
            }
            Err(error) => {
                return Err(format!(
                    "`{text}` is not a URL: {error}. Give it whole, as in https://host/path."
                ));
            }
        };
        Self::admit(url)
    }

    /// Where a redirect from here leads.
    ///
    /// # Errors
    /// As for [`Self::parse`].
    pub(super) fn join(&self, location: &str) -> Result<Self, String> {
        let url = self.url.join(location);
        let url = url
            .map_err(|error| format!("{} redirects to `{location}`, which is no URL: {error}.", self.url))?;
        Self::admit(url)
    }

    fn admit(mut url: Url) -> Result<Self, String> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!(
                "{}: only http and https can be fetched. For files in the workspace use read_file.",
                shortened(url.as_str())
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(
                "The URL must not hold a user name or password: a page that needs them cannot be fetched."
                    .to_owned(),
            );
        }
        url.set_fragment(None);
        Ok(Self { url })
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The key under which what it leads to is kept.
    pub(super) fn key(&self) -> &str {
        self.url.as_str()
    }

    /// Whether it is on the sandbox's own loopback, which needs no way out.
    pub(super) fn is_own_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                name == "localhost" || name.ends_with(".localhost")
            }
            // What servers print that listen everywhere is asked on the loopback.
            Some(Host::Ipv4(address)) => address.is_loopback() || address == Ipv4Addr::UNSPECIFIED,
            Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unspecified(),
            None => false,
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_admitted_or_refused() {
        let admitted = [
            ("https://example.com/a?b=c#d", "https://example.com/a?b=c"),
            ("example.com/a", "https://example.com/a"),
            (" http://localhost:3000 ", "http://localhost:3000/"),
            ("http://[::1]:80/", "http://[::1]/"),
        ];
        for (text, url) in admitted {
            assert_eq!(Target::parse(text).unwrap().key(), url, "{text}");
        }
        let refused = [
            ("ftp://example.com/", "only http and https"),
            ("file:///etc/passwd", "only http and https"),
            ("gopher://127.0.0.1/", "only http and https"),
            ("data:text/html,x", "only http and https"),
            ("javascript:alert(1)", "only http and https"),
            ("https://me:secret@example.com/", "user name or password"),
            ("https://me@example.com/", "user name or password"),
            ("https://", "not a URL"),
            ("", "not a URL"),
            ("http://exa mple.com/", "not a URL"),
            ("http://[::1/", "not a URL"),
        ];
        for (text, reason) in refused {
            let error = Target::parse(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
        assert!(Target::parse(&format!("https://a.example/{}", "x".repeat(2_000))).is_err());
    }

    #[test]
    fn only_the_loopback_is_the_sandbox_itself() {
        for text in [
            "http://localhost/",
            "http://LOCALHOST.:8080/",
            "http://app.localhost:5173/",
            "http://127.0.0.1:3000/",
            "http://127.1/",
            "http://2130706433/",
            "http://0.0.0.0:8000/",
            "http://[::1]:8000/",
        ] {
            assert!(Target::parse(text).unwrap().is_own_loopback(), "{text}");
        }
        for text in [
            "http://localhost.example.com/",
            "http://notlocalhost/",
            "http://10.0.0.1/",
            "http://[::ffff:127.0.0.1]/",
            "http://169.254.169.254/",
            "http://host.docker.internal/",
        ] {
            assert!(!Target::parse(text).unwrap().is_own_loopback(), "{text}");
        }
    }
}
