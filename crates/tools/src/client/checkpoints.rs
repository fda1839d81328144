//! Calls about states of the workspace: see [`slipway_protocol::checkpoint`].

use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use http::Method;
use hyper::body::Incoming;
use serde::de::DeserializeOwned;
use slipway_protocol::checkpoint::{
    Applied, MAX_TREE_BYTES, ObjectFrame, Operation, OperationFrame, Scan, WantedObjects,
};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};

use super::stream::{download, upload};
use super::{ClientError, ToolHostClient, empty, json_body, malformed};

/// Time limit of a scan: the first one reads every file.
const SCAN_LIMIT: Duration = Duration::from_secs(120);
/// Time limit of one object, and of one operation.
const OBJECT_LIMIT: Duration = Duration::from_secs(30);

const OBJECTS: &str = "/v1/checkpoints/objects";
const APPLY: &str = "/v1/checkpoints/apply";

/// Objects on their way from the tool host. Dropping it ends that.
pub struct ObjectStream {
    body: BufReader<Box<dyn AsyncRead + Unpin + Send>>,
}

impl ObjectStream {
    fn of(body: Incoming) -> Self {
        Self { body: BufReader::new(Box::new(download(body))) }
    }

    /// The next object: its id as the host says, and its bytes; `None` for them when it is not there any more.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn next(&mut self) -> Result<Option<(ObjectFrame, Option<Bytes>)>, ClientError> {
        match tokio::time::timeout(OBJECT_LIMIT, self.read()).await {
            Ok(read) => read.map_err(|error| malformed(OBJECTS, &error)),
            Err(_) => Err(ClientError::TimedOut { path: OBJECTS.to_owned(), limit: OBJECT_LIMIT }),
        }
    }

    async fn read(&mut self) -> std::io::Result<Option<(ObjectFrame, Option<Bytes>)>> {
        const MAX_LINE: u64 = 256;
        let mut line = Vec::new();
        if (&mut self.body).take(MAX_LINE).read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        let frame: ObjectFrame = serde_json::from_slice(&line)?;
        let Some(length) = frame.length else { return Ok(Some((frame, None))) };
        if length > MAX_TREE_BYTES {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        let mut bytes = Vec::new();
        (&mut self.body).take(length).read_to_end(&mut bytes).await?;
        if bytes.len() as u64 != length {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Some((frame, Some(bytes.into()))))
    }
}

impl ToolHostClient {
    /// Reads the workspace's present state.
    ///
    /// # Errors
    /// See [`ClientError`]; [`ClientError::Refused`] when there are too many files.
    pub async fn scan(&self) -> Result<Scan, ClientError> {
        let path = "/v1/checkpoints/scan";
        let call = async {
            let response = self.request(Method::POST, path, empty()).await?;
            decode(path, response.into_body()).await
        };
        match tokio::time::timeout(SCAN_LIMIT, call).await {
            Ok(answer) => answer,
            Err(_) => Err(ClientError::TimedOut { path: path.to_owned(), limit: SCAN_LIMIT }),
        }
    }

    /// Objects of the newest scan, in the order of `wanted`, trees first.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn objects(&self, wanted: &WantedObjects) -> Result<ObjectStream, ClientError> {
        let request = self.request(Method::POST, OBJECTS, json_body(wanted)?);
        Ok(ObjectStream::of(self.limited(OBJECTS, request).await?.into_body()))
    }

    /// Changes paths, in order; with each comes what a file is to hold.
    ///
    /// # Errors
    /// See [`ClientError`]. Some of it may have been done then; doing the same again finishes it.
    pub async fn apply<E>(
        &self,
        operations: impl Stream<Item = Result<(Operation, Bytes), E>>,
    ) -> Result<Result<Applied, E>, ClientError> {
        let (mut writer, body) = upload();
        let sending = async {
            let mut operations = std::pin::pin!(operations);
            while let Some(next) = operations.next().await {
                let (operation, bytes) = match next {
                    Ok(next) => next,
                    Err(error) => return Ok(Some(error)),
                };
                let frame = OperationFrame { operation, length: bytes.len() as u64 };
                let mut line = serde_json::to_vec(&frame).map_err(|error| malformed(APPLY, &error))?;
                line.push(b'\n');
                line.extend(bytes);
                let sent = tokio::time::timeout(OBJECT_LIMIT, writer.write_all(&line)).await;
                let sent =
                    sent.map_err(|_| ClientError::TimedOut { path: APPLY.to_owned(), limit: OBJECT_LIMIT })?;
                sent.map_err(|error| malformed(APPLY, &error))?;
            }
            // Without the end of the body the host goes on waiting.
            writer.shutdown().await.map_err(|error| malformed(APPLY, &error))?;
            drop(writer);
            Ok::<_, ClientError>(None)
        };
        let (response, sent) = tokio::join!(self.request(Method::POST, APPLY, body), sending);
        if let Some(error) = sent? {
            return Ok(Err(error));
        }
        Ok(Ok(decode(APPLY, response?.into_body()).await?))
    }
}

async fn decode<T: DeserializeOwned>(path: &str, body: Incoming) -> Result<T, ClientError> {
    let mut bytes = Vec::new();
    let mut body = download(body).take(super::MAX_ANSWER_BYTES as u64);
    body.read_to_end(&mut bytes).await.map_err(|error| malformed(path, &error))?;
    serde_json::from_slice(&bytes).map_err(|error| malformed(path, &error))
}
