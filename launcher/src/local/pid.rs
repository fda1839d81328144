//! Which launcher owns a local instance: it holds a lock on a file with its process id.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::PathBuf;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::state::InstanceState;

/// How long an owner may take to end its programs and itself.
const STOP_LIMIT: Duration = Duration::from_secs(15);
/// How often it is looked at meanwhile.
const STOP_INTERVAL: Duration = Duration::from_millis(20);

/// Why ownership cannot be settled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PidError {
    /// Another launcher owns the instance.
    #[error("this instance already runs on this machine; stop it with: slipway down")]
    Taken,
    /// The file cannot be used.
    #[error("cannot use {}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The owner does not end.
    #[error("the launcher with process id {pid} did not stop within {} seconds", STOP_LIMIT.as_secs())]
    Stubborn {
        /// Which.
        pid: i32,
    },
}

/// Ownership of a local instance, until dropped or until this process ends, however it ends.
#[derive(Debug)]
pub(crate) struct PidLock {
    _file: File,
}

impl PidLock {
    /// Takes it.
    pub(crate) fn take(state: &InstanceState) -> Result<Self, PidError> {
        let path = path(state);
        let failed = |source| PidError::Io { path: path.clone(), source };
        let mut file = open(state)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(PidError::Taken),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        file.set_len(0).map_err(failed)?;
        file.rewind().map_err(failed)?;
        write!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { _file: file })
    }
}

/// Whether some launcher owns it.
pub(crate) fn is_running(state: &InstanceState) -> Result<bool, PidError> {
    Ok(path(state).exists() && matches!(open(state)?.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Has the owner stop the instance, and waits for it. Answers whether there was one.
pub(crate) async fn stop(state: &InstanceState) -> Result<bool, PidError> {
    if !is_running(state)? {
        return Ok(false);
    }
    let path = path(state);
    let mut text = String::new();
    open(state)?.read_to_string(&mut text).map_err(|source| PidError::Io { path: path.clone(), source })?;
    let pid = text.trim().parse::<i32>().map_err(|_| PidError::Io {
        path: path.clone(),
        source: std::io::Error::other("it holds no process id"),
    })?;
    let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
    let deadline = tokio::time::Instant::now() + STOP_LIMIT;
    while is_running(state)? {
        if tokio::time::Instant::now() > deadline {
            return Err(PidError::Stubborn { pid });
        }
        tokio::time::sleep(STOP_INTERVAL).await;
    }
    Ok(true)
}

fn path(state: &InstanceState) -> PathBuf {
    state.path("local.pid")
}

fn open(state: &InstanceState) -> Result<File, PidError> {
    let path = path(state);
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path)
        .map_err(|source| PidError::Io { path, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_one_owner_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let state = InstanceState::at(&directory.path().join("1")).unwrap();
        assert!(!is_running(&state).unwrap());
        assert!(!stop(&state).await.unwrap());

        let lock = PidLock::take(&state).unwrap();
        assert!(is_running(&state).unwrap());
        assert!(matches!(PidLock::take(&state), Err(PidError::Taken)));

        drop(lock);
        assert!(!is_running(&state).unwrap());
        PidLock::take(&state).unwrap();
    }
}
