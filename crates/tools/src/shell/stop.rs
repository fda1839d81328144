//! Ends a command with everything that it started in its shell's session.

use std::time::Duration;

use nix::sys::signal::Signal;
use tokio::time::Instant;

use super::processes;
use super::session::Session;

/// How long a command may take to end after it was asked to.
const GRACE: Duration = Duration::from_millis(500);

/// How long the kernel may take to carry out a kill.
const KILL_LIMIT: Duration = Duration::from_millis(200);

/// How often the processes are looked at meanwhile.
const INTERVAL: Duration = Duration::from_millis(20);

/// Interrupts and terminates the shell's present command, then kills what is left of it, in at most a
/// second. Jobs of earlier commands live on, and so does the shell unless it cannot be freed in any other
/// way (its phase tells).
pub(super) async fn stop_command(session: &Session) {
    // The interrupt breaks the shell's own loops, which would only start the next process.
    let interrupted = [session.id, -session.foreground().unwrap_or(session.id)];
    send(session, interrupted.to_vec(), Signal::SIGINT).await;
    signal_groups(session, Signal::SIGTERM).await;
    signal_groups(session, Signal::SIGCONT).await;
    if ended_within(session, GRACE).await {
        return;
    }
    signal_groups(session, Signal::SIGKILL).await;
    if ended_within(session, KILL_LIMIT).await {
        return;
    }
    kill_shell(session).await;
}

/// Ends the shell and all processes of its session.
pub(super) async fn close(session: &Session) {
    signal_everything(session, Signal::SIGHUP).await;
    let others = groups(session, &[]).await;
    if !others.is_empty() {
        signal_everything(session, Signal::SIGTERM).await;
        signal_everything(session, Signal::SIGCONT).await;
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline && !groups(session, &[]).await.is_empty() {
            tokio::time::sleep(INTERVAL).await;
        }
    }
    signal_everything(session, Signal::SIGKILL).await;
}

/// Ends an idle shell if nothing else runs on its terminal.
pub(super) async fn retire(session: &Session) {
    if groups(session, &[]).await.is_empty() {
        send(session, vec![session.id], Signal::SIGKILL).await;
    }
}

async fn signal_everything(session: &Session, signal: Signal) {
    let mut targets: Vec<i32> = groups(session, &[]).await.into_iter().map(|group| -group).collect();
    targets.extend([session.id, -session.id]);
    send(session, targets, signal).await;
}

async fn kill_shell(session: &Session) {
    signal_groups(session, Signal::SIGKILL).await;
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
        if groups(session, &spared).await.is_empty() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

async fn signal_groups(session: &Session, signal: Signal) {
    let groups = groups(session, &session.shared.earlier_jobs()).await;
    send(session, groups.into_iter().map(|group| -group).collect(), signal).await;
}

async fn groups(session: &Session, spared: &[i32]) -> Vec<i32> {
    let (id, spared) = (session.id, spared.to_vec());
    let groups = blocking(move || processes::command_groups(id, &spared)).await;
    groups.unwrap_or_default().into_iter().collect()
}

async fn send(session: &Session, targets: Vec<i32>, signal: Signal) {
    if targets.is_empty() {
        return;
    }
    let owner = session.owner();
    blocking(move || processes::signal(&targets, signal, owner)).await;
}

async fn blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> Option<R> {
    tokio::task::spawn_blocking(work).await.ok()
}
