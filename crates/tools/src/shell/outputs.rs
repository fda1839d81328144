//! The files that hold long outputs: all shells together keep only so much of them on the disk.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The outputs of commands that have ended, oldest first. They take up only so much; the oldest make room.
pub(super) struct KeptOutputs {
    files: Mutex<VecDeque<Kept>>,
    most_bytes: u64,
}

struct Kept {
    path: PathBuf,
    bytes: u64,
}

impl KeptOutputs {
    /// None yet; they may take up `most_bytes`.
    pub(super) fn new(most_bytes: u64) -> Self {
        Self { files: Mutex::default(), most_bytes }
    }

    /// Counts a file that will not grow any more, and removes the oldest ones if there is too much now.
    pub(super) fn add(&self, path: &Path) {
        let Ok(metadata) = std::fs::metadata(path) else { return };
        let mut kept = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(Kept { path: path.to_owned(), bytes: metadata.len() });
        for path in surplus(&mut kept, self.most_bytes) {
            // It may be gone with its conversation.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// Takes out what must go so that the rest fits; the newest one always stays.
fn surplus(kept: &mut VecDeque<Kept>, limit: u64) -> Vec<PathBuf> {
    let mut total: u64 = kept.iter().map(|file| file.bytes).sum();
    let mut gone = Vec::new();
    while total > limit && kept.len() > 1 {
        let Some(oldest) = kept.pop_front() else { break };
        total -= oldest.bytes;
        gone.push(oldest.path);
    }
    gone
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_files_make_room() {
        let file = |name: &str, bytes| Kept { path: name.into(), bytes };
        let mut kept = VecDeque::from([file("a", 40), file("b", 40), file("c", 40)]);
        assert_eq!(surplus(&mut kept, 120), Vec::<PathBuf>::new());
        kept.push_back(file("d", 50));
        assert_eq!(surplus(&mut kept, 120), [PathBuf::from("a"), "b".into()]);
        kept.push_back(file("e", 500));
        assert_eq!(surplus(&mut kept, 120), [PathBuf::from("c"), "d".into()]);
        assert_eq!(kept.len(), 1);
    }
}
