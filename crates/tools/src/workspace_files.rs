//! What a person does with the workspace's files: list, read, write, move, delete, upload, download, clone.
//!
//! Everything happens with the file permissions of the workspace's owner and nowhere but in the workspace. What
//! takes long is put together in a directory of its own ([`Area`]) and moved to its place at the end, so that
//! nothing half-written is ever there.

mod area;
mod change;
mod clone;
mod error;
mod find;
mod ignored;
mod list;
mod merge;
mod text;
mod trash;
mod unpack;
mod upload;
mod watch;
mod zip_out;

pub use self::area::{AREA, Area};
pub use self::change::{create_folder, rename};
pub use self::clone::{CloneError, RepositoryAddress, clone_repository};
pub use self::error::FileError;
pub use self::find::find;
pub use self::list::{ListOptions, list};
pub use self::merge::Existing;
pub use self::text::{LineWindow, Precondition, Written, read_text, write_text};
pub use self::trash::{restore, trash};
pub use self::unpack::{ArchiveError, Refusal, UnpackLimits, unpack};
pub use self::upload::Upload;
pub use self::watch::WatchedDirectories;
pub use self::zip_out::{ZipOptions, write_zip};
