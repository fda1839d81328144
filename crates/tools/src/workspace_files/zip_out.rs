//! A directory as a zip file, written while it is read.

use std::fs;
use std::io::{self, Read as _, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use ignore::DirEntry;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::{AREA, FileError};
use crate::search::walk::{self, Ignored};
use crate::workspace::{Access, Workspace, open_regular};

/// Largest file that needs no zip64 header.
const SMALL: u64 = u32::MAX as u64;

/// Name of the note about what could not be put in.
const NOTE: &str = "LEFT-OUT-OF-THIS-ARCHIVE.txt";

/// What of a directory is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ZipOptions {
    /// Whether what ignore files name, and `.git`, goes in too.
    pub ignored: bool,
}

/// Writes everything in a directory to `output`, with names that begin with the directory's own; Slipway's own
/// directory is left out. What cannot be read, and links that lead out of the directory, are named in a note at the end.
///
/// # Errors
/// When the directory cannot be read, or `output` takes no more.
pub fn write_zip(
    workspace: &Workspace,
    path: &str,
    options: ZipOptions,
    output: impl Write,
) -> Result<(), FileError> {
    let place = workspace.resolve_inside(path, Access::Read)?;
    let failed = |source| FileError::io(&place.name, source);
    fs::read_dir(&place.absolute).map_err(failed)?;
    let top = place.absolute.file_name().map_or_else(|| "workspace".into(), |name| name.to_string_lossy());
    let mut archive = Archive { zip: ZipWriter::new_stream(output), left_out: String::new() };
    let own_area = workspace.root().join(AREA);
    let mut walker = walk::builder(&place.absolute, Ignored::from_flag(options.ignored));
    walker.filter_entry(move |entry| {
        entry.path() != own_area && (options.ignored || entry.depth() == 0 || entry.file_name() != ".git")
    });
    for entry in walker.build() {
        match entry {
            Ok(entry) if entry.depth() == 0 => {}
            Ok(entry) => archive.add(&place.absolute, &top, &entry).map_err(failed)?,
            Err(error) => archive.leave_out(&error.to_string(), "it could not be read"),
        }
    }
    archive.finish(&top).map_err(failed)
}

struct Archive<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    left_out: String,
}

impl<W: Write> Archive<W> {
    fn add(&mut self, directory: &Path, top: &str, entry: &DirEntry) -> io::Result<()> {
        let below = entry.path().strip_prefix(directory).unwrap_or(entry.path()).to_string_lossy();
        let name = format!("{top}/{below}");
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        match entry.file_type() {
            Some(kind) if kind.is_dir() => self.zip.add_directory(name, options)?,
            Some(kind) if kind.is_file() => self.add_file(entry.path(), &name, options)?,
            Some(kind) if kind.is_symlink() => {
                let target = fs::read_link(entry.path()).unwrap_or_default();
                match target.to_str().filter(|target| super::unpack::link_stays_inside(&below, target)) {
                    Some(target) => self.zip.add_symlink(name, target, options)?,
                    None => self.leave_out(&below, "it is a link that leads out of the directory"),
                }
            }
            _ => self.leave_out(&below, "it is neither file, directory nor link"),
        }
        Ok(())
    }

    fn add_file(&mut self, path: &Path, name: &str, options: SimpleFileOptions) -> io::Result<()> {
        let (file, metadata) = match open_regular(path) {
            Ok(opened) => opened,
            Err(error) => {
                self.leave_out(name, &error.to_string());
                return Ok(());
            }
        };
        // A file that grows meanwhile must not outgrow its header.
        let is_large = metadata.len() > SMALL / 2;
        let room = if is_large { u64::MAX } else { SMALL };
        let options = options.large_file(is_large).unix_permissions(metadata.permissions().mode() & 0o777);
        self.zip.start_file(name, options)?;
        let mut content = io::Read::take(file, room);
        let mut piece = vec![0; 64 * 1024];
        loop {
            match content.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(length) => self.zip.write_all(piece.get(..length).unwrap_or_default())?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.leave_out(name, &format!("only its beginning is here: {error}"));
                    return Ok(());
                }
            }
        }
    }

    fn leave_out(&mut self, name: &str, why: &str) {
        self.left_out.push_str(&format!("{}: {why}\n", name.escape_debug()));
    }

    fn finish(mut self, top: &str) -> io::Result<()> {
        if !self.left_out.is_empty() {
            self.zip.start_file(format!("{top}/{NOTE}"), SimpleFileOptions::default())?;
            self.zip.write_all(self.left_out.as_bytes())?;
        }
        self.zip.finish()?;
        Ok(())
    }
}
