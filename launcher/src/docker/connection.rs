//! Finding Docker, and saying precisely what is wrong when it cannot be used.

use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bollard::Docker;
use bollard::models::SystemInfo;

use crate::program;

/// How long Docker may take to say that it is there.
const GREETING_LIMIT: Duration = Duration::from_secs(20);
/// Its socket on most Linux machines.
const USUAL_SOCKET: &str = "/var/run/docker.sock";

/// Why Docker cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    /// There is none.
    #[error(
        "Docker is not installed\n  \
         Debian, Ubuntu: sudo apt-get install docker.io\n  \
         others:         https://docs.docker.com/get-docker/\n  \
         without Docker: slipway up --local (the agent then works on this machine itself)"
    )]
    NotInstalled,
    /// It is there but does not run.
    #[error(
        "Docker is not running: nothing answers at {address}\n  \
         start it: sudo systemctl start docker   (or start Docker Desktop)\n  \
         without it: slipway up --local"
    )]
    Stopped {
        /// Where it should be.
        address: String,
    },
    /// It runs, but not for this user.
    #[error(
        "you may not use Docker: permission denied at {address}\n  \
         allow it: sudo usermod -aG docker \"$USER\"   (then log in again)\n  \
         without it: slipway up --local"
    )]
    NoPermission {
        /// Where it is.
        address: String,
    },
    /// It is elsewhere, or it answers nonsense.
    #[error("Docker at {address} cannot be used: {reason}\n  check DOCKER_HOST, or try: slipway up --local")]
    Unusable {
        /// Where it should be.
        address: String,
        /// Why not.
        reason: String,
    },
}

/// A connection to Docker and what it says about itself.
#[derive(Debug, Clone)]
pub(crate) struct Engine {
    /// The connection.
    pub(crate) docker: Docker,
    /// Facts about the machine that it runs on.
    pub(crate) info: SystemInfo,
}

impl Engine {
    /// Whether containers' root is an ordinary user of the host.
    pub(crate) fn is_rootless(&self) -> bool {
        self.info.security_options.iter().flatten().any(|option| option.contains("rootless"))
    }

    /// Whether files in bind mounts belong to whoever looks at them.
    pub(crate) fn is_desktop(&self) -> bool {
        self.info.operating_system.as_deref().is_some_and(|name| name.contains("Docker Desktop"))
    }
}

/// Connects to the Docker of `DOCKER_HOST`, or to the first one that is found in the usual places.
pub(crate) async fn connect() -> Result<Engine, ConnectError> {
    let address = match std::env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty()) {
        Some(host) => host,
        None => local_address()?,
    };
    if let Some(path) = address.strip_prefix("unix://") {
        check_socket(Path::new(path))?;
    }
    let unusable = |error: bollard::errors::Error| ConnectError::Unusable {
        address: address.clone(),
        reason: error.to_string(),
    };
    let docker = Docker::connect_with_host(&address).map_err(unusable)?;
    let greeting = async {
        let docker = docker.negotiate_version().await?;
        let info = docker.info().await?;
        Ok(Engine { docker, info })
    };
    match tokio::time::timeout(GREETING_LIMIT, greeting).await {
        Ok(result) => result.map_err(unusable),
        Err(_) => Err(ConnectError::Unusable {
            address: address.clone(),
            reason: format!("no answer within {} seconds", GREETING_LIMIT.as_secs()),
        }),
    }
}

/// The first socket that exists, of those that Docker engines make.
fn local_address() -> Result<String, ConnectError> {
    let found = candidates().into_iter().find(|path| path.exists());
    match found {
        Some(path) => Ok(format!("unix://{}", path.display())),
        None if program::exists("dockerd") || program::exists("docker") => {
            Err(ConnectError::Stopped { address: USUAL_SOCKET.to_owned() })
        }
        None => Err(ConnectError::NotInstalled),
    }
}

fn candidates() -> Vec<PathBuf> {
    let under =
        |variable: &str, rest: &str| std::env::var_os(variable).map(|base| PathBuf::from(base).join(rest));
    [
        Some(PathBuf::from(USUAL_SOCKET)),
        under("XDG_RUNTIME_DIR", "docker.sock"),
        under("HOME", ".docker/run/docker.sock"),
        under("HOME", ".docker/desktop/docker.sock"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Tells a stopped engine from a forbidden one.
fn check_socket(path: &Path) -> Result<(), ConnectError> {
    let address = path.display().to_string();
    match UnixStream::connect(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(ConnectError::NoPermission { address })
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            Err(ConnectError::Stopped { address })
        }
        Err(error) => Err(ConnectError::Unusable { address, reason: error.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_without_a_listener_means_stopped() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("docker.sock");
        assert!(matches!(check_socket(&path), Err(ConnectError::Stopped { .. })));
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(matches!(check_socket(&path), Err(ConnectError::Stopped { .. })));
    }

    #[test]
    fn every_message_says_what_to_do() {
        let address = || "here".to_owned();
        let errors = [
            ConnectError::NotInstalled,
            ConnectError::Stopped { address: address() },
            ConnectError::NoPermission { address: address() },
            ConnectError::Unusable { address: address(), reason: "no".to_owned() },
        ];
        for error in errors {
            assert!(error.to_string().contains("--local"), "{error}");
        }
    }
}
