//! States of the workspace as objects that are named by their content, and what gateway and tool host say to
//! each other about them.
//!
//! A state is a [`Tree`] of the workspace's root. Trees name other trees and file contents by [`ObjectId`], so
//! two states share all that they have in common, and comparing them costs only what differs. Ids are SHA-256:
//! of a file's bytes, or of [`Tree::encode`].
//!
//! The tool host serves: `POST /v1/checkpoints/scan` answering a [`Scan`] of the present state;
//! `POST /v1/checkpoints/objects` with [`WantedObjects`], answering frames (see [`ObjectFrame`]) with those
//! objects of its newest scan; `POST /v1/checkpoints/apply` with frames of [`Operation`]s (see
//! [`OperationFrame`]), answering [`Applied`].

mod hex;
mod tree;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use self::tree::{Malformed, Tree};

/// Largest file whose content is kept, in bytes. Larger ones are named in a state, but cannot be restored.
pub const MAX_CONTENT_BYTES: u64 = 16 * 1024 * 1024;

/// Largest tree in its encoded form, in bytes: one directory's entries.
pub const MAX_TREE_BYTES: u64 = 64 * 1024 * 1024;

/// SHA-256 of an object; 64 hexadecimal digits on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(pub [u8; 32]);

/// A text that is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an object's id is 64 hexadecimal digits")]
pub struct NoObjectId;

impl fmt::Display for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for ObjectId {
    type Err = NoObjectId;

    fn from_str(text: &str) -> Result<Self, NoObjectId> {
        let bytes = hex::decode(text).ok_or(NoObjectId)?;
        bytes.try_into().map(Self).map_err(|_| NoObjectId)
    }
}

impl Serialize for ObjectId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What is at a path. Modes are the permission bits, those for set-user-id and the like included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Node {
    /// A regular file.
    File {
        /// Permission bits.
        mode: u32,
        /// Size in bytes.
        size: u64,
        /// Its content.
        content: ObjectId,
    },
    /// A symbolic link.
    Link {
        /// Where it points to, as bytes.
        #[serde(with = "hex")]
        target: Vec<u8>,
    },
    /// A directory.
    Directory {
        /// Permission bits.
        mode: u32,
        /// What is in it.
        tree: ObjectId,
    },
    /// A regular file whose content is not kept.
    Unkept {
        /// Permission bits.
        mode: u32,
        /// Size in bytes.
        size: u64,
        /// Last change in ns since the epoch: with the size, what tells that it changed.
        modified_ns: i64,
        /// Why.
        reason: UnkeptReason,
    },
}

/// Why a file's content is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnkeptReason {
    /// It is larger than [`MAX_CONTENT_BYTES`].
    TooLarge,
    /// It may not be read.
    Unreadable,
    /// It changed whenever it was read.
    Changing,
}

impl Node {
    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        matches!(self, Self::Directory { .. })
    }

    /// The content of a regular file, where that is kept.
    pub fn content(&self) -> Option<ObjectId> {
        match self {
            Self::File { content, .. } => Some(*content),
            Self::Link { .. } | Self::Directory { .. } | Self::Unkept { .. } => None,
        }
    }

    /// Whether both are the same thing, what lies below directories left aside.
    pub fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Directory { mode, .. }, Self::Directory { mode: other, .. }) => mode == other,
            _ => self == other,
        }
    }
}

/// Answer of `POST /v1/checkpoints/scan`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// The state's root.
    pub root: ObjectId,
    /// How many files and links it has.
    pub files: u64,
    /// Files whose content is not kept, the first [`MAX_UNKEPT_NAMED`] of them.
    pub unkept: Vec<UnkeptFile>,
    /// How many such files there are.
    pub unkept_count: u64,
}

/// Most files without content that a scan names.
pub const MAX_UNKEPT_NAMED: usize = 100;

/// A file whose content is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UnkeptFile {
    /// Its path in the workspace.
    pub path: String,
    /// Why.
    pub reason: UnkeptReason,
}

/// Body of `POST /v1/checkpoints/objects`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedObjects {
    /// Trees.
    pub trees: Vec<ObjectId>,
    /// File contents.
    pub contents: Vec<ObjectId>,
}

/// Before each object of the answer: a line of JSON, followed by `length` bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectFrame {
    /// Which object.
    pub id: ObjectId,
    /// Its size; `None` when it is not there (any more): a file that changed since the scan.
    pub length: Option<u64>,
}

/// A change to one path, made only where the path is as expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// The path below the workspace's root, as bytes.
    #[serde(with = "hex")]
    pub path: Vec<u8>,
    /// What should be there now; `None` for nothing.
    pub expected: Option<Node>,
    /// What should be there then; `None` for nothing. A directory's `tree` means nothing here.
    pub wanted: Option<Node>,
}

/// Before each operation: a line of JSON, followed by `length` bytes of content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationFrame {
    /// What to do.
    pub operation: Operation,
    /// Size of the content that follows; 0 where none is needed.
    pub length: u64,
}

/// Answer of `POST /v1/checkpoints/apply`: one outcome for each operation, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// How each went.
    pub outcomes: Vec<Outcome>,
}

/// How an operation went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Outcome {
    /// The path is as wanted.
    Done,
    /// The path is not as expected; nothing was done.
    Changed,
    /// A directory is not removed because something is in it that states leave out.
    NotEmpty,
    /// It cannot be done.
    Failed {
        /// Why.
        reason: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_hexadecimal() {
        let text = "00ff".repeat(16);
        let id: ObjectId = text.parse().expect("an id");
        assert_eq!((id.to_string(), id.0[1]), (text, 255));
        for wrong in ["", "00", &"0g".repeat(32), &"0".repeat(63), &"00".repeat(33), &"é".repeat(32)] {
            assert_eq!(wrong.parse::<ObjectId>(), Err(NoObjectId), "{wrong}");
        }
    }

    #[test]
    fn bytes_of_paths_survive_json() {
        let operation = Operation {
            path: b"a/\xff\n".to_vec(),
            expected: None,
            wanted: Some(Node::Link { target: b"\xfe".to_vec() }),
        };
        let json = serde_json::to_string(&operation).expect("JSON");
        assert_eq!(serde_json::from_str::<Operation>(&json).expect("the same"), operation);
    }
}
