//! Reads an answer's body as far as it is wanted.

use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use reqwest::Response;

use super::media::{self, Media};

/// Most bytes of an HTML page; what follows is left out.
const MAX_HTML: usize = 2 << 20;

/// Most bytes of a text; what follows is left out.
const MAX_TEXT: usize = 1 << 20;

/// Most bytes of a PDF, which is of no use in part.
const MAX_PDF: usize = 16 << 20;

/// What a server sent.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) url: String,
    pub(super) status: u16,
    /// As the server names it; empty when it does not.
    pub(super) content_type: String,
    pub(super) media: Media,
    /// After decompression.
    pub(super) bytes: Vec<u8>,
    /// Whether more would have come.
    pub(super) is_cut: bool,
}

/// Reads the body. Decompression happens on the way, and what counts is what comes out of it, so a small body
/// that would become a huge one is cut like any other.
///
/// # Errors
/// Text for the model: it is nothing that can be read as text, too long, or the connection broke.
pub(super) async fn body(mut response: Response) -> Result<Body, String> {
    let url = response.url().to_string();
    let header =
        |name| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = header(CONTENT_TYPE).to_owned();
    let encoding = header(CONTENT_ENCODING).to_owned();
    if !matches!(encoding.as_str(), "" | "identity") {
        return Err(format!(
            "{url} cannot be read: it is compressed as `{encoding}`, which was not asked for."
        ));
    }
    let status = response.status().as_u16();
    let mut bytes = Vec::new();
    let mut is_cut = false;
    loop {
        let media = media::of(&content_type, &bytes);
        let limit = match media {
            Media::Html => MAX_HTML,
            Media::Pdf => MAX_PDF,
            Media::Text => MAX_TEXT,
            Media::Other => return Err(unreadable(&url, &content_type)),
        };
        if bytes.len() > limit {
            if media == Media::Pdf {
                let megabytes = MAX_PDF >> 20;
                return Err(format!(
                    "{url} is a PDF of more than {megabytes} MiB. Use curl in the terminal."
                ));
            }
            bytes.truncate(limit);
            is_cut = true;
        }
        let chunk = if is_cut { Ok(None) } else { response.chunk().await };
        match chunk {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(Body { url, status, content_type, media, bytes, is_cut }),
            Err(error) => {
                let what = if error.is_timeout() { "the server fell silent" } else { "the connection broke" };
                return Err(format!(
                    "{url} did not arrive whole: {what} after {} bytes. Try again.",
                    bytes.len()
                ));
            }
        }
    }
}

fn unreadable(url: &str, content_type: &str) -> String {
    let what = if content_type.is_empty() { "data without a type" } else { content_type };
    format!(
        "{url} is {what}, which cannot be shown as text. To get it as a file use curl -O in the terminal."
    )
}
