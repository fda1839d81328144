//! Running git in a repository that nobody vouches for.
//!
//! What a repository's configuration says is followed only as far as it names no program: no hooks, no monitor of the file
//! system, no filters, no helpers for differences, and nothing is fetched that is missing. Nothing is written, not even the
//! index. Git runs as the workspace's owner, in the sandbox.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use slipway_protocol::problem::Problem;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

use super::group::Group;
use crate::workspace::Workspace;

/// How long git may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Most bytes of the names of settings, and of what git says of a failure.
const MAX_NAMES: usize = 1 << 20;
const MAX_SAID: u64 = 2_000;

/// Settings that hold in any repository.
const SETTINGS: [(&str, &str); 12] = [
    ("core.fsmonitor", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.untrackedCache", "false"),
    ("core.attributesFile", "/dev/null"),
    ("core.alternateRefsCommand", "false"),
    // Longer texts are not compared here either.
    ("core.bigFileThreshold", "4m"),
    ("core.quotePath", "false"),
    ("diff.external", ""),
    ("diff.renames", "true"),
    ("status.renames", "true"),
    ("submodule.recurse", "false"),
    ("protocol.allow", "never"),
];

/// Why git gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// It cannot be started.
    #[error("git cannot be started: {0}")]
    Start(io::Error),
    /// It failed.
    #[error("git said: {said}")]
    Failed {
        /// Its last words.
        said: String,
    },
    /// It took too long.
    #[error("git did not answer within {} s", LIMIT.as_secs())]
    TooSlow,
}

impl GitError {
    /// Names it for programs.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Start(_) => "git_missing",
            Self::Failed { .. } => "git_failed",
            Self::TooSlow => "git_too_slow",
        }
    }

    /// What to do.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::Start(_) => "Install it in the sandbox: `apt-get install git`.",
            Self::Failed { .. } => {
                "Try `git status` in a terminal of the workspace; the repository may be broken."
            }
            Self::TooSlow => "Name what is not to be committed in .gitignore, then try again.",
        }
    }

    /// What the person is told.
    pub fn problem(&self) -> Problem {
        Problem::new(502, self.code(), "Git gave no answer").detail(self.to_string()).hint(self.hint())
    }
}

/// What git has printed.
#[derive(Debug, Default)]
pub(super) struct Printed {
    pub(super) bytes: Vec<u8>,
    /// Whether there was more than was wanted; git was ended then.
    pub(super) is_cut: bool,
}

/// Git in one repository.
pub(super) struct Git<'a> {
    workspace: &'a Arc<Workspace>,
    environment: &'a [(OsString, OsString)],
    directory: PathBuf,
    /// Settings of the repository that name programs; overridden with nothing.
    named: Vec<String>,
}

impl<'a> Git<'a> {
    /// For the repository at a path of the workspace, whose settings are looked through for programs. `environment` is what the shells get.
    ///
    /// # Errors
    /// When git does not read them.
    pub(super) async fn open(
        workspace: &'a Arc<Workspace>,
        environment: &'a [(OsString, OsString)],
        path: &str,
    ) -> Result<Self, GitError> {
        let directory = workspace.root().join(path);
        let mut git = Self { workspace, environment, directory, named: Vec::new() };
        let names = git.print(["config", "--list", "--name-only", "-z"], MAX_NAMES).await?;
        if names.is_cut {
            return Err(GitError::Failed { said: "its configuration is too long".to_owned() });
        }
        let names = names.bytes.split(|byte| *byte == 0).filter_map(|name| std::str::from_utf8(name).ok());
        git.named = names.filter(|name| names_program(name)).map(str::to_owned).collect();
        Ok(git)
    }

