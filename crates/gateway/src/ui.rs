//! The UI, embedded at build time with the feature `ui`.

use axum::response::Html;

/// Serves the UI.
pub async fn serve() -> Html<&'static str> {
    Html("")
}

/// Serves the stand-alone desktop page.
pub async fn serve_desktop() -> Html<&'static str> {
    Html("")
}
