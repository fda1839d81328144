//! Ends a command with everything that it started, in its shell's session or out of it.

use std::sync::Arc;
use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::time::Instant;

use super::processes;
use super::session::Session;
use crate::workspace::{Owner, Workspace};

/// How long a command may take to end after it was asked to.
pub(super) const GRACE: Duration = Duration::from_millis(500);

/// How long the kernel may take to carry out a kill.
const KILL_LIMIT: Duration = Duration::from_millis(200);

/// How often the processes are looked at meanwhile.
pub(super) const INTERVAL: Duration = Duration::from_millis(20);

/// Interrupts and terminates the shell's present command, then kills what is left of it, in at most a
/// second. Jobs of earlier commands live on, and so does the shell unless it cannot be freed in any other
/// way (its phase tells).
pub(super) async fn stop_command(session: &Session) {
    // A shell that stopped itself hears nothing. The interrupt breaks its own loops, which would only start
    // the next process.
    send(session, vec![session.id], Signal::SIGCONT).await;
    let interrupted = [session.id, -session.foreground().unwrap_or(session.id)];
    send(session, interrupted.to_vec(), Signal::SIGINT).await;
    signal_command(session, Signal::SIGTERM).await;
    signal_command(session, Signal::SIGCONT).await;
    if ended_within(session, GRACE).await {
        return;
    }
    signal_command(session, Signal::SIGKILL).await;
    if ended_within(session, KILL_LIMIT).await {
        return;
    }
    kill_shell(session).await;
}

/// Sends a signal to the shell's present command, whether programs or the shell itself carry it out.
pub(super) async fn signal_command_or_shell(session: &Session, signal: Signal) {
    let mut targets = targets(session, &session.shared.earlier_jobs()).await;
    if targets.is_empty() {
        targets.push(session.id);
    }
    send(session, targets, signal).await;
}

/// Ends the shell and everything that it started. The shell goes last: until then it adopts what loses its
/// parent.
pub(super) async fn close(session: &Session) {
    end_shell(session.id, session.owner()).await;
}

/// The same of any shell that leads a session and adopts what it started.
pub(crate) async fn end_shell(shell: i32, owner: Option<Owner>) {
    end_started(shell, owner).await;
    send_as(owner, vec![shell, -shell], Signal::SIGKILL).await;
}

/// Ends what a shell started and what of its session has outlived it.
pub(crate) async fn end_started(shell: i32, owner: Option<Owner>) {
    let mut started = all_of(shell).await;
    if !started.is_empty() {
        for signal in [Signal::SIGHUP, Signal::SIGTERM, Signal::SIGCONT] {
            send_as(owner, started.clone(), signal).await;
        }
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline && !started.is_empty() {
            tokio::time::sleep(INTERVAL).await;
            started = all_of(shell).await;
        }
        send_as(owner, started, Signal::SIGKILL).await;
    }
}

async fn all_of(shell: i32) -> Vec<i32> {
    blocking(move || processes::targets(shell, &[])).await.unwrap_or_default()
}

/// Ends an idle shell if nothing that it started goes on.
pub(super) async fn retire(session: &Session) {
    if targets(session, &[]).await.is_empty() {
        send(session, vec![session.id], Signal::SIGKILL).await;
    }
}

/// Kills what shells left behind that died: every process whose environment holds this variable.
pub(crate) async fn sweep(variable: String, workspace: &Arc<Workspace>) {
    let owned = Arc::clone(workspace);
    blocking(move || {
        let left = owned.as_owner(|| processes::with_variable(&variable));
        processes::signal(&left, Signal::SIGKILL, owned.owner());
    })
    .await;
}

async fn kill_shell(session: &Session) {
    signal_command(session, Signal::SIGKILL).await;
    send(session, vec![session.id, -session.id], Signal::SIGKILL).await;
    if tokio::time::timeout(2 * KILL_LIMIT, session.shared.ended()).await.is_err() {
        tracing::warn!(shell = session.id, "a killed shell has not ended yet");
    }
}

async fn ended_within(session: &Session, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    let spared = session.shared.earlier_jobs();
    if tokio::time::timeout_at(deadline, session.shared.ended()).await.is_err() {
        return false;
    }
    // What the command put into the background has to go too.
    loop {
        if targets(session, &spared).await.is_empty() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn signal_command(session: &Session, signal: Signal) {
    let targets = targets(session, &session.shared.earlier_jobs()).await;
    send(session, targets, signal).await;
}

async fn targets(session: &Session, spared: &[i32]) -> Vec<i32> {
    let (id, spared) = (session.id, spared.to_vec());
    blocking(move || processes::targets(id, &spared)).await.unwrap_or_default()
}

async fn send(session: &Session, targets: Vec<i32>, signal: Signal) {
    send_as(session.owner(), targets, signal).await;
}

async fn send_as(owner: Option<Owner>, targets: Vec<i32>, signal: Signal) {
    if targets.is_empty() {
        return;
    }
    blocking(move || processes::signal(&targets, signal, owner)).await;
}

async fn blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Option<R> {
    tokio::task::spawn_blocking(work).await.ok()
}
