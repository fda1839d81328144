//! A copy of a directory tree, so that the original is never touched.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt as _, lchown, symlink};
use std::path::{Path, PathBuf};

/// A file that cannot be copied.
#[derive(Debug, thiserror::Error)]
#[error("cannot copy {}: {source}", path.display())]
pub(crate) struct CopyError {
    /// Which.
    pub(crate) path: PathBuf,
    /// Why.
    pub(crate) source: io::Error,
}

/// Copies what is in `from` into the directory `to`: contents, modes, links as links, and, as root, owners.
/// Sockets and devices are left out.
pub(crate) fn copy_tree(from: &Path, to: &Path) -> Result<(), CopyError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| CopyError { path, source }
    };
    for entry in fs::read_dir(from).map_err(at(from))? {
        let source = entry.map_err(at(from))?.path();
        let Some(name) = source.file_name() else { continue };
        let target = to.join(name);
        let metadata = source.symlink_metadata().map_err(at(&source))?;
        if metadata.is_symlink() {
            let link = fs::read_link(&source).map_err(at(&source))?;
            symlink(link, &target).map_err(at(&target))?;
        } else if metadata.is_dir() {
            fs::create_dir(&target).map_err(at(&target))?;
            copy_tree(&source, &target)?;
            fs::set_permissions(&target, metadata.permissions()).map_err(at(&target))?;
        } else if metadata.is_file() {
            fs::copy(&source, &target).map_err(at(&source))?;
        } else {
            continue;
        }
        keep_owner(&metadata, &target).map_err(at(&target))?;
    }
    let metadata = from.metadata().map_err(at(from))?;
    keep_owner(&metadata, to).map_err(at(to))
}

/// Only root can give files away; everybody else's copies are their own.
fn keep_owner(metadata: &fs::Metadata, target: &Path) -> io::Result<()> {
    if nix::unistd::Uid::effective().is_root() {
        lchown(target, Some(metadata.uid()), Some(metadata.gid()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn contents_modes_and_links_are_copied() {
        let directory = tempfile::tempdir().unwrap();
        let (from, to) = (directory.path().join("from"), directory.path().join("to"));
        fs::create_dir_all(from.join("sub/empty")).unwrap();
        fs::create_dir(&to).unwrap();
        fs::write(from.join("sub/run.sh"), "echo").unwrap();
        fs::set_permissions(from.join("sub/run.sh"), fs::Permissions::from_mode(0o750)).unwrap();
        symlink("sub/run.sh", from.join("link")).unwrap();
        symlink("/nowhere", from.join("dangling")).unwrap();
        copy_tree(&from, &to).unwrap();
        assert_eq!(fs::read_to_string(to.join("link")).unwrap(), "echo");
        assert_eq!(fs::read_link(to.join("dangling")).unwrap(), Path::new("/nowhere"));
        assert_eq!(fs::metadata(to.join("sub/run.sh")).unwrap().permissions().mode() & 0o777, 0o750);
        assert!(to.join("sub/empty").is_dir());

        fs::write(to.join("sub/run.sh"), "changed").unwrap();
        assert_eq!(fs::read_to_string(from.join("sub/run.sh")).unwrap(), "echo");
        let error = copy_tree(&directory.path().join("missing"), &to).unwrap_err();
        assert!(error.to_string().contains("missing"), "{error}");
    }
}
