//! Embeds what the image is built from, so that the launcher alone suffices on a machine with Docker:
//! with `SLIPWAY_PAYLOAD` set (a directory with `bin/`, or a tar file of one), the programs are packed
//! into the binary; without it the launcher looks for them beside itself.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use sha2::Digest as _;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-env-changed=SLIPWAY_PAYLOAD");
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?);
    let bytes = match env::var_os("SLIPWAY_PAYLOAD").filter(|path| !path.is_empty()) {
        Some(path) => {
            println!("cargo::rerun-if-changed={}", Path::new(&path).display());
            packed(Path::new(&path))?
        }
        None => Vec::new(),
    };
    let digest: String = sha2::Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    fs::write(out.join("payload.tar"), bytes)?;
    println!("cargo::rustc-env=SLIPWAY_PAYLOAD_DIGEST={digest}");
    Ok(())
}

/// The payload as one tar file, the same bytes for the same contents.
fn packed(path: &Path) -> io::Result<Vec<u8>> {
    if path.is_file() {
        return fs::read(path);
    }
    let mut names: Vec<PathBuf> =
        fs::read_dir(path.join("bin"))?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    if names.is_empty() {
        // The programs are yet to be built; then the launcher is built again.
        return Ok(Vec::new());
    }
    names.sort();
    let mut archive = tar::Builder::new(Vec::new());
    for name in names.iter().filter(|name| name.is_file()) {
        let contents = fs::read(name)?;
        let mut header = tar::Header::new_gnu();
        header.set_size(contents.len() as u64);
        header.set_mode(0o755);
        let file_name = name.file_name().ok_or_else(|| io::Error::other("a file without a name"))?;
        archive.append_data(&mut header, Path::new("bin").join(file_name), contents.as_slice())?;
    }
    archive.into_inner()
}
