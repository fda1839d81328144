//! What changed, for the person's eyes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use similar::{DiffOp, group_diff_ops};

use super::document::{Document, Line};
use super::rebase::diff;

/// Unchanged lines shown around each change.
const CONTEXT: usize = 3;

/// `data` of the outcome of a tool that changed a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EditData {
    /// The file, as the model called it.
    pub path: String,
    /// Number of lines added.
    pub added: usize,
    /// Number of lines removed.
    pub removed: usize,
    /// Whether the call was corrected: the model's numbers, anchors or indentation were not those applied.
    pub corrected: bool,
    /// The changes with the lines around them, in file order.
    pub hunks: Vec<DiffHunk>,
}

/// A change and its surroundings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiffHunk {
    /// Number of the first line in the old file, from 1.
    pub old_start: usize,
    /// Number of the first line in the new file, from 1.
    pub new_start: usize,
    /// The lines, in order.
    pub lines: Vec<DiffLine>,
}

/// One line of a hunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiffLine {
    /// What happened to it.
    pub tag: DiffTag,
    /// The line without its ending.
    pub text: String,
}

/// What happened to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiffTag {
    /// Nothing.
    Context,
    /// It is new.
    Add,
    /// It is gone.
    Del,
}

impl EditData {
    /// Compares two contents of the file `path`.
    pub fn between(path: &str, old: &[u8], new: &[u8]) -> Self {
        let (old, new) = (Document::parse(old), Document::parse(new));
        let ops = diff(&old.lines, &new.lines);
        let changed = || ops.iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
        Self {
            path: path.to_owned(),
            added: changed().map(|op| op.new_range().len()).sum(),
            removed: changed().map(|op| op.old_range().len()).sum(),
            corrected: false,
            hunks: group_diff_ops(ops.clone(), CONTEXT)
                .iter()
                .map(|group| hunk(group, &old.lines, &new.lines))
                .collect(),
        }
    }
}

fn hunk(ops: &[DiffOp], old: &[Line<'_>], new: &[Line<'_>]) -> DiffHunk {
    let first = ops.first();
    let mut lines = Vec::new();
    let mut add = |tag, source: &[Line<'_>], range| {
        let part = source.get::<std::ops::Range<usize>>(range).unwrap_or_default();
        lines.extend(part.iter().map(|line| DiffLine { tag, text: line.text().into_owned() }));
    };
    for op in ops {
        if matches!(op, DiffOp::Equal { .. }) {
            add(DiffTag::Context, new, op.new_range());
        } else {
            add(DiffTag::Del, old, op.old_range());
            add(DiffTag::Add, new, op.new_range());
        }
    }
    DiffHunk {
        old_start: first.map_or(0, |op| op.old_range().start) + 1,
        new_start: first.map_or(0, |op| op.new_range().start) + 1,
        lines,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(hunk: &DiffHunk) -> String {
        let sign = |tag| match tag {
            DiffTag::Context => ' ',
            DiffTag::Add => '+',
            DiffTag::Del => '-',
        };
        hunk.lines.iter().map(|line| format!("{}{}\n", sign(line.tag), line.text)).collect()
    }

    #[test]
    fn shows_changes_with_three_lines_around_them() {
        let old: String = (1..=30).map(|number| format!("{number}\n")).collect();
        let new = old.replace("\n5\n", "\nfive\nand\n").replace("\n25\n", "\n");
        let data = EditData::between("a", old.as_bytes(), new.as_bytes());
        assert_eq!((data.added, data.removed), (2, 2));
        let [first, second] = data.hunks.as_slice() else { panic!("{data:?}") };
        assert_eq!((first.old_start, first.new_start), (2, 2));
        assert_eq!(drawn(first), " 2\n 3\n 4\n-5\n+five\n+and\n 6\n 7\n 8\n");
        assert_eq!((second.old_start, second.new_start), (22, 23));
        assert_eq!(drawn(second), " 22\n 23\n 24\n-25\n 26\n 27\n 28\n");
    }

    #[test]
    fn a_new_file_is_all_added() {
        let data = EditData::between("a", b"", b"x\ny\n");
        assert_eq!((data.added, data.removed, data.hunks.len()), (2, 0, 1));
    }
}
