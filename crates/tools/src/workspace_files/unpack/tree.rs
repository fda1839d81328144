//! The directory that an archive is unpacked to, and what is in it so far.

use std::cell::Cell;
use std::collections::HashMap;
use std::fs;
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::PathBuf;
use std::rc::Rc;

use slipway_protocol::workspace::UnpackedArchive;

use super::UnpackLimits;
use super::error::{ArchiveError, Refusal};
use super::name;

/// Bytes that are copied at a time.
const PIECE: usize = 64 * 1024;

/// Whether a file is a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Plain,
    Executable,
}

impl Mode {
    /// Of an entry's permissions only this is taken over: no set-user-id bits, nothing that the owner cannot read.
    pub(super) fn from_bits(bits: u32) -> Self {
        if bits & 0o111 == 0 { Self::Plain } else { Self::Executable }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Directory,
    File,
    Link,
}

/// A tree that grows by checked entries.
pub(super) struct Tree {
    root: PathBuf,
    limits: UnpackLimits,
    /// Everything in it, by normal name.
    kinds: HashMap<String, Kind>,
    entries: u64,
    /// Bytes of the archive so far, as far as they are known.
    packed: Rc<Cell<u64>>,
    unpacked: UnpackedArchive,
}

impl Tree {
    /// An empty tree in an empty directory.
    pub(super) fn new(root: PathBuf, limits: UnpackLimits) -> Self {
        let (kinds, packed) = (HashMap::new(), Rc::default());
        Self { root, limits, kinds, entries: 0, packed, unpacked: UnpackedArchive::default() }
    }

    /// Counts the bytes of the archive that were read.
    pub(super) fn packed(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.packed)
    }

    /// What was unpacked.
    pub(super) fn finish(self) -> UnpackedArchive {
        self.unpacked
    }

    /// Most entries that there may be.
    pub(super) fn entry_limit(&self) -> u64 {
        self.limits.entries
    }

    /// Adds a directory; one that is there already is fine.
    pub(super) fn directory(&mut self, raw: &str) -> Result<(), ArchiveError> {
        self.count(raw)?;
        // The archive's own top, `./`.
        if raw.split('/').all(|part| part.is_empty() || part == ".")
            && !raw.starts_with('/')
            && !raw.is_empty()
        {
            return Ok(());
        }
        let name = self.normal(raw)?;
        self.parents(raw, &name)?;
        self.make_directory(raw, &name)
    }

    /// Adds a file with what `content` yields.
    pub(super) fn file(&mut self, raw: &str, mode: Mode, content: &mut dyn Read) -> Result<(), ArchiveError> {
        self.count(raw)?;
        let name = self.new_name(raw)?;
        let bits = if mode == Mode::Executable { 0o777 } else { 0o666 };
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(bits).open(self.root.join(&name));
        self.copy(raw, content, file.map_err(|error| refused(raw, error))?)?;
        self.kinds.insert(name, Kind::File);
        self.unpacked.files += 1;
        Ok(())
    }

    /// Adds a symbolic link that stays in the archive.
    pub(super) fn link(&mut self, raw: &str, target: &str) -> Result<(), ArchiveError> {
        self.count(raw)?;
        let name = self.new_name(raw)?;
        if !name::stays_inside(&name, target) {
            return Err(ArchiveError::at(raw, Refusal::LinkOut { target: target.to_owned() }));
        }
        symlink(target, self.root.join(&name)).map_err(|error| refused(raw, error))?;
        self.kinds.insert(name, Kind::Link);
        self.unpacked.links += 1;
        Ok(())
    }