    /// What git prints, up to so many bytes.
    ///
    /// # Errors
    /// When it fails or takes too long. That there is too much is no failure.
    pub(super) async fn print<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        most: usize,
    ) -> Result<Printed, GitError> {
        let mut command = self.command();
        command.args(arguments);
        let mut child = command.spawn().map_err(GitError::Start)?;
        let mut group = Some(Group::of(&child, self.workspace.owner()));
        let (Some(output), Some(errors)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(GitError::Failed { said: String::new() });
        };
        let work = async {
            let reading = async {
                let read = up_to(output, most).await;
                if read.as_ref().map_or(true, |printed| printed.is_cut) {
                    // Nobody reads on, so it would wait for ever.
                    drop(group.take());
                }
                read
            };
            let (read, said) = tokio::join!(reading, words(errors));
            let printed = read.map_err(GitError::Start)?;
            let status = child.wait().await.map_err(GitError::Start)?;
            if printed.is_cut || status.success() {
                return Ok(printed);
            }
            Err(GitError::Failed { said })
        };
        let printed = tokio::time::timeout(LIMIT, work).await.map_err(|_elapsed| GitError::TooSlow)?;
        if let Some(group) = group {
            group.ended();
        }
        printed
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.arg("--no-pager").arg("--literal-pathspecs").current_dir(&self.directory);
        let inherited =
            self.environment.iter().filter(|(name, _)| !name.as_encoded_bytes().starts_with(b"GIT_"));
        command.env_clear().envs(inherited.cloned());
        command.envs([("HOME", "/dev/null"), ("XDG_CONFIG_HOME", "/dev/null"), ("LC_ALL", "C.UTF-8")]);
        command.envs([
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_CONFIG_GLOBAL", "/dev/null"),
            ("GIT_ATTR_NOSYSTEM", "1"),
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_TERMINAL_PROMPT", "0"),
            ("GIT_ASKPASS", ""),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_NO_REPLACE_OBJECTS", "1"),
            // Before versions of git that know the one above: no way to fetch what is missing.
            ("GIT_ALLOW_PROTOCOL", "none"),
        ]);
        // Named, so that no other repository is found, and the configuration cannot name other files.
        command.env("GIT_DIR", self.directory.join(".git")).env("GIT_WORK_TREE", &self.directory);
        let fixed = SETTINGS.into_iter().map(|(name, value)| (name.to_owned(), value));
        let named = self.named.iter().map(|name| (name.clone(), if is_bool(name) { "false" } else { "" }));
        let mut count = 0;
        for (name, value) in fixed.chain(named) {
            command.env(format!("GIT_CONFIG_KEY_{count}"), name);
            command.env(format!("GIT_CONFIG_VALUE_{count}"), value);
            count += 1;
        }
        command.env("GIT_CONFIG_COUNT", count.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        if let Some(owner) = self.workspace.owner() {
            command.uid(owner.uid).gid(owner.gid);
        }
        command.kill_on_drop(true);
        command
    }
}

/// What comes, up to so many bytes; whether there is more.
async fn up_to(mut output: impl AsyncRead + Unpin, most: usize) -> io::Result<Printed> {
    let mut bytes = Vec::new();
    (&mut output).take(u64::try_from(most).unwrap_or(u64::MAX)).read_to_end(&mut bytes).await?;
    let is_cut = bytes.len() >= most && output.read(&mut [0]).await? > 0;
    Ok(Printed { bytes, is_cut })
}

/// The first of what git says, read to the end: else git would wait for somebody to read it.
async fn words(mut errors: impl AsyncRead + Unpin) -> String {
    let mut said = Vec::new();
    let read = (&mut errors).take(MAX_SAID).read_to_end(&mut said).await;
    if read.is_ok() && tokio::io::copy(&mut errors, &mut tokio::io::sink()).await.is_err() {
        tracing::debug!("git's words broke off");
    }
    String::from_utf8_lossy(&said).trim().to_owned()
}

/// Whether a setting names a program that git may run for a file.
fn names_program(name: &str) -> bool {
    let Some((section, key)) = name.rsplit_once('.') else { return false };
    let of = |what: &str| section.strip_prefix(what).is_some_and(|rest| rest.starts_with('.'));
    (of("filter") && ["clean", "smudge", "process", "required"].contains(&key))
        || (of("diff") && ["command", "textconv", "cachetextconv"].contains(&key))
}

fn is_bool(name: &str) -> bool {
    name.ends_with(".required") || name.ends_with(".cachetextconv")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_name_a_program_is_known() {
        for name in ["filter.x.clean", "filter.a.b c.process", "filter.x.required", "diff.pdf.textconv"] {
            assert!(names_program(name), "{name}");
        }
        for name in ["filter.clean", "core.clean", "diff.renames", "user.name", "clean"] {
            assert!(!names_program(name), "{name}");
        }
    }
}
