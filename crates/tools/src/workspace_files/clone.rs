//! Cloning a repository into the workspace.
//!
//! Git runs as the workspace's owner, in the sandbox and over its egress proxy, and is told to do nothing but clone: no
//! hooks, no templates, no submodules, no other protocol than HTTP, nobody's configuration. A user name and token reach
//! it as a header for that one host through its environment; the repository's configuration never holds them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use slipway_protocol::problem::Problem;
use slipway_protocol::workspace::CloneLine;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use url::Url;

use super::upload::place_new;
use super::{Area, FileError};
use crate::git::group::Group;
use crate::workspace::{Access, Place, Workspace};

/// Longest line of git's that is looked at, and most lines that are kept for the reason of a failure.
const MAX_LINE: usize = 2_000;
const KEPT_LINES: usize = 6;

/// Git gives up when less than this comes for that long.
const SLOWEST_BYTES_PER_SECOND: &str = "500";
const SLOW_SECONDS: &str = "90";

/// Why a repository was not cloned. Nothing was left.
#[derive(Debug, thiserror::Error)]
pub enum CloneError {
    /// The address cannot be used.
    #[error("`{address}` is no address of a repository: {reason}")]
    Address {
        /// The address, without user name and token.
        address: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Something about the place where it was to go.
    #[error(transparent)]
    File(#[from] FileError),
    /// Git cannot be started.
    #[error("git cannot be started: {0}")]
    Start(std::io::Error),
    /// Git failed.
    #[error("git said: {said}")]
    Git {
        /// Its last words.
        said: String,
    },
    /// Nobody waits for it any more.
    #[error("it was cancelled")]
    Cancelled,
}

impl CloneError {
    /// What the person is told.
    pub fn problem(&self) -> Problem {
        let (status, code, title, hint) = match self {
            Self::File(error) => return error.problem(),
            Self::Address { .. } => (
                422,
                "repository_address",
                "This address cannot be cloned",
                "Give an https:// address, such as https://github.com/owner/name.git.",
            ),
            Self::Start(_) => (
                502,
                "git_missing",
                "Git cannot be started",
                "Install it in the sandbox: `apt-get install git`.",
            ),
            Self::Git { .. } => (
                502,
                "clone_failed",
                "The repository was not cloned",
                "Check the address, whether it needs a token (https://TOKEN@host/…), and whether the sandbox may \
                 reach that host. Nothing was left behind.",
            ),
            Self::Cancelled => (409, "clone_cancelled", "The clone was stopped", ""),
        };
        Problem::new(status, code, title).detail(self.to_string()).hint(hint)
    }
}

/// An address with the secret taken out of it.
#[derive(Clone)]
pub struct RepositoryAddress {
    url: Url,
    /// `user:token`, if there was one.
    secret: Option<String>,
}

impl RepositoryAddress {
    /// Takes an address as a person wrote it.
    ///
    /// # Errors
    /// When it is none, or of another kind than HTTP.
    pub fn parse(text: &str) -> Result<Self, CloneError> {
        let refused = |address: &str, reason| CloneError::Address { address: address.to_owned(), reason };
        // What cannot be understood might hold a token, so it is not repeated.
        let mut url = Url::parse(text.trim()).map_err(|_| refused("…", "it does not begin with https://"))?;
        let secret = (!url.username().is_empty() || url.password().is_some()).then(|| {
            let plain = |text: &str| percent_decoded(text);
            format!("{}:{}", plain(url.username()), plain(url.password().unwrap_or_default()))
        });
        // Neither fails for addresses that have a host; others are refused below.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused(url.scheme(), "only https:// and http:// are possible"));
        }
        url.set_fragment(None);
        if url.query().is_some() {
            url.set_query(None);
            return Err(refused(url.as_str(), "it has a query"));
        }
        Ok(Self { url, secret })
    }

    /// The address without user name and token.
    pub fn shown(&self) -> &str {
        self.url.as_str()
    }

    /// What the repository is called: the last part of its address.
    pub fn name(&self) -> String {
        let last = self.url.path_segments().and_then(|mut parts| parts.rfind(|part| !part.is_empty()));
        let name = percent_decoded(last.unwrap_or_default());
        let name = name.strip_suffix(".git").unwrap_or(&name);
        let is_usable = !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
        if is_usable { name.to_owned() } else { "repository".to_owned() }
    }

    /// Git's settings for this clone, as variables.
    fn settings(&self) -> Vec<(OsString, OsString)> {
        let mut settings: Vec<(String, String)> = [
            ("core.hooksPath", "/dev/null"),
            ("protocol.allow", "never"),
            ("protocol.http.allow", "always"),
            ("protocol.https.allow", "always"),
            ("submodule.recurse", "false"),
            ("http.lowSpeedLimit", SLOWEST_BYTES_PER_SECOND),
            ("http.lowSpeedTime", SLOW_SECONDS),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        if let Some(secret) = &self.secret {
            // For this host only: a redirect to another one goes without.
            let origin = self.url.origin().ascii_serialization();
            let header = format!("Authorization: Basic {}", BASE64_STANDARD.encode(secret));
            settings.push((format!("http.{origin}/.extraHeader"), header));
        }
        let count = ("GIT_CONFIG_COUNT".into(), settings.len().to_string().into());
        let pairs = settings.into_iter().enumerate().flat_map(|(number, (name, value))| {
            [
                (format!("GIT_CONFIG_KEY_{number}").into(), name.into()),
                (format!("GIT_CONFIG_VALUE_{number}").into(), value.into()),
            ]
        });
        std::iter::once(count).chain(pairs).collect()
    }
}

impl std::fmt::Debug for RepositoryAddress {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("RepositoryAddress").field(&self.shown()).finish()
    }
}

/// Clones a repository to `path`, where nothing may be yet. Told of progress by `lines`; when nobody takes them any
/// more, git is ended and nothing is left. `environment` is what the shells get.
///
/// # Errors
/// When the place cannot be used, git fails, or nobody waits any more.
pub async fn clone_repository(
    workspace: Arc<Workspace>,
    environment: &[(OsString, OsString)],
    address: &RepositoryAddress,
    path: &str,
    lines: &mpsc::Sender<CloneLine>,
) -> Result<(), CloneError> {
    let path = path.to_owned();
    let (place, staging) = as_owner(&workspace, move |workspace| {
        let place = workspace.resolve_inside(&path, Access::Write)?;
        if std::fs::symlink_metadata(&place.absolute).is_ok() {
            return Err(FileError::Exists { paths: vec![place.name] });
        }
        Ok((place, Area::Staging.scratch(workspace)?))
    })
    .await?;
    let staging = OwnedDirectory { directory: Some(staging), workspace: Arc::clone(&workspace) };
    let cloned = clone_into(&workspace, environment, address, staging.path(), lines).await;
    let outcome = match cloned {
        Ok(repository) => finish(&workspace, place, repository).await,
        Err(error) => Err(error),
    };
    // Whoever hears the end finds nothing of it left.
    staging.delete().await;
    outcome
}

/// Runs git in `scratch`; gives where the repository is then.
async fn clone_into(
    workspace: &Arc<Workspace>,
    environment: &[(OsString, OsString)],
    address: &RepositoryAddress,
    scratch: &Path,
    lines: &mpsc::Sender<CloneLine>,
) -> Result<PathBuf, CloneError> {
    let target = scratch.join("repository");
    let mut command = Command::new("git");
    command.args(["clone", "--progress", "--no-recurse-submodules", "--template=", "--"]);
    command.arg(address.shown()).arg(&target).current_dir(scratch);
    command.env_clear().envs(environment.iter().cloned()).envs(address.settings());
    command.env("HOME", scratch).env("LANG", "C.UTF-8");
    command.envs([
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_TERMINAL_PROMPT", "0"),
    ]);
    command.envs([("GIT_ASKPASS", ""), ("SSH_ASKPASS", ""), ("GIT_LFS_SKIP_SMUDGE", "1")]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
    if let Some(owner) = workspace.owner() {
        command.uid(owner.uid).gid(owner.gid);
    }
    let mut child = command.kill_on_drop(true).spawn().map_err(CloneError::Start)?;
    let group = Group::of(&child, workspace.owner());
    let said = match child.stderr.take() {
        Some(output) => tokio::select! {
            said = follow(output, lines) => said,
            () = lines.closed() => {
                drop(group);
                let _ = child.wait().await;
                return Err(CloneError::Cancelled);
            }
        },
        None => String::new(),
    };
    let status = child.wait().await.map_err(CloneError::Start)?;
    group.ended();
    if !status.success() {
        return Err(CloneError::Git { said });
    }
    Ok(target)
}

async fn finish(workspace: &Arc<Workspace>, place: Place, cloned: PathBuf) -> Result<(), CloneError> {
    as_owner(workspace, move |_| {
        place_new(&cloned, &place.absolute).map_err(|source| FileError::io(&place.name, source))
    })
    .await
}

async fn as_owner<R: Send + 'static>(
    workspace: &Arc<Workspace>,
    work: impl FnOnce(&Workspace) -> Result<R, FileError> + Send + 'static,
) -> Result<R, CloneError> {
    let workspace = Arc::clone(workspace);
    match tokio::task::spawn_blocking(move || workspace.as_owner(|| work(&workspace))).await {
        Ok(result) => Ok(result?),
        Err(failure) => std::panic::resume_unwind(failure.into_panic()),
    }
}

/// A directory that is deleted as the workspace's owner.
struct OwnedDirectory {
    directory: Option<TempDir>,
    workspace: Arc<Workspace>,
}

impl OwnedDirectory {
    fn path(&self) -> &Path {
        self.directory.as_ref().map_or(Path::new(""), TempDir::path)
    }

