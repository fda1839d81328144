//! What somebody has saved of the settings: one row of JSON for each kind.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use slipway_fail_points::{Point, reach};
use slipway_protocol::api::{
    PermissionChoices, Permissions, RetentionChoices, SandboxChoices, SearchEngine, SubagentChoices,
    UpdateSettings,
};
use sqlx::{AnyConnection, Row};

use super::row::{from_json, to_json};
use super::{Store, StoreError};

/// How the web is searched, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedSearch {
    /// The engine.
    pub engine: SearchEngine,
    /// Google's search engine id.
    #[serde(default)]
    pub cx: String,
    /// Address of the SearXNG server.
    #[serde(default)]
    pub base_url: String,
    /// The encrypted key.
    #[serde(default)]
    pub key: Option<String>,
}

/// A kind of settings: its row's id, which no two share, and its name for errors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind(i64, &'static str);

const INSTANCE: Kind = Kind(1, "settings");
pub(super) const SEARCH: Kind = Kind(2, "search settings");
const SANDBOX: Kind = Kind(3, "sandbox settings");
const SUBAGENTS: Kind = Kind(4, "settings of sub-agents");
const RETENTION: Kind = Kind(5, "settings of retention");
const PERMISSIONS: Kind = Kind(6, "permissions");

impl Store {
    /// What somebody has changed of the settings.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settings(&self) -> Result<UpdateSettings, StoreError> {
        Ok(self.saved(INSTANCE).await?.unwrap_or_default())
    }

    /// Changes the settings; what `change` leaves out stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_settings(&self, change: UpdateSettings) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let earlier: Option<UpdateSettings> = saved(write.connection(), INSTANCE).await?;
        save(write.connection(), INSTANCE, &change.after(earlier.unwrap_or_default())).await?;
        reach(Point::SettingsBeforeCommit);
        write.commit().await?;
        reach(Point::SettingsAfterCommit);
        Ok(())
    }

    /// How the web is searched, as it was saved.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search(&self) -> Result<Option<SavedSearch>, StoreError> {
        self.saved(SEARCH).await
    }

    /// Saves how the web is searched, or forgets it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_search(&self, search: Option<&SavedSearch>) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        match search {
            Some(search) => save(write.connection(), SEARCH, search).await?,
            None => forget(write.connection(), SEARCH).await?,
        }
        write.commit().await
    }

    /// What somebody has chosen for the sandbox.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sandbox_choices(&self) -> Result<SandboxChoices, StoreError> {
        Ok(self.saved(SANDBOX).await?.unwrap_or_default())
    }

    /// Replaces it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_sandbox_choices(&self, choices: &SandboxChoices) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        save(write.connection(), SANDBOX, choices).await?;
        write.commit().await
    }

    /// What somebody has chosen for sub-agents.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn subagent_choices(&self) -> Result<SubagentChoices, StoreError> {
        Ok(self.saved(SUBAGENTS).await?.unwrap_or_default())
    }

    /// Replaces it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_subagent_choices(&self, choices: &SubagentChoices) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        save(write.connection(), SUBAGENTS, choices).await?;
        write.commit().await
    }

    /// What somebody has chosen about how long things are kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn retention_choices(&self) -> Result<RetentionChoices, StoreError> {
        Ok(self.saved(RETENTION).await?.unwrap_or_default())
    }

    /// Replaces it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_retention_choices(&self, choices: &RetentionChoices) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        save(write.connection(), RETENTION, choices).await?;
        write.commit().await
    }

    /// What somebody has chosen about which calls are made without asking.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn permission_choices(&self) -> Result<PermissionChoices, StoreError> {
        Ok(self.saved(PERMISSIONS).await?.unwrap_or_default())
    }

    /// Replaces it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_permission_choices(&self, choices: &PermissionChoices) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        save(write.connection(), PERMISSIONS, choices).await?;
        write.commit().await
    }

    async fn saved<T: DeserializeOwned>(&self, kind: Kind) -> Result<Option<T>, StoreError> {
        saved(&mut *self.pool().acquire().await?, kind).await
    }
}

/// Which calls are made without asking, as a transaction sees it.
///
/// # Errors
/// When the database fails.
pub(crate) async fn permissions(
    connection: &mut AnyConnection,
    environment: &PermissionChoices,
) -> Result<Permissions, StoreError> {
    let saved: PermissionChoices = saved(connection, PERMISSIONS).await?.unwrap_or_default();
    Ok(saved.resolve_over(environment.clone()))
}

pub(super) async fn saved<T: DeserializeOwned>(
    connection: &mut AnyConnection,
    Kind(id, name): Kind,
) -> Result<Option<T>, StoreError> {
    let row =
        sqlx::query("SELECT body FROM settings WHERE id = $1").bind(id).fetch_optional(connection).await?;
    row.map(|row| from_json(name, row.try_get("body")?)).transpose()
}

pub(super) async fn save<T: Serialize>(
    connection: &mut AnyConnection,
    Kind(id, name): Kind,
    value: &T,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO settings (id, body) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
    )
    .bind(id)
    .bind(to_json(name, value)?)
    .execute(connection)
    .await?;
    Ok(())
}

async fn forget(connection: &mut AnyConnection, Kind(id, _): Kind) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM settings WHERE id = $1").bind(id).execute(connection).await?;
    Ok(())
}
