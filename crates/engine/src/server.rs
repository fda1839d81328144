//! The engine's HTTP interface.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::settings::Settings;

/// What every request handler shares.
pub(crate) struct Engine {
    pub(crate) settings: Settings,
    pub(crate) stop: CancellationToken,
}

/// The engine's routes with the default settings: `POST /v1/runs` and `GET /healthz`.
pub fn router() -> Router {
    router_with(Settings::default(), CancellationToken::new())
}

/// The engine's routes. When `stop` is cancelled, runs end with a problem `engine_stopping`.
pub fn router_with(settings: Settings, stop: CancellationToken) -> Router {
    crate::tls::install_crypto_provider();
    let engine = Arc::new(Engine { settings, stop });
    Router::new().route("/healthz", get(async || "ok\n")).with_state(engine)
}

/// Serves the engine on `listener` until `shutdown` is cancelled; runs that are still going on then are
/// told so and end.
///
/// # Errors
/// The listener failed.
pub async fn serve(listener: TcpListener, shutdown: CancellationToken) -> io::Result<()> {
    let router = router_with(Settings::default(), shutdown.clone());
    axum::serve(listener, router).with_graceful_shutdown(shutdown.cancelled_owned()).await
}
