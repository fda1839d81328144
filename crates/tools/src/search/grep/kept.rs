//! The matches that are shown: those that come first by path. Files come in any order.

use std::path::{Path, PathBuf};

use super::collect::{Collector, Role};
use super::scan::FileFindings;

/// The first matches so far.
pub(super) struct Kept {
    /// Matching lines that are kept in the end.
    limit: usize,
    files: Vec<FileFindings>,
    matches: usize,
    /// Files from here on cannot be among the first any more.
    beyond: Option<PathBuf>,
}

impl Kept {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, files: Vec::new(), matches: 0, beyond: None }
    }

    /// How many matching lines of a file may be among the first.
    pub(super) fn room_for(&self, path: &Path) -> usize {
        if self.beyond.as_ref().is_some_and(|beyond| path > beyond) { 0 } else { self.limit }
    }

    pub(super) fn add(&mut self, path: &Path, found: Collector) {
        let matches = found.kept();
        if matches > 0 {
            self.matches += matches;
            self.files.push(FileFindings { path: path.to_owned(), matches, lines: found.lines });
        }
        self.drop_surplus();
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.matches += other.matches;
        self.files.extend(other.files);
        self.drop_surplus();
    }

    /// The files in order, with as many matches as may be kept.
    pub(super) fn into_files(mut self) -> Vec<FileFindings> {
        self.cut();
        self.files
    }

    /// Sorts and cuts only once there is twice as much as is wanted, so that it happens seldom.
    fn drop_surplus(&mut self) {
        if self.matches > 2 * self.limit {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.files.sort_unstable_by(|left, right| left.path.cmp(&right.path));
        let mut room = self.limit;
        let mut whole = 0;
        for file in &mut self.files {
            if room == 0 {
                break;
            }
            if file.matches > room {
                cut_file(file, room);
            }
            room -= file.matches;
            whole += 1;
        }
        self.files.truncate(whole);
        self.matches = self.limit - room;
        if room == 0 {
            self.beyond = self.files.last().map(|file| file.path.clone());
        }
    }
}

/// Leaves a file's first matches, with their context.
fn cut_file(file: &mut FileFindings, matches: usize) {
    let mut seen = 0;
    let end = file.lines.iter().position(|line| {
        seen += usize::from(line.role == Role::Match);
        seen > matches || (seen == matches && line.role == Role::Break)
    });
    file.lines.truncate(end.unwrap_or(file.lines.len()));
    file.matches = matches;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::collect::FoundLine;
    use super::*;

    fn found(kept: &Kept, path: &str, matches: usize) -> Collector {
        let mut collector = Collector::new(kept.room_for(Path::new(path)));
        collector.matches = matches;
        let line = |number| FoundLine { number, text: String::new(), role: Role::Match };
        collector.lines = (1..=collector.kept() as u64).map(line).collect();
        collector
    }

    fn shown(kept: Kept) -> Vec<(String, usize)> {
        kept.into_files()
            .into_iter()
            .map(|file| (file.path.to_string_lossy().into_owned(), file.lines.len()))
            .collect()
    }

    proptest! {
        #[test]
        fn the_same_is_kept_in_whatever_order_files_come(
            counts in proptest::collection::vec(0_usize..6, 1..40),
            order in proptest::collection::vec(any::<prop::sample::Index>(), 40),
            limit in 1_usize..20,
            threads in 1_usize..4,
        ) {
            let names: Vec<String> = (0..counts.len()).map(|file| format!("{file:02}")).collect();
            let mut waiting: Vec<usize> = (0..counts.len()).collect();
            let mut tallies: Vec<Kept> = (0..threads).map(|_| Kept::new(limit)).collect();
            for (turn, pick) in order.iter().take(counts.len()).enumerate() {
                let file = waiting.swap_remove(pick.index(waiting.len()));
                let kept = &mut tallies[turn % threads];
                let found = found(kept, &names[file], counts[file]);
                kept.add(Path::new(&names[file]), found);
            }
            let mut whole = Kept::new(limit);
            for kept in tallies {
                whole.merge(kept);
            }
            let mut room = limit;
            let mut wanted = Vec::new();
            for (name, count) in names.iter().zip(&counts) {
                let taken = room.min(*count);
                room -= taken;
                if taken > 0 {
                    wanted.push((name.clone(), taken));
                }
            }
            prop_assert_eq!(shown(whole), wanted);
        }
    }
}
