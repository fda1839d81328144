//! What states consist of, in files: each object once, compressed, under the hash of its content.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use slipway_fail_points::{Point, reach};
use slipway_protocol::Problem;
use slipway_protocol::checkpoint::{MAX_TREE_BYTES, ObjectId, Tree};

/// How hard it is tried to make objects small: the fastest level makes source texts a third of their size.
const COMPRESSION: i32 = 1;

/// Where objects are kept. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Objects {
    directory: PathBuf,
}

/// What an object is. Both kinds have ids of their own, so that no file can pass for a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A directory's entries. One that is kept has all that it names kept too.
    Tree,
    /// A file's content.
    Content,
}

/// Why an object cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// It is not there, or not what it should be.
    #[error("the recorded object {0} is lost or damaged")]
    Lost(ObjectId),
    /// No space is left.
    #[error("no space is left for recorded states")]
    Full(#[source] io::Error),
    /// They may not be written.
    #[error("recorded states are read-only")]
    ReadOnly(#[source] io::Error),
    /// The files cannot be used.
    #[error("recorded states cannot be read or written: {0}")]
    Broken(#[source] io::Error),
}

impl From<io::Error> for ObjectError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(error),
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Self::ReadOnly(error),
            _ => Self::Broken(error),
        }
    }
}

impl ObjectError {
    /// What the person is told while nothing can be saved; `None` for other failures.
    pub(super) fn storage_problem(&self) -> Option<Problem> {
        match self {
            Self::Full(_) => Some(
                Problem::new(507, "storage_full", "No space is left to save")
                    .detail("The disk that holds Slipway's data directory is full.")
                    .hint("Free some space on that disk. Nothing saved so far is lost; what waits goes on by itself."),
            ),
            Self::ReadOnly(_) => Some(
                Problem::new(507, "storage_read_only", "Slipway's data cannot be written")
                    .detail("The data directory is read-only.")
                    .hint("Make the data directory writable for Slipway; what waits goes on by itself."),
            ),
            Self::Lost(_) | Self::Broken(_) => None,
        }
    }
}

impl From<ObjectError> for Problem {
    fn from(error: ObjectError) -> Self {
        error.storage_problem().unwrap_or_else(|| {
            tracing::error!(error = &error as &dyn std::error::Error, "recorded states cannot be used");
            Self::new(500, "checkpoint_damaged", "A recorded state cannot be used")
                .detail(error.to_string())
                .hint("Choose another checkpoint; the cause is in the log (`slipway logs`).")
        })
    }
}

impl Kind {
    fn directory(self) -> &'static str {
        match self {
            Self::Tree => "trees",
            Self::Content => "contents",
        }
    }
}

impl Objects {
    /// In `directory`, which is made when the first object comes.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Whether an object is kept.
    pub fn has(&self, kind: Kind, id: &ObjectId) -> bool {
        self.path(kind, id).exists()
    }

