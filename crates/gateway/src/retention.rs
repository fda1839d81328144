//! Deleting what is kept long enough, as the settings say. Events of the log are given up where they are written
//! ([`crate::store::Store::keep_events_few`]).

use std::path::Path;
use std::time::{Duration, SystemTime};

use slipway_protocol::api::Retention;

use crate::api::{ApiError, ApiResult};
use crate::app::AppState;
use crate::backup;
use crate::runs::deleting;
use crate::store::{checkpoints, conversations, now_ms, webhooks};

/// How often it is looked whether something is old enough.
const INTERVAL: Duration = Duration::from_secs(60 * 60);
/// A day.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Conversations that are deleted between two looks whether more are old enough.
const AT_ONCE: u32 = 50;

/// Deletes what is old enough, every hour and whenever somebody has changed how long things are kept, until the
/// gateway stops.
pub async fn carry_out(app: AppState) {
    loop {
        if let Err(error) = delete_old(&app).await {
            tracing::warn!(error = %error.into_problem().detail, "what is old enough stays");
        }
        tokio::select! {
            () = app.shutdown.cancelled() => return,
            () = app.retention_changed.notified() => {}
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}

async fn delete_old(app: &AppState) -> ApiResult<()> {
    let retention = app.store.retention_choices().await?.resolve_over(app.config.retention);
    let Retention { archived_days, checkpoint_days, replaced_days, events } = retention;
    app.store.give_up_events(i64::from(events)).await?;
    let mut write = app.store.write().await?;
    webhooks::forget_earlier_secrets(&mut write).await?;
    write.commit().await?;
    if let Some(age) = age(archived_days) {
        delete_conversations(app, age).await?;
    }
    if let Some(age) = age(checkpoint_days) {
        give_up_checkpoints(app, age).await?;
    }
    if let Some(age) = age(replaced_days) {
        let replaced = app.config.data_dir.join(backup::REPLACED);
        let deleted = tokio::task::spawn_blocking(move || delete_directory(&replaced, age)).await;
        deleted.map_err(ApiError::internal)?.map_err(ApiError::internal)?;
    }
    Ok(())
}

/// The age at which something is too old; `None` where it never is.
fn age(days: u32) -> Option<Duration> {
    (days > 0).then(|| DAY * days)
}

fn before(age: Duration) -> i64 {
    now_ms().saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX))
}

async fn delete_conversations(app: &AppState, age: Duration) -> ApiResult<()> {
    loop {
        let mut write = app.store.write().await?;
        let old = conversations::archived_before(&mut write, before(age), AT_ONCE).await?;
        write.commit().await?;
        if old.is_empty() {
            return Ok(());
        }
        for id in old {
            if app.shutdown.is_cancelled() {
                return Ok(());
            }
            tracing::info!(conversation_id = %id, "deleting a conversation that was archived long ago");
            match deleting::delete(app, id, Duration::ZERO).await {
                Ok(_) => {}
                // Another gateway was faster, or its owner.
                Err(ApiError::Problem(problem)) if problem.status == 404 => {}
                Err(error) => return Err(error),
            }
        }
    }
}

async fn give_up_checkpoints(app: &AppState, age: Duration) -> ApiResult<()> {
    let _alone = app.checkpoints.alone().await;
    let mut write = app.store.write().await?;
    let given_up = checkpoints::delete_before(&mut write, before(age)).await?;
    write.commit().await?;
    if given_up > 0 {
        tracing::info!(given_up, "checkpoints that are old enough are given up");
        app.checkpoints.forgot_some();
    }
    Ok(())
}

/// Deletes a directory that nothing was put into for so long; blocks.
fn delete_directory(path: &Path, age: Duration) -> std::io::Result<()> {
    let changed = match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        found => found?.modified()?,
    };
    if SystemTime::now().duration_since(changed).unwrap_or_default() < age {
        return Ok(());
    }
    tracing::info!(path = %path.display(), "deleting what a restored backup has replaced");
    std::fs::remove_dir_all(path)
}
