//! The person's own way to the workspace; see [`slipway_protocol::workspace`].

use bytes::Bytes;
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use http::Method;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use serde::Deserialize;
use slipway_protocol::git::{UncommittedChanges, UncommittedFile, WorkspaceGit};
use slipway_protocol::problem::Problem;
use slipway_protocol::sandbox::FILE_SIZE_HEADER;
use slipway_protocol::workspace::{
    ArchiveKind, ChangedDirectories, CloneLine, CloneRepository, CreateFolder, DirectoryPage, FileText,
    FoundFiles, RenameEntry, TrashEntry, TrashedEntry, UnpackedArchive, WriteText, WrittenFile,
};
use tokio_util::codec::{FramedRead, LinesCodec};

use super::{
    BoxError, ClientError, RequestBody, ToolHostClient, empty, json_body, malformed, percent_encoded, stream,
};

/// Longest line of `/v1/workspace/changes`, in bytes.
const MAX_CHANGES_LINE: usize = 1024 * 1024;

/// Which part of a directory is wanted.
#[derive(Debug, Clone, Default)]
pub struct EntriesQuery {
    /// `next` of the page before.
    pub after: Option<String>,
    /// Most entries.
    pub limit: Option<usize>,
    /// Whether what ignore files name is listed too.
    pub ignored: bool,
}

/// Where an upload goes.
#[derive(Debug, Clone)]
pub struct UploadTarget {
    /// Path in the workspace.
    pub path: String,
    /// Whether files that are there give way.
    pub replace: bool,
}

/// How a write ended.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum WriteAnswer {
    /// The file has the new content.
    Written {
        /// The file as it is now.
        file: WrittenFile,
    },
    /// It is not what was expected; nothing was written.
    Conflict {
        /// In words.
        problem: Problem,
        /// The file as it is now.
        current: Option<FileText>,
    },
}

/// Bytes of an answer as they come; an error ends them. Dropping the stream ends the work behind it.
pub type Download = std::pin::Pin<Box<dyn Stream<Item = Result<Bytes, BoxError>> + Send>>;

impl ToolHostClient {
    /// A page of a directory's entries; the host tells of its changes for a while ([`Self::workspace_changes`]).
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn entries(&self, path: &str, query: &EntriesQuery) -> Result<DirectoryPage, ClientError> {
        let mut address =
            format!("/v1/workspace/entries?path={}&ignored={}", percent_encoded(path), query.ignored);
        if let Some(after) = &query.after {
            address.push_str(&format!("&after={}", percent_encoded(after)));
        }
        if let Some(limit) = query.limit {
            address.push_str(&format!("&limit={limit}"));
        }
        self.json(Method::GET, &address, empty()).await
    }

