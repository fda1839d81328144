//! Changing one path to what a state has there. What is there otherwise is left alone, and nobody ever sees half
//! of a file.

use std::ffi::OsString;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use slipway_fail_points::{Point, reach};
use slipway_protocol::checkpoint::{Node, ObjectId, Operation, Outcome};

use super::beneath::{Place, held};
use super::left_out::UNFINISHED;
use super::{id_of, scan};

/// The permission bits of a mode.
const PERMISSIONS: u32 = 0o7777;

/// What is at a place.
#[derive(PartialEq, Eq)]
enum Present {
    Nothing,
    Node(Node),
    /// A socket or a device.
    Other,
}

/// Carries `operation` out; its file's content is `content`.
pub(super) fn apply(root: &Path, operation: &Operation, content: &[u8]) -> Outcome {
    reach(Point::OperationBegins);
    match try_apply(root, operation, content) {
        Ok(outcome) => outcome,
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Outcome::NotEmpty,
        Err(error) => Outcome::Failed { reason: error.to_string() },
    }
}

fn try_apply(root: &Path, operation: &Operation, content: &[u8]) -> io::Result<Outcome> {
    let place = match Place::below(root, &operation.path) {
        Ok(place) => place,
        // Where there is no directory, nothing is in it.
        Err(error) if is_absence(&error) && operation.wanted.is_none() => {
            return Ok(if operation.expected.is_none() { Outcome::Done } else { Outcome::Changed });
        }
        Err(error) if is_absence(&error) => return Ok(Outcome::Changed),
        Err(error) => return Err(error),
    };
    let present = look(&place, &[operation.expected.as_ref(), operation.wanted.as_ref()])?;
    // A restoration that was broken off had come this far.
    if is(&present, operation.wanted.as_ref()) {
        return Ok(Outcome::Done);
    }
    if !is(&present, operation.expected.as_ref()) {
        return Ok(Outcome::Changed);
    }
    match (&operation.wanted, &operation.expected) {
        (None, Some(Node::Directory { .. })) => fs::remove_dir(place.path())?,
        (None, _) => fs::remove_file(place.path())?,
        (Some(Node::Directory { mode, .. }), None) => {
            fs::DirBuilder::new().mode(*mode).create(place.path())?;
            set_directory_mode(&place, *mode)?;
        }
        (Some(Node::Directory { mode, .. }), Some(Node::Directory { .. })) => {
            set_directory_mode(&place, *mode)?;
        }
        (Some(Node::Directory { .. }), Some(_)) => {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "a file is in the way of a directory"));
        }
        (Some(Node::File { mode, content: id, .. }), _) => {
            if id_of(content) != *id {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the content is not the right one"));
            }
            write_file(&place, &unfinished(&place, operation), *mode, content)?;
        }
        (Some(Node::Link { target }), _) => {
            let unfinished = unfinished(&place, operation);
            discard(&unfinished)?;
            symlink(OsString::from_vec(target.clone()), &unfinished)?;
            fs::rename(unfinished, place.path())?;
        }
        (Some(Node::Unkept { .. }), _) => {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the content was not kept"));
        }
    }
    reach(Point::OperationDone);
    return Ok(Outcome::Done);

    fn is(present: &Present, node: Option<&Node>) -> bool {
        match (present, node) {
            (Present::Nothing, None) => true,
            (Present::Node(present), Some(node)) => present.is_like(node),
            _ => false,
        }
    }
}

/// What is there. Files are read only when one of the `candidates` has their mode and size.
fn look(place: &Place, candidates: &[Option<&Node>]) -> io::Result<Present> {
    let path = place.path();
    let metadata = match path.symlink_metadata() {
        Ok(metadata) => metadata,
        Err(error) if is_absence(&error) => return Ok(Present::Nothing),
        Err(error) => return Err(error),
    };
    let mode = metadata.mode() & PERMISSIONS;
    Ok(if metadata.is_dir() {
        Present::Node(Node::Directory { mode, tree: ObjectId([0; 32]) })
    } else if metadata.is_symlink() {
        Present::Node(Node::Link { target: path.read_link()?.into_os_string().into_vec() })
    } else if metadata.is_file() {
        let size = metadata.size();
        let modified_ns =
            metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec());
        for candidate in candidates.iter().copied().flatten() {
            match candidate {
                Node::File { mode: wanted_mode, size: wanted_size, .. }
                    if (*wanted_mode, *wanted_size) == (mode, size) =>
                {
                    let content = id_of(&scan::read(&path)?);
                    return Ok(Present::Node(Node::File { mode, size, content }));
                }
                Node::Unkept { reason, .. } => {
                    let node = Node::Unkept { mode, size, modified_ns, reason: *reason };
                    if node == *candidate {
                        return Ok(Present::Node(node));
                    }
                }
                _ => {}
            }
        }
        // Some file that is none of the candidates.
        Present::Other
    } else {
        Present::Other
    })
}

/// Writes a file beside the place and moves it there.
fn write_file(place: &Place, unfinished: &Path, mode: u32, content: &[u8]) -> io::Result<()> {
    discard(unfinished)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(unfinished)?;
    let written = file
        .write_all(content)
        .and_then(|()| file.set_permissions(Permissions::from_mode(mode)))
        .and_then(|()| {
            reach(Point::OperationStaged);
            fs::rename(unfinished, place.path())
        });
    if written.is_err() {
        // There is nobody to tell of a second failure.
        let _ = fs::remove_file(unfinished);
    }
    written
}

fn set_directory_mode(place: &Place, mode: u32) -> io::Result<()> {
    let directory = place.open_directory()?;
    fs::set_permissions(held(&directory), Permissions::from_mode(mode))
}

/// Where something is made before it is moved; the same each time, so that nothing is left when that was broken off.
fn unfinished(place: &Place, operation: &Operation) -> PathBuf {
    place.beside(&format!("{UNFINISHED}{}", id_of(&operation.path)))
}

fn discard(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
