//! Turns documents from anywhere into text.
//!
//! HTML and PDF are converted by `slipway-toolhost convert` in a process of its own, as the workspace's owner,
//! with limits on memory and time: a document that makes a parser overflow, loop or swell costs that process
//! and nothing else.

mod clean;
mod decode;
mod html;
mod main_content;
mod markdown;
mod nesting;
mod pdf;

use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use clap::ValueEnum;
use nix::sys::resource::{Resource, setrlimit};
use serde::{Deserialize, Serialize};
use slipway_protocol::fetch::FetchedPage;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::sync::Semaphore;

use super::media::{self, Media};
use super::read::Body;
use crate::workspace::Owner;

/// Conversions at a time; more wait.
const MAX_CONVERSIONS: usize = 2;

/// How long a conversion may take, and how much processor time.
const TIME_LIMIT: Duration = Duration::from_secs(20);
const CPU_SECONDS: u64 = 15;

/// Most memory of a conversion, in bytes of address space.
const MAX_MEMORY: u64 = 1 << 30;

/// Stack of the converting thread: trees are walked by recursion.
const STACK_BYTES: usize = 64 << 20;

/// Most bytes of text that a page may have; what follows is left out.
const MAX_TEXT_BYTES: usize = 450_000;

/// What is converted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// To Markdown.
    Html,
    /// To text.
    Pdf,
}

/// A document as text.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its own title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its text.
    pub text: String,
    /// What is to be known of the text.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// Has documents converted.
pub(super) struct Converter {
    program: PathBuf,
    places: Semaphore,
}

impl Converter {
    pub(super) fn new(program: PathBuf) -> Self {
        Self { program, places: Semaphore::new(MAX_CONVERSIONS) }
    }

    /// The page that a body is.
    ///
    /// # Errors
    /// Text for the model, when it cannot be converted.
    pub(super) async fn page(&self, body: Body, owner: Option<Owner>) -> Result<FetchedPage, String> {
        let document = match body.media {
            Media::Html => match self.convert(Kind::Html, &body, owner).await {
                Ok(document) => document,
                Err(reason) => html::bare(&body.bytes, media::charset(&body.content_type), &reason),
            },
            Media::Pdf => self.convert(Kind::Pdf, &body, owner).await.map_err(|reason| {
                format!(
                    "{} was fetched, but the PDF cannot be converted to text ({reason}). Fetch it with curl in the \
                     terminal and look at it there.",
                    body.url
                )
            })?,
            Media::Text | Media::Other => Document {
                text: decode::text(&body.bytes, media::charset(&body.content_type)),
                ..Document::default()
            },
        };
        let mut notes = document.notes;
        if body.is_cut {
            notes.push(format!("only the first {} bytes of it were read", body.bytes.len()));
        }
        let mut text = clean::text(&document.text);
        if text.len() > MAX_TEXT_BYTES {
            notes.push(format!(
                "of its text only the first {MAX_TEXT_BYTES} of {} bytes are there",
                text.len()
            ));
            text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
        }
        Ok(FetchedPage {
            content_type: media::essence(&body.content_type),
            title: document.title.map(|title| clean::line(&title)).filter(|title| !title.is_empty()),
            bytes: body.bytes.len() as u64,
            url: body.url,
            status: body.status,
            text,
            notes,
            age_seconds: None,
        })
    }

    /// Converts a body, or says why it cannot be converted.
    async fn convert(&self, kind: Kind, body: &Body, owner: Option<Owner>) -> Result<Document, String> {
        // Never closed, so a place always comes.
        let _place = self.places.acquire().await;
        let converted = tokio::time::timeout(TIME_LIMIT, self.in_own_process(kind, body, owner)).await;
        converted.map_err(|_elapsed| "it took too long".to_owned())?.map_err(|error| error.to_string())
    }

    async fn in_own_process(&self, kind: Kind, body: &Body, owner: Option<Owner>) -> io::Result<Document> {
        let mut command = Command::new(&self.program);
        command
            .args(["convert", if kind == Kind::Pdf { "pdf" } else { "html" }, "--url", &body.url])
            .args(media::charset(&body.content_type).map(|charset| format!("--charset={charset}")))
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        if let Some(owner) = owner {
            command.uid(owner.uid).gid(owner.gid);
        }
        let mut child = command.spawn()?;
        let mut input = child.stdin.take().ok_or_else(|| io::Error::other("the converter takes no input"))?;
        let feed = async move {
            // A converter that ends early has its reason, which its status tells.
            let _ = input.write_all(&body.bytes).await;
        };
        let ((), output) = tokio::join!(feed, child.wait_with_output());
        let output = output?;
        if !output.status.success() {
            return Err(io::Error::other(match output.status.code() {
                Some(code) => format!("the converter gave it up, status {code}"),
                None => "the converter was ended for taking too much".to_owned(),
            }));
        }
        serde_json::from_slice::<Document>(&output.stdout).map_err(io::Error::other)
    }
}

/// The whole of `slipway-toolhost convert`: reads a document, writes a [`Document`] as JSON.
///
/// # Errors
/// When the document cannot be converted, or its limits cannot be set.
pub fn run(
    kind: Kind,
    url: String,
    charset: Option<String>,
    mut input: impl Read,
    mut output: impl Write,
) -> io::Result<()> {
    setrlimit(Resource::RLIMIT_AS, MAX_MEMORY, MAX_MEMORY)?;
    setrlimit(Resource::RLIMIT_CPU, CPU_SECONDS, CPU_SECONDS)?;
    setrlimit(Resource::RLIMIT_FSIZE, 0, 0)?;
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    let work = move || match kind {
        Kind::Html => Ok(html::document(&bytes, charset.as_deref(), &url)),
        Kind::Pdf => pdf::document(&bytes),
    };
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(work)?;
    let document = thread.join().map_err(|_panic| io::Error::other("the parser broke"))?;
    let document = document.map_err(io::Error::other)?;
    serde_json::to_writer(&mut output, &document)?;
    output.flush()
}
