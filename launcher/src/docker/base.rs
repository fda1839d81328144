//! The base image: present, pulled, or made from packages with debootstrap.

use std::process::Stdio;
use std::time::Duration;

use bollard::body_try_stream;
use bollard::errors::Error as DockerError;
use bollard::query_parameters::CreateImageOptionsBuilder;
use futures::StreamExt as _;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio_util::io::ReaderStream;

use super::connection::Engine;
use super::image::ImageError;
use crate::payload::BASE_IMAGE_SCRIPT;
use crate::program;
use crate::terminal::Progress;

/// Name of the base image.
pub(super) const BASE: &str = "debian:bookworm-slim";
/// A pull that shows no progress for so long has failed.
const PULL_SILENCE: Duration = Duration::from_secs(60);

/// Makes sure that the base image is there.
pub(super) async fn ensure(engine: &Engine, progress: &Progress) -> Result<(), ImageError> {
    match engine.docker.inspect_image(BASE).await {
        Ok(_) => return Ok(()),
        Err(DockerError::DockerResponseServerError { status_code: 404, .. }) => {}
        Err(error) => return Err(error.into()),
    }
    progress.step(&format!("pulling {BASE}"));
    let Err(reason) = pull(engine, progress).await else { return Ok(()) };
    if !nix::unistd::Uid::effective().is_root() || !program::exists("debootstrap") {
        return Err(ImageError::NoBase { reason });
    }
    progress.step(&format!("{BASE} cannot be pulled ({reason}); making it from Debian packages"));
    make(engine, progress).await
}

/// Pulls it; the error says why not.
async fn pull(engine: &Engine, progress: &Progress) -> Result<(), String> {
    let options = CreateImageOptionsBuilder::default().from_image("debian").tag("bookworm-slim").build();
    let mut updates = std::pin::pin!(engine.docker.create_image(Some(options), None, None));
    loop {
        match tokio::time::timeout(PULL_SILENCE, updates.next()).await {
            Ok(Some(Ok(update))) => {
                if let Some(status) = update.status {
                    progress.detail(&format!("pulling {BASE}: {status}"));
                }
            }
            Ok(Some(Err(error))) => return Err(error.to_string()),
            Ok(None) => return Ok(()),
            Err(_) => return Err(format!("no progress for {} seconds", PULL_SILENCE.as_secs())),
        }
    }
}

/// Makes a root file system with the script and imports it.
async fn make(engine: &Engine, progress: &Progress) -> Result<(), ImageError> {
    let failed = |reason: String| ImageError::BaseScript { reason };
    let directory = tempfile::tempdir().map_err(|error| failed(error.to_string()))?;
    let script = directory.path().join("base-image");
    let output = directory.path().join("root.tar");
    tokio::fs::write(&script, BASE_IMAGE_SCRIPT).await.map_err(|error| failed(error.to_string()))?;

    let mut child = Command::new("bash")
        .arg(&script)
        .arg(&output)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let mut last = String::new();
    if let Some(stderr) = child.stderr.take() {
        let mut lines = BufReader::new(stderr).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            progress.step(&line);
            last = line;
        }
    }
    let status = child.wait().await.map_err(|error| failed(error.to_string()))?;
    if !status.success() {
        return Err(failed(last));
    }
    import(engine, &output).await
}

async fn import(engine: &Engine, archive: &std::path::Path) -> Result<(), ImageError> {
    let file = tokio::fs::File::open(archive)
        .await
        .map_err(|error| ImageError::BaseScript { reason: error.to_string() })?;
    let options = CreateImageOptionsBuilder::default()
        .from_src("-")
        .repo("debian")
        .tag("bookworm-slim")
        .changes(vec!["CMD [\"bash\"]".to_owned()])
        .build();
    let body = body_try_stream(ReaderStream::with_capacity(file, 1 << 20));
    let mut updates = std::pin::pin!(engine.docker.create_image(Some(options), Some(body), None));
    while let Some(update) = updates.next().await {
        update?;
    }
    Ok(())
}
