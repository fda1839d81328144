//! The image that both containers run from.

use std::collections::HashMap;

use bollard::body_full;
use bollard::errors::Error as DockerError;
use bollard::models::BuildInfo;
use bollard::query_parameters::{
    BuildImageOptionsBuilder, ListImagesOptionsBuilder, RemoveImageOptionsBuilder,
};
use futures::StreamExt as _;

use super::connection::Engine;
use super::{CONTENT_LABEL, base};
use crate::payload::{Payload, PayloadError};
use crate::terminal::Progress;

/// Name of the image; the tag is the beginning of its fingerprint.
const NAME: &str = "slipway";
/// Characters of the fingerprint in the tag.
const TAG_LENGTH: usize = 12;
/// Age from which a superseded image may be removed.
const KEPT_SECONDS: i64 = 600;
/// Proxy settings of this machine that a build may need.
const PROXY_VARIABLES: [&str; 4] = ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"];

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImageError {
    /// The base image is neither there nor to be had.
    #[error(
        "the base image {} can be neither pulled nor made here: {reason}\n  \
         with access to a registry: docker pull {}\n  \
         on Debian or Ubuntu, as root: apt-get install debootstrap, then start Slipway again as root\n  \
         without containers: slipway up --local",
        base::BASE,
        base::BASE
    )]
    NoBase {
        /// Why it could not be pulled.
        reason: String,
    },
    /// The base image's script failed.
    #[error("making the base image {} failed: {reason}", base::BASE)]
    BaseScript {
        /// Its last words.
        reason: String,
    },
    /// A step of the build failed.
    #[error("building the image failed: {reason}\n{log}")]
    Build {
        /// Docker's message.
        reason: String,
        /// The last lines that the build printed.
        log: String,
    },
    /// Docker failed otherwise.
    #[error("Docker could not build the image: {0}")]
    Docker(#[from] DockerError),
    /// The launcher has not all it needs.
    #[error(transparent)]
    Payload(#[from] PayloadError),
}

/// Makes sure that the image of this payload is there, and answers its name. `labels` are added to it.
pub(crate) async fn ensure(
    engine: &Engine,
    payload: &Payload,
    labels: &HashMap<String, String>,
) -> Result<String, ImageError> {
    let fingerprint = payload.fingerprint()?;
    let name = format!("{NAME}:{}", fingerprint.get(..TAG_LENGTH).unwrap_or(&fingerprint));
    match engine.docker.inspect_image(&name).await {
        Ok(_) => return Ok(name),
        Err(DockerError::DockerResponseServerError { status_code: 404, .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let progress = Progress::start("building the image");
    base::ensure(engine, &progress).await?;
    let mut labels = labels.clone();
    labels.insert(CONTENT_LABEL.to_owned(), fingerprint);
    build(engine, payload.context()?, &name, &labels, &progress).await?;
    progress.done("image built");
    remove_superseded(engine, &name).await;
    Ok(name)
}

async fn build(
    engine: &Engine,
    context: Vec<u8>,
    name: &str,
    labels: &HashMap<String, String>,
    progress: &Progress,
) -> Result<(), ImageError> {
    let arguments: HashMap<String, String> = PROXY_VARIABLES
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)))
        .collect();
    let mut options = BuildImageOptionsBuilder::default()
        .dockerfile("Dockerfile")
        .t(name)
        .rm(true)
        .forcerm(true)
        .labels(labels)
        .buildargs(&arguments);
    if let Ok(network) = std::env::var("SLIPWAY_BUILD_NETWORK") {
        options = options.networkmode(&network);
    }
    let mut log = BuildLog::default();
    let mut updates =
        std::pin::pin!(engine.docker.build_image(options.build(), None, Some(body_full(context.into()))));
    while let Some(update) = updates.next().await {
        match update {
            Ok(update) => log.add(&update, progress),
            Err(DockerError::DockerStreamError { error }) => {
                return Err(ImageError::Build { reason: error, log: log.tail() });
            }
            Err(error) => return Err(error.into()),
        }
        if let Some(reason) = log.failure.take() {
            return Err(ImageError::Build { reason, log: log.tail() });
        }
    }
    Ok(())
}

/// A line that fits on most screens.
fn shortened(line: &str) -> String {
    const WIDTH: usize = 90;
    if line.chars().count() <= WIDTH {
        return line.to_owned();
    }
    let mut short: String = line.chars().take(WIDTH).collect();
    short.push('…');
    short
}

/// What a build has printed so far.
#[derive(Default)]
struct BuildLog {
    lines: Vec<String>,
    failure: Option<String>,
}

impl BuildLog {
    /// Lines kept for an error message.
    const KEPT: usize = 25;

    fn add(&mut self, update: &BuildInfo, progress: &Progress) {
        for line in update.stream.iter().flat_map(|text| text.lines()).filter(|line| !line.trim().is_empty())
        {
            if line.starts_with("Step ") {
                progress.step(&shortened(line));
            } else {
                progress.detail(line.trim());
            }
            self.lines.push(line.trim_end().to_owned());
        }
        if self.lines.len() > 2 * Self::KEPT {
            self.lines.drain(..Self::KEPT);
        }
        if let Some(detail) = &update.error_detail {
            self.failure = Some(detail.message.clone().unwrap_or_else(|| "no reason given".to_owned()));
        }
    }

    fn tail(&self) -> String {
        let from = self.lines.len().saturating_sub(Self::KEPT);
        self.lines.iter().skip(from).map(|line| format!("  | {line}")).collect::<Vec<_>>().join("\n")
    }
}

/// Removes images of earlier builds that no container uses, except those so new that another launcher may
/// be about to use them, and names that somebody else gave them. Failing to is no reason to stop.
async fn remove_superseded(engine: &Engine, current: &str) {
    let filters = HashMap::from([("label", vec![CONTENT_LABEL])]);
    let options = ListImagesOptionsBuilder::default().filters(&filters).build();
    let Ok(images) = engine.docker.list_images(Some(options)).await else { return };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let old = images.into_iter().filter(|image| image.created + KEPT_SECONDS < now.as_secs().cast_signed());
    let is_own = |tag: &String| tag.strip_prefix(NAME).is_some_and(|rest| rest.starts_with(':'));
    for tag in old.flat_map(|image| image.repo_tags).filter(|tag| is_own(tag) && tag != current) {
        let options = RemoveImageOptionsBuilder::default().force(false).build();
        let _ = engine.docker.remove_image(&tag, Some(options), None).await;
    }
}
