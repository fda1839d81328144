//! Moving a tree that is complete into the workspace: all of it or nothing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::FileError;
use super::upload::rename_new;

/// What happens to files that are in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Existing {
    /// Nothing, and the upload is refused.
    #[default]
    Keep,
    /// They are replaced. A directory is never replaced by a file, nor a file by a directory.
    Replace,
}

impl Existing {
    /// From the flag of a request.
    pub fn from_flag(replace: bool) -> Self {
        if replace { Self::Replace } else { Self::Keep }
    }
}

/// Moves what is in `staged` to `target`, which is made if need be. Directories that are in both are joined; `spare` is
/// an empty directory on the same file system for what is replaced. When anything fails, what was moved is moved back.
/// `shown` is the target's name for messages.
pub(super) fn merge(
    staged: &Path,
    target: &Path,
    spare: &Path,
    existing: Existing,
    shown: &str,
) -> Result<(), FileError> {
    fs::create_dir_all(target).map_err(|source| FileError::io(shown, source))?;
    let mut plan = Plan { moves: Vec::new(), in_the_way: Vec::new(), existing };
    plan.look(staged, target).map_err(|source| FileError::io(shown, source))?;
    if !plan.in_the_way.is_empty() {
        let name = |path: PathBuf| {
            let below = path.strip_prefix(target).unwrap_or(&path).to_string_lossy().into_owned();
            if shown == "." { below } else { format!("{shown}/{below}") }
        };
        return Err(FileError::Exists { paths: plan.in_the_way.into_iter().map(name).collect() });
    }
    let mut done = Vec::new();
    for (number, one) in plan.moves.into_iter().enumerate() {
        let aside = spare.join(number.to_string());
        if let Err(source) = one.carry_out(&aside) {
            let path = one.to.strip_prefix(target).unwrap_or(&one.to).to_string_lossy().into_owned();
            undo(done);
            return Err(FileError::io(path, source));
        }
        done.push((one, aside));
    }
    Ok(())
}

struct Plan {
    moves: Vec<Move>,
    in_the_way: Vec<PathBuf>,
    existing: Existing,
}

struct Move {
    from: PathBuf,
    to: PathBuf,
    /// Whether something is there that gives way.
    replaces: bool,
}

impl Plan {
    fn look(&mut self, staged: &Path, target: &Path) -> io::Result<()> {
        for entry in fs::read_dir(staged)? {
            let entry = entry?;
            let (from, to) = (entry.path(), target.join(entry.file_name()));
            let is_directory = entry.file_type()?.is_dir();
            match fs::symlink_metadata(&to) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.moves.push(Move { from, to, replaces: false });
                }
                Err(error) => return Err(error),
                Ok(there) if there.is_dir() && is_directory => self.look(&from, &to)?,
                Ok(there) if there.is_dir() || is_directory || self.existing == Existing::Keep => {
                    self.in_the_way.push(to);
                }
                Ok(_) => self.moves.push(Move { from, to, replaces: true }),
            }
        }
        Ok(())
    }
}

impl Move {
    fn carry_out(&self, aside: &Path) -> io::Result<()> {
        if self.replaces {
            rename_new(&self.to, aside)?;
        }
        rename_new(&self.from, &self.to).inspect_err(|_| {
            if self.replaces {
                put_back(aside, &self.to);
            }
        })
    }
}

fn undo(done: Vec<(Move, PathBuf)>) {
    for (one, aside) in done.into_iter().rev() {
        put_back(&one.to, &one.from);
        if one.replaces {
            put_back(&aside, &one.to);
        }
    }
}

fn put_back(from: &Path, to: &Path) {
    if let Err(error) = rename_new(from, to) {
        tracing::error!(%error, from = %from.display(), to = %to.display(), "could not be moved back");
    }
}
