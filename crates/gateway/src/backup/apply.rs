//! Going back to a backup that was put aside, before anything of the data directory is open.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use slipway_fail_points::{Point, reach};

use super::{BackupError, DATABASE, INCOMING, KEY, REPLACED, SCRATCH, STATES};

/// What SQLite keeps beside a database; its own of an old database would spoil the new one.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// Goes back to what was put aside in a data directory; `false` when nothing was. What was there is kept in
/// `before-restore`. When it is broken off, the next call goes on with it: the database comes last, and the old one is
/// away with all its files before the new one comes.
///
/// # Errors
/// When a file cannot be moved.
pub fn apply(data: &Path) -> Result<bool, BackupError> {
    discard_scratch(data)?;
    let incoming = data.join(INCOMING);
    let database = incoming.join(DATABASE);
    if !database.exists() {
        discard(&incoming)?;
        return Ok(false);
    }
    reach(Point::GoingBackBegins);
    for (from, to) in
        objects(&incoming.join(STATES), &data.join(STATES)).map_err(BackupError::at(&incoming))?
    {
        move_to(&from, &to)?;
    }
    reach(Point::GoingBackStatesMoved);
    let replaced = data.join(REPLACED);
    if data.join(DATABASE).exists() {
        discard(&replaced)?;
        if data.join(KEY).exists() {
            fs::create_dir_all(&replaced).map_err(BackupError::at(&replaced))?;
            fs::copy(data.join(KEY), replaced.join(KEY)).map_err(BackupError::at(&replaced))?;
        }
        move_to(&data.join(DATABASE), &replaced.join(DATABASE))?;
    }
    reach(Point::GoingBackOldAway);
    for suffix in BESIDE {
        let name = format!("{DATABASE}{suffix}");
        if data.join(&name).exists() {
            move_to(&data.join(&name), &replaced.join(&name))?;
        }
    }
    if incoming.join(KEY).exists() {
        move_to(&incoming.join(KEY), &data.join(KEY))?;
    }
    reach(Point::GoingBackKeyPlaced);
    move_to(&database, &data.join(DATABASE))?;
    reach(Point::GoingBackNewPlaced);
    discard(&incoming)?;
    Ok(true)
}

/// All objects below a directory, each with its place below another.
fn objects(from: &Path, to: &Path) -> io::Result<Vec<(PathBuf, PathBuf)>> {
    let mut found = Vec::new();
    let mut open = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = open.pop() {
        let entries = match fs::read_dir(&from) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let pair = (entry.path(), to.join(entry.file_name()));
            if entry.file_type()?.is_dir() { open.push(pair) } else { found.push(pair) }
        }
    }
    Ok(found)
}

fn move_to(from: &Path, to: &Path) -> Result<(), BackupError> {
    if let Some(directory) = to.parent() {
        fs::create_dir_all(directory).map_err(BackupError::at(directory))?;
    }
    fs::rename(from, to).map_err(BackupError::at(to))
}

/// Deletes what backups that were broken off have left: each may be as large as the database.
fn discard_scratch(data: &Path) -> Result<(), BackupError> {
    let entries = match fs::read_dir(data) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(BackupError::at(data))?,
    };
    for entry in entries {
        let entry = entry.map_err(BackupError::at(data))?;
        let name = entry.file_name();
        if SCRATCH.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            discard(&entry.path())?;
        }
    }
    Ok(())
}

fn discard(directory: &Path) -> Result<(), BackupError> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(BackupError::at(directory)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(directory: &Path, name: &str, content: &str) {
        let path = directory.join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, content).expect("written");
    }

    fn scene() -> tempfile::TempDir {
        let directory = tempfile::tempdir().expect("a directory");
        for name in ["slipway.db", "slipway.db-wal", "slipway.db-shm", "secret.key"] {
            put(directory.path(), name, "old");
        }
        for name in ["slipway.db", "secret.key", "checkpoints/trees/ab/cd"] {
            put(&directory.path().join(INCOMING), name, "new");
        }
        directory
    }

    fn check(data: &Path) {
        let read = |name: &str| fs::read_to_string(data.join(name)).ok();
        for name in ["slipway.db", "secret.key", "checkpoints/trees/ab/cd"] {
            assert_eq!(read(name).as_deref(), Some("new"), "{name}");
        }
        for name in ["slipway.db-wal", "slipway.db-shm", "restore"] {
            assert!(!data.join(name).exists(), "{name}");
        }
        for name in ["slipway.db", "slipway.db-wal", "secret.key"] {
            assert_eq!(read(&format!("{REPLACED}/{name}")).as_deref(), Some("old"), "{name}");
        }
        assert!(!apply(data).expect("done"), "it is done once");
    }

    #[test]
    fn the_old_gives_way_to_the_new_and_is_kept() {
        let directory = scene();
        assert!(apply(directory.path()).expect("done"));
        check(directory.path());
    }

    #[test]
    fn nothing_stays_of_backups_that_were_broken_off() {
        let directory = tempfile::tempdir().expect("a directory");
        for name in
            ["backup-a1b2c3/slipway.db", "restore-a1b2c3/packed", "before-restore/slipway.db", "backups"]
        {
            put(directory.path(), name, "old");
        }
        assert!(!apply(directory.path()).expect("done"));
        let left =
            fs::read_dir(directory.path()).expect("a list").map(|entry| entry.expect("one").file_name());
        let mut left: Vec<_> = left.collect();
        left.sort();
        assert_eq!(left, ["backups", "before-restore"]);
    }

    #[test]
    fn what_was_broken_off_is_finished() {
        // After each of the moves that come before the last.
        let moves: [(&str, &str); 5] = [
            ("restore/checkpoints/trees/ab/cd", "checkpoints/trees/ab/cd"),
            ("slipway.db", "before-restore/slipway.db"),
            ("slipway.db-wal", "before-restore/slipway.db-wal"),
            ("slipway.db-shm", "before-restore/slipway.db-shm"),
            ("restore/secret.key", "secret.key"),
        ];
        for done in 1..=moves.len() {
            let directory = scene();
            let data = directory.path();
            for (from, to) in moves.iter().take(done) {
                if *from == "slipway.db" {
                    put(data, "before-restore/secret.key", "old");
                }
                move_to(&data.join(from), &data.join(to)).expect("moved");
            }
            assert!(apply(data).expect("done"));
            check(data);
        }
    }
}
