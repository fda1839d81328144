//! What each conversation's model knows of its files: content by hash, shared and bounded.

use std::collections::HashMap;
use std::sync::Arc;

use slipway_protocol::id::ConversationId;
use slipway_protocol::view::{KnownFile, LineRange};

use super::fingerprint::hash_of;

/// Bytes of file contents that are kept; the least recently used go first. Without its snapshot an edit is
/// resolved against the disk alone.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Conversations that are kept; the least recently used goes first.
const MAX_CONVERSATIONS: usize = 256;

/// See the module.
#[derive(Default)]
pub(super) struct Snapshots {
    conversations: HashMap<ConversationId, Conversation>,
    contents: HashMap<String, Content>,
    bytes: usize,
    clock: u64,
    /// Copies that were made so far.
    copies: u64,
}

#[derive(Default)]
struct Conversation {
    files: HashMap<String, FileState>,
    used: u64,
}

#[derive(Default, Clone)]
struct FileState {
    /// Hash of what the model knows.
    seen: Option<String>,
    /// What is open of it; `None` when it is not open.
    ranges: Option<Vec<LineRange>>,
    /// Hash of the content whose lines `ranges` counts, where there are any.
    ranges_of: Option<String>,
}

/// What is open of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Open {
    /// Empty for all of it, or the beginning of a large file.
    pub(super) ranges: Vec<LineRange>,
    /// The content whose lines `ranges` counts, as far as it is still there.
    pub(super) counted: Option<Arc<[u8]>>,
}

struct Content {
    bytes: Arc<[u8]>,
    used: u64,
}

impl Snapshots {
    /// Drops what is known of a conversation's other files, and takes over what is open of these.
    pub(super) fn keep_only(&mut self, conversation: &ConversationId, files: &[&KnownFile]) {
        let state = self.conversation(conversation);
        let mut known = std::mem::take(&mut state.files);
        for file in files {
            let mut kept = known.remove(&file.path).unwrap_or_default();
            if kept.ranges.as_ref() != Some(&file.ranges) {
                kept.ranges = Some(file.ranges.clone());
                kept.ranges_of = None;
            }
            state.files.insert(file.path.clone(), kept);
        }
    }

    /// What is known of a conversation's files, under a name of its own, to be forgotten again.
    pub(super) fn copy(&mut self, conversation: &ConversationId) -> ConversationId {
        let known = self.conversations.get(conversation).map(|known| known.files.clone()).unwrap_or_default();
        self.copies += 1;
        let copy = ConversationId(format!("{conversation}/look/{}", self.copies));
        self.conversation(&copy).files = known;
        copy
    }

    pub(super) fn seen(&mut self, conversation: &ConversationId, name: &str) -> Option<Arc<[u8]>> {
        self.clock += 1;
        let hash = self.conversations.get(conversation)?.files.get(name)?.seen.as_ref()?;
        let content = self.contents.get_mut(hash)?;
        content.used = self.clock;
        Some(Arc::clone(&content.bytes))
    }

    /// What is open of a file; `None` when it is not.
    pub(super) fn open(&mut self, conversation: &ConversationId, name: &str) -> Option<Open> {
        let file = self.conversations.get(conversation)?.files.get(name)?;
        let ranges = file.ranges.clone()?;
        // Without windows it is what was shown last.
        let hash = if ranges.is_empty() { &file.seen } else { &file.ranges_of };
        let content = hash.as_ref().and_then(|hash| self.contents.get(hash));
        Some(Open { ranges, counted: content.map(|content| Arc::clone(&content.bytes)) })
    }

    pub(super) fn set_seen(&mut self, conversation: &ConversationId, name: &str, hash: &str, bytes: &[u8]) {
        self.file(conversation, name).seen = Some(hash.to_owned());
        self.keep(hash, bytes);
    }

    fn keep(&mut self, hash: &str, bytes: &[u8]) {
        let used = self.clock;
        if let Some(content) = self.contents.get_mut(hash) {
            content.used = used;
            return;
        }
        if bytes.len() > MAX_BYTES / 2 {
            return;
        }
        self.bytes += bytes.len();
        self.contents.insert(hash.to_owned(), Content { bytes: bytes.into(), used });
        while self.bytes > MAX_BYTES {
            let oldest = self.contents.iter().min_by_key(|(_, content)| content.used);
            let Some(hash) = oldest.map(|(hash, _)| hash.clone()) else { break };
            self.bytes -= self.contents.remove(&hash).map_or(0, |content| content.bytes.len());
        }
    }

    /// Notes what is open of a file whose lines these bytes hold.
    pub(super) fn set_open(
        &mut self,
        conversation: &ConversationId,
        name: &str,
        ranges: &[LineRange],
        bytes: &[u8],
    ) {
        // Without windows there are no lines to count.
        let hash = (!ranges.is_empty()).then(|| hash_of(bytes));
        let file = self.file(conversation, name);
        file.ranges = Some(ranges.to_vec());
        file.ranges_of.clone_from(&hash);
        if let Some(hash) = hash {
            self.keep(&hash, bytes);
        }
    }

    pub(super) fn close(&mut self, conversation: &ConversationId, name: &str) {
        self.conversation(conversation).files.remove(name);
    }

    pub(super) fn close_all_except(&mut self, conversation: &ConversationId, keep: &[String]) {
        self.conversation(conversation).files.retain(|name, _| keep.contains(name));
    }

    pub(super) fn open_below(&self, conversation: &ConversationId, directory: &str) -> Vec<String> {
        let files = self.conversations.get(conversation).into_iter().flat_map(|state| &state.files);
        let below = |name: &str| name.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'));
        let mut names: Vec<String> = files
            .filter(|(name, file)| file.ranges.is_some() && below(name))
            .map(|(name, _)| name.clone())
            .collect();
        names.sort();
        names
    }

    pub(super) fn forget(&mut self, conversation: &ConversationId) {
        self.conversations.remove(conversation);
    }

    fn file(&mut self, conversation: &ConversationId, name: &str) -> &mut FileState {
        self.conversation(conversation).files.entry(name.to_owned()).or_default()
    }

    fn conversation(&mut self, id: &ConversationId) -> &mut Conversation {
        self.clock += 1;
        if self.conversations.len() >= MAX_CONVERSATIONS && !self.conversations.contains_key(id) {
            let oldest = self.conversations.iter().min_by_key(|(_, conversation)| conversation.used);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                self.conversations.remove(&oldest);
            }
        }
        let conversation = self.conversations.entry(id.clone()).or_default();
        conversation.used = self.clock;
        conversation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_contents_go_first() {
        let mut snapshots = Snapshots::default();
        let conversation = ConversationId::from("conv_1");
        let third = vec![0; MAX_BYTES * 2 / 5];
        for name in ["a", "b"] {
            snapshots.set_seen(&conversation, name, name, &third);
        }
        assert!(snapshots.seen(&conversation, "a").is_some());
        snapshots.set_seen(&conversation, "c", "c", &third);
        let kept = ["a", "b", "c"].map(|name| snapshots.seen(&conversation, name).is_some());
        assert_eq!(kept, [true, false, true]);
    }

    #[test]
    fn only_so_many_conversations_are_kept() {
        let mut snapshots = Snapshots::default();
        for number in 0..=MAX_CONVERSATIONS {
            snapshots.set_open(&ConversationId(number.to_string()), "a", &[], b"");
        }
        assert_eq!(snapshots.open(&ConversationId::from("0"), "a"), None);
        assert_eq!(
            snapshots.open(&ConversationId::from("1"), "a"),
            Some(Open { ranges: Vec::new(), counted: None })
        );
    }
}