    /// Deletes it, and comes back when it is gone.
    async fn delete(mut self) {
        if let Some(deletion) = self.begin_deletion() {
            // It fails only by a panic, which has been told of.
            let _ = deletion.await;
        }
    }

    fn begin_deletion(&mut self) -> Option<JoinHandle<()>> {
        let (directory, workspace) = (self.directory.take()?, Arc::clone(&self.workspace));
        // What is left of a large clone takes a while to delete.
        Some(tokio::task::spawn_blocking(move || workspace.as_owner(|| drop(directory))))
    }
}

impl Drop for OwnedDirectory {
    fn drop(&mut self) {
        let _detached = self.begin_deletion();
    }
}

/// Passes progress on until the output ends; gives the last lines that are none.
async fn follow(output: impl AsyncRead + Unpin, lines: &mpsc::Sender<CloneLine>) -> String {
    let mut output = tokio::io::BufReader::new(output);
    let (mut said, mut line, mut told) = (Vec::<String>::new(), Vec::new(), None);
    while let Ok(byte) = output.read_u8().await {
        if byte != b'\n' && byte != b'\r' {
            if line.len() < MAX_LINE {
                line.push(byte);
            }
            continue;
        }
        let text = String::from_utf8_lossy(&std::mem::take(&mut line)).trim().to_owned();
        match progress(&text) {
            Some(now) => {
                if told.as_ref() != Some(&now) {
                    let (phase, percent) = now.clone();
                    // Whoever does not keep up misses figures, not the end.
                    let _ = lines.try_send(CloneLine::Progress { phase, percent });
                    told = Some(now);
                }
            }
            None if text.is_empty() || text.starts_with("Cloning into") => {}
            None => {
                said.push(text);
                if said.len() > KEPT_LINES {
                    said.remove(0);
                }
            }
        }
    }
    said.join("\n")
}

/// `Receiving objects:  42% (21/50), 1.2 MiB` as what is done and how much of it.
fn progress(line: &str) -> Option<(String, Option<u8>)> {
    let line = line.strip_prefix("remote: ").unwrap_or(line);
    let (phase, rest) = line.split_once(':')?;
    let is_phase = matches!(
        phase,
        "Enumerating objects"
            | "Counting objects"
            | "Compressing objects"
            | "Receiving objects"
            | "Resolving deltas"
            | "Updating files"
    );
    let percent = rest.split_once('%').and_then(|(number, _)| number.trim().parse().ok());
    is_phase.then(|| (phase.to_owned(), percent))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_taken_out_of_the_address() {
        let address =
            RepositoryAddress::parse(" https://me%40x:s3%2Fcret@git.test/a/tool.git#x ").expect("usable");
        assert_eq!((address.shown(), address.name().as_str()), ("https://git.test/a/tool.git", "tool"));
        assert!(!format!("{address:?}").contains("cret"));
        let header = format!("{:?}", address.settings().last().expect("there are some").1);
        assert!(header.contains(&BASE64_STANDARD.encode("me@x:s3/cret")), "{header}");
        assert!(RepositoryAddress::parse("https://git.test/a").expect("usable").settings().len() == 15);
    }

    #[test]
    fn other_addresses_are_refused_without_repeating_secrets() {
        for text in [
            "git@github.com:a/b.git",
            "ssh://token@host/x",
            "file:///etc",
            "ext::sh -c touch% /tmp/pwned",
            "https://token@host/x?y=secret",
            "--upload-pack=touch",
            "",
            "/etc/passwd",
        ] {
            let said = RepositoryAddress::parse(text).expect_err(text).problem();
            assert!(!said.detail.contains("token") && !said.detail.contains("secret"), "{said}");
        }
    }

    #[test]
    fn names_are_one_directory() {
        for (path, name) in
            [("a/b.git", "b"), ("a/b/", "b"), ("", "repository"), ("a/%2e%2e%2fx", "repository")]
        {
            let address = RepositoryAddress::parse(&format!("https://git.test/{path}")).expect("usable");
            assert_eq!(address.name(), name, "{path}");
        }
    }

    #[test]
    fn progress_is_told_apart_from_words() {
        let told = |line: &str| progress(line);
        assert_eq!(
            told("Receiving objects:  42% (21/50), 1.2 MiB"),
            Some(("Receiving objects".into(), Some(42)))
        );
        assert_eq!(told("remote: Enumerating objects: 5, done."), Some(("Enumerating objects".into(), None)));
        assert_eq!(told("fatal: repository not found"), None);
    }
}
