//! What `git status --porcelain=v2 -z` says, file by file, and `git diff --numstat -z`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use slipway_protocol::api::{DiffNote, FileChange, FileChangeKind};

/// Mode of what is not there.
const ABSENT: u32 = 0;

/// What differs in one repository.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Status {
    /// Whether there is a commit.
    pub(super) has_commit: bool,
    /// The files by path.
    pub(super) files: BTreeMap<String, FileChange>,
    /// Whether each is known to git; others are new.
    pub(super) tracked: BTreeMap<String, Known>,
}

/// Whether git knows a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// It is committed or staged.
    Tracked,
    /// It is new.
    New,
}

/// Reads what git printed; what makes no sense is left out.
pub(super) fn parse(printed: &[u8]) -> Status {
    let mut status = Status::default();
    let mut records = printed.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    while let Some(record) = records.next() {
        let Some((kind, rest)) = record.split_once(' ') else { continue };
        match kind {
            "#" => {
                if let Some(commit) = rest.strip_prefix("branch.oid ") {
                    status.has_commit = commit != "(initial)";
                }
            }
            "1" => status.ordinary(rest),
            "2" => status.moved(rest, records.next().as_deref()),
            "u" => status.unmerged(rest),
            "?" => status.add_new(rest),
            _ => {}
        }
    }
    status
}

impl Status {
    /// `XY sub mH mI mW hH hI path`.
    fn ordinary(&mut self, rest: &str) {
        let mut fields = rest.splitn(8, ' ');
        let (Some(_), Some(sub), Some(head), _, Some(now), _, _, Some(path)) = (
            fields.next(),
            fields.next(),
            fields.next(),
            fields.next(),
            fields.next(),
            fields.next(),
            fields.next(),
            fields.next(),
        ) else {
            return;
        };
        self.put(change(path, mode(head), mode(now), is_submodule(sub)));
    }

    /// `XY sub mH mI mW hH hI score path`, and the path before.
    fn moved(&mut self, rest: &str, before: Option<&str>) {
        let fields: Vec<&str> = rest.splitn(9, ' ').collect();
        let ([_, sub, head, _, now, _, _, score, path], Some(before)) = (fields.as_slice(), before) else {
            return;
        };
        let (head, now) = (mode(head), mode(now));
        if now == ABSENT {
            self.put(change(before, head, ABSENT, is_submodule(sub)));
        } else if score.starts_with('R') {
            let change = change(path, head, now, is_submodule(sub));
            let (kind, old_path) = (FileChangeKind::Renamed, Some(before.to_owned()));
            self.put(change.map(|change| FileChange { kind, old_path, ..change }));
        } else {
            self.put(change(path, ABSENT, now, is_submodule(sub)));
        }
    }

    /// `XY sub m1 m2 m3 mW h1 h2 h3 path`: base, ours and theirs.
    fn unmerged(&mut self, rest: &str) {
        let fields: Vec<&str> = rest.splitn(10, ' ').collect();
        let [_, sub, _, ours, _, now, _, _, _, path] = fields.as_slice() else { return };
        let kind = match (mode(ours), mode(now)) {
            (ABSENT, _) => FileChangeKind::Added,
            (_, ABSENT) => FileChangeKind::Deleted,
            _ => FileChangeKind::Modified,
        };
        let note = is_submodule(sub).then_some(DiffNote::Repository);
        self.put(Some(FileChange { conflict: true, note, ..plain(path, kind) }));
    }

    /// `path`, with a `/` behind a directory that is a repository of its own.
    fn add_new(&mut self, path: &str) {
        let (path, note) = match path.strip_suffix('/') {
            Some(directory) => (directory, Some(DiffNote::Repository)),
            None => (path, None),
        };
        // Taken out of the index and still there: that is not a new file.
        let was = self.files.get(path).is_some_and(|known| known.kind == FileChangeKind::Deleted);
        let kind = if was { FileChangeKind::Modified } else { FileChangeKind::Added };
        let known = if was { Known::Tracked } else { Known::New };
        self.tracked.insert(path.to_owned(), known);
        self.files.insert(path.to_owned(), FileChange { note, ..plain(path, kind) });
    }

    fn put(&mut self, change: Option<FileChange>) {
        if let Some(change) = change {
            self.tracked.insert(change.path.clone(), Known::Tracked);
            self.files.insert(change.path.clone(), change);
        }
    }
}

/// A file with these modes before and now; `None` when it is on neither side.
fn change(path: &str, head: u32, now: u32, is_submodule: bool) -> Option<FileChange> {
    let kind = match (head, now) {
        (ABSENT, ABSENT) => return None,
        (ABSENT, _) => FileChangeKind::Added,
        (_, ABSENT) => FileChangeKind::Deleted,
        _ => FileChangeKind::Modified,
    };
    let modes = permissions(head).zip(permissions(now)).filter(|(old, new)| old != new);
    let note = is_submodule.then_some(DiffNote::Repository);
    let (old_mode, new_mode) = (modes.map(|(old, _)| old), modes.map(|(_, new)| new));
    Some(FileChange { note, old_mode, new_mode, ..plain(path, kind) })
}

