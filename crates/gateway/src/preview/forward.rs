//! One request to a dev server and its answer, upgrades to WebSockets included.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::uri::{PathAndQuery, Uri};
use http::{StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::headers::{to_browser, to_server};
use crate::app::AppState;
use crate::auth::secrets_match;

/// Sends a request over a connection of its own and streams the answer back.
pub(super) async fn forward<Io>(
    app: &AppState,
    mut request: Request,
    stream: Io,
    port: u16,
) -> Result<Response, hyper::Error>
where
    Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let upgrade = request.headers().get(header::UPGRADE).cloned();
    let browser = upgrade.is_some().then(|| hyper::upgrade::on(&mut request));
    let path = request.uri().path_and_query().cloned();
    *request.uri_mut() = Uri::from(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
    *request.version_mut() = http::Version::HTTP_11;
    to_server(request.headers_mut(), port, |token| secrets_match(&app.config.launcher_token, token));
    if upgrade.is_some() {
        request.headers_mut().insert(header::CONNECTION, http::HeaderValue::from_static("upgrade"));
    }
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let stop = app.shutdown.clone();
    app.tasks.spawn(async move {
        // It ends with the answer, or with whoever reads it.
        if let Some(Err(error)) = stop.run_until_cancelled(connection.with_upgrades()).await {
            tracing::debug!(%error, "a connection to a dev server ended early");
        }
    });
    let mut response = sender.send_request(request).await?;
    let switched = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    to_browser(response.headers_mut(), port);
    if let (true, Some(browser), Some(protocol)) = (switched, browser, upgrade) {
        let server = hyper::upgrade::on(&mut response);
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, http::HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, protocol);
        let stop = app.shutdown.clone();
        app.tasks.spawn(async move {
            stop.run_until_cancelled(join(browser, server)).await;
        });
    }
    Ok(response.map(Body::new))
}

/// Carries bytes in both directions until either side ends.
async fn join(browser: hyper::upgrade::OnUpgrade, server: hyper::upgrade::OnUpgrade) {
    let (Ok(browser), Ok(server)) = tokio::join!(browser, server) else { return };
    // Either side may break off at any time; there is nobody to tell.
    let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(browser), &mut TokioIo::new(server)).await;
}
