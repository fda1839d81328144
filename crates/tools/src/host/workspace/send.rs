//! Answers that are streamed: files, zip files, notices of changes.

use std::convert::Infallible;
use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;
use slipway_protocol::sandbox::FILE_SIZE_HEADER;
use slipway_protocol::workspace::ChangedDirectories;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::io::ReaderStream;

use super::{as_owner, binary};
use crate::host::problem::HostError;
use crate::host::routes::HostState;
use crate::workspace::{Access, open_regular};
use crate::workspace_files::{FileError, ZipOptions, write_zip};

/// How often the directories that somebody looks at are looked at.
const INTERVAL: Duration = Duration::from_millis(500);

/// Pieces of a zip file that wait for the reader, and the size of one.
const PIECES: usize = 8;
const PIECE: usize = 64 * 1024;

const FILE_SIZE: HeaderName = HeaderName::from_static(FILE_SIZE_HEADER);

#[derive(Deserialize)]
pub(super) struct FileQuery {
    path: String,
}

/// The bytes of a file of the workspace.
pub(super) async fn file(
    State(host): HostState,
    Query(FileQuery { path }): Query<FileQuery>,
) -> Result<Response, HostError> {
    let (file, size) = as_owner(&host, move |workspace| {
        let place = workspace.resolve_inside(&path, Access::Read)?;
        let (file, metadata) = open_regular(&place.absolute).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput => FileError::NotAFile { path: place.name.clone() },
            _ => FileError::io(&place.name, error),
        })?;
        Ok((file, metadata.len()))
    })
    .await?;
    use tokio::io::AsyncReadExt as _;
    let content = ReaderStream::with_capacity(tokio::fs::File::from_std(file).take(size), PIECE);
    let headers = [(header::CONTENT_LENGTH, size.to_string()), (FILE_SIZE, size.to_string())];
    Ok((headers, binary(Body::from_stream(content))).into_response())
}

#[derive(Deserialize)]
pub(super) struct ZipQuery {
    #[serde(default)]
    path: String,
    #[serde(default)]
    ignored: bool,
}

/// A directory as a zip file. What goes wrong after the first byte breaks the answer off.
pub(super) async fn zip(
    State(host): HostState,
    Query(ZipQuery { path, ignored }): Query<ZipQuery>,
) -> Result<Response, HostError> {
    let checked = path.clone();
    as_owner(&host, move |workspace| {
        let place = workspace.resolve_inside(&checked, Access::Read)?;
        std::fs::read_dir(&place.absolute).map(drop).map_err(|error| FileError::io(&place.name, error))
    })
    .await?;
    let (sender, receiver) = mpsc::channel(PIECES);
    let workspace = Arc::clone(&host.workspace);
    tokio::task::spawn_blocking(move || {
        workspace.as_owner(|| {
            let mut output = BufWriter::with_capacity(PIECE, Pieces(sender.clone()));
            let written = write_zip(&workspace, &path, ZipOptions { ignored }, &mut output);
            let flushed = output.flush();
            if let Err(error) = written {
                tracing::info!(%error, "a zip file was not finished");
                let _ = sender.blocking_send(Err(io::Error::other("the zip file could not be finished")));
            } else if flushed.is_err() {
                tracing::debug!("nobody reads the zip file any more");
            }
        });
    });
    Ok(binary(Body::from_stream(ReceiverStream::new(receiver))))
}

/// Hands written bytes on; waits when the reader is slow, fails when it is gone.
struct Pieces(mpsc::Sender<io::Result<Bytes>>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .blocking_send(Ok(Bytes::copy_from_slice(bytes)))
            .map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A line whenever directories have changed that were listed a short while ago, or repositories that were asked for,
/// without end.
pub(super) async fn changes(State(host): HostState) -> Response {
    let lines = futures::stream::unfold(host, |host| async move {
        loop {
            tokio::time::sleep(INTERVAL).await;
            let mut lines = Vec::new();
            for (workspace, host) in host.all() {
                let (watched, git) = (Arc::clone(&host.watched), Arc::clone(&host.git));
                let looking = as_owner(&host, move |workspace| {
                    Ok((watched.changed(workspace), git.changed(workspace)))
                });
                let (directories, git) = looking.await.unwrap_or_default();
                if !directories.is_empty() || git.is_some() {
                    // Strings always serialize.
                    let changed = ChangedDirectories { workspace, directories, git };
                    lines.extend(serde_json::to_vec(&changed).unwrap_or_default());
                    lines.push(b'\n');
                }
            }
            if !lines.is_empty() {
                return Some((Ok::<_, Infallible>(lines), host));
            }
        }
    });
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response()
}