fn plain(path: &str, kind: FileChangeKind) -> FileChange {
    FileChange {
        path: path.to_owned(),
        old_path: None,
        kind,
        additions: None,
        deletions: None,
        note: None,
        old_mode: None,
        new_mode: None,
        conflict: false,
    }
}

fn mode(octal: &str) -> u32 {
    u32::from_str_radix(octal, 8).unwrap_or(ABSENT)
}

/// Of a regular file; links have none.
fn permissions(mode: u32) -> Option<u32> {
    (mode & 0o170_000 == 0o100_000).then_some(mode & 0o777)
}

fn is_submodule(sub: &str) -> bool {
    sub.starts_with('S')
}

/// Lines added and removed by path; `None` for what is no text.
pub(super) fn parse_counts(printed: &[u8]) -> BTreeMap<String, Option<(u32, u32)>> {
    let mut counts = BTreeMap::new();
    let mut records = printed.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    while let Some(record) = records.next() {
        let mut fields = record.splitn(3, '\t');
        let (Some(added), Some(removed), Some(path)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        // Of a renamed file both paths follow.
        let path = match path {
            "" => records.nth(1).map(Cow::into_owned).unwrap_or_default(),
            path => path.to_owned(),
        };
        let number = added.parse().ok().zip(removed.parse().ok());
        counts.insert(path, number);
    }
    counts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(records: &[&str]) -> Status {
        parse(records.join("\0").as_bytes())
    }

    #[test]
    fn each_kind_of_record_is_understood() {
        let hash = "1234";
        let one = |modes: &str, path: &str| format!("1 .M N... {modes} {hash} {hash} {path}");
        let status = read(&[
            "# branch.oid abc",
            "# branch.head main",
            &one("100644 100644 100644", "a b"),
            &one("100644 100644 100755", "run.sh"),
            &one("100644 100644 000000", "gone"),
            &one("000000 100644 100644", "staged"),
            &one("000000 100644 000000", "staged and gone"),
            "1 .M SC.. 160000 160000 160000 1 2 module",
            "2 R. N... 100644 100644 100644 1 1 R100 new name",
            "old name",
            "2 RD N... 100644 100644 000000 1 1 R100 moved and gone",
            "was here",
            "u UU N... 100644 100644 100644 100644 1 2 3 both",
            "u DU N... 100644 000000 100644 100644 1 2 3 theirs",
            "? fresh",
            "? nested/",
            "x nonsense",
            "",
        ]);
        assert!(status.has_commit);
        let of = |path: &str| status.files.get(path).unwrap_or_else(|| panic!("{path}"));
        use FileChangeKind::{Added, Deleted, Modified, Renamed};
        for (path, kind) in [
            ("a b", Modified),
            ("gone", Deleted),
            ("staged", Added),
            ("module", Modified),
            ("new name", Renamed),
            ("was here", Deleted),
            ("both", Modified),
            ("theirs", Added),
            ("fresh", Added),
            ("nested", Added),
        ] {
            assert_eq!(of(path).kind, kind, "{path}");
        }
        assert_eq!(status.files.len(), 11);
        assert_eq!((of("run.sh").old_mode, of("run.sh").new_mode), (Some(0o644), Some(0o755)));
        assert_eq!(of("new name").old_path.as_deref(), Some("old name"));
        assert!(of("both").conflict && of("theirs").conflict && !of("fresh").conflict);
        assert_eq!(
            (of("module").note, of("nested").note),
            (Some(DiffNote::Repository), Some(DiffNote::Repository))
        );
        assert!(!read(&["# branch.oid (initial)"]).has_commit);
    }

    #[test]
    fn what_left_the_index_and_is_still_there_is_changed_and_not_gone() {
        let status = read(&["1 D. N... 100644 000000 000000 1 0 kept", "? kept"]);
        let kept = status.files.get("kept").expect("there");
        assert_eq!(
            (kept.kind, status.tracked.get("kept")),
            (FileChangeKind::Modified, Some(&Known::Tracked))
        );
    }

    #[test]
    fn counts_are_read_with_binary_and_renamed_files() {
        let counts = parse_counts(b"3\t1\ta\tb\0-\t-\tpicture\x000\t2\t\0old\0new\0");
        let expected = [("a\tb", Some((3, 1))), ("picture", None), ("new", Some((0, 2)))]
            .map(|(path, count)| (path.to_owned(), count));
        assert_eq!(counts, BTreeMap::from(expected));
    }

    proptest! {
        /// Whatever is printed is read without a panic, and what is named has a path.
        #[test]
        fn nothing_breaks_the_reading(records in proptest::collection::vec("[12u?#] [A-Z. 0-9RSN]{0,60}[a-z/]{0,4}", 0..8)) {
            let status = read(&records.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(status.files.len(), status.tracked.len());
            let _ = parse_counts(records.join("\0").as_bytes());
        }
    }
}
