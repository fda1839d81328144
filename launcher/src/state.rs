//! An instance's directory on the host: `$XDG_DATA_HOME/slipway/<n>/` with its tokens, its addresses and,
//! unless the person names another, its workspace.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use slipway_protocol::api::SandboxChoices;

/// Instances beyond this number would have ports that are not ports.
const LAST_INSTANCE: u32 = 1000;
/// Random bytes in a token.
const TOKEN_BYTES: usize = 32;

/// Number of an instance, from 1 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct InstanceNumber(u32);

impl InstanceNumber {
    /// The number as such.
    pub(crate) fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for InstanceNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for InstanceNumber {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(number @ 1..=LAST_INSTANCE) => Ok(Self(number)),
            _ => Err(format!("an instance is a number from 1 to {LAST_INSTANCE}")),
        }
    }
}

/// Host ports of an instance, both on the loopback address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ports {
    /// The UI and the API.
    pub(crate) ui: u16,
    /// The stand-alone desktop page.
    pub(crate) desktop: u16,
}

/// Why an instance's directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    /// Neither variable is set.
    #[error(
        "neither XDG_DATA_HOME nor HOME is set, so there is no place for Slipway's data; set one of them"
    )]
    NoHome,
    /// A file or directory in it cannot be used.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The workspace that was asked for is not there.
    #[error("the workspace {} is not a directory; create it, or name another with --workspace", path.display())]
    NoWorkspace {
        /// Which.
        path: PathBuf,
    },
}

/// An instance's directory.
#[derive(Debug, Clone)]
pub(crate) struct InstanceState {
    root: PathBuf,
}

impl InstanceState {
    /// The directory of instance `number`, created when it is not there.
    pub(crate) fn open(number: InstanceNumber) -> Result<Self, StateError> {
        Self::at(&data_home()?.join("slipway").join(number.to_string()))
    }

    /// An instance's directory in another place.
    pub(crate) fn at(root: &Path) -> Result<Self, StateError> {
        DirBuilder::new().recursive(true).mode(0o700).create(root).map_err(at(root))?;
        let root = root.canonicalize().map_err(at(root))?;
        Ok(Self { root })
    }

    /// All instances that have a directory, by number.
    pub(crate) fn all() -> Result<Vec<(InstanceNumber, Self)>, StateError> {
        let Ok(entries) = fs::read_dir(data_home()?.join("slipway")) else { return Ok(Vec::new()) };
        let mut found: Vec<(InstanceNumber, Self)> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let number = entry.file_name().to_str()?.parse().ok()?;
                Some((number, Self { root: entry.path() }))
            })
            .collect();
        found.sort_by_key(|(number, _)| *number);
        Ok(found)
    }

    /// The directory itself, absolute.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// The launcher's token: proof towards the gateway that a request comes from the instance's owner.
    pub(crate) fn launcher_token(&self) -> Result<String, StateError> {
        token(&self.path("launcher-token"))
    }

    /// The sandbox's token: proof towards the gateway that a tool host is the instance's.
    pub(crate) fn sandbox_token(&self) -> Result<String, StateError> {
        token(&self.path("sandbox-token"))
    }

    /// The ports that were last in use.
    pub(crate) fn ports(&self) -> Option<Ports> {
        serde_json::from_slice(&fs::read(self.path("ports.json")).ok()?).ok()
    }

    /// Remembers the ports in use.
    pub(crate) fn save_ports(&self, ports: Ports) -> Result<(), StateError> {
        let path = self.path("ports.json");
        fs::write(&path, serde_json::json!(ports).to_string()).map_err(at(&path))
    }

    /// What was saved about the sandbox when it was last made.
    pub(crate) fn sandbox_choices(&self) -> SandboxChoices {
        let read = || serde_json::from_slice(&fs::read(self.path("sandbox.json")).ok()?).ok();
        read().unwrap_or_default()
    }

    /// Remembers it.
    pub(crate) fn save_sandbox_choices(&self, choices: &SandboxChoices) -> Result<(), StateError> {
        let path = self.path("sandbox.json");
        fs::write(&path, serde_json::json!(choices).to_string()).map_err(at(&path))
    }

    /// The directory that the agent works in: `wanted`, which is remembered; else the one that was wanted
    /// last; else one of the instance's own.
    pub(crate) fn workspace(&self, wanted: Option<&Path>) -> Result<(PathBuf, WorkspaceOwner), StateError> {
        let memory = self.path("workspace-path");
        let remembered = || Some(PathBuf::from(OsString::from_vec(fs::read(&memory).ok()?)));
        if let Some(path) = wanted.map(Path::to_owned).or_else(remembered) {
            let Some(path) = path.canonicalize().ok().filter(|path| path.is_dir()) else {
                return Err(StateError::NoWorkspace { path });
            };
            fs::write(&memory, path.as_os_str().as_bytes()).map_err(at(&memory))?;
            return Ok((path, WorkspaceOwner::Person));
        }
        let path = self.path("workspace");
        fs::create_dir_all(&path).map_err(at(&path))?;
        Ok((path, WorkspaceOwner::Instance))
    }

    /// The directory that further workspaces are made in.
    pub(crate) fn further_workspaces(&self) -> Result<PathBuf, StateError> {
        let path = self.path("workspaces");
        fs::create_dir_all(&path).map_err(at(&path))?;
        Ok(path)
    }

    /// Forgets which workspace was wanted last.
    pub(crate) fn forget_workspace(&self) -> Result<(), StateError> {
        let memory = self.path("workspace-path");
        match fs::remove_file(&memory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(&memory)(error)),
            _ => Ok(()),
        }
    }

    /// Waits until no other launcher changes this instance, and keeps others waiting until dropped.
    pub(crate) fn lock(&self) -> Result<File, StateError> {
        let path = self.path("launcher.lock");
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path).map_err(at(&path))?;
        file.lock().map_err(at(&path))?;
        Ok(file)
    }
}