    /// Files whose paths are like `query`, best first.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn find(&self, query: &str, limit: Option<usize>) -> Result<FoundFiles, ClientError> {
        let mut address = format!("/v1/workspace/find?query={}", percent_encoded(query));
        if let Some(limit) = limit {
            address.push_str(&format!("&limit={limit}"));
        }
        self.json(Method::GET, &address, empty()).await
    }

    /// Lines of a text file.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn text(
        &self,
        path: &str,
        first_line: Option<u64>,
        lines: Option<u64>,
    ) -> Result<FileText, ClientError> {
        let mut address = format!("/v1/workspace/text?path={}", percent_encoded(path));
        for (name, value) in [("first_line", first_line), ("lines", lines)] {
            if let Some(value) = value {
                address.push_str(&format!("&{name}={value}"));
            }
        }
        self.json(Method::GET, &address, empty()).await
    }

    /// Writes a text file that has the content with the hash `is` (`*` for any), or, without one, is new.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn write_text(
        &self,
        path: &str,
        is: Option<&str>,
        text: &WriteText,
    ) -> Result<WriteAnswer, ClientError> {
        let mut address = format!("/v1/workspace/text?path={}", percent_encoded(path));
        if let Some(is) = is {
            address.push_str(&format!("&match={}", percent_encoded(is)));
        }
        self.json(Method::PUT, &address, json_body(text)?).await
    }

    /// Makes a directory.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn create_folder(&self, folder: &CreateFolder) -> Result<(), ClientError> {
        self.bytes(Method::POST, "/v1/workspace/folders", json_body(folder)?).await.map(drop)
    }

    /// Gives something another name or place.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn rename(&self, rename: &RenameEntry) -> Result<(), ClientError> {
        self.bytes(Method::POST, "/v1/workspace/rename", json_body(rename)?).await.map(drop)
    }

    /// Puts something into the trash.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn trash(&self, entry: &TrashEntry) -> Result<TrashedEntry, ClientError> {
        self.json(Method::POST, "/v1/workspace/trash", json_body(entry)?).await
    }

    /// Brings something back from the trash.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn restore_trashed(&self, id: &str) -> Result<TrashedEntry, ClientError> {
        let path = format!("/v1/workspace/trash/{}/restore", percent_encoded(id));
        self.json(Method::POST, &path, empty()).await
    }

    /// The bytes of a file as they are read, and their number.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn download(&self, path: &str) -> Result<(Download, u64), ClientError> {
        let address = format!("/v1/workspace/file?path={}", percent_encoded(path));
        let response = self.limited(&address, self.request(Method::GET, &address, empty())).await?;
        let size = response.headers().get(FILE_SIZE_HEADER).and_then(|size| size.to_str().ok()?.parse().ok());
        let size = size.ok_or_else(|| malformed(&address, &"it does not tell the file's size"))?;
        Ok((Box::pin(response.into_body().into_data_stream().map_err(Into::into)), size))
    }

    /// A directory as a zip file, as it is made.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn download_zip(&self, path: &str, ignored: bool) -> Result<Download, ClientError> {
        let address = format!("/v1/workspace/zip?path={}&ignored={ignored}", percent_encoded(path));
        let response = self.limited(&address, self.request(Method::GET, &address, empty())).await?;
        Ok(Box::pin(response.into_body().into_data_stream().map_err(Into::into)))
    }

    /// Streams a file to the workspace. Without a time limit: the stream must see to that. An error of the stream breaks
    /// the upload off, and nothing is left of it.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn upload(
        &self,
        target: &UploadTarget,
        content: impl Stream<Item = Result<Bytes, BoxError>> + Send + 'static,
    ) -> Result<WrittenFile, ClientError> {
        let UploadTarget { path, replace } = target;
        let address = format!("/v1/workspace/file?path={}&replace={replace}", percent_encoded(path));
        self.streamed(&address, content).await
    }

    /// Streams an archive to be unpacked in a directory of the workspace, to at most `max_bytes`.
    ///
    /// # Errors
    /// As for [`Self::upload`].
    pub async fn unpack(
        &self,
        target: &UploadTarget,
        kind: ArchiveKind,
        max_bytes: u64,
        content: impl Stream<Item = Result<Bytes, BoxError>> + Send + 'static,
    ) -> Result<UnpackedArchive, ClientError> {
        let UploadTarget { path, replace } = target;
        let kind = match kind {
            ArchiveKind::Zip => "zip",
            ArchiveKind::Tar => "tar",
            ArchiveKind::TarGz => "tar_gz",
        };
        let path = percent_encoded(path);
        let address =
            format!("/v1/workspace/archive?path={path}&kind={kind}&replace={replace}&max_bytes={max_bytes}");
        self.streamed(&address, content).await
    }

    /// The repositories of the workspace; the host tells of their changes for a while ([`Self::workspace_changes`]).
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn git(&self) -> Result<WorkspaceGit, ClientError> {
        self.json(Method::GET, "/v1/workspace/git", empty()).await
    }

    /// A page of what is not committed, of paths after `after`.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn uncommitted(&self, after: Option<&str>) -> Result<UncommittedChanges, ClientError> {
        let after = after.map(|after| format!("?after={}", percent_encoded(after))).unwrap_or_default();
        self.json(Method::GET, &format!("/v1/workspace/git/changes{after}"), empty()).await
    }

    /// A file as it was committed, under `old_path` if it has been renamed since, and as it is; `None` when there is
    /// nothing of either.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn uncommitted_file(
        &self,
        path: &str,
        old_path: Option<&str>,
    ) -> Result<Option<UncommittedFile>, ClientError> {
        let mut address = format!("/v1/workspace/git/file?path={}", percent_encoded(path));
        if let Some(old_path) = old_path {
            address.push_str(&format!("&old_path={}", percent_encoded(old_path)));
        }
        self.json(Method::GET, &address, empty()).await
    }

    /// Directories that were listed, and repositories that were asked for, and have changed since, without end.
    ///
    /// # Errors
    /// See [`ClientError`]; an error of an item ends the stream.
    pub async fn workspace_changes(
        &self,
    ) -> Result<impl Stream<Item = Result<ChangedDirectories, ClientError>> + use<>, ClientError> {
        let path = "/v1/workspace/changes";
        let response = self.limited(path, self.request(Method::GET, path, empty())).await?;
        let lines = FramedRead::new(
            stream::download(response.into_body()),
            LinesCodec::new_with_max_length(MAX_CHANGES_LINE),
        );
        Ok(lines.map(move |line| {
            let line = line.map_err(|error| malformed(path, &error))?;
            serde_json::from_str(&line).map_err(|error| malformed(path, &error))
        }))
    }

    /// Clones a repository into the workspace: its progress, then how it ended. Dropping the stream ends the clone.
    ///
    /// # Errors
    /// See [`ClientError`]; an error of an item ends the stream.
    pub async fn clone_repository(
        &self,
        repository: &CloneRepository,
    ) -> Result<impl Stream<Item = Result<CloneLine, ClientError>> + use<>, ClientError> {
        let path = "/v1/workspace/clones";
        let body = json_body(repository)?;
        let response = self.limited(path, self.request(Method::POST, path, body)).await?;
        let lines = FramedRead::new(
            stream::download(response.into_body()),
            LinesCodec::new_with_max_length(MAX_CHANGES_LINE),
        );
        Ok(lines.map(move |line| {
            let line = line.map_err(|error| malformed(path, &error))?;
            serde_json::from_str(&line).map_err(|error| malformed(path, &error))
        }))
    }

    async fn streamed<T: serde::de::DeserializeOwned>(
        &self,
        address: &str,
        content: impl Stream<Item = Result<Bytes, BoxError>> + Send + 'static,
    ) -> Result<T, ClientError> {
        let body: RequestBody = StreamBody::new(content.map_ok(Frame::data)).boxed_unsync();
        let response = self.request(Method::PUT, address, body).await?;
        let answer = self.limited(address, async {
            response.into_body().collect().await.map_err(|error| malformed(address, &error))
        });
        serde_json::from_slice(&answer.await?.to_bytes()).map_err(|error| malformed(address, &error))
    }
}
