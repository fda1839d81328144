//! What a person sees in the place of a preview that cannot be shown.

use axum::response::{Html, IntoResponse, Response};

use super::{Refusal, keep_private};

/// A page that says what is the matter and what to do.
pub(super) fn refuse(refusal: Refusal) -> Response {
    let (title, text) = words(refusal);
    let body = include_str!("page.html").replace("{title}", &title).replace("{text}", text);
    let mut response = (refusal.status(), Html(body)).into_response();
    keep_private(response.headers_mut());
    response
}

fn words(refusal: Refusal) -> (String, &'static str) {
    match refusal {
        Refusal::Stranger => (
            "This preview is closed".to_owned(),
            "This browser has no access to it, or Slipway has started anew. Open it again from the list of ports.",
        ),
        Refusal::UsedTicket => (
            "This link was used".to_owned(),
            "A link to a preview opens it once, within a minute. Open it again from the list of ports.",
        ),
        Refusal::ForeignOrigin => (
            "This was refused".to_owned(),
            "Another site's page asked for it, and only the preview's own may.",
        ),
        Refusal::NoSandbox => (
            "The sandbox is not there".to_owned(),
            "It attaches by itself within seconds; if not, look at “slipway logs”.",
        ),
        Refusal::NothingListens { port } => (
            format!("Nothing listens on port {port}"),
            "The server has ended or is still starting. Ask the agent to start it, then load this page again.",
        ),
        Refusal::Broken { port } => (
            format!("Port {port} gave no answer"),
            "The program that listens there broke off, or does not speak HTTP.",
        ),
    }
}
