//! Several gateways on one database: keeping the lease, following what the others record, doing what they pass
//! on, and taking over what one that is gone has left (docs/scaling.md).

use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use crate::app::AppState;
use crate::runs;
use crate::store::StoreError;

/// How often the log is looked at for events of other gateways, which is how much later their readers hear of them.
const LOOK_INTERVAL: Duration = Duration::from_millis(40);
/// How many times a lease is renewed in the time that it lasts, at least.
const RENEWALS: u32 = 5;
/// Longest time between two renewals, and so until runs of a gateway that has stopped are noticed.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// The name of this gateway's data directory; the same after a restart.
///
/// # Errors
/// When the file that keeps it can be neither read nor made.
pub fn node(data_dir: &Path) -> std::io::Result<String> {
    let file = data_dir.join("gateway.node");
    if let Some(kept) = std::fs::read_to_string(&file).ok().filter(|kept| !kept.trim().is_empty()) {
        return Ok(kept.trim().to_owned());
    }
    let fresh = uuid::Uuid::now_v7().simple().to_string();
    std::fs::write(&file, &fresh)?;
    Ok(fresh)
}

/// Does a gateway's part until it stops. Nothing is to be done where it has the database for itself.
pub async fn attend(app: AppState) {
    if app.store.member().is_none() {
        return;
    }
    tokio::join!(keep_lease(&app), follow(&app));
}

/// Renews the lease, and takes over from gateways that do not renew theirs. A gateway that finds its own lease
/// taken stops: others drive its runs now.
async fn keep_lease(app: &AppState) {
    let lease = app.config.lease;
    let mut since = Since { healthy: Instant::now(), renewed: Instant::now() };
    loop {
        match app.store.renew_lease(lease).await {
            Ok(true) => take_over(app, since.renewed(lease)).await,
            Ok(false) => return give_up(app),
            Err(error) => tracing::warn!(%error, "the lease cannot be renewed"),
        }
        tokio::select! {
            () = tokio::time::sleep((lease / RENEWALS).min(LONGEST_PAUSE)) => {}
            () = app.shutdown.cancelled() => return,
        }
    }
}

/// Whoever could not renew its own lease does not know whether others could.
struct Since {
    /// Since when every renewal succeeded in time.
    healthy: Instant,
    /// When the last one did.
    renewed: Instant,
}

impl Since {
    /// Notes a renewal; tells whether a lease of somebody else that has expired says anything.
    fn renewed(&mut self, lease: Duration) -> bool {
        if self.renewed.elapsed() > lease {
            self.healthy = Instant::now();
        }
        self.renewed = Instant::now();
        self.healthy.elapsed() >= lease
    }
}

fn give_up(app: &AppState) {
    tracing::error!("another gateway has taken over this one's runs; it stops and is to be started again");
    app.lost_lease.cancel();
    app.shutdown.cancel();
}

async fn take_over(app: &AppState, expired: bool) {
    if let Err(error) = try_take_over(app, expired).await {
        tracing::warn!(%error, "what other gateways left cannot be looked at");
    }
}

/// Ends the runs of gateways that are gone.
async fn try_take_over(app: &AppState, expired: bool) -> Result<(), StoreError> {
    if !app.store.has_orphans().await? {
        return Ok(());
    }
    let taken = app.store.take_over(expired).await?;
    if !taken.is_empty() {
        tracing::warn!(runs = taken.len(), "runs of a gateway that is gone are ended");
        runs::end_taken_over(app, &taken).await?;
    }
    Ok(())
}

/// Passes on to readers what other gateways record, and does what they order.
async fn follow(app: &AppState) {
    let mut failing = false;
    loop {
        let outcome = look(app).await;
        if let Err(error) = &outcome
            && !failing
        {
            tracing::warn!(%error, "events of other gateways cannot be read");
        }
        failing = outcome.is_err();
        tokio::select! {
            () = tokio::time::sleep(LOOK_INTERVAL) => {}
            () = app.store.feed().wanted() => {}
            () = app.shutdown.cancelled() => return,
        }
    }
}

async fn look(app: &AppState) -> Result<(), StoreError> {
    let news = app.store.news().await?;
    app.store.read_up_to(news.seq).await?;
    if news.orders > 0 {
        for order in app.store.take_orders().await? {
            runs::carry_out(app, order);
        }
    }
    Ok(())
}
