//! Tar files, plain and compressed.
//!
//! The entries are read as they are in the file: names and sizes that extension headers give (GNU long names, PAX) are
//! put together here, because the library would read such a header into memory however long it says it is.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use flate2::read::MultiGzDecoder;
use tar::{Archive, Entry, EntryType, PaxExtensions};

use super::error::{ArchiveError, Refusal};
use super::tree::{Mode, Tree};

/// Longest extension header in bytes.
const MAX_EXTENSION: u64 = 64 * 1024;

/// Unpacks a tar file.
pub(super) fn unpack(file: &mut dyn Read, tree: &mut Tree) -> Result<(), ArchiveError> {
    let packed = tree.packed();
    read_entries(Counted { inner: file, count: packed }, tree)
}

/// Unpacks a tar file that is compressed with gzip.
pub(super) fn unpack_gzipped(file: &mut dyn Read, tree: &mut Tree) -> Result<(), ArchiveError> {
    let packed = tree.packed();
    read_entries(MultiGzDecoder::new(Counted { inner: file, count: packed }), tree)
}

fn read_entries(file: impl Read, tree: &mut Tree) -> Result<(), ArchiveError> {
    let mut archive = Archive::new(file);
    let entries = archive.entries().map_err(|error| broken(&error))?;
    let mut extended = Extended::default();
    let mut extensions = 0_u64;
    for entry in entries.raw(true) {
        let mut entry = entry.map_err(|error| broken(&error))?;
        if extended.take(&mut entry)? {
            extensions += 1;
            if extensions > 4 * tree.entry_limit() {
                return Err(ArchiveError::whole(Refusal::TooManyEntries { limit: tree.entry_limit() }));
            }
            continue;
        }
        add(&mut entry, std::mem::take(&mut extended), tree)?;
    }
    if extended.is_empty() {
        Ok(())
    } else {
        Err(broken(&"it ends before the entry that a header announces"))
    }
}

/// What extension headers say about the next entry.
#[derive(Default)]
struct Extended {
    name: Option<String>,
    link: Option<String>,
    size: Option<u64>,
    sparse: bool,
}

impl Extended {
    fn is_empty(&self) -> bool {
        self.name.is_none() && self.link.is_none()
    }

    /// Takes an extension header; `false` when the entry is none.
    fn take<R: Read>(&mut self, entry: &mut Entry<'_, R>) -> Result<bool, ArchiveError> {
        let kind = entry.header().entry_type();
        if kind.is_gnu_longname() || kind.is_gnu_longlink() {
            let bytes = extension(entry)?;
            let text = text(bytes.split(|byte| *byte == 0).next().unwrap_or_default())?;
            if kind.is_gnu_longname() { self.name = Some(text) } else { self.link = Some(text) }
        } else if kind.is_pax_local_extensions() {
            self.take_pax(&extension(entry)?)?;
        } else if kind.is_pax_global_extensions() {
            // `git archive` notes the commit there. What would change every entry is not understood by all programs.
            let bytes = extension(entry)?;
            let mut global = Self::default();
            global.take_pax(&bytes)?;
            if !global.is_empty() || global.size.is_some() || global.sparse {
                return Err(broken(&"a global header changes names or sizes"));
            }
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    fn take_pax(&mut self, bytes: &[u8]) -> Result<(), ArchiveError> {
        for record in PaxExtensions::new(bytes) {
            let record = record.map_err(|error| broken(&error))?;
            match record.key_bytes() {
                b"path" => self.name = Some(text(record.value_bytes())?),
                b"linkpath" => self.link = Some(text(record.value_bytes())?),
                b"size" => {
                    let size = text(record.value_bytes())?.parse();
                    self.size = Some(size.map_err(|_| broken(&"a size is no number"))?);
                }
                key => self.sparse |= key.starts_with(b"GNU.sparse."),
            }
        }
        Ok(())
    }
}

fn add<R: Read>(entry: &mut Entry<'_, R>, extended: Extended, tree: &mut Tree) -> Result<(), ArchiveError> {
    let header = entry.header();
    let own_name = entry.path_bytes();
    let name = match extended.name {
        Some(name) => name,
        None => text(&own_name)
            .map_err(|_| ArchiveError::at(&String::from_utf8_lossy(&own_name), Refusal::NotUnicode))?,
    };
    let link = match (extended.link, entry.link_name_bytes()) {
        (Some(link), _) => link,
        (None, Some(link)) => text(&link)?,
        (None, None) => String::new(),
    };
    let mode = Mode::from_bits(header.mode().unwrap_or(0o644));
    let kind = header.entry_type();
    if extended.size.is_some_and(|size| size != entry.size()) {
        return Err(ArchiveError::at(&name, Refusal::Broken("its headers give two sizes".to_owned())));
    }
    let special = |what| Err(ArchiveError::at(&name, Refusal::Special { what }));
    if extended.sparse {
        return special("a sparse file");
    }
    match kind {
        // Old archives have directories as files whose name ends with a slash.
        EntryType::Regular | EntryType::Continuous if name.ends_with('/') => tree.directory(&name),
        EntryType::Regular | EntryType::Continuous => {
            let size = entry.size();
            let mut content = Whole { inner: entry, left: size };
            tree.file(&name, mode, &mut content)
        }
        EntryType::Directory => tree.directory(&name),
        EntryType::Symlink => tree.link(&name, &link),
        EntryType::Link => tree.hard_link(&name, &link),
        EntryType::Char | EntryType::Block => special("a device"),
        EntryType::Fifo => special("a FIFO"),
        EntryType::GNUSparse => special("a sparse file"),
        _ => special("of a kind that is not known"),
    }
}

fn extension<R: Read>(entry: &mut Entry<'_, R>) -> Result<Vec<u8>, ArchiveError> {
    if entry.size() > MAX_EXTENSION {
        return Err(broken(&"a header is longer than 64 KiB"));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes).map_err(|error| broken(&error))?;
    Ok(bytes)
}

fn text(bytes: &[u8]) -> Result<String, ArchiveError> {
    String::from_utf8(bytes.to_vec())
        .map_err(|_| ArchiveError::at(&String::from_utf8_lossy(bytes), Refusal::NotUnicode))
}

fn broken(reason: &dyn std::fmt::Display) -> ArchiveError {
    ArchiveError::whole(Refusal::Broken(reason.to_string()))
}

/// A reader that must yield as much as its header says.
struct Whole<'a, R> {
    inner: &'a mut R,
    left: u64,
}

impl<R: Read> Read for Whole<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.left = self.left.saturating_sub(length as u64);
        if length == 0 && !buffer.is_empty() && self.left > 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends within it"));
        }
        Ok(length)
    }
}

/// Counts what is read.
struct Counted<'a> {
    inner: &'a mut dyn Read,
    count: Rc<Cell<u64>>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.count.set(self.count.get() + length as u64);
        Ok(length)
    }
}
