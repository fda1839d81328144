//! What is in a file: now, and as it was committed.

use std::fs;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;

use super::command::{Git, GitError};
use crate::workspace::{Access, Workspace, open_regular};

/// Most bytes of a text that is looked into.
const MAX_BYTES: u64 = 4 << 20;
/// A zero byte among so many first ones makes a content binary, as git has it.
const LOOKED_AT: usize = 8_000;

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// There is none.
    None,
    /// The bytes; of a link, where it leads.
    Bytes(Vec<u8>),
    /// There is more than is looked into.
    TooLarge,
}

/// What is at a path of the workspace. To be called as its owner.
pub(super) fn now(workspace: &Workspace, path: &str) -> Content {
    let Ok(place) = workspace.resolve_entry_inside(path, Access::Read) else { return Content::None };
    let Ok(metadata) = fs::symlink_metadata(&place.absolute) else { return Content::None };
    if metadata.is_symlink() {
        let target = fs::read_link(&place.absolute).ok();
        return target.map_or(Content::None, |target| Content::Bytes(target.as_os_str().as_bytes().to_vec()));
    }
    if metadata.len() > MAX_BYTES {
        return Content::TooLarge;
    }
    let Ok((file, _)) = open_regular(&place.absolute) else { return Content::None };
    let mut bytes = Vec::new();
    match file.take(MAX_BYTES + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 > MAX_BYTES => Content::TooLarge,
        Ok(_) => Content::Bytes(bytes),
        Err(_) => Content::None,
    }
}

/// What is committed at a path of the repository.
///
/// # Errors
/// When git does not tell.
pub(super) async fn committed(git: &Git<'_>, path: &str) -> Result<Content, GitError> {
    const MAX_LINE: usize = 16 << 10;
    let listed = match git.print(["ls-tree", "-z", "--full-tree", "-l", "HEAD", "--", path], MAX_LINE).await {
        Ok(listed) => listed.bytes,
        // There is no commit yet, or git would have said so before.
        Err(GitError::Failed { .. }) => return Ok(Content::None),
        Err(error) => return Err(error),
    };
    let line = String::from_utf8_lossy(&listed);
    let mut fields = line.split(['\t', '\0']).next().unwrap_or_default().split_ascii_whitespace();
    let (Some(_mode), Some("blob"), Some(id), Some(size)) =
        (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return Ok(Content::None);
    };
    if size.parse::<u64>().is_ok_and(|size| size > MAX_BYTES) {
        return Ok(Content::TooLarge);
    }
    let most = usize::try_from(MAX_BYTES).unwrap_or(usize::MAX);
    let printed = git.print(["cat-file", "blob", id], most).await?;
    Ok(if printed.is_cut { Content::TooLarge } else { Content::Bytes(printed.bytes) })
}

/// Whether it is no text.
pub(super) fn is_binary(bytes: &[u8]) -> bool {
    bytes.iter().take(LOOKED_AT).any(|byte| *byte == 0)
}

/// How many lines a text has; a last one without an end counts.
pub(super) fn lines(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.split_inclusive(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
}
