//! A home directory for the shells that is not the person's own: where the tool host runs on the person's
//! machine, their home is closed to writing, and pip, npm and others want to keep caches at home.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// Makes the directory, if need be, and gives its absolute path. The person's configuration of git is read from
/// there on, so that commits have an author; it cannot be changed from there.
///
/// # Errors
/// When the directory cannot be made.
pub fn prepare(path: &Path) -> io::Result<PathBuf> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let path = path.canonicalize()?;
    let own = own_home().map(|home| home.join(".gitconfig")).filter(|file| file.is_file());
    let configuration = path.join(".gitconfig");
    if let Some(own) = own.filter(|_| !configuration.exists()) {
        std::fs::write(configuration, format!("[include]\n\tpath = {}\n", own.display()))?;
    }
    Ok(path)
}

/// Variables of shells whose home is there. Rust's toolchains are looked for at home, but are the person's.
pub fn variables(home: &Path) -> Vec<(OsString, OsString)> {
    let toolchains = std::env::var_os("RUSTUP_HOME").map(PathBuf::from);
    let toolchains = toolchains.or_else(|| own_home().map(|home| home.join(".rustup")));
    let toolchains = toolchains.filter(|path| path.is_dir()).map(|path| ("RUSTUP_HOME".into(), path.into()));
    [("HOME".into(), home.into())].into_iter().chain(toolchains).collect()
}

fn own_home() -> Option<PathBuf> {
    std::env::var_os("HOME").map(PathBuf::from).filter(|home| home.is_absolute())
}
