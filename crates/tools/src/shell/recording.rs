//! The output of one command: its beginning and end in memory, all of it in a file when it is long.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::screen::ScreenWatch;
use crate::bounds::OutputBounds;

/// Most bytes that wait for the person's live view; beyond that the oldest are dropped.
const MAX_LIVE_BYTES: usize = 64 * 1024;

/// Output of one command, filled by the terminal's reader.
pub(crate) struct Recording {
    head: Vec<u8>,
    tail: Vec<u8>,
    total: u64,
    live: Vec<u8>,
    file: OutputFile,
    path: PathBuf,
    bounds: OutputBounds,
    last_output: Instant,
    pub(super) screen: ScreenWatch,
}

enum OutputFile {
    /// Everything is still in memory.
    NotNeeded,
    Open {
        file: File,
        written: u64,
    },
    /// The disk refused, for this reason; what was written is gone.
    Failed(String),
}

/// A part of the output as it is kept: all of it, or its two ends.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    /// The first bytes.
    pub(crate) head: Vec<u8>,
    /// Bytes between head and tail that are left out.
    pub(crate) omitted: u64,
    /// The last bytes; empty when nothing is left out.
    pub(crate) tail: Vec<u8>,
}

impl Kept {
    /// Takes a character at the end away that is not whole yet; its bytes.
    pub(crate) fn cut_open_character(&mut self) -> u64 {
        let last = if self.tail.is_empty() { &mut self.head } else { &mut self.tail };
        let cut = last.len() - complete_utf8(last);
        last.truncate(last.len() - cut);
        cut as u64
    }
}

impl Recording {
    /// An empty recording whose file, should it need one, is at `path`.
    pub(super) fn new(path: PathBuf, bounds: OutputBounds) -> Self {
        Self {
            head: Vec::new(),
            tail: Vec::new(),
            total: 0,
            live: Vec::new(),
            file: OutputFile::NotNeeded,
            path,
            bounds,
            last_output: Instant::now(),
            screen: ScreenWatch::default(),
        }
    }

    /// Takes the next bytes.
    pub(super) fn append(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        self.last_output = Instant::now();
        self.screen.feed(bytes);
        self.push_live(bytes);
        let kept = self.bounds.memory_bytes();
        let room = kept - self.head.len();
        let (first, rest) = bytes.split_at(room.min(bytes.len()));
        self.head.extend_from_slice(first);
        if matches!(self.file, OutputFile::NotNeeded) && self.tail.len() + rest.len() > kept {
            // Up to here head and tail are everything, so the file can still begin at the beginning.
            self.file = self.open_file();
        }
        self.tail.extend_from_slice(rest);
        if self.tail.len() > 2 * kept {
            self.tail.drain(..self.tail.len() - kept);
        }
        self.write(bytes);
    }

    /// Where the file is, or would be.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How much of it is shown and kept.
    pub(super) fn bounds(&self) -> OutputBounds {
        self.bounds
    }

    /// Bytes that came so far.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// When the last byte came, or when the command began.
    pub(super) fn last_output(&self) -> Instant {
        self.last_output
    }

    /// Whether the cursor stands behind text, as after a prompt.
    pub(super) fn line_is_unfinished(&self) -> bool {
        self.tail.last().or(self.head.last()).is_some_and(|last| *last != b'\n')
    }

    /// Whether the last line is this text, or ends with it.
    pub(super) fn ends_in(&self, text: &[u8]) -> bool {
        let newest = if self.tail.is_empty() { &self.head } else { &self.tail };
        newest.trim_ascii_end().ends_with(text)
    }

    /// Takes what came since the last call, for the person's live view. An unfinished UTF-8 character at
    /// the end stays until its rest has come, unless `everything` is asked for.
    pub(super) fn take_live(&mut self, everything: bool) -> String {
        let end = if everything { self.live.len() } else { complete_utf8(&self.live) };
        let rest = self.live.split_off(end);
        let bytes = std::mem::replace(&mut self.live, rest);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Gives text back that could not be passed on.
    pub(super) fn return_live(&mut self, text: String) {
        let mut bytes = text.into_bytes();
        bytes.append(&mut self.live);
        self.live = bytes;
        self.limit_live();
    }

    /// The output from byte `from` on, as much of either end as is kept in memory.
    pub(crate) fn since(&self, from: u64) -> Kept {
        let tail_start = self.total - self.tail.len() as u64;
        let head = slice_from(&self.head, from);
        if tail_start <= self.head.len() as u64 {
            // Nothing is missing between the two.
            let mut all = head.to_vec();
            all.extend_from_slice(slice_from(&self.tail, from.saturating_sub(tail_start)));
            return Kept { head: all, omitted: 0, tail: Vec::new() };
        }
        let wanted_tail = slice_from(&self.tail, from.saturating_sub(tail_start));
        let skipped_from = from.max(self.head.len() as u64);
        let omitted = tail_start.saturating_sub(skipped_from);
        Kept { head: head.to_vec(), omitted, tail: wanted_tail.to_vec() }
    }

    /// The file with the whole output (as much as its bounds allow), writing it now if it was not needed so far. `None`
    /// when the disk refused.
    pub(crate) fn full_output(&mut self) -> Option<&Path> {
        if matches!(self.file, OutputFile::NotNeeded) {
            self.file = self.open_file();
        }
        match self.file {
            OutputFile::Open { .. } => Some(&self.path),
            OutputFile::NotNeeded | OutputFile::Failed(_) => None,
        }
    }

    /// Why there is no such file.
    pub(crate) fn refusal(&self) -> Option<&str> {
        match &self.file {
            OutputFile::Failed(reason) => Some(reason),
            OutputFile::NotNeeded | OutputFile::Open { .. } => None,
        }
    }

    fn push_live(&mut self, bytes: &[u8]) {
        self.live.extend_from_slice(bytes);
        self.limit_live();
    }

    fn limit_live(&mut self) {
        if self.live.len() > 2 * MAX_LIVE_BYTES {
            let dropped = self.live.len() - MAX_LIVE_BYTES;
            self.live.drain(..dropped);
            let note = format!("\r\n[… {dropped} bytes not shown live …]\r\n");
            self.live.splice(..0, note.into_bytes());
        }
    }

    /// Creates the file with what is in memory. Readable by the shell's user, writable by the host only.
    fn open_file(&self) -> OutputFile {
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o644).open(&self.path);
        let written = opened.and_then(|mut file| {
            file.write_all(&self.head)?;
            file.write_all(&self.tail)?;
            Ok(file)
        });
        match written {
            Ok(file) => OutputFile::Open { file, written: (self.head.len() + self.tail.len()) as u64 },
            Err(error) => self.given_up(&error),
        }
    }

