//! Living tool state: numbered renderings of the files that a model has open, renewed when the disk changes.
//!
//! [`Views::refresh`] answers which open files need a new view. It also remembers the bytes that were
//! rendered, because line numbers in a model's next edit refer to those ([`Views::seen`]), and which parts
//! of large files are open ([`Views::open_ranges`]).

mod content;
mod fingerprint;
mod follow;
mod ranges;
mod render;
mod snapshots;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use slipway_protocol::credentials::hide_tokens;
use slipway_protocol::id::ConversationId;
use slipway_protocol::view::{
    KnownFile, LineRange, RefreshViews, RefreshedViews, RenderedContent, RenderedFile,
};

pub use self::content::FileKind;
pub use self::ranges::{Change, merged, shifted};
pub use self::render::{Shown, shown};

use self::fingerprint::{Fingerprints, Stamp, hash_of};
use self::follow::{followed, unshown};
use self::snapshots::{Open, Snapshots};
use crate::bounds::ViewBounds;
use crate::edit::Document;
use crate::workspace::{Access, MAX_FILE_BYTES, Workspace, read_regular};

/// Content hash of a file that does not exist.
const MISSING: &str = "missing";

/// What the host knows of its conversations' open files.
#[derive(Default)]
pub struct Views {
    snapshots: Mutex<Snapshots>,
    fingerprints: Mutex<Fingerprints>,
    bounds: ViewBounds,
}

impl Views {
    /// Nothing is open yet; views have these bounds.
    pub fn new(bounds: ViewBounds) -> Self {
        Self { bounds, ..Self::default() }
    }

    /// How much of files is shown.
    pub fn bounds(&self) -> ViewBounds {
        self.bounds
    }

    /// Compares open files with the disk and renders those that need a new view, sorted by path. Reads
    /// files: call it where blocking is allowed, as the workspace's owner. Where the request only looks, what is
    /// known of the conversation stays as it is.
    pub fn refresh(&self, workspace: &Workspace, request: &RefreshViews) -> RefreshedViews {
        let mut files: Vec<&KnownFile> = request.files.iter().collect();
        files.sort_by(|left, right| left.path.cmp(&right.path));
        files.dedup_by(|left, right| left.path == right.path);
        let copy = request.only_look.then(|| self.snapshots().copy(&request.conversation_id));
        let conversation = copy.as_ref().unwrap_or(&request.conversation_id);
        self.snapshots().keep_only(conversation, &files);
        let views = files.into_iter().filter_map(|file| self.refresh_file(workspace, conversation, file));
        let views = views.collect();
        if let Some(copy) = &copy {
            self.snapshots().forget(copy);
        }
        RefreshedViews { views }
    }

    /// The bytes of a file as the conversation's model was last shown or told them.
    pub fn seen(&self, conversation: &ConversationId, name: &str) -> Option<Arc<[u8]>> {
        self.snapshots().seen(conversation, name)
    }

    /// Notes that the conversation's model knows a file's bytes: it was shown them, or wrote them.
    pub fn set_seen(&self, conversation: &ConversationId, name: &str, bytes: &[u8]) {
        self.snapshots().set_seen(conversation, name, &hash_of(bytes), bytes);
    }

    /// The parts that are open of a file which now holds `bytes`: `None` when it is not open, empty when all
    /// of it is, or the beginning of a large file.
    pub fn open_ranges(
        &self,
        conversation: &ConversationId,
        name: &str,
        bytes: &[u8],
    ) -> Option<Vec<LineRange>> {
        let Open { ranges, counted } = self.snapshots().open(conversation, name)?;
        Some(followed(counted.as_deref().unwrap_or(bytes), bytes, &ranges, self.bounds))
    }

    /// Notes that a file which holds `bytes`, or parts of it, are open.
    pub fn set_open(&self, conversation: &ConversationId, name: &str, ranges: &[LineRange], bytes: &[u8]) {
        self.snapshots().set_open(conversation, name, ranges, bytes);
    }

    /// Notes that a file is closed.
    pub fn close(&self, conversation: &ConversationId, name: &str) {
        self.snapshots().close(conversation, name);
    }

    /// Notes that only these files are still open.
    pub fn close_all_except(&self, conversation: &ConversationId, keep: &[String]) {
        self.snapshots().close_all_except(conversation, keep);
    }

    /// The open files of a conversation that lie below a directory.
    pub fn open_below(&self, conversation: &ConversationId, directory: &str) -> Vec<String> {
        self.snapshots().open_below(conversation, directory)
    }

    /// Forgets a conversation.
    pub fn forget(&self, conversation: &ConversationId) {
        self.snapshots().forget(conversation);
    }

