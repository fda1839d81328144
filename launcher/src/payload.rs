//! What the image is built from, and the programs that `--local` runs: embedded in the launcher, or found
//! beside it in a development tree.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// The programs in the image. The scripted model is not among them: the gateway plays the demo itself.
pub(crate) const PROGRAMS: [&str; 3] = ["slipway-gateway", "slipway-toolhost", "slipway-engine"];
/// Where administrators put further certificate authorities on Debian and its relatives.
const HOST_CERTIFICATES: &str = "/usr/local/share/ca-certificates";
/// A tar file with `bin/`; empty when the launcher was built without.
static EMBEDDED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/payload.tar"));
/// SHA-256 of it.
const EMBEDDED_DIGEST: &str = env!("SLIPWAY_PAYLOAD_DIGEST");
/// The small files of the build context.
const FILES: [(&str, u32, &str); 6] = [
    ("Dockerfile", 0o644, include_str!("../../docker/Dockerfile")),
    ("certs/README", 0o644, include_str!("../../docker/certs/README")),
    ("entry/apt", 0o755, include_str!("../../docker/entry/apt")),
    ("entry/apt-get", 0o755, include_str!("../../docker/entry/apt-get")),
    ("entry/sudo", 0o755, include_str!("../../docker/entry/sudo")),
    ("entry/slipway-sandbox", 0o755, include_str!("../../docker/entry/slipway-sandbox")),
];
/// Makes the base image where it cannot be pulled.
pub(crate) const BASE_IMAGE_SCRIPT: &str = include_str!("../../scripts/base-image");

/// Why the payload cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PayloadError {
    /// Neither embedded nor beside the launcher.
    #[error(
        "the program {program} is neither in this launcher nor beside it in {}; build it (cargo build --workspace) \
         or use a released launcher",
        directory.display()
    )]
    Missing {
        /// Which.
        program: &'static str,
        /// Where it was looked for.
        directory: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The build context and where its programs come from.
#[derive(Debug)]
pub(crate) struct Payload {
    programs: Programs,
    certificates: Vec<PathBuf>,
}

#[derive(Debug)]
enum Programs {
    Embedded,
    Directory(PathBuf),
}

impl Payload {
    /// Finds it. `extra_certificates` is the value of `SLIPWAY_EXTRA_CA_DIR`.
    pub(crate) fn find(extra_certificates: Option<PathBuf>) -> Result<Self, PayloadError> {
        let programs =
            if EMBEDDED.is_empty() { Programs::Directory(own_directory()?) } else { Programs::Embedded };
        let directory = extra_certificates.unwrap_or_else(|| PathBuf::from(HOST_CERTIFICATES));
        Ok(Self { programs, certificates: certificates_in(&directory) })
    }

    /// Changes when anything in the context changes. Programs in a development tree count by size and
    /// time, so that asking costs no reading.
    pub(crate) fn fingerprint(&self) -> Result<String, PayloadError> {
        let mut hash = Sha256::new();
        for (name, mode, text) in FILES {
            hash.update(format!("{name} {mode:o} {}\n{text}", text.len()));
        }
        for path in &self.certificates {
            hash.update(fs::read(path).map_err(at(path))?);
        }
        match &self.programs {
            Programs::Embedded => hash.update(EMBEDDED_DIGEST),
            Programs::Directory(directory) => {
                for program in PROGRAMS {
                    let path = program_in(directory, program)?;
                    let metadata = path.metadata().map_err(at(&path))?;
                    let (size, seconds, nanos) = (metadata.len(), metadata.mtime(), metadata.mtime_nsec());
                    hash.update(format!("{program} {size} {seconds}.{nanos}\n"));
                }
            }
        }
        Ok(hex(&hash.finalize()))
    }

    /// The build context as a tar file.
    pub(crate) fn context(&self) -> Result<Vec<u8>, PayloadError> {
        let mut archive = tar::Builder::new(Vec::new());
        for (name, mode, text) in FILES {
            append(&mut archive, name, mode, text.as_bytes())?;
        }
        for (index, path) in self.certificates.iter().enumerate() {
            let contents = fs::read(path).map_err(at(path))?;
            append(&mut archive, &format!("certs/extra-{index}.crt"), 0o644, &contents)?;
        }
        match &self.programs {
            Programs::Embedded => {
                for (name, contents) in embedded_programs()? {
                    append(&mut archive, &format!("bin/{name}"), 0o755, &contents)?;
                }
            }
            Programs::Directory(directory) => {
                for program in PROGRAMS {
                    let path = program_in(directory, program)?;
                    let contents = fs::read(&path).map_err(at(&path))?;
                    append(&mut archive, &format!("bin/{program}"), 0o755, &contents)?;
                }
            }
        }
        archive.into_inner().map_err(at(Path::new("the build context")))
    }

    /// A directory with the programs: the launcher's own, or the embedded ones unpacked into `cache`.
    pub(crate) fn program_directory(&self, cache: &Path) -> Result<PathBuf, PayloadError> {
        match &self.programs {
            Programs::Directory(directory) => {
                for program in PROGRAMS {
                    program_in(directory, program)?;
                }
                Ok(directory.clone())
            }
            Programs::Embedded => unpacked(&cache.join(EMBEDDED_DIGEST)),
        }
    }
}

/// Unpacks the embedded programs into `directory` unless they are there.
fn unpacked(directory: &Path) -> Result<PathBuf, PayloadError> {
    fs::create_dir_all(directory).map_err(at(directory))?;
    for (name, contents) in embedded_programs()? {
        let path = directory.join(&name);
        if path.metadata().is_ok_and(|metadata| metadata.len() == contents.len() as u64) {
            continue;
        }
        // Written aside and renamed, so that another launcher never runs half a program.
        let partial = directory.join(format!("{name}.{}", std::process::id()));
        let mut file = fs::OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(true)
            .mode(0o755)
            .open(&partial)
            .map_err(at(&partial))?;
        io::Write::write_all(&mut file, &contents).map_err(at(&partial))?;
        drop(file);
        fs::rename(&partial, &path).map_err(at(&path))?;
    }
    Ok(directory.to_owned())
}

fn embedded_programs() -> Result<Vec<(String, Vec<u8>)>, PayloadError> {
    let read = || -> io::Result<Vec<(String, Vec<u8>)>> {
        let mut programs = Vec::new();
        for entry in tar::Archive::new(EMBEDDED).entries()? {
            let mut entry = entry?;
            let path = entry.path()?.into_owned();
            let name = path.file_name().and_then(|name| name.to_str());
            let Some(name) = name.filter(|name| PROGRAMS.contains(name)) else { continue };
            let name = name.to_owned();
            let mut contents = Vec::new();
            entry.read_to_end(&mut contents)?;
            programs.push((name, contents));
        }
        Ok(programs)
    };
    read().map_err(at(Path::new("the embedded payload")))
}

fn own_directory() -> Result<PathBuf, PayloadError> {
    let own = std::env::current_exe().and_then(fs::canonicalize).map_err(at(Path::new("the launcher")))?;
    Ok(own.parent().unwrap_or(Path::new("/")).to_owned())
}

fn program_in(directory: &Path, program: &'static str) -> Result<PathBuf, PayloadError> {
    let path = directory.join(program);
    if path.is_file() {
        return Ok(path);
    }
    Err(PayloadError::Missing { program, directory: directory.to_owned() })
}

/// Certificates directly in a directory, in the order of their names; none when it cannot be read.
fn certificates_in(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "crt") && path.is_file())
        .collect();
    paths.sort();
    paths
}

