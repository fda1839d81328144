//! The desktop: a WebSocket bridge to the RFB stream of the tool host, and the stand-alone page.

use axum::Router;

use crate::app::AppState;

/// Routes under `/api/v1`.
pub fn api_routes() -> Router<AppState> {
    Router::new()
}

/// Routes of the stand-alone desktop page's listener.
pub fn page_routes() -> Router<AppState> {
    Router::new()
}
