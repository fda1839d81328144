//! The instance's settings, one row of JSON for each kind: row 1 holds most, row 2 those of web search.

use serde::{Deserialize, Serialize};
use slipway_protocol::api::{SearchEngine, UpdateSettings};
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

impl Store {
    /// What somebody has changed of the settings.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settings(&self) -> Result<UpdateSettings, StoreError> {
        saved(&mut *self.pool().acquire().await?).await
    }

    /// Changes the settings; what `change` leaves out stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_settings(&self, change: UpdateSettings) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let earlier = saved(write.connection()).await?;
        sqlx::query(
            "INSERT INTO settings (id, body) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        )
        .bind(to_json("settings", &change.after(earlier))?)
        .execute(write.connection())
        .await?;
        write.commit().await
    }
}

/// Row of the settings of web search.
const SEARCH_ROW: i64 = 2;

impl Store {
    /// How the web is searched, as it was saved.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search(&self) -> Result<Option<SavedSearch>, StoreError> {
        let row = sqlx::query("SELECT body FROM settings WHERE id = $1")
            .bind(SEARCH_ROW)
            .fetch_optional(&mut *self.pool().acquire().await?)
            .await?;
        row.map(|row| from_json("search settings", row.try_get("body")?)).transpose()
    }

    /// Saves how the web is searched, or forgets it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn save_search(&self, search: Option<&SavedSearch>) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        sqlx::query("DELETE FROM settings WHERE id = $1")
            .bind(SEARCH_ROW)
            .execute(write.connection())
            .await?;
        if let Some(search) = search {
            sqlx::query("INSERT INTO settings (id, body) VALUES ($1, $2)")
                .bind(SEARCH_ROW)
                .bind(to_json("search settings", search)?)
                .execute(write.connection())
                .await?;
        }
        write.commit().await
    }
}

async fn saved(connection: &mut AnyConnection) -> Result<UpdateSettings, StoreError> {
    let row = sqlx::query("SELECT body FROM settings WHERE id = 1").fetch_optional(connection).await?;
    let Some(row) = row else { return Ok(UpdateSettings::default()) };
    from_json("settings", row.try_get("body")?)
}
