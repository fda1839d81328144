//! Request bodies as something that file work can read from.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use axum::body::Body;
use bytes::{Buf as _, Bytes};
use futures::StreamExt as _;
use tokio::sync::mpsc;

use crate::host::Host;
use crate::host::problem::HostError;
use crate::host::routes::blocking;
use crate::workspace::Workspace;
use crate::workspace_files::FileError;

/// Pieces of a body that wait for the disk; when full, the sender waits.
const PIECES: usize = 8;

enum Piece {
    Data(Bytes),
    End,
}

/// A body that comes in pieces. Without its end it ends with an error, so that half of it is never taken for the whole.
pub(super) struct Content {
    pieces: mpsc::Receiver<Piece>,
    current: Bytes,
    ended: Option<End>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Whole,
    BrokenOff,
}

impl Content {
    /// Whether the sender went away before the end.
    pub(super) fn is_broken_off(&self) -> bool {
        self.ended == Some(End::BrokenOff)
    }
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() && self.ended.is_none() {
            match self.pieces.blocking_recv() {
                Some(Piece::Data(data)) => self.current = data,
                Some(Piece::End) => self.ended = Some(End::Whole),
                None => self.ended = Some(End::BrokenOff),
            }
        }
        if self.current.is_empty() && self.is_broken_off() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the upload was broken off"));
        }
        let length = buffer.len().min(self.current.len());
        self.current.copy_to_slice(buffer.get_mut(..length).unwrap_or_default());
        Ok(length)
    }
}

/// Runs file work as the workspace's owner on a thread of its own, with the body to read from. When the caller goes away
/// the work finds the body broken off. What the work leaves unread is read to its end all the same, because a browser
/// whose body is not taken sees a broken connection instead of the answer.
pub(super) async fn receive<R: Send + 'static>(
    host: &Host,
    body: Body,
    work: impl FnOnce(&Workspace, &mut Content) -> Result<R, FileError> + Send + 'static,
) -> Result<R, HostError> {
    let (sender, pieces) = mpsc::channel(PIECES);
    let workspace = Arc::clone(&host.workspace);
    let working = blocking(move || {
        let mut content = Content { pieces, current: Bytes::new(), ended: None };
        workspace.as_owner(|| work(&workspace, &mut content))
    });
    let pump = async move {
        let mut body = body.into_data_stream();
        while let Some(piece) = body.next().await {
            // Dropping the sender without an end is what tells of a body that broke off.
            let Ok(piece) = piece else { return };
            let _ = sender.send(Piece::Data(piece)).await;
        }
        let _ = sender.send(Piece::End).await;
    };
    let (outcome, ()) = tokio::join!(working, pump);
    Ok(outcome??)
}

/// Writes all of a body to a file.
pub(super) fn copy(path: &str, content: &mut Content, file: &mut File) -> Result<(), FileError> {
    io::copy(content, file).map(drop).map_err(|source| {
        if content.is_broken_off() {
            FileError::BrokenOff { path: path.to_owned() }
        } else {
            FileError::io(path, source)
        }
    })
}