/// Whose a workspace directory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkspaceOwner {
    /// The person named it.
    Person,
    /// It is in the instance's directory.
    Instance,
}

/// Where programs of this user keep data.
fn data_home() -> Result<PathBuf, StateError> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    variable("XDG_DATA_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".local/share")))
        .ok_or(StateError::NoHome)
}

/// The token in `path`, made when it is not there.
fn token(path: &Path) -> Result<String, StateError> {
    match fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => return Ok(text.trim().to_owned()),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(StateError::Io { path: path.to_owned(), source }),
    }
    let token: String =
        rand::random::<[u8; TOKEN_BYTES]>().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .map_err(at(path))?;
    file.write_all(token.as_bytes()).map_err(at(path))?;
    Ok(token)
}

/// Adds the path to an error.
fn at(path: &Path) -> impl FnOnce(io::Error) -> StateError {
    let path = path.to_owned();
    move |source| StateError::Io { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_made_once_and_only_for_its_owner() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let state = InstanceState::at(&directory.path().join("1")).unwrap();
        let token = state.launcher_token().unwrap();
        assert_eq!(token.len(), 2 * TOKEN_BYTES);
        assert_eq!(state.launcher_token().unwrap(), token);
        assert_ne!(state.sandbox_token().unwrap(), token);
        let mode = fs::metadata(state.path("launcher-token")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn an_instance_is_a_number_from_one() {
        assert_eq!("2".parse(), Ok(InstanceNumber(2)));
        for wrong in ["0", "-1", "1001", "one", ""] {
            assert!(wrong.parse::<InstanceNumber>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_workspace_that_was_named_last_is_remembered() {
        let directory = tempfile::tempdir().unwrap();
        let state = InstanceState::at(&directory.path().join("1")).unwrap();
        let project = directory.path().canonicalize().unwrap().join("project");
        fs::create_dir(&project).unwrap();
        let named = (project.clone(), WorkspaceOwner::Person);
        assert_eq!(state.workspace(Some(&project)).unwrap(), named);
        assert_eq!(state.workspace(None).unwrap(), named);
        state.forget_workspace().unwrap();
        assert_eq!(state.workspace(None).unwrap(), (state.path("workspace"), WorkspaceOwner::Instance));
    }

    #[test]
    fn a_missing_workspace_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let state = InstanceState::at(&directory.path().join("1")).unwrap();
        let missing = directory.path().join("nowhere");
        let error = state.workspace(Some(&missing)).unwrap_err();
        assert!(error.to_string().contains("nowhere"), "{error}");
        assert_eq!(state.workspace(None).unwrap(), (state.path("workspace"), WorkspaceOwner::Instance));
    }
}
