//! Zip files. What the central directory says counts; other programs that believe the headers between the entries would
//! see the same, or the archive is refused as damaged.

use std::fs::File;
use std::io::{BufReader, Read as _};

use zip::read::ZipFile;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::error::{ArchiveError, Refusal};
use super::tree::{Mode, Tree};

/// Longest target of a symbolic link, in bytes.
const MAX_TARGET: u64 = 4_096;

/// Bits of a Unix mode that tell what an entry is, and what they say.
const KIND_MASK: u32 = 0o170_000;
const DIRECTORY: u32 = 0o040_000;
const REGULAR: u32 = 0o100_000;
const LINK: u32 = 0o120_000;
const FIFO: u32 = 0o010_000;
const SOCKET: u32 = 0o140_000;

/// Unpacks a zip file.
pub(super) fn unpack(file: File, tree: &mut Tree) -> Result<(), ArchiveError> {
    tree.packed().set(file.metadata().map_err(|error| ArchiveError::whole(Refusal::System(error)))?.len());
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| broken(None, &error))?;
    let count = archive.len();
    if count as u64 > tree.entry_limit() {
        let limit = tree.entry_limit();
        let first = usize::try_from(limit).unwrap_or(usize::MAX);
        let entry = archive.name_for_index(first).and_then(|name| Some(name.ok()?.into_owned()));
        return Err(ArchiveError { entry, reason: Refusal::TooManyEntries { limit } });
    }
    if archive.has_duplicate_names() {
        return Err(ArchiveError::whole(Refusal::HiddenEntries));
    }
    if archive.has_overlapping_entries().map_err(|error| broken(None, &error))? {
        return Err(ArchiveError::whole(Refusal::Broken("its entries overlap".to_owned())));
    }
    for index in 0..count {
        let name = archive.name_for_index(index).and_then(Result::ok).map(std::borrow::Cow::into_owned);
        let entry = archive.by_index(index).map_err(|error| broken(name.as_deref(), &error))?;
        let name = name.ok_or_else(|| {
            ArchiveError::at(&String::from_utf8_lossy(entry.name_raw()), Refusal::NotUnicode)
        })?;
        add(&name, entry, tree)?;
    }
    Ok(())
}

fn add<R: std::io::Read>(raw: &str, mut entry: ZipFile<'_, R>, tree: &mut Tree) -> Result<(), ArchiveError> {
    if entry.encrypted() {
        return Err(ArchiveError::at(raw, Refusal::Encrypted));
    }
    // Programs for Windows once wrote backslashes; what becomes of the name is checked all the same.
    let name = raw.replace('\\', "/");
    let mode = entry.unix_mode().unwrap_or(0o644);
    let special = |what| Err(ArchiveError::at(raw, Refusal::Special { what }));
    match mode & KIND_MASK {
        0 | REGULAR if name.ends_with('/') => tree.directory(&name),
        DIRECTORY => tree.directory(&name),
        0 | REGULAR => tree.file(&name, Mode::from_bits(mode), &mut entry),
        LINK => {
            if entry.compression() != CompressionMethod::Stored && entry.size() > MAX_TARGET {
                return special("a link with an endless target");
            }
            let mut target = Vec::new();
            let read = entry.by_ref().take(MAX_TARGET + 1).read_to_end(&mut target);
            read.map_err(|error| ArchiveError::at(raw, Refusal::Broken(error.to_string())))?;
            match String::from_utf8(target) {
                Ok(target) if target.len() as u64 <= MAX_TARGET => tree.link(&name, &target),
                _ => special("a link with a target that is no path"),
            }
        }
        FIFO => special("a FIFO"),
        SOCKET => special("a socket"),
        _ => special("a device"),
    }
}

fn broken(entry: Option<&str>, error: &ZipError) -> ArchiveError {
    let reason = match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => Refusal::Encrypted,
        error => Refusal::Broken(error.to_string()),
    };
    ArchiveError { entry: entry.map(str::to_owned), reason }
}