    /// Leaves nothing behind on a disk that has no room for all of it.
    fn given_up(&self, error: &io::Error) -> OutputFile {
        tracing::warn!(path = %self.path.display(), %error, "cannot keep the whole output");
        let _ = std::fs::remove_file(&self.path);
        OutputFile::Failed(error.to_string())
    }

    fn write(&mut self, bytes: &[u8]) {
        let OutputFile::Open { file, written } = &mut self.file else { return };
        // The file may have been created from memory with these bytes already in the head.
        let start = self.total - bytes.len() as u64;
        let fresh = slice_from(bytes, written.saturating_sub(start));
        let room = usize::try_from(self.bounds.file_bytes().saturating_sub(*written)).unwrap_or(usize::MAX);
        let fresh = fresh.get(..room).unwrap_or(fresh);
        match file.write_all(fresh) {
            Ok(()) => *written += fresh.len() as u64,
            Err(error) => self.file = self.given_up(&error),
        }
    }
}

fn slice_from(bytes: &[u8], from: u64) -> &[u8] {
    usize::try_from(from).ok().and_then(|from| bytes.get(from..)).unwrap_or_default()
}

/// Length of the bytes without a character at the end that is still incomplete.
fn complete_utf8(bytes: &[u8]) -> usize {
    match bytes.utf8_chunks().last() {
        Some(last)
            if !last.invalid().is_empty()
                && std::str::from_utf8(last.invalid()).is_err_and(|error| error.error_len().is_none())
                && bytes.ends_with(last.invalid()) =>
        {
            bytes.len() - last.invalid().len()
        }
        _ => bytes.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording() -> (tempfile::TempDir, Recording) {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let recording = Recording::new(directory.path().join("out.log"), OutputBounds::default());
        (directory, recording)
    }

    fn text(kept: &Kept) -> String {
        String::from_utf8_lossy(&[kept.head.clone(), kept.tail.clone()].concat()).into_owned()
    }

    #[test]
    fn short_output_stays_in_memory() {
        let (directory, mut recording) = recording();
        recording.append(b"hello ");
        recording.append(b"world\n");
        assert_eq!(text(&recording.since(0)), "hello world\n");
        assert_eq!(text(&recording.since(6)), "world\n");
        assert_eq!(recording.since(12).head, b"");
        assert_eq!(std::fs::read_dir(directory.path()).expect("listing").count(), 0);
    }

    #[test]
    fn long_output_keeps_both_ends_and_a_complete_file() {
        let (_directory, mut recording) = recording();
        let mut all = Vec::new();
        for number in 0..40_000 {
            let line = format!("{number}\n");
            recording.append(line.as_bytes());
            all.extend_from_slice(line.as_bytes());
        }
        let kept = recording.since(0);
        let in_memory = recording.bounds().memory_bytes();
        assert_eq!(kept.head, all[..in_memory]);
        assert!(kept.tail.len() >= in_memory && all.ends_with(&kept.tail));
        assert_eq!(kept.head.len() as u64 + kept.omitted + kept.tail.len() as u64, all.len() as u64);
        let path = recording.full_output().expect("a file").to_owned();
        assert_eq!(std::fs::read(path).expect("the file"), all);
    }

    #[test]
    fn since_counts_what_it_leaves_out_from_where_it_starts() {
        let (_directory, mut recording) = recording();
        recording.append(&vec![b'x'; 200_000]);
        let kept = recording.since(50_000);
        assert!(kept.head.is_empty());
        assert_eq!(50_000 + kept.omitted + kept.tail.len() as u64, 200_000);
    }

    #[test]
    fn live_text_is_cut_between_characters_and_bounded() {
        let (_directory, mut recording) = recording();
        recording.append("né".as_bytes().get(..2).expect("two bytes"));
        assert_eq!(recording.take_live(false), "n");
        recording.append(&[0xa9, b'!']);
        assert_eq!(recording.take_live(false), "é!");
        recording.append(&vec![b'x'; 1_000_000]);
        let live = recording.take_live(true);
        assert!(live.len() < 2 * MAX_LIVE_BYTES && live.contains("not shown live"), "{}", live.len());
    }
}