    /// Adds a copy of a file that came before.
    pub(super) fn hard_link(&mut self, raw: &str, target: &str) -> Result<(), ArchiveError> {
        self.count(raw)?;
        let name = self.new_name(raw)?;
        let source = name::normal(target, self.limits.depth).ok();
        let source = source.filter(|source| self.kinds.get(source) == Some(&Kind::File));
        let Some(source) = source else {
            return Err(ArchiveError::at(raw, Refusal::HardLink { target: target.to_owned() }));
        };
        let system = |error| refused(raw, error);
        let mut content = fs::File::open(self.root.join(source)).map_err(system)?;
        let permissions = content.metadata().map_err(system)?.permissions();
        let file = fs::File::create_new(self.root.join(&name)).map_err(system)?;
        file.set_permissions(permissions).map_err(system)?;
        self.copy(raw, &mut content, file)?;
        self.kinds.insert(name, Kind::File);
        self.unpacked.files += 1;
        Ok(())
    }

    fn count(&mut self, raw: &str) -> Result<(), ArchiveError> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            return Err(ArchiveError::at(raw, Refusal::TooManyEntries { limit: self.limits.entries }));
        }
        Ok(())
    }

    fn normal(&self, raw: &str) -> Result<String, ArchiveError> {
        name::normal(raw, self.limits.depth).map_err(|reason| ArchiveError::at(raw, reason))
    }

    /// The normal name of an entry that must not be there yet, with its directories made.
    fn new_name(&mut self, raw: &str) -> Result<String, ArchiveError> {
        let name = self.normal(raw)?;
        if self.kinds.contains_key(&name) {
            return Err(ArchiveError::at(raw, Refusal::Duplicate));
        }
        self.parents(raw, &name)?;
        Ok(name)
    }

    fn parents(&mut self, raw: &str, name: &str) -> Result<(), ArchiveError> {
        for (end, _) in name.match_indices('/') {
            self.make_directory(raw, name.get(..end).unwrap_or_default()).map_err(|error| {
                match error.reason {
                    Refusal::Duplicate => {
                        let parent = name.get(..end).unwrap_or_default().to_owned();
                        ArchiveError::at(raw, Refusal::NotInDirectory { parent })
                    }
                    reason => ArchiveError { reason, ..error },
                }
            })?;
        }
        Ok(())
    }

    fn make_directory(&mut self, raw: &str, name: &str) -> Result<(), ArchiveError> {
        match self.kinds.get(name) {
            Some(Kind::Directory) => return Ok(()),
            Some(_) => return Err(ArchiveError::at(raw, Refusal::Duplicate)),
            None => {}
        }
        fs::create_dir(self.root.join(name)).map_err(|error| refused(raw, error))?;
        self.kinds.insert(name.to_owned(), Kind::Directory);
        self.unpacked.directories += 1;
        // Directories that no entry names cost as much as others.
        self.entries += 1;
        Ok(())
    }

    fn copy(&mut self, raw: &str, content: &mut dyn Read, mut file: fs::File) -> Result<(), ArchiveError> {
        let mut piece = vec![0; PIECE];
        loop {
            let length = match content.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(ArchiveError::at(raw, Refusal::Broken(error.to_string()))),
            };
            self.unpacked.bytes += length as u64;
            self.check_size(raw)?;
            file.write_all(piece.get(..length).unwrap_or_default()).map_err(|error| refused(raw, error))?;
        }
    }

    fn check_size(&self, raw: &str) -> Result<(), ArchiveError> {
        let UnpackLimits { bytes: limit, ratio, ratio_from, .. } = self.limits;
        if self.unpacked.bytes > limit {
            return Err(ArchiveError::at(raw, Refusal::TooLarge { limit }));
        }
        if self.unpacked.bytes > ratio_from && self.unpacked.bytes > ratio.saturating_mul(self.packed.get()) {
            return Err(ArchiveError::at(raw, Refusal::Ratio { limit: ratio }));
        }
        Ok(())
    }
}

fn refused(raw: &str, error: io::Error) -> ArchiveError {
    match error.kind() {
        // The names differ, or it would have been noticed: the file system folds case or composes characters.
        io::ErrorKind::AlreadyExists => ArchiveError::at(raw, Refusal::SameName),
        _ => ArchiveError::at(raw, Refusal::System(error)),
    }
}