    fn refresh_file(
        &self,
        workspace: &Workspace,
        conversation: &ConversationId,
        file: &KnownFile,
    ) -> Option<RenderedFile> {
        let current = self.load(workspace, file)?;
        let mut open = Followed { ranges: file.ranges.clone(), left_out: Vec::new() };
        if let Current::Text { bytes, hash } = &current {
            open = self.follow(conversation, file, bytes);
            self.snapshots().set_seen(conversation, &file.path, hash, bytes);
        }
        let known = file.content_hash.as_deref() == Some(current.hash().as_str());
        (!known || file.ranges_changed).then(|| current.render(file, open, self.bounds))
    }

    /// What is to be shown of a file that may have been changed by something else than its tools.
    fn follow(&self, conversation: &ConversationId, file: &KnownFile, bytes: &[u8]) -> Followed {
        let counted = self.snapshots().open(conversation, &file.path).and_then(|open| open.counted);
        let ranges = followed(counted.as_deref().unwrap_or(bytes), bytes, &file.ranges, self.bounds);
        // Tools may have counted the windows in newer bytes than the model has seen.
        let seen = self.snapshots().seen(conversation, &file.path);
        let left_out = seen.map(|seen| unshown(&seen, bytes, &ranges, self.bounds)).unwrap_or_default();
        self.snapshots().set_open(conversation, &file.path, &ranges, bytes);
        Followed { ranges, left_out }
    }

    /// The file as it is now; `None` when it certainly is as the model knows it.
    fn load(&self, workspace: &Workspace, file: &KnownFile) -> Option<Current> {
        let place = match workspace.resolve(&file.path, Access::Read) {
            Ok(place) => place,
            Err(error) => return Some(Current::Unreadable { reason: error.to_string(), bytes: 0 }),
        };
        let stamp = match Stamp::of(&place.absolute) {
            Ok(stamp) => stamp,
            Err(error) => return Some(Current::failed(&error, 0)),
        };
        let cached = self.fingerprints().get(&place.absolute, &stamp);
        if cached.is_some() && cached == file.content_hash && !file.ranges_changed {
            return None;
        }
        Some(match read_regular(&place.absolute) {
            Ok((bytes, _)) => self.inspect(&place.absolute, stamp, bytes),
            Err(error) => Current::failed(&error, stamp.bytes()),
        })
    }

    fn inspect(&self, path: &Path, stamp: Stamp, bytes: Vec<u8>) -> Current {
        match FileKind::of(&bytes).refusal() {
            Some(reason) => Current::Unreadable { reason, bytes: bytes.len() as u64 },
            None => {
                let hash = hash_of(&bytes);
                self.fingerprints().set(path, stamp, &hash);
                Current::Text { bytes, hash }
            }
        }
    }

    fn snapshots(&self) -> MutexGuard<'_, Snapshots> {
        self.snapshots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fingerprints(&self) -> MutexGuard<'_, Fingerprints> {
        self.fingerprints.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is to be shown of a file that was changed.
struct Followed {
    /// Lines to show from now on; empty means all, or the beginning of a large file.
    ranges: Vec<LineRange>,
    /// Lines that were changed since the last view and are not shown, because they are too many.
    left_out: Vec<LineRange>,
}

/// A file as the disk has it now.
enum Current {
    Text { bytes: Vec<u8>, hash: String },
    Missing,
    Unreadable { reason: String, bytes: u64 },
}

impl Current {
    fn failed(error: &io::Error, bytes: u64) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Self::Missing,
            io::ErrorKind::FileTooLarge => {
                Self::Unreadable { reason: format!("larger than {} MiB", MAX_FILE_BYTES >> 20), bytes }
            }
            io::ErrorKind::PermissionDenied => {
                Self::Unreadable { reason: "permission denied".to_owned(), bytes }
            }
            _ => Self::Unreadable { reason: error.to_string(), bytes },
        }
    }

    /// Equal hashes mean equal views. That of a file which is not shown is not of its bytes: nothing that
    /// is shown changes when they do.
    fn hash(&self) -> String {
        match self {
            Self::Text { hash, .. } => hash.clone(),
            Self::Missing => MISSING.to_owned(),
            Self::Unreadable { reason, .. } => hash_of(reason.as_bytes()),
        }
    }

    fn render(self, file: &KnownFile, open: Followed, bounds: ViewBounds) -> RenderedFile {
        let content_hash = self.hash();
        let (lines, bytes, content) = match self {
            Self::Missing => (0, 0, RenderedContent::Missing),
            Self::Unreadable { reason, bytes } => (0, bytes, RenderedContent::Unreadable { reason }),
            Self::Text { bytes, .. } => {
                let document = Document::parse(&bytes);
                let lines = u32::try_from(document.lines.len()).unwrap_or(u32::MAX);
                let mut text = render::render(&document, bytes.len(), &open.ranges, bounds);
                text.push_str(&render::left_out(&open.left_out));
                let text = hide_tokens(&text).into_owned();
                (lines, bytes.len() as u64, RenderedContent::Text { text })
            }
        };
        let ranges = (open.ranges != file.ranges).then_some(open.ranges);
        RenderedFile { path: file.path.clone(), content_hash, lines, bytes, content, ranges }
    }
}

#[cfg(test)]
mod tests;
