//! An alternative that was measured and not taken: after an edit only the part of a file is shown whose
//! numbered lines are not visible in an earlier view any more. The whole file is shown again after some such
//! pieces or when they have grown too large.

use std::collections::HashMap;

use slipway_protocol::transcript::{ContextChange, Entry, View};
use slipway_protocol::view::{RenderedContent, ViewChange};

/// Pieces after which the whole file is shown again.
const MOST_PIECES: usize = 6;

/// Share of the file that its pieces may take up together.
const MOST_GROWTH: f64 = 0.35;

/// How much a piece shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// From the first changed line to the last line whose number or text changed: always true.
    Rest,
    /// The changed lines with a few around; the numbers behind them in the earlier view are off, and the piece
    /// says by how much.
    Hunk,
}

/// Lines shown around a hunk.
const AROUND: usize = 10;

#[derive(Default)]
struct Shown<'a> {
    text: &'a str,
    /// First line and characters of each piece, and the path under which it stands in the context.
    pieces: Vec<(usize, usize, String)>,
}

/// The session with pieces instead of whole views where that is less.
pub(crate) fn with_pieces(entries: &[Entry], piece: Piece) -> Vec<Entry> {
    let mut files: HashMap<&str, Shown<'_>> = HashMap::new();
    let mut shown = Vec::with_capacity(entries.len());
    for entry in entries {
        match entry {
            Entry::View(view) => show(view, piece, &mut files, &mut shown),
            Entry::ToolResult(result) => {
                shown.push(entry.clone());
                for change in &result.outcome.view_changes {
                    if let ViewChange::Close { path } = change
                        && let Some(file) = files.remove(path.as_str())
                    {
                        close(file.pieces, &mut shown);
                    }
                }
            }
            other => shown.push(other.clone()),
        }
    }
    shown
}

fn show<'a>(view: &'a View, piece: Piece, files: &mut HashMap<&'a str, Shown<'a>>, shown: &mut Vec<Entry>) {
    let RenderedContent::Text { text } = &view.file.content else { return };
    let path = view.file.path.as_str();
    let Some(file) = files.get_mut(path) else {
        files.insert(path, Shown { text, pieces: Vec::new() });
        shown.push(Entry::View(view.clone()));
        return;
    };
    let (start, part) = changed(file.text, text, piece);
    let hidden = |first: usize| piece == Piece::Rest && first >= start;
    let (old, mut kept): (Vec<_>, Vec<_>) =
        std::mem::take(&mut file.pieces).into_iter().partition(|(first, _, _)| hidden(*first));
    close(old, shown);
    let grown: usize = kept.iter().map(|(_, characters, _)| characters).sum::<usize>() + part.len();
    #[expect(clippy::cast_precision_loss, reason = "files are far below 2^52")]
    let too_much = kept.len() >= MOST_PIECES || grown as f64 > limit(piece) * text.len() as f64;
    file.text = text;
    if too_much {
        close(kept, shown);
        shown.push(Entry::View(view.clone()));
        return;
    }
    let name = format!("{path} from line {start}");
    let mut partial = view.clone();
    partial.file.path.clone_from(&name);
    partial.file.content = RenderedContent::Text { text: part.clone() };
    kept.push((start, part.len(), name));
    file.pieces = kept;
    shown.push(Entry::View(partial));
}

/// A piece that goes on to the end of the file may be larger than one that shows a hunk.
fn limit(piece: Piece) -> f64 {
    match piece {
        Piece::Rest => 0.8,
        Piece::Hunk => MOST_GROWTH,
    }
}

fn close(pieces: Vec<(usize, usize, String)>, shown: &mut Vec<Entry>) {
    if !pieces.is_empty() {
        let paths = pieces.into_iter().map(|(_, _, name)| name).collect();
        shown.push(Entry::ContextChange(ContextChange::Evict { paths }));
    }
}

/// The first line, from 0, and the text of what is to be shown again.
fn changed(old: &str, new: &str, piece: Piece) -> (usize, String) {
    let (before, after): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let head = before.iter().zip(&after).take_while(|(old, new)| old == new).count();
    let alike: fn(&str, &str) -> bool = match piece {
        Piece::Rest => |old, new| old == new,
        Piece::Hunk => {
            |old, new| old.split_once('\t').map(|line| line.1) == new.split_once('\t').map(|line| line.1)
        }
    };
    let most = before.len().min(after.len()) - head;
    let from_end = before.iter().rev().zip(after.iter().rev()).take(most);
    let tail = from_end.take_while(|(old, new)| alike(old, new)).count();
    // Without a shift, what follows keeps its numbers.
    let around = if piece == Piece::Hunk { AROUND } else { 0 };
    let start = head.saturating_sub(around);
    let end = (after.len() - tail + around).min(after.len());
    let part = after.get(start..end).unwrap_or_default().join("\n");
    (start, part + "\n")
}