    /// Keeps an object, whose id must be that of its content.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put(&self, kind: Kind, id: &ObjectId, bytes: &[u8]) -> Result<(), ObjectError> {
        let path = self.path(kind, id);
        if path.exists() {
            return Ok(());
        }
        let directory = path.parent().unwrap_or(&self.directory);
        fs::create_dir_all(directory)?;
        // One at a time writes objects, so the name is free, but for what a crash has left.
        let unfinished = directory.join("unfinished");
        let mut file = File::create(&unfinished)?;
        file.write_all(&zstd::bulk::compress(bytes, COMPRESSION)?)?;
        reach(Point::ObjectUnfinished);
        fs::rename(unfinished, path)?;
        Ok(())
    }

    /// An object's content.
    ///
    /// # Errors
    /// When it is not there or damaged.
    pub fn get(&self, kind: Kind, id: &ObjectId) -> Result<Vec<u8>, ObjectError> {
        let file = match File::open(self.path(kind, id)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ObjectError::Lost(*id)),
            Err(error) => return Err(error.into()),
        };
        let mut bytes = Vec::new();
        let read = zstd::stream::read::Decoder::new(file)
            .and_then(|decoder| decoder.take(MAX_TREE_BYTES).read_to_end(&mut bytes));
        if read.is_err() || id_of(&bytes) != *id {
            return Err(ObjectError::Lost(*id));
        }
        Ok(bytes)
    }

    /// A tree.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub fn tree(&self, id: &ObjectId) -> Result<Tree, ObjectError> {
        Tree::decode(&self.get(Kind::Tree, id)?).map_err(|_malformed| ObjectError::Lost(*id))
    }

    /// Deletes all objects of a kind but those that `is_needed`, and gives how many that were.
    ///
    /// # Errors
    /// When the files cannot be listed or deleted.
    pub fn retain(&self, kind: Kind, is_needed: impl Fn(&ObjectId) -> bool) -> Result<u64, ObjectError> {
        let mut deleted = 0;
        for shelf in entries(&self.directory.join(kind.directory()))? {
            for path in entries(&shelf)? {
                let id = id_from(&path);
                if !id.is_some_and(|id| is_needed(&id)) {
                    fs::remove_file(path)?;
                    deleted += 1;
                }
            }
        }
        Ok(deleted)
    }

    /// Makes all objects appear below another directory as well, which is on the same disk.
    ///
    /// # Errors
    /// When the files cannot be listed or linked.
    pub fn link_into(&self, directory: &Path) -> io::Result<()> {
        for kind in [Kind::Tree, Kind::Content] {
            for shelf in entries(&self.directory.join(kind.directory()))? {
                let target = directory.join(kind.directory()).join(shelf.file_name().unwrap_or_default());
                fs::create_dir_all(&target)?;
                // What a crash has left unfinished is no object.
                for path in entries(&shelf)?.into_iter().filter(|path| id_from(path).is_some()) {
                    let target = target.join(path.file_name().unwrap_or_default());
                    // Some file systems have no links.
                    fs::hard_link(&path, &target).or_else(|_| fs::copy(&path, &target).map(drop))?;
                }
            }
        }
        Ok(())
    }

    /// Bytes that all objects take up.
    ///
    /// # Errors
    /// When the files cannot be listed.
    pub fn size(&self) -> Result<u64, ObjectError> {
        let mut total = 0;
        for kind in [Kind::Tree, Kind::Content] {
            for shelf in entries(&self.directory.join(kind.directory()))? {
                for path in entries(&shelf)? {
                    total += path.metadata()?.len();
                }
            }
        }
        Ok(total)
    }

    /// A file that is there while unneeded objects are being deleted.
    pub(super) fn sweep_mark(&self) -> PathBuf {
        self.directory.join("sweeping")
    }

    fn path(&self, kind: Kind, id: &ObjectId) -> PathBuf {
        let name = id.to_string();
        let (shelf, rest) = name.split_at(2);
        self.directory.join(kind.directory()).join(shelf).join(rest)
    }
}

/// The id of an object with these bytes.
pub(super) fn id_of(bytes: &[u8]) -> ObjectId {
    ObjectId(Sha256::digest(bytes).into())
}

fn id_from(path: &Path) -> Option<ObjectId> {
    let rest = path.file_name()?.to_str()?;
    let shelf = path.parent()?.file_name()?.to_str()?;
    format!("{shelf}{rest}").parse().ok()
}

/// What is in a directory; nothing when it is not there.
fn entries(directory: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(directory) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_damage_is_noticed() {
        let directory = tempfile::tempdir().expect("a directory");
        let objects = Objects::new(directory.path().join("objects"));
        let bytes = "some text\n".repeat(1000).into_bytes();
        let id = id_of(&bytes);
        assert!(matches!(objects.get(Kind::Content, &id), Err(ObjectError::Lost(_))));
        objects.put(Kind::Content, &id, &bytes).expect("kept");
        objects.put(Kind::Content, &id, &bytes).expect("kept once");
        assert_eq!(objects.get(Kind::Content, &id).expect("there"), bytes);
        assert!(objects.has(Kind::Content, &id) && !objects.has(Kind::Tree, &id), "kinds are apart");
        assert!(objects.size().expect("listed") < 1000, "it is compressed");
        fs::write(objects.path(Kind::Content, &id), b"other").expect("damaged");
        assert!(matches!(objects.get(Kind::Content, &id), Err(ObjectError::Lost(_))));
    }

    #[test]
    fn what_nobody_needs_is_deleted() {
        let directory = tempfile::tempdir().expect("a directory");
        let objects = Objects::new(directory.path().to_owned());
        let ids: Vec<ObjectId> = (0..9_u8)
            .map(|number| {
                let id = id_of(&[number]);
                objects.put(Kind::Content, &id, &[number]).expect("kept");
                id
            })
            .collect();
        let needed = ids.get(3).copied();
        assert_eq!(objects.retain(Kind::Content, |id| Some(*id) == needed).expect("deleted"), 8);
        let left = ids.iter().filter(|id| objects.has(Kind::Content, id)).count();
        assert_eq!((left, objects.has(Kind::Content, &ids[3])), (1, true));
    }
}