fn append(
    archive: &mut tar::Builder<Vec<u8>>,
    name: &str,
    mode: u32,
    contents: &[u8],
) -> Result<(), PayloadError> {
    let mut header = tar::Header::new_gnu();
    header.set_size(contents.len() as u64);
    header.set_mode(mode);
    archive.append_data(&mut header, name, contents).map_err(at(Path::new(name)))
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> PayloadError {
    let path = path.to_owned();
    move |source| PayloadError::Io { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(directory: &Path) -> Payload {
        for program in PROGRAMS {
            fs::write(directory.join(program), program).unwrap();
        }
        Payload { programs: Programs::Directory(directory.to_owned()), certificates: Vec::new() }
    }

    fn names(context: &[u8]) -> Vec<String> {
        let mut archive = tar::Archive::new(context);
        archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().display().to_string()).collect()
    }

    #[test]
    fn the_context_holds_the_programs_last() {
        let directory = tempfile::tempdir().unwrap();
        let names = names(&payload(directory.path()).context().unwrap());
        assert_eq!(names.first().map(String::as_str), Some("Dockerfile"));
        let programs: Vec<String> = PROGRAMS.iter().map(|program| format!("bin/{program}")).collect();
        assert_eq!(names[names.len() - PROGRAMS.len()..], programs);
    }

    #[test]
    fn a_changed_program_or_certificate_changes_the_fingerprint() {
        let directory = tempfile::tempdir().unwrap();
        let mut payload = payload(directory.path());
        let before = payload.fingerprint().unwrap();
        assert_eq!(payload.fingerprint().unwrap(), before);

        fs::write(directory.path().join("slipway-engine"), "another").unwrap();
        let changed = payload.fingerprint().unwrap();
        assert_ne!(changed, before);

        fs::write(directory.path().join("own.crt"), "certificate").unwrap();
        payload.certificates = certificates_in(directory.path());
        assert_ne!(payload.fingerprint().unwrap(), changed);
    }

    #[test]
    fn a_missing_program_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let payload = payload(directory.path());
        fs::remove_file(directory.path().join("slipway-toolhost")).unwrap();
        let error = payload.context().unwrap_err().to_string();
        assert!(error.contains("slipway-toolhost"), "{error}");
    }
}
